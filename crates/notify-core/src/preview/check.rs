//! Runs the `[[tests]]` of a spec.

use super::stage::{Stage, sent};
use crate::alarm::{MetricAlarm, Point, Transition};
use crate::aws::AlarmState;
use crate::spec::{Given, Series, TestSpec};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// When the series of tests begin: 2026-01-01T00:00:00Z.
const BEGINNING: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// The result of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The test's name.
    pub name: String,
    /// What is not as it should be; empty if it passed.
    pub problems: Vec<Problem>,
    /// What all mails said, in the form of a snapshot file.
    pub mails: String,
}

/// Something that is not as a test wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, in a line.
    pub what: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// What a test needs that lies in files beside the spec.
#[derive(Debug, Clone, Copy, Default)]
pub struct Files<'a> {
    /// The event, for tests of one.
    pub event: Option<&'a str>,
    /// The snapshot, for tests with one that exists.
    pub snapshot: Option<&'a str>,
}

/// Runs a test on a spec that is set up.
pub fn check(stage: &Stage, test: &TestSpec, files: Files<'_>) -> Checked {
    let mut problems = Vec::new();
    let mails = match &test.given {
        Given::Event(_) => event_mails(stage, files.event.unwrap_or_default(), &mut problems),
        Given::Series { alarm, series, states } => {
            alarm_mails(stage, alarm, series, states, &mut problems)
        }
    };
    let names: Vec<&str> = mails.keys().map(String::as_str).collect();
    if let Some(expect) = &test.expect {
        let mut expected: Vec<&str> = expect.iter().map(String::as_str).collect();
        expected.sort_unstable();
        expected.dedup();
        if expected != names {
            problems.push(Problem {
                what: "other notifications are mailed".to_owned(),
                expected: listed(&expected),
                found: listed(&names),
            });
        }
    }
    for (name, bodies) in &mails {
        for body in bodies {
            bodies_are_right(test, name, body, &mut problems);
        }
    }
    if mails.is_empty() && (!test.body_contains.is_empty() || test.body_equals.is_some()) {
        problems.push(Problem {
            what: "there is no mail that could say anything".to_owned(),
            expected: "a mail".to_owned(),
            found: "none".to_owned(),
        });
    }
    let mails = as_snapshot(&mails);
    if let (Some(_), Some(snapshot)) = (&test.snapshot, files.snapshot)
        && snapshot != mails
    {
        problems.push(Problem {
            what: "the mails differ from the snapshot".to_owned(),
            expected: snapshot.to_owned(),
            found: mails.clone(),
        });
    }
    Checked { name: test.name.clone(), problems, mails }
}

/// What each notification's mails say.
type Mails = BTreeMap<String, Vec<String>>;

fn event_mails(stage: &Stage, event: &str, problems: &mut Vec<Problem>) -> Mails {
    let mut mails = Mails::new();
    for (rule, _) in stage.rules() {
        match stage.offer(rule, event) {
            Ok(answer) => {
                for fate in lost(answer.as_ref()) {
                    problems.push(Problem {
                        what: format!("the mail of {rule} is lost"),
                        expected: "a mail".to_owned(),
                        found: fate,
                    });
                }
                let bodies: Vec<String> = answer
                    .into_iter()
                    .flat_map(sent)
                    .map(|sent| sent.notification.text().to_owned())
                    .collect();
                if !bodies.is_empty() {
                    mails.insert(rule.to_owned(), bodies);
                }
            }
            Err(error) => {
                problems.push(Problem {
                    what: "the event cannot be read".to_owned(),
                    expected: "an event as EventBridge delivers it".to_owned(),
                    found: error.to_string(),
                });
                break;
            }
        }
    }
    mails
}

fn lost(answer: Option<&crate::local::Answer>) -> Vec<String> {
    use crate::local::{Answer, Fate};
    let Some(Answer::Matched(fates)) = answer else { return Vec::new() };
    let why = |fate: &Fate| match fate {
        Fate::Lost(letter) => Some(format!("{}: {}", letter.code, letter.reason)),
        Fate::Vanished => Some("nothing is delivered".to_owned()),
        Fate::Unsendable(why) => Some(why.clone()),
        Fate::Sent(_) | Fate::Elsewhere(_) => None,
    };
    fates.iter().filter_map(why).collect()
}

fn alarm_mails(
    stage: &Stage,
    name: &str,
    series: &Series,
    states: &[(u32, AlarmState)],
    problems: &mut Vec<Problem>,
) -> Mails {
    let mut mails = Mails::new();
    let followed = follow(stage, name, series, states).and_then(|(found, changes)| {
        for ((seconds, wanted), found) in states.iter().zip(found) {
            if *wanted != found {
                problems.push(Problem {
                    what: format!(
                        "the state {} after the beginning is another",
                        duration(*seconds)
                    ),
                    expected: wanted.as_str().to_owned(),
                    found: found.as_str().to_owned(),
                });
            }
        }
        for change in changes {
            let changed = stage.change(name, change).map_err(|error| error.to_string())?;
            for sent in changed.into_iter().flat_map(|changed| changed.sent) {
                let text = sent?.notification.text().to_owned();
                mails.entry(name.to_owned()).or_default().push(text);
            }
        }
        Ok(())
    });
    if let Err(error) = followed {
        problems.push(Problem {
            what: format!("alarm {name} cannot be followed"),
            expected: "an alarm of this file with one metric".to_owned(),
            found: error,
        });
    }
    mails
}

/// The states at the times that were asked for, and all changes.
fn follow(
    stage: &Stage,
    name: &str,
    series: &Series,
    states: &[(u32, AlarmState)],
) -> Result<(Vec<AlarmState>, Vec<Transition>), String> {
    let alarm: MetricAlarm = stage
        .alarm(name)
        .ok_or_else(|| {
            let known: Vec<&str> = stage.alarms().map(|(name, _)| name).collect();
            format!("the file has no such alarm; it has {}", listed(&known))
        })?
        .map_err(|error| error.to_string())?;
    let after = |seconds: i64| {
        BEGINNING
            .checked_add(SignedDuration::from_secs(seconds))
            .map_err(|_| "the series does not end within the years that can be counted".to_owned())
    };
    let period = i64::from(alarm.condition.period);
    let mut points = Vec::new();
    let mut end = 0;
    for value in series {
        if let Some(value) = value {
            points.push(Point { at: after(end)?, value: *value });
        }
        end += period;
    }
    let last = states.iter().map(|(seconds, _)| i64::from(*seconds)).max().unwrap_or(0).max(end);
    let changes = Stage::follow(&alarm, &points, BEGINNING, after(last)?)
        .map_err(|error| error.to_string())?;
    let mut found = Vec::with_capacity(states.len());
    for (seconds, _) in states {
        let at = after(i64::from(*seconds))?;
        let before = changes.iter().take_while(|change| change.at <= at).last();
        found.push(before.map_or(AlarmState::InsufficientData, |change| change.to));
    }
    Ok((found, changes))
}

fn bodies_are_right(test: &TestSpec, name: &str, body: &str, problems: &mut Vec<Problem>) {
    for part in &test.body_contains {
        if !body.contains(part.as_str()) {
            problems.push(Problem {
                what: format!("a mail of {name} lacks a text"),
                expected: part.clone(),
                found: body.to_owned(),
            });
        }
    }
    if let Some(expected) = &test.body_equals
        && expected.trim_end_matches('\n') != body.trim_end_matches('\n')
    {
        problems.push(Problem {
            what: format!("a mail of {name} says something else"),
            expected: expected.clone(),
            found: body.to_owned(),
        });
    }
}

/// Mails in the form of a snapshot file.
fn as_snapshot(mails: &Mails) -> String {
    let mut text = String::new();
    for (name, bodies) in mails {
        for body in bodies {
            let gap = if text.is_empty() { "" } else { "\n" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{gap}== {name}\n{}", body.trim_end_matches('\n'));
        }
    }
    text
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Seconds in the largest unit that they fill.
fn duration(seconds: u32) -> String {
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if seconds > 0 && seconds % length == 0 {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}
