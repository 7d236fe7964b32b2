//! Reading ahead of the filter, in a thread of its own.
//!
//! ```text
//!   thread   ◀──────── empty blocks ────────┐
//!     │ read                                │
//!     └──▶ block: [ ROOM | bytes of the file ) ──▶ input: [ rest of the last block | bytes )
//! ```
//!
//! Copying a file out of the page cache takes longer than filtering it, and both together as long as the longer of the two. The
//! number of blocks is fixed, so the thread waits for the filter when it is that much ahead.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// Free bytes before those of the file: what is left of the block before is put there, if it is not longer.
pub(super) const ROOM: usize = 64 << 10;
/// Bytes of the file in a block. All blocks together stay in the caches that processors share.
const BLOCK_BYTES: usize = 256 << 10;
const BLOCKS: usize = 4;

/// A block and how many bytes of the file it has; 0 at the end.
pub(super) type Block = (Vec<u8>, usize);

/// The blocks of a source, in order.
pub(super) struct Ahead {
    full: Receiver<io::Result<Block>>,
    empty: Sender<Vec<u8>>,
}

impl Ahead {
    /// Starts the thread, which ends with the source, or when nobody waits for its blocks any more.
    ///
    /// # Errors
    /// The system has no room for another thread.
    pub(super) fn start(source: impl Read + Send + 'static) -> io::Result<Self> {
        let (full_sender, full) = sync_channel(BLOCKS);
        let (empty, empty_receiver) = channel();
        for _ in 0..BLOCKS {
            // The receiver is there.
            let _ = empty.send(vec![0; ROOM + BLOCK_BYTES]);
        }
        let work = move || read(source, &empty_receiver, &full_sender);
        thread::Builder::new().name("read ahead".to_owned()).spawn(work)?;
        Ok(Self { full, empty })
    }

    /// The next block.
    pub(super) fn next(&self) -> io::Result<Block> {
        // A thread that is gone has sent its last block, which was asked for again.
        self.full.recv().unwrap_or_else(|_| Ok((Vec::new(), 0)))
    }

    /// Gives the memory of a block back, whatever has become of its length.
    pub(super) fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.resize(ROOM + BLOCK_BYTES, 0);
        // Nobody needs it where the thread has ended.
        let _ = self.empty.send(buffer);
    }
}

fn read(mut source: impl Read, empty: &Receiver<Vec<u8>>, full: &SyncSender<io::Result<Block>>) {
    while let Ok(mut buffer) = empty.recv() {
        let block = fill(&mut source, buffer.get_mut(ROOM..).unwrap_or_default());
        let is_last = !matches!(block, Ok(count) if count > 0);
        if full.send(block.map(|count| (buffer, count))).is_err() || is_last {
            return;
        }
    }
}

/// Reads until the block is full or the source ends.
fn fill(source: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // What came before the error comes before it here, too: the next read has it again.
            Err(_) if filled > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
