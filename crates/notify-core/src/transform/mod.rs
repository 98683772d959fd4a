//! What an EventBridge target receives: paths, templates, how they are filled in, and when a mail
//! is lost on the way.
//!
//! ```
//! use notify_core::transform::{Context, Event, Input, Outcome, Transform};
//!
//! let input = Input::Transformer {
//!     paths: [("note".to_owned(), "$.detail.note".to_owned())].into(),
//!     template: r#""Note: <note>""#.to_owned(),
//! };
//! let transform = Transform::new(&input, "topic")?;
//! let context = Context {
//!     rule_arn: "arn:aws:events:us-east-1:123456789012:rule/notes",
//!     ingestion_time: "2026-01-02T03:04:05.678Z",
//! };
//! let deliver = |event: &str| Event::parse(event).map(|e| transform.deliver(&e, &context));
//!
//! let good = deliver(r#"{"detail": {"note": "all is well"}}"#)?;
//! assert_eq!(good, Outcome::Delivered(r#""Note: all is well""#.to_owned()));
//!
//! // A quote in a field makes the text invalid JSON, and EventBridge drops the event.
//! let Outcome::Lost(loss) = deliver(r#"{"detail": {"note": "all is \"well\""}}"#)? else { panic!() };
//! assert_eq!(loss.code(), "INVALID_JSON");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod deliver;
mod event;
mod facts;
pub(crate) mod json;
mod known;
mod loss;
mod path;
mod quoted;
mod reader;
mod target;
mod template;

pub use check::Refusal;
pub use event::{Event, EventError};
pub use known::{Holds, Known};
pub use loss::{Risk, Verdict, verdicts};
pub use path::check_path;
pub use quoted::quoted_lines;
pub(crate) use quoted::{check_variable, not_a_path};
pub use target::{Target, TargetError};
pub(crate) use template::is_variable;
pub use template::{MOST_PATHS, MOST_TEMPLATE_CHARACTERS, check_template};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What a target sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The event as it is.
    Event,
    /// Always the same JSON text.
    Constant(String),
    /// A part of the event.
    Path(String),
    /// An input transformer.
    Transformer {
        /// Variables and the paths that they are read from.
        paths: BTreeMap<String, String>,
        /// The template.
        template: String,
    },
}

/// An input that EventBridge takes, ready to be applied to any number of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transform(Shape);

/// What is done to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Event,
    Constant(String),
    /// `None` is the empty path, which leads nowhere.
    Path(Option<path::Path>),
    Template(template::Template, BTreeMap<String, path::Path>),
}

impl Transform {
    /// Reads what a target sends; the error is what AWS answers to `PutTargets`.
    pub fn new(input: &Input, target_id: &str) -> Result<Self, Refusal> {
        check::shape(input, target_id).map(Self)
    }

    /// What the target receives of an event.
    pub fn deliver(&self, event: &Event, context: &Context<'_>) -> Outcome {
        deliver::deliver(&self.0, event, context)
    }
}

/// What an event's own text does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'a> {
    /// The ARN of the rule; on another bus than the default one it is `…:rule/BUS/RULE`.
    pub rule_arn: &'a str,
    /// When EventBridge received the event, with milliseconds: `2026-01-02T03:04:05.678Z`.
    pub ingestion_time: &'a str,
}

impl Context<'_> {
    /// The rule's name: what stands behind the last `/` of its ARN.
    pub fn rule_name(&self) -> &str {
        self.rule_arn.rsplit('/').next().unwrap_or_default()
    }
}

/// What becomes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The target receives this text.
    Delivered(String),
    /// The target receives nothing.
    Lost(Loss),
}

/// An event that does not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Why it does not.
    pub why: Why,
    /// What would have been sent; a dead-letter queue receives it.
    pub attempted: String,
}

/// Why an event does not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// What the template makes of it is not JSON.
    NotJson {
        /// What is wrong, in our words.
        problem: &'static str,
        /// The line of the text, counted from 1.
        line: usize,
        /// The column of the text, counted from 1.
        column: usize,
    },
    /// What AWS makes of this is not known; it counts as lost.
    Undecided(&'static str),
    /// Nothing is left to send. AWS was seen to send nothing, and to tell no dead-letter queue.
    Nothing,
}

impl Loss {
    /// AWS's code for it, `INVALID_JSON`; or `NOTHING_SENT`, a word of ours, where AWS says
    /// nothing at all.
    pub fn code(&self) -> &'static str {
        match self.why {
            Why::NotJson { .. } | Why::Undecided(_) => "INVALID_JSON",
            Why::Nothing => "NOTHING_SENT",
        }
    }

    /// What a dead-letter queue is told: `ERROR_CODE` and `ERROR_MESSAGE`. `None` where none is.
    pub fn dead_letter(&self) -> Option<(&'static str, &'static str)> {
        match self.why {
            Why::NotJson { .. } | Why::Undecided(_) => {
                Some((self.code(), "Invalid input for target."))
            }
            Why::Nothing => None,
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            Why::NotJson { problem, line, column } => write!(
                f,
                "what the template makes of this event is not JSON: {problem} at line {line}, column {column}"
            ),
            Why::Undecided(what) => {
                write!(f, "what AWS does with {what} is not known, so it counts as lost")
            }
            Why::Nothing => f.write_str("nothing is left to send"),
        }
    }
}
