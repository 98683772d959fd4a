//! What keeps a notification quiet for a while, and what ends that by itself.
//!
//! An event's rule is disabled and tagged; a one-time schedule enables it again. Alarms have mute
//! rules of CloudWatch. Both carry their end and whose they are in their names: a schedule can have
//! no tags, and neither is listed with any.

use super::{ResourceKey, Rule, RuleState, Want};
use crate::aws::{Minute, RuleName, StackName, Tags, fingerprint, tags};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A CloudWatch alarm mute rule with one window. What is [`Want::Keep`] was not read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmMute {
    /// What it is for.
    pub description: Want<String>,
    /// The names of the alarms: 100 at most.
    pub alarms: Want<BTreeSet<String>>,
    /// When its window begins.
    pub from: Want<Minute>,
    /// When its window ends.
    pub until: Minute,
    /// Its tags.
    pub tags: Want<Tags>,
}

/// A one-time schedule of EventBridge Scheduler that enables a rule, and is gone afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// The rule.
    pub rule: Want<String>,
    /// The name of the role that enables it.
    pub role: Want<String>,
    /// When.
    pub at: Minute,
}

/// In which of two ways something is muted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Muting {
    /// By CloudWatch's alarm mute rules.
    Alarms,
    /// By a disabled rule and a schedule that enables it again.
    Events,
}

impl Muting {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Alarms, Self::Events];

    /// Its word in a topic's tag.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alarms => "alarms",
            Self::Events => "events",
        }
    }

    /// Those that a topic's tags tell of.
    pub fn of(tags: &Tags) -> BTreeSet<Self> {
        let words = tags.get(tags::MUTES).map_or("", String::as_str);
        let told = |muting: &Self| words.split(' ').any(|word| word == muting.as_str());
        Self::ALL.into_iter().filter(told).collect()
    }

    /// The value of a topic's tag.
    pub(crate) fn to_tag(all: &BTreeSet<Self>) -> String {
        all.iter().map(|muting| muting.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Until when a rule is muted: it is disabled, and its tag names a time that is still to come.
///
/// A rule that is enabled is not muted whatever its tag says: a mute is written from its end to its
/// beginning, so it may have been cut off before the rule was disabled.
///
/// ```
/// # use notify_core::{aws::tags, state::{Rule, RuleState, Want, muted_until}};
/// let muted = tags::Tags::from([(tags::MUTED_UNTIL.into(), "2026-11-24T23:10:00Z".into())]);
/// let rule = Rule {
///     description: String::new(),
///     pattern: None,
///     schedule: None,
///     role: None,
///     state: Want::Exactly(RuleState::Disabled),
///     managed_by: Want::Keep,
///     tags: Want::Exactly(muted),
/// };
/// assert!(muted_until(&rule, "2026-11-24T23:09:59Z".parse()?).is_some());
/// assert_eq!(muted_until(&rule, "2026-11-24T23:10:00Z".parse()?), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn muted_until(rule: &Rule, now: Timestamp) -> Option<Timestamp> {
    let is_off = rule.state.value() == Some(&RuleState::Disabled);
    let until = tags::muted_until(rule.tags.value()?)?;
    (is_off && now < until).then_some(until)
}

fn hex(text: &str, digits: usize) -> String {
    format!("{:016x}", fingerprint(0, text)).chars().take(digits).collect()
}

/// Text that every service takes in a name, cut after `most` characters.
fn slug(text: &str, most: usize) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    text.chars().take(most).map(safe).collect()
}

/// The name of the role that a stack's schedules take on; roles' names have 64 characters at most.
pub(crate) fn role_name(stack: &StackName) -> String {
    role_for(stack, "unmute")
}

/// The name of a stack's role for a purpose, a word of 7 characters at most.
pub(crate) fn role_for(stack: &StackName, purpose: &str) -> String {
    const MOST: usize = 64;
    let name = format!("notify-{stack}-{purpose}");
    if name.len() <= MOST {
        return name;
    }
    let stack = stack.as_str();
    format!("notify-{}-{}-{purpose}", slug(stack, 40), hex(stack, 8))
}

/// The names of schedules, which have 64 characters at most.
pub(crate) mod schedule_name {
    use super::{Minute, RuleName, StackName, hex, slug};

    /// How all schedules of a stack begin.
    pub(crate) fn prefix(stack: &StackName) -> String {
        format!("notify-{}-{}-", slug(stack.as_str(), 16), hex(stack.as_str(), 8))
    }

    /// How all schedules of a rule begin.
    pub(crate) fn prefix_of(stack: &StackName, rule: &RuleName) -> String {
        format!("{}{}-", prefix(stack), hex(rule.as_str(), 12))
    }

    /// The schedule that enables a rule at a time.
    ///
    /// Each end has a name of its own: AWS deletes a schedule some time after it has run, and one
    /// that took its name meanwhile might go with it.
    pub(crate) fn of(stack: &StackName, rule: &RuleName, at: Minute) -> String {
        format!("{}{}", prefix_of(stack, rule), at.compact())
    }

    /// When a schedule of the stack runs.
    pub(crate) fn end(stack: &StackName, name: &str) -> Option<Minute> {
        let (_, at) = name.strip_prefix(&prefix(stack))?.rsplit_once('-')?;
        Minute::from_compact(at)
    }
}

/// The names of alarm mute rules, which have 255 characters at most.
pub(crate) mod mute_names {
    use super::{Minute, StackName, hex, slug};

    /// How all mute rules of a stack begin.
    pub(crate) fn prefix(stack: &StackName) -> String {
        format!("notify-{}-{}-", slug(stack.as_str(), 64), hex(stack.as_str(), 8))
    }

    /// How all mute rules of a notification begin.
    pub(crate) fn prefix_of(stack: &StackName, notification: &str) -> String {
        format!("{}{}-{}-", prefix(stack), slug(notification, 64), hex(notification, 12))
    }

    /// The mute rule of the `number`th hundred of a notification's alarms, until a time.
    pub(crate) fn of(
        stack: &StackName,
        notification: &str,
        until: Minute,
        number: usize,
    ) -> String {
        format!("{}{}-{number}", prefix_of(stack, notification), until.compact())
    }

    /// When a mute rule of the stack ends.
    pub(crate) fn end(stack: &StackName, name: &str) -> Option<Minute> {
        let (rest, number) = name.strip_prefix(&prefix(stack))?.rsplit_once('-')?;
        number.parse::<usize>().ok()?;
        Minute::from_compact(rest.rsplit_once('-')?.1)
    }
}

impl Schedule {
    /// A schedule of a stack as its name tells; `None` where it is not one.
    pub fn of_name(stack: &StackName, name: &str) -> Option<Self> {
        let at = schedule_name::end(stack, name)?;
        Some(Self { rule: Want::Keep, role: Want::Keep, at })
    }

    /// The key of the role that the schedules of a stack take on.
    pub fn role_of(stack: &StackName) -> ResourceKey {
        ResourceKey::role(&role_name(stack))
    }

    /// How the names of all schedules of a stack begin.
    pub fn prefix(stack: &StackName) -> String {
        schedule_name::prefix(stack)
    }
}

impl AlarmMute {
    /// A mute rule of a stack as its name tells; `None` where it is not one.
    pub fn of_name(stack: &StackName, name: &str) -> Option<Self> {
        let until = mute_names::end(stack, name)?;
        Some(Self {
            description: Want::Keep,
            alarms: Want::Keep,
            from: Want::Keep,
            until,
            tags: Want::Keep,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Minute {
        Minute::floor("2026-11-24T23:10:00Z".parse().unwrap())
    }

    #[test]
    fn names_tell_whose_and_until_when() {
        let stack = |text: &str| StackName::parse(text).unwrap();
        let rule = |text: &str| RuleName::parse(text).unwrap();
        let long = "r".repeat(64);
        for name in ["a", "a-b", "security.prod", long.as_str()] {
            let name_of = schedule_name::of(&stack(name), &rule(&long), at());
            assert!(name_of.len() <= 64, "{name_of}");
            assert_eq!(schedule_name::end(&stack(name), &name_of), Some(at()));
            assert_eq!(Schedule::of_name(&stack(name), &name_of).map(|s| s.at), Some(at()));
            assert_eq!(schedule_name::end(&stack("b"), &name_of), None);
            let name_of = mute_names::of(&stack(name), &"遮断/1 ".repeat(50), at(), 12);
            assert!(name_of.len() <= 255 && name_of.is_ascii(), "{name_of}");
            assert_eq!(mute_names::end(&stack(name), &name_of), Some(at()));
            assert_eq!(AlarmMute::of_name(&stack(name), &name_of).map(|m| m.until), Some(at()));
            assert_eq!(mute_names::end(&stack("b"), &name_of), None);
        }
        let of = |name: &str| schedule_name::of(&stack("security"), &rule(name), at());
        assert_eq!(of("root"), "notify-security-f6581343-80b3b563a7de-202611242310");
        assert_ne!(of("root"), of("Root"));
        // A stack's name may be the beginning of another one's.
        assert!(!of("x").starts_with(&schedule_name::prefix(&stack("sec"))));
        for name in ["notify-security-f6581343-80b3b563a7de-soon", "notify-security-f6581343-", ""]
        {
            assert_eq!(schedule_name::end(&stack("security"), name), None);
            assert_eq!(mute_names::end(&stack("security"), name), None);
        }
    }

    #[test]
    fn a_role_is_named_after_its_stack() {
        let of = |stack: &str| Schedule::role_of(&StackName::parse(stack).unwrap()).to_string();
        assert_eq!(of("security"), "global/role/notify-security-unmute");
        let (fits, long) = ("s".repeat(50), "s".repeat(51));
        assert_eq!(of(&fits), format!("global/role/notify-{fits}-unmute"));
        let name = of(&long);
        assert!(name.starts_with("global/role/notify-ssss") && name.ends_with("-unmute"));
        assert_eq!(name.len(), "global/role/".len() + 63);
        assert_ne!(name, of(&"s".repeat(52)));
    }

    #[test]
    fn a_topics_tag_says_what_was_ever_muted() {
        for (value, is) in [
            (Some("alarms events"), &Muting::ALL[..]),
            (Some("events"), &[Muting::Events]),
            (Some("alarms"), &[Muting::Alarms]),
            (Some("other"), &[]),
            (None, &[]),
        ] {
            let tags = value.map(|v| (tags::MUTES.to_owned(), v.to_owned())).into_iter().collect();
            assert_eq!(Muting::of(&tags), is.iter().copied().collect());
        }
        assert_eq!(Muting::to_tag(&Muting::ALL.into_iter().collect()), "alarms events");
    }

    #[test]
    fn only_a_disabled_rule_with_a_time_to_come_is_muted() {
        let now: Timestamp = "2026-11-24T22:00:00Z".parse().unwrap();
        let rule = |state, value: &str| Rule {
            description: String::new(),
            pattern: None,
            schedule: None,
            role: None,
            state: Want::Exactly(state),
            managed_by: Want::Keep,
            tags: Want::Exactly(Tags::from([(tags::MUTED_UNTIL.to_owned(), value.to_owned())])),
        };
        for (state, value, is) in [
            (RuleState::Disabled, "2026-11-24T22:00:01Z", true),
            (RuleState::Disabled, "2026-11-25T07:00:01+09:00", true),
            (RuleState::Disabled, "2026-11-24T22:00:00Z", false),
            (RuleState::Disabled, "2026-11-24T21:59:59Z", false),
            (RuleState::Disabled, "tomorrow", false),
            (RuleState::Disabled, "", false),
            (RuleState::Enabled, "2026-11-24T23:00:00Z", false),
        ] {
            assert_eq!(muted_until(&rule(state, value), now).is_some(), is, "{state:?} {value}");
        }
        let untold = Rule { tags: Want::Keep, ..rule(RuleState::Disabled, "") };
        assert_eq!(muted_until(&untold, now), None);
    }
}
