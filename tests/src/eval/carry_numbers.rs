//! Numbers of protocols where they are not EtherTypes.

/// Special values of the protocol field of Linux cooked headers (`linux/if_ether.h`).
pub(super) mod sll {
    pub(in super::super) const NOVELL_802_3: u32 = 0x0001;
    pub(in super::super) const LLC_802_2: u32 = 0x0004;
}

/// Address families as Linux numbers them, which is what a handle without a device or file is given.
pub(super) mod family {
    pub(in super::super) const INET: u32 = 2;
    pub(in super::super) const INET6: u32 = 10;
    /// That of Solaris, whatever the machine.
    pub(in super::super) const SOLARIS_INET6: u32 = 26;
}

/// Protocol numbers of PPP (IANA "PPP DLL Protocol Numbers").
pub(super) mod ppp {
    pub(in super::super) const IPV4: u32 = 0x21;
    pub(in super::super) const OSI: u32 = 0x23;
    pub(in super::super) const XNS: u32 = 0x25;
    pub(in super::super) const DECNET: u32 = 0x27;
    pub(in super::super) const APPLETALK: u32 = 0x29;
    pub(in super::super) const IPX: u32 = 0x2b;
    pub(in super::super) const COMPRESSED_TCP: u32 = 0x2d;
    pub(in super::super) const UNCOMPRESSED_TCP: u32 = 0x2f;
    pub(in super::super) const SPANNING_TREE: u32 = 0x31;
    pub(in super::super) const IPV6: u32 = 0x57;
}

/// Protocol numbers of ARCNET: the new ones, and those of RFC 1051.
pub(super) mod arcnet {
    pub(in super::super) const IPV4: u32 = 212;
    pub(in super::super) const ARP: u32 = 213;
    pub(in super::super) const RARP: u32 = 214;
    pub(in super::super) const IPV6: u32 = 196;
    pub(in super::super) const APPLETALK: u32 = 221;
    pub(in super::super) const OLD_IPV4: u32 = 240;
    pub(in super::super) const OLD_ARP: u32 = 241;
}

/// The identifiers of ISO 9577 behind the control field of Frame Relay.
pub(super) mod nlpid {
    pub(in super::super) const IPV4: u32 = 0xcc;
    pub(in super::super) const IPV6: u32 = 0x8e;
    pub(in super::super) const CLNP: u32 = 0x81;
    pub(in super::super) const ESIS: u32 = 0x82;
    pub(in super::super) const ISIS: u32 = 0x83;
}
