//! What a state machine does in a local cloud.

use super::cloud::Cloud;
use super::machines::NotStarted;
use super::publish::{Refused, Sent};
use crate::aws::{Arn, Identity, Region, TopicName};
use crate::machine::{Execution, Machine, Publish, TaskFailure};
use crate::mail::Notification;
use crate::state::{Reference, ResourceKey};
use jiff::Timestamp;

/// An execution that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) who: &'a Identity,
    pub(super) region: &'a Region,
    /// The rule that asks.
    pub(super) by: &'a str,
    pub(super) machine: &'a ResourceKey,
    /// The role in which EventBridge starts it.
    pub(super) role: Option<&'a Reference>,
    pub(super) input: &'a str,
    pub(super) at: Timestamp,
}

/// Why no message came of it.
#[derive(Debug)]
pub(super) enum NotPublished {
    /// EventBridge could not start the machine, which a dead-letter queue is told.
    NotStarted(NotStarted),
    /// The execution failed, of which the machine's metric tells alone.
    Failed(TaskFailure),
}

impl Cloud {
    /// Runs a machine's stored text, and publishes what it says.
    pub(super) fn execute(&mut self, start: Start<'_>) -> Result<Sent, NotPublished> {
        let Start { who, region, by, machine, role, input, at } = start;
        let machine = self.started(who, machine, role).map_err(NotPublished::NotStarted)?.clone();
        let read = Machine::read(&machine.definition);
        let read = read.map_err(|what| NotPublished::Failed(TaskFailure::not_simulated(&what)))?;
        let mut sent = None;
        let execution = read.run(input, |publish| {
            let topic = here(who, region, publish)?;
            self.may_publish(who, &machine, &topic).map_err(|cause| TaskFailure {
                error: "SNS.AuthorizationErrorException".to_owned(),
                cause,
            })?;
            let notification = Notification {
                subject: publish.subject.clone(),
                attributes: publish.attributes.clone(),
                ..Notification::of_event(publish.message.clone())
            };
            let posted = self.post(who, &topic, by, notification, at);
            sent = Some(posted.map_err(|refused| {
                TaskFailure {
                    error: match refused {
                        Refused::NoResource => "SNS.NotFoundException",
                        _ => "SNS.InvalidParameterException",
                    }
                    .to_owned(),
                    cause: refused.reason(),
                }
            })?);
            Ok(())
        });
        match (execution, sent) {
            (Execution::Published(_), Some(sent)) => Ok(sent),
            (Execution::Failed(failure), _) => Err(NotPublished::Failed(failure)),
            (Execution::Published(_), None) => {
                Err(NotPublished::Failed(TaskFailure::not_simulated("nothing was published")))
            }
        }
    }
}

/// The topic of this account and region that a message is for.
fn here(who: &Identity, region: &Region, publish: &Publish) -> Result<ResourceKey, TaskFailure> {
    let arn: Option<Arn> = publish.topic.parse().ok();
    let name = arn.and_then(|arn| TopicName::parse(&arn.resource).ok());
    let key = name.map(|name| ResourceKey::topic(region, &name));
    // A topic of another account or region has another ARN.
    let is_here =
        |key: &ResourceKey| key.arn(who).is_some_and(|arn| arn.to_string() == publish.topic);
    key.filter(is_here).ok_or_else(|| TaskFailure {
        error: "SNS.NotFoundException".to_owned(),
        cause: "Topic does not exist".to_owned(),
    })
}
