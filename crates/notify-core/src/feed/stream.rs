//! From sources to batches.

use super::batch::{Batch, Body};
use super::document::Bad;
use super::pool::Pool;
use super::progress::{Counted, Progress};
use super::sniff::{self, Layout};
use super::unpack::Unpacked;
use super::values::Values;
use super::{LARGEST, Source, lines};
use memchr::memchr_iter;
use std::sync::Arc;

/// How large batches and documents are, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// How much is read at a time.
    pub(super) batch: usize,
    /// The largest document.
    pub(super) largest: usize,
}

const SIZES: Sizes = Sizes { batch: 1024 * 1024, largest: LARGEST };

/// Batches out of sources, which are opened one after the other.
#[derive(Debug)]
pub struct Feed<I> {
    sources: I,
    open: Option<Stream>,
    progress: Progress,
    pool: Pool,
    sizes: Sizes,
}

impl<I: Iterator<Item = Source>> Feed<I> {
    /// Reads the sources in their order. The iterator is asked for the next one when the one before
    /// is at its end, so it may open them as it goes.
    pub fn new(sources: I, progress: Progress) -> Self {
        Self::with_sizes(sources, progress, SIZES)
    }

    pub(super) fn with_sizes(sources: I, progress: Progress, sizes: Sizes) -> Self {
        Self { sources, open: None, progress, pool: Pool::default(), sizes }
    }
}

impl<I: Iterator<Item = Source>> Iterator for Feed<I> {
    type Item = Batch;

    /// Reads on. What fails is part of a batch, and reading goes on with the next source.
    fn next(&mut self) -> Option<Batch> {
        loop {
            if let Some(stream) = self.open.as_mut() {
                if let Some(batch) = stream.next() {
                    return Some(batch);
                }
                self.open = None;
            }
            let Source { name, reader } = self.sources.next()?;
            let unpacked =
                reader.map_err(|error| Bad::Unopened(error.to_string())).and_then(|reader| {
                    Unpacked::new(Counted { reader, progress: self.progress.clone() })
                });
            match unpacked {
                Ok(unpacked) => {
                    self.open = Some(Stream::new(name, unpacked, self.pool.clone(), self.sizes));
                }
                Err(bad) => return Some(Batch::of_bad(name, 0, bad)),
            }
        }
    }
}

/// Bytes of which the first `filled` count: the others are left from an earlier use.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    pub(super) filled: usize,
}

impl Buffer {
    pub(super) fn filled(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    fn append(&mut self, bytes: &[u8]) {
        let end = self.filled + bytes.len();
        self.hold(end);
        if let Some(room) = self.bytes.get_mut(self.filled..end) {
            room.copy_from_slice(bytes);
        }
        self.filled = end;
    }

    /// Makes room for so many bytes. What is left from an earlier use is not overwritten with zeros,
    /// and a new allocation of zeros is one: both would take longer than finding the lines.
    fn hold(&mut self, count: usize) {
        if self.bytes.is_empty() {
            self.bytes = vec![0; count];
        } else if self.bytes.len() < count {
            self.bytes.resize(count, 0);
        }
    }

    /// The first bytes go.
    pub(super) fn drop_front(&mut self, count: usize) {
        let count = count.min(self.filled);
        self.bytes.copy_within(count..self.filled, 0);
        self.filled -= count;
    }
}

/// An unpacked stream, until its end.
#[derive(Debug)]
pub(super) struct Input {
    unpacked: Unpacked,
    pub(super) state: State,
}

impl Input {
    /// Why there is nothing more, unless it is the end.
    fn failure(&self) -> Option<Bad> {
        match &self.state {
            State::Failed(bad) => Some(bad.clone()),
            State::Open | State::Ended => None,
        }
    }

    /// Reads until the buffer holds so many bytes, or to the end. So what is in a batch does not
    /// depend on how much a reader gives at a time.
    pub(super) fn fill(&mut self, buffer: &mut Buffer, target: usize) {
        buffer.hold(target);
        while self.state == State::Open {
            let Some(room @ [_, ..]) = buffer.bytes.get_mut(buffer.filled..target) else { return };
            match self.unpacked.read(room) {
                Ok(0) => self.state = State::Ended,
                Ok(read) => buffer.filled += read,
                Err(bad) => self.state = State::Failed(bad),
            }
        }
    }
}

/// How reading goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Ended,
    Failed(Bad),
}

/// One source that is being read.
#[derive(Debug)]
struct Stream {
    name: Arc<str>,
    input: Input,
    /// What was read and is not in a batch yet.
    carry: Vec<u8>,
    /// Lines before the carry.
    lines: u64,
    layout: Option<Layout>,
    values: Values,
    over: bool,
    pool: Pool,
    sizes: Sizes,
}

/// What is made of a buffer.
pub(super) struct Cut {
    pub(super) body: Body,
    /// Something wrong before the body.
    pub(super) before: Option<(u64, Bad)>,
    /// What goes into the next batch begins here.
    pub(super) keep_from: usize,
    /// Whether the input is at its end, and all of it in batches.
    pub(super) is_last: bool,
}

impl Stream {
    fn new(name: Arc<str>, unpacked: Unpacked, pool: Pool, sizes: Sizes) -> Self {
        Self {
            name,
            input: Input { unpacked, state: State::Open },
            carry: Vec::new(),
            lines: 0,
            layout: None,
            values: Values::new(),
            over: false,
            pool,
            sizes,
        }
    }

    fn next(&mut self) -> Option<Batch> {
        if self.over {
            return None;
        }
        let mut buffer = Buffer { bytes: self.pool.take(), filled: 0 };
        let target = self.sizes.batch.max(self.carry.len());
        buffer.hold(target);
        buffer.append(&self.carry);
        self.carry.clear();
        self.input.fill(&mut buffer, target);
        let layout = match self.layout(&mut buffer) {
            Ok(layout) => layout,
            Err((line, bad)) => {
                self.over = true;
                return Some(Batch::of_bad(Arc::clone(&self.name), line, bad));
            }
        };
        let cut = match layout {
            Layout::Lines => lines::cut(&mut self.input, &mut buffer, self.sizes, &mut self.lines),
            Layout::Values => {
                self.values.cut(&mut self.input, &mut buffer, self.sizes, &mut self.lines)
            }
        };
        self.carry.extend_from_slice(buffer.filled().get(cut.keep_from..).unwrap_or_default());
        self.over = cut.is_last;
        let failed = if self.over { self.input.failure() } else { None };
        Some(Batch {
            source: Arc::clone(&self.name),
            buffer,
            body: cut.body,
            before: cut.before,
            after: failed.map(|bad| (self.lines + 1, bad)),
            pool: self.pool.clone(),
        })
    }

    /// The layout, as soon as there is something to tell it from.
    fn layout(&mut self, buffer: &mut Buffer) -> Result<Layout, (u64, Bad)> {
        if let Some(layout) = self.layout {
            return Ok(layout);
        }
        loop {
            if let Some(layout) = sniff::layout(buffer.filled()).map_err(|bad| (0, bad))? {
                if buffer.filled().starts_with(sniff::BOM) {
                    buffer.drop_front(sniff::BOM.len());
                }
                self.layout = Some(layout);
                return Ok(layout);
            }
            if self.input.state != State::Open {
                return Err((0, self.input.failure().unwrap_or(Bad::Empty)));
            }
            self.lines += count_lines(buffer.filled());
            buffer.filled = 0;
            self.input.fill(buffer, self.sizes.batch);
        }
    }
}

/// How many lines end in these bytes.
pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    u64::try_from(memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX)
}
