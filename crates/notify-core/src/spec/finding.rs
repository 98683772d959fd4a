//! What is wrong with a spec file, where, and what to do about it.

use std::ops::Range;

/// Something wrong, or worth a thought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// Where it is.
    pub location: Location,
    /// What it is.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The file cannot be used.
    Error,
    /// The file can be used; its author should know.
    Warning,
}

impl Level {
    /// A word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Where in a file something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In TOML, and for JSON's syntax: bytes from and to.
    Span(Range<usize>),
    /// In JSON: a pointer such as `/alarms/0/period`.
    Pointer(String),
}

impl Location {
    /// The line and column (in characters) where it begins, counted from 1; `None` for a pointer.
    ///
    /// ```
    /// # use notify_core::spec::Location;
    /// assert_eq!(Location::Span(9..10).line_and_column("名前\nab"), Some((2, 3)));
    /// ```
    pub fn line_and_column(&self, text: &str) -> Option<(usize, usize)> {
        let Self::Span(span) = self else { return None };
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Some((before.matches('\n').count() + 1, before[line_start..].chars().count() + 1))
    }
}
