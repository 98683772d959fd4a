//! `evaluate`.

use super::Ended;
use crate::args::Global;
use crate::cases;
use crate::failure::{DONE, Failure};
use crate::input;
use crate::print::{self, BOLD, DIM, paint};
use crate::spec_file::show_path;
use notify_core::alarm::{
    self, AlarmError, MetricAlarm, Point, Run, Timeline, Transition, time_from_value,
};
use notify_core::aws::AlarmState;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What an alarm says about a metric, as CloudWatch evaluates it
///
/// The alarm is followed from the end of the first datapoint's period to that of the last, or to
/// --at: give a later time to see what silence does. Datapoints are values of the alarm's period.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// An alarm as `aws cloudwatch describe-alarms` prints it
    #[arg(long, value_name = "FILE", required_unless_present = "cases", requires = "metric")]
    alarm: Option<PathBuf>,
    /// Datapoints as `aws cloudwatch get-metric-statistics` prints them
    #[arg(long, value_name = "FILE", required_unless_present = "cases", requires = "alarm")]
    metric: Option<PathBuf>,
    /// Until when the alarm is evaluated [default: the end of the last datapoint's period]
    #[arg(long, value_name = "TIME", value_parser = alarm::time)]
    at: Option<jiff::Timestamp>,
    /// The state at the beginning [default: the alarm's own, or `INSUFFICIENT_DATA`]
    #[arg(long, value_parser = state)]
    state: Option<AlarmState>,
    /// How many of the newest periods are looked at [default: N + 2; below a minute N + 6]
    #[arg(long, value_name = "PERIODS", value_parser = clap::value_parser!(u32).range(1..))]
    range: Option<u32>,
    /// Which alarm of a file with several
    #[arg(long, value_name = "ALARM")]
    name: Option<String>,
    /// One evaluation for each line of a file: {"alarm", "state", "points", "at", "range"}
    #[arg(long, value_name = "FILE",
        conflicts_with_all = ["alarm", "metric", "at", "state", "range", "name"])]
    cases: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    if let Some(path) = &args.cases {
        return cases::run(path, |line| match case(line) {
            Ok(answer) => print::json(&answer),
            Err(error) => print::json(&json!({"error": error.to_string()})),
        });
    }
    let (Some(alarm_file), Some(metric_file)) = (&args.alarm, &args.metric) else {
        return Err(Failure::new("no alarm and no metric", "give --alarm FILE and --metric FILE"));
    };
    input::only_one_from_stdin([alarm_file, metric_file])?;
    let alarm = alarm::one_from_json(&input::read(alarm_file)?, args.name.as_deref());
    let alarm = &alarm.map_err(|error| {
        Failure::new(
            format!("{}: {error}", show_path(alarm_file)),
            "write the file with: aws cloudwatch describe-alarms --alarm-names NAME; with --name \
             one of several is chosen",
        )
    })?;
    let in_metric = |error: AlarmError| {
        Failure::new(
            format!("{}: {error}", show_path(metric_file)),
            format!(
                "write the file with: aws cloudwatch get-metric-statistics --period {} with the \
                 alarm's metric, dimensions and statistic ({})",
                alarm.condition.period, alarm.condition.statistic
            ),
        )
    };
    let points = alarm::points_from_json(&input::read(metric_file)?, alarm).map_err(in_metric)?;
    let run = over(args, alarm, &points).map_err(in_metric)?.ok_or_else(|| {
        Failure::new(
            format!("{} has no datapoints", show_path(metric_file)),
            "give --at TIME to see what the alarm makes of silence",
        )
    })?;
    let timeline = Timeline::new(&alarm.condition, &points, run).map_err(in_metric)?;
    if global.json {
        print::out(&print::json(&document(alarm, run, timeline)));
    } else {
        show(alarm, run, timeline);
    }
    Ok(DONE)
}

/// Answers one line of a file of cases.
fn case(line: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let case: Value = serde_json::from_str(line)?;
    let field = |key: &str| match case.get(key) {
        None | Some(Value::Null) => Err(format!("{key} is missing")),
        Some(value) => Ok(value),
    };
    let alarm = MetricAlarm::from_value(field("alarm")?)?;
    alarm::Statistic::parse(&alarm.condition.statistic)?;
    let state: AlarmState = serde_json::from_value(field("state")?.clone())?;
    let at = time_from_value(field("at")?)?;
    let range = match case.get("range") {
        None | Some(Value::Null) => None,
        Some(range) => {
            let slots = range.as_u64().and_then(|slots| u32::try_from(slots).ok());
            Some(slots.ok_or("range is not a whole number")?)
        }
    };
    let points = field("points")?.as_array().ok_or("points is not a list")?;
    let points = points.iter().map(|pair| {
        let pair = pair.as_array().map(Vec::as_slice);
        let Some([at, value]) = pair else { return Err("a point is not [TIME, VALUE]".into()) };
        let value = value.as_f64().ok_or("a point's value is not a number")?;
        Ok(Point { at: time_from_value(at)?, value })
    });
    let points = points.collect::<Result<Vec<Point>, Box<dyn std::error::Error>>>()?;
    let transition = alarm::evaluate(&alarm.condition, state, &points, at, range)?;
    let (state, reason) = match transition {
        Some(transition) => (transition.to, Some(transition.reason)),
        None => (state, None),
    };
    Ok(json!({"state": state, "reason": reason}))
}

/// From when to when the alarm is followed; nothing without datapoints and without `--at`.
fn over(args: &Args, alarm: &MetricAlarm, points: &[Point]) -> Result<Option<Run>, AlarmError> {
    let run = match (Run::over(alarm, points)?, args.at) {
        (Some(run), Some(at)) if at >= run.from => Some(Run { to: at, ..run }),
        (_, Some(at)) => Some(Run::once(alarm, at)),
        (run, None) => run,
    };
    let state = |run: Run| args.state.unwrap_or(run.state);
    Ok(run.map(|run| Run { state: state(run), range: args.range, ..run }))
}

fn show(alarm: &MetricAlarm, run: Run, timeline: Timeline<'_>) {
    let name = print::line(&alarm.name);
    let (mut state, mut changes) = (run.state, 0_usize);
    for Transition { at, from, to, reason } in timeline {
        (state, changes) = (to, changes + 1);
        print::out(&format!(
            "{}  {name}  {}",
            at,
            paint(BOLD, &format!("{} -> {}", from.as_str(), to.as_str()))
        ));
        print::out(&format!("  {}", print::line(&reason)));
        let actions: Vec<String> = alarm.actions(to).iter().map(|arn| print::line(arn)).collect();
        print::out(&match (actions.is_empty(), alarm.actions_enabled) {
            (false, _) => format!("  runs {}", actions.join(", ")),
            (true, true) => paint(DIM, "  runs no action"),
            (true, false) => paint(DIM, "  runs no action: the alarm's actions are disabled"),
        });
    }
    print::out(&match changes {
        0 => format!("{name} stays in {} from {} to {}", state.as_str(), run.from, run.to),
        _ => format!("{name} is in {} at {}", state.as_str(), run.to),
    });
}

/// What `--json` prints.
fn document(alarm: &MetricAlarm, run: Run, timeline: Timeline<'_>) -> Value {
    let transitions = timeline.map(|Transition { at, from, to, reason }| {
        json!({
            "at": at.to_string(),
            "from": from,
            "to": to,
            "reason": reason,
            "actions": alarm.actions(to),
        })
    });
    json!({
        "version": 1,
        "alarm": alarm.name,
        "from": run.from.to_string(),
        "to": run.to.to_string(),
        "transitions": transitions.collect::<Vec<_>>(),
    })
}

fn state(text: &str) -> Result<AlarmState, String> {
    serde_json::from_value(Value::from(text))
        .map_err(|_| format!("`{text}` is no state: write OK, ALARM or INSUFFICIENT_DATA"))
}
