//! What the author of a spec file reads when something is wrong with it.
//!
//! A case is a file in `tests/cases/spec` with one mistake, and a snapshot beside it; a file in
//! its folder `good` has none.

use notify_core::spec::{Finding, Format, Level, Location, Parsed, parse};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A longer line of a file is cut around the place that a finding is about.
const LONG_LINE: usize = 100;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a file of the repository, and what came of reading it.
fn read(path: &Path) -> (String, Parsed) {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let parsed = parse(&text, if is_json { Format::Json } else { Format::Toml });
    (text, parsed)
}

#[test]
fn every_mistake_has_a_message_to_act_on() {
    let folder = root().join("tests/cases/spec");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    let mut silent = Vec::new();
    insta::glob!("../../../../tests/cases/spec", "*.{toml,json}", |path| {
        let (text, Parsed { spec, findings, .. }) = read(path);
        let failed = findings.iter().any(|finding| finding.level == Level::Error);
        assert_eq!(spec.is_none(), failed, "there is a spec when there is no error");
        let said: Vec<String> = findings.iter().map(|finding| show(finding, &text)).collect();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        if said.is_empty() {
            silent.push(name.to_owned());
            return;
        }
        let mut settings = insta::Settings::clone_current();
        settings.remove_snapshot_suffix();
        settings.bind(|| insta::assert_snapshot!(name, said.join("\n")));
    });
    assert_eq!(silent, [""; 0], "nothing is said about the mistake in these");
}

#[test]
fn every_snapshot_belongs_to_a_case() {
    let folder = root().join("tests/cases/spec");
    let entries = fs::read_dir(&folder).expect("the folder of the cases");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names: Vec<String> = names.map(|name| name.into_string().expect("UTF-8")).collect();
    let orphans = names.iter().filter_map(|name| name.strip_suffix(".snap"));
    let orphans: Vec<&str> = orphans.filter(|case| !names.iter().any(|n| n == case)).collect();
    assert_eq!(orphans, [""; 0], "their cases are gone: delete them");
}

#[test]
fn a_good_file_has_no_findings() {
    insta::glob!("../../../../tests/cases/spec/good", "*.{toml,json}", good);
    for example in ["examples/minimal.toml", "examples/security.toml", "examples/watched.toml"] {
        good(&root().join(example));
    }
}

fn good(path: &Path) {
    let (text, Parsed { spec, findings, .. }) = read(path);
    let said: Vec<String> = findings.iter().map(|finding| show(finding, &text)).collect();
    assert_eq!(said, [""; 0], "{}", path.display());
    assert!(spec.is_some(), "{}", path.display());
}

#[test]
fn json_says_the_same_as_toml() {
    let toml = read(&root().join("examples/security.toml")).1.spec;
    let json = read(&root().join("tests/cases/spec/good/security.json")).1.spec;
    assert!(toml.is_some());
    assert_eq!(toml, json);
}

/// A finding with the line that it is about; what it points at stands between « and ».
fn show(finding: &Finding, text: &str) -> String {
    let Finding { level, location, message, help } = finding;
    let mut out = format!("{} at ", level.as_str());
    let place = location.line_and_column(text);
    match (location, place) {
        (Location::Span(span), Some((line, column))) => {
            let _ = writeln!(out, "{line}:{column}: {message}");
            let shown = text.split('\n').nth(line - 1).unwrap_or_default();
            let length = text.get(span.clone()).unwrap_or_default().split('\n').next();
            let length = length.unwrap_or_default().chars().count();
            let _ = writeln!(out, "  | {}", marked(shown, column - 1, length));
        }
        (Location::Pointer(pointer), _) => {
            let _ = writeln!(out, "{pointer:?}: {message}");
        }
        (Location::Span(_), None) => unreachable!("a span has a line"),
    }
    let _ = writeln!(out, "  help: {help}");
    out
}

/// A line with a mark around some of its characters.
fn marked(line: &str, start: usize, length: usize) -> String {
    let characters: Vec<char> = line.chars().collect();
    let end = (start + length).min(characters.len());
    let start = start.min(end);
    let text = |from: usize, to: usize| {
        let all: String = characters[from..to].iter().flat_map(|c| shown(*c)).collect();
        let length = all.chars().count();
        if length <= LONG_LINE {
            return all;
        }
        let head: String = all.chars().take(LONG_LINE / 2).collect();
        let tail: String = all.chars().skip(length - LONG_LINE / 2).collect();
        format!("{head} … {tail}")
    };
    format!("{}«{}»{}", text(0, start), text(start, end), text(end, characters.len()))
}

/// A control character in a way that can be seen.
fn shown(c: char) -> Vec<char> {
    if c.is_control() || c == '\u{feff}' { c.escape_unicode().collect() } else { vec![c] }
}
