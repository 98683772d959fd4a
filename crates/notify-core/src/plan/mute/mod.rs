//! Keeps notifications quiet for a while.
//!
//! The end comes by itself, without this program: an event's rule is enabled again by a one-time
//! schedule of EventBridge Scheduler, and an alarm mute rule of CloudWatch has its end in it.
//! [`mute`] and [`unmute`] make plans like any other; [`running`] tells what is quiet.
//!
//! ```
//! use notify_core::{local::LocalCloud, plan, plan::mute, provider, spec};
//!
//! let text = "stack = \"demo\"\nregions = [\"eu-west-1\"]\n[topic]\nname = \"alerts\"\n\
//!     [[events]]\nname = \"root\"\npattern = '{\"source\": [\"aws.signin\"]}'\nmessage = \"hi\"\n";
//! let spec = spec::parse(text, spec::Format::Toml).spec.expect("a good file");
//! let now = "2026-11-24T22:00:00Z".parse()?;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let cloud = LocalCloud::default();
//! cloud.set_time(now);
//! let setup = plan::prepare(&cloud, &spec, &plan::Request::setup(None)).await?;
//! provider::apply(&cloud, &setup, || false, |_| {}).await;
//!
//! let request = mute::Request::all(None, now);
//! let until = mute::until(now, "2h".parse().expect("two hours"));
//! let plan = mute::mute(&cloud, &spec, &request, until).await?;
//! assert!(provider::apply(&cloud, &plan, || false, |_| {}).await.is_complete());
//!
//! let survey = plan::survey(&cloud, &spec, &plan::Request::setup(None)).await?;
//! assert!(survey.plan.is_empty()); // a running mute is no drift
//! assert_eq!(mute::running(&spec, &survey.observed, now)[0].notification, "root");
//! # Ok::<(), plan::PrepareError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Cut off at any point
//!
//! A mute of an event is written from its end to its beginning: first what wakes the rule, then the
//! tag, then the rule sleeps. Each end has a schedule of its own, and the one before goes last. So
//! a rule that sleeps always has a schedule that is still to run, wherever a run is cut off. A run
//! that is slow must stop in time: [`deadline`] says when.

mod alarms;
mod end;
mod events;
mod length;
mod role;
mod running;
mod select;
mod undo;

pub use length::{Length, LengthError, begin, deadline, until, until_time};
pub use running::{Running, look, running};
pub use select::Names;
pub use undo::undo;

use super::planner::Draft;
use super::prepare::{ever_muted, mutes, wanted};
use super::{Cost, Options, PLAN_VERSION, Plan, PrepareError, Purpose, Stage, StageName, cost};
use crate::aws::{Identity, Minute, Region};
use crate::provider::Provider;
use crate::spec::Spec;
use crate::state::{Desired, Muting, ResourceKey, Scope, State};
use jiff::Timestamp;
use select::Selected;
use std::collections::{BTreeMap, BTreeSet};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which notifications.
    pub names: Names,
    /// The region where the spec names none.
    pub default_region: Option<Region>,
    /// Works in this region alone.
    pub only: Option<Region>,
    /// What time it is.
    pub now: Timestamp,
}

impl Request {
    /// A request for all notifications of a file.
    pub fn all(default_region: Option<Region>, now: Timestamp) -> Self {
        Self { names: Names::All, default_region, only: None, now }
    }
}

/// All that a plan is made from.
struct Inputs<'a> {
    spec: &'a Spec,
    identity: &'a Identity,
    desired: &'a Desired,
    observed: &'a State,
    request: &'a Request,
}

/// Plans to mute notifications until a time.
pub async fn mute<P: Provider>(
    provider: &P,
    spec: &Spec,
    request: &Request,
    until: Minute,
) -> Result<Plan, PrepareError> {
    let selected = Selected::of(spec, &request.names)?;
    let (identity, desired) = asked(provider, spec, request).await?;
    let alarms = selected.alarms(provider, request).await?;
    let rules = selected.rules(&desired);
    let kinds = Muting::ALL.into_iter().filter(|kind| match kind {
        Muting::Alarms => !alarms.is_empty(),
        Muting::Events => !rules.is_empty(),
    });
    let mut named: State = rules.clone();
    named.extend(alarms.values().flatten().map(|(key, alarm)| (key.clone(), alarm.clone())));
    let (scope, observed) =
        observe(provider, spec, request, &desired, &named, kinds.collect()).await?;
    let inputs =
        Inputs { spec, identity: &identity, desired: &desired, observed: &observed, request };
    let mut draft = Draft::default();
    let mut used: BTreeMap<&Region, BTreeSet<Muting>> = BTreeMap::new();
    for region in events::mute(&inputs, &rules, until, &mut draft) {
        used.entry(region).or_default().insert(Muting::Events);
    }
    for region in alarms::mute(&inputs, &alarms, until, &mut draft) {
        used.entry(region).or_default().insert(Muting::Alarms);
    }
    role::mark_topics(&inputs, &used, &mut draft);
    Ok(finish(draft, &inputs, scope))
}

/// Plans to end the mutes of notifications at once.
pub async fn unmute<P: Provider>(
    provider: &P,
    spec: &Spec,
    request: &Request,
) -> Result<Plan, PrepareError> {
    let selected = Selected::of(spec, &request.names)?;
    let (identity, desired) = asked(provider, spec, request).await?;
    let rules = selected.rules(&desired);
    let (mut scope, mut observed) =
        observe(provider, spec, request, &desired, &rules, BTreeSet::new()).await?;
    // Where nothing was ever muted in a way, there is nothing to end in it.
    scope.mutes = ever_muted(&observed, &spec.stack);
    scope.mutes.retain(|kind| selected.may_have(*kind));
    observed.extend(mutes(provider, &scope).await?);
    let inputs =
        Inputs { spec, identity: &identity, desired: &desired, observed: &observed, request };
    let mut draft = Draft::default();
    end::unmute(&inputs, &selected, &rules, &mut draft);
    Ok(finish(draft, &inputs, scope))
}

/// The account, and what the file asks for in it; web ACLs are not asked.
async fn asked<P: Provider>(
    provider: &P,
    spec: &Spec,
    request: &Request,
) -> Result<(Identity, Desired), PrepareError> {
    let options = Options { only: request.only.clone(), now: request.now, ..Options::default() };
    let asks_nothing = super::Request {
        purpose: Purpose::Destroy,
        options,
        default_region: request.default_region.clone(),
        thorough: false,
    };
    let (identity, desired) = wanted(provider, spec, &asks_nothing).await?;
    if let Some(only) = &request.only {
        desired.is_in(only)?;
    }
    Ok((identity, desired))
}

/// Looks at what is named, and at the topics of the stack.
async fn observe<P: Provider>(
    provider: &P,
    spec: &Spec,
    request: &Request,
    desired: &Desired,
    named: &State,
    kinds: BTreeSet<Muting>,
) -> Result<(Scope, State), PrepareError> {
    let is_here = |region: &&Region| request.only.as_ref().is_none_or(|only| only == *region);
    let regions = desired.regions.iter().filter(is_here).cloned().collect();
    let mut scope = Scope::of(&spec.stack, named, &regions);
    for wanted in scope.regions.values_mut() {
        wanted.topics.insert(spec.topic.name.clone());
    }
    scope.mutes = kinds;
    let mut observed = provider.observe(&scope).await?;
    observed.extend(mutes(provider, &scope).await?);
    Ok((scope, observed))
}

fn finish(draft: Draft, inputs: &Inputs<'_>, scope: Scope) -> Plan {
    let Draft { changes, blocked, notes, unchanged } = draft;
    let stages: Vec<Stage> =
        changes.into_iter().map(|(name, changes)| Stage { name, changes }).collect();
    let keys = stages.iter().flat_map(|stage| stage.changes.iter().map(|change| &change.key));
    let seen = keys.map(|key| (key.clone(), inputs.observed.get(key).cloned())).collect();
    // What mutes cost is a fraction of a cent.
    let cost: Cost = cost(State::new().values());
    Plan {
        version: PLAN_VERSION,
        stack: inputs.spec.stack.clone(),
        identity: inputs.identity.clone(),
        scope,
        stages,
        blocked,
        refusal: None,
        holds: Vec::new(),
        notes,
        unchanged,
        cost,
        seen,
        attached: BTreeSet::new(),
    }
}

/// What is needed of an earlier stage, as far as the plan has it.
fn planned(draft: &Draft, stage: StageName) -> Vec<ResourceKey> {
    draft.keys_of(&[stage])
}
