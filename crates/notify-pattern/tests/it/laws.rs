//! Laws of patterns: nothing panics, nothing hangs, the entry points agree.

use notify_pattern::{Pattern, PatternSet};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Pieces that patterns and events are made of, so that random text gets somewhere.
fn pieces() -> impl Strategy<Value = String> {
    let words = vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\"a\"",
        "\"a\":",
        "\"$or\":",
        "\"$or\":[{\"a\":[1]},",
        "{\"prefix\":",
        "{\"anything-but\":",
        "{\"numeric\":[\">\",1",
        "{\"wildcard\":\"*\"}",
        "{\"exists\":false}",
        "{\"cidr\":\"::/0\"}",
        "null",
        "true",
        "1e5",
        "-0",
        "9007199254740993",
        "\"\\ud800\"",
        "\"ß\"",
        "\"*\"",
        " ",
        "\n",
        "\u{0}",
        "é",
        "🚀",
        "{\"a\":[1]}",
        "{\"a\":{\"b\":[",
    ];
    let piece = prop_oneof![
        8 => prop::sample::select(words).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// An object with few keys, so that patterns and events meet.
fn object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..3_i32).prop_map(Value::from),
        prop::sample::select(vec!["", "a", "ab", "A", "10.0.0.1", "é", "\"", "*", "\\"])
            .prop_map(Value::from),
    ];
    let key =
        || prop::sample::select(vec!["a", "b", "a.b", "", "é", "$or"]).prop_map(str::to_owned);
    let value = leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(key(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    prop::collection::hash_map(key(), value, 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

/// A pattern that an event must match: of each object of the event what one way through its arrays
/// finds.
fn pattern_of(event: &Value, pick: usize) -> Option<Value> {
    let Value::Object(fields) = event else { return None };
    let mut pattern = serde_json::Map::new();
    for (key, value) in fields {
        if key == "$or" {
            continue;
        }
        let mut value = value;
        while let Value::Array(list) = value {
            value = list.get(pick % list.len().max(1))?;
        }
        let wanted = match value {
            Value::Object(_) => pattern_of(value, pick),
            // Each form accepts the value itself.
            Value::String(text) => Some(match pick % 6 {
                0 => json!([text]),
                1 => json!([{"prefix": text}]),
                2 => json!([{"suffix": text}]),
                3 => json!([{"equals-ignore-case": text}]),
                4 => json!([{"anything-but": format!("{text}!")}, {"exists": false}]),
                _ => {
                    json!([{"wildcard": format!("{}*", text.replace('\\', "\\\\").replace('*', "\\*"))}])
                }
            }),
            Value::Number(number) if pick.is_multiple_of(2) => Some(
                json!([{"numeric": [">=", number, "<", number.as_f64().unwrap_or(0.0) + 1.0]}]),
            ),
            other if pick.is_multiple_of(3) => Some(json!(["no", other])),
            _ => Some(json!([{"exists": true}])),
        };
        if let Some(wanted) = wanted {
            pattern.insert(key.clone(), wanted);
        }
    }
    (!pattern.is_empty()).then_some(Value::Object(pattern))
}

/// A value's path, the value, and for each array around it the element.
type Leaf = (String, Value, BTreeMap<usize, usize>);

/// All leaves of an event, the simple way.
fn leaves(
    value: &Value,
    path: &str,
    inside: &BTreeMap<usize, usize>,
    arrays: &mut usize,
    out: &mut Vec<Leaf>,
) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = if path == "^" { key.clone() } else { format!("{path}.{key}") };
                leaves(value, &path, inside, arrays, out);
            }
        }
        Value::Array(list) => {
            *arrays += 1;
            let array = *arrays;
            for (at, value) in list.iter().enumerate() {
                let mut inside = inside.clone();
                if value.is_object() || value.is_array() {
                    inside.insert(array, at);
                }
                leaves(value, path, &inside, arrays, out);
            }
        }
        value => out.push((path.to_owned(), value.clone(), inside.clone())),
    }
}

/// What a field asks for: a value, any value, no value, or a value or none.
#[derive(Debug, Clone)]
enum Wanted {
    Is(i32),
    Any,
    None,
    IsOrNone(i32),
}

impl Wanted {
    fn json(&self) -> Value {
        match self {
            Self::Is(value) => json!([value]),
            Self::Any => json!([{"exists": true}]),
            Self::None => json!([{"exists": false}]),
            Self::IsOrNone(value) => json!([{"exists": false}, value]),
        }
    }

    fn takes(&self, value: &Value) -> bool {
        match self {
            Self::Is(wanted) | Self::IsOrNone(wanted) => value == wanted,
            Self::Any => true,
            Self::None => false,
        }
    }
}

/// Whether the fields match, by trying every choice of leaves in the order of paths.
fn tried(fields: &[(&String, &Wanted)], leaves: &[Leaf], chosen: &BTreeMap<usize, usize>) -> bool {
    let Some(((path, wanted), rest)) = fields.split_first() else { return true };
    let here: Vec<&Leaf> = leaves
        .iter()
        .filter(|(at, _, inside)| {
            at == *path
                && inside.iter().all(|(array, at)| chosen.get(array).is_none_or(|c| c == at))
        })
        .collect();
    let may_be_absent = matches!(wanted, Wanted::None | Wanted::IsOrNone(_));
    if may_be_absent && here.is_empty() && tried(rest, leaves, chosen) {
        return true;
    }
    here.iter().filter(|(_, value, _)| wanted.takes(value)).any(|(_, _, inside)| {
        let mut chosen = chosen.clone();
        chosen.extend(inside);
        tried(rest, leaves, &chosen)
    })
}

fn rows_event() -> impl Strategy<Value = Value> {
    let leaf = (0..2_i32).prop_map(Value::from);
    let key = || prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned);
    let object = move |inner: BoxedStrategy<Value>| {
        prop::collection::hash_map(key(), inner, 1..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    };
    let value = leaf.prop_recursive(5, 40, 3, move |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            1 => prop::collection::vec(object(inner.clone().boxed()), 1..4).prop_map(Value::from),
            1 => object(inner.boxed()),
        ]
    });
    let key = prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned);
    prop::collection::hash_map(key, value, 1..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

/// What all entry points say.
fn verdict(pattern: &Pattern, event: &[u8]) -> Result<bool, String> {
    let alone = pattern.matches(event).map_err(|error| error.to_string());
    let again = pattern.matches(event).map_err(|error| error.to_string());
    let explained = pattern.explain(event).map(|e| e.matches).map_err(|error| error.to_string());
    assert_eq!(alone, again);
    assert_eq!(alone, explained);
    let _ = pattern.limits();
    alone
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn arrays_are_matched_as_if_every_choice_was_tried(
        event in rows_event(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize), 1..6),
    ) {
        let (mut all, mut arrays) = (Vec::new(), 0);
        leaves(&event, "^", &BTreeMap::new(), &mut arrays, &mut all);
        prop_assume!(!all.is_empty());
        let mut fields = BTreeMap::new();
        for (at, pick) in picks {
            let value = i32::from(pick % 2 == 0);
            let wanted = match pick {
                0..8 => Wanted::Is(value),
                8 => Wanted::Any,
                9 => Wanted::None,
                _ => Wanted::IsOrNone(value),
            };
            fields.insert(all[at.index(all.len())].0.clone(), wanted);
        }
        let pattern: serde_json::Map<String, Value> =
            fields.iter().map(|(path, wanted)| (path.clone(), wanted.json())).collect();
        let parsed = Pattern::parse(&Value::Object(pattern).to_string()).expect("a pattern");
        let in_order: Vec<(&String, &Wanted)> = fields.iter().collect();
        let wanted = tried(&in_order, &all, &BTreeMap::new());
        prop_assert_eq!(verdict(&parsed, event.to_string().as_bytes()), Ok(wanted), "{:?} on {}", fields, event);
    }
}

proptest! {
    #[test]
    fn any_text_and_any_bytes_are_answered(
        pattern in prop_oneof![pieces(), any::<String>()],
        event in prop_oneof![pieces().prop_map(String::into_bytes), any::<Vec<u8>>()],
    ) {
        let parsed = Pattern::parse(&pattern);
        match &parsed {
            Ok(parsed) => { let _ = verdict(parsed, &event); }
            Err(error) => {
                prop_assert_eq!(Pattern::parse(&pattern).expect_err("as before"), error.clone());
                prop_assert!(error.service_text().contains(error.message()));
            }
        }
        let fixed = Pattern::parse(r#"{"a": {"b": [1]}, "a.b": [{"exists": true}]}"#).expect("a pattern");
        let _ = verdict(&fixed, &event);
    }

    #[test]
    fn a_pattern_made_from_an_event_matches_it(event in object(), pick in 0..12_usize) {
        if let Some(pattern) = pattern_of(&event, pick) {
            let parsed = Pattern::parse(&pattern.to_string()).expect("a pattern");
            prop_assert_eq!(verdict(&parsed, event.to_string().as_bytes()), Ok(true), "{} on {}", pattern, event);
        }
    }

    #[test]
    fn a_set_says_what_its_patterns_say(
        events in prop::collection::vec(object(), 1..8),
        picks in prop::collection::vec(0..12_usize, 1..8),
    ) {
        let patterns: Vec<Pattern> = events
            .iter()
            .zip(&picks)
            .filter_map(|(event, pick)| pattern_of(event, *pick))
            .map(|pattern| Pattern::parse(&pattern.to_string()).expect("a pattern"))
            .collect();
        let set = PatternSet::new(patterns.iter().cloned());
        for event in &events {
            let event = event.to_string();
            let alone: Vec<usize> = (0..patterns.len())
                .filter(|at| verdict(&patterns[*at], event.as_bytes()) == Ok(true))
                .collect();
            prop_assert_eq!(set.matches(event.as_bytes()), Ok(alone), "{}", event);
        }
    }
}

#[test]
fn a_thousand_levels_are_read_and_more_are_refused() {
    let nested = |open: &str, inner: &str, close: &str, levels: usize| {
        format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
    };
    let too_deep = "Document nesting depth (1001) exceeds the maximum allowed (1000, from \
                    `StreamReadConstraints.getMaxNestingDepth()`)";
    // The list of matchers is a level, too.
    let deep = Pattern::parse(&nested("{\"a\":", "[1]", "}", 999)).expect("1,000 levels");
    let event = nested("{\"a\":", "1", "}", 999);
    assert_eq!(deep.matches(event.as_bytes()), Ok(true));
    assert_eq!(deep.matches(nested("{\"a\":", "1", "}", 1000).as_bytes()), Ok(false));
    for levels in [1000, 100_000] {
        let error = Pattern::parse(&nested("{\"a\":", "[1]", "}", levels)).expect_err("too deep");
        assert_eq!((error.message(), error.place()), (too_deep, None));
    }
    let or = |levels| nested("{\"$or\":[{\"b\":[1]},", "{\"a\":[1]}", "]}", levels);
    let deep = Pattern::parse(&or(499)).expect("1,000 levels");
    assert_eq!(deep.matches(br#"{"a": 1}"#), Ok(true));
    assert!(Pattern::parse(&or(500)).is_err());
    assert!(Pattern::parse(&or(100_000)).is_err());
    assert!(Pattern::parse(&"[".repeat(100_000)).is_err());

    let pattern = Pattern::parse(r#"{"a": [1]}"#).expect("a pattern");
    for levels in [999, 1000, 100_000] {
        for key in ["a", "b"] {
            let lists = format!("{{\"{key}\":{}}}", nested("[", "1", "]", levels));
            let objects = nested(&format!("{{\"{key}\":"), "1", "}", levels + 1);
            for (event, wanted) in [(lists, key == "a"), (objects, false)] {
                let found = pattern.matches(event.as_bytes());
                if levels < 1000 {
                    assert_eq!(found, Ok(wanted));
                } else {
                    assert_eq!(found.expect_err("too deep").message(), too_deep);
                }
            }
        }
    }
}

/// Rows in an array, each with these fields.
fn rows(count: usize, row: impl Fn(usize) -> String) -> String {
    let mut text = String::from("{\"r\":[");
    for at in 0..count {
        write!(text, "{}{{{}}}", if at > 0 { "," } else { "" }, row(at)).expect("text");
    }
    text.push_str("]}");
    text
}

#[test]
fn wide_arrays_take_time_in_proportion() {
    let pattern = Pattern::parse(
        r#"{"r": {"a": [1], "b": [2], "c": [{"exists": false}], "d": [3, {"exists": false}]}}"#,
    )
    .expect("a pattern");
    // 60,000 rows that fit all but the last field: with every pair tried this would take hours.
    let event = rows(60_000, |_| r#""a":1,"b":2,"c":1"#.to_owned());
    assert!(event.len() > 1_000_000);
    assert_eq!(pattern.matches(event.as_bytes()), Ok(false));
    let event = rows(60_000, |at| {
        if at == 59_999 { r#""a":1,"b":2"#.to_owned() } else { r#""a":1,"b":2,"c":1"#.to_owned() }
    });
    assert_eq!(pattern.matches(event.as_bytes()), Ok(true));
    // Each row has the one or the other.
    let event =
        rows(60_000, |at| if at % 2 == 0 { r#""a":1"#.to_owned() } else { r#""b":2"#.to_owned() });
    assert_eq!(pattern.matches(event.as_bytes()), Ok(false));
    // Rows in rows, and independent arrays beside each other.
    let pattern =
        Pattern::parse(r#"{"r": {"s": {"a": [1], "b": [2]}, "t": {"a": [1], "b": [2]}}}"#)
            .expect("a pattern");
    let inner = |key: &str| {
        let inner: Vec<&str> =
            (0..50).map(|at| if at % 2 == 0 { r#"{"a":1}"# } else { r#"{"b":2}"# }).collect();
        format!("\"{key}\":[{}]", inner.join(","))
    };
    let event = rows(1_000, |_| format!("{},{}", inner("s"), inner("t")));
    assert_eq!(pattern.matches(event.as_bytes()), Ok(false));
}

#[test]
fn independent_arrays_do_not_multiply() {
    // The paths of eight arrays are interleaved in sorted order: a product would have 100^8 ways.
    let mut paths: Vec<String> =
        (0..8).map(|at| "!".repeat(at)).map(|end| format!("a{end}")).collect();
    paths.extend(paths.clone().iter().map(|path| format!("{path}.x")));
    let fields: Vec<String> = paths.iter().map(|path| format!("\"{path}\":[1]")).collect();
    let pattern = Pattern::parse(&format!("{{{}}}", fields.join(","))).expect("a pattern");
    let array = vec!["[1]"; 100].join(",");
    let event: Vec<String> =
        (0..8).map(|at| format!("\"a{}\":[{array},[1,{{\"x\":1}}]]", "!".repeat(at))).collect();
    assert_eq!(pattern.matches(format!("{{{}}}", event.join(",")).as_bytes()), Ok(true));
}

#[test]
fn repeated_keys_that_make_a_puzzle_end_in_an_error() {
    // Thirty arrays at one path, two elements each: to find one element of each so that all fields
    // are found is to satisfy a formula. These fields cannot all be found.
    let fields: Vec<String> = (0..31).map(|at| format!("\"f{at:02}\":[1]")).collect();
    let pattern =
        Pattern::parse(&format!("{{\"r\":{{{}}}}}", fields.join(","))).expect("a pattern");
    let array = |seed: usize| {
        let has = |bit: usize| -> String {
            let fields: Vec<String> = (0..30)
                .filter(|field| (field * 7 + seed * 5 + bit * 3) % 4 < 2)
                .chain((bit + seed > 100).then_some(30))
                .map(|field| format!("\"f{field:02}\":1"))
                .collect();
            format!("{{{}}}", fields.join(","))
        };
        format!("\"r\":[{},{},{{\"f30\":1}}]", has(0), has(1))
    };
    let few: Vec<String> = (0..3).map(array).collect();
    assert!(pattern.matches(format!("{{{}}}", few.join(",")).as_bytes()).is_ok());
    let many: Vec<String> = (0..31).map(array).collect();
    let event = format!("{{{}}}", many.join(","));
    match pattern.matches(event.as_bytes()) {
        Ok(true) => {}
        Ok(false) => panic!("an answer that cannot be known so soon"),
        Err(error) => {
            assert_eq!(error.place(), None);
            assert!(error.message().contains("too many steps"), "{error}");
        }
    }
}

#[test]
fn combinations_beyond_the_limit_are_not_expanded_at_once() {
    let either = |at: usize| format!("\"{at}\":{{\"$or\":[{{\"a\":[1]}},{{\"b\":[1]}}]}}");
    let parts = |count: usize| (0..count).map(either).collect::<Vec<_>>().join(",");
    // 2^12 combinations, the last of which matches.
    let pattern = Pattern::parse(&format!("{{{}}}", parts(12))).expect("a pattern");
    let event: Vec<String> = (0..12).map(|at| format!("\"{at}\":{{\"b\":1}}")).collect();
    assert_eq!(pattern.matches(format!("{{{}}}", event.join(",")).as_bytes()), Ok(true));
    assert_eq!(pattern.matches(b"{}"), Ok(false));
    // More than can ever be tried.
    let pattern = Pattern::parse(&format!("{{{}}}", parts(64))).expect("a pattern");
    let event: Vec<String> = (0..64).map(|at| format!("\"{at}\":{{\"a\":1}}")).collect();
    assert_eq!(pattern.matches(format!("{{{}}}", event.join(",")).as_bytes()), Ok(true));
    assert_eq!(pattern.matches(b"{}").expect_err("no end").place(), None);
    assert_eq!(pattern.limits().len(), 1 + usize::from(pattern.text().len() > 2048));
}

#[test]
fn many_values_meet_many_matchers() {
    let list = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(",");
    let matches = |matchers: &str, values: &str| {
        let pattern = Pattern::parse(&format!(r#"{{"a":[{matchers}]}}"#)).unwrap();
        pattern.matches(format!(r#"{{"a":[{values}]}}"#).as_bytes())
    };
    let wholes = list(&mut (0..20_000).map(|n| n.to_string()));
    let halves = list(&mut (0..20_000).map(|n| format!("{n}.5")));
    assert!(!matches(&wholes, &halves).unwrap());
    assert!(matches(&wholes, &format!("{halves},1.9999e4")).unwrap());
    let texts = list(&mut (0..20_000).map(|n| format!("\"a{n}\"")));
    let others = list(&mut (0..20_000).map(|n| format!("\"b{n}\"")));
    assert!(!matches(&texts, &others).unwrap());
    assert!(matches(&texts, &format!("{others},\"a19999\"")).unwrap());
    assert!(!matches(&format!(r#"{{"anything-but":[{texts}]}}"#), &texts).unwrap());
    assert!(
        matches(&format!(r#"{{"anything-but":[{texts}]}}"#), &format!("{texts},\"b\"")).unwrap()
    );
    assert!(!matches(&format!(r#"{{"anything-but":[{wholes}]}}"#), &wholes).unwrap());
    // Operators are asked one by one: too many questions are refused.
    let prefixes = list(&mut (0..20_000).map(|n| format!(r#"{{"prefix":"p{n}"}}"#)));
    assert!(matches(&prefixes, &others).unwrap_err().place().is_none());
    assert!(!matches(&prefixes, "\"b\"").unwrap());
}

/// What a few values find one by one, many find in what is filed.
#[test]
fn filed_matchers_decide_as_single_ones() {
    let matchers = [
        r#""x""#,
        r#""10.0.0.1""#,
        "3.0e2",
        "1e400",
        "true",
        "null",
        r#"{"prefix":"p"}"#,
        r#"{"cidr":"10.0.0.0/8"}"#,
        r#"{"numeric":[">",5,"<",7]}"#,
        r#"{"anything-but":[1,2]}"#,
        r#"{"anything-but":["y","z"]}"#,
        r#"{"anything-but":{"prefix":["q","r"]}}"#,
        r#"{"equals-ignore-case":"ABC"}"#,
        r#"{"wildcard":"w*"}"#,
        r#"{"exists":true}"#,
    ];
    let values = [
        r#""x""#,
        r#""y""#,
        r#""z""#,
        r#""10.0.0.1""#,
        r#""010.0.0.01""#,
        "300",
        "1e400",
        "1E400",
        "true",
        "false",
        "null",
        r#""pq""#,
        r#""q""#,
        "6",
        "5",
        "1",
        "2.0",
        r#""abc""#,
        r#""w1""#,
    ];
    for matcher in matchers {
        let pattern = Pattern::parse(&format!(r#"{{"a":[{matcher}]}}"#)).unwrap();
        for value in values {
            let alone = pattern.matches(format!(r#"{{"a":{value}}}"#).as_bytes()).unwrap();
            let many = [value; 9].join(",");
            let many = pattern.matches(format!(r#"{{"a":[{many}]}}"#).as_bytes()).unwrap();
            assert_eq!(alone, many, "{matcher} {value}");
        }
    }
}

#[test]
fn a_long_key_above_many_fields_is_refused_in_time() {
    let fields: Vec<String> = (0..1_000).map(|n| format!(r#""f{n}":[1]"#)).collect();
    let pattern = |key: usize| format!(r#"{{"{}":{{{}}}}}"#, "k".repeat(key), fields.join(","));
    assert!(Pattern::parse(&pattern(10_000)).is_ok());
    let error = Pattern::parse(&pattern(20_000)).unwrap_err();
    assert_eq!(error.message(), "the paths of all fields are too long together");
}
