//! One thread: ours, ours with every byte validated, and the rival, in turns.

use crate::Failure;
use crate::agree::{Agreement, agree};
use crate::clock::timed;
use crate::engines::{self, Counts, count_ours, count_rival, lines};
use notify_core::pattern::Validation;
use serde::de::IgnoredAny;
use std::hint::black_box;
use std::time::Duration;

/// The figures of one rule set.
#[derive(Debug)]
pub(crate) struct Matching {
    pub(crate) needed: Duration,
    pub(crate) full: Duration,
    pub(crate) rival: Duration,
    /// Matches of all rules.
    pub(crate) matches: u64,
    pub(crate) agreement: Agreement,
}

/// Matches a rule set several times, and takes the best time of each.
pub(crate) fn matching(
    rules: &[String],
    events: &[u8],
    rounds: usize,
) -> Result<Matching, Failure> {
    let set = engines::ours(rules)?;
    let rival = engines::rival(rules);
    let mut best = [Duration::MAX; 3];
    let mut counts: [Counts; 3] = Default::default();
    for _ in 0..rounds.max(1) {
        let count = rules.len();
        let round = [
            timed(|| count_ours(&set, count, Validation::Needed, events)),
            timed(|| count_ours(&set, count, Validation::Full, events)),
            timed(|| count_rival(&rival, count, events)),
        ];
        for ((best, counts), (time, result)) in best.iter_mut().zip(&mut counts).zip(round) {
            *best = time.min(*best);
            *counts = result?;
        }
    }
    let [needed, full, rival_time] = best;
    let [ours, strict, theirs] = &counts;
    let mut agreement = agree(rules, &rival.refused, ours, theirs);
    if ours != strict {
        agreement.differences.push("ours differs from itself with every byte validated".to_owned());
    }
    let matches = ours.iter().sum();
    Ok(Matching { needed, full, rival: rival_time, matches, agreement })
}

/// How long it takes to look at the same lines without matching anything.
pub(crate) fn scans(events: &[u8], rounds: usize) -> [(&'static str, Duration); 3] {
    let split = |line: &[u8]| line.len();
    let utf8 = |line: &[u8]| std::str::from_utf8(line).map_or(0, str::len);
    let json = |line: &[u8]| usize::from(serde_json::from_slice::<IgnoredAny>(line).is_ok());
    [
        ("lines, memchr", scan(events, rounds, split)),
        ("UTF-8, std", scan(events, rounds, utf8)),
        ("JSON, serde_json `IgnoredAny`", scan(events, rounds, json)),
    ]
}

fn scan(events: &[u8], rounds: usize, look: impl Fn(&[u8]) -> usize) -> Duration {
    let once = |_| timed(|| lines(events).fold(0, |sum: usize, line| sum ^ black_box(look(line))));
    let times = (0..rounds.max(1)).map(once).map(|(time, sum)| {
        black_box(sum);
        time
    });
    times.min().unwrap_or_default()
}
