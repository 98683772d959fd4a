//! What a worker found in some documents.

use super::about::About;
use crate::feed::{self, Place};
use crate::mail::{MAX_BYTES, Unpublishable};
use crate::transform;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// So many bad documents are shown; all are counted.
pub(super) const MOST_BAD_SHOWN: usize = 20;

/// What a worker found in some documents, to be added to a [`super::Tally`].
///
/// Its size follows from the mails of the documents: a few megabytes of them make one.
#[derive(Debug, Default)]
pub struct Found {
    pub(super) events: u64,
    /// Documents that are understood, and of which no event comes.
    pub(super) without_event: u64,
    /// Sources that could not be opened, or not be read to their end.
    pub(super) unreadable: u64,
    /// Read-only API calls, which rules do not see.
    pub(super) not_delivered: u64,
    /// Outside of the time that was asked for.
    pub(super) outside: u64,
    pub(super) without_time: u64,
    pub(super) times: Option<(Timestamp, Timestamp)>,
    pub(super) current_state_only: bool,
    pub(super) records: Vec<Record>,
    pub(super) bad: u64,
    pub(super) first_bad: Vec<BadDocument>,
    /// Apart, so that many broken lines do not hide a file that was not read.
    pub(super) first_unread: Vec<BadDocument>,
    pub(super) examples: BTreeMap<(usize, Why), Example>,
    pub(super) samples: BTreeMap<usize, Vec<Text>>,
}

/// A document that is no event.
#[derive(Debug)]
pub(super) struct BadDocument {
    pub(super) place: At,
    pub(super) problem: Problem,
}

/// Why a document counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// It is no event, or not read to its end.
    #[error("{0}")]
    Document(feed::Bad),
    /// Matching it takes too long; in the engine's words.
    #[error("{0}")]
    TooComplex(String),
}

/// A pattern that matched an event.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) notification: usize,
    pub(super) fate: Fate,
    pub(super) about: About,
    pub(super) at: Option<Timestamp>,
}

/// What became of it.
#[derive(Debug)]
pub(super) enum Fate {
    /// A mail, by the topic of this number.
    Mailed(usize),
    Lost(Why),
    /// The notification is switched off.
    Asleep,
    /// It happened where the notification has no rule.
    Elsewhere(Box<str>),
}

/// Why a mail is lost, without the places that differ from event to event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    NotJson(&'static str),
    Undecided(&'static str),
    Nothing,
    Empty,
    TooLong,
}

/// A mail that is lost.
#[derive(Debug, Clone)]
pub(super) struct Example {
    pub(super) place: At,
    /// What exactly is wrong with this one.
    pub(super) detail: String,
}

/// A mail.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) place: At,
    pub(super) at: Option<Timestamp>,
    pub(super) subject: Option<String>,
    pub(super) body: String,
}

/// Where a document begins, kept without a copy of the source's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At {
    pub(super) source: Arc<str>,
    pub(super) line: u64,
    pub(super) element: Option<u64>,
}

impl From<Place<'_>> for At {
    fn from(place: Place<'_>) -> Self {
        let Place { source, line, element } = place;
        Self { source: Arc::clone(source), line, element }
    }
}

impl Found {
    /// Counts a document that is no event, and why.
    pub(super) fn bad(&mut self, place: Place<'_>, problem: impl FnOnce() -> Problem) {
        self.bad += 1;
        if self.first_bad.len() < MOST_BAD_SHOWN {
            self.first_bad.push(BadDocument { place: place.into(), problem: problem() });
        }
    }

    /// Counts a source that holds more than could be read.
    pub(super) fn unread(&mut self, place: Place<'_>, bad: &feed::Bad) {
        self.bad += 1;
        self.unreadable += 1;
        if self.first_unread.len() < MOST_BAD_SHOWN {
            let problem = Problem::Document(bad.clone());
            self.first_unread.push(BadDocument { place: place.into(), problem });
        }
    }

    /// The time of an event.
    pub(super) fn saw(&mut self, at: Option<Timestamp>) {
        match (at, &mut self.times) {
            (None, _) => self.without_time += 1,
            (Some(at), None) => self.times = Some((at, at)),
            (Some(at), Some((first, last))) => {
                *first = at.min(*first);
                *last = at.max(*last);
            }
        }
    }
}

impl From<transform::Why> for Why {
    fn from(why: transform::Why) -> Self {
        match why {
            transform::Why::NotJson { problem, line: _, column: _ } => Self::NotJson(problem),
            transform::Why::Undecided(what) => Self::Undecided(what),
            transform::Why::Nothing => Self::Nothing,
        }
    }
}

impl From<Unpublishable> for Why {
    fn from(error: Unpublishable) -> Self {
        match error {
            // Rules publish without a subject.
            Unpublishable::Subject | Unpublishable::Empty => Self::Empty,
            Unpublishable::TooLong { bytes: _ } => Self::TooLong,
        }
    }
}

impl Why {
    /// AWS's code for it, or a word of ours where AWS says nothing.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::NotJson(_) | Self::Undecided(_) => "INVALID_JSON",
            Self::Nothing => "NOTHING_SENT",
            Self::Empty | Self::TooLong => "SDK_CLIENT_ERROR",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(problem) => {
                write!(f, "what the template makes of the event is not JSON: {problem}")
            }
            Self::Undecided(what) => {
                write!(f, "what AWS does with {what} is not known, so it counts as lost")
            }
            Self::Nothing => f.write_str("nothing is left to send"),
            Self::Empty => write!(f, "{}", Unpublishable::Empty),
            Self::TooLong => {
                write!(f, "{} (more than {MAX_BYTES} bytes)", Unpublishable::TooLong { bytes: 0 })
            }
        }
    }
}
