//! The state machine that sends mails with subjects, and what its text does.
//!
//! A stack has one Express state machine in each region where a notification is delivered by it:
//! one pair of roles, one alarm, one page of the console to look at. [`definition`] writes it from
//! the letters of all its notifications; [`run`] does what Step Functions does with such a text,
//! and knows nothing of letters: what is previewed is what the stored text does.

mod run;
mod write;

pub use run::{Execution, Publish, TaskFailure, run, run_with};
pub use write::{MOST_BYTES, definition};

use crate::transform::Input;
use std::collections::BTreeMap;

/// What every rule's target sends to the machine, whatever the notification.
///
/// The template is a JSON one, so that EventBridge escapes what the values hold: no event is lost
/// on its way to the machine.
pub fn target_input() -> Input {
    Input::Transformer {
        paths: BTreeMap::new(),
        template: concat!(
            "{\"rule\":<aws.events.rule-name>,\"arn\":<aws.events.rule-arn>,",
            "\"received\":<aws.events.event.ingestion-time>,\"event\":<aws.events.event.json>}"
        )
        .to_owned(),
    }
}
