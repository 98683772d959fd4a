//! What putting a rule set together costs: the time up to the first verdict, and the most memory
//! that it took. Each is measured in a process of its own, whose memory nothing has touched before.

use crate::Failure;
use crate::clock::timed;
use crate::data::{read_events, read_rules};
use crate::engines::{self, Counts, count_ours, count_rival};
use memchr::{memchr, memrchr};
use notify_core::pattern::Validation;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How many bytes of events are matched, too: some is built only when it is needed.
const FIRST_EVENTS: u64 = 1 << 20;

/// Whose set is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    Ours,
    Rival,
}

/// The costs of a set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Built {
    pub(crate) time: Duration,
    /// `None` where the system does not tell.
    pub(crate) kibibytes: Option<u64>,
}

/// Measures it in a process of its own.
pub(crate) fn built(engine: Engine, events: &Path, rules: &Path) -> Result<Built, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("build").arg("--events").arg(events).arg("--rules").arg(rules).arg("--engine");
    command.arg(match engine {
        Engine::Ours => "ours",
        Engine::Rival => "rival",
    });
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let mut words = said.split_whitespace();
    let nanos = words.next().and_then(|word| word.parse().ok());
    let nanos = nanos.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let kibibytes = words.next().and_then(|word| word.parse().ok());
    Ok(Built { time: Duration::from_nanos(nanos), kibibytes })
}

/// Builds a set, and says the nanoseconds up to its first verdict, and the kibibytes.
pub(crate) fn build(engine: Engine, events: &Path, rules: &Path) -> Result<String, Failure> {
    let rules = read_rules(rules)?;
    let mut events = read_events(events, 0, Some(FIRST_EVENTS))?;
    // A line that was cut off ends before the line end that reading adds.
    let whole = memrchr(b'\n', events.strip_suffix(b"\n").unwrap_or_default());
    events.truncate(whole.map_or(events.len(), |end| end + 1));
    let before = memory("VmRSS:");
    let time = match engine {
        Engine::Ours => cost(
            &events,
            || engines::ours(&rules),
            |set, events| count_ours(set, rules.len(), Validation::Needed, events),
        ),
        Engine::Rival => cost(
            &events,
            || Ok(engines::rival(&rules)),
            |rival, events| count_rival(rival, rules.len(), events),
        ),
    }?;
    let kibibytes = before.zip(memory("VmHWM:")).map(|(before, most)| most.saturating_sub(before));
    let kibibytes = kibibytes.map_or_else(|| "-".to_owned(), |k| k.to_string());
    Ok(format!("{} {kibibytes}", time.as_nanos()))
}

fn cost<T>(
    events: &[u8],
    build: impl FnOnce() -> Result<T, Failure>,
    count: impl Fn(&T, &[u8]) -> Result<Counts, Failure>,
) -> Result<Duration, Failure> {
    let first = memchr(b'\n', events).map_or(events.len(), |end| end + 1);
    let (time, set) = timed(|| {
        let set = build()?;
        count(&set, &events[..first])?;
        Ok::<_, Failure>(set)
    });
    count(&set?, events)?;
    Ok(time)
}

/// A figure of this process.
fn memory(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
