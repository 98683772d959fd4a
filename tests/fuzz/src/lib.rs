//! What a fuzzer feeds: each function takes any bytes, and panics when a promise is broken.
//!
//! `cargo xtask fuzz` runs them for as long as it is told; the corpus beside this runs as a test.

use notify_core::pattern::{Pattern, PatternSet, Validation};
use notify_core::spec::{Format, Level, parse};
use notify_core::transform::{
    Context, Event, Input, Known, Outcome, Risk, Transform, check_template, verdicts,
};
use std::collections::BTreeMap;

/// A function that takes any bytes.
pub type Target = fn(&[u8]);

/// All of them by name; their corpora lie in folders of these names.
pub const TARGETS: [(&str, Target); 5] = [
    ("pattern", pattern),
    ("event", event),
    ("matcher", matcher),
    ("template", template),
    ("spec", spec),
];

const EVENT: &str = r#"{"version": "0", "id": "1", "detail-type": "t", "source": "s",
    "account": "123456789012", "time": "2026-01-15T09:30:00Z", "region": "us-east-1",
    "resources": ["r"], "detail": {"a": "x", "b": [1, {"c": "say \"y\""}], "n": null, "t": true}}"#;

/// Patterns that use every operator.
const PATTERNS: [&str; 8] = [
    r#"{"source": ["s", {"prefix": "a"}], "detail": {"a": [{"anything-but": ["y"]}]}}"#,
    r#"{"detail": {"b": [{"numeric": [">", 0, "<=", 5]}, {"exists": false}]}}"#,
    r#"{"detail": {"b": {"c": [{"wildcard": "*\\**"}, {"suffix": "\""}]}}}"#,
    r#"{"$or": [{"detail": {"n": [null]}}, {"detail": {"t": [true]}}]}"#,
    r#"{"resources": [{"cidr": "10.0.0.0/8"}, {"equals-ignore-case": "R"}]}"#,
    r#"{"detail": {"x": [{"cidr": "::/1"}], "a": [{"exists": true}]}}"#,
    r#"{"detail": {"b": {"c": ["x"], "d": [{"exists": false}]}}}"#,
    r#"{"detail": {"a": [{"anything-but": {"wildcard": "a*b*c"}}, 300, 3.0e2]}}"#,
];

/// Patterns that are told apart by what an event begins with.
const PATTERN_LINES: &str = r#"{"source": ["s"], "detail-type": ["t"], "detail": {"a": ["x"]}}
{"source": [{"exists": false}], "detail": {"a": ["x", {"exists": false}]}}
{"detail-type": [{"prefix": "t"}], "detail": {"b": {"c": ["x"], "d": [1]}}}
{"source": ["s"], "$or": [{"detail.a": ["x"]}, {"detail": {"b": {"c": [{"exists": false}]}}}]}"#;

/// A pattern: reading it says the same twice; alone and in a set it decides the same.
pub fn pattern(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read = Pattern::parse(&text);
    let again = Pattern::parse(&text);
    match (read, again) {
        (Ok(pattern), Ok(again)) => {
            let _ = pattern.limits();
            let alone = pattern.matches(EVENT.as_bytes());
            let _ = pattern.explain(EVENT.as_bytes());
            let set = PatternSet::new([again]).matches(EVENT.as_bytes());
            assert_eq!(alone.is_ok(), set.is_ok(), "alone and in a set");
            if let (Ok(alone), Ok(set)) = (alone, set) {
                assert_eq!(alone, set == [0], "alone and in a set");
            }
        }
        (Err(one), Err(other)) => {
            assert_eq!(one.service_text(), other.service_text(), "the same refusal");
        }
        _ => panic!("taken once and refused once"),
    }
}

/// An event: every pattern decides the same alone and in a set, and says the same twice.
pub fn event(data: &[u8]) {
    let patterns: Vec<Pattern> =
        PATTERNS.iter().filter_map(|text| Pattern::parse(text).ok()).collect();
    assert_eq!(patterns.len(), PATTERNS.len(), "they are patterns");
    let set = PatternSet::new(patterns.clone());
    match set.matches(data) {
        Ok(matching) => {
            assert_eq!(set.matches(data).ok().as_ref(), Some(&matching), "the same twice");
            for (at, pattern) in patterns.iter().enumerate() {
                let alone = pattern.matches(data).ok();
                assert_eq!(alone, Some(matching.contains(&at)), "alone and in a set: {at}");
                let explained = pattern.explain(data).ok().map(|explained| explained.matches);
                assert_eq!(explained, alone, "explained as decided: {at}");
            }
        }
        Err(_) => {
            let all = patterns.iter().all(|pattern| pattern.matches(data).is_ok());
            assert!(!all, "an event that a set refuses is refused by a pattern");
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        deliver(r#""<a> <b>""#, text);
        deliver(r#"{"k": <a>, "l": "<b>"}"#, text);
    }
}

/// Lines that are patterns or events, and a byte of zero behind the last pattern: a matcher of all
/// patterns says of each event what each pattern says on its own. What is broken may pass where it
/// is not looked at, and is an error where every byte is.
pub fn matcher(data: &[u8]) {
    let (patterns, events) = match data.iter().position(|byte| *byte == 0) {
        Some(end) => (data.get(..end).unwrap_or_default(), data.get(end + 1..).unwrap_or_default()),
        None => (PATTERN_LINES.as_bytes(), data),
    };
    let patterns = String::from_utf8_lossy(patterns);
    let patterns = patterns.lines().chain(PATTERNS).filter_map(|text| Pattern::parse(text).ok());
    let patterns: Vec<Pattern> = patterns.collect();
    let set = PatternSet::new(patterns.iter().cloned());
    let mut needed = set.matcher(Validation::Needed);
    let mut full = set.matcher(Validation::Full);
    for event in events.split(|byte| *byte == b'\n') {
        let alone: Result<Vec<bool>, _> = patterns.iter().map(|one| one.matches(event)).collect();
        let full = full.matches(event).map(<[usize]>::to_vec);
        let needed = needed.matches(event).map(<[usize]>::to_vec);
        match alone {
            Ok(alone) => {
                let all = (0..alone.len()).filter(|at| alone.get(*at) == Some(&true));
                let all: Vec<usize> = all.collect();
                assert_eq!(needed.ok().as_ref(), Some(&all), "alone and at speed");
                assert_eq!(full.ok(), Some(all), "alone and with every byte looked at");
            }
            Err(error) => {
                assert_eq!(
                    full.map_err(|e| e.to_string()),
                    Err(error.to_string()),
                    "the same error"
                );
            }
        }
    }
}

/// A template: what is refused is said, what is delivered is JSON, and what is safe is delivered.
pub fn template(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = check_template(&paths(), &text);
    deliver(&text, EVENT);
}

fn paths() -> BTreeMap<String, String> {
    [
        ("a", "$.detail.a"),
        ("b", "$.detail.b"),
        ("c", "$.detail.b[1].c"),
        ("m", "$.detail.missing"),
        ("n", "$.detail.n"),
        ("t", "$.detail.t"),
    ]
    .into_iter()
    .map(|(name, path)| (name.to_owned(), path.to_owned()))
    .collect()
}

fn deliver(template: &str, event: &str) {
    let input = Input::Transformer { paths: paths(), template: template.to_owned() };
    let verdicts = verdicts(&input, &Known::nothing());
    let all_safe = verdicts.iter().all(|verdict| verdict.risk == Risk::Safe);
    let context = Context {
        rule_arn: "arn:aws:events:us-east-1:123456789012:rule/r",
        ingestion_time: "2026-01-15T09:30:01.000Z",
    };
    let (Ok(transform), Ok(event)) = (Transform::new(&input, "t"), Event::parse(event)) else {
        return;
    };
    let outcome = transform.deliver(&event, &context);
    // No path leads to a field that AWS fills in, so the event may hold anything.
    if all_safe && !template.trim().is_empty() {
        assert!(matches!(outcome, Outcome::Delivered(_)), "safe and not delivered: {outcome:?}");
    }
    if let Outcome::Delivered(text) = outcome {
        let mut values = serde_json::Deserializer::from_str(&text)
            .into_iter::<Box<serde_json::value::RawValue>>();
        // serde_json gives up at 128 levels, which are no reason to lose a mail.
        let broken =
            values.find_map(Result::err).filter(|error| !error.to_string().contains("recursion"));
        assert!(broken.is_none(), "delivered and not JSON: {text}: {broken:?}");
    }
}

/// A spec file: there is a spec exactly when there is no error, and every finding has words.
pub fn spec(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for format in [Format::Toml, Format::Json] {
        let parsed = parse(&text, format);
        let failed = parsed.findings.iter().any(|finding| finding.level == Level::Error);
        assert_eq!(parsed.spec.is_none(), failed, "a spec, or an error");
        for finding in &parsed.findings {
            let _ = finding.location.line_and_column(&text);
            assert!(!finding.message.is_empty() && !finding.help.is_empty(), "words");
        }
    }
}
