//! From an event to the mails that it causes.

use super::about::{About, short};
use super::envelope::time_of;
use super::found::{Example, Fate, Found, Problem, Record, Text, Why};
use super::{Notification, Replay, Route};
use crate::feed::{self, Bad, Batch, Content, Document, Place};
use crate::local::is_kept_from_rules;
use crate::machine::{Execution, Machine, Publish, TaskFailure};
use crate::mail;
use crate::pattern::{EventError, SetMatcher, Validation};
use crate::transform::{Context, Event, Outcome};
use jiff::Timestamp;
use std::str::Utf8Error;

/// Reads events on one thread.
#[derive(Debug)]
pub struct Worker<'r> {
    replay: &'r Replay,
    matcher: SetMatcher,
}

impl<'r> Worker<'r> {
    pub(super) fn new(replay: &'r Replay) -> Self {
        let validation = if replay.options.strict { Validation::Full } else { Validation::Needed };
        Self { replay, matcher: replay.patterns.matcher(validation) }
    }

    /// Works out what all documents of a batch cause.
    pub fn batch(&mut self, batch: &Batch) -> Found {
        let mut found = Found::default();
        let stand_in = &self.replay.stand_in;
        for document in batch.documents(stand_in) {
            self.document(&document, &mut found);
        }
        found
    }

    /// Works out what a document causes.
    pub fn document(&mut self, document: &Document<'_>, found: &mut Found) {
        let place = document.place;
        match &document.content {
            Content::Event(event) => self.event(event, place, found),
            Content::NoEvent(_) => found.without_event += 1,
            Content::Bad(bad) if bad.leaves_unread() => found.unread(place, bad),
            Content::Bad(bad) => found.bad(place, || Problem::Document(bad.clone())),
        }
    }

    fn event(&mut self, event: &feed::Event<'_>, place: Place<'_>, found: &mut Found) {
        let feed::Event { json, origin, read_only } = event;
        found.current_state_only |= origin.is_current_state_only();
        let at = time_of(json);
        let replay = self.replay;
        let options = &replay.options;
        let inside = match at {
            Some(at) => {
                options.since.is_none_or(|since| at >= since)
                    && options.until.is_none_or(|until| at < until)
            }
            None => options.since.is_none() && options.until.is_none(),
        };
        if !inside {
            found.events += 1;
            found.outside += 1;
            return;
        }
        if *read_only && !replay.notifications.iter().any(|notification| notification.reads) {
            found.events += 1;
            found.not_delivered += 1;
            found.saw(at);
            return;
        }
        let matching = match self.matcher.matches(json) {
            Ok(matching) => matching,
            Err(error) => return found.bad(place, || broken(&error)),
        };
        if matching.is_empty() {
            found.events += 1;
            found.not_delivered += u64::from(*read_only);
            found.saw(at);
            return;
        }
        // What no pattern asks for may be broken, and the mail would be made of it.
        let text = match std::str::from_utf8(json) {
            Ok(text) => text,
            Err(error) => return found.bad(place, || no_utf8(json, error)),
        };
        let event = match Event::parse(text) {
            Ok(event) => event,
            Err(error) => return found.bad(place, || no_json(error.problem(), error.place())),
        };
        found.events += 1;
        found.saw(at);
        // Calls that only read are for rules in a state of their own.
        let kept = *read_only || is_kept_from_rules(&event);
        let sees = |number: &usize| replay.notifications.get(*number).is_some_and(|n| n.reads);
        if kept && !matching.iter().any(sees) {
            found.not_delivered += 1;
            return;
        }
        let about = About::of(&event);
        for &number in matching {
            let Some(notification) = replay.notifications.get(number) else { continue };
            if kept && !notification.reads {
                continue;
            }
            let fate = fate(replay, number, notification, &event, at, place, found);
            found.records.push(Record { notification: number, fate, about: about.clone(), at });
        }
    }
}

fn broken(error: &EventError) -> Problem {
    match error.place() {
        Some(place) => no_json(error.message(), place),
        None => Problem::TooComplex(error.to_string()),
    }
}

fn no_utf8(json: &[u8], error: Utf8Error) -> Problem {
    let before =
        json.get(..error.valid_up_to()).and_then(|before| std::str::from_utf8(before).ok());
    let before = before.unwrap_or_default();
    let (line, last) = (before.split('\n').count(), before.rsplit('\n').next());
    let column = last.unwrap_or_default().chars().count() + 1;
    no_json("it is not UTF-8", (line, column))
}

fn no_json(problem: &str, (line, column): (usize, usize)) -> Problem {
    Problem::Document(Bad::Json { problem: problem.to_owned(), line, column })
}

fn fate(
    replay: &Replay,
    number: usize,
    notification: &Notification,
    event: &Event,
    at: Option<Timestamp>,
    place: Place<'_>,
    found: &mut Found,
) -> Fate {
    let options = &replay.options;
    let region = event.text_at(&["region"]);
    let Some(route) = route(notification, region.filter(|_| !options.any_region)) else {
        return Fate::Elsewhere(short(region.unwrap_or_default()));
    };
    if !notification.enabled {
        return Fate::Asleep;
    }
    let ingestion_time =
        at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()).unwrap_or_default();
    let context = Context { rule_arn: &route.rule_arn, ingestion_time: &ingestion_time };
    let (why, detail) = match notification.transform.deliver(event, &context) {
        Outcome::Lost(loss) => (Why::from(loss.why), loss.to_string()),
        Outcome::Delivered(body) => {
            let is_shown = found.samples.get(&number).map_or(0, Vec::len) < options.samples;
            let published = match &notification.machine {
                // Whatever its expressions make of it, the machine sends something.
                Some(_) if !is_shown => return Fate::Mailed(route.topic),
                Some(machine) => written(machine, &body),
                None => mail::Notification::of_event(body),
            };
            match published.check() {
                Err(error) => (Why::from(error.clone()), error.to_string()),
                Ok(()) => {
                    if is_shown {
                        let mail::Notification { subject, default: body, .. } = published;
                        let text = Text { place: place.into(), at, subject, body };
                        found.samples.entry(number).or_default().push(text);
                    }
                    return Fate::Mailed(route.topic);
                }
            }
        }
    };
    found.examples.entry((number, why)).or_insert_with(|| Example { place: place.into(), detail });
    Fate::Lost(why)
}

/// What a machine sends for its input. What it says of an execution that cannot be simulated is
/// shown in place of a mail.
fn written(machine: &Machine, input: &str) -> mail::Notification {
    let takes = |publish: &Publish| {
        let refused = |error: mail::Unpublishable| TaskFailure {
            error: "SNS.InvalidParameterException".to_owned(),
            cause: error.to_string(),
        };
        mail::Notification::of_event(publish.message.clone()).check().map_err(refused)
    };
    match machine.run(input, takes) {
        Execution::Published(Publish { subject, message, .. }) => {
            mail::Notification { subject, ..mail::Notification::of_event(message) }
        }
        Execution::Failed(failure) => mail::Notification::of_event(failure.cause),
    }
}

/// The rule that sees an event of a region. An event that does not say where it happened is taken
/// for one of the first.
fn route<'n>(notification: &'n Notification, region: Option<&str>) -> Option<&'n Route> {
    notification.routes.iter().find(|route| match (&route.region, region) {
        (Some(here), Some(region)) => here.as_str() == region,
        (None, _) | (_, None) => true,
    })
}
