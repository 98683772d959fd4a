//! What is known of the fields of events: which can hold a character that ends a mail.
//!
//! The facts are two tables beside this; everything here looks them up.

use super::facts::{EVENTS, FREE_NAMES};
use super::json::{self, Json};
use crate::pattern::{MOST_CHARACTERS, Pattern};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a field can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// Ids, ARNs, names of a narrow grammar, enumerations, times: never a quote, a backslash or
    /// a control character.
    Plain,
    /// A name that somebody in the account has chosen. AWS takes any character in it, but who
    /// chose it can look.
    Chosen,
    /// Text that somebody has written.
    Free,
    /// A field whose name alone says that it is text that somebody has written.
    FreeByName,
    /// Twelve digits, of which the first may be 0.
    Account,
    /// A number, or a text that is spelled like one.
    Number,
    /// `true` or `false`, as a text, too.
    Boolean,
    /// An object or a list of other fields; whether one of them can be free text.
    Structure {
        free: bool,
    },
    /// Only these, by the rule's own pattern.
    Literals(Vec<Json>),
    Unknown,
}

/// What is known of the events that a rule picks.
///
/// ```
/// # use notify_core::transform::Known;
/// let known = Known::from_pattern(r#"{"source": ["aws.health"], "detail-type": ["AWS Health Event"]}"#);
/// assert!(known.has("$.detail.service"));
/// assert!(!Known::nothing().has("$.detail.service"));
/// ```
#[derive(Debug, Clone)]
pub struct Known {
    pattern: Option<Pattern>,
    /// What somebody says of fields, by their names without indices.
    said: BTreeMap<String, Alphabet>,
}

/// What somebody says that a field can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// An ARN.
    Arn,
    /// An id that AWS makes up.
    Id,
    /// A name that somebody has chosen.
    Name,
    /// A number.
    Number,
    /// A time.
    Time,
    /// An address of the internet.
    Ip,
    /// One of a few words of AWS's.
    Word,
    /// Twelve digits.
    Account,
    /// A region.
    Region,
    /// `true` or `false`.
    Boolean,
    /// Anything, quotes and line breaks among it; objects and lists, too.
    Free,
}

impl Holds {
    fn alphabet(self) -> Alphabet {
        match self {
            Self::Arn | Self::Id | Self::Time | Self::Ip | Self::Word | Self::Region => {
                Alphabet::Plain
            }
            Self::Name => Alphabet::Chosen,
            Self::Number => Alphabet::Number,
            Self::Account => Alphabet::Account,
            Self::Boolean => Alphabet::Boolean,
            Self::Free => Alphabet::Free,
        }
    }
}

impl Known {
    /// Nothing but what every event has.
    pub fn nothing() -> Self {
        Self { pattern: None, said: BTreeMap::new() }
    }

    /// Whether there was no pattern, or none that can be read.
    pub(crate) fn is_nothing(&self) -> bool {
        self.pattern.is_none()
    }

    /// What follows from an event pattern: whose events it picks, and which values of a field. A
    /// pattern that AWS refuses says nothing.
    pub fn from_pattern(pattern: &str) -> Self {
        let is_short = pattern.chars().count() <= MOST_CHARACTERS;
        let pattern = Pattern::parse(pattern).ok().filter(|_| is_short);
        Self { pattern, said: BTreeMap::new() }
    }

    /// The same with what somebody says of fields, by their paths. What the tables have on a field
    /// stands above it.
    #[must_use]
    pub fn with_fields<'f>(mut self, fields: impl IntoIterator<Item = (&'f str, Holds)>) -> Self {
        let named = |path: &str| without_indices(path.strip_prefix("$.").unwrap_or(path));
        let said = fields.into_iter().map(|(path, holds)| (named(path), holds.alphabet()));
        self.said.extend(said);
        self
    }

    /// Whether anything is known of the field at a path: what it can hold, or that events of this
    /// source have it.
    pub fn has(&self, path: &str) -> bool {
        if self.alphabet(path).0 != Alphabet::Unknown {
            return true;
        }
        let name = without_indices(path.strip_prefix("$.").unwrap_or_default());
        let source = self.only("source");
        let mut of_source =
            EVENTS.iter().filter(|(of, _, _)| of.is_some() && *of == source.as_deref());
        of_source.any(|(_, _, fields)| fields.iter().any(|(field, _)| *field == name))
    }

    /// Whether a field, named as in a pattern, is an element of a list, or lies in one. That
    /// nothing is known of it says no.
    pub(crate) fn is_in_list(&self, path: &str) -> bool {
        // Security Hub puts one finding into an event.
        let many = |field: &str| field.replacen("findings[].", "findings.", 1);
        path == "resources"
            || self.fields().any(|(field, _)| {
                let field = many(field);
                let list = field.split_once("[]").map(|(list, _)| list);
                list.is_some_and(|list| path == list || is_below(path, list))
            })
    }

    /// What the field at a path can hold, and whether the path leads to a list of them.
    pub(super) fn alphabet(&self, path: &str) -> (Alphabet, bool) {
        let field = path.strip_prefix("$.").unwrap_or_default();
        let is_list = field.contains("[*]");
        if let Some(values) = self.literals(field) {
            return (Alphabet::Literals(values), false);
        }
        let name = without_indices(field);
        (self.of_field(&name), is_list)
    }

    /// What the tables have on the events that the rule picks.
    fn fields(&self) -> impl Iterator<Item = &'static (&'static str, Alphabet)> {
        let (source, detail_type) = (self.only("source"), self.only("detail-type"));
        let of_events = EVENTS.iter().filter(move |(of, kind, _)| {
            (of.is_none() || *of == source.as_deref()) && Some(*kind) == detail_type.as_deref()
        });
        of_events.flat_map(|(_, _, fields)| fields.iter())
    }

    fn of_field(&self, name: &str) -> Alphabet {
        let source = self.only("source");
        let is_of_aws = source.as_ref().is_some_and(|source| source.starts_with("aws."));
        match name {
            "version" => return Alphabet::Number,
            "account" => return Alphabet::Account,
            "id" | "time" | "region" => return Alphabet::Plain,
            "source" | "detail-type" | "resources[]" if is_of_aws => return Alphabet::Plain,
            "resources" if is_of_aws => return Alphabet::Structure { free: false },
            _ => {}
        }
        if let Some((_, alphabet)) = self.fields().find(|(known, _)| *known == name) {
            return alphabet.clone();
        }
        if self.fields().any(|(known, _)| is_below(known, name)) {
            // The tables do not list all that lies in it.
            return Alphabet::Structure { free: true };
        }
        if let Some(alphabet) = self.said.get(name) {
            return alphabet.clone();
        }
        let last = name.rsplit('.').next().unwrap_or_default().trim_end_matches("[]");
        if FREE_NAMES.iter().any(|free| free.eq_ignore_ascii_case(last)) {
            Alphabet::FreeByName
        } else {
            Alphabet::Unknown
        }
    }

    /// The only text that the pattern takes at one of the event's own keys.
    fn only(&self, key: &str) -> Option<String> {
        match self.literals(key)?.as_slice() {
            [Json::String(only)] => Some(only.clone()),
            _ => None,
        }
    }

    /// The values that the pattern takes at a field, if it lists them; an operator such as
    /// `prefix` says little. That the field is a list with others beside them, or that an event
    /// spells one path in two ways, is not expected.
    fn literals(&self, field: &str) -> Option<Vec<Json>> {
        // A pattern knows no places of lists: for it an index is a part of a name.
        let pattern = self.pattern.as_ref().filter(|_| !field.contains('['))?;
        pattern.values_at(field)?.iter().map(|value| json::parse(value).ok()).collect()
    }
}

/// `findings[0].Title` and `findings[*].Title` are one field: `findings[].Title`.
fn without_indices(path: &str) -> String {
    let mut name = String::with_capacity(path.len());
    for part in path.split_inclusive('[') {
        match part.split_once(']') {
            Some((_, behind)) => name.extend(["]", behind]),
            None => name.push_str(part),
        }
    }
    name
}

/// Whether a field lies inside of another; all of them lie inside of the event.
fn is_below(field: &str, outer: &str) -> bool {
    outer.is_empty()
        || field
            .strip_prefix(outer)
            .is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::Alphabet::{Account, Chosen, Free, Number, Plain};
    use super::*;

    fn alphabet(pattern: &str, path: &str) -> (Alphabet, bool) {
        Known::from_pattern(pattern).alphabet(path)
    }

    const CONFIG: &str = r#"{"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"],
        "detail": {"configRuleName": ["a", "say \"b\""], "newEvaluationResult": {"complianceType":
            [{"prefix": "NON"}]}, "count": [1, null, true], "list": ["x"]}}"#;

    #[test]
    fn a_pattern_says_which_values_come() {
        let string = |text: &str| Json::String(text.to_owned());
        let check = |path: &str, want: Alphabet| assert_eq!(alphabet(CONFIG, path), (want, false));
        check(
            "$.detail.configRuleName",
            Alphabet::Literals(vec![string("a"), string("say \"b\"")]),
        );
        check("$.source", Alphabet::Literals(vec![string("aws.config")]));
        let mixed = vec![Json::Number("1".to_owned()), Json::Null, Json::Bool(true)];
        check("$.detail.count", Alphabet::Literals(mixed));
        check("$.detail.newEvaluationResult.complianceType", Plain);
        check("$.detail.list[0]", Alphabet::Unknown);
        let any =
            r#"{"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"]}"#;
        assert_eq!(alphabet(any, "$.detail.configRuleName"), (Chosen, false));
    }

    #[test]
    fn lists_of_events_are_known() {
        let check = |source: &str, kind: &str, path: &str, want: bool| {
            let pattern = format!(r#"{{"source": ["{source}"], "detail-type": ["{kind}"]}}"#);
            assert_eq!(Known::from_pattern(&pattern).is_in_list(path), want, "{source}: {path}");
        };
        let hub = "Security Hub Findings - Imported";
        for (path, want) in [
            ("resources", true),
            ("account", false),
            ("detail.findings.Title", false),
            ("detail.findings.Resources", true),
            ("detail.findings.Resources.Id", true),
            ("detail.findings.Resources.Type", true),
            ("detail.findings.ResourcesOther", false),
        ] {
            check("aws.securityhub", hub, path, want);
        }
        check("aws.inspector2", "Inspector2 Finding", "detail.resources.id", true);
        check("aws.health", "Inspector2 Finding", "detail.resources.id", false);
        check("aws.inspector2", hub, "detail.findings.Resources.Id", false);
        assert!(Known::nothing().is_in_list("resources"));
        assert!(!Known::nothing().is_in_list("detail.resources.id"));
    }

    #[test]
    fn a_pattern_is_read_as_the_engine_reads_it() {
        let check = |pattern: &str, want: &[&str]| {
            let want = match want {
                [] => Alphabet::FreeByName,
                some => {
                    Alphabet::Literals(some.iter().map(|v| Json::String((*v).to_owned())).collect())
                }
            };
            assert_eq!(alphabet(pattern, "$.detail.note").0, want, "{pattern}");
        };
        check(r#"{"detail":{"note":["a"]}} and more"#, &["a"]);
        let deep = format!(
            r#"{{"detail":{{"note":["a"]}},"d":{}{{"x":[1]}}{}}}"#,
            r#"{"d":"#.repeat(200),
            "}".repeat(200)
        );
        check(&deep, &["a"]);
        check(r#"{"detail":{"note":["a"]},"detail.note":[{"exists":true}]}"#, &[]);
        check(r#"{"detail.note":[{"exists":true}],"detail":{"note":["a"]}}"#, &["a"]);
        check(
            r#"{"detail":{"note":["a"]},"$or":[{"detail":{"note":["b"]}},{"x":[1]}]}"#,
            &["a", "b"],
        );
        check(
            r#"{"detail":{"note":["a"]},"$or":[{"detail":{"note":[{"prefix":"b"}]}},{"x":[1]}]}"#,
            &[],
        );
        let long =
            |spare: usize| format!("{{\"detail\":{{\"note\":[\"a\"]}}}}{}", " ".repeat(spare));
        check(&long(MOST_CHARACTERS - long(0).len()), &["a"]);
        check(&long(MOST_CHARACTERS - long(0).len() + 1), &[]);
        assert_eq!(alphabet(r#"{"detail":{"l[0]":["a"]}}"#, "$.detail.l[0]").0, Alphabet::Unknown);
        let source = r#"{"source":["aws.config"],"$or":[{"source":["my.app"]},{"x":[1]}]}"#;
        assert_eq!(alphabet(source, "$.resources[0]").0, Alphabet::Unknown);
    }

    #[test]
    fn a_field_is_known_by_what_it_holds_or_by_its_source() {
        let known = Known::from_pattern(r#"{"source": ["aws.health"]}"#);
        assert!(known.has("$.detail.service"));
        assert!(known.has("$.detail.eventDescription[0].language"));
        assert!(!known.has("$.detail.other"));
        assert!(!known.has("$.detail.eventName"), "of CloudTrail");
        let own = Known::from_pattern(r#"{"source": ["my.app"], "detail": {"state": ["x"]}}"#);
        assert!(own.has("$.detail.state") && own.has("$.time") && !own.has("$.detail.service"));
        assert!(!Known::nothing().has("$.detail.eventName"));
    }

    #[test]
    fn fields_are_known_by_source_and_detail_type() {
        let check = |pattern: &str, path: &str, want: Alphabet, is_list: bool| {
            assert_eq!(alphabet(pattern, path), (want, is_list), "{path} of {pattern}");
        };
        let free = || Alphabet::Structure { free: true };
        let plain = || Alphabet::Structure { free: false };
        check(CONFIG, "$.detail.newEvaluationResult.annotation", Free, false);
        check(CONFIG, "$.detail.newEvaluationResult", free(), false);
        check(CONFIG, "$.detail", free(), false);
        check(CONFIG, "$", free(), false);
        check(CONFIG, "$.detail.new", Alphabet::Unknown, false);
        check(CONFIG, "$.resources", plain(), false);
        check(CONFIG, "$.resources[0]", Plain, false);
        check(CONFIG, "$.resources[*]", Plain, true);
        let hub = r#"{"source": ["aws.securityhub"],
            "detail-type": ["Security Hub Findings - Imported"]}"#;
        check(hub, "$.detail.findings[3].Title", Free, false);
        check(hub, "$.detail.findings[*].Severity.Label", Plain, true);
        check(hub, "$.detail.findings[0].Resources", free(), false);
        check(hub, "$.detail.findings[*].Compliance", free(), true);
        check(hub, "$.detail.findings[*].Resources[*].Id", Plain, true);
        let api = r#"{"source": ["aws.iam"], "detail-type": ["AWS API Call via CloudTrail"]}"#;
        check(api, "$.detail.eventName", Plain, false);
        check(api, "$.detail.responseElements", free(), false);
        let macie = r#"{"source": ["aws.macie"], "detail-type": ["Macie Finding"]}"#;
        check(macie, "$.detail.severity.description", Plain, false);
        check(macie, "$.detail.count", Number, false);
        check(macie, "$.detail.resourcesAffected.s3Bucket", free(), false);
        let advisor = r#"{"source": ["aws.trustedadvisor"],
            "detail-type": ["Trusted Advisor Check Item Refresh Notification"]}"#;
        check(advisor, "$.detail", free(), false);
        check(advisor, "$.detail.check-item-detail", free(), false);
        let two = r#"{"source": ["aws.config", "aws.macie"], "detail-type": ["Macie Finding"]}"#;
        check(two, "$.detail.id", Alphabet::Unknown, false);
        check(
            two,
            "$.source",
            Alphabet::Literals(vec![
                Json::String("aws.config".to_owned()),
                Json::String("aws.macie".to_owned()),
            ]),
            false,
        );
    }

    #[test]
    fn of_unknown_events_the_envelope_and_some_names_are_known() {
        for pattern in
            ["{}", "", "[1]", r#"{"source": ["my.app"], "detail-type": ["AWS Health Event"]}"#]
        {
            for (path, want) in [
                ("$.id", Plain),
                ("$.account", Account),
                ("$.region", Plain),
                ("$.time", Plain),
                ("$.version", Number),
                ("$.resources", Alphabet::Unknown),
                ("$.resources[0]", Alphabet::Unknown),
                ("$.detail.description", Alphabet::FreeByName),
                ("$.detail.items[0].STATUSMESSAGE", Alphabet::FreeByName),
                ("$.detail.titles", Alphabet::Unknown),
                ("$.detail.service", Alphabet::Unknown),
            ] {
                assert_eq!(alphabet(pattern, path), (want, false), "{path} of {pattern}");
            }
        }
        assert_eq!(alphabet("{}", "$.detail-type").0, Alphabet::Unknown);
        assert_eq!(alphabet(r#"{"source": ["aws.x"]}"#, "$.detail-type").0, Plain);
    }
}
