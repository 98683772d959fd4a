//! Event patterns: which events a rule matches, decided as `EventBridge` decides it.
//!
//! ```
//! use notify_pattern::{Pattern, PatternSet};
//!
//! let failed = Pattern::parse(r#"{"detail": {"state": [{"prefix": "FAIL"}]}}"#)?;
//! let big = Pattern::parse(r#"{"detail": {"size": [{"numeric": [">=", 100]}]}}"#)?;
//! let event = br#"{"detail": {"state": "FAILED", "size": 12}}"#;
//! assert!(failed.matches(event)?);
//!
//! let set = PatternSet::new([failed, big]);
//! assert_eq!(set.matches(event)?, [0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The meaning is that of the engine which the service is built on, `aws/event-ruler` 2.0.1, and
//! so are the texts of errors. Where the engine contradicts the documentation, the documentation
//! stands:
//!
//! - a CIDR matches addresses of its own family alone, and strings alone
//! - `"` is a character like any other, also at the end of a `prefix` or `suffix`
//! - `equals-ignore-case` works on whole characters, also on those that need two UTF-16 units
//! - an empty key is a key at every level
//! - `exists: false` beside other matchers gives the same verdict at each run
//!
//! An event is read once, and only values at paths that a pattern uses are kept. Nesting is limited
//! to 1,000 levels, as in the engine. Time is limited, too: an event whose arrays can be combined
//! in millions of ways (it takes keys that occur many times in one object) is an error.

mod address;
mod arrays;
mod blocks;
mod branch;
mod compared;
mod engine;
mod error;
mod event;
mod explain;
mod fast;
mod filed;
mod limits;
mod matcher;
mod number;
mod operator;
mod parse;
mod paths;
mod scan;
mod seen;
mod text;
mod token;
mod values;
mod without;

pub use compared::PatternText;
pub use error::{EventError, PatternError, utf16_place};
pub use explain::{Explanation, FieldExplanation};
pub use fast::{SetMatcher, Validation};
pub use limits::{Limit, MOST_CHARACTERS, MOST_COMBINATIONS, MOST_PATHS, QUOTA_CHARACTERS};
pub use without::{CannotExclude, Presence, Without};

use branch::Branches;
use engine::{Compiled, Engine};
use std::sync::Arc;

/// An event pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    compiled: Arc<Compiled>,
    engine: Arc<Engine>,
}

impl Pattern {
    /// Reads a pattern from JSON. Text after the first object is ignored.
    ///
    /// ```
    /// # use notify_pattern::Pattern;
    /// assert!(Pattern::parse(r#"{"source": ["aws.config"]}"#).is_ok());
    /// let error = Pattern::parse(r#"{"source": []}"#).unwrap_err();
    /// assert_eq!(error.to_string(), "Empty arrays are not allowed");
    /// ```
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let tree = parse::parse(text).map_err(|refusal| PatternError::new(refusal, text))?;
        let (fields, branches) = Branches::new(tree);
        let compiled = Arc::new(Compiled { fields, branches });
        let engine = Arc::new(Engine::new([Arc::clone(&compiled)]));
        Ok(Self { text: text.to_owned(), compiled, engine })
    }

    /// The text that the pattern was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether an event matches. Text after the event's object is ignored.
    ///
    /// ```
    /// # use notify_pattern::Pattern;
    /// let pattern = Pattern::parse(r#"{"detail": {"n": [300, {"exists": false}]}}"#)?;
    /// assert!(pattern.matches(br#"{"detail": {"n": 3.0e2}}"#)?);
    /// assert!(pattern.matches(br#"{"detail": {"n": []}}"#)?);
    /// assert!(!pattern.matches(br#"{"detail": {"n": "300"}}"#)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn matches(&self, event: &[u8]) -> Result<bool, EventError> {
        self.engine.read(event)?.matches(0)
    }

    /// Says what each field asked for, and what was there.
    ///
    /// ```
    /// # use notify_pattern::Pattern;
    /// let pattern = Pattern::parse(r#"{"source": ["aws.config"], "detail": {"n": [1]}}"#)?;
    /// let explanation = pattern.explain(br#"{"source": "aws.config", "detail": {"n": [2, 3]}}"#)?;
    /// assert!(!explanation.matches);
    /// assert_eq!(explanation.fields[0].path, "detail.n");
    /// assert_eq!(explanation.fields[0].matchers, ["1"]);
    /// assert_eq!(explanation.fields[0].found, ["2", "3"]);
    /// assert!(!explanation.fields[0].matched && explanation.fields[1].matched);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&self, event: &[u8]) -> Result<Explanation, EventError> {
        explain::explain(&self.compiled, &self.engine.read(event)?)
    }

    /// Which limits of the service the pattern exceeds, or may exceed.
    ///
    /// ```
    /// # use notify_pattern::{Limit, Pattern};
    /// let text = format!(r#"{{"source": ["{}"]}}"#, "x".repeat(3000));
    /// let limits = Pattern::parse(&text)?.limits();
    /// assert_eq!(limits, [Limit::OverQuota { characters: 3016 }]);
    /// # Ok::<(), notify_pattern::PatternError>(())
    /// ```
    pub fn limits(&self) -> Vec<Limit> {
        limits::limits(&self.text, &self.compiled)
    }

    /// The values that a field must have, one of them, for an event to match: as JSON, and only
    /// where every branch of the pattern lists its values there. A list of an event matches by
    /// any of its elements, so others can be beside them.
    ///
    /// ```
    /// # use notify_pattern::Pattern;
    /// let pattern = Pattern::parse(r#"{"detail": {"state": ["FAILED", 3], "n": [{"prefix": "a"}]}}"#)?;
    /// assert_eq!(pattern.values_at("detail.state"), Some(vec!["\"FAILED\"".into(), "3".into()]));
    /// assert_eq!(pattern.values_at("detail.n"), None);
    /// # Ok::<(), notify_pattern::PatternError>(())
    /// ```
    pub fn values_at(&self, path: &str) -> Option<Vec<String>> {
        values::values_at(&self.compiled, path)
    }

    /// What a field must be, as the pattern writes it, each of them JSON: only where every branch
    /// of the pattern asks for the field.
    ///
    /// ```
    /// # use notify_pattern::Pattern;
    /// let pattern = Pattern::parse(r#"{"detail": {"n": ["b", {"prefix": "a"}]}}"#)?;
    /// let matchers = pattern.matchers_at("detail.n");
    /// assert_eq!(matchers, Some(vec![r#""b""#.to_owned(), r#"{"prefix": "a"}"#.to_owned()]));
    /// assert_eq!(pattern.matchers_at("source"), None);
    /// # Ok::<(), notify_pattern::PatternError>(())
    /// ```
    pub fn matchers_at(&self, path: &str) -> Option<Vec<String>> {
        let matchers = values::matchers_at(&self.compiled, path)?;
        Some(matchers.map(|(_, written)| written.clone()).collect())
    }

    /// The paths of all fields that the pattern looks at, in any of its branches.
    ///
    /// ```
    /// # use notify_pattern::Pattern;
    /// let pattern = Pattern::parse(r#"{"a": {"b": [1]}, "$or": [{"c": [2]}, {"a.b": [3]}]}"#)?;
    /// assert_eq!(pattern.paths().into_iter().collect::<Vec<_>>(), ["a.b", "c"]);
    /// # Ok::<(), notify_pattern::PatternError>(())
    /// ```
    pub fn paths(&self) -> std::collections::BTreeSet<String> {
        self.compiled.fields.iter().map(|field| scan::shown(&field.path)).collect()
    }

    /// The pattern that matches the same events but for those in which a field is one of these
    /// strings.
    ///
    /// Where the pattern restricts the field, what it takes there becomes less; elsewhere the field
    /// must then be `anything-but` these strings, or absent if it can be. In a list each value is
    /// looked at by itself: an event stays as long as the pattern takes it by a value that is not
    /// excluded. Where the pattern lists an address, any way to write it is the same string.
    ///
    /// A field that the pattern does not restrict must not lie in a list of objects: `EventBridge`
    /// chooses one element for all fields, and elements without the field would be lost.
    ///
    /// ```
    /// # use notify_pattern::{Pattern, Presence};
    /// let pattern = Pattern::parse(r#"{"source": ["s"], "detail": {"name": ["a", "b"]}}"#)?;
    /// let less = pattern.without("detail.name", &["a"], Presence::Always)?.pattern;
    /// assert_eq!(less.text(), r#"{"source": ["s"], "detail": {"name": ["b"]}}"#);
    /// let less = pattern.without("account", &["123456789012"], Presence::Always)?.pattern;
    /// assert!(less.text().starts_with(r#"{"account":[{"anything-but":["123456789012"]}],"source""#));
    /// let all = pattern.without("detail.name", &["a", "b"], Presence::Always);
    /// assert_eq!(all.unwrap_err().to_string(), "nothing is left of what the pattern takes");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn without(
        &self,
        path: &str,
        values: &[&str],
        presence: Presence,
    ) -> Result<Without, CannotExclude> {
        without::without(self, path, values, presence)
    }
}

/// Patterns that are matched against each event together.
#[derive(Debug, Clone)]
pub struct PatternSet {
    engine: Arc<Engine>,
}

impl PatternSet {
    /// Puts patterns together; each is known by its position.
    pub fn new(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        let compiled = patterns.into_iter().map(|pattern| pattern.compiled);
        Self { engine: Arc::new(Engine::new(compiled)) }
    }

    /// The positions of the patterns that match an event, in ascending order. Each pattern is asked
    /// on its own, but the questions that all of them ask of an event have one limit. This is for one
    /// event; [`PatternSet::matcher`] is for many.
    pub fn matches(&self, event: &[u8]) -> Result<Vec<usize>, EventError> {
        self.engine.matching(event)
    }

    /// A matcher for one event after another; each thread has its own.
    ///
    /// ```
    /// # use notify_pattern::{Pattern, PatternSet, Validation};
    /// let config = Pattern::parse(r#"{"source": ["aws.config"]}"#)?;
    /// let s3 = Pattern::parse(r#"{"source": [{"prefix": "aws.s"}], "detail": {"n": [{"numeric": [">", 1]}]}}"#)?;
    /// let set = PatternSet::new([config, s3]);
    /// let mut matcher = set.matcher(Validation::Needed);
    /// assert_eq!(matcher.matches(br#"{"source": "aws.s3", "detail": {"n": 2}}"#)?, [1]);
    /// let broken = br#"{"source": "aws.config", "detail": {"n": two}}"#;
    /// assert_eq!(matcher.matches(broken)?, [0]);
    /// assert!(set.matcher(Validation::Full).matches(broken).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn matcher(&self, validation: Validation) -> SetMatcher {
        SetMatcher::new(Arc::clone(&self.engine), validation)
    }
}
