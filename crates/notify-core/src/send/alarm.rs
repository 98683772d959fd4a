//! A test of an alarm: it is set off, and set back.

use super::{Expected, Refusal};
use crate::aws::AlarmState;
use crate::provider::AlarmNow;
use crate::spec::Language;
use crate::state::{Reference, ResourceKey};

/// An alarm that is to be set off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmTest {
    /// The alarm.
    pub alarm: ResourceKey,
    /// The state that it has in the end.
    pub before: AlarmState,
    /// Whether it must leave ALARM first: only a change is told of.
    pub is_in_alarm: bool,
    /// Whether its readers are told of OK, too: then they get a second mail.
    pub tells_of_ok: bool,
    /// The language of the reasons.
    pub language: Language,
}

impl AlarmTest {
    /// What must come out of the topic.
    pub fn expected(&self) -> Expected {
        let reason = reason(self.language, self.before);
        Expected::Alarm { name: self.alarm.name.clone(), reason }
    }

    /// How many mails a reader gets.
    pub fn mails(&self) -> usize {
        // Out of ALARM and into it again, or into it and back.
        let leaves_for_ok = self.is_in_alarm || self.before == AlarmState::Ok;
        1 + usize::from(self.tells_of_ok && leaves_for_ok)
    }
}

/// Before the state that an alarm had: who finds it knows where to set it back to.
const MARK: &str = "[notify-cli send: ";

/// Why the alarm is set off, for whoever gets the mail.
///
/// The end says which state it had, so that one that was left behind can be set back.
///
/// ```
/// # use notify_core::{aws::AlarmState, send::{reason, state_before}, spec::Language};
/// let text = reason(Language::En, AlarmState::Ok);
/// assert_eq!(text, "This is a test by notify-cli: nothing is wrong. [notify-cli send: OK]");
/// assert_eq!(state_before(&text), Some(AlarmState::Ok));
/// ```
pub fn reason(language: Language, before: AlarmState) -> String {
    let says = match language {
        Language::En => "This is a test by notify-cli: nothing is wrong.",
        Language::Ja => "notify-cli による送信テストです。異常はありません。",
    };
    format!("{says} {MARK}{}]", before.as_str())
}

/// Why the alarm is set back.
pub fn back(language: Language) -> String {
    match language {
        Language::En => "The test by notify-cli is over; the state is the one before it.",
        Language::Ja => "notify-cli による送信テストを終え、元の状態に戻しました。",
    }
    .to_owned()
}

/// The state that an alarm had before a test that did not set it back, by its reason.
pub fn state_before(reason: &str) -> Option<AlarmState> {
    let (_, state) = reason.rsplit_once(MARK)?;
    let state = state.strip_suffix(']')?;
    let all = [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData];
    all.into_iter().find(|one| one.as_str() == state)
}

/// Plans the test of an alarm that exists.
pub fn alarm_test(
    alarm: &ResourceKey,
    now: &AlarmNow,
    topic: &ResourceKey,
    language: Language,
) -> Result<AlarmTest, Refusal> {
    let name = &alarm.name;
    if !now.enabled {
        return Err(Refusal::new(
            format!("the actions of alarm {name} are switched off: it tells nobody of anything"),
            "remove `enabled = false` from the file and run `notify-cli setup`; a muted one is \
             woken by `notify-cli unmute`",
        ));
    }
    let topic = Reference::Key(topic.clone());
    if !now.alarm_actions.contains(&topic) {
        return Err(Refusal::new(
            format!("alarm {name} does not tell the topic of anything"),
            "`notify-cli plan` shows what differs, `notify-cli setup` mends it",
        ));
    }
    Ok(AlarmTest {
        alarm: alarm.clone(),
        before: state_before(&now.reason).unwrap_or(now.state),
        is_in_alarm: now.state == AlarmState::Alarm,
        tells_of_ok: now.ok_actions.contains(&topic),
        language,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{AlarmName, Region, TopicName};

    fn alarm() -> ResourceKey {
        ResourceKey::alarm(&Region::us_east_1(), &AlarmName::parse("errors").unwrap())
    }

    fn topic() -> ResourceKey {
        ResourceKey::topic(&Region::us_east_1(), &TopicName::parse("alerts").unwrap())
    }

    fn now(state: AlarmState, reason: &str) -> AlarmNow {
        AlarmNow {
            state,
            reason: reason.to_owned(),
            enabled: true,
            alarm_actions: vec![Reference::Key(topic())],
            ok_actions: Vec::new(),
        }
    }

    #[test]
    fn the_state_before_is_read_off_a_reason_of_ours_alone() {
        let all = [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData];
        for language in [Language::En, Language::Ja] {
            for state in all {
                let text = reason(language, state);
                assert_eq!(state_before(&text), Some(state), "{text}");
                assert!(text.chars().count() < 1023, "CloudWatch takes no longer one");
            }
            assert_eq!(state_before(&back(language)), None);
        }
        for text in [
            "",
            "Threshold Crossed",
            "[notify-cli send: ]",
            "[notify-cli send: OK",
            "[notify-cli send: FINE]",
        ] {
            assert_eq!(state_before(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_left_in_alarm_goes_back_to_what_it_was() {
        let plan = |now: &AlarmNow| alarm_test(&alarm(), now, &topic(), Language::En).unwrap();
        let fresh = plan(&now(AlarmState::Ok, "Threshold Crossed"));
        assert_eq!((fresh.before, fresh.is_in_alarm, fresh.mails()), (AlarmState::Ok, false, 1));
        let left = now(AlarmState::Alarm, &reason(Language::Ja, AlarmState::InsufficientData));
        let left = plan(&left);
        assert_eq!((left.before, left.is_in_alarm), (AlarmState::InsufficientData, true));
        let real = plan(&now(AlarmState::Alarm, "Threshold Crossed"));
        assert_eq!((real.before, real.is_in_alarm), (AlarmState::Alarm, true));
        let expected = Expected::Alarm {
            name: "errors".to_owned(),
            reason: reason(Language::En, AlarmState::Alarm),
        };
        assert_eq!(real.expected(), expected);
        for (state, mails) in
            [(AlarmState::Ok, 2), (AlarmState::Alarm, 2), (AlarmState::InsufficientData, 1)]
        {
            let told = AlarmNow { ok_actions: vec![Reference::Key(topic())], ..now(state, "") };
            assert_eq!(plan(&told).mails(), mails, "{state:?}");
        }
    }

    #[test]
    fn an_alarm_that_tells_nobody_is_refused() {
        let off = AlarmNow { enabled: false, ..now(AlarmState::Ok, "") };
        let refusal = alarm_test(&alarm(), &off, &topic(), Language::En).unwrap_err();
        assert!(refusal.message.contains("switched off"), "{refusal}");
        assert!(refusal.help.contains("unmute"), "{}", refusal.help);
        let away = AlarmNow { alarm_actions: Vec::new(), ..now(AlarmState::Ok, "") };
        let refusal = alarm_test(&alarm(), &away, &topic(), Language::En).unwrap_err();
        assert!(refusal.message.contains("does not tell the topic"), "{refusal}");
    }
}
