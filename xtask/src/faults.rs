//! `cargo xtask faults`: what happens when AWS, the network or a second operator does not do what is
//! expected. The cases are in `tests/it/faults`; a part of them is in `cargo xtask test`, too.

use crate::cargo::test;
use crate::server::Server;
use crate::{Failure, cargo, house};

/// How much is run.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only the part that `cargo xtask test` has.
    #[arg(long)]
    quick: bool,
    /// Only cases whose group or name holds this.
    #[arg(long, value_name = "WORDS")]
    only: Option<String>,
}

/// Runs the cases, prints their number, and fails where one failed.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    crate::test::build()?;
    let server = Server::start_with_faults()?;
    let mut command = cargo::cargo();
    command.args(["test", "--package", "notify-tests", "--test", "faults"]).args(cargo::SERVER);
    house::furnish(&mut command, &server);
    if !args.quick {
        command.env("NOTIFY_FAULTS", "all");
    }
    if let Some(only) = &args.only {
        command.env("NOTIFY_FAULTS_ONLY", only);
    }
    let counts = test(&mut command)?;
    drop(server);
    counts.close()
}
