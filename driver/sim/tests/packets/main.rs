//! What is captured of packets of every shape.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

mod verdicts;

use proptest::prelude::*;
use snapgate_abi::shared::{self, SharedRecords};
use snapgate_abi::{Direction, Ioctl, Mode, Operation, Request};
use snapgate_ffi::ntdef::STATUS_CANCELLED;
use snapgate_sim::image::Image;
use snapgate_sim::ndis::{
    AdapterConfig, AdapterId, Packet, PacketList, ReceiveOptions, SendOptions, Source, add_adapter, settle,
};
use snapgate_sim::scenario::{Capture, insns};
use snapgate_sim::user::{Memory, Process, User};
use snapgate_sim::{Guard, Machine, Options, load, unload};

fn with_capture(guard: Guard, body: impl FnOnce(AdapterId, Capture) + 'static) {
    let machine = Machine::new(Options { guard, ..Options::default() });
    let result = machine.run_thread("packets", || {
        load(&Image::Linked(snapgate_driver::driver_entry)).unwrap();
        let config = AdapterConfig::ethernet(1);
        let guid = config.guid.clone();
        let adapter = add_adapter(config);
        settle();
        let process = Process::new(User::Guest);
        let capture = Capture::open(&process, &guid).unwrap();
        capture.set_buffer(1 << 20).unwrap();
        settle();
        body(adapter, capture);
        process.exit();
        settle();
        adapter.remove(false);
        settle();
        unload();
    });
    if let Err(violation) = result {
        panic!("{violation}");
    }
}

fn frame(length: usize) -> Vec<u8> {
    (0..length).map(|index| u8::try_from(index * 7 % 251).unwrap()).collect()
}

fn receive(adapter: AdapterId, list: PacketList) {
    assert!(adapter.receive(&[list], ReceiveOptions { dispatch: true, ..ReceiveOptions::default() }));
}

fn captured(capture: &Capture) -> Vec<Vec<u8>> {
    capture.read_all().unwrap().into_iter().map(|packet| packet.bytes).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_packet_of_any_shape_is_its_bytes(
        length in 0_usize..400,
        offset in 0_usize..70,
        sizes in prop::collection::vec(0_usize..90, 0..7),
        slack in 0_usize..40,
        unmapped: bool,
        tci in prop::option::of(1_u16..=u16::MAX),
        snap in 1_u32..500,
        verdict in 1_u32..500,
        pages: bool,
    ) {
        with_capture(if pages { Guard::Pages } else { Guard::Patterns }, move |adapter, capture| {
            capture.set_filter(&insns(&[(6, 0, 0, verdict)])).unwrap();
            capture.set(&Request::SetSnapLength(snap)).unwrap();
            let bytes = frame(length);
            let mut packet = Packet::new(bytes.clone()).offset(offset).mdls(sizes).slack(slack);
            if unmapped {
                packet = packet.unmapped();
            }
            let mut list = PacketList::from(packet);
            let mut expected = bytes;
            if let Some(tci) = tci {
                list = list.vlan(tci);
                if length > 12 {
                    let [high, low] = tci.to_be_bytes();
                    expected.splice(12..12, [0x81, 0, high, low]);
                }
            }
            receive(adapter, list);
            let packets = capture.read_all().unwrap();
            assert_eq!(packets.len(), 1);
            assert_eq!(packets[0].length as usize, expected.len());
            expected.truncate(snap.min(verdict) as usize);
            assert_eq!(packets[0].bytes, expected);
        });
    }

    /// Any code and bytes, in any state of the handle, break no rule; and the handle still works.
    #[test]
    fn any_device_control_breaks_no_rule(
        requests in prop::collection::vec(
            (0_usize..40, any::<u32>(), prop::collection::vec(0_u8..5, 0..40), 0_usize..200), 1..12,
        ),
    ) {
        with_capture(Guard::Patterns, move |adapter, capture| {
            for (row, other, input, output) in requests {
                let code = snapgate_abi::IOCTLS.get(row).and_then(|row| row.code.or(row.old)).unwrap_or(other & !3);
                drop(capture.file.control(code, &input, output));
            }
            capture.set_buffer(4096).unwrap();
            capture.set(&Request::SetMode(Mode::default())).unwrap();
            capture.set(&Request::SetDirection(Direction::Both)).unwrap();
            capture.set_filter(&[]).unwrap();
            settle();
            receive(adapter, Packet::new(frame(60)).into());
            assert_eq!(capture.statistics().seen, 1);
        });
    }
}

#[test]
fn own_and_looped_packets_are_told_apart_one_by_one() {
    with_capture(Guard::Patterns, |adapter, capture| {
        let mixed = || {
            let list = |length: usize| PacketList::from(Packet::new(frame(length)));
            [list(60), list(61).loopback(), list(62), list(63).source(Source::Module), list(64)]
        };
        let lengths = |capture: &Capture| captured(capture).iter().map(Vec::len).collect::<Vec<_>>();
        assert!(adapter.receive(&mixed(), ReceiveOptions { resources: true, ..ReceiveOptions::default() }));
        assert_eq!(lengths(&capture), [60, 61, 62, 63, 64]);
        capture.set(&Request::SetLoopback(false)).unwrap();
        assert!(adapter.receive(&mixed(), ReceiveOptions { resources: true, ..ReceiveOptions::default() }));
        assert_eq!(lengths(&capture), [60, 62, 64]);
    });
}

#[test]
fn directions_are_chosen_and_filters_know_them() {
    with_capture(Guard::Patterns, |adapter, capture| {
        let both = move || {
            receive(adapter, Packet::new(frame(60)).into());
            let two = PacketList::new([Packet::new(frame(61)), Packet::new(frame(62))]);
            assert!(adapter.send(&[two], SendOptions::default()));
        };
        for (direction, expected) in
            [(Direction::In, &[60][..]), (Direction::Out, &[61, 62]), (Direction::Both, &[60, 61, 62])]
        {
            capture.set(&Request::SetDirection(direction)).unwrap();
            both();
            assert_eq!(captured(&capture).iter().map(Vec::len).collect::<Vec<_>>(), expected);
        }
        // ld #pkttype; jeq #4 (outgoing).
        capture
            .set_filter(&insns(&[(0x20, 0, 0, 0xffff_f004), (0x15, 0, 1, 4), (6, 0, 0, 9), (6, 0, 0, 0)]))
            .unwrap();
        both();
        assert_eq!(captured(&capture).len(), 2);
        // ld #ifindex; jeq #11.
        capture
            .set_filter(&insns(&[(0x20, 0, 0, 0xffff_f008), (0x15, 0, 1, 11), (6, 0, 0, 9), (6, 0, 0, 0)]))
            .unwrap();
        both();
        assert_eq!(captured(&capture).len(), 3);
    });
}

#[test]
fn statistics_mode_counts_and_copies_nothing() {
    with_capture(Guard::Patterns, |adapter, capture| {
        capture.set(&Request::SetMode(Mode { statistics: true, ..Mode::default() })).unwrap();
        for length in [40, 60, 100] {
            receive(adapter, Packet::new(frame(length)).into());
        }
        let record = &capture.read(1000).unwrap()[0].bytes;
        assert_eq!(snapgate_abi::record::counts_from_bytes(record), Some((3, 72 + 72 + 112)));
        let record = &capture.read(1000).unwrap()[0].bytes;
        assert_eq!(snapgate_abi::record::counts_from_bytes(record), Some((0, 0)));
        let statistics = capture.statistics();
        assert_eq!((statistics.counted, statistics.captured_bytes, statistics.queued), (3, 0, 0));
    });
}

#[test]
fn rings_of_any_size_account_for_every_packet() {
    for bytes in [0, 1, 64, 128, 256, 1024, 4096] {
        with_capture(Guard::Patterns, move |adapter, capture| {
            capture.set_buffer(bytes).unwrap();
            settle();
            for length in [20, 60, 300, 60, 60, 900] {
                receive(adapter, Packet::new(frame(length)).into());
            }
            let counts = capture.statistics();
            let seen = if bytes == 0 { 0 } else { 6 };
            assert_eq!((counts.seen, counts.accepted), (seen, seen), "{bytes}");
            assert_eq!(
                counts.accepted,
                counts.queued + counts.dropped_full + counts.dropped_oversize,
                "{bytes}: {counts:?}"
            );
            let queued = counts.queued;
            capture.set_buffer(8192).unwrap();
            assert_eq!((capture.statistics().lost, capture.statistics().queued), (queued, 0));
        });
    }
}

#[test]
fn a_lent_ring_is_read_without_requests_until_it_is_taken_back() {
    with_capture(Guard::Patterns, |adapter, capture| {
        let memory = Memory::new(4096 + 4096);
        let code = Ioctl::of(Operation::MapRing).unwrap().code.unwrap();
        let lent = capture.file.control_direct(code, &[], &memory, 8192);
        assert!(!lent.is_done());
        let word = |offset: usize| u64::from_le_bytes(memory.read(offset, 8).try_into().unwrap());
        assert_eq!((word(shared::MAGIC_OFFSET), word(shared::CAPACITY_OFFSET)), (shared::MAGIC, 4096));
        let mut position = 0;
        let mut count = 0;
        for round in 0..100 {
            receive(adapter, Packet::new(frame(60 + round)).into());
            let data = memory.read(shared::HEADER_BYTES, 4096);
            let mut records = SharedRecords::new(&data, position, word(shared::HEAD_OFFSET));
            for record in records.by_ref() {
                assert_eq!(record.data, frame(60 + round));
                count += 1;
            }
            position = records.position();
            memory.write(shared::TAIL_OFFSET, &position.to_le_bytes());
        }
        assert_eq!(count, 100);
        // Nonsense costs the program its own packets, and is counted.
        memory.write(shared::TAIL_OFFSET, &u64::MAX.to_le_bytes());
        for _ in 0..100 {
            receive(adapter, Packet::new(frame(60)).into());
        }
        let counts = capture.statistics();
        assert!(counts.nonsense > 0 && counts.dropped_full > 0, "{counts:?}");
        lent.cancel();
        lent.wait(None);
        assert_eq!(lent.status(), STATUS_CANCELLED);
        let counts = capture.statistics();
        assert_eq!(
            counts.accepted,
            counts.delivered + counts.dropped_full + counts.lost + counts.queued,
            "{counts:?}"
        );
    });
}
