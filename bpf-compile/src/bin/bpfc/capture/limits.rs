//! Lengths that no sound capture exceeds: those of libpcap, so that both read the same files.

use bpf_compile::link::LinkType;

/// The largest snap length of most link types, and the one that `-s 0` means.
pub(crate) const SNAP_LEN_BYTES_MAX: u32 = 262_144;

/// The largest pcapng block before an interface with larger packets is described.
pub(crate) const BLOCK_BYTES_MAX: u32 = 16 * 1024 * 1024;

/// What a pcapng packet block holds besides its data, with room for options.
const BLOCK_OVERHEAD_BYTES: u32 = 32 + 131_072;

/// The largest captured length that is believed for a link type.
pub(crate) fn packet_bytes_max(link_type: LinkType) -> u32 {
    match link_type {
        LinkType::DBUS => 128 * 1024 * 1024,
        LinkType::EBHSCR => 8 * 1024 * 1024,
        LinkType::USBPCAP => 1024 * 1024,
        _ => SNAP_LEN_BYTES_MAX,
    }
}

/// The largest pcapng block once an interface of this link type exists.
pub(crate) fn block_bytes_max(link_type: LinkType) -> u32 {
    BLOCK_BYTES_MAX.max(packet_bytes_max(link_type) + BLOCK_OVERHEAD_BYTES)
}

/// The snap length that a file means: 0 and absurd values stand for the largest of the link type.
pub(crate) fn effective_snap_len(link_type: LinkType, stated: u32) -> u32 {
    if stated == 0 || stated > i32::MAX.cast_unsigned() { packet_bytes_max(link_type) } else { stated }
}
