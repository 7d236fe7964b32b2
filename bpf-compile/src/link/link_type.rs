//! The link type of a capture: which header a packet begins with.
//!
//! Two numbers exist for the same thing. The **DLT** is what programs use, and what a [`LinkType`] holds; a few of
//! its values differ between operating systems (ours are those of Linux). The **LINKTYPE** is what capture files
//! hold, the same everywhere. They are equal but for the few old types of the table `DIFFERING`:
//!
//! ```text
//! file  ──from_linktype_field──▶  LinkType(DLT)  ──to_linktype_field──▶  file
//!  101                             12 = RAW                               101
//! ```
//!
//! A number without a name is a link type too: files with private or newer types can be read and filtered by offset.

use core::fmt;

mod table;

use table::ROWS;

/// A link type, as its DLT value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkType(pub u16);

/// Where the number in a file is not the DLT value: (LINKTYPE, DLT).
const DIFFERING: [(u16, u16); 5] = [(100, 11), (101, 12), (102, 15), (103, 16), (106, 19)];

/// Other names of the same types: those of files where they differ, and older ones of programs.
const ALIASES: [(&str, LinkType); 16] = [
    ("ARCNET_BSD", LinkType::ARCNET),
    ("CHDLC", LinkType::C_HDLC),
    ("ETHERNET", LinkType::EN10MB),
    ("EXP_ETHERNET", LinkType::EN3MB),
    ("IEEE802_11_AIRONET", LinkType::AIRONET_HEADER),
    ("IEEE802_11_AVS", LinkType::IEEE802_11_RADIO_AVS),
    ("IEEE802_11_PRISM", LinkType::PRISM_HEADER),
    ("IEEE802_11_RADIOTAP", LinkType::IEEE802_11_RADIO),
    ("IEEE802_15_4_WITHFCS", LinkType::IEEE802_15_4),
    ("IEEE802_5", LinkType::IEEE802),
    ("LINUX_PPP_WITHDIRECTION", LinkType::PPP_PPPD),
    ("NETBSD_HDLC", LinkType::HDLC),
    ("PPP_HDLC", LinkType::PPP_SERIAL),
    ("PPP_WITH_DIRECTION", LinkType::PPP_PPPD),
    ("PPP_WITHDIRECTION", LinkType::PPP_PPPD),
    ("USB", LinkType::USB_FREEBSD),
];

impl LinkType {
    /// Every assigned link type in ascending order of value.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| Self(row.value))
    }

    /// The type that a user names: a name in any case, with or without `DLT_` or `LINKTYPE_`, or a DLT number.
    ///
    /// ```
    /// use bpf_compile::link::LinkType;
    /// assert_eq!(LinkType::from_name("dlt_en10mb"), Some(LinkType::EN10MB));
    /// assert_eq!(LinkType::from_name("LINKTYPE_ETHERNET"), Some(LinkType::EN10MB));
    /// assert_eq!(LinkType::from_name("1"), Some(LinkType::EN10MB));
    /// assert_eq!(LinkType::from_name("etherknit"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            return name.parse().ok().map(Self);
        }
        let bare = without_prefix(name, "DLT_").or_else(|| without_prefix(name, "LINKTYPE_")).unwrap_or(name);
        let row = ROWS.iter().find(|row| row.name.eq_ignore_ascii_case(bare));
        let alias = || ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(bare));
        row.map(|row| Self(row.value)).or_else(|| alias().map(|&(_, link_type)| link_type))
    }

    /// The name without prefix, if the value is assigned.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.name)
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.row().map_or("unassigned", |row| row.description)
    }

    /// The type that a capture file means by a number in its link-type field.
    ///
    /// Only the low 16 bits of the field of a classic pcap header are the number; those above it describe the FCS.
    #[must_use]
    pub fn from_linktype_field(field: u16) -> Self {
        Self(DIFFERING.iter().find(|(file, _)| *file == field).map_or(field, |&(_, dlt)| dlt))
    }

    /// The number that a capture file holds for this type.
    #[must_use]
    pub fn to_linktype_field(self) -> u16 {
        DIFFERING.iter().find(|(_, dlt)| *dlt == self.0).map_or(self.0, |&(file, _)| file)
    }

    fn row(self) -> Option<&'static table::Row> {
        let index = ROWS.binary_search_by_key(&self.0, |row| row.value).ok()?;
        ROWS.get(index)
    }
}

/// The name, or the number of a type without one.
impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "{}", self.0),
        }
    }
}

/// `name` after `prefix`, whatever its case.
fn without_prefix<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let head = name.get(..prefix.len())?;
    if head.eq_ignore_ascii_case(prefix) { name.get(prefix.len()..) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_names_are_unique() {
        assert!(ROWS.windows(2).all(|pair| pair[0].value < pair[1].value));
        for (index, row) in ROWS.iter().enumerate() {
            assert!(ROWS[index + 1..].iter().all(|other| other.name != row.name), "{}", row.name);
            assert!(ALIASES.iter().all(|(alias, _)| *alias != row.name), "{}", row.name);
            assert!(!row.description.is_empty());
        }
    }

    #[test]
    fn every_name_is_found_with_every_prefix() {
        for link_type in LinkType::all() {
            let name = link_type.name().expect("assigned");
            let lower = name.to_ascii_lowercase();
            for prefix in ["", "DLT_", "dlt_", "LINKTYPE_", "linktype_"] {
                let spelled = [prefix, &lower].concat();
                assert_eq!(LinkType::from_name(&spelled), Some(link_type), "{spelled}");
            }
        }
    }

    #[test]
    fn numbers_are_names() {
        assert_eq!(LinkType::from_name("65535"), Some(LinkType(65535)));
        assert_eq!(LinkType::from_name("65536"), None);
        assert_eq!(LinkType::from_name(""), None);
        assert_eq!(LinkType::from_name("dlt_"), None);
        assert_eq!(LinkType::from_name("+1"), None);
        assert_eq!(LinkType::from_name("ÄÖÜß"), None);
    }

    #[test]
    fn file_numbers_differ_where_they_must() {
        assert_eq!(LinkType::from_linktype_field(101), LinkType::RAW);
        assert_eq!(LinkType::RAW.to_linktype_field(), 101);
        assert_eq!(LinkType::from_linktype_field(12), LinkType::RAW, "old files hold the DLT");
        assert_eq!(LinkType::ATM_CLIP.to_linktype_field(), 106);
        for link_type in LinkType::all() {
            assert_eq!(LinkType::from_linktype_field(link_type.to_linktype_field()), link_type);
        }
    }

    #[test]
    fn unassigned_types_print_as_numbers() {
        use alloc::string::ToString as _;
        assert_eq!(LinkType(40000).to_string(), "40000");
        assert_eq!(LinkType(40000).description(), "unassigned");
        assert_eq!(LinkType::EN10MB.to_string(), "EN10MB");
    }
}
