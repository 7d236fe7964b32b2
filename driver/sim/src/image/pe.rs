//! A driver file as Windows loads it: sections in place, addresses relocated, imports bound to the simulator's functions.
//!
//! ```text
//!   .sys ─▶ check headers ─▶ reserve ─▶ copy sections ─▶ relocate ─▶ bind imports ─▶ protect each section
//! ```
//!
//! A file that is not what it should be is an error that says where; nothing of it runs before everything was checked. An
//! import that the simulator does not have is an error as well: a driver with one would not load on Windows either if the
//! name were wrong.

use std::path::{Path, PathBuf};

use object::LittleEndian as LE;
use object::pe;
use object::read::pe::{Import, PeFile64};

use crate::exports;

/// Why a file is no driver for this machine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its structures make no sense.
    #[error("not a file that Windows loads: {0}")]
    Malformed(#[from] object::Error),
    /// It is for another machine, or no driver.
    #[error("{what} is {found:#x}, expected {expected:#x}")]
    Other {
        /// Which field.
        what: &'static str,
        /// Its value.
        found: u32,
        /// What it is in a driver for this machine.
        expected: u32,
    },
    /// Something lies outside of the image.
    #[error("{what} at {at:#x} is outside of the image of {image:#x} bytes")]
    Outside {
        /// What.
        what: &'static str,
        /// Where, from the start of the image.
        at: u64,
        /// The image.
        image: usize,
    },
    /// A relocation of a kind that drivers for this machine do not have.
    #[error("relocation of type {kind} at {at:#x}")]
    Relocation {
        /// Which kind.
        kind: u16,
        /// Where.
        at: u32,
    },
    /// A section that can be written and run.
    #[error("section at {at:#x} can be written and run")]
    WritableCode {
        /// Where.
        at: u32,
    },
    /// Nobody exports this.
    #[error("{file} exports no {name}")]
    Import {
        /// From which file.
        file: String,
        /// Which name.
        name: String,
    },
    /// There is no memory for the image.
    #[error("no memory for an image of {0} bytes")]
    Memory(usize),
}

/// The most bytes of an image.
const IMAGE_BYTES_MAX: usize = 64 << 20;
const PAGE: usize = 4096;

/// A driver in memory.
#[derive(Debug)]
pub struct Mapped {
    start: usize,
    bytes: usize,
    entry: usize,
}

impl Mapped {
    /// Loads a file.
    ///
    /// # Errors
    /// Why it cannot be loaded.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        Self::from_bytes(&bytes)
    }

    /// Loads a file that was read.
    ///
    /// # Errors
    /// Why it cannot be loaded.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let file = PeFile64::parse(bytes)?;
        let headers = file.nt_headers();
        let machine = u32::from(headers.file_header.machine.get(LE).0);
        expect("Machine", machine, u32::from(pe::IMAGE_FILE_MACHINE_AMD64.0))?;
        let optional = &headers.optional_header;
        let subsystem = u32::from(optional.subsystem.get(LE).0);
        expect("Subsystem", subsystem, u32::from(pe::IMAGE_SUBSYSTEM_NATIVE.0))?;
        expect("SectionAlignment", optional.section_alignment.get(LE), 4096)?;
        let size = optional.size_of_image.get(LE) as usize;
        if size == 0 || size > IMAGE_BYTES_MAX {
            return Err(Error::Outside { what: "the end", at: size as u64, image: IMAGE_BYTES_MAX });
        }
        let mut image = Self::reserve(size.next_multiple_of(PAGE))?;
        let entry = optional.address_of_entry_point.get(LE) as usize;
        image.check("the entry", entry as u64, 1)?;
        for section in file.section_table().iter() {
            let at = section.virtual_address.get(LE);
            let data = section.pe_data(bytes)?;
            let length = data.len().min(section.virtual_size.get(LE) as usize);
            image.write("a section", u64::from(at), data.get(..length).unwrap_or_default())?;
        }
        image.relocate(&file, bytes, optional.image_base.get(LE))?;
        image.bind(&file, bytes)?;
        image.protect(&file)?;
        image.entry = image.start.saturating_add(entry);
        Ok(image)
    }

    /// Where the driver begins.
    pub(super) fn entry(&self) -> usize {
        self.entry
    }

    /// The address of the image, to find its code in a back trace.
    #[must_use]
    pub fn base(&self) -> usize {
        self.start
    }

    fn reserve(bytes: usize) -> Result<Self, Error> {
        let (protection, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping, anywhere.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, protection, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(Error::Memory(bytes));
        }
        Ok(Self { start: start.expose_provenance(), bytes, entry: 0 })
    }

    fn check(&self, what: &'static str, at: u64, length: usize) -> Result<*mut u8, Error> {
        let outside = Error::Outside { what, at, image: self.bytes };
        let offset = usize::try_from(at)
            .ok()
            .filter(|offset| offset.checked_add(length).is_some_and(|end| end <= self.bytes));
        let address = offset.and_then(|offset| self.start.checked_add(offset)).ok_or(outside)?;
        Ok(std::ptr::with_exposed_provenance_mut(address))
    }

    fn write(&self, what: &'static str, at: u64, bytes: &[u8]) -> Result<(), Error> {
        let to = self.check(what, at, bytes.len())?;
        // SAFETY: inside of the image, which is writable and nobody's until it is loaded.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    }

    fn relocate(&self, file: &PeFile64<'_>, bytes: &[u8], base: u64) -> Result<(), Error> {
        let delta = (self.start as u64).wrapping_sub(base);
        let Some(mut blocks) = file.data_directories().relocation_blocks(bytes, &file.section_table())?
        else {
            return Ok(());
        };
        while let Some(block) = blocks.next()? {
            for relocation in block {
                let at = relocation.virtual_address;
                if relocation.typ != pe::IMAGE_REL_BASED_DIR64 {
                    return Err(Error::Relocation { kind: relocation.typ.0, at });
                }
                let place: *mut u64 = self.check("a relocation", u64::from(at), 8)?.cast();
                // SAFETY: eight bytes inside of the image.
                unsafe { place.write_unaligned(place.read_unaligned().wrapping_add(delta)) };
            }
        }
        Ok(())
    }

    fn bind(&self, file: &PeFile64<'_>, bytes: &[u8]) -> Result<(), Error> {
        let Some(table) = file.data_directories().import_table(bytes, &file.section_table())? else {
            return Ok(());
        };
        let mut descriptors = table.descriptors()?;
        while let Some(descriptor) = descriptors.next()? {
            let library = String::from_utf8_lossy(table.name(descriptor.name.get(LE))?).into_owned();
            let mut thunks = table.thunks(descriptor.original_first_thunk.get(LE))?;
            let mut at = u64::from(descriptor.first_thunk.get(LE));
            while let Some(thunk) = thunks.next::<pe::ImageNtHeaders64>()? {
                let name = match table.import::<pe::ImageNtHeaders64>(thunk)? {
                    Import::Name(_, name) => String::from_utf8_lossy(name).into_owned(),
                    Import::Ordinal(number) => format!("#{number}"),
                };
                let address = exports::lookup(&library, &name);
                let Some(address) = address else { return Err(Error::Import { file: library, name }) };
                let address = address.expose_provenance() as u64;
                self.write("an import", at, &address.to_le_bytes())?;
                at = at.saturating_add(8);
            }
        }
        Ok(())
    }

    /// As Windows: what cannot be written faults when it is.
    fn protect(&self, file: &PeFile64<'_>) -> Result<(), Error> {
        for section in file.section_table().iter() {
            let at = section.virtual_address.get(LE);
            let flags = section.characteristics.get(LE).0;
            let (writes, runs) =
                (flags & pe::IMAGE_SCN_MEM_WRITE.0 != 0, flags & pe::IMAGE_SCN_MEM_EXECUTE.0 != 0);
            if writes && runs {
                return Err(Error::WritableCode { at });
            }
            let mut protection = libc::PROT_READ;
            if writes {
                protection |= libc::PROT_WRITE;
            }
            if runs {
                protection |= libc::PROT_EXEC;
            }
            let length = (section.virtual_size.get(LE) as usize).max(1).next_multiple_of(PAGE);
            let start = self.check("a section", u64::from(at), length)?;
            if !(at as usize).is_multiple_of(PAGE) {
                return Err(Error::Outside {
                    what: "a section between pages",
                    at: u64::from(at),
                    image: self.bytes,
                });
            }
            // SAFETY: whole pages inside of the image.
            unsafe { libc::mprotect(start.cast(), length, protection) };
        }
        Ok(())
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the mapping of this image; no driver of it is loaded, because a loaded one has a reference to it.
        unsafe { libc::munmap(std::ptr::with_exposed_provenance_mut(self.start), self.bytes) };
    }
}

fn expect(what: &'static str, found: u32, expected: u32) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Other { what, found, expected }) }
}
