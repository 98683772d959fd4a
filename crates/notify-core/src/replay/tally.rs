//! Adding up what workers found, in bounded memory.

use super::counter::Counter;
use super::envelope::second;
use super::found::{At, BadDocument, Example, Fate, Found, MOST_BAD_SHOWN, Record, Text, Why};
use super::report::{Bad, Documents, Elsewhere, Loss, NotificationReport, Period, Report, Sample};
use super::traffic::{self, Names, Times};
use super::{Notification, Replay, suppress};
use crate::mail::DEFAULT_SUBJECT;
use crate::plan::{DAYS_A_MONTH, mail_cost};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How many different seconds, hours and days with mails are counted exactly: about 36 MB.
const MOST_SECONDS: usize = 1_048_576;
const MOST_HOURS: usize = 262_144;
const MOST_DAYS: usize = 65_536;
/// How many different names of each kind are counted exactly.
const MOST_NAMES: usize = 200_000;
const MOST_REGIONS: usize = 1_000;
const SECONDS_A_DAY: f64 = 86_400.0;

/// Adds up what workers found.
#[derive(Debug)]
pub struct Tally<'r> {
    replay: &'r Replay,
    documents: Documents,
    first_unread: Vec<Bad>,
    times: Option<(Timestamp, Timestamp)>,
    counts: Vec<Counts>,
    pub(super) seconds: Counter<Lane>,
    pub(super) hours: Counter<Lane>,
    pub(super) days: Counter<Lane>,
    pub(super) rules: Counter<(u32, Box<str>)>,
    pub(super) resources: Counter<(u32, Box<str>)>,
    pub(super) accounts: Counter<(u32, Box<str>)>,
    elsewhere: Counter<(u32, Box<str>)>,
}

/// A number of a notification, or of a notification with a topic; and a time.
pub(super) type Lane = [u32; 2];

/// What is counted of one notification.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    matched: u64,
    pub(super) mails: u64,
    pub(super) without_time: u64,
    pub(super) of_day: [u64; 24],
    lost: BTreeMap<Why, (u64, Option<Example>)>,
    samples: Vec<Text>,
}

impl<'r> Tally<'r> {
    pub(super) fn new(replay: &'r Replay) -> Self {
        Self {
            replay,
            documents: Documents::default(),
            first_unread: Vec::new(),
            times: None,
            counts: vec![Counts::default(); replay.notifications.len()],
            seconds: Counter::new(MOST_SECONDS),
            hours: Counter::new(MOST_HOURS),
            days: Counter::new(MOST_DAYS),
            rules: Counter::new(MOST_NAMES),
            resources: Counter::new(MOST_NAMES),
            accounts: Counter::new(MOST_NAMES),
            elsewhere: Counter::new(MOST_REGIONS),
        }
    }

    /// Adds what was found. Which examples and samples are kept follows from the order in which it
    /// comes; nothing else does, as long as everything is counted exactly.
    pub fn add(&mut self, found: Found) {
        let documents = &mut self.documents;
        documents.events += found.events;
        documents.without_event += found.without_event;
        documents.unreadable += found.unreadable;
        documents.not_delivered += found.not_delivered;
        documents.outside += found.outside;
        documents.without_time += found.without_time;
        documents.current_state_only |= found.current_state_only;
        documents.bad += found.bad;
        for (list, more) in [
            (&mut documents.first_bad, found.first_bad),
            (&mut self.first_unread, found.first_unread),
        ] {
            let room = MOST_BAD_SHOWN.saturating_sub(list.len());
            list.extend(more.into_iter().take(room).map(shown));
        }
        self.times = match (self.times, found.times) {
            (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
            (known, new) => known.or(new),
        };
        for record in found.records {
            self.count(record);
        }
        for ((number, why), example) in found.examples {
            if let Some(counts) = self.counts.get_mut(number) {
                counts.lost.entry(why).or_default().1.get_or_insert(example);
            }
        }
        for (number, samples) in found.samples {
            if let Some(counts) = self.counts.get_mut(number) {
                let room = self.replay.options.samples.saturating_sub(counts.samples.len());
                counts.samples.extend(samples.into_iter().take(room));
            }
        }
    }

    fn count(&mut self, record: Record) {
        let Record { notification, fate, about, at } = record;
        let Some(counts) = self.counts.get_mut(notification) else { return };
        let number = small(notification);
        counts.matched += u64::from(!matches!(fate, Fate::Elsewhere(_)));
        let topic = match fate {
            Fate::Mailed(topic) => topic,
            Fate::Lost(why) => return counts.lost.entry(why).or_default().0 += 1,
            Fate::Asleep => return,
            Fate::Elsewhere(region) => return self.elsewhere.add((number, region)),
        };
        counts.mails += 1;
        match at.and_then(second) {
            None => counts.without_time += 1,
            Some(second) => {
                let hour = second / 3600;
                if let Some(of_day) = counts.of_day.get_mut(hour as usize % 24) {
                    *of_day += 1;
                }
                let lane = notification.saturating_mul(self.replay.topics.len()) + topic;
                self.seconds.add([small(lane), second]);
                self.hours.add([number, hour]);
                self.days.add([number, hour / 24]);
            }
        }
        self.rules.add((number, about.rule));
        if let Some(resource) = about.resource {
            self.resources.add((number, resource));
        }
        if let Some(account) = about.account {
            self.accounts.add((number, account));
        }
    }

    /// What was found so far.
    pub fn report(&self) -> Report {
        let Replay { options, facts, notifications, topics, patterns: _, stand_in: _ } =
            self.replay;
        let addresses = facts.addresses;
        let times = Times::new(self, notifications.len(), topics);
        let names = Names::new(self, notifications.len());
        let mut total = traffic::of_all(&self.counts, &times, &names, addresses);
        let each = self.counts.iter().zip(notifications).enumerate();
        let notifications: Vec<NotificationReport> = each
            .map(|(number, (counts, notification))| {
                let mut traffic = traffic::of_one(number, counts, &times, &names, addresses);
                traffic.losses = losses(counts);
                traffic.lost = traffic.losses.iter().map(|loss| loss.mails).sum();
                total.lost += traffic.lost;
                self.notification(number, notification, counts, traffic, &names)
            })
            .collect();
        total.losses = all_losses(&notifications);
        let period = period(options.since, options.until, self.times);
        let monthly = |count: u64, days: f64| precise(count) / days * DAYS_A_MONTH;
        let cost = period.map(|Period { days, .. }| {
            mail_cost(monthly(total.mails, days), monthly(total.deliveries, days))
        });
        Report {
            stack: facts.stack.clone(),
            language: facts.language,
            strict: options.strict,
            complete: true,
            documents: self.documents(),
            period,
            addresses,
            other_endpoints: facts.others,
            alarms: facts.alarms,
            total,
            notifications,
            topics: times.topics,
            cost,
        }
    }

    /// What was read, with the files that were not in front of the broken lines of others.
    fn documents(&self) -> Documents {
        let mut documents = self.documents.clone();
        documents.first_bad.splice(..0, self.first_unread.iter().cloned());
        documents.first_bad.truncate(MOST_BAD_SHOWN);
        documents
    }

    fn notification(
        &self,
        number: usize,
        notification: &Notification,
        counts: &Counts,
        traffic: super::Traffic,
        names: &Names<'_>,
    ) -> NotificationReport {
        let suppressions =
            suppress::propose(&notification.exclude, names.of(number), traffic.mails);
        let kinds = notification.exclude.kinds();
        let regions = notification.routes.iter().filter_map(|route| route.region.as_ref());
        let mut elsewhere: Vec<Elsewhere> = self
            .elsewhere
            .iter()
            .filter(|((owner, _), _)| *owner == small(number))
            .map(|((_, region), events)| Elsewhere { region: region.to_string(), events })
            .collect();
        elsewhere.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.region.cmp(&b.region)));
        NotificationReport {
            name: notification.name.clone(),
            enabled: notification.enabled,
            of_config_rules: kinds.iter().any(|kind| kind.kind == "config_rules"),
            regions: regions.map(ToString::to_string).collect(),
            matched: counts.matched,
            traffic,
            elsewhere,
            suppressions,
            samples: counts
                .samples
                .iter()
                .map(|text| sample(text, &self.replay.facts.from))
                .collect(),
        }
    }
}

/// A number in the space that a million of them can have.
pub(super) fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(super) fn precise(count: u64) -> f64 {
    count as f64
}

fn period(
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    seen: Option<(Timestamp, Timestamp)>,
) -> Option<Period> {
    let (from, to) = seen?;
    let (from, to) = (since.unwrap_or(from), until.unwrap_or(to));
    let days = to.duration_since(from).as_secs_f64() / SECONDS_A_DAY;
    Some(Period { from, to, days: days.max(1.0) })
}

fn losses(counts: &Counts) -> Vec<Loss> {
    let mut losses: Vec<Loss> = counts
        .lost
        .iter()
        .map(|(why, (mails, example))| {
            let (file, line, element) =
                example.as_ref().map(|e| apart(&e.place)).unwrap_or_default();
            Loss {
                code: why.code(),
                reason: why.to_string(),
                why: *why,
                mails: *mails,
                file,
                line,
                element,
                detail: example.as_ref().map(|e| e.detail.clone()).unwrap_or_default(),
            }
        })
        .collect();
    losses.sort_by_key(|loss| std::cmp::Reverse(loss.mails));
    losses
}

/// The losses of all notifications, those of one reason together.
fn all_losses(notifications: &[NotificationReport]) -> Vec<Loss> {
    let mut all: Vec<Loss> = Vec::new();
    for loss in notifications.iter().flat_map(|notification| &notification.traffic.losses) {
        match all.iter_mut().find(|known| known.reason == loss.reason) {
            Some(known) => known.mails += loss.mails,
            None => all.push(loss.clone()),
        }
    }
    all.sort_by_key(|loss| std::cmp::Reverse(loss.mails));
    all
}

fn sample(text: &Text, from: &str) -> Sample {
    let (file, line, element) = apart(&text.place);
    Sample {
        file,
        line,
        element,
        at: text.at,
        from: from.to_owned(),
        subject: text.subject.clone().unwrap_or_else(|| DEFAULT_SUBJECT.to_owned()),
        body: text.body.clone(),
    }
}

fn shown(bad: BadDocument) -> Bad {
    let BadDocument { place, problem } = bad;
    let (file, line, element) = apart(&place);
    Bad { file, line, element, message: problem.to_string(), problem }
}

fn apart(place: &At) -> (String, u64, Option<u64>) {
    (place.source.to_string(), place.line, place.element)
}

#[cfg(test)]
mod tests {
    use super::super::about::About;
    use super::*;
    use crate::replay::Options;
    use crate::spec::{Format, parse};

    const SPEC: &str = "stack = 's'\n[topic]\nname = 't'\n[[events]]\nname = 'e'\n\
        pattern = '{\"source\": [\"s\"]}'\nmessage = 'x'\n";

    /// So many mails, a second apart, each of another resource; each tenth of one of them.
    fn counted(mails: u32) -> Report {
        let spec = parse(SPEC, Format::Toml).spec.unwrap();
        let replay = Replay::new(&spec, Options::default()).unwrap();
        let mut tally = replay.tally();
        for at in 0..mails {
            let name = if at % 10 == 0 { "hot".to_owned() } else { at.to_string() };
            tally.count(Record {
                notification: 0,
                fate: Fate::Mailed(0),
                about: About { rule: "r".into(), resource: Some(name.into()), account: None },
                at: Timestamp::from_second(i64::from(at)).ok(),
            });
        }
        tally.report()
    }

    #[test]
    fn what_is_beyond_the_capacity_is_said_to_be_at_least_that_much() {
        let exact = counted(200_000);
        let resources = &exact.total.resources;
        assert_eq!((resources.different, resources.missed), (180_001, 0));
        assert!(!exact.total.at_least);

        let more = counted(1_100_000);
        let resources = &more.total.resources;
        assert_eq!(more.total.mails, 1_100_000);
        assert!(resources.missed > 0 && more.total.at_least);
        // One that comes often is never lost, and what comes once is not shown beside it.
        let [hot] = resources.first.as_slice() else { panic!("{resources:?}") };
        assert_eq!((hot.name.as_str(), hot.mails), ("hot", 110_000));
        assert_eq!(more.total.rules.first[0].mails, 1_100_000);
        assert_eq!(more.total.days.iter().map(|day| day.mails).sum::<u64>(), 1_100_000);
    }
}
