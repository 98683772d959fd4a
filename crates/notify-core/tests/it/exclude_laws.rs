//! Laws of leaving values out: the pattern matches the same events but for the excluded ones.

use notify_core::pattern::{Pattern, Presence};
use notify_core::spec::{Exclude, Format, parse};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const TEXTS: [&str; 9] = ["a", "ab", "A", "b", "300", "10.0.0.1", "a*", "é", ""];
const PATHS: [&str; 7] = ["s", "d.a", "d.b", "d.c.e", "d.l.x", "d.l.y", "d.z"];

fn text() -> impl Strategy<Value = &'static str> {
    prop::sample::select(TEXTS.to_vec())
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => text().prop_map(Value::from),
        1 => prop::sample::select(vec![json!(300), json!(7), json!(null), json!(true)]),
    ]
}

fn matcher() -> impl Strategy<Value = Value> {
    let some = || prop::sample::select(vec!["a", "ab", "A", "b", "300", "é"]);
    let list = || prop::collection::vec(text(), 1..3);
    prop_oneof![
        12 => text().prop_map(Value::from),
        2 => prop::sample::select(vec![json!(300), json!(null), json!(true)]),
        1 => text().prop_map(|t| json!({"exactly": t})),
        1 => some().prop_map(|t| json!({"prefix": t})),
        1 => some().prop_map(|t| json!({"suffix": {"equals-ignore-case": t}})),
        1 => some().prop_map(|t| json!({"suffix": t})),
        1 => text().prop_map(|t| json!({"equals-ignore-case": t})),
        1 => some().prop_map(|t| json!({"wildcard": format!("{t}*")})),
        1 => some().prop_map(|t| json!({"wildcard": t})),
        1 => Just(json!({"numeric": [">", 10]})),
        1 => Just(json!({"cidr": "10.0.0.0/8"})),
        2 => any::<bool>().prop_map(|b| json!({"exists": b})),
        2 => list().prop_map(|l| json!({"anything-but": l})),
        1 => text().prop_map(|t| json!({"anything-but": t})),
        1 => Just(json!({"anything-but": 300})),
        1 => some().prop_map(|t| json!({"anything-but": {"prefix": t}})),
        1 => some().prop_map(|t| json!({"anything-but": {"equals-ignore-case": [t]}})),
        2 => some().prop_map(|t| json!({"anything-but": {"wildcard": [format!("*{t}"), "z"]}})),
    ]
}

/// Fields with their matchers, and whether each is written with a dot in its key.
fn fields(
    paths: &'static [&'static str],
    most: usize,
) -> impl Strategy<Value = Vec<(&'static str, Vec<Value>, bool)>> {
    let field = (
        prop::sample::select(paths),
        prop::collection::vec(matcher(), 1..4),
        prop::bool::weighted(0.2),
    );
    prop::collection::vec(field, 1..most)
}

/// Fields as an object of a pattern.
fn object(fields: &[(&str, Vec<Value>, bool)]) -> Map<String, Value> {
    let mut object = Map::new();
    for (path, matchers, dotted) in fields {
        let mut at = &mut object;
        let mut steps = path.split('.').peekable();
        if *dotted {
            at.insert((*path).to_owned(), json!(matchers));
            continue;
        }
        while let Some(step) = steps.next() {
            if steps.peek().is_none() {
                at.insert(step.to_owned(), json!(matchers));
                break;
            }
            at = at.entry(step).or_insert_with(|| json!({})).as_object_mut().expect("an object");
        }
    }
    object
}

/// A pattern, with an `$or` of two or three alternatives now and then, before or behind the rest.
fn pattern() -> impl Strategy<Value = Value> {
    let either = prop::collection::vec(fields(&PATHS, 3), 2..4);
    let inner = prop::collection::vec(fields(&["a", "b", "c.e", "l.x"], 3), 2..3);
    let parts = (
        fields(&PATHS, 4),
        prop::option::weighted(0.4, (either, any::<bool>())),
        prop::option::weighted(0.2, inner),
    );
    parts.prop_map(|(rest, either, inner)| {
        let mut all = Map::new();
        let mut rest = object(&rest);
        if let Some(inner) = inner {
            let inner: Vec<Value> = inner.iter().map(|one| object(one).into()).collect();
            let d = rest.entry("d").or_insert_with(|| json!({}));
            d.as_object_mut().expect("an object").insert("$or".to_owned(), inner.into());
        }
        let either = either.map(|(either, before)| {
            let either: Vec<Value> = either.iter().map(|one| object(one).into()).collect();
            (json!(either), before)
        });
        match either {
            Some((either, true)) => {
                all.insert("$or".to_owned(), either);
                all.append(&mut rest);
            }
            Some((either, false)) => {
                all.append(&mut rest);
                all.insert("$or".to_owned(), either);
            }
            None => all = rest,
        }
        Value::Object(all)
    })
}

/// An event whose fields each may be missing; with lists or without.
fn event(lists: bool) -> impl Strategy<Value = Value> {
    let value = move || {
        let list = prop::collection::vec(leaf(), 0..3).prop_map(Value::from);
        prop_oneof![4 => leaf().boxed(), u32::from(lists) => list.boxed()]
    };
    let maybe = |strategy: BoxedStrategy<Value>| prop::option::weighted(0.8, strategy);
    let row = (maybe(leaf().boxed()), maybe(leaf().boxed()))
        .prop_map(|(x, y)| present([("x", x), ("y", y)]));
    let rows = if lists {
        prop_oneof![row.clone(), prop::collection::vec(row, 1..4).prop_map(Value::from)].boxed()
    } else {
        row.boxed()
    };
    let all = (
        maybe(value().boxed()),
        maybe(value().boxed()),
        maybe(value().boxed()),
        maybe(value().boxed()),
        maybe(value().boxed()),
        maybe(rows),
    );
    all.prop_map(|(s, a, b, e, z, l)| {
        let d = [("a", a), ("b", b), ("c", Some(present([("e", e)]))), ("l", l), ("z", z)];
        present([("s", s), ("d", Some(present(d)))])
    })
}

fn present<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let fields = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(fields.collect())
}

/// A branch of a pattern: what each path must be.
type Branch = BTreeMap<String, Vec<Value>>;

/// The branches of a pattern, the simple way: of two fields with one path the last counts.
fn branches(object: &Map<String, Value>, at: &str, so_far: Vec<Branch>) -> Vec<Branch> {
    let mut all = so_far;
    for (key, value) in object {
        let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        match value {
            Value::Array(either) if key == "$or" => {
                let alternative = |one: &Value| {
                    let one = one.as_object().expect("an alternative");
                    branches(one, at, all.clone())
                };
                all = either.iter().flat_map(alternative).collect();
            }
            Value::Array(matchers) => {
                for branch in &mut all {
                    branch.insert(path.clone(), matchers.clone());
                }
            }
            Value::Object(inner) => all = branches(inner, &path, all),
            _ => unreachable!("a pattern"),
        }
    }
    all
}

/// A value's path, the value, and for each list around it the element.
type Leaf = (String, Value, BTreeMap<usize, usize>);

fn leaves(
    value: &Value,
    path: &str,
    inside: &BTreeMap<usize, usize>,
    lists: &mut usize,
    out: &mut Vec<Leaf>,
) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(value, &path, inside, lists, out);
            }
        }
        Value::Array(list) => {
            *lists += 1;
            let number = *lists;
            for (at, value) in list.iter().enumerate() {
                let mut inside = inside.clone();
                if value.is_object() {
                    inside.insert(number, at);
                }
                leaves(value, path, &inside, lists, out);
            }
        }
        value => out.push((path.to_owned(), value.clone(), inside.clone())),
    }
}

fn takes(matcher: &Value, value: &Value) -> bool {
    let alone = Pattern::parse(&json!({"x": [matcher]}).to_string()).expect("a pattern");
    alone.matches(json!({"x": value}).to_string().as_bytes()).expect("an event")
}

/// Whether a branch matches by values that are not excluded, by trying every choice.
fn tried(
    fields: &[(&String, &Vec<Value>)],
    leaves: &[Leaf],
    excluded: &dyn Fn(&Leaf) -> bool,
    chosen: &BTreeMap<usize, usize>,
) -> bool {
    let Some(((path, matchers), rest)) = fields.split_first() else { return true };
    let fits = |inside: &BTreeMap<usize, usize>| {
        inside.iter().all(|(list, at)| chosen.get(list).is_none_or(|c| c == at))
    };
    let here: Vec<&Leaf> =
        leaves.iter().filter(|(at, _, inside)| at == *path && fits(inside)).collect();
    if here.is_empty()
        && matchers.contains(&json!({"exists": false}))
        && tried(rest, leaves, excluded, chosen)
    {
        return true;
    }
    let good = |leaf: &&&Leaf| !excluded(leaf) && matchers.iter().any(|m| takes(m, &leaf.1));
    here.iter().filter(good).any(|(_, _, inside)| {
        let mut chosen = chosen.clone();
        chosen.extend(inside);
        tried(rest, leaves, excluded, &chosen)
    })
}

fn holds(pattern: &Pattern, event: &Value) -> bool {
    pattern.matches(event.to_string().as_bytes()).expect("an event")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn without_lists_exactly_the_excluded_events_go(
        pattern in pattern(),
        events in prop::collection::vec(event(false), 1..8),
        path in prop::sample::select(PATHS.to_vec()),
        values in prop::collection::vec(text(), 1..4),
    ) {
        let parsed = Pattern::parse(&pattern.to_string()).expect("a pattern");
        let Ok(less) = parsed.without(path, &values, Presence::Perhaps) else { return Ok(()) };
        let pointer = format!("/{}", path.replace('.', "/"));
        for event in &events {
            let value = event.pointer(&pointer).and_then(Value::as_str);
            let is_excluded = value.is_some_and(|value| values.contains(&value));
            let before = holds(&parsed, event);
            let after = holds(&less.pattern, event);
            prop_assert_eq!(after, before && !is_excluded, "{} of {} from {} as {} on {}",
                json!(values), path, pattern, less.pattern.text(), event);
            let is_idle = less.idle.iter().any(|at| value == Some(values[*at]));
            prop_assert!(!(is_idle && before), "{} is said to exclude nothing of {}", json!(value), pattern);
        }
        // Doing it again changes nothing.
        let again = less.pattern.without(path, &values, Presence::Perhaps).expect("as before");
        prop_assert_eq!(again.pattern.text(), less.pattern.text());
        prop_assert_eq!(again.idle.len(), values.len());
    }

    #[test]
    fn in_lists_an_event_stays_by_a_value_that_is_not_excluded(
        pattern in pattern(),
        events in prop::collection::vec(event(true), 1..8),
        path in prop::sample::select(PATHS.to_vec()),
        values in prop::collection::vec(text(), 1..4),
    ) {
        let parsed = Pattern::parse(&pattern.to_string()).expect("a pattern");
        let Ok(less) = parsed.without(path, &values, Presence::Perhaps) else { return Ok(()) };
        let branches = branches(pattern.as_object().expect("an object"), "", vec![Branch::new()]);
        for event in &events {
            let (mut all, mut lists) = (Vec::new(), 0);
            leaves(event, "", &BTreeMap::new(), &mut lists, &mut all);
            let is_excluded = |leaf: &Leaf| {
                leaf.0 == path && leaf.1.as_str().is_some_and(|value| values.contains(&value))
            };
            // In rows, an event has to choose one row for all fields: of that nothing is claimed.
            let in_rows = all.iter().any(|leaf| leaf.0 == path && !leaf.2.is_empty());
            if in_rows && !branches.iter().all(|branch| branch.contains_key(path)) {
                continue;
            }
            let mut here = all.iter().filter(|leaf| leaf.0 == path).peekable();
            let is_free = here.peek().is_none() || !here.all(is_excluded);
            let wanted = branches.iter().any(|branch| {
                let fields: Vec<_> = branch.iter().collect();
                (branch.contains_key(path) || is_free)
                    && tried(&fields, &all, &is_excluded, &BTreeMap::new())
            });
            prop_assert_eq!(holds(&less.pattern, event), wanted, "{} of {} from {} as {} on {}",
                json!(values), path, pattern, less.pattern.text(), event);
        }
    }
}

/// The `exclude` of a file whose only event has these lines.
fn exclude_of(lines: &str) -> (Exclude, Vec<String>) {
    let text = format!("stack = 's'\n[topic]\nname = 't'\n[[events]]\nname = 'e'\n{lines}\n");
    let parsed = parse(&text, Format::Toml);
    let said = parsed.findings.iter().map(|finding| finding.message.clone()).collect();
    let mut spec = parsed.spec.unwrap_or_else(|| panic!("{text}{:?}", parsed.findings));
    let event = spec.events.remove(0);
    assert_eq!(event.pattern.0, event.exclude.pattern().0);
    (event.exclude, said)
}

proptest! {
    #[test]
    fn a_line_that_is_proposed_is_taken_by_the_file(
        names in prop::collection::btree_set(r#"[ -~あß\u{7f}]{1,9}|["'\\{}#=]{1,3}"#, 1..4),
        key in r#"[a-zé "'\\]{1,5}"#,
        by_hand in any::<bool>(),
    ) {
        let path = format!("detail.{key}");
        let (lines, path) = if by_hand {
            ("pattern = '{\"source\": [\"s\"]}'", path.as_str())
        } else {
            ("preset = 'config-compliance'", "config_rules")
        };
        let (mut exclude, _) = exclude_of(lines);
        exclude = exclude.with(if by_hand { "account" } else { "accounts" }, "123456789012").expect("a line");
        for name in &names {
            match exclude.with(path, name) {
                Ok(more) => exclude = more,
                Err(no) => prop_assert!(no.problem.contains("control character"), "{no}"),
            }
        }
        let (read, said) = exclude_of(&format!("{lines}\n{}", exclude.line()));
        prop_assert_eq!(&read, &exclude, "{}", exclude.line());
        prop_assert!(said.iter().all(|said| said.starts_with("nothing tells what")), "{:?}", said);
    }
}

/// What `with` answers after some lines, and the line or the reason.
#[track_caller]
fn check(lines: &str, key: &str, value: &str, wanted: &str) {
    let (exclude, _) = exclude_of(lines);
    let found = match exclude.with(key, value) {
        Ok(more) => {
            // The old line gives way to the new one.
            let kept: Vec<&str> = lines.lines().filter(|l| !l.starts_with("exclude")).collect();
            let (read, _) = exclude_of(&format!("{}\n{}", kept.join("\n"), more.line()));
            assert_eq!(read, more);
            more.line()
        }
        Err(no) => format!("{no}: {}", no.help),
    };
    assert_eq!(found, wanted, "{lines}, {key}: {value}");
}

#[test]
fn one_more_is_proposed_or_refused() {
    let preset = "preset = 'config-compliance'";
    check(preset, "config_rules", "a", r#"exclude = { config_rules = ["a"] }"#);
    check(preset, "resources", "日本\"\\", r#"exclude = { resources = ["日本\"\\"] }"#);
    let some = format!("{preset}\nexclude = {{ resources = ['r'], config_rules = ['a'] }}");
    check(
        &some,
        "config_rules",
        "b",
        r#"exclude = { resources = ["r"], config_rules = ["a", "b"] }"#,
    );
    check(&some, "config_rules", "a", "`a` stands here twice: leave one out");
    check(
        &some,
        "accounts",
        "1",
        "`1` is not an account id: an account id is twelve digits, such as 123456789012",
    );
    check(
        &some,
        "account",
        "123456789012",
        "the preset has no `account` to exclude by: here it is called `accounts`",
    );
    let named = format!("{preset}\nconfig_rules = ['a', 'b', {{ prefix = 's3-' }}]");
    check(&named, "config_rules", "b", r#"exclude = { config_rules = ["b"] }"#);
    check(
        &named,
        "config_rules",
        "z",
        "`z` excludes nothing: the pattern does not take it anyway: leave it out",
    );
    check(
        &named,
        "config_rules",
        "s3-x",
        "{\"prefix\":\"s3-\"} takes \"s3-x\" among others, and EventBridge cannot take one name \
         out: list the names that you want in place of the operator, or exclude by another field",
    );
    let last = format!("{preset}\nconfig_rules = ['a', 'b']\nexclude = {{ config_rules = ['a'] }}");
    check(
        &last,
        "config_rules",
        "b",
        "nothing is left of what the pattern takes: leave one of them in, or write `enabled = \
         false` to be told of nothing",
    );
    let long: Vec<String> = (0..3).map(|at| format!("'{at}{}'", "x".repeat(560))).collect();
    let long = format!("{preset}\nexclude = {{ resources = [{}] }}", long.join(", "));
    check(
        &long,
        "resources",
        &"y".repeat(200),
        "with these excluded, the pattern has 2120 characters: the quota is 2,048: list what you want to \
         be told of instead, or have the quota raised (L-664C5505)",
    );
    let by_hand = "pattern = '{\"source\": [\"aws.signin\"]}'";
    check(by_hand, "detail.eventName", "x", r#"exclude = { "detail.eventName" = ["x"] }"#);
    check(
        by_hand,
        "source",
        "aws.signin",
        "nothing is left of what the pattern takes: leave one of them in, or write `enabled = false` to be told of nothing",
    );
    check(
        by_hand,
        "eventName",
        "x",
        "`eventName` is no field of an event: what is the source's own lies in `detail`: \
         \"detail.eventName\"?",
    );
    check(
        by_hand,
        "resources",
        "arn:a",
        "`resources` lies in a list: an event with another value beside it is told of: EventBridge \
         looks at each element by itself: exclude by a field that is in no list",
    );
    // The path that the file wrote with tables.
    let tables = format!("{by_hand}\nexclude.detail.a-b.c = ['x']");
    check(&tables, "detail.a-b.c", "y", r#"exclude = { "detail.a-b.c" = ["x", "y"] }"#);
}

#[test]
fn kinds_have_a_key_and_a_path() {
    let kinds = |lines: &str| -> Vec<(String, String, String)> {
        let (exclude, _) = exclude_of(lines);
        let kinds = exclude.kinds();
        kinds.iter().map(|k| (k.kind.clone(), k.key.clone(), k.path.clone())).collect()
    };
    let own = |all: &[[&str; 3]]| -> Vec<(String, String, String)> {
        all.iter().map(|[a, b, c]| ((*a).into(), (*b).into(), (*c).into())).collect()
    };
    assert_eq!(
        kinds("preset = 'config-compliance'"),
        own(&[
            ["accounts", "accounts", "account"],
            ["config_rules", "config_rules", "detail.configRuleName"],
            ["resources", "resources", "detail.resourceId"],
        ])
    );
    let config = r#"{"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"]}"#;
    assert_eq!(
        kinds(&format!("pattern = '{config}'")),
        own(&[
            ["accounts", "account", "account"],
            ["config_rules", "detail.configRuleName", "detail.configRuleName"],
            ["resources", "detail.resourceId", "detail.resourceId"],
        ])
    );
    for other in [r#"{"source": ["aws.config"]}"#, r#"{"source": [{"prefix": "aws."}]}"#] {
        assert_eq!(
            kinds(&format!("pattern = '{other}'")),
            own(&[["accounts", "account", "account"]])
        );
    }
}
