//! Verified programs wherever their instructions lie, and what they cost.

#![allow(clippy::expect_used, reason = "test code")]

use std::sync::Arc;

use bpf_core::{Insn, LoopingProgram, Profile, Program, RawInsn, SlicePacket, Storage, bpf_validate};

const WORDS: [RawInsn; 2] = [Insn::LoadLen.encode(), Insn::RetA.encode()];

#[track_caller]
fn works(storage: impl Storage) {
    let program = bpf_validate(storage, Profile::STRICT).expect("a program");
    assert_eq!(program.insns(), WORDS);
    assert_eq!(program.run(&SlicePacket::new(&[], 60)), 60);
    assert_eq!(program.as_ref().run(&SlicePacket::new(&[], 61)), 61);
    let owned: Program<Vec<RawInsn>> = program.to_owned();
    assert_eq!(owned.insns(), program.insns());
    assert_eq!(owned.into_storage(), WORDS);
}

#[test]
fn instructions_may_lie_in_any_memory() {
    works(WORDS);
    works(WORDS.as_slice());
    works(WORDS.to_vec());
    let (array, vector) = (&WORDS, &WORDS.to_vec());
    works(array);
    works(vector);
    works(Box::new(WORDS));
    works(WORDS.to_vec().into_boxed_slice());
    works(Arc::<[RawInsn]>::from(WORDS));
}

/// A verified program is its instructions and nothing more: it costs what they cost to keep and to pass on.
#[test]
fn a_program_is_no_larger_than_its_storage() {
    assert_eq!(size_of::<Program<&[RawInsn]>>(), size_of::<&[RawInsn]>());
    assert_eq!(size_of::<Program<Vec<RawInsn>>>(), size_of::<Vec<RawInsn>>());
    assert_eq!(size_of::<LoopingProgram<[RawInsn; 7]>>(), 56);
}

/// Programs may be shared between threads whenever their memory may.
#[test]
fn programs_run_on_several_threads_at_once() {
    let program = Arc::new(bpf_validate(WORDS, Profile::STRICT).expect("a program"));
    let spawn = |length| {
        let program = Arc::clone(&program);
        std::thread::spawn(move || program.run(&SlicePacket::new(&[], length)))
    };
    let verdicts = [0, 1, 2, 3].map(spawn).map(|run| run.join().expect("no panic"));
    assert_eq!(verdicts, [0, 1, 2, 3]);
}
