//! Bars: numbers side by side, and their drawing.

use super::report::Traffic;
use std::fmt::Write as _;

/// The mails of each day, or of as many days together as make no more bars than wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    /// The mails, with the days without any, from the first day to the last.
    pub mails: Vec<u64>,
    /// What each bar begins with, such as `2026-10-05`.
    pub days: Vec<String>,
    /// How many days each bar stands for.
    pub each: u64,
}

const EPOCH: jiff::civil::Date = jiff::civil::Date::constant(1970, 1, 1);

impl Traffic {
    /// The mails of each day as no more than so many bars.
    ///
    /// ```
    /// # use notify_core::replay::{Day, Traffic};
    /// let day = |day: &str, mails| Day { day: day.to_owned(), mails };
    /// let days = vec![day("2026-02-27", 5), day("2026-03-01", 7)];
    /// let traffic = Traffic { days, ..Traffic::default() };
    /// assert_eq!(traffic.bars(60).mails, [5, 0, 7]);
    /// let coarse = traffic.bars(2);
    /// assert_eq!((coarse.mails, coarse.each), (vec![5, 7], 2));
    /// ```
    pub fn bars(&self, most: usize) -> Bars {
        let numbered = |day: &super::Day| {
            let date: jiff::civil::Date = day.day.parse().ok()?;
            Some((date.duration_since(EPOCH).as_hours() / 24, day.mails))
        };
        let days: Vec<(i64, u64)> = self.days.iter().filter_map(numbered).collect();
        let (Some(&(first, _)), Some(&(last, _))) = (days.first(), days.last()) else {
            return Bars { mails: Vec::new(), days: Vec::new(), each: 1 };
        };
        let span = usize::try_from(last - first).unwrap_or_default() + 1;
        let each = span.div_ceil(most.max(1));
        let mut mails = vec![0; span.div_ceil(each)];
        for (day, count) in days {
            let at = usize::try_from(day - first).unwrap_or_default() / each;
            if let Some(mark) = mails.get_mut(at) {
                *mark += count;
            }
        }
        let named = |at: usize| {
            let day = first + i64::try_from(at * each).unwrap_or_default();
            let date = EPOCH.checked_add(jiff::Span::new().try_days(day).ok()?).ok()?;
            Some(date.to_string())
        };
        let days = (0..mails.len()).map(|at| named(at).unwrap_or_default()).collect();
        Bars { mails, days, each: each as u64 }
    }
}

/// The height of a drawing, in units of its own.
const HEIGHT: u64 = 100;

/// Draws a bar for each number. It takes the width that it is given; each bar has a title that a
/// pointer shows.
pub(super) fn svg(label: &str, mails: &[u64], title: impl Fn(usize, u64) -> String) -> String {
    let most = mails.iter().copied().max().unwrap_or_default().max(1);
    let width = mails.len().max(1) * 10;
    let mut out = format!(
        "<svg viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{label}\">"
    );
    for (at, count) in mails.iter().enumerate() {
        let height = u128::from(*count) * u128::from(HEIGHT);
        let height = u64::try_from(height.div_ceil(u128::from(most))).unwrap_or(HEIGHT);
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "<g><title>{}</title><rect class=\"back\" x=\"{x}\" y=\"0\" width=\"10\" height=\"{HEIGHT}\"/>\
             <rect class=\"bar\" x=\"{bar}\" y=\"{y}\" width=\"8\" height=\"{height}\"/></g>",
            title(at, *count),
            x = at * 10,
            bar = at * 10 + 1,
            y = HEIGHT - height.min(HEIGHT),
        );
    }
    out + "</svg>"
}
