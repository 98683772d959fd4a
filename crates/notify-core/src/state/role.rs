//! IAM roles.

use super::Want;
use crate::aws::Tags;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// An IAM role with its inline policies. Attached policies are never read, compared or written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// What it is for.
    pub description: String,
    /// Who may take it on: a policy document.
    pub trust: Value,
    /// What it may do: policy documents by name.
    pub policies: BTreeMap<String, Value>,
    /// Its tags.
    pub tags: Want<Tags>,
}
