//! What an action is allowed on.

use crate::aws::{Identity, kms, machine_name, tags};
use crate::send::rule_prefix;
use crate::spec::{AlarmSpec, Spec, WafRules, fill};
use crate::state::{StateMachine, mute_names, queue_prefix, role_name, schedule_name};
use serde_json::{Value, json};

/// What an action is allowed on, in the order of the statements.
///
/// Topics, rules and alarms can be told apart by their name and by their tags
/// ([service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html),
/// the tables of resource types).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// The action takes no resource, or looks through all of them.
    Anything,
    /// The file's topic.
    Topic,
    /// Topics that carry the stack's tag: those that a former version of the file named.
    OldTopic,
    /// The file's rules.
    Rule,
    /// Rules that carry the stack's tag.
    OldRule,
    /// Any rule: those are looked at, too, that others pointed at the topic.
    AnyRule,
    /// The file's alarms.
    Alarm,
    /// Alarms that carry the stack's tag.
    OldAlarm,
    /// Any alarm: those are asked whose they are, too, that others made with the topic as action.
    AnyAlarm,
    /// Any web ACL: which one has a metric name, only each of them tells.
    WebAcl,
    /// The key of the file's topic.
    Key,
    /// The file's queue.
    Queue,
    /// Queues that carry the stack's tag.
    OldQueue,
    /// The queues of tests.
    TestQueue,
    /// The rules of tests.
    TestRule,
    /// The default event bus.
    Bus,
    /// The stack's alarm mute rules.
    MuteRule,
    /// The stack's schedules.
    Schedule,
    /// The role that the stack's schedules take on.
    Role,
    /// The same, as it is handed to EventBridge Scheduler.
    PassedRole,
    /// The stack's state machine.
    Machine,
    /// The roles that start it and that it publishes in.
    MachineRole,
    /// The role that it publishes in, as it is handed to Step Functions.
    PassedToMachine,
    /// The role that starts it, as it is handed to EventBridge.
    PassedToRule,
}

/// Which names a policy has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    All,
    NoAlarms,
    None,
}

/// What the name of something unknown is filled in with: no name holds a control character.
const UNKNOWN: &str = "\0";

impl On {
    /// The statement's name.
    pub(super) fn sid(self) -> &'static str {
        match self {
            Self::Anything => "Anything",
            Self::Topic => "Topic",
            Self::OldTopic => "TopicsOfTheStack",
            Self::Rule => "Rules",
            Self::OldRule => "RulesOfTheStack",
            Self::AnyRule => "AnyRule",
            Self::Alarm => "Alarms",
            Self::OldAlarm => "AlarmsOfTheStack",
            Self::AnyAlarm => "AnyAlarm",
            Self::WebAcl => "WebAcls",
            Self::Key => "Key",
            Self::Queue => "Queue",
            Self::OldQueue => "QueuesOfTheStack",
            Self::TestQueue => "QueuesOfTests",
            Self::TestRule => "RulesOfTests",
            Self::Bus => "Bus",
            Self::MuteRule => "MuteRules",
            Self::Schedule => "Schedules",
            Self::Role => "Role",
            Self::PassedRole => "PassedRole",
            Self::Machine => "StateMachine",
            Self::MachineRole => "RolesOfTheStateMachine",
            Self::PassedToMachine => "PassedToStepFunctions",
            Self::PassedToRule => "PassedToEventBridge",
        }
    }

    /// The resources, as ARNs with wildcards.
    pub(super) fn resources(
        self,
        spec: &Spec,
        who: Option<&Identity>,
        names: Names,
    ) -> Vec<String> {
        let arn = |service: &str, resource: &str| arn(who, service, resource);
        match self {
            Self::Anything => vec!["*".to_owned()],
            Self::Topic => sorted(spec.topics().map(|topic| arn("sns", topic.name.as_str()))),
            Self::OldTopic => vec![arn("sns", "*")],
            Self::Rule if names != Names::None => {
                let heartbeat = spec.watch.heartbeat.iter().map(|heartbeat| &heartbeat.rule);
                let rules = spec.events.iter().map(|event| &event.name).chain(heartbeat);
                sorted(rules.map(|rule| arn("events", &format!("rule/{rule}"))))
            }
            Self::Rule | Self::OldRule | Self::AnyRule => vec![arn("events", "rule/*")],
            Self::Alarm if names == Names::All => {
                let alarms = spec.alarms.iter().chain(spec.watch.alarms()).flat_map(alarm_names);
                sorted(alarms.map(|name| arn("cloudwatch", &format!("alarm:{}", literal(&name)))))
            }
            Self::Alarm | Self::OldAlarm | Self::AnyAlarm => vec![arn("cloudwatch", "alarm:*")],
            Self::WebAcl => ["global", "regional"]
                .map(|scope| arn("wafv2", &format!("{scope}/webacl/*")))
                .into(),
            Self::Key => {
                vec![kms::resource(spec.topic.kms_key.as_deref().unwrap_or_default(), arn)]
            }
            Self::Queue => {
                let queue = spec.watch.dead_letter.iter().map(|letters| &letters.queue);
                queue.map(|queue| arn("sqs", queue.as_str())).collect()
            }
            Self::OldQueue => vec![arn("sqs", "*")],
            Self::TestQueue => {
                vec![arn("sqs", &format!("{}*", queue_prefix(&spec.stack)))]
            }
            Self::TestRule => {
                vec![arn("events", &format!("rule/{}*", rule_prefix(&spec.stack)))]
            }
            Self::Bus => vec![arn("events", "event-bus/default")],
            Self::MuteRule => {
                let names = format!("alarm-mute-rule:{}*", mute_names::prefix(&spec.stack));
                vec![arn("cloudwatch", &names)]
            }
            Self::Schedule => {
                let names = format!("schedule/default/{}*", schedule_name::prefix(&spec.stack));
                vec![arn("scheduler", &names)]
            }
            Self::Role | Self::PassedRole => vec![role(who, &role_name(&spec.stack))],
            Self::Machine => {
                vec![arn("states", &format!("stateMachine:{}", machine_name(&spec.stack)))]
            }
            Self::MachineRole => {
                sorted(StateMachine::roles(&spec.stack).iter().map(|key| role(who, &key.name)))
            }
            Self::PassedToMachine => vec![role(who, &StateMachine::publish_role(&spec.stack).name)],
            Self::PassedToRule => vec![role(who, &StateMachine::start_role(&spec.stack).name)],
        }
    }

    /// What must be true besides.
    pub(super) fn condition(self, spec: &Spec) -> Option<Value> {
        match self {
            Self::OldTopic | Self::OldRule | Self::OldAlarm | Self::OldQueue => {
                let tag = format!("aws:ResourceTag/{}", tags::STACK);
                Some(json!({"StringEquals": {tag: spec.stack.as_str()}}))
            }
            Self::PassedRole => Some(passed_to("scheduler.amazonaws.com")),
            Self::PassedToMachine => Some(passed_to("states.amazonaws.com")),
            Self::PassedToRule => Some(passed_to("events.amazonaws.com")),
            Self::Key => Some(kms::by_alias(kms::alias(spec.topic.kms_key.as_deref()?)?)),
            _ => None,
        }
    }
}

/// The ARN of something in any region; without an account it says `*`.
fn arn(who: Option<&Identity>, service: &str, resource: &str) -> String {
    let partition = who.map_or_else(|| "aws".to_owned(), |who| who.partition.to_string());
    let account = who.map_or("*", |who| who.account.as_str());
    format!("arn:{partition}:{service}:*:{account}:{resource}")
}

/// The ARN of a role: IAM lives in no region.
fn role(who: Option<&Identity>, name: &str) -> String {
    arn(who, "iam", &format!("role/{name}")).replacen(":iam:*:", ":iam::", 1)
}

fn passed_to(service: &str) -> Value {
    json!({"StringEquals": {"iam:PassedToService": service}})
}

/// The names of a section's alarms; what only AWS knows is [`UNKNOWN`].
fn alarm_names(alarm: &AlarmSpec) -> Vec<String> {
    let Some(acl) = &alarm.web_acl else { return vec![alarm.name.to_string()] };
    let filled = |web_acl: &str, rule: &str| {
        let name = alarm.name.as_str();
        let values = [("name", name), ("web_acl", web_acl), ("rule", rule), ("region", UNKNOWN)];
        fill(&acl.alarm_name, &values)
    };
    match &acl.rules {
        // The file may have the ACL's name, and the alarms have its metric name.
        WafRules::All => vec![filled(UNKNOWN, UNKNOWN)],
        WafRules::Named(rules) => rules.iter().map(|(rule, _)| filled(&acl.name, rule)).collect(),
    }
}

/// A name as a pattern that matches it: IAM reads `*`, `?` and `${…}` in it
/// ([policy variables](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html)),
/// and takes no characters beyond Latin-1
/// ([`PolicyDocument`](https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html)).
fn literal(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '*' | '?' | '$' => pattern.extend(['$', '{', c, '}']),
            ' '..='~' | '\u{a0}'..='\u{ff}' => pattern.push(c),
            // One or several that cannot be written.
            _ if pattern.ends_with('*') => {}
            _ => pattern.push('*'),
        }
    }
    pattern
}

fn sorted(list: impl Iterator<Item = String>) -> Vec<String> {
    let mut list: Vec<String> = list.collect();
    list.sort();
    list.dedup();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_pattern_that_matches_it_alone() {
        for (name, pattern) in [
            ("plain-1.2_x y:/", "plain-1.2_x y:/"),
            ("a*b?c$d", "a${*}b${?}c${$}d"),
            ("遮断 α-errors", "* *-errors"),
            ("é\u{7f}x", "é*x"),
            ("waf-\0-\0", "waf-*-*"),
        ] {
            assert_eq!(literal(name), pattern, "{name}");
        }
    }
}
