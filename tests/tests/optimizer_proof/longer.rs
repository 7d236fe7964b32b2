//! Where our program is longer than libpcap's, libpcap's means something else: it is proved wrong by a packet, which is run.

use std::time::Duration;

use bpf_compile::compile;
use bpf_compile::names::Embedded;
use snapgate_tests::listed;
use snapgate_tests::smt::{Outcome, Prover};

const LIMIT: Duration = Duration::from_secs(60);

/// Filters of which libpcap's shorter program means the same, and why ours is not as short.
const EQUAL_AND_SHORTER: [(&str, &str); 1] = [(
    "not tcp and not udp and not icmp and not icmp6 and not arp",
    "the protocols of IPv4 and IPv6 are compared in orders that have no common end",
)];

#[test]
fn what_is_shorter_by_libpcap_means_something_else_but_where_it_is_named() {
    let mut prover = Prover::default();
    let (mut equal, mut wrong) = (Vec::new(), 0);
    for filter in listed::read().unwrap().into_iter().filter(|filter| !filter.text.contains("protochain")) {
        let (ours, theirs) = (filter.ours().unwrap(), filter.theirs(true).unwrap());
        if ours.insns().len() <= theirs.len() {
            continue;
        }
        match prover.prove(ours.insns(), &theirs, LIMIT) {
            Outcome::Differ(packet) => {
                // The meaning is that of the program without an optimizer.
                let mut options = filter.options();
                options.optimize = false;
                let plain = compile(&filter.text, &options, &Embedded).unwrap();
                let [meant, libpcaps] = packet.verdicts([plain.insns(), &theirs]).unwrap();
                assert_ne!(meant, libpcaps, "{}", filter.text);
                wrong += 1;
            }
            Outcome::Proved => equal.push(filter.text),
            Outcome::Unknown(why) => panic!("{}: {why}", filter.text),
        }
    }
    println!("{wrong} shorter programs of libpcap mean something else, {} mean the same", equal.len());
    assert_eq!(equal, EQUAL_AND_SHORTER.map(|(filter, _)| filter));
    assert!(wrong > 0);
}
