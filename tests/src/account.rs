//! An account for a test: empty, and nobody else's.

use notify_core::aws::{AlarmName, Dimensions, QueueName, Region, RuleName, Tags, TopicName};
use notify_core::aws::{Comparison, Filter, Protocol, TreatMissingData};
use notify_core::pattern::PatternText;
use notify_core::plan::{Action, Change, QueueAttribute, Step, TopicAttribute};
use notify_core::provider::Provider;
use notify_core::state::{
    Alarm, Delivery, Reference, ResourceKey, Rule, RuleState, StateMachine, Target, Want,
};
use notify_core::transform::Input;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;

/// Where tests work.
pub const REGION: &str = "ap-northeast-1";
/// Where they work besides.
pub const OTHER_REGION: &str = "eu-west-1";

/// An empty account, with the provider under test and a way around it.
pub trait Account: Sized + Sync {
    /// The provider under test.
    type Provider: Provider;

    /// An account that nothing was done to.
    fn fresh() -> impl Future<Output = Self>;

    /// The provider under test.
    fn provider(&self) -> &Self::Provider;

    /// Does what a person does in the console of [`REGION`].
    fn by_hand(&self, deed: Deed) -> impl Future<Output = ()>;
}

/// What a person does by hand, so that none of it is ours.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Makes a topic.
    Topic {
        /// Its name.
        name: &'static str,
        /// The sender's name of its mails.
        display_name: &'static str,
        /// A statement of its policy.
        statement: Value,
        /// A tag.
        tag: (&'static str, &'static str),
    },
    /// Subscribes a queue, which must not confirm.
    Subscription {
        /// The topic's name.
        topic: &'static str,
        /// The queue's ARN.
        queue: &'static str,
    },
    /// Lets a queue that is subscribed take some messages alone.
    Filter {
        /// The topic's name.
        topic: &'static str,
        /// The queue's ARN.
        queue: &'static str,
        /// The filter policy, as JSON.
        policy: &'static str,
    },
    /// Makes a queue, with a tag.
    Queue {
        /// Its name.
        name: &'static str,
        /// For how many seconds it keeps a message.
        retention: u32,
    },
    /// Makes a rule without targets, or writes it again.
    Rule {
        /// Its name.
        name: &'static str,
        /// Its description.
        description: &'static str,
        /// Its pattern.
        pattern: &'static str,
    },
    /// Makes a topic the target of a rule.
    Target {
        /// The rule's name.
        rule: &'static str,
        /// The target's id.
        id: &'static str,
        /// The topic's name.
        topic: &'static str,
    },
    /// Makes an alarm that tells a topic of Lambda's errors, or writes it again.
    Alarm {
        /// Its name.
        name: &'static str,
        /// The topic's name.
        topic: &'static str,
        /// Its threshold.
        threshold: f64,
    },
    /// Makes a state machine that does nothing, with a role of its own.
    Machine {
        /// Its name.
        name: &'static str,
    },
    /// Makes a state machine the target of a rule.
    Start {
        /// The rule's name.
        rule: &'static str,
        /// The target's id.
        id: &'static str,
        /// The machine's name.
        machine: &'static str,
        /// The name of the role that starts it.
        role: &'static str,
    },
    /// Puts a tag on a topic.
    TagTopic {
        /// The topic's name.
        topic: &'static str,
        /// The tag.
        tag: (&'static str, &'static str),
    },
}

/// A region by its name, which must be one.
pub fn region(name: &str) -> Region {
    Region::parse(name).expect("a region")
}

/// A topic of [`REGION`].
pub fn topic(name: &str) -> ResourceKey {
    ResourceKey::topic(&region(REGION), &TopicName::parse(name).expect("a topic's name"))
}

/// A queue of [`REGION`].
pub fn queue(name: &str) -> ResourceKey {
    ResourceKey::queue(&region(REGION), &QueueName::parse(name).expect("a queue's name"))
}

/// What a state machine does that a person made.
pub const MACHINE: &str = r#"{"StartAt": "a", "States": {"a": {"Type": "Pass", "End": true}}}"#;
/// The name of its role.
pub const MACHINE_ROLE: &str = "by-hand";

/// Who may take on the role of a state machine that a person made.
pub fn machine_trust() -> Value {
    serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }]})
}

/// The tag of a queue that a person made.
pub const QUEUE_TAG: (&str, &str) = ("team", "b");

/// A rule of [`REGION`].
pub fn rule(name: &str) -> ResourceKey {
    ResourceKey::rule(&region(REGION), &RuleName::parse(name).expect("a rule's name"))
}

/// A target of [`REGION`].
pub fn target(rule: &str, id: &str) -> ResourceKey {
    let rule = RuleName::parse(rule).expect("a rule's name");
    ResourceKey::target(&region(REGION), &rule, id)
}

/// An alarm of [`REGION`].
pub fn alarm(name: &str) -> ResourceKey {
    ResourceKey::alarm(&region(REGION), &AlarmName::parse(name).expect("an alarm's name"))
}

impl Deed {
    /// The deed as a change, for a provider that *is* the account: what a person does in an
    /// in-memory cloud goes in by the same door.
    #[expect(clippy::too_many_lines, reason = "a table: an arm for each deed")]
    pub fn to_change(&self) -> Change {
        let (key, steps) = match self.clone() {
            Self::Topic { name, display_name, statement, tag } => {
                let key = topic(name);
                let create = Step::CreateTopic {
                    name: name.to_owned(),
                    attributes: vec![(TopicAttribute::DisplayName, display_name.to_owned())],
                    tags: tags(tag),
                };
                let policy = Step::MergeTopicPolicy {
                    topic: key.clone(),
                    put: vec![statement],
                    remove: Vec::new(),
                };
                (key, vec![create, policy])
            }
            Self::Subscription { topic: name, queue } => {
                let topic = topic(name);
                let (protocol, endpoint) = (Protocol::Sqs, queue.to_owned());
                let key = ResourceKey::subscription(&topic, protocol, queue);
                (key, vec![Step::Subscribe { topic, protocol, endpoint, filter: None }])
            }
            Self::Filter { topic: name, queue, policy } => {
                // A local account numbers its subscriptions: this is its first one.
                let topic_arn = format!("arn:aws:sns:{REGION}:123456789012:{name}");
                let arn = format!("{topic_arn}:00000000-0000-0000-0000-000000000001");
                let key = ResourceKey::subscription(&topic(name), Protocol::Sqs, queue);
                (key, vec![Step::SetFilter { arn, filter: Filter::parse(policy, false) }])
            }
            Self::Queue { name, retention } => {
                let attributes =
                    vec![(QueueAttribute::MessageRetentionPeriod, retention.to_string())];
                let (key, name, tags) = (queue(name), name.to_owned(), tags(QUEUE_TAG));
                (key, vec![Step::CreateQueue { name, attributes, policy: None, tags }])
            }
            Self::Rule { name, description, pattern } => {
                let made = Rule {
                    description: description.to_owned(),
                    pattern: Some(PatternText(pattern.to_owned())),
                    schedule: None,
                    role: None,
                    state: Want::Exactly(RuleState::Enabled),
                    managed_by: Want::Keep,
                    tags: Want::Keep,
                };
                (rule(name), vec![Step::PutRule { name: name.to_owned(), rule: made }])
            }
            Self::Target { rule: name, id, topic: to } => {
                let made = Target {
                    rule: rule(name),
                    id: id.to_owned(),
                    to: Reference::Key(topic(to)),
                    input: Input::Event,
                    delivery: Want::Exactly(Delivery::default()),
                };
                (target(name, id), vec![Step::PutTarget { rule: name.to_owned(), target: made }])
            }
            Self::Alarm { name, topic: to, threshold } => {
                let made = Box::new(Alarm {
                    description: "by hand".to_owned(),
                    namespace: "AWS/Lambda".to_owned(),
                    metric: "Errors".to_owned(),
                    dimensions: Dimensions::default(),
                    statistic: "Sum".to_owned(),
                    unit: None,
                    period: 300,
                    evaluation_periods: 1,
                    datapoints_to_alarm: None,
                    comparison: Comparison::GreaterThanOrEqualToThreshold,
                    threshold,
                    treat_missing_data: TreatMissingData::Missing,
                    enabled: Want::Exactly(true),
                    alarm_actions: vec![Reference::Key(topic(to))],
                    ok_actions: Vec::new(),
                    insufficient_data_actions: Vec::new(),
                    other: BTreeMap::new(),
                    state: Want::Keep,
                    tags: Want::Keep,
                });
                let step = Step::PutAlarm { name: name.to_owned(), alarm: made, tags: None };
                (alarm(name), vec![step])
            }
            Self::Machine { name } => {
                let role = Step::CreateRole {
                    name: MACHINE_ROLE.to_owned(),
                    description: String::new(),
                    trust: machine_trust(),
                    tags: Tags::new(),
                };
                let made = StateMachine {
                    definition: MACHINE.to_owned(),
                    role: Reference::Key(ResourceKey::role(MACHINE_ROLE)),
                    express: true,
                    tags: Want::Keep,
                };
                let (name, tags) = (name.to_owned(), Tags::new());
                let key = ResourceKey::state_machine(&region(REGION), &name);
                (key, vec![role, Step::CreateStateMachine { name, machine: made, tags }])
            }
            Self::Start { rule: name, id, machine, role } => {
                let made = Target {
                    rule: rule(name),
                    id: id.to_owned(),
                    to: Reference::Key(ResourceKey::state_machine(&region(REGION), machine)),
                    input: Input::Event,
                    delivery: Want::Exactly(Delivery {
                        role: Some(Reference::Key(ResourceKey::role(role))),
                        ..Delivery::default()
                    }),
                };
                (target(name, id), vec![Step::PutTarget { rule: name.to_owned(), target: made }])
            }
            Self::TagTopic { topic: name, tag } => {
                let key = topic(name);
                (key.clone(), vec![Step::Tag { key, tags: tags(tag) }])
            }
        };
        Change {
            key,
            action: Action::Update,
            reason: "by hand".to_owned(),
            fields: Vec::new(),
            steps,
            needs: Vec::new(),
        }
    }
}

fn tags((key, value): (&str, &str)) -> Tags {
    Tags::from([(key.to_owned(), value.to_owned())])
}
