//! How long a program runs, and how much memory it takes.

use crate::Failure;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a running program is looked at: also the error of the wall time.
const GLANCE: Duration = Duration::from_millis(1);

/// One run of a program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// The most memory that it held, as Linux counts it; `None` elsewhere.
    pub(crate) peak: Option<u64>,
}

/// Runs a program, which must succeed.
pub(crate) fn run(command: &mut Command) -> Result<Sample, Failure> {
    run_to(command, 0)
}

/// Runs a program, which must end with a code.
pub(crate) fn run_to(command: &mut Command, code: i32) -> Result<Sample, Failure> {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let mut peak = None;
    loop {
        if let Some(status) = child.try_wait()? {
            let wall = start.elapsed();
            if status.code() != Some(code) {
                let program = command.get_program().display();
                return Err(format!("{program}: {status}").into());
            }
            return Ok(Sample { wall, peak });
        }
        // The kernel keeps the maximum, so only its growth in the last glance can be missed.
        peak = peak_of(&child).or(peak);
        thread::sleep(GLANCE);
    }
}

fn peak_of(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// The middle of several runs, each figure by itself.
pub(crate) fn median(samples: &[Sample]) -> Option<Sample> {
    let mut walls: Vec<Duration> = samples.iter().map(|sample| sample.wall).collect();
    let mut peaks: Vec<Option<u64>> = samples.iter().map(|sample| sample.peak).collect();
    walls.sort();
    peaks.sort();
    let middle = samples.len() / 2;
    Some(Sample { wall: *walls.get(middle)?, peak: *peaks.get(middle)? })
}
