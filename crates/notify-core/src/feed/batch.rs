//! About one MiB of documents.

use super::classify::{Beside, Reader};
use super::document::{Bad, Content, Document, Place};
use super::envelope::StandIn;
use super::inside::List;
use super::pool::Pool;
use super::scan::Spot;
use super::stream::Buffer;
use memchr::memchr;
use std::sync::Arc;

/// Some documents of one source that follow each other, still as bytes.
#[derive(Debug)]
pub struct Batch {
    pub(super) source: Arc<str>,
    pub(super) buffer: Buffer,
    pub(super) body: Body,
    /// Something wrong before the body, and in which line.
    pub(super) before: Option<(u64, Bad)>,
    /// Something wrong behind it.
    pub(super) after: Option<(u64, Bad)>,
    pub(super) pool: Pool,
}

/// How the documents are told apart.
#[derive(Debug)]
pub(super) enum Body {
    /// Each line is one, from the line `first` on, which begins at `start`.
    Lines { first: u64, start: usize, end: usize },
    /// They were told apart.
    Values(Vec<Item>),
}

/// Something that was told apart.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) line: u64,
    pub(super) spot: Spot,
    pub(super) what: What,
    /// Whether this batch gives it: some are in two, so that others are understood.
    pub(super) is_new: bool,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    Document { start: usize, end: usize },
    Bad(Bad),
}

impl What {
    pub(super) fn start(&self) -> Option<usize> {
        match self {
            Self::Document { start, .. } => Some(*start),
            Self::Bad(_) => None,
        }
    }

    /// The first bytes of the buffer go.
    pub(super) fn shift(&mut self, by: usize) {
        if let Self::Document { start, end } = self {
            *start = start.saturating_sub(by);
            *end = end.saturating_sub(by);
        }
    }
}

impl Batch {
    /// A batch that says what is wrong with a source, and has no document.
    pub(super) fn of_bad(source: Arc<str>, line: u64, bad: Bad) -> Self {
        Self {
            source,
            buffer: Buffer::default(),
            body: Body::Values(Vec::new()),
            before: Some((line, bad)),
            after: None,
            pool: Pool::default(),
        }
    }

    /// The name of the source.
    pub fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// The documents, in their order. Each line that is not blank gives one at least.
    ///
    /// `stand_in` is taken where data does not say whose it is.
    pub fn documents<'a>(&'a self, stand_in: &'a StandIn) -> Documents<'a> {
        Documents {
            batch: self,
            stage: Stage::Before,
            reader: Reader::new(stand_in),
            more: Vec::new().into_iter(),
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.pool.give(std::mem::take(&mut self.buffer.bytes));
    }
}

/// The documents of a [`Batch`].
#[derive(Debug)]
pub struct Documents<'a> {
    batch: &'a Batch,
    stage: Stage,
    reader: Reader<'a>,
    /// What else comes of the document before.
    more: std::vec::IntoIter<Document<'a>>,
}

#[derive(Debug)]
enum Stage {
    Before,
    Line { number: u64, at: usize },
    Item { at: usize },
    After,
    Over,
}

impl<'a> Iterator for Documents<'a> {
    type Item = Document<'a>;

    fn next(&mut self) -> Option<Document<'a>> {
        loop {
            if let Some(document) = self.more.next() {
                return Some(document);
            }
            let batch = self.batch;
            match (&mut self.stage, &batch.body) {
                (Stage::Before, body) => {
                    self.stage = match body {
                        Body::Lines { first, start, .. } => {
                            Stage::Line { number: *first, at: *start }
                        }
                        Body::Values(_) => Stage::Item { at: 0 },
                    };
                    if let Some(bad) = &batch.before {
                        return Some(self.bad(bad));
                    }
                }
                (Stage::Line { number, at }, Body::Lines { end, .. }) => {
                    let left = batch.buffer.bytes.get(*at..*end).unwrap_or_default();
                    if left.is_empty() {
                        self.stage = Stage::After;
                        continue;
                    }
                    let length = memchr(b'\n', left).unwrap_or(left.len());
                    let line = left.get(..length).unwrap_or_default().trim_ascii();
                    let place = Place { source: &batch.source, line: *number, element: None };
                    *number += 1;
                    *at += length + 1;
                    if let Some(document) = self.read(place, line, Beside::default()) {
                        return Some(document);
                    }
                }
                (Stage::Item { at }, Body::Values(items)) => {
                    let here = *at;
                    *at += 1;
                    let Some(item) = items.get(here) else {
                        self.stage = Stage::After;
                        continue;
                    };
                    if item.is_new
                        && let Some(document) = self.item(items, here, item)
                    {
                        return Some(document);
                    }
                }
                (Stage::After, _) => {
                    self.stage = Stage::Over;
                    if let Some(bad) = &batch.after {
                        return Some(self.bad(bad));
                    }
                }
                // A stage belongs to its body.
                (Stage::Over | Stage::Line { .. } | Stage::Item { .. }, _) => return None,
            }
        }
    }
}

impl<'a> Documents<'a> {
    fn bad(&self, (line, bad): &(u64, Bad)) -> Document<'a> {
        let place = Place { source: &self.batch.source, line: *line, element: None };
        Document { place, content: Content::Bad(bad.clone()) }
    }

    fn item(&mut self, items: &'a [Item], here: usize, item: &'a Item) -> Option<Document<'a>> {
        let batch = self.batch;
        let element = (item.spot.array > 0).then_some(item.spot.element);
        let place = Place { source: &batch.source, line: item.line, element };
        match &item.what {
            What::Bad(bad) => Some(Document { place, content: Content::Bad(bad.clone()) }),
            what @ What::Document { .. } => {
                let bytes = batch.bytes(what).unwrap_or_default();
                self.read(place, bytes, batch.beside(items, here, item.spot))
            }
        }
    }

    /// Reads a document; a blank one gives nothing, some give several.
    fn read(
        &mut self,
        place: Place<'a>,
        bytes: &'a [u8],
        beside: Beside<'a>,
    ) -> Option<Document<'a>> {
        if bytes.is_empty() {
            return None;
        }
        if self.reader.is_plainly_event(bytes) {
            return Some(Document { place, content: super::classify::event(bytes) });
        }
        let mut contents = self.reader.read(bytes, beside).into_iter();
        let first = contents.next()?;
        let rest = contents.map(|content| Document { place, content }).collect::<Vec<_>>();
        self.more = rest.into_iter();
        Some(Document { place, content: first })
    }
}

impl Batch {
    /// What is known of an item by the list that it is in.
    ///
    /// Unverified: that the files of Config's history have no `configSnapshotId`, so their usual
    /// name goes first.
    fn beside(&self, items: &[Item], here: usize, spot: Spot) -> Beside<'_> {
        let List::Items { of_snapshot } = spot.list else { return Beside::default() };
        let items = [here.checked_sub(1), here.checked_add(1)].map(|index| {
            let beside = items.get(index?)?;
            if beside.spot.array == spot.array { self.bytes(&beside.what) } else { None }
        });
        Beside { items, of_snapshot: of_snapshot && !self.source.contains("_ConfigHistory_") }
    }

    fn bytes(&self, what: &What) -> Option<&[u8]> {
        match what {
            What::Document { start, end } => self.buffer.bytes.get(*start..*end),
            What::Bad(_) => None,
        }
    }
}
