//! `render --target`: the bytes that a target receives, or why it receives none.

use crate::home::{Home, Ran};
use serde_json::{Value, json};

const EVENT: &str = r#"{"version": "0", "id": "e-1", "source": "my.app", "account": "123456789012",
    "time": "2026-03-04T05:06:07Z", "region": "us-east-1", "resources": [],
    "detail": {"word": "準備", "quote": "a \"b\"", "escape": "\u001b[31mred\n", "one": 1.0}}"#;

fn home(target: &Value) -> Home {
    let home = Home::empty();
    home.write("target.json", target.to_string());
    home.write("event.json", EVENT);
    home
}

fn template(template: &str) -> Value {
    let paths = json!({"word": "$.detail.word", "quote": "$.detail.quote",
        "escape": "$.detail.escape", "one": "$.detail.one"});
    json!({"Id": "t", "Arn": "arn:aws:sns:us-east-1:123456789012:mail",
        "InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}})
}

fn render(home: &Home, more: &[&str]) -> Ran {
    let words = ["render", "--target", "target.json", "--event", "event.json"];
    home.run(&[&words[..], more].concat())
}

#[test]
fn a_pipe_gets_the_exact_bytes() {
    let check = |text: &str, want: &str| {
        let ran = render(&home(&template(text)), &[]).ends(0).quietly();
        assert_eq!(ran.out, want);
    };
    check("\"<word>\"\n\"<one>\"", "\"準備\"\n\"1.0\"");
    check(" {\"k\": <quote>}\n", " {\"k\": \"a \\\"b\\\"\"}\n");
}

/// Another program gets what a terminal would obey, too.
#[test]
fn a_pipe_gets_control_characters_raw() {
    let text = "\"raw\u{7f}\u{9b}31m \u{202e}\"";
    let home = home(&template(text));
    let words = ["render", "--target", "target.json", "--event", "event.json"];
    let output = home.command(&words).output().expect("the program runs");
    assert_eq!(String::from_utf8(output.stdout).as_deref(), Ok(text));
}

#[test]
fn a_loss_is_said_with_its_reason() {
    let ran = render(&home(&template("\"<quote>\"")), &[]).ends(2);
    assert_eq!(ran.out, "lost: INVALID_JSON\n");
    let ran = ran.complains("a JSON value is missing at line 1, column 5");
    ran.complains("attempted: \"a \"b\"\"");
    let ran = render(&home(&template("\"<escape>\"")), &[]).ends(2);
    assert!(!ran.err.contains('\u{1b}'), "{}", ran.err);
    ran.complains("\\u{1b}[31mred\\n");
    let ran = render(&home(&json!({"Id": "t", "Input": ""})), &[]).ends(2);
    assert_eq!(ran.out, "lost: NOTHING_SENT\n");
}

#[test]
fn a_refusal_is_the_text_of_aws() {
    let ran = render(&home(&template("hello\n<word>")), &[]).ends(1);
    assert_eq!(
        ran.out,
        "refused: Invalid InputTemplate for target t : [Source: (String)\"hello\\nnull\"; line: 1, column: 1].\n"
    );
    let ran = render(&home(&json!({"Id": "x", "Input": "1", "InputPath": "$"})), &[]).ends(1);
    let only = "Only one of Input, InputPath, or InputTransformer must be provided for target x.";
    assert_eq!(ran.out, format!("refused: {only}\n"));
}

#[test]
fn json_is_one_versioned_document() {
    let document = |text: &str, code: i32| {
        render(&home(&template(text)), &["--json"]).ends(code).quietly().json()
    };
    let delivered = json!({"version": 1, "delivered": "\"準備\"", "bytes": 8});
    assert_eq!(document("\"<word>\"", 0), delivered);
    let lost = json!({"version": 1, "lost": "INVALID_JSON", "attempted": "[a \"b\"]", "bytes": 7,
        "reason": "what AWS does with a quote, backslash or control character in an object or array of a text template is not known, so it counts as lost"});
    assert_eq!(document("[<quote>]", 2), lost);
    let refused = json!({"version": 1,
        "refused": "InputTemplate for target t contains invalid placeholder who."});
    assert_eq!(document("\"<who>\"", 1), refused);
}

#[test]
fn one_of_several_targets_is_named() {
    let targets = json!({"Targets": [{"Id": "a", "Arn": "x"}, {"Id": "b", "Input": "2"}]});
    let home = home(&targets);
    assert_eq!(render(&home, &["--id", "b"]).ends(0).out, "2");
    render(&home, &[]).ends(1).complains("several targets in it, name one: a, b").complains("--id");
    render(&home, &["--id", "c"]).ends(1).complains("it has no target c; it has: a, b");
}

#[test]
fn the_rule_and_the_time_of_ingestion_can_be_named() {
    let text = "\"<aws.events.rule-name> <aws.events.rule-arn> <aws.events.event.ingestion-time>\"";
    let home = home(&template(text));
    assert_eq!(
        render(&home, &[]).ends(0).out,
        "\"rule arn:aws:events:us-east-1:123456789012:rule/rule 2026-03-04T05:06:07.000Z\""
    );
    let arn = "arn:aws:events:eu-west-1:210987654321:rule/bus/mine";
    let time = "2026-03-04T05:06:08.123Z";
    let ran = render(&home, &["--rule-arn", arn, "--ingestion-time", time]).ends(0);
    assert_eq!(ran.out, format!("\"mine {arn} {time}\""));
    home.write("event.json", "{\"time\": \"2026-03-04T05:06:07.5Z\"}");
    assert!(render(&home, &[]).ends(0).out.contains(" 2026-03-04T05:06:07.500Z\""));
    home.write("event.json", "{}");
    assert!(render(&home, &[]).ends(0).out.contains(" 1970-01-01T00:00:00.000Z\""));
}

#[test]
fn a_broken_file_is_said() {
    let home = home(&json!({"Id": "t"}));
    home.write("event.json", "[1]");
    render(&home, &[]).ends(1).complains("event.json: the event is not a JSON object");
    home.write("event.json", "{\"a\":".repeat(100_000));
    render(&home, &[]).ends(1).complains("deeper than 1,000 levels");
    home.write("target.json", "{\"Input\": \"1\"}");
    render(&home, &[]).ends(1).complains("target.json: Id is missing");
    home.write("target.json", "[".repeat(100_000));
    render(&home, &[]).ends(1).complains("target.json: not JSON");
    let words = ["render", "--target", "no.json", "--event", "event.json"];
    home.run(&words).ends(1).complains("no.json cannot be read");
    home.run(&["render", "--target", "target.json"]).ends(1).complains("--event");
}

#[test]
fn cases_are_answered_line_by_line() {
    let target = template("\"<word> <one>\"");
    let deep = format!("{{\"target\":{{\"Id\":\"t\"}},\"event\":{}}}", "[".repeat(100_000));
    let nested = format!("{}1{}", "[".repeat(900), "]".repeat(900));
    let lines = [
        format!("{{\"target\":{target},\"event\":{}}}", EVENT.replace('\n', " ")),
        json!({"target": template("\"<quote>\""), "event": {"detail": {"quote": "\""}}})
            .to_string(),
        json!({"target": {"Id": "x", "InputPath": "$..a"}, "event": {}}).to_string(),
        json!({"target": {"Id": "x", "Input": "", "InputPath": ""}, "event": {}}).to_string(),
        json!({"target": template("\"<aws.events.rule-name>\""), "event": {},
            "rule_arn": "a/b/c", "ingestion_time": null})
        .to_string(),
        json!({"target": template("{\"t\":<aws.events.event.ingestion-time>}"), "event": {},
            "rule_arn": null, "ingestion_time": "now"})
        .to_string(),
        format!(
            "{{\"target\":{{\"Id\":\"t\",\"InputPath\":\"$.a\"}},\"event\":{{\"a\":{nested}}}}}"
        ),
        "garbage".to_owned(),
        String::new(),
        "{}".to_owned(),
        "{\"target\":{\"Id\":\"t\"},\"event\":[]}".to_owned(),
        "{\"target\":{},\"event\":{}}".to_owned(),
        deep,
    ];
    let home = Home::empty();
    home.write("cases.ndjson", lines.join("\n"));
    let ran = home.run(&["render", "--cases", "cases.ndjson"]).ends(0).quietly();
    let answers: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), lines.len());
    let only = "Only one of Input, InputPath, or InputTransformer must be provided for target x.";
    assert_eq!(
        answers[..7],
        [
            json!({"delivered": "\"準備 1.0\""}),
            json!({"lost": "INVALID_JSON"}),
            json!({"refused": "InputPath for target x is invalid."}),
            json!({"refused": only}),
            json!({"delivered": "\"c\""}),
            json!({"delivered": "{\"t\":\"now\"}"}),
            json!({"delivered": nested}),
        ]
    );
    for (answer, says) in answers[7..].iter().zip([
        "not JSON: expected value",
        "not JSON: EOF",
        "not a case: missing field `target`",
        "the event is not a JSON object: it is another value",
        "Id is missing",
        "not JSON",
    ]) {
        let error = answer["error"].as_str().expect("an error");
        assert!(error.contains(says), "{error}");
        assert_eq!(answer.as_object().map(serde_json::Map::len), Some(1));
    }
}
