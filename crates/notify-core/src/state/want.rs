//! How a desired field compares with what is there.

use serde::{Deserialize, Serialize};

/// A field whose observed value may differ from the file's with good reason.
///
/// Observed state holds [`Want::Exactly`] everywhere, and [`Want::Keep`] where nobody looked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Want<T> {
    /// This and nothing else.
    Exactly(T),
    /// At least this: others' tags and policy statements stay beside it.
    Contains(T),
    /// The file does not name it: this default on what we made, whatever is there on what was
    /// adopted.
    Unnamed(T),
    /// Whatever is there.
    #[default]
    Keep,
}

impl<T> Want<T> {
    /// Whether anything goes, or nobody looked.
    pub(crate) fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T: Clone> Want<T> {
    /// The value that is wanted or was seen; `None` where anything goes or nobody looked.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Exactly(value) | Self::Contains(value) | Self::Unnamed(value) => Some(value),
            Self::Keep => None,
        }
    }

    /// What the field should become, given what is `there`; `merge` says what a value that must
    /// contain another looks like.
    ///
    /// ```
    /// # use notify_core::state::Want;
    /// let there = Want::Exactly("by hand");
    /// let replace = |_: &&str, wanted: &&'static str| *wanted;
    /// assert_eq!(Want::Unnamed("").settle(Some(&there), true, replace), there);
    /// assert_eq!(Want::Unnamed("").settle(Some(&there), false, replace), Want::Exactly(""));
    /// ```
    #[must_use]
    pub fn settle(&self, there: Option<&Self>, adopted: bool, merge: impl Fn(&T, &T) -> T) -> Self {
        match (self, there) {
            (Self::Keep, there) => there.cloned().unwrap_or(Self::Keep),
            (_, Some(Self::Keep)) => Self::Keep,
            (Self::Unnamed(_), Some(there)) if adopted => there.clone(),
            (Self::Contains(wanted), Some(there)) => {
                Self::Exactly(there.value().map_or_else(|| wanted.clone(), |t| merge(t, wanted)))
            }
            (Self::Exactly(wanted) | Self::Contains(wanted) | Self::Unnamed(wanted), _) => {
                Self::Exactly(wanted.clone())
            }
        }
    }
}
