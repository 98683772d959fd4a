//! Whose a resource is.

use crate::aws::{StackName, Tags, tags};
use crate::state::ResourceKey;
use serde::{Deserialize, Serialize};

/// Whose a resource is, as its tags say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The stack's.
    Ours {
        /// It was there before us: it is changed, and never deleted.
        adopted: bool,
    },
    /// Somebody else's: another stack's if it is named, made by hand or by another tool if not.
    Other {
        /// The other stack.
        stack: Option<String>,
    },
    /// Nobody has looked yet.
    Unknown,
}

/// Whose a resource with these tags is; `None` are tags that nobody has read.
///
/// ```
/// # use notify_core::{aws::{StackName, tags}, plan::{Owner, owner}};
/// let stack = StackName::parse("security")?;
/// assert_eq!(owner(Some(&tags::ours(&stack)), &stack), Owner::Ours { adopted: false });
/// assert_eq!(owner(None, &stack), Owner::Unknown);
/// # Ok::<(), notify_core::aws::NameError>(())
/// ```
pub fn owner(found: Option<&Tags>, stack: &StackName) -> Owner {
    let Some(found) = found else { return Owner::Unknown };
    let managed = found.get(tags::MANAGED_BY).is_some_and(|by| by == tags::MANAGED_BY_VALUE);
    match found.get(tags::STACK) {
        Some(name) if managed && name == stack.as_str() => {
            Owner::Ours { adopted: found.get(tags::ADOPTED).is_some_and(|value| value == "true") }
        }
        Some(name) if managed => Owner::Other { stack: Some(name.clone()) },
        _ => Owner::Other { stack: None },
    }
}

/// A resource that the file names and that is not ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// The resource.
    pub key: ResourceKey,
    /// What is in the way.
    pub reason: String,
    /// What to do about it.
    pub help: String,
}
