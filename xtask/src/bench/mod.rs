//! `cargo xtask bench`: figures for the README.

mod large;
mod measure;
mod replay;
mod setup;
mod table;

use crate::Failure;

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// `notify-cli setup` from nothing and with nothing to change, beside a boto3 script.
    Setup(setup::Args),
    /// Many events against many rules, beside the quamina crate: `replay --help`.
    Replay(replay::Args),
}

/// Measures it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    match &args.what {
        What::Setup(args) => setup::run(args),
        What::Replay(args) => replay::run(args),
    }
}
