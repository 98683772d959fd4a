//! One key of `exclude`: which field it means, what may stand there, and why it may not.

use crate::aws::{AccountId, NameError};
use crate::pattern::{CannotExclude, Limit, MOST_CHARACTERS, Presence};
use crate::spec::fields::nearest;

/// The fields of every event ([structure](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html)),
/// and that of an event which is played again. All of a source's own lies in `detail`.
const ENVELOPE: [&str; 10] = [
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
    "replay-name",
];

/// A field by which events can be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excludable {
    /// What it is, as presets call it: `config_rules`, `resources`, `accounts`, …; or its path.
    pub kind: String,
    /// How the file's `exclude` calls it: the kind for a preset, else the path.
    pub key: String,
    /// Where in an event it is: key names joined with dots.
    pub path: String,
    /// How long each text may be.
    pub(super) characters: usize,
    /// Whether each event of the preset has it.
    pub(super) presence: Presence,
}

impl Excludable {
    /// A field that is named by its path.
    pub(super) fn by_path(path: &str) -> Self {
        Self {
            kind: path.to_owned(),
            key: path.to_owned(),
            path: path.to_owned(),
            characters: MOST_CHARACTERS,
            presence: Presence::Perhaps,
        }
    }

    /// Whether it is a field of the source's own, of which a pattern's author knows more than this.
    pub(super) fn is_own(&self) -> bool {
        self.key == self.path && self.path.starts_with("detail.")
    }
}

/// Why something cannot be left out, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct NoExclusion {
    /// What is in the way.
    pub problem: String,
    /// What to do.
    pub help: String,
}

impl NoExclusion {
    fn new(problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self { problem: problem.into(), help: help.into() }
    }

    /// The pattern itself is broken.
    pub(super) fn unreadable() -> Self {
        Self::new("the pattern cannot be read", "mend the pattern first")
    }

    pub(super) fn twice(value: &str) -> Self {
        Self::new(format!("`{value}` stands here twice"), "leave one out")
    }

    pub(super) fn idle(value: &str) -> Self {
        Self::new(
            format!("`{value}` excludes nothing: the pattern does not take it anyway"),
            "leave it out",
        )
    }

    /// A field of which an event has several.
    pub(super) fn in_list(path: &str) -> Self {
        Self::new(
            format!("`{path}` lies in a list: an event with another value beside it is told of"),
            "EventBridge looks at each element by itself: exclude by a field that is in no list",
        )
    }

    /// A number where a name belongs.
    pub(super) fn number(number: &str) -> Self {
        Self::new(
            format!("{number} is a number, and names alone are excluded"),
            format!(
                "if it is one in the event, too, write it into the pattern: \
                 [{{\"anything-but\": [{number}]}}, {{\"exists\": false}}]; else put it into quotes"
            ),
        )
    }

    /// A key that a preset does not know.
    pub(super) fn no_kind(key: &str, kinds: &[Excludable]) -> Self {
        let known: Vec<&str> = kinds.iter().map(|kind| kind.key.as_str()).collect();
        let by_path = kinds.iter().find(|kind| kind.path == key.trim_start_matches("$."));
        let help = match (by_path, nearest(key, &known)) {
            (Some(kind), _) => format!("here it is called `{}`", kind.key),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) if known.is_empty() => "leave `exclude` out".to_owned(),
            (None, None) => format!("it knows {}", known.join(", ")),
        };
        Self::new(format!("the preset has no `{key}` to exclude by"), help)
    }

    /// The name of a kind where a path has to stand.
    pub(super) fn kind_for_path(kind: &Excludable) -> Self {
        Self::new(
            format!("`{}` is known to presets alone", kind.kind),
            format!("name the field's path: \"{}\"", kind.path),
        )
    }

    pub(super) fn refused(error: &CannotExclude) -> Self {
        let help = match error {
            CannotExclude::Everything => {
                "leave one of them in, or write `enabled = false` to be told of nothing"
            }
            CannotExclude::Alternative => "leave that alternative out of the pattern's `$or`",
            CannotExclude::Among { .. } => {
                "list the names that you want in place of the operator, or exclude by another field"
            }
            CannotExclude::Beside { .. } => {
                "say it all in one operator: {\"anything-but\": {\"wildcard\": [\"x*\", \"name\"]}} \
                 takes names, too"
            }
            CannotExclude::TooManyCombinations => "use lists in place of `$or`, or several events",
            CannotExclude::Form => {
                "write it into the pattern: [{\"anything-but\": [\"name\"]}, {\"exists\": false}]"
            }
        };
        Self::new(error.to_string(), help)
    }

    /// A limit that the pattern exceeds only with what is excluded.
    pub(super) fn limit(limit: &Limit) -> Self {
        let help = match limit {
            Limit::OverQuota { .. } => {
                "the quota is 2,048: list what you want to be told of instead, or have the quota \
                 raised (L-664C5505)"
            }
            _ => "EventBridge does not take it: list what you want to be told of instead",
        };
        Self::new(format!("with these excluded, {limit}"), help)
    }
}

/// What makes a key no path of a field, if anything does.
pub(super) fn problem_with_path(key: &str) -> Option<NoExclusion> {
    let no_field = format!("`{key}` is no field of an event");
    let example = "write a path such as \"account\" or \"detail.eventName\"";
    if let Some(path) = key.strip_prefix("$.") {
        return Some(NoExclusion::new(no_field, format!("write it without `$.`: \"{path}\"")));
    }
    if key.contains('[') {
        return Some(NoExclusion::new(
            no_field,
            "leave the [brackets] out: a pattern looks at each element of a list",
        ));
    }
    let mut steps = key.split('.');
    let first = steps.next().unwrap_or_default();
    let rest: Vec<&str> = steps.collect();
    let help = match (first, rest.as_slice()) {
        ("detail", []) => "name a field in it, such as \"detail.eventName\"".to_owned(),
        (_, rest) if rest.contains(&"") => example.to_owned(),
        ("detail", _) => return None,
        (first, []) if ENVELOPE.contains(&first) => return None,
        (first, []) => match nearest(first, &ENVELOPE) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("what is the source's own lies in `detail`: \"detail.{first}\"?"),
        },
        _ => example.to_owned(),
    };
    Some(NoExclusion::new(no_field, help))
}

/// What makes a text no value of a field, if anything does.
pub(super) fn problem_with_value(field: &Excludable, value: &str) -> Option<NoExclusion> {
    if field.path == "account" {
        return AccountId::parse(value)
            .err()
            .map(|NameError { problem, help }| NoExclusion::new(problem, help));
    }
    let length = value.chars().count();
    if length > field.characters {
        return Some(NoExclusion::new(
            format!("a name has {length} characters"),
            format!("AWS takes {} at most: shorten it", field.characters),
        ));
    }
    if let Some(c) = value.chars().find(|c| c.is_control()) {
        return Some(NoExclusion::new(
            format!("a name contains the control character {c:?}"),
            "leave it out",
        ));
    }
    value.is_empty().then(|| {
        NoExclusion::new(
            format!("`{}` holds an empty string", field.key),
            "write a name, or leave it out",
        )
    })
}
