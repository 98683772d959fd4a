//! Whether a topic's policy, and its key's, let an AWS service publish.

use super::policy::{Key, Policy, Request, Verdict};
use super::{AccountId, Arn};
use std::collections::BTreeMap;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// EventBridge.
    Events,
    /// CloudWatch.
    CloudWatch,
    /// A topic that sends on to a queue.
    Sns,
}

impl Service {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Events, Self::CloudWatch];

    /// The name by which policies know it.
    pub fn principal(self) -> &'static str {
        match self {
            Self::Events => "events.amazonaws.com",
            Self::CloudWatch => "cloudwatch.amazonaws.com",
            Self::Sns => "sns.amazonaws.com",
        }
    }
}

/// What a publisher does with the key of an encrypted topic
/// ([key management](https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html)).
pub const KEY_ACTIONS: [&str; 2] = ["kms:GenerateDataKey", "kms:Decrypt"];

/// Why a condition in a key's policy may refuse EventBridge.
const NOT_SUPPORTED: &str = "a condition on the source, which AWS's documentation calls \
    unsupported for EventBridge in a key's policy (it was seen to work on a custom bus)";

impl Policy {
    /// What this topic's policy says to a service that wants to publish.
    ///
    /// Decided as it was recorded from AWS: the default statement, which asks for
    /// `AWS:SourceOwner`, lets CloudWatch alarms publish but not EventBridge rules; conditions on
    /// `aws:SourceArn` and `aws:SourceAccount` are honoured for both.
    pub fn on_publish(&self, topic: &Arn, publisher: Publisher<'_>) -> Verdict {
        self.evaluate(&Request {
            service: publisher.service.principal(),
            action: "sns:Publish",
            resource: &topic.to_string(),
            keys: publisher.keys(),
        })
    }

    /// What this queue's policy says to a service that wants to send to it, decided in the same way.
    pub fn on_send(&self, queue: &Arn, publisher: Publisher<'_>) -> Verdict {
        self.evaluate(&Request {
            service: publisher.service.principal(),
            action: "sqs:SendMessage",
            resource: &queue.to_string(),
            keys: publisher.keys(),
        })
    }

    /// What this key's policy says to a service that wants to publish to a topic which the key
    /// encrypts: it must be allowed each of [`KEY_ACTIONS`]. The first answer that is not
    /// [`Verdict::Allowed`] counts.
    ///
    /// Conditions on the source: AWS's documentation says that they are not supported for
    /// EventBridge here, and they were seen to work. Unverified, so the answer is
    /// [`Verdict::Unclear`] where one decides.
    pub fn on_encrypt(&self, key: &Arn, publisher: Publisher<'_>) -> Verdict {
        let mut keys = publisher.keys();
        if publisher.service == Service::Events {
            for held in ["aws:sourcearn", "aws:sourceaccount"] {
                if let Some(Key::Is(value)) = keys.remove(held) {
                    keys.insert(held, Key::Perhaps(value, NOT_SUPPORTED));
                }
            }
        }
        let resource = key.to_string();
        let mut allowed = Verdict::NotAllowed;
        for action in KEY_ACTIONS {
            let service = publisher.service.principal();
            let keys = keys.clone();
            allowed = self.evaluate(&Request { service, action, resource: &resource, keys });
            if !matches!(allowed, Verdict::Allowed(_)) {
                break;
            }
        }
        allowed
    }
}

impl Publisher<'_> {
    /// The condition keys of its requests. `aws:SourceOwner` is set by older services alone, of
    /// which CloudWatch is one and EventBridge is not. AWS's services speak TLS, and say that they
    /// are AWS's
    /// ([global keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)).
    fn keys(self) -> BTreeMap<&'static str, Key> {
        let account = || Key::Is(self.account.to_string());
        let owner = match self.service {
            Service::Events | Service::Sns => Key::Missing,
            Service::CloudWatch => account(),
        };
        BTreeMap::from([
            ("aws:sourcearn", Key::Is(self.source.to_string())),
            ("aws:sourceaccount", account()),
            ("aws:sourceowner", owner),
            ("aws:securetransport", Key::Is("true".to_owned())),
            ("aws:principalisawsservice", Key::Is("true".to_owned())),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::policy::{alarms_statement, default_policy, events_statement};
    use crate::aws::{Identity, Partition, Region};
    use serde_json::{Value, json};

    const RULE: &str = "arn:aws:events:us-east-1:111122223333:rule/r";
    const ALARM: &str = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:a";
    const WIDE: &str = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:遮断";

    fn world() -> (Identity, Arn) {
        let account = AccountId::parse("111122223333").unwrap();
        let who = Identity { account, partition: Partition::default() };
        let topic = who.arn("sns", &Region::us_east_1(), "t");
        (who, topic)
    }

    /// What a policy says to a rule or an alarm.
    fn says(policy: &Policy, source: &str) -> Verdict {
        let (who, topic) = world();
        let source: Arn = source.parse().unwrap();
        let service =
            if source.service == "events" { Service::Events } else { Service::CloudWatch };
        policy.on_publish(&topic, Publisher { service, source: &source, account: &who.account })
    }

    fn unclear(by: usize, what: &str) -> Verdict {
        Verdict::Unclear { by, what: what.to_owned() }
    }

    const YES: Verdict = Verdict::Allowed(0);
    const NO: Verdict = Verdict::NotAllowed;

    #[test]
    fn the_default_policy_is_for_alarms_alone() {
        let (_, topic) = world();
        let policy = default_policy(&topic);
        assert_eq!(says(&policy, ALARM), YES);
        assert_eq!(says(&policy, WIDE), YES);
        assert_eq!(says(&policy, RULE), NO);
        assert_eq!(says(&Policy::of([]), ALARM), NO);
    }

    #[test]
    fn our_statements_let_rules_and_alarms_of_the_account_publish() {
        let (who, topic) = world();
        let policy = Policy::of([
            events_statement(&topic, &who, &Region::us_east_1()),
            alarms_statement(&topic, &who),
        ]);
        assert_eq!(says(&policy, RULE), YES);
        for alarm in [ALARM, WIDE] {
            assert_eq!(says(&policy, alarm), Verdict::Allowed(1));
        }
        for other in [
            "arn:aws:events:eu-west-1:111122223333:rule/r",
            "arn:aws:events:us-east-1:111122223333:archive/r",
        ] {
            assert_eq!(says(&policy, other), NO, "{other}");
        }
    }

    /// The only statement, with one of its parts replaced, and what it says to the rule.
    fn check(part: &str, value: &Value, want: &Verdict) {
        let mut statement = json!({"Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish", "Resource": "arn:aws:sns:us-east-1:111122223333:t"});
        if let Some(fields) = statement.as_object_mut() {
            if let Some(replaced) = part.strip_prefix("Not") {
                fields.remove(replaced);
            }
            fields.insert(part.to_owned(), value.clone());
        }
        let policy = Policy::of([statement.clone()]);
        assert_eq!(says(&policy, RULE), *want, "{statement}");
    }

    #[test]
    fn each_part_of_a_statement_counts() {
        let odd = unclear(0, "an effect that is neither Allow nor Deny");
        for (part, value, want) in [
            ("Sid", json!("same"), YES),
            ("Effect", json!("Deny"), Verdict::Denied(0)),
            ("Effect", json!("allow"), NO),
            ("Principal", json!("*"), YES),
            ("Principal", json!({"AWS": "*"}), YES),
            ("Principal", json!({"AWS": ["1", "*"]}), YES),
            ("Principal", json!({"AWS": "111122223333"}), NO),
            ("Principal", json!({"Service": ["x", "events.amazonaws.com"]}), YES),
            ("Principal", json!({"AWS": "1", "Service": "events.amazonaws.com"}), YES),
            ("Principal", json!({"Service": "cloudwatch.amazonaws.com"}), NO),
            ("Principal", json!({"Service": []}), NO),
            ("Principal", json!({"Service": "*"}), unclear(0, "the principal `*`")),
            ("Principal", json!({"Service": {}}), unclear(0, "its principal")),
            ("Principal", json!({"Federated": "x", "CanonicalUser": "y"}), NO),
            ("Principal", json!({"Robot": "x"}), unclear(0, "a principal of kind `Robot`")),
            ("Principal", json!("events.amazonaws.com"), unclear(0, "its principal")),
            ("NotPrincipal", json!({"Service": "cloudwatch.amazonaws.com"}), YES),
            ("NotPrincipal", json!({"Service": "events.amazonaws.com"}), NO),
            ("NotPrincipal", json!("*"), NO),
            ("NotPrincipal", json!({"AWS": "111122223333"}), YES),
            ("Action", json!(["SNS:*"]), YES),
            ("Action", json!("*"), YES),
            ("Action", json!("sns:pub?ish"), YES),
            ("Action", json!("sns:Subscribe"), NO),
            ("Action", json!([1, {}]), unclear(0, "its action")),
            ("NotAction", json!("sns:Subscribe"), YES),
            ("NotAction", json!(["sns:Subscribe", "SNS:PUBLISH"]), NO),
            ("Resource", json!("arn:aws:sns:*:111122223333:?"), YES),
            ("Resource", json!("*"), YES),
            ("Resource", json!("arn:aws:sns:us-east-1:111122223333:other"), NO),
            ("Resource", json!("arn:aws:sns:us-east-1:111122223333:T"), NO),
            ("Resource", json!("arn:aws:sns:${x}"), unclear(0, "a policy variable")),
            ("Resource", json!("*:t"), unclear(0, "`*:t`, which is no whole ARN")),
            ("NotResource", json!("arn:aws:sns:us-east-1:111122223333:other"), YES),
            ("NotResource", json!("*"), NO),
        ] {
            check(part, &value, &want);
        }
        // Nothing allows it; an odd statement alone is no permission.
        let (_, topic) = world();
        let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        let strange = json!({"Principal": "*", "Action": "*", "Resource": topic.to_string()});
        assert_eq!(says(&Policy::of([strange, allow.clone()]), RULE), odd);
        for part in ["Principal", "Action", "Resource"] {
            let mut without = allow.clone();
            without[part] = Value::Null;
            let what = format!("its {}", part.to_lowercase());
            assert_eq!(says(&Policy::of([without.clone()]), RULE), unclear(0, &what));
            without.as_object_mut().unwrap().remove(part);
            let what = format!("its `{part}`");
            assert_eq!(says(&Policy::of([without.clone()]), RULE), unclear(0, &what));
            let mut both = allow.clone();
            both[format!("Not{part}")] = json!("x");
            assert_eq!(says(&Policy::of([both]), RULE), unclear(0, &what));
        }
    }

    #[test]
    fn conditions_are_met_as_aws_meets_them() {
        let of = |operator: &str, key: &str, wanted: Value| json!({operator: {key: wanted}});
        let unclear = |what: &str| unclear(0, what);
        for (condition, want) in [
            (json!({}), YES),
            (json!({"StringEquals": {}}), YES),
            (json!([]), unclear("a condition that is no object")),
            (json!({"StringEquals": "x"}), unclear("the operator `StringEquals`")),
            (of("ArnEquals", "aws:SourceArn", json!(RULE)), YES),
            (of("ArnLike", "AWS:SourceArn", json!("arn:aws:events:*:*:rule/*")), YES),
            (of("ArnLike", "aws:SourceArn", json!("arn:aws:events:*:*:rule/x")), NO),
            (of("ArnNotLike", "aws:SourceArn", json!("arn:aws:events:*:*:rule/x")), YES),
            (of("ArnNotEquals", "aws:SourceArn", json!(RULE)), NO),
            (of("StringLike", "aws:SourceArn", json!("arn:*:rule/?")), YES),
            (of("StringNotLike", "aws:SourceArn", json!("arn:*:rule/?")), NO),
            (of("StringEquals", "aws:SourceArn", json!("arn:*")), NO),
            (of("StringEquals", "aws:SourceAccount", json!(["1", "111122223333"])), YES),
            (of("StringEquals", "aws:SourceAccount", json!(111_122_223_333_u64)), YES),
            (of("StringEquals", "aws:SourceAccount", json!("1")), NO),
            (of("StringEquals", "aws:SourceAccount", json!([])), NO),
            (of("StringNotEquals", "aws:SourceAccount", json!("1")), YES),
            (of("StringNotEquals", "aws:SourceAccount", json!(["1", "111122223333"])), NO),
            (of("StringEqualsIgnoreCase", "aws:SourceArn", json!(RULE.to_uppercase())), YES),
            (of("StringNotEqualsIgnoreCase", "aws:SourceArn", json!(RULE.to_uppercase())), NO),
            // EventBridge never says whose topic's owner it acts for.
            (of("StringEquals", "aws:SourceOwner", json!("111122223333")), NO),
            (of("StringEqualsIfExists", "aws:SourceOwner", json!("1")), YES),
            (of("StringNotEquals", "aws:SourceOwner", json!("111122223333")), YES),
            (of("ForAllValues:StringEquals", "aws:SourceOwner", json!("1")), YES),
            (of("ForAnyValue:StringEquals", "aws:SourceOwner", json!("1")), NO),
            (of("ForAnyValue:StringNotEquals", "aws:SourceOwner", json!("1")), NO),
            (of("ForAnyValue:StringEqualsIfExists", "aws:SourceOwner", json!("1")), YES),
            (of("ForAnyValue:ArnLike", "aws:SourceArn", json!(["x", RULE])), YES),
            (of("ForAllValues:StringEquals", "aws:SourceAccount", json!("1")), NO),
            (of("Null", "aws:SourceOwner", json!("true")), YES),
            (of("Null", "aws:SourceOwner", json!(false)), NO),
            (of("Null", "aws:SourceArn", json!("true")), NO),
            (of("Null", "aws:SourceArn", json!("False")), YES),
            (
                of("Null", "aws:SourceArn", json!("x")),
                unclear("a `Null` that is neither true nor false"),
            ),
            (
                of("NullIfExists", "aws:SourceArn", json!(true)),
                unclear("the operator `NullIfExists`"),
            ),
            (of("Bool", "aws:SecureTransport", json!("True")), YES),
            (of("Bool", "aws:SecureTransport", json!(false)), NO),
            (of("BoolIfExists", "aws:PrincipalIsAWSService", json!("true")), YES),
            (
                of("stringequals", "aws:SourceArn", json!("x")),
                unclear("the operator `stringequals`"),
            ),
            (
                of("ForSome:Bool", "aws:SourceArn", json!("x")),
                unclear("the operator `ForSome:Bool`"),
            ),
            (
                of("IpAddress", "aws:SourceIp", json!("10.0.0.0/8")),
                unclear("the operator `IpAddress`"),
            ),
            (
                of("StringEquals", "aws:PrincipalOrgID", json!("o")),
                unclear("the key `aws:PrincipalOrgID`"),
            ),
            (
                of("StringEquals", "aws:SourceArn", json!({"a": 1})),
                unclear("the value of `aws:SourceArn`"),
            ),
            (
                of("StringLike", "aws:SourceArn", json!("arn:${aws:username}")),
                unclear("a policy variable"),
            ),
            (of("StringLike", "aws:SourceArn", json!(["arn:${x}", "*"])), YES),
            (
                of("ArnLike", "aws:SourceArn", json!("arn:*:rule/r")),
                unclear("`arn:*:rule/r`, which is no whole ARN"),
            ),
            // What is surely not met decides over what cannot be told.
            (json!({"StringEquals": {"x:y": "z", "aws:SourceAccount": "1"}}), NO),
            (
                json!({"StringEquals": {"aws:SourceAccount": "111122223333"}, "Bool": {"aws:SecureTransport": "false"}}),
                NO,
            ),
        ] {
            check("Condition", &condition, &want);
        }
    }

    #[test]
    fn an_arn_condition_does_not_match_an_alarm_with_a_wide_name() {
        let with = |condition: Value| {
            Policy::of([json!({"Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish",
                "Resource": "*", "Condition": condition})])
        };
        let any = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:*";
        let by_arn = with(json!({"ArnLike": {"aws:SourceArn": any}}));
        assert_eq!((says(&by_arn, ALARM), says(&by_arn, WIDE)), (YES, NO));
        let by_text = with(json!({"StringLike": {"aws:SourceArn": any}}));
        let wide = unclear(0, "a name that is not ASCII");
        assert_eq!((says(&by_text, ALARM), says(&by_text, WIDE)), (YES, wide));
        let all = with(json!({"StringLike": {"aws:SourceArn": "*"}}));
        assert_eq!(says(&all, WIDE), YES);
        let account = with(json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}));
        assert_eq!(says(&account, WIDE), YES);
    }

    #[test]
    fn a_denial_wins_and_one_that_cannot_be_told_is_said() {
        let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        let with = |condition: Value| {
            let deny = json!({"Sid": "no", "Effect": "Deny", "Principal": "*",
                "Action": "sns:Publish", "Resource": "*", "Condition": condition});
            says(&Policy::of([allow.clone(), deny]), RULE)
        };
        for (condition, want) in [
            (json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}), Verdict::Denied(1)),
            (json!({"StringEquals": {"aws:SourceAccount": "1"}}), YES),
            (json!({"Bool": {"aws:SecureTransport": "false"}}), YES),
            (json!({"Bool": {"aws:SecureTransport": "true"}}), Verdict::Denied(1)),
            (json!({"StringNotEquals": {"aws:SourceOwner": "1"}}), Verdict::Denied(1)),
            (json!({"StringEquals": {"aws:SourceOwner": "111122223333"}}), YES),
            (
                json!({"StringNotEquals": {"aws:PrincipalOrgID": "o"}}),
                unclear(1, "the key `aws:PrincipalOrgID`"),
            ),
            // The usual exception for services.
            (
                json!({"StringNotEquals": {"aws:PrincipalOrgID": "o"},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}),
                YES,
            ),
        ] {
            assert_eq!(with(condition.clone()), want, "{condition}");
        }
        // Where nothing allows it, a denial that cannot be told changes nothing.
        let unsure = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"x:y": "z"}}});
        assert_eq!(says(&Policy::of([unsure.clone()]), RULE), NO);
        let policy = Policy::of([unsure, json!({"Sid": "open", "Effect": "Allow"})]);
        assert_eq!(policy.named(0), "statement 1");
        assert_eq!(policy.named(1), "statement `open`");
        assert_eq!(policy.named(9), "statement 10");
    }

    #[test]
    fn one_permission_is_enough_and_an_unclear_one_is_none() {
        let allow = |condition: Value| {
            json!({"Effect": "Allow", "Principal": "*",
            "Action": "*", "Resource": "*", "Condition": condition})
        };
        let never = || allow(json!({"StringEquals": {"aws:SourceAccount": "1"}}));
        let perhaps = || allow(json!({"StringEquals": {"x:y": "z"}}));
        let always = || allow(json!({}));
        let (key, a, b) = ("the key `x:y`", perhaps(), never());
        assert_eq!(says(&Policy::of([b.clone(), a.clone()]), RULE), unclear(1, key));
        assert_eq!(says(&Policy::of([a.clone(), a, always()]), RULE), Verdict::Allowed(2));
        assert_eq!(says(&Policy::of([always(), b, always()]), RULE), YES);
    }

    #[test]
    fn a_key_lets_each_publisher_in_by_itself() {
        let (who, _) = world();
        let key = who.arn("kms", &Region::us_east_1(), "key/1");
        let says = |policy: &Policy, source: &str, service| {
            let source: Arn = source.parse().unwrap();
            policy.on_encrypt(&key, Publisher { service, source: &source, account: &who.account })
        };
        let statement = |actions: Value, condition: Value| {
            let all: Vec<&str> = Service::ALL.iter().map(|service| service.principal()).collect();
            json!({"Effect": "Allow", "Principal": {"Service": all}, "Action": actions,
                "Resource": "*", "Condition": condition})
        };
        let owner = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "kms:*", "Resource": "*"});
        let both = json!(["kms:GenerateDataKey*", "kms:Decrypt"]);
        let account = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
        let other = json!({"StringEquals": {"aws:SourceAccount": "1"}});
        let doubt = unclear(1, NOT_SUPPORTED);
        let open = Verdict::Allowed(1);
        for (actions, condition, events, alarms) in [
            (both.clone(), json!({}), open.clone(), open.clone()),
            (json!("kms:*"), json!({}), open.clone(), open.clone()),
            (json!("kms:Decrypt"), json!({}), NO, NO),
            (json!("kms:GenerateDataKey*"), json!({}), NO, NO),
            (json!("kms:GenerateDataKeyPair"), json!({}), NO, NO),
            (both.clone(), account, doubt, open),
            (both, other, NO, NO),
        ] {
            let policy = Policy::of([owner.clone(), statement(actions, condition)]);
            assert_eq!(says(&policy, RULE, Service::Events), events, "{policy:?}");
            assert_eq!(says(&policy, ALARM, Service::CloudWatch), alarms, "{policy:?}");
        }
        assert_eq!(says(&Policy::of([owner]), RULE, Service::Events), NO);
    }
}
