//! What a target receives, what is lost and what AWS refuses, one table for each.

use notify_core::transform::{Context, Event, Input, Outcome, Transform, Why};

/// One field for each kind of value.
const EVENT: &str = r#"{
    "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "shop order",
    "source": "my.shop", "account": "123456789012", "time": "2026-03-04T05:06:07Z",
    "region": "ap-northeast-1", "resources": ["arn:aws:s3:::shop"],
    "detail": {
        "word": "ready", "ja": "発送済み", "quote": "a \"b\" c", "breaks": "one\ntwo\tthree",
        "backslash": "DOMAIN\\User", "escape": "DOMAIN\\name", "splits": "a\" \"b",
        "digits": "42", "number": 7, "fraction": 1.0, "power": 1e3, "zero": -0,
        "big": 123456789012345678901234567890, "yes": true, "no": false, "nothing": null,
        "empty": "", "object": {"kind": "book", "count": 2, "tags": ["x", null]},
        "list": ["a", "b", {"c": 3}], "numbers": [1, 2.50], "no-items": [], "no_fields": {},
        "quoted-list": ["say \"x\""], "key": {"a\"b": 1}, "lines": [{"id": 1}, {"id": 2}, {}],
        "path/part": "slash"
    }
}"#;

const CONTEXT: Context<'_> = Context {
    rule_arn: "arn:aws:events:ap-northeast-1:123456789012:rule/shop-bus/orders",
    ingestion_time: "2026-03-04T05:06:08.123Z",
};

/// A transformer with a variable for every field: `no-items` is `<no-items>`, and so on.
fn transformer(template: &str) -> Input {
    let fields = [
        "word",
        "ja",
        "quote",
        "breaks",
        "backslash",
        "escape",
        "splits",
        "digits",
        "number",
        "fraction",
        "power",
        "zero",
        "big",
        "yes",
        "no",
        "nothing",
        "empty",
        "object",
        "list",
        "numbers",
        "no-items",
        "no_fields",
        "quoted-list",
        "key",
        "missing",
    ];
    let mut paths: Vec<(&str, String)> =
        fields.iter().map(|field| (*field, format!("$.detail.{field}"))).collect();
    paths.extend([
        ("all", "$".to_owned()),
        ("ids", "$.detail.lines[*].id".to_owned()),
        ("none", "$.detail.no-items[*].id".to_owned()),
        ("second", "$.detail.list[1]".to_owned()),
        ("slash", "$.detail.path/part".to_owned()),
        ("quotes", "$.detail.quoted-list[*]".to_owned()),
    ]);
    let paths = paths.into_iter().map(|(name, path)| (name.to_owned(), path)).collect();
    Input::Transformer { paths, template: template.to_owned() }
}

fn without_paths(template: &str) -> Input {
    Input::Transformer { paths: [].into(), template: template.to_owned() }
}

fn outcome(input: &Input) -> Outcome {
    let event = Event::parse(EVENT).expect("an event");
    let transform = Transform::new(input, "t").expect("AWS takes it");
    transform.deliver(&event, &CONTEXT)
}

#[track_caller]
fn delivered(input: &Input, want: &str) {
    assert_eq!(outcome(input), Outcome::Delivered(want.to_owned()), "{input:?}");
}

#[track_caller]
fn lost(input: &Input, attempted: &str) {
    let Outcome::Lost(loss) = outcome(input) else { panic!("{input:?} is delivered") };
    assert_eq!(loss.attempted, attempted, "{input:?}");
    assert!(matches!(loss.why, Why::NotJson { .. }), "{input:?}: {loss}");
    assert_eq!(loss.dead_letter(), Some(("INVALID_JSON", "Invalid input for target.")));
}

#[track_caller]
fn undecided(input: &Input, what: &'static str) {
    let Outcome::Lost(loss) = outcome(input) else { panic!("{input:?} is delivered") };
    assert_eq!(loss.why, Why::Undecided(what), "{input:?}");
    assert_eq!(loss.code(), "INVALID_JSON");
    let said = format!("what AWS does with {what} is not known, so it counts as lost");
    assert_eq!(loss.to_string(), said);
}

#[track_caller]
fn nothing(input: &Input) {
    let Outcome::Lost(loss) = outcome(input) else { panic!("{input:?} is delivered") };
    assert_eq!((loss.why, loss.code()), (Why::Nothing, "NOTHING_SENT"), "{input:?}");
    assert_eq!(loss.dead_letter(), None);
    assert_eq!(loss.to_string(), "nothing is left to send");
}

#[test]
fn without_a_template_the_event_or_a_part_is_sent() {
    let whole = outcome(&Input::Event);
    let Outcome::Delivered(text) = &whole else { panic!("{whole:?}") };
    assert!(text.starts_with(r#"{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"shop order","source":"my.shop","account":"123456789012","time":"2026-03-04T05:06:07Z","region":"ap-northeast-1","resources":["arn:aws:s3:::shop"],"detail":{"word":"ready","ja":"発送済み","quote":"a \"b\" c","breaks":"one\ntwo\tthree""#), "{text}");
    assert!(text.contains(
        r#""fraction":1.0,"power":1e3,"zero":-0,"big":123456789012345678901234567890,"yes""#
    ));
    assert_eq!(outcome(&Input::Path("$".to_owned())), whole);
    for (path, want) in [
        ("$.detail.word", r#""ready""#),
        ("$.detail.quote", r#""a \"b\" c""#),
        ("$.detail.number", "7"),
        ("$.detail.no", "false"),
        ("$.detail.object", r#"{"kind":"book","count":2,"tags":["x",null]}"#),
        ("$.detail.list[2]", r#"{"c":3}"#),
        ("$.detail.lines[*].id", "[1,2]"),
        ("$.detail.no-items[*].id", "[]"),
        ("$.detail.path/part", r#""slash""#),
        ("$.detail.nothing", "{}"),
        ("$.detail.missing", "{}"),
        ("$.detail.list[9]", "{}"),
        ("", "{}"),
    ] {
        delivered(&Input::Path(path.to_owned()), want);
    }
    for text in ["{ \"a\" : 1 }", "\"x\"", "17", "null", " [ ]\n"] {
        delivered(&Input::Constant(text.to_owned()), text);
    }
    nothing(&Input::Constant(String::new()));
    nothing(&Input::Constant(" \n".to_owned()));
}

#[test]
fn a_json_template_quotes_and_escapes_values() {
    for (template, want) in [
        (r#"{"k":<word>}"#, r#"{"k":"ready"}"#),
        (r#"{"k": <ja>}"#, r#"{"k": "発送済み"}"#),
        (r#"{"k":<quote>}"#, r#"{"k":"a \"b\" c"}"#),
        (r#"{"k":<breaks>}"#, r#"{"k":"one\ntwo\tthree"}"#),
        (r#"{"k":<backslash>}"#, r#"{"k":"DOMAIN\\User"}"#),
        (r#"{"k":<empty>}"#, r#"{"k":""}"#),
        (r#"{"k":<digits>}"#, r#"{"k":"42"}"#),
        (
            r#"{"k":[<number>,<fraction>,<power>,<zero>,<big>]}"#,
            r#"{"k":[7,1.0,1e3,-0,123456789012345678901234567890]}"#,
        ),
        (r#"{"k":[<yes>,<no>,<nothing>]}"#, r#"{"k":[true,false,null]}"#),
        (r#"{"k":<object>}"#, r#"{"k":{"kind":"book","count":2,"tags":["x",null]}}"#),
        (r#"{"k":<list>}"#, r#"{"k":["a","b",{"c":3}]}"#),
        (r#"{"k":<quoted-list>}"#, r#"{"k":["say \"x\""]}"#),
        (r#"{"k":<ids>,"l":<none>}"#, r#"{"k":[1,2],"l":[]}"#),
        (r#"{"k":<missing>}"#, r#"{"k":""}"#),
        (r#"{"k":[<missing>]}"#, r#"{"k":[""]}"#),
        (r#"{"k":[1,<missing>,{"l":<missing>}]}"#, r#"{"k":[1,"",{"l":""}]}"#),
        (r#"{"k":"a <word> b"}"#, r#"{"k":"a ready b"}"#),
        (r#"{"k":"<quote>"}"#, r#"{"k":"a \"b\" c"}"#),
        (r#"{"k":"<breaks>|<backslash>"}"#, r#"{"k":"one\ntwo\tthree|DOMAIN\\User"}"#),
        (r#"{"k":"<splits>"}"#, r#"{"k":"a\" \"b"}"#),
        (r#"{"k":"<number> <yes> <fraction>"}"#, r#"{"k":"7 true 1.0"}"#),
        (r#"{"k":"a <missing> b<empty>"}"#, r#"{"k":"a  b"}"#),
        (r#"{"k":"<numbers> <no-items> <no_fields> <ids>"}"#, r#"{"k":"[1,2.50] [] {} [1,2]"}"#),
        (
            r#"{"message":"<word>\n<ja>\t\"<quote>\""}"#,
            r#"{"message":"ready\n発送済み\t\"a \"b\" c\""}"#,
        ),
        (r#"{"k":"\<word>"}"#, r#"{"k":"\ready"}"#),
        (" \r\n\t{\n  \"k\" : <number>\n}\n", " \r\n\t{\n  \"k\" : 7\n}\n"),
        (r#"{"a":<word>} "then <quote>" <second>"#, r#"{"a":"ready"} "then a \"b\" c" "b""#),
        (r#"{"k":"1 < 2 > <> <a b>"}"#, r#"{"k":"1 < 2 > <> <a b>"}"#),
        (r#"{"\"k":<word>,"l":"\\","m":<slash>}"#, r#"{"\"k":"ready","l":"\\","m":"slash"}"#),
        ("{}", "{}"),
    ] {
        delivered(&transformer(template), want);
    }
    // The inner quotes of an object stay.
    lost(
        &transformer(r#"{"k":"a <object>"}"#),
        r#"{"k":"a {"kind":"book","count":2,"tags":["x",null]}"}"#,
    );
    lost(&transformer(r#"{"k":"<list>"}"#), r#"{"k":"["a","b",{"c":3}]"}"#);
    lost(&transformer(r#"{"k":"\<ja>"}"#), r#"{"k":"\発送済み"}"#);
}

#[test]
fn a_text_template_takes_values_as_they_are() {
    for (template, want) in [
        (r#""a <word> b""#, r#""a ready b""#),
        ("\"時刻 <ja>。\"\n\"\"\n\"<word><number>\"", "\"時刻 発送済み。\"\n\"\"\n\"ready7\""),
        (
            r#""<number> <yes> <no> <fraction> <power> <big>""#,
            r#""7 true false 1.0 1e3 123456789012345678901234567890""#,
        ),
        (r#""<object>""#, r#""{kind:book,count:2,tags:[x,null]}""#),
        (r#""<list> <ids> <none>""#, r#""[a,b,{c:3}] [1,2] []""#),
        (r#""a <missing> b<empty>""#, r#""a  b""#),
        // What happens to leave valid JSON arrives.
        (r#""<escape>""#, r#""DOMAIN\name""#),
        (r#""<splits>""#, r#""a" "b""#),
        (r#""say \"<word>\"""#, r#""say \"ready\"""#),
        (r#""no \n break""#, r#""no \n break""#),
        ("<number>", "7"),
        ("<nothing>", "null"),
        ("<yes> <digits>\n\"x\"", "true 42\n\"x\""),
        ("<numbers>", "[1,2.50]"),
        ("<no_fields>", "{}"),
        ("[<number>, <nothing>,<digits>, \"<word>\"]", "[7, null,42, \"ready\"]"),
        ("[<missing>]", "[]"),
        ("[<ids>]", "[[1,2]]"),
        ("[{\"k\":\"<word> <missing>\"}]", "[{\"k\":\"ready \"}]"),
        ("<missing> \"x\"", " \"x\""),
        ("  \"<word>\"  ", "  \"ready\"  "),
        (r#""<word>" {"k":"<ja>"}"#, r#""ready" {"k":"発送済み"}"#),
        ("\"a < b\"", "\"a < b\""),
        ("null", "null"),
    ] {
        delivered(&transformer(template), want);
    }
    for (template, attempted) in [
        ("\"<quote>\"", "\"a \"b\" c\""),
        ("\"<breaks>\"", "\"one\ntwo\tthree\""),
        ("\"<backslash>\"", "\"DOMAIN\\User\""),
        ("\"ok\"\n\"<quote>\"", "\"ok\"\n\"a \"b\" c\""),
        ("<word>", "ready"),
        ("[<word>]", "[ready]"),
        ("[<object>]", "[{kind:book,count:2,tags:[x,null]}]"),
        ("<list>", "[a,b,{c:3}]"),
        ("[1,<missing>,2]", "[1,,2]"),
        ("[{\"k\":<missing>}]", "[{\"k\":}]"),
        ("[<empty>,1]", "[,1]"),
    ] {
        lost(&transformer(template), attempted);
    }
    for template in ["<missing>", " <missing>\n<empty> "] {
        nothing(&transformer(template));
    }
}

#[test]
fn reserved_variables_are_filled_in() {
    for (template, want) in [
        (
            r#"{"n":<aws.events.rule-name>,"a":<aws.events.rule-arn>,"t":<aws.events.event.ingestion-time>}"#,
            r#"{"n":"orders","a":"arn:aws:events:ap-northeast-1:123456789012:rule/shop-bus/orders","t":"2026-03-04T05:06:08.123Z"}"#,
        ),
        (
            r#""<aws.events.rule-name> <aws.events.rule-arn> <aws.events.event.ingestion-time>""#,
            r#""orders arn:aws:events:ap-northeast-1:123456789012:rule/shop-bus/orders 2026-03-04T05:06:08.123Z""#,
        ),
        (
            r#"{"e":<aws.events.event>}"#,
            r#"{"e":{"id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","account":"123456789012","detailType":"shop order","time":1772600767000,"source":"my.shop","region":"ap-northeast-1","resources":["arn:aws:s3:::shop"],"version":"0"}}"#,
        ),
        // Undefined names stay where no path is given.
        (r#""<who> <aws.events.who>""#, r#""<who> <aws.events.who>""#),
        (r#"[{"<who>":1}]"#, r#"[{"<who>":1}]"#),
    ] {
        delivered(&without_paths(template), want);
    }
    let Outcome::Delivered(whole) = outcome(&Input::Event) else { panic!("lost") };
    delivered(
        &without_paths(r#"{"e":[<aws.events.event.json>]}"#),
        &format!("{{\"e\":[{whole}]}}"),
    );
    delivered(&transformer(r#"{"e":<all>}"#), &format!("{{\"e\":{whole}}}"));
    for (template, attempted) in [
        (r#"{"k":<who>}"#, r#"{"k":<who>}"#),
        (r#"{"k":<aws.events.who>}"#, r#"{"k":<aws.events.who>}"#),
        ("<who>", "<who>"),
        ("<aws.events.rule-name>", "orders"),
        ("[<aws.events.event.ingestion-time>]", "[2026-03-04T05:06:08.123Z]"),
    ] {
        lost(&without_paths(template), attempted);
    }
}

#[test]
fn what_is_not_known_of_aws_counts_as_lost() {
    let null = "null between quotes";
    undecided(&transformer(r#""<nothing>""#), null);
    undecided(&transformer(r#"{"k":"<nothing>"}"#), null);
    undecided(&transformer(r#"["<nothing>"]"#), null);
    let reserved = "a reserved variable between quotes of a JSON template";
    for name in ["rule-name", "rule-arn", "event.ingestion-time", "event", "event.json"] {
        undecided(&without_paths(&format!("{{\"k\":\"<aws.events.{name}>\"}}")), reserved);
    }
    let undefined = "an undefined placeholder between quotes of a JSON template";
    undecided(&without_paths(r#"{"k":"<who>"}"#), undefined);
    undecided(&without_paths(r#"{"<who>":1}"#), undefined);
    let event = "the event in a text template";
    undecided(&without_paths(r#""<aws.events.event>""#), event);
    undecided(&without_paths("[<aws.events.event>]"), event);
    let inside = "a quote, backslash or control character in an object or array of a text template";
    for template in [
        r#""<quoted-list>""#,
        r#""<key>""#,
        r#""<quotes>""#,
        "<quoted-list>",
        r#"["<quote>"]"#,
        r#"[{"k":"<breaks>"}]"#,
        r#"["<escape>"]"#,
        r#""<word>" {"k":"<backslash>"}"#,
        r#""<all>""#,
    ] {
        undecided(&transformer(template), inside);
    }
}

#[test]
fn a_loss_says_where_the_text_breaks() {
    let Outcome::Lost(loss) = outcome(&transformer("\"ok\"\n\"遮 <quote>\"")) else { panic!() };
    let said = "what the template makes of this event is not JSON: a JSON value is missing at line 2, column 7";
    assert_eq!(loss.to_string(), said);
}

#[track_caller]
fn refused(input: &Input, want: &str) {
    let refusal = Transform::new(input, "topic-1").expect_err("AWS refuses it");
    assert_eq!(refusal.to_string(), want, "{input:?}");
}

#[test]
fn aws_refuses_in_its_own_words() {
    let path = |path: &str| Input::Path(path.to_owned());
    let map = |map: &[(&str, &str)], template: &str| Input::Transformer {
        paths: map.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect(),
        template: template.to_owned(),
    };
    for bad in [
        "$.detail.object.*",
        "$['detail']",
        "$[\"a\"][\"b\"]",
        "$.detail['a.b']",
        "$..word",
        "$.list[-1]",
        "$.list[0:2]",
        "detail.word",
        "$.",
        "$.a b",
    ] {
        refused(&path(bad), "InputPath for target topic-1 is invalid.");
        refused(
            &map(&[("a", "$.ok"), ("b", bad)], "<a>"),
            "InputPath for target topic-1 is invalid.",
        );
    }
    refused(&map(&[("a", "")], "<a>"), "InputPath for target topic-1 is invalid.");

    let invalid = |text: &str, line: usize, column: usize| {
        format!(
            "Invalid InputTemplate for target topic-1 : [Source: (String)\"{text}\"; line: {line}, column: {column}]."
        )
    };
    for (template, filled, line, column) in [
        ("hello <word>", "hello null", 1, 1),
        ("<word> hello", "null hello", 1, 6),
        ("\"a\"\n<word>, 1", "\"a\"\nnull, 1", 2, 5),
        ("{\"k\":<word>", "{\"k\":null", 1, 10),
        ("{<word>:1}", "{null:1}", 1, 2),
        ("<word><word>", "nullnull", 1, 1),
        ("{\"k\":\"遮\" <word>}", "{\"k\":\"遮\" null}", 1, 10),
        ("\"a\nb\"", "\"a\nb\"", 1, 3),
    ] {
        refused(&transformer(template), &invalid(filled, line, column));
    }
    refused(&without_paths("{\"k\":<who>"), &invalid("{\"k\":null", 1, 10));

    let key = "InputTemplate placeholder present as a JSON object key for target topic-1.";
    for template in ["{\"<word>\":1}", "{\"a\":[{\"x <word> y\":<number>}]}", "[{\"<word>\":1}]"] {
        refused(&transformer(template), key);
    }
    refused(&without_paths("{\"<aws.events.rule-name>\":1}"), key);

    for (template, name) in [
        ("\"<word> <who>\"", "who"),
        ("{\"k\":<aws.events.who>}", "aws.events.who"),
        ("[<a.b>]", "a.b"),
    ] {
        let want = format!("InputTemplate for target topic-1 contains invalid placeholder {name}.");
        refused(&transformer(template), &want);
    }
    let json_only = "InputTemplate for target topic-1 contains placeholder aws.events.event.json valid only for JSON template.";
    for template in
        ["<aws.events.event.json>", "[<aws.events.event.json>]", "\"<aws.events.event.json>\""]
    {
        refused(&without_paths(template), json_only);
        refused(&transformer(template), json_only);
    }

    for (constant, line, column) in
        [("not-json", 1, 1), ("{\"a\":}", 1, 6), ("{}\n{}", 2, 1), ("[1,\n 2", 2, 3), ("1 x", 1, 3)]
    {
        let want = format!(
            "JSON syntax error in input for target topic-1: [Source: (String)\"{constant}\"; line: {line}, column: {column}]"
        );
        refused(&Input::Constant(constant.to_owned()), &want);
    }
}

#[test]
fn aws_limits_lengths_and_names() {
    let broken = |value: &str, field: &str, constraint: &str| {
        format!(
            "Value '{value}' at 'targets.1.member.{field}' failed to satisfy constraint: {constraint}"
        )
    };
    let one = |value: &str, field: &str, constraint: &str| {
        format!("1 validation error detected: {}", broken(value, field, constraint))
    };
    let at_most = |most: usize| format!("Member must have length less than or equal to {most}");
    let taken = |input: &Input| assert!(Transform::new(input, "t").is_ok(), "{input:?}");

    let text = |length: usize| format!("\"{}\"", "遮".repeat(length - 2));
    taken(&Input::Constant(text(8192)));
    refused(&Input::Constant(text(8193)), &one(&text(8193), "input", &at_most(8192)));
    let template = "inputTransformer.inputTemplate";
    taken(&without_paths(&text(8192)));
    refused(&without_paths(&text(8193)), &one(&text(8193), template, &at_most(8192)));
    let least = "Member must have length greater than or equal to 1";
    refused(&without_paths(""), &one("", template, least));

    let path = |length: usize| format!("$.{}", "p".repeat(length - 2));
    taken(&Input::Path(path(256)));
    refused(&Input::Path(path(257)), &one(&path(257), "inputPath", &at_most(256)));

    let map = |entries: Vec<(String, String)>| Input::Transformer {
        paths: entries.into_iter().collect(),
        template: "1".to_owned(),
    };
    let field = "inputTransformer.inputPathsMap";
    taken(&map(vec![("a".to_owned(), path(256)), ("A-_9".to_owned(), "$".to_owned())]));
    let long = format!("{{a={}}}", path(257));
    let values = format!("Map value must satisfy constraint: [{}]", at_most(256));
    refused(&map(vec![("a".to_owned(), path(257))]), &one(&long, field, &values));

    let keys = r"Map keys must satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [A-Za-z0-9\_\-]+]";
    taken(&map(vec![("k".repeat(256), "$".to_owned())]));
    for key in ["", "a.b", "a b", "aws.events.rule-name", "AWS.x", "キー", &"k".repeat(257)] {
        let entries = vec![(key.to_owned(), "$.x".to_owned()), ("zz".to_owned(), "$".to_owned())];
        let shown = match key {
            "キー" => "{zz=$, キー=$.x}".to_owned(),
            _ => format!("{{{key}=$.x, zz=$}}"),
        };
        refused(&map(entries), &one(&shown, field, keys));
    }

    let entries = |count: usize| -> Vec<(String, String)> {
        (0..count).map(|n| (format!("p{n:03}"), "$".to_owned())).collect()
    };
    taken(&map(entries(100)));
    let shown: Vec<String> = entries(101).iter().map(|(k, v)| format!("{k}={v}")).collect();
    let shown = format!("{{{}}}", shown.join(", "));
    refused(&map(entries(101)), &one(&shown, field, &at_most(100)));

    let two = Input::Transformer {
        paths: [("a.b".to_owned(), "$".to_owned())].into(),
        template: String::new(),
    };
    let both = format!(
        "2 validation errors detected: {}; {}",
        broken("{a.b=$}", field, keys),
        broken("", template, least)
    );
    refused(&two, &both);
}
