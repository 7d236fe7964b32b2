//! `protochain` as a loop: any number of headers, and always an end.

use bpf_compile::diagnostic::Code;
use bpf_compile::names::Embedded;
use bpf_compile::{Compiled, Looping, Options, Target, compile, compile_looping};
use bpf_core::{Profile, RawInsn, SlicePacket, bpf_validate};
use proptest::prelude::*;

use super::packets::{ethernet, extension, ipv4, ipv4_with_options, ipv6, tcp, udp};
use super::{accepts, options};

fn looping(filter: &str, options: &Options) -> Looping {
    match compile_looping(filter, options, &Embedded).unwrap() {
        Compiled::Looping(program) => program,
        Compiled::Forward(_) => panic!("{filter}: no loop"),
    }
}

/// With values in registers and without, which must agree.
fn accepts_looping(filter: &str, packet: &[u8]) -> bool {
    let run = |optimize| {
        let program = looping(filter, &options(|options| options.optimize = optimize));
        program.run(packet, packet.len() as u32)
    };
    let (optimized, plain) = (run(true), run(false));
    assert_eq!(optimized, plain, "the optimizer changes '{filter}' on {packet:02x?}");
    plain != 0
}

/// IPv6, so many headers, TCP.
fn chain(headers: usize, kind: u8) -> Vec<u8> {
    let (mut next, mut payload) = (6, tcp(1024, 80, 2));
    for _ in 0..headers {
        payload = extension(kind, next, 0, &payload);
        next = kind;
    }
    ethernet(0x86dd, &ipv6(next, &payload))
}

#[test]
fn chains_of_any_length_are_followed() {
    for kind in [0, 43, 44, 51, 60] {
        for headers in [0, 1, 8, 9, 64, 65, 1000, 30_000] {
            let packet = chain(headers, kind);
            let unrolled = options(|options| options.chain_depth = 64);
            for filter in ["ip6 protochain 6", "protochain 6 and ip6", "protochain 17 or protochain 6"] {
                assert!(accepts_looping(filter, &packet), "{filter}, {headers} headers");
                assert_eq!(accepts(filter, &unrolled, &packet), headers <= 64, "{filter}, {headers}");
            }
            for filter in ["ip6 protochain 17", "ip protochain 6", "not protochain 6"] {
                assert!(!accepts_looping(filter, &packet), "{filter}, {headers} headers");
            }
        }
    }
}

#[test]
fn behind_ipv4_only_authentication_headers_are_stepped_over() {
    let twice = extension(51, 51, 4, &extension(51, 6, 7, &tcp(1, 2, 0)));
    assert!(accepts_looping("ip protochain 6", &ethernet(0x0800, &ipv4_with_options(3, 51, &twice))));
    assert!(accepts_looping("ip protochain 51", &ethernet(0x0800, &ipv4(51, &twice))));
    let options = extension(60, 6, 0, &tcp(1, 2, 0));
    assert!(!accepts_looping("ip protochain 6", &ethernet(0x0800, &ipv4(60, &options))));
}

#[test]
fn a_walk_goes_on_where_the_filter_does() {
    let packet = ethernet(0x86dd, &ipv6(60, &extension(60, 17, 1, &udp(53, 53, &[7; 12]))));
    for (filter, holds) in [
        ("ip6 protochain 17 and len > 60", true),
        ("ip6 protochain 17 and len > 600", false),
        ("len > 600 or ip6 protochain 17", true),
        ("not (ip6 protochain 6 or ip protochain 17) and ip6 protochain 60", true),
        ("ip6 protochain 6 or ip6 protochain 17 and not ip6 protochain 44", true),
        ("ip6[6] = 60 and (ip6 protochain 6 or ip6[40] = 17)", true),
        ("vlan and ip6 protochain 17", false),
    ] {
        assert_eq!(accepts_looping(filter, &packet), holds, "{filter}");
    }
}

#[test]
fn a_filter_without_chains_is_compiled_as_ever() {
    for filter in ["tcp port 80", "", "ip6 proto 17", "arp or vlan 5"] {
        let plain = compile(filter, &options(|_| {}), &Embedded).unwrap();
        match compile_looping(filter, &options(|_| {}), &Embedded).unwrap() {
            Compiled::Forward(program) => assert_eq!(program.insns(), plain.insns(), "{filter}"),
            Compiled::Looping(_) => panic!("{filter}: a loop"),
        }
    }
    // What the link type rules out needs none either.
    let raw = options(|options| {
        options.link_type = bpf_compile::link::LinkType::from_name("IPV4").unwrap();
        options.allow_empty = true;
    });
    assert!(matches!(compile_looping("ip6 protochain 6", &raw, &Embedded), Ok(Compiled::Forward(_))));
}

#[test]
fn kernels_and_profiles_refuse_loops() {
    let refused = |options: &Options| compile_looping("ip6 protochain 6", options, &Embedded).unwrap_err();
    for target in [Target::Linux, Target::Bsd, Target::Windows] {
        let error = refused(&options(|options| options.target = target));
        assert_eq!(error.code, Code::TargetRefuses, "{}", target.name());
        assert!(error.message.contains("a jump backwards"), "{}", error.message);
        assert!(error.help.iter().any(|help| help.text.contains("without the loop")), "{:?}", error.help);
    }
    let error = refused(&options(|options| options.profile = Some(Profile::LINUX)));
    assert_eq!(error.code, Code::TargetRefuses);
    let program = looping("ip6 protochain 6", &options(|_| {}));
    for profile in Profile::ALL {
        assert!(bpf_validate(program.insns(), profile).is_err(), "{}", profile.name());
    }
    // Wrong is wrong, with a loop or not.
    assert_eq!(
        compile_looping("ip6 protochain 300", &options(|_| {}), &Embedded).unwrap_err().code,
        compile("ip6 protochain 300", &options(|_| {}), &Embedded).unwrap_err().code
    );
}

#[test]
fn long_filters_with_loops_jump_where_they_must() {
    // Every loop is come to from far, and left to far.
    let part: Vec<String> = (0..120).map(|n| format!("ip6 protochain {}", 100 + n)).collect();
    let filter = format!("{} or ip6 protochain 6", part.join(" or "));
    assert!(looping(&filter, &options(|_| {})).insns().len() > 2000);
    assert!(accepts_looping(&filter, &chain(3, 60)));
    assert!(!accepts_looping(&part.join(" or "), &chain(3, 60)));
}

fn steps(program: &Looping, packet: &[u8]) -> u32 {
    let mut steps = 0;
    let mut observer = |_: u32, _: RawInsn, _: &bpf_core::State| steps += 1;
    let view = SlicePacket::new(packet, packet.len() as u32);
    let fuel = program.fuel(packet.len() as u32);
    assert!(program.program().run_observed(&view, fuel, &mut observer).is_ok(), "there is fuel enough");
    steps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn every_packet_has_a_verdict_within_the_fuel(
        kind in prop::sample::select(vec![0_u8, 6, 43, 44, 51, 60]),
        version in any::<bool>(),
        bytes in prop::collection::vec(prop::sample::select(vec![0_u8, 0, 0, 1, 6, 43, 44, 51, 60, 255]), 0..400),
    ) {
        let packet = if version {
            ethernet(0x86dd, &ipv6(kind, &bytes))
        } else {
            ethernet(0x0800, &ipv4(kind, &bytes))
        };
        for filter in ["protochain 17", "not protochain 6", "ip6 protochain 59 or ip protochain 6"] {
            let program = looping(filter, &options(|_| {}));
            for len in [packet.len(), packet.len() / 2] {
                prop_assert!(steps(&program, &packet[..len]) > 0);
                // Headers are at least 8 bytes long: so many of them are no more than 64.
                if len < 14 + 40 + 64 * 8 {
                    let unrolled = options(|options| options.chain_depth = 64);
                    prop_assert_eq!(
                        accepts(filter, &unrolled, &packet[..len]),
                        accepts_looping(filter, &packet[..len])
                    );
                }
            }
        }
    }
}
