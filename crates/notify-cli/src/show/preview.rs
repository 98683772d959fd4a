//! Mails before they are sent.

use super::plan::WIDTH;
use super::table::{columns, marked, wrap};
use crate::print::{self, BAD, BOLD, CHANGED, DIM, GOOD, paint};
use notify_core::aws::AlarmState;
use notify_core::local::Sent;
use notify_core::mail::{DEFAULT_SUBJECT, MAX_BYTES, Notification};
use notify_core::preview::{Line, Outcome, Preview, STAND_IN_RULE, Stage};
use notify_core::spec::{Spec, SubscriptionSpec};
use notify_core::transform::{Risk, Verdict};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// All previews for people.
pub(crate) fn human(spec: &Spec, stage: &Stage, previews: &[Preview]) -> String {
    let mut out = String::new();
    for preview in previews {
        let gap = if out.is_empty() { "" } else { "\n" };
        let place =
            preview.region.as_ref().map_or_else(String::new, |region| format!(", {region}"));
        let title = format!("{} ({}{place})", preview.name, preview.subject.as_str());
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{gap}{}", paint(BOLD, &print::line(&title)));
        out.push_str(&one(spec, preview));
    }
    if previews.is_empty() {
        out.push_str("the file has no such notifications\n");
    }
    for name in &stage.unknown_web_acls {
        let text = format!(
            "the rules of web ACL {name} are asked of AWS: {STAND_IN_RULE} stands for them here. \
             To see them, save the output of `aws wafv2 get-web-acl` as \
             .notify/web-acls/{name}.json beside the file."
        );
        let _ = writeln!(out, "\n{}", wrap(&print::line(&text), 0, WIDTH));
    }
    out.trim_end().to_owned()
}

fn one(spec: &Spec, preview: &Preview) -> String {
    let mut out = String::new();
    match &preview.outcome {
        Outcome::Mailed { sent, lines } => {
            let to = readers(spec, sent).iter().map(|s| s.endpoint.as_str()).collect::<Vec<_>>();
            let to = if to.is_empty() { "nobody yet".to_owned() } else { to.join(", ") };
            let subject = subject_of(&sent.notification);
            for (label, text) in [("From", sent.from.as_str()), ("To", &to), ("Subject", subject)] {
                let _ = writeln!(out, "  {label:<8} {}", print::line(text));
            }
            out.push('\n');
            for line in sent.notification.text().lines() {
                let _ = writeln!(out, "  {} {}", paint(DIM, "│"), print::line(line));
            }
            let bytes = sent.notification.bytes();
            let _ = writeln!(
                out,
                "\n  {bytes} bytes of {MAX_BYTES}; SNS adds its footer with the unsubscribe link"
            );
            out.push_str(&origins(lines));
        }
        Outcome::Lost { code, reason, attempted } => {
            let text = format!("this mail is lost ({code}): {reason}");
            let _ = writeln!(out, "{}\n", marked(BAD, "✗", &text));
            for line in attempted.lines() {
                let _ = writeln!(out, "  {} {}", paint(DIM, "│"), print::line(line));
            }
        }
        Outcome::NoMatch(why) => {
            let _ = writeln!(out, "{}", wrap(&print::line(&format!("no mail: {why}")), 2, WIDTH));
        }
        Outcome::NoSample => {
            let text = "no sample event fits its pattern: give one with --event";
            let _ = writeln!(out, "{}", wrap(text, 2, WIDTH));
        }
        Outcome::NoChange => out.push_str("  no mail: the alarm's state stays as it is\n"),
        Outcome::NobodyTold(state) => {
            let help =
                if *state == AlarmState::Ok { " (`notify_ok = true` changes that)" } else { "" };
            let _ = writeln!(out, "  no mail: nobody is told of {}{help}", state.as_str());
        }
    }
    out.push_str(&verdicts(&preview.verdicts));
    out
}

/// Who gets a message: the readers of the topic that it goes through.
fn readers<'s>(spec: &'s Spec, sent: &Sent) -> &'s [SubscriptionSpec] {
    let fallback = spec.watch.fallback.as_ref();
    match fallback.filter(|fallback| fallback.topic.name.as_str() == sent.topic) {
        Some(fallback) => &fallback.subscriptions,
        None => &spec.subscriptions,
    }
}

/// What the lines come from, where it is not AWS's own text.
fn origins(lines: &[Line]) -> String {
    let known = lines.iter().enumerate().filter_map(|(at, line)| {
        let from = wrap(&print::line(line.from.as_ref()?), 8, WIDTH);
        Some(format!("  {:<4}  {}\n", at + 1, from.trim_start()))
    });
    let known: String = known.collect();
    if known.is_empty() {
        return known;
    }
    format!("\n  {}\n{known}", paint(DIM, "line  comes from"))
}

fn verdicts(list: &[Verdict]) -> String {
    if list.is_empty() {
        return String::new();
    }
    let mut out = format!("\n  {}\n", paint(DIM, "placeholders"));
    let rows: Vec<Vec<String>> = list
        .iter()
        .map(|verdict| {
            vec![
                format!("<{}>", print::line(&verdict.placeholder)),
                verdict.risk.as_str().to_owned(),
            ]
        })
        .collect();
    for (verdict, row) in list.iter().zip(columns(&rows)) {
        let style = match verdict.risk {
            Risk::Safe => GOOD,
            Risk::Unknown => DIM,
            Risk::MayBeLost => CHANGED,
            Risk::AlwaysLost => BAD,
        };
        let _ = writeln!(out, "  {}", paint(style, &row));
        if verdict.risk != Risk::Safe {
            let _ = writeln!(out, "{}", wrap(&print::line(&verdict.reason), 6, WIDTH));
            if let Some(example) = &verdict.example {
                let text = format!("for example {example}");
                let _ = writeln!(out, "{}", wrap(&print::line(&text), 6, WIDTH));
            }
            if let Some(remedy) = verdict.remedy() {
                let _ = writeln!(out, "{}", wrap(&print::line(&remedy), 6, WIDTH));
            }
        }
    }
    out
}

/// A verdict's word in documents.
fn word(risk: Risk) -> &'static str {
    match risk {
        Risk::Safe => "safe",
        Risk::Unknown => "unknown",
        Risk::MayBeLost => "may_be_lost",
        Risk::AlwaysLost => "always_lost",
    }
}

/// The subject of its mail.
fn subject_of(notification: &Notification) -> &str {
    notification.subject.as_deref().unwrap_or(DEFAULT_SUBJECT)
}

/// What AWS Config alone mails.
pub(crate) fn raw(subject: &str, body: &str) -> String {
    let body: Vec<String> =
        body.lines().map(|line| format!("  {} {}", paint(DIM, "│"), print::line(line))).collect();
    format!("  Subject  {}\n\n{}", print::line(subject), body.join("\n"))
}

/// All previews as a document.
pub(crate) fn document(spec: &Spec, stage: &Stage, previews: &[Preview]) -> Value {
    let notifications: Vec<Value> = previews.iter().map(notification).collect();
    json!({
        "version": 1,
        "stack": spec.stack,
        "notifications": notifications,
        "unknown_web_acls": stage.unknown_web_acls,
    })
}

/// The mails of previews, and nothing else of them.
pub(crate) fn mails(previews: &[Preview]) -> Vec<Value> {
    let mails = previews.iter().filter_map(|preview| {
        let Outcome::Mailed { sent, .. } = &preview.outcome else { return None };
        let (subject, body) = (subject_of(&sent.notification), sent.notification.text());
        Some(json!({"name": preview.name, "subject": subject, "body": body}))
    });
    mails.collect()
}

fn notification(preview: &Preview) -> Value {
    let verdicts = preview.verdicts.iter().map(|verdict| {
        json!({
            "placeholder": verdict.placeholder,
            "path": verdict.path,
            "verdict": word(verdict.risk),
            "reason": verdict.reason,
            "example": verdict.example,
            "remedy": verdict.remedy(),
        })
    });
    let mut value = json!({
        "name": preview.name,
        "kind": preview.subject.as_str(),
        "region": preview.region,
        "sample": preview.sample,
        "outcome": "mailed",
        "from": null,
        "subject": null,
        "body": null,
        "bytes": null,
        "lines": [],
        "verdicts": verdicts.collect::<Vec<_>>(),
        "reason": null,
    });
    match &preview.outcome {
        Outcome::Mailed { sent, lines } => {
            value["from"] = json!(sent.from);
            value["subject"] = json!(subject_of(&sent.notification));
            value["body"] = json!(sent.notification.text());
            value["bytes"] = json!(sent.notification.bytes());
            value["lines"] =
                lines.iter().map(|line| json!({"text": line.text, "from": line.from})).collect();
        }
        Outcome::Lost { code, reason, attempted } => {
            value["outcome"] = json!("lost");
            value["reason"] = json!(format!("{code}: {reason}"));
            value["body"] = json!(attempted);
            value["bytes"] = json!(attempted.len());
        }
        Outcome::NoMatch(why) => {
            value["outcome"] = json!("no_match");
            value["reason"] = json!(why);
        }
        Outcome::NoSample => value["outcome"] = json!("no_sample"),
        Outcome::NoChange => value["outcome"] = json!("no_change"),
        Outcome::NobodyTold(state) => {
            value["outcome"] = json!("nobody_told");
            value["reason"] = json!(format!("nobody is told of {}", state.as_str()));
        }
    }
    value
}
