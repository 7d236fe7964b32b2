#!/usr/bin/env python3
"""The small senders, servers and relays that `record` starts inside its namespaces: traffic.py NAME [ARGUMENT...].

Only where no everyday program makes the packets wanted: DNS without a name server, protocols that this kernel does not
speak (SCTP, GRE, AH, ESP, 802.1Q tags), IPv6 extension headers, resets. Addresses are those of the documentation blocks.
"""

import ctypes
import fcntl
import os
import select
import socket
import struct
import sys
import time

DNS_PORT, SHELL_PORT = 53, 22
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000


def family(target):
    return socket.AF_INET6 if ":" in target else socket.AF_INET


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


# -- servers and clients -------------------------------------------------------------------------------------------------


def dns_answer(query):
    """An A record for every question."""
    identity, question = query[:2], query[12:]
    return identity + b"\x81\x80\0\1\0\1\0\0\0\0" + question + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton("203.0.113.9")


def dns_server():
    datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    datagrams.bind(("::", DNS_PORT))
    streams = socket.create_server(("::", DNS_PORT), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        for ready in select.select([datagrams, streams], [], [])[0]:
            if ready is datagrams:
                query, peer = datagrams.recvfrom(2048)
                datagrams.sendto(dns_answer(query), peer)
            else:
                connection, _ = streams.accept()
                with connection:
                    query = connection.recv(2048)[2:]
                    answer = dns_answer(query)
                    connection.sendall(struct.pack("!H", len(answer)) + answer)


def dns_client(server, transport):
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    for name in (b"snapgate", b"example"):
        query = struct.pack("!6H", 0x5347, 0x0100, 1, 0, 0, 0) + bytes([len(name)]) + name + b"\4test\0\0\1\0\1"
        with socket.socket(family(server), kind) as connection:
            connection.settimeout(3)
            connection.connect((server, DNS_PORT))
            connection.sendall(query if transport == "udp" else struct.pack("!H", len(query)) + query)
            connection.recv(2048)


def shell_like_server():
    """Speaks first with a version line and echoes, as an SSH server's start does."""
    listener = socket.create_server(("::", SHELL_PORT), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(3)
            try:
                connection.sendall(b"SSH-2.0-snapgate_test\r\n")
                while data := connection.recv(4096):
                    connection.sendall(data)
            except OSError:
                pass


def shell_like_client(server):
    with socket.create_connection((server, SHELL_PORT), 3) as connection:
        connection.recv(4096)
        connection.sendall(b"SSH-2.0-client\r\n")
        connection.recv(4096)
        for length in (1, 48, 900):
            connection.sendall(os.urandom(length))
            connection.recv(4096)
        connection.send(b"!", socket.MSG_OOB)
        time.sleep(0.1)


def tcp_to_closed_port(server):
    with socket.socket(family(server), socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        connection.connect_ex((server, 81))


def tcp_reset(server):
    connection = socket.create_connection((server, SHELL_PORT), 3)
    connection.recv(4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def udp_to_closed_port(server):
    with socket.socket(family(server), socket.SOCK_DGRAM) as sender:
        for port in (4000, 6001, 33434):
            sender.sendto(b"nobody listens here", (server, port))
            time.sleep(0.05)


# -- one-to-many ---------------------------------------------------------------------------------------------------------


def multicast(interface):
    """Joins and leaves groups (IGMP, MLD) and sends mDNS and SSDP questions."""
    index = socket.if_nametoindex(interface)
    four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    four.bind(("", 5353))
    member = socket.inet_aton("224.0.0.251") + struct.pack("=4si", b"\0" * 4, index)
    four.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    four.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("=4s4si", b"\0" * 4, b"\0" * 4, index))
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    six.bind(("::", 5353))
    group = socket.inet_pton(socket.AF_INET6, "ff02::fb") + struct.pack("=I", index)
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
    question = b"\0\0\0\0\0\1\0\0\0\0\0\0\x05_http\x04_tcp\x05local\0\0\x0c\0\1"
    four.sendto(question, ("224.0.0.251", 5353))
    six.sendto(question, ("ff02::fb", 5353, 0, index))
    four.sendto(b"M-SEARCH * HTTP/1.1\r\n\r\n", ("239.255.255.250", 1900))
    time.sleep(1.2)
    four.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, member)
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_LEAVE_GROUP, group)
    time.sleep(0.8)


def dhcp_like(interface):
    """A BOOTP discover from 68 to 67, broadcast, and a DHCPv6 solicit."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        sender.bind(("", 68))
        discover = struct.pack("!4BIHH16x6s10x192x", 1, 1, 6, 0, 0x12345678, 0, 0x8000, b"\2\0\0\0\0\1")
        sender.sendto(discover + b"\x63\x82\x53\x63\x35\x01\x01\xff", ("255.255.255.255", 67))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
        sender.bind(("::", 546))
        sender.sendto(b"\1\x12\x34\x56\0\1\0\x0a\0\3\0\1\2\0\0\0\0\1", ("ff02::1:2", 547, 0, socket.if_nametoindex(interface)))


def frames(interface):
    """A socket for whole frames."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.bind((interface, 3))
    return sock


def rarp(interface):
    sock = frames(interface)
    mine = sock.getsockname()[4]
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 3) + mine + b"\0" * 4 + mine + b"\0" * 4
    sock.send(b"\xff" * 6 + mine + b"\x80\x35" + body + b"\0" * 18)


# -- protocols that the kernel does not speak ----------------------------------------------------------------------------


def raw_protocols(server):
    """IPv4 packets of many protocols: IGMP, IGRP, GRE, ESP, AH, OSPF, PIM, VRRP, SCTP, and fragments of UDP."""
    sctp = struct.pack("!HHII", 5001, 5002, 0, 0) + struct.pack("!BBHIIHHI", 1, 0, 20, 0x1234, 65535, 10, 10, 1)
    inner = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 1, 0, 64, 17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2") + struct.pack("!4H", 7, 7, 8, 0)
    bodies = {
        9: b"\x11\0\0\1" + b"\0" * 10,
        47: b"\0\0\x08\0" + inner,
        50: struct.pack("!II", 0x100, 1) + os.urandom(40),
        51: struct.pack("!BBHII12s", 6, 4, 0, 0x101, 1, b"\0" * 12) + struct.pack("!HHIIHHHH", 1111, 80, 1, 0, 0x5002, 512, 0, 0),
        89: b"\2\1\0\x2c" + b"\0" * 40,
        103: b"\x20\0\0\0\0\1\0\2\0\x69",
        112: b"\x21\1\x64\1\0\1\0\0" + b"\xc6\x33\x64\x09" + b"\0" * 8,
        132: sctp,
    }
    for protocol, body in bodies.items():
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) as sender:
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 64)
            sender.sendto(body, (server, 0))
        time.sleep(0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x94\x04\0\0")  # router alert: a header of 24 bytes
        sender.sendto(b"options make the header longer", (server, 4000))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"f" * 4000, (server, 4001))


def extension_headers(server, interface):
    """UDP and TCP behind IPv6 hop-by-hop, destination, routing and fragment headers; protocols behind the fixed header."""
    hop = b"\0\0\x05\x02\0\0\1\0"  # router alert, one word of padding
    destination = b"\0\0\1\4\0\0\0\0"
    index = socket.if_nametoindex(interface)
    for kind, value in ((socket.IPV6_HOPOPTS, hop), (socket.IPV6_DSTOPTS, destination)):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(socket.IPPROTO_IPV6, kind, value)
            sender.sendto(b"behind an extension header", (server, 4000))
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sender:
            sender.setsockopt(socket.IPPROTO_IPV6, kind, value)
            sender.settimeout(1)
            sender.connect_ex((server, 80))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"F" * 4000, (server, 4001))
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, 44) as sender:  # an atomic fragment holding TCP
        sender.sendto(struct.pack("!BBHI", 6, 0, 0, 7) + struct.pack("!HHIIHHHH", 2222, 443, 1, 0, 0x5002, 512, 0, 0), (server, 0, 0, index))
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, 43) as sender:  # a routing header of type 253 (experiment)
        sender.sendto(b"\x11\0\xfd\0\0\0\0\0" + struct.pack("!4H", 5353, 53, 8, 0), (server, 0, 0, index))
    for protocol in (47, 50, 51, 89, 103, 112, 132):
        with socket.socket(socket.AF_INET6, socket.SOCK_RAW, protocol) as sender:
            sender.sendto(os.urandom(32), (server, 0, 0, index))
        time.sleep(0.05)


# -- relays --------------------------------------------------------------------------------------------------------------


def put_on(kind, frame):
    """The frame as it looks on the tagged stretch, or None when this kind carries no such frame."""
    addresses, ethertype, body = frame[:12], frame[12:14], frame[14:]
    if kind == "vlan":
        return addresses + b"\x81\0\x20\x64" + ethertype + body  # priority 1, id 100
    if kind == "qinq":
        return addresses + b"\x88\xa8\0\x0a" + b"\x81\0\0\x64" + ethertype + body
    if kind == "mpls":
        if ethertype not in (b"\x08\0", b"\x86\xdd"):
            return frame
        return addresses + b"\x88\x47" + struct.pack("!II", 1000 << 12 | 64, 2000 << 12 | 0x100 | 64) + body
    if kind == "pppoe":
        protocol = {b"\x08\0": b"\0\x21", b"\x86\xdd": b"\0\x57"}.get(ethertype)
        if protocol is None:
            return addresses + b"\x88\x63\x11\x09\0\0\0\4\1\1\0\0" + b"\0" * 40 + b"|" + frame  # a PADI in front of the rest
        return addresses + b"\x88\x64\x11\0" + struct.pack("!HH", 7, len(body) + 2) + protocol + body
    raise SystemExit(f"no such kind {kind}")


def take_off(kind, frame):
    """The inverse; the kernel has already taken an outer 802.1Q tag off a received frame."""
    addresses, ethertype, body = frame[:12], frame[12:14], frame[14:]
    if kind in ("vlan", "qinq"):
        while frame[12:14] in (b"\x81\0", b"\x88\xa8"):
            frame = frame[:12] + frame[16:]
        return frame
    if kind == "mpls" and ethertype == b"\x88\x47":
        return addresses + (b"\x08\0" if body[8] >> 4 == 4 else b"\x86\xdd") + body[8:]
    if kind == "pppoe" and ethertype == b"\x88\x63":
        return body.split(b"|", 1)[1]
    if kind == "pppoe" and ethertype == b"\x88\x64":
        return addresses + (b"\x08\0" if body[6:8] == b"\0\x21" else b"\x86\xdd") + body[8:]
    return frame


def tagging_relay(kind):
    """lft0 <-> mid0 = mid1 <-> rgt0: plain frames on the outside, tagged ones between."""
    left, right = frames("lft0"), frames("rgt0")
    near, far = frames("mid0"), frames("mid1")
    routes = {left: (near, put_on), far: (right, take_off), right: (far, put_on), near: (left, take_off)}
    while True:
        for ready in select.select(list(routes), [], [])[0]:
            frame, origin = ready.recvfrom(65536)
            if origin[2] == socket.PACKET_OUTGOING:
                continue
            target, change = routes[ready]
            try:
                target.send(change(kind, frame))
            except OSError:
                pass


def tun_in(namespace):
    """A tun interface made inside another namespace; its packets come here."""
    libc = ctypes.CDLL(None, use_errno=True)
    home, there = os.open("/proc/self/ns/net", os.O_RDONLY), os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if libc.setns(there, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH14x", b"tun0", IFF_TUN | IFF_NO_PI))
    if libc.setns(home, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    return tun


def tun_relay(first, second):
    ends = tun_in(first), tun_in(second)
    while True:
        for ready in select.select(ends, [], [])[0]:
            packet = os.read(ready, 65536)
            try:
                os.write(ends[0] if ready == ends[1] else ends[1], packet)
            except OSError:
                pass


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
