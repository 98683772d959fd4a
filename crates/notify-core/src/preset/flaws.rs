//! What is wrong with a preset that can be read.

use super::{EventPreset, Language, Preset, PresetDelivery, PresetKind, Sample, Text};
use crate::message::{Message, MessageError};
use crate::pattern::Pattern;
use crate::transform::{
    Input, MOST_PATHS, Risk, check_path, check_template, is_variable, quoted_lines, verdicts,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// A name is a rule's name, too
/// (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>).
const MOST_NAME: usize = 64;
/// SNS's, in ASCII characters; a subject is cut to it, which a preset's own text must not need
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
const MOST_SUBJECT: usize = 100;

/// Something that is wrong with a preset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The keys that lead to it, such as `event`, `message`, `ja`; numbers count in lists.
    pub at: Vec<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub help: String,
}

/// All that is wrong with a preset.
pub fn flaws(preset: &Preset) -> Vec<Flaw> {
    let mut list = Flaws(Vec::new());
    name(preset, &mut list);
    parts(preset, &mut list);
    for (at, text) in texts(preset) {
        both_languages(&at, text, &mut list);
    }
    if let Some(event) = &preset.event {
        self::event(preset, event, &mut list);
    }
    for (at, sample) in preset.samples.iter().enumerate() {
        self::sample(preset, at, sample, &mut list);
    }
    list.0
}

struct Flaws(Vec<Flaw>);

impl Flaws {
    fn add(&mut self, at: &[&str], problem: impl Into<String>, help: impl Into<String>) {
        let at = at.iter().map(|key| (*key).to_owned()).collect();
        self.0.push(Flaw { at, problem: problem.into(), help: help.into() });
    }
}

fn name(preset: &Preset, list: &mut Flaws) {
    for name in std::iter::once(&preset.name).chain(&preset.formerly) {
        let is_good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || name.len() > MOST_NAME || !name.bytes().all(is_good) {
            let at = if *name == preset.name { "name" } else { "formerly" };
            list.add(
                &[at],
                format!("`{name}` is no name of a preset"),
                "write 1 to 64 lower-case letters, digits and hyphens",
            );
        }
    }
    for set in &preset.sets {
        if set.is_empty() || set == &preset.name {
            list.add(&["sets"], format!("`{set}` is no name of a set"), "write another");
        }
    }
}

/// A preset has the one table that its kind asks for.
fn parts(preset: &Preset, list: &mut Flaws) {
    let tables = [
        ("event", PresetKind::Event, preset.event.is_some()),
        ("alarm", PresetKind::Alarm, preset.alarm.is_some()),
        ("publisher", PresetKind::Publisher, preset.publisher.is_some()),
        ("log_metric", PresetKind::LogMetric, preset.log_metric.is_some()),
    ];
    for (table, kind, is_there) in tables {
        if is_there && preset.kind != kind {
            let problem = format!("`[{table}]` in a preset whose kind is {}", preset.kind.as_str());
            list.add(&[table], problem, "leave the table out, or change `kind`");
        } else if !is_there && preset.kind == kind {
            let problem = format!("a preset whose kind is {} has no `[{table}]`", kind.as_str());
            list.add(&["kind"], problem, format!("add the table `[{table}]`"));
        }
    }
}

fn texts(preset: &Preset) -> Vec<(Vec<&str>, &Text)> {
    let mut texts = vec![(vec!["summary"], &preset.summary)];
    texts.extend(preset.needs.as_ref().map(|text| (vec!["needs"], text)));
    texts.extend(preset.first.as_ref().map(|text| (vec!["first"], text)));
    for (name, parameter) in &preset.parameters {
        texts.push((vec!["parameters", name, "summary"], &parameter.summary));
    }
    if let Some(event) = &preset.event {
        texts.extend(event.subject.as_ref().map(|text| (vec!["event", "subject"], text)));
        texts.push((vec!["event", "message"], &event.message));
        for (name, exclusion) in &event.exclude {
            texts.push((vec!["event", "exclude", name, "summary"], &exclusion.summary));
        }
    }
    texts
}

fn both_languages(at: &[&str], text: &Text, list: &mut Flaws) {
    for language in Language::ALL {
        if text.of(*language).trim().is_empty() {
            list.add(&[at, &[language.as_str()]].concat(), "the text is empty", "write it in both languages");
        }
    }
}

fn event(preset: &Preset, event: &EventPreset, list: &mut Flaws) {
    match Pattern::parse(&event.pattern) {
        Err(error) => list.add(
            &["event", "pattern"],
            format!("the pattern is not valid: {error}"),
            "write a JSON object, such as '{\"source\": [\"aws.config\"]}'",
        ),
        Ok(pattern) => {
            for limit in pattern.limits() {
                list.add(&["event", "pattern"], limit.to_string(), "shorten the pattern");
            }
        }
    }
    if event.fields.len() > MOST_PATHS {
        list.add(&["event", "fields"], "more than 100 fields", "EventBridge takes 100 at most");
    }
    for (name, field) in &event.fields {
        let at = ["event", "fields", name.as_str()];
        if !is_variable(name) || name.starts_with("AWS") || ["console", "first"].contains(&&**name)
        {
            let help = "use letters, digits, `-` and `_`, and neither AWS… nor console nor first";
            list.add(&at, format!("`{name}` cannot name a field"), help);
        }
        if let Err(problem) = check_path(&field.path) {
            let problem = format!("`{}` is not a path: {problem}", field.path);
            list.add(&at, problem, "write one such as \"$.detail.resourceId\"");
        }
    }
    if event.subject.is_none() && preset.delivery == PresetDelivery::StepFunctions {
        list.add(&["event"], "the preset has no subject", "add `[event.subject]`");
    }
    placeholders(preset, event, list);
    fields_are_there(preset, event, list);
    lengths(preset, event, list);
    if preset.delivery == PresetDelivery::Direct {
        losses(preset, event, list);
    }
}

/// Both languages show the same fields, and each is one of the preset's.
fn placeholders(preset: &Preset, event: &EventPreset, list: &mut Flaws) {
    let subject = event.subject.as_ref().map(|text| ("subject", text));
    for (key, text) in subject.into_iter().chain([("message", &event.message)]) {
        let of = |language| {
            let whole = preset.filled(text, language);
            named_in(&whole).map(str::to_owned).collect::<BTreeSet<String>>()
        };
        let (en, ja) = (of(Language::En), of(Language::Ja));
        for (language, has, lacks) in [("ja", &ja, &en), ("en", &en, &ja)] {
            for name in lacks.difference(has) {
                list.add(
                    &["event", key, language],
                    format!("`<{name}>` is in the other language alone"),
                    "show the same in both languages",
                );
            }
        }
        for name in en.union(&ja) {
            let is_known = event.fields.contains_key(name) || name.starts_with("aws.events.");
            if !name.starts_with('$') && !is_known {
                list.add(
                    &["event", key],
                    format!("`<{name}>` is no field of the preset"),
                    format!("add `{name}` to `[event.fields]`"),
                );
            }
        }
    }
}

/// The names of the placeholders in a text, without the functions that they are piped into.
fn named_in(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).filter_map(|from| {
        let (inner, _) = from.split_once('>')?;
        let name = inner.split('|').next().unwrap_or_default().trim();
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let is_path = name.starts_with('$');
        (is_path || (!name.is_empty() && name.bytes().all(is_name))).then_some(name)
    })
}

/// What the file is refused for that uses the preset as it is.
fn lengths(preset: &Preset, event: &EventPreset, list: &mut Flaws) {
    for language in Language::ALL.iter().copied() {
        let code = language.as_str();
        if let Some(subject) = &event.subject {
            let text = preset.filled(subject, language);
            let own: usize = outside(&text).flat_map(str::chars).map(char::len_utf16).sum();
            if text.contains(['\n', '\r']) {
                list.add(&["event", "subject", code], "the subject has several lines", "write one");
            }
            if own > MOST_SUBJECT {
                let problem = format!("the subject's own words are {own} characters");
                list.add(&["event", "subject", code], problem, "SNS takes 100 at most");
            }
        }
        if preset.delivery == PresetDelivery::StepFunctions {
            continue;
        }
        let text = preset.filled(&event.message, language);
        let refused = Message::parse(&text).and_then(|text| quoted_lines(&text, &event.paths()));
        let problems = match refused {
            Err(error) => vec![error],
            Ok(Input::Transformer { paths, template }) => check_template(&paths, &template),
            Ok(_) => Vec::new(),
        };
        for MessageError { problem, help, .. } in problems {
            list.add(&["event", "message", code], problem, help);
        }
    }
}

/// What of a text is outside of its placeholders.
fn outside(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').enumerate().map(|(at, part)| match part.split_once('>') {
        Some((_, behind)) if at > 0 => behind,
        _ => part,
    })
}

/// Without a state machine, a value with a quote in it loses the mail.
fn losses(preset: &Preset, event: &EventPreset, list: &mut Flaws) {
    let known = event.known(&event.pattern);
    for language in Language::ALL.iter().copied() {
        let text = preset.filled(&event.message, language);
        let message = Message::parse(&text).and_then(|text| quoted_lines(&text, &event.paths()));
        let Ok(input) = message else { continue };
        for verdict in verdicts(&input, &known).iter().filter(|v| v.risk != Risk::Safe) {
            list.add(
                &["event", "message", language.as_str()],
                format!("`<{}>` can lose the mail: {}", verdict.placeholder, verdict.reason),
                "write `delivery = \"step-functions\"`, or leave it out",
            );
        }
    }
}

fn sample(preset: &Preset, at: usize, sample: &Sample, list: &mut Flaws) {
    let number = at.to_string();
    let at = ["samples", number.as_str()];
    let Sample { about, matches, event, metric, message } = sample;
    if about.trim().is_empty() {
        list.add(&at, "the sample says not what it is about", "write `about`");
    }
    let has = [("event", event.is_some()), ("metric", metric.is_some()), ("message", message.is_some())];
    let wanted = match preset.kind {
        PresetKind::Event | PresetKind::LogMetric => "event",
        PresetKind::Alarm => "metric",
        PresetKind::Publisher => "message",
    };
    for (key, is_there) in has {
        if is_there && key != wanted {
            list.add(&at, format!("a sample of this kind has no `{key}`"), "leave it out");
        } else if !is_there && key == wanted {
            list.add(&at, format!("the sample has no `{key}`"), "add what happens");
        }
    }
    let Some(text) = event.as_deref().filter(|_| preset.kind == PresetKind::Event) else { return };
    let Some(Ok(pattern)) = preset.event.as_ref().map(|event| Pattern::parse(&event.pattern)) else {
        return;
    };
    let text = in_an_account(text);
    match pattern.matches(text.as_bytes()) {
        Err(error) => list.add(&at, format!("the event cannot be read: {error}"), "write JSON"),
        Ok(found) if found != *matches => {
            let verb = if *matches { "does not match" } else { "matches" };
            let problem = format!("the pattern {verb} \"{about}\"");
            list.add(&at, problem, "mend the pattern, the event, or `matches`");
        }
        Ok(_) => {}
    }
}

/// What is told of has the fields that are shown of it: one that is misspelt shows nothing, and
/// nobody notices.
fn fields_are_there(preset: &Preset, event: &EventPreset, list: &mut Flaws) {
    let events = preset.samples.iter().filter(|sample| sample.matches);
    let events = events.filter_map(|sample| serde_json::from_str(&in_an_account(sample.event.as_deref()?)).ok());
    let events: Vec<Value> = events.collect();
    if events.is_empty() {
        list.add(&["samples"], "no sample is told of", "add one with `matches = true`");
        return;
    }
    for (name, field) in &event.fields {
        if !events.iter().any(|event| is_in(event, &field.path)) {
            list.add(
                &["event", "fields", name],
                format!("no sample that is told of has `{}`", field.path),
                "add it to a sample, or mend the path",
            );
        }
    }
}

/// Whether an event has something at a path.
fn is_in(event: &Value, path: &str) -> bool {
    let steps = path.strip_prefix('$').unwrap_or(path);
    let mut steps = steps.split(['.', '[']).filter(|step| !step.is_empty());
    let found = steps.try_fold(vec![event], |found, step| {
        let inner = found.into_iter().flat_map(|value| match step.strip_suffix(']') {
            Some("*") => value.as_array().into_iter().flatten().collect::<Vec<_>>(),
            Some(index) => index.parse().ok().and_then(|at: usize| value.get(at)).into_iter().collect(),
            None => value.get(step).into_iter().collect(),
        });
        let inner: Vec<&Value> = inner.collect();
        (!inner.is_empty()).then_some(inner)
    });
    found.is_some()
}

/// A sample's text in some account.
fn in_an_account(text: &str) -> String {
    text.replace("{account}", "123456789012").replace("{region}", "us-east-1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::all;

    /// All embedded presets' flaws, at once.
    #[test]
    fn embedded_presets_have_no_flaws() {
        let mut found = Vec::new();
        for preset in all() {
            let flaws = flaws(preset);
            found.extend(flaws.into_iter().map(|flaw| {
                format!("{}: {}: {} ({})", preset.name, flaw.at.join("."), flaw.problem, flaw.help)
            }));
        }
        assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    }

    /// What is asked of an embedded preset, and not of a user's.
    #[test]
    fn embedded_presets_are_complete() {
        let mut found = Vec::new();
        for preset in all() {
            let mut lacks = |what: &str| found.push(format!("{} lacks {what}", preset.name));
            if preset.sources.is_empty() && preset.kind == PresetKind::Event {
                lacks("sources");
            }
            if preset.needs.is_none() || preset.first.is_none() || preset.since.is_none() {
                lacks("needs, first or since");
            }
            let matches = |wanted: bool| preset.samples.iter().any(|s| s.matches == wanted);
            if !matches(true) || (!matches(false) && preset.kind != PresetKind::Publisher) {
                lacks("a sample that is told of, or one that comes near");
            }
        }
        assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    }
}
