//! The links of a rule: from an event to the topic.

use super::command::SETUP;
use super::deliveries::matched;
use super::{LinkName, LinkState, Seen, Step, config, machine, verdict};
use crate::state::{Reference, Resource, ResourceKey, Rule, RuleState, Target, muted_until};
use crate::transform::{Known as Fields, Risk, verdicts};

/// The links up to the topic, and the topic.
pub(super) fn steps(seen: Seen<'_>, wanted: &Rule) -> (Vec<Step>, Option<ResourceKey>) {
    let Seen { survey, key, .. } = seen;
    let there = match survey.observed.get(key) {
        Some(Resource::Rule(rule)) => Some(rule),
        _ => None,
    };
    let target = survey.desired.state.values().find_map(|resource| match resource {
        Resource::Target(target) if target.rule == *key => Some(target),
        _ => None,
    });
    let starts = target.and_then(machine::started);
    let topic = match (starts, target.map(|target| &target.to)) {
        (Some(_), _) => machine::topic_of(seen),
        (None, Some(Reference::Key(topic))) => Some(topic.clone()),
        (None, Some(Reference::Arn(_)) | None) => None,
    };
    let targets: Vec<&Target> = survey
        .observed
        .values()
        .filter_map(|resource| match resource {
            Resource::Target(target) if target.rule == *key => Some(target),
            _ => None,
        })
        .collect();
    let ours = targets.iter().copied().find(|there| target.is_some_and(|t| t.to == there.to));
    let mut steps = vec![enabled(seen, wanted, there), verdict::as_written(seen)];
    steps.push(matches(seen, there.unwrap_or(wanted)));
    steps.push(match (there, starts, ours) {
        (Some(_), Some(machine), Some(target)) => machine::told(seen, machine, target),
        (Some(_), ..) => told(seen, topic.as_ref(), &targets, ours.is_some()),
        (None, ..) => Step::unknown(LinkName::Target, "the rule is not there"),
    });
    if starts.is_some() {
        // It takes every event as it is, and whatever an expression makes of it, something is sent.
        steps.push(Step::ok(LinkName::Template, "cannot lose"));
    } else if let Some(target) = ours.or(target) {
        steps.push(template(there.unwrap_or(wanted), target));
    }
    (steps, topic)
}

fn enabled(seen: Seen<'_>, wanted: &Rule, there: Option<&Rule>) -> Step {
    const LINK: LinkName = LinkName::Enabled;
    let Some(there) = there else { return verdict::absent(seen, "rule") };
    if there.state.value() != Some(&RuleState::Disabled) {
        return Step::ok(LINK, "on");
    }
    // One that should be over by now and left the rule off is as broken as any other.
    if let Some(until) = muted_until(there, seen.facts.window.now) {
        return verdict::muted(&seen.key.name, until);
    }
    if wanted.state.value() == Some(&RuleState::Disabled) {
        return Step::new(LINK, LinkState::Muted, "off").because("the file has it switched off");
    }
    Step::broken(LINK, "off", "the rule is disabled").mended_by(SETUP)
}

/// Whether what the rule waits for can happen.
fn matches(seen: Seen<'_>, rule: &Rule) -> Step {
    const LINK: LinkName = LinkName::Matches;
    let Seen { survey, facts, region, key } = seen;
    let Some(pattern) = &rule.pattern else {
        let schedule = rule.schedule.clone().unwrap_or_default();
        return Step::ok(LINK, format!("runs by {schedule}"));
    };
    if let Some(facts) = facts.config.get(region).filter(|_| config::waits_for_config(&pattern.0)) {
        return config::step(&survey.plan.identity, region, &pattern.0, facts);
    }
    // Of other sources nothing tells whether they will ever send such an event, but that they did.
    match facts.metrics.get(region) {
        Some(Ok(measured)) => match matched(measured, &key.name) {
            Some(last) => Step::ok(LINK, format!("last {}", super::deliveries::day(last))),
            None => Step::new(LINK, LinkState::Quiet, format!("no event in {} days", super::DAYS)),
        },
        Some(Err(unknown)) => Step::unknown(LINK, unknown.sentence()),
        None => Step::unknown(LINK, "nobody asked for its metrics"),
    }
}

fn told(seen: Seen<'_>, topic: Option<&ResourceKey>, targets: &[&Target], is_told: bool) -> Step {
    const LINK: LinkName = LinkName::Target;
    let Some(topic) = topic else {
        return Step::unknown(LINK, "the file names no topic of this account");
    };
    if !is_told {
        let who = &seen.survey.plan.identity;
        let elsewhere: Vec<String> =
            targets.iter().map(|target| format!("`{}`", target.to.to_arn(who))).collect();
        let cause = if elsewhere.is_empty() {
            "the rule has no target".to_owned()
        } else {
            format!("the rule tells {}, not the topic {}", elsewhere.join(", "), topic.name)
        };
        let found = if elsewhere.is_empty() { "no target" } else { "elsewhere" };
        return Step::broken(LINK, found, cause).mended_by(SETUP);
    }
    verdict::topic_exists(seen, topic)
}

/// Whether the template, as it is there, can lose a mail.
fn template(rule: &Rule, target: &Target) -> Step {
    const LINK: LinkName = LinkName::Template;
    let pattern = rule.pattern.as_ref().map_or("{}", |pattern| &pattern.0);
    let mut verdicts = verdicts(&target.input, &Fields::from_pattern(pattern));
    verdicts.sort_by_key(|verdict| std::cmp::Reverse(verdict.risk));
    let Some(worst) = verdicts.first().filter(|verdict| verdict.risk > Risk::Safe) else {
        return Step::ok(LINK, "loses nothing");
    };
    let remedy = worst.remedy().unwrap_or_default();
    let cause = format!("<{}>: {}; in the file, {remedy}", worst.placeholder, worst.reason);
    let (state, found) = match worst.risk {
        Risk::Safe => (LinkState::Ok, "loses nothing"),
        Risk::Unknown => (LinkState::Weak, "may lose a mail"),
        Risk::MayBeLost => (LinkState::Broken, "loses mails"),
        Risk::AlwaysLost => (LinkState::Broken, "loses every mail"),
    };
    Step::new(LINK, state, found).because(cause).mended_by(SETUP)
}
