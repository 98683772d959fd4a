//! The words of JSON: strings, numbers, literals, blanks.
//!
//! Strings are bytes: UTF-8, and a lone surrogate (which JSON can write and UTF-8 cannot) as the
//! three bytes that UTF-8 would give it, so that different strings stay different.

use super::blocks::end_of_plain;
use std::borrow::Cow;

/// The deepest nesting that is read. Jackson, which `EventBridge`'s engine reads with, has the same
/// limit.
pub(super) const MOST_LEVELS: usize = 1000;

/// What is said of something that is nested deeper.
pub(super) fn too_deep() -> String {
    format!(
        "Document nesting depth ({}) exceeds the maximum allowed ({MOST_LEVELS}, from \
         `StreamReadConstraints.getMaxNestingDepth()`)",
        MOST_LEVELS + 1
    )
}

/// Something that is not JSON, and the byte behind it.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) at: usize,
    pub(super) problem: String,
}

/// Reads words from text.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    text: &'t [u8],
    pub(super) at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The text from one byte to another.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'t [u8] {
        self.text.get(from..to).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The next byte that is no blank, which is taken.
    pub(super) fn word(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn broken<T>(&self, problem: impl Into<String>) -> Result<T, Broken> {
        Err(Broken { at: self.at, problem: problem.into() })
    }

    /// Refuses the character that begins at the byte before this.
    pub(super) fn unexpected<T>(&mut self, wanted: &str) -> Result<T, Broken> {
        let from = self.at.saturating_sub(1);
        let rest = self.text.get(from..).unwrap_or_default();
        let rest = rest.get(..4).unwrap_or(rest);
        let valid = match std::str::from_utf8(rest) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(rest.get(..error.valid_up_to()).unwrap_or_default())
                .unwrap_or_default(),
        };
        let Some(c) = valid.chars().next() else {
            return self.broken("Invalid UTF-8");
        };
        self.at = from + c.len_utf8();
        let code = u32::from(c);
        let name = if c < ' ' { "CTRL-CHAR".to_owned() } else { format!("'{c}'") };
        self.broken(format!("Unexpected character ({name} (code {code})): {wanted}"))
    }

    /// Refuses the end of the text.
    pub(super) fn ended<T>(&self, within: &str) -> Result<T, Broken> {
        self.broken(format!("Unexpected end-of-input{within}"))
    }

    /// A string behind its opening quote, up to and with the closing one.
    pub(super) fn string(&mut self, within: &str) -> Result<Cow<'t, [u8]>, Broken> {
        let start = self.at;
        self.at = end_of_plain(self.text, start).unwrap_or(self.text.len());
        let raw = self.slice(start, self.at);
        match self.peek() {
            None => return self.ended(within),
            Some(byte @ ..b' ') => return self.control(byte),
            Some(_) if raw.is_ascii() => {}
            Some(_) => Self::utf8(raw, start)?,
        }
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(raw));
        }
        self.escaped(raw.to_vec(), within).map(Cow::Owned)
    }

    /// The rest of a string from its first escape on.
    fn escaped(&mut self, mut out: Vec<u8>, within: &str) -> Result<Vec<u8>, Broken> {
        // The first unit of a surrogate pair, when it has just been written.
        let mut high = None;
        loop {
            let start = self.at;
            self.at = end_of_plain(self.text, start).unwrap_or(self.text.len());
            let plain = self.slice(start, self.at);
            Self::utf8(plain, start)?;
            if !plain.is_empty() {
                high = None;
                out.extend_from_slice(plain);
            }
            match self.peek() {
                None => return self.ended(within),
                Some(byte @ ..b' ') => return self.control(byte),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(_) => self.at += 1,
            }
            let Some(kind) = self.peek() else {
                return self.ended(" in character escape sequence");
            };
            self.at += 1;
            let plain = match kind {
                b'"' | b'\\' | b'/' => kind,
                b'b' => 0x08,
                b'f' => 0x0c,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'u' => {
                    let unit = self.unit()?;
                    high = put_unit(&mut out, high, unit);
                    continue;
                }
                _ => return self.broken("Unrecognized character escape"),
            };
            high = None;
            out.push(plain);
        }
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u16, Broken> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(byte) = self.peek() else {
                return self.ended(" in character escape sequence");
            };
            self.at += 1;
            match char::from(byte).to_digit(16) {
                // Four digits fit.
                Some(digit) => unit = unit << 4 | u16::try_from(digit).unwrap_or_default(),
                None => {
                    return self.unexpected("expected a hex-digit for character escape sequence");
                }
            }
        }
        Ok(unit)
    }

    fn control<T>(&mut self, byte: u8) -> Result<T, Broken> {
        self.at += 1;
        self.broken(format!(
            "Illegal unquoted character ((CTRL-CHAR, code {byte})): has to be escaped using \
             backslash to be included in string value"
        ))
    }

    /// Checks what was read from `start` on.
    fn utf8(raw: &[u8], start: usize) -> Result<(), Broken> {
        std::str::from_utf8(raw).map(|_| ()).map_err(|error| Broken {
            at: start + error.valid_up_to() + 1,
            problem: "Invalid UTF-8".to_owned(),
        })
    }

    /// A number whose first character was taken.
    pub(super) fn number(&mut self) -> Result<&'t str, Broken> {
        let start = self.at.saturating_sub(1);
        self.at = start;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => {
                self.at += 1;
                if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                    self.at += 1;
                    return self.broken("Invalid numeric value: Leading zeroes not allowed");
                }
            }
            _ => {
                self.digits("expected digit (0-9) to follow minus sign, for valid numeric value")?;
            }
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("Decimal point not followed by a digit")?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits("Exponent indicator not followed by a digit")?;
        }
        // What was taken is ASCII.
        Ok(std::str::from_utf8(self.slice(start, self.at)).unwrap_or_default())
    }

    fn digits(&mut self, wanted: &str) -> Result<(), Broken> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start {
            return Ok(());
        }
        match self.peek() {
            None => self.ended(" in a Number value"),
            Some(_) => {
                self.at += 1;
                self.unexpected(wanted)
            }
        }
    }

    /// The rest of `true`, `false` or `null`, of which the first character was taken.
    pub(super) fn literal(&mut self) -> Result<&'static str, Broken> {
        let start = self.at.saturating_sub(1);
        self.at = start;
        while self
            .peek()
            .is_some_and(|b| b >= 0x80 || b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
        {
            self.at += 1;
        }
        match self.slice(start, self.at) {
            b"true" => Ok("true"),
            b"false" => Ok("false"),
            b"null" => Ok("null"),
            [] => {
                self.at += 1;
                self.unexpected(
                    "expected a valid value (JSON String, Number, Array, Object or token 'null', \
                     'true' or 'false')",
                )
            }
            word => {
                // Jackson shows 256 characters at most.
                let shown: String = String::from_utf8_lossy(word).chars().take(256).collect();
                self.broken(format!(
                    "Unrecognized token '{shown}': was expecting (JSON String, Number, Array, \
                     Object or token 'null', 'true' or 'false')"
                ))
            }
        }
    }
}

/// Writes a UTF-16 unit behind the one before it, and says whether a pair may follow.
fn put_unit(out: &mut Vec<u8>, high: Option<u16>, unit: u16) -> Option<u16> {
    if let (Some(high), 0xdc00..=0xdfff) = (high, unit) {
        let code = 0x1_0000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(unit) - 0xdc00);
        // Takes back the three bytes of the first half.
        out.truncate(out.len().saturating_sub(3));
        push_char(out, code);
        return None;
    }
    if (0xd800..=0xdfff).contains(&unit) {
        let [top, low] = unit.to_be_bytes();
        out.extend([0xed, 0x80 | (top & 0x0f) << 2 | low >> 6, 0x80 | low & 0x3f]);
        return (unit < 0xdc00).then_some(unit);
    }
    push_char(out, u32::from(unit));
    None
}

fn push_char(out: &mut Vec<u8>, code: u32) {
    if let Some(c) = char::from_u32(code) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Bytes of a string for people: what is no UTF-8 becomes a mark.
pub(super) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &str) -> Result<Vec<u8>, (usize, String)> {
        let mut scanner = Scanner::new(text.as_bytes());
        let read = scanner.string(" in a string");
        read.map(Cow::into_owned).map_err(|broken| (broken.at, broken.problem))
    }

    #[test]
    fn strings_are_unescaped() {
        let good: [(&str, &[u8]); 9] = [
            ("\"", b""),
            ("a\"b", b"a"),
            (r#"a\u0062c""#, b"abc"),
            (r#"\"\\\/\b\f\n\r\t""#, b"\"\\/\x08\x0c\n\r\t"),
            (r#"\u00e9x""#, "éx".as_bytes()),
            (r#"\ud83d\ude80!""#, "🚀!".as_bytes()),
            (r#"\ud83d""#, b"\xed\xa0\xbd"),
            (r#"\ude80\ud83d""#, b"\xed\xba\x80\xed\xa0\xbd"),
            (r#"\ud83dx\ude80""#, b"\xed\xa0\xbdx\xed\xba\x80"),
        ];
        for (text, wanted) in good {
            assert_eq!(string(text), Ok(wanted.to_vec()), "{text}");
        }
        for (text, at, problem) in [
            ("abc", 3, "Unexpected end-of-input in a string"),
            ("a\\", 2, "Unexpected end-of-input in character escape sequence"),
            ("\\u00", 4, "Unexpected end-of-input in character escape sequence"),
            (
                "\\u00g0\"",
                5,
                "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence",
            ),
            ("\\x\"", 2, "Unrecognized character escape"),
            (
                "a\nb\"",
                2,
                "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value",
            ),
            (
                "\\n\u{1f}\"",
                3,
                "Illegal unquoted character ((CTRL-CHAR, code 31)): has to be escaped using backslash to be included in string value",
            ),
        ] {
            assert_eq!(string(text), Err((at, problem.to_owned())), "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_utf8_are_refused_where_they_are() {
        for (text, at) in [(&b"ab\xff\""[..], 3), (b"\\n\xc3\"", 3), (b"\xc3\xa9\xed\xa0\xbd\"", 3)]
        {
            let broken = Scanner::new(text).string("").expect_err("no UTF-8");
            assert_eq!((broken.at, broken.problem.as_str()), (at, "Invalid UTF-8"), "{text:?}");
        }
    }

    #[test]
    fn numbers_are_as_json_writes_them() {
        let number = |text: &str| {
            let mut scanner = Scanner::new(text.as_bytes());
            scanner.word();
            let read = scanner.number().map(str::to_owned);
            read.map_err(|broken| (broken.at, broken.problem))
        };
        for text in ["0", "-0", "12", "0.5", "-1.25e10", "1E-2", "3e+07"] {
            assert_eq!(number(text), Ok(text.to_owned()));
            assert_eq!(number(&format!("{text},")), Ok(text.to_owned()));
        }
        for (text, at, problem) in [
            ("01", 2, "Invalid numeric value: Leading zeroes not allowed"),
            ("-", 1, "Unexpected end-of-input in a Number value"),
            (
                "-x",
                2,
                "Unexpected character ('x' (code 120)): expected digit (0-9) to follow minus sign, for valid numeric value",
            ),
            (
                "1.]",
                3,
                "Unexpected character (']' (code 93)): Decimal point not followed by a digit",
            ),
            (
                "1e,",
                3,
                "Unexpected character (',' (code 44)): Exponent indicator not followed by a digit",
            ),
        ] {
            assert_eq!(number(text), Err((at, problem.to_owned())), "{text}");
        }
    }
}
