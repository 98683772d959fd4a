//! `policy`: the least that the program needs to be allowed.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, Failure};
use crate::{print, spec_file};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use notify_core::iam::{self, Command};

/// Prints the IAM policy that this program needs for this file
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only what these commands need, such as `digest`, or `plan,status` (repeatable)
    #[arg(long = "for", value_name = "COMMAND", value_delimiter = ',', value_parser = command())]
    commands: Vec<Command>,
}

fn command() -> impl TypedValueParser<Value = Command> {
    PossibleValuesParser::new(Command::ALL.map(Command::as_str)).try_map(|typed| {
        let mut all = Command::ALL.into_iter();
        all.find(|command| command.as_str() == typed).ok_or("no such command")
    })
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let (spec, _) = spec_file::read(global.config.as_deref())?.checked()?;
    let all: Vec<Command> = Command::on_a_file().collect();
    let commands = if args.commands.is_empty() { &all } else { &args.commands };
    let policy = iam::policy(&spec, None, commands);
    let text = serde_json::to_string_pretty(&policy)
        .map_err(|error| Failure::from_error("the policy cannot be printed", &error))?;
    print::out(&text);
    Ok(DONE)
}
