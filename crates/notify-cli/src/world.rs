//! The account that a command works on.

use crate::args::{Global, ProviderName};
use crate::failure::Failure;
use crate::local::Session;
use jiff::Timestamp;
use notify_aws::{AwsProvider, Connection};
use notify_core::aws::waf::WebAcl;
use notify_core::aws::{AlarmState, Identity, Region, StackName, Tags, Token};
use notify_core::mail::Notification;
use notify_core::plan::Change;
use notify_core::provider::{
    AlarmNow, ConfigReader, ConfigRule, Done, EventEntry, Inspect, KeyFacts, MetricQuery,
    MetricReader, MetricSeries, NonCompliant, Provider, ProviderError, Publish, Readers, Recorder,
    RuleCount, SubscriptionFacts, Trial, Window,
};
use notify_core::state::{ResourceKey, RuleState, Scope, State, Subscription, WebAclQuery};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

impl Global {
    /// How AWS is reached.
    pub(crate) fn connection(&self) -> Connection {
        Connection {
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            region: self.region.clone(),
            patience: self.patience.map(|seconds| Duration::from_secs(seconds.into())),
        }
    }
}

/// Either provider.
#[derive(Debug)]
pub(crate) enum World {
    Aws(Box<AwsProvider>),
    Local(Box<Session>),
}

impl World {
    /// Opens the account that the options name; a local one lies beside the spec file.
    pub(crate) async fn open(global: &Global, beside: &Path) -> Result<Self, Failure> {
        Ok(match global.provider {
            ProviderName::Local => Self::Local(Box::new(Session::open(beside)?)),
            ProviderName::Aws => {
                Self::Aws(Box::new(AwsProvider::connect(global.connection()).await?))
            }
        })
    }

    /// The region where the file names none.
    pub(crate) fn default_region(&self) -> Option<Region> {
        match self {
            Self::Aws(aws) => aws.default_region().cloned(),
            Self::Local(_) => Some(Region::us_east_1()),
        }
    }

    /// What to call it beside the account's number.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Aws(_) => "",
            Self::Local(_) => " (local)",
        }
    }

    /// Keeps what was changed.
    pub(crate) fn save(&mut self) -> Result<(), Failure> {
        match self {
            Self::Aws(_) => Ok(()),
            Self::Local(session) => session.save(),
        }
    }
}

impl MetricReader for World {
    async fn metric_data(
        &self,
        region: &Region,
        queries: &[MetricQuery],
        window: Window,
    ) -> Result<Vec<MetricSeries>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.metric_data(region, queries, window).await,
            Self::Local(session) => session.cloud.metric_data(region, queries, window).await,
        }
    }
}

impl ConfigReader for World {
    async fn config_rules(&self, region: &Region) -> Result<Vec<ConfigRule>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.config_rules(region).await,
            Self::Local(session) => session.cloud.config_rules(region).await,
        }
    }

    async fn recorder(&self, region: &Region) -> Result<Option<Recorder>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.recorder(region).await,
            Self::Local(session) => session.cloud.recorder(region).await,
        }
    }

    async fn non_compliant_counts(
        &self,
        region: &Region,
        rules: &[&str],
    ) -> Result<Vec<RuleCount>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.non_compliant_counts(region, rules).await,
            Self::Local(session) => session.cloud.non_compliant_counts(region, rules).await,
        }
    }

    async fn non_compliant(
        &self,
        region: &Region,
        rule: &str,
    ) -> Result<Vec<NonCompliant>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.non_compliant(region, rule).await,
            Self::Local(session) => session.cloud.non_compliant(region, rule).await,
        }
    }
}

impl Inspect for World {
    async fn key(&self, region: &Region, id: &str) -> Result<Option<KeyFacts>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.key(region, id).await,
            Self::Local(session) => session.cloud.key(region, id).await,
        }
    }

    async fn subscription(
        &self,
        topic: &ResourceKey,
        arn: &str,
    ) -> Result<Option<SubscriptionFacts>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.subscription(topic, arn).await,
            Self::Local(session) => session.cloud.subscription(topic, arn).await,
        }
    }

    async fn named_web_acl(&self, query: &WebAclQuery) -> Result<Option<WebAcl>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.named_web_acl(query).await,
            Self::Local(session) => session.cloud.named_web_acl(query).await,
        }
    }

    async fn alarms_since(
        &self,
        region: &Region,
        names: &[&str],
    ) -> Result<BTreeMap<String, Timestamp>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.alarms_since(region, names).await,
            Self::Local(session) => session.cloud.alarms_since(region, names).await,
        }
    }
}

impl Publish for World {
    async fn readers(&self, topic: &ResourceKey) -> Result<Option<Readers>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.readers(topic).await,
            Self::Local(session) => session.cloud.readers(topic).await,
        }
    }

    async fn publish(
        &self,
        topic: &ResourceKey,
        notification: &Notification,
    ) -> Result<String, ProviderError> {
        match self {
            Self::Aws(aws) => aws.publish(topic, notification).await,
            Self::Local(session) => session.cloud.publish(topic, notification).await,
        }
    }
}

impl Provider for World {
    async fn identity(&self) -> Result<Identity, ProviderError> {
        match self {
            Self::Aws(aws) => aws.identity().await,
            Self::Local(session) => session.cloud.identity().await,
        }
    }

    async fn web_acl(&self, query: &WebAclQuery) -> Result<WebAcl, ProviderError> {
        match self {
            Self::Aws(aws) => aws.web_acl(query).await,
            Self::Local(session) => session.cloud.web_acl(query).await,
        }
    }

    async fn observe(&self, scope: &Scope) -> Result<State, ProviderError> {
        match self {
            Self::Aws(aws) => aws.observe(scope).await,
            Self::Local(session) => session.cloud.observe(scope).await,
        }
    }

    async fn roles(&self, scope: &Scope) -> Result<State, ProviderError> {
        match self {
            Self::Aws(aws) => aws.roles(scope).await,
            Self::Local(session) => session.cloud.roles(scope).await,
        }
    }

    async fn mutes(&self, scope: &Scope) -> Result<State, ProviderError> {
        match self {
            Self::Aws(aws) => aws.mutes(scope).await,
            Self::Local(session) => session.cloud.mutes(scope).await,
        }
    }

    async fn owners(
        &self,
        keys: &[ResourceKey],
    ) -> Result<BTreeMap<ResourceKey, Tags>, ProviderError> {
        match self {
            Self::Aws(aws) => aws.owners(keys).await,
            Self::Local(session) => session.cloud.owners(keys).await,
        }
    }

    async fn execute(&self, batch: &[&Change]) -> Vec<Result<Done, ProviderError>> {
        match self {
            Self::Aws(aws) => aws.execute(batch).await,
            Self::Local(session) => session.cloud.execute(batch).await,
        }
    }
}

impl Trial for World {
    async fn subscriptions(
        &self,
        topic: &ResourceKey,
    ) -> Result<Option<Vec<Subscription>>, ProviderError> {
        match self {
            Self::Aws(aws) => Trial::subscriptions(aws.as_ref(), topic).await,
            Self::Local(session) => Trial::subscriptions(&session.cloud, topic).await,
        }
    }

    async fn confirm(&self, topic: &ResourceKey, token: &Token) -> Result<String, ProviderError> {
        match self {
            Self::Aws(aws) => Trial::confirm(aws.as_ref(), topic, token).await,
            Self::Local(session) => Trial::confirm(&session.cloud, topic, token).await,
        }
    }

    async fn temporary(
        &self,
        region: &Region,
        stack: &StackName,
    ) -> Result<Vec<ResourceKey>, ProviderError> {
        match self {
            Self::Aws(aws) => Trial::temporary(aws.as_ref(), region, stack).await,
            Self::Local(session) => Trial::temporary(&session.cloud, region, stack).await,
        }
    }

    async fn rule_state(&self, rule: &ResourceKey) -> Result<Option<RuleState>, ProviderError> {
        match self {
            Self::Aws(aws) => Trial::rule_state(aws.as_ref(), rule).await,
            Self::Local(session) => Trial::rule_state(&session.cloud, rule).await,
        }
    }

    async fn put_event(
        &self,
        region: &Region,
        event: &EventEntry,
    ) -> Result<String, ProviderError> {
        match self {
            Self::Aws(aws) => Trial::put_event(aws.as_ref(), region, event).await,
            Self::Local(session) => Trial::put_event(&session.cloud, region, event).await,
        }
    }

    async fn alarm_now(&self, alarm: &ResourceKey) -> Result<Option<AlarmNow>, ProviderError> {
        match self {
            Self::Aws(aws) => Trial::alarm_now(aws.as_ref(), alarm).await,
            Self::Local(session) => Trial::alarm_now(&session.cloud, alarm).await,
        }
    }

    async fn set_alarm_state(
        &self,
        alarm: &ResourceKey,
        to: AlarmState,
        reason: &str,
    ) -> Result<(), ProviderError> {
        match self {
            Self::Aws(aws) => Trial::set_alarm_state(aws.as_ref(), alarm, to, reason).await,
            Self::Local(session) => Trial::set_alarm_state(&session.cloud, alarm, to, reason).await,
        }
    }

    async fn listen(
        &self,
        topic: &ResourceKey,
        queue: &ResourceKey,
    ) -> Result<String, ProviderError> {
        match self {
            Self::Aws(aws) => Trial::listen(aws.as_ref(), topic, queue).await,
            Self::Local(session) => Trial::listen(&session.cloud, topic, queue).await,
        }
    }

    async fn receive(
        &self,
        queue: &ResourceKey,
        wait: Duration,
    ) -> Result<Vec<String>, ProviderError> {
        match self {
            Self::Aws(aws) => Trial::receive(aws.as_ref(), queue, wait).await,
            Self::Local(session) => Trial::receive(&session.cloud, queue, wait).await,
        }
    }
}
