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
