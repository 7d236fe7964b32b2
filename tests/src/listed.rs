//! The filters of `benches/expressions.txt`: what engineers type, over which the compiler is measured and proved.
//!
//! ```text
//! EN10MB <tab> port <tab> tcp port 80        link type, class, filter; `#` begins a comment line
//! ```

use std::path::{Path, PathBuf};

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::opt::Goal;
use bpf_compile::{Diagnostic, Options, compile};
use bpf_core::{Program, RawInsn};

use crate::oracle::libpcap;

/// One filter of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name of the link type.
    pub link: String,
    /// Its DLT value.
    pub dlt: u16,
    /// What kind of filter it is.
    pub class: String,
    /// The filter.
    pub text: String,
}

impl Listed {
    /// How both compilers are asked: what accepts returns the same snap length, the families of loopback captures are Linux's.
    #[must_use]
    pub fn options(&self) -> Options {
        let mut options = Options::new(LinkType(self.dlt));
        options.snap_len = libpcap::SNAPLEN;
        options
    }

    /// Our program for it.
    ///
    /// # Errors
    /// Why there is none.
    pub fn ours(&self) -> Result<Program<Vec<RawInsn>>, Diagnostic> {
        self.ours_for(Goal::Speed)
    }

    /// Our program for it, for speed or for size.
    ///
    /// # Errors
    /// Why there is none.
    pub fn ours_for(&self, goal: Goal) -> Result<Program<Vec<RawInsn>>, Diagnostic> {
        let mut options = self.options();
        options.goal = goal;
        compile(&self.text, &options, &Embedded)
    }

    /// libpcap's program for it.
    ///
    /// # Errors
    /// What libpcap says.
    pub fn theirs(&self, optimize: bool) -> Result<Vec<RawInsn>, String> {
        libpcap::compile(&self.text, &libpcap::Options { optimize, ..libpcap::Options::plain(self.dlt) })
    }
}

/// Where the list is.
#[must_use]
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/expressions.txt")
}

/// All of them, in the order of the file.
///
/// # Errors
/// The file cannot be read, or a line is not of its form.
pub fn read() -> Result<Vec<Listed>, String> {
    let text = std::fs::read_to_string(path()).map_err(|error| format!("{}: {error}", path().display()))?;
    let is_filter = |line: &&str| !line.is_empty() && !line.starts_with('#');
    text.lines().filter(is_filter).map(parse).collect()
}

fn parse(line: &str) -> Result<Listed, String> {
    let mut fields = line.splitn(3, '\t');
    let (Some(link), Some(class), Some(text)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(format!("not three fields with tabs between them: {line}"));
    };
    let known = LinkType::from_name(link).ok_or_else(|| format!("no link type is named {link}: {line}"))?;
    Ok(Listed { link: link.into(), dlt: known.0, class: class.into(), text: text.into() })
}
