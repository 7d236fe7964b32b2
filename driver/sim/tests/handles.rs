//! What each device control does in each state of a handle, and what programs are told of adapters.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

use std::cell::Cell;
use std::rc::Rc;

use snapgate_abi::{
    AdapterEntry, Direction, IOCTLS, InfoId, Input, Ioctl, Mode, Needs, Operation, Output, ReadTimeout,
    Request, Support, TimestampMode,
};
use snapgate_ffi::ntdef::{
    NTSTATUS, STATUS_ACCESS_DENIED, STATUS_DEVICE_REMOVED, STATUS_INVALID_DEVICE_STATE, STATUS_NOT_SUPPORTED,
    STATUS_OBJECT_NAME_EXISTS, STATUS_SUCCESS,
};
use snapgate_sim::image::Image;
use snapgate_sim::ndis::{
    AdapterConfig, AdapterId, Packet, PacketList, Power, ReceiveOptions, RestartAttributes, add_adapter,
    settle,
};
use snapgate_sim::scenario::{Capture, insns};
use snapgate_sim::user::{Process, User};
use snapgate_sim::{Machine, Options, load, unload};

fn run(machine: &Machine, body: impl FnOnce() + 'static) {
    let result = machine.run_thread("handles", move || {
        load(&Image::Linked(snapgate_driver::driver_entry)).unwrap();
        body();
        unload();
    });
    if let Err(violation) = result {
        panic!("{violation}");
    }
}

fn on_machine(body: impl FnOnce() + 'static) {
    run(&Machine::new(Options::default()), body);
}

fn plug(number: u8) -> (AdapterId, String) {
    plug_with(AdapterConfig::ethernet(number))
}

fn plug_with(config: AdapterConfig) -> (AdapterId, String) {
    let guid = config.guid.clone();
    let adapter = add_adapter(config);
    settle();
    (adapter, guid)
}

fn unplug(adapter: AdapterId) {
    adapter.remove(false);
    settle();
}

fn receive(adapter: AdapterId, bytes: Vec<u8>) {
    assert!(adapter.receive(&[PacketList::from(Packet::new(bytes))], ReceiveOptions::default()));
}

fn adapters(capture: &Capture) -> Vec<AdapterEntry> {
    let (status, bytes) = capture.ask(&Request::ListAdapters, 4 + 8 * AdapterEntry::BYTES);
    assert_eq!(status, STATUS_SUCCESS);
    let (count, entries) = bytes.split_first_chunk::<4>().unwrap();
    let entries: Vec<_> = entries
        .chunks_exact(AdapterEntry::BYTES)
        .map(|entry| AdapterEntry::from_bytes(entry).unwrap())
        .collect();
    assert_eq!(entries.len(), u32::from_le_bytes(*count) as usize);
    entries
}

/// An input and an output size that the decoder takes.
fn sample(row: &Ioctl) -> (Vec<u8>, usize) {
    let input = match (row.operation, row.input) {
        (Operation::SetLoopback | Operation::SetWriteRepeat, _) => vec![1, 0, 0, 0],
        (Operation::GetInfo, _) => {
            [InfoId::Version.number(), 4, 0].into_iter().flat_map(u32::to_le_bytes).collect()
        }
        (_, Input::Ignored) => Vec::new(),
        (Operation::SetSnapLength, _) => vec![96, 0, 0, 0],
        (_, Input::Exactly(bytes)) => vec![0; bytes],
        (_, Input::Handle) => vec![0xee; 8],
        (_, Input::Program) => insns(&[(6, 0, 0, 0)]),
        (_, Input::Oid) => [0x0001_0101_u32, 4, 0].into_iter().flat_map(u32::to_le_bytes).collect(),
        (_, Input::Packets) => [0_u32, 0, 4, 4, 0].into_iter().flat_map(u32::to_le_bytes).collect(),
        // By index: no such adapter.
        (_, Input::Adapter) => [1_u32, 0x7777].into_iter().flat_map(u32::to_le_bytes).collect(),
    };
    let output = match row.output {
        Output::None | Output::Memory => 0,
        Output::Fixed(bytes) => bytes,
        Output::AtLeast(bytes) => bytes.max(1024),
        Output::AsInput => input.len(),
    };
    (input, output)
}

/// The statuses of all device controls but those that wait, in the order of the table.
fn statuses(capture: &Capture) -> Vec<(&'static Ioctl, u32, NTSTATUS)> {
    let mut all = Vec::new();
    for row in IOCTLS.iter().filter(|row| !matches!(row.operation, Operation::MapRing | Operation::WaitRing))
    {
        for code in [row.code, row.old].into_iter().flatten() {
            let (input, output) = sample(row);
            let pending = capture.file.control(code, &input, output);
            pending.wait(None);
            all.push((row, code, pending.status()));
        }
    }
    all
}

#[test]
fn every_device_control_answers_by_the_state_of_the_handle() {
    on_machine(|| {
        let (adapter, guid) = plug(1);
        let process = Process::new(User::Administrator);
        let root = Capture::open_root(&process).unwrap();
        let bound = Capture::open(&process, &guid).unwrap();
        let of_state = |row: &Ioctl, status: NTSTATUS, refused: Option<NTSTATUS>| {
            let name = row.name;
            match (row.support, refused) {
                (Support::Obsolete, _) => assert_ne!(status, STATUS_SUCCESS, "{name}"),
                (_, Some(refused)) => assert_eq!(status, refused, "{name}"),
                (Support::NotYet, None) => assert_eq!(status, STATUS_NOT_SUPPORTED, "{name}"),
                // What the sample names does not exist.
                (Support::Yes, None) if matches!(row.operation, Operation::Bind | Operation::SetEvent) => {
                    assert_ne!(status, STATUS_SUCCESS, "{name}");
                }
                (Support::Yes, None) => assert_eq!(status, STATUS_SUCCESS, "{name}"),
            }
        };
        for (row, _, status) in statuses(&root) {
            of_state(row, status, (row.needs != Needs::Any).then_some(STATUS_INVALID_DEVICE_STATE));
        }
        for (row, _, status) in statuses(&bound) {
            of_state(row, status, None);
        }
        unplug(adapter);
        for (row, _, status) in statuses(&bound) {
            of_state(row, status, (row.needs == Needs::Attached).then_some(STATUS_DEVICE_REMOVED));
        }
        process.exit();
        settle();
    });
}

#[test]
fn a_handle_is_bound_once_and_only_from_the_root() {
    on_machine(|| {
        let (adapter, guid) = plug(1);
        let process = Process::new(User::Guest);
        let root = Capture::open_root(&process).unwrap();
        assert!(root.bind("{no such adapter}").is_err());
        root.bind(&guid.to_lowercase()).unwrap();
        assert_eq!(root.bind(&guid), Err(STATUS_INVALID_DEVICE_STATE));
        process.exit();
        settle();
        unplug(adapter);
    });
}

#[test]
fn the_processes_that_have_an_adapter_open_are_listed() {
    on_machine(|| {
        let (one, guid) = plug(1);
        let (two, other) = plug(2);
        let (first, second) = (Process::new(User::Guest), Process::new(User::Administrator));
        let asking = Capture::open(&first, &guid).unwrap();
        let _same = Capture::open(&second, &guid).unwrap();
        let _elsewhere = Capture::open(&second, &other).unwrap();
        let (status, bytes) = asking.ask(&Request::GetProcesses, 64);
        assert_eq!(status, STATUS_SUCCESS);
        let mut numbers: Vec<u32> =
            bytes.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)).collect();
        assert_eq!(numbers.remove(0), 2);
        numbers.sort_unstable();
        let mut expected = [first.id(), second.id()];
        expected.sort_unstable();
        assert_eq!(numbers, expected);
        first.exit();
        second.exit();
        settle();
        unplug(one);
        unplug(two);
    });
}

#[test]
fn with_admin_only_set_others_cannot_open_the_device() {
    for admin_only in [0, 1] {
        let machine = Machine::new(Options::default());
        machine.set_parameter("AdminOnly", admin_only);
        run(&machine, move || {
            let (adapter, guid) = plug(1);
            let guest = Process::new(User::Guest);
            let administrator = Process::new(User::Administrator);
            let opened = Capture::open(&guest, &guid).map(|_| ());
            assert_eq!(opened, if admin_only == 1 { Err(STATUS_ACCESS_DENIED) } else { Ok(()) });
            let capture = Capture::open(&administrator, &guid).unwrap();
            let (status, bytes) = capture.ask(&Request::GetInfo(InfoId::Config), 12);
            assert_eq!(status, STATUS_SUCCESS);
            assert_eq!(bytes[8..12], (admin_only * 4).to_le_bytes());
            guest.exit();
            administrator.exit();
            settle();
            unplug(adapter);
        });
    }
}

#[test]
fn adapters_are_listed_with_their_state_and_mtu() {
    on_machine(|| {
        let (one, guid) = plug(1);
        let (two, _) = plug_with(AdapterConfig {
            mtu: 9000,
            restart_attributes: RestartAttributes::Missing,
            ..AdapterConfig::ethernet(2)
        });
        let process = Process::new(User::Guest);
        let root = Capture::open_root(&process).unwrap();
        let entries = adapters(&root);
        let mut name = [0; 64];
        for (to, word) in name.iter_mut().zip(guid.encode_utf16()) {
            *to = word;
        }
        assert_eq!(
            entries.iter().find(|entry| entry.index == 11).unwrap(),
            &AdapterEntry { name, index: 11, media: 0, luid: 0x0006_0000_0100_0000, state: 1, mtu: 1500 }
        );
        let unknown = entries.iter().find(|entry| entry.index == 12).unwrap();
        assert_eq!((unknown.mtu, unknown.state), (0, 1), "a restart without attributes tells no MTU");
        let state = |adapter: u32| adapters(&root).iter().find(|entry| entry.index == adapter).unwrap().state;
        one.set_link(false);
        assert_eq!((state(11), state(12)), (0, 1));
        one.set_link(true);
        one.set_power(Power::Low);
        assert_eq!((state(11), state(12)), (0, 1));
        one.set_power(Power::On);
        assert_eq!(state(11), 1);
        two.pause();
        assert_eq!((state(11), state(12)), (1, 0));
        two.restart();
        assert_eq!(state(12), 1);
        // Room for one entry: the count says how many there are.
        let (status, bytes) = root.ask(&Request::ListAdapters, 4 + AdapterEntry::BYTES);
        assert_eq!(status, snapgate_ffi::ntdef::STATUS_BUFFER_OVERFLOW);
        assert_eq!((bytes.len(), &bytes[..4]), (4 + AdapterEntry::BYTES, &[2, 0, 0, 0][..]));
        process.exit();
        settle();
        unplug(one);
        unplug(two);
    });
}

#[test]
fn capture_goes_on_after_sleep() {
    on_machine(|| {
        let (adapter, guid) = plug(1);
        let process = Process::new(User::Guest);
        let capture = Capture::open(&process, &guid).unwrap();
        capture.set_buffer(1 << 16).unwrap();
        settle();
        receive(adapter, vec![1; 60]);
        adapter.set_power(Power::Low);
        assert!(!adapter.receive(&[PacketList::from(Packet::new(vec![2; 60]))], ReceiveOptions::default()));
        adapter.set_power(Power::On);
        settle();
        receive(adapter, vec![3; 60]);
        let first: Vec<u8> = capture.read_all().unwrap().iter().map(|packet| packet.bytes[0]).collect();
        assert_eq!(first, [1, 3]);
        process.exit();
        settle();
        unplug(adapter);
    });
}

#[test]
fn time_stamps_are_of_the_clock_and_unit_that_were_set() {
    on_machine(|| {
        let (adapter, guid) = plug(1);
        let process = Process::new(User::Guest);
        let capture = Capture::open(&process, &guid).unwrap();
        capture.set_buffer(1 << 16).unwrap();
        settle();
        let (status, bytes) = capture.ask(&Request::GetTimestampModes, 64);
        assert_eq!(status, STATUS_SUCCESS);
        let listed: Vec<u8> = [3_u32, 0, 2, 4].into_iter().flat_map(u32::to_le_bytes).collect();
        assert_eq!(bytes, listed);
        for clock in [TimestampMode::Counter, TimestampMode::SystemTime, TimestampMode::PreciseSystemTime] {
            let mut times = Vec::new();
            for nanoseconds in [false, true] {
                capture.set_clock(clock).unwrap();
                capture.set(&Request::SetMode(Mode { nanoseconds, ..Mode::default() })).unwrap();
                receive(adapter, vec![0; 60]);
                let (seconds, fraction) = capture.read_all().unwrap()[0].time;
                let unit = if nanoseconds { 1 } else { 1000 };
                times.push(i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * unit);
                assert!(fraction < if nanoseconds { 1_000_000_000 } else { 1_000_000 });
                // The world began after 2000.
                assert!(seconds > 946_684_800, "{clock:?}: {seconds}");
            }
            let apart = times[1] - times[0];
            assert!((0..100_000_000).contains(&apart), "{clock:?}: {apart} ns apart");
        }
        process.exit();
        settle();
        unplug(adapter);
    });
}

#[test]
fn a_new_filter_or_ring_loses_what_is_queued_and_nothing_later() {
    on_machine(|| {
        let (adapter, guid) = plug(1);
        let process = Process::new(User::Guest);
        let capture = Capture::open(&process, &guid).unwrap();
        capture.set_buffer(1 << 16).unwrap();
        settle();
        receive(adapter, vec![1; 60]);
        receive(adapter, vec![2; 60]);
        capture.set_buffer(1 << 17).unwrap();
        assert_eq!(capture.statistics().lost, 2);
        receive(adapter, vec![3; 60]);
        assert_eq!(capture.read_all().unwrap().len(), 1);
        receive(adapter, vec![4; 60]);
        capture.set_filter(&insns(&[(6, 0, 0, 7)])).unwrap();
        assert_eq!(capture.statistics(), snapgate_abi::Statistics::default(), "a filter begins anew");
        receive(adapter, vec![5; 60]);
        let packets = capture.read_all().unwrap();
        assert_eq!(packets.len(), 1);
        assert_eq!((packets[0].bytes.as_slice(), packets[0].length), (&[5; 7][..], 60));
        // A refused filter changes nothing.
        receive(adapter, vec![6; 60]);
        assert!(capture.set_filter(&insns(&[(0xffff, 0, 0, 0)])).is_err());
        assert_eq!(capture.read_all().unwrap()[0].bytes, [6; 7]);
        process.exit();
        settle();
        unplug(adapter);
    });
}

#[test]
fn handles_with_the_same_filter_each_get_their_own_snap_length_and_direction() {
    on_machine(|| {
        let (adapter, guid) = plug(1);
        let process = Process::new(User::Guest);
        let captures: Vec<Capture> = (0..4).map(|_| Capture::open(&process, &guid).unwrap()).collect();
        for (index, capture) in captures.iter().enumerate() {
            capture.set_buffer(1 << 16).unwrap();
            capture.set_filter(&insns(&[(6, 0, 0, 50)])).unwrap();
            let snap_len = u32::try_from(10 * (index + 1)).unwrap();
            capture.set(&Request::SetSnapLength(snap_len)).unwrap();
        }
        captures[3].set(&Request::SetDirection(Direction::Out)).unwrap();
        settle();
        receive(adapter, vec![9; 60]);
        let lengths: Vec<Vec<usize>> = captures
            .iter()
            .map(|capture| capture.read_all().unwrap().iter().map(|packet| packet.bytes.len()).collect())
            .collect();
        assert_eq!(lengths, [vec![10], vec![20], vec![30], vec![]]);
        process.exit();
        settle();
        unplug(adapter);
    });
}

#[test]
fn a_32_bit_program_gives_its_event_in_four_bytes() {
    on_machine(|| {
        let (adapter, guid) = plug(1);
        let process = Process::new_32bit(User::Guest);
        let capture = Capture::open(&process, &guid).unwrap();
        capture.set_buffer(1 << 16).unwrap();
        settle();
        let event = u32::try_from(process.create_event()).unwrap();
        let code = Ioctl::of(Operation::SetEvent).unwrap().code.unwrap();
        let set = |input: &[u8]| capture.file.control_sync(code, input, 0).0;
        let eight = u64::from(event).to_le_bytes();
        assert_ne!(set(&eight), STATUS_SUCCESS, "a 32-bit program has handles of 4 bytes");
        assert_eq!(set(&event.to_le_bytes()), STATUS_SUCCESS);
        assert_eq!(set(&event.to_le_bytes()), STATUS_OBJECT_NAME_EXISTS);
        receive(adapter, vec![1; 60]);
        assert!(process.wait_event(event as usize, 100_000));
        process.exit();
        settle();
        unplug(adapter);
    });
}

#[test]
fn a_handle_finds_its_adapter_again_with_all_that_was_set() {
    on_machine(|| {
        let (adapter, guid) = plug(1);
        let process = Process::new(User::Guest);
        let capture = Capture::open(&process, &guid).unwrap();
        capture.set_buffer(1 << 16).unwrap();
        capture.set_filter(&insns(&[(6, 0, 0, 20)])).unwrap();
        capture.set(&Request::SetReadTimeout(ReadTimeout::Infinite)).unwrap();
        settle();
        let reader = capture.file.read(1 << 16);
        assert!(!reader.is_done());
        unplug(adapter);
        reader.wait(None);
        assert_eq!(reader.status(), STATUS_DEVICE_REMOVED);
        let (again, _) = plug(1);
        settle();
        receive(again, vec![7; 60]);
        let packets = capture.read(1 << 16).unwrap();
        assert_eq!(packets[0].bytes, [7; 20]);
        process.exit();
        settle();
        unplug(again);
    });
}

#[test]
fn handlers_are_in_the_data_path_only_while_somebody_captures() {
    on_machine(|| {
        let (adapter, guid) = plug(1);
        let process = Process::new(User::Guest);
        let seen = Rc::new(Cell::new(0));
        for _ in 0..3 {
            assert_eq!(adapter.handlers(), (false, false));
            let (one, two) =
                (Capture::open(&process, &guid).unwrap(), Capture::open(&process, &guid).unwrap());
            one.set_buffer(4096).unwrap();
            two.set_buffer(4096).unwrap();
            settle();
            assert_eq!(adapter.handlers(), (true, true));
            one.file.close();
            settle();
            assert_eq!(adapter.handlers(), (true, true));
            receive(adapter, vec![0; 60]);
            seen.set(seen.get() + two.read_all().unwrap().len());
            two.file.close();
            settle();
        }
        assert_eq!(seen.get(), 3);
        assert_eq!(adapter.handlers(), (false, false));
        process.exit();
        settle();
        unplug(adapter);
    });
}
