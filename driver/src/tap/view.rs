//! A packet as filters and captures see it.
//!
//! ```text
//!   NET_BUFFER ─▶ CurrentMdl, CurrentMdlOffset, DataLength       view: one row of bytes
//!   list ───────▶ word of the 802.1Q tag          ─▶             0..12 │ 81 00 tag │ 12...
//! ```
//!
//! The tag is put in where it would be on the wire, in the view only. Data ends by its length; a length that promises more
//! than the MDLs hold is cut, and told.

use core::ptr::NonNull;

use bpf_core::ChainPacket;
use snapgate_ffi::ndis::{
    Ieee8021Q, Ieee8021QNetBufferListInfo, NET_BUFFER, NET_BUFFER_LIST, NET_BUFFER_LIST_INFO, NdisVersion,
};
use snapgate_ffi::wdm::MDL;

use super::metadata::PacketMetadata;
use super::segments::{Segments, TAG_AT};
use crate::kernel::mdl;

/// More MDLs than this are not one packet's: the chain is not believed, and not followed without end.
const MDLS_MAX: u32 = 4096;
/// The EtherType of a tag.
const TPID: [u8; 2] = [0x81, 0x00];

/// The tag of all packets of a list, as on the wire.
///
/// # Safety
///
/// A list that the caller has, made by an NDIS of this version or a newer one.
pub(super) unsafe fn tag_of(list: *mut NET_BUFFER_LIST, version: NdisVersion) -> Option<[u8; 4]> {
    // SAFETY: by the contract.
    let word = unsafe { NET_BUFFER_LIST_INFO(list, version, Ieee8021QNetBufferListInfo) }?;
    // SAFETY: a word of the list.
    let tci = Ieee8021Q(unsafe { *word }.addr()).tci()?;
    let ([t0, t1], [c0, c1]) = (TPID, tci.to_be_bytes());
    Some([t0, t1, c0, c1])
}

/// All bytes of a packet, if they lie in its first MDL, and that is mapped: nearly always.
///
/// # Safety
///
/// A packet that the caller has, and that nobody changes for as long as `'a`.
#[inline]
pub(super) unsafe fn flat<'a>(packet: *mut NET_BUFFER) -> Option<&'a [u8]> {
    // SAFETY: by the contract.
    let (mdl, skip, len) =
        unsafe { ((*packet).CurrentMdl, (*packet).CurrentMdlOffset, (*packet).DataLength) };
    // SAFETY: an MDL of the packet.
    let (start, bytes) = unsafe { mdl::mapped(NonNull::new(mdl)?.as_ptr()) }?;
    // A sum of two 32-bit numbers does not wrap in 64 bits.
    if u64::from(skip).wrapping_add(u64::from(len)) > u64::from(bytes) {
        return None;
    }
    // SAFETY: so many bytes are in the buffer, by the condition; nobody writes there for as long as `'a`.
    Some(unsafe { core::slice::from_raw_parts(start.as_ptr().wrapping_add(skip as usize), len as usize) })
}

/// Where the bytes of a packet lie; nothing is mapped for that.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// The first MDL that holds bytes of the packet, and where in it they begin.
    mdl: *mut MDL,
    skip: u32,
    /// How many bytes there are.
    len: u32,
    /// Whether the packet promised more.
    pub(super) is_malformed: bool,
}

impl Extent {
    /// # Safety
    ///
    /// A packet that the caller has.
    #[inline]
    pub(super) unsafe fn of(packet: *mut NET_BUFFER) -> Self {
        // SAFETY: by the contract.
        let (mut mdl, mut skip) = unsafe { ((*packet).CurrentMdl, (*packet).CurrentMdlOffset) };
        // SAFETY: by the contract.
        let promised = unsafe { (*packet).DataLength };
        let mut budget = MDLS_MAX;
        while let Some(at) = NonNull::new(mdl) {
            // SAFETY: an MDL of the packet.
            let bytes = unsafe { (*at.as_ptr()).ByteCount };
            if bytes > skip || budget == 0 {
                break;
            }
            skip = skip.saturating_sub(bytes);
            budget = budget.saturating_sub(1);
            // SAFETY: an MDL of the packet.
            mdl = unsafe { (*at.as_ptr()).Next };
        }
        let (mut len, mut before, mut next) = (0_u32, skip, mdl);
        while len < promised && budget > 0 {
            let Some(at) = NonNull::new(next) else { break };
            // SAFETY: an MDL of the packet.
            let bytes = unsafe { (*at.as_ptr()).ByteCount };
            len = len.saturating_add(bytes.saturating_sub(before)).min(promised);
            before = 0;
            budget = budget.saturating_sub(1);
            // SAFETY: an MDL of the packet.
            next = unsafe { (*at.as_ptr()).Next };
        }
        Self { mdl, skip, len, is_malformed: len < promised }
    }

    /// How many bytes there are, without a tag.
    #[inline]
    pub(super) fn len(&self) -> u32 {
        self.len
    }

    /// The bytes in the first MDL that has any; maps that.
    ///
    /// # Safety
    ///
    /// Of a packet that the caller has, and that nobody changes for as long as `'a`.
    #[inline]
    pub(super) unsafe fn head<'a>(&self) -> Result<&'a [u8], Unmapped> {
        let Some(mdl) = NonNull::new(self.mdl) else { return Ok(&[]) };
        // SAFETY: an MDL of the packet, locked or in pool memory as all of a packet's.
        let (start, bytes) = unsafe { mdl::map(mdl.as_ptr()) }.ok_or(Unmapped)?;
        let count = bytes.saturating_sub(self.skip as usize).min(self.len as usize);
        // SAFETY: so many bytes are behind `skip` in the buffer, or none; nobody writes there for as long as `'a`.
        Ok(unsafe { core::slice::from_raw_parts(start.as_ptr().wrapping_add(self.skip as usize), count) })
    }

    /// Maps all MDLs that hold bytes.
    ///
    /// # Safety
    ///
    /// Of a packet that the caller has.
    unsafe fn map(&self) -> Result<(), Unmapped> {
        let (mut left, mut skip, mut next) = (self.len, self.skip, self.mdl);
        while left > 0 {
            let Some(at) = NonNull::new(next) else { break };
            // SAFETY: an MDL of the packet.
            let useful = unsafe { (*at.as_ptr()).ByteCount }.saturating_sub(skip);
            // One without bytes need not be mapped, and may not be mappable.
            if useful > 0 {
                // SAFETY: an MDL of the packet, locked or in pool memory as all of a packet's.
                unsafe { mdl::map(at.as_ptr()) }.ok_or(Unmapped)?;
            }
            (left, skip) = (left.saturating_sub(useful), 0);
            // SAFETY: an MDL of the packet.
            next = unsafe { (*at.as_ptr()).Next };
        }
        Ok(())
    }
}

/// A packet in a batch, piece by piece.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    segments: Segments<'a>,
    len: u32,
}

/// The bytes cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unmapped;

impl<'a> View<'a> {
    /// Maps whatever is not mapped yet, and puts the tag in.
    ///
    /// # Safety
    ///
    /// Of a packet that the caller has, and that nobody changes for as long as `'a`.
    pub(super) unsafe fn new(extent: Extent, tag: Option<&'a [u8; 4]>) -> Result<Self, Unmapped> {
        // SAFETY: by the contract.
        unsafe { extent.map() }?;
        // Shorter packets have no place for a tag.
        let tag = tag.filter(|_| extent.len > TAG_AT);
        let extra = if tag.is_some() { 4 } else { 0 };
        // SAFETY: so many bytes are in the chain, and mapped.
        let segments = unsafe { Segments::new(extent.mdl, extent.skip, extent.len, tag) };
        Ok(Self { segments, len: extent.len.saturating_add(extra) })
    }

    /// Bytes of the packet, with its tag.
    #[inline]
    pub(super) fn len(&self) -> u32 {
        self.len
    }

    /// The pieces.
    #[inline]
    pub(super) fn segments(&self) -> Segments<'a> {
        self.segments
    }

    /// The packet for a filter.
    #[inline]
    pub(super) fn packet<'m>(
        &self,
        metadata: &'m PacketMetadata<'a>,
    ) -> ChainPacket<'a, Segments<'a>, &'m PacketMetadata<'a>> {
        ChainPacket::with_metadata(self.segments, 0, self.len, self.len, metadata)
    }
}
