//! A test of a rule: an event of one's own, and a rule that takes it.

use super::names::{Run, rule_name};
use super::receipt::{ID, INGESTED, TIME};
use super::{Expected, Refusal};
use crate::aws::{Identity, Region, RuleName, tags};
use crate::machine::{self, Execution};
use crate::mail::MAX_BYTES;
use crate::message::Letter;
use crate::pattern::{Pattern, PatternText};
use crate::preview::sample_event;
use crate::provider::EventEntry;
use crate::spec::{DeliveryKind, EventSpec, Language, Spec};
use crate::state::{
    BY_SEND, Delivery, Reference, ResourceKey, Rule, RuleState, StateMachine, TARGET_ID, Target,
    Want,
};
use crate::transform::{Context, Event, Input, Outcome, Transform};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// What every event of ours says it is from; the run follows behind a dot.
pub const SOURCE: &str = "notify-cli.test";

/// The fields of an event that its sender does not choose, or that make it ours. A pattern of ours
/// asks for none of them but the source.
const NOT_OURS_TO_CHOOSE: [&str; 6] = ["version", "id", "source", "account", "time", "region"];

/// What a test of a rule is made of.
#[derive(Debug, Clone, Copy)]
pub struct EventAsked<'a> {
    /// The file.
    pub spec: &'a Spec,
    /// The notification.
    pub event: &'a EventSpec,
    /// Whose account it is.
    pub who: &'a Identity,
    /// Where.
    pub region: &'a Region,
    /// An event as EventBridge delivers it; without one, one is made up.
    pub given: Option<&'a str>,
    /// Which run.
    pub run: Run,
    /// When.
    pub now: Timestamp,
}

/// A test of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct EventTest {
    /// The temporary rule, and its tags' owner; without one the notification's own rule takes the
    /// event, since it asks for no source.
    pub temporary: Option<TemporaryRule>,
    /// The event.
    pub entry: EventEntry,
    /// What must come out of the topic.
    pub expected: Expected,
    /// Other rules of the file that take the event, too, because they ask for no source.
    pub also: Vec<RuleName>,
    /// What is different from a real event, for people.
    pub notes: Vec<String>,
}

/// A rule that is made for the test.
#[derive(Debug, Clone, PartialEq)]
pub struct TemporaryRule {
    /// Its key.
    pub key: ResourceKey,
    /// All of it.
    pub rule: Rule,
    /// Its one target: the notification's, in all but the rule.
    pub target: Target,
}

/// Plans the test of a rule: refuses what would not arrive anyway, before anything is made.
pub fn event_test(asked: &EventAsked<'_>) -> Result<EventTest, Refusal> {
    let EventAsked { spec, event, who, region, given, run, now } = *asked;
    let name = &event.name;
    let source = format!("{SOURCE}.{run}");
    let made_up;
    let text = match given {
        Some(text) => text,
        None => {
            let paths = event.content.paths();
            let sample = event.sample.as_deref();
            let sample = sample_event(&event.pattern, &paths, sample, &who.account, region);
            made_up = sample.ok_or_else(|| {
                let help = "give one with --event FILE, as EventBridge delivers it";
                Refusal::new(format!("no sample event fits the pattern of {name}"), help)
            })?;
            &made_up
        }
    };
    let mut entry = entry(text, &source, given.is_some())?;
    if asks_for_the_time_as_a_number(&event.content.input()) {
        entry.time = entry.time.or(Some(now));
    }
    let delivered = delivered(&entry, who, region);
    let takes = |pattern: &str| {
        let pattern = Pattern::parse(pattern).ok();
        pattern.is_some_and(|pattern| pattern.matches(delivered.as_bytes()).unwrap_or(false))
    };
    let is_here = |other: &&EventSpec| {
        let regions = if other.regions.is_empty() { &spec.regions } else { &other.regions };
        other.enabled && (regions.is_empty() || regions.contains(region))
    };
    let also = spec.events.iter().filter(is_here);
    let also = also.filter(|other| other.name != *name && takes(&other.pattern.0));
    let also: Vec<RuleName> = also.map(|other| other.name.clone()).collect();
    let temporary = if takes(&event.pattern.0) {
        None
    } else {
        let temporary = temporary(asked, &source)?;
        if !temporary.rule.pattern.as_ref().is_some_and(|pattern| takes(&pattern.0)) {
            return Err(no_match(asked, &delivered, &temporary));
        }
        Some(temporary)
    };
    let rule = temporary.as_ref().map_or_else(|| name.to_string(), |rule| rule.key.name.clone());
    let rule_arn = who.arn("events", region, &format!("rule/{rule}")).to_string();
    let expected = expected(event, &delivered, &rule_arn)?;
    let mut notes = Vec::new();
    let asks = event.pattern.to_value();
    let differs = |key: &&str| asks.get(*key).is_some();
    let unkept: Vec<&str> =
        ["account", "region", "id", "time", "version"].into_iter().filter(differs).collect();
    if temporary.is_some() && !unkept.is_empty() {
        notes.push(format!(
            "what the pattern asks of {} is left out: AWS fills it in, for every event",
            unkept.join(" and ")
        ));
    }
    Ok(EventTest { temporary, entry, expected, also, notes })
}

/// The fields of an event that `PutEvents` takes. The detail keeps its spelling.
fn entry(text: &str, source: &str, is_given: bool) -> Result<EventEntry, Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Envelope<'a> {
        detail_type: Option<String>,
        #[serde(borrow)]
        detail: Option<&'a RawValue>,
        #[serde(default)]
        resources: Vec<String>,
        time: Option<String>,
    }
    let help =
        "an event is a JSON object with source, detail-type and detail, as EventBridge delivers it";
    let envelope: Envelope<'_> = serde_json::from_str(text)
        .map_err(|error| Refusal::new(format!("the event cannot be read: {error}"), help))?;
    let detail = envelope.detail.map(RawValue::get).filter(|detail| detail.starts_with('{'));
    let detail = detail
        .ok_or_else(|| Refusal::new("the event has no `detail` that is a JSON object", help))?;
    let detail_type = envelope.detail_type.filter(|text| !text.is_empty());
    let detail_type =
        detail_type.ok_or_else(|| Refusal::new("the event has no `detail-type`", help))?;
    let time = match envelope.time.filter(|_| is_given) {
        Some(time) => Some(time.parse().map_err(|_| {
            Refusal::new("the event's `time` is none", "a time looks like 2026-01-15T09:30:00Z")
        })?),
        None => None,
    };
    Ok(EventEntry {
        source: source.to_owned(),
        detail_type,
        detail: detail.to_owned(),
        resources: envelope.resources,
        time,
    })
}

/// The event as EventBridge will deliver it, with marks for what it makes up.
fn delivered(entry: &EventEntry, who: &Identity, region: &Region) -> String {
    let EventEntry { source, detail_type, detail, resources, time } = entry;
    let time = time
        .map_or_else(|| TIME.to_owned(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    let head = json!({
        "version": "0",
        "id": ID,
        "detail-type": detail_type,
        "source": source,
        "account": who.account,
        "time": time,
        "region": region,
        "resources": resources,
    });
    // The detail goes in as it is spelled.
    let mut text = head.to_string();
    text.pop();
    text + ",\"detail\":" + detail + "}"
}

fn temporary(asked: &EventAsked<'_>, source: &str) -> Result<TemporaryRule, Refusal> {
    let EventAsked { spec, event, region, .. } = asked;
    let name = rule_name(&spec.stack, event.name.as_str())
        .map_err(|error| Refusal::new(error.problem, error.help))?;
    let key = ResourceKey::rule(region, &name);
    let rule = Rule {
        description: format!("A test of {} by notify-cli send; may be deleted", event.name),
        pattern: Some(of_our_source(&event.pattern, source)),
        schedule: None,
        role: None,
        state: Want::Exactly(RuleState::Enabled),
        managed_by: Want::Keep,
        tags: Want::Exactly(tags::temporary(&spec.stack, BY_SEND)),
    };
    let target = Target {
        rule: key.clone(),
        id: TARGET_ID.to_owned(),
        to: Reference::Key(match event.content.delivery() {
            DeliveryKind::Direct => ResourceKey::topic(region, &spec.topic.name),
            DeliveryKind::StepFunctions => StateMachine::of(&spec.stack, region),
        }),
        input: sent_by_test(event).into_owned(),
        delivery: Want::Exactly(match event.content.delivery() {
            DeliveryKind::Direct => Delivery::default(),
            DeliveryKind::StepFunctions => Delivery {
                role: Some(Reference::Key(StateMachine::start_role(&spec.stack))),
                ..Delivery::default()
            },
        }),
    };
    Ok(TemporaryRule { key, rule, target })
}

/// A pattern that takes events of our source alone, and asks all else that the notification's
/// pattern asks of what a sender chooses.
fn of_our_source(pattern: &PatternText, source: &str) -> PatternText {
    let mut ours = Map::new();
    ours.insert("source".to_owned(), json!([source]));
    if let Value::Object(fields) = pattern.to_value() {
        ours.extend(chosen_by_the_sender(fields));
    }
    PatternText(Value::Object(ours).to_string())
}

/// What is left of a pattern without the fields that a sender does not choose. A pattern is read
/// from JSON of 128 levels at most.
fn chosen_by_the_sender(fields: Map<String, Value>) -> Map<String, Value> {
    let mut left = Map::new();
    for (key, asked) in fields {
        match asked {
            Value::Array(branches) if key == "$or" => {
                let inner = |branch| match branch {
                    Value::Object(fields) => chosen_by_the_sender(fields),
                    _ => Map::new(),
                };
                let branches: Vec<Map<String, Value>> = branches.into_iter().map(inner).collect();
                // A branch that asks nothing more is taken by every event, and so is the whole.
                if branches.iter().all(|branch| !branch.is_empty()) {
                    left.insert(key, branches.into_iter().map(Value::Object).collect());
                }
            }
            _ if NOT_OURS_TO_CHOOSE.contains(&key.as_str()) => {}
            asked => {
                left.insert(key, asked);
            }
        }
    }
    left
}

/// What the temporary rule's target sends: a machine must hear the name of the rule that is tested.
fn sent_by_test(event: &EventSpec) -> Cow<'_, Input> {
    match event.content.delivery() {
        DeliveryKind::Direct => event.content.input(),
        DeliveryKind::StepFunctions => Cow::Owned(machine::target_input_for(&event.name)),
    }
}

/// What a machine makes of its input; refuses an event whose mail would not be its own.
fn written(letter: &Letter, name: &RuleName, input: &str) -> Result<Expected, Refusal> {
    // The topic and the language stand in no message of a letter's own.
    let topic = "arn:aws:sns:us-east-1:123456789012:topic";
    let letters = [(name.clone(), letter.clone())].into();
    match machine::run(&machine::definition(&letters, topic, Language::En), input) {
        Execution::Published(publish) => Ok(Expected::Text(publish.message)),
        Execution::Failed(failure) => Err(Refusal::new(
            format!("the mail cannot be foretold: {}: {}", failure.error, failure.cause),
            "`notify-cli preview` with the same --event shows it",
        )),
    }
}

/// Whether the message holds the time as a number, in which no mark can stand.
fn asks_for_the_time_as_a_number(input: &Input) -> bool {
    matches!(input, Input::Transformer { template, .. } if template.contains("<aws.events.event>"))
}

/// What the topic gets; refuses an event whose mail would be lost.
fn expected(event: &EventSpec, delivered: &str, rule_arn: &str) -> Result<Expected, Refusal> {
    let context = Context { rule_arn, ingestion_time: INGESTED };
    let input = sent_by_test(event);
    let outcome = match (Transform::new(&input, TARGET_ID), Event::parse(delivered)) {
        (Ok(transform), Ok(event)) => transform.deliver(&event, &context),
        (Err(refusal), _) => {
            return Err(Refusal::new(refusal.to_string(), "`notify-cli validate` shows where"));
        }
        (_, Err(error)) => {
            return Err(Refusal::new(
                error.to_string(),
                "give an event as EventBridge delivers it",
            ));
        }
    };
    if let (Outcome::Delivered(input), Some(letter)) = (&outcome, event.content.letter()) {
        return written(letter, &event.name, input);
    }
    if let Outcome::Delivered(text) = &outcome
        && text.len() > MAX_BYTES
    {
        return Err(Refusal::new(
            format!(
                "the mail would be lost on its way: it has {} bytes, and SNS takes {MAX_BYTES}",
                text.len()
            ),
            "give an event with shorter texts, or tell less of it in `message`",
        ));
    }
    match (outcome, &*input) {
        (Outcome::Delivered(text), Input::Event | Input::Path(_)) => Ok(Expected::Document(text)),
        (Outcome::Delivered(text), Input::Constant(_) | Input::Transformer { .. }) => {
            Ok(Expected::Text(text))
        }
        (Outcome::Lost(loss), _) => Err(Refusal::new(
            format!("the mail would be lost on its way: {loss}"),
            "`notify-cli preview` with the same --event shows which placeholder; a `message` takes \
             it out",
        )),
    }
}

/// Says which field of the event the pattern does not take.
fn no_match(asked: &EventAsked<'_>, delivered: &str, temporary: &TemporaryRule) -> Refusal {
    let pattern = temporary.rule.pattern.as_ref().map_or("", |pattern| pattern.0.as_str());
    let explained = Pattern::parse(pattern).ok().and_then(|p| p.explain(delivered.as_bytes()).ok());
    let failed =
        explained.and_then(|explained| explained.fields.into_iter().find(|field| !field.matched));
    let why = match failed {
        Some(field) => {
            let found =
                if field.found.is_empty() { "nothing".to_owned() } else { field.found.join(", ") };
            format!("{} is {found}, and not {}", field.path, field.matchers.join(" or "))
        }
        None => "the pattern does not take it".to_owned(),
    };
    let help = match asked.given {
        Some(_) => "give an event with --event that `notify-cli preview --event` shows a mail for",
        None => "give one with --event FILE, as EventBridge delivers it",
    };
    Refusal::new(format!("the event is none that {} tells of: {why}", asked.event.name), help)
}
