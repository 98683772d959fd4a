//! The one thing that a plan needs from the outside world.
//!
//! A [`Provider`] looks and does; it decides nothing. [`apply()`] runs a plan against one. There are two: [`crate::local::LocalCloud`]
//! in memory and `notify_aws::AwsProvider`. A [`MetricReader`] reads what metrics were, [`Publish`] publishes in one's own name, and a
//! [`ConfigReader`] reads what AWS Config has judged; [`Inspect`] looks at what proves a path, and with a [`Trial`] the way to a person is tried. Both do
//! that, too.

mod apply;
mod config;
mod error;
mod inspect;
mod metrics;
mod publish;
mod trial;

pub use apply::{Applied, Outcome, Report, apply};
pub use config::{
    ConfigReader, ConfigRule, ConfigRuleState, MOST_COUNTED, NonCompliant, RESULTS_A_PAGE,
    RULES_A_COUNT, Recorder, RuleCount,
};
pub use error::{ErrorClass, ProviderError};
pub use inspect::{Inspect, KeyFacts, KeyManager, SubscriptionFacts};
pub use metrics::{
    Batch, Gap, MetricQuery, MetricReader, MetricSeries, QUERIES_A_CALL, ReadCost, VALUES_A_PAGE,
    Window, batches, kept_for, read_cost,
};
pub use publish::{Publish, Readers};
pub use trial::{AlarmNow, EventEntry, Trial};

use crate::aws::waf::WebAcl;
use crate::aws::{Identity, Tags};
use crate::plan::Change;
#[cfg(doc)]
use crate::state::Muting;
use crate::state::{ResourceKey, Scope, State, WebAclQuery};
use std::collections::BTreeMap;
use std::future::Future;

/// How many requests a provider has under way at most, and how many changes [`apply()`] hands it at a time.
pub const AT_A_TIME: usize = 8;

/// How many alarms one delete call takes.
pub const ALARMS_A_DELETE: usize = 100;

/// An account, real or in memory.
///
/// Errors carry their class, the operation and the resource; see [`ProviderError`].
pub trait Provider: Sync {
    /// Whose account it is.
    fn identity(&self) -> impl Future<Output = Result<Identity, ProviderError>> + Send;

    /// A web ACL with its rules: asked only for `rules = "all"`.
    ///
    /// [`ErrorClass::NotFound`] says that there is none of that name or metric name.
    fn web_acl(
        &self,
        query: &WebAclQuery,
    ) -> impl Future<Output = Result<WebAcl, ProviderError>> + Send;

    /// What exists: everything that the scope names, whatever carries the stack's tag, and what
    /// hangs off the topics among these. Alarms come without their tags.
    fn observe(&self, scope: &Scope) -> impl Future<Output = Result<State, ProviderError>> + Send;

    /// The roles of the scope that exist, with their inline policies.
    fn roles(&self, scope: &Scope) -> impl Future<Output = Result<State, ProviderError>> + Send;

    /// What there is of mutes, in the regions of the scope: for [`Muting::Alarms`] the stack's alarm
    /// mute rules, for [`Muting::Events`] its schedules and the role that they take on. Of rules and
    /// schedules no more than their names tell.
    fn mutes(&self, scope: &Scope) -> impl Future<Output = Result<State, ProviderError>> + Send;

    /// The tags of resources that [`Provider::observe`] listed without; one that is gone is left
    /// out of the answer.
    fn owners(
        &self,
        keys: &[ResourceKey],
    ) -> impl Future<Output = Result<BTreeMap<ResourceKey, Tags>, ProviderError>> + Send;

    /// Carries out changes: one, or several that delete alarms of one region. Answers for each in
    /// the same order.
    fn execute(
        &self,
        batch: &[&Change],
    ) -> impl Future<Output = Vec<Result<Done, ProviderError>>> + Send;
}

/// How a change ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It is done.
    Complete,
    /// A subscription was made; its reader must confirm.
    AwaitsConfirmation,
}
