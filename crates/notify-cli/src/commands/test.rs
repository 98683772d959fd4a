//! `test`: runs the file's `[[tests]]`.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, ERROR, Failure};
use crate::print::{self, BAD, GOOD, paint};
use crate::show::plan::WIDTH;
use crate::show::table::wrap;
use crate::spec_file::show_path;
use crate::{input, local, spec_file};
use notify_core::preview::{Checked, Files, Problem, Stage, check};
use notify_core::spec::{Given, TestSpec};
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};
use std::io::Write;
use std::path::Path;

/// Runs the file's tests offline: which mails an event or a metric causes, and what they say
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Runs only the tests whose names contain this
    filter: Option<String>,
    /// Writes what the mails say now into the snapshot files
    #[arg(long)]
    update: bool,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let wanted =
        |test: &&TestSpec| args.filter.as_ref().is_none_or(|part| test.name.contains(part));
    let tests: Vec<&TestSpec> = spec.tests.iter().filter(wanted).collect();
    if tests.is_empty() {
        return Err(Failure::new(
            match &args.filter {
                Some(filter) => format!("no test's name contains \"{filter}\""),
                None => "the file has no [[tests]]".to_owned(),
            },
            "a test names an event and the mails that it must cause:\n  \
             [[tests]]\n  name = \"an open port is reported\"\n  event = \"events/open-port.json\"\n  \
             expect = [\"config-noncompliant\"]",
        ));
    }
    let web_acls = local::web_acls_beside(&folder)?;
    let stage = super::block_on(async { Ok(Stage::new(&spec, web_acls, None).await?) })?;
    let mut results = Vec::with_capacity(tests.len());
    for test in tests {
        let checked = one(&stage, test, &folder, args.update)?;
        if !global.json {
            say(&checked);
        }
        results.push(checked);
    }
    let failed = results.iter().filter(|checked| !checked.problems.is_empty()).count();
    let passed = results.len() - failed;
    if global.json {
        print::out(&print::json(&document(&results, passed, failed)));
    } else {
        print::out(&format!("\n{passed} passed, {failed} failed"));
    }
    Ok(if failed == 0 { DONE } else { ERROR })
}

/// Runs one test with its files.
fn one(stage: &Stage, test: &TestSpec, folder: &Path, update: bool) -> Result<Checked, Failure> {
    let cannot = |what: &str, failure: &Failure| Checked {
        name: test.name.clone(),
        problems: vec![Problem {
            what: what.to_owned(),
            expected: "a file beside the spec file".to_owned(),
            found: std::iter::once(failure.message.as_str())
                .chain(failure.causes.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(": "),
        }],
        mails: String::new(),
    };
    let event = match &test.given {
        Given::Event(path) => match input::read(&folder.join(path)) {
            Ok(event) => Some(event),
            Err(failure) => return Ok(cannot("the event cannot be read", &failure)),
        },
        Given::Series { .. } => None,
    };
    let path = test.snapshot.as_ref().map(|path| folder.join(path));
    let exists = path.as_ref().is_some_and(|path| path.exists());
    let snapshot = match &path {
        Some(path) if exists && !update => match input::read(path) {
            Ok(snapshot) => Some(snapshot.replace("\r\n", "\n")),
            Err(failure) => return Ok(cannot("the snapshot cannot be read", &failure)),
        },
        _ => None,
    };
    let files = Files { event: event.as_deref(), snapshot: snapshot.as_deref() };
    let mut checked = check(stage, test, files);
    if let Some(path) = &path {
        if update {
            write(path, &checked.mails)?;
        } else if !exists {
            checked.problems.push(Problem {
                what: format!("there is no {} yet: --update writes it", show_path(path)),
                expected: String::new(),
                found: checked.mails.clone(),
            });
        }
    }
    Ok(checked)
}

/// Writes a snapshot in one step.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::from_error(format!("{} cannot be written", show_path(path)), &error)
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn say(checked: &Checked) {
    let name = print::line(&checked.name);
    if checked.problems.is_empty() {
        print::out(&format!("{} {name}", paint(GOOD, "✓")));
        return;
    }
    print::out(&format!("{} {name}", paint(BAD, "✗")));
    for Problem { what, expected, found } in &checked.problems {
        print::out(&wrap(&print::line(what), 4, WIDTH));
        if expected.contains('\n') || found.contains('\n') {
            print::out(&difference(expected, found));
        } else {
            for (style, label, text) in
                [(BAD, "- expected:", expected), (GOOD, "+ found:   ", found)]
            {
                let text = wrap(&print::line(&format!("{label} {text}")), 6, WIDTH);
                print::out(&text.replacen(label, &paint(style, label), 1));
            }
        }
    }
}

/// Two texts line by line: `-` is expected and not there, `+` is there and not expected.
fn difference(expected: &str, found: &str) -> String {
    let diff = TextDiff::from_lines(expected, found);
    let lines = diff.iter_all_changes().map(|change| {
        let text = print::line(change.value().trim_end_matches('\n'));
        match change.tag() {
            ChangeTag::Delete => paint(BAD, &format!("      - {text}")),
            ChangeTag::Insert => paint(GOOD, &format!("      + {text}")),
            ChangeTag::Equal => format!("        {text}"),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn document(results: &[Checked], passed: usize, failed: usize) -> Value {
    let tests = results.iter().map(|checked| {
        let problems = checked.problems.iter().map(|problem| {
            json!({"what": problem.what, "expected": problem.expected, "found": problem.found})
        });
        json!({
            "name": checked.name,
            "passed": checked.problems.is_empty(),
            "problems": problems.collect::<Vec<_>>(),
        })
    });
    json!({"version": 1, "tests": tests.collect::<Vec<_>>(), "passed": passed, "failed": failed})
}
