//! From counters to what a report says of them.

use super::counter::Counter;
use super::report::{Busiest, Day, MOST_A_SECOND, Named, Top, TopicReport, Traffic};
use super::tally::{Counts, Tally, small};
use crate::aws::Region;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// So many names are shown of each kind.
const MOST_SHOWN: usize = 10;

/// When mails came.
#[derive(Debug)]
pub(super) struct Times {
    /// For each notification.
    each: Vec<When>,
    all: When,
    pub(super) topics: Vec<TopicReport>,
    at_least: bool,
}

#[derive(Debug, Default)]
struct When {
    days: BTreeMap<u32, u64>,
    second: Option<Busiest>,
    hour: Option<Busiest>,
    day: Option<Busiest>,
}

impl Times {
    pub(super) fn new(tally: &Tally<'_>, notifications: usize, topics: &[Option<Region>]) -> Self {
        let mut each: Vec<When> =
            std::iter::repeat_with(When::default).take(notifications).collect();
        let mut all = When::default();
        for ([number, day], mails) in tally.days.iter() {
            if let Some(when) = each.get_mut(*number as usize) {
                when.days.insert(*day, mails);
                *all.days.entry(*day).or_default() += mails;
            }
        }
        let mut hours: HashMap<u32, u64> = HashMap::new();
        for ([number, hour], mails) in tally.hours.iter() {
            if let Some(when) = each.get_mut(*number as usize) {
                raise(&mut when.hour, *hour, 3600, mails);
                *hours.entry(*hour).or_default() += mails;
            }
        }
        for (hour, mails) in hours {
            raise(&mut all.hour, hour, 3600, mails);
        }
        for when in each.iter_mut().chain([&mut all]) {
            for (day, mails) in &when.days {
                raise(&mut when.day, *day, 86_400, *mails);
            }
        }
        let count = topics.len().max(1);
        // All notifications of a region share its topic, and the limit is the topic's.
        let mut seconds: Vec<[u32; 3]> = Vec::new();
        for ([lane, second], mails) in tally.seconds.iter() {
            let lane = *lane as usize;
            if let Some(when) = each.get_mut(lane / count) {
                raise(&mut when.second, *second, 1, mails);
                seconds.push([
                    small(lane % count),
                    *second,
                    u32::try_from(mails).unwrap_or(u32::MAX),
                ]);
            }
        }
        seconds.sort_unstable();
        let mut reports: Vec<TopicReport> =
            topics.iter().map(|region| quiet(region.as_ref())).collect();
        for same in seconds.chunk_by(|a, b| a.starts_with(&b[..2])) {
            let Some([topic, second, _]) = same.first() else { continue };
            let Some(report) = reports.get_mut(*topic as usize) else { continue };
            let mails = same.iter().map(|[_, _, mails]| u64::from(*mails)).sum();
            raise(&mut report.busiest_second, *second, 1, mails);
            report.seconds_over_limit += u64::from(mails > MOST_A_SECOND);
        }
        for busiest in reports.iter().filter_map(|report| report.busiest_second.as_ref()) {
            raise_to(&mut all.second, busiest.clone());
        }
        let missed = tally.seconds.missed().max(tally.hours.missed()).max(tally.days.missed());
        Self { each, all, topics: reports, at_least: missed > 0 }
    }
}

fn quiet(region: Option<&Region>) -> TopicReport {
    TopicReport {
        region: region.map(ToString::to_string),
        busiest_second: None,
        limit: MOST_A_SECOND,
        seconds_over_limit: 0,
    }
}

/// Keeps the larger one; of two that are equal, the earlier.
fn raise(busiest: &mut Option<Busiest>, unit: u32, seconds: u32, mails: u64) {
    let at = i64::from(unit) * i64::from(seconds);
    let Ok(at) = Timestamp::from_second(at) else { return };
    raise_to(busiest, Busiest { at, mails });
}

fn raise_to(busiest: &mut Option<Busiest>, new: Busiest) {
    let is_more = |known: &Busiest| (new.mails, known.at) > (known.mails, new.at);
    if busiest.as_ref().is_none_or(is_more) {
        *busiest = Some(new);
    }
}

/// What mails were about.
#[derive(Debug)]
pub(super) struct Names<'t> {
    each: Vec<[Ranked<'t>; 3]>,
    all: [Ranked<'t>; 3],
}

/// Names with their counts, the most frequent first.
#[derive(Debug, Default)]
pub(super) struct Ranked<'t> {
    pub(super) names: Vec<(u64, &'t str)>,
    pub(super) missed: u64,
}

impl<'t> Names<'t> {
    pub(super) fn new(tally: &'t Tally<'_>, notifications: usize) -> Self {
        let mut each: Vec<[Ranked<'t>; 3]> =
            std::iter::repeat_with(Default::default).take(notifications).collect();
        let kinds = [&tally.rules, &tally.resources, &tally.accounts];
        let mut all: [Ranked<'t>; 3] = Default::default();
        for (kind, (counter, total)) in kinds.into_iter().zip(&mut all).enumerate() {
            fill(kind, counter, &mut each, total);
        }
        Self { each, all }
    }

    pub(super) fn of(&self, notification: usize) -> Option<&[Ranked<'t>; 3]> {
        self.each.get(notification)
    }
}

fn fill<'t>(
    kind: usize,
    counter: &'t Counter<(u32, Box<str>)>,
    each: &mut [[Ranked<'t>; 3]],
    all: &mut Ranked<'t>,
) {
    let missed = u64::from(counter.missed());
    let mut together: HashMap<&str, u64> = HashMap::new();
    for ((number, name), mails) in counter.iter() {
        let ranked = each.get_mut(*number as usize).and_then(|ranked| ranked.get_mut(kind));
        if let Some(ranked) = ranked {
            ranked.names.push((mails, name));
            *together.entry(name).or_default() += mails;
        }
    }
    all.names = together.into_iter().map(|(name, mails)| (mails, name)).collect();
    all.missed = missed;
    for ranked in each.iter_mut().filter_map(|ranked| ranked.get_mut(kind)).chain([all]) {
        ranked.missed = missed;
        ranked.names.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    }
}

impl Ranked<'_> {
    fn top(&self) -> Top {
        let named = |(mails, name): &(u64, &str)| Named { name: (*name).to_owned(), mails: *mails };
        Top {
            different: self.names.len() as u64,
            missed: self.missed,
            // What may as well be a thing that was forgotten tells nothing.
            first: self
                .names
                .iter()
                .take_while(|(mails, _)| *mails > self.missed)
                .take(MOST_SHOWN)
                .map(named)
                .collect(),
        }
    }
}

/// The traffic of one notification, without what is lost.
pub(super) fn of_one(
    number: usize,
    counts: &Counts,
    times: &Times,
    names: &Names<'_>,
    addresses: usize,
) -> Traffic {
    let nothing = When::default();
    let none = Default::default();
    let when = times.each.get(number).unwrap_or(&nothing);
    traffic(counts, when, names.of(number).unwrap_or(&none), addresses, times.at_least)
}

/// The traffic of all notifications, without what is lost.
pub(super) fn of_all(
    counts: &[Counts],
    times: &Times,
    names: &Names<'_>,
    addresses: usize,
) -> Traffic {
    let mut sum = Counts::default();
    for one in counts {
        sum.mails += one.mails;
        sum.without_time += one.without_time;
        for (all, one) in sum.of_day.iter_mut().zip(one.of_day) {
            *all += one;
        }
    }
    traffic(&sum, &times.all, &names.all, addresses, times.at_least)
}

fn traffic(
    counts: &Counts,
    when: &When,
    names: &[Ranked<'_>; 3],
    addresses: usize,
    at_least: bool,
) -> Traffic {
    let [rules, resources, accounts] = names.each_ref().map(Ranked::top);
    let day = |(day, mails): (&u32, &u64)| {
        let at = Timestamp::from_second(i64::from(*day) * 86_400).ok()?;
        Some(Day { day: at.strftime("%Y-%m-%d").to_string(), mails: *mails })
    };
    Traffic {
        mails: counts.mails,
        deliveries: counts.mails.saturating_mul(u64::from(small(addresses))),
        lost: 0,
        losses: Vec::new(),
        without_time: counts.without_time,
        days: when.days.iter().filter_map(day).collect(),
        hours: counts.of_day.to_vec(),
        busiest_second: when.second.clone(),
        busiest_hour: when.hour.clone(),
        busiest_day: when.day.clone(),
        rules,
        resources,
        accounts,
        at_least,
    }
}
