//! Layouts, constants and versions against `ndis-facts.txt`, whose source is named in its first line.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use snapgate_ffi::ndis::{self, NdisVersion};
use snapgate_ffi::{StructLayout, ntdef, wdm};
use std::collections::{BTreeMap, BTreeSet};

const FACTS: &str = include_str!("ndis-facts.txt");

fn lines(kind: &str) -> impl Iterator<Item = Vec<&'static str>> {
    FACTS.lines().map(|line| line.split(' ').collect::<Vec<_>>()).filter(move |words| words[0] == kind)
}

fn number(text: &str) -> u64 {
    text.strip_prefix("0x").map_or_else(|| text.parse(), |hex| u64::from_str_radix(hex, 16)).unwrap()
}

fn layouts() -> impl Iterator<Item = &'static StructLayout> {
    ndis::PARTS.into_iter().chain(wdm::LAYOUTS).flatten()
}

/// Constants that are not in a list of their own.
fn constants() -> BTreeMap<&'static str, u64> {
    let mut all: BTreeMap<_, _> = ndis::CONSTANTS.into_iter().flatten().copied().collect();
    all.extend(ntdef::STATUSES.iter().map(|(name, value)| (*name, u64::from(*value))));
    macro_rules! more {
        ($($module:ident::$name:ident),* $(,)?) => { $(all.insert(stringify!($name), u64::from($module::$name));)* };
    }
    more!(
        ndis::NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS,
        ndis::NDIS_RWL_AT_DISPATCH_LEVEL,
        ndis::NDIS_DEFAULT_PORT_NUMBER,
        ndis::NDIS_PROTOCOL_ID_DEFAULT,
        ndis::NDIS_PROTOCOL_ID_TCP_IP,
        wdm::LowPagePriority,
        wdm::NormalPagePriority,
        wdm::HighPagePriority,
        wdm::MdlMappingNoExecute,
    );
    all
}

#[test]
fn every_fact_about_a_layout_is_true_of_ours() {
    let mut of = None;
    let mut compared = 0;
    for words in FACTS.lines().map(|line| line.split(' ').collect::<Vec<_>>()) {
        match words[..] {
            ["struct", name, size, align] => {
                let layout = layouts().find(|layout| layout.name == name);
                let layout = layout.unwrap_or_else(|| panic!("{name} is not asserted"));
                let expected = if name == "NET_BUFFER_LIST" {
                    NdisVersion::V6_87.net_buffer_list_size()
                } else {
                    layout.size
                };
                assert_eq!(number(size), expected as u64, "sizeof({name})");
                assert!(align == "-" || number(align) == layout.align as u64, "alignof({name})");
                of = Some(layout);
            }
            ["field", offset, name] => {
                let layout = of.unwrap();
                let ours = layout.fields.iter().find(|(field, _)| *field == name);
                let (_, ours) = ours.unwrap_or_else(|| panic!("{}.{name} is not asserted", layout.name));
                assert_eq!(number(offset), *ours as u64, "offsetof({}, {name})", layout.name);
                compared += 1;
            }
            _ => {}
        }
    }
    assert!(compared > 280, "only {compared} offsets were compared");
}

#[test]
fn every_constant_has_the_value_of_the_kit() {
    let ours = constants();
    let mut compared = BTreeSet::new();
    for words in lines("constant") {
        let name = words[1];
        let value = ours.get(name).unwrap_or_else(|| panic!("{name} is not declared"));
        assert_eq!(*value, number(words[2]), "{name}");
        compared.insert(name);
    }
    assert!(compared.len() > 190, "only {} constants were compared", compared.len());
    // Nothing of NDIS is declared without a fact behind it.
    let unknown: Vec<_> = ndis::CONSTANTS
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .filter(|name| !compared.contains(*name))
        .collect();
    assert!(unknown.is_empty(), "no fact about {unknown:?}");
}

#[test]
fn every_version_declares_the_sizes_that_were_measured() {
    let mut compared = 0;
    for words in lines("version") {
        let [_, major, minor, slots, list, characteristics, attach, oid] = words[..] else {
            panic!("{words:?}")
        };
        let version = NdisVersion::new(major.parse().unwrap(), minor.parse().unwrap());
        for (expected, ours) in [
            (slots, version.info_slots()),
            (list, version.net_buffer_list_size()),
            (characteristics, version.filter_driver_characteristics().size.into()),
            (attach, version.filter_attach_parameters().size.into()),
            (oid, version.oid_request().size.into()),
        ] {
            assert!(
                expected == "-" || number(expected) == ours as u64,
                "{version:?}: {expected}, not {ours}"
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 55);
}
