//! The JSON documents, each with a version of its own.

use crate::read_back::Found;
use notify_core::pattern::{Explanation, FieldExplanation};
use notify_core::plan::{Action, Change, Difference, Plan};
use notify_core::provider::{Outcome, Report};
use notify_core::spec::{Finding, Location};
use serde_json::{Value, json};
use std::path::Path;

/// The version of every document here.
const VERSION: u32 = 1;

/// What `validate --json` prints.
pub(crate) fn findings<'f>(list: impl Iterator<Item = (&'f Finding, &'f Path, &'f str)>) -> Value {
    let findings = list.map(|(finding, path, text)| {
        let Finding { level, location, message, help } = finding;
        let place = location.line_and_column(text);
        let pointer = match location {
            Location::Pointer(pointer) => Some(pointer),
            Location::Span(_) => None,
        };
        json!({
            "level": level.as_str(),
            "file": path.display().to_string(),
            "line": place.map(|(line, _)| line),
            "column": place.map(|(_, column)| column),
            "pointer": pointer,
            "message": message,
            "help": help,
        })
    });
    json!({"version": VERSION, "findings": findings.collect::<Vec<_>>()})
}

/// What `match --json` prints. Matchers and values are JSON text, so that the spelling of numbers
/// survives.
pub(crate) fn explanation(explanation: &Explanation) -> Value {
    let Explanation { matches, fields, elements_disagree } = explanation;
    let fields = fields.iter().map(|field| {
        let FieldExplanation { path, matchers, found, matched } = field;
        json!({"path": path, "matchers": matchers, "found": found, "matched": matched})
    });
    json!({
        "version": VERSION,
        "matches": matches,
        "fields": fields.collect::<Vec<_>>(),
        "elements_disagree": elements_disagree,
    })
}

/// What `plan --json` prints.
pub(crate) fn plan(plan: &Plan) -> Value {
    let changes: Vec<Value> = plan.changes().map(change).collect();
    let keyed = |key: &notify_core::state::ResourceKey| json!({"kind": key.kind, "place": key.place.to_string(), "name": key.name});
    let blocked = plan.blocked.iter().map(|blocked| {
        let mut value = keyed(&blocked.key);
        value["reason"] = json!(blocked.reason);
        value["help"] = json!(blocked.help);
        value
    });
    let notes = plan.notes.iter().map(|note| {
        let mut value = note.key.as_ref().map_or_else(|| json!({}), keyed);
        value["about"] = json!(note.kind);
        value["text"] = json!(note.text);
        value
    });
    json!({
        "version": VERSION,
        "stack": plan.stack,
        "account": plan.identity.account,
        "changes": changes,
        "unchanged": plan.unchanged,
        "blocked": blocked.collect::<Vec<_>>(),
        "refusal": plan.refusal,
        "held": plan.holds,
        "notes": notes.collect::<Vec<_>>(),
        "cost": plan.cost,
    })
}

fn change(change: &Change) -> Value {
    let Change { key, action, reason, fields, steps: _, needs: _ } = change;
    json!({
        "action": action,
        "kind": key.kind,
        "place": key.place.to_string(),
        "name": key.name,
        "reason": reason,
        "fields": fields,
    })
}

/// What `setup --json` and `destroy --json` print: the plan, and what became of each change.
pub(crate) fn report(plan: &Plan, report: &Report, found: Option<&Found>) -> Value {
    let outcomes = report.applied.iter().map(|applied| {
        let (outcome, message) = match &applied.outcome {
            Outcome::Done => ("done", None),
            Outcome::AwaitsConfirmation => ("awaits_confirmation", None),
            Outcome::Failed(error) => {
                ("failed", Some((error.to_string(), Some(error.class.as_str()))))
            }
            Outcome::Skipped(why) => ("skipped", Some((why.clone(), None))),
        };
        let (message, class) = message.unzip();
        json!({
            "action": applied.action,
            "kind": applied.key.kind,
            "place": applied.key.place.to_string(),
            "name": applied.key.name,
            "outcome": outcome,
            "message": message,
            "class": class.flatten(),
        })
    });
    let mut document = self::plan(plan);
    document["outcomes"] = outcomes.collect();
    document["complete"] = json!(report.is_complete());
    document["read_back"] = found.map_or(Value::Null, read_back);
    document
}

/// What was found when everything had been done.
fn read_back(found: &Found) -> Value {
    let (differs, error) = match found {
        Found::Proven => (&[][..], None),
        Found::Differs(differs) => (differs.as_slice(), None),
        Found::Unknown(failure) => (&[][..], Some(&failure.message)),
    };
    let differs = differs.iter().map(|difference| {
        let Difference { key, what } = difference;
        json!({
            "kind": key.kind,
            "place": key.place.to_string(),
            "name": key.name,
            "what": what.as_str(),
            "fields": difference.fields(),
        })
    });
    json!({
        "proven": matches!(found, Found::Proven),
        "differs": differs.collect::<Vec<_>>(),
        "error": error,
    })
}

/// The plural of changes, for people.
pub(crate) fn counts(plan: &Plan) -> String {
    let parts = [
        (Action::Create, "to create"),
        (Action::Adopt, "to adopt"),
        (Action::Update, "to change"),
        (Action::Release, "to release"),
        (Action::Delete, "to delete"),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .map(|(action, words)| (plan.count(action), words))
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    if said.is_empty() { "nothing to change".to_owned() } else { said.join(", ") }
}
