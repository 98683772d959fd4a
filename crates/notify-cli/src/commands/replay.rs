//! `replay`: past events against the file.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, ERROR, Failure, INTERRUPTED};
use crate::files::{Files, is_stdin};
use crate::spec_file::{self, show_path};
use crate::{input, print, show};
use jiff::Timestamp;
use notify_core::replay::{Options, Place, Replay, Report, Tally};
use std::io::{self, BufRead, BufReader, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shows what past events would have mailed: how many mails, when, about what, offline
///
/// Reads EventBridge events (one a line, or in an array), CloudTrail log files, and what AWS
/// Config exports; plain, gzip or zstd. What is no event is counted and shown.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, folders, or patterns of names; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// So many mails of each notification are shown
    #[arg(long, value_name = "N", default_value_t = 0)]
    show: usize,
    /// Writes a page with plots: one file that loads nothing
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Reads every byte as JSON; otherwise what no pattern asks for may be broken unseen
    #[arg(long)]
    strict: bool,
    /// Works in so many threads [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Only events from this time on, such as 2026-09-01T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = input::time)]
    since: Option<Timestamp>,
    /// Only events before this time
    #[arg(long, value_name = "TIME", value_parser = input::time)]
    until: Option<Timestamp>,
    /// Takes events of all regions: they are forwarded to where the rules are
    #[arg(long)]
    any_region: bool,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let (spec, _) = spec_file::read(global.config.as_deref())?.checked()?;
    let options = Options {
        only: global.region.clone(),
        any_region: args.any_region,
        strict: args.strict,
        since: args.since,
        until: args.until,
        samples: args.show,
    };
    let replay = Replay::new(&spec, options)
        .map_err(|error| Failure::from_error("the file cannot be replayed", &error))?;
    let files = Files::of(&args.files);
    let mut tally = replay.tally();
    let mut worker = replay.worker();
    let mut failed = !files.failures.is_empty();
    for path in &files.paths {
        let reader: Box<dyn Read> = if is_stdin(path) {
            Box::new(io::stdin().lock())
        } else {
            match std::fs::File::open(path) {
                Ok(file) => Box::new(file),
                Err(error) => {
                    failed = true;
                    print::err(&format!("{}: {error}", show_path(path)));
                    continue;
                }
            }
        };
        let source = path.display().to_string();
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        let mut number = 0;
        let mut batch = replay.batch();
        loop {
            line.clear();
            match reader.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    failed = true;
                    print::err(&format!("{}: {error}", show_path(path)));
                    break;
                }
            }
            number += 1;
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            worker.event(&line, Place { source: &source, line: number }, &mut batch);
        }
        tally.add(batch);
    }
    let report = tally.report();
    if global.json {
        let document = serde_json::to_value(&report)
            .map_err(|error| Failure::from_error("the report cannot be written", &error))?;
        print::out(&print::json(&document));
    } else {
        print::out(&show::replay::human(&report));
    }
    Ok(if failed { ERROR } else { DONE })
}
