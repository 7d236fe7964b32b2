//! The test ground of the workspace: recorded captures, judges that no one here wrote, and what makes the cases.
//!
//! | part | what it is |
//! | --- | --- |
//! | [`pcap`] | the recorded captures (`captures/`), and a reader for them |
//! | [`oracle`] | libpcap and the Linux kernel |
//! | [`edges`] | every instruction at its edges |
//! | [`expression`] | filter expressions out of a grammar |
//! | [`everyday`] | what people type |
//! | [`frames`] | packets of link types that are not recorded |
//! | [`listed`] | the filters of `benches/expressions.txt` |
//! | [`lists`] | long lists |
//! | [`mutate`] | packets cut, bent and spliced |
//! | [`random_program`] | valid programs |
//! | [`corpus`] | cases as data (`corpus/*.toml`), and the engines that run them |
//! | [`eval`] | what a filter says about a packet, without any program |
//! | [`compare`] | our compiler beside libpcap's |
//! | [`vocabulary`] | the words of the language |
//! | [`mistype`] | filters with mistakes in them |
//! | [`smt`] | proofs that two programs are equal |
//! | [`command`] | `bpfc` as a user runs it |
//! | [`tour`] | the driver beside `bpfc` |
//! | [`cases`], [`rng`] | how many cases, which seed, and how a failing one is told in a line |

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "test support: a failure here is the failure of a test"
)]

pub mod cases;
pub mod command;
pub mod compare;
pub mod corpus;
pub mod edges;
pub mod eval;
pub mod everyday;
pub mod expression;
pub mod frames;
pub mod listed;
pub mod lists;
pub mod mistype;
pub mod mutate;
pub mod oracle;
pub mod pcap;
pub mod random_program;
pub mod rng;
pub mod smt;
pub mod tour;
pub mod vocabulary;
