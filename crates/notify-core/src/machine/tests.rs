//! A machine's text, read and run.

use super::jsonata::Lengths;
use super::{Execution, Machine, Publish, definition, run};
use crate::aws::RuleName;
use crate::message::{Letter, Message};
use crate::spec::Language;
use serde_json::{Value, json};

const TOPIC: &str = "arn:aws:sns:ap-northeast-1:123456789012:config-info";

fn letter(subject: &str, message: &str) -> Letter {
    let tables = [("=names", "x"), ("1", "production"), ("constructor", "built")];
    let tables = tables.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    Letter {
        subject: Some(Message::parse(subject).expect("a subject")),
        message: Message::parse(message).expect("a message"),
        paths: [("v".to_owned(), "$.v".to_owned())].into(),
        tables: [("accounts".to_owned(), tables)].into(),
        attributes: [].into(),
    }
    .with_used_tables()
}

fn machine(letter: Letter) -> String {
    definition(&[(RuleName::parse("rule").unwrap(), letter)].into(), TOPIC, Language::En)
}

fn publish(letter: Letter, event: &Value) -> Publish {
    let text = machine(letter);
    let input = json!({ "rule": "rule", "event": event }).to_string();
    let Execution::Published(publish) = run(&text, &input) else {
        panic!("{text}: {:?}", run(&text, &input))
    };
    // What it says must not hang on what a length counts.
    let machine = Machine::read(&text).expect("a machine");
    let other = machine.run_counting(&input, Lengths::Units, |_| Ok(()));
    assert_eq!(other, Execution::Published(publish.clone()));
    publish
}

#[test]
fn any_value_arrives_whole() {
    for text in [
        "say \"hello\"",
        "a\nb\r\n",
        "\t",
        "\\",
        "\\n",
        "🚨",
        "𠮷野家",
        "{% x %}",
        "%}",
        "$states",
        "<x>",
        "\u{202e}abc",
        "\u{0}\u{1f}",
        "'",
        "`",
        "非準拠",
        "/regex/",
        "\u{2028}",
        "e\u{301}",
        "&amp;",
    ] {
        let got = publish(letter("s", "<v>"), &json!({ "v": text }));
        assert_eq!(got.message, text);
        let got = publish(
            letter("s", &format!("{}|<v>|", text.replace(['\n', '\r'], "").replace("<x>", "< x"))),
            &json!({ "v": text }),
        );
        assert!(got.message.ends_with(&format!("|{text}|")), "{text:?}: {}", got.message);
    }
}

#[test]
fn functions_do_what_they_say() {
    let check = |message: &str, value: Value, want: &str| {
        let got = publish(letter("s", &format!(".{message}")), &json!({ "v": value }));
        assert_eq!(got.message, format!(".{want}"), "{message} of {value}");
    };
    check("<v>", json!(null), "");
    check("<$.none>", json!(1), "");
    check("<v>", json!({"a": [1, null, "遮"]}), "{\"a\":[1,null,\"遮\"]}");
    check("<v>", json!(["x"]), "[\"x\"]");
    check("<$.v[*].a>", json!([{"a": 1}, {"a": "b"}]), "[1,\"b\"]");
    check("<$.v[1]>", json!(["a", "b"]), "b");
    check("<v | default 'none'>", json!(""), "none");
    check("<v | default 'none'>", json!(0), "0");
    check("<v | join ', '>", json!(["a", 1, null]), "a, 1, ");
    check("<v | join ', ' | default '-'>", json!([]), "-");
    check("<v | join ', '>", json!("a"), "a");
    check("<v | first 2>", json!("🚨遮x"), "🚨遮");
    check("<v | first 5>", json!("é%"), "é%");
    check("<v | first 5>", json!(""), "");
    check("<v | upper>", json!("straße"), "STRASSE");
    check("<v | lower>", json!("ABC"), "abc");
    check("<v | lookup accounts>", json!(1), "production");
    check("<v | lookup accounts>", json!("toString"), "toString");
    check("<v | lookup accounts>", json!("constructor"), "built");
    check("<v | lookup accounts | default '?'>", json!("2"), "?");
    check("<v | tz Asia/Tokyo>", json!("2026-01-15T09:30:05.741Z"), "2026-01-15 18:30:05 +09:00");
    check("<v | tz UTC>", json!("2028-02-29T09:30:05+09:00"), "2028-02-29 00:30:05 UTC");
    for odd in [
        "2026-02-29T00:00:00Z",
        "2026-01-15",
        "soon",
        "2026-01-15T24:00:00Z",
        "2026-01-15T09:30:05Z ",
    ] {
        check("<v | tz Asia/Tokyo>", json!(odd), odd);
    }
}

#[test]
fn a_subject_is_one_that_sns_takes() {
    let check = |value: &str, want: &str| {
        let got = publish(letter("<v>", "m"), &json!({ "v": value }));
        assert_eq!(got.subject.as_deref(), Some(want), "{value:?}");
    };
    check("a\nb\u{0}\u{85}\u{2028}c", "a b c");
    check(" \n ", "rule");
    check(&"x".repeat(100), &"x".repeat(100));
    check(&"x".repeat(101), &format!("{}...", "x".repeat(97)));
    check(&"🚨".repeat(50), &"🚨".repeat(50));
    check(&"🚨".repeat(51), &format!("{}...", "🚨".repeat(48)));
    check(&format!("a{}", "🚨".repeat(50)), &format!("a{}...", "🚨".repeat(48)));
    check(&"遮".repeat(500), &format!("{}...", "遮".repeat(97)));
}

#[test]
fn nothing_is_lost() {
    let run = |event: Value, rule: &str| {
        let input = json!({ "rule": rule, "event": event }).to_string();
        let Execution::Published(publish) = run(&machine(letter("s", "<v>")), &input) else {
            panic!()
        };
        publish
    };
    // An empty message is refused by SNS, and a rule of another machine has no state.
    for (event, rule) in [(json!({"w": "\"x\"\n"}), "rule"), (json!({"w": 1}), "other")] {
        let got = run(event.clone(), rule);
        assert_eq!(got.subject.as_deref(), Some(format!("[raw event] {rule}").as_str()));
        assert!(got.message.ends_with(&format!("{rule}\n\n{event}")), "{}", got.message);
    }
    for long in ["x".repeat(300_000), "遮\"".repeat(60_000)] {
        let got = run(json!({ "v": long }), "other");
        assert!(got.message.ends_with("left out.)") && got.message.len() < 262_144);
    }
    let whole = "遮".repeat(64_000);
    assert!(run(json!({ "v": whole }), "other").message.contains(&whole));
}

#[test]
fn three_hundred_rules_fit() {
    let message = "Time : <$.detail.time | tz Asia/Tokyo>\nAccount : <$.account | lookup accounts>\nRule : <v | default \"none\">\nA resource is not compliant.\n";
    let letters = (0..300).map(|n| {
        (
            RuleName::parse(&format!("rule-{n}")).unwrap(),
            letter("[<v | upper>] <$.account>", message),
        )
    });
    let text = definition(&letters.collect(), TOPIC, Language::Ja);
    assert!(text.len() < super::MOST_BYTES, "{}", text.len());
    assert!(Machine::read(&text).is_ok());
}

#[test]
fn what_is_not_known_is_said() {
    for text in [
        "",
        "{}",
        "{\"QueryLanguage\": \"JSONata\", \"StartAt\": \"a\", \"States\": {\"a\": {\"Type\": \"Wait\"}}}",
    ] {
        let Execution::Failed(failure) = run(text, "{}") else { panic!() };
        assert!(failure.cause.starts_with("cannot be run locally: "), "{failure:?}");
    }
}

/// Neither a hand-made text nor a long line of functions makes it fall.
#[test]
fn what_is_too_long_is_said_to_be() {
    let many = format!("{{% {} %}}", vec!["1"; 200_000].join(" & "));
    let text = json!({
        "QueryLanguage": "JSONata", "StartAt": "a",
        "States": {"a": {
            "Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true,
            "Arguments": {"TopicArn": TOPIC, "Message": many},
        }},
    });
    match run(&text.to_string(), "{}") {
        Execution::Failed(failure) => {
            assert!(failure.cause.contains("500 operators in a row"), "{}", failure.cause);
        }
        Execution::Published(publish) => panic!("{publish:?}"),
    }
    let with = |count: usize| format!("<$.v{}>", " | upper".repeat(count));
    assert_eq!(publish(letter("s", &with(16)), &json!({"v": "x"})).message, "X");
    let error = Message::parse(&with(17)).expect_err("too many");
    assert_eq!(error.problem, "more than 16 functions behind one value");
}
