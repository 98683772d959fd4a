//! `replay`: past events against the file.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, ERROR, Failure, INTERRUPTED};
use crate::files::{self, Files, is_stdin};
use crate::progress::Reading;
use crate::spec_file::{self, show_path};
use crate::{input, print, show};
use jiff::Timestamp;
use notify_core::feed::{Batch, Feed, Progress, Source, in_order};
use notify_core::mail::grouped;
use notify_core::replay::{Options, Replay, Report, Tally};
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    /// Writes a page with plots, too: one file that loads nothing
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Reads every byte as JSON; otherwise what no pattern asks for may be broken unseen
    #[arg(long)]
    strict: bool,
    /// Works in so many threads [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Only events from this time or day (in UTC) on, such as 2026-09-01T05:00:00Z
    #[arg(long, value_name = "TIME", value_parser = input::time_or_day)]
    since: Option<Timestamp>,
    /// Only events before this time or day
    #[arg(long, value_name = "TIME", value_parser = input::time_or_day)]
    until: Option<Timestamp>,
    /// Takes the events of all regions: they are forwarded to where the rules are
    #[arg(long)]
    any_region: bool,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let file = spec_file::read(global.config.as_deref())?;
    let spec_path = file.path.clone();
    let (spec, _) = file.checked()?;
    if let (Some(since), Some(until)) = (args.since, args.until)
        && since >= until
    {
        return Err(Failure::new("--since is not before --until", "swap them"));
    }
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
    if let Some(page) = &args.html {
        check_page(page, &files, &spec_path)?;
    }
    for failure in &files.failures {
        super::say(failure, global.verbose);
    }
    let failed = !files.failures.is_empty();
    for path in &files.twice {
        print::err(&format!("{} is named twice, and read once", show_path(path)));
    }
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok());
    let (progress, bytes) = (Progress::default(), files::bytes(&files.paths));
    let seen = Mutex::new(Seen { tally: replay.tally(), bar: Reading::new(bytes), is_over: false });
    let ending = Ending {
        page: args.html.as_deref(),
        json: global.json,
        failed,
        has_files: !files.paths.is_empty(),
    };
    let interrupted = || ending.interrupted(&seen);
    watched(interrupted, || {
        let feed = Feed::new(files.paths.iter().map(|path| open(path)), progress.clone());
        let work = || {
            let mut worker = replay.worker();
            move |batch: Batch| worker.batch(&batch)
        };
        let threads = threads.unwrap_or(NonZeroUsize::MIN);
        let _ = in_order(feed, threads, work, |found| {
            let mut seen = lock(&seen);
            seen.tally.add(found);
            seen.bar.at(progress.bytes());
            ControlFlow::<()>::Continue(())
        });
        let mut seen = lock(&seen);
        seen.is_over = true;
        seen.bar.over();
        ending.write(&seen.tally.report())
    })
}

/// What was seen so far.
struct Seen<'r> {
    tally: Tally<'r>,
    bar: Reading,
    is_over: bool,
}

fn lock<'s, 'r>(seen: &'s Mutex<Seen<'r>>) -> MutexGuard<'s, Seen<'r>> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open(path: &Path) -> Source {
    let name = path.display().to_string();
    if is_stdin(path) {
        return Source::new(&name, Ok(io::stdin()));
    }
    Source::new(&name, std::fs::File::open(path))
}

/// Does work, and calls something else when somebody presses Ctrl-C meanwhile: standard input may
/// have no end, so nothing that is under way is waited for.
fn watched<T>(interrupted: impl FnOnce() + Send, work: impl FnOnce() -> T) -> T {
    let (done, over) = tokio::sync::oneshot::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            // Without a runtime, Ctrl-C ends the program as it ends any.
            let Ok(runtime) = runtime else { return };
            let pressed = runtime.block_on(async {
                tokio::select! {
                    pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
                    _ = over => false,
                }
            });
            if pressed {
                interrupted();
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// How the command ends.
#[derive(Debug, Clone, Copy)]
struct Ending<'a> {
    page: Option<&'a Path>,
    json: bool,
    /// Whether something could not be looked into.
    failed: bool,
    /// Whether there is a file at all.
    has_files: bool,
}

impl Ending<'_> {
    fn write(&self, report: &Report) -> Ended {
        let documents = &report.documents;
        if self.json {
            let document = show::replay::document(report)
                .map_err(|error| Failure::from_error("the report cannot be written", &error))?;
            print::out(&print::json(&document));
        }
        let is_nothing = documents.events + documents.without_event == 0;
        // An export can be whole and hold nothing.
        if is_nothing && report.complete && (documents.bad > 0 || !self.has_files) {
            return Err(self.nothing_read(report));
        }
        if !self.json {
            print::out(&show::replay::human(report));
        }
        if let Some(path) = self.page {
            write_page(path, &report.to_html())?;
        }
        if documents.unreadable > 0 {
            let text = format!(
                "error: {} could not be opened, or not be read to the end",
                counted_files(documents.unreadable)
            );
            print::err(&text);
        }
        let failed = self.failed || documents.unreadable > 0;
        Ok(if failed { ERROR } else { DONE })
    }

    fn nothing_read(&self, report: &Report) -> Failure {
        let mut failure = Failure::new(
            "nothing in there can be read as an event",
            "give EventBridge events (one a line, or in an array), CloudTrail log files, or what \
             `aws configservice get-compliance-details-by-config-rule` or `get-resource-config-history` \
             prints; plain, gzip or zstd",
        );
        let first = report.documents.first_bad.iter();
        failure.causes = first.map(|bad| format!("{}: {}", bad.place(), bad.message)).collect();
        // What could not be looked into was said before.
        if failure.causes.is_empty() && !self.failed {
            failure.causes.push("there is no file in what was named".to_owned());
        }
        failure
    }

    /// Writes what was seen so far, and ends the program.
    fn interrupted(&self, seen: &Mutex<Seen<'_>>) {
        let seen = lock(seen);
        if seen.is_over {
            return;
        }
        seen.bar.over();
        let report = Report { complete: false, ..seen.tally.report() };
        if let Err(failure) = self.write(&report) {
            super::say(&failure, false);
        }
        std::process::exit(i32::from(INTERRUPTED));
    }
}

fn counted_files(count: u64) -> String {
    if count == 1 { "a file".to_owned() } else { format!("{} files", grouped(count)) }
}

/// Refuses, before anything is read, what a page could not be written to.
fn check_page(page: &Path, files: &Files, spec: &Path) -> Result<(), Failure> {
    if is_stdin(page) {
        return Err(Failure::new("--html writes a file, and `-` is none", "name a file"));
    }
    if page.is_dir() || !folder_of(page).is_dir() {
        let why = if page.is_dir() { "it is a folder" } else { "its folder does not exist" };
        return Err(Failure::new(
            format!("{} cannot be written: {why}", show_path(page)),
            "name a file in a folder that exists; nothing was read",
        ));
    }
    let Ok(real) = page.canonicalize() else { return Ok(()) };
    let is_page = |path: &Path| path.canonicalize().is_ok_and(|path| path == real);
    if files.paths.iter().map(PathBuf::as_path).chain([spec]).any(is_page) {
        return Err(Failure::new(
            format!("{} is read, and --html would write over it", show_path(page)),
            "name another file; nothing was written",
        ));
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a page in one step, so that no half of one takes the place of another. A link stays a
/// link; a device or a pipe is written to.
fn write_page(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::from_error(format!("{} cannot be written", show_path(path)), &error)
    };
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, text).map_err(failed);
    }
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut builder = tempfile::Builder::new();
    // As of any file that a program writes; it is made for its owner alone otherwise.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder_of(&real)).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(real).map_err(|error| failed(error.error))?;
    Ok(())
}
