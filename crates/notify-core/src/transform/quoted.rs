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

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(text: &str, paths: &[(&str, &str)]) -> Result<(String, String), MessageError> {
        let paths = paths.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        match quoted_lines(&Message::parse(text)?, &paths)? {
            Input::Transformer { paths, template } => {
                let paths: Vec<String> = paths.iter().map(|(k, v)| format!("{k}={v}")).collect();
                Ok((paths.join(" "), template))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_line_becomes_a_quoted_string() {
        let check = |text: &str, paths: &[(&str, &str)], want: (&str, &str)| {
            let got = compile(text, paths).expect("a message");
            assert_eq!(got, (want.0.to_owned(), want.1.to_owned()), "{text:?}");
        };
        check(
            "時刻 : <time> \n\nend",
            &[("time", "$.time")],
            ("time=$.time", "\"時刻 : <time> \"\n\"\"\n\"end\""),
        );
        check("a\r\nb\r\n", &[], ("", "\"a\"\n\"b\""));
        check("<$.a.id> <$.b.id> <$.a.id>", &[], ("id=$.a.id id2=$.b.id", "\"<id> <id2> <id>\""));
        check(
            "<$.c.id>",
            &[("id", "$.x"), ("id2", "$.y")],
            ("id=$.x id2=$.y id3=$.c.id", "\"<id3>\""),
        );
        check("<$.known>", &[("mine", "$.known")], ("mine=$.known", "\"<mine>\""));
        check(
            "<$.detail.awsRegion>",
            &[],
            ("valueawsRegion=$.detail.awsRegion", "\"<valueawsRegion>\""),
        );
        check("<$> <$.x._-/>", &[], ("value=$ value2=$.x._-/", "\"<value> <value2>\""));
        check("<$.a.slash/key[0]>", &[], ("slashkey0=$.a.slash/key[0]", "\"<slashkey0>\""));
        check("<aws.events.rule-name> > x", &[], ("", "\"<aws.events.rule-name> > x\""));
        check("x", &[("unused", "$.u")], ("unused=$.u", "\"x\""));
    }

    #[test]
    fn what_aws_would_lose_or_refuse_is_refused() {
        let check = |text: &str, near: &str, problem: &str| {
            let error = compile(text, &[]).expect_err("refused");
            assert_eq!((error.near.as_str(), error.problem.as_str()), (near, problem), "{text:?}");
            assert!(!error.help.is_empty());
        };
        check("ok\nsay \"x\" <$.a>", "say \"x\" <$.a>", "'\"' cannot stand in a message");
        check("a\\b", "a\\b", "'\\\\' cannot stand in a message");
        check("a\tb", "a\tb", "'\\t' cannot stand in a message");
        check("a\rb", "a\rb", "'\\r' cannot stand in a message");
        for text in ["a < b", "<a b>", "<", "x <> y"] {
            check(text, text, "a `<` that begins no placeholder");
        }
        let not_a_path = "is not a path that EventBridge takes";
        check("<$..x>", "<$..x>", &format!("`$..x` {not_a_path}: `..` is not supported"));
        check("<unknown>", "<unknown>", "`<unknown>` has no path");
        check("<detail.ip>", "<detail.ip>", "`<detail.ip>` is a path without its beginning");
    }

    #[test]
    fn the_remedy_fits_the_mistake() {
        let help = |text: &str, paths: &[(&str, &str)]| compile(text, paths).map_err(|e| e.help);
        let path = "say where it is read from: `paths = { ip = \"$.detail.…\" }`, or write the path in place: `<$.detail.…>`";
        assert_eq!(help("<ip>", &[]), Err(path.to_owned()));
        let known = "known are a, b; others need `paths = { ip = \"$.detail.…\" }`";
        assert_eq!(help("<ip>", &[("a", "$"), ("b", "$")]), Err(known.to_owned()));
        assert_eq!(help("<detail.ip>", &[("a", "$")]), Err("write `<$.detail.ip>`".to_owned()));
    }
}
