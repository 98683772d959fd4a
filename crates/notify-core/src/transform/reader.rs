//! JSON one token at a time, the way that EventBridge reads it.
//!
//! A crate would do but for three things: a text may be several values, tokens and errors know
//! their place, and nothing recurses over input, however deep it nests.

use crate::pattern::utf16_place;
use std::ops::Range;

/// Why a text is not JSON, and the byte where it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(super) at: usize,
    pub(super) problem: &'static str,
}

impl SyntaxError {
    /// Line and column, both counted from 1, the column in UTF-16 units as Java counts.
    pub(super) fn line_and_column(&self, text: &str) -> (usize, usize) {
        utf16_place(text, self.at)
    }
}

/// A token and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    OpenObject,
    OpenArray,
    Close,
    /// A string in front of a `:`.
    Key,
    String,
    Number,
    /// `true`, `false` or `null`.
    Word,
}

/// Reads a text that is any number of JSON values, one token at a time.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// For each open bracket, whether it is an object's.
    open: Vec<bool>,
    expected: Expected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, open: Vec::new(), expected: Expected::Value }
    }

    /// How many brackets are open behind the last token.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next token; `None` at a good end.
    pub(super) fn next(&mut self) -> Result<Option<Token>, SyntaxError> {
        loop {
            while self.peek().is_some_and(is_blank) {
                self.at += 1;
            }
            let start = self.at;
            let Some(byte) = self.peek() else {
                return if self.open.is_empty() {
                    Ok(None)
                } else {
                    self.fail("it ends too early")
                };
            };
            let in_object = self.open.last().copied();
            match (self.expected, byte) {
                (Expected::Colon, b':') => {
                    self.at += 1;
                    self.expected = Expected::Value;
                }
                (Expected::Colon, _) => return self.fail("a `:` is missing"),
                (Expected::CommaOrEnd, b',') => {
                    self.at += 1;
                    self.expected =
                        if in_object == Some(true) { Expected::Key } else { Expected::Value };
                }
                (Expected::CommaOrEnd | Expected::KeyOrEnd, b'}') if in_object == Some(true) => {
                    return Ok(Some(self.close()));
                }
                (Expected::CommaOrEnd | Expected::ValueOrEnd, b']') if in_object == Some(false) => {
                    return Ok(Some(self.close()));
                }
                (Expected::CommaOrEnd, _) => return self.fail("a `,` or the end is missing"),
                (Expected::Key | Expected::KeyOrEnd, b'"') => {
                    self.string()?;
                    self.expected = Expected::Colon;
                    return Ok(Some(Token { kind: Kind::Key, range: start..self.at }));
                }
                (Expected::Key | Expected::KeyOrEnd, _) => {
                    return self.fail("a key in quotes is missing");
                }
                (Expected::Value | Expected::ValueOrEnd, _) => return self.value(byte).map(Some),
            }
        }
    }

    fn value(&mut self, first: u8) -> Result<Token, SyntaxError> {
        let start = self.at;
        let kind = match first {
            b'{' | b'[' => {
                let is_object = first == b'{';
                self.at += 1;
                self.open.push(is_object);
                let (kind, expected) = if is_object {
                    (Kind::OpenObject, Expected::KeyOrEnd)
                } else {
                    (Kind::OpenArray, Expected::ValueOrEnd)
                };
                self.expected = expected;
                return Ok(Token { kind, range: start..self.at });
            }
            b'"' => {
                self.string()?;
                Kind::String
            }
            b'-' | b'0'..=b'9' => {
                self.number()?;
                Kind::Number
            }
            _ => {
                self.word()?;
                Kind::Word
            }
        };
        self.expect_after_value();
        Ok(Token { kind, range: start..self.at })
    }

    fn close(&mut self) -> Token {
        let start = self.at;
        self.at += 1;
        self.open.pop();
        self.expect_after_value();
        Token { kind: Kind::Close, range: start..self.at }
    }

    fn expect_after_value(&mut self) {
        self.expected = if self.open.is_empty() { Expected::Value } else { Expected::CommaOrEnd };
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        self.at += 1;
        loop {
            match self.peek() {
                None => return self.fail("a closing quote is missing"),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(0..0x20) => return self.fail("a control character stands in a string"),
                Some(_) => self.at += 1,
            }
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<(), SyntaxError> {
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return self.fail("four hexadecimal digits belong behind `\\u`");
                    }
                    self.at += 1;
                }
            }
            _ => return self.fail("a backslash begins no escape"),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        // Inside brackets a comma or bracket must follow, so only here two values could touch.
        if self.open.is_empty() && self.peek().is_some_and(|byte| !is_blank(byte)) {
            return self.fail("a blank belongs behind a number");
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.fail("a digit is missing");
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn word(&mut self) -> Result<(), SyntaxError> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is_part(byte) || !byte.is_ascii()).count();
        match rest.get(..length) {
            Some(b"true" | b"false" | b"null") => self.at += length,
            _ => return self.fail("a JSON value is missing"),
        }
        let may_follow = |byte| is_blank(byte) || matches!(byte, b'"' | b'[' | b'{');
        if self.open.is_empty() && self.peek().is_some_and(|byte| !may_follow(byte)) {
            return self.fail("a blank belongs behind a word");
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn fail<T>(&self, problem: &'static str) -> Result<T, SyntaxError> {
        Err(SyntaxError { at: self.at, problem })
    }
}

/// What JSON takes for blank.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether a text is any number of JSON values, and how many.
pub(super) fn count_values(text: &str) -> Result<usize, SyntaxError> {
    let mut reader = Reader::new(text);
    let mut values = 0;
    while let Some(token) = reader.next()? {
        let ends = !matches!(token.kind, Kind::OpenObject | Kind::OpenArray);
        values += usize::from(ends && reader.depth() == 0);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a text stops being JSON values; how many it is.
    fn check(text: &str, want: Result<usize, (usize, &str)>) {
        let got = count_values(text).map_err(|error| (error.at, error.problem));
        assert_eq!(got, want, "{text:?}");
    }

    #[test]
    fn values_follow_each_other() {
        for (text, count) in [
            ("", 0),
            (" \t\r\n", 0),
            ("1", 1),
            ("-0", 1),
            ("-1.50e+10", 1),
            ("1E-2 0.0", 2),
            ("true false null", 3),
            ("\"a\"\"b\"", 2),
            ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00aF\"", 1),
            ("\"\\ud800\"", 1),
            ("\"遮断\u{7f}\"", 1),
            ("{}[]", 2),
            ("[[],{}, 1 ,\"x\"]", 1),
            ("{\"a\" : {\"b\":[null,true]} , \"c\":1}", 1),
            ("null\"x\"true[]false{}", 6),
        ] {
            check(text, Ok(count));
        }
    }

    #[test]
    fn an_error_knows_its_place() {
        for (text, at, problem) in [
            ("hello null", 0, "a JSON value is missing"),
            ("nullnull", 0, "a JSON value is missing"),
            ("null遮", 0, "a JSON value is missing"),
            ("1 tru", 2, "a JSON value is missing"),
            ("\"a\",\"b\"", 3, "a JSON value is missing"),
            ("[1,]", 3, "a JSON value is missing"),
            ("[,1]", 1, "a JSON value is missing"),
            ("]", 0, "a JSON value is missing"),
            ("}", 0, "a JSON value is missing"),
            ("[}", 1, "a JSON value is missing"),
            ("{\"a\":}", 5, "a JSON value is missing"),
            ("{]", 1, "a key in quotes is missing"),
            ("{null:1}", 1, "a key in quotes is missing"),
            ("{\"a\":1,}", 7, "a key in quotes is missing"),
            ("{\"a\" 1}", 5, "a `:` is missing"),
            ("{\"a\":1]", 6, "a `,` or the end is missing"),
            ("[1}", 2, "a `,` or the end is missing"),
            ("[1 2]", 3, "a `,` or the end is missing"),
            ("[01]", 2, "a `,` or the end is missing"),
            ("[", 1, "it ends too early"),
            ("{\"a\"", 4, "it ends too early"),
            ("01", 1, "a blank belongs behind a number"),
            ("1\"a\"", 1, "a blank belongs behind a number"),
            ("null-1", 4, "a blank belongs behind a word"),
            ("true,", 4, "a blank belongs behind a word"),
            ("-", 1, "a digit is missing"),
            ("-x", 1, "a digit is missing"),
            ("1.", 2, "a digit is missing"),
            ("1.e1", 2, "a digit is missing"),
            ("1e", 2, "a digit is missing"),
            ("1e+", 3, "a digit is missing"),
            ("\"a", 2, "a closing quote is missing"),
            ("\"a\nb\"", 2, "a control character stands in a string"),
            ("\"a\u{1f}\"", 2, "a control character stands in a string"),
            ("\"\\x\"", 2, "a backslash begins no escape"),
            ("\"\\", 2, "a backslash begins no escape"),
            ("\"\\u00g0\"", 5, "four hexadecimal digits belong behind `\\u`"),
            ("\"\\u00", 5, "four hexadecimal digits belong behind `\\u`"),
        ] {
            check(text, Err((at, problem)));
        }
    }

    #[test]
    fn places_are_counted_in_lines_and_utf16() {
        let place = |at, text| SyntaxError { at, problem: "" }.line_and_column(text);
        assert_eq!(place(0, "x"), (1, 1));
        assert_eq!(place(3, "a\nbc"), (2, 2));
        assert_eq!(place(2, "a\n"), (2, 1));
        assert_eq!(place("😀".len(), "😀x"), (1, 3));
        assert_eq!(place(1, "😀x"), (1, 4), "inside a character: the end");
    }

    #[test]
    fn deep_nesting_overflows_no_stack() {
        check(&("[".repeat(100_000) + &"]".repeat(100_000)), Ok(1));
    }
}
