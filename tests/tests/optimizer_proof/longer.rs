//! Where our program is longer than libpcap's, libpcap's means something else: it is proved wrong by a packet, which is run.

use std::time::Duration;

use bpf_compile::compile;
use bpf_compile::names::Embedded;
use snapgate_tests::listed;
use snapgate_tests::smt::{Outcome, Prover};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn what_is_shorter_by_libpcap_means_something_else() {
    let mut prover = Prover::default();
    let mut wrong = 0;
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
            Outcome::Proved => panic!("{}: libpcap's program is shorter and means the same", filter.text),
            Outcome::Unknown(why) => panic!("{}: {why}", filter.text),
        }
    }
    println!("{wrong} shorter programs of libpcap mean something else");
    assert!(wrong > 0);
}
