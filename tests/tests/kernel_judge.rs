//! The running Linux kernel as judge: it takes every program that STRICT takes, and its verdict is ours. What Linux means
//! otherwise is generated around, and has a test by name below.

use std::io;

use bpf_core::opcode as op;
use bpf_core::{ANCILLARY_BASE, Profile, RawInsn, SlicePacket, bpf_validate};
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::oracle::kernel::{self, Kernel};
use snapgate_tests::random_program::{self, Shape};
use snapgate_tests::{cases, edges};

/// The bytes alone: a socket knows no other length than that of what was sent.
fn ours(program: &[RawInsn], profile: Profile, packet: &[u8]) -> Result<u32, String> {
    let program = bpf_validate(program, profile)
        .map_err(|error| format!("we refuse {}: {error}", cases::one_line(program)))?;
    Ok(program.run(&SlicePacket::new(packet, Sample::whole(packet.to_vec()).wire_len)))
}

/// A STRICT program over some packets; how many were compared.
fn compare(kernel: &mut Kernel, program: &[RawInsn], packets: &[Sample]) -> Result<usize, String> {
    kernel.attach(program).map_err(|error| format!("{error}: {}", cases::one_line(program)))?;
    for packet in packets {
        let verdict = ours(program, Profile::STRICT, &packet.data)?;
        let found = kernel.verdict(&packet.data).map_err(|error| error.to_string())?;
        if found != kernel::expected(verdict, &packet.data) {
            return Err(format!(
                "ours {verdict}, the kernel keeps {found:?}: program {} packet {}",
                cases::one_line(program),
                cases::hex(&packet.data)
            ));
        }
    }
    Ok(packets.len())
}

#[test]
fn every_random_strict_program_is_accepted_and_has_the_kernels_verdict() {
    let pool = mutate::recorded(None).unwrap();
    let mut kernel = Kernel::new().unwrap();
    let (mut compared, mut accepted) = (0, 0);
    cases::run("random programs against SO_ATTACH_FILTER", 60_000, |rng| {
        let units = [3, 12, 40, 150][rng.below(4)];
        let program = random_program::program(rng, &Shape { units, ..Shape::LINUX });
        let packets: Vec<_> = (0..20).map(|_| mutate::draw(rng, &pool)).collect();
        let verdicts = packets.iter().map(|packet| ours(&program, Profile::STRICT, &packet.data));
        accepted += verdicts.filter(|verdict| *verdict != Ok(0)).count();
        compared += compare(&mut kernel, &program, &packets)?;
        Ok(())
    });
    println!("{compared} verdicts compared, {accepted} of them not 0");
    assert!(accepted * 4 > compared && accepted * 20 < compared * 19, "{accepted} of {compared}");
}

#[test]
fn verdicts_that_cut_a_packet_are_told_to_the_byte() {
    let mut kernel = Kernel::new().unwrap();
    let packet = Sample::whole((0..100).collect());
    for verdict in (0..=101).chain([65_535, 262_144, 0x7fff_ffff, 0x8000_0000, u32::MAX]) {
        let program = [RawInsn::stmt(op::RET | op::K, verdict)];
        compare(&mut kernel, &program, std::slice::from_ref(&packet)).unwrap();
    }
}

#[test]
fn every_instruction_at_its_edges_has_the_kernels_verdict() {
    let mut kernel = Kernel::new().unwrap();
    let whole = Sample::whole((0..64).map(|byte| byte ^ 0x5a).collect());
    let mut compared = 0;
    for mut program in edges::without_loads(false) {
        // A socket tells a verdict only up to the packet's length: the value is returned in pieces instead.
        for shift in [0, 6, 12, 18, 24, 30] {
            if program.last().is_some_and(|last| last.code == op::RET | op::A) {
                let end = program.len() - 1;
                program.truncate(end);
                program.push(RawInsn::stmt(op::ALU | op::RSH | op::K, shift));
                program.push(RawInsn::stmt(op::ALU | op::AND | op::K, 63));
                program.push(RawInsn::stmt(op::RET | op::A, 0));
                compared += compare(&mut kernel, &program, std::slice::from_ref(&whole)).unwrap();
                program.truncate(end);
                program.push(RawInsn::stmt(op::RET | op::A, 0));
            } else if shift == 0 {
                compared += compare(&mut kernel, &program, std::slice::from_ref(&whole)).unwrap();
            }
        }
    }
    for cut in mutate::every_cut(&whole.cut(12)) {
        let cut = Sample::whole(cut.data);
        for mut program in edges::loads(u32::try_from(cut.data.len()).unwrap(), false) {
            // Loaded is told from ended by the 1, whatever the packet holds.
            program.pop();
            program.push(RawInsn::stmt(op::ALU | op::OR | op::K, 1));
            program.push(RawInsn::stmt(op::ALU | op::AND | op::K, 15));
            program.push(RawInsn::stmt(op::RET | op::A, 0));
            compared += compare(&mut kernel, &program, std::slice::from_ref(&cut)).unwrap();
        }
    }
    println!("edges against SO_ATTACH_FILTER: {compared} verdicts compared");
}

/// What the kernel's verifier says; running out of a socket's memory comes after it, and is no refusal of the program.
fn kernel_takes(kernel: &mut Kernel, program: &[RawInsn]) -> Result<bool, String> {
    match kernel.attach(program) {
        Ok(()) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Ok(false),
        Err(error) => Err(format!("{error}: {}", cases::one_line(program))),
    }
}

/// Loads that mean something only inside of Linux: netlink attributes, and where the payload starts.
fn only_linux_knows(insn: &RawInsn) -> bool {
    let absolute = matches!(insn.code & !0x18, code if code == op::LD | op::ABS);
    absolute && matches!(insn.k.wrapping_sub(ANCILLARY_BASE), 12 | 16 | 52)
}

#[test]
fn the_linux_profile_takes_what_the_kernel_takes_and_strict_nothing_else() {
    let mut kernel = Kernel::new().unwrap();
    let (mut taken, mut refused, mut strict) = (0, 0, 0);
    cases::run("damaged programs against SO_ATTACH_FILTER", 400_000, |rng| {
        let ancillary = rng.one_in(3);
        let mut program = random_program::damaged(rng, &Shape { units: 8, ancillary, ..Shape::LIBPCAP });
        if rng.one_in(2) {
            // Without the stores at the start, the rule about unwritten scratch words decides.
            program.drain(..rng.below(16));
        }
        let theirs = kernel_takes(&mut kernel, &program)?;
        let ours = bpf_validate(&program[..], Profile::LINUX).is_ok();
        let (ours_strict, special) =
            (bpf_validate(&program[..], Profile::STRICT).is_ok(), program.iter().any(only_linux_knows));
        strict += usize::from(ours_strict);
        match (ours, theirs) {
            (true, true) => taken += 1,
            (false, false) => refused += 1,
            (false, true) if special => {}
            _ => return Err(format!("LINUX {ours}, the kernel {theirs}: {}", cases::one_line(&program))),
        }
        if ours_strict && !theirs {
            return Err(format!("STRICT takes, the kernel does not: {}", cases::one_line(&program)));
        }
        Ok(())
    });
    println!("both take {taken} (of these STRICT {strict}), both refuse {refused}");
    assert!(taken > 0 && refused > 0 && strict > 0 && strict < taken);
}

/// Every instruction whose repetition makes a valid program, dearest forms included.
fn repeatable() -> Vec<RawInsn> {
    let mut insns = Vec::new();
    for size in [op::W, op::H, op::B] {
        for k in [0, 14, 0x7fff, 0x8000, 0x7fff_ffff] {
            insns.push(RawInsn::stmt(op::LD | op::ABS | size, k));
            insns.push(RawInsn::stmt(op::LD | op::IND | size, k));
        }
        for ancillary in [0, 4, 8, 20, 24, 28, 32, 36, 40, 44, 48, 60] {
            insns.push(RawInsn::stmt(op::LD | op::ABS | size, ANCILLARY_BASE + ancillary));
        }
    }
    insns.extend([0, 14, 0x8000].map(|k| RawInsn::stmt(op::LDX | op::MSH | op::B, k)));
    for operation in [op::ADD, op::MUL, op::DIV, op::MOD, op::XOR, op::AND, op::LSH, op::NEG] {
        insns.push(RawInsn::stmt(op::ALU | operation | op::K, u32::from(operation != op::NEG)));
        insns.push(RawInsn::stmt(op::ALU | operation | op::X, 0));
    }
    insns.retain(|insn| insn.code != op::ALU | op::NEG | op::X);
    insns.extend([
        RawInsn::stmt(op::MISC | op::TAX, 0),
        RawInsn::stmt(op::ST, 3),
        RawInsn::stmt(op::LD | op::LEN, 0),
    ]);
    insns.extend([RawInsn::stmt(op::RET | op::K, 0), RawInsn::stmt(op::RET | op::A, 0)]);
    for test in [op::JEQ, op::JGT, op::JGE, op::JSET] {
        for (jt, jf) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            insns.push(RawInsn::jump(op::JMP | test | op::K, u32::MAX, jt, jf));
            insns.push(RawInsn::jump(op::JMP | test | op::X, 0, jt, jf));
        }
    }
    insns
}

#[test]
fn the_longest_strict_program_of_each_instruction_is_accepted() {
    let mut kernel = Kernel::new().unwrap();
    for insn in repeatable() {
        // A jump over everything, the instruction as often as STRICT allows, a jump at the very end.
        let program = |count: usize| {
            let over = u32::try_from(count).unwrap();
            let mut program = vec![RawInsn::stmt(op::JMP | op::JA, over)];
            program.extend(std::iter::repeat_n(insn, count));
            program.extend([RawInsn::stmt(op::JMP | op::JA, 0), RawInsn::stmt(op::JMP | op::JA, 0)]);
            program.push(RawInsn::stmt(op::RET | op::K, 1));
            program
        };
        let (mut fits, mut too_many) = (1, 4096);
        while too_many - fits > 1 {
            let middle = usize::midpoint(fits, too_many);
            if bpf_validate(program(middle), Profile::STRICT).is_ok() {
                fits = middle
            } else {
                too_many = middle
            }
        }
        assert!(fits > 700, "{insn:?}: STRICT takes only {fits}");
        if let Err(error) = kernel.attach(&program(fits)) {
            panic!("{fits} of {insn:?}: {error}");
        }
    }
}

#[test]
fn every_ancillary_load_that_linux_names_is_taken_in_every_size_and_no_other() {
    let mut kernel = Kernel::new().unwrap();
    for number in 0..=255 {
        for size in [op::W, op::H, op::B] {
            let load = RawInsn::stmt(op::LD | op::ABS | size, ANCILLARY_BASE + number);
            let program = [load, RawInsn::stmt(op::RET | op::A, 0)];
            let taken = kernel_takes(&mut kernel, &program).unwrap();
            let ours = bpf_validate(&program[..], Profile::LINUX).is_ok();
            assert_eq!(taken, ours || only_linux_knows(&load), "{number}");
        }
    }
}

/// Attaches and sends; the verdict of a program that STRICT takes but Linux understands otherwise.
fn kernel_verdict(program: &[RawInsn], packet: &[u8]) -> io::Result<Option<usize>> {
    let mut kernel = Kernel::new()?;
    kernel.attach(program)?;
    kernel.verdict(packet)
}

#[test]
fn an_index_above_32_bits_ends_here_and_wraps_in_linux() {
    let program = [
        RawInsn::stmt(op::LDX | op::IMM, u32::MAX),
        RawInsn::stmt(op::LD | op::IND | op::B, 3),
        RawInsn::stmt(op::RET | op::A, 0),
    ];
    let packet = [1, 2, 3, 4, 5, 6];
    assert_eq!(ours(&program, Profile::STRICT, &packet), Ok(0));
    assert_eq!(kernel_verdict(&program, &packet).unwrap(), Some(3));
}

#[test]
fn an_index_that_is_negative_ends_here_and_reads_from_a_header_in_linux() {
    // 0xffe00000 is where the link header starts to Linux; of a packet without a device that is its first byte.
    let program = [
        RawInsn::stmt(op::LDX | op::IMM, 0xffe0_0000),
        RawInsn::stmt(op::LD | op::IND | op::B, 2),
        RawInsn::stmt(op::RET | op::K, 5),
    ];
    assert_eq!(ours(&program, Profile::STRICT, &[1, 2, 3, 4, 5, 6]), Ok(0));
    assert!(
        bpf_validate(
            &[RawInsn::stmt(op::LD | op::ABS | op::B, 0xffe0_0000), program[2]][..],
            Profile::STRICT
        )
        .is_err()
    );
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_shift_by_an_index_of_32_or_more_is_zero_here_and_goes_by_its_low_bits_in_linux() {
    let program = [
        RawInsn::stmt(op::LD | op::IMM, 3),
        RawInsn::stmt(op::LDX | op::IMM, 33),
        RawInsn::stmt(op::ALU | op::LSH | op::X, 0),
        RawInsn::stmt(op::RET | op::A, 0),
    ];
    assert_eq!(ours(&program, Profile::STRICT, &[0; 20]), Ok(0));
    assert_eq!(kernel_verdict(&program, &[0; 20]).unwrap(), Some(6));
}

#[test]
fn a_program_that_needs_more_memory_than_a_socket_has_is_valid_and_still_not_attached() {
    let mut program = vec![RawInsn::stmt(op::LD | op::ABS | op::W, 0x8000); 2000];
    program.push(RawInsn::stmt(op::RET | op::K, 1));
    assert!(bpf_validate(&program[..], Profile::STRICT).is_err(), "STRICT stays within what a socket takes");
    assert!(bpf_validate(&program[..], Profile::LINUX).is_ok());
    let error = Kernel::new().unwrap().attach(&program);
    // Not an error on a machine whose administrator gave sockets more memory.
    assert!(error.is_ok() || error.unwrap_err().raw_os_error() == Some(libc::ENOMEM));
}
