//! What programs are made for.

use bpf_compile::diagnostic::Code;
use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, Target, compile};
use bpf_core::{Metadata, RawInsn, SlicePacket, Vlan};

use super::packets::{ethernet, ipv4, tag, tcp};
use super::{error, options};

fn made_for(target: Target) -> Options {
    options(|options| options.target = target)
}

fn verdict(filter: &str, target: Target, packet: &[u8], metadata: &Metadata) -> bool {
    let program = compile(filter, &made_for(target), &Embedded).unwrap();
    program.run(&SlicePacket::with_metadata(packet, packet.len() as u32, metadata)) != 0
}

/// Whether the program asks for anything beside the packet's bytes.
fn asks_beside(filter: &str, target: Target) -> bool {
    let program = compile(filter, &made_for(target), &Embedded).unwrap();
    let is_load = |insn: &RawInsn| matches!(insn.code & 0x07, 0 | 1) && insn.k >= 0xffff_f000;
    program.insns().iter().any(is_load)
}

fn taken_out(id: u16) -> Metadata {
    Metadata { vlan: Some(Vlan::Tagged { tci: 0x6000 | id, tpid: 0x8100 }), ..Metadata::default() }
}

#[test]
fn for_linux_a_tag_is_found_beside_the_packet_and_in_it() {
    let bare = ethernet(0x0800, &ipv4(6, &tcp(1, 80, 0)));
    let tagged = ethernet(0x8100, &tag(5, 0x0800, &ipv4(6, &tcp(1, 80, 0))));
    let untagged = Metadata { vlan: Some(Vlan::Untagged), ..Metadata::default() };
    let linux =
        |filter: &str, packet: &[u8], beside: &Metadata| verdict(filter, Target::Linux, packet, beside);
    for filter in ["vlan", "vlan 5", "vlan and tcp port 80", "vlan 5 and ip and tcp port 80"] {
        assert!(linux(filter, &bare, &taken_out(5)), "{filter}");
        assert!(linux(filter, &tagged, &untagged), "{filter}");
        assert!(!linux(filter, &bare, &untagged), "{filter}");
    }
    assert!(!linux("vlan 5", &bare, &taken_out(6)) && !linux("vlan 6", &tagged, &untagged));
    // The outer one was taken out; the other is in the packet.
    for filter in ["vlan 7 and vlan 5 and tcp port 80", "vlan and vlan and tcp"] {
        assert!(linux(filter, &tagged, &taken_out(7)), "{filter}");
        assert!(!linux(filter, &bare, &taken_out(7)), "{filter}");
    }
}

#[test]
fn only_linux_asks_for_tags_beside_the_packet() {
    for target in Target::ALL {
        assert_eq!(asks_beside("vlan and ip", target), target == Target::Linux, "{}", target.name());
    }
}

#[test]
fn direction_and_interface_are_asked_of_the_systems_that_tell_them() {
    let packet = ethernet(0x0800, &ipv4(6, &tcp(1, 80, 0)));
    let metadata =
        |kind, index| Metadata { pkt_type: Some(kind), if_index: Some(index), ..Metadata::default() };
    for target in [Target::Linux, Target::Windows] {
        for (kind, outbound) in [(0, false), (1, false), (2, false), (3, false), (4, true)] {
            assert_eq!(verdict("outbound and tcp", target, &packet, &metadata(kind, 1)), outbound);
            assert_eq!(verdict("inbound and tcp", target, &packet, &metadata(kind, 1)), !outbound);
        }
        assert!(verdict("ifindex 3", target, &packet, &metadata(0, 3)));
        assert!(!verdict("ifindex 3", target, &packet, &metadata(0, 4)));
    }
    for target in [Target::Portable, Target::Bsd] {
        for filter in ["outbound", "inbound", "ifindex 3"] {
            assert_eq!(
                error(filter, &made_for(target)).code,
                Code::LinkType,
                "{filter} for {}",
                target.name()
            );
        }
    }
    // Where the packet tells its direction nobody else is asked.
    let mut options = made_for(Target::Windows);
    options.link_type = LinkType::LINUX_SLL;
    let program = compile("outbound", &options, &Embedded).unwrap();
    assert!(program.insns().iter().all(|insn| insn.k < 0xffff_f000));
}

#[test]
fn what_a_target_lacks_is_an_error_that_names_it() {
    for filter in ["len % 4 = 1", "ip[0] ^ ip[1] = 5"] {
        let error = error(filter, &made_for(Target::Bsd));
        assert_eq!(error.code, Code::TargetRefuses, "{filter}");
        assert!(error.message.contains("freebsd"), "{}", error.message);
        for target in [Target::Portable, Target::Linux, Target::Windows] {
            compile(filter, &made_for(target), &Embedded).unwrap();
        }
    }
}

#[test]
fn a_program_too_long_for_its_target_is_an_error_with_the_count() {
    let hosts = |count: u32| {
        let hosts: Vec<String> =
            (0..count).map(|n| format!("ip src host 10.{}.{}.1", n / 250, n % 250)).collect();
        hosts.join(" or ")
    };
    // FreeBSD and NetBSD take 512 instructions, Linux and the driver 4096.
    for (target, fits, beyond) in
        [(Target::Bsd, 200, 600), (Target::Linux, 1900, 5000), (Target::Windows, 1900, 5000)]
    {
        compile(&hosts(fits), &made_for(target), &Embedded).unwrap();
        let error = error(&hosts(beyond), &made_for(target));
        assert_eq!(error.code, Code::ProgramTooLong, "{}", target.name());
        assert!(error.message.contains("instructions"), "{}", error.message);
        compile(&hosts(beyond), &made_for(Target::Portable), &Embedded).unwrap();
    }
}

#[test]
fn a_chain_of_headers_needs_no_jump_back() {
    for target in Target::ALL {
        compile("ip6 protochain 6", &made_for(target), &Embedded).unwrap();
    }
}
