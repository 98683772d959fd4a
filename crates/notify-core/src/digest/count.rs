//! A digest: counts, totals and changes, made of what CloudWatch answered.

use super::{Days, Measure, Watch, WatchedAcl};
use crate::alarm::Point;
use crate::aws::Region;
use crate::aws::waf::WafScope;
use crate::provider::MetricSeries;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// What the rules of one region blocked and counted.
///
/// ```
/// use notify_core::alarm::Point;
/// use notify_core::aws::{Region, waf::WafScope};
/// use notify_core::digest::{Days, Digest, Measure, Since, UtcOffset, Watch, WatchedAcl};
/// use notify_core::provider::MetricSeries;
///
/// let days = Days::new(Since::Days(1), UtcOffset::UTC, "2026-11-24T00:05:00Z".parse()?)?;
/// let watch = Watch {
///     region: Region::parse("ap-northeast-1")?,
///     web_acls: vec![WatchedAcl {
///         name: "waf-base-001".to_owned(),
///         scope: WafScope::Regional,
///         rules: vec!["common".to_owned()],
///     }],
/// };
/// assert_eq!(watch.queries(days)[0].metric.name, "BlockedRequests"); // of the rule `common`
/// let blocked = vec![
///     Point { at: "2026-11-22T13:00:00Z".parse()?, value: 20.0 },
///     Point { at: "2026-11-23T05:00:00Z".parse()?, value: 12.0 },
///     Point { at: "2026-11-23T06:00:00Z".parse()?, value: 3.0 },
/// ];
/// let answer = MetricSeries { points: blocked, gaps: Vec::new() };
/// let digest = Digest::new(&watch, days, &[answer]);
/// let change = digest.change(Measure::Blocked, 1); // of the first day to the day before
/// assert_eq!((change.now, change.before, change.percent()), (15, 20, Some(-25)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The region.
    pub region: Region,
    /// The days.
    pub days: Days,
    /// Its web ACLs, by name.
    pub web_acls: Vec<WebAclDigest>,
    /// Why the counts may be too low: what of the answers was missing, in words.
    pub gaps: BTreeSet<String>,
}

/// What the rules of one web ACL blocked and counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAclDigest {
    /// The web ACL's metric name.
    pub name: String,
    /// Regional or CloudFront.
    pub scope: WafScope,
    /// A row for each rule, also for those that saw nothing: most blocked first, then most
    /// counted, then by name. What the default action and other rules blocked comes last, and only
    /// where there is any.
    pub rows: Vec<Row>,
}

/// What one rule blocked and counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which rule.
    pub who: Who,
    /// What it blocked, day by day, with the day before the first one in front.
    blocked: Vec<u64>,
    /// What it counted, in the same way.
    counted: Vec<u64>,
}

/// Whose row it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The rule of this metric name.
    Rule(String),
    /// What no rule decided.
    DefaultAction,
    /// Rules that the file does not name: what the web ACL blocked in all, less the other rows.
    Others,
}

/// A count beside that of the day before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The count.
    pub now: u64,
    /// That of the day before.
    pub before: u64,
}

impl Change {
    /// By how much the count has grown.
    pub fn difference(self) -> i64 {
        let difference = i128::from(self.now) - i128::from(self.before);
        i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
    }

    /// The same in per cent of the day before, rounded; nothing where that day had none.
    pub fn percent(self) -> Option<i64> {
        let (now, before) = (i128::from(self.now), i128::from(self.before));
        let percent = ((now - before) * 200 + before).checked_div_euclid(before * 2)?;
        Some(i64::try_from(percent).unwrap_or(i64::MAX))
    }

    /// Whether there is something now, and there was nothing the day before.
    pub fn is_new(self) -> bool {
        self.before == 0 && self.now > 0
    }
}

impl Digest {
    /// The digest of what CloudWatch answered to [`Watch::queries`], in the same order. An answer
    /// that is missing is as good as silence.
    pub fn new(watch: &Watch, days: Days, answers: &[MetricSeries]) -> Self {
        let gaps =
            answers.iter().flat_map(|answer| &answer.gaps).map(ToString::to_string).collect();
        let mut answers = answers.iter();
        let mut next = || by_day(answers.next().map_or(&[], |answer| &answer.points), days);
        let web_acls = watch.web_acls.iter().map(|acl| of_acl(acl, &mut next)).collect();
        Self { region: watch.region.clone(), days, web_acls, gaps }
    }

    /// What all rules together did on a day; 1 is the first one.
    pub fn change(&self, measure: Measure, day: usize) -> Change {
        sum(self.web_acls.iter().map(|acl| acl.change(measure, day)))
    }

    /// What all rules together did on all days.
    pub fn total(&self, measure: Measure) -> u64 {
        let totals = self.web_acls.iter().map(|acl| acl.total(measure));
        totals.fold(0, u64::saturating_add)
    }

    /// Whether there is nothing at all, the day before included.
    pub fn is_empty(&self) -> bool {
        let mut rows = self.web_acls.iter().flat_map(|acl| &acl.rows);
        rows.all(|row| row.blocked.iter().chain(&row.counted).all(|count| *count == 0))
    }
}

impl WebAclDigest {
    /// What all of its rules together did on a day; 1 is the first one.
    pub fn change(&self, measure: Measure, day: usize) -> Change {
        sum(self.rows.iter().map(|row| row.change(measure, day)))
    }

    /// What all of its rules together did on all days.
    pub fn total(&self, measure: Measure) -> u64 {
        self.rows.iter().map(|row| row.total(measure)).fold(0, u64::saturating_add)
    }
}

impl Row {
    /// What it did on a day; 1 is the first one.
    pub fn change(&self, measure: Measure, day: usize) -> Change {
        let days = self.days(measure);
        let at = |day: Option<usize>| day.and_then(|day| days.get(day)).copied().unwrap_or(0);
        Change { now: at(Some(day)), before: at(day.checked_sub(1)) }
    }

    /// What it did on all days, without the day before the first.
    pub fn total(&self, measure: Measure) -> u64 {
        self.days(measure).iter().skip(1).copied().fold(0, u64::saturating_add)
    }

    fn days(&self, measure: Measure) -> &[u64] {
        match measure {
            Measure::Blocked => &self.blocked,
            Measure::Counted => &self.counted,
        }
    }
}

fn sum(changes: impl Iterator<Item = Change>) -> Change {
    changes.fold(Change { now: 0, before: 0 }, |sum, change| Change {
        now: sum.now.saturating_add(change.now),
        before: sum.before.saturating_add(change.before),
    })
}

/// Takes the answers in the order of [`Watch::queries`].
fn of_acl(acl: &WatchedAcl, next: &mut impl FnMut() -> Vec<u64>) -> WebAclDigest {
    let rule = |rule: &String| {
        let [blocked, counted] = Measure::ALL.map(|_| next());
        Row { who: Who::Rule(rule.clone()), blocked, counted }
    };
    let mut rows: Vec<Row> = acl.rules.iter().map(rule).collect();
    let [default_action, all] = [next(), next()];
    rows.sort_by(|a, b| {
        let key = |row: &Row| Measure::ALL.map(|measure| Reverse(row.total(measure)));
        key(a).cmp(&key(b)) // equal ones stay in the order of their names
    });
    let known = |day: usize| {
        let rules = rows.iter().filter_map(|row| row.blocked.get(day));
        rules.chain(default_action.get(day)).copied().fold(0, u64::saturating_add)
    };
    let others = all.iter().enumerate().map(|(day, all)| all.saturating_sub(known(day))).collect();
    for (who, blocked) in [(Who::DefaultAction, default_action), (Who::Others, others)] {
        if blocked.iter().any(|count| *count > 0) {
            let counted = vec![0; blocked.len()];
            rows.push(Row { who, blocked, counted });
        }
    }
    WebAclDigest { name: acl.name.clone(), scope: acl.scope, rows }
}

/// What points come to on each day, that before the first included.
fn by_day(points: &[Point], days: Days) -> Vec<u64> {
    let mut sums = vec![0.0_f64; days.count() + 1];
    for point in points {
        if let Some(sum) = days.number(point.at).and_then(|day| sums.get_mut(day)) {
            *sum += point.value;
        }
    }
    sums.into_iter().map(whole).collect()
}

/// The number of requests that a sum tells of. WAF's are whole; whatever else somebody published
/// is rounded, and what is no count is none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and makes 0 of what is not a number"
)]
fn whole(sum: f64) -> u64 {
    sum.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{Since, UtcOffset};

    fn days(count: u32) -> Days {
        let now = "2026-11-24T00:05:00Z".parse().unwrap();
        Days::new(Since::Days(count), UtcOffset::UTC, now).unwrap()
    }

    fn points(text: &[(&str, f64)]) -> MetricSeries {
        let point = |(at, value): &(&str, f64)| Point {
            at: format!("2026-11-{at}:00Z").parse().unwrap(),
            value: *value,
        };
        MetricSeries { points: text.iter().map(point).collect(), gaps: Vec::new() }
    }

    fn silence() -> MetricSeries {
        MetricSeries::default()
    }

    fn watch(rules: &[&str]) -> Watch {
        let acl = WatchedAcl {
            name: "acl".to_owned(),
            scope: WafScope::Regional,
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
        };
        Watch { region: Region::us_east_1(), web_acls: vec![acl] }
    }

    fn rows(digest: &Digest) -> Vec<(String, Vec<u64>, Vec<u64>)> {
        let name = |who: &Who| match who {
            Who::Rule(name) => name.clone(),
            other => format!("{other:?}"),
        };
        let rows = digest.web_acls.iter().flat_map(|acl| &acl.rows);
        rows.map(|row| (name(&row.who), row.blocked.clone(), row.counted.clone())).collect()
    }

    #[test]
    fn changes_are_absolute_and_in_per_cent() {
        for (before, now, difference, percent, is_new) in [
            (0, 0, 0, None, false),
            (0, 1, 1, None, true),
            (1, 0, -1, Some(-100), false),
            (20, 15, -5, Some(-25), false),
            (3, 4, 1, Some(33), false),
            (3, 5, 2, Some(67), false),
            (3, 1, -2, Some(-67), false),
            (8, 9, 1, Some(13), false),     // 12.5
            (200, 199, -1, Some(0), false), // -0.5
            (1, 1, 0, Some(0), false),
            (1, u64::MAX, i64::MAX, Some(i64::MAX), false),
            (u64::MAX, 0, i64::MIN, Some(-100), false),
            (u64::MAX, u64::MAX, 0, Some(0), false),
        ] {
            let change = Change { now, before };
            assert_eq!(change.difference(), difference, "{change:?}");
            assert_eq!(change.percent(), percent, "{change:?}");
            assert_eq!(change.is_new(), is_new, "{change:?}");
        }
    }

    #[test]
    fn rules_are_in_order_of_what_they_blocked_and_none_is_left_out() {
        let digest = Digest::new(
            &watch(&["a", "b", "c", "d", "e"]),
            days(2),
            &[
                points(&[("21T23:59", 900.0)]), // only the day before
                silence(),
                points(&[("22T00:00", 2.0), ("22T23:00", 1.0), ("23T05:00", 3.0)]),
                points(&[("23T23:59", 1.0), ("24T00:00", 50.0), ("20T23:59", 60.0)]),
                points(&[("23T10:00", 7.0)]),
                silence(),
                silence(),
                points(&[("23T10:00", 9.0)]),
            ],
        );
        assert_eq!(
            rows(&digest),
            [
                ("c".to_owned(), vec![0, 0, 7], vec![0, 0, 0]),
                ("b".to_owned(), vec![0, 3, 3], vec![0, 0, 1]),
                ("d".to_owned(), vec![0, 0, 0], vec![0, 0, 9]),
                ("a".to_owned(), vec![900, 0, 0], vec![0, 0, 0]),
                ("e".to_owned(), vec![0, 0, 0], vec![0, 0, 0]),
            ]
        );
        assert_eq!(digest.total(Measure::Blocked), 13);
        assert_eq!(digest.total(Measure::Counted), 10);
        assert_eq!(digest.change(Measure::Blocked, 1), Change { now: 3, before: 900 });
        assert_eq!(digest.change(Measure::Blocked, 2), Change { now: 10, before: 3 });
        assert_eq!(digest.change(Measure::Counted, 2), Change { now: 10, before: 0 });
        assert_eq!(digest.change(Measure::Blocked, 0), Change { now: 900, before: 0 });
        assert_eq!(digest.change(Measure::Blocked, 3), Change { now: 0, before: 10 });
        assert!(!digest.is_empty());
    }

    #[test]
    fn what_the_web_acl_blocked_besides_has_rows_of_its_own() {
        let digest = |default_action: &[(&str, f64)], all: &[(&str, f64)]| {
            let rule = points(&[("22T10:00", 4.0), ("23T10:00", 6.0)]);
            let answers = [rule, silence(), points(default_action), points(all)];
            Digest::new(&watch(&["a"]), days(1), &answers)
        };
        let of = |digest: &Digest| rows(digest)[1..].to_vec();
        let expected = |who: &str, blocked: Vec<u64>| (who.to_owned(), blocked, vec![0, 0]);
        let quiet = digest(&[], &[("22T09:00", 4.0), ("23T09:00", 6.0)]);
        assert_eq!(of(&quiet), []);
        let both = digest(&[("23T01:00", 2.0)], &[("22T09:00", 4.0), ("23T09:00", 9.0)]);
        assert_eq!(
            of(&both),
            [expected("DefaultAction", vec![0, 2]), expected("Others", vec![0, 1])]
        );
        assert_eq!(both.total(Measure::Blocked), 9);
        // Where AWS tells of fewer in all than of the parts, the parts stand.
        let less = digest(&[], &[("23T09:00", 1.0)]);
        assert_eq!((of(&less), less.total(Measure::Blocked)), (vec![], 6));
    }

    #[test]
    fn silence_is_nothing_and_what_is_no_count_does_no_harm() {
        let silent = Digest::new(&watch(&["a"]), days(7), &[]);
        assert_eq!(rows(&silent), [("a".to_owned(), vec![0; 8], vec![0; 8])]);
        assert!(silent.is_empty());
        for (value, expected) in [
            (0.0, 0),
            (0.4, 0),
            (1.5, 2),
            (-3.0, 0),
            (f64::NAN, 0),
            (f64::INFINITY, u64::MAX),
            (1e300, u64::MAX),
        ] {
            let answers = [points(&[("23T10:00", value)]), points(&[("23T10:00", value)])];
            let digest = Digest::new(&watch(&["a"]), days(1), &answers);
            assert_eq!(digest.total(Measure::Blocked), expected, "{value}");
        }
        let most = points(&[("23T10:00", f64::MAX)]);
        let answers = vec![most; 6];
        let digest = Digest::new(&watch(&["a", "b"]), days(1), &answers);
        assert_eq!(digest.total(Measure::Blocked), u64::MAX);
        assert_eq!(digest.change(Measure::Counted, 1), Change { now: u64::MAX, before: 0 });
    }

    #[test]
    fn what_is_missing_of_an_answer_is_kept_once() {
        let answer = |gap: &str| MetricSeries {
            points: Vec::new(),
            gaps: vec![crate::provider::Gap::Said(gap.to_owned())],
        };
        let digest = Digest::new(&watch(&["a"]), days(1), &["x", "b", "x"].map(answer));
        assert_eq!(digest.gaps.into_iter().collect::<Vec<_>>(), ["b", "x"]);
    }

    #[test]
    fn only_the_day_before_is_something() {
        let digest = Digest::new(&watch(&["a"]), days(1), &[points(&[("22T10:00", 1.0)])]);
        assert!(!digest.is_empty());
        assert_eq!(digest.total(Measure::Blocked), 0);
    }
}
