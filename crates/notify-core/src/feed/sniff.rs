//! What a stream holds, told from its first MiB.

use super::document::Bad;
use super::scan::{Found, Scanner};
use memchr::memchr;

/// How the documents of a stream are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One a line.
    Lines,
    /// By their brackets.
    Values,
}

/// How much is looked at to tell text from other things.
const FEW: usize = 1024;

/// The mark with which some programs begin a file.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Tells the layout. `None` where nothing but white space was seen.
///
/// Lines are the faster way and lose one line where a document is broken, so whatever may be lines
/// is: a first line that is a document, but no object around a list, or one that cannot go on.
pub(super) fn layout(head: &[u8]) -> Result<Option<Layout>, Bad> {
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return Err(Bad::Utf16);
    }
    let text = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    match text {
        [] => Ok(None),
        // Without a mark at its beginning.
        [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..] => Err(Bad::Utf16),
        [b'{', ..] => Ok(Some(of_object(text))),
        [b'[', rest @ ..] if matches!(rest.trim_ascii_start(), [] | [b'{' | b']', ..]) => {
            Ok(Some(Layout::Values))
        }
        _ if is_binary(text) => Err(Bad::Binary),
        _ => Ok(Some(Layout::Lines)),
    }
}

fn of_object(text: &[u8]) -> Layout {
    // Without a line's end it is one line as far as can be seen, unless it is around a list.
    let line = memchr(b'\n', text).unwrap_or(text.len());
    match first(text) {
        First::Ends(end) if end <= line => {
            match text.get(end..line).unwrap_or_default().trim_ascii() {
                [b'{' | b'[', ..] => Layout::Values,
                _ => Layout::Lines,
            }
        }
        First::List | First::Ends(_) => Layout::Values,
        First::Breaks(at) if at <= line => Layout::Lines,
        // It may be a broken line, or a broken document of several lines: the second line tells.
        First::Breaks(_) | First::Goes => {
            let second = text.get(line + 1..).unwrap_or_default();
            let second_line = memchr(b'\n', second).unwrap_or(second.len());
            let is_line = second.starts_with(b"{")
                && matches!(first(second), First::Ends(end) if end <= second_line);
            if line == text.len() || is_line { Layout::Lines } else { Layout::Values }
        }
    }
}

/// The first value of a text that begins with `{`.
enum First {
    Ends(usize),
    List,
    Breaks(usize),
    /// Its end is not to be seen.
    Goes,
}

fn first(text: &[u8]) -> First {
    let mut scanner = Scanner::new();
    match scanner.next(text) {
        Found::Document { spot, .. } | Found::Broken { spot, .. } if spot.array > 0 => First::List,
        Found::Document { end, start: 0, .. } => First::Ends(end),
        Found::Broken { at, start: 0, .. } => First::Breaks(at),
        // What came first was an object around an empty list.
        Found::Document { .. } | Found::Broken { .. } => First::List,
        Found::More if scanner.spot().array > 0 || scanner.keep_from() > 0 => First::List,
        Found::More => First::Goes,
    }
}

fn is_binary(text: &[u8]) -> bool {
    let few = text.get(..FEW).unwrap_or(text);
    few.contains(&0) || std::str::from_utf8(few).is_err_and(|error| error.error_len().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_lines_is_lines() {
        use Layout::{Lines, Values};
        for (head, expected) in [
            ("", None),
            (" \r\n\t", None),
            ("{}", Some(Lines)),
            ("{}\n{}", Some(Lines)),
            ("\n {} \n{}", Some(Lines)),
            ("\u{feff}{}\n", Some(Lines)),
            ("{}{}", Some(Values)),
            ("{} [", Some(Values)),
            ("{}\n{}{}", Some(Lines)),
            ("{} x\n", Some(Lines)),
            ("{\"a\":1", Some(Lines)),
            ("{\n\"a\":1}", Some(Values)),
            ("{\n\"a\":", Some(Values)),
            ("{\"a\":\n{}\n{}\n", Some(Lines)),
            ("{\"a\":\n1\n{\n", Some(Values)),
            ("{\"a\":\n{\n}}", Some(Values)),
            ("{\"a\":\"\n{}", Some(Lines)),
            ("{\"a\"]\n{}", Some(Lines)),
            ("{\n]\n{}", Some(Values)),
            ("{\"Records\":[", Some(Values)),
            ("{\"x\":{\"y\":[]},\"Records\" : [{}]}", Some(Values)),
            ("{\"Records\":[]}", Some(Values)),
            ("{\"Records\":[]}\n{}", Some(Values)),
            ("{\"Records\":[]}x", Some(Values)),
            ("{\"Records\":{}}\n", Some(Lines)),
            ("{\"detail\":{},\"Records\":[]}\n", Some(Lines)),
            ("{\"x\":{\"Records\":[]}}\n", Some(Lines)),
            ("[", Some(Values)),
            ("[ \n", Some(Values)),
            ("[]", Some(Values)),
            ("[{", Some(Values)),
            ("[INFO]", Some(Lines)),
            ("[1]", Some(Lines)),
            ("text", Some(Lines)),
        ] {
            assert_eq!(layout(head.as_bytes()), Ok(expected), "{head:?}");
        }
    }

    #[test]
    fn two_byte_units_are_told_with_and_without_a_mark() {
        let of = |head: &[u8]| layout(head).unwrap_err();
        for head in [&b"\xFF\xFE{\0"[..], b"\xFE\xFF\0{", b"{\0\"\0", b"\0{\0\"", b"[\0", b"\0["] {
            assert_eq!(of(head), Bad::Utf16, "{head:?}");
        }
        assert_eq!(of(b"\0\0{"), Bad::Binary);
    }
}
