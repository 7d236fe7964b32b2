//! Warnings: who sees them, and when they are errors.
//!
//! They are for people who write a filter. In a script nobody reads them, so they are silent there unless asked for.

use std::io::{self, IsTerminal as _};

use bpf_compile::Diagnostic;
use bpf_compile::link::LinkType;
use bpf_core::{Ancillary, Facts, Program, RawInsn};

use crate::cli::{Format, ReportOptions};
use crate::compiler::Settings;
use crate::error::{Failure, FilterFailure};
use crate::expression::Expression;
use crate::{json, render};

/// What to do with warnings, and those that have been told.
pub(crate) struct Warnings {
    shown: bool,
    denied: bool,
    format: Format,
    settings: Settings,
    /// A filter is compiled for each link type of a capture, and mostly has the same warnings for all.
    told: Vec<Diagnostic>,
    told_of_files: bool,
}

impl Warnings {
    /// As the command line says.
    pub(crate) fn new(reports: &ReportOptions, settings: Settings, verbose: bool) -> Self {
        let shown = verbose || reports.diagnostics == Format::Json || io::stderr().is_terminal();
        Self {
            shown,
            denied: reports.deny_warnings,
            format: reports.diagnostics,
            settings,
            told: Vec::new(),
            told_of_files: false,
        }
    }

    /// Tells what is new about a filter that compiles.
    pub(crate) fn check(
        &mut self,
        expression: &Expression,
        link_type: LinkType,
        context: Option<String>,
    ) -> Result<(), Failure> {
        if !self.shown && !self.denied {
            return Ok(());
        }
        let mut diagnostics = self.settings.warnings(&expression.text, link_type);
        diagnostics.retain(|diagnostic| !self.told.contains(diagnostic));
        if self.denied && !diagnostics.is_empty() {
            let expression = expression.clone();
            return Err(Failure::Filter(Box::new(FilterFailure { expression, diagnostics, context })));
        }
        for diagnostic in &diagnostics {
            render::warning(expression, diagnostic, context.as_deref(), self.format);
        }
        self.told.append(&mut diagnostics);
        Ok(())
    }

    /// Tells of a program that rejects the packets of any file, because it asks for what is beside packets elsewhere.
    pub(crate) fn about_files(&mut self, program: &Program<Vec<RawInsn>>) {
        let target = self.settings.target();
        if !target.has_metadata() || self.told_of_files {
            return;
        }
        let is_beside = |which: Ancillary| which != Ancillary::AluXorX;
        if Facts::of(program).ancillaries().iter().any(is_beside) {
            self.told_of_files = true;
            let name = target.name();
            self.about_options(&format!(
                "with --target {name} the filter asks for VLAN tags, directions or interfaces beside the packets, which a file \
                 does not hold; packets are rejected without them. To filter a file, leave out --target"
            ));
        }
    }

    /// A warning that is not about the filter: always told, never an error.
    pub(crate) fn about_options(&self, text: &str) {
        match self.format {
            Format::Text => render::tell(&format!("bpfc: warning: {text}")),
            Format::Json => render::tell(&json::plain_warning(text)),
        }
    }
}
