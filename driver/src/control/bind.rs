//! Handles and adapters.

use snapgate_abi::{AdapterEntry, AdapterSelector};
use snapgate_ffi::ntdef::{NTSTATUS, STATUS_INVALID_DEVICE_STATE, STATUS_NDIS_INTERFACE_NOT_FOUND};

use core::sync::atomic::Ordering::Relaxed;

use crate::handle::Handle;
use crate::handle::binding::{self, Binding};
use crate::kernel::arc::KArc;

/// Binds a root handle to an adapter.
pub(super) fn bind(handle: &KArc<Handle>, selector: &AdapterSelector<'_>) -> Result<(), NTSTATUS> {
    let config = handle.driver.config.lock();
    let is_root =
        handle.state.with(&config, |state| matches!(state.binding, Binding::Root) && !state.is_closing);
    if !is_root {
        return Err(STATUS_INVALID_DEVICE_STATE);
    }
    let module = config.modules.iter().find(|module| module.identity.matches(selector)).cloned();
    binding::bind(&config, handle, &module.ok_or(STATUS_NDIS_INTERFACE_NOT_FOUND)?)
}

/// Writes the number of adapters, and an entry for each as far as there is room. Answers how many bytes, and whether all fit.
pub(super) fn list_adapters(handle: &Handle, output: &mut [u8]) -> (usize, bool) {
    let config = handle.driver.config.lock();
    let Some((count, mut rest)) = output.split_first_chunk_mut::<4>() else { return (0, false) };
    let mut number: u32 = 0;
    let mut bytes = count.len();
    let mut all = true;
    for module in config.modules.iter() {
        number = number.saturating_add(1);
        let Some((entry, behind)) = rest.split_at_mut_checked(AdapterEntry::BYTES) else {
            all = false;
            rest = &mut [];
            continue;
        };
        let up = module.link_is_up.load(Relaxed) && !module.low_power.load(Relaxed) && module.is_running();
        let identity = &module.identity;
        let written = AdapterEntry {
            name: identity.padded_name(),
            index: identity.if_index,
            media: identity.media,
            luid: identity.luid,
            state: u32::from(up),
            mtu: module.mtu.load(Relaxed),
        };
        bytes = bytes.saturating_add(written.write(entry));
        rest = behind;
    }
    *count = number.to_le_bytes();
    (bytes, all)
}
