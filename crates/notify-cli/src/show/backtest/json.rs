//! A test as a document.

use super::{Document, Tested};
use notify_core::alarm::MetricAlarm;
use notify_core::backtest::{Backtest, Suggestion, Times, mails};
use serde_json::{Value, json};

/// What `--json` prints.
pub(crate) fn document(document: &Document) -> Value {
    let Document { span, cost, tested, at_most } = document;
    let (mails, month) = document.mails();
    let cost = cost.map(
        |cost| json!({"metrics": cost.metrics, "usd": cost.usd, "usd_at_most": cost.usd_at_most}),
    );
    json!({
        "version": 1,
        "from": span.from.to_string(),
        "to": span.to.to_string(),
        "cost": cost,
        "at_most": at_most,
        "alarms": tested.iter().map(alarm).collect::<Vec<_>>(),
        "mails": mails,
        "mails_a_month": rounded(month),
    })
}

fn alarm(tested: &Tested) -> Value {
    let Tested { region, name, alarm, result } = tested;
    let threshold = alarm.as_ref().map(|alarm| alarm.condition.threshold);
    let mut value = json!({
        "name": name,
        "region": region,
        "threshold": threshold,
        "tested": false,
        "problem": result.as_ref().err(),
        "from": null,
        "to": null,
        "steps": [],
        "values": 0,
        "gaps": [],
        "changes": 0,
        "transitions": [],
        "mails": 0,
        "mails_a_month": null,
        "mails_without_older": null,
        "seconds": null,
        "line": null,
        "suggestion": null,
    });
    if let (Some(alarm), Ok((seen, suggestion))) = (alarm, result) {
        fill(&mut value, alarm, seen);
        value["suggestion"] = suggestion.as_ref().map_or(Value::Null, self::suggestion);
    }
    value
}

fn fill(value: &mut Value, alarm: &MetricAlarm, seen: &Backtest) {
    let steps = seen
        .steps
        .iter()
        .map(|(from, every)| json!({"from": from.to_string(), "every_seconds": every}));
    let transitions = seen.transitions.iter().map(|change| {
        json!({
            "at": change.at.to_string(),
            "from": change.from,
            "to": change.to,
            "reason": change.reason,
            "mails": mails(alarm, change.to),
        })
    });
    value["tested"] = json!(true);
    value["from"] = json!(seen.from.to_string());
    value["to"] = json!(seen.to.to_string());
    value["steps"] = steps.collect();
    value["values"] = json!(seen.values);
    value["gaps"] = seen.gaps.iter().map(ToString::to_string).collect();
    value["changes"] = json!(seen.changes);
    value["transitions"] = transitions.collect();
    value["mails"] = json!(seen.mails);
    value["mails_a_month"] = json!(seen.mails_a_month().map(rounded));
    value["mails_without_older"] = json!(seen.mails_without_older);
    value["seconds"] = seconds(seen.times);
    value["line"] = json!(seen.line.iter().map(|state| super::symbol(*state)).collect::<String>());
}

fn suggestion(suggestion: &Suggestion) -> Value {
    let candidates = suggestion.candidates.iter().map(|candidate| {
        json!({
            "threshold": candidate.threshold,
            "current": candidate.current,
            "changes": candidate.changes,
            "mails": candidate.mails,
            "mails_a_month": candidate.mails_a_month.map(rounded),
            "seconds": seconds(candidate.times),
        })
    });
    let chosen = suggestion.suggested.and_then(|place| suggestion.candidates.get(place));
    json!({
        "threshold": chosen.map(|candidate| candidate.threshold),
        "candidates": candidates.collect::<Vec<_>>(),
    })
}

fn seconds(times: Times) -> Value {
    let Times { ok, alarm, insufficient_data } = times;
    json!({"ok": ok, "alarm": alarm, "insufficient_data": insufficient_data})
}

/// To a hundredth: more digits say nothing.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
