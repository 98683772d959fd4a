//! Which actions IAM asks for, for each operation that is called.
//!
//! The source of every row is the table of actions of the service in the
//! [service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html):
//! the pages of [SNS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html),
//! [EventBridge](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html),
//! [CloudWatch](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html),
//! [Resource Groups Tagging](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonresourcegrouptaggingapi.html),
//! [WAF](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html),
//! [Config](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsconfig.html),
//! [SQS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html),
//! [KMS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html),
//! [Step Functions](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html),
//! [IAM](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html) and
//! [EventBridge Scheduler](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html).
//! Where an operation needs more than the action of its own name, its row says where that is said.

use super::On;
use crate::aws::Region;
use crate::baseline::watched;
use crate::spec::{DeliveryKind, Spec, WafRules};
use Command::{
    Backtest, Baseline, Confirm, Destroy, Digest, Init, Mute, Plan, Send, Setup, Status, Unmute,
    Wait,
};
use On::{
    Alarm, AnyAlarm, AnyRule, Anything, Bus, Key, Machine, MachineRole, MuteRule, OldAlarm,
    OldQueue, OldRule, OldTopic, PassedRole, PassedToMachine, PassedToRule, Queue, Role, Rule,
    Schedule, TestQueue, TestRule, Topic, WebAcl,
};

/// A command that calls AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// `backtest`, without `--data`.
    Backtest,
    /// `baseline`, with and without `--publish`.
    Baseline,
    /// `confirm`, with a link.
    Confirm,
    /// `destroy`.
    Destroy,
    /// `digest`, with and without `--publish`.
    Digest,
    /// `init --from-aws`: the only one that is run before there is a file.
    Init,
    /// `mute`.
    Mute,
    /// `plan`.
    Plan,
    /// `send`, with and without `--to-queue`.
    Send,
    /// `setup`.
    Setup,
    /// `status`.
    Status,
    /// `unmute`.
    Unmute,
    /// `wait`.
    Wait,
}

impl Command {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Backtest, Baseline, Confirm, Destroy, Digest, Init, Mute, Plan, Send, Setup, Status,
        Unmute, Wait,
    ];

    /// How it is typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Backtest => "backtest",
            Baseline => "baseline",
            Confirm => "confirm",
            Destroy => "destroy",
            Digest => "digest",
            Init => "init",
            Mute => "mute",
            Plan => "plan",
            Send => "send",
            Setup => "setup",
            Status => "status",
            Unmute => "unmute",
            Wait => "wait",
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
const READERS: When = |spec| spec.readers().next().is_some();
const EVENTS: When = |spec| !spec.events.is_empty();
/// Every rule: those of events, and the heartbeat's.
const RULES: When = |spec| EVENTS(spec) || spec.watch.heartbeat.is_some();
/// Notifications that the state machine publishes.
const STEPPED: When = |spec| {
    let mut deliveries = spec.events.iter().map(|event| event.content.delivery());
    deliveries.any(|delivery| delivery == DeliveryKind::StepFunctions)
};
const ALARMS: When = |spec| !spec.alarms.is_empty();
/// Every alarm: those that the file names, and those on what is lost.
const ANY_ALARM: When = |spec| ALARMS(spec) || spec.watch.alarms().next().is_some();
const EITHER: When = |spec| RULES(spec) || ANY_ALARM(spec);
const QUEUED: When = |spec| spec.watch.dead_letter.is_some();
const KEYED: When = |spec| spec.topic.kms_key.is_some();
/// Notifications of what AWS Config judges.
const JUDGED: When = |spec| {
    let somewhere = Region::us_east_1();
    watched(spec, Some(&somewhere), None).is_ok_and(|watches| !watches.is_empty())
};
const JUDGED_KEYED: When = |spec| JUDGED(spec) && KEYED(spec);
const WEB_ACLS: When = |spec| spec.alarms.iter().any(|alarm| alarm.web_acl.is_some());
/// Without any, `digest` asks for nothing.
const WAF_ALARMS: When = |spec| spec.alarms.iter().any(|alarm| alarm.namespace == "AWS/WAFV2");
const ENCRYPTED: When = |spec| WAF_ALARMS(spec) && spec.topic.kms_key.is_some();
const ALL_WAF_RULES: When = |spec| {
    let mut web_acls = spec.alarms.iter().filter_map(|alarm| alarm.web_acl.as_ref());
    web_acls.any(|acl| acl.rules == WafRules::All)
};

/// Whatever looks at the stack.
const LOOK: &[Command] = &[Destroy, Mute, Plan, Setup, Status, Unmute];
/// Whatever works out what the file asks for.
const WANT: &[Command] = &[Backtest, Digest, Mute, Plan, Send, Setup, Status, Unmute];
const CHANGE: &[Command] = &[Destroy, Setup];
/// Whatever looks for mutes.
const QUIET: &[Command] = &[Destroy, Mute, Unmute];

/// Every operation that is called, one a row; several where commands call it for different files.
///
/// Tags that come in the call which makes something need the service's `TagResource`, too
/// ([SNS](https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html),
/// [EventBridge](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html),
/// [CloudWatch](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html)).
/// `iam:PassRole` is asked for only where a role is passed: that of a mute's schedule, and those of a
/// state machine
/// ([passing a role](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html)).
#[rustfmt::skip]
pub const OPERATIONS: &[Operation] = &[
    // Whoever has credentials may ask whose they are
    // (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
    row("sts:GetCallerIdentity", &[Backtest, Baseline, Confirm, Destroy, Digest, Mute, Plan, Send, Setup, Status, Unmute, Wait], ALWAYS, &[]),
    row("tag:GetResources", LOOK, ALWAYS, &[("tag:GetResources", Anything)]),
    row("tag:GetResources", &[Send], EITHER, &[("tag:GetResources", Anything)]),

    row("sns:CreateTopic", &[Setup], ALWAYS, &[("sns:CreateTopic", Topic), ("sns:TagResource", Topic)]),
    row("sns:DeleteTopic", CHANGE, ALWAYS, &[("sns:DeleteTopic", OldTopic)]),
    row("sns:GetTopicAttributes", LOOK, ALWAYS, &[("sns:GetTopicAttributes", Topic), ("sns:GetTopicAttributes", OldTopic)]),
    row("sns:GetTopicAttributes", &[Digest], WAF_ALARMS, &[("sns:GetTopicAttributes", Topic)]),
    row("sns:ListSubscriptionsByTopic", LOOK, ALWAYS, &[("sns:ListSubscriptionsByTopic", Topic), ("sns:ListSubscriptionsByTopic", OldTopic)]),
    row("sns:ListTagsForResource", LOOK, ALWAYS, &[("sns:ListTagsForResource", Topic), ("sns:ListTagsForResource", OldTopic)]),
    row("sns:ListSubscriptionsByTopic", &[Confirm, Wait], READERS, &[("sns:ListSubscriptionsByTopic", Topic)]),
    row("sns:ListSubscriptionsByTopic", &[Send], EITHER, &[("sns:ListSubscriptionsByTopic", Topic)]),
    row("sns:ConfirmSubscription", &[Confirm], READERS, &[("sns:ConfirmSubscription", Topic)]),
    // Of these two the reference names no kind of resource.
    row("sns:GetSubscriptionAttributes", LOOK, ALWAYS, &[("sns:GetSubscriptionAttributes", Anything)]),
    row("sns:SetSubscriptionAttributes", &[Setup], READERS, &[("sns:SetSubscriptionAttributes", Anything)]),
    row("sns:GetTopicAttributes", &[Baseline], JUDGED, &[("sns:GetTopicAttributes", Topic)]),
    row("sns:Publish", &[Baseline], JUDGED, &[("sns:Publish", Topic)]),
    row("sns:Publish", &[Baseline], JUDGED_KEYED, &[("kms:Decrypt", Key), ("kms:GenerateDataKey*", Key)]),
    row("sns:Subscribe", &[Send], EITHER, &[("sns:Subscribe", Topic)]),
    row("sns:Unsubscribe", &[Send], EITHER, &[("sns:Unsubscribe", Anything)]),
    row("sns:TagResource", &[Mute], EITHER, &[("sns:TagResource", Topic)]),
    row("sns:UntagResource", &[Mute], EITHER, &[("sns:UntagResource", Topic)]),
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
    row("events:PutRule", &[Setup], RULES, &[("events:PutRule", Rule), ("events:TagResource", Rule)]),
    row("events:PutTargets", &[Setup], RULES, &[("events:PutTargets", Rule)]),
    row("events:PutTargets", &[Send, Setup], STEPPED, &[("iam:PassRole", PassedToRule)]),
    row("events:RemoveTargets", CHANGE, ALWAYS, &[("events:RemoveTargets", OldRule)]),
    row("events:TagResource", &[Setup], RULES, &[("events:TagResource", Rule)]),
    row("events:DescribeRule", &[Send], EVENTS, &[("events:DescribeRule", AnyRule)]),
    row("events:ListTagsForResource", &[Send], EVENTS, &[("events:ListTagsForResource", AnyRule)]),
    row("events:PutRule", &[Send], EVENTS, &[("events:PutRule", TestRule), ("events:TagResource", TestRule)]),
    row("events:PutTargets", &[Send], EVENTS, &[("events:PutTargets", TestRule)]),
    row("events:PutEvents", &[Send], EVENTS, &[("events:PutEvents", Bus)]),
    row("events:RemoveTargets", &[Send], EVENTS, &[("events:RemoveTargets", TestRule)]),
    row("events:DeleteRule", &[Send], EVENTS, &[("events:DeleteRule", TestRule)]),
    row("events:DisableRule", &[Mute], RULES, &[("events:DisableRule", Rule)]),
    row("events:TagResource", &[Mute], RULES, &[("events:TagResource", Rule)]),
    row("events:EnableRule", &[Destroy, Setup, Unmute], ALWAYS, &[("events:EnableRule", OldRule)]),
    row("events:UntagResource", &[Unmute], ALWAYS, &[("events:UntagResource", OldRule)]),
    row("events:UntagResource", CHANGE, ALWAYS, &[("events:UntagResource", OldRule)]),

    row("cloudwatch:DeleteAlarms", CHANGE, ALWAYS, &[("cloudwatch:DeleteAlarms", OldAlarm)]),
    row("cloudwatch:DescribeAlarms", LOOK, ALWAYS, &[("cloudwatch:DescribeAlarms", Anything)]),
    row("cloudwatch:GetMetricData", &[Backtest], ANY_ALARM, &[("cloudwatch:GetMetricData", Anything)]),
    row("cloudwatch:GetMetricData", &[Digest], WAF_ALARMS, &[("cloudwatch:GetMetricData", Anything)]),
    row("cloudwatch:ListTagsForResource", LOOK, ALWAYS, &[("cloudwatch:ListTagsForResource", AnyAlarm)]),
    row("cloudwatch:PutMetricAlarm", &[Setup], ANY_ALARM, &[("cloudwatch:PutMetricAlarm", Alarm), ("cloudwatch:TagResource", Alarm)]),
    row("cloudwatch:TagResource", &[Setup], ANY_ALARM, &[("cloudwatch:TagResource", Alarm)]),
    row("cloudwatch:GetMetricData", &[Status], ALWAYS, &[("cloudwatch:GetMetricData", Anything)]),
    row("cloudwatch:DescribeAlarms", &[Send], ALARMS, &[("cloudwatch:DescribeAlarms", Anything)]),
    row("cloudwatch:SetAlarmState", &[Send], ALARMS, &[("cloudwatch:SetAlarmState", Alarm)]),
    row("cloudwatch:ListAlarmMuteRules", QUIET, ALWAYS, &[("cloudwatch:ListAlarmMuteRules", Anything)]),
    row("cloudwatch:ListAlarmMuteRules", &[Status], ANY_ALARM, &[("cloudwatch:ListAlarmMuteRules", Anything)]),
    // On the rule, and on each alarm that it mutes
    // (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html).
    row("cloudwatch:PutAlarmMuteRule", &[Mute], ANY_ALARM, &[("cloudwatch:PutAlarmMuteRule", MuteRule), ("cloudwatch:PutAlarmMuteRule", Alarm), ("cloudwatch:TagResource", MuteRule)]),
    row("cloudwatch:DeleteAlarmMuteRule", QUIET, ALWAYS, &[("cloudwatch:DeleteAlarmMuteRule", MuteRule)]),

    row("sqs:GetQueueUrl", LOOK, ALWAYS, &[("sqs:GetQueueUrl", OldQueue)]),
    row("sqs:GetQueueUrl", LOOK, QUEUED, &[("sqs:GetQueueUrl", Queue)]),
    row("sqs:GetQueueUrl", &[Send], EITHER, &[("sqs:GetQueueUrl", TestQueue)]),
    row("sqs:GetQueueAttributes", LOOK, ALWAYS, &[("sqs:GetQueueAttributes", OldQueue)]),
    row("sqs:GetQueueAttributes", LOOK, QUEUED, &[("sqs:GetQueueAttributes", Queue)]),
    row("sqs:ListQueueTags", LOOK, ALWAYS, &[("sqs:ListQueueTags", OldQueue)]),
    row("sqs:ListQueueTags", LOOK, QUEUED, &[("sqs:ListQueueTags", Queue)]),
    // Tags that come with a new queue need `sqs:TagQueue`, too
    // (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html).
    row("sqs:CreateQueue", &[Setup], QUEUED, &[("sqs:CreateQueue", Queue), ("sqs:TagQueue", Queue)]),
    row("sqs:CreateQueue", &[Send], EITHER, &[("sqs:CreateQueue", TestQueue), ("sqs:TagQueue", TestQueue)]),
    row("sqs:SetQueueAttributes", &[Setup], QUEUED, &[("sqs:SetQueueAttributes", Queue)]),
    row("sqs:SetQueueAttributes", CHANGE, ALWAYS, &[("sqs:SetQueueAttributes", OldQueue)]),
    row("sqs:TagQueue", &[Setup], QUEUED, &[("sqs:TagQueue", Queue)]),
    row("sqs:UntagQueue", CHANGE, ALWAYS, &[("sqs:UntagQueue", OldQueue)]),
    row("sqs:DeleteQueue", CHANGE, ALWAYS, &[("sqs:DeleteQueue", OldQueue)]),
    row("sqs:DeleteQueue", &[Send], EITHER, &[("sqs:DeleteQueue", TestQueue)]),
    row("sqs:ReceiveMessage", &[Send], EITHER, &[("sqs:ReceiveMessage", TestQueue)]),

    row("kms:DescribeKey", &[Plan, Setup, Status], KEYED, &[("kms:DescribeKey", Key)]),
    row("kms:GetKeyPolicy", &[Plan, Setup, Status], KEYED, &[("kms:GetKeyPolicy", Key)]),

    row("states:DescribeStateMachine", LOOK, ALWAYS, &[("states:DescribeStateMachine", Machine)]),
    row("states:ListTagsForResource", LOOK, ALWAYS, &[("states:ListTagsForResource", Machine)]),
    // Tags that come with a new machine need `states:TagResource`, too
    // (https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html).
    row("states:CreateStateMachine", &[Setup], STEPPED, &[("states:CreateStateMachine", Machine), ("states:TagResource", Machine), ("iam:PassRole", PassedToMachine)]),
    row("states:UpdateStateMachine", &[Setup], STEPPED, &[("states:UpdateStateMachine", Machine), ("iam:PassRole", PassedToMachine)]),
    row("states:TagResource", &[Setup], STEPPED, &[("states:TagResource", Machine)]),
    row("states:UntagResource", CHANGE, ALWAYS, &[("states:UntagResource", Machine)]),
    row("states:DeleteStateMachine", CHANGE, ALWAYS, &[("states:DeleteStateMachine", Machine)]),
    row("iam:GetRole", LOOK, ALWAYS, &[("iam:GetRole", MachineRole)]),
    row("iam:ListRolePolicies", LOOK, ALWAYS, &[("iam:ListRolePolicies", MachineRole)]),
    row("iam:GetRolePolicy", LOOK, ALWAYS, &[("iam:GetRolePolicy", MachineRole)]),
    row("iam:CreateRole", &[Setup], STEPPED, &[("iam:CreateRole", MachineRole), ("iam:TagRole", MachineRole)]),
    row("iam:PutRolePolicy", &[Setup], STEPPED, &[("iam:PutRolePolicy", MachineRole)]),
    row("iam:UpdateAssumeRolePolicy", &[Setup], STEPPED, &[("iam:UpdateAssumeRolePolicy", MachineRole)]),
    row("iam:UntagRole", CHANGE, ALWAYS, &[("iam:UntagRole", MachineRole)]),
    row("iam:DeleteRolePolicy", CHANGE, ALWAYS, &[("iam:DeleteRolePolicy", MachineRole)]),
    row("iam:DeleteRole", CHANGE, ALWAYS, &[("iam:DeleteRole", MachineRole)]),

    row("iam:GetRole", QUIET, ALWAYS, &[("iam:GetRole", Role)]),
    row("iam:ListRolePolicies", QUIET, ALWAYS, &[("iam:ListRolePolicies", Role)]),
    row("iam:GetRolePolicy", QUIET, ALWAYS, &[("iam:GetRolePolicy", Role)]),
    row("iam:ListRoleTags", QUIET, ALWAYS, &[("iam:ListRoleTags", Role)]),
    row("iam:CreateRole", &[Mute], RULES, &[("iam:CreateRole", Role), ("iam:TagRole", Role)]),
    row("iam:PutRolePolicy", &[Mute], RULES, &[("iam:PutRolePolicy", Role)]),
    row("iam:UpdateAssumeRolePolicy", &[Mute], RULES, &[("iam:UpdateAssumeRolePolicy", Role)]),
    row("iam:TagRole", &[Mute], RULES, &[("iam:TagRole", Role)]),
    row("iam:UntagRole", &[Destroy], ALWAYS, &[("iam:UntagRole", Role)]),
    row("iam:DeleteRolePolicy", &[Destroy, Mute], ALWAYS, &[("iam:DeleteRolePolicy", Role)]),
    row("iam:DeleteRole", &[Destroy, Mute], ALWAYS, &[("iam:DeleteRole", Role)]),

    row("scheduler:ListSchedules", QUIET, ALWAYS, &[("scheduler:ListSchedules", Anything)]),
    row("scheduler:CreateSchedule", &[Mute], RULES, &[("scheduler:CreateSchedule", Schedule), ("iam:PassRole", PassedRole)]),
    row("scheduler:DeleteSchedule", &[Destroy, Mute, Setup, Unmute], ALWAYS, &[("scheduler:DeleteSchedule", Schedule)]),
    row("cloudwatch:UntagResource", CHANGE, ALWAYS, &[("cloudwatch:UntagResource", OldAlarm)]),

    row("wafv2:ListWebACLs", WANT, ALL_WAF_RULES, &[("wafv2:ListWebACLs", Anything)]),
    row("wafv2:GetWebACL", WANT, ALL_WAF_RULES, &[("wafv2:GetWebACL", WebAcl)]),
    row("wafv2:ListWebACLs", &[Status], WEB_ACLS, &[("wafv2:ListWebACLs", Anything)]),
    row("wafv2:GetWebACL", &[Status], WEB_ACLS, &[("wafv2:GetWebACL", WebAcl)]),

    row("config:DescribeConfigRules", &[Baseline, Setup, Status], JUDGED, &[("config:DescribeConfigRules", Anything)]),
    row("config:DescribeComplianceByConfigRule", &[Baseline, Setup, Status], JUDGED, &[("config:DescribeComplianceByConfigRule", Anything)]),
    row("config:GetComplianceDetailsByConfigRule", &[Baseline, Setup, Status], JUDGED, &[("config:GetComplianceDetailsByConfigRule", Anything)]),
    row("config:DescribeConfigurationRecorderStatus", &[Status], JUDGED, &[("config:DescribeConfigurationRecorderStatus", Anything)]),
    row("config:DescribeConfigRules", &[Init], ALWAYS, &[("config:DescribeConfigRules", Anything)]),
    row("wafv2:ListWebACLs", &[Init], ALWAYS, &[("wafv2:ListWebACLs", Anything)]),
    row("wafv2:GetWebACL", &[Init], ALWAYS, &[("wafv2:GetWebACL", WebAcl)]),
];
