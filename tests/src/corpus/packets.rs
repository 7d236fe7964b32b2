//! Packets by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::file::{PacketEntry, PacketFile};

/// A packet as a case sees it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// As the case names it.
    pub name: String,
    /// What was captured.
    pub bytes: Arc<[u8]>,
    /// How long it was on the wire.
    pub wire_len: u32,
}

/// The packets that all files share, and which of them were used.
#[derive(Debug, Default)]
pub(super) struct Shared {
    by_name: BTreeMap<String, Arc<[u8]>>,
    /// In the order of the files, for each link type.
    by_link_type: BTreeMap<String, Vec<String>>,
    used: BTreeSet<String>,
}

/// The packets that the cases of one file may use.
pub(super) struct InScope<'a> {
    pub(super) shared: &'a mut Shared,
    local: BTreeMap<String, Arc<[u8]>>,
    local_used: BTreeSet<String>,
}

impl Shared {
    pub(super) fn add(&mut self, file: PacketFile) -> Result<(), String> {
        for (name, entry) in file.packet {
            let bytes = bytes_of_entry(&name, &entry)?;
            if self.by_name.insert(name.clone(), bytes).is_some() {
                return Err(format!("two packets {name}"));
            }
            for link_type in &file.link_types {
                self.by_link_type.entry(link_type.clone()).or_default().push(name.clone());
            }
        }
        Ok(())
    }

    /// Packets that no case has named, not even by a star or as one of the rest.
    pub(super) fn unused(&self) -> Vec<&String> {
        self.by_name.keys().filter(|name| !self.used.contains(*name)).collect()
    }
}

impl<'a> InScope<'a> {
    pub(super) fn new(shared: &'a mut Shared, local: &BTreeMap<String, PacketEntry>) -> Result<Self, String> {
        let mut packets = BTreeMap::new();
        for (name, entry) in local {
            if shared.by_name.contains_key(name) {
                return Err(format!("two packets {name}"));
            }
            packets.insert(name.clone(), bytes_of_entry(name, entry)?);
        }
        Ok(Self { shared, local: packets, local_used: BTreeSet::new() })
    }

    /// The packets that a word of a list names, with their names.
    pub(super) fn named(
        &mut self,
        word: &str,
        link_type: &str,
        wire_len: Option<u32>,
    ) -> Result<Vec<Sample>, String> {
        if let Some(start) = word.strip_suffix('*') {
            let of_type = self.shared.by_link_type.get(link_type);
            let names: Vec<String> =
                of_type.into_iter().flatten().filter(|name| name.starts_with(start)).cloned().collect();
            if names.is_empty() {
                return Err(format!("no packet {word} of {link_type}"));
            }
            return names.iter().map(|name| self.one(name, wire_len)).collect();
        }
        Ok(vec![self.one(word, wire_len)?])
    }

    /// All packets of a link type but those of these names.
    pub(super) fn rest(
        &mut self,
        link_type: &str,
        but: &BTreeSet<String>,
        wire_len: Option<u32>,
    ) -> Result<Vec<Sample>, String> {
        let names = self.shared.by_link_type.get(link_type).cloned().unwrap_or_default();
        names.iter().filter(|name| !but.contains(*name)).map(|name| self.one(name, wire_len)).collect()
    }

    /// Packets of this file that none of its cases has named.
    pub(super) fn unused(&self) -> Vec<&String> {
        self.local.keys().filter(|name| !self.local_used.contains(*name)).collect()
    }

    fn one(&mut self, word: &str, wire_len: Option<u32>) -> Result<Sample, String> {
        let (name, cut) = match word.split_once(':') {
            None => (word, None),
            Some((name, cut)) => (name, Some(cut)),
        };
        let whole = if let Some(bytes) = self.local.get(name) {
            self.local_used.insert(String::from(name));
            bytes
        } else if let Some(bytes) = self.shared.by_name.get(name) {
            self.shared.used.insert(String::from(name));
            bytes
        } else {
            return Err(format!("no packet {name}"));
        };
        let bytes = match cut {
            None => Arc::clone(whole),
            Some(cut) => {
                let len: usize = cut.parse().map_err(|_| format!("{word}: {cut} is no length"))?;
                match whole.get(..len) {
                    Some(bytes) if len < whole.len() => Arc::from(bytes),
                    _ => return Err(format!("{word}: the packet has only {} bytes", whole.len())),
                }
            }
        };
        let own_len = u32::try_from(whole.len()).unwrap_or(u32::MAX);
        Ok(Sample { name: String::from(word), bytes, wire_len: wire_len.unwrap_or(own_len) })
    }
}

fn bytes_of_entry(name: &str, entry: &PacketEntry) -> Result<Arc<[u8]>, String> {
    if entry.about.trim().is_empty() {
        return Err(format!("packet {name}: nothing says what it is"));
    }
    bytes_of(&entry.hex).map(Arc::from).map_err(|error| format!("packet {name}: {error}"))
}

/// Bytes from hexadecimal digits with blanks between any of them.
pub(super) fn bytes_of(hex: &str) -> Result<Vec<u8>, String> {
    let mut digits = Vec::new();
    for letter in hex.chars().filter(|letter| !letter.is_whitespace()) {
        let digit = letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        digits.push(digit.ok_or_else(|| format!("{letter:?} is no hexadecimal digit"))?);
    }
    let (pairs, odd) = digits.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(String::from("an odd number of hexadecimal digits"));
    }
    Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::{InScope, Shared, bytes_of};

    fn shared() -> Shared {
        let text = r#"
            link_types = ["EN10MB"]
            packet.tcp_a = { about = "one", hex = "00 01\n02" }
            packet.tcp_b = { about = "two", hex = "ff" }
            packet.udp = { about = "three", hex = "" }
        "#;
        let mut shared = Shared::default();
        shared.add(toml::from_str(text).unwrap()).unwrap();
        shared
    }

    #[test]
    fn words_name_packets_their_beginnings_and_groups() {
        let mut shared = shared();
        let mut packets = InScope::new(&mut shared, &Default::default()).unwrap();
        let whole = packets.named("tcp_a", "EN10MB", None).unwrap();
        assert_eq!((&*whole[0].bytes, whole[0].wire_len), (&[0, 1, 2][..], 3));
        let cut = packets.named("tcp_a:1", "EN10MB", None).unwrap();
        assert_eq!((&*cut[0].bytes, cut[0].wire_len), (&[0][..], 3));
        let names = |found: Vec<super::Sample>| found.into_iter().map(|one| one.name).collect::<Vec<_>>();
        assert_eq!(names(packets.named("tcp_*", "EN10MB", Some(9)).unwrap()), ["tcp_a", "tcp_b"]);
        let but = std::iter::once(String::from("tcp_b")).collect();
        assert_eq!(names(packets.rest("EN10MB", &but, None).unwrap()), ["tcp_a", "udp"]);
    }

    #[test]
    fn words_that_name_nothing_are_mistakes() {
        let mut shared = shared();
        let mut packets = InScope::new(&mut shared, &Default::default()).unwrap();
        for word in ["tcp_c", "sctp*", "tcp_a:3", "tcp_a:x", "tcp_a:-1"] {
            assert!(packets.named(word, "EN10MB", None).is_err(), "{word}");
        }
        assert!(packets.named("tcp_*", "RAW", None).is_err());
    }

    #[test]
    fn packets_that_nobody_names_are_known() {
        let mut shared = shared();
        let mut packets = InScope::new(&mut shared, &Default::default()).unwrap();
        packets.named("tcp_*", "EN10MB", None).unwrap();
        assert_eq!(shared.unused(), ["udp"]);
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        assert_eq!(bytes_of("0a Ff\n10"), Ok(vec![0x0a, 0xff, 0x10]));
        assert!(bytes_of("0a1").is_err());
        assert!(bytes_of("0x10").is_err());
    }
}
