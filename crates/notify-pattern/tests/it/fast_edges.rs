//! A matcher of many patterns at the edges of what it does by itself, and beyond them.

use crate::fast::{Both, event, pattern};
use proptest::prelude::*;

/// Checks patterns against events: as each pattern says on its own, and whether any matches.
#[track_caller]
fn check(patterns: &[&str], events: &[&str]) {
    let mut both = Both::new(patterns.iter().map(|text| (*text).to_owned()));
    assert_eq!(both.patterns.len(), patterns.len() + 1, "{patterns:?}");
    // Twice: what one event leaves behind must not matter to another.
    for event in events.iter().chain(events) {
        assert_eq!(both.disagreement(event.as_bytes()), None, "{patterns:?}");
    }
}

#[test]
fn sources_of_all_kinds() {
    check(
        &[
            r#"{"source": ["s"], "detail": {"k": [1]}}"#,
            r#"{"source": ["s"], "detail-type": ["t"]}"#,
            r#"{"source": [{"exists": false}], "detail-type": ["t", {"exists": false}]}"#,
            r#"{"source": ["", null, 1], "detail": {"k": [1]}}"#,
            r#"{"source": {"x": ["y"]}}"#,
            r#"{"source": [{"anything-but": "s"}]}"#,
            r#"{"detail-type": ["t", {"exists": false}], "detail": {"source": ["s"]}}"#,
            r#"{"$or": [{"source": ["s"]}, {"source": {"x": ["z"]}}, {"detail.k": [1]}]}"#,
            r#"{"": ["e"], "source": [{"exists": true}]}"#,
        ],
        &[
            "{}",
            r#"{"source":"s"}"#,
            r#"{"source":"s","detail-type":"t"}"#,
            r#"{"source":"s","detail-type":"u","detail":{"k":1}}"#,
            r#"{"detail":{"k":1},"source":"s"}"#,
            r#"{"detail":{"k":1},"detail":{"k":[1]},"source":"s","detail-type":"t"}"#,
            r#"{"source":"x","source":"s","detail":{"k":1}}"#,
            r#"{"source":"x","detail-type":"u","detail":{"k":1},"source":"s"}"#,
            r#"{"source":"x","detail-type":"u","detail":{"k":1},"detail-type":"t"}"#,
            r#"{"source":"x","detail-type":"u","detail":{"k":1},"sourc\u0065":"s"}"#,
            r#"{"sourc\u0065":"s","source":"x","detail":{"k":1}}"#,
            r#"{"source":"\u0073","detail":{"k":1}}"#,
            r#"{"source":["s"],"detail":{"k":1}}"#,
            r#"{"source":["x",["s"]],"detail":{"k":1}}"#,
            r#"{"source":[],"detail-type":{},"detail":{"k":1}}"#,
            r#"{"source":null,"detail":{"k":1}}"#,
            r#"{"source":1.0,"detail":{"k":1}}"#,
            r#"{"source":"","detail":{"k":1}}"#,
            r#"{"source":{"x":"y"},"detail-type":"t"}"#,
            r#"{"source.x":"y","source":"s","detail-type":"t"}"#,
            r#"{"source":"s","detail-type":"t","source.x":["z","y"]}"#,
            r#"{"source.x":"z"}"#,
            r#"{"detail.k":1,"source":"s"}"#,
            r#"{"detail.source":"s"}"#,
            r#"{"":"e","source":"s","":1}"#,
            r#"{"detail":{"source":"s","detail-type":"t"}}"#,
            r#"{"a":[1],"source":"s","detail":{"k":1}}trailing "text"#,
            " \t\r\n{ \"source\" : \"s\" , \"detail\" :\n{ \"k\" : [ 1 ] } } {",
        ],
    );
}

#[test]
fn keys_with_dots_and_without_letters() {
    check(
        &[
            r#"{"detail": {"a": {"b": ["x"]}}}"#,
            r#"{"detail": {"a": {"": ["x"]}}}"#,
            r#"{"detail": {"": {"": ["x"]}}}"#,
            r#"{"detail": {"": ["x"]}}"#,
            r#"{"detail": ["x"]}"#,
            r#"{"detail.a": [{"exists": false}], "detail": {"a.b": [{"exists": true}]}}"#,
        ],
        &[
            r#"{"detail.a":{"b":"x"}}"#,
            r#"{"detail":{"a.b":"x"}}"#,
            r#"{"detail.a.b":["x"]}"#,
            r#"{"detail.a.":"x","detail.":"x"}"#,
            r#"{"detail":{"a.":"x"}}"#,
            r#"{"detail":{".":"x"}}"#,
            r#"{"detail..":"x"}"#,
            r#"{"detail":{"":{"":"x"},"":"x"}}"#,
            r#"{"detail":{"a\u002eb":"x"}}"#,
            r#"{"detail":[{"a.b":"x"},[{"a":1}],"x"]}"#,
            r#"{"detail":{"a":"b.x"}}"#,
        ],
    );
    for length in [7, 15, 16, 17, 63, 64, 65, 127, 128, 300] {
        let (key, other) = ("k".repeat(length), format!("{}l", "k".repeat(length - 1)));
        check(
            &[&format!(r#"{{"detail": {{"{key}": [1], "n": [{{"exists": false}}]}}}}"#)],
            &[
                &format!(r#"{{"detail": {{"{key}": 1}}}}"#),
                &format!(r#"{{"detail.{key}": 1}}"#),
                &format!(r#"{{"detail": {{"{other}": 1, "{key}k": 1}}}}"#),
            ],
        );
    }
}

#[test]
fn numbers_and_addresses() {
    let values = [
        "1",
        "1.0",
        "1e0",
        "10E-1",
        "0",
        "-0",
        "-0.0",
        "0e9",
        "123456789012345",
        "1234567890123456",
        "12345678901234567",
        "12345678901234568",
        "0.1",
        "0.10000000000000001",
        "1e400",
        "1E400",
        "9007199254740993",
        "9007199254740992.0",
        r#""1""#,
        r#""10.0.0.1""#,
        r#""010.000.00.1""#,
        r#""::ffff:a00:1""#,
        r#""::1""#,
        r#""0:0:0:0:0:0:0:1""#,
        r#""10.0.0.1.""#,
        r#""2001:DB8::""#,
        r#""ffff::""#,
        r#"":""#,
        "true",
        "null",
        r#""true""#,
        r#""null""#,
    ];
    let one_each = values.map(|value| format!(r#"{{"detail": {{"k": [{value}]}}}}"#));
    let others = [
        r#"{"exactly": "::1"}"#,
        r#"{"cidr": "10.0.0.0/8"}"#,
        r#"{"cidr": "0.0.0.0/0"}"#,
        r#"{"cidr": "::/0"}"#,
        r#"{"cidr": "::/127"}"#,
        r#"{"cidr": "2001:db8::/32"}"#,
        r#"{"cidr": "10.0.0.0/31"}"#,
        r#"{"numeric": ["=", 0]}"#,
        r#"{"numeric": ["<", 1e300]}"#,
        r#"{"anything-but": [1, 0]}"#,
        r#"{"anything-but": "10.0.0.1"}"#,
    ]
    .map(|operator| format!(r#"{{"detail": {{"k": [{operator}, "z"]}}}}"#));
    let patterns: Vec<&str> = one_each.iter().chain(&others).map(String::as_str).collect();
    let events = values.map(|value| format!(r#"{{"source": "s", "detail": {{"k": {value}}}}}"#));
    let all = format!(r#"{{"detail": {{"k": [{}]}}}}"#, values.join(","));
    let events: Vec<&str> = events.iter().map(String::as_str).chain([all.as_str()]).collect();
    check(&patterns, &events);
}

/// One value at a path is asked in another way than several.
#[test]
fn one_value_and_several() {
    check(
        &[
            r#"{"detail": {"k": [{"prefix": "a"}], "l": [1]}}"#,
            r#"{"detail": {"k": [{"prefix": "b"}, "c"], "l": [1]}}"#,
            r#"{"detail": {"k": [{"numeric": [">", 4]}, "c"]}}"#,
            r#"{"detail": {"k": [{"numeric": [">", 6, "<=", 8]}]}}"#,
            r#"{"detail": {"k": [{"anything-but": ["a", "c"]}], "l": [{"exists": true}]}}"#,
            r#"{"detail": {"k": [{"suffix": "d"}, {"exists": false}], "l": [2]}}"#,
            r#"{"detail": {"k": [{"cidr": "10.0.0.0/8"}, {"prefix": "10."}], "l": [2, 1]}}"#,
        ],
        &[
            r#"{"detail":{"k":"a","l":1}}"#,
            r#"{"detail":{"k":"c","l":1}}"#,
            r#"{"detail":{"k":"c","k":"ad","l":2}}"#,
            r#"{"detail":{"l":2}}"#,
            r#"{"detail":{"k":[],"l":2}}"#,
            r#"{"detail":{"k":["bd"],"l":[2]}}"#,
            r#"{"detail":{"k":7,"l":1}}"#,
            r#"{"detail":{"k":[7,3,"c"],"l":[1,2]}}"#,
            r#"{"detail":[{"k":7,"l":2},{"k":"c"}]}"#,
            r#"{"detail":[{"k":"ad"},{"l":2}]}"#,
            r#"{"detail":{"k":"10.0.0.1","l":1}}"#,
            r#"{"detail":{"k":["10.0.0.1","10.x"],"l":1}}"#,
            r#"{"detail":{"k":null,"l":true}}"#,
            r#"{"detail":{"k":"\u0061","l":1}}"#,
        ],
    );
}

/// Two, three and four fields in the elements of arrays, some of which may be absent.
#[test]
fn elements_of_arrays() {
    let fields = |count: usize, absent: usize| {
        let fields: Vec<String> = ["a", "b", "c", "d"]
            .iter()
            .take(count)
            .enumerate()
            .map(|(at, key)| match absent >> at & 1 {
                1 => format!(r#""{key}": ["v{at}", {{"exists": false}}]"#),
                _ => format!(r#""{key}": ["v{at}"]"#),
            })
            .collect();
        format!(r#"{{"detail": {{"l": {{{}}}}}}}"#, fields.join(", "))
    };
    let patterns: Vec<String> = (1..=4)
        .flat_map(|count| (0..1 << count).map(move |absent| fields(count, absent)))
        .collect();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let events = [
        r#"[{"a":"v0","b":"v1","c":"v2","d":"v3"}]"#,
        r#"[{"a":"v0","b":"x"},{"a":"x","b":"v1"}]"#,
        r#"[{"a":"v0"},{"b":"v1"},{"c":"v2"},{"d":"v3"}]"#,
        r#"[{"a":"v0","c":"v2"},{"b":"v1","d":"v3"},{"a":"v0","b":"v1"}]"#,
        r#"[[{"a":"v0"},{"b":"v1"}],[{"a":"v0","b":"v1"},{"c":"v2"}]]"#,
        r#"[{"a":["v0","x"],"b":[["v1"]]},{"c":"v2","d":["v3"]}]"#,
        r#"{"a":"v0","b":[{"b":"v1"}],"c":["v2"]}"#,
        r#"[{"a":"v0"},"v1",{"a":"x","b":"v1"},[],{},[{}]]"#,
        r#"[{"a":"x","b":"x"},{"a":"v0","b":"v1","c":"x"}],"l":[{"c":"v2"},{"d":"v3"}]"#,
        r#"{"a":"v0"},"l":[{"b":"v1"},{"c":"v2","d":"v3"}],"l.a":["x"]"#,
        "[]",
    ]
    .map(|list| format!(r#"{{"detail": {{"l": {list}}}}}"#));
    check(&patterns, &events.each_ref().map(String::as_str));
}

/// Each of many branches has two fields in arrays of which none stand together, or a few do.
#[test]
fn many_pairs_in_many_elements() {
    let either = |key: &str, from: usize| {
        let one = |at: usize| format!(r#"{{"l": {{"{key}": ["v{}"]}}}}"#, (from + at * 7) % 90);
        format!(r#"{{"$or": [{}]}}"#, (0..8).map(one).collect::<Vec<_>>().join(", "))
    };
    let patterns: Vec<String> = (0..40)
        .map(|at| {
            let (one, other) = (either("x", at), either("y", at * 3 + 1));
            format!(r#"{{"detail": {one}, "detail.m": [1], "$or": [{{"detail": {other}}}, {{"z": [1]}}]}}"#)
        })
        .collect();
    let elements: Vec<String> =
        (0..90).map(|at| format!(r#"{{"x": "v{at}", "y": "v{}"}}"#, at / 3)).collect();
    let event = format!(r#"{{"detail": {{"m": 1, "l": [{}]}}}}"#, elements.join(", "));
    check(&patterns.iter().map(String::as_str).collect::<Vec<_>>(), &[&event]);
}

#[test]
fn nesting_has_its_limit_where_it_is_read_and_where_it_is_not() {
    let nested = |open: &str, close: &str, key: &str, levels: usize| {
        // The event and its detail are levels, too.
        let (open, close) = (open.repeat(levels - 2), close.repeat(levels - 2));
        format!(r#"{{"source": "s", "detail": {{"{key}": {open}1{close}, "k": 1}}}}"#)
    };
    let patterns = [r#"{"source": ["s"], "detail": {"used": [1]}}"#, r#"{"detail": {"k": [1]}}"#];
    for levels in [63, 64, 65, 999, 1000, 1001, 1025] {
        let events = [
            nested("[", "]", "used", levels),
            nested("[", "]", "other", levels),
            nested(r#"{"used":"#, "}", "used", levels),
            nested(r#"{"":"#, "}", "other", levels),
            nested(r#"[{"used":"#, "}]", "used", levels / 2 + 1),
        ];
        check(&patterns, &events.each_ref().map(String::as_str));
    }
}

#[test]
fn values_beyond_all_measure() {
    let list = |count: usize, last: &str| {
        format!(r#"{{"source": "s", "detail": {{"k": [{}"{last}"]}}}}"#, "\"x\",".repeat(count))
    };
    let patterns = [r#"{"detail": {"k": ["y", {"prefix": "z"}]}}"#, r#"{"detail": {"k": ["x"]}}"#];
    for count in [4095, 4096, (1 << 17) - 1, 1 << 17] {
        check(&patterns, &[&list(count, "y"), &list(count, "zz"), &list(count, "x"), "{}"]);
    }
}

/// More heads than classes are kept of, and heads that are too long for one.
#[test]
fn more_sources_than_classes() {
    let patterns: Vec<String> = (0..150)
        .map(|at| {
            format!(
                r#"{{"source": ["s{at}", {{"suffix": "x{at}"}}], "detail": {{"k": [{}]}}}}"#,
                at % 3
            )
        })
        .chain([r#"{"source": [{"exists": true}], "detail-type": [{"exists": false}]}"#.to_owned()])
        .collect();
    let mut both = Both::new(patterns);
    for round in 0..2 {
        for at in 0..200 {
            let padding = "p".repeat(if at % 10 == 9 { 1015 + at % 20 } else { 0 });
            for event in [
                format!(r#"{{"source":"s{at}","detail":{{"k":{}}}}}"#, at % 3),
                format!(r#"{{"detail":{{"k":{}}},"source":"{padding}x{at}"}}"#, at % 3),
                format!(
                    r#"{{"source":"x{at}","detail-type":"{padding}","detail":{{"k":{round}}}}}"#
                ),
                format!(
                    r#"{{"source":"q","detail":{{"k":1,"x":["source","detail-type"]}},"source":"s{at}"}}"#
                ),
            ] {
                assert_eq!(both.disagreement(event.as_bytes()), None);
            }
        }
    }
}

/// Keys before those that tell patterns apart: as many as are remembered, and one more.
#[test]
fn keys_before_the_source() {
    let patterns =
        [r#"{"source": ["s"], "detail": {"k": [1]}}"#, r#"{"k3": [3], "source": ["s"]}"#];
    for count in [15, 16, 17, 40] {
        let keys: Vec<String> = (0..count).map(|at| format!(r#""k{at}":{at}"#)).collect();
        let keys = keys.join(",");
        check(
            &patterns,
            &[
                &format!(r#"{{{keys},"source":"s","detail":{{"k":1}}}}"#),
                &format!(r#"{{{keys},"detail.k":1}}"#),
            ],
        );
    }
}

#[test]
fn patterns_of_many_branches() {
    let pairs = |count: usize, source: &str| {
        let pairs: Vec<String> = (0..count)
            .map(|at| format!(r#""k{at}": {{"$or": [{{"x": [1]}}, {{"y": [1]}}]}}"#))
            .collect();
        format!(r#"{{"source": ["{source}"], "detail": {{{}}}}}"#, pairs.join(", "))
    };
    let patterns = [pairs(6, "s"), pairs(7, "s"), pairs(7, "t"), pairs(1, "t")];
    let detail = |count: usize| {
        let fields = (0..count).map(|at| format!(r#""k{at}": {{"{}": 1}}"#, ["x", "y"][at % 2]));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
    };
    let events: Vec<String> = [("s", 6), ("s", 7), ("t", 7), ("t", 1), ("u", 7), ("s", 5)]
        .map(|(source, count)| format!(r#"{{"source": "{source}", "detail": {}}}"#, detail(count)))
        .into_iter()
        .flat_map(|event| [event.replace(r#""source""#, r#""sourc\u0065""#), event])
        .collect();
    let patterns = patterns.each_ref().map(String::as_str);
    check(&patterns, &events.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Strings, escapes and brackets at each place of a block, in what is read and what is not.
#[test]
fn boundaries_of_blocks() {
    let parts = [
        r#""\\""#,
        r#""\"""#,
        r#""\\\"""#,
        r#""\\\\""#,
        r#""}]{[""#,
        r#""\u005c""#,
        r#"["]",{"}":"\\"}]"#,
        r#""é""#,
        "[[],{}]",
        "1.5e3",
        r#""""#,
    ];
    for part in parts {
        let patterns = [
            format!(r#"{{"source": ["s"], "detail": {{"k": [{part}, 1500], "z": [1]}}}}"#),
            r#"{"detail": {"z": [1]}}"#.to_owned(),
        ];
        let mut both = Both::new(patterns);
        for length in (0..140).chain(250..262) {
            let padding = "p".repeat(length);
            let event = format!(
                r#"{{"{padding}": 0, "source": "s", "detail": {{"o": [{part}], "k": {part}, "z": 1, "k{padding}": {part}}}}}"#
            );
            assert_eq!(both.disagreement(event.as_bytes()), None);
            for cut in [1, 2, part.len() + 1, part.len() + 3] {
                assert_eq!(both.disagreement(&event.as_bytes()[..event.len() - cut]), None);
            }
        }
    }
}

/// An event whose parts are moved by blanks and by a value that nobody reads.
fn moved() -> impl Strategy<Value = String> {
    (
        event(),
        0..200_usize,
        prop::sample::select(vec!["p", " ", "\\\\", "\\\"", "é", "[", "{}"]),
        any::<bool>(),
    )
        .prop_map(|(event, length, unit, in_string)| {
            let rest = event.strip_prefix('{').unwrap_or_default();
            let comma = if rest.starts_with('}') { "" } else { "," };
            match (in_string, unit) {
                (true, _) => format!(r#"{{"padding":"{}"{comma}{rest}"#, unit.repeat(length)),
                (false, _) => format!("{}{{{}{rest}", " ".repeat(length), "\n".repeat(length / 3)),
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    /// One matcher for many events, of which each moves the places of all that follows.
    #[test]
    fn one_matcher_for_many_events(
        patterns in prop::collection::vec(pattern(), 1..20),
        events in prop::collection::vec(moved(), 20..60),
    ) {
        let mut both = Both::new(patterns.clone());
        for event in &events {
            let found = both.disagreement(event.as_bytes());
            prop_assert!(found.is_none(), "{}\n{}", patterns.join("\n"), found.unwrap_or_default());
        }
    }
}
