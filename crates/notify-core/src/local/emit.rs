//! What EventBridge does with an event in a local cloud.

use super::cloud::{Cloud, LocalRule};
use super::execute::{NotPublished, Start};
use super::publish::{Message, Sent};
use crate::aws::publish::Service;
use crate::aws::{Arn, Call, Identity, Region};
use crate::mail::Notification;
use crate::pattern::{EventError, Pattern};
use crate::state::{Kind, Reference, ResourceKey, RuleState, Target};
use crate::transform::{Context, Event, Outcome, Transform};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How many dead letters an account keeps; older ones go.
const MOST_DEAD_LETTERS: usize = 1000;

/// An event that a target did not get, as a dead-letter queue would hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadLetter {
    /// When.
    pub at: String,
    /// The rule's ARN.
    pub rule: String,
    /// The target's id.
    pub target: String,
    /// `ERROR_CODE`, such as `INVALID_JSON`.
    pub code: String,
    /// `ERROR_MESSAGE`, where it is known.
    #[serde(default)]
    pub message: String,
    /// The same, and why in our words.
    pub reason: String,
    /// What was to be sent.
    pub attempted: String,
    /// The queue that holds it, where the target has one that takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
}

/// What one rule did with an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    /// The rule's name.
    pub rule: String,
    /// What it did.
    pub answer: Answer,
}

/// What a rule did with an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The rule is disabled, or does not see such events.
    Asleep,
    /// Its pattern does not match.
    NoMatch,
    /// It matched: what became of each target.
    Matched(Vec<Fate>),
}

/// What became of an event on its way to one target.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// It was published.
    Sent(Sent),
    /// It was lost.
    Lost(DeadLetter),
    /// Nothing is left to send: nothing is delivered, and no dead-letter queue is told.
    Vanished,
    /// The target is no topic of this account: its ARN.
    Elsewhere(String),
    /// It is beyond what is simulated, and why.
    Unsendable(String),
}

impl Cloud {
    /// Offers an event to each rule of a region, in the order of their names.
    pub(super) fn emit(
        &mut self,
        who: &Identity,
        region: &Region,
        event: &str,
        at: Timestamp,
    ) -> Result<Vec<Offered>, EventError> {
        let rules = self.regions.get(region).map(|place| place.rules.clone()).unwrap_or_default();
        let mut offered = Vec::with_capacity(rules.len());
        for (name, rule) in rules {
            let answer = self.offer(who, region, &name, &rule, event, at)?;
            offered.push(Offered { rule: name, answer });
        }
        Ok(offered)
    }

    /// Offers an event to one rule.
    pub(super) fn offer(
        &mut self,
        who: &Identity,
        region: &Region,
        name: &str,
        rule: &LocalRule,
        event: &str,
        at: Timestamp,
    ) -> Result<Answer, EventError> {
        if !is_awake(rule, event) {
            return Ok(Answer::Asleep);
        }
        // A rule that runs by a schedule picks no events.
        let Some(text) = &rule.rule.pattern else { return Ok(Answer::NoMatch) };
        let pattern = match Pattern::parse(&text.0) {
            Ok(pattern) => pattern,
            Err(error) => return Ok(Answer::Matched(vec![Fate::Unsendable(error.service_text())])),
        };
        if !pattern.matches(event.as_bytes())? {
            return Ok(Answer::NoMatch);
        }
        let arn = who.arn("events", region, &format!("rule/{name}"));
        let fates = rule
            .targets
            .values()
            .map(|target| self.send(who, region, (name, &arn), target, event, at));
        let fates: Vec<Fate> = fates.collect();
        self.count_matched(region, name, &fates, at);
        Ok(Answer::Matched(fates))
    }

    /// Lets the time of a rule's schedule come; `None` for one that has no schedule.
    pub(super) fn fire(
        &mut self,
        who: &Identity,
        region: &Region,
        name: &str,
        at: Timestamp,
    ) -> Option<Answer> {
        let rule = self.regions.get(region)?.rules.get(name)?.clone();
        rule.rule.schedule.as_ref()?;
        if rule.rule.state.value() == Some(&RuleState::Disabled) {
            return Some(Answer::Asleep);
        }
        let arn = who.arn("events", region, &format!("rule/{name}"));
        let event = json!({
            "version": "0",
            "id": self.message_id(),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": who.account,
            "time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": region,
            "resources": [arn.to_string()],
            "detail": {},
        });
        let event = event.to_string();
        let targets = rule.targets.values();
        let fates = targets.map(|target| self.send(who, region, (name, &arn), target, &event, at));
        Some(Answer::Matched(fates.collect()))
    }

    fn send(
        &mut self,
        who: &Identity,
        region: &Region,
        (name, arn): (&str, &Arn),
        target: &Target,
        event: &str,
        at: Timestamp,
    ) -> Fate {
        let ingested = at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let rule_arn = arn.to_string();
        let context = Context { rule_arn: &rule_arn, ingestion_time: &ingested };
        let outcome = match (Transform::new(&target.input, &target.id), Event::parse(event)) {
            (Ok(transform), Ok(event)) => transform.deliver(&event, &context),
            // A pattern has read the event, and `PutTargets` the target; what is left are limits.
            (Err(refusal), _) => return Fate::Unsendable(refusal.to_string()),
            (_, Err(error)) => return Fate::Unsendable(error.to_string()),
        };
        let (code, message, reason, attempted) = match outcome {
            Outcome::Delivered(text) if is_machine(&target.to).is_some() => {
                let Some(machine) = is_machine(&target.to) else {
                    return Fate::Elsewhere(target.to.to_arn(who));
                };
                let role = target.delivery.value().and_then(|delivery| delivery.role.as_ref());
                let start = Start { who, region, by: name, machine, role, input: &text, at };
                match self.execute(start) {
                    Ok(sent) => return Fate::Sent(sent),
                    Err(NotPublished::NotStarted(why)) => {
                        (why.code.to_owned(), String::new(), why.reason, text)
                    }
                    Err(NotPublished::Failed(failure)) => {
                        // EventBridge has done its part: no dead-letter queue hears of it.
                        let letter = DeadLetter {
                            at: ingested,
                            rule: rule_arn,
                            target: target.id.clone(),
                            code: failure.error,
                            message: String::new(),
                            reason: format!("the state machine failed: {}", failure.cause),
                            attempted: text,
                            queue: None,
                        };
                        return Fate::Lost(self.keep(letter));
                    }
                }
            }
            Outcome::Delivered(text) => {
                let message = Message {
                    who,
                    region,
                    service: Service::Events,
                    source: arn,
                    by: name,
                    to: &target.to,
                    notification: Notification::of_event(text.clone()),
                    at,
                };
                if !is_topic(&target.to) {
                    return Fate::Elsewhere(target.to.to_arn(who));
                }
                match self.publish(message) {
                    Ok(sent) => return Fate::Sent(sent),
                    // What AWS says of these is not known.
                    Err(refused) => {
                        (refused.code().to_owned(), String::new(), refused.reason(), text)
                    }
                }
            }
            Outcome::Lost(loss) => match loss.dead_letter() {
                Some((code, message)) => {
                    let reason = format!("{message} ({loss})");
                    (code.to_owned(), message.to_owned(), reason, loss.attempted)
                }
                None => return Fate::Vanished,
            },
        };
        let mut letter = DeadLetter {
            at: ingested,
            rule: rule_arn,
            target: target.id.clone(),
            code,
            message,
            reason,
            attempted,
            queue: None,
        };
        let queue = target.delivery.value().and_then(|delivery| delivery.dead_letter.as_ref());
        letter.queue =
            queue.and_then(|queue| self.bury(who, region, arn, (&target.to, &letter), (queue, at)));
        Fate::Lost(self.keep(letter))
    }

    /// Remembers what was lost.
    fn keep(&mut self, letter: DeadLetter) -> DeadLetter {
        let first = (self.dead_letters.len() + 1).saturating_sub(MOST_DEAD_LETTERS);
        self.dead_letters.drain(..first);
        self.dead_letters.push(letter.clone());
        letter
    }
}

/// The state machine that a target starts.
fn is_machine(to: &Reference) -> Option<&ResourceKey> {
    match to {
        Reference::Key(key) if key.kind == Kind::StateMachine => Some(key),
        Reference::Key(_) | Reference::Arn(_) => None,
    }
}

fn is_topic(to: &Reference) -> bool {
    matches!(to, Reference::Key(key) if key.kind == Kind::Topic)
}

/// Whether a rule sees an event at all.
///
/// `CloudTrail`'s read-only calls are for rules in a state of their own.
fn is_awake(rule: &LocalRule, event: &str) -> bool {
    match rule.rule.state.value() {
        Some(RuleState::Disabled) => false,
        Some(RuleState::EnabledWithAllCloudtrailManagementEvents) => true,
        // Only what names a call is read for this.
        Some(RuleState::Enabled) | None => {
            !event.contains(Call::DETAIL_TYPE)
                || !Event::parse(event).is_ok_and(|event| is_kept_from_rules(&event))
        }
    }
}

/// Whether an event is a read-only call, which `EventBridge` keeps from rules in the state
/// `ENABLED`.
pub(crate) fn is_kept_from_rules(event: &Event) -> bool {
    let detail = |key| event.text_at(&["detail", key]);
    event.text_at(&["detail-type"]) == Some(Call::DETAIL_TYPE)
        && Call {
            source: event.text_at(&["source"]).unwrap_or_default(),
            name: detail("eventName").unwrap_or_default(),
            is_management: event.flag_at(&["detail", "managementEvent"]),
            category: detail("eventCategory"),
            is_read_only: event.flag_at(&["detail", "readOnly"]),
        }
        .is_kept_from_rules()
}
