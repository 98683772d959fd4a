//! `completions`: for shells.

use super::Ended;
use crate::args::Cli;
use crate::failure::DONE;
use crate::print;
use clap::CommandFactory;
use clap_complete::Shell;

/// Prints completions for a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

#[expect(clippy::unnecessary_wraps, reason = "every command ends in the same way")]
pub(crate) fn run(args: &Args) -> Ended {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "notify-cli", &mut text);
    print::out(String::from_utf8_lossy(&text).trim_end());
    Ok(DONE)
}
