//! The mail that an event causes.

use super::sample::sample_event;
use super::stage::Stage;
use super::{Line, Outcome, Preview, Subject};
use crate::local::{Answer, Fate};
use crate::pattern::{EventError, Pattern};
use crate::spec::{EventSpec, Spec};
use crate::transform::{Input, Known, verdicts};

/// Previews the mail of a rule, with the given event or with a made-up one; `None` if the spec has
/// no rule of that name.
pub fn preview_event(
    stage: &Stage,
    spec: &Spec,
    name: &str,
    event: Option<&str>,
) -> Result<Option<Preview>, EventError> {
    let (Some(region), Some(event_spec)) =
        (stage.rule_region(name), spec.events.iter().find(|event| event.name.as_str() == name))
    else {
        return Ok(None);
    };
    let EventSpec { pattern, content, .. } = event_spec;
    let input = &*content.input();
    let made_up = if event.is_some() { None } else { example(stage, event_spec) };
    let outcome = match event.or(made_up.as_deref()) {
        Some(event) => match stage.offer(name, event)? {
            Some(Answer::Matched(fates)) => fates.into_iter().next().map(|fate| shown(fate, input)),
            _ => Some(Outcome::NoMatch(why_not(&pattern.0, event))),
        },
        None => Some(Outcome::NoSample),
    };
    Ok(outcome.map(|outcome| Preview {
        name: name.to_owned(),
        subject: Subject::Event,
        region: Some(region.clone()),
        sample: event.is_none(),
        outcome,
        verdicts: verdicts(input, &Known::from_pattern(&pattern.0)),
    }))
}

/// Previews the mail of the heartbeat; `None` if the spec has none, or not in this stage.
pub fn preview_heartbeat(stage: &Stage, spec: &Spec) -> Option<Preview> {
    let heartbeat = spec.watch.heartbeat.as_ref()?;
    let name = heartbeat.rule.as_str();
    let region = stage.rule_region(name)?;
    let Answer::Matched(fates) = stage.cloud().fire(region, name)? else { return None };
    Some(Preview {
        name: name.to_owned(),
        subject: Subject::Schedule,
        region: Some(region.clone()),
        sample: true,
        outcome: shown(fates.into_iter().next()?, &heartbeat.input),
        verdicts: Vec::new(),
    })
}

/// An event that a notification tells of, made up; `None` if it is not in this stage, or where no
/// such event is found.
pub fn example(stage: &Stage, event: &EventSpec) -> Option<String> {
    let region = stage.rule_region(event.name.as_str())?;
    let paths = event.content.paths();
    let account = &stage.cloud().who().account;
    sample_event(&event.pattern, &paths, event.sample.as_deref(), account, region)
}

fn shown(fate: Fate, input: &Input) -> Outcome {
    match fate {
        Fate::Sent(sent) => {
            let lines = origins(sent.notification.text(), input);
            Outcome::Mailed { sent: Box::new(sent), lines }
        }
        Fate::Lost(letter) => {
            Outcome::Lost { code: letter.code, reason: letter.reason, attempted: letter.attempted }
        }
        Fate::Vanished => Outcome::Lost {
            code: "NOTHING_SENT".to_owned(),
            reason: "nothing is left to send".to_owned(),
            attempted: String::new(),
        },
        Fate::Unsendable(reason) | Fate::Elsewhere(reason) => {
            Outcome::Lost { code: "NOT_SIMULATED".to_owned(), reason, attempted: String::new() }
        }
    }
}

/// What each line of a mail comes from: the same line of the template, with its paths.
fn origins(text: &str, input: &Input) -> Vec<Line> {
    let template: Vec<&str> = match input {
        Input::Transformer { template, .. } => template.lines().collect(),
        Input::Constant(_) | Input::Event | Input::Path(_) => Vec::new(),
    };
    // Values hold no line breaks: a mail in which one did would have been lost.
    text.lines()
        .enumerate()
        .map(|(at, text)| Line {
            text: text.to_owned(),
            from: template.get(at).and_then(|line| paths_of(line, input)),
        })
        .collect()
}

/// The placeholders of a line of a template, each with its path.
fn paths_of(line: &str, input: &Input) -> Option<String> {
    let Input::Transformer { paths, .. } = input else { return None };
    let used = paths.iter().filter_map(|(name, path)| {
        let at = line.find(&format!("<{name}>"))?;
        Some((at, format!("<{name}> = {path}")))
    });
    let own = line.match_indices("<aws.events.").filter_map(|(at, _)| {
        let (name, _) = line.get(at..)?.split_once('>')?;
        Some((at, format!("{name}> from EventBridge itself")))
    });
    let mut used: Vec<(usize, String)> = used.chain(own).collect();
    used.sort_unstable();
    let used: Vec<String> = used.into_iter().map(|(_, text)| text).collect();
    (!used.is_empty()).then(|| used.join(", "))
}

/// The first field of a pattern that an event fails.
fn why_not(pattern: &str, event: &str) -> String {
    let explained = Pattern::parse(pattern).ok().and_then(|p| p.explain(event.as_bytes()).ok());
    let Some(explained) = explained else { return "the pattern does not match".to_owned() };
    match explained.fields.iter().find(|field| !field.matched) {
        Some(field) => {
            let found = match field.found.as_slice() {
                [] => "nothing".to_owned(),
                found => found.join(", "),
            };
            format!("{} is {found}, and not {}", field.path, field.matchers.join(" or "))
        }
        None => "each field matches, but not in the same elements of the event's lists".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_placeholders_in_their_order() {
        let paths = [("time", "$.time"), ("id", "$.detail.id"), ("unused", "$.x")];
        let paths = paths.map(|(name, path)| (name.to_owned(), path.to_owned())).into();
        let input = Input::Transformer { paths, template: String::new() };
        let check = |line: &str, want: Option<&str>| {
            assert_eq!(paths_of(line, &input).as_deref(), want, "{line}");
        };
        check("\"nothing\"", None);
        check("\"<time> <id>\"", Some("<time> = $.time, <id> = $.detail.id"));
        check("\"<id> <time>\"", Some("<id> = $.detail.id, <time> = $.time"));
        check(
            "\"<aws.events.rule-name> <id>\"",
            Some("<aws.events.rule-name> from EventBridge itself, <id> = $.detail.id"),
        );
        check("<aws.events.", None);
        assert_eq!(paths_of("<time>", &Input::Event), None);
    }

    #[test]
    fn the_first_field_that_fails_is_named() {
        let check = |pattern: &str, event: &str, want: &str| {
            assert_eq!(why_not(pattern, event), want, "{pattern} {event}");
        };
        check(r#"{"a": ["x", "y"]}"#, r#"{"a": ["z", 1]}"#, r#"a is "z", 1, and not "x" or "y""#);
        check(r#"{"a": ["x"]}"#, "{}", r#"a is nothing, and not "x""#);
        check(
            r#"{"l": {"a": [1], "b": [2]}}"#,
            r#"{"l": [{"a": 1}, {"b": 2}]}"#,
            "each field matches, but not in the same elements of the event's lists",
        );
        check("{", "{}", "the pattern does not match");
    }
}
