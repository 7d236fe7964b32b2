//! Exit codes. `--help` and the manual page print [`TABLE`].

/// Done; also when no packet matched, and when whoever read our output stopped reading.
pub(crate) const SUCCESS: u8 = 0;
/// A file could not be read or written, or the capture is damaged.
pub(crate) const FAILURE: u8 = 1;
/// The command line is wrong.
pub(crate) const USAGE: u8 = 2;
/// The filter does not compile, or it has warnings and they are denied.
pub(crate) const FILTER: u8 = 3;
/// `explain -n` cannot tell whether the packet matches: the capture cannot be read, is damaged or has fewer packets.
pub(crate) const UNDECIDED: u8 = 4;
/// `explain -n`: the packet does not match. The same as [`FAILURE`], as in other commands that answer a question.
pub(crate) const NO_MATCH: u8 = 1;
/// Ended by SIGINT, as shells count signals: 128 + 2.
pub(crate) const INTERRUPTED: u8 = 130;

/// The codes for users.
pub(crate) const TABLE: &str = "\
Exit status:
  0    success, also when no packet matched
  1    a file cannot be read or written, or the capture is damaged;
       of explain -n: the packet does not match
  2    the command line is wrong
  3    the filter does not compile, or has warnings under --deny-warnings
  4    of explain -n: the packet cannot be read, or the capture has fewer packets
  130  interrupted by SIGINT; what was found until then has been written";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_code() {
        for code in [SUCCESS, FAILURE, USAGE, FILTER, UNDECIDED, INTERRUPTED] {
            assert!(TABLE.lines().any(|line| line.trim_start().starts_with(&format!("{code} "))), "{code}");
        }
    }
}
