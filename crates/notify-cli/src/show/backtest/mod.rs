//! What alarms would have said.

mod json;

pub(crate) use json::document;

use super::plan::WIDTH;
use super::table::{columns, wrap};
use crate::print::{self, BAD, BOLD, CHANGED, DIM, GOOD, paint};
use jiff::Timestamp;
use notify_core::alarm::{MetricAlarm, Transition, decimal};
use notify_core::aws::{AlarmState, Comparison, Region};
use notify_core::backtest::{Backtest, Candidate, Span, Suggestion, Times, mails};
use notify_core::provider::ReadCost;
use std::fmt::Write as _;

/// How many changes are shown of an alarm that has many.
const SHOWN: usize = 6;

/// A test of some alarms.
#[derive(Debug)]
pub(crate) struct Document {
    /// What was asked for.
    pub(crate) span: Span,
    /// What reading the values cost, where it cost anything.
    pub(crate) cost: Option<ReadCost>,
    pub(crate) tested: Vec<Tested>,
    /// The most mails of a suggested threshold, where one is wanted.
    pub(crate) at_most: Option<u32>,
}

/// One alarm, and what came of it.
#[derive(Debug)]
pub(crate) struct Tested {
    pub(crate) region: Region,
    pub(crate) name: String,
    pub(crate) alarm: Option<MetricAlarm>,
    pub(crate) result: Result<(Backtest, Option<Suggestion>), String>,
}

impl Document {
    fn seen(&self) -> impl Iterator<Item = &Backtest> {
        self.tested.iter().filter_map(|tested| Some(&tested.result.as_ref().ok()?.0))
    }

    /// All mails, and how many that is in thirty days.
    fn mails(&self) -> (usize, f64) {
        let all = self.seen().map(|seen| seen.mails).sum();
        (all, self.seen().filter_map(Backtest::mails_a_month).fold(0.0, |all, one| all + one))
    }
}

/// A test for people.
pub(crate) fn human(document: &Document, verbose: bool) -> String {
    let Document { span, tested, at_most, .. } = document;
    let mut out = format!(
        "{}, {} to {} (UTC)\n",
        counted(tested.len(), "alarm"),
        minute(span.from),
        minute(span.to)
    );
    for tested in tested {
        let title = format!("{} ({})", tested.name, tested.region);
        let _ = writeln!(out, "\n{}", paint(BOLD, &print::line(&title)));
        match (&tested.alarm, &tested.result) {
            (Some(alarm), Ok((seen, suggestion))) => {
                out.push_str(&one(alarm, seen, *span, verbose));
                if let (Some(suggestion), Some(at_most)) = (suggestion, at_most) {
                    out.push_str(&suggested(alarm, suggestion, *at_most));
                }
            }
            (_, Err(why)) => {
                let text = wrap(&print::line(&format!("not tested: {why}")), 2, WIDTH);
                let _ = writeln!(out, "{}", paint(CHANGED, &text));
            }
            (None, Ok(_)) => {}
        }
    }
    let (mails, month) = document.mails();
    let line = "█ ALARM   · OK   ? INSUFFICIENT_DATA";
    let _ = write!(
        out,
        "\n{}\n{}",
        paint(DIM, line),
        paint(BOLD, &format!("{} in all, {month:.1} in 30 days", counted(mails, "mail")))
    );
    out
}

fn one(alarm: &MetricAlarm, seen: &Backtest, span: Span, verbose: bool) -> String {
    let mut out = format!("  {}\n", print::line(&in_words(alarm)));
    let symbols: String = seen.line.iter().map(|state| symbol(*state)).collect();
    let _ = writeln!(out, "  {symbols}");
    let Times { ok, alarm: in_alarm, insufficient_data } = seen.times;
    let all = ok + in_alarm + insufficient_data;
    let month = seen.mails_a_month();
    let month = month.map_or_else(String::new, |month| format!(" ({month:.1} in 30 days)"));
    let style = if seen.mails > 0 { CHANGED } else { GOOD };
    let counts = format!("{}{month}", counted(seen.mails, "mail"));
    let states = format!(
        "in ALARM {} ({}), without data {}",
        duration(in_alarm),
        percent(in_alarm, all),
        duration(insufficient_data)
    );
    let _ = writeln!(out, "  {}; {states}", paint(style, &counts));
    for note in notes(alarm, seen, span) {
        let _ = writeln!(out, "{}", paint(DIM, &wrap(&print::line(&note), 2, WIDTH)));
    }
    let shown = if verbose { seen.transitions.len() } else { SHOWN };
    for change in seen.transitions.iter().take(shown) {
        out.push_str(&transition(alarm, change, verbose));
    }
    let hidden = seen.changes - seen.transitions.len().min(shown);
    if hidden > 0 {
        let more = if verbose { "" } else { "; --verbose shows more, with reasons" };
        let _ = writeln!(out, "    {}", paint(DIM, &format!("and {hidden} more changes{more}")));
    }
    out
}

fn transition(alarm: &MetricAlarm, change: &Transition, verbose: bool) -> String {
    let Transition { at, from, to, reason } = change;
    let style = if *to == AlarmState::Alarm { BAD } else { DIM };
    let mailed = if mails(alarm, *to) > 0 { "  mail" } else { "" };
    let mut out = format!(
        "    {}  {}{mailed}\n",
        minute(*at),
        paint(style, &format!("{} -> {}", from.as_str(), to.as_str()))
    );
    if verbose {
        let _ = writeln!(out, "{}", paint(DIM, &wrap(&print::line(reason), 6, WIDTH)));
    }
    out
}

/// What a reader must know of the test.
fn notes(alarm: &MetricAlarm, seen: &Backtest, span: Span) -> Vec<String> {
    let mut notes = Vec::new();
    if seen.from.as_second() - span.from.as_second() > 3_600 {
        notes.push(format!(
            "tested from {} on: nothing is known of its metric before",
            minute(seen.from)
        ));
    }
    if let [(_, first), rest @ ..] = &seen.steps[..] {
        let mut text = format!("evaluated every {}", length(*first));
        for (from, every) in rest {
            let _ = write!(text, ", from {} on every {}", minute(*from), length(*every));
        }
        let finer = alarm.condition.pace().every.max(alarm.condition.period.min(60));
        if !rest.is_empty() || *first > finer {
            notes.push(format!("{text}: as fine as its values are kept"));
        }
    }
    if seen.mails_without_older != seen.mails {
        let condition = &alarm.condition;
        let older = condition.default_range() - condition.evaluation_periods;
        notes.push(format!(
            "where newer periods are silent CloudWatch looks at older ones, and does not say at how \
             many: {older} are assumed; without any it would be {}",
            counted(seen.mails_without_older, "mail")
        ));
    }
    if seen.values == 0 {
        notes.push("its metric had no values in this time".to_owned());
    }
    if !alarm.actions_enabled {
        notes.push("its actions are disabled: it mails nobody".to_owned());
    }
    notes.extend(seen.gaps.iter().map(ToString::to_string));
    notes
}

/// The table of thresholds.
fn suggested(alarm: &MetricAlarm, suggestion: &Suggestion, at_most: u32) -> String {
    let heading = ["threshold", "mails", "in 30 days", "in ALARM", ""].map(str::to_owned);
    let mut rows = vec![heading.to_vec()];
    for (place, candidate) in suggestion.candidates.iter().enumerate() {
        let Candidate { threshold, current, mails, mails_a_month, times, .. } = candidate;
        let Times { ok, alarm, insufficient_data } = *times;
        let marks = [
            current.then_some("as it is"),
            (suggestion.suggested == Some(place)).then_some("suggested"),
        ];
        let marks: Vec<&str> = marks.into_iter().flatten().collect();
        rows.push(vec![
            decimal(*threshold),
            mails.to_string(),
            mails_a_month.map_or_else(|| "-".to_owned(), |month| format!("{month:.1}")),
            percent(alarm, ok + alarm + insufficient_data),
            marks.join(", "),
        ]);
    }
    // Numbers stand below each other at their right end.
    let right = |rows: &mut Vec<Vec<String>>, column: usize| {
        let width = rows.iter().filter_map(|row| row.get(column)).map(String::len).max();
        for cell in rows.iter_mut().filter_map(|row| row.get_mut(column)) {
            *cell = format!("{cell:>width$}", width = width.unwrap_or_default());
        }
    };
    (0..4).for_each(|column| right(&mut rows, column));
    let mut out = String::from("\n");
    for (index, line) in columns(&rows).into_iter().enumerate() {
        let is_suggested = index > 0 && suggestion.suggested == Some(index - 1);
        let style = match index {
            0 => DIM,
            _ if is_suggested => GOOD,
            _ => anstyle::Style::new(),
        };
        let _ = writeln!(out, "    {}", paint(style, &line));
    }
    let chosen = suggestion.suggested.and_then(|place| suggestion.candidates.get(place));
    let text = match chosen {
        Some(chosen) if chosen.current => format!(
            "its threshold is the one that tells the most with at most {at_most} mails in 30 days"
        ),
        Some(chosen) => format!(
            "threshold = {} tells the most with at most {at_most} mails in 30 days, and is in ALARM \
             for no more than half of the time",
            number(chosen.threshold)
        ),
        None if suggestion.candidates.len() < 2 => {
            "there are no values to take thresholds from".to_owned()
        }
        None => format!(
            "no threshold mails at most {at_most} times in 30 days with less than half of the time in \
             ALARM: a longer period or more evaluation_periods may help"
        ),
    };
    let _ = writeln!(out, "{}", wrap(&print::line(&text), 4, WIDTH));
    if !alarm.actions_enabled {
        let _ = writeln!(out, "    (none mails while its actions are disabled)");
    }
    out
}

/// When it goes off, in a line.
fn in_words(alarm: &MetricAlarm) -> String {
    let condition = &alarm.condition;
    let sign = match condition.comparison {
        Comparison::GreaterThanOrEqualToThreshold => ">=",
        Comparison::GreaterThanThreshold => ">",
        Comparison::LessThanThreshold => "<",
        Comparison::LessThanOrEqualToThreshold => "<=",
        Comparison::Band => "outside of",
    };
    format!(
        "{} {} in {} {sign} {}, {} of {}",
        alarm.metric.name,
        condition.statistic,
        counted_length(condition.period),
        number(condition.threshold),
        condition.needed(),
        condition.evaluation_periods
    )
}

/// As in a spec file.
fn number(value: f64) -> String {
    let text = decimal(value);
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

fn symbol(state: AlarmState) -> char {
    match state {
        AlarmState::Ok => '·',
        AlarmState::Alarm => '█',
        AlarmState::InsufficientData => '?',
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `2026-11-24 10:02`.
fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let seconds = at.as_second().rem_euclid(60);
    let end = if seconds == 0 { 16 } else { 19 };
    text.get(..end).unwrap_or(&text).replace('T', " ")
}

/// A length of time that is a setting: `1 minute`, `5 minutes`.
fn counted_length(seconds: u32) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let unit =
        units.into_iter().find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    let (unit, noun) = unit.unwrap_or((1, "second"));
    counted((seconds / unit) as usize, noun)
}

/// The same behind `every`: `minute`, `5 minutes`.
fn length(seconds: u32) -> String {
    let text = counted_length(seconds);
    text.strip_prefix("1 ").map(str::to_owned).unwrap_or(text)
}

/// A length of time that was measured: its two largest units.
fn duration(seconds: i64) -> String {
    let (days, hours) = (seconds / 86_400, seconds % 86_400 / 3_600);
    let (minutes, rest) = (seconds % 3_600 / 60, seconds % 60);
    let parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")];
    let parts = parts.iter().skip_while(|(count, _)| *count == 0).take(2);
    let parts: Vec<String> = parts
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join(" ") }
}

fn percent(part: i64, all: i64) -> String {
    if all == 0 {
        return "-".to_owned();
    }
    let tenths = i128::from(part) * 1_000 / i128::from(all);
    match tenths {
        0 if part > 0 => "<0.1 %".to_owned(),
        _ => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}
