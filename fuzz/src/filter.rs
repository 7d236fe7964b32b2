//! The filter language: no text panics the parser or the compiler, and what is printed means the same.

use bpf_compile::diagnostic::Code;
use bpf_compile::link::LinkType;
use bpf_compile::lint::lint;
use bpf_compile::names::Embedded;
use bpf_compile::syntax::{parse, print, same_meaning};
use bpf_compile::{Diagnostic, Options, compile};
use bpf_core::{ChainPacket, Profile, SlicePacket, bpf_validate};

/// What filters are made of.
const PIECES: &str = r"
and or not && || ! ( ) src dst host net port portrange proto protochain gateway mask ether link ip ip6 arp
rarp tcp udp sctp icmp icmp6 igmp ah esp pim vrrp carp broadcast multicast less greater len vlan mpls pppoed
pppoes geneve vxlan llc inbound outbound ifindex stp iso isis [ ] :1 :2 :4 : + - * / % & | ^ << >> < <= = ==
!= > >= 0 1 2 6 14 17 31 32 53 80 443 65535 65536 0x800 0x86dd 4294967295 4294967296 80-90 1-65535 127.0.0.1
10 10.1 10.1/16 192.168.0.0/24 255.255.255.0 ::1 fe80::1 2001:db8::/32 00:11:22:33:44:55 0011.2233.4455 http
domain \ip \tcp \arp tcpflags tcp-syn icmptype icmp-echo icmp6type ip[0] tcp[13] ether[0] ip6[40:4] udp[2:2]
10.0.0.0/8 wlan type nosuchname
";

fn pieces() -> Vec<&'static str> {
    PIECES.split_whitespace().collect()
}

/// The link types that the filters are compiled for.
const LINK_TYPES: [LinkType; 9] = [
    LinkType::EN10MB,
    LinkType::RAW,
    LinkType::IPV4,
    LinkType::IPV6,
    LinkType::NULL,
    LinkType::LOOP,
    LinkType::LINUX_SLL,
    LinkType::LINUX_SLL2,
    LinkType::IEEE802_11_RADIO,
];

/// Every place that a diagnostic names is in the text, at borders of characters.
fn check_diagnostic(text: &str, error: &Diagnostic) {
    let labels = error.secondary.iter().chain([&error.primary]).map(|label| label.span);
    let patches = error.help.iter().filter_map(|help| help.patch.as_ref()).map(|patch| patch.span);
    for span in labels.chain(patches) {
        assert!(text.get(span.range()).is_some(), "{error:?} names a place outside of the text");
    }
    assert!(!error.message.is_empty());
}

/// Parses any text; what parses is printed, and means the same when it is read again.
pub fn parse_filter(bytes: &[u8]) {
    let text = crate::text_of(bytes, &pieces(), " ");
    match parse(&text) {
        Ok(ast) => {
            let printed = print(&ast);
            let again =
                parse(&printed).unwrap_or_else(|error| panic!("{text:?} printed as {printed:?}: {error:?}"));
            assert!(same_meaning(&ast, &again), "{text:?} printed as {printed:?}");
            assert_eq!(print(&again), printed);
            for warning in lint(&text, &ast, &Options::new(LinkType::EN10MB)) {
                check_diagnostic(&text, &warning);
            }
        }
        Err(error) => check_diagnostic(&text, &error),
    }
}

/// Compiles any text for any link type: the compiler never makes a program that the verifier refuses, makes the same
/// one twice, and the same one from the printed tree; the program runs alike on a slice and on a chain.
pub fn compile_filter(bytes: &[u8]) {
    let Some(([link, packet_len, cut], rest)) = bytes.split_first_chunk() else { return };
    let Some((packet, rest)) = rest.split_at_checked(usize::from(*packet_len)) else { return };
    let mut options = Options::new(LINK_TYPES[usize::from(link & 0x7f) % LINK_TYPES.len()]);
    options.allow_empty = true;
    options.netmask = (link & 0x80 != 0).then_some(0xffff_ff00);
    let text = crate::text_of(rest, &pieces(), " ");
    match compile(&text, &options, &Embedded) {
        Ok(program) => {
            let again = compile(&text, &options, &Embedded);
            assert_eq!(again.as_ref().ok(), Some(&program), "{text:?} is compiled to two programs");
            let printed = parse(&text).map(|ast| print(&ast)).expect("it was compiled");
            let from_printed = compile(&printed, &options, &Embedded);
            assert_eq!(
                from_printed.as_ref().ok(),
                Some(&program),
                "{text:?} means something else as {printed:?}"
            );
            assert!(bpf_validate(program.insns(), Profile::LIBPCAP).is_ok());

            let wire_len = u32::from(*packet_len);
            let (left, right) = packet.split_at(usize::from(*cut) % (packet.len() + 1));
            let chain = ChainPacket::new([left, &[], right].into_iter(), 0, wire_len, wire_len);
            assert_eq!(program.run(&SlicePacket::new(packet, wire_len)), program.run(&chain));
        }
        Err(error) => {
            assert_ne!(error.code, Code::Internal, "{text:?}: {error:?}");
            check_diagnostic(&text, &error);
        }
    }
}
