//! Messages as people write them: plain lines with placeholders.
//!
//! A [`Message`] knows nothing of EventBridge. What can carry it is for its compilers to say;
//! [`quoted_lines`](crate::transform::quoted_lines) is one.

use std::fmt;

/// Lines of text with placeholders.
///
/// ```
/// # use notify_core::message::{Message, Part};
/// let message = Message::parse("Root signed in from <ip>.\nLook at <$.detail.eventID>.\n")?;
/// let [text, ip, dot] = message.lines().next().unwrap() else { panic!() };
/// assert_eq!(*ip, Part::Variable("ip".to_owned()));
/// assert_eq!(message.to_string(), "Root signed in from <ip>.\nLook at <$.detail.eventID>.");
/// # Ok::<(), notify_core::message::MessageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    lines: Vec<Vec<Part>>,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// What stands in the mail as it is; a `<` that begins no placeholder belongs to it.
    Text(String),
    /// `<name>`, a value that is defined elsewhere.
    Variable(String),
    /// `<$.path>`, a value by its place in the event.
    Path(String),
}

/// Why a message, or a template of the author's own, cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct MessageError {
    /// The text that the problem is in, for finding its place in the file; empty where it is all
    /// of it.
    pub near: String,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub help: String,
}

impl Message {
    /// Reads a message. One line break at its end is not part of it.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(MessageError {
                near: text.to_owned(),
                problem: "the message is empty".to_owned(),
                help: "write what the mail says".to_owned(),
            });
        }
        let lines =
            text.split('\n').map(|line| parse_line(line.strip_suffix('\r').unwrap_or(line)));
        Ok(Self { lines: lines.collect() })
    }

    /// Its lines, each a list of pieces.
    pub fn lines(&self) -> impl Iterator<Item = &[Part]> {
        self.lines.iter().map(Vec::as_slice)
    }
}

fn parse_line(line: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = line;
    let mut text = String::new();
    while let Some((before, from)) = rest.split_once('<') {
        text.push_str(before);
        match placeholder(from) {
            Some((part, behind)) => {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(part);
                rest = behind;
            }
            None => {
                text.push('<');
                rest = from;
            }
        }
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    parts
}

/// The placeholder whose `<` has just been read, and what follows it.
fn placeholder(from: &str) -> Option<(Part, &str)> {
    // Looks no further than the next bracket, so that many of them cost no more than their number.
    let end = from.find(['<', '>'])?;
    let (name, behind) = from.split_at(end);
    let behind = behind.strip_prefix('>')?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if name.starts_with('$') {
        Some((Part::Path(name.to_owned()), behind))
    } else if !name.is_empty() && name.bytes().all(is_name) {
        Some((Part::Variable(name.to_owned()), behind))
    } else {
        None
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Variable(name) | Self::Path(name) => write!(f, "<{name}>"),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, line) in self.lines.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            line.iter().try_for_each(|part| write!(f, "{part}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_falls_into_its_pieces() {
        let text = |text: &str| Part::Text(text.to_owned());
        let variable = |name: &str| Part::Variable(name.to_owned());
        let path = |path: &str| Part::Path(path.to_owned());
        for (line, want) in [
            ("", vec![]),
            ("say \"x\" \\ ok", vec![text("say \"x\" \\ ok")]),
            ("<a><b-2>", vec![variable("a"), variable("b-2")]),
            ("時刻 : <time> 。", vec![text("時刻 : "), variable("time"), text(" 。")]),
            ("<$.a.b[0]>x", vec![path("$.a.b[0]"), text("x")]),
            ("<$..x>", vec![path("$..x")]),
            ("<detail.ip>", vec![variable("detail.ip")]),
            ("a < b > <c", vec![text("a < b > <c")]),
            ("<> <a b> <$", vec![text("<> <a b> <$")]),
            ("<a<b>>", vec![text("<a"), variable("b"), text(">")]),
        ] {
            assert_eq!(parse_line(line), want, "{line}");
        }
    }

    #[test]
    fn a_message_is_its_lines() {
        let lines = |text: &str| Message::parse(text).map(|message| message.to_string());
        assert_eq!(lines("a\r\n\r\nb\r\n").as_deref(), Ok("a\n\nb"));
        assert_eq!(lines("a\n\n").as_deref(), Ok("a\n"));
        for empty in ["", "\n", " \r\n", " \n \n"] {
            assert_eq!(lines(empty).map_err(|e| e.problem), Err("the message is empty".to_owned()));
        }
    }
}
