//! Which packets are selected: one program for each link type of the capture.

use bpf_compile::Diagnostic;
use bpf_compile::diagnostic::Code;
use bpf_compile::link::LinkType;

use crate::capture::{Interface, Packet};
use crate::cli::Cli;
use crate::compiler::{Filter, Settings};
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
    programs: Vec<(LinkType, Filter)>,
    /// The program of the last packet: nearly always that of the next one.
    current: usize,
    prepared: bool,
}

impl<'a> Selection<'a> {
    /// Nothing is compiled yet.
    pub(super) fn new(cli: &Cli, expression: &'a Expression, file: &'a str) -> Self {
        Self {
            expression,
            settings: Settings::new(&cli.program, true),
            warnings: Warnings::new(&cli.reports, Settings::new(&cli.program, true), cli.verbose > 0),
            file,
            stated: cli.program.link_type,
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
                self.programs.push((interface.link_type, filter));
            }
            Err(diagnostic) if diagnostic.code == Code::LinkType => {}
            Err(diagnostic) => return Err(self.failure(diagnostic, interface.number, interface.link_type)),
        }
        Ok(())
    }

    /// Whether the filter accepts the packet.
    #[inline]
    pub(super) fn accepts(&mut self, packet: &Packet<'_>) -> Result<bool, Failure> {
        let filter = match self.programs.get(self.current) {
            Some((link_type, filter)) if *link_type == packet.link_type => filter,
            _ => self.change(packet)?,
        };
        Ok(filter.accepts(packet.data, packet.wire_len))
    }

    /// Finds or compiles the program for another link type than before.
    #[cold]
    fn change(&mut self, packet: &Packet<'_>) -> Result<&Filter, Failure> {
        let link_type = packet.link_type;
        let known = self.programs.iter().position(|(known, _)| *known == link_type);
        self.current = known.unwrap_or(self.programs.len());
        if known.is_none() {
            let filter = self
                .settings
                .compile(&self.expression.text, link_type, packet.snap_len)
                .map_err(|diagnostic| self.failure(diagnostic, packet.interface, link_type))?;
            let context = self.context(packet.interface, link_type);
            self.warnings.check(self.expression, link_type, Some(context))?;
            return Ok(&self.programs.push_mut((link_type, filter)).1);
        }
        match self.programs.get(self.current) {
            Some((_, filter)) => Ok(filter),
            None => unreachable!("`position` found it"),
        }
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
