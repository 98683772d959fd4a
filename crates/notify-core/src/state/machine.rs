//! The state machine that publishes a stack's mails with a subject, and the roles that it takes.
//!
//! One for each stack and region: all its rules start the same one. What it does for each of them is
//! in its definition.

use super::mute::role_for;
use super::{Reference, Resource, ResourceKey, Role, Want};
use crate::aws::{Identity, Region, StackName, Tags, TopicName, kms, machine_name, tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A state machine. Settings that are not here, such as its logs, are never read, compared or
/// written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateMachine {
    /// What it does, in the Amazon States Language. Compared as JSON, not as text.
    pub definition: String,
    /// The role that it acts in.
    pub role: Reference,
    /// Whether it is an Express one, which a machine is made as and stays.
    pub express: bool,
    /// Its tags.
    pub tags: Want<Tags>,
}

/// What a role's one policy is called.
const POLICY: &str = "notify";

impl StateMachine {
    /// The key of a stack's machine in a region.
    pub fn of(stack: &StackName, region: &Region) -> ResourceKey {
        ResourceKey::state_machine(region, &machine_name(stack))
    }

    /// The key of the role in which EventBridge starts a stack's machines.
    pub fn start_role(stack: &StackName) -> ResourceKey {
        ResourceKey::role(&role_for(stack, "start"))
    }

    /// The key of the role in which a stack's machines publish.
    pub fn publish_role(stack: &StackName) -> ResourceKey {
        ResourceKey::role(&role_for(stack, "publish"))
    }

    /// Both roles.
    pub fn roles(stack: &StackName) -> [ResourceKey; 2] {
        [Self::publish_role(stack), Self::start_role(stack)]
    }
}

/// The roles of a stack. They live in no region, so they say nothing of any: a run that works in
/// one region finds them as the others left them.
pub(crate) fn roles(
    stack: &StackName,
    topic: &TopicName,
    key: Option<&str>,
    who: &Identity,
) -> [(ResourceKey, Resource); 2] {
    let anywhere = |service: &str, resource: &str| {
        format!("arn:{}:{service}:*:{}:{resource}", who.partition, who.account)
    };
    let machine = anywhere("states", &format!("stateMachine:{}", machine_name(stack)));
    let mut publishes = vec![json!({
        "Sid": "Publish",
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Resource": anywhere("sns", topic.as_str()),
    })];
    publishes.extend(key.map(|key| encrypts(key, &anywhere)));
    let starts = vec![json!({
        "Sid": "Start",
        "Effect": "Allow",
        "Action": "states:StartExecution",
        "Resource": machine,
    })];
    let role = |what: String, service: &str, statements: Vec<Value>| {
        Resource::Role(Role {
            description: what,
            trust: trust(service, who),
            policies: BTreeMap::from([(
                POLICY.to_owned(),
                json!({"Version": "2012-10-17", "Statement": statements}),
            )]),
            tags: Want::Contains(tags::ours(stack)),
        })
    };
    let publish = format!("Lets the state machine of the stack {stack} publish");
    let start = format!("Lets EventBridge start the state machine of the stack {stack}");
    [
        (StateMachine::publish_role(stack), role(publish, "states.amazonaws.com", publishes)),
        (StateMachine::start_role(stack), role(start, "events.amazonaws.com", starts)),
    ]
}

/// Only the service takes the role on, and only for this account. Both services say for whom they
/// act when they take a role on
/// ([EventBridge](https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html),
/// [Step Functions](https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html)).
fn trust(service: &str, who: &Identity) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": who.account.as_str()}},
        }],
    })
}

/// What publishing to a topic with a key of one's own takes besides
/// ([key management](https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html)).
fn encrypts(key: &str, anywhere: &dyn Fn(&str, &str) -> String) -> Value {
    let mut statement = json!({
        "Sid": "Encrypt",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": kms::resource(key, anywhere),
    });
    if let (Some(alias), Some(statement)) = (kms::alias(key), statement.as_object_mut()) {
        statement.insert("Condition".to_owned(), kms::by_alias(alias));
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(name: &str) -> StackName {
        StackName::parse(name).unwrap()
    }

    #[test]
    fn roles_are_named_after_their_stack_and_fit() {
        for of in ["a", "security.prod", &"s".repeat(64), &"s.".repeat(32)] {
            let names: Vec<String> =
                StateMachine::roles(&stack(of)).into_iter().map(|key| key.name).collect();
            assert!(names.iter().all(|name| name.len() <= 64), "{names:?}");
            assert_ne!(names[0], names[1]);
            assert!(!names.contains(&super::super::role_name(&stack(of))), "{names:?}");
        }
        let [publish, start] = StateMachine::roles(&stack("security"));
        assert_eq!(publish.to_string(), "global/role/notify-security-publish");
        assert_eq!(start.to_string(), "global/role/notify-security-start");
    }

    #[test]
    fn roles_may_do_one_thing() {
        let who =
            Identity::from_caller("123456789012", "arn:aws-cn:iam::123456789012:root").unwrap();
        let topic = TopicName::parse("alerts").unwrap();
        let made = |key: Option<&str>| roles(&stack("my.shop"), &topic, key, &who);
        let statements = |resource: &Resource| {
            let Resource::Role(role) = resource else { panic!("a role") };
            role.policies["notify"]["Statement"].as_array().unwrap().clone()
        };
        let [(_, publish), (_, start)] = made(None);
        assert_eq!(statements(&publish).len(), 1);
        assert_eq!(statements(&publish)[0]["Resource"], "arn:aws-cn:sns:*:123456789012:alerts");
        let machine = machine_name(&stack("my.shop"));
        let arn = format!("arn:aws-cn:states:*:123456789012:stateMachine:{machine}");
        assert_eq!(statements(&start)[0]["Resource"], arn);
        assert_eq!(statements(&start)[0]["Action"], "states:StartExecution");

        let encrypt = |key: &str| statements(&made(Some(key))[0].1)[1].clone();
        assert_eq!(encrypt("1234")["Resource"], "arn:aws-cn:kms:*:123456789012:key/1234");
        assert_eq!(encrypt("1234").get("Condition"), None);
        let by_alias = encrypt("alias/k");
        assert_eq!(by_alias["Resource"], "arn:aws-cn:kms:*:123456789012:key/*");
        let named = json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/k"}});
        assert_eq!(by_alias["Condition"], named);
        assert_eq!(statements(&made(Some("alias/k"))[1].1).len(), 1, "only one of them publishes");
    }
}
