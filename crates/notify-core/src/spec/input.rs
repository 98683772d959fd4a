//! What an event's mail says: `message`, or `template`, with `paths`.

use super::Language;
use super::fields::{Fields, Findings};
use super::finding::Location;
use super::node::Node;
use crate::message::Message;
use crate::pattern::PatternText;
use crate::preset::{EventPreset, Preset};
use crate::transform::{
    Input, Known, MOST_PATHS, Risk, Verdict, check_path, check_template, is_variable, quoted_lines,
    verdicts,
};
use std::fmt::Write as _;

pub(super) fn input(
    fields: &mut Fields<'_>,
    preset: Option<&Preset>,
    language: Language,
    pattern: Option<&PatternText>,
    out: &mut Findings<'_>,
) -> Option<Input> {
    let message = fields.text("message", out);
    let template = fields.text("template", out);
    let event_preset = preset.and_then(|preset| preset.event.as_ref());
    let mut paths = event_preset.map(EventPreset::paths).unwrap_or_default();
    if template.is_some() {
        paths.clear();
    }
    let given = fields.texts("paths", out).unwrap_or_default();
    for (name, (path, at, key_at)) in &given {
        check_variable(name, path, (at, key_at), out);
        paths.insert(name.clone(), (*path).to_owned());
    }
    if paths.len() > MOST_PATHS {
        let at = fields.get("paths").map_or(&fields.at, |node| &node.at);
        out.error(at, format!("{} paths", paths.len()), "EventBridge takes 100 at most");
        return None;
    }
    // A preset's own message, and its link and advice in one of the author's.
    let own;
    let (text, node) = match (message, template) {
        (Some(_), Some((_, node))) => {
            out.error(
                &node.at,
                "`message` and `template` exclude each other",
                "leave one of them out",
            );
            return None;
        }
        (None, Some((template, node))) => {
            let template = template.strip_suffix('\n').unwrap_or(template).to_owned();
            let problems = check_template(&paths, &template);
            let input = Input::Transformer { paths, template };
            if problems.is_empty() {
                losses(&input, (event_preset, pattern), fields, Some(node), out);
            }
            for found in problems {
                let at = node.place_of(&found.near, out.source);
                out.error(&at, found.problem, found.help);
            }
            return Some(input);
        }
        (Some((message, node)), None) => (message, Some(node)),
        (None, None) => match preset.zip(event_preset) {
            Some((preset, event)) => {
                own = preset.filled(&event.message, language);
                (own.as_str(), None)
            }
            None if given.is_empty() => return Some(Input::Event),
            None => {
                out.error(
                    &fields.at,
                    "`paths` without a `message`",
                    "add the `message` that uses them",
                );
                return None;
            }
        },
    };
    let compiled = Message::parse(text).and_then(|message| quoted_lines(&message, &paths));
    match compiled {
        Ok(input) => {
            losses(&input, (event_preset, pattern), fields, node, out);
            if let Input::Transformer { paths, template } = &input {
                for found in check_template(paths, template) {
                    let at = node.map_or(&fields.at, |node| &node.at);
                    out.error(at, found.problem, found.help);
                }
            }
            Some(input)
        }
        Err(error) => {
            let at = node.map_or(fields.at.clone(), |node| node.place_of(&error.near, out.source));
            out.error(&at, error.problem, error.help);
            None
        }
    }
}

/// Refuses placeholders that lose every mail, warns of those that lose some, and, once, of
/// fields of which nothing is known. Names that somebody has chosen, in events of AWS, are no
/// reason to warn everybody.
fn losses(
    input: &Input,
    (preset, pattern): (Option<&EventPreset>, Option<&PatternText>),
    fields: &Fields<'_>,
    node: Option<&Node>,
    out: &mut Findings<'_>,
) {
    let known = match (preset, pattern) {
        (Some(preset), Some(pattern)) => preset.known(&pattern.0),
        (None, Some(pattern)) => Known::from_pattern(&pattern.0),
        (_, None) => Known::nothing(),
    };
    let mut unknown = Vec::new();
    for verdict in verdicts(input, &known) {
        let at = place_of(&verdict, fields, node, out.source);
        let message = format!("`{}`: {}", field_of(&verdict), why(&verdict));
        let help = verdict.remedy().unwrap_or_default();
        match verdict.risk {
            Risk::AlwaysLost => out.error(&at, message, help),
            Risk::MayBeLost => out.warn(&at, message, help),
            // Of a pattern that cannot be read, its own error says enough.
            Risk::Unknown if known.is_nothing() || known.has(field_of(&verdict)) => {}
            Risk::Unknown => unknown.push(verdict),
            Risk::Safe => {}
        }
    }
    if let Some((first, others)) = unknown.split_first() {
        let mut message = format!("nothing tells what `{}` holds: {}", field_of(first), why(first));
        for (at, other) in others.iter().enumerate() {
            let before = if at == 0 { "; the same goes for" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(message, "{before} `{}`", field_of(other));
        }
        let at = place_of(first, fields, node, out.source);
        out.warn(&at, message, first.remedy().unwrap_or_default());
    }
}

fn field_of(verdict: &Verdict) -> &str {
    verdict.path.as_ref().unwrap_or(&verdict.placeholder)
}

fn why(verdict: &Verdict) -> String {
    let example = verdict.example.as_ref().map(|value| format!(", such as {value}"));
    format!("{}{}", verdict.reason, example.unwrap_or_default())
}

/// Where a placeholder stands: its path may be written in place.
fn place_of(verdict: &Verdict, fields: &Fields<'_>, node: Option<&Node>, source: &str) -> Location {
    let Some(node) = node else { return fields.at.clone() };
    let places = [field_of(verdict), &verdict.placeholder]
        .map(|name| node.place_of(&format!("<{name}>"), source));
    let inside = places.into_iter().find(|place| *place != node.at);
    inside.unwrap_or_else(|| node.at.clone())
}

fn check_variable(
    name: &str,
    path: &str,
    (at, key_at): (&Location, &Location),
    out: &mut Findings<'_>,
) {
    if !is_variable(name) {
        out.error(
            key_at,
            format!("`{name}` cannot be a variable"),
            "a variable has 1 to 256 letters, digits, `-` and `_`",
        );
    } else if name.starts_with("AWS") {
        out.error(
            key_at,
            format!("`{name}` cannot be a variable"),
            "EventBridge keeps names that begin with AWS for itself: use another",
        );
    }
    if let Err(problem) = check_path(path) {
        out.error(
            at,
            format!("`{path}` is not a path that EventBridge takes: {problem}"),
            "write a path such as \"$.detail.resourceId\" or \"$.detail.findings[0].Title\"",
        );
    }
}
