//! The tables of a web ACL.

use crate::print::{self, BOLD, DIM, paint};
use crate::show::plan::WIDTH;
use notify_core::digest::{Change, Days, Measure, Row, WebAclDigest};
use notify_core::mail::grouped;
use notify_core::spec::Language;
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What a line begins with.
const INDENT: &str = "  ";
/// A name has this much room whatever else there is to show.
const LEAST_NAME: usize = 20;
/// A bar has at least this, and at most that much.
const BAR: (usize, usize) = (8, 30);

/// What the rules blocked, and what they counted where there is any.
pub(super) fn of_web_acl(acl: &WebAclDigest, days: Days, language: Language) -> String {
    let mut out = String::new();
    for measure in Measure::ALL {
        let counts = |row: &&Row| {
            let all = (0..=days.count()).map(|day| row.change(measure, day).now);
            all.fold(0, u64::max) > 0
        };
        let rows: Vec<&Row> = match measure {
            // That a rule saw nothing is worth a row, but not two.
            Measure::Blocked => acl.rows.iter().collect(),
            Measure::Counted => acl.rows.iter().filter(counts).collect(),
        };
        let table = Table { acl, rows: &rows, measure, days, language };
        if rows.is_empty() {
            let nothing = if language == Language::Ja { "なし" } else { "nothing" };
            let _ = writeln!(out, "{INDENT}{}: {nothing}", table.word());
            continue;
        }
        out.push_str(&table.totals());
        if days.count() > 1 {
            out.push('\n');
            out.push_str(&table.by_day());
        }
        if measure == Measure::Blocked {
            out.push('\n');
        }
    }
    out
}

struct Table<'a> {
    acl: &'a WebAclDigest,
    rows: &'a [&'a Row],
    measure: Measure,
    days: Days,
    language: Language,
}

impl Table<'_> {
    fn word(&self) -> &'static str {
        match (self.language, self.measure) {
            (Language::En, Measure::Blocked) => "blocked",
            (Language::En, Measure::Counted) => "counted",
            (Language::Ja, Measure::Blocked) => "遮断",
            (Language::Ja, Measure::Counted) => "カウント",
        }
    }

    /// A bar for each rule; of a single day with the change to the day before.
    fn totals(&self) -> String {
        let [rule, change, in_all] = self.words();
        let changes = |change: Change| match self.days.count() {
            1 => change.in_words(self.language).unwrap_or_default(),
            _ => String::new(),
        };
        let heading = if self.days.count() == 1 { change } else { "" };
        let mut lines = vec![[rule.to_owned(), self.word().to_owned(), heading.to_owned()]];
        for row in self.rows {
            let change = changes(row.change(self.measure, 1));
            lines.push([self.name(row), grouped(row.total(self.measure)), change]);
        }
        let (total, change) = (self.acl.total(self.measure), self.acl.change(self.measure, 1));
        lines.push([in_all.to_owned(), grouped(total), changes(change)]);

        let [_, numbers, changes] = [0, 1, 2].map(|at| widest(lines.iter().map(|line| &line[at])));
        let gaps = 2 + if changes == 0 { 0 } else { 2 };
        let room = WIDTH.saturating_sub(INDENT.len() + numbers + changes + gaps + 2 + BAR.0);
        let names = widest(lines.iter().map(|line| &line[0])).min(room.max(LEAST_NAME));
        let bars = (room + BAR.0).saturating_sub(names).clamp(BAR.0, BAR.1);
        let most = self.rows.iter().map(|row| row.total(self.measure)).max().unwrap_or(0);
        let last = lines.len() - 1;
        let mut out = String::new();
        for (at, [name, number, change]) in lines.iter().enumerate() {
            let mut line = format!("{}{}  {}", INDENT, left(name, names), right(number, numbers));
            if changes > 0 {
                let _ = write!(line, "  {}", right(change, changes));
            }
            if let Some(row) = at.checked_sub(1).and_then(|at| self.rows.get(at)) {
                let _ = write!(line, "  {}", bar(row.total(self.measure), most, bars));
            }
            push(&mut out, &line, at, last);
        }
        out
    }

    /// A column for each day, and the change of all rules together; as many below each other as do
    /// not fit beside each other.
    fn by_day(&self) -> String {
        let [rule, change, in_all] = self.words();
        let mut lines: Vec<(String, Vec<String>)> = Vec::new();
        let dates = self.days.dates().map(|date| date.strftime("%m-%d").to_string());
        lines.push((rule.to_owned(), dates.collect()));
        let days = 1..=self.days.count();
        for row in self.rows {
            let counts = days.clone().map(|day| grouped(row.change(self.measure, day).now));
            lines.push((self.name(row), counts.collect()));
        }
        let all: Vec<Change> = days.map(|day| self.acl.change(self.measure, day)).collect();
        let totals = all.iter().map(|change| grouped(change.now)).collect();
        lines.push((in_all.to_owned(), totals));
        let changes = all.iter().map(|change| self.short(*change)).collect();
        lines.push((change.to_owned(), changes));

        let cells = widest(lines.iter().flat_map(|(_, cells)| cells)) + 2;
        let room = WIDTH - INDENT.len();
        let names = widest(lines.iter().map(|(name, _)| name));
        let beside = room.saturating_sub(cells.saturating_mul(self.days.count()));
        let names = names.min(beside.max(LEAST_NAME));
        let columns = (room.saturating_sub(names) / cells).max(1);
        let last = lines.len() - 2;
        let mut out = String::new();
        for first in (0..self.days.count()).step_by(columns) {
            if first > 0 {
                out.push('\n');
            }
            for (at, (name, row)) in lines.iter().enumerate() {
                let mut line = format!("{INDENT}{}", left(name, names));
                for cell in row.iter().skip(first).take(columns) {
                    line.push_str(&right(cell, cells));
                }
                push(&mut out, &line, at, last);
            }
        }
        out
    }

    /// A change in few letters.
    fn short(&self, change: Change) -> String {
        match (change.percent_in_words(), self.language) {
            (Some(percent), _) => percent,
            (None, Language::En) if change.is_new() => "new".to_owned(),
            (None, Language::Ja) if change.is_new() => "新規".to_owned(),
            (None, _) => String::new(),
        }
    }

    /// Rule, change and in all.
    fn words(&self) -> [&'static str; 3] {
        match self.language {
            Language::En => ["rule", "change", "in all"],
            Language::Ja => ["ルール", "前日比", "合計"],
        }
    }

    fn name(&self, row: &Row) -> String {
        print::line(row.who.label(self.language))
    }
}

/// Puts a line below the others: the first is a heading, and what comes from `last` on sums up.
fn push(out: &mut String, line: &str, at: usize, last: usize) {
    let line = line.trim_end();
    let line = match at {
        0 => paint(DIM, line),
        at if at >= last => paint(BOLD, line),
        _ => line.to_owned(),
    };
    out.push_str(&line);
    out.push('\n');
}

fn widest<'a>(cells: impl Iterator<Item = &'a String>) -> usize {
    cells.map(|cell| cell.width()).max().unwrap_or(0)
}

/// Text at the left of so many columns, with `…` where it was cut.
fn left(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut used = 0;
    if text.width() <= width {
        out.push_str(text);
        used = text.width();
    } else {
        for c in text.chars() {
            let more = c.width().unwrap_or(0);
            if used + more + 1 > width {
                break;
            }
            out.push(c);
            used += more;
        }
        out.push('…');
        used += 1;
    }
    out.push_str(&" ".repeat(width.saturating_sub(used)));
    out
}

fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// A bar in eighths of a column. Whatever is not nothing can be seen.
fn bar(count: u64, most: u64, width: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = u128::from(count) * (width as u128 * 8);
    let eighths = eighths.checked_div(u128::from(most)).unwrap_or(0);
    let eighths = usize::try_from(eighths).unwrap_or(0).max(usize::from(count > 0));
    format!("{}{}", "█".repeat(eighths / 8), PARTS.get(eighths % 8).unwrap_or(&""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_in_proportion_and_never_nothing() {
        for (count, most, expected) in [
            (0, 0, ""),
            (0, 5, ""),
            (1, 1_000_000, "▏"),
            (5, 5, "████"),
            (4, 8, "██"),
            (1, 32, "▏"),
            (9, 32, "█▏"),
            (15, 32, "█▉"),
            (u64::MAX, u64::MAX, "████"),
        ] {
            assert_eq!(bar(count, most, 4), expected, "{count} of {most}");
        }
    }

    #[test]
    fn names_are_cut_by_their_width() {
        for (text, width, expected) in [
            ("abc", 3, "abc"),
            ("abc", 5, "abc  "),
            ("abcd", 3, "ab…"),
            ("遮断", 4, "遮断"),
            ("遮断ルール", 6, "遮断… "),
            ("遮断ルール", 7, "遮断ル…"),
            ("e\u{301}abc", 3, "e\u{301}a…"),
            ("", 2, "  "),
        ] {
            assert_eq!(left(text, width), expected);
        }
        assert_eq!((right("遮断", 6), right("abc", 2)), ("  遮断".to_owned(), "abc".to_owned()));
    }
}
