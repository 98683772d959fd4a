//! What a resource's policy says to a request of an AWS service.

use super::condition::{holds, scalars};
use super::like::{arn_like, like, shortened};
use super::truth::Truth;
use super::{Policy, sid_of};
use serde_json::Value;
use std::collections::BTreeMap;

/// What an AWS service wants to do with a resource.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The service's name, such as `events.amazonaws.com`.
    pub service: &'a str,
    /// What it wants to do, such as `sns:Publish`.
    pub action: &'a str,
    /// The resource's ARN.
    pub resource: &'a str,
    /// What is known of condition keys, by their names in lower case. Of any other key it cannot
    /// be told what it holds.
    pub keys: BTreeMap<&'static str, Key>,
}

/// What a condition key holds in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// This.
    Is(String),
    /// It is not there.
    Missing,
    /// This, if it is there: whether it is, is not known, and why.
    Perhaps(String, &'static str),
}

/// What a policy says to a request. Statements are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This statement allows it, and none denies it.
    Allowed(usize),
    /// This statement denies it, whatever others say.
    Denied(usize),
    /// No statement allows it.
    NotAllowed,
    /// It depends on something that is not known here.
    Unclear {
        /// The statement.
        by: usize,
        /// What in it, for a sentence such as "cannot be told because of …".
        what: String,
    },
}

impl Policy {
    /// What the policy says to a request.
    ///
    /// A denial wins over everything. What is not known here (operators, keys, policy variables)
    /// is never guessed: where it would decide, the answer is [`Verdict::Unclear`].
    ///
    /// ```
    /// use notify_core::aws::policy::{Key, Policy, Request, Verdict};
    ///
    /// let policy = Policy::parse(r#"{"Statement": {"Effect": "Allow",
    ///     "Principal": {"Service": "events.amazonaws.com"}, "Action": "SNS:*", "Resource": "*",
    ///     "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}}"#)?;
    /// let from = |account: &str| policy.evaluate(&Request {
    ///     service: "events.amazonaws.com",
    ///     action: "sns:Publish",
    ///     resource: "arn:aws:sns:eu-west-1:111122223333:alerts",
    ///     keys: [("aws:sourceaccount", Key::Is(account.to_owned()))].into(),
    /// });
    /// assert_eq!(from("111122223333"), Verdict::Allowed(0));
    /// assert_eq!(from("444455556666"), Verdict::NotAllowed);
    /// # Ok::<(), notify_core::aws::policy::PolicyError>(())
    /// ```
    pub fn evaluate(&self, request: &Request<'_>) -> Verdict {
        let (mut allowed, mut perhaps_allowed, mut perhaps_denied) = (None, None, None);
        for (by, statement) in self.statements().iter().enumerate() {
            let applies = covers(statement, request);
            let effect = statement.get("Effect").and_then(Value::as_str);
            match (effect, applies) {
                (_, Truth::No) => {}
                (Some("Deny"), Truth::Yes) => return Verdict::Denied(by),
                (Some("Allow"), Truth::Yes) => allowed = allowed.or(Some(by)),
                (Some("Allow"), Truth::Unclear(what)) => {
                    perhaps_allowed.get_or_insert(Verdict::Unclear { by, what });
                }
                (Some("Deny"), Truth::Unclear(what)) => {
                    perhaps_denied.get_or_insert(Verdict::Unclear { by, what });
                }
                (_, Truth::Yes | Truth::Unclear(_)) => {
                    let what = "an effect that is neither Allow nor Deny".to_owned();
                    perhaps_denied.get_or_insert(Verdict::Unclear { by, what });
                }
            }
        }
        match (allowed, perhaps_allowed, perhaps_denied) {
            (None, None, _) => Verdict::NotAllowed,
            (Some(_), _, Some(unclear)) | (None, Some(unclear), _) => unclear,
            (Some(by), _, None) => Verdict::Allowed(by),
        }
    }

    /// A statement's name for a sentence: its `Sid` where it has one, else its number from 1.
    pub fn named(&self, index: usize) -> String {
        match self.statements().get(index).and_then(sid_of) {
            Some(sid) => format!("statement `{}`", shortened(sid)),
            None => format!("statement {}", index.saturating_add(1)),
        }
    }
}

/// Whether a statement speaks of a request.
fn covers(statement: &Value, request: &Request<'_>) -> Truth {
    let of = |name: &str, not: &str, matches: &dyn Fn(&Value) -> Truth| match (
        statement.get(name),
        statement.get(not),
    ) {
        (Some(value), None) => matches(value),
        (None, Some(value)) => matches(value).not(),
        _ => Truth::Unclear(format!("its `{name}`")),
    };
    Truth::all([
        of("Principal", "NotPrincipal", &|value| principal(value, request.service)),
        of("Action", "NotAction", &|value| {
            let wanted = request.action.to_ascii_lowercase();
            of_texts(value, "action", |pattern| {
                Truth::from(like(&pattern.to_ascii_lowercase(), &wanted))
            })
        }),
        of("Resource", "NotResource", &|value| {
            of_texts(value, "resource", |pattern| match pattern {
                variable if variable.contains("${") => {
                    Truth::Unclear("a policy variable".to_owned())
                }
                pattern => arn_like(pattern, request.resource),
            })
        }),
        holds(statement.get("Condition"), &request.keys),
    ])
}

/// Whether a service is one of the principals. `*` and `{"AWS": "*"}` are everybody, services
/// included: SNS's own default statement has it so, and lets alarms publish.
fn principal(value: &Value, service: &str) -> Truth {
    let kinds = match value {
        Value::String(all) if all == "*" => return Truth::Yes,
        Value::Object(kinds) => kinds,
        _ => return Truth::Unclear("its principal".to_owned()),
    };
    Truth::any(kinds.iter().map(|(kind, names)| match kind.as_str() {
        "Service" => of_texts(names, "principal", |name| match name {
            name if name == service => Truth::Yes,
            name if name.contains(['*', '?']) => {
                Truth::Unclear(format!("the principal `{}`", shortened(name)))
            }
            _ => Truth::No,
        }),
        "AWS" => of_texts(names, "principal", |name| Truth::from(name == "*")),
        "CanonicalUser" | "Federated" => Truth::No,
        kind => Truth::Unclear(format!("a principal of kind `{}`", shortened(kind))),
    }))
}

fn of_texts(value: &Value, what: &str, matches: impl Fn(&str) -> Truth) -> Truth {
    match scalars(value) {
        Some(texts) => Truth::any(texts.iter().map(|text| matches(text))),
        None => Truth::Unclear(format!("its {what}")),
    }
}
