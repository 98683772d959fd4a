//! What an event's mail says: `subject` and `message`, or `template`, with `paths`.

use super::content::{Content, DeliveryKind};
use super::events::Defaults;
use super::fields::{Fields, Findings, PlacedText};
use super::finding::Location;
use super::node::Node;
use crate::message::{Letter, Message, MessageError, Tables};
use crate::pattern::PatternText;
use crate::preset::{EventPreset, Preset, PresetDelivery};
use crate::transform::{
    Input, Known, MOST_PATHS, Risk, Verdict, check_path, check_template, is_variable, quoted_lines,
    verdicts,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(super) fn content(
    fields: &mut Fields<'_>,
    preset: Option<&Preset>,
    defaults: &Defaults<'_>,
    pattern: Option<&PatternText>,
    out: &mut Findings<'_>,
) -> Option<Content> {
    let event = preset.and_then(|preset| preset.event.as_ref());
    // What the section says, else the file, else the preset.
    let delivery = DeliveryKind::read(fields, out).or(defaults.delivery).unwrap_or_else(|| {
        match preset.map(|preset| preset.delivery) {
            Some(PresetDelivery::StepFunctions) => DeliveryKind::StepFunctions,
            Some(PresetDelivery::Direct) | None => DeliveryKind::Direct,
        }
    });
    let written = Written {
        subject: fields.text("subject", out),
        message: fields.text("message", out),
        template: fields.text("template", out),
        paths: fields.texts("paths", out).unwrap_or_default(),
    };
    if let (Some(_), Some((_, node))) = (written.message, written.template) {
        out.error(&node.at, "`message` and `template` exclude each other", "leave one of them out");
        return None;
    }
    let mut paths = event.map(EventPreset::paths).unwrap_or_default();
    if written.template.is_some() {
        paths.clear();
    }
    for (name, (path, at, key_at)) in &written.paths {
        check_variable(name, path, (at, key_at), out);
        paths.insert(name.clone(), (*path).to_owned());
    }
    if paths.len() > MOST_PATHS {
        let at = fields.get("paths").map_or(&fields.at, |node| &node.at);
        out.error(at, format!("{} paths", paths.len()), "EventBridge takes 100 at most");
        return None;
    }
    let is_idle = preset.is_none() && written.message.is_none() && written.template.is_none();
    if is_idle && !paths.is_empty() && written.subject.is_none() {
        out.error(&fields.at, "`paths` without a `message`", "add the `message` that uses them");
        return None;
    }
    let message = match (written.message, preset.zip(event)) {
        (Some((text, node)), _) => Some((text.to_owned(), Some(node))),
        (None, Some((preset, event))) => {
            Some((preset.filled(&event.message, defaults.language), None))
        }
        (None, None) => None,
    };
    match delivery {
        DeliveryKind::Direct => {
            if let Some((_, node)) = written.subject {
                out.error(
                    &node.at,
                    "EventBridge publishes without a subject",
                    "add `delivery = \"step-functions\"`, or leave `subject` out",
                );
            }
            let input = match written.template {
                Some(template) => Some(raw(template, paths, (event, pattern), fields, out)),
                None => direct(message, &paths, (event, pattern), fields, out),
            };
            input.map(Content::Direct)
        }
        DeliveryKind::StepFunctions => {
            if let Some((_, node)) = written.template {
                out.error(
                    &node.at,
                    "`template` is EventBridge's own, and a state machine does not read it",
                    "write a `message`, or `delivery = \"direct\"`",
                );
                return None;
            }
            let own = event.and_then(|event| event.subject.as_ref());
            let subject = match (written.subject, preset.zip(own)) {
                (Some((text, node)), _) => Some((text.to_owned(), Some(node))),
                (None, Some((preset, text))) => {
                    Some((preset.filled(text, defaults.language), None))
                }
                (None, None) => None,
            };
            let text = message.unwrap_or_else(|| (WHOLE_EVENT.to_owned(), None));
            letter((subject.as_ref(), &text), paths, &defaults.tables, fields, out)
                .map(Content::StepFunctions)
        }
    }
}

/// What a section says of its mail.
struct Written<'n> {
    subject: Option<(&'n str, &'n Node)>,
    message: Option<(&'n str, &'n Node)>,
    template: Option<(&'n str, &'n Node)>,
    paths: Vec<PlacedText<'n>>,
}

/// What tells of the events: a preset, and the pattern.
type Events<'a> = (Option<&'a EventPreset>, Option<&'a PatternText>);

/// A text, with its place if the file holds it.
type Placed<'n> = (String, Option<&'n Node>);

/// The message of a letter that says nothing else.
const WHOLE_EVENT: &str = "<$>";

/// An input transformer as its author wrote it.
fn raw(
    (template, node): (&str, &Node),
    paths: BTreeMap<String, String>,
    events: Events<'_>,
    fields: &Fields<'_>,
    out: &mut Findings<'_>,
) -> Input {
    let template = template.strip_suffix('\n').unwrap_or(template).to_owned();
    let problems = check_template(&paths, &template);
    let input = Input::Transformer { paths, template };
    if problems.is_empty() {
        losses(&input, events, fields, Some(node), out);
    }
    for found in problems {
        let at = node.place_of(&found.near, out.source);
        out.error(&at, found.problem, found.help);
    }
    input
}

/// A message as an input transformer; without one the event as it is.
fn direct(
    message: Option<Placed<'_>>,
    paths: &BTreeMap<String, String>,
    events: Events<'_>,
    fields: &Fields<'_>,
    out: &mut Findings<'_>,
) -> Option<Input> {
    let Some((text, node)) = message else { return Some(Input::Event) };
    let compiled = Message::parse(&text).and_then(|message| quoted_lines(&message, paths));
    match compiled {
        Ok(input) => {
            losses(&input, events, fields, node, out);
            if let Input::Transformer { paths, template } = &input {
                for found in check_template(paths, template) {
                    let at = node.map_or(&fields.at, |node| &node.at);
                    out.error(at, found.problem, found.help);
                }
            }
            Some(input)
        }
        Err(error) => {
            refuse(error, node, fields, out);
            None
        }
    }
}

/// A subject and a message for the state machine.
fn letter(
    (subject, message): (Option<&Placed<'_>>, &Placed<'_>),
    paths: BTreeMap<String, String>,
    tables: &Tables,
    fields: &Fields<'_>,
    out: &mut Findings<'_>,
) -> Option<Letter> {
    let read = |(text, node): &Placed<'_>, out: &mut Findings<'_>| match Message::parse(text) {
        Ok(message) => Some(message),
        Err(error) => {
            refuse(error, *node, fields, out);
            None
        }
    };
    let line = subject.and_then(|subject| read(subject, out));
    if let (Some(line), Some((_, node))) = (&line, subject)
        && line.lines().count() > 1
    {
        let at = node.map_or(&fields.at, |node| &node.at);
        out.error(at, "the subject has several lines", "write it on one line");
    }
    let text = read(message, out);
    if subject.is_some() && line.is_none() {
        return None;
    }
    let letter = Letter {
        subject: line,
        message: text?,
        paths,
        tables: tables.clone(),
        attributes: BTreeMap::new(),
    };
    let problems = letter.problems();
    let failed = !problems.is_empty();
    for problem in problems {
        let of_subject = subject.and_then(|(_, node)| *node);
        let holds = |node: &&Node| node.place_of(&problem.near, out.source) != node.at;
        let node = of_subject.filter(holds).or(message.1);
        refuse(problem, node, fields, out);
    }
    (!failed).then(|| letter.with_used_tables())
}

fn refuse(error: MessageError, node: Option<&Node>, fields: &Fields<'_>, out: &mut Findings<'_>) {
    let at = node.map_or(fields.at.clone(), |node| node.place_of(&error.near, out.source));
    out.error(&at, error.problem, error.help);
}

/// Refuses placeholders that lose every mail, warns of those that lose some, and, once, of
/// fields of which nothing is known. Names that somebody has chosen, in events of AWS, are no
/// reason to warn everybody.
fn losses(
    input: &Input,
    (preset, pattern): Events<'_>,
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
            Risk::MayBeLost => {
                out.warn(
                    &at,
                    message,
                    format!("{help}; with `delivery = \"step-functions\"` none is lost"),
                );
            }
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
