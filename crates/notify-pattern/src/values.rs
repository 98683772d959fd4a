//! Which values a pattern asks for at a path.

use super::engine::Compiled;
use super::matcher::Matcher;
use std::collections::BTreeSet;

/// See [`Pattern::values_at`](super::Pattern::values_at).
pub(super) fn values_at(pattern: &Compiled, path: &str) -> Option<Vec<String>> {
    matchers_at(pattern, path)?.map(value).collect()
}

/// See [`Pattern::matchers_at`](super::Pattern::matchers_at).
pub(super) fn matchers_at<'p>(
    pattern: &'p Compiled,
    path: &str,
) -> Option<impl Iterator<Item = &'p (Matcher, String)> + use<'p>> {
    let branches = &pattern.branches;
    if branches.some() < branches.count() {
        return None;
    }
    let is_there =
        |at: &&usize| pattern.fields.get(**at).is_some_and(|field| field.path == path.as_bytes());
    let mut fields = BTreeSet::new();
    for number in 0..branches.count() {
        fields.insert(*branches.get(number).iter().find(is_there)?);
    }
    let fields = fields.into_iter().filter_map(|at| pattern.fields.get(at));
    Some(fields.flat_map(|field| &field.matchers))
}

/// The value that a matcher is, as JSON.
fn value((matcher, written): &(Matcher, String)) -> Option<String> {
    match matcher {
        Matcher::Text(text) => {
            std::str::from_utf8(text).ok().map(|text| serde_json::Value::from(text).to_string())
        }
        Matcher::Address(_) | Matcher::Number { .. } => Some(written.clone()),
        Matcher::Literal(word) => Some((*word).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::Pattern;

    #[test]
    fn values_are_those_of_all_branches() {
        let check = |pattern: &str, want: Option<&[&str]>| {
            let found = Pattern::parse(pattern).expect("a pattern").values_at("a.b");
            let want = want.map(|want| want.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>());
            assert_eq!(found, want, "{pattern}");
        };
        check(
            r#"{"a":{"b":["x", "\u0022", 3.0e2, true, null, "10.0.0.1", {"exactly": "y"}]}}"#,
            Some(&[r#""x""#, r#""\"""#, "3.0e2", "true", "null", r#""10.0.0.1""#, r#""y""#]),
        );
        check(r#"{"a":{"b":["x", {"prefix": "y"}]}}"#, None);
        check(r#"{"a":{"b":["x", {"exists": false}]}}"#, None);
        check(r#"{"a":{"b":["\ud800"]}}"#, None);
        check(r#"{"a":{"c":["x"]}}"#, None);
        check(r#"{"a":["x"]}"#, None);
        // The last spelling of a path wins.
        check(r#"{"a":{"b":["x"]},"a.b":["y"]}"#, Some(&[r#""y""#]));
        check(r#"{"a":{"b":["x"]},"a.b":[{"exists":true}]}"#, None);
        // A branch may replace it, or not know it.
        check(
            r#"{"a":{"b":["x"]},"$or":[{"a":{"b":["y"]}},{"c":[1]}]}"#,
            Some(&[r#""x""#, r#""y""#]),
        );
        check(r#"{"$or":[{"a":{"b":["y"]}},{"c":[1]}]}"#, None);
        check(r#"{"a":{"b":["x"]},"$or":[{"a":{"b":[{"exists":true}]}},{"c":[1]}]}"#, None);
    }

    #[test]
    fn of_too_many_branches_nothing_is_said() {
        let pairs = |count: usize| {
            let pairs: Vec<String> = (0..count)
                .map(|at| format!(r#""k{at}":{{"$or":[{{"x":[1]}},{{"y":[1]}}]}}"#))
                .collect();
            let text = format!(r#"{{"a.b":["v"],{}}}"#, pairs.join(","));
            Pattern::parse(&text).expect("a pattern").values_at("a.b")
        };
        assert_eq!(pairs(9), Some(vec![r#""v""#.to_owned()]));
        assert_eq!(pairs(60), None);
    }
}
