//! The verdict on a packet is that on all of its bytes, however they lie in memory.
//!
//! The driver tries the first piece alone, and looks at the others only if a load was for bytes that may be there. So every packet
//! comes once with each border between its first piece and the second.

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_core::{Profile, RawInsn, SlicePacket, bpf_validate, opcode as op};
use snapgate_sim::Guard;
use snapgate_sim::ndis::{AdapterId, Packet, PacketList, settle};
use snapgate_sim::scenario::{Capture, insns};

use super::{captured, receive, with_capture};

/// IPv4 with a word of options, TCP from port 4660 to port 80.
fn tcp() -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    bytes.extend([0x46, 0, 0, 56, 0, 1, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2, 1, 1, 1, 0]);
    bytes.extend([0x12, 0x34, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x02, 0x20, 0, 0, 0, 0, 0]);
    bytes.extend(b"snap");
    bytes
}

/// Fields at fixed places and behind the header, two tests in one window, lists, arithmetic, lengths.
fn programs() -> Vec<Vec<RawInsn>> {
    let list: Vec<_> = (1..40).map(|number| format!("198.51.{number}.2")).collect();
    let filters = [
        "ip".to_owned(),
        "arp".to_owned(),
        "tcp port 80".to_owned(),
        "udp port 80".to_owned(),
        "tcp[tcpflags] & tcp-syn != 0".to_owned(),
        "ip[20] = 1 and tcp dst portrange 70-90".to_owned(),
        "dst host 198.51.100.2 or less 60".to_owned(),
        "ether[0:4] + ether[4:4] = ip[2:2] or ether[len - 1] = 0x70".to_owned(),
        format!("host {} or 192.0.2.1", list.join(" or ")),
        format!("host {} or 192.0.2.2", list.join(" or ")),
    ];
    let mut options = bpf_compile::Options::new(LinkType(1));
    options.snap_len = 1_000;
    let compiled =
        |filter: &String| bpf_compile::compile(filter, &options, &Embedded).unwrap().insns().to_vec();
    let loads = [op::B, op::H, op::W].into_iter().flat_map(|size| {
        [0, 13, 14, 37, 38, 57, 58, 60, 61, 62, 90].map(|offset| {
            vec![RawInsn::stmt(op::LD | op::ABS | size, offset), RawInsn::stmt(op::RET | op::A, 0)]
        })
    });
    filters.iter().map(compiled).chain(loads).collect()
}

#[test]
fn a_packet_in_two_pieces_has_the_verdict_of_its_bytes_wherever_it_is_cut() {
    with_capture(Guard::Patterns, |adapter, capture| {
        let whole = tcp();
        for program in programs() {
            for length in [60, whole.len()] {
                check(adapter, &capture, &program, &whole[..length]);
            }
        }
    });
}

fn check(adapter: AdapterId, capture: &Capture, program: &[RawInsn], bytes: &[u8]) {
    let fields: Vec<_> = program.iter().map(|insn| (insn.code, insn.jt, insn.jf, insn.k)).collect();
    capture.set_filter(&insns(&fields)).unwrap();
    settle();
    let verified = bpf_validate(program, Profile::STRICT).unwrap();
    let verdict = verified.run(&SlicePacket::new(bytes, u32::try_from(bytes.len()).unwrap()));
    let snapped = &bytes[..bytes.len().min(verdict as usize)];
    for cut in 1..bytes.len() {
        receive(adapter, PacketList::from(Packet::new(bytes.to_vec()).mdls([cut])));
        let expected = if verdict == 0 { Vec::new() } else { vec![snapped.to_vec()] };
        assert_eq!(captured(capture), expected, "cut at {cut} of {}: {program:?}", bytes.len());
    }
}
