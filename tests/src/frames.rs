//! Packets of link types that are not recorded: the payloads of recorded Ethernet frames behind other headers, and headers that
//! the recorded traffic lacks (labels, sessions, tunnels, 802.2). Made to be told apart by filters, not to be valid in all.

use crate::mutate::{self, Sample};
use crate::rng::Rng;

mod ethernet;
mod tunnel;
mod wlan;

/// Every link type on which libpcap knows more than bytes and lengths: name and DLT value. But for ARCNET, of which 1.10 means
/// something else, and those that it does not know.
pub const LINK_TYPES: [(&str, u16); 58] = [
    ("NULL", 0),
    ("EN10MB", 1),
    ("IEEE802", 6),
    ("SLIP", 8),
    ("PPP", 9),
    ("FDDI", 10),
    ("ATM_RFC1483", 11),
    ("RAW", 12),
    ("SLIP_BSDOS", 15),
    ("PPP_BSDOS", 16),
    ("ATM_CLIP", 19),
    ("PPP_SERIAL", 50),
    ("PPP_ETHER", 51),
    ("SYMANTEC_FIREWALL", 99),
    ("C_HDLC", 104),
    ("IEEE802_11", 105),
    ("FRELAY", 107),
    ("LOOP", 108),
    ("ENC", 109),
    ("LINUX_SLL", 113),
    ("LTALK", 114),
    ("PFLOG", 117),
    ("PRISM_HEADER", 119),
    ("IP_OVER_FC", 122),
    ("SUNATM", 123),
    ("IEEE802_11_RADIO", 127),
    ("JUNIPER_MLPPP", 130),
    ("JUNIPER_MLFR", 131),
    ("JUNIPER_ES", 132),
    ("JUNIPER_GGSN", 133),
    ("JUNIPER_MFR", 134),
    ("JUNIPER_ATM2", 135),
    ("JUNIPER_SERVICES", 136),
    ("JUNIPER_ATM1", 137),
    ("APPLE_IP_OVER_IEEE1394", 138),
    ("MTP2_WITH_PHDR", 139),
    ("MTP2", 140),
    ("IEEE802_11_RADIO_AVS", 163),
    ("JUNIPER_MONITOR", 164),
    ("PPP_PPPD", 166),
    ("JUNIPER_PPPOE", 167),
    ("JUNIPER_PPPOE_ATM", 168),
    ("JUNIPER_ETHER", 178),
    ("JUNIPER_PPP", 179),
    ("JUNIPER_FRELAY", 180),
    ("JUNIPER_CHDLC", 181),
    ("JUNIPER_VP", 183),
    ("PPI", 192),
    ("JUNIPER_ISM", 194),
    ("ERF", 197),
    ("JUNIPER_ST", 200),
    ("IPNET", 226),
    ("IPV4", 228),
    ("IPV6", 229),
    ("JUNIPER_VS", 232),
    ("NETANALYZER", 240),
    ("NETANALYZER_TRANSPARENT", 241),
    ("LINUX_SLL2", 276),
];

/// What a frame carries: the EtherType, and the bytes behind it.
struct Payload {
    ethertype: u16,
    bytes: Vec<u8>,
}

/// A packet of a link type, mostly mutated; `pool` holds Ethernet frames.
#[must_use]
pub fn draw(rng: &mut Rng, dlt: u16, pool: &[Sample]) -> Sample {
    if rng.one_in(10) {
        return mutate::noise(rng);
    }
    let (one, other) = (frame(rng, dlt, pool), frame(rng, dlt, pool));
    mutate::mutate(rng, &one, &other)
}

/// A packet of a link type.
#[must_use]
pub fn frame(rng: &mut Rng, dlt: u16, pool: &[Sample]) -> Sample {
    Sample::whole(bytes(rng, dlt, pool))
}

/// What a frame carries: most often what a recorded one did.
fn payload(rng: &mut Rng, pool: &[Sample]) -> Payload {
    match rng.below(10) {
        0 => tunnel::over_ip(rng, pool),
        1 => {
            let plain = recorded(rng, pool);
            tunnel::extended(rng, &plain)
        }
        _ => recorded(rng, pool),
    }
}

fn recorded(rng: &mut Rng, pool: &[Sample]) -> Payload {
    let data = &rng.pick(pool).data;
    let ethertype = data.get(12..14).map_or(0x0800, |at| u16::from_be_bytes([at[0], at[1]]));
    Payload { ethertype, bytes: data.get(14..).unwrap_or_default().to_vec() }
}

fn bytes(rng: &mut Rng, dlt: u16, pool: &[Sample]) -> Vec<u8> {
    let carried = payload(rng, pool);
    let number = carried.ethertype.to_be_bytes();
    let is_ip6 = carried.ethertype == 0x86dd;
    let header: Vec<u8> = match dlt {
        1 => return ethernet::frame(rng, pool),
        // DSA: a tag before the type.
        281 | 284 => {
            let mut frame = ethernet::frame(rng, pool);
            let tag = [*rng.pick(&[0, 0x20, 0x40, 0x80, 0xc0, 0x21]), rng.byte(), 0, rng.byte()];
            let at = frame.len().min(12);
            frame.splice(at..at, tag);
            return frame;
        }
        240 => return [vec![0, 0x10, rng.byte(), 0], ethernet::frame(rng, pool)].concat(),
        241 => return [vec![0x55; 12], ethernet::frame(rng, pool)].concat(),
        // PPP and its relatives.
        9 | 50 => [&[0xff, 3], &ppp(rng, &carried)[..]].concat(),
        166 => [&[*rng.pick(&[0, 1]), 3], &ppp(rng, &carried)[..]].concat(),
        51 => [&[0x11, 0, 0, 5, 0, 40], &ppp(rng, &carried)[..]].concat(),
        16 => {
            let mut header = vec![0; 24];
            header[5..7].copy_from_slice(&ppp(rng, &carried));
            header
        }
        104 | 112 => match rng.below(4) {
            0 => return [&[0x0f, 0, 0xfe, 0xfe, 0][..], &ethernet::iso(rng)].concat(),
            1 => return [&[0x0f, 0, 0x88, 0x47][..], &ethernet::labels(rng), &carried.bytes].concat(),
            _ => [&[0x0f, 0][..], &number].concat(),
        },
        // 802.2 in every packet.
        10 => return [&[0x50][..], &ethernet::stations(rng), &ethernet::llc(rng, &carried)].concat(),
        6 => return [&[0x10, 0x40][..], &ethernet::stations(rng), &ethernet::llc(rng, &carried)].concat(),
        122 => {
            let stations = ethernet::stations(rng);
            return [&[0, 0], &stations[..6], &[0, 0], &stations[6..], &ethernet::llc(rng, &carried)]
                .concat();
        }
        11 | 19 => return ethernet::llc(rng, &carried),
        123 => {
            let header = [
                *rng.pick(&[1, 2, 2, 5, 6, 0x82]),
                *rng.pick(&[0, 0, 3]),
                0,
                *rng.pick(&[1, 2, 3, 4, 5, 16, 35]),
            ];
            let packet = match header[0] {
                1 => [&[*rng.pick(&[0, 0xff]), 0][..], &ethernet::frame(rng, pool)].concat(),
                2 | 0x82 => ethernet::llc(rng, &carried),
                _ => vec![9, 3, 0, 0, 5, *rng.pick(&[2, 5, 7, 15, 0x4d, 0x5a, 0x75]), 0, 0, 0],
            };
            return [&header[..], &packet].concat();
        }
        105 | 119 | 127 | 163 | 192 => return wlan::frame(rng, dlt, &carried),
        // Nothing but IP.
        8 => [&[*rng.pick(&[0, 1])][..], &[0; 15]].concat(),
        15 => vec![0; 24],
        12 | 228 | 229 => Vec::new(),
        0 | 108 | 109 => {
            let family: u32 = if is_ip6 { *rng.pick(&[10, 24, 28, 30]) } else { 2 };
            let word = if rng.one_in(2) { family.to_be_bytes() } else { family.to_le_bytes() };
            let rest = if dlt == 109 { 8 } else { 0 };
            [&word[..], &vec![0; rest]].concat()
        }
        117 => pflog(rng, is_ip6),
        226 => {
            let mut header = vec![0; 24];
            header[0] = 1;
            header[1] = if is_ip6 { 26 } else { 2 };
            header[3] = *rng.pick(&[1, 2]);
            header
        }
        7 | 129 => {
            let code = match carried.ethertype {
                0x0800 => *rng.pick(&[212, 240]),
                0x0806 => 213,
                0x86dd => 196,
                _ => *rng.pick(&[214, 221, 247]),
            };
            let station = [*rng.pick(&[0, 1, 0xfe]), *rng.pick(&[0, 2, 0xff])];
            let offset: &[u8] = if dlt == 129 { &[0, 0] } else { &[] };
            [&station[..], offset, &[code, 0, 0, 1]].concat()
        }
        107 => {
            let nlpid = if is_ip6 { 0x8e } else { *rng.pick(&[0xcc, 0xcc, 0x81, 0x82, 0x83]) };
            if nlpid == 0x83 {
                return [&[0x18, 0x41, 3][..], &ethernet::iso(rng)].concat();
            }
            vec![0x18, 0x41, 3, nlpid]
        }
        138 => [&[1; 16][..], &number].concat(),
        99 => [&[0; 6][..], &number, &[0; 36]].concat(),
        113 => [&[0, *rng.pick(&[0, 4]), 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0][..], &number].concat(),
        276 => [&number[..], &[0, 0, 0, 0, 0, 3, 0, 1, *rng.pick(&[0, 4]), 6], &[0; 8]].concat(),
        // Juniper: a magic number, flags; where the packet begins differs.
        130..=137 | 164 | 167 | 168 | 178..=181 | 183 | 194 | 200 | 232..=234 | 238 => {
            let rest = rng.below(20);
            [&[0x4d, 0x47, 0x43, rng.byte()][..], &vec![0; rest]].concat()
        }
        139 | 140 | 197 => return ss7(rng, dlt),
        165 => vec![0x55, 0xff, rng.byte() & 7, *rng.pick(&[0xff, 1, 2]), *rng.pick(&[1, 2, 3]), 0, 4, 0],
        _ => Vec::new(),
    };
    [header, carried.bytes].concat()
}

fn ppp(rng: &mut Rng, carried: &Payload) -> [u8; 2] {
    let number: u16 = match carried.ethertype {
        0x0800 => *rng.pick(&[0x21, 0x21, 0x2d, 0x2f]),
        0x86dd => 0x57,
        _ => *rng.pick(&[0x23, 0x27, 0x29, 0x2b, 0x31, 0x281, 0xc021]),
    };
    number.to_be_bytes()
}

fn pflog(rng: &mut Rng, is_ip6: bool) -> Vec<u8> {
    let mut header = vec![0; 64];
    header[0] = *rng.pick(&[61, 64, 64, 48]);
    header[1] = if is_ip6 { 10 } else { 2 };
    header[2] = rng.byte() % 12;
    header[3] = rng.byte() % 16;
    header[4..8].copy_from_slice(rng.pick(&[b"em0\0", b"em1\0", b"lo0\0"]).as_slice());
    header[20..24].copy_from_slice(rng.pick(&[b"abc\0", b"x\0\0\0"]).as_slice());
    header[39] = rng.byte() % 8;
    header[43] = rng.byte() % 8;
    header[60] = *rng.pick(&[0, 1, 2]);
    header
}

fn ss7(rng: &mut Rng, dlt: u16) -> Vec<u8> {
    let start = match dlt {
        139 => 4,
        197 => 20,
        _ => 0,
    };
    let mut packet: Vec<u8> = (0..start + 16).map(|_| rng.byte()).collect();
    packet[start + 2] = *rng.pick(&[0, 1, 2, 3, 0x3f, 0x40, 0xc1]);
    packet[start + 4] = *rng.pick(&[0, 1, 2, 0x85]);
    packet[start + 5] = *rng.pick(&[0, 0x80, 0x40, 0xc0]);
    packet[start + 7] = *rng.pick(&[0, 0x10, 0x53]);
    packet
}
