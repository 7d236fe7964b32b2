//! Small captures, made here byte by byte.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

/// Byte order of a file.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    pub(crate) const BOTH: [Self; 2] = [Self::Little, Self::Big];

    pub(crate) fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(crate) fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }
}

/// An IPv4 datagram from 10.0.0.1 to 10.0.0.2 with ports 443 and 51000, and 8 bytes of payload.
pub(crate) fn ipv4(protocol: u8) -> Vec<u8> {
    let transport: &[u8] = match protocol {
        6 => &[1, 187, 199, 56, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 1, 0, 0, 0, 0, 0],
        17 => &[1, 187, 199, 56, 0, 16, 0, 0],
        _ => &[],
    };
    let total = u8::try_from(20 + transport.len() + 8).unwrap();
    let mut datagram = vec![0x45, 0, 0, total, 0, 7, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    datagram.extend(transport);
    datagram.extend([0xaa; 8]);
    datagram
}

/// The same in an Ethernet frame.
pub(crate) fn ethernet(protocol: u8) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    frame.extend(ipv4(protocol));
    frame
}

pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const MICROSECONDS: u32 = 0xa1b2_c3d4;
pub(crate) const NANOSECONDS: u32 = 0xa1b2_3c4d;
pub(crate) const KUZNETZOV: u32 = 0xa1b2_cd34;
pub(crate) const ETHERNET: u32 = 1;
/// 12:34:56 on the first day of 1970.
pub(crate) const NOON: u32 = 45_296;

/// A classic capture in parts.
#[derive(Clone)]
pub(crate) struct Pcap {
    pub(crate) order: Order,
    pub(crate) bytes: Vec<u8>,
    record_tail: Vec<u8>,
}

impl Pcap {
    pub(crate) fn new(order: Order, magic: u32, link_type: u32) -> Self {
        Self::with_version(order, magic, link_type, 4)
    }

    pub(crate) fn with_version(order: Order, magic: u32, link_type: u32, minor: u16) -> Self {
        let mut bytes = Vec::new();
        bytes.extend(order.u32(magic));
        bytes.extend(order.u16(2));
        bytes.extend(order.u16(minor));
        for field in [0, 0, 65535, link_type] {
            bytes.extend(order.u32(field));
        }
        let record_tail = if magic == KUZNETZOV { vec![9; 8] } else { Vec::new() };
        Self { order, bytes, record_tail }
    }

    /// Adds a packet at 12:34:56 and a fraction.
    pub(crate) fn packet(mut self, fraction: u32, data: &[u8]) -> Self {
        let length = u32::try_from(data.len()).unwrap();
        self.record(fraction, length, length, data);
        self
    }

    /// Adds a record with any two lengths.
    pub(crate) fn record(&mut self, fraction: u32, first: u32, second: u32, data: &[u8]) {
        for field in [NOON, fraction, first, second] {
            self.bytes.extend(self.order.u32(field));
        }
        self.bytes.extend(&self.record_tail);
        self.bytes.extend(data);
    }
}

/// A TCP and a UDP packet on Ethernet, twice.
pub(crate) fn mixed(order: Order) -> Vec<u8> {
    let mut pcap = Pcap::new(order, MICROSECONDS, ETHERNET);
    for fraction in 0..4 {
        pcap = pcap.packet(fraction, &ethernet(if fraction % 2 == 0 { TCP } else { UDP }));
    }
    pcap.bytes
}

/// A block of pcapng.
pub(crate) fn block(order: Order, block_type: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(12 + body.len().next_multiple_of(4)).unwrap();
    let mut bytes = [order.u32(block_type), order.u32(length)].concat();
    bytes.extend(body);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes.extend(order.u32(length));
    bytes
}

/// A section header with this length of the section.
pub(crate) fn section(order: Order, section_length: u64) -> Vec<u8> {
    let mut body = [&order.u32(0x1a2b_3c4d)[..], &order.u16(1), &order.u16(0)].concat();
    body.extend(match order {
        Order::Little => section_length.to_le_bytes(),
        Order::Big => section_length.to_be_bytes(),
    });
    block(order, 0x0a0d_0d0a, &body)
}

/// An interface description with options.
pub(crate) fn interface(order: Order, link_type: u16, snap_len: u32, options: &[u8]) -> Vec<u8> {
    let body = [&order.u16(link_type)[..], &order.u16(0), &order.u32(snap_len), options].concat();
    block(order, 1, &body)
}

/// An enhanced packet block.
pub(crate) fn enhanced(order: Order, interface: u32, ticks: u64, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let fields = [interface, (ticks >> 32) as u32, ticks as u32, length, length];
    let mut body: Vec<u8> = fields.iter().flat_map(|field| order.u32(*field)).collect();
    body.extend(data);
    block(order, 6, &body)
}

/// A file or the name of one; removed at the end of the test.
pub(crate) struct Temporary(pub(crate) PathBuf);

impl Temporary {
    /// A name that no file has.
    pub(crate) fn name() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(env::temp_dir().join(format!("bpfc-test-{}-{number}", process::id())))
    }

    /// A file with this content.
    pub(crate) fn file(content: &[u8]) -> Self {
        let file = Self::name();
        fs::write(&file.0, content).unwrap();
        file
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    pub(crate) fn content(&self) -> Vec<u8> {
        fs::read(&self.0).unwrap()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It may never have been created.
        fs::remove_file(&self.0).unwrap_or_default();
    }
}
