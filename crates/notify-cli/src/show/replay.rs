//! What past events would have mailed, for people.

use super::plan::WIDTH;
use super::table::{columns, marked, wrap};
use crate::print::{self, BAD, BOLD, CHANGED, DIM, paint};
use notify_core::mail::grouped;
use notify_core::replay::{Loss, NotificationReport, Report, Sample, Top, Traffic, Words};
use serde_json::{Value, json};
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The widest plot of days.
const MOST_MARKS: usize = 62;
/// So many names of each kind are shown.
const MOST_NAMES: usize = 5;
/// The longest name in a list.
const NAME_WIDTH: usize = 44;

/// A report as a document.
pub(crate) fn document(report: &Report) -> Result<Value, serde_json::Error> {
    let mut document = json!({"version": 1});
    if let (Value::Object(all), Value::Object(fields)) =
        (&mut document, serde_json::to_value(report)?)
    {
        all.extend(fields);
    }
    Ok(document)
}

/// A report for people, in the language of the file.
pub(crate) fn human(report: &Report) -> String {
    let words = Words::new(report.language);
    let mut out = String::new();
    let headline = wrap(&words.headline(report), 0, WIDTH);
    let style = if report.is_over_limit() { BAD } else { BOLD };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", paint(style, &headline));
    if let Some(text) = words.interrupted(report) {
        let _ = writeln!(out, "{}", marked(CHANGED, "!", &text));
    }
    if let Some(text) = words.over_limit(report) {
        let _ = writeln!(out, "{}", marked(BAD, "✗", &text));
    }
    for notification in &report.notifications {
        one(report, notification, words, &mut out);
    }
    if report.notifications.len() > 1 && report.total.mails > 0 {
        let _ = writeln!(out, "\n{}", paint(BOLD, words.total()));
        traffic(report, &report.total, words, words.kinds(), &mut out);
    }
    footer(report, words, &mut out);
    out.trim_end().to_owned()
}

fn one(report: &Report, notification: &NotificationReport, words: Words, out: &mut String) {
    let place = notification.regions.join(", ");
    let place = if place.is_empty() { String::new() } else { format!(" ({place})") };
    let title = print::line(&format!("{}{place}", notification.name));
    let _ = writeln!(out, "\n{}", paint(BOLD, &title));
    if let Some(text) = words.remark(notification) {
        let _ = writeln!(out, "{}", marked(CHANGED, "!", &text));
    } else {
        let rules = if notification.of_config_rules { words.rules() } else { words.kinds() };
        traffic(report, &notification.traffic, words, rules, out);
    }
    if let Some(text) = words.elsewhere(notification) {
        let _ = writeln!(out, "{}", marked(CHANGED, "!", &text));
    }
    suppressions(notification, words, out);
    samples(&notification.samples, words, out);
}

fn traffic(report: &Report, traffic: &Traffic, words: Words, rules: &str, out: &mut String) {
    let _ = writeln!(out, "{}", wrap(&words.counts(report, traffic), 2, WIDTH));
    losses(&traffic.losses, words, out);
    if traffic.mails == 0 {
        return;
    }
    let bars = traffic.bars(MOST_MARKS);
    if let (Some(first), Some(last)) = (traffic.days.first(), traffic.days.last()) {
        let mark = words.each_mark(bars.each).map_or_else(String::new, |text| format!(", {text}"));
        let range = if first == last {
            first.day.clone()
        } else {
            format!("{} … {}", first.day, last.day)
        };
        let _ = writeln!(out, "\n  {}", paint(DIM, &format!("{}: {range}{mark}", words.days())));
        let _ = writeln!(out, "  {}", plot(&bars.mails));
        let _ = writeln!(out, "  {}", paint(DIM, words.hours()));
        let hours: Vec<u64> = traffic.hours.iter().flat_map(|mails| [*mails; 2]).collect();
        let _ = writeln!(out, "  {}\n  0     3     6     9     12    15    18    21", plot(&hours));
    }
    let busiest = words.busiest_times(traffic);
    if !busiest.is_empty() {
        let text = format!("{}: {}", words.busiest(), busiest.join(words.comma()));
        let _ = writeln!(out, "{}", wrap(&text, 2, WIDTH));
    }
    for (label, top) in [
        (rules, &traffic.rules),
        (words.resources(), &traffic.resources),
        (words.accounts(), &traffic.accounts),
    ] {
        names(label, top, words, out);
    }
}

fn losses(losses: &[Loss], words: Words, out: &mut String) {
    for loss in losses {
        let _ = writeln!(out, "{}", marked(BAD, "✗", &words.loss(loss)));
    }
}

fn names(label: &str, top: &Top, words: Words, out: &mut String) {
    let Some(most) = top.first.first() else { return };
    if top.is_once_each() {
        let text = words.once_each(label, top.different);
        let _ = writeln!(out, "\n  {}", paint(DIM, &text));
        return;
    }
    let different = words.different(top.different, top.missed);
    let _ = writeln!(out, "\n  {}", paint(DIM, &format!("{label} ({different})")));
    let width = grouped(most.mails).len();
    let rows = top.first.iter().take(MOST_NAMES).map(|named| {
        let bar = usize::try_from(named.mails.saturating_mul(20) / most.mails.max(1)).unwrap_or(20);
        let name = print::line(&cut(&named.name));
        vec![name, format!("{:>width$}", grouped(named.mails)), "█".repeat(bar.clamp(1, 20))]
    });
    for row in columns(&rows.collect::<Vec<_>>()) {
        let _ = writeln!(out, "    {row}");
    }
}

fn suppressions(notification: &NotificationReport, words: Words, out: &mut String) {
    let NotificationReport { suppressions: list, traffic, .. } = notification;
    if list.is_empty() {
        if traffic.mails > 0 {
            let _ = writeln!(out, "\n{}", wrap(words.nothing_stands_out(), 2, WIDTH));
        }
        return;
    }
    let _ = writeln!(out, "\n  {}", paint(DIM, words.suppress()));
    for suppression in list {
        // A line to be copied is not broken.
        let _ = writeln!(out, "    {}", print::line(&suppression.line));
        let _ = writeln!(out, "      {}", words.spares(suppression));
    }
}

fn samples(samples: &[Sample], words: Words, out: &mut String) {
    if samples.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  {}", paint(DIM, words.samples()));
    for sample in samples {
        let Sample { at, from, subject, body, .. } = sample;
        let at = at.map_or_else(String::new, |at| format!("{at}  "));
        let _ = writeln!(out, "  {}", print::line(&format!("{at}{}", sample.place())));
        let _ = writeln!(out, "  {}", print::line(&format!("{from}  {subject}")));
        for line in body.lines() {
            let _ = writeln!(out, "  {} {}", paint(DIM, "│"), print::line(line));
        }
        out.push('\n');
    }
}

fn footer(report: &Report, words: Words, out: &mut String) {
    let _ = writeln!(out, "\n{}", paint(BOLD, words.documents()));
    for text in words.read(report) {
        let _ = writeln!(out, "{}", wrap(&text, 2, WIDTH));
    }
    if let Some(text) = words.bad_count(report) {
        let _ = writeln!(out, "{}", marked(CHANGED, "!", &text));
        for bad in &report.documents.first_bad {
            let _ = writeln!(out, "{}", wrap(&print::line(&words.bad(bad)), 6, WIDTH));
        }
        if let Some(text) = words.more_bad(report) {
            let _ = writeln!(out, "      {text}");
        }
    }
    if let (Some(text), true) = (words.price(report), report.total.mails > 0) {
        let _ = writeln!(out, "\n{}\n{}", paint(BOLD, words.cost()), wrap(&text, 2, WIDTH));
    }
}

/// A bar for each number, from nothing to the largest.
fn plot(values: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().max().unwrap_or_default().max(1);
    let bar = |value: u64| {
        let step = (u128::from(value) * 8).div_ceil(u128::from(most)).checked_sub(1)?;
        BARS.get(usize::try_from(step).ok()?).copied()
    };
    values.iter().map(|value| bar(*value).unwrap_or('.')).collect()
}

/// A name that fits into a list: its end tells more than its middle, as in ARNs.
fn cut(name: &str) -> String {
    if name.width() <= NAME_WIDTH {
        return name.to_owned();
    }
    let fits = |most: usize| {
        let mut used = 0;
        move |c: &char| {
            used += c.width().unwrap_or_default();
            used <= most
        }
    };
    let end_width = NAME_WIDTH / 2;
    let begin: String = name.chars().take_while(fits(NAME_WIDTH - 1 - end_width)).collect();
    let mut end: Vec<char> = name.chars().rev().take_while(fits(end_width)).collect();
    end.reverse();
    begin + "…" + &String::from_iter(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_a_bar_for_each_number() {
        for (values, want) in [
            (&[][..], ""),
            (&[0, 0], ".."),
            (&[0, 1, 2, 3, 4, 5, 6, 7, 8], ".▁▂▃▄▅▆▇█"),
            (&[1, 1_000], "▁█"),
            (&[u64::MAX, 1], "█▁"),
        ] {
            assert_eq!(plot(values), want, "{values:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_to_what_fits() {
        assert_eq!(cut(&"x".repeat(44)), "x".repeat(44));
        let arn = "arn:aws:ec2:eu-west-1:106784061563:instance/i-0123456789abcdef0";
        assert_eq!(cut(arn), "arn:aws:ec2:eu-west-1…ce/i-0123456789abcdef0");
        assert_eq!(cut(arn).width(), 44);
        assert_eq!(cut(&"遮".repeat(23)), format!("{}…{}", "遮".repeat(10), "遮".repeat(11)));
    }
}
