//! Tells how far long work has come: a bar on a terminal, plain lines elsewhere.

use crate::print;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Work with fewer steps is over before anybody wonders.
const LONG: usize = 20;

/// Where nobody watches a bar, a line is due when a tenth is done, or after so long.
const A_LINE: Duration = Duration::from_secs(10);

/// How far work has come, and how long the rest will take.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    lines: Lines,
}

/// When which line is due.
#[derive(Debug)]
struct Lines {
    of: usize,
    done: usize,
    /// How many were done at the last line, and when.
    last: (usize, Instant),
}

impl Progress {
    pub(crate) fn new(of: usize) -> Self {
        let bar = (std::io::stderr().is_terminal() && of >= LONG).then(|| {
            let target = ProgressDrawTarget::stderr();
            let bar = ProgressBar::with_draw_target(Some(of as u64), target);
            // The template is a constant; the default stands in if it were wrong.
            let style = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} to go");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, lines: Lines { of, done: 0, last: (0, Instant::now()) } }
    }

    /// One more step is done.
    pub(crate) fn step(&mut self) {
        let line = self.lines.step(Instant::now());
        match (&self.bar, line) {
            (Some(bar), _) => bar.inc(1),
            (None, Some(line)) => print::err(&line),
            (None, None) => {}
        }
    }
}

impl Lines {
    /// What is to be said once one more step is done.
    ///
    /// The time left is by the pace since the last line: it is another before and after AWS begins
    /// to throttle.
    fn step(&mut self, now: Instant) -> Option<String> {
        self.done += 1;
        let Self { of, done, last: (before, then) } = *self;
        let since = now.saturating_duration_since(then);
        let tenth = |done: usize| (done * 10).checked_div(of);
        if of < LONG || (tenth(done) == tenth(before) && since < A_LINE) {
            return None;
        }
        self.last = (done, now);
        let left = of.saturating_sub(done);
        let steps = u32::try_from(done - before).unwrap_or(u32::MAX).max(1);
        let left = (since / steps).saturating_mul(u32::try_from(left).unwrap_or(u32::MAX));
        Some(match left.as_secs() {
            0 => format!("{done} of {of}"),
            seconds @ 1..90 => format!("{done} of {of}, about {seconds} s to go"),
            seconds => format!("{done} of {of}, about {} min to go", (seconds + 30) / 60),
        })
    }
}

/// How far reading has come: bytes, how fast, and how long it will take. Nothing is said where
/// nobody watches.
#[derive(Debug)]
pub(crate) struct Reading(Option<ProgressBar>);

impl Reading {
    /// Reads so many bytes; `None` where that is not known, as of standard input.
    pub(crate) fn new(of: Option<u64>) -> Self {
        Self(std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(of, ProgressDrawTarget::stderr());
            let template = match of {
                Some(_) => "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} to go",
                None => "{spinner} {bytes}, {bytes_per_sec}",
            };
            let style = ProgressStyle::with_template(template);
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        }))
    }

    /// So many bytes were read.
    pub(crate) fn at(&self, bytes: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(bytes);
        }
    }

    /// There is nothing more to show.
    pub(crate) fn over(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Waiting for somebody: one line that stays, with the time left; plain lines elsewhere, a new one
/// where something has changed or a minute has gone.
#[derive(Debug)]
pub(crate) struct Waiting {
    spinner: Option<ProgressBar>,
    said: String,
    last: Instant,
}

impl Waiting {
    const A_LINE_EVERY: Duration = Duration::from_mins(1);

    pub(crate) fn new() -> Self {
        let spinner = std::io::stderr().is_terminal().then(|| {
            let target = ProgressDrawTarget::stderr();
            let spinner = ProgressBar::with_draw_target(None, target);
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            spinner.enable_steady_tick(Duration::from_millis(200));
            spinner.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        });
        Self { spinner, said: String::new(), last: Instant::now() }
    }

    /// Says what is waited for, and for how long at most.
    pub(crate) fn tell(&mut self, text: &str, left: Duration) {
        // A second that has begun is one that is left.
        let left = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        let (minutes, seconds) = (left / 60, left % 60);
        let line = format!("{text}; {minutes}m {seconds:02}s left");
        match &self.spinner {
            Some(spinner) => spinner.set_message(line),
            None if text == self.said && self.last.elapsed() < Self::A_LINE_EVERY => return,
            None => print::err(&line),
        }
        text.clone_into(&mut self.said);
        self.last = Instant::now();
    }

    /// There is nothing more to wait for.
    pub(crate) fn over(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.over();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of work whose steps end at these milliseconds.
    fn lines(of: usize, ends: impl IntoIterator<Item = u64>) -> Vec<String> {
        let start = Instant::now();
        let mut lines = Lines { of, done: 0, last: (0, start) };
        let step = |at| lines.step(start + Duration::from_millis(at));
        ends.into_iter().filter_map(step).collect()
    }

    #[test]
    fn short_work_says_nothing() {
        assert!(lines(19, (0..19).map(|nth| nth * 20_000)).is_empty());
    }

    #[test]
    fn a_line_at_each_tenth_tells_the_time_that_is_left() {
        let said = lines(20, (1..=20).map(|nth| nth * 1000));
        assert_eq!(said.len(), 10);
        assert_eq!(said[0], "2 of 20, about 18 s to go");
        assert_eq!(said[8], "18 of 20, about 2 s to go");
        assert_eq!(said[9], "20 of 20");
        let fast = lines(20, (1..=20).map(|nth| nth * 10));
        assert_eq!(fast.first().map(String::as_str), Some("2 of 20"));
    }

    #[test]
    fn a_long_tenth_has_more_lines_and_its_own_pace() {
        // A hundred at once, then three a second, as AWS takes alarms.
        let ends = (0..100).map(|_| 0).chain((1..=200).map(|nth| nth * 334));
        let said = lines(5000, ends);
        assert_eq!(said[0], "130 of 5000, about 6 min to go");
        assert_eq!(said[1], "160 of 5000, about 27 min to go");
        assert_eq!(said.len(), 6);
    }

    #[test]
    fn minutes_are_rounded() {
        for (millis, said) in [
            (999, "10 of 20"),
            (1000, "10 of 20, about 1 s to go"),
            (89_990, "10 of 20, about 89 s to go"),
            (90_000, "10 of 20, about 2 min to go"),
            (149_990, "10 of 20, about 2 min to go"),
            (150_000, "10 of 20, about 3 min to go"),
        ] {
            let (start, step) = (Instant::now(), Duration::from_millis(millis) / 10);
            let mut lines = Lines { of: 20, done: 9, last: (9, start) };
            assert_eq!(lines.step(start + step).as_deref(), Some(said), "{millis}");
        }
    }
}
