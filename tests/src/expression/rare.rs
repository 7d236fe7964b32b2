//! The primitives that are not of everyday use.

use crate::rng::Rng;

/// DLT values of 802.11, with and without a radio header before it.
const WLAN: [u16; 5] = [105, 119, 127, 163, 192];

const PROTOCOLS: [&str; 26] = [
    "ip", "ip6", "arp", "rarp", "tcp", "udp", "icmp6", "iso", "clnp", "esis", "isis", "stp", "ipx",
    "netbeui", "atalk", "aarp", "decnet", "lat", "sca", "mopdl", "moprc", "l1", "iih", "csnp", "es-is",
    "is-is",
];
const ENCAPSULATIONS: [&str; 14] = [
    "mpls",
    "mpls",
    "mpls 16",
    "mpls 100",
    "mpls 1024",
    "mpls 0x100000",
    "pppoed",
    "pppoes",
    "pppoes 5",
    "pppoes 7",
    "vlan",
    "vlan 10",
    "geneve",
    "geneve 5",
];
/// Encapsulations that libpcap 1.10 does not know.
#[rustfmt::skip]
const TUNNELS: [&str; 26] = [
    "vxlan", "vxlan 5", "vxlan 77", "vxlan port 8472", "vxlan 3 port 4789", "geneve", "geneve 5", "geneve port 6082", "gre", "gre",
    "erspan", "erspan 5", "erspan 1024", "gtp", "gtp 77", "gtp 5", "gtp port 2152", "gtp 77 port 2153", "l2tp", "l2tp",
    "l2tp port 1701", "wireguard", "wireguard port 51820", "wireguard port 40000", "l2tp port 65536", "vxlan 16777216",
];
const LLC: [&str; 16] = [
    "llc",
    "llc i",
    "llc s",
    "llc u",
    "llc rr",
    "llc rnr",
    "llc rej",
    "llc ui",
    "llc ua",
    "llc disc",
    "llc dm",
    "llc sabme",
    "llc test",
    "llc xid",
    "llc frmr",
    "llc u",
];
const NUMBERED: [&str; 12] = [
    "iso proto \\clnp",
    "iso proto \\isis",
    "iso proto 0x82",
    "iso proto 256",
    "isis proto 15",
    "isis proto 17",
    "isis proto 27",
    "isis proto 32",
    "link proto \\iso",
    "link proto 0x42",
    "link proto 0x8847",
    "link proto 0x10000",
];
const STATIONS: [&str; 5] =
    ["ff:ff:ff:ff:ff:ff", "33:33:00:00:00:16", "01:00:5e:00:00:fb", "00:00:5e:00:53:01", "000.5e00.5301"];
const FRAMES: [&str; 40] = [
    "type mgt",
    "type ctl",
    "type data",
    "type management",
    "type control",
    "type 0",
    "type 8",
    "type 5",
    "subtype beacon",
    "subtype rts",
    "subtype cts",
    "subtype ack",
    "subtype ps-poll",
    "subtype probe-req",
    "subtype disassoc",
    "subtype auth",
    "subtype deauth",
    "subtype qos-data",
    "subtype null",
    "subtype qos",
    "subtype data",
    "type mgt subtype beacon",
    "type mgt subtype deauth",
    "type ctl subtype cts",
    "type data subtype qos-data",
    "type data subtype data",
    "type data subtype null",
    "type data subtype beacon",
    "type mgt subtype 0x80",
    "type 4 subtype 0xb0",
    "type 8 subtype 0x80",
    "dir nods",
    "dir tods",
    "dir fromds",
    "dir dstods",
    "dir 2",
    "type data subtype cf-ack-poll",
    "subtype assocreq",
    "subtype reassoc-resp",
    "type mgt subtype 5",
];
const RADIO: [&str; 5] =
    ["radio[0] = 0", "radio[2:2] > 0x0900", "radio[4] & 1 = 0", "radio[7] = 144", "radio[1:1] < 9"];
const PF: [&str; 20] = [
    "on em0",
    "ifname em",
    "on lo0",
    "rnr 3",
    "rulenum 0",
    "srnr 2",
    "subrulenum 1",
    "rset abc",
    "ruleset x",
    "reason match",
    "reason short",
    "reason 3",
    "reason synproxy",
    "action pass",
    "action block",
    "action nat",
    "action rdr",
    "action accept",
    "action nonsense",
    "reason nonsense",
];
const ATM: [&str; 18] = [
    "lane",
    "metac",
    "bcc",
    "oam",
    "oamf4",
    "oamf4ec",
    "oamf4sc",
    "sc",
    "ilmic",
    "connectmsg",
    "metaconnect",
    "vpi 0",
    "vpi 3",
    "vpi > 2",
    "vci 5",
    "vci (1 or 5 or 35)",
    "vci >= 16",
    "vpi 256",
];
const SS7: [&str; 24] = [
    "fisu",
    "lssu",
    "lsu",
    "msu",
    "hfisu",
    "hlssu",
    "hmsu",
    "sio 0x85",
    "sio > 3",
    "opc 5",
    "opc > 100",
    "opc (1 or 2 or 3)",
    "dpc 9",
    "dpc <= 1000",
    "sls 1",
    "sls < 5",
    "hsio 3",
    "hopc 7",
    "hdpc 0x3fff",
    "hsls 5",
    "sls 16",
    "opc 0x4000",
    "sio 256",
    "hdpc (3 or 4)",
];
const DIRECTED: [&str; 6] = ["inbound", "outbound", "ifindex 3", "ifindex 0", "inbound", "outbound"];
const BYTES: [&str; 6] =
    ["byte 0 = 1", "byte 9 < 6", "byte 12 > 7", "byte 3 | 0", "byte 1 = 256", "byte 14 & 4"];
const CHAINS: [&str; 6] = [
    "ip6 protochain 6",
    "ip protochain 17",
    "protochain 58",
    "protochain \\tcp",
    "tcp protochain 6",
    "ip6 protochain 300",
];
const CASTS: [&str; 6] =
    ["broadcast", "multicast", "link broadcast", "ether multicast", "ip6 multicast", "ip broadcast"];
const ADDRESSES: [&str; 8] = ["addr1", "addr2", "addr3", "addr4", "ra", "ta", "src", "dst"];

/// A primitive that means something on the link type, mostly.
pub(super) fn primitive(rng: &mut Rng, dlt: u16, loose: bool) -> String {
    let own: &[&str] = match dlt {
        dlt if WLAN.contains(&dlt) => {
            return match rng.below(8) {
                0 | 1 => rng.pick(&FRAMES).to_string(),
                2 => rng.pick(&RADIO).to_string(),
                3 => format!("wlan {} {}", rng.pick(&ADDRESSES), rng.pick(&STATIONS)),
                4 => rng.pick(&LLC).to_string(),
                _ => common(rng, dlt, loose),
            };
        }
        117 => &PF,
        123 => &ATM,
        139 | 140 | 197 => &SS7,
        _ => &[],
    };
    if !own.is_empty() && !rng.one_in(3) {
        return rng.pick(own).to_string();
    }
    common(rng, dlt, loose)
}

/// A word of a tunnel, and what may stand behind it.
pub(super) fn tunnel(rng: &mut Rng) -> String {
    rng.pick(&TUNNELS).to_string()
}

fn common(rng: &mut Rng, dlt: u16, loose: bool) -> String {
    // Anything anywhere, now and then: both compilers must say that it means nothing.
    if loose && rng.one_in(6) {
        let all: [&[&str]; 9] = [&FRAMES, &RADIO, &PF, &ATM, &SS7, &CHAINS, &LLC, &CASTS, &ENCAPSULATIONS];
        let own = all.get(rng.below(all.len())).copied().unwrap_or_default();
        return rng.pick(own).to_string();
    }
    let has_stations = matches!(dlt, 1 | 6 | 10 | 122 | 240 | 241) || WLAN.contains(&dlt);
    let has_frames = matches!(dlt, 1 | 9 | 104 | 113 | 240 | 241 | 276);
    match rng.below(14) {
        0..=3 => rng.pick(&PROTOCOLS).to_string(),
        4 => rng.pick(&NUMBERED).to_string(),
        5 | 6 if has_frames || loose => rng.pick(&ENCAPSULATIONS).to_string(),
        7 if dlt == 1 || loose => rng.pick(&LLC).to_string(),
        8 if has_stations || loose => {
            format!(
                "ether {} {}",
                rng.pick(&["host", "src", "dst", "src or dst", "src and dst"]),
                rng.pick(&STATIONS)
            )
        }
        9 if has_stations || loose => rng.pick(&CASTS).to_string(),
        10 => rng.pick(&BYTES).to_string(),
        11 => rng.pick(&DIRECTED).to_string(),
        12 if matches!(dlt, 7 | 129 | 165) || loose => {
            format!("link {} ${}", rng.pick(&["host", "src", "dst"]), rng.pick(&["01", "ff", "fe", "00"]))
        }
        13 => {
            format!("decnet {} {}", rng.pick(&["host", "src", "dst"]), rng.pick(&["1.2", "0.0", "63.1023"]))
        }
        _ => format!("link[{}] = {}", rng.below(30), rng.below(256)),
    }
}
