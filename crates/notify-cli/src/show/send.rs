//! A test on its way.

use super::plan::WIDTH;
use super::table::{marked, wrap};
use crate::commands::send::Audience;
use crate::print::{self, BAD, CHANGED, DIM, GOOD, paint};
use notify_core::provider::ProviderError;
use notify_core::send::{Errand, Expected, Proof, Report, Test, Told};
use notify_core::state::{Kind, ResourceKey};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// What is about to happen.
pub(crate) fn beginning(errand: &Errand, confirmed: &[String]) -> Vec<String> {
    let Errand { name, topic, .. } = errand;
    let to = if confirmed.is_empty() { "nobody; a queue".to_owned() } else { confirmed.join(", ") };
    let head = format!("Testing {name}, through topic {} in {}, to {to}", topic.name, topic.place);
    let mut lines = vec![wrap(&print::line(&head), 0, WIDTH)];
    let mut note = |text: String| lines.push(marked(CHANGED, "!", &text));
    match &errand.test {
        Test::Event(test) => {
            test.notes.iter().cloned().for_each(&mut note);
            if test.temporary.is_none() {
                note(format!("the rule {name} asks for no source: it takes the test event itself"));
            }
            if !test.also.is_empty() {
                let also: Vec<String> = test.also.iter().map(ToString::to_string).collect();
                note(format!(
                    "rules that ask for no source take the test event, too, and mail: {}",
                    also.join(", ")
                ));
            }
        }
        Test::Alarm(test) => {
            if test.mails() > 1 {
                note(format!(
                    "alarm {} tells of OK, too: a reader gets {} mails",
                    test.alarm.name,
                    test.mails()
                ));
            }
        }
    }
    lines
}

/// One thing that has happened.
pub(crate) fn step(told: Told<'_>) -> String {
    let named = |key: &ResourceKey| match key.kind {
        Kind::Subscription => "the queue's subscription".to_owned(),
        _ => format!("{} {}", key.kind, key.name),
    };
    let good = |text: String| marked(GOOD, "✓", &text);
    match told {
        Told::Cleared(key) => {
            good(format!("removed what an earlier test had left: {}", named(key)))
        }
        Told::Made(key) => good(format!("made for a while: {}", named(key))),
        Told::Unwatched(why) => marked(CHANGED, "!", &format!("no queue can watch: {why}")),
        Told::Waits(time) => marked(
            DIM,
            "…",
            &format!("waiting {} seconds, in which a new rule becomes live", time.as_secs()),
        ),
        Told::Put(1) => good("put the event".to_owned()),
        Told::Put(count) => {
            let text = format!("nothing has arrived; put the event again ({count})");
            marked(DIM, "…", &text)
        }
        Told::NotPut(why) => marked(CHANGED, "!", &format!("the event could not be put: {why}")),
        Told::NotSeen(why) => marked(
            CHANGED,
            "!",
            &format!("the queue cannot be read, so nothing more is put for now: {why}"),
        ),
        Told::Set(state) => good(format!("the alarm is {}", state.as_str())),
        Told::Received => good("the message has come out of the topic".to_owned()),
        Told::Removed(key) => good(format!("removed {}", named(key))),
    }
}

/// What is known in the end.
pub(crate) fn end(errand: &Errand, audience: &Audience, report: &Report) -> String {
    let mut out = String::new();
    let Some(proof) = &report.proof else { return out };
    let mut say = |style, mark: &str, text: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", marked(style, mark, text));
    };
    match proof {
        Proof::Received { after, .. } => {
            let as_what = match &errand.test {
                Test::Event(_) => "to the last byte what `preview` says",
                Test::Alarm(_) => "with the reason of this test",
            };
            say(GOOD, "✓", &format!("received by machine after {}, {as_what}", seconds(*after)));
            if !audience.confirmed.is_empty() {
                say(GOOD, "✓", &on_its_way(errand, audience));
            }
        }
        Proof::Sent => {
            say(CHANGED, "…", &on_its_way(errand, audience));
            say(CHANGED, "!", "that it left the topic is not proven: look for it in the mailbox");
        }
        Proof::Silent => say(
            BAD,
            "✗",
            "nothing came out of the topic in two minutes: `notify-cli status` looks at each link of the path, and a muted alarm sends nothing",
        ),
        Proof::Differs { message } => {
            say(BAD, "✗", "the topic sent something else, and not what `preview` says");
            for (label, text) in
                [("expected", errand.test.expected().shown()), ("received", message.clone())]
            {
                let _ = writeln!(out, "\n  {}", paint(DIM, label));
                for line in text.lines() {
                    let _ = writeln!(out, "  {} {}", paint(DIM, "│"), print::line(line));
                }
            }
        }
    }
    out.trim_end().to_owned()
}

fn on_its_way(errand: &Errand, audience: &Audience) -> String {
    format!(
        "a mail is on its way to {}: subject {}; it takes seconds, at times minutes",
        audience.confirmed.join(", "),
        errand.subject()
    )
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0 => "less than a second".to_owned(),
        1 => "a second".to_owned(),
        many => format!("{many} seconds"),
    }
}

/// What is still there, and how it goes.
pub(crate) fn left_behind(left: &[(ResourceKey, ProviderError)], local: &str) -> String {
    let mut out = String::new();
    for (key, error) in left {
        let what = if key.kind == Kind::Alarm { "not set back" } else { "not removed" };
        let text = format!("{what}: {} {} in {}: {error}", key.kind, key.name, key.place);
        let _ = writeln!(out, "{}", marked(BAD, "✗", &text));
    }
    let help = format!(
        "the same command again removes it first, and so does `notify-cli setup{local}`; an alarm is set back by the same command"
    );
    out + &wrap(&help, 2, WIDTH)
}

/// What `send --json` prints.
pub(crate) fn document(errand: &Errand, audience: &Audience, report: &Report) -> Value {
    let (kind, rule, alarm, event) = match &errand.test {
        Test::Event(test) => {
            let rule = test.temporary.as_ref().map(|rule| rule.key.name.clone());
            let entry = &test.entry;
            let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
            let event = json!({
                "source": entry.source,
                "detail_type": entry.detail_type,
                "detail": detail,
                "resources": entry.resources,
                "time": entry.time.map(|time| time.to_string()),
            });
            ("event", rule, None, event)
        }
        Test::Alarm(test) => ("alarm", None, Some(test.alarm.name.clone()), Value::Null),
    };
    let (outcome, message, after) = match &report.proof {
        Some(Proof::Received { message, after }) => {
            ("received", Some(message), Some(after.as_secs()))
        }
        Some(Proof::Differs { message }) => ("differs", Some(message), None),
        Some(Proof::Silent) => ("silent", None, None),
        Some(Proof::Sent) => ("sent", None, None),
        None if report.interrupted => ("interrupted", None, None),
        None => ("failed", None, None),
    };
    let expected = match errand.test.expected() {
        Expected::Text(_) | Expected::Document(_) => Some(errand.test.expected().shown()),
        Expected::Alarm { .. } => None,
    };
    let left = report.left.iter().map(
        |(key, error)| json!({"kind": key.kind, "name": key.name, "reason": error.to_string()}),
    );
    json!({
        "version": 1,
        "name": errand.name,
        "kind": kind,
        "region": errand.topic.place.to_string(),
        "topic": errand.topic.name,
        "run": errand.run.to_string(),
        "rule": rule,
        "alarm": alarm,
        "event": event,
        "subject": errand.subject(),
        "readers": audience.confirmed,
        "pending": audience.pending,
        "outcome": outcome,
        "message": message,
        "expected": expected,
        "after_seconds": after,
        "puts": report.puts,
        "may_have_sent": report.may_have_sent,
        "left_behind": left.collect::<Vec<_>>(),
        "error": report.error.as_ref().map(ToString::to_string),
    })
}
