//! `render --alarm`: what an alarm publishes when it changes its state.

use crate::args::Global;
use crate::commands::Ended;
use crate::failure::{DONE, Failure};
use crate::input;
use crate::print::{self, BOLD, paint};
use crate::spec_file::show_path;
use notify_core::alarm::{MetricAlarm, Transition, one_from_json, time_from_value};
use notify_core::aws::{AlarmState, Identity, Region};
use notify_core::mail::{Home, Notification, ThresholdLine};
use serde::Deserialize;
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Whose alarm it is when it has no ARN.
const ACCOUNT: &str = "123456789012";

/// What an alarm and its change do not say.
#[derive(Debug, clap::Args)]
pub(super) struct AlarmInputs {
    /// Which of several alarms
    #[arg(long, value_name = "ALARM", requires = "alarm")]
    name: Option<String>,
    /// Writes "for 300 seconds", as mails did until 2021, not "for at least 1 of the last 1 period(s)"
    #[arg(long, requires = "alarm")]
    older_threshold_line: bool,
}

pub(super) fn run(alarm: &Path, change: &Path, inputs: &AlarmInputs, global: &Global) -> Ended {
    input::only_one_from_stdin([alarm, change])?;
    let metric_alarm = one_from_json(&input::read(alarm)?, inputs.name.as_deref()).map_err(|error| {
        Failure::new(
            format!("{}: {error}", show_path(alarm)),
            "write the file with: aws cloudwatch describe-alarms --alarm-names NAME; with --name \
             one of several is chosen",
        )
    })?;
    let text = input::read(change)?;
    let transition = serde_json::from_str(&text).map_err(Box::from).and_then(|v| transition(&v));
    let transition = transition.map_err(|error| {
        Failure::new(
            format!("{}: {error}", show_path(change)),
            r#"write it as {"from": "OK", "to": "ALARM", "reason": "why", "at": "2026-09-14T11:18:44Z"}"#,
        )
    })?;
    let region = global.region.clone().unwrap_or_else(Region::us_east_1);
    let line =
        if inputs.older_threshold_line { ThresholdLine::Older } else { ThresholdLine::Newer };
    let home = home(region).map_err(|error| Failure::from_error("no account", &*error))?;
    let notification = Notification::of_alarm(&metric_alarm, &transition, &home, line);
    if global.json {
        print::out(&print::json(&document(&notification)));
    } else {
        show(&notification);
    }
    Ok(DONE)
}

/// Answers one line of a file of cases.
pub(super) fn answer(case: &Value) -> Value {
    let notification = || -> Result<Notification, Box<dyn Error>> {
        let alarm = MetricAlarm::from_value(case.get("alarm").ok_or("alarm is missing")?)?;
        let change = transition(case.get("change").ok_or("change is missing")?)?;
        let home = home(Region::us_east_1())?;
        Ok(Notification::of_alarm(&alarm, &change, &home, ThresholdLine::Newer))
    };
    match notification() {
        Ok(notification) => json!({
            "subject": notification.subject,
            "message": notification.default,
            "email": notification.text(),
        }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

/// What `--json` prints.
fn document(notification: &Notification) -> Value {
    json!({
        "version": VERSION,
        "subject": notification.subject,
        "message": notification.default,
        "email": notification.text(),
        "sms": notification.sms,
    })
}

fn show(notification: &Notification) {
    let subject = notification.subject.as_deref().unwrap_or_default();
    print::out(&format!("{} {}", paint(BOLD, "Subject:"), print::line(subject)));
    let parts = [("Message (JSON)", notification.default.as_str()), ("Mail", notification.text())];
    if let Some(sms) = &notification.sms {
        print::out(&format!("{} {}", paint(BOLD, "SMS:"), print::line(sms)));
    }
    for (heading, text) in parts {
        print::out(&format!("\n{}", paint(BOLD, heading)));
        print::out(print::clean(text).trim_end_matches('\n'));
    }
}

/// A change of state as it is written.
#[derive(Deserialize)]
struct Change {
    from: AlarmState,
    to: AlarmState,
    reason: String,
    at: Value,
}

fn transition(change: &Value) -> Result<Transition, Box<dyn Error>> {
    let Change { from, to, reason, at } = Change::deserialize(change)?;
    Ok(Transition { at: time_from_value(&at)?, from, to, reason })
}

fn home(region: Region) -> Result<Home, Box<dyn Error>> {
    let caller = format!("arn:aws:iam::{ACCOUNT}:root");
    Ok(Home { identity: Identity::from_caller(ACCOUNT, &caller)?, region })
}
