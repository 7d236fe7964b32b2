//! The driver on the machine: what programs see.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

use snapgate_sim::image::Image;
use snapgate_sim::ndis::{
    AdapterConfig, Packet, PacketList, ReceiveOptions, SendOptions, add_adapter, settle,
};
use snapgate_sim::scenario::{Capture, insns};
use snapgate_sim::user::{Process, User};
use snapgate_sim::{Machine, Options, load, unload};

fn run(options: Options, body: impl FnOnce() + 'static) {
    let machine = Machine::new(options);
    let result = machine.run_thread("scenario", move || {
        load(&Image::Linked(snapgate_driver::driver_entry)).unwrap();
        body();
        unload();
    });
    if let Err(violation) = result {
        panic!("{violation}");
    }
}

#[test]
fn a_driver_that_is_loaded_and_unloaded_leaves_nothing() {
    run(Options::default(), || {});
    run(Options::default(), || {
        let adapter = add_adapter(AdapterConfig::ethernet(1));
        settle();
        adapter.remove(false);
        settle();
    });
}

#[test]
fn packets_of_both_directions_are_captured() {
    run(Options::default(), || {
        let config = AdapterConfig::ethernet(1);
        let guid = config.guid.clone();
        let adapter = add_adapter(config);
        settle();
        let process = Process::new(User::Guest);
        let capture = Capture::open(&process, &guid).unwrap();
        assert_eq!(adapter.handlers(), (false, false));
        capture.set_buffer(65_536).unwrap();
        settle();
        assert_eq!(adapter.handlers(), (true, true));
        let first: Vec<u8> = (0..60).collect();
        let second: Vec<u8> = (0..=255).collect();
        assert!(adapter.receive(&[PacketList::from(Packet::new(first.clone()))], ReceiveOptions::default()));
        assert!(adapter.send(&[PacketList::from(Packet::new(second.clone()))], SendOptions::default()));
        let packets = capture.read_all().unwrap();
        assert_eq!(packets.len(), 2);
        assert_eq!((&packets[0].bytes, &packets[1].bytes), (&first, &second));
        assert_eq!(packets[0].header_len, 18);
        capture.set_filter(&insns(&[(6, 0, 0, 14)])).unwrap();
        assert!(adapter.receive(&[PacketList::from(Packet::new(first.clone()))], ReceiveOptions::default()));
        assert_eq!(capture.read_all().unwrap()[0].bytes, first[..14]);
        let statistics = capture.statistics();
        assert_eq!((statistics.seen, statistics.accepted, statistics.delivered), (1, 1, 1));
        capture.file.close();
        settle();
        assert_eq!(adapter.handlers(), (false, false));
        adapter.remove(false);
        settle();
    });
}
