//! `render`: what a target receives, what an alarm's notification says.

mod alarm;
mod target;

use super::Ended;
use crate::args::Global;
use crate::{cases, print};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What a rule's target receives of an event, or what an alarm's mail says, offline
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["target", "alarm", "cases"]))]
pub(crate) struct Args {
    /// A target as `aws events list-targets-by-rule` prints it
    #[arg(long, value_name = "FILE", requires = "event")]
    target: Option<PathBuf>,
    /// The event
    #[arg(long, value_name = "FILE", requires = "target")]
    event: Option<PathBuf>,
    /// An alarm as `aws cloudwatch describe-alarms` prints it
    #[arg(long, value_name = "FILE", requires = "change")]
    alarm: Option<PathBuf>,
    /// Its change of state: {"from", "to", "reason", "at"}
    #[arg(long, value_name = "FILE", requires = "alarm")]
    change: Option<PathBuf>,
    /// Many cases, one JSON object a line: {"target", "event"} or {"alarm", "change"}
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    if let Some(path) = &args.cases {
        return cases::run(path, |line| answer(line).to_string());
    }
    match (&args.target, &args.event, &args.alarm, &args.change) {
        (Some(target), Some(event), ..) => target::run(target, event, global),
        (.., Some(alarm), Some(change)) => alarm::run(alarm, change, global),
        _ => {
            print::err("name --target with --event, --alarm with --change, or --cases");
            Ok(crate::failure::ERROR)
        }
    }
}

/// The answer to one case.
fn answer(line: &str) -> Value {
    match serde_json::from_str::<Value>(line) {
        Ok(case) if case.get("alarm").is_some() => alarm::answer(&case),
        Ok(case) => target::answer(&case),
        Err(error) => json!({ "error": format!("not JSON: {error}") }),
    }
}
