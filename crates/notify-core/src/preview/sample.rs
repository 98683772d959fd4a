//! An event that a pattern matches, for a preview when nobody has a real one at hand.

use crate::aws::{AccountId, Region};
use crate::pattern::Pattern;
use crate::pattern::PatternText;
use crate::spec::fill;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// When samples happen.
pub const SAMPLE_TIME: &str = "2026-01-15T09:30:00Z";

/// Makes an event that a pattern matches: begins with a preset's own sample where there is one,
/// sets what the pattern asks for, and fills in the paths that a message uses.
///
/// `None` where this finds no such event; then its author must give one.
pub fn sample_event(
    pattern: &PatternText,
    paths: &BTreeMap<String, String>,
    begin_with: Option<&str>,
    account: &AccountId,
    region: &Region,
) -> Option<String> {
    let asked = pattern.to_value();
    let values = [("account", account.as_str()), ("region", region.as_str())];
    let mut event = begin_with
        .and_then(|text| serde_json::from_str::<Value>(&fill(text, &values)).ok())
        .unwrap_or_else(|| envelope(account, region));
    fill_pattern(&mut event, &asked, &mut Vec::new());
    for path in paths.values() {
        fill_path(&mut event, path, account, region);
    }
    // An example that was put in may be what the pattern excludes.
    fill_pattern(&mut event, &asked, &mut Vec::new());
    let text = event.to_string();
    let matches = Pattern::parse(&pattern.0).ok()?.matches(text.as_bytes());
    matches.is_ok_and(|matches| matches).then_some(text)
}

fn envelope(account: &AccountId, region: &Region) -> Value {
    json!({
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": "Example",
        "source": "example",
        "account": account.as_str(),
        "time": SAMPLE_TIME,
        "region": region.as_str(),
        "resources": [],
        "detail": {},
    })
}

/// Sets what a pattern asks for, field by field; what fits already stays.
fn fill_pattern<'p>(event: &mut Value, pattern: &'p Value, path: &mut Vec<&'p str>) {
    let Some(fields) = pattern.as_object() else { return };
    for (key, asked) in fields {
        match asked {
            Value::Array(alternatives) if key == "$or" => {
                // The first one will do: the result is tried against the whole pattern.
                if let Some(first) = alternatives.first() {
                    fill_pattern(event, first, path);
                }
            }
            Value::Array(matchers) => {
                path.push(key);
                if !fits(event, path, asked)
                    && let Some(wanted) = matchers.iter().find_map(|m| value_for(m, key))
                {
                    set(event, path, wanted);
                }
                path.pop();
            }
            _ => {
                path.push(key);
                fill_pattern(event, asked, path);
                path.pop();
            }
        }
    }
}

/// Whether an event's field is what the pattern asks for already.
fn fits(event: &Value, path: &[&str], asked: &Value) -> bool {
    let alone = path.iter().rev().fold(asked.clone(), |inner, key| json!({ *key: inner }));
    let pattern = Pattern::parse(&alone.to_string());
    pattern.is_ok_and(|pattern| {
        pattern.matches(event.to_string().as_bytes()).is_ok_and(|matches| matches)
    })
}

/// Sets a field, or takes it out.
fn set(event: &mut Value, path: &[&str], wanted: Wanted) {
    let Some((last, before)) = path.split_last() else { return };
    let mut at = event;
    for key in before {
        let Some(fields) = object(at) else { return };
        at = fields.entry(*key).or_insert_with(|| json!({}));
    }
    match wanted {
        Wanted::Absent => {
            if let Some(fields) = object(at) {
                fields.remove(*last);
            }
        }
        Wanted::Is(value) => {
            // `resources` and its like are lists; a pattern looks into them.
            let value =
                if at.get(*last).is_some_and(Value::is_array) { json!([value]) } else { value };
            if let Some(fields) = object(at) {
                fields.insert((*last).to_owned(), value);
            }
        }
    }
}

/// The object in a place; what else was there gives way. There always is one then.
fn object(value: &mut Value) -> Option<&mut Map<String, Value>> {
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut()
}

/// What a matcher asks for.
enum Wanted {
    Is(Value),
    Absent,
}

/// Something that a matcher takes in a field of that name.
fn value_for(matcher: &Value, name: &str) -> Option<Wanted> {
    let Value::Object(operator) = matcher else { return Some(Wanted::Is(matcher.clone())) };
    let (operator, operand) = operator.iter().next()?;
    let text = operand.as_str().or_else(|| operand.get("equals-ignore-case")?.as_str());
    Some(Wanted::Is(match operator.as_str() {
        "exactly" | "equals-ignore-case" => json!(text?),
        "prefix" => json!(format!("{}example", text?)),
        "suffix" => json!(format!("example{}", text?)),
        "wildcard" => json!(unescape(text?)),
        "numeric" => json!(number_for(operand.as_array()?)?),
        "cidr" => json!(text?.split('/').next()?),
        "exists" if operand == &Value::Bool(false) => return Some(Wanted::Absent),
        "exists" => json!("example"),
        // Lists of numbers and what operators refuse are not looked at, but the result is tried.
        "anything-but" if operand.is_number() => whole(operand.as_f64()? + 1.0),
        "anything-but" => json!(other_than(operand, name)),
        _ => return None,
    }))
}

/// A text that is none of those in a list.
fn other_than(listed: &Value, name: &str) -> String {
    let is_listed = |text: &String| match listed {
        Value::Array(list) => list.iter().any(|one| one.as_str() == Some(text)),
        one => one.as_str() == Some(text),
    };
    let lower = name.to_ascii_lowercase();
    let is_address = lower.contains("ipaddress") || lower.ends_with("ip");
    let mut texts = (1..).map(|number: u64| match number {
        number if lower.contains("account") => format!("{}", 111_122_223_332 + number),
        number @ 1..255 if is_address => format!("192.0.2.{number}"),
        1 => "something-else".to_owned(),
        number => format!("something-else-{number}"),
    });
    texts.find(|text| !is_listed(text)).unwrap_or_default()
}

/// A text that a wildcard matches.
fn unescape(wildcard: &str) -> String {
    let mut text = String::with_capacity(wildcard.len());
    let mut characters = wildcard.chars();
    while let Some(c) = characters.next() {
        match c {
            '*' => text.push_str("example"),
            '\\' => text.extend(characters.next()),
            c => text.push(c),
        }
    }
    text
}

/// A number that a condition takes, whole where that does.
fn number_for(condition: &[Value]) -> Option<Value> {
    let bound = |at: usize| condition.get(at).and_then(Value::as_f64);
    let low = bound(1)?;
    let number = match (condition.first()?.as_str()?, bound(3)) {
        (_, Some(high)) if low + 1.0 < high => low + 1.0,
        (_, Some(high)) => f64::midpoint(low, high),
        (">", None) => low + 1.0,
        ("<", None) => low - 1.0,
        _ => return condition.get(1).cloned(),
    };
    Some(whole(number))
}

/// A number as people write it: 5 and not 5.0.
fn whole(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "only where it is whole and small")]
    let whole = (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64);
    whole.map_or_else(|| json!(number), |whole| json!(whole))
}

/// Puts a value where a path of a template looks and finds none.
fn fill_path(event: &mut Value, path: &str, account: &AccountId, region: &Region) {
    let Some(path) = path.strip_prefix("$.") else { return };
    let mut at = event;
    let mut last = "";
    for step in path.split('.') {
        let (name, brackets) = step.split_at(step.find('[').unwrap_or(step.len()));
        last = name;
        if !matches!(at, Value::Object(_) | Value::Null) {
            return;
        }
        let Some(fields) = object(at) else { return };
        at = fields.entry(name).or_insert(Value::Null);
        for bracket in brackets.split_inclusive(']') {
            let index = bracket.trim_matches(['[', ']']).parse::<usize>().unwrap_or(0);
            if at.is_null() {
                *at = json!([]);
            }
            let Value::Array(elements) = at else { return };
            // A sample needs no more than a few elements.
            if index >= 10 {
                return;
            }
            while elements.len() <= index {
                elements.push(Value::Null);
            }
            at = &mut elements[index];
        }
    }
    if at.is_null() {
        *at = example(last, account, region);
    }
}

/// A value as a field of that name might have it.
fn example(name: &str, account: &AccountId, region: &Region) -> Value {
    let lower = name.to_ascii_lowercase();
    let has = |part: &str| lower.contains(part);
    if has("time") || has("date") || name.ends_with("At") {
        json!(SAMPLE_TIME)
    } else if has("account") {
        json!(account.as_str())
    } else if has("region") {
        json!(region.as_str())
    } else if has("ipaddress") || lower.ends_with("ip") {
        json!("192.0.2.1")
    } else if has("severity") {
        json!(5)
    } else {
        json!(format!("({name})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(pattern: &str, paths: &[&str], begin_with: Option<&str>) -> Option<Value> {
        let paths = paths.iter().enumerate().map(|(at, path)| (at.to_string(), (*path).to_owned()));
        let account = AccountId::parse("123456789012").unwrap();
        let event = sample_event(
            &PatternText(pattern.to_owned()),
            &paths.collect(),
            begin_with,
            &account,
            &Region::us_east_1(),
        )?;
        Some(serde_json::from_str(&event).unwrap())
    }

    #[test]
    fn every_operator_has_a_sample() {
        let check = |matchers: &str, want: Value| {
            let pattern = format!(r#"{{"detail": {{"x": {matchers}}}}}"#);
            let event =
                sample(&pattern, &[], None).unwrap_or_else(|| panic!("none for {matchers}"));
            assert_eq!(event["detail"]["x"], want, "{matchers}");
            assert_eq!(event["time"], SAMPLE_TIME);
        };
        check(r#"["a", "b"]"#, json!("a"));
        check("[300]", json!(300));
        check("[true]", json!(true));
        check(r#"[{"exactly": "a"}]"#, json!("a"));
        check(r#"[{"prefix": "a-"}]"#, json!("a-example"));
        check(r#"[{"prefix": {"equals-ignore-case": "A-"}}]"#, json!("A-example"));
        check(r#"[{"suffix": ".png"}]"#, json!("example.png"));
        check(r#"[{"equals-ignore-case": "Abc"}]"#, json!("Abc"));
        check(r#"[{"wildcard": "a*\\*b"}]"#, json!("aexample*b"));
        check(r#"[{"cidr": "10.1.2.0/24"}]"#, json!("10.1.2.0"));
        check(r#"[{"exists": true}]"#, json!("example"));
        check(r#"[{"exists": false}]"#, Value::Null);
        check(r#"[{"anything-but": ["a"]}]"#, json!("something-else"));
        check(r#"[{"anything-but": {"prefix": "a"}}]"#, json!("something-else"));
        check(r#"[{"anything-but": 5}]"#, json!(6));
        check(r#"[{"anything-but": "something-else"}]"#, json!("something-else-2"));
        check(
            r#"[{"anything-but": ["something-else-2", "a", "something-else"]}]"#,
            json!("something-else-3"),
        );
        for (condition, want) in [
            (r#"["=", 4.5]"#, json!(4.5)),
            (r#"[">", 4]"#, json!(5)),
            (r#"[">=", 4]"#, json!(4)),
            (r#"["<", 4]"#, json!(3)),
            (r#"["<=", 4]"#, json!(4)),
            (r#"[">", 0, "<", 10]"#, json!(1)),
            (r#"[">", 0, "<", 1]"#, json!(0.5)),
            (r#"[">=", 1.5, "<=", 9]"#, json!(2.5)),
        ] {
            check(&format!(r#"[{{"numeric": {condition}}}]"#), want);
        }
    }

    #[test]
    fn what_is_excluded_gives_way() {
        let begin = r#"{"account": "{account}", "detail": {"ruleName": "a", "accountId": "x"}}"#;
        let pattern = r#"{"account": [{"anything-but": ["123456789012", "111122223333"]}],
            "detail": {"ruleName": [{"anything-but": ["a"]}, {"exists": false}]}}"#;
        let event = sample(pattern, &[], Some(begin)).unwrap();
        let detail = json!({"ruleName": "something-else", "accountId": "x"});
        assert_eq!(event, json!({"account": "111122223334", "detail": detail}));
        // Also where a path of the message puts an example in.
        let pattern = r#"{"detail": {"sourceIP": [{"anything-but": ["192.0.2.1"]}, {"exists": false}],
            "eventTime": [{"exists": false}]}}"#;
        let paths = ["$.detail.sourceIP", "$.detail.eventTime"];
        let event = sample(pattern, &paths, Some("{}")).unwrap();
        assert_eq!(event, json!({"detail": {"sourceIP": "192.0.2.2"}}));
        let many: Vec<String> = (1..255).map(|n| format!("192.0.2.{n}")).collect();
        let pattern = json!({"sourceIPAddress": [{"anything-but": many}]}).to_string();
        let event = sample(&pattern, &[], Some("{}")).unwrap();
        assert_eq!(event["sourceIPAddress"], "something-else-255");
    }

    #[test]
    fn what_a_sample_has_already_stays() {
        let begin = r#"{"source": "s", "detail": {"x": "a-1", "y": [1], "z": "old"}}"#;
        let pattern = r#"{"source": ["s"], "detail": {"x": [{"prefix": "a-"}], "z": ["new"]}}"#;
        let event = sample(pattern, &["$.detail.x", "$.detail.more"], Some(begin)).unwrap();
        let detail = json!({"x": "a-1", "y": [1], "z": "new", "more": "(more)"});
        assert_eq!(event, json!({"source": "s", "detail": detail}));
    }

    #[test]
    fn branches_lists_and_odd_fields() {
        let event =
            sample(r#"{"$or": [{"source": ["a"]}, {"source": ["b"]}]}"#, &[], None).unwrap();
        assert_eq!(event["source"], "a");
        let event = sample(r#"{"resources": ["arn:x"], "detail": {"a": {"b": ["c"]}}}"#, &[], None);
        let event = event.unwrap();
        assert_eq!(
            (&event["resources"], &event["detail"]["a"]["b"]),
            (&json!(["arn:x"]), &json!("c"))
        );
        let event = sample(r#"{"a": [null], "b": [{"exists": false}]}"#, &[], None).unwrap();
        assert_eq!((event.get("a"), event.get("b")), (Some(&Value::Null), None));
        assert_eq!(sample(r#"{"a": [{"anything-but": {"suffix": "else"}}]}"#, &[], None), None);
        assert_eq!(sample("no pattern", &[], None), None);
    }

    #[test]
    fn paths_of_a_message_find_a_value() {
        let paths = [
            "$.detail.list[1].eventTime",
            "$.detail.all[*].userAccount",
            "$.detail.sourceIPAddress",
            "$.detail.createdAt",
            "$.detail.awsRegion",
            "$.detail.severity",
            "$.detail.format",
            "$.detail.far[99]",
            "$.source.deep",
            "$",
        ];
        let event = sample(r#"{"source": ["s"]}"#, &paths, None).unwrap();
        assert_eq!(
            event["detail"],
            json!({
                "list": [null, {"eventTime": SAMPLE_TIME}], "all": [{"userAccount": "123456789012"}],
                "sourceIPAddress": "192.0.2.1", "createdAt": SAMPLE_TIME, "awsRegion": "us-east-1",
                "severity": 5, "format": "(format)", "far": [],
            })
        );
        assert_eq!(event["source"], "s");
    }
}
