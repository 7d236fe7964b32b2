//! Which packets are selected: one program for each link type of the capture.

use bpf_compile::diagnostic::Code;
use bpf_compile::link::LinkType;
use bpf_compile::{Compiled, Diagnostic};

use crate::capture::{Batch, Interface};
use crate::cli::{Cli, Engine};
use crate::compiler::Settings;
use crate::engine::Runner;
use crate::error::{Failure, FilterFailure};
use crate::expression::Expression;
use crate::warnings::Warnings;

/// The filter, compiled for the link types that have occurred.
pub(super) struct Selection<'a> {
    expression: &'a Expression,
    settings: Settings,
    warnings: Warnings,
    file: &'a str,
    /// What the user believes the link type to be.
    stated: Option<LinkType>,
    engine: Engine,
    /// How much there is to filter, or has been filtered.
    capture_bytes: u64,
    programs: Vec<(LinkType, Runner)>,
    /// The program of the last packets: nearly always that of the next ones.
    current: usize,
    prepared: bool,
}

impl<'a> Selection<'a> {
    /// Nothing is compiled yet.
    pub(super) fn new(cli: &Cli, expression: &'a Expression, file: &'a str, capture_bytes: u64) -> Self {
        let settings = Settings::new(&cli.program, true).with_chain_loop(cli.protochain_loop);
        Self {
            expression,
            settings,
            warnings: Warnings::new(&cli.reports, settings, cli.verbose > 0),
            file,
            stated: cli.program.link_type,
            engine: cli.engine,
            capture_bytes,
            programs: Vec::new(),
            current: 0,
            prepared: false,
        }
    }

    /// Compiles for the first interface, so that a mistake in the filter is found before anything is written.
    ///
    /// That a filter has no meaning on a link type is no mistake before there is a packet of that type.
    pub(super) fn prepare(&mut self, interface: &Interface<'_>) -> Result<(), Failure> {
        if std::mem::replace(&mut self.prepared, true) {
            return Ok(());
        }
        if let Some(stated) = self.stated.filter(|stated| *stated != interface.link_type) {
            let (file, found) = (self.file, interface.link_type);
            let text = format!("-y {stated} is not used: the link type of {file} is {found}");
            self.warnings.about_options(&text);
        }
        match self.settings.compile(&self.expression.text, interface.link_type, interface.snap_len) {
            Ok(filter) => {
                let context = self.context(interface.number, interface.link_type);
                self.warnings.check(self.expression, interface.link_type, Some(context))?;
                self.add(interface.link_type, filter)?;
            }
            Err(diagnostic) if diagnostic.code == Code::LinkType => {}
            Err(diagnostic) => return Err(self.failure(diagnostic, interface.number, interface.link_type)),
        }
        Ok(())
    }

    /// Which packets the filter accepts: bit n is packet n.
    pub(super) fn accepts(&mut self, batch: &Batch<'_>) -> Result<u64, Failure> {
        let (_, link_type, _) = batch.interface();
        let runner = match self.programs.get(self.current) {
            Some((known, runner)) if *known == link_type => runner,
            _ => self.change(batch)?,
        };
        Ok(runner.accepts_each(batch.packets()))
    }

    /// Tells how much has been filtered: of a stream nobody knows before how long it is.
    pub(super) fn filtered(&mut self, bytes: u64) {
        if bytes > self.capture_bytes {
            self.capture_bytes = bytes;
            self.programs.iter_mut().for_each(|(_, runner)| runner.expect(bytes));
        }
    }

    /// Finds or compiles the program for another link type than before.
    #[cold]
    fn change(&mut self, batch: &Batch<'_>) -> Result<&Runner, Failure> {
        let (interface, link_type, snap_len) = batch.interface();
        let known = self.programs.iter().position(|(known, _)| *known == link_type);
        self.current = known.unwrap_or(self.programs.len());
        if known.is_none() {
            let filter = self
                .settings
                .compile(&self.expression.text, link_type, snap_len)
                .map_err(|diagnostic| self.failure(diagnostic, interface, link_type))?;
            let context = self.context(interface, link_type);
            self.warnings.check(self.expression, link_type, Some(context))?;
            return self.add(link_type, filter);
        }
        match self.programs.get(self.current) {
            Some((_, runner)) => Ok(runner),
            None => unreachable!("`position` found it"),
        }
    }

    fn add(&mut self, link_type: LinkType, filter: Compiled) -> Result<&Runner, Failure> {
        // A program with a loop is for the portable target, and asks for nothing beside packets.
        if let Compiled::Forward(program) = &filter {
            self.warnings.about_files(program);
        }
        let runner = Runner::new(filter, self.engine, self.capture_bytes)
            .map_err(|reason| Failure::NoMachineCode { reason })?;
        Ok(&self.programs.push_mut((link_type, runner)).1)
    }

    fn failure(&self, diagnostic: Diagnostic, interface: u32, link_type: LinkType) -> Failure {
        let (expression, diagnostics) = (self.expression.clone(), vec![diagnostic]);
        let context = Some(self.context(interface, link_type));
        Failure::Filter(Box::new(FilterFailure { expression, diagnostics, context }))
    }

    fn context(&self, interface: u32, link_type: LinkType) -> String {
        let (file, description) = (self.file, link_type.description());
        format!("interface {interface} of {file} has link type {link_type} ({description})")
    }
}
