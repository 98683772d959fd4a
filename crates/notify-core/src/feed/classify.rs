//! What a document is.

use super::document::{Bad, Content, Event, Origin};
use super::envelope::StandIn;
use super::members::Members;
use super::sniff::BOM;
use super::{cloudtrail, compliance, history};
use memchr::memmem::Finder;
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// How much of a document is looked at to see that it is an event. What AWS writes begins with
/// `version`, `id`, `detail-type` and `source`.
const HEAD: usize = 256;

/// How many keys are named of an object that is no event, and how much of each.
const MOST_KEYS: usize = 5;
const MOST_OF_KEY: usize = 40;

/// Reads documents.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    stand_in: &'a StandIn,
    detail_type: Finder<'static>,
    source: Finder<'static>,
}

/// What a list of configuration items tells of one of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    /// The items before and behind it.
    pub(super) items: [Option<&'a [u8]>; 2],
    pub(super) of_snapshot: bool,
}

/// An event as it was found.
pub(super) fn event(bytes: &[u8]) -> Content<'_> {
    Content::Event(Event { json: Cow::Borrowed(bytes), origin: Origin::Event, read_only: false })
}

impl<'a> Reader<'a> {
    pub(super) fn new(stand_in: &'a StandIn) -> Self {
        Self {
            stand_in,
            detail_type: Finder::new(r#""detail-type""#),
            source: Finder::new(r#""source""#),
        }
    }

    /// Whether a document begins as an event does. This keeps the usual case free of parsing: who
    /// puts both words into the first bytes of something else gets an event that matches nothing.
    pub(super) fn is_plainly_event(&self, bytes: &[u8]) -> bool {
        let head = bytes.get(..HEAD).unwrap_or(bytes);
        head.starts_with(b"{")
            && self.detail_type.find(head).is_some()
            && self.source.find(head).is_some()
    }

    /// Reads any document, checking its JSON. Items of one array tell more side by side.
    pub(super) fn read(&self, bytes: &'a [u8], beside: Beside<'a>) -> Vec<Content<'a>> {
        let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
        if bytes.is_empty() {
            return Vec::new();
        }
        let members = match Members::read(bytes) {
            Ok(members) => members,
            Err(error) => return vec![Content::Bad(not_an_object(bytes, error))],
        };
        if members.has("detail-type") && members.has("source") {
            return vec![event(bytes)];
        }
        if let Some(record) = members.string("CloudTrailEvent") {
            return vec![match Members::read(record.as_bytes()) {
                Ok(members) => cloudtrail::event(&members, record.as_bytes(), self.stand_in),
                Err(_) => not_an_event("its `CloudTrailEvent` is not JSON"),
            }];
        }
        if members.has("eventVersion") || members.has("eventSource") {
            return vec![cloudtrail::event(&members, bytes, self.stand_in)];
        }
        if members.has("EvaluationResultIdentifier") {
            return vec![compliance::event(&members, self.stand_in)];
        }
        if members.has("configurationItemStatus") || members.has("configurationItemCaptureTime") {
            return history::events(&members, beside, self.stand_in);
        }
        vec![not_an_event(&what_it_has(&members))]
    }
}

/// JSON of another kind.
pub(super) fn not_an_event(why: &str) -> Content<'static> {
    Content::Bad(Bad::NotAnEvent(why.to_owned()))
}

fn what_it_has(members: &Members<'_>) -> String {
    match (members.has("detail-type"), members.has("source")) {
        (true, _) => return "it has no `source`".to_owned(),
        (_, true) => return "it has no `detail-type`".to_owned(),
        (false, false) => {}
    }
    let mut text = "it has neither `detail-type` nor `source`".to_owned();
    for (index, (key, _)) in members.0.iter().take(MOST_KEYS).enumerate() {
        text.push_str(if index == 0 { ", but `" } else { ", `" });
        text.extend(key.chars().take(MOST_OF_KEY));
        text.push('`');
    }
    if members.0.len() > MOST_KEYS {
        text.push_str(", …");
    }
    text
}

fn not_an_object(bytes: &[u8], error: serde_json::Error) -> Bad {
    // A number at the beginning says nothing of what follows it.
    let error = if error.is_data() {
        match serde_json::from_slice::<IgnoredAny>(bytes) {
            Ok(IgnoredAny) => return Bad::NotAnEvent("it is no object".to_owned()),
            Err(error) => error,
        }
    } else {
        error
    };
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    let problem = text.get(..end).unwrap_or(&text).to_owned();
    Bad::Json { problem, line: error.line(), column: error.column() }
}
