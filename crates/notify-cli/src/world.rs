//! The account that a command works on.

use crate::args::{Global, ProviderName};
use crate::failure::Failure;
use crate::local::Session;
use notify_aws::{AwsProvider, Connection};
use notify_core::aws::waf::WebAcl;
use notify_core::aws::{Identity, Region, Tags};
use notify_core::mail::Notification;
use notify_core::plan::Change;
use notify_core::provider::{
    Done, MetricQuery, MetricReader, MetricSeries, Provider, ProviderError, Publish, Readers,
    Window,
};
use notify_core::state::{ResourceKey, Scope, State, WebAclQuery};
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
