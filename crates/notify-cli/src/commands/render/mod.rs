//! `render`: what a target receives, what an alarm's notification says.

mod alarm;
mod target;

use super::Ended;
use crate::args::Global;
use crate::{cases, print};
use serde::Deserialize;
use serde::de::IgnoredAny;
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
    #[command(flatten)]
    inputs: Inputs,
    /// An alarm as `aws cloudwatch describe-alarms` prints it
    #[arg(long, value_name = "FILE", requires = "change")]
    alarm: Option<PathBuf>,
    /// Its change of state: {"from", "to", "reason", "at"}
    #[arg(long, value_name = "FILE", requires = "alarm")]
    change: Option<PathBuf>,
    #[command(flatten)]
    of_alarm: alarm::AlarmInputs,
    /// Many cases, one JSON object a line: {"target", "event"} or {"alarm", "change"}
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
}

/// What a target and an event do not say.
#[derive(Debug, clap::Args)]
struct Inputs {
    /// Which of several targets
    #[arg(long, requires = "target")]
    id: Option<String>,
    /// The rule's ARN [default: arn:aws:events:us-east-1:123456789012:rule/rule]
    #[arg(long, value_name = "ARN", requires = "target")]
    rule_arn: Option<String>,
    /// When EventBridge received the event [default: the event's own time]
    #[arg(long, value_name = "TIME", requires = "target")]
    ingestion_time: Option<String>,
}

/// What says which kind of case a line is.
#[derive(Deserialize)]
struct Case {
    alarm: Option<IgnoredAny>,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    if let Some(path) = &args.cases {
        return cases::run(path, |line| print::json(&answer(line)));
    }
    match (&args.target, &args.event, &args.alarm, &args.change) {
        (Some(target), Some(event), ..) => target::run(target, event, &args.inputs, global),
        (.., Some(alarm), Some(change)) => alarm::run(alarm, change, &args.of_alarm, global),
        _ => {
            print::err("name --target with --event, --alarm with --change, or --cases");
            Ok(crate::failure::ERROR)
        }
    }
}

/// The answer to one case.
fn answer(line: &str) -> Value {
    match serde_json::from_str::<Case>(line) {
        Ok(Case { alarm: None }) => target::answer(line),
        Ok(Case { alarm: Some(_) }) => match serde_json::from_str(line) {
            Ok(case) => alarm::answer(&case),
            Err(error) => json!({ "error": format!("not JSON: {error}") }),
        },
        Err(error) => json!({ "error": format!("not JSON: {error}") }),
    }
}
