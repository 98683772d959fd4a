//! Input templates as EventBridge takes them.

use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// The most entries of an input paths map
/// ([InputTransformer](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html)).
pub const MOST_PATHS: usize = 100;
/// The most characters of a template (same page).
pub const MOST_TEMPLATE_CHARACTERS: usize = 8192;
const MOST_VARIABLE_CHARACTERS: usize = 256;

/// The variables that EventBridge fills in by itself.
const RESERVED: [&str; 5] = [
    "aws.events.rule-name",
    "aws.events.rule-arn",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
];

/// Whether a variable is one that EventBridge fills in by itself.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Whether a variable may have this name.
pub(crate) fn is_variable(name: &str) -> bool {
    (1..=MOST_VARIABLE_CHARACTERS).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// The placeholders of a template in order, each with its place: `<` up to the next `>`.
pub fn placeholders(template: &str) -> Vec<(std::ops::Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = template[from..].find('<').map(|at| from + at) {
        let Some(length) = template[open + 1..].find(['<', '>']) else { break };
        let close = open + 1 + length;
        let name = &template[open + 1..close];
        if template.as_bytes()[close] == b'>'
            && (is_variable(name) || name.starts_with("aws.events."))
        {
            found.push((open..close + 1, name));
            from = close + 1;
        } else {
            from = open + 1;
        }
    }
    found
}

/// What AWS would refuse about a transformer, as pairs of problem and remedy.
pub fn check_template(paths: &BTreeMap<String, String>, template: &str) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    let mut problem = |what: String, help: &str| problems.push((what, help.to_owned()));
    let length = template.chars().count();
    if length == 0 {
        problem("the template is empty".to_owned(), "write what the mail says");
    }
    if length > MOST_TEMPLATE_CHARACTERS {
        problem(
            format!("the template has {length} characters"),
            "EventBridge takes 8,192 characters at most: shorten it",
        );
    }
    if paths.len() > MOST_PATHS {
        problem(format!("{} paths", paths.len()), "EventBridge takes 100 paths at most");
    }
    let is_json = template.trim_start().starts_with('{');
    let mut filled = String::new();
    let mut end = 0;
    for (range, name) in placeholders(template) {
        if name == "aws.events.event.json" && !is_json {
            problem(
                "`<aws.events.event.json>` is valid only in a JSON template".to_owned(),
                "begin the template with `{`, or use `<aws.events.event>`",
            );
        } else if name.starts_with("aws.") && !is_reserved(name) {
            problem(
                format!("EventBridge knows no `<{name}>`"),
                &format!("it knows {}", RESERVED.map(|name| format!("<{name}>")).join(", ")),
            );
        } else if !is_reserved(name) && !paths.contains_key(name) {
            problem(
                format!("`<{name}>` has no path"),
                "add it to `paths`, such as `paths = { name = \"$.detail.name\" }`",
            );
        }
        filled.push_str(&template[end..range.start]);
        filled.push_str("null");
        end = range.end;
    }
    filled.push_str(&template[end..]);
    // AWS itself fills in null and reads the result as JSON values.
    let bad =
        serde_json::Deserializer::from_str(&filled).into_iter::<IgnoredAny>().find_map(Result::err);
    if let Some(error) = bad {
        problem(
            format!("the template is not JSON once it is filled in: {error}"),
            "put each line into double quotes, or write a JSON object",
        );
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_checked_as_aws_checks_it() {
        let paths = BTreeMap::from([("a".to_owned(), "$.a".to_owned())]);
        for good in [
            "\"x <a>\"",
            "\"x\"\n\"<a> <aws.events.rule-name>\"",
            "{\"k\": <a>}",
            "<a>",
            "[1, <a>]",
            "{\"k\": <aws.events.event.json>}",
        ] {
            assert_eq!(check_template(&paths, good), [], "{good}");
        }
        for bad in [
            "",
            "hello <a>",
            "\"<b>\"",
            "{<a>: 1}",
            "\"x",
            "<aws.events.event.json>",
            "{\"k\": <aws.events.x>}",
        ] {
            assert!(!check_template(&paths, bad).is_empty(), "{bad}");
        }
    }
}
