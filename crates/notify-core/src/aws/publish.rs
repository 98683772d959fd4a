//! Whether a topic's policy lets an AWS service publish to it.

use super::policy::Policy;
use super::{AccountId, Arn};
use serde_json::{Map, Value};

/// An AWS service that wants to publish, on behalf of one of the account's resources.
#[derive(Debug, Clone, Copy)]
pub struct Publisher<'a> {
    /// The service's name.
    pub service: Service,
    /// The rule or alarm.
    pub source: &'a Arn,
    /// Whose it is.
    pub account: &'a AccountId,
}

/// The services that publish what this program sets up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// EventBridge.
    Events,
    /// CloudWatch.
    CloudWatch,
    /// A topic that sends on to a queue.
    Sns,
}

impl Service {
    fn principal(self) -> &'static str {
        match self {
            Self::Events => "events.amazonaws.com",
            Self::CloudWatch => "cloudwatch.amazonaws.com",
            Self::Sns => "sns.amazonaws.com",
        }
    }
}

impl Policy {
    /// Whether a service may publish to the topic that this is the policy of.
    ///
    /// Decided as it was recorded from AWS: the default statement, which asks for
    /// `AWS:SourceOwner`, lets CloudWatch alarms publish but not EventBridge rules; conditions on
    /// `aws:SourceArn` and `aws:SourceAccount` are honoured for both. A condition that is not
    /// known here counts against the publisher.
    pub fn allows(&self, topic: &Arn, publisher: Publisher<'_>) -> bool {
        self.lets("sns:publish", topic, publisher)
    }

    /// Whether a service may send to the queue that this is the policy of, decided in the same way.
    pub fn allows_sending(&self, queue: &Arn, publisher: Publisher<'_>) -> bool {
        self.lets("sqs:sendmessage", queue, publisher)
    }

    fn lets(&self, action: &str, on: &Arn, publisher: Publisher<'_>) -> bool {
        let applies = |effect: &str, unknown: bool| {
            self.statements().iter().any(|statement| {
                statement.get("Effect").and_then(Value::as_str) == Some(effect)
                    && covers(statement, (action, on), publisher, unknown)
            })
        };
        applies("Allow", false) && !applies("Deny", true)
    }
}

/// Whether a statement speaks of this; `unknown` is the answer where that cannot be told.
fn covers(
    statement: &Value,
    (wanted, on): (&str, &Arn),
    publisher: Publisher<'_>,
    unknown: bool,
) -> bool {
    let resource = on.to_string();
    let action = |pattern: &str| like(&pattern.to_ascii_lowercase(), wanted);
    let named = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(Value::String(all)), None) => all == "*",
        (Some(Value::Object(kinds)), None) => {
            texts(kinds.get("Service")).any(|name| name == publisher.service.principal())
                || texts(kinds.get("AWS")).any(|name| name == "*")
        }
        _ => unknown,
    };
    let acts = match (statement.get("Action"), statement.get("NotAction")) {
        (Some(actions), None) => texts(Some(actions)).any(action),
        (None, Some(actions)) => !texts(Some(actions)).any(action),
        _ => unknown,
    };
    let on = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(resources), None) => texts(Some(resources)).any(|pattern| like(pattern, &resource)),
        (None, Some(resources)) => !texts(Some(resources)).any(|pattern| like(pattern, &resource)),
        _ => unknown,
    };
    let conditions = match statement.get("Condition") {
        None => true,
        Some(Value::Object(operators)) => operators.iter().all(|(operator, keys)| {
            keys.as_object().map_or(unknown, |keys| meets(operator, keys, publisher, unknown))
        }),
        Some(_) => unknown,
    };
    named && acts && on && conditions
}

fn meets(
    operator: &str,
    keys: &Map<String, Value>,
    publisher: Publisher<'_>,
    unknown: bool,
) -> bool {
    keys.iter().all(|(key, wanted)| {
        let account = || Some(publisher.account.as_str().to_owned());
        let found = match key.to_ascii_lowercase().as_str() {
            "aws:sourcearn" => Some(publisher.source.to_string()),
            "aws:sourceaccount" => account(),
            "aws:sourceowner" if publisher.service == Service::CloudWatch => account(),
            "aws:sourceowner" => None,
            // AWS's services speak TLS.
            "aws:securetransport" => Some("true".to_owned()),
            _ => return unknown,
        };
        // A key that is missing meets no condition but a negated one.
        let Some(found) = found else { return unknown && operator.contains("Not") };
        let mut wanted = texts(Some(wanted));
        match operator {
            "StringEquals" | "Bool" => wanted.any(|wanted| wanted == found),
            "ArnEquals" | "ArnLike" | "StringLike" => wanted.any(|wanted| like(wanted, &found)),
            _ => unknown,
        }
    })
}

/// A string, or the strings of a list.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let (one, list) = match value {
        Some(Value::Array(list)) => (None, list.as_slice()),
        Some(one) => (one.as_str(), &[][..]),
        None => (None, &[][..]),
    };
    one.into_iter().chain(list.iter().filter_map(Value::as_str))
}

/// Whether a text is like a pattern in which `*` stands for any characters and `?` for one.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where the last star was, and how far the text had been read: one star to go back to is
    // enough, because a later star takes all that an earlier one could.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                Some((at, from)) => {
                    *from += 1;
                    (p, t) = (*at + 1, *from);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::policy::{alarms_statement, default_policy, events_statement};
    use crate::aws::{Identity, Partition, Region};
    use serde_json::json;

    fn allows(policy: &Policy, service: Service, source: &str) -> bool {
        let (who, topic) = world();
        let source: Arn = source.parse().unwrap();
        policy.allows(&topic, Publisher { service, source: &source, account: &who.account })
    }

    fn world() -> (Identity, Arn) {
        let account = AccountId::parse("111122223333").unwrap();
        let who = Identity { account, partition: Partition::default() };
        let topic = who.arn("sns", &Region::us_east_1(), "t");
        (who, topic)
    }

    const RULE: &str = "arn:aws:events:us-east-1:111122223333:rule/r";
    const ALARM: &str = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:a";

    #[test]
    fn the_default_policy_is_for_alarms_alone() {
        let (_, topic) = world();
        let policy = default_policy(&topic);
        assert!(allows(&policy, Service::CloudWatch, ALARM));
        assert!(!allows(&policy, Service::Events, RULE));
        assert!(!allows(&Policy::of([]), Service::CloudWatch, ALARM));
    }

    #[test]
    fn our_statements_let_rules_and_alarms_of_the_account_publish() {
        let (who, topic) = world();
        let policy = Policy::of([
            events_statement(&topic, &who, &Region::us_east_1()),
            alarms_statement(&topic, &who),
        ]);
        assert!(allows(&policy, Service::Events, RULE));
        assert!(allows(&policy, Service::CloudWatch, ALARM));
        assert!(!allows(&policy, Service::Events, "arn:aws:events:eu-west-1:111122223333:rule/r"));
    }

    #[test]
    fn each_part_of_a_statement_counts() {
        let statement = json!({"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish", "Resource": "arn:aws:sns:us-east-1:111122223333:t"});
        let check = |change: &str, value: Value, want: bool| {
            let mut changed = statement.clone();
            changed[change] = value;
            let policy = Policy::of([changed.clone()]);
            assert_eq!(allows(&policy, Service::Events, RULE), want, "{changed}");
        };
        check("Sid", json!("same"), true);
        check("Effect", json!("Deny"), false);
        check("Principal", json!("*"), true);
        check("Principal", json!({"AWS": "*"}), true);
        check("Principal", json!({"AWS": "111122223333"}), false);
        check("Principal", json!({"Service": ["x", "events.amazonaws.com"]}), true);
        check("Principal", json!({"Service": "cloudwatch.amazonaws.com"}), false);
        check("Action", json!(["SNS:*"]), true);
        check("Action", json!("sns:Subscribe"), false);
        check("Resource", json!("arn:aws:sns:*:111122223333:?"), true);
        check("Resource", json!("arn:aws:sns:us-east-1:111122223333:other"), false);
        check("Condition", json!({"ArnEquals": {"aws:SourceArn": RULE}}), true);
        check("Condition", json!({"ArnLike": {"AWS:SourceArn": "arn:*:rule/x"}}), false);
        check(
            "Condition",
            json!({"StringEquals": {"aws:SourceAccount": ["1", "111122223333"]}}),
            true,
        );
        check("Condition", json!({"StringEquals": {"aws:SourceAccount": "1"}}), false);
        check("Condition", json!({"StringEquals": {"aws:SourceOwner": "111122223333"}}), false);
        check("Condition", json!({"StringEquals": {"aws:PrincipalOrgID": "o"}}), false);
        check("Condition", json!({"StringNotEquals": {"aws:SourceAccount": "1"}}), false);
        check("Condition", json!([]), false);
    }

    #[test]
    fn a_denial_wins_and_what_it_asks_may_be_unknown() {
        let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        let deny = |condition: Value| {
            let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "sns:Publish",
                "Resource": "*", "Condition": condition});
            allows(&Policy::of([allow.clone(), deny]), Service::Events, RULE)
        };
        assert!(allows(&Policy::of([allow.clone()]), Service::Events, RULE));
        assert!(!deny(json!({"StringEquals": {"aws:SourceAccount": "111122223333"}})));
        assert!(deny(json!({"StringEquals": {"aws:SourceAccount": "1"}})));
        assert!(deny(json!({"Bool": {"aws:SecureTransport": "false"}})));
        assert!(!deny(json!({"Bool": {"aws:SecureTransport": "true"}})));
        assert!(!deny(json!({"StringNotEquals": {"aws:SourceOwner": "111122223333"}})));
        assert!(deny(json!({"StringEquals": {"aws:SourceOwner": "111122223333"}})));
        assert!(!deny(json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "1"}})));
        let not = json!({"Effect": "Allow", "Principal": "*", "NotAction": "sns:Subscribe",
            "NotResource": "arn:other"});
        assert!(allows(&Policy::of([not]), Service::Events, RULE));
    }

    #[test]
    fn stars_and_question_marks_stand_for_others() {
        for (pattern, text, want) in [
            ("", "", true),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*b*b", "abab", true),
            ("?", "", false),
            ("a?", "ab", true),
            ("ab", "a", false),
            ("a", "ab", false),
        ] {
            assert_eq!(like(pattern, text), want, "{pattern} {text}");
        }
    }
}
