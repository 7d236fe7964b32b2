//! The shape of the files.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A file of packets that all cases of its link types may use.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PacketFile {
    pub(super) link_types: Vec<String>,
    pub(super) packet: BTreeMap<String, PacketEntry>,
}

/// A packet: what it is, and its bytes, blanks and line ends anywhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PacketEntry {
    pub(super) about: String,
    pub(super) hex: String,
}

/// A file of cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    /// For cases that name none themselves.
    #[serde(default = "ethernet")]
    pub(super) link_type: String,
    /// Likewise.
    #[serde(default)]
    pub(super) options: OptionEntries,
    #[serde(default)]
    pub(super) packet: BTreeMap<String, PacketEntry>,
    #[serde(default)]
    pub(super) names: NameEntries,
    #[serde(default)]
    pub(super) case: Vec<CaseEntry>,
    #[serde(default)]
    pub(super) error: Vec<ErrorEntry>,
    #[serde(default)]
    pub(super) machine: Vec<MachineEntry>,
    #[serde(default)]
    pub(super) refused: Vec<RefusedEntry>,
}

fn ethernet() -> String {
    String::from("EN10MB")
}

/// What else a filter is compiled for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OptionEntries {
    /// `pcap-filter` or `extended`.
    pub(super) dialect: Option<String>,
    pub(super) scoped: bool,
    pub(super) ipv6_extensions: bool,
    /// By name.
    pub(super) target: Option<String>,
}

/// What is known beside the packets of a case.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BesideEntries {
    /// The control information of the tag that was taken out of them.
    pub(super) vlan: Option<u16>,
    /// Or that none was.
    pub(super) untagged: bool,
    /// Their kind, as Linux numbers it: 0 for this machine, 4 sent by it.
    pub(super) pkt_type: Option<u8>,
    pub(super) if_index: Option<u32>,
}

/// Names that are known in a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameEntries {
    /// Addresses of either family, in any order.
    #[serde(default)]
    pub(super) hosts: BTreeMap<String, Vec<String>>,
    /// Numbers without trailing zero bytes.
    #[serde(default)]
    pub(super) networks: BTreeMap<String, u32>,
    /// MAC addresses as 12 hexadecimal digits.
    #[serde(default)]
    pub(super) stations: BTreeMap<String, String>,
    /// By name: `tcp`, `udp`, `sctp` and the port over it.
    #[serde(default)]
    pub(super) services: BTreeMap<String, BTreeMap<String, u16>>,
}

impl NameEntries {
    pub(super) fn is_empty(&self) -> bool {
        let Self { hosts, networks, stations, services } = self;
        hosts.is_empty() && networks.is_empty() && stations.is_empty() && services.is_empty()
    }
}

/// Some packets.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Packets {
    /// The word `rest`.
    Word(String),
    /// Names, names with a length, names with a star.
    List(Vec<String>),
}

impl Default for Packets {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseEntry {
    pub(super) name: String,
    pub(super) filter: String,
    pub(super) link_type: Option<String>,
    pub(super) netmask: Option<String>,
    pub(super) options: Option<OptionEntries>,
    #[serde(default)]
    pub(super) beside: BesideEntries,
    pub(super) wire_len: Option<u32>,
    #[serde(default)]
    pub(super) accept: Packets,
    #[serde(default)]
    pub(super) reject: Packets,
    pub(super) one_sided: Option<String>,
    /// In what libpcap 1.10 differs.
    pub(super) libpcap_1_10: Option<String>,
    /// In what the evaluator differs.
    pub(super) evaluator: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorEntry {
    pub(super) name: String,
    pub(super) filter: String,
    pub(super) code: String,
    pub(super) at: Option<String>,
    pub(super) link_type: Option<String>,
    pub(super) netmask: Option<String>,
    pub(super) options: Option<OptionEntries>,
    /// Why libpcap 1.10 takes it all the same.
    pub(super) libpcap_1_10: Option<String>,
    /// In what the evaluator differs.
    pub(super) evaluator: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MachineEntry {
    pub(super) name: String,
    pub(super) program: String,
    pub(super) profile: Option<String>,
    pub(super) wire_len: Option<u32>,
    pub(super) returns: BTreeMap<String, u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefusedEntry {
    pub(super) name: String,
    pub(super) program: String,
    pub(super) profile: Option<String>,
    pub(super) rule: u8,
}
