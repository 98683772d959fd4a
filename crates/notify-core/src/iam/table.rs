//! Which actions IAM asks for, for each operation that is called.
//!
//! The source of every row is the table of actions of the service in the
//! [service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html):
//! the pages of [SNS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html),
//! [EventBridge](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html),
//! [CloudWatch](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html),
//! [Resource Groups Tagging](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonresourcegrouptaggingapi.html),
//! [WAF](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html) and
//! [Config](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsconfig.html).
//! Where an operation needs more than the action of its own name, its row says where that is said.

use super::On;
use crate::spec::{Spec, WafRules};
use Command::{Backtest, Destroy, Digest, Init, Plan, Setup, Status};
use On::{
    Alarm, AnyAlarm, AnyRule, Anything, Key, OldAlarm, OldRule, OldTopic, Rule, Topic, WebAcl,
};

/// A command that calls AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// `backtest`, without `--data`.
    Backtest,
    /// `destroy`.
    Destroy,
    /// `digest`, with and without `--publish`.
    Digest,
    /// `init --from-aws`: the only one that is run before there is a file.
    Init,
    /// `plan`.
    Plan,
    /// `setup`.
    Setup,
    /// `status`.
    Status,
}

impl Command {
    /// All of them.
    pub const ALL: [Self; 7] = [Backtest, Destroy, Digest, Init, Plan, Setup, Status];

    /// How it is typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Backtest => "backtest",
            Destroy => "destroy",
            Digest => "digest",
            Init => "init",
            Plan => "plan",
            Setup => "setup",
            Status => "status",
        }
    }

    /// Those that work on a file, which is all but `init`.
    pub fn on_a_file() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|command| *command != Init)
    }
}

/// For which files something is called.
pub type When = fn(&Spec) -> bool;

/// An operation of an SDK that is called.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Its name, as it is in errors: `sns:CreateTopic`.
    pub name: &'static str,
    /// The actions that IAM asks for, and on what.
    pub actions: &'static [(&'static str, On)],
    /// The commands that call it.
    pub by: &'static [Command],
    /// The files for which they do.
    pub when: When,
}

const fn row(
    name: &'static str,
    by: &'static [Command],
    when: When,
    actions: &'static [(&'static str, On)],
) -> Operation {
    Operation { name, actions, by, when }
}

/// For every file.
pub const ALWAYS: When = |_| true;
const READERS: When = |spec| !spec.subscriptions.is_empty();
const EVENTS: When = |spec| !spec.events.is_empty();
const ALARMS: When = |spec| !spec.alarms.is_empty();
/// Without any, `digest` asks for nothing.
const WAF_ALARMS: When = |spec| spec.alarms.iter().any(|alarm| alarm.namespace == "AWS/WAFV2");
const ENCRYPTED: When = |spec| WAF_ALARMS(spec) && spec.topic.kms_key.is_some();
const ALL_WAF_RULES: When = |spec| {
    let mut web_acls = spec.alarms.iter().filter_map(|alarm| alarm.web_acl.as_ref());
    web_acls.any(|acl| acl.rules == WafRules::All)
};

/// Whatever looks at the stack.
const LOOK: &[Command] = &[Destroy, Plan, Setup, Status];
/// Whatever works out what the file asks for.
const WANT: &[Command] = &[Backtest, Digest, Plan, Setup, Status];
const CHANGE: &[Command] = &[Destroy, Setup];

/// Every operation that is called, one a row; several where commands call it for different files.
///
/// Tags that come in the call which makes something need the service's `TagResource`, too
/// ([SNS](https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html),
/// [EventBridge](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html),
/// [CloudWatch](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html)).
/// `iam:PassRole` is asked for only where a role is passed, and none is.
#[rustfmt::skip]
pub const OPERATIONS: &[Operation] = &[
    // Whoever has credentials may ask whose they are
    // (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
    row("sts:GetCallerIdentity", &[Backtest, Destroy, Digest, Plan, Setup, Status], ALWAYS, &[]),
    row("tag:GetResources", LOOK, ALWAYS, &[("tag:GetResources", Anything)]),

    row("sns:CreateTopic", &[Setup], ALWAYS, &[("sns:CreateTopic", Topic), ("sns:TagResource", Topic)]),
    row("sns:DeleteTopic", CHANGE, ALWAYS, &[("sns:DeleteTopic", OldTopic)]),
    row("sns:GetTopicAttributes", LOOK, ALWAYS, &[("sns:GetTopicAttributes", Topic), ("sns:GetTopicAttributes", OldTopic)]),
    row("sns:GetTopicAttributes", &[Digest], WAF_ALARMS, &[("sns:GetTopicAttributes", Topic)]),
    row("sns:ListSubscriptionsByTopic", LOOK, ALWAYS, &[("sns:ListSubscriptionsByTopic", Topic), ("sns:ListSubscriptionsByTopic", OldTopic)]),
    row("sns:ListTagsForResource", LOOK, ALWAYS, &[("sns:ListTagsForResource", Topic), ("sns:ListTagsForResource", OldTopic)]),
    // With a key of one's own, publishing also takes what encrypts
    // (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).
    row("sns:Publish", &[Digest], WAF_ALARMS, &[("sns:Publish", Topic)]),
    row("sns:Publish", &[Digest], ENCRYPTED, &[("kms:Decrypt", Key), ("kms:GenerateDataKey*", Key)]),
    row("sns:SetTopicAttributes", &[Setup], ALWAYS, &[("sns:SetTopicAttributes", Topic)]),
    row("sns:SetTopicAttributes", CHANGE, ALWAYS, &[("sns:SetTopicAttributes", OldTopic)]),
    row("sns:Subscribe", &[Setup], READERS, &[("sns:Subscribe", Topic)]),
    row("sns:TagResource", &[Setup], ALWAYS, &[("sns:TagResource", Topic), ("sns:TagResource", OldTopic)]),
    row("sns:Unsubscribe", CHANGE, ALWAYS, &[("sns:Unsubscribe", Anything)]),
    row("sns:UntagResource", CHANGE, ALWAYS, &[("sns:UntagResource", OldTopic)]),

    row("events:DeleteRule", CHANGE, ALWAYS, &[("events:DeleteRule", OldRule)]),
    row("events:DescribeRule", LOOK, ALWAYS, &[("events:DescribeRule", AnyRule)]),
    row("events:ListRuleNamesByTarget", LOOK, ALWAYS, &[("events:ListRuleNamesByTarget", Anything)]),
    row("events:ListTagsForResource", LOOK, ALWAYS, &[("events:ListTagsForResource", AnyRule)]),
    row("events:ListTargetsByRule", LOOK, ALWAYS, &[("events:ListTargetsByRule", AnyRule)]),
    row("events:PutRule", &[Setup], EVENTS, &[("events:PutRule", Rule), ("events:TagResource", Rule)]),
    row("events:PutTargets", &[Setup], EVENTS, &[("events:PutTargets", Rule)]),
    row("events:RemoveTargets", CHANGE, ALWAYS, &[("events:RemoveTargets", OldRule)]),
    row("events:TagResource", &[Setup], EVENTS, &[("events:TagResource", Rule)]),
    row("events:UntagResource", CHANGE, ALWAYS, &[("events:UntagResource", OldRule)]),

    row("cloudwatch:DeleteAlarms", CHANGE, ALWAYS, &[("cloudwatch:DeleteAlarms", OldAlarm)]),
    row("cloudwatch:DescribeAlarms", LOOK, ALWAYS, &[("cloudwatch:DescribeAlarms", Anything)]),
    row("cloudwatch:GetMetricData", &[Backtest], ALARMS, &[("cloudwatch:GetMetricData", Anything)]),
    row("cloudwatch:GetMetricData", &[Digest], WAF_ALARMS, &[("cloudwatch:GetMetricData", Anything)]),
    row("cloudwatch:ListTagsForResource", LOOK, ALWAYS, &[("cloudwatch:ListTagsForResource", AnyAlarm)]),
    row("cloudwatch:PutMetricAlarm", &[Setup], ALARMS, &[("cloudwatch:PutMetricAlarm", Alarm), ("cloudwatch:TagResource", Alarm)]),
    row("cloudwatch:TagResource", &[Setup], ALARMS, &[("cloudwatch:TagResource", Alarm)]),
    row("cloudwatch:UntagResource", CHANGE, ALWAYS, &[("cloudwatch:UntagResource", OldAlarm)]),

    row("wafv2:ListWebACLs", WANT, ALL_WAF_RULES, &[("wafv2:ListWebACLs", Anything)]),
    row("wafv2:GetWebACL", WANT, ALL_WAF_RULES, &[("wafv2:GetWebACL", WebAcl)]),

    row("config:DescribeConfigRules", &[Init], ALWAYS, &[("config:DescribeConfigRules", Anything)]),
    row("wafv2:ListWebACLs", &[Init], ALWAYS, &[("wafv2:ListWebACLs", Anything)]),
    row("wafv2:GetWebACL", &[Init], ALWAYS, &[("wafv2:GetWebACL", WebAcl)]),
];
