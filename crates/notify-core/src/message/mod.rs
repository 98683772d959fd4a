//! Messages as people write them: plain lines with placeholders.
//!
//! A [`Message`] knows nothing of EventBridge. What can carry it is for its compilers to say:
//! [`quoted_lines`](crate::transform::quoted_lines) for an input template, and
//! [`machine`](crate::machine) for a state machine, which alone carries functions and subjects.

mod function;
mod letter;
mod zone;

pub use function::Function;
use function::functions;
pub use letter::{Letter, Tables};
pub use zone::Zone;

use std::fmt;

/// Lines of text with placeholders.
///
/// ```
/// # use notify_core::message::{Message, Part, Source};
/// let message = Message::parse("Root signed in from <ip>.\nLook at <$.detail.eventID>.\n")?;
/// let [text, ip, dot] = message.lines().next().unwrap() else { panic!() };
/// let Part::Value(ip) = ip else { panic!() };
/// assert_eq!(ip.of, Source::Variable("ip".to_owned()));
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
    /// A placeholder.
    Value(Placeholder),
}

/// `<name>` or `<$.path>`, with functions: `<$.time | tz Asia/Tokyo>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// Where its value is from.
    pub of: Source,
    /// What is done to it, in this order.
    pub functions: Vec<Function>,
}

/// Where a placeholder's value is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `name`, a value that is defined elsewhere.
    Variable(String),
    /// `$.path`, a value by its place in the event.
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
        Ok(Self { lines: lines.collect::<Result<_, _>>()? })
    }

    /// Its lines, each a list of pieces.
    pub fn lines(&self) -> impl Iterator<Item = &[Part]> {
        self.lines.iter().map(Vec::as_slice)
    }

    /// Its placeholders.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.lines.iter().flatten().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value(placeholder) => Some(placeholder),
        })
    }
}

fn parse_line(line: &str) -> Result<Vec<Part>, MessageError> {
    let mut parts = Vec::new();
    let mut rest = line;
    let mut text = String::new();
    while let Some((before, from)) = rest.split_once('<') {
        text.push_str(before);
        match placeholder(line, from)? {
            Some((placeholder, behind)) => {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Value(placeholder));
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
    Ok(parts)
}

/// The placeholder whose `<` has just been read, and what follows it. A name with a `|` behind it
/// is meant as one, so that what is wrong with it is said.
fn placeholder<'t>(
    line: &str,
    from: &'t str,
) -> Result<Option<(Placeholder, &'t str)>, MessageError> {
    // Looks no further than the next sign, so that many of them cost no more than their number.
    let Some(end) = from.find(['<', '>', '|']) else { return Ok(None) };
    let (name, behind) = from.split_at(end);
    match (behind.strip_prefix('>'), behind.starts_with('|')) {
        (Some(behind), _) => {
            let found = source(name);
            Ok(found.map(|of| (Placeholder { of, functions: Vec::new() }, behind)))
        }
        (None, true) => match source(name.trim_end()) {
            Some(of) => {
                let (functions, behind) = functions(line, behind)?;
                Ok(Some((Placeholder { of, functions }, behind)))
            }
            None => Ok(None),
        },
        (None, false) => Ok(None),
    }
}

fn source(name: &str) -> Option<Source> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if name.starts_with('$') {
        Some(Source::Path(name.to_owned()))
    } else if !name.is_empty() && name.bytes().all(is_name) {
        Some(Source::Variable(name.to_owned()))
    } else {
        None
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Variable(name) | Self::Path(name)) = self;
        f.write_str(name)
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.of)?;
        self.functions.iter().try_for_each(|function| write!(f, " | {function}"))?;
        f.write_str(">")
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Value(placeholder) => write!(f, "{placeholder}"),
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

    fn value(of: Source, functions: &[Function]) -> Part {
        Part::Value(Placeholder { of, functions: functions.to_vec() })
    }

    #[test]
    fn a_line_falls_into_its_pieces() {
        let text = |text: &str| Part::Text(text.to_owned());
        let variable = |name: &str| value(Source::Variable(name.to_owned()), &[]);
        let path = |path: &str| value(Source::Path(path.to_owned()), &[]);
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
            ("a < b | c > <a b | c>", vec![text("a < b | c > <a b | c>")]),
            ("x || <| <>|", vec![text("x || <| <>|")]),
        ] {
            assert_eq!(parse_line(line), Ok(want), "{line}");
        }
    }

    #[test]
    fn functions_follow_a_value() {
        let check = |line: &str, functions: &[Function], shown: &str| {
            let parts = parse_line(line).expect("a line");
            let want = value(Source::Path("$.a".to_owned()), functions);
            assert_eq!(parts, [want, Part::Text(".".to_owned())], "{line}");
            assert_eq!(parts.iter().map(Part::to_string).collect::<String>(), shown);
            assert_eq!(parse_line(shown), Ok(parts));
        };
        let text = |text: &str| text.to_owned();
        check("<$.a|upper>.", &[Function::Upper], "<$.a | upper>.");
        check("<$.a | lower  >.", &[Function::Lower], "<$.a | lower>.");
        let two = [Function::First(20), Function::Default(text("a > b | c"))];
        check(
            "<$.a | first 20 | default 'a > b | c'>.",
            &two,
            "<$.a | first 20 | default \"a > b | c\">.",
        );
        check("<$.a | join '\"'>.", &[Function::Join(text("\""))], "<$.a | join '\"'>.");
        check("<$.a | join \"\">.", &[Function::Join(text(""))], "<$.a | join \"\">.");
        check(
            "<$.a | lookup 口座>.",
            &[Function::Lookup(text("口座"))],
            "<$.a | lookup \"口座\">.",
        );
        let tokyo = Zone::parse("Asia/Tokyo").expect("a zone");
        check("<$.a | tz Asia/Tokyo>.", &[Function::Tz(tokyo)], "<$.a | tz Asia/Tokyo>.");
    }

    #[test]
    fn a_function_that_is_none_is_refused() {
        for (line, problem, help) in [
            ("<a | uper>", "there is no function `uper`", "did you mean `upper`?"),
            (
                "<a | >",
                "there is no function ``",
                "there are default, tz, join, first, upper, lower, lookup",
            ),
            (
                "<a | default>",
                "`default` does not say what",
                "write it such as `| default \"unknown\"`",
            ),
            (
                "<a | first x>",
                "`first` takes a number from 1 to 100000",
                "write it such as `| first 20`",
            ),
            (
                "<a | first 0>",
                "`first` takes a number from 1 to 100000",
                "write it such as `| first 20`",
            ),
            ("<a | upper x>", "`upper` takes nothing", "write it such as `| upper`"),
            (
                "<a | default \"x>",
                "a \" is missing",
                "close the text with the quote that it begins with",
            ),
            (
                "<a | tz Asia/Tokio>",
                "there is no time zone `Asia/Tokio`",
                "did you mean `Asia/Tokyo`?",
            ),
        ] {
            let error = parse_line(line).expect_err("refused");
            assert_eq!((error.problem.as_str(), error.help.as_str()), (problem, help), "{line}");
            assert_eq!(error.near, line);
        }
        for open in ["<a | upper", "<a | upper <b>", "<a | default \"x\" y>"] {
            let error = parse_line(open).expect_err("refused");
            assert_eq!(error.problem, "a placeholder with `|` has no end", "{open}");
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
