//! The driver's tour with the traffic of the recorded captures: what three handles get is what `bpf-core` selects from the
//! same frames by the same programs, to the byte, and every packet is counted. Linked, and mapped from its file.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

use bpf_compile::{Options, compile, link::LinkType, names::Embedded};
use bpf_core::SlicePacket;
use snapgate_sim::image::Image;
use snapgate_sim::scenario::{HANDLES, insns, tour};
use snapgate_tests::pcap;

/// The filters, and the snap length that each is compiled with.
const FILTERS: [(&str, u32); HANDLES] = [("tcp", 262_144), ("udp or arp or icmp", 96), ("ip6 or vlan", 60)];

/// Every Ethernet frame of the recorded captures that can be one on a wire here.
fn frames() -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    for capture in pcap::recorded().unwrap() {
        for record in &capture.records {
            let whole = record.data.len() == record.wire_len as usize;
            if capture.dlt(record.interface) == 1 && whole && record.data.len() >= 14 {
                frames.push(record.data.clone());
            }
        }
    }
    assert!(frames.len() > 500, "only {} frames", frames.len());
    frames
}

fn check(image: &Image, options: snapgate_sim::Options) {
    let frames = frames();
    let programs = FILTERS.map(|(filter, snap_len)| {
        let mut options = Options::new(LinkType::EN10MB);
        options.snap_len = snap_len;
        compile(filter, &options, &Embedded).unwrap()
    });
    let filters = programs.each_ref().map(|program| {
        let parts: Vec<_> =
            program.insns().iter().map(|insn| (insn.code, insn.jt, insn.jf, insn.k)).collect();
        insns(&parts)
    });
    let outcomes =
        tour(image, options, frames.clone(), filters).unwrap_or_else(|violation| panic!("{violation}"));
    assert_eq!(outcomes.len(), HANDLES);
    for ((outcome, program), (filter, _)) in outcomes.iter().zip(&programs).zip(FILTERS) {
        let expected: Vec<(&[u8], u32)> = frames
            .iter()
            .filter_map(|frame| {
                let length = u32::try_from(frame.len()).unwrap();
                let verdict = program.run(&SlicePacket::new(frame, length));
                let kept = verdict.min(length) as usize;
                (verdict > 0).then(|| (&frame[..kept], length))
            })
            .collect();
        let got: Vec<(&[u8], u32)> =
            outcome.packets.iter().map(|packet| (packet.bytes.as_slice(), packet.length)).collect();
        assert!(expected.len() > 20, "{filter} selects {} packets only", expected.len());
        assert!(got == expected, "{filter}: {} packets, expected {}", got.len(), expected.len());
        let statistics = outcome.statistics;
        let counts = (statistics.seen, statistics.accepted, statistics.delivered, statistics.filtered);
        let (all, selected) = (frames.len() as u64, expected.len() as u64);
        assert_eq!(counts, (all, selected, selected, all - selected), "{filter}");
        assert_eq!(
            statistics.captured_bytes,
            expected.iter().map(|(bytes, _)| bytes.len() as u64).sum::<u64>()
        );
    }
}

#[test]
fn the_linked_driver_captures_what_the_filters_select() {
    check(&Image::Linked(snapgate_driver::driver_entry), snapgate_sim::Options::default());
}

#[test]
fn threads_that_give_way_anywhere_change_nothing() {
    let policy = snapgate_sim::sched::Policy::Random { per_mille: 50 };
    let options = snapgate_sim::Options { seed: 11, policy, ..snapgate_sim::Options::default() };
    check(&Image::Linked(snapgate_driver::driver_entry), options);
}

#[test]
#[cfg(feature = "sys")]
fn the_driver_mapped_from_its_file_captures_the_same() {
    let path = std::env::var_os("SNAPGATE_SYS")
        .expect("SNAPGATE_SYS must name the file that driver/sys/build makes");
    check(&Image::from_file(path.as_ref()).unwrap(), snapgate_sim::Options::default());
}
