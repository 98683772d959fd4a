//! What is said of patterns and events that cannot be used, and where the engine is not followed.

use notify_pattern::{Limit, Pattern};

/// Checks the engine's text; `{at}` stands for the place in front of the column.
#[track_caller]
fn refused(pattern: &str, wanted: &str) {
    let error = Pattern::parse(pattern).expect_err(pattern);
    let at = format!("\n at [Source: (String)\"{pattern}\"; line: 1, column: ");
    assert_eq!(error.engine_text(), wanted.replace("{at}", &at), "{pattern}");
    let reason = format!("Event pattern is not valid. Reason: {}", error.engine_text());
    assert_eq!(error.service_text(), reason);
}

/// Patterns and what the engine says of them.
const TEXTS: &[(&str, &str)] = &[
    ("", "Filter is not an object{at}1]"),
    ("[1]", "Filter is not an object{at}2]"),
    ("{}", "Empty objects are not allowed{at}3]"),
    (r#"{"a":[]}"#, "Empty arrays are not allowed{at}8]"),
    (r#"{"a":[["x"]]}"#, "Match value must be String, number, true, false, or null{at}8]"),
    (r#"{"a":"x"}"#, "\"a\" must be an object or an array{at}7]"),
    (r#"{"a":{"é":12}}"#, "\"é\" must be an object or an array{at}13]"),
    (r#"{"🚀":12}"#, "\"🚀\" must be an object or an array{at}9]"),
    (r#"{"a":[{}]}"#, "Match expression name not found{at}9]"),
    (r#"{"a":[{"x":1}]}"#, "Unrecognized match type x{at}13]"),
    (r#"{"a":[{"prefix":{}}]}"#, "Prefix expression name not found{at}19]"),
    (r#"{"a":[{"suffix":{}}]}"#, "Suffix expression name not found{at}19]"),
    (r#"{"a":[{"prefix":{"x":"y"}}]}"#, "Unsupported prefix pattern: x{at}23]"),
    (r#"{"a":[{"suffix":{"x":"y"}}]}"#, "Unsupported suffix pattern: x{at}23]"),
    (
        r#"{"a":[{"prefix":{"equals-ignore-case":1}}]}"#,
        "equals-ignore-case match pattern must be a string{at}40]",
    ),
    (
        r#"{"a":[{"prefix":{"equals-ignore-case":"x","y":1}}]}"#,
        "Only one key allowed in match expression{at}48]",
    ),
    (
        r#"{"a":[{"suffix":{"equals-ignore-case":"x"},"y":1}]}"#,
        "Only one key allowed in match expression{at}49]",
    ),
    (r#"{"a":[{"numeric":[">",1,"<",2,3]}]}"#, "Too many terms in numeric range expression{at}32]"),
    (r#"{"a":[{"numeric":[">",1,2]}]}"#, "Bad value in numeric range: 2{at}26]"),
    (r#"{"a":[{"numeric":[">",1,{}]}]}"#, "Bad value in numeric range: {{at}26]"),
    (r#"{"a":[{"numeric":[">=","x"]}]}"#, "Value of >= must be numeric{at}25]"),
    (r#"{"a":[{"numeric":["<=",1,2]}]}"#, "Too many elements in numeric expression{at}27]"),
    (r#"{"a":[{"numeric":["=",1],"x":1}]}"#, "Too many elements in numeric expression{at}31]"),
    (
        r#"{"a":[{"numeric":[">=",9007199254740993]}]}"#,
        "Cannot compare number : 9007199254740993{at}41]",
    ),
    (r#"{"a":[{"numeric":[">",1,"<",1e400]}]}"#, "Cannot compare number : 1e400{at}35]"),
    (r#"{"a":[{"anything-but":1e400}]}"#, "Cannot compare number : 1e400"),
    (r#"{"a":[{"anything-but":[1e400]}]}"#, "Cannot compare number : 1e400{at}29]"),
    (
        r#"{"a":[{"anything-but":[null]}]}"#,
        "Inside anything but list, start|null|boolean is not supported.{at}28]{at}28]",
    ),
    (
        r#"{"a":[{"anything-but":[]}]}"#,
        "Inside anything but list, either all values are number or string, mixed type is not \
             supported{at}25]",
    ),
    (
        r#"{"a":[{"anything-but":{"prefix":["x",1]}}]}"#,
        "prefix/suffix match pattern must be a string{at}39]{at}39]",
    ),
    (
        r#"{"a":[{"anything-but":{"prefix":{"equals-ignore-case":"x"}}}]}"#,
        "Value of anything-but must be an array or single string/number value.{at}34]",
    ),
    (
        r#"{"a":[{"anything-but":{"suffix":1}}]}"#,
        "prefix/suffix match pattern must be a string{at}34]",
    ),
    (r#"{"a":[{"anything-but":{"prefix":""}}]}"#, "Null prefix/suffix not allowed{at}35]"),
    (
        r#"{"a":[{"anything-but":{"suffix":["x",""]}}]}"#,
        "Null prefix/suffix not allowed{at}40]{at}40]",
    ),
    (
        r#"{"a":[{"anything-but":{"equals-ignore-case":[1]}}]}"#,
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not \
             supported.{at}47]{at}47]",
    ),
    (
        r#"{"a":[{"anything-but":{"wildcard":1}}]}"#,
        "wildcard match pattern must be a string{at}36]",
    ),
    (
        r#"{"a":[{"anything-but":{"wildcard":["x**"]}}]}"#,
        "Consecutive wildcard characters at pos 2{at}42]",
    ),
    (r#"{"a":[{"anything-but":"x","y":1}]}"#, "Too many elements in numeric expression{at}32]"),
    (
        r#"{"a":[{"anything-but":{"prefix":"x"},"y":1}]}"#,
        "Too many elements in numeric expression{at}43]",
    ),
    (
        r#"{"a":[{"anything-but":{"prefix":"x","y":1}}]}"#,
        "Too many elements in numeric expression{at}42]",
    ),
    (r#"{"a":[{"cidr":1}]}"#, "prefix match pattern must be a string{at}16]"),
    (r#"{"a":[{"cidr":"10.0.0.0/32"}]}"#, "IPv4 mask bits must be < 32"),
    (r#"{"a":[{"exists":true,"x":1}]}"#, "Only one key allowed in match expression{at}27]"),
    (r#"{"$or":[]}"#, "There must have at least 2 Objects in $or relationship.{at}10]"),
    (
        r#"{"$or":[{"a":{"$or":[{"x":[1]},{"regex":[1]}]}},{"b":[1]}]}"#,
        "regex is Ruler reserved fieldName which cannot be used inside $or.{at}42]",
    ),
    (r#"{"a":[1}"#, "Unexpected close marker '}': expected ']'{at}9]"),
    (
        r#"{"a":[1,]}"#,
        "Unexpected character (']' (code 93)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false'){at}10]",
    ),
    (
        r#"{"a":[1],}"#,
        "Unexpected character ('}' (code 125)): was expecting double-quote to start field name{at}11]",
    ),
    (
        r#"{"a":[1]"#,
        "Unexpected end-of-input: expected close marker for Object (start marker at line 1, column 1){at}9]",
    ),
    (r#"{"a":"#, "Unexpected end-of-input within/between Object entries{at}6]"),
];

#[test]
fn texts_of_the_engine() {
    for (pattern, wanted) in TEXTS {
        refused(pattern, wanted);
    }
}

#[test]
fn every_reserved_name_is_refused_inside_or_and_taken_outside() {
    for name in [
        "exactly",
        "equals-ignore-case",
        "prefix",
        "suffix",
        "anything-but",
        "exists",
        "wildcard",
        "numeric",
        "cidr",
        "=",
        "<",
        "<=",
        ">",
        ">=",
        "regex",
        "not-wildcard",
        "not-equals-ignore-case",
        "date-after",
        "date-on-or-after",
        "date-before",
        "date-on-or-before",
        "in-date-range",
        "ip-address-in-range",
        "ip-address-not-in-range",
    ] {
        let inside = format!(r#"{{"$or":[{{"a":{{"{name}":["x"]}}}},{{"b":["x"]}}]}}"#);
        let error = Pattern::parse(&inside).expect_err(name);
        let text = format!("{name} is Ruler reserved fieldName which cannot be used inside $or.");
        assert_eq!(error.message(), text);
        assert!(Pattern::parse(&format!(r#"{{"{name}":["x"]}}"#)).is_ok(), "{name}");
    }
}

#[test]
fn the_line_is_counted() {
    let error = Pattern::parse("{\n  \"a\": [\r\n 1,\n 2 3]}").expect_err("no comma");
    assert_eq!(error.place(), Some((4, 5)));
    assert!(error.engine_text().ends_with("; line: 4, column: 5]"));
}

#[test]
fn what_is_refused_as_or_with_what_the_older_reader_refuses_stays_refused() {
    // With `$or` as a plain key the engine reads with its older reader, which knows fewer forms.
    for but in [r#"{"wildcard":"x*"}"#, r#"{"prefix":["x"]}"#, r#"{"suffix":["x"]}"#] {
        let field = format!(r#""b":[{{"anything-but":{but}}}]"#);
        assert!(Pattern::parse(&format!("{{{field}}}")).is_ok(), "{but}");
        let error = Pattern::parse(&format!(r#"{{"$or":["x"],{field}}}"#)).expect_err(but);
        assert_eq!(error.message(), "Only JSON object is allowed in array of $or relationship.");
    }
    for but in [r#"{"prefix":"x"}"#, r#"{"equals-ignore-case":["x"]}"#, r#"["x"]"#, "1"] {
        let text = format!(r#"{{"$or":["x"],"b":[{{"anything-but":{but}}}]}}"#);
        assert!(Pattern::parse(&text).is_ok(), "{but}");
    }
    // Refusals without a place are not tried again.
    assert!(Pattern::parse(r#"{"$or":["x"],"b":[{"cidr":"x"}]}"#).is_err());
}

#[test]
fn broken_events() {
    let pattern = Pattern::parse(r#"{"a": ["x"]}"#).expect("a pattern");
    for (event, line, column, message) in [
        (&b""[..], 1, 1, "Unexpected end-of-input: the event is empty"),
        (b" \n", 2, 1, "Unexpected end-of-input: the event is empty"),
        (b"[{}]", 1, 2, "Event must be a JSON object, not an array"),
        (b"12", 1, 3, "Event must be a JSON object"),
        (b"\"x\"", 1, 4, "Event must be a JSON object"),
        (b"null", 1, 5, "Event must be a JSON object"),
        (
            b"nope",
            1,
            5,
            "Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        ),
        (
            b"{\"a\"}",
            1,
            6,
            "Unexpected character ('}' (code 125)): was expecting a colon to separate field name and value",
        ),
        (
            "{\"遮\": 1,\n\"b\" 2}".as_bytes(),
            2,
            6,
            "Unexpected character ('2' (code 50)): was expecting a colon to separate field name and value",
        ),
        (
            "{\"遮\" 1}".as_bytes(),
            1,
            7,
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
        ),
        (
            b"{a: 1}",
            1,
            3,
            "Unexpected character ('a' (code 97)): was expecting double-quote to start field name",
        ),
        (
            b"{\"b\": [1 2]}",
            1,
            11,
            "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
        ),
        (
            b"{\"b\": 1 \"c\"}",
            1,
            10,
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
        ),
        (b"{\"b\": [1", 1, 9, "Unexpected end-of-input: expected close marker for Array"),
        (b"{\"b\": 1", 1, 8, "Unexpected end-of-input: expected close marker for Object"),
        (b"{\"b\": 1,", 1, 9, "Unexpected end-of-input within/between Object entries"),
        (b"{\"b\": \"\xff\"}", 1, 9, "Invalid UTF-8"),
        (
            b"{\"b\": [1}}",
            1,
            10,
            "Unexpected character ('}' (code 125)): was expecting comma to separate Array entries",
        ),
    ] {
        let error = pattern.matches(event).expect_err("a broken event");
        assert_eq!((error.message(), error.place()), (message, Some((line, column))), "{event:?}");
        assert_eq!(error.to_string(), format!("{message} at line {line}, column {column}"));
    }
    for event in [&b"{} nope"[..], b"\t\r\n{}{", b"{}\xff", b"{\"b\": [], \"c\": [{}]}"] {
        assert_eq!(pattern.matches(event), Ok(false), "{event:?}");
    }
}

#[track_caller]
fn decided(pattern: &str, event: &str, wanted: bool) {
    let pattern = Pattern::parse(pattern).expect("a pattern");
    assert_eq!(pattern.matches(event.as_bytes()), Ok(wanted), "{event}");
}

#[test]
fn a_cidr_matches_its_own_family_alone() {
    decided(r#"{"a": [{"cidr": "32.0.0.0/3"}]}"#, r#"{"a": "2001:db8::1"}"#, false);
    decided(r#"{"a": [{"cidr": "2001:db8::/16"}]}"#, r#"{"a": "32.1.0.0"}"#, false);
    decided(r#"{"a": [{"cidr": "::/0"}]}"#, r#"{"a": "0.0.0.1"}"#, false);
}

#[test]
fn a_number_is_no_address() {
    for number in ["0", "10", "3232235521", "1e1"] {
        decided(
            r#"{"a": [{"cidr": "0.0.0.0/0"}, {"cidr": "::/0"}]}"#,
            &format!(r#"{{"a": {number}}}"#),
            false,
        );
    }
}

#[test]
fn a_quote_in_a_prefix_or_suffix_is_a_character() {
    decided(r#"{"a": [{"prefix": "x\""}]}"#, r#"{"a": "x"}"#, false);
    decided(r#"{"a": [{"prefix": "x\""}]}"#, r#"{"a": "x\"y"}"#, true);
    decided(r#"{"a": [{"suffix": "\"x"}]}"#, r#"{"a": "x"}"#, false);
    decided(r#"{"a": [{"suffix": "\"x"}]}"#, r#"{"a": "y\"x"}"#, true);
}

#[test]
fn case_is_ignored_beyond_the_first_plane() {
    decided(r#"{"a": [{"equals-ignore-case": "𐐨"}]}"#, r#"{"a": "𐐀"}"#, true);
    decided(r#"{"a": [{"prefix": {"equals-ignore-case": "𐐀"}}]}"#, r#"{"a": "𐐨x"}"#, true);
    decided(r#"{"a": [{"suffix": {"equals-ignore-case": "🚀A"}}]}"#, r#"{"a": "x🚀a"}"#, true);
}

#[test]
fn an_empty_key_is_a_key_at_every_level() {
    decided(r#"{"": ["x"]}"#, r#"{"": "x"}"#, true);
    decided(r#"{"a": {"": ["x"]}}"#, r#"{"a": {"": "x"}}"#, true);
    decided(r#"{"": {"a": ["x"]}}"#, r#"{"": {"a": "x"}}"#, true);
    decided(r#"{"a": {"": [{"exists": false}]}}"#, r#"{"a": {"": "x"}}"#, false);
}

#[test]
fn absence_beside_other_matchers_gives_one_verdict() {
    let text = r#"{"$or": [{"a": [{"exists": false}]}, {"a": ["k", {"exists": false}]}]}"#;
    for _ in 0..20 {
        decided(text, "{}", true);
        decided(text, r#"{"a": "k"}"#, true);
        decided(text, r#"{"a": "x"}"#, false);
    }
}

#[test]
fn limits_of_the_service() {
    let limits = |text: &str| Pattern::parse(text).expect("a pattern").limits();
    let long = |length: usize| format!(r#"{{"a": ["{}"]}}"#, "遮".repeat(length - 11));
    assert_eq!(limits(&long(2048)), []);
    assert_eq!(limits(&long(2049)), [Limit::OverQuota { characters: 2049 }]);
    assert_eq!(limits(&long(4096)), [Limit::OverQuota { characters: 4096 }]);
    assert_eq!(limits(&long(4097)), [Limit::OverApiLimit { characters: 4097 }]);

    let either = |count: usize| {
        let either: Vec<String> = (0..count).map(|at| format!(r#"{{"k{at}":[1]}}"#)).collect();
        format!(r#"{{"$or":[{}]}}"#, either.join(","))
    };
    let product = |counts: &[usize]| {
        let parts: Vec<String> =
            counts.iter().enumerate().map(|(at, n)| format!(r#""{at}":{}"#, either(*n))).collect();
        format!("{{{}}}", parts.join(","))
    };
    assert_eq!(limits(&product(&[10, 10, 10])), []);
    let many = |combinations| Limit::TooManyCombinations { combinations };
    assert_eq!(limits(&product(&[7, 11, 13])), [many(1001)]);
    let huge = product(&[2; 70]);
    assert_eq!(limits(&huge), [Limit::OverQuota { characters: huge.len() }, many(u64::MAX)]);
    assert!(many(u64::MAX).to_string().contains("more combinations than can be counted"));

    let fields = |count: usize| {
        let fields: Vec<String> = (0..count).map(|at| format!(r#""{at}":[1]"#)).collect();
        format!("{{{}}}", fields.join(","))
    };
    let paths = |text: &str| {
        let found = limits(text);
        found.into_iter().find(|limit| matches!(limit, Limit::TooManyPaths { .. }))
    };
    assert_eq!(paths(&fields(256)), None);
    assert_eq!(paths(&fields(257)), Some(Limit::TooManyPaths { paths: 257 }));
    assert_eq!(paths(&either(300)), None, "one path in each branch");

    let wildcard = |text: &str| limits(&format!(r#"{{"a": [{{"wildcard": "{text}"}}]}}"#));
    assert_eq!(wildcard("*a*b*c*d*e*f*g*"), []);
    assert_eq!(wildcard("*ab*ab*"), []);
    for complex in ["*a*b*c*d*e*f*g*h*", "*ab*ab*ab"] {
        let matcher = format!(r#"{{"wildcard": "{complex}"}}"#);
        assert_eq!(wildcard(complex), [Limit::ComplexWildcard { matcher }]);
    }
    let but = r#"{"anything-but": {"wildcard": ["x", "*a*a*a"]}}"#;
    let found = limits(&format!(r#"{{"a": [{but}]}}"#));
    assert_eq!(found, [Limit::ComplexWildcard { matcher: but.to_owned() }]);

    let fatal =
        [many(1001), Limit::OverApiLimit { characters: 4097 }, Limit::TooManyPaths { paths: 257 }];
    assert!(fatal.iter().all(Limit::is_fatal));
    assert!(!Limit::OverQuota { characters: 2049 }.is_fatal());
    assert!(!Limit::ComplexWildcard { matcher: String::new() }.is_fatal());
}

#[test]
fn an_empty_list_of_what_it_must_not_be_is_refused() {
    for kind in ["prefix", "suffix", "equals-ignore-case", "wildcard"] {
        let pattern = format!(r#"{{"a":[{{"anything-but":{{"{kind}":[]}}}}]}}"#);
        let error = Pattern::parse(&pattern).unwrap_err();
        assert!(error.message().starts_with("Inside anything but list, either all"), "{error}");
        assert!(error.place().is_some());
    }
}
