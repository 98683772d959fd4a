//! What somebody else could have written in the account is shown and not obeyed, whichever command
//! meets it. `notify-cli`'s own tests do the same with files and the local account.

use super::program::Program;
use super::read_back::python;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Output;

const REGION: &str = "ap-northeast-1";

const FILE: &str = r#"stack = "shop"
regions = ["ap-northeast-1"]

[topic]
name = "shop"

[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"

[[events]]
name = "lost"
pattern = '{"source": ["my.shop"]}'
message = "<$.source>"

[[events]]
name = "config"
preset = "config-compliance"
config_rules = ["restricted-ssh"]

[[alarms]]
name = "errors"
namespace = "My/Shop"
metric = "Errors"
threshold = 1

[[alarms]]
name = "waf"
preset = "waf-blocked"
web_acl = "hostile"
rules = "all"
"#;

/// Colours, the clipboard, a link, what opens sequences in one byte, a bell, carriage return; text
/// that turns round or hides, a line of its own, markup.
const EVIL: &str = "\u{1b}[31m\u{1b}]52;c;aGk=\u{7}\u{1b}]8;;http://x\u{1b}\\\u{9b}2J\u{9d}0;x\u{90}\r\u{8}\
    \u{202e}\u{2066}\u{200e}\u{200b}\u{2028}INJECTED\u{2029}INJECTED\u{feff}\u{e0041}\tx\nINJECTED line\n\
    <script>alert('x')</script>\"&../../../x";
/// What no output for people may hold for a text of a megabyte.
const MOST: usize = 300_000;

/// In this order: what `setup` mends is broken for what comes before.
const RUNS: [&[&str]; 13] = [
    &["plan"],
    &["plan", "-v"],
    &["plan", "--json"],
    &["status"],
    &["status", "--json"],
    &["baseline"],
    &["baseline", "--json"],
    &["send", "lost"],
    &["mute", "--all", "--for", "2h", "--yes"],
    &["setup", "--yes", "--allow-deletes", "--json"],
    &["setup", "--yes", "--prune-subscriptions", "--adopt", "alarm/errors"],
    &["status"],
    &["destroy", "--yes"],
];

/// Looks for what a terminal would obey, by no rule of the program's own.
fn seen(output: &Output, words: &[&str]) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it writes UTF-8");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    for text in [&out, &err] {
        let bad = text.chars().find(|c| {
            c.is_control() && !matches!(c, '\n' | '\t')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
        });
        assert_eq!(bad, None, "{words:?} writes {:?}", bad.map(|bad| around(text, bad)));
        let line = text.lines().find(|line| line.trim_start().starts_with("INJECTED"));
        assert_eq!(line, None, "{words:?} has a line that is not its own:\n{text}");
        assert!(!text.contains("panicked"), "{words:?}: {text}");
    }
    assert!((0..=2).contains(&output.status.code().unwrap_or(-1)), "{words:?}: {out}{err}");
    (out, err)
}

/// A few characters, to find the place.
fn around(text: &str, bad: char) -> String {
    let at = text.find(bad).unwrap_or_default();
    let before = text[..at].chars().rev().take(60).collect::<Vec<_>>();
    before.into_iter().rev().chain(text[at..].chars().take(20)).collect()
}

fn check(text: &str, times: usize) {
    let program = Program::in_fresh_account();
    let folder = tempfile::tempdir().expect("a folder");
    let file: PathBuf = folder.path().join("notify.toml");
    // The web ACL is not there yet.
    let without = FILE.split("\n[[alarms]]\nname = \"waf\"").next().expect("a beginning");
    std::fs::write(&file, without).expect("a file");
    program.set_up(&file);
    std::fs::write(&file, FILE).expect("a file");
    let quoted = Value::from(text).to_string();
    let words = [REGION, "shop", "lost", "errors", "hostile", &quoted, &times.to_string()];
    python(&program.account, "hostile.py", &words);
    let mut shown = 0;
    for words in RUNS {
        let (out, err) = seen(&program.run(&file, words), words);
        if words.contains(&"--json") && !out.is_empty() {
            let document: Value = serde_json::from_str(&out).expect("JSON");
            assert!(document.is_object(), "{words:?}");
        } else {
            let all = out.len() + err.len();
            assert!(all < MOST, "{words:?} writes {all} bytes");
        }
        let start = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        shown += usize::from(out.contains(start.get(..2).unwrap_or(start)));
    }
    assert!(shown > 5, "it is in the output of {shown} commands alone");
    let files: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().collect();
    assert_eq!(files.len(), 1, "nothing was written: {files:?}");
}

#[test]
fn what_controls_a_terminal_is_shown() {
    check(EVIL, 1);
}

#[test]
fn a_megabyte_is_cut() {
    check("x", 1_000_000);
}

#[test]
fn names_like_paths_are_names() {
    for text in ["../../x", "/etc/passwd"] {
        check(text, 1);
    }
}
