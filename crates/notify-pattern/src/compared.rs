//! Patterns that are compared and kept, and not matched.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event pattern as text, compared as JSON: spelling and order of keys make no difference.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PatternText(pub String);

impl PatternText {
    /// The pattern as a JSON value, or as a JSON string where it is not JSON.
    pub fn to_value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_else(|_| Value::String(self.0.clone()))
    }
}

impl PartialEq for PatternText {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.to_value() == other.to_value()
    }
}
