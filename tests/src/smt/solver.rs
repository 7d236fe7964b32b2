//! z3, driven as a process through its pipes: a solver that loops, or takes all memory, is ended and takes nothing with it.
//!
//! The language is SMT-LIB 2, which other solvers read as well.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What a solver may use, in MiB.
const MEMORY_MAX: u32 = 2_048;
/// What z3 says behind everything that was asked.
const END: &str = "end-of-answer";
/// z3 looks at its clock now and then only.
const GRACE: Duration = Duration::from_secs(2);

/// What it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing satisfies the question.
    None,
    /// These values do, by the names of what was asked for; truths are 0 and 1.
    Values(BTreeMap<String, u32>),
    /// It does not know.
    Unknown(String),
}

/// A running z3, or none yet.
#[derive(Debug, Default)]
pub struct Solver {
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    process: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Running {
    fn start() -> Self {
        let spawned = Command::new("z3")
            .args(["-in", "-smt2", &format!("-memory:{MEMORY_MAX}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = spawned.expect("z3 starts: Debian's package is called z3");
        let input = process.stdin.take().expect("its input is a pipe");
        let output = process.stdout.take().expect("its output is a pipe");
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { process, input, lines }
    }

    /// The lines up to the end of the answer; none if it does not come in time, or never will.
    fn ask(&mut self, text: &str, until: Instant) -> Result<Vec<String>, &'static str> {
        let whole = format!("{text}\n(echo \"{END}\")\n");
        let sent = self.input.write_all(whole.as_bytes()).and_then(|()| self.input.flush());
        sent.map_err(|_| "the solver ended")?;
        let mut answer = Vec::new();
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line == END => return Ok(answer),
                Ok(line) => answer.push(line),
                Err(RecvTimeoutError::Timeout) => return Err("time is up"),
                Err(RecvTimeoutError::Disconnected) => return Err("the solver ended"),
            }
        }
    }
}

impl Solver {
    /// What satisfies `question`, a text of declarations and assertions; `names` are the constants whose values are wanted.
    ///
    /// # Panics
    /// The solver does not understand the question.
    pub fn solve(&mut self, question: &str, names: &[String], limit: Duration) -> Answer {
        let until = Instant::now() + limit + GRACE;
        let running = self.running.get_or_insert_with(Running::start);
        let milliseconds = limit.as_millis();
        let text = format!("(reset)\n(set-option :timeout {milliseconds})\n{question}\n(check-sat)");
        let answer = match running.ask(&text, until) {
            Ok(lines) => self.read(&lines, names, until),
            Err(problem) => Err(problem.into()),
        };
        answer.unwrap_or_else(|problem| {
            self.running = None;
            Answer::Unknown(problem)
        })
    }

    fn read(&mut self, lines: &[String], names: &[String], until: Instant) -> Result<Answer, String> {
        if let Some(error) = lines.iter().find(|line| line.contains("(error")) {
            // Out of memory is said in the same way.
            assert!(error.contains("memory"), "the solver does not understand: {error}");
            return Err("out of memory".into());
        }
        match lines.first().map(String::as_str) {
            Some("unsat") => Ok(Answer::None),
            Some("sat") => {
                let mut values = BTreeMap::new();
                for some in names.chunks(500) {
                    let running = self.running.as_mut().ok_or("the solver ended")?;
                    let lines = running.ask(&format!("(get-value ({}))", some.join(" ")), until)?;
                    values.extend(pairs(&lines.join(" "))?);
                }
                Ok(Answer::Values(values))
            }
            Some("unknown") => Ok(Answer::Unknown("not solved in time".into())),
            other => Err(format!("the solver says {other:?}")),
        }
    }
}

/// `((x #x0a) (y true))`.
fn pairs(text: &str) -> Result<Vec<(String, u32)>, String> {
    let words: Vec<_> = text
        .split(|c: char| c == '(' || c == ')' || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    let pair = |pair: &[&str]| {
        let [name, value] = pair else { return Err(format!("half a pair: {text}")) };
        let number = match (*value, value.strip_prefix("#x"), value.strip_prefix("#b")) {
            ("true", ..) => Ok(1),
            ("false", ..) => Ok(0),
            (_, Some(digits), _) => u32::from_str_radix(digits, 16),
            (_, _, Some(digits)) => u32::from_str_radix(digits, 2),
            _ => return Err(format!("no value: {value}")),
        };
        number.map(|number| ((*name).to_owned(), number)).map_err(|error| format!("{value}: {error}"))
    };
    words.chunks(2).map(pair).collect()
}
