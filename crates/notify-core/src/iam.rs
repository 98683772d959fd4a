//! The IAM policy that a stack's keeper needs: no more than the calls that are made.

use crate::aws::Identity;
use crate::spec::Spec;
use serde_json::{Value, json};

/// What `backtest` and `digest` need besides: to read past metrics. IAM cannot tell metrics apart,
/// so it is no part of [`policy`]: whoever only sets up need not be able to read any.
pub fn reads_metrics() -> Value {
    json!({
        "Sid": "PastMetrics",
        "Effect": "Allow",
        "Action": ["cloudwatch:GetMetricData"],
        "Resource": "*",
    })
}

/// What `digest --publish` needs besides: to see that the topic is there, and to publish to it.
/// With a key of one's own on the topic, publishing also takes what encrypts
/// ([key management](https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html)); IAM
/// cannot name a key by its alias.
pub fn publishes(spec: &Spec, who: Option<&Identity>) -> Vec<Value> {
    let mut statements = vec![json!({
        "Sid": "Publish",
        "Effect": "Allow",
        "Action": ["sns:GetTopicAttributes", "sns:Publish"],
        "Resource": arn(who, "sns", spec.topic.name.as_str()),
    })];
    if let Some(key) = &spec.topic.kms_key {
        let is_arn = key.starts_with("arn:") && key.contains(":key/");
        statements.push(json!({
            "Sid": "Encrypt",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": if is_arn { key.as_str() } else { "*" },
        }));
    }
    statements
}

/// A text alone, or a list of several.
fn one_or_all(mut texts: Vec<String>) -> Value {
    match texts.len() {
        1 => texts.remove(0).into(),
        _ => texts.into(),
    }
}

/// The ARN of something in any region; without an account it says `*`.
fn arn(who: Option<&Identity>, service: &str, resource: &str) -> String {
    let partition = who.map_or_else(|| "aws".to_owned(), |who| who.partition.to_string());
    let account = who.map_or("*", |who| who.account.as_str());
    format!("arn:{partition}:{service}:*:{account}:{resource}")
}

/// The least that `setup`, `status` and `destroy` need for a spec: its own names where IAM can
/// tell them apart, everything where it cannot.
///
/// `who` fills in the account; without it the ARNs say `*`. Actions that list take no resource
/// ([service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html)).
pub fn policy(spec: &Spec, who: Option<&Identity>) -> Value {
    let arn = |service: &str, resource: &str| arn(who, service, resource);
    let mut statements = vec![
        json!({
            "Sid": "Look",
            "Effect": "Allow",
            "Action": [
                "cloudwatch:DescribeAlarms", "events:ListRuleNamesByTarget",
                "sns:Unsubscribe", "sts:GetCallerIdentity", "tag:GetResources",
            ],
            "Resource": "*",
        }),
        json!({
            "Sid": "Topic",
            "Effect": "Allow",
            "Action": [
                "sns:CreateTopic", "sns:DeleteTopic", "sns:GetTopicAttributes",
                "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource", "sns:SetTopicAttributes",
                "sns:Subscribe", "sns:TagResource", "sns:UntagResource",
            ],
            "Resource": one_or_all(
                spec.topics().map(|topic| arn("sns", topic.name.as_str())).collect(),
            ),
        }),
        json!({
            "Sid": "Rules",
            "Effect": "Allow",
            "Action": [
                "events:DeleteRule", "events:DescribeRule", "events:ListTagsForResource",
                "events:ListTargetsByRule", "events:PutRule", "events:PutTargets",
                "events:RemoveTargets", "events:TagResource", "events:UntagResource",
            ],
            // Rules that others pointed at the topic are looked at, too.
            "Resource": arn("events", "rule/*"),
        }),
        json!({
            "Sid": "Alarms",
            "Effect": "Allow",
            "Action": [
                "cloudwatch:DeleteAlarms", "cloudwatch:ListTagsForResource",
                "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource",
            ],
            "Resource": arn("cloudwatch", "alarm:*"),
        }),
    ];
    if let Some(dead_letter) = &spec.watch.dead_letter {
        statements.push(json!({
            "Sid": "Queue",
            "Effect": "Allow",
            "Action": [
                "sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
                "sqs:ListQueueTags", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue",
            ],
            "Resource": arn("sqs", dead_letter.queue.as_str()),
        }));
    }
    let asks_waf = spec.alarms.iter().filter_map(|alarm| alarm.web_acl.as_ref());
    if asks_waf.into_iter().any(|acl| acl.rules == crate::spec::WafRules::All) {
        statements.push(json!({
            "Sid": "WebAcls",
            "Effect": "Allow",
            "Action": ["wafv2:GetWebACL", "wafv2:ListWebACLs"],
            "Resource": "*",
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}
