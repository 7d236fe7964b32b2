//! What can be wrong with a capture file.

use std::io;

use bpf_compile::link::LinkType;
use thiserror::Error;

/// Damage and its place.
#[derive(Debug, Error)]
#[error("{damage}")]
pub(crate) struct CaptureError {
    /// Where the damaged item begins in the file.
    pub(crate) offset: u64,
    /// What is wrong there.
    #[source]
    pub(crate) damage: Damage,
}

/// The kinds of damage.
#[derive(Debug, Error)]
pub(crate) enum Damage {
    /// The operating system reported an error.
    #[error("cannot read: {0}")]
    Read(#[from] io::Error),
    /// There is nothing at all.
    #[error("the file is empty; expected the header of a pcap or pcapng file")]
    Empty,
    /// The first bytes belong to no known format.
    #[error("not a capture file: expected the magic number of pcap or pcapng, found {0:#010x}")]
    UnknownMagic(u32),
    /// A magic number that is known and whose format is not.
    #[error("the pcap variant of magic number {0:#010x} has no published record layout")]
    UnpublishedVariant(u32),
    /// A version that nobody writes any more, or not yet.
    #[error("unsupported version {major}.{minor} of {format}; expected {expected}")]
    Version {
        /// pcap or pcapng.
        format: &'static str,
        /// The first number in the file.
        major: u16,
        /// The second number in the file.
        minor: u16,
        /// What can be read.
        expected: &'static str,
    },
    /// Reserved bits of the link-type field are set.
    #[error("the link-type field is {0:#010x}; expected its bits 16 to 25 to be zero")]
    ReservedBits(u32),
    /// The file ends in the middle of something.
    #[error("truncated {part}: expected {expected} bytes, found {found}")]
    Truncated {
        /// What was cut.
        part: &'static str,
        /// How long it should be.
        expected: u64,
        /// How much of it there is.
        found: u64,
    },
    /// A captured length that cannot be true.
    #[error("invalid captured length {length}: expected at most {limit} on link type {link_type}")]
    PacketTooLong {
        /// The length in the file.
        length: u32,
        /// The largest that is believed.
        limit: u32,
        /// The link type that sets the limit.
        link_type: LinkType,
    },
    /// The byte-order magic of a section is neither order.
    #[error("invalid byte-order magic {0:#010x} of a section; expected 0x1a2b3c4d in one of the two orders")]
    ByteOrderMagic(u32),
    /// A block length that cannot be true.
    #[error("invalid block length {length}: expected a multiple of 4 from {least} to {limit}")]
    BlockLength {
        /// The length in the file.
        length: u32,
        /// The smallest for this type of block.
        least: u32,
        /// The largest that is believed.
        limit: u32,
    },
    /// The two lengths of a block differ.
    #[error("damaged block: its length is {head} at its start and {tail} at its end; expected equal lengths")]
    BlockTrailer {
        /// The length at the start.
        head: u32,
        /// The length at the end.
        tail: u32,
    },
    /// A block is too short for its fields.
    #[error("the block of type {block_type:#x} is too short for its {part}")]
    BlockTooShort {
        /// The type in the file.
        block_type: u32,
        /// What does not fit.
        part: &'static str,
    },
    /// An option of an interface description that cannot be understood.
    #[error("invalid option {name} of interface {interface}: {problem}")]
    InterfaceOption {
        /// The name in the specification.
        name: &'static str,
        /// The interface's number.
        interface: u32,
        /// What is wrong.
        problem: &'static str,
    },
    /// A packet on an interface that is not described.
    #[error("packet on interface {number}; the section describes {known} interface(s) before it")]
    UnknownInterface {
        /// The number in the packet.
        number: u32,
        /// How many there are.
        known: usize,
    },
}

impl Damage {
    /// What can be done about it.
    pub(crate) fn help(&self) -> Option<&'static str> {
        match self {
            Self::Truncated { .. } => {
                Some("the capture was cut off; everything before this place has been used")
            }
            Self::UnknownMagic(0x1f8b_0000..=0x1f8b_ffff) => {
                Some("this is a gzip file: decompress it first, for example with `zcat FILE | bpfc -r - ...`")
            }
            Self::UnknownMagic(0x28b5_2ffd) => Some(
                "this is a zstd file: decompress it first, for example with `zstdcat FILE | bpfc -r - ...`",
            ),
            Self::UnpublishedVariant(_) | Self::Version { .. } => {
                Some("convert the file with the program that wrote it, or with Wireshark's editcap")
            }
            _ => None,
        }
    }
}
