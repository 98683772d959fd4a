//! Filter policies of subscriptions: which messages of a topic a reader takes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The message attribute that holds a notification's severity.
pub const SEVERITY: &str = "severity";
/// The message attribute that holds a notification's name.
pub const NOTIFICATION: &str = "notification";

/// A filter policy of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// The policy; a text that is no JSON is kept as a string.
    pub policy: Value,
    /// Whether it looks at the message's body instead of its attributes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_body: bool,
}

impl Filter {
    /// One that takes messages whose attributes hold one of the values, and every message that
    /// lacks the attribute: what AWS services publish by themselves is never filtered away.
    ///
    /// ```
    /// # use notify_core::aws::{Filter, SEVERITY};
    /// # use std::collections::BTreeMap;
    /// let filter = Filter::admitting(&[(SEVERITY, &["critical", "high"])]);
    /// assert_eq!(filter.policy.to_string(), r#"{"severity":[{"exists":false},"critical","high"]}"#);
    /// let with = |severity: &str| BTreeMap::from([(SEVERITY.to_owned(), severity.to_owned())]);
    /// assert_eq!(filter.takes(&with("high")), Some(true));
    /// assert_eq!(filter.takes(&with("low")), Some(false));
    /// assert_eq!(filter.takes(&BTreeMap::new()), Some(true));
    /// ```
    pub fn admitting(attributes: &[(&str, &[&str])]) -> Self {
        let mut policy = Map::new();
        for (attribute, values) in attributes {
            let values = values.iter().map(|value| Value::from(*value));
            let admitted = std::iter::once(json!({"exists": false})).chain(values);
            policy.insert((*attribute).to_owned(), admitted.collect());
        }
        Self::of(Value::Object(policy), false)
    }

    /// The order of the values of an attribute has no meaning: one order makes equal what is so.
    fn of(mut policy: Value, on_body: bool) -> Self {
        for values in policy.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Value::Array(values) = values {
                values.sort_by_cached_key(|value| (value.is_string(), value.to_string()));
            }
        }
        Self { policy, on_body }
    }

    /// Reads what SNS keeps: an empty policy, which is how one is taken off, takes all.
    pub fn parse(policy: &str, on_body: bool) -> Option<Self> {
        let policy = policy.trim();
        if policy.is_empty() {
            return None;
        }
        let policy = serde_json::from_str(policy).unwrap_or_else(|_| Value::from(policy));
        (policy != json!({})).then(|| Self::of(policy, on_body))
    }

    /// Whether it has the form that [`Filter::admitting`] gives, and no attributes but ours.
    /// Subscriptions have no tags, so this is how one of ours is known.
    pub fn is_ours(&self) -> bool {
        let Value::Object(policy) = &self.policy else { return false };
        let is_ours = |(attribute, values): (&String, &Value)| {
            matches!(attribute.as_str(), SEVERITY | NOTIFICATION)
                && values.as_array().is_some_and(|values| {
                    values.first() == Some(&json!({"exists": false}))
                        && values[1..].iter().all(Value::is_string)
                })
        };
        !self.on_body && !policy.is_empty() && policy.iter().all(is_ours)
    }

    /// Whether it takes a message with these attributes; `None` where that cannot be told here.
    pub fn takes(&self, attributes: &BTreeMap<String, String>) -> Option<bool> {
        let policy = self.policy.as_object().filter(|_| !self.on_body)?;
        let mut all = Some(true);
        for (attribute, wanted) in policy {
            match one_of(wanted.as_array()?, attributes.get(attribute)) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => all = None,
            }
        }
        all
    }
}

/// Whether a value is among those wanted: plain strings and `exists`. Of other operators nothing is
/// said.
fn one_of(wanted: &[Value], value: Option<&String>) -> Option<bool> {
    let mut none_unknown = Some(false);
    for matcher in wanted {
        let says = match matcher {
            Value::String(text) => Some(value == Some(text)),
            Value::Object(operator) => match (operator.len(), operator.get("exists")) {
                (1, Some(Value::Bool(exists))) => Some(value.is_some() == *exists),
                _ => None,
            },
            _ => None,
        };
        match says {
            Some(true) => return Some(true),
            Some(false) => {}
            None => none_unknown = None,
        }
    }
    none_unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(policy: Value) -> Filter {
        Filter { policy, on_body: false }
    }

    #[test]
    fn one_of_ours_is_known_by_its_form() {
        assert!(Filter::admitting(&[(SEVERITY, &["high"]), (NOTIFICATION, &["a"])]).is_ours());
        for theirs in [
            json!({}),
            json!("x"),
            json!({"severity": ["high"]}),
            json!({"severity": [{"exists": false}, {"prefix": "h"}]}),
            json!({"severity": []}),
            json!({"severity": [{"exists": false}, "high"], "team": [{"exists": false}, "a"]}),
        ] {
            assert!(!filter(theirs.clone()).is_ours(), "{theirs}");
        }
        let on_body = Filter { on_body: true, ..Filter::admitting(&[(SEVERITY, &["high"])]) };
        assert!(!on_body.is_ours());
    }

    #[test]
    fn a_message_is_taken_only_where_all_attributes_agree() {
        let both = Filter::admitting(&[(SEVERITY, &["high"]), (NOTIFICATION, &["a", "b"])]);
        let with = |pairs: &[(&str, &str)]| {
            let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
            both.takes(&pairs.iter().map(own).collect())
        };
        assert_eq!(with(&[("severity", "high"), ("notification", "b")]), Some(true));
        assert_eq!(with(&[("severity", "high"), ("notification", "c")]), Some(false));
        assert_eq!(with(&[("severity", "low")]), Some(false));
        assert_eq!(with(&[("notification", "a")]), Some(true));
        assert_eq!(with(&[]), Some(true));
    }

    #[test]
    fn of_what_others_wrote_only_what_is_plain_is_said() {
        let none = BTreeMap::new();
        assert_eq!(filter(json!({"team": ["a"]})).takes(&none), Some(false));
        assert_eq!(filter(json!({"team": [{"exists": true}]})).takes(&none), Some(false));
        assert_eq!(filter(json!({"team": [{"anything-but": "a"}]})).takes(&none), None);
        assert_eq!(
            filter(json!({"team": [{"prefix": "a"}], "x": ["b"]})).takes(&none),
            Some(false)
        );
        assert_eq!(filter(json!({"$or": [{"a": ["b"]}]})).takes(&none), None);
        assert_eq!(filter(json!({"a": {"b": ["c"]}})).takes(&none), None);
        let on_body = Filter { policy: json!({"a": ["b"]}), on_body: true };
        assert_eq!(on_body.takes(&none), None);
    }

    #[test]
    fn what_sns_keeps_is_read() {
        assert_eq!(Filter::parse("", false), None);
        assert_eq!(Filter::parse(" {} ", true), None);
        let read = Filter::parse(r#"{"b":["x"],"a":["y"]}"#, false);
        assert_eq!(read, Some(filter(json!({"a": ["y"], "b": ["x"]}))));
        assert_eq!(Filter::parse("{no json", false), Some(filter(json!("{no json"))));
    }

    #[test]
    fn the_order_of_values_has_no_meaning() {
        let theirs = r#"{"severity":["high",{"exists":false},"critical"]}"#;
        let ours = Filter::admitting(&[(SEVERITY, &["high", "critical"])]);
        assert_eq!(Filter::parse(theirs, false), Some(ours));
    }
}
