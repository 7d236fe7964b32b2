//! Random programs over random packets: the interpreter is bounded, does not care how the packet lies in memory, and
//! agrees with a second machine in every state on the way.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "test code")]

mod laws_reference;

use bpf_core::{
    Ancillary, ChainPacket, Counted, Insn, LoopingProgram, Metadata, MetadataSource, OutOfFuel, Packet,
    Profile, Program, RawInsn, SlicePacket, State, Storage, Vlan, bpf_validate, bpf_validate_looping,
};
use laws_reference::{Dice, Scene, Trace, codes, cut, tame};
use proptest::collection::vec;
use proptest::prelude::*;

fn dice() -> impl Strategy<Value = Vec<Dice>> {
    // Offsets that hit, that miss by a little, that name ancillary values, and anything.
    let k = prop_oneof![
        6 => 0..70_u32,
        1 => (0..16_u32).prop_map(|n| 0xffff_f000 + 4 * n),
        1 => any::<u32>(),
    ];
    vec((any::<u8>(), k, 0..40_u8, 0..40_u8), 1..120)
}

fn metadata() -> impl Strategy<Value = Metadata> {
    let vlan = prop_oneof![
        Just(None),
        Just(Some(Vlan::Untagged)),
        any::<(u16, u16)>().prop_map(|(tci, tpid)| Some(Vlan::Tagged { tci, tpid })),
    ];
    (any::<[Option<u32>; 5]>(), any::<[Option<u16>; 3]>(), any::<Option<u8>>(), vlan).prop_map(
        |([if_index, mark, rx_hash, cpu, random], [protocol, queue, ha_type], pkt_type, vlan)| Metadata {
            protocol,
            pkt_type,
            if_index,
            mark,
            queue,
            ha_type,
            rx_hash,
            cpu,
            vlan,
            random,
        },
    )
}

fn traced<S: Storage>(program: &Program<S>, packet: &impl Packet) -> Trace {
    let mut steps = Vec::new();
    let mut observer = |pc: u32, _: RawInsn, state: &State| steps.push((pc, *state));
    let verdict = program.run_observed(packet, &mut observer);
    assert_eq!(verdict, program.run(packet), "an observer changes nothing");
    assert_eq!(verdict, program.prepare().run(packet), "the prepared form decides alike");
    let counted = Counted { verdict, steps: u32::try_from(steps.len()).expect("few") };
    assert_eq!(program.run_counted(packet), counted);
    Trace { steps, verdict: Some(verdict) }
}

fn traced_with_fuel<S: Storage>(program: &LoopingProgram<S>, packet: &impl Packet, fuel: u32) -> Trace {
    let mut steps = Vec::new();
    let mut observer = |pc: u32, _: RawInsn, state: &State| steps.push((pc, *state));
    let verdict = program.run_observed(packet, fuel, &mut observer);
    assert_eq!(verdict, program.run_with_fuel(packet, fuel), "an observer changes nothing");
    assert!(verdict != Err(OutOfFuel) || steps.len() == fuel as usize, "stopped too early");
    Trace { steps, verdict: verdict.ok() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn verified_programs_agree_with_the_second_machine_on_slices_and_on_chains(
        dice in dice(),
        packet in vec(any::<u8>(), 0..80),
        hidden in vec(any::<u8>(), 0..8),
        skipped in 0..8_usize,
        cuts in vec(any::<u16>(), 0..6),
        wire_len in any::<u32>(),
        known in metadata(),
    ) {
        let words = tame(&dice, true);
        let program = bpf_validate(words.as_slice(), Profile::STRICT).expect("made to be accepted");
        let lookup = |which: Ancillary| known.value(which);
        let expected = Scene { bytes: &packet, wire_len, known: &lookup }.run(&words);
        prop_assert!(expected.steps.len() <= words.len());
        prop_assert!(expected.steps.windows(2).all(|pair| pair[0].0 < pair[1].0), "it only goes forward");

        prop_assert_eq!(&traced(&program, &SlicePacket::with_metadata(&packet, wire_len, known)), &expected);

        // The packet with bytes before it and behind it that must not be seen, in pieces.
        let memory = [&vec![0xaa; skipped], packet.as_slice(), &hidden].concat();
        let pieces = cut(&memory, &cuts);
        let (first, total) = (u32::try_from(skipped).expect("small"), u32::try_from(packet.len()).expect("small"));
        let chain = ChainPacket::with_metadata(pieces.iter().copied(), first, total, wire_len, known);
        prop_assert_eq!(&traced(&program, &chain), &expected);
    }

    #[test]
    fn programs_with_loops_agree_with_the_second_machine_until_the_fuel_is_gone(
        dice in dice(),
        back in vec((any::<u16>(), any::<u16>()), 0..4),
        packet in vec(any::<u8>(), 0..40),
        fuel in 0..600_u32,
    ) {
        let mut words = tame(&dice, true);
        let len = words.len() - 1;
        for (at, to) in back {
            // A jump to anywhere, from anywhere but the last instruction.
            let (at, to) = (usize::from(at) % len.max(1), usize::from(to) % (len + 1));
            if at < len {
                let k = u32::try_from(to).expect("small").wrapping_sub(u32::try_from(at).expect("small") + 1);
                words[at] = Insn::Jump(k).encode();
            }
        }
        let program = bpf_validate_looping(words.as_slice()).expect("made to be accepted");
        let expected = Scene { bytes: &packet, wire_len: 7, known: &|_| None }.run_with_fuel(&words, fuel.into());
        prop_assert_eq!(traced_with_fuel(&program, &SlicePacket::new(&packet, 7), fuel), expected);
    }

    #[test]
    fn tame_programs_are_accepted_by_every_profile(dice in dice()) {
        let words = tame(&dice, false);
        for profile in Profile::ALL {
            prop_assert!(bpf_validate(words.as_slice(), profile).is_ok(), "{}", profile.name());
        }
    }
}

/// The laws above would hold for machines that do nothing: the random programs must do everything.
#[test]
fn the_random_programs_execute_every_code_and_end_in_every_way() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut executed = std::collections::BTreeSet::new();
    let (mut zero, mut other, mut long) = (0, 0, 0);
    let packet: Vec<u8> = (0..80).collect();
    for _ in 0..2000 {
        let words = tame(&dice().new_tree(&mut runner).expect("dice").current(), true);
        let program = bpf_validate(words.as_slice(), Profile::STRICT).expect("made to be accepted");
        let trace = traced(&program, &SlicePacket::new(&packet, 80));
        executed.extend(trace.steps.iter().map(|(pc, _)| words[*pc as usize].code));
        if trace.verdict == Some(0) {
            zero += 1
        } else {
            other += 1
        }
        long += usize::from(trace.steps.len() > 20);
    }
    assert_eq!(executed, codes().iter().copied().collect());
    assert!(
        zero > 200 && other > 200 && long > 200,
        "verdicts 0: {zero}, others: {other}, long runs: {long}"
    );
}
