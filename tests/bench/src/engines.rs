//! The two that are compared. Each counts, for each rule, the events that it matches: bytes in,
//! counts out, and the lines are found within that.

use crate::Failure;
use memchr::memchr_iter;
use notify_core::pattern::{Pattern, PatternSet, Validation};
use quamina::{MatcherBuildMode, Quamina};

/// As it is published.
pub(crate) const RIVAL: &str = "quamina 0.7.0";

/// How many events each rule of a set matched.
pub(crate) type Counts = Vec<u64>;

/// Puts a rule set together.
pub(crate) fn ours(rules: &[String]) -> Result<PatternSet, Failure> {
    let patterns: Result<Vec<_>, _> = rules.iter().map(|rule| Pattern::parse(rule)).collect();
    Ok(PatternSet::new(patterns?))
}

/// Matches with ours.
pub(crate) fn count_ours(
    set: &PatternSet,
    rules: usize,
    validation: Validation,
    events: &[u8],
) -> Result<Counts, Failure> {
    let mut counts = vec![0; rules];
    // What a matcher prepares is part of the work, so each count has a new one.
    let mut matcher = set.matcher(validation);
    for (at, event) in lines(events).enumerate() {
        for &rule in matcher.matches(event).map_err(|error| broken(at, &error))? {
            counts[rule] += 1;
        }
    }
    Ok(counts)
}

/// The rival with the rules that it takes, and those that it refuses.
pub(crate) struct Rival {
    pub(crate) engine: Quamina<usize>,
    pub(crate) refused: Vec<usize>,
}

/// Puts a rule set together, without what the rival refuses.
pub(crate) fn rival(rules: &[String]) -> Rival {
    let mut engine = Quamina::new();
    // A rival is measured at its best. It is faster so from about fifty rules with wildcards.
    engine.set_matcher_build_mode(MatcherBuildMode::BuiltForSpeed);
    let mut refused = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        if engine.add_pattern(at, rule).is_err() {
            refused.push(at);
        }
    }
    Rival { engine, refused }
}

/// Matches with the rival.
pub(crate) fn count_rival(rival: &Rival, rules: usize, events: &[u8]) -> Result<Counts, Failure> {
    let mut counts = vec![0; rules];
    for (at, event) in lines(events).enumerate() {
        for rule in rival.engine.matches_for_event(event).map_err(|error| broken(at, &error))? {
            counts[rule] += 1;
        }
    }
    Ok(counts)
}

fn broken(at: usize, error: &dyn std::error::Error) -> String {
    format!("line {} of the events: {error}", at + 1)
}

/// The lines of a text that ends with a line end.
pub(crate) fn lines(events: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr_iter(b'\n', events).map(move |end| {
        let line = &events[start..end];
        start = end + 1;
        line
    })
}
