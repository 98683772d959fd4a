//! What an event tells of: the fields by which mails are counted.

use crate::transform::Event;

/// Longer names are cut, and keep a number that tells them apart: what an event holds must not
/// fill the memory. Names of Config rules have 128 characters at most.
const MOST_BYTES: usize = 256;

/// What an event tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct About {
    /// The Config rule; of other events what kind of thing happened.
    pub(super) rule: Box<str>,
    pub(super) resource: Option<Box<str>>,
    pub(super) account: Option<Box<str>>,
}

/// Types of events, and where they say which rule and resource they are about.
const KNOWN: [(&str, &[&str], &[&str]); 4] = [
    ("Config Rules Compliance Change", &["detail", "configRuleName"], &["detail", "resourceId"]),
    ("GuardDuty Finding", &["detail", "type"], &["resources"]),
    (
        "Security Hub Findings - Imported",
        &["detail", "findings", "Title"],
        &["detail", "findings", "Resources", "Id"],
    ),
    ("AWS API Call via CloudTrail", &["detail", "eventName"], &["resources"]),
];

impl About {
    pub(super) fn of(event: &Event) -> Self {
        let kind = event.text_at(&["detail-type"]).unwrap_or_default();
        let known = KNOWN.iter().find(|(known, ..)| *known == kind);
        let (rule, resource): (&[&str], &[&str]) = match known {
            Some((_, rule, resource)) => (rule, resource),
            None => (&["detail-type"], &["resources"]),
        };
        Self {
            rule: short(event.text_at(rule).unwrap_or(kind)),
            resource: event.text_at(resource).map(short),
            account: event.text_at(&["account"]).map(short),
        }
    }
}

/// A text of bounded length; different texts stay different.
pub(super) fn short(text: &str) -> Box<str> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    if text.len() <= MOST_BYTES {
        return text.into();
    }
    let cut = (0..=MOST_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{}… #{:016x}", text.get(..cut).unwrap_or_default(), hasher.finish()).into()
}

/// Whether a name is all that the event had, so that it can be written into a file.
pub(super) fn is_whole(name: &str) -> bool {
    name.len() <= MOST_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_event_says_what_it_is_about() {
        let check = |event: &str, rule: &str, resource: Option<&str>, account: Option<&str>| {
            let about = About::of(&Event::parse(event).unwrap());
            assert_eq!(&*about.rule, rule, "{event}");
            assert_eq!(about.resource.as_deref(), resource, "{event}");
            assert_eq!(about.account.as_deref(), account, "{event}");
        };
        check(
            r#"{"detail-type": "Config Rules Compliance Change", "account": "1",
                "detail": {"configRuleName": "r", "resourceId": "sg-1"}, "resources": ["other"]}"#,
            "r",
            Some("sg-1"),
            Some("1"),
        );
        check(
            r#"{"detail-type": "GuardDuty Finding", "detail": {"type": "Recon"}, "resources": []}"#,
            "Recon",
            None,
            None,
        );
        check(
            r#"{"detail-type": "Security Hub Findings - Imported",
                "detail": {"findings": [{"Title": "t", "Resources": [{"Id": "i"}]}]}}"#,
            "t",
            Some("i"),
            None,
        );
        check(
            r#"{"detail-type": "AWS API Call via CloudTrail", "detail": {"eventName": "PutObject"},
                "resources": ["arn:1", "arn:2"]}"#,
            "PutObject",
            Some("arn:1"),
            None,
        );
        check(r#"{"detail-type": "Order", "detail": {}}"#, "Order", None, None);
        check(r#"{"detail-type": "GuardDuty Finding"}"#, "GuardDuty Finding", None, None);
        check("{}", "", None, None);
    }

    #[test]
    fn long_names_are_cut_and_stay_different() {
        let whole = "x".repeat(MOST_BYTES);
        assert_eq!(&*short(&whole), whole);
        let (one, other) = (format!("{whole}1"), format!("{whole}2"));
        assert_ne!(short(&one), short(&other));
        assert_eq!(short(&one), short(&one));
        assert!(short(&"x".repeat(1_000_000)).len() < 300);
        assert!(short(&"遮".repeat(100)).starts_with(&"遮".repeat(85)));
        assert!(is_whole(&whole) && !is_whole(&short(&one)));
    }
}
