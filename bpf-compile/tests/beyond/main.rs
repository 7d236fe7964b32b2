//! What other compilers of the language do not have: targets, scopes, extension headers, more encapsulations.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "in tests and their helpers a failure is a failed test, and packets are short"
)]

mod encapsulations;
mod extension_headers;
mod loops;
mod packets;
mod scopes;
mod targets;

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Diagnostic, Options, compile};
use bpf_core::SlicePacket;

/// For Ethernet, changed.
fn options(change: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::new(LinkType::EN10MB);
    change(&mut options);
    options
}

/// Whether the packet is accepted; with and without the optimizer, which must agree.
fn accepts(filter: &str, options: &Options, packet: &[u8]) -> bool {
    let run = |optimize: bool| {
        let mut options = *options;
        options.optimize = optimize;
        options.allow_empty = true;
        let program =
            compile(filter, &options, &Embedded).unwrap_or_else(|error| panic!("{filter}: {error}"));
        program.run(&SlicePacket::new(packet, packet.len() as u32)) != 0
    };
    let (optimized, plain) = (run(true), run(false));
    assert_eq!(optimized, plain, "the optimizer changes '{filter}' on {packet:02x?}");
    plain
}

fn error(filter: &str, options: &Options) -> Diagnostic {
    compile(filter, options, &Embedded).unwrap_err()
}
