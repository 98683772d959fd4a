//! A matcher of many patterns says what each pattern says on its own.

use notify_pattern::{EventError, Pattern, PatternSet, SetMatcher, Validation};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The patterns that match, each asked on its own.
fn alone(patterns: &[Pattern], event: &[u8]) -> Result<Vec<usize>, EventError> {
    let mut matching = Vec::new();
    for (at, pattern) in patterns.iter().enumerate() {
        if pattern.matches(event)? {
            matching.push(at);
        }
    }
    Ok(matching)
}

/// The patterns, and a matcher of all of them in each mode.
pub(crate) struct Both {
    pub(crate) patterns: Vec<Pattern>,
    needed: SetMatcher,
    full: SetMatcher,
}

impl Both {
    pub(crate) fn new(patterns: impl IntoIterator<Item = String>) -> Self {
        // One of them reads the event in any case.
        let patterns = patterns.into_iter().chain([r#"{"a": [1]}"#.to_owned()]);
        let patterns: Vec<Pattern> =
            patterns.filter_map(|text| Pattern::parse(&text).ok()).collect();
        let set = PatternSet::new(patterns.iter().cloned());
        let [needed, full] = [Validation::Needed, Validation::Full].map(|mode| set.matcher(mode));
        Self { patterns, needed, full }
    }

    /// What is wrong with the answers to an event.
    pub(crate) fn disagreement(&mut self, event: &[u8]) -> Option<String> {
        self.difference(event, &alone(&self.patterns, event))
    }

    /// What is wrong with the answers to an event, of which these are the right ones.
    pub(crate) fn difference(
        &mut self,
        event: &[u8],
        wanted: &Result<Vec<usize>, EventError>,
    ) -> Option<String> {
        let needed = self.needed.matches(event).map(<[usize]>::to_vec);
        let full = self.full.matches(event).map(<[usize]>::to_vec);
        // What is broken may pass unseen where it is not looked at.
        let same = *wanted == full && (*wanted == needed || wanted.is_err());
        let shown = String::from_utf8_lossy(event);
        (!same).then(|| format!("{shown}\nalone {wanted:?}\nneeded {needed:?}\nfull {full:?}"))
    }
}

/// A value of an event.
fn leaf() -> impl Strategy<Value = String> {
    let texts = vec![
        r#""""#,
        r#""a""#,
        r#""ab""#,
        r#""AB""#,
        r#""é""#,
        r#""\u0061""#,
        r#""\"\\""#,
        r#""}{][""#,
        r#""10.1.2.3""#,
        r#""::ffff:a01:203""#,
        r#""2001:db8::1""#,
        "null",
        "true",
        "false",
        "0",
        "-0.0",
        "1",
        "1.0",
        "10e-1",
        "2",
        "9007199254740993",
        r#""ß""#,
        r#""SS""#,
        "[]",
        "{}",
    ];
    prop::sample::select(texts).prop_map(str::to_owned)
}

fn key() -> impl Strategy<Value = String> {
    let keys = vec!["a", "b", "c", "a.b", "", "é", "\\u0061", "source", "detail-type", "$or"];
    prop::sample::select(keys).prop_map(str::to_owned)
}

fn blank() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just(""), 1 => Just(" "), 1 => Just("\r\n\t")]
}

/// A value as text, with repeated keys, blanks and escapes.
fn value() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..4), blank()).prop_map(
                |(list, blank)| format!("[{blank}{}{blank}]", list.join(&format!("{blank},")))
            ),
            (prop::collection::vec((key(), inner), 0..5), blank()).prop_map(|(fields, blank)| {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(key, value)| format!("{blank}\"{key}\"{blank}:{blank}{value}{blank}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

/// The value of `source` or `detail-type`.
fn head() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec![r#""aws.a""#, r#""aws.b""#, r#""x""#]).prop_map(str::to_owned),
        1 => Just(r#""aws.\u0061""#.to_owned()),
        1 => value(),
    ]
}

/// An event: its keys in any order, a few of them twice.
pub(crate) fn event() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        3 => head().prop_map(|value| ("source".to_owned(), value)),
        3 => head().prop_map(|value| ("detail-type".to_owned(), value)),
        1 => head().prop_map(|value| ("sourc\\u0065".to_owned(), value)),
        3 => value().prop_map(|value| ("detail".to_owned(), value)),
        2 => (key(), value()),
    ];
    (prop::collection::vec(field, 0..8), prop::sample::select(vec!["", " ", "x", "\n{}"])).prop_map(
        |(fields, end)| {
            let fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            format!("{{{}}}{end}", fields.join(","))
        },
    )
}

fn matcher() -> impl Strategy<Value = Value> {
    let texts = || prop::sample::select(vec!["", "a", "ab", "AB", "é", "\"\\", "ß", "aws.a", "x"]);
    prop_oneof![
        6 => texts().prop_map(Value::from),
        2 => prop::sample::select(vec![json!(0), json!(1), json!(1.0), json!(2), json!(9_007_199_254_740_993_u64)]),
        2 => prop::sample::select(vec![json!(null), json!(true), json!("10.1.2.3"), json!("2001:db8:0::1")]),
        2 => Just(json!({"exists": true})),
        3 => Just(json!({"exists": false})),
        1 => texts().prop_map(|text| json!({"prefix": text})),
        1 => texts().prop_map(|text| json!({"suffix": text})),
        1 => texts().prop_map(|text| json!({"prefix": {"equals-ignore-case": text}})),
        2 => texts().prop_map(|text| json!({"equals-ignore-case": text})),
        1 => texts().prop_map(|text| json!({"wildcard": format!("{text}*").replace("\\*", "*")})),
        2 => texts().prop_map(|text| json!({"anything-but": [text]})),
        1 => texts().prop_map(|text| json!({"anything-but": {"prefix": text}})),
        1 => Just(json!({"anything-but": [1, 2]})),
        2 => prop::sample::select(vec![
            json!({"numeric": [">", 0]}), json!({"numeric": ["<=", 1, ">", -1]}), json!({"numeric": ["=", 1]}),
        ]),
        2 => prop::sample::select(vec![
            json!({"cidr": "10.0.0.0/8"}), json!({"cidr": "10.1.2.0/24"}), json!({"cidr": "2001:db8::/32"}),
            json!({"cidr": "0.0.0.0/0"}),
        ]),
    ]
}

fn matchers() -> impl Strategy<Value = Value> {
    prop::collection::vec(matcher(), 1..4).prop_map(Value::from)
}

/// What is asked of a part of an event.
fn fields() -> impl Strategy<Value = Value> {
    let keys = || prop::sample::select(vec!["a", "b", "c", "a.b", "", "é", "source"]);
    let object = move |inner: BoxedStrategy<Value>| {
        prop::collection::btree_map(keys(), inner, 1..4).prop_map(|map| json!(map))
    };
    let any_of = |objects: BoxedStrategy<Value>| {
        prop::collection::vec(objects, 2..4).prop_map(|list| json!({"$or": list}))
    };
    let flat = object(matchers().boxed()).boxed();
    let deep = object(prop_oneof![matchers().boxed(), flat.clone()].boxed()).boxed();
    prop_oneof![3 => deep.clone(), 1 => any_of(deep.clone()), 1 => any_of(any_of(deep).boxed())]
}

pub(crate) fn pattern() -> impl Strategy<Value = String> {
    let head = || {
        let one = prop::sample::select(vec![
            json!("aws.a"),
            json!("aws.b"),
            json!({"prefix": "aws."}),
            json!({"anything-but": ["x"]}),
            json!({"exists": false}),
            json!({"exists": true}),
            json!(1),
        ]);
        prop::option::weighted(0.7, prop::collection::vec(one, 1..3).prop_map(Value::from))
    };
    (head(), head(), prop::option::of(fields()), prop::option::weighted(0.3, fields())).prop_map(
        |(source, detail_type, detail, top)| {
            let mut pattern = match top {
                Some(Value::Object(map)) => map,
                _ => serde_json::Map::new(),
            };
            for (key, value) in
                [("source", source), ("detail-type", detail_type), ("detail", detail)]
            {
                if let Some(value) = value {
                    pattern.insert(key.to_owned(), value);
                }
            }
            Value::Object(pattern).to_string()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn many_at_once_say_what_each_says(
        patterns in prop::collection::vec(pattern(), 1..12),
        events in prop::collection::vec(event(), 1..12),
    ) {
        let mut both = Both::new(patterns.clone());
        for event in &events {
            let found = both.disagreement(event.as_bytes());
            prop_assert!(found.is_none(), "{}\n{}", patterns.join("\n"), found.unwrap_or_default());
        }
    }

    #[test]
    fn what_is_broken_is_found_with_full_validation(
        patterns in prop::collection::vec(pattern(), 1..4),
        event in event(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut both = Both::new(patterns);
        let mut broken = event.into_bytes();
        let at = at.index(broken.len());
        broken[at] = byte;
        prop_assert_eq!(both.disagreement(&broken), None);
        broken.truncate(at);
        prop_assert_eq!(both.disagreement(&broken), None);
    }
}
