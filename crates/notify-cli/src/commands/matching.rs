//! `match`: one pattern against one event, offline.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, Failure, NO_MATCH};
use crate::spec_file::show_path;
use crate::{cases, input, print, show};
use notify_core::pattern::{EventError, Pattern};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Whether an event pattern matches an event, as EventBridge decides it
///
/// Prints `true` (exit 0) or `false` (exit 3). An invalid pattern is an error with AWS's text.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The pattern, or a rule as `aws events describe-rule` prints it; `-` is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "cases")]
    pattern: Option<PathBuf>,
    /// The event, one JSON object; `-` is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "cases")]
    event: Option<PathBuf>,
    /// Shows what each field of the pattern asked for and what was there
    #[arg(long)]
    explain: bool,
    /// Lines of {"pattern": TEXT, "event": TEXT}: prints `true`, `false` or `invalid: TEXT` for each
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pattern", "event", "explain"])]
    cases: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    if let Some(path) = &args.cases {
        return cases::run(path, |line| print::line(&answer(line)));
    }
    let (Some(pattern_path), Some(event_path)) = (&args.pattern, &args.event) else {
        return Err(Failure::new("a file is missing", "name it with --pattern and --event"));
    };
    input::only_one_from_stdin([pattern_path, event_path])?;
    let pattern = pattern(pattern_path)?;
    let event = input::read_bytes(event_path)?;
    let broken = |error: EventError| broken_event(event_path, &error);
    let matches = if global.json || args.explain {
        let explanation = pattern.explain(&event).map_err(broken)?;
        if global.json {
            print::out(&print::json(&show::json::explanation(&explanation)));
        } else {
            print::out(&explanation.matches.to_string());
            for line in show::explanation::human(&explanation) {
                print::out(&line);
            }
        }
        explanation.matches
    } else {
        let matches = pattern.matches(&event).map_err(broken)?;
        print::out(&matches.to_string());
        matches
    };
    Ok(if matches { DONE } else { NO_MATCH })
}

/// The pattern in a file, or that of the rule in it.
fn pattern(path: &Path) -> Result<Pattern, Failure> {
    let text = String::from_utf8(input::read_bytes(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let place = show_path(path);
        Failure::new(format!("{place}:{line}: this is not UTF-8"), "save the file as UTF-8")
    })?;
    let rule = serde_json::from_str::<Rule>(&text).ok();
    let (text, within) = match rule {
        Some(rule) => (rule.pattern, "EventPattern of the rule in "),
        None => (text, ""),
    };
    let pattern = Pattern::parse(&text).map_err(|error| {
        let place = match error.place() {
            Some((line, column)) => format!("line {line}, column {column} of "),
            None => String::new(),
        };
        Failure::new(error.service_text(), format!("look at {place}{within}{}", show_path(path)))
    })?;
    for limit in pattern.limits() {
        let verb = if limit.is_fatal() { "refuses" } else { "may refuse" };
        print::err(&format!("warning: EventBridge {verb} it: {}", print::line(&limit.to_string())));
    }
    Ok(pattern)
}

/// What `aws events describe-rule` prints. No pattern has a bare string at its top.
#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "EventPattern")]
    pattern: String,
}

fn broken_event(path: &Path, error: &EventError) -> Failure {
    let path = show_path(path);
    match error.place() {
        Some((line, column)) => Failure::new(
            format!("{path}:{line}:{column}: {}", error.message()),
            "the file must hold one event, a JSON object",
        ),
        None => Failure::new(
            format!("{path}: {}", error.message()),
            "the pattern has too many combinations or operators, or the event too many values or \
             keys that stand twice",
        ),
    }
}

/// A line of `--cases`.
#[derive(Deserialize)]
struct Case {
    pattern: String,
    event: String,
}

fn answer(line: &str) -> String {
    let case: Case = match serde_json::from_str(line) {
        Ok(case) => case,
        Err(error) => {
            return format!("invalid: the line is not {{\"pattern\", \"event\"}}: {error}");
        }
    };
    let pattern = match Pattern::parse(&case.pattern) {
        Ok(pattern) => pattern,
        Err(error) => return format!("invalid: {}", error.service_text()),
    };
    match pattern.matches(case.event.as_bytes()) {
        Ok(matches) => matches.to_string(),
        Err(error) => format!("invalid: event: {error}"),
    }
}
