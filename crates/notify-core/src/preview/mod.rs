//! Every mail before it is sent.
//!
//! A [`Stage`] is a spec that has been set up in an account in memory. An event or a metric that
//! happens there causes the mails that it would cause in AWS; a [`Preview`] is one of them with
//! what its author should know: what each line comes from, and what would lose the mail.

mod alarm;
mod check;
mod event;
mod sample;
mod stage;

pub use alarm::{Metric, preview_alarm};
pub use check::{Checked, Files, Problem, check};
pub use event::{example, preview_event, preview_heartbeat};
pub use sample::{SAMPLE_TIME, sample_event};
pub use stage::{STAND_IN_RULE, Stage};

use crate::aws::{AlarmState, Region};
use crate::local::Sent;
use crate::transform::Verdict;

/// One notification, and the mail that it causes.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The rule's or alarm's name.
    pub name: String,
    /// What it tells of.
    pub subject: Subject,
    /// The first of its regions.
    pub region: Option<Region>,
    /// Whether the event or metric was made up.
    pub sample: bool,
    /// What becomes of it.
    pub outcome: Outcome,
    /// For each placeholder of its template, whether its value may lose the mail.
    pub verdicts: Vec<Verdict>,
}

/// What a notification tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An event.
    Event,
    /// A metric.
    Alarm,
    /// A time that has come.
    Schedule,
}

impl Subject {
    /// A word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Alarm => "alarm",
            Self::Schedule => "schedule",
        }
    }
}

/// What becomes of an event or a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A mail.
    Mailed {
        /// What is sent.
        sent: Box<Sent>,
        /// Its lines, and what they come from.
        lines: Vec<Line>,
    },
    /// The mail is lost on its way.
    Lost {
        /// The code that AWS gives.
        code: String,
        /// What it means.
        reason: String,
        /// What was to be sent.
        attempted: String,
    },
    /// The pattern does not match: the first field that fails.
    NoMatch(String),
    /// No event is known that the pattern matches.
    NoSample,
    /// The alarm's state does not change.
    NoChange,
    /// The alarm's state changes, and nobody is told of the new one.
    NobodyTold(AlarmState),
}

/// A line of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line.
    pub text: String,
    /// What it comes from; nothing for AWS's own words.
    pub from: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::Subject;

    #[test]
    fn a_subject_has_the_word_that_documents_use() {
        let words = [Subject::Event, Subject::Alarm, Subject::Schedule].map(Subject::as_str);
        assert_eq!(words, ["event", "alarm", "schedule"]);
    }
}
