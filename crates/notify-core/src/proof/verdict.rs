//! What all links of a notification say together, and those that every notification has.

use super::command::{SETUP, quoted};
use super::{LinkName, LinkState, Seen, Step};
use crate::plan::{Action, FieldChange};
use crate::state::{Kind, Resource, ResourceKey};
use jiff::Timestamp;

/// The worst of the links that asks for something decides; else whether mail flows.
pub(super) fn of(steps: &[Step]) -> Step {
    const LINK: LinkName = LinkName::Verdict;
    let worst = steps.iter().map(|step| step.state).max().unwrap_or(LinkState::Unknown);
    let first = steps.iter().find(|step| step.state == worst);
    let state = if worst >= LinkState::Muted {
        worst
    } else {
        let flows = steps.iter().find(|step| step.link == LinkName::Deliveries);
        match flows.map(|step| step.state) {
            Some(LinkState::Ok) => LinkState::Ok,
            _ if worst == LinkState::Unknown => LinkState::Unknown,
            _ => LinkState::Quiet,
        }
    };
    let found = match state {
        LinkState::Ok => "delivering",
        LinkState::Quiet | LinkState::Weak => "armed, quiet",
        LinkState::Unknown => "armed, as far as can be known",
        LinkState::Muted => "muted",
        LinkState::Pending => "waiting for a person",
        LinkState::Drifted => "not as the file says",
        LinkState::Broken => "broken here",
    };
    let mut verdict = Step::new(LINK, state, found);
    if state >= LinkState::Muted {
        verdict.cause = first.and_then(|step| step.cause.clone());
        verdict.command = first.and_then(|step| step.command.clone());
    }
    verdict
}

/// A notification that is muted, until a time.
pub(super) fn muted(notification: &str, until: Timestamp) -> Step {
    Step::new(LinkName::Enabled, LinkState::Muted, "muted")
        .because(format!("it is muted until {until}"))
        .mended_by(format!("notify-cli unmute {}", quoted(notification)))
}

/// The first link of something that is not there.
pub(super) fn absent(seen: Seen<'_>, what: &str) -> Step {
    let blocked = seen.survey.plan.blocked.iter().find(|blocked| blocked.key == *seen.key);
    let cause = match blocked {
        Some(blocked) => format!("the {what} does not exist: {}", blocked.reason),
        None => format!("the {what} does not exist"),
    };
    Step::broken(LinkName::Enabled, "not there", cause).mended_by(SETUP)
}

/// What others changed, beside what has a link of its own.
pub(super) fn as_written(seen: Seen<'_>) -> Step {
    const LINK: LinkName = LinkName::AsWritten;
    let Seen { survey, key, .. } = seen;
    let blocked = survey.plan.blocked.iter().find(|blocked| blocked.key == *key);
    if let (Some(blocked), true) = (blocked, survey.observed.contains_key(key)) {
        return Step::new(LINK, LinkState::Drifted, "in the way")
            .because(format!("{}: {}", blocked.reason, blocked.help))
            .mended_by("notify-cli plan");
    }
    let machine = super::machine::of(seen);
    let is_its = |other: &ResourceKey| {
        other == key
            || Some(other) == machine
            || (other.kind == Kind::Target
                && matches!(survey.observed.get(other), Some(Resource::Target(t)) if t.rule == *key))
    };
    let changes = survey.plan.changes();
    let fields: Vec<&FieldChange> = changes
        .filter(|change| change.action == Action::Update && is_its(&change.key))
        .flat_map(|change| &change.fields)
        .filter(|field| !has_its_own_link(&field.path))
        .collect();
    let Some(first) = fields.first() else {
        return if survey.observed.contains_key(key) {
            Step::ok(LINK, "as the file says")
        } else {
            Step::unknown(LINK, "it is not there")
        };
    };
    let cause = match (&fields[..], &first.old, &first.new) {
        ([field], Some(old), Some(new)) if is_short(old) && is_short(new) => {
            format!("{} is {old}, and the file says {new}", field.path)
        }
        (fields, ..) => {
            let paths: Vec<&str> = fields.iter().map(|field| field.path.as_str()).collect();
            let verb = if paths.len() == 1 { "is" } else { "are" };
            format!("{} {verb} not as the file says", paths.join(", "))
        }
    };
    Step::new(LINK, LinkState::Drifted, "changed").because(cause).mended_by(SETUP)
}

fn has_its_own_link(path: &str) -> bool {
    matches!(path, "state" | "enabled" | "to" | "alarm_actions") || path.starts_with("tags.")
}

fn is_short(value: &serde_json::Value) -> bool {
    !value.is_object() && !value.is_array() && value.to_string().chars().count() <= 40
}

/// The link to a topic that is told.
pub(super) fn topic_exists(seen: Seen<'_>, topic: &ResourceKey) -> Step {
    const LINK: LinkName = LinkName::Target;
    if seen.survey.observed.contains_key(topic) {
        return Step::ok(LINK, format!("the topic {}", topic.name));
    }
    Step::broken(LINK, "no topic", format!("the topic {} does not exist", topic.name))
        .mended_by(SETUP)
}
