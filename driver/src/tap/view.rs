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

/// A packet in a batch.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    segments: Segments<'a>,
    /// All of it, where it lies in one piece: nearly always.
    flat: Option<&'a [u8]>,
    len: u32,
    /// Whether the packet promised more bytes than it has.
    pub(super) is_malformed: bool,
}

/// The bytes cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unmapped;

impl<'a> View<'a> {
    /// Looks at a packet: maps whatever is not mapped yet.
    ///
    /// # Safety
    ///
    /// A packet that the caller has, and that nobody changes for as long as `'a`.
    pub(super) unsafe fn new(packet: *mut NET_BUFFER, tag: Option<&'a [u8; 4]>) -> Result<Self, Unmapped> {
        // SAFETY: by the contract.
        let (first, skip) = unsafe { ((*packet).CurrentMdl, (*packet).CurrentMdlOffset) };
        // SAFETY: by the contract.
        let promised = unsafe { (*packet).DataLength };
        if tag.is_none()
            && let Some(first) = NonNull::new(first)
            // SAFETY: an MDL of the packet.
            && unsafe { (*first.as_ptr()).ByteCount }.saturating_sub(skip) >= promised
        {
            // SAFETY: as all MDLs of a packet: locked, or in pool memory.
            let (start, _) = unsafe { mdl::map(first.as_ptr()) }.ok_or(Unmapped)?;
            // SAFETY: `skip` and `promised` bytes are in the buffer, by the condition; nobody writes there for as long as `'a`.
            let flat = unsafe {
                core::slice::from_raw_parts(start.as_ptr().wrapping_add(skip as usize), promised as usize)
            };
            // SAFETY: so many bytes are in the first MDL, which is mapped.
            let segments = unsafe { Segments::new(first.as_ptr(), skip, promised, None) };
            return Ok(Self { segments, flat: Some(flat), len: promised, is_malformed: false });
        }
        // SAFETY: the chain of the packet.
        let there = unsafe { map_all(first, skip, promised) }?;
        // Shorter packets have no place for a tag.
        let tag = tag.filter(|_| there > TAG_AT);
        let extra = if tag.is_some() { 4 } else { 0 };
        // SAFETY: so many bytes are in the chain, and mapped.
        let segments = unsafe { Segments::new(first, skip, there, tag) };
        Ok(Self { segments, flat: None, len: there.saturating_add(extra), is_malformed: there != promised })
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

    /// All of it, if it lies in one piece.
    #[inline]
    pub(super) fn flat(&self) -> Option<&'a [u8]> {
        self.flat
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

/// Maps all MDLs that hold bytes of a packet. Answers how many of the bytes there are.
///
/// # Safety
///
/// The chain of a packet that the caller has.
unsafe fn map_all(first: *mut MDL, skip: u32, promised: u32) -> Result<u32, Unmapped> {
    let mut there: u32 = 0;
    let mut skip = skip;
    let mut next = first;
    for _ in 0..MDLS_MAX {
        if there >= promised || next.is_null() {
            break;
        }
        // SAFETY: an MDL of the chain.
        let bytes = unsafe { (*next).ByteCount };
        let useful = bytes.saturating_sub(skip);
        // An MDL without bytes of the packet need not be mapped, and may not be mappable.
        if useful > 0 {
            // SAFETY: an MDL of the chain, locked or in pool memory as all of a packet's.
            unsafe { mdl::map(next) }.ok_or(Unmapped)?;
        }
        there = there.saturating_add(useful).min(promised);
        skip = skip.saturating_sub(bytes);
        // SAFETY: an MDL of the chain.
        next = unsafe { (*next).Next };
    }
    Ok(there)
}
