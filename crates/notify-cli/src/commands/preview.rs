//! `preview`: every mail before it is sent.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, Failure, NO_MATCH, PENDING};
use crate::spec_file::show_path;
use crate::{input, local, print, show, spec_file};
use jiff::Timestamp;
use notify_core::aws::AlarmState;
use notify_core::mail::Notification;
use notify_core::preview::{
    Metric, Outcome, Preview, Stage, example, preview_alarm, preview_event, preview_heartbeat,
};
use notify_core::spec::{Spec, Watch};
use serde_json::json;
use std::path::PathBuf;

/// Shows every mail that the file will cause, offline, and what would lose it
///
/// Exits with 2 when the mail of an event is lost, with 3 when no pattern matches the event.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only the notifications of that name: a rule, an alarm, or all alarms of one section
    name: Option<String>,
    /// An event as EventBridge delivers it, in place of the built-in samples (`-`: standard input)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["metric", "state"])]
    event: Option<PathBuf>,
    /// Values of a metric, as `aws cloudwatch get-metric-statistics` prints them or
    /// `put-metric-data --cli-input-json` takes them
    #[arg(long, value_name = "FILE", conflicts_with = "state")]
    metric: Option<PathBuf>,
    /// When the alarm is evaluated [default: when the last value's period has ended]
    #[arg(long, value_name = "TIME", requires = "metric", value_parser = input::time)]
    at: Option<Timestamp>,
    /// Only alarms: the mail of this state
    #[arg(long, value_enum)]
    state: Option<State>,
    /// What AWS Config alone would have mailed for the event
    #[arg(long, conflicts_with_all = ["metric", "state", "name"])]
    raw: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    Alarm,
    Ok,
    InsufficientData,
}

impl From<State> for AlarmState {
    fn from(state: State) -> Self {
        match state {
            State::Alarm => Self::Alarm,
            State::Ok => Self::Ok,
            State::InsufficientData => Self::InsufficientData,
        }
    }
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let (mut spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let mut name = args.name.as_deref();
    if let Some(part) = name.and_then(|name| section(&spec, name)) {
        (spec, name) = (part, None);
    }
    let given = args.event.as_ref().or(args.metric.as_ref());
    let text = given.map(|path| input::read(path)).transpose()?;
    if let (Some(path), Some(text)) = (&args.event, &text) {
        input::event(path, text)?;
    }
    let web_acls = local::web_acls_beside(&folder)?;
    let stage = super::block_on(async {
        Ok(Stage::new(&awake(&spec), web_acls, global.region.clone()).await?)
    })?;
    if args.raw {
        return raw(&spec, &stage, text.as_deref(), global);
    }
    let previews = previews(args, name, &spec, &stage, text.as_deref())?;
    if global.json {
        print::out(&print::json(&show::preview::document(&spec, &stage, &previews)));
    } else {
        print::out(&show::preview::human(&spec, &stage, &previews));
    }
    let is_lost = |preview: &Preview| matches!(preview.outcome, Outcome::Lost { .. });
    let matches = |preview: &Preview| !matches!(preview.outcome, Outcome::NoMatch(_));
    Ok(if previews.iter().any(is_lost) {
        PENDING
    } else if args.event.is_some() && !previews.iter().any(matches) {
        NO_MATCH
    } else {
        DONE
    })
}

/// The part of a spec that has this name in the file: there, one name stands for the alarms of all
/// rules of a web ACL.
fn section(spec: &Spec, name: &str) -> Option<Spec> {
    let mut part = spec.clone();
    part.events.retain(|event| event.name.as_str() == name);
    part.alarms.retain(|alarm| alarm.name.as_str() == name);
    part.watch = Watch::default();
    (!part.alarms.is_empty()).then_some(part)
}

/// The file with everything switched on: a preview shows what would be sent.
fn awake(spec: &Spec) -> Spec {
    let mut spec = spec.clone();
    spec.events.iter_mut().for_each(|event| event.enabled = true);
    spec.alarms.iter_mut().for_each(|alarm| alarm.enabled = true);
    spec
}

fn previews(
    args: &Args,
    name: Option<&str>,
    spec: &Spec,
    stage: &Stage,
    text: Option<&str>,
) -> Result<Vec<Preview>, Failure> {
    let wanted = |known: &&str| name.is_none_or(|name| name == *known);
    let heartbeat = spec.watch.heartbeat.iter().map(|heartbeat| heartbeat.rule.as_str());
    let rules = spec.events.iter().map(|event| event.name.as_str()).chain(heartbeat);
    let rules: Vec<&str> =
        rules.filter(|name| stage.rules().any(|(rule, _)| rule == *name)).collect();
    let alarms: Vec<&str> = stage.alarms().map(|(name, _)| name).collect();
    let (some_rules, some_alarms): (Vec<&str>, Vec<&str>) = (
        rules.iter().copied().filter(wanted).collect(),
        alarms.iter().copied().filter(wanted).collect(),
    );
    if let (Some(name), true, true) = (name, some_rules.is_empty(), some_alarms.is_empty()) {
        let all: Vec<&str> = rules.into_iter().chain(alarms).collect();
        return Err(Failure::new(
            format!("the file has no notification `{name}`"),
            if all.is_empty() {
                "it has none".to_owned()
            } else {
                format!("there are\n    {}", all.join("\n    "))
            },
        ));
    }
    let mut previews = Vec::new();
    if args.metric.is_none() && args.state.is_none() {
        for name in some_rules {
            let event = args.event.is_some().then_some(text).flatten();
            let preview = preview_event(stage, spec, name, event)
                .map_err(|error| cannot(args.event.as_ref(), &error))?;
            previews.extend(preview);
        }
        if let (Some(heartbeat), None) = (&spec.watch.heartbeat, &args.event)
            && wanted(&heartbeat.rule.as_str())
        {
            previews.extend(preview_heartbeat(stage, spec));
        }
    }
    if args.event.is_none() {
        let metric = match (text, args.state) {
            (Some(text), _) => Metric::Given { text, at: args.at },
            (None, to) => Metric::Sample(to.map_or(AlarmState::Alarm, AlarmState::from)),
        };
        for name in some_alarms {
            let preview = preview_alarm(stage, name, metric).transpose();
            previews.extend(preview.map_err(|error| cannot(args.metric.as_ref(), &error))?);
        }
    }
    Ok(previews)
}

fn cannot(path: Option<&PathBuf>, error: &dyn std::error::Error) -> Failure {
    let what = path.map_or_else(|| "the notification".to_owned(), |path| show_path(path));
    Failure::from_error(format!("{what} cannot be previewed"), error)
}

/// What AWS Config mails by itself.
fn raw(spec: &Spec, stage: &Stage, event: Option<&str>, global: &Global) -> Ended {
    let made_up = spec
        .events
        .iter()
        .filter_map(|event| example(stage, event))
        .find(|event| event.contains("Config Rules Compliance Change"));
    let event = event.or(made_up.as_deref()).ok_or_else(|| {
        Failure::new(
            "the file tells of no AWS Config rules",
            "give an event of the type \"Config Rules Compliance Change\" with --event",
        )
    })?;
    let raw = serde_json::from_str(event).ok().and_then(|event| Notification::of_config(&event));
    let raw = raw.ok_or_else(|| {
        Failure::new(
            "AWS Config mails nothing of this event",
            "give one of the type \"Config Rules Compliance Change\"",
        )
    })?;
    let (subject, body) = (raw.subject.as_deref().unwrap_or_default(), raw.text());
    if global.json {
        let document = json!({"version": 1, "subject": subject, "body": body, "bytes": body.len()});
        print::out(&print::json(&document));
    } else {
        print::out(&show::preview::raw(subject, body));
    }
    Ok(DONE)
}
