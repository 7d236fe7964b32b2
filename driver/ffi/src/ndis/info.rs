//! Words of information of a list, by their bits.
//!
//! ```text
//!   Ieee8021Q word    0-2 priority   3 canonical format   4-15 VLAN       16-63 zero
//!   tag on the wire   0-11 VLAN      12 canonical format  13-15 priority
//! ```

/// The word of slot `Ieee8021QNetBufferListInfo`: a tag that is not among the bytes.
///
/// The word 0 says that there is no tag; it could also be one of priority 0 and VLAN 0, which has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ieee8021Q(pub usize);

impl Ieee8021Q {
    /// Of a tag as it is on the wire.
    #[must_use]
    pub const fn from_tci(tci: u16) -> Self {
        let tci = tci as usize;
        Self((tci >> 13) | ((tci >> 12 & 1) << 3) | ((tci & 0xfff) << 4))
    }

    /// As it would be on the wire; `None` for the word 0.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "16 bits are masked")]
    pub const fn tci(self) -> Option<u16> {
        let word = self.0 & 0xffff;
        if word == 0 {
            return None;
        }
        Some((((word & 7) << 13) | ((word >> 3 & 1) << 12) | (word >> 4)) as u16)
    }
}

/// The word of slot `TcpIpChecksumNetBufferListInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChecksumInfo(pub usize);

impl ChecksumInfo {
    /// Send: IPv4.
    pub const SEND_IS_IPV4: usize = 1;
    /// Send: IPv6.
    pub const SEND_IS_IPV6: usize = 2;
    /// Send: the TCP checksum is the adapter's to fill in.
    pub const SEND_TCP: usize = 4;
    /// Send: the UDP checksum.
    pub const SEND_UDP: usize = 8;
    /// Send: the checksum of the IP header.
    pub const SEND_IP_HEADER: usize = 0x10;
    /// Receive: wrong.
    pub const RECEIVE_TCP_FAILED: usize = 1;
    /// Receive: wrong.
    pub const RECEIVE_UDP_FAILED: usize = 2;
    /// Receive: wrong.
    pub const RECEIVE_IP_FAILED: usize = 4;
    /// Receive: right.
    pub const RECEIVE_TCP_SUCCEEDED: usize = 8;
    /// Receive: right.
    pub const RECEIVE_UDP_SUCCEEDED: usize = 0x10;
    /// Receive: right.
    pub const RECEIVE_IP_SUCCEEDED: usize = 0x20;
    /// Receive: came back from below.
    pub const RECEIVE_LOOPBACK: usize = 0x40;
    /// Receive: the bytes of the TCP checksum mean nothing.
    pub const RECEIVE_TCP_VALUE_INVALID: usize = 0x80;
    /// Receive: the bytes of the IP checksum mean nothing.
    pub const RECEIVE_IP_VALUE_INVALID: usize = 0x100;

    /// Send: where the TCP header begins.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "10 bits are masked")]
    pub const fn tcp_header_offset(self) -> u16 {
        (self.0 >> 16 & 0x3ff) as u16
    }
}

/// The word of slot `TcpLargeSendNetBufferListInfo`, on the way down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LargeSendInfo(pub usize);

#[expect(clippy::cast_possible_truncation, reason = "the bits of each field are masked")]
impl LargeSendInfo {
    /// The segment size; 0 if the list is no large send.
    #[must_use]
    pub const fn mss(self) -> u32 {
        (self.0 & 0xf_ffff) as u32
    }

    /// Where the TCP header begins.
    #[must_use]
    pub const fn tcp_header_offset(self) -> u16 {
        (self.0 >> 20 & 0x3ff) as u16
    }

    /// Whether it is of the second version, which knows IPv6.
    #[must_use]
    pub const fn is_v2(self) -> bool {
        self.0 >> 30 & 1 == 1
    }

    /// Second version: whether it is IPv6.
    #[must_use]
    pub const fn is_ipv6(self) -> bool {
        self.0 >> 31 & 1 == 1
    }
}

/// The word of slot `TcpRecvSegCoalesceInfo`, of receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoalescedInfo(pub usize);

#[expect(clippy::cast_possible_truncation, reason = "16 bits are meant")]
impl CoalescedInfo {
    /// How many segments were joined.
    #[must_use]
    pub const fn segments(self) -> u16 {
        self.0 as u16
    }

    /// How many duplicate acknowledgments are among them.
    #[must_use]
    pub const fn duplicate_acks(self) -> u16 {
        (self.0 >> 16) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_survives_the_way_into_the_word_and_back() {
        for tci in 1..=u16::MAX {
            assert_eq!(Ieee8021Q::from_tci(tci).tci(), Some(tci));
        }
        assert_eq!(Ieee8021Q::from_tci(0).tci(), None);
        assert_eq!(Ieee8021Q(0xdead_0000).tci(), None);
    }

    #[test]
    fn the_orders_of_the_bits_differ() {
        // Priority 5, canonical format 1, VLAN 0x123.
        assert_eq!(Ieee8021Q::from_tci(0xb123).0, 0x1230 | 8 | 5);
        assert_eq!(Ieee8021Q(0x0010).tci(), Some(1));
        assert_eq!(Ieee8021Q(1).tci(), Some(0x2000));
    }

    #[test]
    fn fields_of_offload_words_are_where_the_adapter_looks() {
        assert_eq!(ChecksumInfo(54 << 16 | ChecksumInfo::SEND_TCP).tcp_header_offset(), 54);
        let send = LargeSendInfo(1460 | 54 << 20 | 1 << 30 | 1 << 31);
        assert_eq!(
            (send.mss(), send.tcp_header_offset(), send.is_v2(), send.is_ipv6()),
            (1460, 54, true, true)
        );
        let small = LargeSendInfo(0);
        assert_eq!((small.mss(), small.is_v2(), small.is_ipv6()), (0, false, false));
        assert_eq!(LargeSendInfo(usize::MAX).mss(), 0xf_ffff);
        let joined = CoalescedInfo(0x0002_0011);
        assert_eq!((joined.segments(), joined.duplicate_acks()), (17, 2));
    }
}
