//! A plan for people.

use super::json::counts;
use super::table::{columns, wrap};
use crate::print::{self, BAD, BOLD, CHANGED, DIM, GOOD, paint};
use anstyle::Style;
use notify_core::plan::{Action, Change, Cost, FieldChange, Plan};
use notify_core::provider::{Applied, Outcome};
use notify_core::state::{Kind, Note, NoteKind, ResourceKey};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// What every terminal has.
pub(crate) const WIDTH: usize = 80;
/// A value that is longer is shown as a diff of lines.
const LONG_VALUE: usize = 60;

/// A plan, with the fields of what is created if `verbose`.
pub(crate) fn human(plan: &Plan, label: &str, verbose: bool) -> String {
    let mut out = heading(plan, label);
    let places: BTreeSet<_> = plan.changes().map(|change| &change.key.place).collect();
    for place in places {
        let _ = writeln!(out, "\n{}", paint(BOLD, &place.to_string()));
        let here: Vec<&Change> =
            plan.changes().filter(|change| change.key.place == *place).collect();
        let rows: Vec<Vec<String>> =
            here.iter().map(|change| row(&change.key, change.action.as_str())).collect();
        for (change, line) in here.into_iter().zip(columns(&rows)) {
            let (sign, style) = sign(change.action);
            let _ = writeln!(out, "  {} {}", paint(style, sign), line);
            if change.action != Action::Create || verbose {
                let why = wrap(&print::line(&change.reason), 6, WIDTH);
                let _ = writeln!(out, "{}", paint(DIM, &why));
            }
            for field in &change.fields {
                if change.action != Action::Create || verbose {
                    out.push_str(&field_lines(field));
                }
            }
        }
    }
    let unchanged = match plan.unchanged {
        0 => String::new(),
        n => format!("; {n} as the file says"),
    };
    let blocked = match plan.blocked.len() {
        0 => String::new(),
        n => format!(", {n} in the way"),
    };
    let _ = writeln!(out, "\n{}{blocked}{unchanged}.", capital(&counts(plan)));
    out.push_str(&notes(plan));
    out.push_str(&cost(&plan.cost));
    out.push_str(&obstacles(plan));
    out.trim_end().to_owned()
}

fn heading(plan: &Plan, label: &str) -> String {
    let regions: Vec<&str> =
        plan.scope.regions.keys().map(notify_core::aws::Region::as_str).collect();
    format!(
        "Stack {}, account {}{label}, {}\n",
        plan.stack,
        plan.identity.account,
        regions.join(", ")
    )
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A resource as cells of a table.
pub(crate) fn row(key: &ResourceKey, word: &str) -> Vec<String> {
    let name = print::line(&key.name);
    let name = match key.kind {
        Kind::Subscription => name.splitn(3, '/').skip(1).collect::<Vec<_>>().join(" "),
        _ => name,
    };
    vec![word.to_owned(), key.kind.to_string(), name]
}

fn sign(action: Action) -> (&'static str, Style) {
    match action {
        Action::Create => ("+", GOOD),
        Action::Adopt => ("*", CHANGED),
        Action::Update => ("~", CHANGED),
        Action::Release => ("○", CHANGED),
        Action::Delete => ("-", BAD),
    }
}

/// One field: old → new in a line, or as a diff of lines where that is easier to read.
fn field_lines(field: &FieldChange) -> String {
    let FieldChange { path, old, new } = field;
    let path = print::line(path);
    let (old, new) = (old.as_ref(), new.as_ref());
    let is_long = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.contains('\n') || text.width() > LONG_VALUE,
        Some(Value::Object(_)) => true,
        Some(value) => value.to_string().width() > LONG_VALUE,
        None => false,
    };
    if !is_long(old) && !is_long(new) {
        let said = |value: Option<&Value>| {
            value.map_or_else(|| "(none)".to_owned(), |v| print::line(&v.to_string()))
        };
        return match old {
            None => format!("      {path}: {}\n", said(new)),
            Some(_) => format!("      {path}: {} → {}\n", said(old), said(new)),
        };
    }
    let lines = |value: Option<&Value>| match value {
        None => String::new(),
        Some(Value::String(text)) => format!("{text}\n"),
        Some(value) => serde_json::to_string_pretty(value).unwrap_or_default() + "\n",
    };
    let (old, new) = (lines(old), lines(new));
    let mut out = format!("      {path}:\n");
    for change in similar::TextDiff::from_lines(&old, &new)
        .unified_diff()
        .context_radius(2)
        .iter_hunks()
        .flat_map(|hunk| {
            hunk.iter_changes()
                .map(|change| (change.tag(), change.value().to_owned()))
                .collect::<Vec<_>>()
        })
    {
        let (tag, text) = change;
        let text = print::line(text.trim_end_matches('\n'));
        let line = match tag {
            similar::ChangeTag::Equal => format!("  {text}"),
            similar::ChangeTag::Delete => paint(BAD, &format!("- {text}")),
            similar::ChangeTag::Insert => paint(GOOD, &format!("+ {text}")),
        };
        let _ = writeln!(out, "        {line}");
    }
    out
}

/// What a person should know: first what waits for one.
pub(crate) fn notes(plan: &Plan) -> String {
    let mut out = String::new();
    for (kind, title) in [
        (NoteKind::Warning, "Warnings"),
        (NoteKind::Waiting, "Waiting for a person"),
        (NoteKind::NotOurs, "Not in the file, left alone"),
        (NoteKind::Info, "Good to know"),
    ] {
        // The same note in several regions tells which one it is about.
        let said = |note: &Note| match &note.key {
            Some(key) if plan.scope.regions.len() > 1 => format!("{}: {}", key.place, note.text),
            _ => note.text.clone(),
        };
        let here: Vec<String> =
            plan.notes.iter().filter(|note| note.kind == kind).map(said).collect();
        if !here.is_empty() {
            let _ = writeln!(out, "\n{}", paint(BOLD, title));
        }
        for text in here {
            let _ = writeln!(out, "{}", wrap(&print::line(&text), 2, WIDTH));
        }
    }
    if !plan.holds.is_empty() {
        let _ = writeln!(out, "\n{}", paint(BAD, "No WAF alarm is changed"));
        for hold in &plan.holds {
            let text = format!("{}: {}", hold.region, hold.reason);
            let _ = writeln!(out, "{}", wrap(&print::line(&text), 2, WIDTH));
        }
    }
    out
}

fn cost(cost: &Cost) -> String {
    if cost.lines.is_empty() {
        return String::new();
    }
    let mut out =
        format!("\n{} (us-east-1, prices of {})\n", paint(BOLD, "Monthly cost"), cost.as_of);
    let rows: Vec<Vec<String>> = cost
        .lines
        .iter()
        .map(|line| {
            vec![line.count.to_string(), line.what.clone(), format!("${:.2}", line.monthly_usd)]
        })
        .collect();
    for (line, laid) in cost.lines.iter().zip(columns(&rows)) {
        let indent = 6;
        let _ = writeln!(out, "  {laid}\n{}", paint(DIM, &wrap(&line.note, indent, WIDTH)));
    }
    let free = cost.monthly_usd_with_free_tier;
    let total = format!("${:.2} a month", cost.monthly_usd);
    let _ = if free < cost.monthly_usd {
        writeln!(
            out,
            "  {}, or ${free:.2} where nothing else uses the free alarms",
            paint(BOLD, &total)
        )
    } else {
        writeln!(out, "  {}", paint(BOLD, &total))
    };
    out
}

/// Why a plan is not executed.
pub(crate) fn obstacles(plan: &Plan) -> String {
    let mut out = String::new();
    if !plan.blocked.is_empty() {
        let _ = writeln!(out, "\n{}", paint(BAD, "In the way"));
    }
    for blocked in &plan.blocked {
        let key = &blocked.key;
        let said = format!("{} {} in {}: {}", key.kind, key.name, key.place, blocked.reason);
        let _ = writeln!(out, "{}", wrap(&print::line(&said), 2, WIDTH));
        let _ = writeln!(out, "{}", wrap(&print::line(&blocked.help), 4, WIDTH));
    }
    if let Some(refusal) = &plan.refusal {
        let _ = writeln!(out, "\n{}: {refusal}", paint(BAD, "Refused"));
        let _ = writeln!(out, "  allow it with --allow-deletes if that is what you want");
    }
    out
}

/// What became of each change.
pub(crate) fn applied(list: &[Applied]) -> String {
    let mut out = String::new();
    let places: BTreeSet<_> = list.iter().map(|applied| &applied.key.place).collect();
    for place in places {
        let gap = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{}", paint(BOLD, &place.to_string()));
        let mut here: Vec<&Applied> =
            list.iter().filter(|applied| applied.key.place == *place).collect();
        // They ended in any order.
        here.sort_by_key(|applied| &applied.key);
        let rows: Vec<Vec<String>> =
            here.iter().map(|applied| row(&applied.key, word(applied))).collect();
        for (applied, line) in here.into_iter().zip(columns(&rows)) {
            let (sign, style, more) = match &applied.outcome {
                Outcome::Done => ("✓", GOOD, None),
                Outcome::AwaitsConfirmation => ("…", CHANGED, Some("must be confirmed".to_owned())),
                Outcome::Failed(error) => ("✗", BAD, Some(said(error))),
                Outcome::Skipped(why) => ("–", DIM, Some(why.clone())),
            };
            let _ = writeln!(out, "  {} {line}", paint(style, sign));
            for line in more.iter().flat_map(|more| more.lines()) {
                let _ = writeln!(out, "{}", wrap(&print::line(line), 6, WIDTH));
            }
        }
    }
    out.trim_end().to_owned()
}

fn said(error: &notify_core::provider::ProviderError) -> String {
    match error.hint() {
        Some(hint) => format!("{error}\n{hint}"),
        None => error.to_string(),
    }
}

fn word(applied: &Applied) -> &'static str {
    match (&applied.outcome, applied.action) {
        (Outcome::Failed(_), _) => "failed",
        (Outcome::Skipped(_), _) => "skipped",
        (_, Action::Create) => "created",
        (_, Action::Adopt) => "adopted",
        (_, Action::Update) => "changed",
        (_, Action::Release) => "released",
        (_, Action::Delete) => "deleted",
    }
}
