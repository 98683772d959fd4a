//! Reads the values at used paths of an event, and passes over all else.

use super::leaves::Leaves;
use super::trie::{Step, Trie};
use crate::blocks::Strings;
use crate::event::OUTSIDE;
use crate::scan::{MOST_LEVELS, Scanner};
use std::borrow::Cow;

/// The most values of one event that are gathered: so many numbers fill the largest event that the
/// service takes. What they are kept in stays there for the next event.
const MOST_LEAVES: usize = 1 << 17;

/// The event is not one to skim: it is broken, or out of the ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Odd;

/// Goes through the text of an event. With `FULL` every byte is checked; without it only what is
/// read.
#[derive(Debug)]
pub(super) struct Skimmer<'e, 's, const FULL: bool> {
    text: &'e [u8],
    pub(super) at: usize,
    strings: &'s mut Strings,
}

impl<'e, 's, const FULL: bool> Skimmer<'e, 's, FULL> {
    pub(super) fn new(text: &'e [u8], at: usize, strings: &'s mut Strings) -> Self {
        Self { text, at, strings }
    }

    #[inline]
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

    /// Whether a string has escapes in it.
    #[inline]
    fn escapes(&self, start: usize, end: usize) -> bool {
        self.strings.seen.backslashes
            && self.text.get(start..end).is_some_and(|string| string.contains(&b'\\'))
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

    /// The next key of an object, up to its value; `None` at the object's end. A key with escapes
    /// is odd.
    #[expect(clippy::inline_always, reason = "a call takes as long as the work")]
    #[inline(always)]
    pub(super) fn key(&mut self, is_first: bool) -> Result<Option<&'e [u8]>, Odd> {
        // As most programs write it.
        match self.text.get(self.at..) {
            Some([b',', b'"', ..]) if !is_first => self.at += 2,
            Some([b'"', ..]) if is_first => self.at += 1,
            _ => {
                if !self.begin_key(is_first)? {
                    return Ok(None);
                }
            }
        }
        let start = self.at;
        let end = self.strings.end::<FULL>(self.text, start).ok_or(Odd)?;
        let key = self.text.get(start..end).ok_or(Odd)?;
        if self.escapes(start, end) {
            return Err(Odd);
        }
        match self.text.get(end + 1..) {
            Some([b':', first, ..]) if *first > b' ' => self.at = end + 2,
            _ => {
                self.at = end + 1;
                self.take(b':')?;
                self.word()?;
            }
        }
        Ok(Some(key))
    }

    /// Takes what stands before a key and the key's quote; whether there is a key.
    fn begin_key(&mut self, is_first: bool) -> Result<bool, Odd> {
        match self.word()? {
            b'}' => {
                self.at += 1;
                return Ok(false);
            }
            b',' if !is_first => self.at += 1,
            _ if !is_first => return Err(Odd),
            _ => {}
        }
        self.take(b'"')?;
        Ok(true)
    }

    /// The rest of a string that has escapes.
    fn unescaped(&mut self) -> Result<Cow<'e, [u8]>, Odd> {
        let mut scanner = Scanner::new(self.text);
        scanner.at = self.at;
        let text = scanner.string("").map_err(|_| Odd)?;
        self.at = scanner.at;
        Ok(text)
    }

    /// Passes over a value that stands in so many objects and arrays; where it begins.
    #[expect(clippy::inline_always, reason = "a call takes as long as the work")]
    #[inline(always)]
    pub(super) fn skip(&mut self, levels: usize) -> Result<usize, Odd> {
        let start = self.at;
        match self.peek().ok_or(Odd)? {
            b'"' => self.skip_string()?,
            first => self.skip_other(first, levels)?,
        }
        Ok(start)
    }

    #[inline(never)]
    fn skip_other(&mut self, first: u8, levels: usize) -> Result<(), Odd> {
        match first {
            b'{' | b'[' if FULL => self.check_container(levels),
            b'{' | b'[' => self.skip_container(),
            first => self.skip_word(first),
        }
    }

    #[inline]
    fn skip_string(&mut self) -> Result<(), Odd> {
        let start = self.at + 1;
        let end = self.strings.end::<FULL>(self.text, start).ok_or(Odd)?;
        if FULL && self.escapes(start, end) {
            // Checks what is escaped.
            self.at = start;
            self.unescaped()?;
        }
        self.at = end + 1;
        Ok(())
    }

    fn skip_container(&mut self) -> Result<(), Odd> {
        self.at = match self.text.get(self.at + 1) {
            Some(b']' | b'}') => self.at + 2,
            _ => self.strings.behind_container(self.text, self.at + 1).ok_or(Odd)?,
        };
        Ok(())
    }

    /// Passes over a number, or `true`, `false`, `null`.
    fn skip_word(&mut self, first: u8) -> Result<(), Odd> {
        if FULL {
            return self.take_word(first).map(|_| ());
        }
        let start = self.at;
        while let Some(b'a'..=b'z' | b'0'..=b'9' | b'-' | b'+' | b'.' | b'E') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(Odd) } else { Ok(()) }
    }

    /// Takes a number or a literal, of which this is the first byte; what it is if a literal.
    fn take_word(&mut self, first: u8) -> Result<Option<&'static str>, Odd> {
        let mut scanner = Scanner::new(self.text);
        scanner.at = self.at + 1;
        let word = if matches!(first, b'-' | b'0'..=b'9') {
            scanner.number().map_err(|_| Odd)?;
            None
        } else {
            Some(scanner.literal().map_err(|_| Odd)?)
        };
        self.at = scanner.at;
        Ok(word)
    }

    /// Checks the object or array that stands here.
    fn check_container(&mut self, levels: usize) -> Result<(), Odd> {
        let mut kinds = Kinds::default();
        let mut is_first = true;
        let mut byte = self.peek().ok_or(Odd)?;
        loop {
            // A value stands here.
            match byte {
                b'{' | b'[' => {
                    self.at += 1;
                    kinds.push(byte == b'{');
                    if levels + kinds.count > MOST_LEVELS {
                        return Err(Odd);
                    }
                    is_first = true;
                }
                b'"' => self.skip_string()?,
                first => self.skip_word(first)?,
            }
            // The next value, behind the ends of all that ends here.
            loop {
                if kinds.count == 0 {
                    return Ok(());
                }
                let has_value = if kinds.is_object() {
                    self.key(is_first)?.is_some()
                } else {
                    self.element(is_first)?
                };
                is_first = false;
                if has_value {
                    break;
                }
                kinds.count -= 1;
            }
            byte = self.peek().ok_or(Odd)?;
        }
    }

    /// Goes to the next element of an array; whether there is one.
    #[inline]
    fn element(&mut self, is_first: bool) -> Result<bool, Odd> {
        match self.word()? {
            b']' => {
                self.at += 1;
                return Ok(false);
            }
            b',' if !is_first => {
                self.at += 1;
                self.word()?;
            }
            _ if !is_first => return Err(Odd),
            _ => {}
        }
        Ok(true)
    }

    /// A string value without escapes in it: its bytes. Anything else is odd.
    #[inline]
    pub(super) fn plain_text(&mut self) -> Result<&'e [u8], Odd> {
        self.take(b'"')?;
        let start = self.at;
        let end = self.strings.end::<FULL>(self.text, start).ok_or(Odd)?;
        let text = self.text.get(start..end).ok_or(Odd)?;
        if self.escapes(start, end) {
            return Err(Odd);
        }
        self.at = end + 1;
        Ok(text)
    }

    /// Whether what was passed over, up to here, is text that strings can hold. What was looked at
    /// lies behind it at most by a block.
    pub(super) fn check_text(&self) -> Result<(), Odd> {
        if self.strings.seen.controls {
            return Err(Odd);
        }
        if self.strings.seen.others {
            let seen = self.text.get(..self.at).unwrap_or_default();
            return std::str::from_utf8(seen).map(|_| ()).map_err(|_| Odd);
        }
        Ok(())
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
        if !self.value(trie, step, OUTSIDE, None, open, leaves)? {
            return Ok(());
        }
        let mut is_first = true;
        while let Some(&Open { step, place, array }) = open.last() {
            // The rest of this container, up to one within it.
            let node = trie.node(step).ok_or(Odd)?;
            let entered = loop {
                let step = match array {
                    None => match self.key(std::mem::take(&mut is_first))? {
                        None => break false,
                        Some(key) => match trie.step_from(node, key) {
                            Some(step) => step,
                            None => {
                                self.skip(open.len() + 1)?;
                                continue;
                            }
                        },
                    },
                    Some(_) if self.element(std::mem::take(&mut is_first))? => step,
                    Some(_) => break false,
                };
                if self.value(trie, step, place, array, open, leaves)? {
                    break true;
                }
            };
            is_first = entered;
            if !entered {
                open.pop();
            }
        }
        Ok(())
    }

    /// A value, whose first byte stands here; whether it is a container that is entered.
    #[inline]
    fn value(
        &mut self,
        trie: &Trie,
        step: Step,
        place: usize,
        element_of: Option<usize>,
        open: &mut Vec<Open>,
        leaves: &mut Leaves,
    ) -> Result<bool, Odd> {
        let first = self.peek().ok_or(Odd)?;
        match (first, trie.path(step)) {
            (b'{', _) if !trie.leads_on(step) => {
                self.skip(open.len() + 1)?;
            }
            (b'{' | b'[', _) => {
                self.at += 1;
                // The event itself is one level.
                if open.len() + 1 >= MOST_LEVELS {
                    return Err(Odd);
                }
                let place = match element_of {
                    Some(array) => leaves.places.element(array),
                    None => place,
                };
                let array = (first == b'[').then(|| leaves.places.array(place));
                open.push(Open { step, place, array });
                return Ok(true);
            }
            (_, None) => {
                self.skip(open.len() + 1)?;
            }
            (b'"', Some(path)) => {
                let start = self.at + 1;
                let end = self.strings.end::<FULL>(self.text, start).ok_or(Odd)?;
                if self.escapes(start, end) {
                    self.at = start;
                    let text = self.unescaped()?;
                    leaves.put_unescaped(path, place, &text);
                } else {
                    self.at = end + 1;
                    leaves.put_text(path, place, start, end);
                }
            }
            (_, Some(path)) => {
                let start = self.at;
                match self.take_word(first)? {
                    Some(word) => leaves.put_literal(path, place, word),
                    None => leaves.put_number(path, place, start, self.at),
                }
            }
        }
        if leaves.count() > MOST_LEAVES { Err(Odd) } else { Ok(false) }
    }
}

/// An object or array that is not closed yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    step: Step,
    place: usize,
    /// The number of an array.
    array: Option<usize>,
}

/// Which of the containers around a place are objects: a bit for each.
#[derive(Debug, Default)]
struct Kinds {
    words: [u64; MOST_LEVELS / 64 + 1],
    count: usize,
}

impl Kinds {
    fn push(&mut self, is_object: bool) {
        if let Some(word) = self.words.get_mut(self.count / 64) {
            let bit = 1 << (self.count % 64);
            *word = if is_object { *word | bit } else { *word & !bit };
        }
        self.count += 1;
    }

    fn is_object(&self) -> bool {
        let last = self.count.saturating_sub(1);
        self.words.get(last / 64).is_some_and(|word| word >> (last % 64) & 1 == 1)
    }
}
