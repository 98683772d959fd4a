//! From two states to a plan: a pure function.

use super::build::{adopt, create, update};
use super::ownership::{Blocked, Owner, owner};
use super::regions::write_tags;
use super::{
    Action, Change, PLAN_VERSION, Plan, Stage, StageName, cost, diff, guard, leftover, machines,
    mutes,
};
use crate::aws::{Filter, Identity, Region, StackName, Tags, tags};
use crate::spec::{Spec, SubscriptionSpec};
use crate::state::{
    Desired, Kind, Note, NoteKind, Reference, Resource, ResourceKey, Scope, State, StateMachine,
    Subscription, SubscriptionStatus, TARGET_ID, Target, Want, is_our_id, is_waf_alarm,
};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To make AWS equal to the file.
    Setup,
    /// To remove what is ours.
    Destroy,
}

/// What the person who asks for a plan allows.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Resources that are not ours and that their owner hands over, by kind and name.
    pub adopt: BTreeSet<(Kind, String)>,
    /// Endpoints that are invited again.
    pub resubscribe: BTreeSet<String>,
    /// Whether subscriptions that the file does not name are ended.
    pub prune_subscriptions: bool,
    /// Whether a plan may delete much of a stack.
    pub allow_deletes: bool,
    /// Works in this region alone.
    pub only: Option<Region>,
    /// What time it is: a mute that has ended by then is over. Without, it is 1970, when none has.
    pub now: Timestamp,
}

/// All that a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// What the plan is for.
    pub purpose: Purpose,
    /// The spec: its stack, and who it names as subscribers.
    pub spec: &'a Spec,
    /// Whose account it is.
    pub identity: &'a Identity,
    /// What the spec asks for.
    pub desired: &'a Desired,
    /// What exists.
    pub observed: &'a State,
    /// What is allowed.
    pub options: &'a Options,
}

/// What should exist: a large stack is not copied for the few targets and rules that differ from
/// what the file alone says.
pub(crate) type Wanted<'a> = BTreeMap<ResourceKey, Cow<'a, Resource>>;

/// The inputs, with what follows from them.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) stack: &'a StackName,
    /// Everybody whom the file names, through whichever topic.
    pub(crate) subscriptions: Vec<&'a SubscriptionSpec>,
    pub(crate) observed: &'a State,
    pub(crate) options: &'a Options,
    /// What should exist, with targets under the ids that they have.
    pub(crate) wanted: Wanted<'a>,
    /// Regions that stay in the stack.
    pub(crate) regions: &'a BTreeSet<Region>,
    /// The regions that the stack has until everything is done: these, and those that the tags of
    /// its topics name.
    pub(crate) until_done: BTreeSet<Region>,
    /// Regions whose WAF alarms stay as they are.
    pub(crate) held: BTreeSet<Region>,
    /// Former names of presets that `enable` means, with those that they have now.
    pub(crate) renames: &'a BTreeMap<String, String>,
}

impl<'a> Facts<'a> {
    fn of(inputs: &Inputs<'a>) -> Self {
        let Inputs { purpose, spec, identity: _, desired, observed, options } = *inputs;
        let mut wanted = match purpose {
            Purpose::Setup => with_observed_ids(&desired.state, observed, spec, options),
            Purpose::Destroy => Wanted::new(),
        };
        mutes::keep(&mut wanted, observed, options.now);
        let is_ours = |tags: &&Tags| matches!(owner(Some(*tags), &spec.stack), Owner::Ours { .. });
        let known = observed.values().filter_map(Resource::tags).filter(is_ours);
        let known = known.flat_map(tags::regions).chain(desired.regions.iter().cloned());
        Self {
            until_done: known.collect(),
            purpose,
            stack: &spec.stack,
            subscriptions: spec.readers().collect(),
            observed,
            options,
            wanted,
            regions: &desired.regions,
            held: desired.holds.iter().map(|hold| hold.region.clone()).collect(),
            renames: &spec.renames,
        }
    }

    pub(crate) fn is_held(&self, key: &ResourceKey, resource: &Resource) -> bool {
        is_waf_alarm(resource) && key.region().is_some_and(|region| self.held.contains(region))
    }

    /// Whether a resource is in a region that this run leaves alone.
    pub(crate) fn is_elsewhere(&self, key: &ResourceKey) -> bool {
        self.options.only.as_ref().is_some_and(|only| key.region() != Some(only))
    }

    pub(crate) fn owner(&self, key: &ResourceKey) -> Owner {
        let tags = self.observed.get(key).and_then(Resource::tags);
        owner(tags, self.stack)
    }

    pub(crate) fn is_ours(&self, key: &ResourceKey) -> bool {
        matches!(self.owner(key), Owner::Ours { .. })
    }

    fn is_adopted(&self, key: &ResourceKey) -> bool {
        self.owner(key) == Owner::Ours { adopted: true } || self.adopts(key)
    }

    fn adopts(&self, key: &ResourceKey) -> bool {
        self.options.adopt.contains(&(key.kind, key.name.clone()))
    }

    fn settled(&self, key: &ResourceKey, wanted: &Resource, seen: Option<&Resource>) -> Resource {
        // A target has no tags: it is as adopted as its rule.
        let adopted = match wanted {
            Resource::Target(target) => self.is_adopted(&target.rule),
            _ => self.is_adopted(key),
        };
        let mut settled = diff::settle(wanted, seen, adopted);
        if let (Resource::Target(target), true) = (&mut settled, adopted) {
            self.leave_queue(target);
            machines::leave_role(self.stack, target);
        }
        if let (Resource::Topic(_), None, Some(tags)) = (&settled, seen, settled.tags().cloned()) {
            let regions = tags::from_regions(&self.until_done);
            let mut tags = with(tags, tags::REGIONS, regions);
            tags.extend(mutes::inherited(self.observed));
            settled.set_tags(tags);
        }
        settled
    }

    /// Lets an adopted target keep its queue for what is lost, unless that is one of ours that the
    /// file has dropped.
    fn leave_queue(&self, target: &mut Target) {
        let Want::Exactly(delivery) = &mut target.delivery else { return };
        if let Some(Reference::Key(queue)) = &delivery.dead_letter
            && !self.wanted.contains_key(queue)
            && self.owner(queue) == (Owner::Ours { adopted: false })
        {
            delivery.dead_letter = None;
        }
    }
}

fn with(mut tags: Tags, key: &str, value: String) -> Tags {
    tags.insert(key.to_owned(), value);
    tags
}

/// Gives wanted targets the ids that they have, so that nobody gets two mails and nobody loses a
/// target of their own.
fn with_observed_ids<'a>(
    desired: &'a State,
    observed: &State,
    spec: &Spec,
    options: &Options,
) -> Wanted<'a> {
    let stack = &spec.stack;
    let rekeyed = desired.iter().map(|(key, resource)| {
        let same = (key.clone(), Cow::Borrowed(resource));
        let Resource::Target(target) = resource else { return same };
        let tags = observed.get(&target.rule).and_then(Resource::tags);
        let ours = owner(tags, stack);
        let adopts = options.adopt.contains(&(target.rule.kind, target.rule.name.clone()));
        // On a rule that we made, a target of our id is ours and any other is not.
        if !adopts && ours != (Owner::Ours { adopted: true }) {
            return same;
        }
        let id = adopted_target_id(target, observed, spec);
        let key = ResourceKey { name: format!("{}/{id}", target.rule.name), ..key.clone() };
        (key, Cow::Owned(Resource::Target(Target { id, ..target.clone() })))
    });
    rekeyed.collect()
}

/// On an adopted rule: the target that already sends to the topic, by itself or through the stack's
/// state machine; else ours, if it sends to another topic of the account (the file's topic has a new
/// name); else a free id.
fn adopted_target_id(wanted: &Target, observed: &State, spec: &Spec) -> String {
    let there: Vec<&Target> = observed
        .values()
        .filter_map(|resource| match resource {
            Resource::Target(target) if target.rule == wanted.rule => Some(target),
            _ => None,
        })
        .collect();
    let other_way = wanted.rule.region().map(|region| {
        if machines::is_machine(&wanted.to) {
            ResourceKey::topic(region, &spec.topic.name)
        } else {
            StateMachine::of(&spec.stack, region)
        }
    });
    let other_way = other_way.map(Reference::Key);
    let to = |to: &Reference| there.iter().find(|target| target.to == *to);
    let same = to(&wanted.to).or_else(|| to(other_way.as_ref()?));
    let renamed = || {
        there.iter().find(|t| {
            is_our_id(&t.id) && matches!(&t.to, Reference::Key(k) if observed.contains_key(k))
        })
    };
    if let Some(target) = same.or_else(renamed) {
        return target.id.clone();
    }
    let mut ids = std::iter::once(TARGET_ID.to_owned())
        .chain((2..=there.len() + 2).map(|number| format!("{TARGET_ID}-{number}")));
    let free = |id: &String| there.iter().all(|target| target.id != *id);
    ids.find(free).unwrap_or_else(|| TARGET_ID.to_owned())
}

/// The alarms whose owner must be known before a plan can be made: those that it would change,
/// adopt or delete.
pub fn undecided(inputs: &Inputs<'_>) -> Vec<ResourceKey> {
    let facts = Facts::of(inputs);
    let matters = |key: &ResourceKey, seen: &Resource| {
        if facts.owner(key) != Owner::Unknown || key.kind != Kind::Alarm {
            return false;
        }
        match facts.wanted.get(key) {
            Some(wanted) => {
                facts.adopts(key)
                    || !diff::compare(Some(seen), &facts.settled(key, wanted, Some(seen)))
                        .is_empty()
            }
            None => !facts.is_held(key, seen),
        }
    };
    let undecided = inputs.observed.iter().filter(|(key, seen)| matters(key, seen));
    undecided.map(|(key, _)| key.clone()).collect()
}

/// Changes as they are found, with the stage that each belongs to.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) changes: BTreeMap<StageName, Vec<Change>>,
    pub(crate) blocked: Vec<Blocked>,
    pub(crate) notes: Vec<Note>,
    pub(crate) unchanged: usize,
}

impl Draft {
    pub(crate) fn add(&mut self, stage: StageName, change: Change) {
        self.changes.entry(stage).or_default().push(change);
    }

    pub(crate) fn note(&mut self, kind: NoteKind, key: &ResourceKey, text: impl Into<String>) {
        self.notes.push(Note { kind, key: Some(key.clone()), text: text.into() });
    }

    pub(crate) fn keys_of(&self, stages: &[StageName]) -> Vec<ResourceKey> {
        let changes = stages.iter().filter_map(|stage| self.changes.get(stage)).flatten();
        changes.map(|change| change.key.clone()).collect()
    }
}

/// Plans. `observed` holds the tags of all that [`undecided`] names.
pub fn plan(inputs: &Inputs<'_>, scope: Scope) -> Plan {
    let Inputs { purpose, spec, identity, desired, observed, options } = *inputs;
    let stack = &spec.stack;
    let facts = Facts::of(inputs);
    let mut draft = Draft { notes: desired.notes.clone(), ..Draft::default() };
    for (key, wanted) in &facts.wanted {
        want(&facts, key, wanted, &mut draft);
        if matches!(key.kind, Kind::Topic | Kind::Queue) {
            for sid in leftover::foreign_statements(observed.get(key)) {
                let text =
                    format!("{} {} has a policy statement of others: {sid}", key.kind, key.name);
                draft.note(NoteKind::NotOurs, key, text);
            }
        }
    }
    unknown_options(&facts, &mut draft);
    machines::make(&facts, &mut draft);
    leftover::remove(&facts, &mut draft);
    write_tags(&facts, &mut draft);

    let Draft { changes, blocked, notes, unchanged } = draft;
    let mut stages: Vec<Stage> =
        changes.into_iter().map(|(name, changes)| Stage { name, changes }).collect();
    let claims = stages.iter().filter(|stage| stage.name == StageName::Claim);
    let claims: Vec<ResourceKey> =
        claims.flat_map(|stage| stage.changes.iter().map(|change| change.key.clone())).collect();
    for stage in stages.iter_mut().filter(|stage| stage.name == StageName::Topics) {
        for change in &mut stage.changes {
            change.needs.extend(claims.iter().filter(|c| c.kind == Kind::Topic).cloned());
        }
    }
    let all = || stages.iter().flat_map(|stage| &stage.changes);
    let counted = |(key, seen): &(&ResourceKey, &Resource)| {
        guard::is_counted(key.kind)
            && (facts.wanted.contains_key(key)
                || matches!(owner(seen.tags(), stack), Owner::Ours { .. }))
    };
    let of = observed.iter().filter(counted).count();
    let refusal = match purpose {
        Purpose::Setup if !options.allow_deletes => guard::refuse(all(), of),
        Purpose::Setup | Purpose::Destroy => None,
    };
    let going: BTreeSet<&ResourceKey> =
        all().filter(|c| c.action == Action::Delete).map(|c| &c.key).collect();
    let attached = guard::hanging_on(&going, observed);
    let seen = all().map(|c| (c.key.clone(), observed.get(&c.key).cloned())).collect();
    let cost = cost(facts.wanted.values().map(AsRef::as_ref));
    Plan {
        version: PLAN_VERSION,
        stack: stack.clone(),
        identity: identity.clone(),
        scope,
        stages,
        blocked,
        refusal,
        holds: desired.holds.clone(),
        notes,
        unchanged,
        cost,
        seen,
        attached,
    }
}

/// Makes one wanted resource so.
fn want(facts: &Facts<'_>, key: &ResourceKey, wanted: &Resource, draft: &mut Draft) {
    let seen = facts.observed.get(key);
    if let (Resource::Subscription(wanted), seen) = (wanted, seen) {
        return subscribe(facts, key, wanted, seen, draft);
    }
    let settled = facts.settled(key, wanted, seen);
    let Some(seen) = seen else {
        let fields = diff::compare(None, &settled);
        draft.add(stage_of(key.kind), create(key, &settled, fields));
        return;
    };
    let mut fields = diff::compare(Some(seen), &settled);
    // Which regions a stack has is written before and after everything else.
    fields.retain(|field| field.path != format!("tags.{}", tags::REGIONS));
    if let Some(blocked) = in_the_way(facts, key, seen, !fields.is_empty()) {
        draft.blocked.push(blocked);
        return;
    }
    if facts.adopts(key) && !matches!(facts.owner(key), Owner::Ours { .. }) {
        draft.add(StageName::Claim, adopt(facts, key));
    }
    // Adopting has put our tags on already.
    fields.retain(|field| !field.path.starts_with("tags."));
    if let Resource::Rule(rule) = wanted {
        mutes::tell(facts, key, rule, draft);
    }
    if fields.is_empty() {
        draft.unchanged += 1;
    } else {
        let mut change = update(key, &settled, fields);
        change.steps.extend(mutes::clear(seen, key, facts.options.now));
        draft.add(stage_of(key.kind), change);
    }
}

fn stage_of(kind: Kind) -> StageName {
    match kind {
        Kind::Topic | Kind::Queue => StageName::Topics,
        Kind::Subscription | Kind::Rule | Kind::Alarm => StageName::Sources,
        Kind::StateMachine => StageName::Machines,
        Kind::Target => StageName::Targets,
        Kind::Role => StageName::Roles,
        Kind::Mute | Kind::Schedule => StageName::Mutes,
    }
}

/// Why a resource that exists may not be touched.
fn in_the_way(
    facts: &Facts<'_>,
    key: &ResourceKey,
    seen: &Resource,
    differs: bool,
) -> Option<Blocked> {
    let blocked = |reason: String, help: String| Some(Blocked { key: key.clone(), reason, help });
    if let Resource::Rule(rule) = seen
        && let Some(Some(service)) = rule.managed_by.value()
    {
        return blocked(
            format!("{service} made this rule for itself"),
            "give the event another `name`".to_owned(),
        );
    }
    if let Some((reason, help)) = machines::unusable(facts, key, seen) {
        return blocked(reason, help);
    }
    if matches!(seen, Resource::Target(_)) {
        // It goes with its rule: a rule that is in the way is reported itself.
        return None;
    }
    match facts.owner(key) {
        Owner::Ours { .. } => None,
        Owner::Other { stack: Some(other) } => blocked(
            format!("it belongs to the stack `{other}`"),
            format!("use another name, or remove it there first (stack `{other}`)"),
        ),
        Owner::Other { stack: None } if facts.adopts(key) => None,
        Owner::Unknown if !differs && !facts.adopts(key) => None,
        Owner::Other { stack: None } => blocked(
            "it exists and was not made by this stack".to_owned(),
            format!("use another name, or hand it over with `--adopt {}/{}`", key.kind, key.name),
        ),
        Owner::Unknown => blocked(
            "it exists, and nobody could find out whose it is".to_owned(),
            "allow `cloudwatch:ListTagsForResource`, or run the command again".to_owned(),
        ),
    }
}

/// Invites a reader who was never invited; whoever was stays as they are.
fn subscribe(
    facts: &Facts<'_>,
    key: &ResourceKey,
    wanted: &Subscription,
    seen: Option<&Resource>,
    draft: &mut Draft,
) {
    let again = facts.options.resubscribe.contains(&wanted.endpoint);
    let status = match seen {
        Some(Resource::Subscription(seen)) => seen.status.value().copied(),
        _ => None,
    };
    let settled = Resource::Subscription(wanted.clone());
    let mut invite = |reason: &str| {
        let fields = diff::compare(None, &settled);
        let change = create(key, &settled, fields);
        let change = Change { reason: reason.to_owned(), ..change };
        draft.add(StageName::Sources, change);
    };
    match status {
        None => invite("it does not exist"),
        Some(SubscriptionStatus::Deleted) if again => invite("invited again by --resubscribe"),
        Some(SubscriptionStatus::Pending) if again => {
            invite("invited again by --resubscribe: another confirmation mail");
        }
        Some(SubscriptionStatus::Deleted) => draft.note(
            NoteKind::Waiting,
            key,
            format!(
                "{0} has left the topic; `--resubscribe {0}` invites it again",
                wanted.endpoint
            ),
        ),
        Some(SubscriptionStatus::Pending) => {
            draft.unchanged += 1;
            draft.note(
                NoteKind::Waiting,
                key,
                format!("{} has not confirmed its subscription yet", wanted.endpoint),
            );
        }
        Some(SubscriptionStatus::Confirmed) => refilter(key, wanted, seen, draft),
    }
}

/// Gives a reader the filter that the file says, and takes one of ours off that it says no longer.
fn refilter(key: &ResourceKey, wanted: &Subscription, seen: Option<&Resource>, draft: &mut Draft) {
    let has = match seen {
        Some(Resource::Subscription(seen)) => seen.filter.value().and_then(Option::as_ref),
        _ => None,
    };
    let filter = match wanted.filter.value() {
        None if has.is_some_and(Filter::is_ours) => Want::Exactly(None),
        None => Want::Keep,
        Some(filter) => Want::Exactly(filter.clone()),
    };
    let wanted = Resource::Subscription(Subscription { filter, ..wanted.clone() });
    let settled = diff::settle(&wanted, seen, false);
    let fields = diff::compare(seen, &settled);
    if fields.is_empty() {
        draft.unchanged += 1;
    } else {
        draft.add(StageName::Sources, update(key, &settled, fields));
    }
}

/// What was asked for by name and is not in the file is a mistake worth saying.
fn unknown_options(facts: &Facts<'_>, draft: &mut Draft) {
    if facts.purpose == Purpose::Destroy {
        return;
    }
    for (kind, name) in &facts.options.adopt {
        let named = |key: &&ResourceKey| key.kind == *kind && key.name == *name;
        if !facts.wanted.keys().any(|key| named(&key)) {
            draft.notes.push(Note {
                kind: NoteKind::Info,
                key: None,
                text: format!("--adopt {kind}/{name}: the file names no such {kind}"),
            });
        }
    }
    for endpoint in &facts.options.resubscribe {
        if !facts.subscriptions.iter().any(|s| s.endpoint == *endpoint) {
            draft.notes.push(Note {
                kind: NoteKind::Info,
                key: None,
                text: format!("--resubscribe {endpoint}: the file names no such subscription"),
            });
        }
    }
}
