//! Numbers of protocols.

/// EtherTypes that are named here; the numbers are IEEE's.
pub(in crate::lower) mod ethertype {
    pub(in crate::lower) const IPV4: u32 = 0x0800;
    pub(in crate::lower) const ARP: u32 = 0x0806;
    pub(in crate::lower) const REVARP: u32 = 0x8035;
    /// Transparent Ethernet bridging: a frame follows.
    pub(in crate::lower) const BRIDGED: u32 = 0x6558;
    pub(in crate::lower) const VLAN: u32 = 0x8100;
    pub(in crate::lower) const IPV6: u32 = 0x86dd;
    pub(in crate::lower) const MPLS: u32 = 0x8847;
    pub(in crate::lower) const PPPOE_DISCOVERY: u32 = 0x8863;
    pub(in crate::lower) const PPPOE_SESSION: u32 = 0x8864;
    pub(in crate::lower) const PROVIDER_VLAN: u32 = 0x88a8;
    pub(in crate::lower) const QINQ: u32 = 0x9100;
    pub(in crate::lower) const XNS: u32 = 0x0600;
    pub(in crate::lower) const MOPDL: u32 = 0x6001;
    pub(in crate::lower) const MOPRC: u32 = 0x6002;
    pub(in crate::lower) const DECNET: u32 = 0x6003;
    pub(in crate::lower) const LAT: u32 = 0x6004;
    pub(in crate::lower) const SCA: u32 = 0x6007;
    pub(in crate::lower) const ATALK: u32 = 0x809b;
    pub(in crate::lower) const AARP: u32 = 0x80f3;
    pub(in crate::lower) const IPX: u32 = 0x8137;
}

/// 802.2 service access points.
pub(in crate::lower) mod sap {
    pub(in crate::lower) const IP: u32 = 0x06;
    pub(in crate::lower) const STP: u32 = 0x42;
    pub(in crate::lower) const IPX: u32 = 0xe0;
    pub(in crate::lower) const NETBEUI: u32 = 0xf0;
    pub(in crate::lower) const ISO: u32 = 0xfe;
}
