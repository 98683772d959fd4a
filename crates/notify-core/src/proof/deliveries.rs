//! What was delivered lately, and what was not.

use super::command::quoted;
use super::questions::{of_machine, of_rule, of_topic};
use super::{DAYS, LinkName, LinkState, Measured, Seen, Step, machine};
use crate::alarm::Point;
use crate::aws::AlarmState;
use crate::state::{Kind, Resource, ResourceKey};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

const LINK: LinkName = LinkName::Deliveries;

/// For how long a failure after which nothing was delivered counts as what is wrong now.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// What was delivered of a notification.
pub(super) fn step(seen: Seen<'_>, topic: Option<&ResourceKey>) -> Step {
    let measured = match seen.facts.metrics.get(seen.region) {
        Some(Ok(measured)) => measured,
        Some(Err(unknown)) => return Step::unknown(LINK, unknown.sentence()),
        None => return Step::unknown(LINK, "nobody asked for metrics"),
    };
    let topic = topic.map_or("", |topic| topic.name.as_str());
    let sns = Flow::new(
        measured.points(&of_topic("NumberOfNotificationsDelivered", topic)),
        measured.points(&of_topic("NumberOfNotificationsFailed", topic)),
    );
    let name = &seen.key.name;
    let prove = test(seen);
    if seen.key.kind == Kind::Rule {
        let of = |metric: &str| measured.points(&of_rule(metric, name));
        let failed = of("FailedInvocations");
        let events = Flow::new(&less(of("Invocations"), failed), failed);
        if let Some(step) = events.failed("EventBridge", seen.facts.window.now) {
            return step.mended_by(prove);
        }
        if let Some(step) = executions(seen, measured) {
            return step.mended_by(prove);
        }
        if let Some(step) = sns.failed("SNS", seen.facts.window.now) {
            return step.mended_by(prove);
        }
        let matched = matched(measured, name);
        return match (matched, events.last, sns.last) {
            (None, None, _) => quiet(&format!("no event in {DAYS} days")),
            (_, Some(last), Some(_)) => Step::ok(
                LINK,
                format!("{} to the topic, last {}", counted(events.total, "event"), day(last)),
            ),
            (_, Some(_), None) => {
                Step::new(LINK, LinkState::Weak, "nobody got them").because(format!(
                    "{} came to the topic, and SNS delivered nothing",
                    counted(events.total, "event")
                ))
            }
            (Some(last), None, _) => Step::new(LINK, LinkState::Weak, "nothing was sent").because(
                format!("an event matched on {}, and nothing came to the topic", day(last)),
            ),
        };
    }
    if let Some(step) = sns.failed("SNS", seen.facts.window.now) {
        return step.mended_by(prove);
    }
    // CloudWatch does not measure the actions of an alarm: one that is on now was told of.
    let is_on = matches!(seen.survey.observed.get(seen.key),
        Some(Resource::Alarm(alarm)) if alarm.state.value() == Some(&AlarmState::Alarm));
    match sns.last {
        Some(last) if is_on => {
            Step::ok(LINK, format!("in ALARM, the topic delivered last {}", day(last)))
        }
        Some(last) => quiet(&format!("the topic delivered last {}", day(last))),
        None => quiet(&format!("nothing in {DAYS} days")),
    }
}

/// What the state machine of a notification could not publish. It does not say whose it was.
fn executions(seen: Seen<'_>, measured: &Measured) -> Option<Step> {
    let machine = machine::of(seen)?.arn(&seen.survey.plan.identity)?.to_string();
    let of = |metric: &str| measured.points(&of_machine(metric, &machine));
    let flow = Flow::new(of("ExecutionsSucceeded"), of("ExecutionsFailed"));
    flow.failed("Step Functions", seen.facts.window.now)
}

/// What sends something once more: a success ends the matter. `send` knows what the file calls a
/// notification, which an alarm's name need not be.
fn test(seen: Seen<'_>) -> String {
    let (name, region) = (quoted(&seen.key.name), seen.region);
    let is_event = matches!(seen.survey.desired.state.get(seen.key),
        Some(Resource::Rule(rule)) if rule.pattern.is_some());
    match seen.key.kind {
        Kind::Rule if is_event => format!("notify-cli send {name}"),
        // The time of a schedule comes by itself.
        Kind::Rule => "notify-cli status --watch".to_owned(),
        _ => format!(
            "aws cloudwatch set-alarm-state --region {region} --alarm-name {name} --state-value \
             ALARM --state-reason test"
        ),
    }
}

fn quiet(found: &str) -> Step {
    Step::new(LINK, LinkState::Quiet, found)
}

/// When an event last matched a rule.
pub(super) fn matched(measured: &Measured, rule: &str) -> Option<Timestamp> {
    let metrics = ["MatchedEvents", "TriggeredRules"];
    metrics.iter().filter_map(|name| last(measured.points(&of_rule(name, rule)))).max()
}

/// What got through, and what did not.
struct Flow {
    total: f64,
    last: Option<Timestamp>,
    failures: f64,
    last_failure: Option<Timestamp>,
}

impl Flow {
    fn new(passed: &[Point], failed: &[Point]) -> Self {
        let total = |points: &[Point]| points.iter().map(|point| point.value).sum();
        Self {
            total: total(passed),
            last: last(passed),
            failures: total(failed),
            last_failure: last(failed),
        }
    }

    /// A failure after which nothing got through. Of those in the same few minutes nobody knows
    /// which came last: something did get through.
    fn failed(&self, who: &str, now: Timestamp) -> Option<Step> {
        let at = self.last_failure.filter(|at| self.last.is_none_or(|last| last < *at))?;
        let messages = counted(self.failures, "message");
        let state =
            if now.duration_since(at) > FRESH { LinkState::Weak } else { LinkState::Broken };
        Some(Step::new(LINK, state, "lost").because(format!(
            "{who} could not deliver {messages} in {DAYS} days, the last on {}, and none since",
            day(at)
        )))
    }
}

fn last(points: &[Point]) -> Option<Timestamp> {
    points.iter().filter(|point| point.value > 0.0).map(|point| point.at).max()
}

/// What is left of each period.
fn less(all: &[Point], failed: &[Point]) -> Vec<Point> {
    let failed: BTreeMap<Timestamp, f64> = failed.iter().map(|p| (p.at, p.value)).collect();
    let rest = |point: &Point| Point {
        at: point.at,
        value: point.value - failed.get(&point.at).copied().unwrap_or(0.0),
    };
    all.iter().map(rest).collect()
}

fn counted(count: f64, what: &str) -> String {
    if (count - 1.0).abs() < 0.5 { format!("1 {what}") } else { format!("{count:.0} {what}s") }
}

/// A day, in UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
