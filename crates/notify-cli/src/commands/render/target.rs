//! `render --target`: what a rule's target receives.

use super::Inputs;
use crate::args::Global;
use crate::commands::Ended;
use crate::failure::{DONE, ERROR, Failure, PENDING};
use crate::input;
use crate::print;
use crate::spec_file::show_path;
use notify_core::transform::{Context, Event, Outcome, Target, TargetError, Transform};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::path::Path;

/// The rule that is taken where none is named.
const RULE_ARN: &str = "arn:aws:events:us-east-1:123456789012:rule/rule";
/// The time of ingestion of an event that has no time of its own.
const NO_TIME: &str = "1970-01-01T00:00:00.000Z";

/// The version of the JSON document.
const VERSION: u32 = 1;

/// What a target answers to an event.
enum Answer {
    Came(Outcome),
    Refused(String),
}

pub(super) fn run(target: &Path, event: &Path, inputs: &Inputs, global: &Global) -> Ended {
    input::only_one_from_stdin([target, event])?;
    let answer = match Target::from_json(&input::read(target)?, inputs.id.as_deref()) {
        Ok(target) => {
            let text = input::read(event)?;
            let event = Event::parse(&text).map_err(|error| {
                Failure::new(
                    format!("{}: {error}", show_path(event)),
                    "write the event as EventBridge delivers it, one JSON object",
                )
            })?;
            deliver(&target, &event, inputs.rule_arn.as_deref(), inputs.ingestion_time.as_deref())
        }
        Err(TargetError::Refused(refusal)) => Answer::Refused(refusal.to_string()),
        Err(TargetError::Unreadable(problem)) => {
            return Err(Failure::new(
                format!("{}: {problem}", show_path(target)),
                "write what `aws events list-targets-by-rule --rule NAME` prints; --id picks one of several",
            ));
        }
    };
    if global.json {
        print::out(&print::json(&document(&answer)));
    } else {
        match &answer {
            Answer::Came(Outcome::Delivered(text)) => print::exact(text),
            Answer::Came(Outcome::Lost(loss)) => {
                print::out(&format!("lost: {}", loss.code()));
                print::err(&format!("  because: {loss}"));
                print::err(&format!("  attempted: {}", print::line(&loss.attempted)));
            }
            Answer::Refused(message) => print::out(&format!("refused: {}", print::line(message))),
        }
    }
    Ok(match answer {
        Answer::Came(Outcome::Delivered(_)) => DONE,
        // Something is broken, and the command says so.
        Answer::Came(Outcome::Lost(_)) => PENDING,
        Answer::Refused(_) => ERROR,
    })
}

fn deliver(target: &Target, event: &Event, rule: Option<&str>, ingested: Option<&str>) -> Answer {
    let transform = match Transform::new(&target.input, &target.id) {
        Ok(transform) => transform,
        Err(refusal) => return Answer::Refused(refusal.to_string()),
    };
    let ingestion_time = with_milliseconds(ingested.or(event.time()).unwrap_or(NO_TIME));
    let context = Context { rule_arn: rule.unwrap_or(RULE_ARN), ingestion_time: &ingestion_time };
    Answer::Came(transform.deliver(event, &context))
}

/// A time as EventBridge writes the time of ingestion; what is no time stays as it is.
fn with_milliseconds(time: &str) -> String {
    notify_core::alarm::time(time)
        .map_or_else(|_| time.to_owned(), |at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// What `--json` prints.
fn document(answer: &Answer) -> Value {
    match answer {
        Answer::Came(Outcome::Delivered(text)) => {
            json!({"version": VERSION, "delivered": text, "bytes": text.len()})
        }
        Answer::Came(Outcome::Lost(loss)) => json!({
            "version": VERSION,
            "lost": loss.code(),
            "reason": loss.to_string(),
            "attempted": loss.attempted,
            "bytes": loss.attempted.len(),
        }),
        Answer::Refused(message) => json!({"version": VERSION, "refused": message}),
    }
}

/// A line of `--cases`. The event keeps its text: numbers have more spellings than values.
#[derive(Deserialize)]
struct Case<'a> {
    target: Value,
    #[serde(borrow)]
    event: &'a RawValue,
    rule_arn: Option<String>,
    ingestion_time: Option<String>,
}

pub(super) fn answer(line: &str) -> Value {
    let said = serde_json::from_str(line).map_err(|error| format!("not a case: {error}")).and_then(
        |case: Case<'_>| {
            let target = match Target::from_value(&case.target) {
                Ok(target) => target,
                Err(TargetError::Refused(refusal)) => {
                    return Ok(Answer::Refused(refusal.to_string()));
                }
                Err(TargetError::Unreadable(problem)) => return Err(problem),
            };
            let event = Event::parse(case.event.get()).map_err(|error| error.to_string())?;
            let (rule, ingested) = (case.rule_arn.as_deref(), case.ingestion_time.as_deref());
            Ok(deliver(&target, &event, rule, ingested))
        },
    );
    match said {
        Ok(Answer::Came(Outcome::Delivered(text))) => json!({"delivered": text}),
        Ok(Answer::Came(Outcome::Lost(loss))) => json!({"lost": loss.code()}),
        Ok(Answer::Refused(message)) => json!({"refused": message}),
        Err(problem) => json!({"error": problem}),
    }
}
