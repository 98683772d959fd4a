//! The state machine that sends mails with subjects, and what its text does.
//!
//! A stack has one Express state machine in each region where a notification is delivered by it:
//! one pair of roles, one alarm, one page of the console to look at. [`definition`] writes it from
//! the letters of all its notifications; [`run`] does what Step Functions does with such a text,
//! and knows nothing of letters: what is previewed is what the stored text does.

mod compile;
mod jsonata;
mod run;
mod write;

pub use run::{Execution, Machine, Publish, TaskFailure, run};
pub use write::{MOST_BYTES, definition};

use crate::aws::RuleName;
use crate::transform::Input;
use serde_json::Value;
use std::collections::BTreeMap;

/// What every rule's target sends to the machine, whatever the notification.
///
/// The template is a JSON one, so that EventBridge escapes what the values hold: no event is lost
/// on its way to the machine.
pub fn target_input() -> Input {
    input_of("<aws.events.rule-name>")
}

/// The same for a rule that stands in for another, as a test does: the machine hears that one's
/// name.
pub fn target_input_for(rule: &RuleName) -> Input {
    // A rule's name needs no escapes.
    input_of(&format!("\"{rule}\""))
}

/// The message attributes that a machine gives what it publishes for a rule, as far as they do not
/// depend on the event.
pub fn attributes(definition: &str, rule: &str) -> BTreeMap<String, String> {
    let machine: Value = serde_json::from_str(definition).unwrap_or_default();
    let given = machine["States"][rule]["Arguments"]["MessageAttributes"].as_object();
    let text = |(name, value): (&String, &Value)| {
        Some((name.clone(), value["StringValue"].as_str()?.to_owned()))
    };
    given.into_iter().flatten().filter_map(text).collect()
}

fn input_of(rule: &str) -> Input {
    let template = format!(
        "{{\"rule\":{rule},\"arn\":<aws.events.rule-arn>,\
         \"received\":<aws.events.event.ingestion-time>,\"event\":<aws.events.event.json>}}"
    );
    Input::Transformer { paths: BTreeMap::new(), template }
}

#[cfg(test)]
mod tests;
