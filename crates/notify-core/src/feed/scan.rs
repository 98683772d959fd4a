//! Where documents begin and end in a stream of JSON, found by brackets and quotes alone.
//!
//! The stream may come in pieces of any size. Nothing is nested on the stack of the thread, and
//! nothing is kept but the open brackets of one document.

use super::inside::{Inside, List, Step};
use memchr::{memchr, memrchr};

/// A line that is indented further begins no document behind a broken one; so that little is held.
const MOST_BLANKS: usize = 4096;

/// What the scanner came upon. Places are in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A whole document, of which some first bytes may be gone.
    Document { start: usize, end: usize, dropped: u64, spot: Spot },
    /// What does not fit together, where it began and where that is seen.
    Broken { start: usize, at: usize, what: &'static str, spot: Spot },
    /// The buffer ends.
    More,
}

/// Where in its array a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Spot {
    /// Which array of the stream; 0 outside of arrays.
    pub(super) array: u64,
    /// Which element, counted from 1.
    pub(super) element: u64,
    /// What is in the array.
    pub(super) list: List,
}

/// A stream of documents: values one after the other, the elements of arrays, and those of the
/// arrays that stand under known keys in an object.
#[derive(Debug)]
pub(super) struct Scanner {
    place: Place,
    inside: Option<Inside>,
    /// What is left to look at begins here.
    pos: usize,
    /// Blanks since the line began; `None` behind anything else.
    indent: Option<usize>,
    arrays: u64,
    element: u64,
    list: List,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between values.
    Top,
    /// In an array, which stands in an object or by itself.
    Array { wrapped: bool },
    /// After something broken: until a line begins like the document there.
    Lost { indent: usize, array: Option<bool> },
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self {
            place: Place::Top,
            inside: None,
            pos: 0,
            indent: Some(0),
            arrays: 0,
            element: 0,
            list: List::Other,
        }
    }

    /// Goes on in the buffer, whose end is the end of what was read until now.
    pub(super) fn next(&mut self, buffer: &[u8]) -> Found {
        loop {
            if let Some(inside) = self.inside.as_mut() {
                match inside.run(buffer, &mut self.pos) {
                    Step::More => return Found::More,
                    Step::Done { end } => {
                        let (start, dropped, rest) = (inside.start, inside.dropped, inside.rest);
                        self.leave();
                        if !rest {
                            return Found::Document { start, end, dropped, spot: self.spot() };
                        }
                    }
                    Step::List(list) => {
                        self.leave();
                        self.begin_array(true, list);
                    }
                    Step::Broken { what } => return self.lose(buffer, what),
                }
                continue;
            }
            if let Place::Lost { indent, array } = self.place {
                match self.find_line(buffer, indent) {
                    None => return Found::More,
                    Some(0) if indent > 0 => self.place = Place::Top,
                    Some(_) => {
                        self.place = array.map_or(Place::Top, |wrapped| Place::Array { wrapped });
                    }
                }
            }
            let Some(&byte) = buffer.get(self.pos) else { return Found::More };
            match (byte, self.place) {
                (b'\n', _) => self.step(Some(0)),
                (b' ' | b'\t', _) => self.step(self.indent.map(|blanks| blanks + 1)),
                (b'\r', _) => self.step(self.indent),
                (b',', Place::Array { .. }) => self.step(None),
                (b']', Place::Array { wrapped }) => {
                    self.step(None);
                    self.place = Place::Top;
                    if wrapped {
                        self.inside = Some(Inside::rest(self.pos));
                    }
                }
                (b'[', Place::Top) => {
                    self.step(None);
                    self.begin_array(false, List::Other);
                }
                (b'{', Place::Top) => self.inside = Some(Inside::new(self.pos, true)),
                (_, Place::Top) | (b'}' | b':', _) => {
                    return self.lose(buffer, "no `{` and no `[` begins a document");
                }
                _ => {
                    self.element += 1;
                    self.inside = Some(Inside::new(self.pos, false));
                }
            }
        }
    }

    /// The first byte that is still of use. Without the document that has begun, it may be held
    /// in parts: then its bytes are counted.
    pub(super) fn keep_from(&self) -> usize {
        match (&self.inside, self.place) {
            (Some(inside), _) => inside.start,
            // Whether a line begins here is told by the byte before.
            (None, Place::Lost { .. }) => self.pos.saturating_sub(1),
            (None, _) => self.pos,
        }
    }

    /// As [`keep_from`](Self::keep_from), holding nothing of a document but what may tell where the
    /// next one begins if this one is broken.
    pub(super) fn skip_to(&self) -> usize {
        self.pos.saturating_sub(MOST_BLANKS + 1)
    }

    /// Where the document begins that is not at its end, if one has begun and is still held whole.
    pub(super) fn begun(&self) -> Option<usize> {
        self.inside.as_ref().filter(|inside| inside.dropped == 0).map(|inside| inside.start)
    }

    /// The first bytes of the buffer go.
    pub(super) fn shift(&mut self, by: usize) {
        self.pos = self.pos.saturating_sub(by);
        if let Some(inside) = self.inside.as_mut() {
            inside.shift(by);
        }
    }

    /// At the end of the stream: a value that has no end of its own, or where something is open.
    pub(super) fn finish(&mut self, buffer: &[u8]) -> Result<Option<Found>, usize> {
        match (&self.inside, self.place) {
            (Some(inside), _) if inside.is_scalar() => {
                let (start, dropped) = (inside.start, inside.dropped);
                self.leave();
                let spot = self.spot();
                Ok(Some(Found::Document { start, end: buffer.len(), dropped, spot }))
            }
            (Some(inside), _) => Err(inside.start),
            (None, Place::Array { .. }) => Err(buffer.len()),
            (None, Place::Top | Place::Lost { .. }) => Ok(None),
        }
    }

    /// Where the scanner is.
    pub(super) fn spot(&self) -> Spot {
        match self.place {
            Place::Array { .. } | Place::Lost { array: Some(_), .. } => {
                Spot { array: self.arrays, element: self.element, list: self.list }
            }
            Place::Top | Place::Lost { .. } => Spot::default(),
        }
    }

    fn step(&mut self, indent: Option<usize>) {
        self.pos += 1;
        self.indent = indent;
    }

    fn leave(&mut self) {
        self.inside = None;
        self.indent = None;
    }

    fn begin_array(&mut self, wrapped: bool, list: List) {
        self.place = Place::Array { wrapped };
        self.arrays += 1;
        self.element = 0;
        self.list = list;
    }

    fn lose(&mut self, buffer: &[u8], what: &'static str) -> Found {
        let at = self.pos;
        let start = self.inside.as_ref().map_or(at, |inside| inside.start);
        let spot = self.spot();
        self.place = match (self.indent, self.place) {
            (Some(indent), Place::Array { wrapped }) => {
                Place::Lost { indent, array: Some(wrapped) }
            }
            // What stands behind it in its line cannot be told apart.
            _ => Place::Lost { indent: 0, array: None },
        };
        // The line where it is seen may be the first one of the next document. If the first bytes
        // are gone, all that is left is behind the start.
        let is_cut = self.inside.as_ref().is_some_and(|inside| inside.dropped > 0);
        let after = if is_cut { start } else { start + 1 };
        let line = buffer.get(after..at).and_then(|bytes| memrchr(b'\n', bytes));
        self.pos = line.map_or(at.max(after), |line| after + line + 1);
        self.inside = None;
        Found::Broken { start, at, what, spot }
    }

    /// Goes to a line that begins with so many blanks, or none, and a bracket. Gives the blanks.
    fn find_line(&mut self, buffer: &[u8], indent: usize) -> Option<usize> {
        loop {
            let begins = self.pos == 0 || buffer.get(self.pos - 1) == Some(&b'\n');
            let left = buffer.get(self.pos..).unwrap_or_default();
            if !begins {
                let Some(end) = memchr(b'\n', left) else {
                    self.pos = buffer.len();
                    return None;
                };
                self.pos += end + 1;
                continue;
            }
            let blanks = left.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            if blanks > MOST_BLANKS {
                self.pos += blanks;
                continue;
            }
            match left.get(blanks)? {
                b'{' | b'[' if blanks == indent || blanks == 0 => {
                    self.pos += blanks;
                    self.indent = Some(blanks);
                    return Some(blanks);
                }
                _ => self.pos += blanks + 1,
            }
        }
    }
}
