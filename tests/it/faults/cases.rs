//! Runs cases side by side, and counts.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Something that holds or does not.
pub(crate) struct Case<'a> {
    /// Under which it is counted.
    pub(crate) group: &'static str,
    pub(crate) name: String,
    pub(crate) check: Box<Check<'a>>,
}

/// What is wrong, if something is.
type Check<'a> = dyn Fn(&mut Worker) -> Result<(), String> + Send + Sync + 'a;

/// Who runs cases, with what is kept between them.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) beside: crate::beside::Beside,
}

/// How many passed and failed.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let Self { passed, failed } = other;
        Self { passed: self.passed + passed, failed: self.failed + failed }
    }
}

/// Runs cases with so many workers, and prints what failed and how many passed, by group.
pub(crate) fn run(title: &str, cases: &[Case<'_>], workers: usize) -> Counts {
    let start = Instant::now();
    let next = Mutex::new(cases.iter());
    let ended = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers.min(cases.len()) {
            scope.spawn(|| {
                let mut worker = Worker { beside: crate::beside::Beside::start() };
                loop {
                    let case = next.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(case) = case else { break };
                    let begun = Instant::now();
                    let checked = catch_unwind(AssertUnwindSafe(|| (case.check)(&mut worker)));
                    let checked = checked.unwrap_or_else(|_| Err("the check panicked".to_owned()));
                    if let Err(why) = &checked {
                        println!("FAILED {} / {}\n    {}", case.group, case.name, indented(why));
                    }
                    let took = begun.elapsed();
                    let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
                    ended.push((case.group, case.name.clone(), checked.is_ok(), took));
                }
            });
        }
    });
    let ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    table(title, &ended, start.elapsed())
}

fn indented(why: &str) -> String {
    why.trim_end().replace('\n', "\n    ")
}

fn table(title: &str, ended: &[(&str, String, bool, Duration)], took: Duration) -> Counts {
    let mut groups: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut all = Counts::default();
    for (group, _, passed, _) in ended {
        for counts in [groups.entry(group).or_default(), &mut all] {
            if *passed {
                counts.passed += 1;
            } else {
                counts.failed += 1;
            }
        }
    }
    println!("\n{title}: {} cases in {:.0} s", ended.len(), took.as_secs_f64());
    for (group, Counts { passed, failed }) in groups {
        println!("  {group:<28} {passed:>5} passed {failed:>5} failed");
    }
    if let Some((group, name, _, longest)) = ended.iter().max_by_key(|(_, _, _, took)| took) {
        println!("  the longest: {:.1} s, {group} / {name}", longest.as_secs_f64());
    }
    all
}
