//! `-L`, `--man` and `--completions`: texts that need no filter.

use std::fmt::Write as _;

use bpf_compile::link::LinkType;
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::error::Failure;

/// The link types, one a line: value, name, description.
pub(crate) fn link_types() -> String {
    let mut text = String::new();
    for link_type in LinkType::all() {
        let line = writeln!(text, "{:>3}  {link_type:<26}  {}", link_type.0, link_type.description());
        // Writing to a string does not fail.
        line.unwrap_or_default();
    }
    text
}

/// The manual page.
pub(crate) fn manual() -> Result<String, Failure> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
    rendered.map_err(|source| Failure::File { action: "render", name: "<manual>".to_owned(), source })?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// The completion script of a shell.
pub(crate) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "bpfc", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
