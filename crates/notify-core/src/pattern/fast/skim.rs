//! Reads the values at used paths of an event and skips all else, unread.

use super::super::blocks::{behind_container, quote_or_backslash};
use super::super::event::OUTSIDE;
use super::super::scan::{MOST_LEVELS, Scanner};
use super::leaves::Leaves;
use super::trie::{Step, Trie};

/// The most values of one event that are gathered.
const MOST_LEAVES: usize = 4096;

/// The event is not one to skim: it is broken, or out of the ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Odd;

/// Goes through the text of an event.
#[derive(Debug)]
pub(super) struct Skimmer<'e> {
    text: &'e [u8],
    pub(super) at: usize,
}

/// A key: bytes of the event, or what its escapes stand for.
pub(super) type Key<'e> = std::borrow::Cow<'e, [u8]>;

impl<'e> Skimmer<'e> {
    pub(super) fn new(text: &'e [u8]) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The next byte that is no blank; it is not taken.
    #[inline]
    fn word(&mut self) -> Result<u8, Odd> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(byte) => return Ok(byte),
                None => return Err(Odd),
            }
        }
    }

    /// Takes the brace that the event begins with.
    pub(super) fn open(&mut self) -> Result<(), Odd> {
        self.take(b'{')
    }

    fn take(&mut self, wanted: u8) -> Result<(), Odd> {
        if self.word()? != wanted {
            return Err(Odd);
        }
        self.at += 1;
        Ok(())
    }

    /// The next key of an object, up to its value; `None` at the object's end.
    #[inline]
    pub(super) fn key(&mut self, is_first: bool) -> Result<Option<Key<'e>>, Odd> {
        match self.word()? {
            b'}' => {
                self.at += 1;
                return Ok(None);
            }
            b',' if !is_first => {
                self.at += 1;
                self.word()?;
            }
            _ if !is_first => return Err(Odd),
            _ => {}
        }
        self.take(b'"')?;
        let start = self.at;
        let end = quote_or_backslash(self.text, start).ok_or(Odd)?;
        let key = if self.text.get(end) == Some(&b'"') {
            self.at = end + 1;
            Key::Borrowed(self.text.get(start..end).ok_or(Odd)?)
        } else {
            self.unescaped()?
        };
        self.take(b':')?;
        self.word()?;
        Ok(Some(key))
    }

    /// The rest of a string that has escapes.
    fn unescaped(&mut self) -> Result<Key<'e>, Odd> {
        let mut scanner = Scanner::new(self.text);
        scanner.at = self.at;
        let text = scanner.string("").map_err(|_| Odd)?;
        self.at = scanner.at;
        Ok(text)
    }

    /// Passes over a value; where it begins.
    #[inline]
    pub(super) fn skip(&mut self) -> Result<usize, Odd> {
        let start = self.at;
        match self.word()? {
            b'"' => {
                self.at += 1;
                self.skip_string()?;
            }
            b'{' | b'[' => self.at = behind_container(self.text, self.at + 1).ok_or(Odd)?,
            _ => self.skip_word()?,
        }
        Ok(start)
    }

    #[inline]
    fn skip_string(&mut self) -> Result<(), Odd> {
        loop {
            let found = quote_or_backslash(self.text, self.at).ok_or(Odd)?;
            if self.text.get(found) == Some(&b'"') {
                self.at = found + 1;
                return Ok(());
            }
            self.at = found + 2;
        }
    }

    /// Passes over a number, or `true`, `false`, `null`.
    fn skip_word(&mut self) -> Result<(), Odd> {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'))
        {
            self.at += 1;
        }
        if self.at == start { Err(Odd) } else { Ok(()) }
    }

    /// A string value without escapes in it: its bytes. Anything else is odd.
    #[inline]
    pub(super) fn plain_text(&mut self) -> Result<&'e [u8], Odd> {
        self.take(b'"')?;
        let start = self.at;
        let end = quote_or_backslash(self.text, start).ok_or(Odd)?;
        if self.text.get(end) != Some(&b'"') {
            return Err(Odd);
        }
        self.at = end + 1;
        self.text.get(start..end).ok_or(Odd)
    }

    /// Reads the value that stands here, and gathers what lies at used paths in it.
    pub(super) fn gather(
        &mut self,
        trie: &Trie,
        step: Step,
        open: &mut Vec<Open>,
        leaves: &mut Leaves,
    ) -> Result<(), Odd> {
        open.clear();
        self.value(trie, step, OUTSIDE, None, open, leaves)?;
        while let Some(container) = open.last_mut() {
            let is_first = std::mem::take(&mut container.is_empty);
            let (step, place) = (container.step, container.place);
            match container.array {
                None => match self.key(is_first)? {
                    None => {
                        open.pop();
                    }
                    Some(key) => match trie.step(step, &key) {
                        Some(step) => self.value(trie, step, place, None, open, leaves)?,
                        None => {
                            self.skip()?;
                        }
                    },
                },
                Some(array) => match self.word()? {
                    b']' => {
                        self.at += 1;
                        open.pop();
                    }
                    byte => {
                        if !is_first {
                            if byte != b',' {
                                return Err(Odd);
                            }
                            self.at += 1;
                            self.word()?;
                        }
                        self.value(trie, step, place, Some(array), open, leaves)?;
                    }
                },
            }
        }
        Ok(())
    }

    /// A value, whose first byte stands here.
    #[inline]
    fn value(
        &mut self,
        trie: &Trie,
        step: Step,
        place: usize,
        element_of: Option<usize>,
        open: &mut Vec<Open>,
        leaves: &mut Leaves,
    ) -> Result<(), Odd> {
        let first = self.peek().ok_or(Odd)?;
        match (first, trie.path(step)) {
            (b'{', _) if !trie.leads_on(step) => {
                self.at = behind_container(self.text, self.at + 1).ok_or(Odd)?;
            }
            (b'{' | b'[', _) => {
                self.at += 1;
                if open.len() >= MOST_LEVELS {
                    return Err(Odd);
                }
                let place = match element_of {
                    Some(array) => leaves.places.element(array),
                    None => place,
                };
                let array = (first == b'[').then(|| leaves.places.array(place));
                open.push(Open { is_empty: true, step, place, array });
            }
            (_, None) => {
                self.skip()?;
            }
            (b'"', Some(path)) => {
                self.at += 1;
                let start = self.at;
                let end = quote_or_backslash(self.text, start).ok_or(Odd)?;
                if self.text.get(end) == Some(&b'"') {
                    self.at = end + 1;
                    leaves.put_text(path, place, start, end);
                } else {
                    let text = self.unescaped()?;
                    leaves.put_unescaped(path, place, &text);
                }
            }
            (_, Some(path)) => self.word_value(path, place, first, leaves)?,
        }
        if leaves.count() > MOST_LEAVES { Err(Odd) } else { Ok(()) }
    }

    /// A number or a literal at a used path.
    fn word_value(
        &mut self,
        path: usize,
        place: usize,
        first: u8,
        leaves: &mut Leaves,
    ) -> Result<(), Odd> {
        let start = self.at;
        let mut scanner = Scanner::new(self.text);
        scanner.at = start + 1;
        if matches!(first, b'-' | b'0'..=b'9') {
            scanner.number().map_err(|_| Odd)?;
            leaves.put_number(path, place, start, scanner.at);
        } else {
            let word = scanner.literal().map_err(|_| Odd)?;
            leaves.put_literal(path, place, word);
        }
        self.at = scanner.at;
        Ok(())
    }
}

/// An object or array that is not closed yet.
#[derive(Debug)]
pub(super) struct Open {
    is_empty: bool,
    step: Step,
    place: usize,
    /// The number of an array.
    array: Option<usize>,
}
