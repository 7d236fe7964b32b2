//! Reads: what a program gets, and when.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

use snapgate_abi::{ReadTimeout, Request};
use snapgate_ffi::ntdef::*;
use snapgate_sim::fault::{Fault, Plan};
use snapgate_sim::image::Image;
use snapgate_sim::ndis::{AdapterConfig, AdapterId, Packet, PacketList, ReceiveOptions, add_adapter, settle};
use snapgate_sim::scenario::{Capture, packets};
use snapgate_sim::user::{Process, User};
use snapgate_sim::{Machine, Options, load, sched, set_faults, unload};

/// A millisecond of the machine.
const MS: u64 = 10_000;

/// One adapter, one handle with a ring.
fn with_capture(body: impl FnOnce(AdapterId, &Process, Capture) + 'static) {
    let machine = Machine::new(Options::default());
    let result = machine.run_thread("reads", || {
        load(&Image::Linked(snapgate_driver::driver_entry)).unwrap();
        let config = AdapterConfig::ethernet(1);
        let guid = config.guid.clone();
        let adapter = add_adapter(config);
        settle();
        let process = Process::new(User::Guest);
        let capture = Capture::open(&process, &guid).unwrap();
        capture.set_buffer(65_536).unwrap();
        settle();
        body(adapter, &process, capture);
        process.exit();
        settle();
        if adapter.is_present() {
            adapter.remove(false);
        }
        settle();
        unload();
    });
    if let Err(violation) = result {
        panic!("{violation}");
    }
}

fn receive(adapter: AdapterId, lengths: &[usize]) {
    let lists: Vec<PacketList> = lengths.iter().map(|length| Packet::new(vec![7; *length]).into()).collect();
    assert!(adapter.receive(&lists, ReceiveOptions { dispatch: true, ..ReceiveOptions::default() }));
}

#[test]
fn by_default_a_read_never_waits() {
    with_capture(|adapter, _, capture| {
        assert_eq!(capture.read(1000).unwrap(), []);
        receive(adapter, &[60, 70]);
        let lengths: Vec<usize> =
            capture.read(1000).unwrap().iter().map(|packet| packet.bytes.len()).collect();
        assert_eq!(lengths, [60, 70]);
    });
}

#[test]
fn a_read_with_a_time_ends_with_packets_or_with_the_time() {
    with_capture(|adapter, _, capture| {
        capture.set(&Request::SetReadTimeout(ReadTimeout::Milliseconds(100))).unwrap();
        let before = sched::now();
        let empty = capture.file.read(1000);
        assert!(!empty.is_done());
        empty.wait(None);
        let waited = (sched::now() - before) / MS;
        assert!((100..130).contains(&waited), "{waited} ms");
        assert_eq!((empty.status(), empty.information()), (STATUS_SUCCESS, 0));
        let pending = capture.file.read(1000);
        sched::sleep(20 * MS);
        assert!(!pending.is_done());
        receive(adapter, &[60]);
        assert!(pending.wait(Some(MS)));
        assert_eq!(packets(&pending.output()).len(), 1);
    });
}

#[test]
fn a_read_waits_until_enough_is_queued() {
    with_capture(|adapter, _, capture| {
        capture.set(&Request::SetReadTimeout(ReadTimeout::Infinite)).unwrap();
        capture.set(&Request::SetMinToCopy(1000)).unwrap();
        let pending = capture.file.read(65_536);
        for count in 1..=8 {
            receive(adapter, &[60]);
            sched::sleep(MS);
            // Each record takes 128 bytes of the ring: the eighth brings it to 1,024.
            assert_eq!(pending.is_done(), count == 8, "{count}");
        }
        assert_eq!(packets(&pending.output()).len(), 8);
    });
}

#[test]
fn a_ring_that_is_too_small_for_the_wanted_amount_wakes_when_it_is_half_full() {
    with_capture(|adapter, _, capture| {
        capture.set_buffer(1024).unwrap();
        capture.set(&Request::SetReadTimeout(ReadTimeout::Infinite)).unwrap();
        capture.set(&Request::SetMinToCopy(16_000)).unwrap();
        let pending = capture.file.read(65_536);
        receive(adapter, &[60; 5]);
        assert!(pending.wait(Some(MS)));
    });
}

#[test]
fn a_packet_that_finds_no_room_wakes_the_reader() {
    with_capture(|adapter, _, capture| {
        capture.set_buffer(1024).unwrap();
        capture.set(&Request::SetReadTimeout(ReadTimeout::Infinite)).unwrap();
        capture.set(&Request::SetMinToCopy(16_000)).unwrap();
        let pending = capture.file.read(65_536);
        // 320 bytes of the ring, and then one that does not fit behind it: less than half is queued.
        receive(adapter, &[250, 900]);
        assert!(pending.wait(Some(MS)), "{:?}", capture.statistics());
        assert_eq!(capture.statistics().dropped_full, 1);
    });
}

#[test]
fn pending_reads_are_served_in_order_and_one_can_be_cancelled() {
    with_capture(|adapter, _, capture| {
        capture.set(&Request::SetReadTimeout(ReadTimeout::Infinite)).unwrap();
        let reads: Vec<_> = (0..3).map(|_| capture.file.read(100)).collect();
        reads[1].cancel();
        assert_eq!((reads[1].is_done(), reads[1].status()), (true, STATUS_CANCELLED));
        receive(adapter, &[60, 61]);
        sched::sleep(MS);
        let length = |index: usize| packets(&reads[index].output())[0].bytes.len();
        assert_eq!((length(0), length(2)), (60, 61));
    });
}

#[test]
fn whatever_is_pending_ends_when_the_handle_is_closed() {
    with_capture(|_, _, capture| {
        capture.set(&Request::SetReadTimeout(ReadTimeout::Infinite)).unwrap();
        let pending = capture.file.read(100);
        let waiting = capture.send(&Request::WaitRing, 0);
        capture.file.close();
        assert_eq!((pending.status(), waiting.status()), (STATUS_CANCELLED, STATUS_CANCELLED));
    });
}

#[test]
fn buffers_that_are_too_short_are_refused_or_cut_the_first_packet() {
    with_capture(|adapter, _, capture| {
        for bytes in [4, 19] {
            assert_eq!(capture.read(bytes), Err(STATUS_BUFFER_TOO_SMALL));
        }
        receive(adapter, &[60, 61]);
        let cut = capture.read(40).unwrap();
        assert_eq!((cut.len(), cut[0].bytes.len(), cut[0].length), (1, 22, 60));
        // 18 + 61 = 79 bytes; the padding to 80 is left out where there is no room for it.
        assert_eq!(capture.read(79).unwrap()[0].bytes.len(), 61);
        assert_eq!(capture.statistics().delivered, 2);
    });
}

#[test]
fn a_buffer_that_cannot_be_mapped_is_an_error_and_loses_nothing() {
    with_capture(|adapter, _, capture| {
        receive(adapter, &[60]);
        set_faults(Plan::Of(Fault::Mapping, 1000));
        assert_eq!(capture.read(1000), Err(STATUS_INSUFFICIENT_RESOURCES));
        set_faults(Plan::None);
        assert_eq!(capture.read(1000).unwrap().len(), 1);
    });
}

#[test]
fn readers_of_an_adapter_that_goes_get_what_is_queued_and_then_hear_of_it() {
    with_capture(|adapter, _, capture| {
        receive(adapter, &[60]);
        capture.set(&Request::SetMinToCopy(10_000)).unwrap();
        capture.set(&Request::SetReadTimeout(ReadTimeout::Infinite)).unwrap();
        let (first, second) = (capture.file.read(1000), capture.file.read(1000));
        assert!(!first.is_done());
        adapter.remove(true);
        settle();
        assert_eq!((first.status(), packets(&first.output()).len()), (STATUS_SUCCESS, 1));
        assert_eq!(second.status(), STATUS_DEVICE_REMOVED);
        assert_eq!(capture.read(1000), Err(STATUS_DEVICE_REMOVED));
        assert_eq!(capture.set_buffer(4096), Err(STATUS_DEVICE_REMOVED));
        let again = add_adapter(AdapterConfig::ethernet(1));
        settle();
        capture.set(&Request::SetMinToCopy(0)).unwrap();
        receive(again, &[64]);
        assert_eq!(capture.read(1000).unwrap()[0].bytes.len(), 64);
        again.remove(false);
    });
}

#[test]
fn an_event_is_set_when_enough_is_queued_and_can_be_given_once() {
    with_capture(|adapter, process, capture| {
        let event = process.create_event();
        capture.set(&Request::SetMinToCopy(200)).unwrap();
        capture.set(&Request::SetEvent(event as u64)).unwrap();
        assert_eq!(capture.set(&Request::SetEvent(event as u64)), Err(STATUS_OBJECT_NAME_EXISTS));
        assert_eq!(capture.set(&Request::SetEvent(0x7777)), Err(STATUS_INVALID_HANDLE));
        receive(adapter, &[60]);
        assert!(!process.wait_event(event, 10 * MS));
        receive(adapter, &[60]);
        assert!(process.wait_event(event, 10 * MS));
    });
}
