//! Trying the way to a person: who is there, an event of one's own, an alarm's state, and what
//! arrives.

use super::ProviderError;
use crate::aws::{AlarmState, Region, StackName, Token};
use crate::state::{Reference, ResourceKey, RuleState, Subscription};
use jiff::Timestamp;
use std::future::Future;
use std::time::Duration;

/// An account in which a notification can be tried.
///
/// [`super::ErrorClass::NotFound`] says that what a call is about does not exist, where its answer
/// cannot say it.
pub trait Trial: Sync {
    /// A topic's subscriptions; nothing where there is no such topic.
    fn subscriptions(
        &self,
        topic: &ResourceKey,
    ) -> impl Future<Output = Result<Option<Vec<Subscription>>, ProviderError>> + Send;

    /// Confirms a subscription by a signed call, so that only the account can end it. Answers with
    /// its ARN.
    ///
    /// [`super::ErrorClass::Invalid`] says that the token is wrong or too old.
    fn confirm(
        &self,
        topic: &ResourceKey,
        token: &Token,
    ) -> impl Future<Output = Result<String, ProviderError>> + Send;

    /// The rules and queues of a stack that were made for a while; see
    /// [`crate::aws::tags::TEMPORARY`]. What was made or removed a moment ago may be listed wrongly.
    fn temporary(
        &self,
        region: &Region,
        stack: &StackName,
    ) -> impl Future<Output = Result<Vec<ResourceKey>, ProviderError>> + Send;

    /// A rule's state; nothing where there is no such rule.
    fn rule_state(
        &self,
        rule: &ResourceKey,
    ) -> impl Future<Output = Result<Option<RuleState>, ProviderError>> + Send;

    /// Puts an event on the default bus of a region, and answers with its id.
    fn put_event(
        &self,
        region: &Region,
        event: &EventEntry,
    ) -> impl Future<Output = Result<String, ProviderError>> + Send;

    /// An alarm as it is now; nothing where there is no such alarm.
    fn alarm_now(
        &self,
        alarm: &ResourceKey,
    ) -> impl Future<Output = Result<Option<AlarmNow>, ProviderError>> + Send;

    /// Sets an alarm's state. Its actions run where that is another one.
    fn set_alarm_state(
        &self,
        alarm: &ResourceKey,
        to: AlarmState,
        reason: &str,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;

    /// Subscribes a queue of the same account to a topic, and answers with the subscription's ARN.
    fn listen(
        &self,
        topic: &ResourceKey,
        queue: &ResourceKey,
    ) -> impl Future<Output = Result<String, ProviderError>> + Send;

    /// Takes the messages that a queue has, and waits a while for the first of them. They stay in
    /// the queue for who asks later.
    fn receive(
        &self,
        queue: &ResourceKey,
        wait: Duration,
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send;
}

/// An event as `PutEvents` takes it: account, region, id and version are AWS's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEntry {
    /// Who it says it is from; never one of AWS's own, which begin with `aws.`.
    pub source: String,
    /// What it is about.
    pub detail_type: String,
    /// A JSON object.
    pub detail: String,
    /// ARNs.
    pub resources: Vec<String>,
    /// When it happened; without one when it comes in.
    pub time: Option<Timestamp>,
}

/// An alarm as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmNow {
    /// Its state.
    pub state: AlarmState,
    /// Why, in the words of who set it; empty where that is not known.
    pub reason: String,
    /// Whether its actions run.
    pub enabled: bool,
    /// Who is told of ALARM.
    pub alarm_actions: Vec<Reference>,
    /// Who is told of OK.
    pub ok_actions: Vec<Reference>,
}
