//! What a batch gives: documents with their places.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// One document of a source, or what is wrong there.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<'a> {
    /// Where it begins.
    pub place: Place<'a>,
    /// What it is.
    pub content: Content<'a>,
}

/// Where a document begins.
///
/// ```
/// # use notify_core::feed::Place;
/// let source = "trail.json".into();
/// let place = Place { source: &source, line: 1, element: Some(12) };
/// assert_eq!(place.to_string(), "trail.json:1 (element 12)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The source's name; it may be kept without a copy.
    pub source: &'a Arc<str>,
    /// Counted from 1; 0 where the matter is the source as a whole.
    pub line: u64,
    /// Which element of its array it is, counted from 1. An array is often one line.
    pub element: Option<u64>,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        self.element.map_or(Ok(()), |element| write!(f, " (element {element})"))
    }
}

/// What a document is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content<'a> {
    /// An event, or something that `EventBridge` makes an event of.
    Event(Event<'a>),
    /// It is understood, and no event comes of it.
    NoEvent(NoEvent),
    /// It is not understood, or cannot be read.
    Bad(Bad),
}

/// An event as `EventBridge` has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// Its JSON. One that was found as an event is not checked: the pattern engine reads it.
    pub json: Cow<'a, [u8]>,
    /// What it was made of.
    pub origin: Origin,
    /// A read-only management event of CloudTrail (`Get…`, `List…`, `Describe…`): rules in the
    /// state `ENABLED` are not given such events, only those in the state
    /// `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`. Told for [`Origin::CloudTrail`] alone: an
    /// event that was found as one is not looked into here.
    pub read_only: bool,
}

/// What an event was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was one.
    Event,
    /// A record of CloudTrail.
    CloudTrail,
    /// A result of `get-compliance-details-by-config-rule`.
    Compliance,
    /// A configuration item.
    ConfigurationItem,
    /// A configuration item that tells a resource's compliance.
    ComplianceHistory,
    /// An item of a snapshot that Config delivered, of either kind.
    Snapshot,
}

impl Origin {
    /// Whether there is one event for each thing as it is now, and none for how it became so.
    pub fn is_current_state_only(self) -> bool {
        matches!(self, Self::Compliance | Self::Snapshot)
    }
}

/// Why nothing comes of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoEvent {
    /// Config recorded it for another reason.
    #[error("the compliance with no rule differs from the item before")]
    NothingChanged,
    /// Config keeps an item about the end of a resource, too.
    #[error("the item says that the resource is no longer there, and names no rule")]
    NoRules,
}

/// What is wrong with a document, or with a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Bad {
    /// The source could not be opened.
    #[error("cannot be opened: {0}")]
    Unopened(String),
    /// The source failed while it was read; what came before counts.
    #[error("cannot be read any further: {0}")]
    Read(String),
    /// There is nothing but white space.
    #[error("is empty")]
    Empty,
    /// A packed stream ends before its end; what came before counts.
    #[error("the {0} stream ends early: what came before is counted, the rest is missing")]
    EndsEarly(&'static str),
    /// A gzip stream is damaged; what came before counts.
    #[error("the gzip stream is damaged ({0}): what came before is counted")]
    Gzip(String),
    /// Something else follows a packed stream; what came before counts.
    #[error("something that is not {0} follows the {0} stream: what came before is counted")]
    Trail(&'static str),
    /// A zstd stream is damaged; what came before counts.
    #[error("the zstd stream is damaged ({0}): what came before is counted")]
    Zstd(String),
    /// A zstd stream would take too much memory.
    #[error(
        "the zstd stream needs a window of more than 32 MiB: unpack it first, `zstd -d --long=31`"
    )]
    ZstdWindow,
    /// It is packed in a way that is not read.
    #[error("is {0}, which is not read: give it as text, as gzip or as zstd")]
    PackedOtherwise(&'static str),
    /// It is text in two-byte units, as some shells write what they redirect.
    #[error("is UTF-16 text: save it as UTF-8")]
    Utf16,
    /// It is no text.
    #[error("is binary: it is neither text nor gzip nor zstd")]
    Binary,
    /// A document is too large to be an event.
    #[error(
        "has {bytes} bytes: an event has 1 MiB at most, and no more than 16 MiB are read of any document"
    )]
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// The source ends inside of a document.
    #[error("the input ends in the middle of this document")]
    Unfinished,
    /// A document whose brackets and quotes do not fit.
    #[error("is not JSON: {what} in line {line}; reading goes on where the next document begins")]
    Structure {
        /// What does not fit.
        what: &'static str,
        /// In which line.
        line: u64,
    },
    /// A document that is not JSON.
    #[error("is not JSON: {problem}, {}column {column}", of_line(*line))]
    Json {
        /// What does not fit.
        problem: String,
        /// In which line of the document, counted from 1.
        line: usize,
        /// Where in the line, counted in bytes from 1.
        column: usize,
    },
    /// JSON of another kind.
    #[error("is no event: {0}")]
    NotAnEvent(String),
}

fn of_line(line: usize) -> String {
    if line > 1 { format!("line {line} of the document, ") } else { String::new() }
}

impl Bad {
    /// Whether the source holds more than could be read: nothing is known of what that is.
    pub fn leaves_unread(&self) -> bool {
        match self {
            Self::Unopened(_)
            | Self::Read(_)
            | Self::EndsEarly(_)
            | Self::Gzip(_)
            | Self::Trail(_)
            | Self::Zstd(_)
            | Self::ZstdWindow
            | Self::PackedOtherwise(_)
            | Self::Utf16
            | Self::Binary => true,
            Self::Empty
            | Self::TooLarge { .. }
            | Self::Unfinished
            | Self::Structure { .. }
            | Self::Json { .. }
            | Self::NotAnEvent(_) => false,
        }
    }
}
