//! Numbers in bytes.

/// Takes numbers from the front of bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(first)
    }
}

/// Puts bytes one after the other into a buffer; what does not fit is dropped.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    to: &'a mut [u8],
    at: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(to: &'a mut [u8]) -> Self {
        Self { to, at: 0 }
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) {
        let rest = self.to.get_mut(self.at..).unwrap_or_default();
        if let Some(room) = rest.get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
            self.at = self.at.saturating_add(bytes.len());
        }
    }

    pub(crate) fn written(&self) -> usize {
        self.at
    }
}
