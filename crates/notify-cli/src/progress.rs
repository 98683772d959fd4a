//! Tells how far long work has come: a bar on a terminal, plain lines elsewhere.

use crate::print;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Work with fewer steps is over before anybody wonders.
const LONG: usize = 20;

/// How far work has come.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    done: usize,
    of: usize,
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
        Self { bar, done: 0, of }
    }

    /// One more step is done.
    pub(crate) fn step(&mut self) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if self.of >= LONG => {
                let tenth = |done: usize| done * 10 / self.of;
                if tenth(self.done) > tenth(self.done - 1) {
                    print::err(&format!("{} of {}", self.done, self.of));
                }
            }
            None => {}
        }
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
