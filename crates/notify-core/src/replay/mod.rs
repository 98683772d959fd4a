//! Many past events against a spec: how many mails, when, about what, and what would be lost.
//!
//! A [`Replay`] is made once of a spec. Each thread has a [`Worker`], which says what it [`Found`]
//! in a batch of documents; a [`Tally`] adds that up in the order of the documents, and makes a
//! [`Report`] of it. What becomes of an event is decided by the pattern and the transformation that
//! previews use, so that what is counted is what would happen. Memory is bounded, whatever comes.
//!
//! ```
//! use notify_core::feed::{Batch, Feed, Progress, Source, in_order};
//! use notify_core::replay::{Options, Replay};
//! use notify_core::spec;
//! use std::{num::NonZeroUsize, ops::ControlFlow};
//!
//! let text = r#"
//!     stack = "shop"
//!     [topic]
//!     name = "alerts"
//!     [[events]]
//!     name = "orders"
//!     pattern = '{"source": ["shop"]}'
//!     message = "Order <$.detail.number>"
//! "#;
//! let spec = spec::parse(text, spec::Format::Toml).spec.expect("a file without mistakes");
//! let replay = Replay::new(&spec, Options::default())?;
//!
//! let past = br#"{"source": "shop", "detail-type": "Order", "detail": {"number": 7}}
//! {"#;
//! let sources = [Source::new("events.ndjson", Ok(&past[..]))].into_iter();
//! let mut tally = replay.tally();
//! let work = || {
//!     let mut worker = replay.worker();
//!     move |batch: Batch| worker.batch(&batch)
//! };
//! let feed = Feed::new(sources, Progress::default());
//! let _ = in_order(feed, NonZeroUsize::MIN, work, |found| {
//!     tally.add(found);
//!     ControlFlow::<()>::Continue(())
//! });
//!
//! let report = tally.report();
//! assert_eq!(report.notifications[0].traffic.mails, 1);
//! assert_eq!(report.documents.bad, 1);
//! # Ok::<(), notify_core::replay::ReplayError>(())
//! ```
//!
//! A mail is one publish of one notification; deliveries are mails times the addresses of the
//! file, each taken as confirmed.

mod about;
mod counter;
mod envelope;
mod figures;
mod found;
mod page;
mod plot;
mod reading;
mod report;
mod suppress;
mod tally;
mod traffic;
mod words;
mod worker;

pub use figures::{share, usd};
pub use found::Found;
pub use plot::Bars;
pub use report::{
    Bad, Busiest, Day, Documents, Elsewhere, Loss, MOST_A_SECOND, Named, NotificationReport,
    Period, Report, Sample, Suppression, Top, TopicReport, Traffic,
};
pub use tally::Tally;
pub use words::Words;
pub use worker::Worker;

use crate::aws::{Identity, Region};
use crate::feed::StandIn;
use crate::local::LocalCloud;
use crate::machine::{self, Machine};
use crate::mail::{Form, Mailbox};
use crate::message::Letter;
use crate::pattern::{Pattern, PatternSet};
use crate::spec::{EventSpec, Exclude, Language, Spec};
use crate::transform::Transform;
use jiff::Timestamp;

/// The id of the target that takes the place of a rule's own; only refusals would name it.
const TARGET_ID: &str = "notify";

/// How past events are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Only this region; without `regions` in the file: the region.
    pub only: Option<Region>,
    /// Takes the events of all regions as if they happened where the rules are: for buses that
    /// others forward to.
    pub any_region: bool,
    /// Reads every byte of every event as JSON. Otherwise what no pattern asks for is skipped, and
    /// what is broken there may pass unseen.
    pub strict: bool,
    /// Only events from this time on.
    pub since: Option<Timestamp>,
    /// Only events before this time.
    pub until: Option<Timestamp>,
    /// So many mails of each notification are kept as samples.
    pub samples: usize,
}

/// A spec that is ready for many events.
#[derive(Debug)]
pub struct Replay {
    options: Options,
    stand_in: StandIn,
    facts: Facts,
    notifications: Vec<Notification>,
    topics: Vec<Option<Region>>,
    patterns: PatternSet,
}

/// What the report says of the spec itself.
#[derive(Debug, Clone)]
struct Facts {
    stack: String,
    language: crate::spec::Language,
    /// Addresses that get a mail of each publish.
    addresses: usize,
    /// Endpoints of other protocols.
    others: usize,
    alarms: usize,
    from: String,
}

/// A notification: a rule, and the target that sends.
#[derive(Debug)]
struct Notification {
    name: String,
    enabled: bool,
    /// Whether it sees API calls that only read.
    reads: bool,
    /// Where its rule is, with the number of the topic there.
    routes: Vec<Route>,
    transform: Transform,
    /// What writes its mail from that, where it is not sent as it is.
    machine: Option<Machine>,
    exclude: Exclude,
}

/// A region that a rule is in.
#[derive(Debug)]
struct Route {
    /// `None`: the file leaves it to the AWS configuration.
    region: Option<Region>,
    topic: usize,
    rule_arn: String,
}

/// Why a spec cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} cannot be replayed: {problem}")]
pub struct ReplayError {
    name: String,
    problem: String,
}

/// A machine that writes the mails of one notification.
fn machine(event: &EventSpec, letter: &Letter, language: Language) -> Result<Machine, String> {
    // The topic stands in no message.
    let topic = "arn:aws:sns:us-east-1:123456789012:topic";
    let letters = [(event.name.clone(), letter.clone())].into();
    Machine::read(&machine::definition(&letters, topic, language))
}

impl Replay {
    /// Makes a spec ready.
    pub fn new(spec: &Spec, options: Options) -> Result<Self, ReplayError> {
        // Offline, the account is the one that previews show.
        let cloud = LocalCloud::default();
        let mut topics: Vec<Option<Region>> = Vec::new();
        let mut notifications = Vec::new();
        let mut patterns = Vec::new();
        for event in &spec.events {
            let failed = |problem: String| ReplayError { name: event.name.to_string(), problem };
            let regions = regions_of(spec, event, options.only.as_ref());
            if regions.is_empty() {
                continue; // `only` leaves it out, as it does in a plan
            }
            patterns.push(Pattern::parse(&event.pattern.0).map_err(|e| failed(e.to_string()))?);
            notifications.push(Notification {
                name: event.name.to_string(),
                enabled: event.enabled,
                reads: event.reads,
                routes: regions
                    .into_iter()
                    .map(|region| route(region, event, cloud.who(), &mut topics))
                    .collect(),
                transform: Transform::new(&event.content.input(), TARGET_ID)
                    .map_err(|refusal| failed(refusal.to_string()))?,
                machine: event
                    .content
                    .letter()
                    .map(|letter| machine(event, letter, spec.language))
                    .transpose()
                    .map_err(failed)?,
                exclude: event.exclude.clone(),
            });
        }
        let mails = |protocol| Form::of(protocol).is_some();
        let addresses = spec.subscriptions.iter().filter(|s| mails(s.protocol)).count();
        let facts = Facts {
            stack: spec.stack.to_string(),
            language: spec.language,
            addresses,
            others: spec.subscriptions.len() - addresses,
            alarms: spec.alarms.len(),
            from: Mailbox::of_topic(spec.topic.display_name.as_deref()).to_string(),
        };
        let region = topics.iter().flatten().next().cloned().unwrap_or_else(Region::us_east_1);
        let stand_in = StandIn { account: cloud.who().account.clone(), region };
        Ok(Self {
            options,
            stand_in,
            facts,
            notifications,
            topics,
            patterns: PatternSet::new(patterns),
        })
    }

    /// What reads events on one thread.
    pub fn worker(&self) -> Worker<'_> {
        Worker::new(self)
    }

    /// Whose data it is taken for where it does not say so: the account that previews show, in the
    /// first region of the file.
    pub fn stand_in(&self) -> StandIn {
        self.stand_in.clone()
    }

    /// What adds up.
    pub fn tally(&self) -> Tally<'_> {
        Tally::new(self)
    }
}

/// The regions that a rule is in; `None` is the one that the AWS configuration names.
fn regions_of(spec: &Spec, event: &EventSpec, only: Option<&Region>) -> Vec<Option<Region>> {
    let named = if event.regions.is_empty() { &spec.regions } else { &event.regions };
    match only {
        None if named.is_empty() => vec![None],
        None => named.iter().cloned().map(Some).collect(),
        Some(only) if named.is_empty() || named.contains(only) => vec![Some(only.clone())],
        Some(_) => Vec::new(),
    }
}

fn route(
    region: Option<Region>,
    event: &EventSpec,
    who: &Identity,
    topics: &mut Vec<Option<Region>>,
) -> Route {
    let place = region.clone().unwrap_or_else(Region::us_east_1);
    let rule_arn = who.arn("events", &place, &format!("rule/{}", event.name)).to_string();
    let topic = topics.iter().position(|known| *known == region).unwrap_or_else(|| {
        topics.push(region.clone());
        topics.len() - 1
    });
    Route { region, topic, rule_arn }
}
