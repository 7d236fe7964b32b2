//! Which words are keywords.

/// The language of a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// That of pcap-filter(7): every filter means what it means there.
    #[default]
    PcapFilter,
    /// That, and more encapsulations: `gre`, `erspan`, `gtp`, `l2tp`, `wireguard`, and `port` behind those over UDP.
    Extended,
}
