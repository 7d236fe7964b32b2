//! What is to be proved: for each filter its program without the optimizer and those with it, each different pair once.

use std::collections::HashSet;
use std::path::Path;

use bpf_compile::link::LinkType;
use bpf_compile::names::{Embedded, Resolver};
use bpf_compile::opt::Goal;
use bpf_compile::{Options, compile};
use bpf_core::{Profile, Program, RawInsn, bpf_validate};
use snapgate_tests::corpus::{self, Subject};
use snapgate_tests::listed;
use snapgate_tests::lists::{Kind, List};

/// How long the lists are.
const LIST_TERMS: [usize; 2] = [30, 100];

/// In so many headers every kind of step is done, and every kind behind every kind.
const SHORT_CHAIN: u32 = 3;

/// Two programs of one filter.
pub(crate) struct Pair {
    /// The filter, and what it was compiled for.
    pub(crate) name: String,
    /// The program without the optimizer.
    pub(crate) plain: Vec<RawInsn>,
    /// The program with it.
    pub(crate) optimized: Vec<RawInsn>,
}

/// Pairs, and what became of the others.
#[derive(Default)]
pub(crate) struct Pairs {
    /// To be proved.
    pub(crate) different: Vec<Pair>,
    /// How many filters were compiled, for each goal.
    pub(crate) compiled: usize,
    /// Of these, whose programs are the same.
    pub(crate) identical: usize,
    seen: HashSet<(Vec<RawInsn>, Vec<RawInsn>)>,
}

impl Pairs {
    /// Adds what the optimizer makes of a filter for speed, and for size. What steps over headers is added for short chains as well:
    /// these can be proved.
    ///
    /// # Errors
    /// The filter does not compile.
    pub(crate) fn add(
        &mut self,
        name: &str,
        text: &str,
        options: &Options,
        names: &dyn Resolver,
    ) -> Result<(), String> {
        if options.ipv6_extensions || text.contains("protochain") {
            let mut short = *options;
            short.chain_depth = SHORT_CHAIN;
            self.add_one(&format!("{name} (over {SHORT_CHAIN} headers)"), text, &short, names)?;
        }
        self.add_one(name, text, options, names)
    }

    fn add_one(
        &mut self,
        name: &str,
        text: &str,
        options: &Options,
        names: &dyn Resolver,
    ) -> Result<(), String> {
        let program = |optimize, goal| {
            let mut options = *options;
            (options.optimize, options.goal, options.allow_empty) = (optimize, goal, true);
            compile(text, &options, names)
                .map(|program| program.into_storage())
                .map_err(|error| format!("{name}: {error}"))
        };
        let plain = program(false, Goal::Speed)?;
        for (goal, of) in [(Goal::Speed, ""), (Goal::Size, " (for size)")] {
            let optimized = program(true, goal)?;
            self.compiled += 1;
            if plain == optimized {
                self.identical += 1;
            } else if self.seen.insert((plain.clone(), optimized.clone())) {
                let (name, plain) = (format!("{name}{of}"), plain.clone());
                self.different.push(Pair { name, plain, optimized });
            }
        }
        Ok(())
    }

    /// Of the filters of `benches/expressions.txt`.
    ///
    /// # Errors
    /// One does not compile.
    pub(crate) fn add_listed(&mut self) -> Result<(), String> {
        for filter in listed::read()? {
            let name = format!("{} {}", filter.link, filter.text);
            self.add(&name, &filter.text, &filter.options(), &Embedded)?;
        }
        Ok(())
    }

    /// Of the filters of the corpus.
    ///
    /// # Errors
    /// One does not compile.
    pub(crate) fn add_corpus(&mut self) -> Result<(), String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        for case in corpus::read(&folder)?.cases {
            if let Subject::Filter(filter) = &case.subject {
                self.add(&case.name, &filter.text, &filter.options, &*filter.names)?;
            }
        }
        Ok(())
    }

    /// Of long lists.
    ///
    /// # Errors
    /// One does not compile.
    pub(crate) fn add_lists(&mut self) -> Result<(), String> {
        for kind in Kind::ALL {
            for terms in LIST_TERMS {
                // These are compared word by word: 100 take the solver a minute.
                if kind != Kind::Hosts6 || terms < 100 {
                    self.add_list(kind, &List::new(kind, terms))?;
                }
            }
        }
        Ok(())
    }

    /// Of a list.
    ///
    /// # Errors
    /// It does not compile.
    pub(crate) fn add_list(&mut self, kind: Kind, list: &List) -> Result<(), String> {
        let name = format!("{} {}", list.len(), kind.name());
        self.add(&name, &list.text(), &Options::new(LinkType::EN10MB), &Embedded)
    }
}

/// A program to be run.
pub(crate) fn runnable(program: &[RawInsn]) -> Program<&[RawInsn]> {
    bpf_validate(program, Profile::LIBPCAP.with_len_max(u32::MAX)).unwrap()
}
