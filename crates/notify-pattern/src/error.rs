//! What is wrong with a pattern or an event.

use super::scan::Broken;
use std::fmt;

/// Jackson shows so many UTF-16 units of the text that it read.
const MOST_SHOWN: usize = 500;

/// Why a pattern is invalid, in the engine's words.
///
/// ```
/// # use notify_pattern::Pattern;
/// let error = Pattern::parse(r#"{"source": "aws.config"}"#).unwrap_err();
/// assert_eq!(error.to_string(), r#""source" must be an object or an array"#);
/// assert_eq!(error.place(), Some((1, 13)));
/// assert_eq!(
///     error.service_text(),
///     "Event pattern is not valid. Reason: \"source\" must be an object or an array\n at \
///      [Source: (String)\"{\"source\": \"aws.config\"}\"; line: 1, column: 13]"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    message: String,
    /// Line and column, as often as the engine prints them.
    places: Vec<(usize, usize)>,
    /// The pattern as the engine shows it.
    source_text: String,
}

impl PatternError {
    pub(super) fn new(refusal: Refusal, text: &str) -> Self {
        let Refusal { message, at } = refusal;
        let places = at.into_iter().map(|at| utf16_place(text, at)).collect();
        Self { message, places, source_text: shown_source(text) }
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Line and column behind the offending word, counted from 1; the column in UTF-16 units. The
    /// engine gives none for CIDRs, for a lone number in `anything-but`, and for what is nested too
    /// deep.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.places.first().copied()
    }

    /// The engine's text: the message, the pattern, the place.
    pub fn engine_text(&self) -> String {
        let source = &self.source_text;
        let places = self.places.iter().map(|(line, column)| {
            format!("\n at [Source: (String){source}; line: {line}, column: {column}]")
        });
        std::iter::once(self.message.clone()).chain(places).collect()
    }

    /// The text that the service gives in its `InvalidEventPatternException`.
    pub fn service_text(&self) -> String {
        format!("Event pattern is not valid. Reason: {}", self.engine_text())
    }
}

/// A message and the bytes behind which it arose, before lines are counted.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) at: Vec<usize>,
}

impl From<Broken> for Refusal {
    fn from(Broken { at, problem }: Broken) -> Self {
        Self { message: problem, at: vec![at] }
    }
}

/// The pattern in quotes as Jackson shows it: cut, and without most control characters.
fn shown_source(text: &str) -> String {
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= MOST_SHOWN
    };
    let shown: String = text
        .chars()
        .take_while(fits)
        .map(|c| match c {
            '\n' | '\r' => c.to_string(),
            c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    let all: usize = text.chars().map(char::len_utf16).sum();
    match all.checked_sub(MOST_SHOWN) {
        None | Some(0) => format!("\"{shown}\""),
        Some(more) => format!("\"{shown}\"[truncated {more} chars]"),
    }
}

/// The line, and the column in UTF-16 units, of a byte: both counted from 1, as the engine, which is
/// written in Java, counts them.
///
/// ```
/// assert_eq!(notify_pattern::utf16_place("{\n  \"\u{1f680}\"x", 9), (2, 6));
/// ```
pub fn utf16_place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let (line, start) = line_start(before.as_bytes());
    let units: usize = before.get(start..).unwrap_or_default().chars().map(char::len_utf16).sum();
    (line, units + 1)
}

/// The number of the last line, and where it begins. A carriage return alone ends a line, too.
fn line_start(text: &[u8]) -> (usize, usize) {
    let (mut line, mut start) = (1, 0);
    for (at, byte) in text.iter().enumerate() {
        let ends = *byte == b'\n' || (*byte == b'\r' && text.get(at + 1) != Some(&b'\n'));
        if ends {
            line += 1;
            start = at + 1;
        }
    }
    (line, start)
}

/// Why an event cannot be matched: it is no JSON object, or it would take too long.
///
/// ```
/// # use notify_pattern::Pattern;
/// let pattern = Pattern::parse(r#"{"source": ["aws.config"]}"#)?;
/// let error = pattern.matches(b"{\n  source}").unwrap_err();
/// assert_eq!(error.place(), Some((2, 4)));
/// # Ok::<(), notify_pattern::PatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventError {
    message: String,
    place: Option<(usize, usize)>,
}

impl EventError {
    pub(super) fn broken(broken: Broken, event: &[u8]) -> Self {
        let before = event.get(..broken.at).unwrap_or(event);
        let (line, start) = line_start(before);
        let last = before.get(start..).unwrap_or_default();
        // Bytes that continue a character are no columns of their own.
        let column = last.iter().filter(|byte| **byte & 0xc0 != 0x80).count() + 1;
        Self { message: broken.problem, place: Some((line, column)) }
    }

    pub(super) fn too_complex() -> Self {
        Self {
            message: "it takes too many steps to tell whether the pattern matches".to_owned(),
            place: None,
        }
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Line and column (in characters) behind what is wrong, counted from 1; `None` when the event
    /// can be read and matching it would take too long.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.place
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => {
                write!(f, "{} at line {line}, column {column}", self.message)
            }
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for EventError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_utf16_units() {
        for (text, at, place) in [
            ("", 0, (1, 1)),
            ("ab", 2, (1, 3)),
            ("a\nb", 3, (2, 2)),
            ("a\r\nb", 4, (2, 2)),
            ("a\rb", 3, (2, 2)),
            ("é🚀x", 6, (1, 4)),
            ("ab", 9, (1, 3)),
        ] {
            assert_eq!(utf16_place(text, at), place, "{text:?}");
        }
    }

    #[test]
    fn a_long_source_is_cut() {
        assert_eq!(shown_source("a\u{1}\tb\n"), "\"a\\u0001\\u0009b\n\"");
        let exact = "x".repeat(500);
        assert_eq!(shown_source(&exact), format!("\"{exact}\""));
        assert_eq!(shown_source(&"x".repeat(512)), format!("\"{exact}\"[truncated 12 chars]"));
    }
}
