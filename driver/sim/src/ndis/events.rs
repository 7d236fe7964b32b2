//! What modules are told besides data: how to restart, and events of plug and play on their way through the stack.

use std::mem::offset_of;
use std::rc::Rc;

use snapgate_ffi::ndis::{
    FILTER_RESTART_PARAMETERS, NDIS_FILTER_RESTART_PARAMETERS as RESTART, NDIS_HANDLE, NDIS_OBJECT_HEADER,
    NDIS_OBJECT_TYPE_DEFAULT, NDIS_OBJECT_TYPE_FILTER_RESTART_PARAMETERS,
    NDIS_RESTART_ATTRIBUTES as ATTRIBUTES, NDIS_RESTART_GENERAL_ATTRIBUTES as GENERAL, NDIS_STATUS,
    NDIS_STATUS_PENDING, NET_DEVICE_PNP_EVENT, NET_PNP_EVENT, NET_PNP_EVENT_NOTIFICATION,
    OID_GEN_MINIPORT_RESTART_ATTRIBUTES, Revision,
};
use snapgate_ffi::ntdef::{NT_SUCCESS, PASSIVE_LEVEL, STATUS_SUCCESS};

use super::lists::Hop;
use super::module::{Module, module_of};
use super::raw;
use super::stack::{RestartAttributes, Stack};
use crate::machine::violate;
use crate::nt::pool;
use crate::sched::{self, irql_at_most, point};
use crate::verify::Rule;

/// A restart that is pending may take so long, in units of 100 ns.
const RESTART_MAX: u64 = 10 * 10_000_000;
/// An attribute that nobody knows.
const UNKNOWN: u32 = 0x00ff_ee01;
const PARAMETERS: &str = "NDIS_FILTER_RESTART_PARAMETERS";
const ATTRIBUTE: &str = "NDIS_RESTART_ATTRIBUTES";
const DATA: usize = offset_of!(ATTRIBUTES, Data);

fn attribute(next: *mut ATTRIBUTES, oid: u32, data: &[u8]) -> *mut ATTRIBUTES {
    let block = pool::allocate(ATTRIBUTE, 0, DATA + data.len());
    raw::set(block.wrapping_add(offset_of!(ATTRIBUTES, Next)).cast(), next);
    raw::set(block.wrapping_add(offset_of!(ATTRIBUTES, Oid)).cast(), oid);
    raw::set(
        block.wrapping_add(offset_of!(ATTRIBUTES, DataLength)).cast(),
        u32::try_from(data.len()).unwrap_or(0),
    );
    raw::write(block.wrapping_add(DATA), data);
    block.cast()
}

fn general(stack: &Stack) -> Vec<u8> {
    let mut data = vec![0u8; size_of::<GENERAL>()];
    let header = NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEFAULT, Revision { number: 2, size: 88 });
    let mut put = |offset: usize, bytes: &[u8]| {
        if let Some(place) = data.get_mut(offset..offset + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    put(0, &[header.Type, header.Revision]);
    put(2, &header.Size.to_le_bytes());
    put(offset_of!(GENERAL, MtuSize), &stack.config.mtu.to_le_bytes());
    put(offset_of!(GENERAL, MaxXmitLinkSpeed), &stack.config.link_speed.to_le_bytes());
    put(offset_of!(GENERAL, MaxRcvLinkSpeed), &stack.config.link_speed.to_le_bytes());
    put(offset_of!(GENERAL, LookaheadSize), &stack.config.mtu.to_le_bytes());
    put(offset_of!(GENERAL, SupportedPacketFilters), &stack.config.packet_filters.to_le_bytes());
    data
}

/// The bytes of an attribute, with its header.
fn bytes_of(attribute: *mut ATTRIBUTES) -> Vec<u8> {
    let length: u32 = raw::get(attribute.wrapping_byte_add(offset_of!(ATTRIBUTES, DataLength)).cast());
    raw::bytes(attribute.cast(), DATA + length as usize)
}

/// Calls the restart handler, and answers how it ended.
pub(crate) fn restart(module: &Rc<Module>) -> NDIS_STATUS {
    let stack = module.stack();
    let config = &stack.config;
    let attributes: Vec<(u32, Vec<u8>)> = match config.restart_attributes {
        RestartAttributes::Missing => Vec::new(),
        RestartAttributes::General => vec![(OID_GEN_MINIPORT_RESTART_ATTRIBUTES, general(&stack))],
        RestartAttributes::Unknown => {
            vec![(UNKNOWN, b"not for you".to_vec()), (OID_GEN_MINIPORT_RESTART_ATTRIBUTES, general(&stack))]
        }
    };
    let mut first = std::ptr::null_mut();
    let mut given = Vec::new();
    for (oid, data) in attributes.iter().rev() {
        first = attribute(first, *oid, data);
        given.insert(0, (*oid, first, bytes_of(first)));
    }
    let block = pool::allocate(PARAMETERS, 0, size_of::<RESTART>());
    raw::fill(block, 0, size_of::<RESTART>());
    let header =
        NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_FILTER_RESTART_PARAMETERS, FILTER_RESTART_PARAMETERS);
    raw::set(block.cast(), header);
    raw::set(block.wrapping_add(offset_of!(RESTART, MiniportMediaType)).cast(), config.media);
    raw::set(
        block.wrapping_add(offset_of!(RESTART, MiniportPhysicalMediaType)).cast(),
        config.physical_media,
    );
    raw::set(block.wrapping_add(offset_of!(RESTART, RestartAttributes)).cast(), first);
    raw::set(block.wrapping_add(offset_of!(RESTART, LowerIfIndex)).cast(), config.if_index);
    raw::set(block.wrapping_add(offset_of!(RESTART, LowerIfNetLuid)).cast(), config.net_luid);

    let handler = module.driver.handlers.restart;
    module.restarting.entered.set(true);
    module.forgive_calls();
    module.restarting.inside.set(true);
    let mut status = sched::call_driver("FilterRestart", || {
        // SAFETY: the handler with the module's context and parameters for the time of the restart.
        unsafe { handler(module.context.get(), block.cast()) }
    });
    module.restarting.inside.set(false);
    if status == NDIS_STATUS_PENDING {
        if !module.restarting.signal.wait(Some(RESTART_MAX)) {
            violate(Rule::L1, format!("{}: its restart is not complete after 10 s", module.name()));
        }
        status = module.restarting.finished.get().unwrap_or(status);
    } else if module.restarting.finished.get().is_some() {
        violate(Rule::L1, "FilterRestart: not PENDING, and NdisFRestartComplete was called as well");
    }
    check_attributes(
        raw::get(block.wrapping_add(offset_of!(RESTART, RestartAttributes)).cast()),
        &given,
        NT_SUCCESS(status),
    );
    for (_, attribute, _) in given {
        pool::free(ATTRIBUTE, attribute.cast());
    }
    pool::free(PARAMETERS, block);
    status
}

fn check_attributes(now: *mut ATTRIBUTES, given: &[(u32, *mut ATTRIBUTES, Vec<u8>)], restarted: bool) {
    let first = given.first().map_or(std::ptr::null_mut(), |(_, first, _)| *first);
    if now != first {
        let what =
            if first.is_null() { "there were none, and some were added" } else { "the list is another" };
        violate(Rule::L6, format!("FilterRestart: attributes: {what}"));
    }
    for (oid, attribute, before) in given {
        let general = *oid == OID_GEN_MINIPORT_RESTART_ATTRIBUTES;
        if bytes_of(*attribute) != *before && !(general && restarted) {
            let why = if general { "the restart failed" } else { "nobody knows it" };
            violate(Rule::L6, format!("FilterRestart: attribute {oid:#x} was changed, but {why}"));
        }
    }
}

const NET_EVENT: &str = "NET_PNP_EVENT_NOTIFICATION";
const DEVICE_EVENT: &str = "NET_DEVICE_PNP_EVENT";

/// Sends an event of the network up through the stack; what the protocol, or a module before it, answers.
pub(crate) fn net_event(stack: &Rc<Stack>, event: u32, parameter: u32) -> NDIS_STATUS {
    let size = size_of::<NET_PNP_EVENT_NOTIFICATION>();
    let block = pool::allocate(NET_EVENT, 0, size);
    raw::fill(block, 0, size);
    let header = NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEFAULT, Revision { number: 1, size: 168 });
    raw::set(block.cast(), header);
    let inner = offset_of!(NET_PNP_EVENT_NOTIFICATION, NetPnPEvent);
    let data = pool::allocate("buffer of an event", 0, 4);
    raw::set(data.cast(), parameter);
    raw::set(block.wrapping_add(inner + offset_of!(NET_PNP_EVENT, NetEvent)).cast(), event);
    raw::set(block.wrapping_add(inner + offset_of!(NET_PNP_EVENT, Buffer)).cast(), data);
    raw::set(block.wrapping_add(inner + offset_of!(NET_PNP_EVENT, BufferLength)).cast(), 4u32);
    let status = net_event_up(stack, None, block.cast());
    pool::free("buffer of an event", data);
    pool::free(NET_EVENT, block);
    status
}

fn net_event_up(
    stack: &Rc<Stack>,
    from: Option<&Hop>,
    event: *mut NET_PNP_EVENT_NOTIFICATION,
) -> NDIS_STATUS {
    let mut hop = stack.above(from);
    while let Some(at) = hop {
        if let Hop::Module(module) = &at
            && let Some(handler) = module.driver.handlers.net_pnp_event
        {
            return module.control_call("FilterNetPnPEvent", || {
                // SAFETY: the handler with the module's context and an event for its time.
                unsafe { handler(module.context.get(), event) }
            });
        }
        hop = stack.above(Some(&at));
    }
    stack.protocol.note_event(raw::get(event).NetPnPEvent.NetEvent);
    STATUS_SUCCESS
}

/// Sends an event of the device down through the stack.
pub(crate) fn device_event(stack: &Rc<Stack>, event: u32) {
    let size = size_of::<NET_DEVICE_PNP_EVENT>();
    let block = pool::allocate(DEVICE_EVENT, 0, size);
    raw::fill(block, 0, size);
    let header = NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEFAULT, Revision { number: 1, size: 48 });
    raw::set(block.cast(), header);
    raw::set(block.wrapping_add(offset_of!(NET_DEVICE_PNP_EVENT, DevicePnPEvent)).cast(), event);
    device_event_down(stack, None, block.cast());
    pool::free(DEVICE_EVENT, block);
}

fn device_event_down(stack: &Rc<Stack>, from: Option<&Hop>, event: *mut NET_DEVICE_PNP_EVENT) {
    let mut hop = stack.below(from);
    while let Some(at) = hop {
        if let Hop::Module(module) = &at
            && let Some(handler) = module.driver.handlers.device_pnp_event
        {
            module.control_call("FilterDevicePnPEventNotify", || {
                // SAFETY: the handler with the module's context and an event for its time.
                unsafe { handler(module.context.get(), event) };
            });
            return;
        }
        hop = stack.below(Some(&at));
    }
    stack.miniport.note_event(raw::get(event).DevicePnPEvent);
}

exports! { "ndis.sys";
    fn NdisFDevicePnPEventNotify(handle: NDIS_HANDLE, event: *mut NET_DEVICE_PNP_EVENT) {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisFDevicePnPEventNotify");
        point("NdisFDevicePnPEventNotify");
        let module = module_of(handle, "NdisFDevicePnPEventNotify");
        device_event_down(&module.stack(), Some(&Hop::Module(module)), event);
    }

    fn NdisFNetPnPEvent(handle: NDIS_HANDLE, event: *mut NET_PNP_EVENT_NOTIFICATION) -> NDIS_STATUS {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisFNetPnPEvent");
        point("NdisFNetPnPEvent");
        let module = module_of(handle, "NdisFNetPnPEvent");
        net_event_up(&module.stack(), Some(&Hop::Module(module)), event)
    }
}
