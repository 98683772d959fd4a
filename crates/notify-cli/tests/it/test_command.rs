//! `test`: the file's `[[tests]]`.

use crate::home::{Home, MINIMAL, Ran, SECURITY};
use unicode_width::UnicodeWidthStr;

const EVENT: &str = include_str!("../../../../examples/events/restricted-ssh.json");

/// A rule and an alarm of one-minute values.
const SPEC: &str = r#"
stack = "s"

[topic]
name = "alerts"

[[events]]
name = "ports"
pattern = '{"source": ["aws.config"]}'
message = """
Rule: <$.detail.configRuleName>
開いている: <$.detail.resourceId>"""

[[events]]
name = "other"
pattern = '{"source": ["other"]}'
message = "other"

[[alarms]]
name = "errors"
namespace = "n"
metric = "m"
period = "1m"
threshold = 2
"#;
const MAIL: &str = "\"Rule: restricted-ssh\"\n\"開いている: sg-0a1b2c3d4e5f60718\"";

fn home(test: &str) -> Home {
    let home = Home::with(&format!("{SPEC}\n[[tests]]\nname = \"t\"\n{test}\n"));
    home.write("event.json", EVENT);
    home
}

const PORTS: &str = "event = \"event.json\"\nexpect = [\"ports\"]";

#[track_caller]
fn passes(test: &str) {
    let ran = home(test).run(&["test"]).ends(0).quietly();
    assert_eq!(ran.out, "✓ t\n\n1 passed, 0 failed\n");
}

#[track_caller]
fn fails(test: &str, says: &str) -> Ran {
    let ran = home(test).run(&["test"]).ends(1).quietly();
    assert_eq!(ran.out, format!("✗ t\n{says}\n0 passed, 1 failed\n"));
    ran
}

#[test]
fn the_complete_example_passes() {
    let home = Home::with(SECURITY);
    home.write("events/restricted-ssh.json", EVENT);
    let ran = home.run(&["test"]).ends(0).quietly();
    assert_eq!(
        ran.out,
        "✓ an open SSH port is reported\n✓ the day on which something is blocked is reported\n\n\
         2 passed, 0 failed\n"
    );
    assert!(!home.has(".notify"), "nothing is written");
    // A rule that is switched off tells of nothing.
    home.edit("preset = \"config-compliance\"", "preset = \"config-compliance\"\nenabled = false");
    home.run(&["test"]).ends(1).says("✗ an open SSH port").says("1 passed, 1 failed\n");
}

#[test]
fn an_event_and_what_its_mail_says() {
    passes(PORTS);
    passes(&format!("{PORTS}\nbody_contains = [\"restricted-ssh\", \"開いている\"]"));
    passes(&format!("{PORTS}\nbody_equals = '''\n{MAIL}\n'''"));
    fails(
        "event = \"event.json\"\nexpect = [\"other\"]",
        "    other notifications are mailed\n      - expected: other\n      + found:    ports\n",
    );
    fails(
        "event = \"event.json\"\nexpect = []",
        "    other notifications are mailed\n      - expected: none\n      + found:    ports\n",
    );
    fails(
        &format!("{PORTS}\nbody_contains = [\"closed\"]"),
        "    a mail of ports lacks a text\n      - closed\n      + \"Rule: restricted-ssh\"\n      \
         + \"開いている: sg-0a1b2c3d4e5f60718\"\n",
    );
    fails(
        &format!(
            "{PORTS}\nbody_equals = '''\n\"Rule: another\"\n\"開いている: sg-0a1b2c3d4e5f60718\"'''"
        ),
        "    a mail of ports says something else\n      - \"Rule: another\"\n      \
         + \"Rule: restricted-ssh\"\n        \"開いている: sg-0a1b2c3d4e5f60718\"\n",
    );
}

#[test]
fn a_snapshot_is_written_on_request_only() {
    let home = home(&format!("{PORTS}\nsnapshot = \"snapshots/mail.txt\""));
    home.run(&["test"]).ends(1).says("there is no snapshots/mail.txt yet: --update writes it\n");
    assert!(!home.has("snapshots"));
    home.run(&["test", "--update"]).ends(0).says("1 passed");
    assert_eq!(home.read("snapshots/mail.txt"), format!("== ports\n{MAIL}\n"));
    home.run(&["test"]).ends(0).quietly();
    home.write("snapshots/mail.txt", format!("== ports\n{MAIL}\n").replace('\n', "\r\n"));
    home.run(&["test"]).ends(0).quietly();

    home.edit("Rule: <", "The rule: <");
    let ran = home.run(&["test"]).ends(1);
    assert_eq!(
        ran.out,
        "✗ t\n    the mails differ from the snapshot\n        == ports\n      \
         - \"Rule: restricted-ssh\"\n      + \"The rule: restricted-ssh\"\n        \
         \"開いている: sg-0a1b2c3d4e5f60718\"\n\n0 passed, 1 failed\n"
    );
    home.run(&["test", "--update"]).ends(0);
    assert!(home.read("snapshots/mail.txt").contains("The rule: restricted-ssh"));
    home.run(&["test"]).ends(0);
}

#[test]
fn a_series_and_the_alarms_states() {
    let errors = "alarm = \"errors\"\nseries = \"0 1 2 0\"";
    let states = "states = { \"2m\" = \"OK\", \"3m\" = \"ALARM\", \"4m\" = \"OK\" }";
    passes(&format!("{errors}\n{states}\nexpect = [\"errors\"]"));
    passes(&format!("{errors}\n{states}\nbody_contains = [\"datapoint [2.0\"]"));
    passes("alarm = \"errors\"\nseries = \"0x3\"\nexpect = []");
    fails(
        &format!("{errors}\nstates = {{ \"2m\" = \"ALARM\" }}"),
        "    the state 2m after the beginning is another\n      - expected: ALARM\n      + found:    OK\n",
    );
    fails(
        &format!("{errors}\nexpect = []"),
        "    other notifications are mailed\n      - expected: none\n      + found:    errors\n",
    );
    home("alarm = \"errosr\"\nseries = \"1\"\nexpect = []")
        .run(&["test"])
        .ends(1)
        .complains("no [[alarms]] is called \"errosr\"")
        .complains("did you mean \"errors\"?");
}

#[test]
fn files_that_are_missing_fail_their_test_and_no_other() {
    let missing = "event = \"none.json\"\nexpect = []";
    let more = format!("{missing}\n\n[[tests]]\nname = \"u\"\n{PORTS}");
    let ran = home(&more).run(&["test"]).ends(1).quietly();
    let ran = ran.says("✗ t\n    the event cannot be read\n").says("none.json cannot be read");
    assert!(ran.out.ends_with("✓ u\n\n1 passed, 1 failed\n"), "{}", ran.out);

    let home = home(PORTS);
    home.write("event.json", "{\"source\": ");
    home.run(&["test"]).ends(1).says("    the event cannot be read\n");
    home.write("event.json", b"\xff\xfe");
    home.run(&["test"]).ends(1).says("event.json is not UTF-8");
}

#[test]
fn mail_that_is_lost_fails_a_test() {
    let home = home("event = \"event.json\"\nexpect = [\"ports\"]");
    home.write("event.json", EVENT.replace("\"restricted-ssh\"", r#""say \"no\"""#));
    home.run(&["test"]).ends(1).says(
        "    the mail of ports is lost\n      - expected: a mail\n      + found:    INVALID_JSON: ",
    );
}

#[test]
fn a_filter_picks_tests_by_their_names() {
    let home = home(&format!(
        "{PORTS}\n\n[[tests]]\nname = \"別の件\"\nevent = \"event.json\"\nexpect = []"
    ));
    home.run(&["test"]).ends(1).says("1 passed, 1 failed");
    home.run(&["test", "t"]).ends(0).says("1 passed, 0 failed");
    home.run(&["test", "別"]).ends(1).says("✗ 別の件\n").says("0 passed, 1 failed");
    let ran =
        home.run(&["test", "nothing"]).ends(1).complains("no test's name contains \"nothing\"");
    assert_eq!(ran.out, "");
    Home::with(MINIMAL)
        .run(&["test"])
        .ends(1)
        .complains("the file has no [[tests]]")
        .complains("expect = [");
}

#[test]
fn one_document_for_all_tests() {
    let home =
        home(&format!("{PORTS}\n\n[[tests]]\nname = \"u\"\nevent = \"event.json\"\nexpect = []"));
    let document = home.run(&["test", "--json"]).ends(1).quietly().json();
    let expected = serde_json::json!({
        "version": 1,
        "tests": [
            {"name": "t", "passed": true, "problems": []},
            {"name": "u", "passed": false, "problems": [
                {"what": "other notifications are mailed", "expected": "none", "found": "ports"}]},
        ],
        "passed": 1,
        "failed": 1,
    });
    assert_eq!(document, expected);
    home.run(&["test", "t", "--json"]).ends(0);
}

/// Every run checks what it printed: see `Ran::of`.
#[test]
fn control_characters_are_shown_and_not_obeyed() {
    let home = home(&format!("{PORTS}\nbody_equals = \"\"\"\\u001b[31m\n\\u202e\"\"\""));
    home.edit("name = \"t\"", "name = \"t\\u001b[31m\\u009b\"");
    home.write("event.json", EVENT.replace("sg-0a1b2c3d4e5f60718", "\\u009b\\u202e"));
    home.run(&["test"]).ends(1).says("✗ t\\u{1b}[31m\\u{9b}\n").says("- \\u{1b}[31m\n");
    home.run(&["test", "--json"]).ends(1);
}

#[test]
fn what_is_said_fits_a_terminal() {
    let names = (0..12).map(|at| format!("\n[[events]]\nname = \"long-name-{at}\"\npattern = '{{\"source\": [\"aws.config\"]}}'\nmessage = \"m\"\n"));
    let home = home(PORTS);
    let text = home.read("notify.toml") + &names.collect::<String>();
    home.write("notify.toml", text);
    for line in home.run(&["test"]).ends(1).out.lines() {
        assert!(line.width() <= 80, "{} columns: {line}", line.width());
    }
}
