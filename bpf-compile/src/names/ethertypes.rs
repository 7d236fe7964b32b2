//! Protocols over Ethernet and over LLC that have names in filters. Case counts.

/// EtherTypes by name, in the order of the names' bytes.
pub const ETHERTYPES: &[(&str, u16)] = &[
    ("aarp", 0x80f3),
    ("arp", 0x0806),
    ("atalk", 0x809b),
    ("decnet", 0x6003),
    ("ip", 0x0800),
    ("ip6", 0x86dd),
    ("lat", 0x6004),
    ("lldp", 0x88cc),
    ("loopback", 0x9000),
    ("mopdl", 0x6001),
    ("moprc", 0x6002),
    ("rarp", 0x8035),
    ("sca", 0x6007),
    ("slow", 0x8809),
];

/// LLC service access points by name, in the order of the names' bytes.
pub const LLC_PROTOCOLS: &[(&str, u8)] = &[("ipx", 0xe0), ("iso", 0xfe), ("netbeui", 0xf0), ("stp", 0x42)];
