//! Messages as templates of quoted lines, the form that a mail shows best.

use super::Input;
use super::path::check_path;
use super::template::{Reserved, is_variable};
use crate::message::{Message, MessageError, Part};
use std::collections::BTreeMap;

/// Compiles a message to an input transformer with a quoted string for each line. All of `paths`
/// are kept, used or not; a path that is written in place gets a variable of its own.
///
/// What cannot stand in such a template is refused: AWS passes a template's text on as it is, so
/// a quote ends the string, and a backslash arrives as two or not at all.
///
/// ```
/// # use notify_core::{message::Message, transform::{Input, quoted_lines}};
/// let message = Message::parse("Root signed in from <$.detail.sourceIPAddress>.\n")?;
/// let input = quoted_lines(&message, &Default::default())?;
/// let Input::Transformer { paths, template } = input else { panic!() };
/// assert_eq!(template, r#""Root signed in from <sourceIPAddress>.""#);
/// assert_eq!(paths["sourceIPAddress"], "$.detail.sourceIPAddress");
/// # Ok::<(), notify_core::message::MessageError>(())
/// ```
pub fn quoted_lines(
    message: &Message,
    paths: &BTreeMap<String, String>,
) -> Result<Input, MessageError> {
    let mut paths = paths.clone();
    let mut template = String::new();
    for (at, line) in message.lines().enumerate() {
        template.push_str(if at == 0 { "\"" } else { "\n\"" });
        for part in line {
            let name = match part {
                Part::Text(text) => {
                    check_text(text, line)?;
                    template.push_str(text);
                    continue;
                }
                Part::Variable(name) => {
                    check_variable(name, &paths)?;
                    name.clone()
                }
                Part::Path(path) => {
                    check_path(path).map_err(|problem| MessageError {
                        near: part.to_string(),
                        problem: format!("`{path}` is not a path that EventBridge takes: {problem}"),
                        help: "write a path such as `$.detail.resourceId` or `$.detail.findings[0].Title`".to_owned(),
                    })?;
                    variable_for(path, &mut paths)
                }
            };
            template.extend(["<", &name, ">"]);
        }
        template.push('"');
    }
    Ok(Input::Transformer { paths, template })
}

fn check_variable(name: &str, paths: &BTreeMap<String, String>) -> Result<(), MessageError> {
    if paths.contains_key(name) || Reserved::named(name).is_some() {
        return Ok(());
    }
    let near = format!("<{name}>");
    let known: Vec<&str> = paths.keys().map(String::as_str).collect();
    let (problem, help) = if !is_variable(name) {
        (format!("`{near}` is a path without its beginning"), format!("write `<$.{name}>`"))
    } else if known.is_empty() {
        (
            format!("`{near}` has no path"),
            format!(
                "say where it is read from: `paths = {{ {name} = \"$.detail.…\" }}`, or write the path in place: `<$.detail.…>`"
            ),
        )
    } else {
        (
            format!("`{near}` has no path"),
            format!(
                "known are {}; others need `paths = {{ {name} = \"$.detail.…\" }}`",
                known.join(", ")
            ),
        )
    };
    Err(MessageError { near, problem, help })
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

/// Refuses what cannot stand between the quotes of a template.
fn check_text(text: &str, line: &[Part]) -> Result<(), MessageError> {
    for c in text.chars() {
        let (problem, help) = match c {
            '<' => (
                "a `<` that begins no placeholder".to_owned(),
                "EventBridge has no way to write a plain `<`: use ＜ or words, or a placeholder such as `<name>` or `<$.detail.id>`",
            ),
            '"' => (
                format!("{c:?} cannot stand in a message"),
                "use ' or 「」: AWS drops a mail whose text has a quote in it",
            ),
            '\\' => (
                format!("{c:?} cannot stand in a message"),
                "use / or ＼: AWS drops a mail whose text has a backslash in it, or prints it twice",
            ),
            c if c.is_control() => (
                format!("{c:?} cannot stand in a message"),
                "leave it out: a control character makes AWS drop the mail",
            ),
            _ => continue,
        };
        let near = line.iter().map(Part::to_string).collect();
        return Err(MessageError { near, problem, help: help.to_owned() });
    }
    Ok(())
}
