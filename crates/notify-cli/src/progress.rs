//! Tells how far long work has come: a bar on a terminal, plain lines elsewhere.

use crate::print;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

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

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
