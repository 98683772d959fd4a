//! Messages as people write them, and what EventBridge makes mails from.
//!
//! A [`Message`] is plain lines with placeholders and knows nothing of EventBridge. Compiling it
//! to an input transformer of quoted lines ([`Message::to_transformer`]) is one of its uses.

use crate::transform::{check_path, is_reserved, is_variable};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Lines of text with placeholders.
///
/// ```
/// # use notify_core::message::Message;
/// let message = Message::parse("Root signed in from <$.detail.sourceIPAddress>.\n")?;
/// let (paths, template) = message.to_transformer(&Default::default())?;
/// assert_eq!(template, r#""Root signed in from <sourceIPAddress>.""#);
/// assert_eq!(paths["sourceIPAddress"], "$.detail.sourceIPAddress");
/// # Ok::<(), notify_core::message::MessageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    lines: Vec<Vec<Part>>,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// `<name>`
    Variable(String),
    /// `<$.path>`
    Path(String),
}

/// Why a message cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct MessageError {
    /// The text that the problem is in, for finding its place in the file.
    pub near: String,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub help: String,
}

impl MessageError {
    fn new(near: &str, problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self { near: near.to_owned(), problem: problem.into(), help: help.into() }
    }
}

impl Message {
    /// Reads a message. One line break at its end is not part of it.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(MessageError::new(
                text,
                "the message is empty",
                "write what the mail says",
            ));
        }
        let lines =
            text.split('\n').map(|line| parse_line(line.strip_suffix('\r').unwrap_or(line)));
        Ok(Self { lines: lines.collect::<Result<_, _>>()? })
    }

    /// The variables that it uses without saying their paths.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().flatten().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Text(_) | Part::Path(_) => None,
        })
    }

    /// Compiles it to EventBridge's input paths and template: each line a quoted string of its
    /// own, which is the form that a mail shows best. All of `paths` are kept, used or not.
    pub fn to_transformer(
        &self,
        paths: &BTreeMap<String, String>,
    ) -> Result<(BTreeMap<String, String>, String), MessageError> {
        let mut paths = paths.clone();
        let mut template = String::new();
        for (at, line) in self.lines.iter().enumerate() {
            template.push_str(if at == 0 { "\"" } else { "\n\"" });
            for part in line {
                let name = match part {
                    Part::Text(text) => {
                        template.push_str(text);
                        continue;
                    }
                    Part::Variable(name) => {
                        if !paths.contains_key(name) && !is_reserved(name) {
                            return Err(unknown_variable(name, &paths));
                        }
                        name.clone()
                    }
                    Part::Path(path) => variable_for(path, &mut paths),
                };
                // Writing to a string cannot fail.
                let _ = write!(template, "<{name}>");
            }
            template.push('"');
        }
        Ok((paths, template))
    }
}

fn unknown_variable(name: &str, paths: &BTreeMap<String, String>) -> MessageError {
    let known: Vec<&str> = paths.keys().map(String::as_str).collect();
    let help = if known.is_empty() {
        format!(
            "say where it is read from: `paths = {{ {name} = \"$.detail.…\" }}`, or write the path in place: `<$.detail.…>`"
        )
    } else {
        format!(
            "known are {}; others need `paths = {{ {name} = \"$.detail.…\" }}`",
            known.join(", ")
        )
    };
    MessageError::new(&format!("<{name}>"), format!("`<{name}>` has no path"), help)
}

/// The variable of a path that is written in place: named after its last part.
fn variable_for(path: &str, paths: &mut BTreeMap<String, String>) -> String {
    if let Some((name, _)) = paths.iter().find(|(_, known)| known.as_str() == path) {
        return name.clone();
    }
    let last = path.rsplit('.').next().unwrap_or_default();
    let base: String = last.chars().filter(char::is_ascii_alphanumeric).collect();
    let base = if base.is_empty() || base.to_ascii_lowercase().starts_with("aws") {
        format!("value{base}")
    } else {
        base
    };
    let mut name = base.clone();
    let mut number = 2;
    while paths.contains_key(&name) {
        name = format!("{base}{number}");
        number += 1;
    }
    paths.insert(name.clone(), path.to_owned());
    name
}

fn parse_line(line: &str) -> Result<Vec<Part>, MessageError> {
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some(open) = rest.find('<') {
        text_part(&rest[..open], line, &mut parts)?;
        let inside = &rest[open + 1..];
        let close = inside.find('>').filter(|close| !inside[..*close].contains('<'));
        let Some(close) = close else {
            return Err(stray(line));
        };
        let name = &inside[..close];
        parts.push(if name.starts_with('$') {
            check_path(name).map_err(|problem| {
                MessageError::new(
                    &format!("<{name}>"),
                    format!("`{name}` is not a path that EventBridge takes: {problem}"),
                    "write a path such as `$.detail.resourceId` or `$.detail.findings[0].Title`",
                )
            })?;
            Part::Path(name.to_owned())
        } else if is_variable(name) || is_reserved(name) {
            Part::Variable(name.to_owned())
        } else if name.contains('.') && check_path(&format!("$.{name}")).is_ok() {
            return Err(MessageError::new(
                &format!("<{name}>"),
                format!("`<{name}>` is a path without its beginning"),
                format!("write `<$.{name}>`"),
            ));
        } else {
            return Err(stray(line));
        });
        rest = &inside[close + 1..];
    }
    text_part(rest, line, &mut parts)?;
    Ok(parts)
}

fn stray(line: &str) -> MessageError {
    MessageError::new(
        line,
        "a `<` that begins no placeholder",
        "EventBridge has no way to write a plain `<`: use ＜ or words, or a placeholder such as `<name>` or `<$.detail.id>`",
    )
}

fn text_part(text: &str, line: &str, parts: &mut Vec<Part>) -> Result<(), MessageError> {
    for c in text.chars() {
        let help = match c {
            '"' => "use ' or 「」: AWS drops a mail whose text has a quote in it",
            '\\' => {
                "use / or ＼: AWS drops a mail whose text has a backslash in it, or prints it twice"
            }
            c if c.is_control() => "leave it out: a control character makes AWS drop the mail",
            _ => continue,
        };
        return Err(MessageError::new(line, format!("{c:?} cannot stand in a message"), help));
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(text: &str, paths: &[(&str, &str)]) -> Result<(String, String), String> {
        let paths = paths.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let message = Message::parse(text).map_err(|e| e.problem)?;
        let (paths, template) = message.to_transformer(&paths).map_err(|e| e.problem)?;
        let paths: Vec<String> = paths.iter().map(|(k, v)| format!("{k}={v}")).collect();
        Ok((paths.join(" "), template))
    }

    #[test]
    fn each_line_becomes_a_quoted_string() {
        let check = |text: &str, paths: &[(&str, &str)], want: (&str, &str)| {
            assert_eq!(
                compile(text, paths),
                Ok((want.0.to_owned(), want.1.to_owned())),
                "{text:?}"
            );
        };
        check(
            "時刻 : <time> \n\nend",
            &[("time", "$.time")],
            ("time=$.time", "\"時刻 : <time> \"\n\"\"\n\"end\""),
        );
        check("a\r\nb\r\n", &[], ("", "\"a\"\n\"b\""));
        check("<$.a.id> <$.b.id> <$.a.id>", &[], ("id=$.a.id id2=$.b.id", "\"<id> <id2> <id>\""));
        check(
            "<$.detail.awsRegion>",
            &[],
            ("valueawsRegion=$.detail.awsRegion", "\"<valueawsRegion>\""),
        );
        check("<aws.events.rule-name> > x", &[], ("", "\"<aws.events.rule-name> > x\""));
        check("x", &[("unused", "$.u")], ("unused=$.u", "\"x\""));
    }

    #[test]
    fn what_aws_would_lose_or_refuse_is_refused() {
        for text in
            ["", " \n", "say \"x\"", "a\\b", "a < b", "<a b>", "<", "a\tb", "<$..x>", "<unknown>"]
        {
            assert!(compile(text, &[]).is_err(), "{text:?}");
        }
    }
}
