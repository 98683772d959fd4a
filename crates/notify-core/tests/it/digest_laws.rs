//! Laws of digests, whatever was measured when.

use jiff::{SignedDuration, Timestamp};
use notify_core::alarm::Point;
use notify_core::aws::Region;
use notify_core::aws::waf::WafScope;
use notify_core::digest::{Days, Digest, Measure, Since, UtcOffset, Watch, WatchedAcl, mail};
use notify_core::mail::{MAX_BYTES, MAX_SUBJECT};
use notify_core::provider::MetricSeries;
use notify_core::spec::Language;
use proptest::prelude::*;

/// Offsets from UTC in quarters of an hour.
fn offset() -> impl Strategy<Value = UtcOffset> {
    (-48_i32..=56).prop_map(|quarters| {
        let minutes = quarters.abs() * 15;
        let sign = if quarters < 0 { '-' } else { '+' };
        let text = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
        text.parse().expect("an offset")
    })
}

fn series() -> impl Strategy<Value = MetricSeries> {
    let point = (0_i64..12 * 24 * 60, 0_u32..100_000).prop_map(|(minute, value)| Point {
        at: start() + SignedDuration::from_mins(minute),
        value: f64::from(value),
    });
    prop::collection::vec(point, 0..40).prop_map(|points| MetricSeries { points, gaps: Vec::new() })
}

fn start() -> Timestamp {
    "2026-11-13T00:00:00Z".parse().expect("a time")
}

fn days() -> impl Strategy<Value = Days> {
    (1_u32..8, offset(), 0_i64..86_400).prop_map(|(count, offset, seconds)| {
        let now =
            start() + SignedDuration::from_hours(11 * 24) + SignedDuration::from_secs(seconds);
        Days::new(Since::Days(count), offset, now).expect("days that are kept")
    })
}

fn watch(rules: usize) -> Watch {
    let acl = WatchedAcl {
        name: "acl".to_owned(),
        scope: WafScope::Regional,
        rules: (0..rules).map(|number| format!("rule-{number}")).collect(),
    };
    Watch { region: Region::us_east_1(), web_acls: vec![acl] }
}

fn within(series: &MetricSeries, from: Timestamp, to: Timestamp) -> u64 {
    let values = series.points.iter().filter(|point| (from..to).contains(&point.at));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and small")]
    values.map(|point| point.value as u64).sum()
}

proptest! {
    /// Days are whole, follow each other without a gap, have ended, and begin at midnight there.
    #[test]
    fn days_are_whole(days in days()) {
        let length = days.to().duration_since(days.from());
        prop_assert_eq!(length.as_hours(), 24 * (i64::try_from(days.count()).expect("few") + 1));
        prop_assert_eq!(length.subsec_nanos(), 0);
        let period = i64::from(days.period());
        prop_assert_eq!(days.from().as_second().rem_euclid(period), 0, "periods begin with days");
        prop_assert_eq!(86_400 % period, 0);
        prop_assert_eq!(days.dates().len(), days.count());
        prop_assert_eq!(days.dates().next(), Some(days.first()));
        prop_assert_eq!(days.dates().last(), Some(days.last()));
    }

    /// Each value is counted once, on its day; rows come to the totals.
    #[test]
    fn every_value_counts_once(days in days(), answers in prop::collection::vec(series(), 6)) {
        let digest = Digest::new(&watch(2), days, &answers);
        let day = SignedDuration::from_hours(24);
        let first = days.from() + day;
        let rows = &digest.web_acls[0].rows;
        let of = |measure: Measure, name: &str| {
            let is_it = |row: &&notify_core::digest::Row| row.who.label(Language::En) == name;
            rows.iter().find(is_it).map_or(0, |row| row.total(measure))
        };
        for (at, name) in [(0, "rule-0"), (2, "rule-1")] {
            prop_assert_eq!(of(Measure::Blocked, name), within(&answers[at], first, days.to()));
            prop_assert_eq!(of(Measure::Counted, name), within(&answers[at + 1], first, days.to()));
        }
        for measure in Measure::ALL {
            let total = digest.total(measure);
            prop_assert_eq!(total, rows.iter().map(|row| row.total(measure)).sum::<u64>());
            let by_day = (1..=days.count()).map(|day| digest.change(measure, day).now);
            prop_assert_eq!(total, by_day.sum::<u64>());
            for day in 2..=days.count() {
                let (earlier, later) = (digest.change(measure, day - 1), digest.change(measure, day));
                prop_assert_eq!(earlier.now, later.before);
            }
        }
        let blocked: Vec<u64> = rows.iter().take(2).map(|row| row.total(Measure::Blocked)).collect();
        prop_assert!(blocked.is_sorted_by(|a, b| a >= b));
        // What the web ACL blocked in all is never less than what it is made of.
        prop_assert!(digest.total(Measure::Blocked) >= within(&answers[5], first, days.to()));
    }

    /// SNS takes every digest.
    #[test]
    fn every_digest_can_be_published(
        days in days(),
        names in prop::collection::vec(".{0,300}", 1..40),
        ja in any::<bool>(),
    ) {
        let language = if ja { Language::Ja } else { Language::En };
        let mut watch = watch(0);
        watch.web_acls[0].rules = names;
        let mail = mail(&Digest::new(&watch, days, &[]), language);
        prop_assert_eq!(mail.check(), Ok(()));
        prop_assert!(mail.bytes() <= MAX_BYTES);
        let subject = mail.subject.as_deref().unwrap_or_default();
        prop_assert!(subject.is_ascii() && subject.len() <= MAX_SUBJECT);
        prop_assert!(subject.starts_with("WAF digest 2026-11-"));
        prop_assert!(!mail.text().contains(|c: char| c.is_control() && c != '\n'));
    }
}
