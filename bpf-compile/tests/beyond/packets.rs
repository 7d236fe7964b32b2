//! Packets built from the inside out.

/// Bytes behind a header.
pub(crate) fn behind(header: &[u8], payload: &[u8]) -> Vec<u8> {
    [header, payload].concat()
}

pub(crate) fn ethernet(ethertype: u16, payload: &[u8]) -> Vec<u8> {
    let mut header = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    header.extend(ethertype.to_be_bytes());
    behind(&header, payload)
}

/// A tag, and the type behind it. What is around it has the type of the tag.
pub(crate) fn tag(id: u16, ethertype: u16, payload: &[u8]) -> Vec<u8> {
    behind(&[id.to_be_bytes(), ethertype.to_be_bytes()].concat(), payload)
}

/// A label, the last of its stack or not.
pub(crate) fn label(number: u32, last: bool, payload: &[u8]) -> Vec<u8> {
    behind(&(number << 12 | u32::from(last) << 8 | 64).to_be_bytes(), payload)
}

/// From 10.0.0.1 to 10.0.0.2, with this many words of options.
pub(crate) fn ipv4_with_options(options: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut header = vec![0x45 + options, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    header.extend(vec![1; usize::from(options) * 4]);
    let len = (header.len() + payload.len()) as u16;
    header[2..4].copy_from_slice(&len.to_be_bytes());
    behind(&header, payload)
}

pub(crate) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_with_options(0, protocol, payload)
}

/// From 2001:db8::1 to 2001:db8::2.
pub(crate) fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut header = vec![0x60, 0, 0, 0, 0, 0, next, 64];
    header[4..6].copy_from_slice(&(payload.len() as u16).to_be_bytes());
    for last in [1, 2] {
        header.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    behind(&header, payload)
}

/// An extension header with `extra` units beyond its first.
pub(crate) fn extension(kind: u8, next: u8, extra: u8, payload: &[u8]) -> Vec<u8> {
    let len = if kind == 51 { (usize::from(extra) + 2) * 4 } else { (usize::from(extra) + 1) * 8 };
    let mut header = vec![0; len];
    header[0] = next;
    header[1] = extra;
    behind(&header, payload)
}

/// A fragment header; `offset` in units of 8 bytes.
pub(crate) fn fragment(next: u8, offset: u16, payload: &[u8]) -> Vec<u8> {
    let [high, low] = (offset << 3 | 1).to_be_bytes();
    behind(&[next, 0, high, low, 0, 0, 0, 7], payload)
}

pub(crate) fn tcp(source: u16, destination: u16, flags: u8) -> Vec<u8> {
    let ports = [source.to_be_bytes(), destination.to_be_bytes()].concat();
    behind(&ports, &[0, 0, 0, 1, 0, 0, 0, 2, 0x50, flags, 1, 0, 0, 0, 0, 0])
}

pub(crate) fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let len = payload.len() as u16 + 8;
    let words = [source, destination, len, 0].map(u16::to_be_bytes);
    behind(&words.concat(), payload)
}
