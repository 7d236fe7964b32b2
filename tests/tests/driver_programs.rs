//! Random programs in the driver, and packets in random pieces: the driver takes the programs that the verifier takes, and
//! captures what the machine says of the same bytes in one piece.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use bpf_core::{Profile, SlicePacket, bpf_validate};
use snapgate_sim::image::Image;
use snapgate_sim::ndis::{AdapterConfig, Packet, PacketList, ReceiveOptions, add_adapter, settle};
use snapgate_sim::scenario::{Capture, insns};
use snapgate_sim::user::{Process, User};
use snapgate_sim::{Machine, Options, load, unload};
use snapgate_tests::cases::{self, one_line};
use snapgate_tests::mutate;
use snapgate_tests::random_program::{self, Shape};
use snapgate_tests::rng::Rng;

/// Packets for each program.
const PACKETS: usize = 12;

fn pieces(rng: &mut Rng, bytes: Vec<u8>) -> Packet {
    let sizes: Vec<usize> = (0..rng.below(5)).map(|_| rng.below(40)).collect();
    Packet::new(bytes).mdls(sizes).offset(rng.below(30)).slack(rng.below(9))
}

#[test]
fn random_programs_select_in_the_driver_what_they_select_outside() {
    let pool = mutate::recorded(Some(1)).unwrap();
    let machine = Machine::new(Options { histories: false, steps_max: u64::MAX, ..Options::default() });
    let result = machine.run_thread("programs", move || {
        load(&Image::Linked(snapgate_driver::driver_entry)).unwrap();
        let config = AdapterConfig::ethernet(1);
        let guid = config.guid.clone();
        let adapter = add_adapter(config);
        settle();
        let process = Process::new(User::Guest);
        let capture = Capture::open(&process, &guid).unwrap();
        capture.set_buffer(1 << 20).unwrap();
        settle();
        let (mut taken, mut refused, mut selected) = (0, 0, 0);
        cases::run("driver programs", 20_000, |rng| {
            let program = random_program::damaged(rng, &Shape::LIBPCAP);
            let bytes: Vec<_> = program.iter().map(|insn| (insn.code, insn.jt, insn.jf, insn.k)).collect();
            let status = capture.set_filter(&insns(&bytes));
            let Ok(verified) = bpf_validate(program.clone(), Profile::STRICT) else {
                refused += 1;
                return if status.is_err() { Ok(()) } else { Err(format!("taken: {}", one_line(&program))) };
            };
            if let Err(status) = status {
                return Err(format!("refused with {status:#x}: {}", one_line(&program)));
            }
            if program.iter().any(|insn| insn.k >= bpf_core::ANCILLARY_BASE && insn.code & 7 < 2) {
                // What is known beside the bytes is the driver's alone.
                return Ok(());
            }
            taken += 1;
            let packets: Vec<Vec<u8>> = (0..PACKETS).map(|_| mutate::draw(rng, &pool).data).collect();
            let packets: Vec<Vec<u8>> = packets.into_iter().filter(|bytes| !bytes.is_empty()).collect();
            let lists: Vec<PacketList> =
                packets.iter().map(|bytes| pieces(rng, bytes.clone()).into()).collect();
            let options =
                ReceiveOptions { resources: rng.one_in(4), dispatch: true, ..ReceiveOptions::default() };
            assert!(adapter.receive(&lists, options));
            let expected: Vec<Vec<u8>> = packets
                .into_iter()
                .filter_map(|mut bytes| {
                    let length = u32::try_from(bytes.len()).unwrap();
                    let verdict = verified.run(&SlicePacket::new(&bytes, length));
                    bytes.truncate(verdict as usize);
                    (verdict > 0).then_some(bytes)
                })
                .collect();
            selected += expected.len();
            let got: Vec<Vec<u8>> =
                capture.read_all().unwrap().into_iter().map(|packet| packet.bytes).collect();
            if got == expected {
                return Ok(());
            }
            Err(format!("{} packets, not {}: {}", got.len(), expected.len(), one_line(&program)))
        });
        println!("{taken} programs taken, {refused} refused, {selected} packets selected");
        assert!(taken > 500 && refused > 200 && selected > 1000);
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
