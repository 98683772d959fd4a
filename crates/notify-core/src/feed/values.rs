//! Batches of documents that brackets tell apart.

use super::batch::{Body, Item, What};
use super::document::Bad;
use super::inside::List;
use super::scan::{Found, Scanner};
use super::stream::{Buffer, Cut, Input, Sizes, State, count_lines};

/// How many documents are in a batch at most: they may be as small as a digit.
const MOST_ITEMS: usize = 16 * 1024;

/// A stream of such documents.
#[derive(Debug)]
pub(super) struct Values {
    scanner: Scanner,
    /// The last configuration item, which the next one is understood by and the other way round,
    /// and the one before it.
    held: Vec<Item>,
    /// The line of the document that is too large to be held.
    dropping: Option<u64>,
}

impl Values {
    pub(super) fn new() -> Self {
        Self { scanner: Scanner::new(), held: Vec::new(), dropping: None }
    }

    /// Takes the whole documents that the buffer holds, reading on while it holds none.
    pub(super) fn cut(
        &mut self,
        input: &mut Input,
        buffer: &mut Buffer,
        sizes: Sizes,
        lines: &mut u64,
    ) -> Cut {
        let mut items = std::mem::take(&mut self.held);
        let mut line = LineAt { pos: 0, line: *lines + 1 };
        loop {
            let is_through = self.scan(buffer, sizes, &mut items, &mut line);
            if is_through && input.state != State::Open {
                // What is left of a document that failed is part of what went wrong.
                if input.state == State::Ended {
                    self.finish(buffer, sizes, &mut items, &mut line);
                }
                *lines = line.of(buffer, buffer.filled) - 1;
                let keep_from = buffer.filled;
                return Cut { body: Body::Values(items), before: None, keep_from, is_last: true };
            }
            let is_too_large = self
                .scanner
                .begun()
                .is_some_and(|start| buffer.filled.saturating_sub(start) > sizes.largest);
            let holds = self.holds_last(&items);
            let new = items.iter().filter(|item| item.is_new).count();
            if new > usize::from(holds) || !is_through || (is_too_large && holds) {
                return self.hand_out(buffer, items, holds && !is_too_large, lines);
            }
            if is_too_large {
                let start = self.scanner.begun().unwrap_or_default();
                self.dropping = Some(line.of(buffer, start));
            }
            if !holds {
                let is_dropping = self.dropping.is_some();
                let gone =
                    if is_dropping { self.scanner.skip_to() } else { self.scanner.keep_from() };
                *lines = line.of(buffer, gone) - 1;
                line = LineAt { pos: 0, line: *lines + 1 };
                buffer.drop_front(gone);
                self.scanner.shift(gone);
            }
            let target = buffer.filled + sizes.batch;
            input.fill(buffer, target);
        }
    }

    /// Finds documents, to the end of the buffer or until there are many.
    fn scan(
        &mut self,
        buffer: &Buffer,
        sizes: Sizes,
        items: &mut Vec<Item>,
        line: &mut LineAt,
    ) -> bool {
        while items.len() < MOST_ITEMS {
            let found = self.scanner.next(buffer.filled());
            if found == Found::More {
                return true;
            }
            items.extend(self.item(found, buffer, sizes, line));
        }
        false
    }

    fn item(
        &mut self,
        found: Found,
        buffer: &Buffer,
        sizes: Sizes,
        line: &mut LineAt,
    ) -> Option<Item> {
        let (start, what, spot) = match found {
            Found::Document { start, end, dropped, spot } => {
                let held = end.saturating_sub(start);
                let what = if dropped > 0 || held > sizes.largest {
                    let held = u64::try_from(held).unwrap_or(u64::MAX);
                    What::Bad(Bad::TooLarge { bytes: dropped.saturating_add(held) })
                } else {
                    What::Document { start, end }
                };
                (start, what, spot)
            }
            Found::Broken { start, at, what, spot } => {
                let begins = self.dropping.unwrap_or_else(|| line.of(buffer, start));
                let between = buffer.filled().get(start..at).unwrap_or_default();
                let line = line.of(buffer, start) + count_lines(between);
                let what = What::Bad(Bad::Structure { what, line });
                self.dropping = None;
                return Some(Item { line: begins, spot, what, is_new: true });
            }
            Found::More => return None,
        };
        let line = self.dropping.take().unwrap_or_else(|| line.of(buffer, start));
        Some(Item { line, spot, what, is_new: true })
    }

    /// What is left at the end of the input.
    fn finish(&mut self, buffer: &Buffer, sizes: Sizes, items: &mut Vec<Item>, line: &mut LineAt) {
        match self.scanner.finish(buffer.filled()) {
            Ok(None) => {}
            Ok(Some(found)) => items.extend(self.item(found, buffer, sizes, line)),
            Err(start) => {
                let line = self.dropping.take().unwrap_or_else(|| line.of(buffer, start));
                let spot = self.scanner.spot();
                items.push(Item { line, spot, what: What::Bad(Bad::Unfinished), is_new: true });
            }
        }
    }

    /// Whether the last item is a configuration item whose array goes on.
    fn holds_last(&self, items: &[Item]) -> bool {
        items.last().is_some_and(|item| {
            let goes_on = self.scanner.spot().array == item.spot.array;
            item.spot.list != List::Other && goes_on && matches!(item.what, What::Document { .. })
        })
    }

    fn hand_out(
        &mut self,
        buffer: &Buffer,
        mut items: Vec<Item>,
        holds: bool,
        lines: &mut u64,
    ) -> Cut {
        let mut keep_from = match self.dropping {
            Some(_) => self.scanner.skip_to(),
            None => self.scanner.keep_from(),
        };
        if holds {
            let from = items.len().saturating_sub(2);
            self.held = items.get(from..).unwrap_or_default().to_vec();
            let is_pair = matches!(self.held.as_slice(), [one, two]
                if one.spot.array == two.spot.array && matches!(one.what, What::Document { .. }));
            if !is_pair && self.held.len() > 1 {
                self.held.remove(0);
            }
            let first = self.held.first().and_then(|item| item.what.start());
            keep_from = first.unwrap_or(keep_from).min(keep_from);
            if let [context, _] = self.held.as_mut_slice() {
                context.is_new = false;
            }
            self.held.iter_mut().for_each(|item| item.what.shift(keep_from));
            if let Some(last) = items.last_mut() {
                last.is_new = false;
            }
        }
        *lines += count_lines(buffer.filled().get(..keep_from).unwrap_or_default());
        self.scanner.shift(keep_from);
        Cut { body: Body::Values(items), before: None, keep_from, is_last: false }
    }
}

/// The line of a place in the buffer, found from the one that was asked for before.
struct LineAt {
    pos: usize,
    line: u64,
}

impl LineAt {
    fn of(&mut self, buffer: &Buffer, pos: usize) -> u64 {
        let bytes = buffer.filled();
        if pos >= self.pos {
            self.line += count_lines(bytes.get(self.pos..pos).unwrap_or_default());
        } else {
            self.line -= count_lines(bytes.get(pos..self.pos).unwrap_or_default());
        }
        self.pos = pos;
        self.line
    }
}
