//! How much a filter may hold.

/// The longest filter text, in bytes. Spans count in 32 bits; nobody writes a longer filter by hand or by script.
pub const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;
