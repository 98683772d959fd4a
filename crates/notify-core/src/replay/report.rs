//! What a replay found.

use super::found::{Problem, Why};
use crate::feed::Place;
use crate::plan::MailCost;
use crate::spec::Language;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// How many mails a second SNS sends to one address. With more, it suspends the subscription: its
/// reader has to confirm again
/// ([email](https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html)).
pub const MOST_A_SECOND: u64 = 10;

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The stack that the file names.
    pub stack: String,
    /// The language of the file.
    #[serde(serialize_with = "language")]
    pub language: Language,
    /// Whether every byte of every event was read as JSON. If not, what is broken in a place that
    /// no pattern asks for passed unseen.
    pub strict: bool,
    /// Whether everything was read; the caller sets this to false when somebody interrupts it.
    pub complete: bool,
    /// What was read.
    pub documents: Documents,
    /// The time that it covers; `None` if no event had a time.
    pub period: Option<Period>,
    /// How many addresses of the file get each mail; all are taken as confirmed.
    pub addresses: usize,
    /// How many endpoints of other protocols get each message.
    pub other_endpoints: usize,
    /// How many sections of the file are alarms, which events do not cause.
    pub alarms: usize,
    /// All notifications together.
    pub total: Traffic,
    /// Each notification, in the order of the file.
    pub notifications: Vec<NotificationReport>,
    /// Each topic, and how close it came to the limit.
    pub topics: Vec<TopicReport>,
    /// What the mails cost a month at this rate; `None` without a period.
    pub cost: Option<MailCost>,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Documents {
    /// Events, also those that no pattern matches.
    pub events: u64,
    /// Documents that are understood, and of which no event comes.
    pub without_event: u64,
    /// Read-only API calls, which `EventBridge` gives to no rule of the file; of those that are no
    /// records but events, the ones that a pattern matches.
    pub not_delivered: u64,
    /// Events outside of the time that was asked for.
    pub outside: u64,
    /// Events without a time that can be read.
    pub without_time: u64,
    /// Whether some came from an export that holds the current state alone, and no history.
    pub current_state_only: bool,
    /// Files that could not be opened, or not be read to their end; they count as bad, too.
    pub unreadable: u64,
    /// Documents that are no events.
    pub bad: u64,
    /// The first of them, those of `unreadable` before the others.
    pub first_bad: Vec<Bad>,
}

/// A document that is no event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bad {
    /// The file.
    pub file: String,
    /// The line, from 1; 0: the matter is the file as a whole.
    pub line: u64,
    /// Which element of the array in that line it is, from 1.
    pub element: Option<u64>,
    /// What is wrong.
    pub message: String,
    #[serde(skip)]
    pub(super) problem: Problem,
}

/// The time that a replay covers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Period {
    /// The first event, or where it was asked to begin.
    #[serde(serialize_with = "time")]
    pub from: Timestamp,
    /// The last event, or where it was asked to end.
    #[serde(serialize_with = "time")]
    pub to: Timestamp,
    /// Days between them, at least one: rates are by these.
    pub days: f64,
}

/// The mails of a notification, or of all.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Traffic {
    /// Publishes that SNS takes.
    pub mails: u64,
    /// Mails times addresses.
    pub deliveries: u64,
    /// Mails that are lost on their way.
    pub lost: u64,
    /// Why, the most frequent first.
    pub losses: Vec<Loss>,
    /// Mails of events without a time; they are in no day and no hour.
    pub without_time: u64,
    /// Days with mails, in their order, in UTC.
    pub days: Vec<Day>,
    /// Mails by the hour of the day, from 0 to 23, in UTC.
    pub hours: Vec<u64>,
    /// The second with the most mails through one topic.
    pub busiest_second: Option<Busiest>,
    /// The hour with the most mails.
    pub busiest_hour: Option<Busiest>,
    /// The day with the most mails.
    pub busiest_day: Option<Busiest>,
    /// The Config rules, or other kinds of things, that were told of.
    pub rules: Top,
    /// The resources.
    pub resources: Top,
    /// The accounts.
    pub accounts: Top,
    /// Whether days and busiest times may be too low: there were more of them than are kept.
    pub at_least: bool,
}

/// Lost mails with one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// AWS's code, or a word of ours where AWS says nothing.
    pub code: &'static str,
    /// What it means.
    pub reason: String,
    /// How many.
    pub mails: u64,
    /// The file with the first of them.
    pub file: String,
    /// Its line.
    pub line: u64,
    /// Which element of the array in that line it is, from 1.
    pub element: Option<u64>,
    /// What exactly was wrong with that one.
    pub detail: String,
    #[serde(skip)]
    pub(super) why: Why,
}

/// The mails of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day, such as `2026-10-05`.
    pub day: String,
    /// How many.
    pub mails: u64,
}

/// A stretch of time with the most mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Busiest {
    /// When it began.
    #[serde(serialize_with = "time")]
    pub at: Timestamp,
    /// How many.
    pub mails: u64,
}

/// The names that came most often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Top {
    /// How many different ones there were.
    pub different: u64,
    /// How much a count may be too low; 0: all are exact. Then `different` is too low as well.
    pub missed: u64,
    /// The most frequent ones.
    pub first: Vec<Named>,
}

impl Top {
    /// Whether there are more names than are shown, and none came twice: the first ones are first
    /// by chance.
    pub fn is_once_each(&self) -> bool {
        let shown = self.first.len() as u64;
        self.missed == 0
            && self.different > shown
            && self.first.iter().all(|named| named.mails == 1)
    }
}

/// A name, and how many mails told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// How many mails.
    pub mails: u64,
}

/// What a replay found of one notification.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotificationReport {
    /// Its name.
    pub name: String,
    /// Whether it is switched on; if not, nothing is mailed.
    pub enabled: bool,
    /// Whether it tells of Config rules.
    pub of_config_rules: bool,
    /// Its regions; empty: the AWS configuration's.
    pub regions: Vec<String>,
    /// Events of its regions that its pattern matches.
    pub matched: u64,
    /// Its mails.
    #[serde(flatten)]
    pub traffic: Traffic,
    /// Events that its pattern matches, in regions where it has no rule.
    pub elsewhere: Vec<Elsewhere>,
    /// Exclusions that would spare the most mails, the best first; those of less than a hundredth
    /// are left out.
    pub suppressions: Vec<Suppression>,
    /// The first mails.
    pub samples: Vec<Sample>,
}

/// Events of a region where a notification has no rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// The region.
    pub region: String,
    /// How many.
    pub events: u64,
}

/// An exclusion that would spare mails.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suppression {
    /// The key of the file's `exclude`: `config_rules`, `resources`, `accounts`, or a path.
    pub field: String,
    /// What is excluded.
    pub values: Vec<String>,
    /// How many mails are spared.
    pub mails: u64,
    /// The share of the notification's mails, from 0 to 1.
    pub share: f64,
    /// The line to write into the notification's section.
    pub line: String,
}

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The file that the event is in.
    pub file: String,
    /// Its line.
    pub line: u64,
    /// Which element of the array in that line it is, from 1.
    pub element: Option<u64>,
    /// When it happened.
    #[serde(serialize_with = "some_time")]
    pub at: Option<Timestamp>,
    /// The sender, as a mail program shows it.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// The text, without SNS's footer.
    pub body: String,
}

/// How close a topic came to the limit of mails a second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopicReport {
    /// Its region; `None`: the AWS configuration's.
    pub region: Option<String>,
    /// The second with the most mails.
    pub busiest_second: Option<Busiest>,
    /// [`MOST_A_SECOND`].
    pub limit: u64,
    /// How many seconds were above it.
    pub seconds_over_limit: u64,
}

fn time<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(time)
}

#[expect(clippy::ref_option, reason = "serde gives a reference")]
fn some_time<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.to_string()).serialize(to)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn language<S: Serializer>(language: &Language, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(language.as_str())
}

impl Report {
    /// Whether a topic would have exceeded the limit, so that SNS would have cut its readers off.
    pub fn is_over_limit(&self) -> bool {
        self.topics.iter().any(|topic| topic.seconds_over_limit > 0)
    }

    /// How many mails a day there were, on average; `None` without a period.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn mails_a_day(&self) -> Option<f64> {
        self.period.map(|period| self.total.mails as f64 / period.days)
    }
}

/// Where a document begins, for people.
fn place(file: &str, line: u64, element: Option<u64>) -> String {
    Place { source: &file.into(), line, element }.to_string()
}

impl Bad {
    /// Where it begins, for people.
    pub fn place(&self) -> String {
        place(&self.file, self.line, self.element)
    }
}

impl Loss {
    /// Where the first of them begins, for people.
    pub fn place(&self) -> String {
        place(&self.file, self.line, self.element)
    }
}

impl Sample {
    /// Where the event begins, for people.
    pub fn place(&self) -> String {
        place(&self.file, self.line, self.element)
    }
}
