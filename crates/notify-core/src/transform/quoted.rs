//! Messages as templates of quoted lines, the form that a mail shows best.

use super::Input;
use super::path::check_path;
use super::template::{MOST_PATHS, Reserved, is_variable, variable_name};
use crate::message::{Message, MessageError, Part, Placeholder, Source};
use std::collections::{BTreeMap, HashMap};

/// Compiles a message to an input transformer with a quoted string for each line. All of `paths`
/// are kept, used or not; a path that is written in place gets a variable of its own.
///
/// What cannot stand in such a template is refused: AWS passes a template's text on as it is, so
/// a quote ends the string, and a backslash arrives as two or not at all. So are more paths than
/// [`MOST_PATHS`].
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
    // Of two variables with one path the first stands for it.
    let mut names: HashMap<String, String> =
        paths.iter().rev().map(|(name, path)| (path.clone(), name.clone())).collect();
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
                Part::Value(placeholder) if !placeholder.functions.is_empty() => {
                    return Err(needs_a_machine(placeholder));
                }
                Part::Value(Placeholder { of: Source::Variable(name), .. }) => {
                    check_variable(name, &paths)?;
                    name.clone()
                }
                Part::Value(Placeholder { of: Source::Path(path), .. }) => {
                    check_path(path).map_err(|problem| not_a_path(path, &problem))?;
                    match names.get(path) {
                        Some(name) => name.clone(),
                        None if paths.len() >= MOST_PATHS => {
                            return Err(MessageError {
                                near: part.to_string(),
                                problem: format!("more than {MOST_PATHS} paths"),
                                help: "EventBridge takes 100 at most: leave some of them out"
                                    .to_owned(),
                            });
                        }
                        None => {
                            let name = free_name(path, &paths);
                            paths.insert(name.clone(), path.clone());
                            names.insert(path.clone(), name.clone());
                            name
                        }
                    }
                }
            };
            template.extend(["<", &name, ">"]);
        }
        template.push('"');
    }
    Ok(Input::Transformer { paths, template })
}

fn needs_a_machine(placeholder: &Placeholder) -> MessageError {
    MessageError {
        near: placeholder.to_string(),
        problem: format!("`{placeholder}`: an EventBridge template cannot change a value"),
        help: "add `delivery = \"step-functions\"`, or write the placeholder without `|`"
            .to_owned(),
    }
}

/// What is said of a path in a message.
pub(crate) fn not_a_path(path: &str, problem: &str) -> MessageError {
    MessageError {
        near: format!("<{path}>"),
        problem: format!("`{path}` is not a path that EventBridge takes: {problem}"),
        help: "write a path such as `$.detail.resourceId` or `$.detail.findings[0].Title`"
            .to_owned(),
    }
}

/// Refuses a variable that has no path.
pub(crate) fn check_variable(
    name: &str,
    paths: &BTreeMap<String, String>,
) -> Result<(), MessageError> {
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

/// A name for the variable of a path that is written in place.
fn free_name(path: &str, paths: &BTreeMap<String, String>) -> String {
    let base = variable_name(path);
    let mut name = base.clone();
    let mut number = 2;
    while paths.contains_key(&name) {
        name = format!("{base}{number}");
        number += 1;
    }
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
        check("<$.x>", &[("b", "$.x"), ("a", "$.x")], ("a=$.x b=$.x", "\"<a>\""));
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
    fn too_many_paths_are_refused_at_the_first_that_is_too_much() {
        let text = |count: usize| {
            let paths: Vec<String> = (1..=count).map(|n| format!("<$.a{n}.id>")).collect();
            paths.concat()
        };
        assert!(compile(&text(MOST_PATHS), &[]).is_ok());
        assert!(compile(&(text(MOST_PATHS) + "<$.a1.id>"), &[]).is_ok(), "a path that is known");
        for count in [MOST_PATHS + 1, 100_000] {
            let error = compile(&text(count), &[]).expect_err("refused");
            assert_eq!(
                (error.near.as_str(), error.problem.as_str()),
                ("<$.a101.id>", "more than 100 paths")
            );
        }
        let error = compile(&text(MOST_PATHS), &[("mine", "$.x")]).expect_err("refused");
        assert_eq!(error.near, "<$.a100.id>");
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
