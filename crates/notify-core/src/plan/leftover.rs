//! What is ours and not wanted any more: after an edit of the file, and when all is removed.
//!
//! Three rules: what was adopted stays, without our parts; what others hang on stays, without our
//! parts; everything else goes.

use super::diff::publisher_sids;
use super::former;
use super::ownership::Owner;
use super::planner::{Draft, Facts, Purpose};
use super::{Action, Change, StageName, Step, mutes, temporary};
use crate::aws::policy::{ALARMS_SID, DEFAULT_SID, EVENTS_SID, PUBLISHER_SID, sid_of};
use crate::aws::tags;
use crate::state::{
    Kind, NoteKind, Queue, Reference, Resource, ResourceKey, Subscription, SubscriptionStatus,
    Target, is_listener, is_of_a_test, is_our_id,
};

/// Adds the changes that take away what is not wanted.
pub(super) fn remove(facts: &Facts<'_>, draft: &mut Draft) {
    for (key, seen) in facts.observed {
        if facts.wanted.contains_key(key) || facts.is_held(key, seen) || facts.is_elsewhere(key) {
            continue;
        }
        if temporary::remove(facts, key, seen, draft) {
            continue;
        }
        match seen {
            Resource::Target(target) => leftover_target(facts, key, target, draft),
            Resource::Alarm(_) => leftover_alarm(facts, key, draft),
            Resource::Subscription(subscription) => {
                leftover_subscription(facts, key, subscription, draft);
            }
            Resource::Rule(_)
            | Resource::Topic(_)
            | Resource::Queue(_)
            | Resource::Mute(_)
            | Resource::Schedule(_)
            | Resource::Role(_) => {}
        }
    }
    // A rule goes after its targets, a queue and a topic after everything that sends to them.
    let queues = facts.observed.iter().filter_map(|(key, seen)| match seen {
        Resource::Queue(queue) => Some((key, queue)),
        _ => None,
    });
    let is_of_a_test = |seen: &Resource| is_of_a_test(seen, facts.stack);
    for (key, queue) in
        queues.filter(|(key, _)| !facts.observed.get(*key).is_some_and(is_of_a_test))
    {
        if !facts.wanted.contains_key(key) && !facts.is_elsewhere(key) {
            leftover_queue(facts, key, queue, draft);
        }
    }
    for (key, seen) in facts.observed {
        if matches!(seen, Resource::Rule(_))
            && !facts.wanted.contains_key(key)
            && !facts.is_elsewhere(key)
            && !is_of_a_test(seen)
        {
            leftover_rule(facts, key, draft);
        }
    }
    mutes::remove(facts, draft);
    let is_named = |key: &ResourceKey| key.region().is_some_and(|r| facts.regions.contains(r));
    for in_named_region in [false, true] {
        for (key, seen) in facts.observed {
            if matches!(seen, Resource::Topic(_))
                && !facts.wanted.contains_key(key)
                && !facts.is_elsewhere(key)
                && is_named(key) == in_named_region
            {
                leftover_topic(facts, key, draft);
            }
        }
    }
}

fn why(facts: &Facts<'_>, key: &ResourceKey) -> String {
    let dropped = key.region().filter(|region| !facts.regions.contains(region));
    match (facts.purpose, dropped) {
        (Purpose::Destroy, _) => "the stack is removed".to_owned(),
        (Purpose::Setup, Some(region)) => format!("the file no longer names {region}"),
        (Purpose::Setup, None) => "the file no longer names it".to_owned(),
    }
}

pub(super) fn change(
    key: &ResourceKey,
    action: Action,
    reason: String,
    steps: Vec<Step>,
    needs: Vec<ResourceKey>,
) -> Change {
    Change { key: key.clone(), action, reason, fields: Vec::new(), steps, needs }
}

fn untag(key: &ResourceKey) -> Step {
    Step::Untag { key: key.clone(), tags: tags::ALL.map(str::to_owned).to_vec() }
}

/// Whether a target is one that we made: by its id, on a rule of ours. A rule that was adopted
/// may have brought one of that id along: it is ours only if it sends to our topic.
fn is_our_target(facts: &Facts<'_>, target: &Target) -> bool {
    match facts.owner(&target.rule) {
        Owner::Ours { adopted } => {
            is_our_id(&target.id) && (!adopted || sends_to_our_topic(facts, target))
        }
        Owner::Other { .. } | Owner::Unknown => false,
    }
}

fn sends_to_our_topic(facts: &Facts<'_>, target: &Target) -> bool {
    match &target.to {
        Reference::Key(topic) => matches!(facts.owner(topic), Owner::Ours { .. }),
        Reference::Arn(_) => false,
    }
}

fn leftover_target(facts: &Facts<'_>, key: &ResourceKey, target: &Target, draft: &mut Draft) {
    let rule = &target.rule.name;
    if is_our_target(facts, target) {
        let step = Step::RemoveTarget { rule: rule.clone(), id: target.id.clone() };
        let change = change(key, Action::Delete, why(facts, key), vec![step], Vec::new());
        draft.add(StageName::Detach, change);
    } else if matches!(facts.owner(&target.rule), Owner::Ours { .. }) {
        let text = format!("rule {rule} also sends to {} (target {})", target.to, target.id);
        draft.note(NoteKind::NotOurs, key, text);
    } else if sends_to_our_topic(facts, target) {
        let text = format!("rule {rule}, which is not in the file, sends to {}", target.to);
        draft.note(NoteKind::NotOurs, key, text);
    }
}

fn leftover_alarm(facts: &Facts<'_>, key: &ResourceKey, draft: &mut Draft) {
    match facts.owner(key) {
        Owner::Ours { adopted: true } => {
            let reason = format!("{}; it was adopted and stays, without our tags", why(facts, key));
            let change = change(key, Action::Release, reason, vec![untag(key)], Vec::new());
            draft.add(StageName::Detach, change);
        }
        Owner::Ours { adopted: false } => {
            let step = Step::DeleteAlarm { name: key.name.clone() };
            let change = change(key, Action::Delete, why(facts, key), vec![step], Vec::new());
            draft.add(StageName::Detach, change);
        }
        Owner::Other { .. } | Owner::Unknown => draft.note(
            NoteKind::NotOurs,
            key,
            format!("alarm {}, which is not in the file, sends to our topic", key.name),
        ),
    }
}

fn leftover_subscription(
    facts: &Facts<'_>,
    key: &ResourceKey,
    seen: &Subscription,
    draft: &mut Draft,
) {
    // Subscriptions go with a topic of ours that goes; what happens to those of one that stays
    // is decided with the topic.
    let topic_stays = facts.wanted.contains_key(&seen.topic);
    if !topic_stays || seen.status.value() == Some(&SubscriptionStatus::Deleted) {
        return;
    }
    let arn = seen.arn.value().cloned().flatten();
    match (facts.options.prune_subscriptions, arn) {
        (true, Some(arn)) => {
            let reason = "the file does not name it".to_owned();
            let steps = vec![Step::Unsubscribe { arn }];
            let change = change(key, Action::Delete, reason, steps, Vec::new());
            draft.add(StageName::Detach, change);
        }
        (true, None) => draft.note(
            NoteKind::NotOurs,
            key,
            format!(
                "{} is not in the file and has not confirmed: SNS removes it by itself within two \
                 days",
                seen.endpoint
            ),
        ),
        (false, _) => draft.note(
            NoteKind::NotOurs,
            key,
            format!("{} ({}) is not in the file", seen.endpoint, seen.protocol.as_str()),
        ),
    }
}

fn leftover_rule(facts: &Facts<'_>, key: &ResourceKey, draft: &mut Draft) {
    let Owner::Ours { adopted } = facts.owner(key) else { return };
    let targets: Vec<(&ResourceKey, &Target)> = facts
        .observed
        .iter()
        .filter_map(|(at, resource)| match resource {
            Resource::Target(target) if target.rule == *key => Some((at, target)),
            _ => None,
        })
        .collect();
    let others = targets.iter().filter(|(_, target)| !is_our_target(facts, target)).count();
    let stays = if adopted {
        let ours = if others < targets.len() { " and target" } else { "" };
        Some(format!("it was adopted and stays, without our tags{ours}"))
    } else if others > 0 {
        Some(format!("it stays, without our tags and target: it has {others} other target(s)"))
    } else {
        None
    };
    let why = match former::preset_of(facts, key) {
        Some(became) if facts.purpose == Purpose::Setup => became,
        _ => why(facts, key),
    };
    let (action, reason, steps) = match stays {
        Some(stays) => {
            let steps = mutes::wake(facts.observed.get(key), key).into_iter().chain([untag(key)]);
            (Action::Release, format!("{why}; {stays}"), steps.collect())
        }
        None => {
            let step = Step::DeleteRule { name: key.name.clone() };
            (Action::Delete, why, vec![step])
        }
    };
    let needs = targets.into_iter().map(|(at, _)| at.clone()).collect();
    draft.add(StageName::Rules, change(key, action, reason, steps, needs));
}

fn leftover_queue(facts: &Facts<'_>, key: &ResourceKey, queue: &Queue, draft: &mut Draft) {
    let Owner::Ours { adopted } = facts.owner(key) else { return };
    let here = Reference::Key(key.clone());
    let mut others: Vec<String> = Vec::new();
    for sid in foreign_statements(facts.observed.get(key)) {
        others.push(format!("policy statement {sid}"));
    }
    for (at, resource) in facts.observed {
        let Resource::Target(target) = resource else { continue };
        let dead_letter = target.delivery.value().and_then(|d| d.dead_letter.as_ref());
        let uses = target.to == here || dead_letter == Some(&here);
        // Those that the file keeps are sent elsewhere before this.
        if uses && !facts.wanted.contains_key(at) && !is_our_target(facts, target) {
            others.push(format!("rule {}", target.rule.name));
        }
    }
    let mut needs = draft.keys_of(&[StageName::Targets, StageName::Detach]);
    needs.retain(|need| need.place == key.place);
    let stays = if adopted {
        Some("it was adopted and stays, without our tags and statement".to_owned())
    } else if others.is_empty() {
        None
    } else {
        Some(format!("it stays, without our tags: others use it ({})", others.join(", ")))
    };
    let Some(stays) = stays else {
        let reason = match queue.messages.value() {
            None | Some(0) => why(facts, key),
            Some(waiting) => {
                format!("{}; about {waiting} message(s) in it go with it", why(facts, key))
            }
        };
        let steps = vec![Step::DeleteQueue { name: key.name.clone() }];
        return draft.add(StageName::Rules, change(key, Action::Delete, reason, steps, needs));
    };
    // Without the statement, what others' rules lose would be lost for good.
    let mut steps = Vec::new();
    if others.is_empty() {
        let remove = vec![EVENTS_SID.to_owned()];
        steps.push(Step::MergeQueuePolicy { queue: key.clone(), put: Vec::new(), remove });
    }
    steps.push(untag(key));
    let reason = format!("{}; {stays}", why(facts, key));
    draft.add(StageName::Rules, change(key, Action::Release, reason, steps, needs));
}

fn leftover_topic(facts: &Facts<'_>, key: &ResourceKey, draft: &mut Draft) {
    let Owner::Ours { adopted } = facts.owner(key) else { return };
    if key.region().is_some_and(|region| facts.held.contains(region)) {
        // The region's WAF alarms still send to it.
        draft.note(
            NoteKind::Info,
            key,
            format!("topic {} stays while WAF cannot be asked", key.name),
        );
        return;
    }
    let subscriptions: Vec<(&ResourceKey, &Subscription)> = facts
        .observed
        .iter()
        .filter_map(|(at, resource)| match resource {
            Resource::Subscription(s) if s.topic == *key => Some((at, s)),
            _ => None,
        })
        .collect();
    let others = others_on(facts, key, &subscriptions);
    let (stage, needs) = last(facts, key, draft);
    if let Some(new) = successor(facts, key) {
        let text = format!(
            "topic {} takes the place of {}: every reader must confirm again",
            new.name, key.name
        );
        draft.note(NoteKind::Info, key, text);
    }
    if !adopted && others.is_empty() {
        let living = subscriptions.iter().filter(|(_, s)| is_living(s)).count();
        let reason = match living {
            0 => why(facts, key),
            n => format!("{}; its {n} subscription(s) go with it", why(facts, key)),
        };
        let steps = vec![Step::DeleteTopic { topic: key.clone() }];
        draft.add(stage, change(key, Action::Delete, reason, steps, needs));
        return;
    }
    release_topic(facts, key, adopted, &subscriptions, &others, (stage, needs), draft);
}

/// The topic that takes the place of one that goes: the one in its region that does the same.
fn successor<'f>(facts: &'f Facts<'_>, gone: &ResourceKey) -> Option<&'f ResourceKey> {
    let is_fallback = |resource: &Resource| resource.tags().is_some_and(tags::is_fallback);
    let does = facts.observed.get(gone).is_some_and(is_fallback);
    let here = facts.wanted.iter().filter(|(k, _)| k.kind == Kind::Topic && k.place == gone.place);
    here.filter(|(_, topic)| is_fallback(topic) == does).map(|(key, _)| key).next()
}

/// When a topic goes: after everything that takes its place is there, and nothing of ours sends
/// to it any more. Those of regions that the file still names go last of all, because their tag
/// says where else the stack is.
fn last(facts: &Facts<'_>, key: &ResourceKey, draft: &Draft) -> (StageName, Vec<ResourceKey>) {
    let here = [
        StageName::Topics,
        StageName::Sources,
        StageName::Targets,
        StageName::Detach,
        StageName::Rules,
        StageName::Ends,
    ];
    let mut needs = draft.keys_of(&here);
    needs.retain(|need| need.place == key.place);
    if key.region().is_none_or(|region| !facts.regions.contains(region)) {
        return (StageName::Leftovers, needs);
    }
    let mut elsewhere = draft.keys_of(&[
        StageName::Detach,
        StageName::Rules,
        StageName::Ends,
        StageName::Unused,
        StageName::Leftovers,
    ]);
    elsewhere.retain(|need| need.region().is_none_or(|region| !facts.regions.contains(region)));
    needs.extend(elsewhere);
    (StageName::Roots, needs)
}

/// Takes our parts off a topic that stays.
fn release_topic(
    facts: &Facts<'_>,
    key: &ResourceKey,
    adopted: bool,
    subscriptions: &[(&ResourceKey, &Subscription)],
    others: &[User],
    (stage, needs): (StageName, Vec<ResourceKey>),
    draft: &mut Draft,
) {
    let mut remove = vec![EVENTS_SID.to_owned(), ALARMS_SID.to_owned()];
    let stays = if adopted {
        // Nobody knows who subscribed to a topic that was there before us.
        let living = subscriptions.iter().filter(|(_, s)| is_living(s));
        let living: Vec<&str> = living.map(|(_, s)| s.endpoint.as_str()).collect();
        if !living.is_empty() {
            let text = format!("the topic keeps its subscriptions: {}", living.join(", "));
            draft.note(NoteKind::NotOurs, key, text);
        }
        "it was adopted and stays, without our tags and statements".to_owned()
    } else {
        for (at, subscription) in subscriptions {
            let named = is_named(facts, subscription) || facts.options.prune_subscriptions;
            if let (true, Some(arn)) = (named, subscription.arn.value().cloned().flatten()) {
                let steps = vec![Step::Unsubscribe { arn }];
                let change = change(at, Action::Delete, why(facts, key), steps, Vec::new());
                draft.add(StageName::Detach, change);
            }
        }
        // Without the statement, what others send through the topic would be lost in silence.
        remove.retain(|sid| !others.iter().any(|user| user.needs == Some(sid.as_str())));
        let names: Vec<&str> = others.iter().map(|user| user.name.as_str()).collect();
        let kept = if remove.len() < 2 { " but the statement that they need" } else { "" };
        format!("it stays, without our parts{kept}: others use it ({})", names.join(", "))
    };
    if let Some(Resource::Topic(topic)) = facts.observed.get(key)
        && let Some(policy) = topic.policy.value()
    {
        remove.extend(publisher_sids(policy).map(str::to_owned));
    }
    let steps =
        vec![Step::MergeTopicPolicy { topic: key.clone(), put: Vec::new(), remove }, untag(key)];
    let reason = format!("{}; {stays}", why(facts, key));
    draft.add(stage, change(key, Action::Release, reason, steps, needs));
}

fn is_living(subscription: &Subscription) -> bool {
    subscription.status.value() != Some(&SubscriptionStatus::Deleted)
}

fn is_named(facts: &Facts<'_>, seen: &Subscription) -> bool {
    facts.subscriptions.iter().any(|s| s.protocol == seen.protocol && s.endpoint == seen.endpoint)
}

/// Somebody else's use of a topic.
struct User {
    name: String,
    /// The statement of ours that it works by.
    needs: Option<&'static str>,
}

/// Who else uses a topic.
fn others_on(
    facts: &Facts<'_>,
    topic: &ResourceKey,
    subscriptions: &[(&ResourceKey, &Subscription)],
) -> Vec<User> {
    let mut others = Vec::new();
    let seen = facts.observed.get(topic);
    // Nothing but losses was ever told through a fallback: whom the file no longer names is no
    // reason to keep it.
    let fallback = seen.and_then(Resource::tags).is_some_and(tags::is_fallback);
    if !facts.options.prune_subscriptions && !fallback {
        // An invitation that nobody has followed is no use; it lapses by itself.
        let is_theirs = |s: &Subscription| {
            s.status.value() == Some(&SubscriptionStatus::Confirmed)
                && !is_named(facts, s)
                && !is_listener(s, facts.stack)
        };
        let theirs = subscriptions.iter().filter(|(_, s)| is_theirs(s));
        others.extend(theirs.map(|(_, s)| User { name: s.endpoint.clone(), needs: None }));
    }
    for sid in foreign_statements(seen) {
        others.push(User { name: format!("policy statement {sid}"), needs: None });
    }
    let here = Reference::Key(topic.clone());
    for (key, resource) in facts.observed {
        match resource {
            Resource::Target(target) if target.to == here && !is_our_target(facts, target) => {
                let name = format!("rule {}", target.rule.name);
                others.push(User { name, needs: Some(EVENTS_SID) });
            }
            Resource::Alarm(alarm) => {
                let actions =
                    [&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions];
                // An adopted alarm stays as it is, with the topic as its action.
                let goes = facts.owner(key) == Owner::Ours { adopted: false };
                let uses = actions.iter().any(|list| list.contains(&here));
                if uses && !goes && !facts.wanted.contains_key(key) {
                    let name = format!("alarm {}", key.name);
                    others.push(User { name, needs: Some(ALARMS_SID) });
                }
            }
            _ => {}
        }
    }
    others
}

/// The statements of a topic's or queue's policy that neither we nor SNS itself put there.
pub(super) fn foreign_statements(resource: Option<&Resource>) -> Vec<String> {
    let policy = match resource {
        Some(Resource::Topic(topic)) => &topic.policy,
        Some(Resource::Queue(queue)) => &queue.policy,
        _ => return Vec::new(),
    };
    let statements = policy.value().map_or(&[][..], |policy| policy.statements());
    let sids = statements.iter().map(|statement| sid_of(statement).unwrap_or("without Sid"));
    sids.filter(|sid| ![EVENTS_SID, ALARMS_SID, DEFAULT_SID].contains(sid))
        .filter(|sid| !sid.starts_with(PUBLISHER_SID))
        .map(str::to_owned)
        .collect()
}
