//! Which protocol the payload belongs to: an EtherType, or a service access point of 802.2 where it is at most 1500.

use super::EvalError;
use super::View;
use super::carry_numbers::{arcnet, family, nlpid, ppp, sll};
use super::frame::Place;
use super::link::{Kind, ethertype, sap};
use super::packet::Width;
use super::truth::Truth;

/// The largest value of the type field that is a length (IEEE 802.3 clause 3.2.6).
pub(super) const LENGTH_MAX: u32 = 1500;

/// The first word of a SNAP header: both access points 0xaa, unnumbered information, first byte of the OUI.
const SNAP: u32 = 0xaaaa_0300;
/// As [`SNAP`], with the first byte of Apple's OUI 08-00-07.
const SNAP_APPLE: u32 = 0xaaaa_0308;

impl View<'_> {
    /// Whether the payload belongs to a protocol.
    pub(super) fn carries(&self, protocol: u32) -> Result<Truth, EvalError> {
        if self.frame.labels > 0 {
            return self.labelled(protocol);
        }
        let field = self.frame.protocol;
        let truth = match self.frame.kind {
            Kind::Ethernet | Kind::NetAnalyzer | Kind::SwitchTagged => {
                self.not_control_frame().and(self.ethernet_carries(protocol))
            }
            Kind::Sll => self.sll_carries(protocol),
            Kind::CiscoHdlc => {
                // Both access points stand where the type would.
                let value = if protocol == sap::OSI { 0xfefe } else { protocol };
                self.is(field, Width::Half, value)
            }
            Kind::Fddi | Kind::TokenRing | Kind::FibreChannel | Kind::AtmLlc | Kind::AtmClip => {
                self.llc_carries(protocol)
            }
            Kind::Dot11(_) => self.is_data_frame().and(self.llc_carries(protocol)),
            // Routed protocols, not LAN emulation, which has a word of its own.
            Kind::SunAtm => self.atm_kind_is(super::atm::LLC).and(self.llc_carries(protocol)),
            Kind::RawIp | Kind::Slip | Kind::SlipBsdos => match protocol {
                ethertype::IPV4 => self.version_is(4),
                ethertype::IPV6 => self.version_is(6),
                _ => Truth::Fixed(false),
            },
            Kind::RawIpv4 => Truth::Fixed(protocol == ethertype::IPV4),
            Kind::RawIpv6 => Truth::Fixed(protocol == ethertype::IPV6),
            Kind::Ppp | Kind::PppPppd | Kind::PppSerial | Kind::PppEther => {
                self.is(field, Width::Half, ppp_number(protocol))
            }
            Kind::PppBsdos if protocol == ethertype::IPV4 => {
                // Compressed headers are taken for IP as well.
                let numbers = [ppp::IPV4, ppp::COMPRESSED_TCP, ppp::UNCOMPRESSED_TCP];
                Truth::any(numbers.map(|number| self.is(field, Width::Half, number)))
            }
            Kind::PppBsdos => self.is(field, Width::Half, ppp_number(protocol)),
            Kind::Null | Kind::Loop | Kind::Enc => {
                let family = match protocol {
                    ethertype::IPV4 => family::INET,
                    ethertype::IPV6 => family::INET6,
                    _ => return Ok(Truth::Fixed(false)),
                };
                // All but LOOP have the byte order of the machine that captured; taken to be a little-endian one.
                let family = if self.frame.kind == Kind::Loop { family } else { family.swap_bytes() };
                self.is(self.frame.header, Width::Word, family)
            }
            Kind::Pflog => match protocol {
                ethertype::IPV4 => self.is(self.frame.header.further(1), Width::Byte, family::INET),
                ethertype::IPV6 => self.is(self.frame.header.further(1), Width::Byte, family::INET6),
                _ => Truth::Fixed(false),
            },
            Kind::Ipnet => match protocol {
                ethertype::IPV4 => self.is(field, Width::Byte, family::INET),
                ethertype::IPV6 => self.is(field, Width::Byte, family::SOLARIS_INET6),
                _ => Truth::Fixed(false),
            },
            Kind::Arcnet => self.arcnet_carries(protocol),
            // Everything there is AppleTalk.
            Kind::LocalTalk => Truth::Fixed(protocol == ethertype::APPLETALK),
            Kind::FrameRelay => self.frame_relay_carries(protocol),
            // Nothing but the magic number is tested, whatever the protocol.
            Kind::Juniper => {
                let start = self.at(self.frame.header, Width::Word);
                Truth::of(start, |start| start & 0xffff_ff00 == 0x4d47_4300)
            }
            Kind::Sll2 | Kind::FireWire | Kind::Symantec => self.is(field, Width::Half, protocol),
            Kind::Bacnet | Kind::Mtp2 | Kind::Mtp2Phdr | Kind::Erf | Kind::Other => {
                return Err(EvalError::Refused("this link type names no protocols"));
            }
        };
        Ok(truth)
    }

    /// Refuses a number that what it is compared with cannot hold.
    pub(super) fn refuse_unfit(&self, protocol: u32) -> Result<(), EvalError> {
        let has_access_points = matches!(
            self.frame.kind,
            Kind::Ethernet
                | Kind::NetAnalyzer
                | Kind::SwitchTagged
                | Kind::Sll
                | Kind::Fddi
                | Kind::TokenRing
                | Kind::FibreChannel
                | Kind::AtmLlc
                | Kind::AtmClip
                | Kind::SunAtm
                | Kind::Dot11(_)
        );
        let has_number = matches!(
            self.frame.kind,
            Kind::CiscoHdlc
                | Kind::Ppp
                | Kind::PppPppd
                | Kind::PppSerial
                | Kind::PppEther
                | Kind::PppBsdos
                | Kind::Sll2
                | Kind::FireWire
                | Kind::Symantec
        );
        match protocol {
            0x100..=LENGTH_MAX if has_access_points => {
                Err(EvalError::Refused("a service access point has 8 bits"))
            }
            0x1_0000.. if has_access_points || has_number => {
                Err(EvalError::Refused("an EtherType has 16 bits"))
            }
            // Without a field of that size any number is just another one.
            _ => Ok(()),
        }
    }

    /// Behind labels nothing names the protocol: behind the last one the version nibble says which IP it is.
    fn labelled(&self, protocol: u32) -> Result<Truth, EvalError> {
        let version = match protocol {
            ethertype::IPV4 => 4,
            ethertype::IPV6 => 6,
            _ => return Err(EvalError::Refused("no such protocol behind labels")),
        };
        Ok(self.last_label_is_bottom().and(self.version_is(version)))
    }

    /// Whether the label before the network header is the last of its stack.
    pub(super) fn last_label_is_bottom(&self) -> Truth {
        let flags = self.at(self.frame.network().further(2_u32.wrapping_neg()), Width::Byte);
        Truth::of(flags, |flags| flags & 1 == 1)
    }

    fn version_is(&self, version: u32) -> Truth {
        // SLIP has the version where the packet starts, not behind its header.
        let place = if self.frame.labels > 0 { self.frame.network() } else { Place::at(0) };
        Truth::of(self.at(place, Width::Byte), |first| first >> 4 == version)
    }

    fn ethernet_carries(&self, protocol: u32) -> Truth {
        let type_field = self.at(self.frame.protocol, Width::Half);
        let is_type = Truth::of(type_field, |found| found == protocol);
        let is_length = Truth::of(type_field, |found| found <= LENGTH_MAX);
        let llc = Llc { at: self.frame.payload, view: self };
        match protocol {
            sap::OSI | sap::IP | sap::NETBEUI => is_length.and(llc.both_points_are(protocol)),
            sap::IPX => {
                let type_is_ipx = Truth::of(type_field, |found| found == ethertype::IPX);
                let framed = llc
                    .snap_is(SNAP, ethertype::IPX)
                    .or(llc.destination_is(sap::IPX))
                    // Novell's raw 802.3: the checksum field of IPX, all ones, where LLC would be.
                    .or(self.is(llc.at, Width::Half, 0xffff));
                type_is_ipx.or(is_length.and(framed))
            }
            ethertype::APPLETALK => is_type.or(is_length.and(llc.snap_is(SNAP_APPLE, protocol))),
            ethertype::APPLETALK_ARP => is_type.or(is_length.and(llc.snap_is(SNAP, protocol))),
            // Right behind the type, which in a tunnel without an Ethernet header is not the payload.
            0..=LENGTH_MAX => is_length.and(self.is(self.frame.protocol.further(2), Width::Byte, protocol)),
            _ => is_type,
        }
    }

    fn sll_carries(&self, protocol: u32) -> Truth {
        let type_is = |value: u32| self.is(self.frame.protocol, Width::Half, value);
        let is_llc = type_is(sll::LLC_802_2);
        let llc = Llc { at: self.frame.payload, view: self };
        match protocol {
            sap::OSI | sap::IP | sap::NETBEUI => is_llc.and(llc.both_points_are(protocol)),
            sap::IPX => type_is(ethertype::IPX)
                .or(type_is(sll::NOVELL_802_3))
                .or(is_llc.and(llc.destination_is(sap::IPX).or(llc.snap_is(SNAP, ethertype::IPX)))),
            ethertype::APPLETALK => type_is(protocol).or(is_llc.and(llc.snap_is(SNAP_APPLE, protocol))),
            ethertype::APPLETALK_ARP => type_is(protocol).or(is_llc.and(llc.snap_is(SNAP, protocol))),
            0..=LENGTH_MAX => is_llc.and(llc.destination_is(protocol)),
            _ => type_is(protocol),
        }
    }

    /// Behind 802.2 on every frame. An EtherType is looked for where SNAP has it, and SNAP itself is not asked for.
    fn llc_carries(&self, protocol: u32) -> Truth {
        let llc = Llc { at: self.frame.payload, view: self };
        match protocol {
            sap::OSI | sap::IP | sap::NETBEUI => llc.both_points_are(protocol),
            ethertype::APPLETALK => llc.snap_is(SNAP_APPLE, protocol),
            0..=LENGTH_MAX => llc.destination_is(protocol),
            _ => self.is(llc.at.further(6), Width::Half, protocol),
        }
    }

    fn arcnet_carries(&self, protocol: u32) -> Truth {
        let is = |number| self.is(self.frame.protocol, Width::Byte, number);
        match protocol {
            ethertype::IPV4 => is(arcnet::IPV4).or(is(arcnet::OLD_IPV4)),
            ethertype::ARP => is(arcnet::ARP).or(is(arcnet::OLD_ARP)),
            ethertype::RARP => is(arcnet::RARP),
            ethertype::IPV6 => is(arcnet::IPV6),
            ethertype::APPLETALK => is(arcnet::APPLETALK),
            _ => Truth::Fixed(false),
        }
    }

    /// Addresses of two bytes, unnumbered information, then the identifier of the protocol.
    fn frame_relay_carries(&self, protocol: u32) -> Truth {
        match protocol {
            ethertype::IPV4 => self.frame_relay_identifier_is(nlpid::IPV4),
            ethertype::IPV6 => self.frame_relay_identifier_is(nlpid::IPV6),
            sap::OSI => {
                let of_osi = [nlpid::CLNP, nlpid::ESIS, nlpid::ISIS];
                Truth::any(of_osi.map(|identifier| self.frame_relay_identifier_is(identifier)))
            }
            _ => Truth::Fixed(false),
        }
    }

    pub(super) fn frame_relay_identifier_is(&self, identifier: u32) -> Truth {
        self.is(self.frame.header.further(2), Width::Half, 0x0300 | identifier)
    }
}

/// The number that PPP has for an EtherType or access point; those it has none for stay what they are.
fn ppp_number(protocol: u32) -> u32 {
    match protocol {
        ethertype::IPV4 => ppp::IPV4,
        ethertype::IPV6 => ppp::IPV6,
        ethertype::DECNET => ppp::DECNET,
        ethertype::APPLETALK => ppp::APPLETALK,
        ethertype::XNS => ppp::XNS,
        sap::OSI => ppp::OSI,
        sap::SPANNING_TREE => ppp::SPANNING_TREE,
        sap::IPX => ppp::IPX,
        other => other,
    }
}

/// A place where an 802.2 header may lie.
struct Llc<'a> {
    at: Place,
    view: &'a View<'a>,
}

impl Llc<'_> {
    fn destination_is(&self, point: u32) -> Truth {
        self.view.is(self.at, Width::Byte, point)
    }

    fn both_points_are(&self, point: u32) -> Truth {
        self.view.is(self.at, Width::Half, point << 8 | point)
    }

    /// SNAP with an OUI whose last two bytes are those of `start`'s owner: 00-00-00 or 08-00-07.
    fn snap_is(&self, start: u32, protocol: u32) -> Truth {
        let oui_end: u32 = if start == SNAP_APPLE { 0x0007 } else { 0x0000 };
        let end = self.view.is(self.at.further(4), Width::Word, oui_end << 16 | protocol);
        end.and(self.view.is(self.at, Width::Word, start))
    }
}
