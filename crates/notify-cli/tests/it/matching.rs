//! `match`: verdicts, exit codes, explanations, cases.

use crate::home::{Home, Ran};
use serde_json::json;
use std::io::Write as _;
use std::process::Stdio;

const PATTERN: &str = r#"{"source": ["aws.config"], "detail": {"名前": [{"prefix": "遮断"}]}}"#;
const GOOD: &str = r#"{"source": "aws.config", "detail": {"名前": ["x", "遮断1"]}}"#;
const BAD: &str = r#"{"source": "aws.config", "detail": {"名前": 7}}"#;

fn home() -> Home {
    let home = Home::empty();
    for (name, text) in [("p.json", PATTERN), ("good.json", GOOD), ("bad.json", BAD)] {
        home.write(name, text);
    }
    home
}

fn matching(home: &Home, pattern: &str, event: &str) -> Ran {
    home.run(&["match", "--pattern", pattern, "--event", event])
}

fn with_input(home: &Home, arguments: &[&str], input: &str) -> Ran {
    let mut command = home.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    Ran::of(child.wait_with_output().expect("it ends"))
}

#[test]
fn the_verdict_is_a_word_and_an_exit_code() {
    let home = home();
    let yes = matching(&home, "p.json", "good.json").ends(0).quietly();
    assert_eq!(yes.out, "true\n");
    let no = matching(&home, "p.json", "bad.json").ends(3).quietly();
    assert_eq!(no.out, "false\n");
}

#[test]
fn one_file_may_be_standard_input() {
    let home = home();
    let arguments = ["match", "--pattern", "-", "--event", "good.json"];
    with_input(&home, &arguments, PATTERN).ends(0).says("true");
    let arguments = ["match", "--pattern", "p.json", "--event", "-"];
    with_input(&home, &arguments, &format!("\u{feff}{BAD}")).ends(3).says("false");
    let arguments = ["match", "--pattern", "-", "--event", "-"];
    with_input(&home, &arguments, "").ends(1).complains("standard input can be read once");
}

#[test]
fn a_rule_as_the_aws_cli_prints_it_has_a_pattern() {
    let home = home();
    home.write("rule.json", json!({"Name": "r", "EventPattern": PATTERN}).to_string());
    matching(&home, "rule.json", "good.json").ends(0).quietly().says("true");
    home.write("rule.json", json!({"Name": "r", "EventPattern": "{\"a\": 1}"}).to_string());
    matching(&home, "rule.json", "good.json")
        .ends(1)
        .complains("\"a\" must be an object or an array")
        .complains("line 1, column 8 of EventPattern of the rule in rule.json");
}

#[test]
fn an_invalid_pattern_is_an_error_in_the_words_of_aws() {
    let home = home();
    home.write("p.json", "{\"a\": [{\"prefix\": 1}]}");
    let ran = matching(&home, "p.json", "good.json").ends(1);
    assert_eq!(ran.out, "");
    ran.complains(
        "error: Event pattern is not valid. Reason: prefix match pattern must be a string\n at \
         [Source: (String)\"{\"a\": [{\"prefix\": 1}]}\"; line: 1, column: 20]\n",
    )
    .complains("help: look at line 1, column 20 of p.json");
    home.write("p.json", b"{\"a\":\n[\"\xff\"]}");
    matching(&home, "p.json", "good.json").ends(1).complains("p.json:2: this is not UTF-8");
}

#[test]
fn a_pattern_that_the_service_refuses_is_warned_of() {
    let home = home();
    home.write("p.json", format!(r#"{{"source": ["aws.config", "{}"]}}"#, "x".repeat(4096)));
    matching(&home, "p.json", "good.json")
        .ends(0)
        .says("true")
        .complains("warning: EventBridge refuses it: the pattern has 4126 characters");
    home.write("p.json", r#"{"source": [{"wildcard": "*a*a*a*"}]}"#);
    matching(&home, "p.json", "good.json").ends(3).complains("warning: EventBridge may refuse it");
}

#[test]
fn a_broken_event_is_an_error_with_its_place() {
    let home = home();
    for (event, says) in [
        ("[{}]", "e.json:1:2: Event must be a JSON object, not an array"),
        ("{\n \"a\" 1}", "e.json:2:7: Unexpected character ('1' (code 49))"),
        ("", "e.json:1:1: Unexpected end-of-input"),
    ] {
        home.write("e.json", event);
        let ran = matching(&home, "p.json", "e.json").ends(1).complains(says);
        assert_eq!(ran.out, "");
    }
    home.write("e.json", b"{\"a\": \"\xc3\"}");
    matching(&home, "p.json", "e.json").ends(1).complains("Invalid UTF-8");
    matching(&home, "p.json", "none.json").ends(1).complains("none.json cannot be read");
}

#[test]
fn the_explanation_is_a_table() {
    let home = home();
    let explain =
        |event| home.run(&["match", "--explain", "--pattern", "p.json", "--event", event]);
    let ran = explain("bad.json").ends(3).quietly();
    assert_eq!(
        ran.out,
        "false\n\
         \x20    field        wanted              found\n\
         no   detail.名前  {\"prefix\": \"遮断\"}  7\n\
         yes  source       \"aws.config\"        \"aws.config\"\n"
    );
    explain("good.json").ends(0).says("yes  detail.名前  {\"prefix\": \"遮断\"}  \"x\", \"遮断1\"");
    home.write("e.json", r#"{"detail": {"名前": [1, 2, 3, 4, 5, 6, "\u001b", 6]}}"#);
    explain("e.json")
        .ends(3)
        .says("no  source       \"aws.config\"        missing")
        .says("1, 2, 3, 4, 5, and 2 more");
    home.write("p.json", r#"{"r": {"a": [1], "b": [2]}}"#);
    home.write("e.json", r#"{"r": [{"a": 1}, {"b": 2}]}"#);
    explain("e.json").ends(3).says("not in the same elements of the event's arrays");
}

#[test]
fn the_explanation_is_a_document() {
    let home = home();
    let ran = home.run(&["match", "--json", "--pattern", "p.json", "--event", "bad.json"]).ends(3);
    let field = |path, matcher, found, matched| json!({"path": path, "matchers": [matcher], "found": [found], "matched": matched});
    assert_eq!(
        ran.json(),
        json!({
            "version": 1,
            "matches": false,
            "fields": [
                field("detail.名前", r#"{"prefix": "遮断"}"#, "7", false),
                field("source", r#""aws.config""#, r#""aws.config""#, true),
            ],
            "elements_disagree": false,
        })
    );
    let ran = home.run(&["match", "--json", "--pattern", "p.json", "--event", "good.json"]).ends(0);
    assert_eq!(ran.json()["matches"], true);
}

#[test]
fn cases_get_one_line_each() {
    let home = home();
    let case = |pattern: &str, event: &str| json!({"pattern": pattern, "event": event}).to_string();
    let lines = [
        case(PATTERN, GOOD),
        case(PATTERN, BAD),
        case("{\"a\": \n\"\u{1b}\"}", "{}"),
        case(PATTERN, "[]"),
        "nonsense".to_owned(),
        String::new(),
        json!({"pattern": PATTERN}).to_string(),
    ];
    home.write("cases.ndjson", lines.join("\n") + "\n");
    let ran = home.run(&["match", "--cases", "cases.ndjson"]).ends(0).quietly();
    let out: Vec<&str> = ran.out.lines().collect();
    assert_eq!(out.len(), lines.len(), "{}", ran.out);
    assert_eq!(out[..2], ["true", "false"]);
    assert_eq!(
        out[2],
        "invalid: Event pattern is not valid. Reason: \"a\" must be an object or an array\\n at \
         [Source: (String)\"{\"a\": \\n\"\\u001B\"}\"; line: 2, column: 2]"
    );
    assert_eq!(
        out[3],
        "invalid: event: Event must be a JSON object, not an array at line 1, column 2"
    );
    assert!(out[4..].iter().all(|line| line.starts_with("invalid: the line is not ")), "{out:?}");
    home.write("cases.ndjson", b"\xff\xfe\n{\"pattern\": \"\xff\", \"event\": \"{}\"}");
    let ran = home.run(&["match", "--cases", "cases.ndjson"]).ends(0);
    assert_eq!(ran.out.lines().filter(|line| line.starts_with("invalid: ")).count(), 2);
}

#[test]
fn files_must_be_named() {
    let home = home();
    home.run(&["match", "--pattern", "p.json"]).ends(1).complains("--event");
    home.run(&["match", "--cases", "c", "--explain"]).ends(1).complains("cannot be used with");
}
