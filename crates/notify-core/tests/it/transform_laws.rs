//! What holds for every template and event: no panic, no overflow, and never a message that is
//! delivered and is not JSON.

use notify_core::message::Message;
use notify_core::pattern::Pattern;
use notify_core::transform::{
    Context, Event, Input, Known, Outcome, Risk, Target, Transform, Why, check_path,
    check_template, quoted_lines, verdicts,
};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CONTEXT: Context<'_> = Context {
    rule_arn: "arn:aws:events:us-east-1:123456789012:rule/r",
    ingestion_time: "2026-01-02T03:04:05.678Z",
};

/// Pieces that templates are made of, and that break them.
fn piece() -> impl Strategy<Value = String> {
    let pieces = vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        " ",
        "\n",
        "\\",
        "\\\"",
        "\\n",
        "<a>",
        "<b>",
        "<c>",
        "<d>",
        "<undefined>",
        "<$.detail.a>",
        "<aws.events.rule-name>",
        "<aws.events.event>",
        "<aws.events.event.json>",
        "<aws.events.x>",
        "<",
        ">",
        "1",
        "-0.5e3",
        "null",
        "true",
        "x",
        "遮断",
        "{\"k\":<a>}",
        "{\"k\":\"<b> <c>\"}",
        "\"<a> <b>\"",
        "[<a>,<b>]",
        "\u{0}",
        "😀",
    ];
    prop_oneof![
        8 => prop::sample::select(pieces).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ]
}

fn template() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat()),
        // Well-formed outside of the placeholders, so that AWS takes most of them.
        4 => prop::collection::vec(text(), 1..4)
            .prop_map(|lines| format!("\"{}\"", lines.join("\"\n\""))),
        4 => prop::collection::vec((text(), any::<bool>()), 1..4).prop_map(|fields| {
            let fields = fields.iter().enumerate().map(|(at, (text, quoted))| {
                if *quoted { format!("\"k{at}\":\"{text}\"") } else { format!("\"k{at}\":[<a>,<b>]") }
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }),
    ]
}

/// What may stand between quotes.
fn text() -> impl Strategy<Value = String> {
    let pieces = vec!["<a>", "<b>", "<c>", "<d>", "x", " ", "遮断", "\\n", "\\\"", "<", "\\"];
    prop::collection::vec(prop::sample::select(pieces), 0..6).prop_map(|pieces| pieces.concat())
}

fn path() -> impl Strategy<Value = String> {
    let known = vec![
        "$",
        "$.detail",
        "$.detail.a",
        "$.detail.b",
        "$.detail.c[0]",
        "$.detail.c[*]",
        "$.detail.c[*].x",
        "$.detail.missing",
        "$.id",
        "$.time",
    ];
    prop_oneof![
        9 => prop::sample::select(known).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn paths() -> impl Strategy<Value = BTreeMap<String, String>> {
    let names = prop::sample::subsequence(vec!["a", "b", "c", "d"], 0..=4);
    names.prop_flat_map(|names| {
        prop::collection::vec(path(), names.len())
            .prop_map(move |paths| names.iter().map(|name| (*name).to_owned()).zip(paths).collect())
    })
}

fn value() -> impl Strategy<Value = Value> {
    let hostile = vec!["say \"x\"", "a\\b", "a\nb", "\u{1b}[31m", "a\" \"b", "42", "", "遮", "<a>"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(hostile).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn is_json(text: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.all(|value| value.is_ok())
}

/// Paths into the events of [`pattern_and_event`], and beside them.
const FIELDS: [&str; 17] = [
    "$",
    "$.source",
    "$.account",
    "$.resources",
    "$.resources[*]",
    "$.detail",
    "$.detail.severity",
    "$.detail.id",
    "$.detail.region",
    "$.detail.accountId",
    "$.detail.title",
    "$.detail.service",
    "$.detail.service.action",
    "$.detail.note",
    "$.detail.state",
    "$.detail.state[0]",
    "$.detail.missing",
];

/// A pattern for a service's events or anybody's, and an event with any text where the service
/// says nothing else. The pattern may list values, in one place or in two, and in an `$or`.
fn pattern_and_event() -> impl Strategy<Value = (String, Value)> {
    let text = prop::sample::select(vec!["ok", "say \"x\"", "a\\b", "042", ""]);
    let severity = prop::sample::select(vec![json!(5), json!(0), json!(-1.5), json!(8.25)]);
    let account = prop::sample::select(vec!["123456789012", "012345678901"]);
    let pieces = prop::sample::subsequence(
        vec![
            r#""source":["aws.guardduty"]"#,
            r#""detail-type":["GuardDuty Finding"]"#,
            r#""detail":{"note":["ok",7],"state":["042",null,true]}"#,
            r#""detail.note":[{"exists":true}]"#,
            r#""$or":[{"detail":{"state":[{"exists":true}]}},{"detail":{"note":["ok"]}}]"#,
            r#""version":["0"]"#,
        ],
        1..=6,
    );
    let values = (text.clone(), text.clone(), prop_oneof![text.prop_map(Value::from), value()]);
    (pieces.prop_shuffle(), severity, account, values, value(), any::<bool>()).prop_map(
        |(pieces, severity, account, (title, note, state), service, full)| {
            let mut event = json!({"version": "0", "id": "i", "source": "aws.guardduty",
                "detail-type": "GuardDuty Finding", "account": account, "resources": ["arn:x"],
                "time": "2026-01-02T03:04:05Z", "region": "us-east-1",
                "detail": {"id": "f", "region": "us-east-1", "accountId": account, "title": title,
                    "note": note, "severity": severity, "service": {"action": service}}});
            // A list matches by any of its elements: nothing is promised for that.
            if !state.is_array() {
                event["detail"]["state"] = state;
            }
            if !full {
                event["detail"].as_object_mut().expect("an object").remove("severity");
            }
            (format!("{{{}}}", pieces.join(",")), event)
        },
    )
}

fn safe_means_delivered(input: &Input, known: &Known, event: &Value) -> Result<(), TestCaseError> {
    let Ok(transform) = Transform::new(input, "t") else { return Ok(()) };
    let all_safe = verdicts(input, known).iter().all(|verdict| verdict.risk == Risk::Safe);
    let has_text =
        matches!(input, Input::Transformer { template, .. } if !template.trim().is_empty());
    if all_safe && has_text {
        let event = Event::parse(&event.to_string()).expect("an object");
        let outcome = transform.deliver(&event, &CONTEXT);
        prop_assert!(matches!(outcome, Outcome::Delivered(_)), "{input:?}: {outcome:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_delivered_is_json(
        template in template(), paths in paths(), a in value(), b in value(), c in value(),
    ) {
        let event = json!({"id": "i", "time": "2026-01-02T03:04:05Z",
            "detail": {"a": a, "b": b, "c": [c, {"x": "y"}]}});
        let event = Event::parse(&event.to_string()).expect("an object");
        let input = Input::Transformer { paths, template };
        let _ = verdicts(&input, &Known::nothing());
        if let Ok(transform) = Transform::new(&input, "t") {
            let outcome = transform.deliver(&event, &CONTEXT);
            prop_assert_eq!(&outcome, &transform.deliver(&event, &CONTEXT));
            match outcome {
                Outcome::Delivered(text) => {
                    prop_assert!(is_json(&text), "{input:?} delivers {text}");
                    prop_assert!(!text.trim().is_empty());
                }
                Outcome::Lost(loss) => match loss.why {
                    Why::NotJson { .. } => prop_assert!(!is_json(&loss.attempted), "{loss:?}"),
                    Why::Nothing => prop_assert!(loss.attempted.trim().is_empty()),
                    Why::Undecided(_) => {}
                },
            }
        }
    }

    /// Where each placeholder is called safe, the mail arrives, whatever the fields hold of which
    /// nothing is known.
    #[test]
    fn what_is_safe_arrives(
        template in template(), paths in paths(), a in value(), b in value(), c in value(),
    ) {
        let event = json!({"id": "i", "time": "2026-01-02T03:04:05Z",
            "detail": {"a": a, "b": b, "c": [c, {"x": "y"}]}});
        let input = Input::Transformer { paths, template };
        safe_means_delivered(&input, &Known::nothing(), &event)?;
    }

    /// The same with what a pattern says, by the event's kind and by the values that it lists.
    #[test]
    fn what_is_safe_by_a_pattern_arrives(
        template in template(), (pattern, event) in pattern_and_event(),
        paths in prop::collection::vec(prop::sample::select(FIELDS.to_vec()), 4),
    ) {
        let matches = Pattern::parse(&pattern).expect("a pattern")
            .matches(event.to_string().as_bytes());
        let paths = ["a", "b", "c", "d"].into_iter().zip(paths)
            .map(|(name, path)| (name.to_owned(), path.to_owned())).collect();
        let input = Input::Transformer { paths, template };
        if matches.expect("an event") {
            safe_means_delivered(&input, &Known::from_pattern(&pattern), &event)?;
        }
    }

    #[test]
    fn no_text_makes_it_panic(
        template in any::<String>(), path in any::<String>(), event in any::<String>(),
    ) {
        let paths = BTreeMap::from([("a".to_owned(), path.clone())]);
        let _ = check_template(&paths, &template);
        let _ = Target::from_json(&event, None);
        let known = Known::from_pattern(&event);
        let inputs = [
            Input::Path(path),
            Input::Constant(template.clone()),
            Input::Transformer { paths, template },
        ];
        let event = Event::parse(&event).or_else(|_| Event::parse("{}")).expect("an event");
        for input in inputs {
            let _ = verdicts(&input, &known);
            if let Ok(transform) = Transform::new(&input, "t") {
                let _ = transform.deliver(&event, &CONTEXT);
            }
        }
    }

    /// The two readings of a template agree: what is for the author of a file to see, and what
    /// AWS refuses. AWS takes blanks, and what it will never fill in.
    #[test]
    fn what_aws_refuses_has_a_problem_and_what_it_takes_has_none(
        template in template(), paths in paths(),
    ) {
        if paths.values().all(|path| check_path(path).is_ok()) {
            let problems = check_template(&paths, &template);
            let is_blank = template.trim_matches([' ', '\t', '\r', '\n']).is_empty();
            let input = Input::Transformer { paths: paths.clone(), template };
            if Transform::new(&input, "t").is_err() {
                prop_assert!(!problems.is_empty());
            } else {
                let never_filled = |near: &str| near.starts_with("<$")
                    || paths.is_empty() && near.starts_with('<');
                prop_assert!(
                    problems.iter().all(|problem| is_blank || never_filled(&problem.near)),
                    "{input:?}: {problems:?}"
                );
            }
        }
    }

    /// What an author writes is what a reader sees, line by line in quotes.
    #[test]
    fn a_message_of_plain_text_comes_out_as_it_was_written(
        lines in prop::collection::vec(r#"[^"\\<\p{Cc}]{0,20}"#, 1..5),
    ) {
        let text = lines.join("\n");
        if let Ok(message) = Message::parse(&text) {
            prop_assert_eq!(message.to_string(), text.strip_suffix('\n').unwrap_or(&text));
            let input = quoted_lines(&message, &BTreeMap::new()).expect("plain text");
            let transform = Transform::new(&input, "t").expect("AWS takes it");
            let outcome = transform.deliver(&Event::parse("{}").expect("an event"), &CONTEXT);
            let lines = message.to_string();
            let want: Vec<String> = lines.split('\n').map(|line| format!("\"{line}\"")).collect();
            prop_assert_eq!(outcome, Outcome::Delivered(want.join("\n")));
        }
    }

    /// The same with values in it.
    #[test]
    fn a_message_shows_its_values(
        before in r#"[^"\\<\p{Cc}]{0,10}"#, value in r#"[^"\\\p{Cc}]{1,10}"#,
    ) {
        let message = Message::parse(&format!("{before}<$.detail.v>.<w>")).expect("a message");
        let paths = BTreeMap::from([("w".to_owned(), "$.detail.w".to_owned())]);
        let input = quoted_lines(&message, &paths).expect("plain text");
        let event = json!({"detail": {"v": value, "w": 5}}).to_string();
        let outcome = Transform::new(&input, "t").expect("AWS takes it")
            .deliver(&Event::parse(&event).expect("an event"), &CONTEXT);
        prop_assert_eq!(outcome, Outcome::Delivered(format!("\"{before}{value}.5\"")));
    }
}

/// More than any stack holds if each level took a call.
const DEEP: usize = 100_000;

#[test]
fn deep_nesting_overflows_nothing() {
    let deep = |open: &str, close: &str| open.repeat(DEEP) + &close.repeat(DEEP);
    let event = format!("{{\"detail\":{}}}", deep("[", "]"));
    let error = Event::parse(&event).expect_err("too deep").to_string();
    assert_eq!(
        error,
        "the event is not a JSON object: it nests deeper than 1,000 levels (line 1, column 1010)"
    );
    // As deep as an event may be.
    let event = format!("{{\"a\":{}1{}}}", "[".repeat(999), "]".repeat(999));
    let event = Event::parse(&event).expect("an event");
    let paths: BTreeMap<String, String> = [("a".to_owned(), "$".to_owned())].into();
    for template in ["\"<a>\"", "{\"k\":<a>}", "[<a>]"] {
        let input = Input::Transformer { paths: paths.clone(), template: template.to_owned() };
        let transform = Transform::new(&input, "t").expect("AWS takes it");
        let _ = transform.deliver(&event, &CONTEXT);
    }
    for text in [deep("[", "]"), "[".repeat(DEEP), "{\"a\":".repeat(DEEP), "<".repeat(DEEP)] {
        assert!(!check_template(&paths, &text).is_empty());
        let template = text.chars().take(8192).collect();
        let input = Input::Transformer { paths: paths.clone(), template };
        assert!(verdicts(&input, &Known::from_pattern(&text)).is_empty());
        assert!(Target::from_json(&text, None).is_err());
        let _ = Message::parse(&text).map(|message| quoted_lines(&message, &paths));
        let _ = Transform::new(&Input::Path(format!("$.{text}")), "t");
    }
}
