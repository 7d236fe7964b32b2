//! The one place that calls the compiler library.

use bpf_compile::explain::{Explanation, Line, words};
use bpf_compile::link::LinkType;
use bpf_compile::lint::lint;
use bpf_compile::names::{Embedded, Resolver, System};
use bpf_compile::opt::{Goal, Watch};
use bpf_compile::syntax::{self, Dialect};
use bpf_compile::{Compiled, Diagnostic, LoopbackFamilies, Options, Target};

use crate::cli::ProgramOptions;

/// Options that do not depend on the capture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    netmask: Option<u32>,
    optimize: bool,
    goal: Goal,
    resolve: bool,
    loopback_families: LoopbackFamilies,
    target: Target,
    allow_empty: bool,
    chain_depth: u32,
    scoped: bool,
    ipv6_extensions: bool,
    dialect: Dialect,
    chain_loop: bool,
}

impl Settings {
    /// As the command line says. A capture may come from any system; a program that is printed is for this one.
    pub(crate) fn new(options: &ProgramOptions, of_capture: bool) -> Self {
        let loopback_families = if of_capture { LoopbackFamilies::Savefile } else { LoopbackFamilies::Linux };
        Self {
            netmask: options.netmask,
            optimize: !options.no_optimize,
            goal: options.optimize.goal(),
            resolve: options.resolve,
            loopback_families,
            target: options.target.target(),
            allow_empty: options.allow_empty,
            chain_depth: options.protochain_depth,
            scoped: options.scoped,
            ipv6_extensions: options.ipv6_ext,
            dialect: if options.extensions { Dialect::Extended } else { Dialect::PcapFilter },
            chain_loop: false,
        }
    }

    /// The same, with chains of headers walked in a loop or not.
    pub(crate) fn with_chain_loop(self, chain_loop: bool) -> Self {
        Self { chain_loop, ..self }
    }

    /// What programs are made for.
    pub(crate) fn target(self) -> Target {
        self.target
    }

    /// Compiles for a link type.
    pub(crate) fn compile(
        self,
        text: &str,
        link_type: LinkType,
        snap_len: u32,
    ) -> Result<Compiled, Diagnostic> {
        self.compile_watched(text, link_type, snap_len, &mut |_, _, _| ())
    }

    /// Compiles for a link type, and shows what each pass of the optimizer does.
    pub(crate) fn compile_watched(
        self,
        text: &str,
        link_type: LinkType,
        snap_len: u32,
        watch: &mut Watch<'_>,
    ) -> Result<Compiled, Diagnostic> {
        let mut options = self.options(link_type);
        options.snap_len = snap_len;
        self.with_resolver(|resolver| {
            if self.chain_loop {
                return bpf_compile::compile_looping(text, &options, resolver);
            }
            bpf_compile::compile_watched(text, &options, resolver, watch).map(Compiled::Forward)
        })
    }

    /// Compiles for a link type, and keeps what there is to explain; `allow_empty`: of filters that accept no packet, too.
    pub(crate) fn explain(
        self,
        text: &str,
        link_type: LinkType,
        snap_len: u32,
        allow_empty: bool,
    ) -> Result<Explanation<'_>, Diagnostic> {
        let mut options = self.options(link_type);
        options.snap_len = snap_len;
        options.allow_empty |= allow_empty;
        self.with_resolver(|resolver| Explanation::new(text, &options, resolver))
    }

    fn with_resolver<T>(self, work: impl FnOnce(&dyn Resolver) -> T) -> T {
        let system = self.resolve.then(System::new);
        work(system.as_ref().map_or(&Embedded as &dyn Resolver, |system| system))
    }

    /// A filter in words; none if it is wrong.
    pub(crate) fn words(self, text: &str, link_type: LinkType) -> Vec<Line> {
        let options = self.options(link_type);
        syntax::parse_as(text, self.dialect).map(|ast| words(text, &ast, &options)).unwrap_or_default()
    }

    /// The warnings about a filter; none if it is wrong, for then there is an error to mend first.
    pub(crate) fn warnings(self, text: &str, link_type: LinkType) -> Vec<Diagnostic> {
        let options = self.options(link_type);
        syntax::parse_as(text, self.dialect).map(|ast| lint(text, &ast, &options)).unwrap_or_default()
    }

    fn options(self, link_type: LinkType) -> Options {
        let mut options = Options::new(link_type);
        options.netmask = self.netmask;
        options.optimize = self.optimize;
        options.goal = self.goal;
        options.loopback_families = self.loopback_families;
        options.target = self.target;
        options.allow_empty = self.allow_empty;
        options.chain_depth = self.chain_depth;
        options.scoped = self.scoped;
        options.ipv6_extensions = self.ipv6_extensions;
        options.dialect = self.dialect;
        options
    }
}
