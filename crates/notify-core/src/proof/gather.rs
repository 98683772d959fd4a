//! Asks an account for the facts of a proof.

use super::config::waits_for_config;
use super::questions::{of_alarm, questions, window};
use super::{ConfigFacts, Facts, Known, Measured};
use crate::aws::waf::WafScope;
use crate::aws::{AlarmState, Region};
use crate::plan::Survey;
use crate::provider::{AT_A_TIME, ConfigReader, Inspect, MetricReader};
use crate::state::{
    Alarm, Resource, ResourceKey, State, SubscriptionStatus, WebAclQuery, is_waf_alarm,
};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

/// Asks for what proves the path, as little as it takes: each key, each confirmed subscription,
/// each web ACL once, AWS Config's rules and recorder and all metrics once a region.
///
/// What cannot be asked is in the answer as not known, with the operation's name.
pub async fn gather<P: ConfigReader + Inspect + MetricReader>(
    provider: &P,
    survey: &Survey,
    now: Timestamp,
) -> Facts {
    let Survey { observed, desired, .. } = survey;
    let window = window(now);
    let questions = questions(&desired.state, &survey.plan.identity);
    let metrics = each(questions, |(region, queries)| async move {
        let answers = provider.metric_data(&region, &queries, window).await;
        let answers = answers.map(|answers| {
            Measured::new(queries.into_iter().map(|query| query.metric).zip(answers))
        });
        (region, answers.map_err(Into::into))
    })
    .await;
    let keys = each(topic_keys(observed), |(region, id)| async move {
        let facts = provider.key(&region, &id).await.map_err(Into::into);
        ((region, id), facts)
    })
    .await;
    let subscriptions = each(confirmed(observed), |(key, topic, arn)| async move {
        (key, provider.subscription(&topic, &arn).await.map_err(Into::into))
    })
    .await;
    let config = each(config_regions(survey), |region| async move {
        let rules = provider.config_rules(&region).await.map_err(Into::into);
        let recorder = provider.recorder(&region).await.map_err(Into::into);
        (region, ConfigFacts { rules, recorder })
    })
    .await;
    let web_acls = each(web_acls(&desired.state), |query| async move {
        let acl = provider.named_web_acl(&query).await.map_err(Into::into);
        (query, acl)
    })
    .await;
    let since = each(without_data(survey, &metrics), |(region, names)| async move {
        let asked: Vec<&str> = names.iter().map(String::as_str).collect();
        let since = provider.alarms_since(&region, &asked).await.unwrap_or_default();
        (region, since)
    })
    .await;
    let since = since.into_iter().flat_map(|(region, alarms)| {
        alarms.into_iter().map(move |(name, since)| (alarm_key(&region, name), since))
    });
    let (muted, since) = (BTreeMap::new(), since.collect());
    Facts { window, keys, subscriptions, config, web_acls, metrics, muted, since }
}

/// Asks several things side by side.
async fn each<T, K: Ord, V, F: Future<Output = (K, V)>>(
    asked: impl IntoIterator<Item = T>,
    ask: impl FnMut(T) -> F,
) -> BTreeMap<K, V> {
    let asked = asked.into_iter().map(ask).collect::<Vec<_>>();
    stream::iter(asked).buffer_unordered(AT_A_TIME).collect().await
}

fn alarm_key(region: &Region, name: String) -> ResourceKey {
    let place = crate::state::Place::Region(region.clone());
    ResourceKey { place, kind: crate::state::Kind::Alarm, name }
}

fn topic_keys(observed: &State) -> BTreeSet<(Region, String)> {
    let key = |(at, resource): (&ResourceKey, &Resource)| match resource {
        Resource::Topic(topic) => Some((at.region()?.clone(), topic.kms_key.value()?.clone()?)),
        _ => None,
    };
    observed.iter().filter_map(key).collect()
}

fn confirmed(observed: &State) -> Vec<(ResourceKey, ResourceKey, String)> {
    let of = |(key, resource): (&ResourceKey, &Resource)| match resource {
        Resource::Subscription(s) if s.status.value() == Some(&SubscriptionStatus::Confirmed) => {
            Some((key.clone(), s.topic.clone(), s.arn.value()?.clone()?))
        }
        _ => None,
    };
    observed.iter().filter_map(of).collect()
}

fn config_regions(survey: &Survey) -> BTreeSet<Region> {
    let of = |(key, resource): (&ResourceKey, &Resource)| match resource {
        Resource::Rule(rule) if rule.pattern.as_ref().is_some_and(|p| waits_for_config(&p.0)) => {
            key.region().cloned()
        }
        _ => None,
    };
    survey.desired.state.iter().filter_map(of).collect()
}

/// The web ACL that an alarm watches a rule of.
pub(super) fn web_acl_of(region: &Region, alarm: &Alarm) -> Option<WebAclQuery> {
    let (acl, _) = (alarm.dimensions.get("WebACL")?, alarm.dimensions.get("Rule")?);
    let scope = match alarm.dimensions.get("Region") {
        Some(_) => WafScope::Regional,
        None => WafScope::Cloudfront,
    };
    Some(WebAclQuery { region: region.clone(), scope, name: acl.to_owned() })
}

fn web_acls(desired: &State) -> BTreeSet<WebAclQuery> {
    let of = |(key, resource): (&ResourceKey, &Resource)| match resource {
        Resource::Alarm(alarm) if is_waf_alarm(resource) => web_acl_of(key.region()?, alarm),
        _ => None,
    };
    desired.iter().filter_map(of).collect()
}

/// Alarms that have no data, and had none in the whole window.
fn without_data(
    survey: &Survey,
    metrics: &BTreeMap<Region, Known<Measured>>,
) -> BTreeMap<Region, Vec<String>> {
    let mut found: BTreeMap<Region, Vec<String>> = BTreeMap::new();
    for (key, resource) in &survey.desired.state {
        let (Some(region), Resource::Alarm(_)) = (key.region(), resource) else { continue };
        let Some(Resource::Alarm(there)) = survey.observed.get(key) else { continue };
        let waits = there.state.value() == Some(&AlarmState::InsufficientData);
        let silent = match (metrics.get(region), of_alarm(there)) {
            (Some(Ok(measured)), Some(metric)) => measured.points(&metric).is_empty(),
            _ => false,
        };
        if waits && silent && !is_waf_alarm(resource) {
            found.entry(region.clone()).or_default().push(key.name.clone());
        }
    }
    found
}
