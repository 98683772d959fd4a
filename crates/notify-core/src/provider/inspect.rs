//! What proves that a path is open, and that no plan needs.

use super::ProviderError;
use crate::aws::policy::Policy;
use crate::aws::waf::WebAcl;
use crate::aws::{Arn, Filter, Region};
use crate::state::{ResourceKey, WebAclQuery};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::future::Future;

/// An account whose keys, subscriptions and alarms can be looked at closely. Nothing is ever
/// changed in it.
///
/// [`super::ErrorClass::NotFound`] of the local account says that it knows nothing of this.
pub trait Inspect: Sync {
    /// A KMS key by its id, ARN or alias; `None` where there is none.
    fn key(
        &self,
        region: &Region,
        id: &str,
    ) -> impl Future<Output = Result<Option<KeyFacts>, ProviderError>> + Send;

    /// A subscription by its ARN; `None` where there is none any more.
    fn subscription(
        &self,
        topic: &ResourceKey,
        arn: &str,
    ) -> impl Future<Output = Result<Option<SubscriptionFacts>, ProviderError>> + Send;

    /// A web ACL that the file names with its rules; `None` where there is none.
    fn named_web_acl(
        &self,
        query: &WebAclQuery,
    ) -> impl Future<Output = Result<Option<WebAcl>, ProviderError>> + Send;

    /// Since when alarms have been in their states; one that is gone is left out.
    fn alarms_since(
        &self,
        region: &Region,
        names: &[&str],
    ) -> impl Future<Output = Result<BTreeMap<String, Timestamp>, ProviderError>> + Send;
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyFacts {
    /// Its ARN.
    pub arn: Arn,
    /// Whether it encrypts.
    pub enabled: bool,
    /// AWS's word for its state, such as `PendingDeletion`.
    pub state: String,
    /// Whose it is.
    pub manager: KeyManager,
    /// Its policy; not read of a key that is AWS's own or does not encrypt.
    pub policy: Option<Policy>,
}

/// Whose a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyManager {
    /// AWS's own, such as `alias/aws/sns`: nobody can let a service use it.
    Aws,
    /// The customer's.
    Customer,
}

/// What is known of a subscription beside what a listing tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionFacts {
    /// Whether messages flow.
    pub confirmed: bool,
    /// Whether it was confirmed by a signed call with `AuthenticateOnUnsubscribe`, so that the
    /// link in each mail does not end it.
    pub confirmation_was_authenticated: bool,
    /// Which messages it takes; `None` takes all.
    pub filter: Option<Filter>,
}
