//! The texts that say why a state changed, as `CloudWatch` writes them.

use super::Condition;
use crate::aws::{AlarmState, Comparison, TreatMissingData};
use jiff::Timestamp;
use jiff::tz::Offset;
use std::fmt::Write;

/// The reason of the state that a new alarm is in.
pub const INITIAL_REASON: &str = "Unchecked: Initial alarm creation";

/// How a reason is worded where AWS's own wording is not settled.
///
/// The default follows what was recorded from AWS in September 2026, with alarms of up to three
/// periods. Reasons that people have published say more of longer ones: see [`Wording::PUBLISHED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wording {
    /// The form for an alarm without `DatapointsToAlarm`.
    pub unset: Unset,
    /// Which points are listed when more speak for the new state than it needs.
    pub listed: Listed,
    /// How many points stand in the sentence; if there are more, the newest five follow it.
    pub inline: usize,
}

/// How many points follow a sentence that has no room for them.
const FOLLOWING: usize = 5;

impl Wording {
    /// As in reasons that people have published between 2017 and 2026: every point that speaks for
    /// the new state is listed, and five or more follow the sentence.
    pub const PUBLISHED: Self = Self { unset: Unset::Short, listed: Listed::All, inline: 4 };

    pub(super) fn listed_at_most(self) -> usize {
        self.inline.max(FOLLOWING)
    }
}

/// The form for an alarm without `DatapointsToAlarm`.
///
/// Real reasons of 2024 and later have the short form, one mail of 2021 has the long one. Which
/// alarms get which is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// `3 datapoints [...] were ...`, without the minimum.
    Short,
    /// `3 out of the last 3 datapoints [...] were ... (minimum ...)`, as if M were N.
    Long,
}

/// Which points are listed when more speak for the new state than it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// The newest ones, as many as the change needs: M for ALARM, N - M + 1 for OK. In every
    /// recorded change no more than these spoke for it, so which ones AWS would choose is unknown.
    Needed,
    /// All of them, as in several reasons that people have published.
    All,
}

impl Default for Wording {
    fn default() -> Self {
        // A reason has at most 1,023 characters, and a point at least 25.
        Self { unset: Unset::Short, listed: Listed::Needed, inline: 34 }
    }
}

/// What a reason speaks of.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    pub(super) condition: &'a Condition,
    pub(super) to: AlarmState,
    /// How many points were evaluated.
    pub(super) received: usize,
    /// How many of them speak for the new state.
    pub(super) speaking: usize,
    /// When the newest of these begin, in seconds since 1970, and their values; newest first.
    pub(super) newest: Vec<(i64, f64)>,
    pub(super) treatment: TreatMissingData,
}

impl Evidence<'_> {
    pub(super) fn reason(&self, wording: Wording) -> String {
        let periods = self.condition.evaluation_periods as usize;
        if self.to == AlarmState::InsufficientData {
            return format!("Insufficient Data: {} unknown.", datapoints(periods, "datapoint"));
        }
        let filled = self.filled().unwrap_or_default();
        if self.speaking == 0 {
            // No real point speaks for the new state: missing ones alone decide.
            let received = match self.received {
                0 => "no datapoints were".to_owned(),
                count => datapoints(count, "datapoint"),
            };
            let periods = counted(periods, "period");
            return format!("Threshold Crossed: {received} received for {periods}{filled}.");
        }
        let needed = match self.to {
            AlarmState::Alarm => self.condition.needed(),
            _ => self.condition.evaluation_periods - self.condition.needed() + 1,
        };
        let count = match wording.listed {
            Listed::Needed => self.speaking.min(needed as usize),
            Listed::All => self.speaking,
        };
        let short = self.condition.datapoints_to_alarm.is_none() && wording.unset == Unset::Short;
        let (subject, minimum) = if short {
            (counted(count, "datapoint"), String::new())
        } else {
            let arrow = match self.to {
                AlarmState::Alarm => "OK -> ALARM",
                _ => "ALARM -> OK",
            };
            let needed = counted(needed as usize, "datapoint");
            (
                format!("{count} out of the last {periods} datapoints"),
                format!(" (minimum {needed} for {arrow} transition)"),
            )
        };
        let verb = if count == 1 { "was" } else { "were" };
        let not = if self.to == AlarmState::Ok { " not" } else { "" };
        let comparison = in_words(self.condition.comparison);
        let said = format!(
            "{verb}{not} {comparison} the threshold ({}){filled}",
            decimal(self.condition.threshold)
        );
        if count > wording.inline {
            let list = self.list(FOLLOWING);
            return format!(
                "Threshold Crossed: {subject} {said}. The most recent datapoints which crossed \
                 the threshold: {list}{minimum}."
            );
        }
        format!("Threshold Crossed: {subject} {} {said}{minimum}.", self.list(count))
    }

    fn list(&self, count: usize) -> String {
        let mut list = String::from("[");
        for (index, (begin, value)) in self.newest.iter().take(count).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let _ = write!(list, "{comma}{} ({})", decimal(*value), date(*begin));
        }
        list.push(']');
        list
    }

    /// What is said of missing points that count as something.
    fn filled(&self) -> Option<String> {
        let word = match self.treatment {
            TreatMissingData::Breaching => "Breaching",
            TreatMissingData::NotBreaching => "NonBreaching",
            TreatMissingData::Ignore | TreatMissingData::Missing => return None,
        };
        let missing = self.condition.evaluation_periods as usize - self.received;
        let missing = (missing > 0).then(|| datapoints(missing, "missing datapoint"))?;
        Some(format!(" and {missing} treated as [{word}]"))
    }
}

/// `1 datapoint was`, `2 datapoints were`.
fn datapoints(count: usize, noun: &str) -> String {
    format!("{} {}", counted(count, noun), if count == 1 { "was" } else { "were" })
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn in_words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::GreaterThanOrEqualToThreshold => "greater than or equal to",
        Comparison::GreaterThanThreshold => "greater than",
        Comparison::LessThanThreshold => "less than",
        Comparison::LessThanOrEqualToThreshold => "less than or equal to",
        Comparison::Band => "outside of",
    }
}

/// `dd/MM/yy HH:mm:ss` in UTC.
fn date(seconds: i64) -> String {
    let at = Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN);
    let at = Offset::UTC.to_datetime(at);
    format!(
        "{:02}/{:02}/{:02} {:02}:{:02}:{:02}",
        at.day(),
        at.month(),
        at.year().rem_euclid(100),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// Writes a number as `CloudWatch` does, which is as Java does: always with a decimal, and with an
/// exponent from ten million on and below a thousandth.
///
/// ```
/// use notify_core::alarm::decimal;
///
/// assert_eq!(decimal(50.0), "50.0");
/// assert_eq!(decimal(2_147_483_648.0), "2.147483648E9");
/// ```
pub fn decimal(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    // Java writes at least two digits: those nearest to the value, where two are enough.
    let two = format!("{value:.1e}");
    let shortest = if two.parse() == Ok(value) { two } else { format!("{value:e}") };
    shortest.replace('e', "E")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_java_writes_them() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-3.5, "-3.5"),
            (100.0, "100.0"),
            (5.470_572_292_836_039, "5.470572292836039"),
            (0.048_414_023_372_287_15, "0.04841402337228715"),
            (0.001, "0.001"),
            (0.002_5, "0.0025"),
            (0.000_999, "9.99E-4"),
            (0.000_1, "1.0E-4"),
            (-1e-5, "-1.0E-5"),
            (9_999_999.0, "9999999.0"),
            (9_999_999.999, "9999999.999"),
            (1e7, "1.0E7"),
            (-1e7, "-1.0E7"),
            (12_345_678.0, "1.2345678E7"),
            (2_147_483_648.0, "2.147483648E9"),
            (1e10, "1.0E10"),
            (1e21, "1.0E21"),
            (2e23, "2.0E23"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (5e-324, "4.9E-324"),
            (1e-323, "9.9E-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(decimal(value), text);
        }
    }

    #[test]
    fn dates() {
        assert_eq!(date(0), "01/01/70 00:00:00");
        assert_eq!(date(-1), "31/12/69 23:59:59");
        assert_eq!(date(1_789_364_287), "14/09/26 05:38:07");
        assert_eq!(date(951_782_400), "29/02/00 00:00:00");
        assert_eq!(date(i64::MAX), date(Timestamp::MIN.as_second()), "far away, but no panic");
    }

    /// The reason of `speaking` points that breach, a minute apart.
    fn reason(speaking: usize, m: Option<u32>, n: u32, wording: Wording) -> String {
        let condition = Condition {
            statistic: "Sum".to_owned(),
            period: 60,
            evaluation_periods: n,
            datapoints_to_alarm: m,
            comparison: Comparison::GreaterThanThreshold,
            threshold: 0.0,
            treat_missing_data: None,
        };
        let newest = (0..60).map(|minute| (1_789_364_280 - minute * 60, 1.0));
        Evidence {
            condition: &condition,
            to: AlarmState::Alarm,
            received: n as usize,
            speaking,
            newest: newest.take(speaking.min(wording.listed_at_most())).collect(),
            treatment: TreatMissingData::Missing,
        }
        .reason(wording)
    }

    #[test]
    fn as_published_all_are_listed_and_five_or_more_follow_the_sentence() {
        let published = |speaking, m, n| reason(speaking, m, n, Wording::PUBLISHED);
        assert_eq!(
            published(3, Some(1), 3),
            "Threshold Crossed: 3 out of the last 3 datapoints [1.0 (14/09/26 05:38:00), 1.0 \
             (14/09/26 05:37:00), 1.0 (14/09/26 05:36:00)] were greater than the threshold (0.0) \
             (minimum 1 datapoint for OK -> ALARM transition)."
        );
        assert!(published(4, Some(4), 4).contains("4 datapoints [1.0 (14/09/26 05:38:00), 1.0 "));
        let five = "[1.0 (14/09/26 05:38:00), 1.0 (14/09/26 05:37:00), 1.0 (14/09/26 05:36:00), \
                    1.0 (14/09/26 05:35:00), 1.0 (14/09/26 05:34:00)]";
        assert_eq!(
            published(5, Some(5), 5),
            format!(
                "Threshold Crossed: 5 out of the last 5 datapoints were greater than the \
                 threshold (0.0). The most recent datapoints which crossed the threshold: {five} \
                 (minimum 5 datapoints for OK -> ALARM transition)."
            )
        );
        assert_eq!(
            published(24, None, 24),
            format!(
                "Threshold Crossed: 24 datapoints were greater than the threshold (0.0). The most \
                 recent datapoints which crossed the threshold: {five}."
            )
        );
    }

    #[test]
    fn by_default_as_many_stand_in_the_sentence_as_there_is_room_for() {
        let text = reason(34, Some(34), 34, Wording::default());
        assert!(text.starts_with("Threshold Crossed: 34 out of the last 34 datapoints [1.0 ("));
        assert_eq!(text.matches("1.0 (").count(), 34);
        let text = reason(35, Some(35), 35, Wording::default());
        assert!(text.contains("35 datapoints were greater than"), "{text}");
        assert_eq!(text.matches("1.0 (").count(), 5);
    }

    #[test]
    fn the_long_form_of_an_alarm_without_datapoints_to_alarm() {
        let long = Wording { unset: Unset::Long, ..Wording::default() };
        assert_eq!(
            reason(1, None, 1, long),
            "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (14/09/26 05:38:00)] was \
             greater than the threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition)."
        );
    }
}
