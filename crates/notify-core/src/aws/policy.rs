//! Policies of topics and queues: whose statements are whose, and when two say the same.
//!
//! AWS replaces a policy as a whole, returns it reordered, and the default statements that it
//! wrote itself must stay. So a policy is read, our statements are put in by their `Sid`, and the
//! rest goes back as it came.

mod condition;
mod evaluate;
mod like;
mod truth;

pub use evaluate::{Key, Request, Verdict};

use super::{Arn, Identity, Region};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The `Sid` of the statement that lets EventBridge rules of this account publish.
pub const EVENTS_SID: &str = "NotifyAllowEventBridge";
/// The `Sid` of the statement that lets CloudWatch alarms of this account publish.
pub const ALARMS_SID: &str = "NotifyAllowCloudWatch";

/// How the `Sid`s of statements begin that let other services publish.
pub const PUBLISHER_SID: &str = "NotifyAllowPublisher";

/// The `Sid` of the statement that SNS itself puts into the policy of a new topic.
pub const DEFAULT_SID: &str = "__default_statement_ID";

/// A topic policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policy {
    document: Map<String, Value>,
}

/// The text is not a policy document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a policy document: {0}")]
pub struct PolicyError(String);

impl Default for Policy {
    fn default() -> Self {
        Self::of([])
    }
}

impl Policy {
    /// A policy of these statements.
    pub fn of(statements: impl IntoIterator<Item = Value>) -> Self {
        let mut document = Map::new();
        document.insert("Version".to_owned(), json!("2012-10-17"));
        document.insert("Statement".to_owned(), Value::Array(statements.into_iter().collect()));
        Self { document }
    }

    /// Reads a policy document; a single statement without its list is taken as a list of one.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let mut document: Map<String, Value> =
            serde_json::from_str(text).map_err(|e| PolicyError(e.to_string()))?;
        let statements = match document.remove("Statement") {
            Some(Value::Array(list)) => list,
            Some(one @ Value::Object(_)) => vec![one],
            None => Vec::new(),
            Some(_) => return Err(PolicyError("`Statement` is not a list".to_owned())),
        };
        if statements.iter().any(|statement| !statement.is_object()) {
            return Err(PolicyError("a statement is not an object".to_owned()));
        }
        document.insert("Statement".to_owned(), Value::Array(statements));
        Ok(Self { document })
    }

    /// The document as AWS takes it.
    pub fn to_document(&self) -> String {
        Value::Object(self.document.clone()).to_string()
    }

    /// Its statements.
    pub fn statements(&self) -> &[Value] {
        self.document.get("Statement").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The statement of that `Sid`.
    pub fn statement(&self, sid: &str) -> Option<&Value> {
        self.statements().iter().find(|statement| sid_of(statement) == Some(sid))
    }

    /// This policy with the given statements in it (each replaces the one of its `Sid`) and
    /// without those of the given `Sid`s. All others stay as they are, in their order.
    #[must_use]
    pub fn merged(&self, put: &[Value], remove: &[String]) -> Self {
        let replaced = |statement: &Value| {
            let sid = sid_of(statement);
            sid.is_some()
                && (put.iter().any(|new| sid_of(new) == sid)
                    || remove.iter().any(|gone| Some(gone.as_str()) == sid))
        };
        let mut statements: Vec<Value> =
            self.statements().iter().filter(|s| !replaced(s)).cloned().collect();
        statements.extend(put.iter().cloned());
        let mut document = self.document.clone();
        document.insert("Statement".to_owned(), Value::Array(statements));
        Self { document }
    }

    /// This policy without one of its statements, counted from 0.
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let rest = self.statements().iter().enumerate().filter(|(at, _)| *at != index);
        let rest = rest.map(|(_, statement)| statement.clone()).collect();
        let mut document = self.document.clone();
        document.insert("Statement".to_owned(), Value::Array(rest));
        Self { document }
    }
}

/// The `Sid` of a statement.
pub fn sid_of(statement: &Value) -> Option<&str> {
    statement.get("Sid").and_then(Value::as_str)
}

/// Whether two statements grant the same: order, single values against lists of one, and the
/// case of actions and condition keys are AWS's to choose.
///
/// ```
/// # use notify_core::aws::policy::same_statement;
/// # use serde_json::json;
/// let ours = json!({"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:x"});
/// let read = json!({"Action": ["SNS:Publish"], "Resource": ["arn:x"], "Effect": "Allow"});
/// assert!(same_statement(&ours, &read));
/// ```
pub fn same_statement(one: &Value, other: &Value) -> bool {
    normal_statement(one) == normal_statement(other)
}

fn normal_statement(statement: &Value) -> BTreeMap<String, Value> {
    let Some(fields) = statement.as_object() else { return BTreeMap::new() };
    fields
        .iter()
        .map(|(key, value)| {
            let value = match key.as_str() {
                "Action" | "NotAction" => lower(sorted_list(value)),
                "Resource" | "NotResource" => sorted_list(value),
                "Principal" | "NotPrincipal" if value == "*" => json!({"AWS": ["*"]}),
                "Principal" | "NotPrincipal" => each_listed(value, str::to_owned),
                "Condition" => match value.as_object() {
                    Some(operators) => operators
                        .iter()
                        .map(|(operator, keys)| {
                            (operator.clone(), each_listed(keys, str::to_ascii_lowercase))
                        })
                        .collect(),
                    None => value.clone(),
                },
                _ => value.clone(),
            };
            (key.clone(), value)
        })
        .collect()
}

fn each_listed(value: &Value, key: fn(&str) -> String) -> Value {
    match value.as_object() {
        Some(fields) => fields.iter().map(|(k, v)| (key(k), sorted_list(v))).collect(),
        None => value.clone(),
    }
}

fn sorted_list(value: &Value) -> Value {
    let mut list = match value {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    list.sort_by_key(ToString::to_string);
    Value::Array(list)
}

fn lower(list: Value) -> Value {
    let Value::Array(list) = list else { return list };
    list.into_iter()
        .map(|action| action.as_str().map(str::to_ascii_lowercase).map_or(action, Value::from))
        .collect()
}

/// Lets every rule of the account and region publish to `topic`.
///
/// The condition on the account is repeated beside the ARN: it alone is what AWS documents for
/// every service, and both were seen to be honoured for EventBridge.
pub fn events_statement(topic: &Arn, who: &Identity, region: &Region) -> Value {
    json!({
        "Sid": EVENTS_SID,
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic.to_string(),
        "Condition": {
            "ArnLike": {"aws:SourceArn": who.arn("events", region, "rule/*").to_string()},
            "StringEquals": {"aws:SourceAccount": who.account.as_str()},
        },
    })
}

/// Lets every rule of the account and region send to `queue` what it could not deliver.
///
/// By the rule's ARN alone, which names the account: that is what AWS documents for
/// [dead-letter queues](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html).
/// Whether such a message carries `aws:SourceAccount` is not known, and a condition on what is not
/// there would lose it.
pub fn dead_letter_statement(queue: &Arn, who: &Identity, region: &Region) -> Value {
    json!({
        "Sid": EVENTS_SID,
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue.to_string(),
        "Condition": {
            "ArnLike": {"aws:SourceArn": who.arn("events", region, "rule/*").to_string()},
        },
    })
}

/// Lets every alarm of the account publish to `topic`.
///
/// By the account alone: an ARN condition does not match alarms whose names are not ASCII
/// ([alarm actions](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html)).
pub fn alarms_statement(topic: &Arn, who: &Identity) -> Value {
    json!({
        "Sid": ALARMS_SID,
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic.to_string(),
        "Condition": {"StringEquals": {"aws:SourceAccount": who.account.as_str()}},
    })
}

/// Lets a service publish to `topic` for this account by itself. `name` (lower-case words with
/// hyphens) becomes a part of the `Sid`, which takes letters and digits alone.
pub fn publisher_statement(
    topic: &Arn,
    who: &Identity,
    name: &str,
    (principal, source_arn): (&str, Option<&str>),
) -> Value {
    let mut condition = json!({"StringEquals": {"aws:SourceAccount": who.account.as_str()}});
    if let Some(arn) = source_arn {
        condition["ArnLike"] = json!({"aws:SourceArn": arn});
    }
    json!({
        "Sid": publisher_sid(name),
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": "sns:Publish",
        "Resource": topic.to_string(),
        "Condition": condition,
    })
}

fn publisher_sid(name: &str) -> String {
    let words = name.split('-').flat_map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
    });
    words.fold(PUBLISHER_SID.to_owned(), |mut sid, letter| {
        sid.push(letter);
        sid
    })
}

/// Lets `topic` and nothing else send to `queue`
/// ([queues as subscribers](https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html)).
pub fn queue_statement(queue: &Arn, topic: &Arn) -> Value {
    json!({
        "Sid": "NotifyAllowTopic",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue.to_string(),
        "Condition": {"ArnEquals": {"aws:SourceArn": topic.to_string()}},
    })
}

/// The policy that SNS itself gives to a topic made through the API: its owner may do everything.
pub fn default_policy(topic: &Arn) -> Policy {
    Policy {
        document: json!({
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [{
                "Sid": DEFAULT_SID,
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [
                    "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission",
                    "SNS:RemovePermission", "SNS:DeleteTopic", "SNS:Subscribe",
                    "SNS:ListSubscriptionsByTopic", "SNS:Publish",
                ],
                "Resource": topic.to_string(),
                "Condition": {"StringEquals": {"AWS:SourceOwner": topic.account}},
            }],
        })
        .as_object()
        .cloned()
        .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_and_spelling_that_aws_chooses_are_no_difference() {
        let ours = json!({"Sid": "A", "Effect": "Allow", "Principal": {"Service": "x"},
            "Action": ["sns:Publish", "sns:Subscribe"], "Resource": "r",
            "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}});
        let same = json!({"Condition": {"StringEquals": {"AWS:SourceAccount": ["1"]}},
            "Resource": ["r"], "Action": ["SNS:Subscribe", "SNS:Publish"],
            "Principal": {"Service": ["x"]}, "Effect": "Allow", "Sid": "A"});
        assert!(same_statement(&ours, &same));
        for (path, value) in [
            ("/Effect", json!("Deny")),
            ("/Action", json!("sns:Publish")),
            ("/Principal/Service", json!("y")),
            ("/Condition/StringEquals/AWS:SourceAccount", json!("2")),
            ("/Resource", json!("R")),
        ] {
            let mut other = same.clone();
            *other.pointer_mut(path).expect("a path of the statement") = value;
            assert!(!same_statement(&ours, &other), "{path}");
        }
    }

    #[test]
    fn others_statements_are_kept_and_ours_replaced() {
        let read = Policy::parse(
            r#"{"Id": "x", "Statement": [{"Sid": "theirs"}, {"Effect": "Allow"}, {"Sid": "ours", "Old": 1}]}"#,
        )
        .expect("a policy");
        let put = read.merged(&[json!({"Sid": "ours", "New": 1})], &[]);
        assert_eq!(
            put.statements(),
            [
                json!({"Sid": "theirs"}),
                json!({"Effect": "Allow"}),
                json!({"Sid": "ours", "New": 1})
            ]
        );
        assert!(put.to_document().contains(r#""Id":"x""#));
        let without = put.merged(&[], &["ours".to_owned()]);
        assert_eq!(without.statements(), [json!({"Sid": "theirs"}), json!({"Effect": "Allow"})]);
    }

    #[test]
    fn a_document_that_is_none_is_refused() {
        for text in ["", "[]", r#"{"Statement": 1}"#, r#"{"Statement": [1]}"#] {
            assert!(Policy::parse(text).is_err(), "{text}");
        }
    }
}
