//! A small, faithful AWS in memory.
//!
//! [`LocalCloud`] implements the same [`Provider`] trait as the real one, and refuses what AWS
//! refuses. It is for trying the product without an account, for tests, and for previews. It can
//! be written to text and read again; where that text is kept is its owner's business.

mod cloud;
mod config;
mod counts;
mod emit;
mod execute;
mod inspect;
mod keys;
mod machines;
mod metrics;
mod mutes;
mod publish;
mod queues;
mod steps;
mod trial;

pub use cloud::{Cloud, Held, LocalAlarm, LocalRule, LocalSubscription, LocalTopic, Place};
pub use config::{JudgedRule, SavedConfig, SavedConfigError, Verdict};
pub(crate) use emit::is_kept_from_rules;
pub use emit::{Answer, DeadLetter, Fate, Offered};
pub use keys::LocalKey;
pub use metrics::{Changed, Evaluated};
pub use publish::Sent;
pub use queues::{LocalMessage, LocalQueue};

use crate::alarm::{AlarmError, MetricAlarm, Transition, minute};
use crate::aws::waf::WebAcl;
use crate::aws::{AccountId, Identity, Partition, Region, Tags};
use crate::mail::{Mail, Notification};
use crate::pattern::EventError;
use crate::plan::{Change, Step};
use crate::provider::{
    ConfigReader, ConfigRule, Done, ErrorClass, MetricQuery, MetricReader, MetricSeries,
    NonCompliant, Provider, ProviderError, Publish, Readers, Recorder, RuleCount, Window,
};
use crate::state::{ResourceKey, Scope, State, SubscriptionStatus, WebAclQuery};
use jiff::{Span, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The account of a [`LocalCloud`].
pub const ACCOUNT: &str = "123456789012";

/// An AWS account in memory. See the [module](self).
#[derive(Debug)]
pub struct LocalCloud {
    cloud: Mutex<Cloud>,
    identity: Identity,
    web_acls: Vec<WebAcl>,
    config: SavedConfig,
}

/// A saved cloud cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("not a saved local cloud")]
pub struct LocalCloudError(#[source] serde_json::Error);

impl Default for LocalCloud {
    fn default() -> Self {
        Self::new(Cloud::default())
    }
}

impl LocalCloud {
    fn new(cloud: Cloud) -> Self {
        // Twelve digits, so it parses; another id would only show in ARNs.
        let account = AccountId::parse(ACCOUNT).unwrap_or_else(|_| unreachable!("twelve digits"));
        let identity = Identity { account, partition: Partition::default() };
        Self {
            cloud: Mutex::new(cloud),
            identity,
            web_acls: Vec::new(),
            config: SavedConfig::default(),
        }
    }

    /// Reads what [`LocalCloud::to_json`] wrote.
    pub fn from_json(text: &str) -> Result<Self, LocalCloudError> {
        serde_json::from_str(text).map(Self::new).map_err(LocalCloudError)
    }

    /// Everything in it as JSON text.
    pub fn to_json(&self) -> String {
        // All keys are strings and no value can fail: there is nothing that cannot be written.
        serde_json::to_string_pretty(&*self.lock()).unwrap_or_default()
    }

    /// The web ACLs that it knows.
    #[must_use]
    pub fn with_web_acls(mut self, web_acls: Vec<WebAcl>) -> Self {
        self.web_acls = web_acls;
        self
    }

    /// What it knows of AWS Config, beside what events tell.
    #[must_use]
    pub fn with_config(mut self, config: SavedConfig) -> Self {
        self.config = config;
        self
    }

    /// A copy of everything in it; mails that are on their way are no part of an account.
    pub fn cloud(&self) -> Cloud {
        let mut cloud = self.lock().clone();
        cloud.mails.clear();
        cloud.now = Timestamp::default();
        cloud
    }

    /// Makes one call to AWS, as anybody with the credentials could: tests and demonstrations set
    /// up what others own with it.
    pub fn call(&self, region: &Region, step: &Step) -> Result<Done, ProviderError> {
        self.lock().call(&self.identity, region, step)
    }

    /// Does what readers do: follow the link in the confirmation mail, or the one that
    /// unsubscribes. Answers how many subscriptions of that endpoint changed.
    pub fn reader(&self, endpoint: &str, status: SubscriptionStatus) -> usize {
        self.lock().reader(endpoint, status)
    }

    /// Whose account it is.
    pub fn who(&self) -> &Identity {
        &self.identity
    }

    /// Tells it what time it is: mails and lost events carry it. Without, it is 1970.
    ///
    /// What was to happen meanwhile has happened: schedules whose time has come have run, and what
    /// mutes of alarms held back is sent where they have ended.
    pub fn set_time(&self, now: Timestamp) {
        self.lock().pass(&self.identity, now);
    }

    /// The mails that were sent since this was last asked, those that invite readers included.
    pub fn take_mails(&self) -> Vec<Mail> {
        std::mem::take(&mut self.lock().mails)
    }

    /// Puts an event, as EventBridge delivers it, on the default bus of a region.
    ///
    /// Rules match it, transformers render it, and confirmed readers get mail. What is lost on the
    /// way is in the answer, and in [`Cloud::dead_letters`] with the code that AWS would give. What
    /// an event tells of a Config rule is remembered.
    pub fn emit(&self, region: &Region, event: &str) -> Result<Vec<Offered>, EventError> {
        let mut cloud = self.lock();
        let now = cloud.now;
        let offered = cloud.emit(&self.identity, region, event, now)?;
        cloud.hear_of_config(region, event);
        Ok(offered)
    }

    /// Offers an event to one rule, and to no other.
    pub fn offer(
        &self,
        region: &Region,
        rule: &str,
        event: &str,
    ) -> Result<Option<Answer>, EventError> {
        let mut cloud = self.lock();
        let now = cloud.now;
        let place = cloud.regions.get(region);
        let Some(local) = place.and_then(|place| place.rules.get(rule)).cloned() else {
            return Ok(None);
        };
        cloud.offer(&self.identity, region, rule, &local, event, now).map(Some)
    }

    /// When the minute has ended that it is: the earliest time at which an alarm can have seen what
    /// happened now.
    pub fn minute_end(&self) -> Option<Timestamp> {
        minute(self.lock().now).checked_add(Span::new().minutes(1)).ok()
    }

    /// Lets the time of a rule's schedule come, once. `None` if there is no such rule, or it has no
    /// schedule.
    pub fn fire(&self, region: &Region, rule: &str) -> Option<Answer> {
        let mut cloud = self.lock();
        let now = cloud.now;
        cloud.fire(&self.identity, region, rule, now)
    }

    /// Keeps metric points, written as `aws cloudwatch put-metric-data --cli-input-json` takes
    /// them. Answers the earliest time at which an alarm can have seen all of them.
    pub fn put_metric_data(&self, region: &Region, data: &str) -> Result<Timestamp, AlarmError> {
        self.lock().put_metric_data(region, data)
    }

    /// Evaluates every alarm of a region once, with the points that were put; actions run where
    /// the state changes.
    pub fn evaluate(&self, region: &Region, at: Timestamp) -> Evaluated {
        self.lock().evaluate(&self.identity, region, at)
    }

    /// An alarm as CloudWatch sees it; `None` if there is none of that name.
    pub fn metric_alarm(
        &self,
        region: &Region,
        alarm: &str,
    ) -> Option<Result<MetricAlarm, AlarmError>> {
        self.lock().metric_alarm(&self.identity, region, alarm)
    }

    /// Changes an alarm's state, as `aws cloudwatch set-alarm-state` does; actions run. `None` if
    /// there is no such alarm.
    pub fn set_alarm_state(
        &self,
        region: &Region,
        alarm: &str,
        change: Transition,
    ) -> Result<Option<Changed>, AlarmError> {
        let mut cloud = self.lock();
        let Some(metric_alarm) = cloud.metric_alarm(&self.identity, region, alarm) else {
            return Ok(None);
        };
        let metric_alarm = metric_alarm?;
        Ok(Some(cloud.change_state(&self.identity, region, &metric_alarm, change)))
    }

    /// Confirms an address's subscriptions with the tokens of their mails, as a signed
    /// `ConfirmSubscription` with `AuthenticateOnUnsubscribe` does: the link in each mail does not
    /// end them. Who has left stays away.
    pub fn confirm(&self, endpoint: &str) {
        self.lock().confirm(endpoint);
    }

    fn lock(&self) -> MutexGuard<'_, Cloud> {
        // A panic elsewhere leaves a map that is whole all the same.
        self.cloud.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MetricReader for LocalCloud {
    async fn metric_data(
        &self,
        region: &Region,
        queries: &[MetricQuery],
        window: Window,
    ) -> Result<Vec<MetricSeries>, ProviderError> {
        Ok(self.lock().metric_data(region, queries, window))
    }
}

impl ConfigReader for LocalCloud {
    async fn config_rules(&self, region: &Region) -> Result<Vec<ConfigRule>, ProviderError> {
        self.lock().config_rules(&self.config, region)
    }

    async fn recorder(&self, region: &Region) -> Result<Option<Recorder>, ProviderError> {
        Cloud::recorder(&self.config, region)
    }

    async fn non_compliant_counts(
        &self,
        region: &Region,
        rules: &[&str],
    ) -> Result<Vec<RuleCount>, ProviderError> {
        Ok(self.lock().non_compliant_counts(&self.config, region, rules))
    }

    async fn non_compliant(
        &self,
        region: &Region,
        rule: &str,
    ) -> Result<Vec<NonCompliant>, ProviderError> {
        self.lock().non_compliant(&self.config, region, rule)
    }
}

impl Publish for LocalCloud {
    async fn readers(&self, topic: &ResourceKey) -> Result<Option<Readers>, ProviderError> {
        let cloud = self.lock();
        let Some(there) = cloud.topic(topic) else { return Ok(None) };
        let count =
            |status| there.subscriptions.iter().filter(|there| there.status == status).count();
        Ok(Some(Readers {
            confirmed: count(SubscriptionStatus::Confirmed),
            pending: count(SubscriptionStatus::Pending),
        }))
    }

    async fn publish(
        &self,
        topic: &ResourceKey,
        notification: &Notification,
    ) -> Result<String, ProviderError> {
        let mut cloud = self.lock();
        let (now, notification) = (cloud.now, notification.clone());
        let sent = cloud.post(&self.identity, topic, "", notification, now);
        sent.map(|_| cloud.message_id()).map_err(|refused| {
            let class = match refused {
                publish::Refused::NoResource => ErrorClass::NotFound,
                publish::Refused::NoPermissions | publish::Refused::NoKey(_) => {
                    ErrorClass::AccessDenied
                }
                publish::Refused::Unpublishable(_) => ErrorClass::Invalid,
            };
            ProviderError::new(class, "sns:Publish", topic.to_string(), refused.reason())
        })
    }
}

impl Provider for LocalCloud {
    async fn identity(&self) -> Result<Identity, ProviderError> {
        Ok(self.identity.clone())
    }

    async fn web_acl(&self, query: &WebAclQuery) -> Result<WebAcl, ProviderError> {
        let by = |acl: &&WebAcl| acl.name == query.name || acl.metric == query.name;
        self.web_acls.iter().find(by).cloned().ok_or_else(|| {
            ProviderError::new(
                ErrorClass::NotFound,
                "wafv2:GetWebACL",
                format!("web ACL {}", query.name),
                format!(
                    "the local provider knows the web ACLs that lie in .notify/web-acls/ beside \
                     the file: save the output of `aws wafv2 get-web-acl` as \
                     .notify/web-acls/{}.json",
                    query.name
                ),
            )
        })
    }

    async fn observe(&self, scope: &Scope) -> Result<State, ProviderError> {
        Ok(self.lock().observe(scope))
    }

    async fn roles(&self, scope: &Scope) -> Result<State, ProviderError> {
        Ok(self.lock().observe_roles(scope))
    }

    async fn mutes(&self, scope: &Scope) -> Result<State, ProviderError> {
        Ok(self.lock().observe_mutes(scope))
    }

    async fn owners(
        &self,
        keys: &[ResourceKey],
    ) -> Result<BTreeMap<ResourceKey, Tags>, ProviderError> {
        let cloud = self.lock();
        let tags = |key: &ResourceKey| cloud.tags(key).map(|tags| (key.clone(), tags.clone()));
        Ok(keys.iter().filter_map(tags).collect())
    }

    async fn execute(&self, batch: &[&Change]) -> Vec<Result<Done, ProviderError>> {
        let mut cloud = self.lock();
        let answers = batch.iter().map(|change| cloud.carry_out(&self.identity, change)).collect();
        cloud.regions.retain(|_, place| *place != Place::default());
        answers
    }
}
