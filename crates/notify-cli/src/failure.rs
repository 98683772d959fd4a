//! How a command ends badly: what is said once, and with which exit code.

use notify_core::digest::{DigestError, TakeError};
use notify_core::plan::PrepareError;
use notify_core::provider::ProviderError;
use notify_core::state::DesiredError;
use std::error::Error;

/// Done.
pub(crate) const DONE: u8 = 0;
/// An error, also one of usage.
pub(crate) const ERROR: u8 = 1;
/// Changes are pending, or something is broken.
pub(crate) const PENDING: u8 = 2;
/// No match.
pub(crate) const NO_MATCH: u8 = 3;
/// The person pressed Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a command failed, in words for the person who ran it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) causes: Vec<String>,
    /// What only somebody who digs wants to see: the SDK's chain of causes.
    pub(crate) details: Vec<String>,
    pub(crate) help: Option<String>,
    /// The findings of a spec file are printed in a form of their own.
    pub(crate) printed: bool,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        let help = Some(help.into());
        Self {
            message: message.into(),
            causes: Vec::new(),
            details: Vec::new(),
            help,
            printed: false,
        }
    }

    /// A failure whose words are on the screen already.
    pub(crate) fn printed() -> Self {
        Self {
            message: String::new(),
            causes: Vec::new(),
            details: Vec::new(),
            help: None,
            printed: true,
        }
    }

    pub(crate) fn from_error(message: impl Into<String>, error: &dyn Error) -> Self {
        let mut causes = vec![error.to_string()];
        causes.extend(chain(error));
        Self { message: message.into(), causes, details: Vec::new(), help: None, printed: false }
    }
}

impl Failure {
    /// Says of a failure of a command that was to change something that it has not yet.
    pub(crate) fn before_any_change(failure: impl Into<Self>) -> Self {
        Self::with(failure, "nothing was changed")
    }

    /// Says besides of a failure what became of what was asked for.
    pub(crate) fn with(failure: impl Into<Self>, outcome: &str) -> Self {
        let mut failure = failure.into();
        let end = failure.message.trim_end_matches(['.', ' ', '\n']).len();
        failure.message.truncate(end);
        failure.message.push_str("; ");
        failure.message.push_str(outcome);
        failure
    }
}

/// The causes behind an error, without repeating what has been said.
fn chain(error: &dyn Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        next = cause.source();
    }
    causes
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        let mut details = chain(&error);
        details.retain(|cause| !error.message.contains(cause.as_str()));
        let help = error.hint();
        Self { message: error.to_string(), causes: Vec::new(), details, help, printed: false }
    }
}

impl From<DesiredError> for Failure {
    fn from(error: DesiredError) -> Self {
        Self::new(error.message, error.help)
    }
}

impl From<DigestError> for Failure {
    fn from(error: DigestError) -> Self {
        Self::new(error.message, error.help)
    }
}

impl From<TakeError> for Failure {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Nothing(error) => error.into(),
            TakeError::Spec(error) => error.into(),
            TakeError::Provider(error) => error.into(),
        }
    }
}

impl From<PrepareError> for Failure {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Spec(error) => error.into(),
            PrepareError::Provider(error) => error.into(),
        }
    }
}
