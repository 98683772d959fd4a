//! How output looks: on a narrow terminal, with wide characters, in a pipe that has closed.

use crate::home::{Home, MINIMAL, Ran, SECURITY};
use unicode_width::UnicodeWidthStr;

const COLUMNS: usize = 80;

#[test]
fn every_line_fits_a_terminal() {
    let home = Home::with(SECURITY);
    let mut runs: Vec<(&str, Ran)> = vec![
        ("validate", home.run(&["validate"])),
        ("status", home.local(&["status"])),
        ("plan", home.local(&["plan"])),
        ("setup", home.local(&["setup", "--yes"])),
        ("status", home.local(&["status"])),
        ("plan", home.local(&["plan"])),
    ];
    home.edit("threshold = 1", "threshold = 5");
    home.edit("    \"restricted-ssh\",\n", "");
    runs.push(("plan of an edit", home.local(&["plan"])));
    runs.push(("destroy", home.local(&["destroy", "--yes"])));
    for (what, ran) in runs {
        for line in ran.out.lines().chain(ran.err.lines()) {
            // Long values stand on lines of their own, as they are.
            let value = line.starts_with("        ");
            assert!(value || line.width() <= COLUMNS, "{what}: {} columns: {line}", line.width());
        }
    }
}

#[test]
fn a_wide_value_fits_a_terminal() {
    let home = Home::with(SECURITY);
    let ran = home.local(&["plan", "-v"]).ends(0);
    // Long values stand on lines of their own, as they are.
    for line in ran.out.lines().filter(|line| !line.starts_with("        ")) {
        assert!(line.width() <= COLUMNS, "{} columns: {line}", line.width());
    }
}

#[test]
fn the_path_fits_a_terminal_with_wide_characters() {
    let alarm = |name: &str, threshold: u8| {
        format!(
            "\n[[alarms]]\nname = \"{name}\"\nnamespace = \"n\"\nmetric = \"m\"\n\
             threshold = {threshold}\n"
        )
    };
    let wide = "遅延アラーム".repeat(12);
    let home = Home::with(&format!("{MINIMAL}{}{}", alarm(&wide, 1), alarm("errors", 1)));
    home.local(&["setup", "--yes"]).ends(0);
    let both = home.local(&["status"]).ends(2).says("✗ 2 alarms: broken here\n");
    // Of another state, so that each is shown by itself.
    home.write("notify.toml", format!("{MINIMAL}{}{}", alarm(&wide, 2), alarm("errors", 1)));
    let ran = home.local(&["status"]).ends(2).says("  ✗ errors: broken here\n");
    for out in [&both.out, &ran.out] {
        for line in out.lines().filter(|line| !line.starts_with("      aws ")) {
            assert!(line.width() <= COLUMNS, "{line}\n{out}");
        }
    }
}

#[test]
fn control_characters_are_shown_and_not_obeyed() {
    let home = Home::with(MINIMAL);
    // Every run checks what it printed: see `Ran::of`.
    let evil = "\u{1b}[31m\u{7}\u{202e}";
    let quoted = serde_json::Value::String(evil.to_owned()).to_string();
    home.write("evil.json", format!(r#"{{"stack": "s", "topic": {{"name": "t", {quoted}: 1}}}}"#));
    home.run(&["validate", "--config", "evil.json"])
        .ends(1)
        .complains("\\u{1b}[31m\\u{7}\\u{202e}");
    for name in ["\\u001b[31m", "\\u0007", "\\u202e", "\\u009b31m"] {
        for file in [
            format!("stack = \"{name}\"\n[topic]\nname = \"t\"\n"),
            format!("stack = \"s\"\n[topic]\nname = \"{name}\"\n"),
            format!("{MINIMAL}\"{name}\" = 1\n"),
            format!(
                "{MINIMAL}[[alarms]]\nname = \"{name}\"\nnamespace = \"n\"\nmetric = \"m\"\nthreshold = 1\n"
            ),
            format!("{MINIMAL}[[subscriptions]]\nprotocol = \"{name}\"\nendpoint = \"{name}\"\n"),
        ] {
            home.write("evil.toml", file);
            home.run(&["validate", "--config", "evil.toml"]);
        }
    }
    home.write("raw.toml", format!("stack = \"{evil}\"\n"));
    home.run(&["validate", "--config", "raw.toml"]).ends(1);
    home.run(&["validate", "--config", &format!("{evil}.toml")]).ends(1).complains("\\u{1b}[31m");
    home.local(&["setup", &format!("{evil}.json")]).ends(1);
}

/// A file may hold raw control characters of the second range: 0x9b opens an escape sequence.
#[test]
fn a_shown_line_has_no_control_characters() {
    let home = Home::with(&format!("{MINIMAL}x = \"\u{9b}31m\"\n"));
    home.run(&["validate"]).ends(1).complains("has no key `x`");
}

/// What others called their things is no safer than what the file says.
#[test]
fn what_others_wrote_is_shown_and_not_obeyed() {
    let home = Home::with(MINIMAL);
    home.local(&["setup", "--yes"]).ends(0);
    let text = home.read(".notify/local.json");
    home.write(".notify/local.json", text.replace("\"small\"", "\"\\u001b[31mred\\u202e\""));
    home.local(&["plan"]).says("\\u{1b}[31mred\\u{202e}");
    home.local(&["status"]);
    home.local(&["setup", "--yes"]).ends(1);
}

#[test]
fn colours_are_for_terminals() {
    let home = Home::with(SECURITY);
    for more in [&[][..], &["--no-color"]] {
        home.local(&[&["plan"], more].concat()).ends(0).never_says("\u{1b}");
    }
    let mut command = home.command(&["--provider", "local", "plan"]);
    command.env("NO_COLOR", "1").env("TERM", "xterm-256color").env("COLORTERM", "truecolor");
    Ran::of(command.output().expect("the program starts")).ends(0);
}

/// A full disk loses the output, and a script must hear of it.
#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_an_error() {
    let home = Home::with(SECURITY);
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
    let mut command = home.command(&["--provider", "local", "plan", "--json"]);
    Ran::of(command.stdout(full).output().expect("the program starts")).ends(1);
}

/// `notify-cli … | head` ends quietly.
#[test]
fn a_reader_that_has_gone_is_no_error() {
    let home = Home::with(SECURITY);
    for arguments in [
        &["plan"][..],
        &["plan", "--json"],
        &["setup", "--yes"],
        &["status"],
        &["validate"],
        &["schema"],
        &["policy"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = home.command(&[&["--provider", "local"], arguments].concat());
        let ran = Ran::of(command.stdout(writer).output().expect("the program starts"));
        let code = if arguments == ["status"] { 2 } else { 0 };
        ran.ends(code).quietly();
    }
    assert!(home.has(".notify/local.json"), "setup did its work without a reader");
}
