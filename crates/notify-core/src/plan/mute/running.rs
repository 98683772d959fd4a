//! What is muted at this moment.

use crate::aws::{Minute, Region};
use crate::plan::prepare::ever_muted;
use crate::plan::{Owner, owner};
use crate::provider::{Provider, ProviderError};
use crate::spec::Spec;
use crate::state::{Muting, Resource, ResourceKey, Scope, State, mute_names, muted_until};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A notification that is quiet in a region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Running {
    /// Its name in the file; that of the mute rule where the file does not name it any more.
    pub notification: String,
    /// Where.
    pub region: Region,
    /// Until when.
    pub until: Timestamp,
    /// The rule that sleeps, or the alarm mute rule.
    pub key: ResourceKey,
}

/// The mutes among what was observed that have not ended: rules that sleep, and alarm mute rules as
/// far as they were looked at ([`look`]). Of several mutes of a notification, the last one to end.
pub fn running(spec: &Spec, observed: &State, now: Timestamp) -> Vec<Running> {
    let mut all: Vec<Running> = observed
        .iter()
        .filter_map(|(key, resource)| {
            let region = key.region()?.clone();
            let (notification, until) = match resource {
                Resource::Rule(rule)
                    if matches!(owner(rule.tags.value(), &spec.stack), Owner::Ours { .. }) =>
                {
                    (key.name.clone(), muted_until(rule, now)?)
                }
                Resource::Mute(mute) if now < mute.until.timestamp() => {
                    (notification(spec, &key.name), Minute::timestamp(mute.until))
                }
                _ => return None,
            };
            Some(Running { notification, region, until, key: key.clone() })
        })
        .collect();
    // The last end first, so that it is the one that stays.
    all.sort_by(|a, b| {
        let of = |one: &Running| (one.notification.clone(), one.region.clone(), one.key.kind);
        of(a).cmp(&of(b)).then(b.until.cmp(&a.until))
    });
    all.dedup_by(|b, a| {
        a.notification == b.notification && a.region == b.region && a.key.kind == b.key.kind
    });
    all
}

/// The notification that a mute rule is about.
fn notification(spec: &Spec, name: &str) -> String {
    let is_its = |alarm: &&crate::spec::AlarmSpec| {
        name.starts_with(&mute_names::prefix_of(&spec.stack, alarm.name.as_str()))
    };
    spec.alarms.iter().find(is_its).map_or_else(|| name.to_owned(), |alarm| alarm.name.to_string())
}

/// The alarm mute rules of a stack, in the regions of a scope; they are listed only where a topic
/// tells that alarms were ever muted.
pub async fn look<P: Provider>(
    provider: &P,
    scope: &Scope,
    observed: &State,
) -> Result<State, ProviderError> {
    if !ever_muted(observed, &scope.stack).contains(&Muting::Alarms) {
        return Ok(State::new());
    }
    let scope = Scope { mutes: BTreeSet::from([Muting::Alarms]), ..scope.clone() };
    provider.mutes(&scope).await
}
