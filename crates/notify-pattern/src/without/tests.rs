//! What is left of a pattern, as it is written.

use super::*;

fn without_a(pattern: &str, values: &[&str]) -> Result<(String, Vec<usize>), String> {
    let pattern = Pattern::parse(pattern).expect("a pattern");
    let found = pattern.without("d.a", values, Presence::Perhaps);
    found
        .map(|Without { pattern, idle }| (pattern.text().to_owned(), idle))
        .map_err(|e| e.to_string())
}

/// A list of matchers, what is left of it, and which of the values it did not take.
#[track_caller]
fn check(matchers: &str, values: &[&str], left: &str, idle: &[usize]) {
    let pattern = |matchers: &str| format!(r#"{{"s": [1], "d": {{"a": {matchers}}} }}"#);
    let wanted = Ok((pattern(left), idle.to_vec()));
    assert_eq!(without_a(&pattern(matchers), values), wanted, "{matchers} {values:?}");
}

/// A list of matchers out of which a value cannot be taken.
#[track_caller]
fn refused(matchers: &str, values: &[&str], reason: &str) {
    let found = without_a(&format!(r#"{{"d":{{"a":{matchers}}}}}"#), values);
    assert_eq!(found, Err(reason.to_owned()), "{matchers} {values:?}");
}

#[test]
fn listed_values_are_taken_out() {
    check(r#"[ "a" , "b"]"#, &["a"], r#"["b"]"#, &[]);
    check(r#"["a", "b", "c"]"#, &["c", "z", "a"], r#"["b"]"#, &[1]);
    check(r#"["a", "a", "b"]"#, &["a"], r#"["b"]"#, &[]);
    check(r#"["\u0061", "b"]"#, &["a"], r#"["b"]"#, &[]);
    check(r#"[{"exactly": "a"}, "b"]"#, &["a"], r#"["b"]"#, &[]);
    check(r#"["a", 3.0e2, null, true]"#, &["a", "300", "null"], "[3.0e2,null,true]", &[1, 2]);
    check(r#"["a", {"exists": false}]"#, &["a"], r#"[{"exists": false}]"#, &[]);
    check(r#"["::1", "b"]"#, &["0:0::1"], r#"["b"]"#, &[]);
    check(r#"[{"wildcard": "a\\*"}, "b"]"#, &["a*"], r#"["b"]"#, &[]);
    check(r#"[{"equals-ignore-case": "12-3"}, "b"]"#, &["12-3"], r#"["b"]"#, &[]);
    // What changes nothing leaves the text as it is.
    check(r#"[ "a" ]"#, &["b"], r#"[ "a" ]"#, &[0]);
    check(r#"[ "a" ]"#, &[], r#"[ "a" ]"#, &[]);
    check(r#"["A", "é"]"#, &["a", "e\u{301}"], r#"["A", "é"]"#, &[0, 1]);
}

#[test]
fn operators_that_do_not_take_the_value_stay() {
    for operator in [
        r#"{"prefix": "b"}"#,
        r#"{"prefix": {"equals-ignore-case": "B"}}"#,
        r#"{"suffix": "b"}"#,
        r#"{"suffix": {"equals-ignore-case": "B"}}"#,
        r#"{"equals-ignore-case": "B"}"#,
        r#"{"wildcard": "b*"}"#,
        r#"{"numeric": [">", 0]}"#,
        r#"{"cidr": "10.0.0.0/8"}"#,
        r#"{"anything-but": "a"}"#,
        r#"{"anything-but": ["a", "b"]}"#,
        r#"{"anything-but": {"prefix": "a"}}"#,
        r#"{"anything-but": {"suffix": "a"}}"#,
        r#"{"anything-but": {"equals-ignore-case": "A"}}"#,
        r#"{"anything-but": {"wildcard": "*a"}}"#,
    ] {
        check(&format!("[ {operator} ]"), &["a"], &format!("[ {operator} ]"), &[0]);
        check(&format!(r#"["a", {operator}]"#), &["a"], &format!("[{operator}]"), &[]);
    }
}

#[test]
fn one_value_out_of_many_is_refused() {
    for operator in [
        r#"{"prefix": "a"}"#,
        r#"{"prefix": {"equals-ignore-case": "A"}}"#,
        r#"{"suffix": "b"}"#,
        r#"{"suffix": {"equals-ignore-case": "B"}}"#,
        r#"{"equals-ignore-case": "AB"}"#,
        r#"{"wildcard": "a*"}"#,
    ] {
        let reason = format!(
            "{operator} takes \"ab\" among others, and EventBridge cannot take one name out"
        );
        refused(&format!("[{operator}]"), &["z", "ab"], &reason);
    }
    let cidr = r#"{"cidr":"10.0.0.0/8"} takes "10.1.1.1" among others, and EventBridge cannot take one name out"#;
    refused(r#"[{"cidr":"10.0.0.0/8"}]"#, &["10.1.1.1"], cidr);
    for operator in [
        r#"{"anything-but": 5}"#,
        r#"{"anything-but": {"prefix": "z"}}"#,
        r#"{"anything-but": {"suffix": ["y", "z"]}}"#,
        r#"{"anything-but": {"equals-ignore-case": "Z"}}"#,
    ] {
        let reason = format!(
            "{operator} takes \"ab\", and EventBridge takes no second `anything-but` beside it"
        );
        refused(&format!("[1, {operator}]"), &["ab"], &reason);
    }
    refused(
        r#"[{"prefix":""}]"#,
        &["x"],
        r#"{"prefix":""} takes "x" among others, and EventBridge cannot take one name out"#,
    );
    refused(r#"["a", "b"]"#, &["a", "b"], "nothing is left of what the pattern takes");
}

#[test]
fn what_takes_anything_gets_an_exception() {
    check(
        r#"[{"anything-but": "x"}]"#,
        &["b", "x", "a"],
        r#"[{"anything-but":["x","b","a"]}]"#,
        &[1],
    );
    check(
        r#"[{"anything-but": ["x"]}, {"anything-but": ["a"]}, "a"]"#,
        &["a"],
        r#"[{"anything-but":["x","a"]},{"anything-but": ["a"]}]"#,
        &[],
    );
    check(
        r#"[{"anything-but": {"wildcard": "x*"}}]"#,
        &["a*b\\"],
        r#"[{"anything-but":{"wildcard":["x*","a\\*b\\\\"]}}]"#,
        &[],
    );
    check(r#"[{"exists": true}]"#, &["b", "a"], r#"[{"anything-but":["b","a"]}]"#, &[]);
    check(
        r#"[{"prefix": "a"}, {"exists": false}, {"exists": true}, "a"]"#,
        &["a"],
        r#"[{"anything-but":["a"]},{"exists": false}]"#,
        &[],
    );
}

#[test]
fn a_field_that_is_not_restricted_is_put_in() {
    let check = |pattern: &str, wanted: &str| {
        let wanted = wanted.replace('@', r#"[{"anything-but":["x"]},{"exists":false}]"#);
        assert_eq!(without_a(pattern, &["x"]), Ok((wanted, vec![])), "{pattern}");
    };
    check(r#"{"s":[1]} end"#, r#"{"d":{"a":@},"s":[1]} end"#);
    check(r#" { "d": {"b":[1]}}"#, r#" {"d":{"a":@}, "d": {"b":[1]}}"#.replace(r#""d":{"a":@}, "d": {"#, r#" "d": {"a":@,"#).as_str());
    check(r#"{"e":{"d":{"b":[1]}},"d":{"b":[1]}}"#, r#"{"e":{"d":{"b":[1]}},"d":{"a":@,"b":[1]}}"#);
    check(r#"{"d.b":[1]}"#, r#"{"d":{"a":@},"d.b":[1]}"#);
    // A list where the keys lead through: the key with a dot is another key.
    check(r#"{"d":[1]}"#, r#"{"d.a":@,"d":[1]}"#);
    check(
        r#"{"$or":[{"d":{"b":[1]}},{"d":{"c":[1]}}]}"#,
        r#"{"d":{"a":@},"$or":[{"d":{"b":[1]}},{"d":{"c":[1]}}]}"#,
    );
    check(r#"{"d":{"$or":[{"b":[1]},{"c":[1]}]}}"#, r#"{"d":{"a":@,"$or":[{"b":[1]},{"c":[1]}]}}"#);
    let pattern = Pattern::parse(r#"{"s":[1]}"#).expect("a pattern");
    let always = pattern.without("é.\"", &["x", "\n"], Presence::Always).expect("a pattern");
    assert_eq!(always.pattern.text(), r#"{"é":{"\"":[{"anything-but":["x","\n"]}]},"s":[1]}"#);
}

#[test]
fn each_branch_is_looked_at() {
    let check = |pattern: &str, wanted: &str, idle: &[usize]| {
        let wanted = wanted.replace('@', r#"[{"anything-but":["x","y"]},{"exists":false}]"#);
        assert_eq!(without_a(pattern, &["x", "y"]), Ok((wanted, idle.to_vec())), "{pattern}");
    };
    check(
        r#"{"$or":[{"d":{"a":["x","z"]}},{"d":{"a":["y","z"]}}]}"#,
        r#"{"$or":[{"d":{"a":["z"]}},{"d":{"a":["z"]}}]}"#,
        &[],
    );
    // One alternative restricts it, the other does not, before and behind the `$or`.
    check(
        r#"{"$or":[{"d":{"a":["x","z"]}},{"b":[1]}]}"#,
        r#"{"d":{"a":@},"$or":[{"d":{"a":["z"]}},{"b":[1]}]}"#,
        &[],
    );
    check(
        r#"{"$or":[{"d.a":["w"]},{"b":[1]}],"d":{"b":[1]}}"#,
        r#"{"d.a":@,"$or":[{"d.a":["w"]},{"b":[1]}],"d":{"b":[1]}}"#,
        &[],
    );
    // The last of a path counts, and an alternative more than what is before it.
    check(r#"{"d":{"a":["x"]},"d.a":["x","z"]}"#, r#"{"d":{"a":["x"]},"d.a":["z"]}"#, &[1]);
    check(
        r#"{"d":{"a":["x","z"]},"$or":[{"d.a":["y","z"]},{"b":[1]}]}"#,
        r#"{"d":{"a":["z"]},"$or":[{"d.a":["z"]},{"b":[1]}]}"#,
        &[],
    );
    // Not read as `$or`: a field of that name.
    check(r#"{"$or":["x"],"d":{"a":["x","z"]}}"#, r#"{"$or":["x"],"d":{"a":["z"]}}"#, &[1]);

    let none = Err("nothing is left of what one alternative of `$or` takes".to_owned());
    assert_eq!(without_a(r#"{"$or":[{"d":{"a":["x"]}},{"b":[1]}]}"#, &["x"]), none);
    assert_eq!(without_a(r#"{"$or":[{"d":{"a":["x"]}},{"d":{"a":["y"]}}]}"#, &["x"]), none);
    let all = Err("nothing is left of what the pattern takes".to_owned());
    let both = r#"{"$or":[{"d":{"a":["x"]}},{"d":{"a":["y"]}}]}"#;
    assert_eq!(without_a(both, &["x", "y"]), all);
}

#[test]
fn what_cannot_be_written_is_refused() {
    // Ten pairs make 1,024 combinations, nine 512.
    let pairs = |count: usize| {
        let pairs: Vec<String> = (0..count)
            .map(|at| format!(r#""k{at}":{{"$or":[{{"x":[1]}},{{"y":[1]}}]}}"#))
            .collect();
        without_a(&format!("{{{}}}", pairs.join(",")), &["x"])
    };
    assert!(pairs(9).is_ok());
    let ten = |key: &str| {
        let ten: Vec<String> = (0..10).map(|at| format!(r#"{{"x":[{at}]}}"#)).collect();
        format!(r#""{key}":{{"$or":[{}]}}"#, ten.join(","))
    };
    assert!(without_a(&format!("{{{},{},{}}}", ten("a"), ten("b"), ten("c")), &["x"]).is_ok());
    assert_eq!(pairs(10), Err("`$or` makes more than 1000 combinations".to_owned()));
    let form = "the pattern is written in a way in which this cannot be left out";
    // No text has a lone half of a character in it.
    refused(r#"[{"anything-but": ["\ud800"]}]"#, &["x"], form);
    let pattern = Pattern::parse(r#"{"$or":[{"a":[1]},{"b":[1]}]}"#).expect("a pattern");
    let or = pattern.without("$or", &["x"], Presence::Perhaps).map(|new| new.idle);
    assert_eq!(or, Err(CannotExclude::Form));
}
