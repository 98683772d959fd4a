//! The chores of this repository: `cargo xtask --help`.
//!
//! Nothing here is needed by a user, and nothing here depends on the crates that it checks, so
//! that it still works when they do not compile.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for developers")]

mod bench;
mod cargo;
mod e2e;
mod faults;
mod fuzz;
mod house;
mod http;
mod lint;
mod server;
mod test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// What went wrong, for a developer to read.
type Failure = Box<dyn std::error::Error>;

/// The chores of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs all tests, those against the API server too.
    Test,
    /// Runs the tests against the API server, or against a real account.
    E2e(e2e::Args),
    /// Lets every call of setup and destroy fail in every way, and much besides.
    Faults(faults::Args),
    /// Measures, and prints a table.
    Bench(bench::Args),
    /// Feeds the parsers anything, for minutes; needs a nightly compiler.
    Fuzz(fuzz::Args),
    /// Checks format, lints, documentation and licences.
    Lint,
    /// Does what has to pass before a change is taken: lint, then test.
    Ci,
}

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Test => test::run(),
        Command::E2e(args) => e2e::run(&args),
        Command::Faults(args) => faults::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Lint => lint::run(),
        Command::Ci => lint::run().and_then(|()| test::run()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
