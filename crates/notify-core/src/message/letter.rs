//! A mail with a subject, as a state machine sends it.

use super::{Function, Message, MessageError, Placeholder, Source};
use crate::spec::nearest;
use crate::transform::{check_path, check_variable, not_a_path};
use std::collections::BTreeMap;

/// Lookup tables by their names.
pub type Tables = BTreeMap<String, BTreeMap<String, String>>;

/// What EventBridge says of an event besides the event itself, and a state machine is told.
const TOLD: [&str; 4] = [
    "aws.events.rule-name",
    "aws.events.rule-arn",
    "aws.events.event.ingestion-time",
    "aws.events.event.json",
];

/// A subject and a message, with all that their placeholders need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The mail's subject: one line. Without one the rule's name is it.
    pub subject: Option<Message>,
    /// The mail's text.
    pub message: Message,
    /// Variables and the paths that they are read from.
    pub paths: BTreeMap<String, String>,
    /// The tables that the placeholders look up.
    pub tables: Tables,
    /// Attributes of the message, for filters of subscriptions.
    pub attributes: BTreeMap<String, String>,
}

impl Letter {
    /// Its placeholders, first those of the subject.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        let subject = self.subject.iter().flat_map(Message::placeholders);
        subject.chain(self.message.placeholders())
    }

    /// Says what a state machine could not make of it: variables without a path, paths that are
    /// none, tables that are not there. A value itself may hold anything.
    ///
    /// ```
    /// # use notify_core::message::{Letter, Message};
    /// let message = Message::parse("Say \"<what>\" to <$.detail.user | upper>.")?;
    /// let (paths, tables) = ([("what".to_owned(), "$.detail.what".to_owned())], []);
    /// let letter = Letter {
    ///     subject: None,
    ///     message,
    ///     paths: paths.into(),
    ///     tables: tables.into(),
    ///     attributes: [].into(),
    /// };
    /// assert_eq!(letter.problems(), []);
    /// # Ok::<(), notify_core::message::MessageError>(())
    /// ```
    pub fn problems(&self) -> Vec<MessageError> {
        let mut problems = Vec::new();
        for placeholder in self.placeholders() {
            if let Err(problem) = self.check(placeholder) {
                problems.push(problem);
            }
        }
        problems
    }

    fn check(&self, placeholder: &Placeholder) -> Result<(), MessageError> {
        // A problem is shown where its placeholder stands.
        let here = |error: MessageError| MessageError { near: placeholder.to_string(), ..error };
        match &placeholder.of {
            Source::Path(path) => {
                check_path(path).map_err(|problem| here(not_a_path(path, &problem)))?;
            }
            Source::Variable(name) if TOLD.contains(&name.as_str()) => {}
            Source::Variable(name) if name == "aws.events.event" => {
                return Err(here(MessageError {
                    near: String::new(),
                    problem: "a state machine is not told `<aws.events.event>`".to_owned(),
                    help: "write `<$>` for the event as it is".to_owned(),
                }));
            }
            Source::Variable(name) => check_variable(name, &self.paths).map_err(here)?,
        }
        let asked = placeholder.functions.iter().filter_map(|function| match function {
            Function::Lookup(table) => Some(table),
            _ => None,
        });
        for table in asked {
            if self.tables.contains_key(table) {
                continue;
            }
            let known: Vec<&str> = self.tables.keys().map(String::as_str).collect();
            let help = match (nearest(table, &known), known.as_slice()) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, []) => format!(
                    "add a table `[tables.{table}]` with lines such as `\"123456789012\" = \"production\"`"
                ),
                (None, known) => format!("there are {}", known.join(", ")),
            };
            let problem = format!("there is no table `{table}`");
            return Err(here(MessageError { near: String::new(), problem, help }));
        }
        Ok(())
    }

    /// The tables that it looks up, and no others.
    #[must_use]
    pub fn with_used_tables(mut self) -> Self {
        let used: Vec<String> = self
            .placeholders()
            .flat_map(|placeholder| &placeholder.functions)
            .filter_map(|function| match function {
                Function::Lookup(table) => Some(table.clone()),
                _ => None,
            })
            .collect();
        self.tables.retain(|name, _| used.contains(name));
        self
    }
}
