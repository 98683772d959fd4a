//! The paths that EventBridge takes: a small part of `JSONPath`.

/// The most characters that a path has
/// ([InputTransformer](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html)).
const MOST_CHARACTERS: usize = 256;

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
    if path.chars().count() > MOST_CHARACTERS {
        return Err(format!("it has more than {MOST_CHARACTERS} characters"));
    }
    let Some(mut rest) = path.strip_prefix('$') else {
        return Err("it does not begin with `$`".to_owned());
    };
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '.' => {
                let name = &rest[1..];
                let end = name.find(|c: char| !is_name(c)).unwrap_or(name.len());
                match (end, name.chars().next()) {
                    (0, Some('.')) => return Err("`..` is not supported".to_owned()),
                    (0, Some('*')) => return Err("`.*` is not supported".to_owned()),
                    (0, _) => return Err("a name is missing behind a `.`".to_owned()),
                    _ => &name[end..],
                }
            }
            '[' => {
                let Some(close) = rest.find(']') else { return Err("a `]` is missing".to_owned()) };
                let inside = &rest[1..close];
                let index = !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_digit());
                if !index && inside != "*" {
                    return Err(format!(
                        "only `[0]` or `[*]` may stand in brackets, not `[{inside}]`"
                    ));
                }
                &rest[close + 1..]
            }
            other => return Err(format!("{other:?} is not expected")),
        };
    }
    Ok(())
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/')
}

#[cfg(test)]
mod tests {
    use super::check_path;

    #[test]
    fn the_subset_is_the_recorded_one() {
        for good in ["$", "$.detail.hyphen-key", "$.detail.slash/key", "$.a[1]", "$.a[*].name"] {
            assert_eq!(check_path(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "detail.text",
            "$.detail.object.*",
            "$['detail']",
            "$[\"a\"]",
            "$..text",
            "$.a[-1]",
            "$.a[0:2]",
            "$.a.",
            "$.a[",
            "$a",
            "$.a b",
        ] {
            assert!(check_path(bad).is_err(), "{bad}");
        }
        assert!(check_path(&format!("$.{}", "a".repeat(255))).is_err());
    }
}
