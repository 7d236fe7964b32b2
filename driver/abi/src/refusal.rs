//! Why a request is refused, and with which status.

/// The status codes of Windows that answers have; see the table in `docs/abi.md`.
pub mod status {
    /// Done.
    pub const SUCCESS: i32 = 0;
    /// There is one already. Informational.
    pub const OBJECT_NAME_EXISTS: i32 = 0x4000_0000;
    /// More is there than fits.
    pub const BUFFER_OVERFLOW: i32 = cast(0x8000_0005);
    /// The length of the input is wrong.
    pub const INFO_LENGTH_MISMATCH: i32 = cast(0xC000_0004);
    /// An argument makes no sense.
    pub const INVALID_PARAMETER: i32 = cast(0xC000_000D);
    /// There is no such request.
    pub const INVALID_DEVICE_REQUEST: i32 = cast(0xC000_0010);
    /// The output buffer is too small.
    pub const BUFFER_TOO_SMALL: i32 = cast(0xC000_0023);
    /// Not supported.
    pub const NOT_SUPPORTED: i32 = cast(0xC000_00BB);

    const fn cast(status: u32) -> i32 {
        status.cast_signed()
    }
}

/// Why a request is refused before the driver looks at its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// There is no such code.
    UnknownCode,
    /// A code that programs of old send, and that means nothing any more.
    Obsolete,
    /// The input has not the length of this request.
    InputLength {
        /// The least that would do, in bytes.
        expected: usize,
    },
    /// The output buffer cannot hold the answer.
    OutputLength {
        /// The least that would do, in bytes.
        expected: usize,
    },
    /// A value is out of its range.
    Value,
    /// The mode is one that no driver has any more.
    Mode,
}

impl Refusal {
    /// The status that the driver answers.
    #[must_use]
    pub const fn status(self) -> i32 {
        match self {
            Self::UnknownCode | Self::Obsolete => status::INVALID_DEVICE_REQUEST,
            Self::InputLength { .. } => status::INFO_LENGTH_MISMATCH,
            Self::OutputLength { .. } => status::BUFFER_TOO_SMALL,
            Self::Value => status::INVALID_PARAMETER,
            Self::Mode => status::NOT_SUPPORTED,
        }
    }
}
