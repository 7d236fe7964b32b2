//! The bytes of a packet, piece by piece: its MDLs, and a tag that is not among them.

use core::marker::PhantomData;
use core::ptr::NonNull;

use snapgate_ffi::wdm::MDL;

use crate::kernel::mdl;

/// Where an 802.1Q tag stands in an Ethernet packet: behind both addresses.
pub(super) const TAG_AT: u32 = 12;

/// Walks over the pieces. All MDLs that it will come to are mapped.
#[derive(Clone, Copy)]
pub(super) struct Segments<'a> {
    mdl: *mut MDL,
    /// Bytes to pass over in that MDL.
    skip: u32,
    /// Bytes of the packet that are left in MDLs.
    left: u32,
    /// The tag, and how many bytes come before it.
    tag: Option<(&'a [u8; 4], u32)>,
    lives: PhantomData<&'a MDL>,
}

impl<'a> Segments<'a> {
    /// # Safety
    ///
    /// `left` bytes are in the chain behind `skip`, all of it mapped, and nobody changes any of it for as long as `'a`.
    pub(super) unsafe fn new(mdl: *mut MDL, skip: u32, left: u32, tag: Option<&'a [u8; 4]>) -> Self {
        Self { mdl, skip, left, tag: tag.map(|tag| (tag, TAG_AT)), lives: PhantomData }
    }

    /// The next piece of the MDLs, at most so many bytes.
    #[inline]
    fn piece(&mut self, most: u32) -> Option<&'a [u8]> {
        while self.left > 0 {
            let mdl = NonNull::new(self.mdl)?;
            // SAFETY: an MDL of the chain; its pages are mapped, so this maps nothing.
            let (start, bytes) = unsafe { mdl::map(mdl.as_ptr()) }?;
            let bytes = u32::try_from(bytes).ok()?;
            let count = bytes.saturating_sub(self.skip).min(self.left).min(most);
            if count == 0 {
                self.skip = self.skip.saturating_sub(bytes);
                // SAFETY: an MDL of the chain.
                self.mdl = unsafe { (*mdl.as_ptr()).Next };
                continue;
            }
            // SAFETY: `skip` is below the length of the buffer, because there are bytes behind it.
            let start = unsafe { start.add(self.skip as usize) };
            self.skip = self.skip.saturating_add(count);
            self.left = self.left.saturating_sub(count);
            // SAFETY: so many bytes are behind it in the buffer, which nobody writes for as long as `'a`.
            return Some(unsafe { core::slice::from_raw_parts(start.as_ptr(), count as usize) });
        }
        None
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        match self.tag {
            None => self.piece(u32::MAX),
            Some((tag, 0)) => {
                self.tag = None;
                Some(tag)
            }
            Some((tag, before)) => {
                let piece = self.piece(before)?;
                let count = u32::try_from(piece.len()).unwrap_or(before);
                self.tag = Some((tag, before.saturating_sub(count)));
                Some(piece)
            }
        }
    }
}
