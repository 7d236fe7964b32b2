//! The names of ancillary values: libpcap and Linux's assembler do not agree on all of them.

use crate::insn::ANCILLARY_BASE;

/// One ancillary value, those included that only Linux has.
struct Name {
    number: u32,
    libpcap: &'static str,
    /// The first is the one to write; none: the value has no name there.
    #[cfg_attr(not(feature = "alloc"), expect(dead_code, reason = "only the assembler's forms use it"))]
    assembler: &'static [&'static str],
}

const fn name(number: u32, libpcap: &'static str, assembler: &'static [&'static str]) -> Name {
    Name { number, libpcap, assembler }
}

const NAMES: [Name; 16] = [
    name(0, "proto", &["proto"]),
    name(4, "type", &["type"]),
    name(8, "ifidx", &["ifidx"]),
    name(12, "nla", &["nla"]),
    name(16, "nlan", &["nlan"]),
    name(20, "mark", &["mark"]),
    name(24, "queue", &["queue"]),
    name(28, "hatype", &["hatype"]),
    name(32, "rxhash", &["rxhash"]),
    name(36, "cpu", &["cpu"]),
    name(40, "xor_x", &[]),
    name(44, "vlan_tci", &["vlan_tci", "vlan_vid"]),
    name(48, "vlanp", &["vlan_avail", "vlan_pr"]),
    name(52, "poff", &["poff"]),
    name(56, "random", &["rand"]),
    name(60, "vlan_tpid", &["vlan_tpid"]),
];

fn by_offset(k: u32) -> Option<&'static Name> {
    let number = k.checked_sub(ANCILLARY_BASE)?;
    NAMES.iter().find(|name| name.number == number)
}

/// What libpcap calls an absolute load at `k`.
pub(super) fn libpcap_name(k: u32) -> Option<&'static str> {
    by_offset(k).map(|name| name.libpcap)
}

/// The k behind one of libpcap's names.
#[cfg(feature = "alloc")]
pub(super) fn libpcap_offset(text: &str) -> Option<u32> {
    NAMES.iter().find(|name| name.libpcap == text).map(Name::offset)
}

/// What the assembler calls an absolute load at `k`.
#[cfg(feature = "alloc")]
pub(super) fn assembler_name(k: u32) -> Option<&'static str> {
    by_offset(k)?.assembler.first().copied()
}

/// The k behind one of the assembler's names, in letters of any case.
#[cfg(feature = "alloc")]
pub(super) fn assembler_offset(text: &str) -> Option<u32> {
    let known = |name: &&Name| name.assembler.iter().any(|known| known.eq_ignore_ascii_case(text));
    NAMES.iter().find(known).map(Name::offset)
}

#[cfg(feature = "alloc")]
impl Name {
    fn offset(&self) -> u32 {
        ANCILLARY_BASE.wrapping_add(self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insn::Ancillary;

    #[test]
    fn every_ancillary_value_has_a_name() {
        for which in Ancillary::ALL {
            assert!(libpcap_name(which.offset()).is_some(), "{which:?}");
        }
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn names_lead_back_to_their_offsets() {
        for known in &NAMES {
            assert_eq!(libpcap_offset(known.libpcap), Some(known.offset()));
            for text in known.assembler {
                assert_eq!(assembler_offset(text), Some(known.offset()));
            }
        }
        assert_eq!(libpcap_offset("PROTO"), None);
        assert_eq!(assembler_offset("PROTO"), Some(ANCILLARY_BASE));
        assert_eq!(assembler_offset("xor_x"), None);
    }
}
