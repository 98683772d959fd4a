//! The words of a pattern in the order, and with the places, that the engine's reader has.
//!
//! Jackson reads a string's text only when somebody asks for it, and reads the beginning of a
//! value together with the key before it. Both are visible in the places of error messages.

use super::error::{Refusal, utf16_place};
use super::scan::{MOST_LEVELS, Scanner, shown, too_deep};
use std::borrow::Cow;

/// One word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Key,
    String,
    Number,
    True,
    False,
    Null,
    End,
}

/// Reads a pattern word by word.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    text: &'t str,
    scanner: Scanner<'t>,
    open: Vec<Open>,
    /// A string whose text was not read yet.
    unread: bool,
    /// The value behind a key.
    after_key: Option<Token>,
    key: Cow<'t, [u8]>,
    value: Cow<'t, [u8]>,
    /// Where the value begins.
    start: usize,
}

#[derive(Debug)]
struct Open {
    is_array: bool,
    is_empty: bool,
    start: usize,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            scanner: Scanner::new(text.as_bytes()),
            open: Vec::new(),
            unread: false,
            after_key: None,
            key: Cow::Borrowed(b""),
            value: Cow::Borrowed(b""),
            start: 0,
        }
    }

    /// Refuses what was read last.
    pub(super) fn refuse<T>(&self, message: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal { message: message.into(), at: vec![self.scanner.at] })
    }

    /// The byte behind what was read last.
    pub(super) fn at(&self) -> usize {
        self.scanner.at
    }

    /// The byte at which the last value begins.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// The last key.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// The last value's text.
    pub(super) fn text(&mut self) -> Result<&[u8], Refusal> {
        self.read()?;
        Ok(&self.value)
    }

    /// The last value's text for a message.
    pub(super) fn shown(&mut self) -> Result<String, Refusal> {
        self.text().map(shown)
    }

    fn read(&mut self) -> Result<(), Refusal> {
        if std::mem::take(&mut self.unread) {
            self.value = self.scanner.string(": was expecting closing quote for a string value")?;
        }
        Ok(())
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Result<Token, Refusal> {
        if let Some(token) = self.after_key.take() {
            if let Token::ObjectStart | Token::ArrayStart = token {
                self.open(token)?;
            }
            return Ok(token);
        }
        self.read()?;
        let Some(mut first) = self.scanner.word() else { return self.end() };
        if let b']' | b'}' = first {
            return self.close(first);
        }
        let (in_object, needs_comma) = match self.open.last_mut() {
            Some(open) => (!open.is_array, !std::mem::take(&mut open.is_empty)),
            None => (false, false),
        };
        if needs_comma {
            if first != b',' {
                let what = if in_object { "Object" } else { "Array" };
                let wanted = format!("was expecting comma to separate {what} entries");
                self.scanner.unexpected::<()>(&wanted)?;
            }
            first = self.within()?;
        }
        if !in_object {
            let token = self.value(first)?;
            if let Token::ObjectStart | Token::ArrayStart = token {
                self.open(token)?;
            }
            return Ok(token);
        }
        if first != b'"' {
            self.scanner.unexpected::<()>("was expecting double-quote to start field name")?;
        }
        self.key = self.scanner.string(" in field name")?;
        let colon = self.within()?;
        if colon != b':' {
            self.scanner
                .unexpected::<()>("was expecting a colon to separate field name and value")?;
        }
        let first = self.within()?;
        let token = self.value(first)?;
        self.after_key = Some(token);
        Ok(Token::Key)
    }

    /// The next byte that is no blank, where the text must not end.
    fn within(&mut self) -> Result<u8, Refusal> {
        let what =
            if self.open.last().is_some_and(|open| open.is_array) { "Array" } else { "Object" };
        match self.scanner.word() {
            Some(byte) => Ok(byte),
            None => Ok(self.scanner.ended(&format!(" within/between {what} entries"))?),
        }
    }

    /// The end of the text.
    fn end(&mut self) -> Result<Token, Refusal> {
        let Some(open) = self.open.last() else { return Ok(Token::End) };
        let what = if open.is_array { "Array" } else { "Object" };
        // The engine repeats the whole pattern here.
        let (line, column) = utf16_place(self.text, open.start);
        let message = format!(
            ": expected close marker for {what} (start marker at line {line}, column {column})"
        );
        Ok(self.scanner.ended(&message)?)
    }

    fn close(&mut self, first: u8) -> Result<Token, Refusal> {
        let is_array = first == b']';
        match self.open.last() {
            Some(open) if open.is_array == is_array => {
                self.open.pop();
            }
            Some(open) => {
                let wanted = if open.is_array { ']' } else { '}' };
                let found = char::from(first);
                return self
                    .refuse(format!("Unexpected close marker '{found}': expected '{wanted}'"));
            }
            None => {
                return self.refuse(format!("Unexpected close marker '{}'", char::from(first)));
            }
        }
        self.value = Cow::Borrowed(if is_array { b"]" } else { b"}" });
        Ok(if is_array { Token::ArrayEnd } else { Token::ObjectEnd })
    }

    fn open(&mut self, token: Token) -> Result<(), Refusal> {
        if self.open.len() >= MOST_LEVELS {
            return Err(Refusal { message: too_deep(), at: Vec::new() });
        }
        let is_array = token == Token::ArrayStart;
        self.open.push(Open { is_array, is_empty: true, start: self.scanner.at.saturating_sub(1) });
        Ok(())
    }

    /// The beginning of a value whose first byte was taken.
    fn value(&mut self, first: u8) -> Result<Token, Refusal> {
        self.start = self.scanner.at.saturating_sub(1);
        let (token, text): (Token, &'t [u8]) = match first {
            b'{' => (Token::ObjectStart, b"{"),
            b'[' => (Token::ArrayStart, b"["),
            b'"' => {
                self.unread = true;
                (Token::String, b"")
            }
            b'-' | b'0'..=b'9' => (Token::Number, self.scanner.number()?.as_bytes()),
            _ => match self.scanner.literal()? {
                "true" => (Token::True, b"true"),
                "false" => (Token::False, b"false"),
                _ => (Token::Null, b"null"),
            },
        };
        self.value = Cow::Borrowed(text);
        Ok(token)
    }
}
