//! The description of an interface: fixed fields, and the options that change the meaning of its packets.
//!
//! ```text
//! block:   type length | link type, reserved, snap length | option*
//! option:  code, length | value padded to 4 bytes
//! ```
//!
//! Only `if_tsresol` (9) and `if_tsoffset` (14) matter here; what libpcap refuses in the options is refused.

use bpf_compile::link::LinkType;

use super::super::Damage;
use super::super::byte_order::ByteOrder;
use super::super::limits::effective_snap_len;
use super::super::time::Clock;

const END_OF_OPTIONS: u16 = 0;
const TIME_RESOLUTION: u16 = 9;
const TIME_OFFSET: u16 = 14;

/// Where the options begin in the block.
const OPTIONS_OFFSET: usize = 16;
/// 10^19 is the largest power of ten in 64 bits.
const DECIMAL_DIGITS_MAX: u32 = 19;
/// 2^63 is the largest power of two in 64 bits.
const BINARY_DIGITS_MAX: u32 = 63;

/// What is remembered of an interface.
pub(super) struct Description {
    pub(super) link_type: LinkType,
    pub(super) snap_len: u32,
    pub(super) clock: Clock,
}

impl Description {
    /// Reads a block without its trailer.
    pub(super) fn parse(order: ByteOrder, block: &[u8], number: u32) -> Result<Self, Damage> {
        let fixed = || Some((order.u16(block, 8)?, order.u32(block, 12)?));
        let (field, stated) =
            fixed().ok_or(Damage::BlockTooShort { block_type: 1, part: "link type and snap length" })?;
        let link_type = LinkType::from_linktype_field(field);
        let clock = clock(order, block.get(OPTIONS_OFFSET..).unwrap_or_default(), number)?;
        Ok(Self { link_type, snap_len: effective_snap_len(link_type, stated), clock })
    }
}

/// The clock that the options describe.
fn clock(order: ByteOrder, mut options: &[u8], interface: u32) -> Result<Clock, Damage> {
    let invalid = |name, problem| Damage::InterfaceOption { name, interface, problem };
    let (mut units, mut offset) = (None, None);
    while !options.is_empty() {
        let (code, value, rest) =
            option(order, options).ok_or(Damage::BlockTooShort { block_type: 1, part: "options" })?;
        options = rest;
        match code {
            END_OF_OPTIONS if value.is_empty() => break,
            END_OF_OPTIONS => return Err(invalid("opt_endofopt", "its length is not 0")),
            TIME_RESOLUTION => {
                let &[exponent] = value else { return Err(invalid("if_tsresol", "its length is not 1")) };
                let resolution = units_per_second(exponent)
                    .ok_or(invalid("if_tsresol", "finer than 64 bits can count"))?;
                if units.replace(resolution).is_some() {
                    return Err(invalid("if_tsresol", "it is there twice"));
                }
            }
            TIME_OFFSET => {
                let seconds = order.u64(value, 0).filter(|_| value.len() == 8).map(u64::cast_signed);
                let seconds = seconds.ok_or(invalid("if_tsoffset", "its length is not 8"))?;
                if offset.replace(seconds).is_some() {
                    return Err(invalid("if_tsoffset", "it is there twice"));
                }
            }
            _ => {}
        }
    }
    let default = Clock::default();
    Ok(Clock { units: units.unwrap_or(default.units), offset_seconds: offset.unwrap_or_default() })
}

/// Code and value of the first option, and what follows.
fn option(order: ByteOrder, options: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let code = order.u16(options, 0)?;
    let length = usize::from(order.u16(options, 2)?);
    let padded = options.get(4..)?.split_at_checked(length.next_multiple_of(4))?;
    Some((code, padded.0.get(..length)?, padded.1))
}

/// 10 or 2 to the power of the low bits; the high bit chooses.
fn units_per_second(exponent: u8) -> Option<u64> {
    let digits = u32::from(exponent & 0x7f);
    if exponent & 0x80 == 0 {
        (digits <= DECIMAL_DIGITS_MAX).then(|| 10_u64.pow(digits))
    } else {
        (digits <= BINARY_DIGITS_MAX).then(|| 1_u64 << digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(options: &[u8]) -> Result<Clock, Damage> {
        let mut block = vec![1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        block.extend(options);
        Description::parse(ByteOrder::Little, &block, 0).map(|description| description.clock)
    }

    #[test]
    fn options_set_the_clock() {
        let nanoseconds = [9, 0, 1, 0, 9, 0, 0, 0];
        let offset = [14, 0, 8, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let clock = parsed(&[&nanoseconds[..], &offset, &[0, 0, 0, 0]].concat()).unwrap();
        assert_eq!(clock, Clock { units: 1_000_000_000, offset_seconds: -1 });
        assert_eq!(parsed(&[9, 0, 1, 0, 0x94, 0, 0, 0]).unwrap().units, 1 << 20);
        assert_eq!(parsed(&[]).unwrap(), Clock::default());
    }

    #[test]
    fn bad_options_are_damage() {
        assert!(parsed(&[9, 0, 2, 0, 6, 0, 0, 0]).is_err(), "length");
        assert!(parsed(&[9, 0, 1, 0, 20, 0, 0, 0]).is_err(), "10^20");
        assert!(parsed(&[9, 0, 1, 0, 0xc0, 0, 0, 0]).is_err(), "2^64");
        assert!(parsed(&[9, 0, 1, 0]).is_err(), "cut short");
        assert!(parsed(&[9]).is_err(), "cut short");
        assert!(parsed(&[9, 0, 1, 0, 6, 0, 0, 0].repeat(2)).is_err(), "twice");
        assert!(parsed(&[0, 0, 4, 0, 0, 0, 0, 0]).is_err(), "end with a value");
    }
}
