//! Measures how fast many events are matched against many rules, beside the quamina crate:
//! `cargo xtask bench replay` builds it for speed and runs it.
//!
//! All is done with data in memory that was generated from a seed, or made by others.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for developers")]

mod agree;
mod built;
mod clock;
mod data;
mod engines;
mod events;
mod measure;
mod random;
mod report;
mod rules;
mod side;
mod template;
#[cfg(test)]
mod tests;
mod words;

use built::Engine;
use clap::{Parser, Subcommand};
use data::Data;
use report::{Circumstances, Row, Size};
use rules::{SIZES, Sort};
use std::path::PathBuf;
use std::process::ExitCode;

/// What went wrong, for a developer to read.
type Failure = Box<dyn std::error::Error>;

/// Measures how fast events are matched, beside the quamina crate.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench replay", bin_name = "cargo xtask bench replay")]
#[command(args_conflicts_with_subcommands = true)]
struct Args {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    measured: Measured,
}

#[derive(Debug, clap::Args)]
struct Measured {
    /// How many events are generated.
    #[arg(long, default_value_t = 200_000)]
    events: usize,
    /// What they are generated from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Events of another generator, one a line.
    #[arg(long, value_name = "FILE", requires = "rules_dir")]
    events_file: Option<PathBuf>,
    /// Its rule sets: `rules_{exact,mixed}_{5,50,500,5000}.ndjson`, a pattern a line.
    #[arg(long, value_name = "FOLDER", requires = "events_file")]
    rules_dir: Option<PathBuf>,
    /// Only these sizes.
    #[arg(long, value_delimiter = ',', default_values_t = SIZES)]
    rules: Vec<usize>,
    /// How often each is measured; the best time counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Fails where it is slower than promised.
    #[arg(long)]
    check: bool,
    /// Generates, and measures nothing.
    #[arg(long, conflicts_with_all = ["events_file", "check"])]
    generate: bool,
    /// Where generated files go.
    #[arg(long, value_name = "FOLDER", default_value = "target/bench/replay")]
    data: PathBuf,
}

/// What runs in a process of its own.
#[derive(Debug, Subcommand)]
enum Part {
    #[command(hide = true)]
    Half {
        #[arg(long)]
        events: PathBuf,
        #[arg(long)]
        rules: PathBuf,
        #[arg(long)]
        from: u64,
        #[arg(long)]
        to: Option<u64>,
    },
    #[command(hide = true)]
    Build {
        #[arg(long)]
        events: PathBuf,
        #[arg(long)]
        rules: PathBuf,
        #[arg(long)]
        engine: Engine,
    },
}

fn main() -> ExitCode {
    let Args { part, measured } = Args::parse();
    let done = match part {
        None => measure(&measured),
        Some(Part::Half { events, rules, from, to }) => {
            let say = |line: &str| println!("{line}");
            side::half(&events, (from, to), &rules, std::io::stdin(), say)
        }
        Some(Part::Build { events, rules, engine }) => {
            built::build(engine, &events, &rules).map(|line| println!("{line}"))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Measured) -> Result<(), Failure> {
    let data = match (&args.events_file, &args.rules_dir) {
        (Some(events), Some(rules)) => Data::of(events, rules),
        _ => Data::generate(&args.data, args.seed, args.events)?,
    };
    if args.generate {
        println!("{}", data.events.display());
        return Ok(());
    }
    let events = data::read_events(&data.events, 0, None)?;
    let size = Size { bytes: events.len(), events: engines::lines(&events).count() };
    let circumstances = Circumstances {
        date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        machine: machine(),
        rounds: args.rounds,
        size,
    };
    let scans = measure::scans(&events, args.rounds);
    let mut rows = Vec::new();
    for sort in Sort::ALL {
        for &rules in &args.rules {
            let file = data.rules(sort, rules);
            rows.push(Row {
                sort,
                rules,
                matching: measure::matching(&data::read_rules(&file)?, &events, args.rounds)?,
                sides: side::sides(&data.events, &events, &file, args.rounds)?,
                ours: built::built(Engine::Ours, &data.events, &file)?,
                rival: built::built(Engine::Rival, &data.events, &file)?,
            });
            eprintln!("{sort}, {rules} rules: done");
        }
    }
    print!("{}", report::report(&circumstances, &scans, &rows));
    let differences = rows.iter().flat_map(|row| &row.matching.agreement.differences);
    let missed = if args.check { report::missed(&rows) } else { Vec::new() };
    let wrong: Vec<&str> = differences.chain(&missed).map(String::as_str).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, model)| model);
    format!("{cores} cores ({model})")
}
