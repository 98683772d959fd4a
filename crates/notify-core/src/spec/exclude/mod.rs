//! `exclude` of `[[events]]`: what a notification does not tell of.

mod field;
mod read;

pub use field::{Excludable, NoExclusion};
pub(super) use read::exclude;

use crate::pattern::{Limit, Pattern, PatternText, Presence};
use crate::preset::{self, Preset};
use crate::transform::Known;
use field::{problem_with_path, problem_with_value};
use std::borrow::Cow;
use std::mem::discriminant;
use std::sync::LazyLock;

/// What a section of events leaves out, and by what it could leave out more.
///
/// ```
/// use notify_core::spec::{Format, parse};
///
/// let text = "stack = 's'\n[topic]\nname = 't'\n[[events]]\nname = 'e'\n\
///             preset = 'config-compliance'\nexclude = { accounts = ['111122223333'] }\n";
/// let spec = parse(text, Format::Toml).spec.expect("a file without mistakes");
/// let exclude = &spec.events[0].exclude;
/// let kinds = exclude.kinds();
/// let rules = kinds.iter().find(|kind| kind.kind == "config_rules").expect("a kind");
/// assert_eq!((rules.key.as_str(), rules.path.as_str()), ("config_rules", "detail.configRuleName"));
///
/// let more = exclude.with("config_rules", "restricted-ssh")?;
/// assert_eq!(
///     more.line(),
///     r#"exclude = { accounts = ["111122223333"], config_rules = ["restricted-ssh"] }"#
/// );
/// assert!(more.pattern().0.contains(r#"{"anything-but":["restricted-ssh"]}"#));
/// # Ok::<(), notify_core::spec::NoExclusion>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Exclude {
    /// The pattern that nothing is left out of.
    whole: PatternText,
    pattern: PatternText,
    /// By what a preset leaves out; `None` where fields are named by their paths.
    kinds: Option<Vec<Excludable>>,
    /// What the file says: keys with their values.
    entries: Vec<(String, Vec<String>)>,
}

impl Exclude {
    /// Nothing is left out of a preset's pattern, or of one that is written by hand.
    fn nothing(pattern: PatternText, preset: Option<&Preset>) -> Self {
        let kinds = preset.map(kinds_of);
        Self { whole: pattern.clone(), pattern, kinds, entries: Vec::new() }
    }

    /// By what events can be left out. For a pattern that is written by hand these are the kinds
    /// that a preset for the same events has, and the account; [`Self::with`] takes other paths,
    /// too.
    pub fn kinds(&self) -> Cow<'_, [Excludable]> {
        match &self.kinds {
            Some(kinds) => Cow::Borrowed(kinds),
            None => Cow::Owned(kinds_by_path(&self.whole)),
        }
    }

    /// Whether fields are named by their paths: a preset knows its own alone.
    fn by_path(&self) -> bool {
        self.kinds.is_none()
    }

    /// What is left out: the keys of the file with their values, in its order.
    pub fn entries(&self) -> &[(String, Vec<String>)] {
        &self.entries
    }

    /// The pattern that nothing is left out of.
    pub fn whole(&self) -> &PatternText {
        &self.whole
    }

    /// The pattern of the rule, with all that in mind.
    pub fn pattern(&self) -> &PatternText {
        &self.pattern
    }

    /// Leaves out one value more. The key is that of an [`Excludable`] or, for a pattern that is
    /// written by hand, a path such as `detail.eventName`.
    ///
    /// The error says why a file with that line would be refused, or would have a warning.
    pub fn with(&self, key: &str, value: &str) -> Result<Self, NoExclusion> {
        let field = self.field(key)?;
        if let Some(problem) = problem_with_value(&field, value) {
            return Err(problem);
        }
        if self.is_in_list(&field) {
            return Err(NoExclusion::in_list(&field.path));
        }
        let mut more = self.clone();
        let values = match more.entries.iter_mut().find(|(known, _)| known == key) {
            Some((_, values)) => values,
            None => {
                more.entries.push((key.to_owned(), Vec::new()));
                &mut more.entries.last_mut().ok_or_else(NoExclusion::unreadable)?.1
            }
        };
        if values.iter().any(|known| known == value) {
            return Err(NoExclusion::twice(value));
        }
        values.push(value.to_owned());
        let (whole, pattern) = (read(&self.whole)?, self.computed(&more.entries)?);
        if pattern.text() == self.pattern.0 {
            return Err(NoExclusion::idle(value));
        }
        let known = whole.limits();
        if let Some(limit) = new_limits(&pattern, &known).next() {
            return Err(NoExclusion::limit(&limit));
        }
        more.pattern = PatternText(pattern.text().to_owned());
        Ok(more)
    }

    /// The line of a TOML file that says what is left out.
    pub fn line(&self) -> String {
        let entries = self.entries.iter().map(|(key, values)| {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let key = if key.chars().all(is_bare) { key.clone() } else { quoted(key) };
            format!("{key} = [{}]", values.join(", "))
        });
        format!("exclude = {{ {} }}", entries.collect::<Vec<_>>().join(", "))
    }

    /// The field that a key means.
    fn field(&self, key: &str) -> Result<Excludable, NoExclusion> {
        let kinds = self.kinds();
        if let Some(kind) = kinds.iter().find(|kind| kind.key == key) {
            return Ok(kind.clone());
        }
        if !self.by_path() {
            return Err(NoExclusion::no_kind(key, &kinds));
        }
        // `resources` is a field of the event, too: then it is a path.
        match (problem_with_path(key), kinds.iter().find(|kind| kind.kind == key)) {
            (Some(_), Some(kind)) => Err(NoExclusion::kind_for_path(kind)),
            (Some(problem), None) => Err(problem),
            (None, _) => Ok(Excludable::by_path(key)),
        }
    }

    /// Whether events are known to have several of a field; a preset names none such.
    fn is_in_list(&self, field: &Excludable) -> bool {
        self.by_path() && Known::from_pattern(&self.whole.0).is_in_list(&field.path)
    }

    /// Whether events are known to have a field.
    fn presence(&self) -> Presence {
        if self.by_path() { Presence::Perhaps } else { Presence::Always }
    }

    fn computed(&self, entries: &[(String, Vec<String>)]) -> Result<Pattern, NoExclusion> {
        entries.iter().try_fold(read(&self.whole)?, |pattern, (key, values)| {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let field = self.field(key)?;
            let less = pattern.without(&field.path, &values, self.presence());
            less.map(|less| less.pattern).map_err(|error| NoExclusion::refused(&error))
        })
    }
}

/// The limits that a pattern exceeds, without those that were known before.
fn new_limits<'l>(pattern: &Pattern, known: &'l [Limit]) -> impl Iterator<Item = Limit> + use<'l> {
    let is_known =
        |limit: &Limit| known.iter().any(|other| discriminant(other) == discriminant(limit));
    pattern.limits().into_iter().filter(move |limit| !is_known(limit))
}

fn read(pattern: &PatternText) -> Result<Pattern, NoExclusion> {
    Pattern::parse(&pattern.0).map_err(|_| NoExclusion::unreadable())
}

fn kinds_of(preset: &Preset) -> Vec<Excludable> {
    let exclude = preset.event.iter().flat_map(|event| &event.exclude);
    let kinds = exclude.map(|(kind, exclusion)| Excludable {
        kind: kind.clone(),
        key: kind.clone(),
        path: exclusion.path.join("."),
        characters: exclusion.characters,
    });
    kinds.collect()
}

/// What a preset for the same events has; and every event has an account.
fn kinds_by_path(pattern: &PatternText) -> Vec<Excludable> {
    let events = Pattern::parse(&pattern.0).map(|pattern| events_of(&pattern)).ok();
    let of_same_events = OF_EVENTS.iter().filter(|(theirs, _)| {
        events.as_ref().is_some_and(|ours| ours.iter().all(Option::is_some) && ours == theirs)
    });
    let mut kinds: Vec<Excludable> = Vec::new();
    for kind in of_same_events.flat_map(|(_, kinds)| kinds) {
        if kinds.iter().all(|known| known.path != kind.path) {
            kinds.push(Excludable { key: kind.path.clone(), ..kind.clone() });
        }
    }
    if kinds.iter().all(|kind| kind.kind != "accounts") {
        kinds.push(Excludable { kind: "accounts".to_owned(), ..Excludable::by_path("account") });
    }
    kinds
}

/// Whose events a pattern picks, and which.
type Events = [Option<Vec<String>>; 2];

fn events_of(pattern: &Pattern) -> Events {
    ["source", "detail-type"].map(|key| pattern.values_at(key))
}

/// By what presets leave out, by the events that they are about. Read once: a file can have
/// hundreds of patterns.
static OF_EVENTS: LazyLock<Vec<(Events, Vec<Excludable>)>> = LazyLock::new(|| {
    let with_kinds = preset::all().filter_map(|preset| {
        let event = preset.event.as_ref().filter(|event| !event.exclude.is_empty())?;
        Some((events_of(&Pattern::parse(&event.pattern).ok()?), kinds_of(preset)))
    });
    with_kinds.collect()
});

/// A string of TOML, on one line.
fn quoted(text: &str) -> String {
    // The escapes of JSON are those of TOML, which wants one more.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}
