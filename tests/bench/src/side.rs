//! Two threads over one rule set against two processes of one thread each.
//!
//! Both kinds hold their half of the events in memory and wait for the same signal. What the
//! threads share (the set, its caches, the allocator) is what can make them slower.

use crate::Failure;
use crate::data::{read_events, read_rules};
use crate::engines::{self, count_ours};
use memchr::memchr;
use notify_core::pattern::{PatternSet, Validation};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// The wall times of two threads and of two processes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides {
    pub(crate) threads: Duration,
    pub(crate) processes: Duration,
}

/// How long rounds go on beyond those asked for, and up to how many times as many: wall times
/// suffer from whatever else runs, and a round of few events is over in a moment.
const PATIENCE: (Duration, usize) = (Duration::from_secs(8), 10);

/// Runs both in turns, and takes the best time of each.
pub(crate) fn sides(
    file: &Path,
    events: &[u8],
    rules: &Path,
    rounds: usize,
) -> Result<Sides, Failure> {
    let middle = events.len() / 2;
    let middle = middle + memchr(b'\n', &events[middle..]).map_or(0, |end| end + 1);
    let texts = read_rules(rules)?;
    let set = engines::ours(&texts)?;
    let mut processes = Processes::start(file, middle, rules)?;
    let mut best = Sides { threads: Duration::MAX, processes: Duration::MAX };
    let start = Instant::now();
    let rounds = rounds.max(1);
    for round in 0..rounds * PATIENCE.1 {
        if round >= rounds && start.elapsed() > PATIENCE.0 {
            break;
        }
        best.processes = processes.run()?.min(best.processes);
        let halves = [&events[..middle], &events[middle..]];
        best.threads = run_threads(&set, texts.len(), halves)?.min(best.threads);
    }
    processes.end()?;
    Ok(best)
}

fn run_threads(set: &PatternSet, rules: usize, halves: [&[u8]; 2]) -> Result<Duration, Failure> {
    let [ready, go] = &[Barrier::new(3), Barrier::new(3)];
    std::thread::scope(|scope| {
        let threads = halves.map(|half| {
            scope.spawn(move || {
                ready.wait();
                go.wait();
                let counts = count_ours(set, rules, Validation::Needed, half);
                counts.map(drop).map_err(|error| error.to_string())
            })
        });
        ready.wait();
        let start = Instant::now(); // before they can go, as with the processes
        go.wait();
        for thread in threads {
            thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok(start.elapsed())
    })
}

/// This program, twice, each with half of the events.
#[derive(Debug)]
struct Processes([(Child, BufReader<ChildStdout>); 2]);

impl Processes {
    fn start(file: &Path, middle: usize, rules: &Path) -> Result<Self, Failure> {
        let start = |from: usize, to: Option<usize>| -> Result<_, Failure> {
            let mut command = Command::new(std::env::current_exe()?);
            command.arg("half").arg("--events").arg(file).arg("--rules").arg(rules);
            command.args(["--from", &from.to_string()]);
            if let Some(to) = to {
                command.args(["--to", &to.to_string()]);
            }
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let out = child.stdout.take().ok_or("no output of a process")?;
            Ok((child, BufReader::new(out)))
        };
        let mut processes = Self([start(0, Some(middle))?, start(middle, None)?]);
        processes.wait()?;
        Ok(processes)
    }

    fn run(&mut self) -> Result<Duration, Failure> {
        let start = Instant::now();
        for (child, _) in &mut self.0 {
            child.stdin.as_mut().ok_or("no input of a process")?.write_all(b"go\n")?;
        }
        self.wait()?;
        Ok(start.elapsed())
    }

    /// Until both have said that they are ready.
    fn wait(&mut self) -> Result<(), Failure> {
        for (_, out) in &mut self.0 {
            let mut line = String::new();
            out.read_line(&mut line)?;
            if line != "ready\n" {
                return Err("a process ended early".into());
            }
        }
        Ok(())
    }

    fn end(self) -> Result<(), Failure> {
        for (mut child, _) in self.0 {
            drop(child.stdin.take());
            child.wait()?;
        }
        Ok(())
    }
}

/// One of the two processes: matches its events once for each line of its input.
pub(crate) fn half(
    events: &Path,
    range: (u64, Option<u64>),
    rules: &Path,
    input: impl Read,
    say: impl Fn(&str),
) -> Result<(), Failure> {
    let events = read_events(events, range.0, range.1)?;
    let rules = read_rules(rules)?;
    let set = engines::ours(&rules)?;
    say("ready");
    for line in BufReader::new(input).lines() {
        line?;
        count_ours(&set, rules.len(), Validation::Needed, &events)?;
        say("ready");
    }
    Ok(())
}
