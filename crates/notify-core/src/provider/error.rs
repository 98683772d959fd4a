//! What can go wrong at a provider, in the six classes that callers act on.

use std::error::Error;
use std::fmt;

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The credentials do not allow it.
    AccessDenied,
    /// Too many requests; retrying did not help.
    Throttled,
    /// It does not exist.
    NotFound,
    /// It exists already, or somebody else changed it.
    Conflict,
    /// AWS does not take these values.
    Invalid,
    /// Anything else: no connection, no credentials, a time-out, AWS's own trouble.
    Other,
}

impl ErrorClass {
    /// A word for it in JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::Throttled => "throttled",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Other => "other",
        }
    }
}

/// A failed operation.
#[derive(Debug)]
pub struct ProviderError {
    /// What kind of failure it was.
    pub class: ErrorClass,
    /// The operation, such as `sns:CreateTopic`, which is also the name of the permission.
    pub operation: String,
    /// What it was done to; empty where nothing can be named.
    pub resource: String,
    /// What was said.
    pub message: String,
    /// What lies behind it.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl ProviderError {
    /// A failure without a source.
    pub fn new(
        class: ErrorClass,
        operation: impl Into<String>,
        resource: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            class,
            operation: operation.into(),
            resource: resource.into(),
            message: message.into(),
            source: None,
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        match self.class {
            ErrorClass::AccessDenied => Some(format!(
                "allow `{}`; `notify-cli policy` prints a policy with all that is needed",
                self.operation
            )),
            ErrorClass::Throttled => Some("AWS is busy: run the same command again".to_owned()),
            ErrorClass::Conflict => Some(
                "somebody else changed it meanwhile: look at `notify-cli plan` again".to_owned(),
            ),
            ErrorClass::NotFound | ErrorClass::Invalid | ErrorClass::Other => None,
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, operation, resource, message, source: _ } = self;
        f.write_str(operation)?;
        if !resource.is_empty() {
            write!(f, " {resource}")?;
        }
        match class {
            ErrorClass::AccessDenied => f.write_str(": access denied")?,
            ErrorClass::Throttled => f.write_str(": throttled")?,
            ErrorClass::NotFound => f.write_str(": not found")?,
            ErrorClass::Conflict => f.write_str(": conflict")?,
            ErrorClass::Invalid => f.write_str(": refused")?,
            ErrorClass::Other => f.write_str(": failed")?,
        }
        if !message.is_empty() {
            write!(f, ": {message}")?;
        }
        Ok(())
    }
}

impl Error for ProviderError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
