//! The input file or the standard input.
//!
//! A pipe or terminal may have no data for a long time, in which SIGINT must be noticed and selected packets must be
//! shown. So such a source never blocks in `read`: it answers `WouldBlock`, and [`Source::wait`] waits for data or a
//! signal, whichever comes first.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use crate::cli::is_standard;
use crate::error::Failure;

/// The longest wait before the interrupt flag is looked at again, for a signal that came just before the wait.
#[cfg(unix)]
const WAIT_MILLISECONDS: u32 = 200;

/// An open input.
pub(crate) struct Source {
    file: File,
    name: String,
    metadata: Option<Metadata>,
    may_wait: bool,
}

impl Source {
    /// Opens a file, or the standard input for `-`.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let name = if is_standard(path) { "<stdin>".to_owned() } else { path.display().to_string() };
        let failed = |source| Failure::File { action: "open", name: name.clone(), source };
        let file = if is_standard(path) { standard_input() } else { File::open(path) }.map_err(failed)?;
        let metadata = file.metadata().ok();
        let may_wait = !metadata.as_ref().is_some_and(Metadata::is_file);
        Ok(Self { file, name, metadata, may_wait })
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The length of a regular file.
    pub(super) fn size_bytes(&self) -> Option<u64> {
        self.metadata.as_ref().filter(|metadata| metadata.is_file()).map(Metadata::len)
    }

    /// Whether `path` is the same regular file.
    pub(super) fn is_same_file(&self, path: &Path) -> bool {
        let (Some(own), Ok(other)) = (&self.metadata, path.metadata()) else { return false };
        own.is_file() && is_same(own, &other)
    }

    /// Waits until there may be data.
    pub(crate) fn wait(&self) {
        #[cfg(unix)]
        poll(&self.file, WAIT_MILLISECONDS);
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        if self.may_wait && !poll(&self.file, 0) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.file.read(buffer)
    }
}

/// Whether there is data or the end of it, within the time. A signal ends the wait.
#[cfg(unix)]
fn poll(file: &File, milliseconds: u32) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(milliseconds) * 1_000_000 };
    match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&timeout)) {
        Ok(ready) => ready > 0,
        Err(error) => error != rustix::io::Errno::INTR,
    }
}

/// Unbuffered: the reader has its own buffer.
#[cfg(unix)]
fn standard_input() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn standard_input() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    io::stdin().as_handle().try_clone_to_owned().map(File::from)
}

#[cfg(unix)]
fn is_same(first: &Metadata, second: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (first.dev(), first.ino()) == (second.dev(), second.ino())
}

/// Windows itself refuses to truncate a file that is open without sharing writes.
#[cfg(windows)]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    false
}
