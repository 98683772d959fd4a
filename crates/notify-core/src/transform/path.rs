//! The paths that EventBridge takes: a small part of `JSONPath`.

use super::json::Json;

/// The most characters that a path has
/// ([InputTransformer](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html)).
pub(super) const MOST_CHARACTERS: usize = 256;

/// Checks a path: `$`, names behind dots (letters, digits, `_`, `-`, `/`), `[0]` and `[*]`.
///
/// Brackets with names, `..`, `.*`, slices and negative indices were seen to be refused by AWS
/// with "`InputPath` for target … is invalid.".
///
/// ```
/// # use notify_core::transform::check_path;
/// assert!(check_path("$.detail.findings[0].Title").is_ok());
/// assert!(check_path("$..id").is_err());
/// ```
pub fn check_path(path: &str) -> Result<(), String> {
    Path::parse(path).map(drop)
}

/// A path that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    /// `[*]`
    Each,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found<'e> {
    One(&'e Json),
    /// Behind a `[*]`: none is a result, too.
    Many(Vec<&'e Json>),
}

impl Path {
    /// Reads a path; the error says what is wrong with it.
    pub(super) fn parse(path: &str) -> Result<Self, String> {
        if path.chars().count() > MOST_CHARACTERS {
            return Err(format!("it has more than {MOST_CHARACTERS} characters"));
        }
        let Some(mut rest) = path.strip_prefix('$') else {
            return Err("it does not begin with `$`".to_owned());
        };
        let mut steps = Vec::new();
        while let Some(first) = rest.chars().next() {
            let (step, behind) = match first {
                '.' => name(rest.split_at(1).1)?,
                '[' => brackets(rest.split_at(1).1)?,
                other => return Err(format!("{other:?} is not expected")),
            };
            steps.push(step);
            rest = behind;
        }
        Ok(Self(steps))
    }

    /// Follows the path. A field that an element behind a `[*]` does not have is left out of the
    /// list; before any `[*]` a field that is not there makes the path lead nowhere.
    pub(super) fn follow<'e>(&self, event: &'e Json) -> Option<Found<'e>> {
        let mut found = Found::One(event);
        for step in &self.0 {
            found = match (found, step) {
                (Found::One(Json::Array(list)), Step::Each) => Found::Many(list.iter().collect()),
                (Found::One(_), Step::Each) => return None,
                (Found::One(value), step) => Found::One(step.of(value)?),
                (Found::Many(values), Step::Each) => {
                    let lists = values.into_iter().filter_map(|value| match value {
                        Json::Array(list) => Some(list),
                        _ => None,
                    });
                    Found::Many(lists.flatten().collect())
                }
                (Found::Many(values), step) => {
                    Found::Many(values.into_iter().filter_map(|value| step.of(value)).collect())
                }
            };
        }
        Some(found)
    }
}

impl Step {
    /// One level down; not for [`Step::Each`].
    fn of<'e>(&self, value: &'e Json) -> Option<&'e Json> {
        match (self, value) {
            (Self::Name(name), value) => value.get(name),
            (Self::Index(at), Json::Array(list)) => list.get(*at),
            (Self::Index(_) | Self::Each, _) => None,
        }
    }
}

/// The name behind a `.`, and what follows it.
fn name(rest: &str) -> Result<(Step, &str), String> {
    let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
    let (name, behind) = rest.split_at(end);
    match (name, behind.chars().next()) {
        ("", Some('.')) => Err("`..` is not supported".to_owned()),
        ("", Some('*')) => Err("`.*` is not supported".to_owned()),
        ("", _) => Err("a name is missing behind a `.`".to_owned()),
        _ => Ok((Step::Name(name.to_owned()), behind)),
    }
}

/// What stands behind a `[` up to its `]`, and what follows that.
fn brackets(rest: &str) -> Result<(Step, &str), String> {
    let Some((inside, behind)) = rest.split_once(']') else {
        return Err("a `]` is missing".to_owned());
    };
    let step = match inside {
        "*" => Step::Each,
        _ if !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_digit()) => {
            // No list is as long as a number that does not fit.
            Step::Index(inside.parse().unwrap_or(usize::MAX))
        }
        _ => {
            return Err(format!("only `[0]` or `[*]` may stand in brackets, not `[{inside}]`"));
        }
    };
    Ok((step, behind))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/')
}

#[cfg(test)]
mod tests {
    use super::super::json::parse;
    use super::*;

    #[test]
    fn the_subset_is_the_recorded_one() {
        for good in [
            "$",
            "$.detail.hyphen-key",
            "$.detail.under_score",
            "$.detail.slash/key",
            "$.a[1]",
            "$.a[*].name",
            "$.a[0][10].b2",
            "$[0]",
            "$.a[99999999999999999999999]",
        ] {
            assert_eq!(check_path(good), Ok(()), "{good}");
        }
        for (bad, problem) in [
            ("", "it does not begin with `$`"),
            ("detail.text", "it does not begin with `$`"),
            ("$.detail.object.*", "`.*` is not supported"),
            ("$['detail']", "only `[0]` or `[*]` may stand in brackets, not `['detail']`"),
            ("$[\"a\"]", "only `[0]` or `[*]` may stand in brackets, not `[\"a\"]`"),
            ("$..text", "`..` is not supported"),
            ("$.a[-1]", "only `[0]` or `[*]` may stand in brackets, not `[-1]`"),
            ("$.a[0:2]", "only `[0]` or `[*]` may stand in brackets, not `[0:2]`"),
            ("$.a[]", "only `[0]` or `[*]` may stand in brackets, not `[]`"),
            ("$.a.", "a name is missing behind a `.`"),
            ("$.", "a name is missing behind a `.`"),
            ("$.a[", "a `]` is missing"),
            ("$a", "'a' is not expected"),
            ("$.a b", "' ' is not expected"),
            ("$.a[0]b", "'b' is not expected"),
            ("$.遮", "a name is missing behind a `.`"),
        ] {
            assert_eq!(check_path(bad), Err(problem.to_owned()), "{bad}");
        }
        assert_eq!(check_path(&format!("$.{}", "a".repeat(254))), Ok(()));
        let long = check_path(&format!("$.{}", "a".repeat(255)));
        assert_eq!(long, Err("it has more than 256 characters".to_owned()));
    }

    #[test]
    fn a_path_leads_to_values() {
        let event = r#"{"a": {"b-c": 1, "x/y": 2}, "list": [[1, 2], [3], 4],
            "items": [{"name": "one"}, {"other": 0}, {"name": null}], "none": [], "null": null}"#;
        let event = parse(event).expect("JSON");
        let show = |path: &str| {
            let path = Path::parse(path).expect("a path");
            path.follow(&event).map(|found| match found {
                Found::One(value) => format!("{value:?}"),
                Found::Many(values) => format!("{values:?}"),
            })
        };
        let number = |text: &str| format!("Number({text:?})");
        assert_eq!(show("$"), Some(format!("{event:?}")));
        assert_eq!(show("$.a.b-c"), Some(number("1")));
        assert_eq!(show("$.a.x/y"), Some(number("2")));
        assert_eq!(show("$.list[1][0]"), Some(number("3")));
        assert_eq!(show("$.null"), Some("Null".to_owned()));
        assert_eq!(show("$.items[*].name"), Some("[String(\"one\"), Null]".to_owned()));
        let each = format!("[{}, {}, {}]", number("1"), number("2"), number("3"));
        assert_eq!(show("$.list[*][*]"), Some(each));
        assert_eq!(show("$.list[*][1]"), Some(format!("[{}]", number("2"))));
        assert_eq!(show("$.none[*]"), Some("[]".to_owned()));
        assert_eq!(show("$.none[*].x"), Some("[]".to_owned()));
        for nowhere in
            ["$.b", "$.a.b", "$.list[3]", "$.a[0]", "$.a[*]", "$.missing[*].x", "$.null.x", "$[0]"]
        {
            assert_eq!(show(nowhere), None, "{nowhere}");
        }
    }
}
