//! Publishing to a topic, in one's own name.

use super::ProviderError;
use crate::mail::Notification;
use crate::state::ResourceKey;
use std::future::Future;

/// An account in which its owner can publish to topics.
///
/// Whoever has the account's credentials needs no statement in the topic's policy.
pub trait Publish: Sync {
    /// How many a topic's messages go to; nothing where there is no such topic.
    fn readers(
        &self,
        topic: &ResourceKey,
    ) -> impl Future<Output = Result<Option<Readers>, ProviderError>> + Send;

    /// Publishes a message, and answers with its id.
    ///
    /// [`super::ErrorClass::NotFound`] says that there is no such topic.
    fn publish(
        &self,
        topic: &ResourceKey,
        notification: &Notification,
    ) -> impl Future<Output = Result<String, ProviderError>> + Send;
}

/// How many subscriptions a topic has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readers {
    /// Those that get its messages.
    pub confirmed: usize,
    /// Those that wait for their reader to confirm, and get nothing.
    pub pending: usize,
}
