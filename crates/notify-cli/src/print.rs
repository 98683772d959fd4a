//! The only place that writes to the terminal.
//!
//! Text from outside (names, endpoints, error messages) passes through [`clean`] before it is
//! put into a line: what it holds in control characters is shown, not obeyed.

use anstyle::{AnsiColor, Style};
use notify_core::hidden::is_hidden;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const CHANGED: Style = AnsiColor::Yellow.on_default();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BOLD: Style = Style::new().bold();

/// Puts text into a style.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Whether something could not be written to standard output.
static LOST: AtomicBool = AtomicBool::new(false);

/// Writes to standard output. A reader that has gone away (`| head`) is no error; any other
/// failure is remembered for [`lost`].
pub(crate) fn out(text: &str) {
    let mut to = anstream::stdout().lock();
    let written =
        to.write_all(text.as_bytes()).and_then(|()| to.write_all(b"\n")).and_then(|()| to.flush());
    if written.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Writes a text to standard output as it is, to the last byte, for another program or a file. A
/// terminal gets it as a line of [`clean`] text.
pub(crate) fn exact(text: &str) {
    if std::io::stdout().is_terminal() {
        return out(&clean(text));
    }
    let mut to = std::io::stdout().lock();
    let written = to.write_all(text.as_bytes()).and_then(|()| to.flush());
    if written.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Whether output was lost, as on a full disk.
pub(crate) fn lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// Writes to standard error.
pub(crate) fn err(text: &str) {
    let mut to = anstream::stderr().lock();
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.write_all(b"\n"));
}

/// Shows what a terminal would obey, or would not show, instead of sending it. Line breaks stay.
pub(crate) fn clean(text: &str) -> String {
    let is_bad = |c: char| is_hidden(c) && c != '\n';
    if !text.contains(is_bad) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if is_bad(c) {
            clean.extend(c.escape_unicode());
        } else {
            clean.push(c);
        }
    }
    clean
}

/// Text for one line of output: line breaks are shown, too, and what is longer than anything that
/// AWS takes in one line is cut.
pub(crate) fn line(text: &str) -> String {
    clean(&cut(text, LONGEST_LINE)).replace('\n', "\\n")
}

/// A template of a target holds 8,192 characters at most, a policy 10,240.
pub(crate) const LONGEST_LINE: usize = 10_240;

/// The beginning of a text that has more characters than that.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((at, _)) if text.len() > most => {
            let begin = text.get(..at).unwrap_or_default();
            Cow::Owned(format!("{begin}… ({} bytes)", text.len()))
        }
        _ => Cow::Borrowed(text),
    }
}

/// A JSON document in one line. What a terminal would obey is escaped; it is only in strings.
pub(crate) fn json(document: &serde_json::Value) -> String {
    let text = document.to_string();
    if !text.contains(is_hidden) {
        return text;
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(clean, "\\u{unit:04x}");
            }
        } else {
            clean.push(c);
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_never_sees_control_characters() {
        assert_eq!(clean("a\u{1b}[31mb\nc"), "a\\u{1b}[31mb\nc");
        assert_eq!(line("x\ny\u{202e}"), "x\\ny\\u{202e}");
        assert_eq!(clean("遮断"), "遮断");
        let name = "a\u{1b}b\u{9b}\u{202e}\n遮断\u{200b}\u{e0041}";
        let document = json(&serde_json::json!({"name": name}));
        assert_eq!(document, r#"{"name":"a\u001bb\u009b\u202e\n遮断\u200b\udb40\udc41"}"#);
        let read: serde_json::Value = serde_json::from_str(&document).unwrap();
        assert_eq!(read["name"], name);
    }

    #[test]
    fn what_is_too_long_for_a_line_is_cut() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "abc… (4 bytes)");
        assert_eq!(cut("遮断", 2), "遮断");
        assert_eq!(cut("遮断数", 2), "遮断… (9 bytes)");
        assert_eq!(line(&"a".repeat(LONGEST_LINE)).len(), LONGEST_LINE);
        assert!(line(&"\n".repeat(1_000_000)).len() < 3 * LONGEST_LINE);
    }
}
