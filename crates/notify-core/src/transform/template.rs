//! Input templates, read as EventBridge reads them.

use super::path::check_path;
use super::reader::{Kind, Reader, SyntaxError, is_blank};
use crate::message::MessageError;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The most entries of an input paths map
/// ([InputTransformer](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html)).
pub const MOST_PATHS: usize = 100;
/// The most characters of a template (same page).
pub const MOST_TEMPLATE_CHARACTERS: usize = 8192;
/// The most characters of a variable's name (same page).
pub(super) const MOST_VARIABLE_CHARACTERS: usize = 256;

/// A variable that EventBridge fills in by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reserved {
    RuleName,
    RuleArn,
    IngestionTime,
    /// The event without its `detail`.
    Event,
    /// The whole event; in JSON templates alone.
    EventJson,
}

impl Reserved {
    const ALL: [(&str, Self); 5] = [
        ("aws.events.rule-name", Self::RuleName),
        ("aws.events.rule-arn", Self::RuleArn),
        ("aws.events.event.ingestion-time", Self::IngestionTime),
        ("aws.events.event", Self::Event),
        ("aws.events.event.json", Self::EventJson),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, reserved)| *reserved)
    }
}

/// Whether a variable may have this name.
pub(crate) fn is_variable(name: &str) -> bool {
    (1..=MOST_VARIABLE_CHARACTERS).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A name for the variable of a path: its last part.
pub(super) fn variable_name(path: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or_default();
    let letters = last.chars().filter(char::is_ascii_alphanumeric);
    let base: String = letters.take(MOST_VARIABLE_CHARACTERS / 2).collect();
    if base.is_empty() || base.to_ascii_lowercase().starts_with("aws") {
        format!("value{base}")
    } else {
        base
    }
}

/// A template that EventBridge takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) is_json: bool,
    pub(super) parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Passed on as it is.
    Text(String),
    /// A placeholder.
    Hole(Hole),
}

/// A placeholder and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hole {
    pub(super) name: String,
    /// Whether it stands in a string.
    pub(super) quoted: bool,
    /// Whether it stands in an object or array of the template.
    pub(super) nested: bool,
}

/// A template that has been read, whatever is wrong with it.
#[derive(Debug)]
pub(super) struct Draft<'t> {
    template: &'t str,
    /// Whether it begins with `{`: values are then quoted and escaped.
    pub(super) is_json: bool,
    /// The placeholders and their places in the template.
    pub(super) holes: Vec<(Range<usize>, &'t str)>,
    /// The template with `null` for each placeholder, which AWS reads as JSON.
    pub(super) filled: String,
    /// What each placeholder is a part of; or what is wrong with the filled template.
    pub(super) places: Result<Vec<Place>, SyntaxError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) kind: Kind,
    nested: bool,
}

impl<'t> Draft<'t> {
    pub(super) fn read(template: &'t str) -> Self {
        let first = template.bytes().find(|byte| !is_blank(*byte));
        let holes = holes(template);
        let mut filled = String::with_capacity(template.len());
        let mut nulls = Vec::with_capacity(holes.len());
        let mut end = 0;
        for (range, _) in &holes {
            filled.push_str(template.get(end..range.start).unwrap_or_default());
            nulls.push(filled.len());
            filled.push_str("null");
            end = range.end;
        }
        filled.push_str(template.get(end..).unwrap_or_default());
        let places = places(&filled, &nulls);
        Self { template, is_json: first == Some(b'{'), holes, filled, places }
    }

    /// The template's parts; none where [`Draft::places`] are an error.
    pub(super) fn parts(&self) -> Vec<Part> {
        let Ok(places) = &self.places else { return Vec::new() };
        let mut parts = Vec::new();
        let mut end = 0;
        let text = |range: Range<usize>, parts: &mut Vec<Part>| {
            let text = self.template.get(range).unwrap_or_default();
            if !text.is_empty() {
                parts.push(Part::Text(text.to_owned()));
            }
        };
        for ((range, name), place) in self.holes.iter().zip(places) {
            text(end..range.start, &mut parts);
            let quoted = place.kind != Kind::Word;
            parts.push(Part::Hole(Hole { name: (*name).to_owned(), quoted, nested: place.nested }));
            end = range.end;
        }
        text(end..self.template.len(), &mut parts);
        parts
    }
}

/// The placeholders of a template: `<`, letters, digits, `_`, `-` and `.`, `>`. Every other `<`
/// is text.
fn holes(template: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    for (open, _) in template.match_indices('<') {
        let rest = template.get(open + 1..).unwrap_or_default();
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let length = rest.bytes().take_while(|byte| is_part(byte)).count();
        let (name, behind) = rest.split_at(length);
        if length > 0 && behind.starts_with('>') {
            found.push((open..open + length + 2, name));
        }
    }
    found
}

/// What each `null` of a filled template is a part of.
fn places(filled: &str, nulls: &[usize]) -> Result<Vec<Place>, SyntaxError> {
    let mut reader = Reader::new(filled);
    let mut places = Vec::with_capacity(nulls.len());
    while let Some(token) = reader.next()? {
        while nulls.get(places.len()).is_some_and(|at| token.range.contains(at)) {
            places.push(Place { kind: token.kind, nested: reader.depth() > 0 });
        }
    }
    Ok(places)
}

/// Checks a template: everything that AWS would refuse, and placeholders that it would take and
/// never fill in.
///
/// ```
/// # use notify_core::transform::check_template;
/// let paths = [("ip".to_owned(), "$.detail.ip".to_owned())].into();
/// assert_eq!(check_template(&paths, "\"from <ip>\""), []);
/// assert_eq!(check_template(&paths, "\"from <id>\"")[0].problem, "`<id>` has no path");
/// ```
pub fn check_template(paths: &BTreeMap<String, String>, template: &str) -> Vec<MessageError> {
    let mut problems = Vec::new();
    let mut add = |near: &str, problem: String, help: String| {
        problems.push(MessageError { near: near.to_owned(), problem, help });
    };
    let length = template.chars().count();
    if length > MOST_TEMPLATE_CHARACTERS {
        add(
            "",
            format!("the template has {length} characters"),
            "EventBridge takes 8,192 characters at most: shorten it".to_owned(),
        );
        return problems;
    }
    if template.bytes().all(is_blank) {
        add("", "the template is empty".to_owned(), "write what the mail says".to_owned());
    }
    if paths.len() > MOST_PATHS {
        let help = "EventBridge takes 100 paths at most".to_owned();
        add("", format!("{} paths", paths.len()), help);
    }
    let in_place = paths_in_place(template);
    for path in &in_place {
        let name = variable_name(path);
        add(
            &format!("<{path}>"),
            format!("`<{path}>` is a path written in place, which only a `message` takes"),
            format!("declare it with `paths = {{ {name} = \"{path}\" }}`, and write `<{name}>`"),
        );
    }
    let draft = Draft::read(template);
    let mut seen = BTreeSet::new();
    for (range, name) in draft.holes.iter().filter(|(_, name)| seen.insert(*name)) {
        let near = template.get(range.clone()).unwrap_or_default();
        match Reserved::named(name) {
            Some(Reserved::EventJson) if !draft.is_json => add(
                near,
                format!("`{near}` is valid only in a JSON template"),
                "begin the template with `{`".to_owned(),
            ),
            None if name.starts_with("aws.") => {
                let known = Reserved::ALL.map(|(name, _)| format!("<{name}>")).join(", ");
                add(near, format!("EventBridge knows no `{near}`"), format!("it knows {known}"));
            }
            None if !is_variable(name) => add(
                near,
                format!("`{near}` cannot be a variable"),
                "a variable has 1 to 256 letters, digits, `-` and `_`".to_owned(),
            ),
            None if !paths.contains_key(*name) => add(
                near,
                format!("`{near}` has no path"),
                format!("add it to `paths`, such as `paths = {{ {name} = \"$.detail.{name}\" }}`"),
            ),
            Some(_) | None => {}
        }
    }
    match &draft.places {
        Ok(places) => {
            let mut keys = draft.holes.iter().zip(places).filter(|(_, at)| at.kind == Kind::Key);
            if let Some(((range, _), _)) = keys.next() {
                let near = template.get(range.clone()).unwrap_or_default();
                add(
                    near,
                    format!("`{near}` stands in a key of a JSON object"),
                    "write the key out: EventBridge fills in values alone".to_owned(),
                );
            }
        }
        // A path in place is no JSON, and has been said.
        Err(_) if !in_place.is_empty() => {}
        Err(error) => {
            let (line, column) = error.line_and_column(&draft.filled);
            let problem = error.problem;
            add(
                "",
                format!(
                    "the template is not JSON: with null for each placeholder, {problem} at line {line}, column {column}"
                ),
                "put each line into double quotes, or write a JSON object".to_owned(),
            );
        }
    }
    problems
}

/// The different `<$.path>` of a template: to EventBridge they are text.
fn paths_in_place(template: &str) -> BTreeSet<&str> {
    let places = template.match_indices("<$").filter_map(|(open, _)| {
        // Looks no further than the next bracket.
        let (path, behind) = template
            .get(open + 1..)?
            .split_at_checked(template.get(open + 1..)?.find(['<', '>'])?)?;
        (behind.starts_with('>') && check_path(path).is_ok()).then_some(path)
    });
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_names_between_angle_brackets() {
        let check = |template: &str, want: &[&str]| {
            let found: Vec<&str> = holes(template)
                .into_iter()
                .map(|(range, name)| {
                    assert_eq!(template.get(range), Some(format!("<{name}>").as_str()));
                    name
                })
                .collect();
            assert_eq!(found, want, "{template}");
        };
        check("", &[]);
        check("a < b > c <> <a b> < a> <a", &[]);
        check("<a><b-2> 遮<_c>断", &["a", "b-2", "_c"]);
        check("<<a>> <a<b>", &["a", "b"]);
        check("<aws.events.rule-name> <a.b> <$.x>", &["aws.events.rule-name", "a.b"]);
    }

    #[test]
    fn a_placeholder_knows_where_it_stands() {
        let check = |template: &str, is_json: bool, want: &[(&str, bool, bool)]| {
            let draft = Draft::read(template);
            assert_eq!(draft.is_json, is_json, "{template}");
            let parts = draft.parts();
            let holes = parts.iter().filter_map(|part| match part {
                Part::Hole(Hole { name, quoted, nested }) => {
                    Some((name.as_str(), *quoted, *nested))
                }
                Part::Text(_) => None,
            });
            assert_eq!(holes.collect::<Vec<_>>(), want, "{template}");
            let written: Vec<String> = parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => text.clone(),
                    Part::Hole(hole) => format!("<{}>", hole.name),
                })
                .collect();
            assert_eq!(written.concat(), template);
        };
        check(
            "\"<a> b <c>\"\n<d>",
            false,
            &[("a", true, false), ("c", true, false), ("d", false, false)],
        );
        check(" \n\t{\"k\":<a>,\"l\":\"\\\"<b>\"}", true, &[("a", false, true), ("b", true, true)]);
        check(
            "[<a>, \"<b>\"] <c>",
            false,
            &[("a", false, true), ("b", true, true), ("c", false, false)],
        );
        let wide_blank = Draft::read("\u{3000}{}");
        assert!(!wide_blank.is_json && wide_blank.places.is_err(), "no blank of JSON's");
    }

    fn problems(template: &str) -> Vec<(String, String)> {
        let paths = BTreeMap::from([("a".to_owned(), "$.a".to_owned())]);
        let problems = check_template(&paths, template);
        assert!(problems.iter().all(|problem| !problem.help.is_empty()));
        problems.into_iter().map(|problem| (problem.near, problem.problem)).collect()
    }

    #[test]
    fn a_good_template_has_no_problem() {
        for good in [
            "\"x <a>\"",
            "\"x\"\n\"<a> <aws.events.rule-name>\"",
            "{\"k\": <a>}",
            "<a>",
            "[1, <a>]",
            "{\"k\": <aws.events.event.json>}",
            "null",
            "\"a < b\"",
            &format!("\"{}\"", "x".repeat(MOST_TEMPLATE_CHARACTERS - 2)),
        ] {
            assert_eq!(problems(good), [], "{good}");
        }
    }

    #[test]
    fn each_problem_is_named_at_its_place() {
        let not_json = |what: &str| {
            format!("the template is not JSON: with null for each placeholder, {what}")
        };
        for (bad, near, problem) in [
            (" ", "", "the template is empty".to_owned()),
            ("hello <a>", "", not_json("a JSON value is missing at line 1, column 1")),
            ("\"x\"\n\"", "", not_json("a closing quote is missing at line 2, column 2")),
            ("\"<b>\"", "<b>", "`<b>` has no path".to_owned()),
            ("\"<b> <b>\"", "<b>", "`<b>` has no path".to_owned()),
            (
                "{\"k\": <$.detail.id>}",
                "<$.detail.id>",
                "`<$.detail.id>` is a path written in place, which only a `message` takes"
                    .to_owned(),
            ),
            (
                "\"<$> <$\"",
                "<$>",
                "`<$>` is a path written in place, which only a `message` takes".to_owned(),
            ),
            ("\"<a.b>\"", "<a.b>", "`<a.b>` cannot be a variable".to_owned()),
            ("{<a>: 1}", "", not_json("a key in quotes is missing at line 1, column 2")),
            ("{\"<a>\": 1}", "<a>", "`<a>` stands in a key of a JSON object".to_owned()),
            (
                "<aws.events.event.json>",
                "<aws.events.event.json>",
                "`<aws.events.event.json>` is valid only in a JSON template".to_owned(),
            ),
            (
                "{\"k\": <aws.events.x>}",
                "<aws.events.x>",
                "EventBridge knows no `<aws.events.x>`".to_owned(),
            ),
            (
                &format!("\"{}\"", "x".repeat(MOST_TEMPLATE_CHARACTERS - 1)),
                "",
                "the template has 8193 characters".to_owned(),
            ),
        ] {
            assert_eq!(problems(bad), [(near.to_owned(), problem)], "{bad}");
        }
        let many = (0..=MOST_PATHS).map(|n| (format!("p{n}"), "$".to_owned())).collect();
        assert_eq!(check_template(&many, "1").len(), 1);
    }
}
