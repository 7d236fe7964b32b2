#!/usr/bin/env python3
"""Derives the captures that tcpdump cannot write on Linux, from recorded ones: other link headers, byte orders, pcapng.

The packets stay the recorded ones; only what stands before the network header, and the file around, is changed.
"""

import struct

ETHERNET, NULL, RAW, LOOP, IPV4, IPV6 = 1, 0, 101, 108, 228, 229
INET = 2
# What NetBSD and OpenBSD, FreeBSD, macOS and Linux call IPv6; a capture holds its writer's number.
INET6 = (24, 28, 30, 10)


def read(path):
    """(link type, snap length, [(seconds, fraction, wire length, bytes)]) of a classic little-endian capture."""
    data = path.read_bytes()
    magic, _, _, _, _, snaplen, link = struct.unpack_from("<IHHiIII", data)
    if magic not in (0xA1B2C3D4, 0xA1B23C4D):
        raise ValueError(f"{path}: not a little-endian capture")
    packets, at = [], 24
    while at < len(data):
        seconds, fraction, kept, wire = struct.unpack_from("<IIII", data, at)
        packets.append((seconds, fraction, wire, data[at + 16 : at + 16 + kept]))
        at += 16 + kept
    return link, snaplen, packets


def write(path, link, packets, order="<", snaplen=262144):
    with path.open("wb") as out:
        out.write(struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, link))
        for seconds, fraction, wire, data in packets:
            out.write(struct.pack(order + "IIII", seconds, fraction, len(data), wire) + data)


def version(packet):
    return packet[3][0] >> 4


def headed(packets, order):
    """Each packet with its address family in front; the IPv6 packets take the four numbers in turn."""
    out = []
    for number, (seconds, fraction, wire, data) in enumerate(packets):
        family = INET if data[0] >> 4 == 4 else INET6[number % len(INET6)]
        out.append((seconds, fraction, wire + 4, struct.pack(order + "I", family) + data))
    return out


def block(kind, body):
    """A pcapng block: type, length, body padded to four bytes, length."""
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def pcapng(path, interfaces):
    """One section, one interface per (link type, packets), packets in the order of their times."""
    with path.open("wb") as out:
        out.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        every = []
        for number, (link, packets) in enumerate(interfaces):
            out.write(block(1, struct.pack("<HHI", link, 0, 262144)))
            every += [(s * 1_000_000 + f, number, wire, data) for s, f, wire, data in packets]
        for stamp, number, wire, data in sorted(every, key=lambda one: one[0]):
            out.write(block(6, struct.pack("<IIIII", number, stamp >> 32, stamp & 0xFFFFFFFF, len(data), wire) + data))


def derive(folder):
    _, _, raw = read(folder / "raw.pcap")
    # NULL holds the address family in the byte order of the machine that wrote it, LOOP always in network order.
    write(folder / "null.pcap", NULL, headed(raw, "<"))
    write(folder / "null-big-endian.pcap", NULL, headed(raw, ">"), order=">")
    write(folder / "loop.pcap", LOOP, headed(raw, ">"))
    write(folder / "ipv4.pcap", IPV4, [one for one in raw if version(one) == 4])
    write(folder / "ipv6.pcap", IPV6, [one for one in raw if version(one) == 6])
    _, _, dns = read(folder / "en10mb-dns.pcap")
    write(folder / "en10mb-big-endian.pcap", ETHERNET, dns, order=">")
    pcapng(folder / "two-links.pcapng", [(ETHERNET, dns[:40]), (RAW, raw[:40])])
