//! The provider: which region's clients do what.

use crate::connect::{Clients, Connection, load};
use crate::errors::{if_there, refused};
use crate::inventory::{self, Inventory};
use crate::regional::Regional;
use crate::{
    cloudwatch, config, execute, iam, kms, metrics, mute, observe, scheduler, sns, trial, waf,
};
use aws_config::SdkConfig;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use notify_core::aws::waf::{WafScope, WebAcl};
use notify_core::aws::{AlarmState, Identity, Region, StackName, Tags, Token};
use notify_core::mail::Notification;
use notify_core::plan::Change;
use notify_core::provider::{
    AT_A_TIME, AlarmNow, ConfigReader, ConfigRule, Done, ErrorClass, EventEntry, Inspect, KeyFacts,
    MetricQuery, MetricReader, MetricSeries, NonCompliant, Provider, ProviderError, Publish,
    Readers, Recorder, RuleCount, SubscriptionFacts, Trial, Window,
};
use notify_core::state::{
    Muting, Resource, ResourceKey, RuleState, Schedule, Scope, State, Subscription, WebAclQuery,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore};

/// An AWS account.
///
/// Clients are made for a region when it is first worked in, and the caller's identity is asked
/// for once.
#[derive(Debug)]
pub struct AwsProvider {
    /// `None` where the clients were given.
    config: Option<SdkConfig>,
    default_region: Option<Region>,
    regions: Mutex<BTreeMap<Region, Arc<Regional>>>,
    permits: Arc<Semaphore>,
    identity: OnceCell<Identity>,
    /// Whether AWS is given time to learn of what was written.
    settles: bool,
}

impl AwsProvider {
    /// Reads the AWS configuration; nothing is asked of AWS yet.
    ///
    /// # Errors
    ///
    /// [`ErrorClass::Invalid`] where the configuration names a region that cannot be one.
    pub async fn connect(connection: Connection) -> Result<Self, ProviderError> {
        let (config, default_region) = load(connection).await?;
        // What answers on this machine has no parts that learn late.
        let settles = !config.endpoint_url().is_some_and(is_loopback);
        let none = Self::from_clients(BTreeMap::new());
        Ok(Self { config: Some(config), default_region, settles, ..none })
    }

    /// A provider of clients that exist, such as mocks; it works in their regions alone. The
    /// first one is its default region.
    pub fn from_clients(clients: BTreeMap<Region, Clients>) -> Self {
        let permits = Arc::new(Semaphore::new(AT_A_TIME));
        let default_region = clients.keys().next().cloned();
        let regional = |(region, clients): (Region, Clients)| {
            (region.clone(), Arc::new(Regional::new(region, clients, Arc::clone(&permits))))
        };
        let regions = Mutex::new(clients.into_iter().map(regional).collect());
        let identity = OnceCell::new();
        Self { config: None, default_region, regions, permits, identity, settles: true }
    }

    /// Waits for nothing to be known everywhere: right for a server of one's own, which knows all at
    /// once.
    #[must_use]
    pub fn without_settling(self) -> Self {
        Self { settles: false, ..self }
    }

    /// The region of the connection or of the AWS configuration.
    pub fn default_region(&self) -> Option<&Region> {
        self.default_region.as_ref()
    }

    /// What there is to be told of in a region: AWS Config's rules and web ACLs.
    ///
    /// # Errors
    ///
    /// Those of the calls.
    pub async fn inventory(&self, region: &Region) -> Result<Inventory, ProviderError> {
        inventory::take(&*self.at(region)?).await
    }

    fn at(&self, region: &Region) -> Result<Arc<Regional>, ProviderError> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = regions.get(region) {
            return Ok(Arc::clone(there));
        }
        let config = self.config.as_ref().ok_or_else(|| {
            let message = "there are no clients for this region";
            ProviderError::new(ErrorClass::Invalid, "", region.to_string(), message)
        })?;
        let clients = Clients::of(config, region);
        let new = Arc::new(Regional::new(region.clone(), clients, Arc::clone(&self.permits)));
        regions.insert(region.clone(), Arc::clone(&new));
        Ok(new)
    }

    /// The region that a resource is asked for in. What lives in none is asked for in the one whose
    /// configuration is at hand: every region knows the addresses of its partition.
    fn at_home_of(&self, key: &ResourceKey) -> Result<Arc<Regional>, ProviderError> {
        match key.region() {
            Some(region) => self.at(region),
            None => self.anywhere(),
        }
    }

    fn anywhere(&self) -> Result<Arc<Regional>, ProviderError> {
        // us-east-1 is only for the case that nothing else is known.
        self.at(&self.default_region.clone().unwrap_or_else(Region::us_east_1))
    }

    async fn who(&self) -> Result<&Identity, ProviderError> {
        self.identity.get_or_try_init(|| self.ask_who()).await
    }

    async fn ask_who(&self) -> Result<Identity, ProviderError> {
        const OPERATION: &str = "sts:GetCallerIdentity";
        let at = self.anywhere()?;
        let answer =
            at.call(OPERATION, &"", || at.clients.sts.get_caller_identity().send()).await?;
        let (account, arn) = (answer.account.unwrap_or_default(), answer.arn.unwrap_or_default());
        Identity::from_caller(&account, &arn)
            .map_err(|error| refused(OPERATION, &"", "", &error.to_string()))
    }

    async fn change(&self, change: &Change) -> Result<Done, ProviderError> {
        let (at, who) = (self.at_home_of(&change.key)?, self.who().await?);
        execute::change(&at, change, who, self.settles).await
    }

    async fn delete_alarms(&self, first: &Change, names: Vec<String>) -> Result<(), ProviderError> {
        let at = self.at_home_of(&first.key)?;
        cloudwatch::delete_alarms(&at, names, &first.key).await
    }
}

impl MetricReader for AwsProvider {
    async fn metric_data(
        &self,
        region: &Region,
        queries: &[MetricQuery],
        window: Window,
    ) -> Result<Vec<MetricSeries>, ProviderError> {
        metrics::read(&*self.at(region)?, queries, window).await
    }
}

impl ConfigReader for AwsProvider {
    async fn config_rules(&self, region: &Region) -> Result<Vec<ConfigRule>, ProviderError> {
        config::rules(&*self.at(region)?).await
    }

    async fn recorder(&self, region: &Region) -> Result<Option<Recorder>, ProviderError> {
        config::recorder(&*self.at(region)?).await
    }

    async fn non_compliant_counts(
        &self,
        region: &Region,
        rules: &[&str],
    ) -> Result<Vec<RuleCount>, ProviderError> {
        config::counts(&*self.at(region)?, rules).await
    }

    async fn non_compliant(
        &self,
        region: &Region,
        rule: &str,
    ) -> Result<Vec<NonCompliant>, ProviderError> {
        config::details(&*self.at(region)?, rule).await
    }
}

impl Inspect for AwsProvider {
    async fn key(&self, region: &Region, id: &str) -> Result<Option<KeyFacts>, ProviderError> {
        kms::key(&*self.at(region)?, id).await
    }

    async fn subscription(
        &self,
        topic: &ResourceKey,
        arn: &str,
    ) -> Result<Option<SubscriptionFacts>, ProviderError> {
        sns::subscription_facts(&*self.at_home_of(topic)?, topic, arn).await
    }

    async fn named_web_acl(&self, query: &WebAclQuery) -> Result<Option<WebAcl>, ProviderError> {
        if_there(self.web_acl(query).await)
    }

    async fn alarms_since(
        &self,
        region: &Region,
        names: &[&str],
    ) -> Result<BTreeMap<String, Timestamp>, ProviderError> {
        cloudwatch::since(&*self.at(region)?, names).await
    }
}

impl Publish for AwsProvider {
    async fn readers(&self, topic: &ResourceKey) -> Result<Option<Readers>, ProviderError> {
        let at = self.at_home_of(topic)?;
        sns::readers(&at, topic, &execute::arn(topic, self.who().await?)?).await
    }

    async fn publish(
        &self,
        topic: &ResourceKey,
        notification: &Notification,
    ) -> Result<String, ProviderError> {
        let at = self.at_home_of(topic)?;
        sns::publish(&at, topic, &execute::arn(topic, self.who().await?)?, notification).await
    }
}

impl Trial for AwsProvider {
    async fn subscriptions(
        &self,
        topic: &ResourceKey,
    ) -> Result<Option<Vec<Subscription>>, ProviderError> {
        let at = self.at_home_of(topic)?;
        let arn = execute::arn(topic, self.who().await?)?;
        let found = if_there(sns::subscriptions(&at, topic, &arn).await)?;
        Ok(found.map(|found| found.into_values().collect()))
    }

    async fn confirm(&self, topic: &ResourceKey, token: &Token) -> Result<String, ProviderError> {
        let at = self.at_home_of(topic)?;
        trial::confirm(&at, topic, &execute::arn(topic, self.who().await?)?, token).await
    }

    async fn temporary(
        &self,
        region: &Region,
        stack: &StackName,
    ) -> Result<Vec<ResourceKey>, ProviderError> {
        trial::temporary(&*self.at(region)?, stack).await
    }

    async fn rule_state(&self, rule: &ResourceKey) -> Result<Option<RuleState>, ProviderError> {
        trial::rule_state(&*self.at_home_of(rule)?, rule).await
    }

    async fn put_event(
        &self,
        region: &Region,
        event: &EventEntry,
    ) -> Result<String, ProviderError> {
        trial::put_event(&*self.at(region)?, event).await
    }

    async fn alarm_now(&self, alarm: &ResourceKey) -> Result<Option<AlarmNow>, ProviderError> {
        trial::alarm_now(&*self.at_home_of(alarm)?, alarm, self.who().await?).await
    }

    async fn set_alarm_state(
        &self,
        alarm: &ResourceKey,
        to: AlarmState,
        reason: &str,
    ) -> Result<(), ProviderError> {
        trial::set_alarm_state(&*self.at_home_of(alarm)?, alarm, to, reason).await
    }

    async fn listen(
        &self,
        topic: &ResourceKey,
        queue: &ResourceKey,
    ) -> Result<String, ProviderError> {
        let (at, who) = (self.at_home_of(topic)?, self.who().await?);
        trial::listen(&at, topic, &execute::arn(topic, who)?, &execute::arn(queue, who)?).await
    }

    async fn receive(
        &self,
        queue: &ResourceKey,
        wait: Duration,
    ) -> Result<Vec<String>, ProviderError> {
        trial::receive(&*self.at_home_of(queue)?, queue, wait).await
    }
}

impl Provider for AwsProvider {
    async fn identity(&self) -> Result<Identity, ProviderError> {
        self.who().await.cloned()
    }

    async fn web_acl(&self, query: &WebAclQuery) -> Result<WebAcl, ProviderError> {
        // CloudFront's web ACLs are asked for in us-east-1, whoever wants them.
        let at = match query.scope {
            WafScope::Regional => self.at(&query.region)?,
            WafScope::Cloudfront => self.at(&Region::us_east_1())?,
        };
        waf::web_acl(&at, query).await
    }

    async fn observe(&self, scope: &Scope) -> Result<State, ProviderError> {
        let who = self.who().await?;
        let each = try_join_all(scope.regions.iter().map(|(region, wanted)| async move {
            let at = self.at(region)?;
            observe::region(&at, scope, wanted, who).await
        }));
        Ok(each.await?.into_iter().flatten().collect())
    }

    async fn roles(&self, scope: &Scope) -> Result<State, ProviderError> {
        let at = &*self.anywhere()?;
        let each = try_join_all(scope.roles.iter().map(|name| async move {
            let key = ResourceKey::role(name);
            let role = iam::role(at, &key).await?;
            Ok::<_, ProviderError>(role.map(|role| (key, Resource::Role(role))))
        }));
        Ok(each.await?.into_iter().flatten().collect())
    }

    async fn mutes(&self, scope: &Scope) -> Result<State, ProviderError> {
        let stack = &scope.stack;
        let (events, alarms) = (Muting::Events, Muting::Alarms);
        let each = try_join_all(scope.regions.keys().map(|region| async move {
            let at = self.at(region)?;
            let mut state = State::new();
            if scope.mutes.contains(&alarms) {
                let mutes = mute::mutes(&at, stack).await?.into_iter();
                state.extend(mutes.map(|(key, mute)| (key, Resource::Mute(mute))));
            }
            if scope.mutes.contains(&events) {
                let schedules = scheduler::schedules(&at, stack).await?.into_iter();
                state.extend(schedules.map(|(key, one)| (key, Resource::Schedule(one))));
            }
            Ok::<_, ProviderError>(state)
        }));
        let mut state: State = each.await?.into_iter().flatten().collect();
        if scope.mutes.contains(&events) {
            let key = Schedule::role_of(stack);
            let role = iam::role(&*self.anywhere()?, &key).await?;
            state.extend(role.map(|role| (key, Resource::Role(role))));
        }
        Ok(state)
    }

    async fn owners(
        &self,
        keys: &[ResourceKey],
    ) -> Result<BTreeMap<ResourceKey, Tags>, ProviderError> {
        let who = self.who().await?;
        let each = try_join_all(keys.iter().map(|key| async move {
            let at = self.at_home_of(key)?;
            let tags = if_there(execute::tags(&at, key, who).await)?;
            Ok::<_, ProviderError>(tags.map(|tags| (key.clone(), tags)))
        }));
        Ok(each.await?.into_iter().flatten().collect())
    }

    async fn execute(&self, batch: &[&Change]) -> Vec<Result<Done, ProviderError>> {
        let names: Option<Vec<String>> =
            batch.iter().map(|change| change.deletes_alarm().map(str::to_owned)).collect();
        if let (Some(first), Some(names)) = (batch.first(), names) {
            match self.delete_alarms(first, names).await {
                // One that a composite alarm needs stops the whole call: only it is to fail.
                Err(error) if batch.len() > 1 && is_of_one(error.class) => {}
                answer => return for_each(batch, answer),
            }
        }
        let mut answers = Vec::with_capacity(batch.len());
        for change in batch {
            answers.push(self.change(change).await);
        }
        answers
    }
}

/// Whether an endpoint is on this machine.
fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(v6) => v6.starts_with("::1]"),
        None => {
            let name = host.split(':').next().unwrap_or_default();
            let address = name.parse::<std::net::Ipv4Addr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
    }
}

/// Whether one of several may be what AWS refuses, and the others may be well.
fn is_of_one(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Invalid | ErrorClass::Conflict)
}

/// One call's answer, for each of the changes that it was made for.
fn for_each(
    batch: &[&Change],
    answer: Result<(), ProviderError>,
) -> Vec<Result<Done, ProviderError>> {
    let Err(error) = answer else { return batch.iter().map(|_| Ok(Done::Complete)).collect() };
    let ProviderError { class, operation, resource: _, message, source } = error;
    let mut source = source;
    let failed = |change: &&Change| {
        let (operation, resource) = (operation.clone(), change.key.to_string());
        // The cause cannot be copied: it stays with the first.
        let mut failed = ProviderError::new(class, operation, resource, message.clone());
        failed.source = source.take();
        Err(failed)
    };
    batch.iter().map(failed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_this_machine() {
        for (url, is) in [
            ("http://127.0.0.1:4566", true),
            ("http://127.8.0.1/", true),
            ("http://localhost:4566/x", true),
            ("http://[::1]:4566", true),
            ("https://sns.eu-west-1.amazonaws.com", false),
            ("https://localhost.example.com", false),
            ("https://example.com/127.0.0.1", false),
            ("https://[2001:db8::1]", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(url), is, "{url}");
        }
    }
}
