//! A test as a value: what is made for a while, what happens, and who watches.

use super::leftovers::change;
use super::names::{Run, queue_name};
use super::{AlarmTest, EventTest, Expected, Refusal};
use crate::aws::policy::{Policy, queue_statement};
use crate::aws::{AlarmState, Identity, Region, StackName, tags};
use crate::mail::subject::of_alarm;
use crate::mail::{DEFAULT_SUBJECT, long_name};
use crate::plan::{Action, Change, QueueAttribute, Step};
use crate::state::{BY_SEND, ResourceKey};
use std::time::Duration;

/// How often the event is put until it has arrived: longer than a message takes, so that a reader
/// gets one mail.
pub const EVERY: Duration = Duration::from_secs(10);

/// How long it is tried. A new rule took about a minute where that was seen.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// How long is waited with the one event where no queue may watch: a rule was live after 65 seconds
/// where that was recorded.
pub const UNSEEN: Duration = Duration::from_secs(65);

/// How long a new queue and its subscription are given to work.
pub const SETTLE: Duration = Duration::from_secs(2);

/// How long the queue keeps what it gets; nobody reads it later.
const KEEPS: Duration = Duration::from_mins(15);

/// A test.
#[derive(Debug, Clone, PartialEq)]
pub struct Errand {
    /// The stack.
    pub stack: StackName,
    /// The notification.
    pub name: String,
    /// Whose account it is.
    pub who: Identity,
    /// The topic that it goes through.
    pub topic: ResourceKey,
    /// What happens.
    pub test: Test,
    /// Who watches.
    pub witness: Witness,
    /// Which run.
    pub run: Run,
}

/// What happens in a test.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// An event.
    Event(Box<EventTest>),
    /// A change of an alarm.
    Alarm(AlarmTest),
}

/// Whether a temporary queue watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// It must: receipt is what the test is about.
    Must,
    /// If the account allows it.
    IfAllowed,
}

impl Test {
    /// What must come out of the topic.
    pub fn expected(&self) -> Expected {
        match self {
            Self::Event(test) => test.expected.clone(),
            Self::Alarm(test) => test.expected(),
        }
    }
}

impl Errand {
    /// The subject of the mail.
    pub fn subject(&self) -> String {
        match &self.test {
            Test::Event(_) => DEFAULT_SUBJECT.to_owned(),
            Test::Alarm(test) => {
                let region = self.topic.region().map_or("", Region::as_str);
                of_alarm(&test.alarm.name, AlarmState::Alarm, long_name(region))
            }
        }
    }

    /// The queue that watches.
    pub fn queue(&self) -> Result<ResourceKey, Refusal> {
        let name = queue_name(&self.stack, &self.name, self.run)
            .map_err(|error| Refusal::new(error.problem, error.help))?;
        let region = self.topic.region().ok_or_else(|| {
            Refusal::new(format!("{} is in no region", self.topic), "name a topic of a region")
        })?;
        Ok(ResourceKey::queue(region, &name))
    }

    /// Makes the queue: with its tags, and open for this topic alone, in one call.
    pub(super) fn make_queue(&self, queue: &ResourceKey) -> Change {
        let arns = queue.arn(&self.who).zip(self.topic.arn(&self.who));
        let policy = arns.map(|(queue, topic)| Policy::of([queue_statement(&queue, &topic)]));
        let step = Step::CreateQueue {
            name: queue.name.clone(),
            attributes: vec![(QueueAttribute::MessageRetentionPeriod, KEEPS.as_secs().to_string())],
            policy,
            tags: tags::temporary(&self.stack, BY_SEND),
        };
        change(queue, Action::Create, vec![step])
    }

    /// Makes the rule with its tags, and then its target.
    pub(super) fn make_rule(&self) -> Option<Change> {
        let Test::Event(test) = &self.test else { return None };
        let made = test.temporary.as_ref()?;
        let steps = vec![
            Step::CreateRule {
                name: made.key.name.clone(),
                rule: made.rule.clone(),
                tags: tags::temporary(&self.stack, BY_SEND),
            },
            Step::PutTarget { rule: made.key.name.clone(), target: made.target.clone() },
        ];
        Some(change(&made.key, Action::Create, steps))
    }
}
