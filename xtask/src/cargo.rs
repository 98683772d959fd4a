//! Runs cargo, and counts what its tests say.

use crate::{Failure, house};
use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Compiles the tests that need the API server, too.
pub(crate) const SERVER: [&str; 2] = ["--features", "notify-tests/server"];

/// How many tests passed, failed and were left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        let Self { passed, failed, skipped } = other;
        self.passed += passed;
        self.failed += failed;
        self.skipped += skipped;
    }

    /// Prints the closing line; a failure where something failed.
    pub(crate) fn close(self) -> Result<(), Failure> {
        println!("\n{self}");
        if self.failed == 0 { Ok(()) } else { Err(format!("{} failed", self.failed).into()) }
    }

    /// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn of_line(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut found = Self::default();
        for part in counts.split("; ") {
            let Some((number, what)) = part.split_once(' ') else { continue };
            let Ok(number) = number.parse() else { continue };
            match what {
                "passed" => found.passed = number,
                "failed" => found.failed = number,
                "ignored" => found.skipped = number,
                _ => {}
            }
        }
        Some(found)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {failed} failed")?;
        if *skipped > 0 { write!(f, ", {skipped} skipped") } else { Ok(()) }
    }
}

/// The cargo that runs this, in the repository.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(house::root());
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|e| format!("{}: {e}", said(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} failed: {status}", said(command)).into())
    }
}

/// Runs a `cargo test`, shows what it says, and counts.
pub(crate) fn test(command: &mut Command) -> Result<Counts, Failure> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut counts = Counts::default();
    if let Some(out) = child.stdout.take() {
        // Not `lines()`: a test may print what is not UTF-8.
        for line in BufReader::new(out).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            if let Some(more) = Counts::of_line(&line) {
                counts.add(more);
            }
        }
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        // It did not compile, or a test ended its whole program.
        eprintln!("{} failed: {status}", said(command));
        counts.failed = 1;
    }
    Ok(counts)
}

fn said(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    format!("`{}`", std::iter::once(program).chain(words).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted() {
        let line = "test result: FAILED. 12 passed; 1 failed; 3 ignored; 0 measured; 0 filtered \
                    out; finished in 0.10s";
        let counts = Counts { passed: 12, failed: 1, skipped: 3 };
        assert_eq!(Counts::of_line(line), Some(counts));
        assert_eq!(counts.to_string(), "12 passed, 1 failed, 3 skipped");
        assert_eq!(Counts::of_line("test result::of_line ... ok"), None);
    }
}
