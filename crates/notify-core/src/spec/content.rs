//! How an event's mail is delivered, and with what in it.

use super::fields::{Fields, Findings};
use crate::machine;
use crate::message::{Letter, Source};
use crate::transform::Input;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How an event's mail gets to the topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeliveryKind {
    /// The rule's target is the topic.
    #[default]
    Direct,
    /// The rule's target is the stack's state machine, which publishes to the topic.
    StepFunctions,
}

impl DeliveryKind {
    const WORDS: [(&str, Self); 2] =
        [("direct", Self::Direct), ("step-functions", Self::StepFunctions)];

    /// The word that the file uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::StepFunctions => "step-functions",
        }
    }

    /// The `delivery` of a section, if it names one.
    pub(super) fn read(fields: &mut Fields<'_>, out: &mut Findings<'_>) -> Option<Self> {
        fields.choice("delivery", &Self::WORDS, out)
    }
}

/// What is sent of an event, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The rule's target is the topic, which gets this.
    Direct(Input),
    /// The rule's target is the state machine, which sends this letter.
    StepFunctions(Letter),
}

impl Content {
    /// How it is delivered.
    pub fn delivery(&self) -> DeliveryKind {
        match self {
            Self::Direct(_) => DeliveryKind::Direct,
            Self::StepFunctions(_) => DeliveryKind::StepFunctions,
        }
    }

    /// What the rule's target sends.
    pub fn input(&self) -> Cow<'_, Input> {
        match self {
            Self::Direct(input) => Cow::Borrowed(input),
            Self::StepFunctions(_) => Cow::Owned(machine::target_input()),
        }
    }

    /// Variables and paths in place, each with the path that it is read from.
    pub fn paths(&self) -> BTreeMap<String, String> {
        match self {
            Self::Direct(Input::Transformer { paths, .. }) => paths.clone(),
            Self::Direct(Input::Event | Input::Constant(_) | Input::Path(_)) => BTreeMap::new(),
            Self::StepFunctions(letter) => {
                let in_place =
                    letter.placeholders().filter_map(|placeholder| match &placeholder.of {
                        Source::Path(path) => Some((path.clone(), path.clone())),
                        Source::Variable(_) => None,
                    });
                letter.paths.clone().into_iter().chain(in_place).collect()
            }
        }
    }

    /// The letter, where a state machine sends one.
    pub fn letter(&self) -> Option<&Letter> {
        match self {
            Self::Direct(_) => None,
            Self::StepFunctions(letter) => Some(letter),
        }
    }
}
