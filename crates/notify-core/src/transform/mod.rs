//! What an EventBridge target receives: paths, templates, and how they are filled in.

mod path;
mod template;

pub use path::check_path;
pub use template::{MOST_PATHS, MOST_TEMPLATE_CHARACTERS, check_template, placeholders};
pub(crate) use template::{is_reserved, is_variable};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
