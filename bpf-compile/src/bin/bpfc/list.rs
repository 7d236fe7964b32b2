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

/// The manual page of the command, or of one under it.
pub(crate) fn manual(path: &[&str]) -> Result<String, Failure> {
    let mut command = Cli::command();
    command.build();
    for name in path {
        command = command.find_subcommand(name).cloned().unwrap_or(command);
    }
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(|source| Failure::File { action: "render", name: "<manual>".to_owned(), source })?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// The completion script of a shell.
pub(crate) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "bpfc", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
