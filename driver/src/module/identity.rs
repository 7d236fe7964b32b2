//! Which adapter a module belongs to: by this, handles find it again when it comes back.

use snapgate_abi::AdapterSelector;
use snapgate_ffi::ndis::NDIS_FILTER_ATTACH_PARAMETERS;

use crate::kernel::text;

/// The most words of a name.
const NAME_WORDS: usize = 64;
/// `NdisMedium802_3`.
const ETHERNET: u32 = 0;
/// Bytes of an Ethernet header.
const ETHERNET_HEADER: u32 = 14;

/// The adapter's name, numbers and medium.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    name: [u16; NAME_WORDS],
    name_len: u8,
    pub(crate) if_index: u32,
    pub(crate) luid: u64,
    pub(crate) media: u32,
}

impl Identity {
    /// From what NDIS says at attach; `None` if it is too short to be that.
    ///
    /// # Safety
    ///
    /// `parameters` points to parameters as long as their header says, whose strings are valid.
    pub(crate) unsafe fn from_parameters(parameters: *const NDIS_FILTER_ATTACH_PARAMETERS) -> Option<Self> {
        // SAFETY: there is a header at least.
        let size = usize::from(unsafe { (*parameters).Header.Size });
        if size < core::mem::offset_of!(NDIS_FILTER_ATTACH_PARAMETERS, LowerIfIndex) {
            return None;
        }
        // SAFETY: before the end that the check is about.
        let (name, if_index) = unsafe { ((*parameters).BaseMiniportName, (*parameters).BaseMiniportIfIndex) };
        // SAFETY: as above.
        let (luid, media) = unsafe { ((*parameters).BaseMiniportNetLuid, (*parameters).MiniportMediaType) };
        // SAFETY: null, or a valid string, by the contract.
        let words = guid(unsafe { text::words(name) });
        let mut identity = Self { name: [0; NAME_WORDS], name_len: 0, if_index, luid, media };
        for (to, from) in identity.name.iter_mut().zip(words) {
            *to = *from;
        }
        identity.name_len = u8::try_from(words.len().min(NAME_WORDS)).unwrap_or_default();
        Some(identity)
    }

    /// The adapter's GUID in braces.
    pub(crate) fn name(&self) -> &[u16] {
        self.name.get(..usize::from(self.name_len)).unwrap_or_default()
    }

    /// The name, filled up with zeroes.
    pub(crate) fn padded_name(&self) -> [u16; NAME_WORDS] {
        self.name
    }

    /// Whether both are the same adapter.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.luid == other.luid && text::is_same(self.name(), other.name())
    }

    /// Whether a program means this adapter.
    pub(crate) fn matches(&self, selector: &AdapterSelector<'_>) -> bool {
        match *selector {
            AdapterSelector::Index(index) => self.if_index == index,
            AdapterSelector::Luid(luid) => self.luid == luid,
            AdapterSelector::Name(bytes) => {
                let words = bytes.as_chunks::<2>().0.iter().map(|word| u16::from_le_bytes(*word));
                let name = self.name();
                words.len() == name.len()
                    && words.zip(name).all(|(one, other)| text::lower(one) == text::lower(*other))
            }
        }
    }

    /// Whether packets begin with an Ethernet header.
    pub(crate) fn is_ethernet(&self) -> bool {
        self.media == ETHERNET
    }

    /// Bytes of the link-layer header.
    pub(crate) fn link_header(&self) -> u32 {
        if self.is_ethernet() { ETHERNET_HEADER } else { 0 }
    }
}

/// What follows the last backslash: `\DEVICE\{GUID}` becomes `{GUID}`.
pub(crate) fn guid(words: &[u16]) -> &[u16] {
    let start = words.iter().rposition(|word| *word == u16::from(b'\\')).map_or(0, |at| at.saturating_add(1));
    words.get(start..).unwrap_or_default()
}
