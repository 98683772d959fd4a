//! A close look at a local cloud.

use super::LocalCloud;
use super::keys::LocalKey;
use crate::aws::Region;
use crate::aws::waf::WebAcl;
use crate::provider::{ErrorClass, Inspect, KeyFacts, Provider, ProviderError, SubscriptionFacts};
use crate::state::{ResourceKey, SubscriptionStatus, WebAclQuery};
use jiff::Timestamp;
use std::collections::BTreeMap;

impl LocalCloud {
    /// Puts a customer managed key into a region, in place of the one of that id.
    pub fn put_key(&self, region: &Region, id: &str, key: LocalKey) {
        let mut cloud = self.lock();
        cloud.regions.entry(region.clone()).or_default().keys.insert(id.to_owned(), key);
    }
}

impl Inspect for LocalCloud {
    async fn key(&self, region: &Region, id: &str) -> Result<Option<KeyFacts>, ProviderError> {
        self.lock().key(&self.identity, region, id).map_err(|_| {
            let message = "the local account has no keys";
            ProviderError::new(ErrorClass::NotFound, "kms:DescribeKey", id, message)
        })
    }

    async fn subscription(
        &self,
        topic: &ResourceKey,
        arn: &str,
    ) -> Result<Option<SubscriptionFacts>, ProviderError> {
        let cloud = self.lock();
        let all = cloud.topic(topic).into_iter().flat_map(|topic| &topic.subscriptions);
        let mut of_arn = all.into_iter().filter(|subscription| subscription.arn == arn);
        Ok(of_arn.next().map(|found| SubscriptionFacts {
            confirmed: found.status == SubscriptionStatus::Confirmed,
            // What needs no confirmation was subscribed by its owner.
            confirmation_was_authenticated: found.authenticated
                || !found.protocol.asks_for_confirmation(),
            filter: found.filter.clone(),
        }))
    }

    async fn named_web_acl(&self, query: &WebAclQuery) -> Result<Option<WebAcl>, ProviderError> {
        self.web_acl(query).await.map(Some)
    }

    async fn alarms_since(
        &self,
        region: &Region,
        names: &[&str],
    ) -> Result<BTreeMap<String, Timestamp>, ProviderError> {
        let cloud = self.lock();
        let place = cloud.regions.get(region);
        let since = |name: &&str| {
            let since = place?.alarms.get(*name)?.since.as_ref()?.parse().ok()?;
            Some(((*name).to_owned(), since))
        };
        Ok(names.iter().filter_map(since).collect())
    }
}
