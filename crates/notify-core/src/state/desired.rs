//! From the spec to the state that it asks for.

mod audience;
mod machine;
mod watch;

use super::{
    Alarm, Reference, Resource, ResourceKey, Rule, RuleState, State, StateMachine, Subscription,
    Target, Topic, Want,
};
use crate::aws::policy::{Policy, alarms_statement, events_statement, publisher_statement};
use crate::aws::waf::{WafRule, WafScope, WebAcl};
use crate::aws::{AlarmName, Identity, Region, Tags, tags};
use crate::spec::{
    AlarmSpec, DeliveryKind, EventSpec, PublisherSpec, Spec, SubscriptionSpec, TopicSpec, WafRules,
    WebAclSpec, fill,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The id of the targets that we make.
pub(crate) const TARGET_ID: &str = "notify";

/// Whether a target's id is one that we give: `notify`, or `notify-2` where that was taken.
pub(crate) fn is_our_id(id: &str) -> bool {
    let rest = id.strip_prefix(TARGET_ID);
    rest.is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('-').is_some_and(|n| n.parse::<u32>().is_ok())
    })
}

/// What the spec does not say.
#[derive(Debug, Clone)]
pub struct Context {
    /// Whose account it is.
    pub identity: Identity,
    /// The region where the spec names none.
    pub default_region: Option<Region>,
    /// Works in this region alone, and leaves the stack's others as they are.
    pub only: Option<Region>,
    /// The web ACLs that [`web_acl_queries`] asked for; an error is why one could not be read.
    pub web_acls: BTreeMap<WebAclQuery, Result<WebAcl, String>>,
}

/// A web ACL to look up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WebAclQuery {
    /// Where its alarms are; us-east-1 for CloudFront.
    pub region: Region,
    /// Regional or CloudFront.
    pub scope: WafScope,
    /// Its name or metric name.
    pub name: String,
}

/// What a spec asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The resources.
    pub state: State,
    /// The notification of the file that each alarm of it belongs to: it may have many.
    pub alarms: BTreeMap<ResourceKey, String>,
    /// All regions of the stack, also those that this run leaves alone.
    pub regions: BTreeSet<Region>,
    /// Where nothing is known of a web ACL, so that no WAF alarm may change.
    pub holds: Vec<Hold>,
    /// What a person should know.
    pub notes: Vec<Note>,
}

impl Desired {
    /// An error where the stack is not in a region that a run is limited to.
    pub(crate) fn is_in(&self, only: &Region) -> Result<(), DesiredError> {
        if self.regions.contains(only) {
            return Ok(());
        }
        Err(DesiredError {
            message: format!("the file does not name the region {only}"),
            help: "add it to `regions`; to remove what is left there: `destroy --region`"
                .to_owned(),
        })
    }
}

/// A region whose WAF alarms stay as they are, because a web ACL could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The region.
    pub region: Region,
    /// Why.
    pub reason: String,
}

/// Something that a person should know and that is no change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What about.
    pub kind: NoteKind,
    /// The resource, where it is one.
    pub key: Option<ResourceKey>,
    /// The text.
    pub text: String,
}

/// What a [`Note`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// A person must do something: confirm, invite again.
    Waiting,
    /// It is there and not in the file, and stays.
    NotOurs,
    /// The file could be better.
    Warning,
    /// Worth knowing.
    Info,
}

/// Why a spec cannot be turned into resources in this account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DesiredError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// The web ACLs whose rules the spec asks for with `rules = "all"`.
pub fn web_acl_queries(
    spec: &Spec,
    default_region: Option<&Region>,
    only: Option<&Region>,
) -> Result<BTreeSet<WebAclQuery>, DesiredError> {
    let mut queries = BTreeSet::new();
    let base = base_regions(spec, default_region, only)?;
    for alarm in &spec.alarms {
        let Some(acl) = &alarm.web_acl else { continue };
        if acl.rules == WafRules::All {
            for region in in_scope(alarm_regions(alarm, &base), only) {
                queries.insert(WebAclQuery { region, scope: acl.scope, name: acl.name.clone() });
            }
        }
    }
    Ok(queries)
}

/// The state that a spec asks for.
pub fn desired(spec: &Spec, context: &Context) -> Result<Desired, DesiredError> {
    let only = context.only.as_ref();
    let base = base_regions(spec, context.default_region.as_ref(), only)?;
    let events = spec.events.iter().map(|event| (event, event_regions(event, &base)));
    let events: Vec<(&EventSpec, BTreeSet<Region>)> = events.collect();
    let alarms = spec.alarms.iter().map(|alarm| (alarm, alarm_regions(alarm, &base)));
    let alarms: Vec<(&AlarmSpec, BTreeSet<Region>)> = alarms.collect();

    let publishers = spec.publishers.iter().map(|publisher| {
        let own: BTreeSet<Region> = publisher.regions.iter().cloned().collect();
        (publisher, if own.is_empty() { base.clone() } else { own })
    });
    let publishers: Vec<(&PublisherSpec, BTreeSet<Region>)> = publishers.collect();

    let mut regions = base;
    regions.extend(publishers.iter().flat_map(|(_, regions)| regions.iter().cloned()));
    regions.extend(events.iter().flat_map(|(_, regions)| regions.iter().cloned()));
    regions.extend(alarms.iter().flat_map(|(_, regions)| regions.iter().cloned()));
    let mut topic_tags = tags::ours(&spec.stack);
    let value = tags::from_regions(&regions);
    if value.chars().count() > tags::MOST_CHARACTERS {
        return Err(DesiredError {
            message: format!("{} regions do not fit into the topic's tag", regions.len()),
            help: "split the file into several stacks".to_owned(),
        });
    }
    topic_tags.insert(tags::REGIONS.to_owned(), value);

    let warning = |text: &String| Note { kind: NoteKind::Warning, key: None, text: text.clone() };
    let notes = spec.warnings.iter().map(warning).collect();
    let mut made =
        Desired { state: State::new(), alarms: BTreeMap::new(), regions, holds: Vec::new(), notes };
    if only.is_none() && made.regions.len() > 1 && spec.readers().next().is_some() {
        made.notes.push(Note {
            kind: NoteKind::Info,
            key: None,
            text: format!(
                "{} regions mean {} topics, and a confirmation mail from each to every address",
                made.regions.len(),
                made.regions.len() * spec.topics().count()
            ),
        });
    }
    made.notes.extend(audience::notes(spec));
    if spec.topic.kms_key.is_some() {
        made.notes.extend(publishers.iter().map(|(publisher, _)| Note {
            kind: NoteKind::Info,
            key: None,
            text: format!(
                "the topic's key must let {} use it (kms:GenerateDataKey*, kms:Decrypt); nobody \
                 checks that here",
                publisher.principal
            ),
        }));
    }
    let letters = machine::letters(&events);
    for region in in_scope(made.regions.clone(), only) {
        let letters = letters.get(&region);
        let mut own_tags = topic_tags.clone();
        own_tags.extend(letters.map(|_| (tags::MACHINE.to_owned(), "true".to_owned())));
        let here = publishers.iter().filter(|(_, regions)| regions.contains(&region));
        let here: Vec<&PublisherSpec> = here.map(|(publisher, _)| *publisher).collect();
        topic(spec, &here, (&region, context, &own_tags), &mut made.state);
        watch::watch(spec, &region, context, (&topic_tags, letters.is_some()), &mut made)?;
        if let Some(letters) = letters {
            machine::machine(spec, letters, &region, context, &mut made)?;
        }
    }
    for (event, regions) in events {
        for region in in_scope(regions, only) {
            rule(spec, event, &region, &mut made.state);
        }
    }
    for (alarm, regions) in alarms {
        for region in in_scope(regions, only) {
            alarms_of(spec, alarm, &region, context, &mut made)?;
        }
    }
    let held: BTreeSet<Region> = made.holds.iter().map(|hold| hold.region.clone()).collect();
    made.state.retain(|key, resource| {
        !(key.region().is_some_and(|region| held.contains(region)) && is_waf_alarm(resource))
    });
    Ok(made)
}

/// Whether a resource is an alarm on a WAF metric.
pub(crate) fn is_waf_alarm(resource: &Resource) -> bool {
    matches!(resource, Resource::Alarm(alarm) if alarm.namespace == "AWS/WAFV2")
}

pub(crate) fn base_regions(
    spec: &Spec,
    default_region: Option<&Region>,
    only: Option<&Region>,
) -> Result<BTreeSet<Region>, DesiredError> {
    if !spec.regions.is_empty() {
        return Ok(spec.regions.iter().cloned().collect());
    }
    let region = only.or(default_region).ok_or_else(|| DesiredError {
        message: "no region is known".to_owned(),
        help: "write `regions = [\"ap-northeast-1\"]` into the file, or give --region".to_owned(),
    })?;
    Ok(BTreeSet::from([region.clone()]))
}

pub(crate) fn event_regions(event: &EventSpec, base: &BTreeSet<Region>) -> BTreeSet<Region> {
    if event.regions.is_empty() { base.clone() } else { event.regions.iter().cloned().collect() }
}

fn alarm_regions(alarm: &AlarmSpec, base: &BTreeSet<Region>) -> BTreeSet<Region> {
    if alarm.web_acl.as_ref().is_some_and(|acl| acl.scope == WafScope::Cloudfront) {
        return BTreeSet::from([Region::us_east_1()]);
    }
    if alarm.regions.is_empty() { base.clone() } else { alarm.regions.iter().cloned().collect() }
}

fn in_scope(regions: BTreeSet<Region>, only: Option<&Region>) -> BTreeSet<Region> {
    regions.into_iter().filter(|region| only.is_none_or(|only| only == region)).collect()
}

fn topic(
    spec: &Spec,
    publishers: &[&PublisherSpec],
    (region, context, topic_tags): (&Region, &Context, &Tags),
    state: &mut State,
) {
    let key = ResourceKey::topic(region, &spec.topic.name);
    let arn = context.identity.arn("sns", region, spec.topic.name.as_str());
    let who = &context.identity;
    let mut statements = vec![events_statement(&arn, who, region), alarms_statement(&arn, who)];
    statements.extend(publishers.iter().map(|publisher| {
        let PublisherSpec { preset, principal, source_arn, regions: _ } = publisher;
        let partition = who.partition.to_string();
        let values = [("partition", partition.as_str()), ("account", who.account.as_str())];
        let source = source_arn.as_ref().map(|arn| fill(arn, &values));
        publisher_statement(&arn, who, preset, (principal, source.as_deref()))
    }));
    let mut topic_tags = topic_tags.clone();
    if spec.subscriptions.iter().any(|reader| audience::filter(reader).is_some()) {
        topic_tags.insert(tags::FILTERS.to_owned(), "true".to_owned());
    }
    let topic = topic_with(&spec.topic, Policy::of(statements), &topic_tags);
    subscribed(&key, &spec.subscriptions, state);
    state.insert(key, Resource::Topic(topic));
}

fn topic_with(topic: &TopicSpec, policy: Policy, tags: &Tags) -> Topic {
    let TopicSpec { name: _, display_name, kms_key } = topic;
    Topic {
        display_name: display_name
            .clone()
            .map_or_else(|| Want::Unnamed(String::new()), Want::Exactly),
        kms_key: kms_key.clone().map_or(Want::Unnamed(None), |key| Want::Exactly(Some(key))),
        policy: Want::Contains(policy),
        tags: Want::Contains(tags.clone()),
    }
}

fn subscribed(topic: &ResourceKey, readers: &[SubscriptionSpec], state: &mut State) {
    for subscription in readers {
        let (protocol, endpoint) = (subscription.protocol, &subscription.endpoint);
        state.insert(
            ResourceKey::subscription(topic, protocol, endpoint),
            Resource::Subscription(Subscription {
                topic: topic.clone(),
                protocol,
                endpoint: endpoint.clone(),
                status: Want::Keep,
                arn: Want::Keep,
                filter: audience::filter(subscription)
                    .map_or(Want::Keep, |f| Want::Exactly(Some(f))),
            }),
        );
    }
}

fn rule(spec: &Spec, event: &EventSpec, region: &Region, state: &mut State) {
    let key = ResourceKey::rule(region, &event.name);
    let (to, role) = match event.content.delivery() {
        DeliveryKind::Direct => (ResourceKey::topic(region, &spec.topic.name), None),
        DeliveryKind::StepFunctions => {
            let role = Reference::Key(StateMachine::start_role(&spec.stack));
            (StateMachine::of(&spec.stack, region), Some(role))
        }
    };
    let enabled = match (event.enabled, event.reads) {
        (false, _) => RuleState::Disabled,
        (true, true) => RuleState::EnabledWithAllCloudtrailManagementEvents,
        (true, false) => RuleState::Enabled,
    };
    state.insert(
        ResourceKey::target(region, &event.name, TARGET_ID),
        Resource::Target(Target {
            rule: key.clone(),
            id: TARGET_ID.to_owned(),
            to: Reference::Key(to),
            input: event.content.input().into_owned(),
            delivery: watch::delivery(spec, event.dead_letter, role, region),
        }),
    );
    let mut tags = tags::ours(&spec.stack);
    if let Some(preset) = event.preset.as_ref().filter(|preset| preset.is_enabled) {
        tags.insert(tags::PRESET.to_owned(), preset.name.clone());
    }
    state.insert(
        key,
        Resource::Rule(Rule {
            description: event.description.clone(),
            pattern: Some(event.pattern.clone()),
            schedule: None,
            role: None,
            state: Want::Exactly(enabled),
            managed_by: Want::Keep,
            tags: Want::Contains(tags),
        }),
    );
}

fn alarms_of(
    spec: &Spec,
    alarm: &AlarmSpec,
    region: &Region,
    context: &Context,
    made: &mut Desired,
) -> Result<(), DesiredError> {
    let topic = Reference::Key(ResourceKey::topic(region, &spec.topic.name));
    let Some(acl) = &alarm.web_acl else {
        let made_alarm = alarm_with(spec, alarm, topic, alarm.metric.clone().unwrap_or_default());
        return insert(made, region, alarm.name.as_str(), &alarm.name, made_alarm);
    };
    let (acl_metric, rules) = match &acl.rules {
        WafRules::Named(rules) => {
            let or_block = |metric: &Option<String>| {
                metric
                    .clone()
                    .or_else(|| alarm.metric.clone())
                    .unwrap_or_else(|| BLOCKED.to_owned())
            };
            (acl.name.clone(), rules.iter().map(|(r, m)| (r.clone(), or_block(m))).collect())
        }
        WafRules::All => {
            let query =
                WebAclQuery { region: region.clone(), scope: acl.scope, name: acl.name.clone() };
            match context.web_acls.get(&query) {
                Some(Ok(found)) => {
                    (found.metric.clone(), all_rules(found, alarm, region, &mut made.notes))
                }
                other => {
                    let reason = match other {
                        Some(Err(reason)) => reason.clone(),
                        _ => "it was not asked for".to_owned(),
                    };
                    made.holds.push(Hold {
                        region: region.clone(),
                        reason: format!("web ACL {}: {reason}", acl.name),
                    });
                    return Ok(());
                }
            }
        }
    };
    for (rule, metric) in rules {
        let values = [
            ("name", alarm.name.as_str()),
            ("web_acl", acl_metric.as_str()),
            ("rule", rule.as_str()),
            ("region", region.as_str()),
        ];
        let name = waf_alarm_name(acl, &values)?;
        let mut made_alarm = alarm_with(spec, alarm, topic.clone(), metric);
        made_alarm.description = fill(&alarm.description, &values);
        made_alarm.dimensions = made_alarm.dimensions.map_values(|value| fill(value, &values));
        if acl.scope == WafScope::Cloudfront {
            made_alarm.dimensions = made_alarm.dimensions.without("Region");
        }
        insert(made, region, alarm.name.as_str(), &name, made_alarm)?;
    }
    Ok(())
}

const BLOCKED: &str = "BlockedRequests";

/// The rules of a web ACL that report a metric which the alarm asks for.
fn all_rules(
    acl: &WebAcl,
    alarm: &AlarmSpec,
    region: &Region,
    notes: &mut Vec<Note>,
) -> Vec<(String, String)> {
    let mut rules = Vec::new();
    for rule in &acl.rules {
        let WafRule { name, metric: rule_metric, measured, action } = rule;
        let asked = |metric: &&str| match alarm.metric.as_deref() {
            Some(asked) => asked == *metric,
            None => action.is_usual(),
        };
        let metric = action.metric().filter(asked);
        let why = match metric {
            None => "it reports no metric that is asked for",
            Some(_) if !measured => "its CloudWatch metrics are switched off",
            Some(metric) => {
                rules.push((rule_metric.clone(), metric.to_owned()));
                continue;
            }
        };
        notes.push(Note {
            kind: NoteKind::Info,
            key: None,
            text: format!("{region}: no alarm for rule {name} of web ACL {}: {why}", acl.name),
        });
    }
    rules
}

/// The name of the alarm for one rule of a web ACL.
pub(crate) fn waf_alarm_name(
    acl: &WebAclSpec,
    values: &[(&str, &str)],
) -> Result<AlarmName, DesiredError> {
    let text = fill(&acl.alarm_name, values);
    AlarmName::parse(&text)
        .map_err(|e| DesiredError { message: format!("{}: {text}", e.problem), help: e.help })
}

fn alarm_with(spec: &Spec, alarm: &AlarmSpec, topic: Reference, metric: String) -> Alarm {
    Alarm {
        description: alarm.description.clone(),
        namespace: alarm.namespace.clone(),
        metric,
        dimensions: alarm.dimensions.clone(),
        statistic: alarm.statistic.clone(),
        unit: None,
        period: alarm.period,
        evaluation_periods: alarm.evaluation_periods,
        datapoints_to_alarm: alarm.datapoints_to_alarm,
        comparison: alarm.comparison,
        threshold: alarm.threshold,
        treat_missing_data: alarm.treat_missing_data,
        enabled: Want::Exactly(alarm.enabled),
        alarm_actions: vec![topic.clone()],
        ok_actions: if alarm.notify_ok { vec![topic] } else { Vec::new() },
        insufficient_data_actions: Vec::new(),
        other: BTreeMap::new(),
        state: Want::Keep,
        tags: Want::Contains(tags::ours(&spec.stack)),
    }
}

fn insert(
    made: &mut Desired,
    region: &Region,
    of: &str,
    name: &AlarmName,
    alarm: Alarm,
) -> Result<(), DesiredError> {
    let key = ResourceKey::alarm(region, name);
    made.alarms.insert(key.clone(), of.to_owned());
    if made.state.insert(key, Resource::Alarm(Box::new(alarm))).is_some() {
        return Err(DesiredError {
            message: format!("two alarms in {region} would be called {name}"),
            help:
                "give one `[[alarms]]` another `name`, or an `alarm_name` that tells them apart, \
                   such as \"{name}-{rule}\""
                    .to_owned(),
        });
    }
    Ok(())
}
