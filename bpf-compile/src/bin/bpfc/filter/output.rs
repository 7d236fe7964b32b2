//! A buffered output that is created late and never written behind one's back.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use crate::cli::is_standard;
use crate::error::Failure;

/// Bytes collected before they are written.
const BUFFER_BYTES: usize = 1 << 18;

/// A file that does not exist before the first write, or the standard output.
///
/// Unlike `BufWriter` it writes nothing when dropped: after an error the file is left alone.
pub(crate) struct Output {
    target: Target,
    name: String,
    buffer: Vec<u8>,
}

enum Target {
    Later(Box<Path>),
    Open(File),
}

impl Output {
    /// The standard output, unbuffered below this buffer.
    pub(crate) fn standard() -> Result<Self, Failure> {
        let name = "<stdout>".to_owned();
        match standard_output() {
            Ok(file) => {
                Ok(Self { target: Target::Open(file), name, buffer: Vec::with_capacity(BUFFER_BYTES) })
            }
            Err(source) => Err(Failure::File { action: "open", name, source }),
        }
    }

    /// A file that will be created or overwritten; `-` is the standard output.
    pub(super) fn file(path: &Path) -> Result<Self, Failure> {
        if is_standard(path) {
            return Self::standard();
        }
        let name = path.display().to_string();
        Ok(Self { target: Target::Later(path.into()), name, buffer: Vec::with_capacity(BUFFER_BYTES) })
    }

    /// What messages call it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether someone is looking.
    pub(super) fn is_terminal(&self) -> bool {
        matches!(&self.target, Target::Open(file) if file.is_terminal())
    }

    /// Adds bytes.
    #[inline]
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.flush()?;
            if bytes.len() >= BUFFER_BYTES {
                return self.write(bytes);
            }
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes what was collected, and creates the file if that has not happened.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let buffer = std::mem::take(&mut self.buffer);
        let written = self.write(&buffer);
        self.buffer = buffer;
        self.buffer.clear();
        written
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let failure = |action, source| Failure::File { action, name: self.name.clone(), source };
        if let Target::Later(path) = &self.target {
            let file = File::create(path).map_err(|source| failure("create", source))?;
            self.target = Target::Open(file);
        }
        let Target::Open(file) = &mut self.target else { return Ok(()) };
        file.write_all(bytes).map_err(|source| Failure::File {
            action: "write",
            name: self.name.clone(),
            source,
        })
    }
}

/// Writes a text to the standard output.
pub(crate) fn write_text(text: &str) -> Result<(), Failure> {
    let mut output = Output::standard()?;
    output.put(text.as_bytes())?;
    output.flush()
}

#[cfg(unix)]
fn standard_output() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn standard_output() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    io::stdout().as_handle().try_clone_to_owned().map(File::from)
}
