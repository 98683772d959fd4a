//! A whole minute, which is as fine as CloudWatch's mutes and our ends of them are.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

const SECONDS: i64 = 60;

/// A whole minute in UTC.
///
/// ```
/// # use notify_core::aws::Minute;
/// let at = Minute::ceil("2026-11-24T23:09:01Z".parse()?);
/// assert_eq!(at.to_string(), "2026-11-24T23:10:00Z");
/// assert_eq!(at.compact(), "202611242310");
/// assert_eq!(Minute::from_compact("202611242310"), Some(at));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Minute(Timestamp);

impl Minute {
    /// The last whole minute that is not after `at`.
    pub fn floor(at: Timestamp) -> Self {
        // A second earlier where there is a fraction before 1970.
        let second = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
        let whole = second - second.rem_euclid(SECONDS);
        Self(Timestamp::from_second(whole).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// The first whole minute that is not before `at`.
    pub fn ceil(at: Timestamp) -> Self {
        let floor = Self::floor(at);
        if floor.0 == at { floor } else { floor.plus(1) }
    }

    /// So many minutes later; the last time that there is where that is too late.
    #[must_use]
    pub fn plus(self, minutes: u32) -> Self {
        let later = self.0.checked_add(SignedDuration::from_mins(i64::from(minutes)));
        later.map_or_else(|_| Self::floor(Timestamp::MAX), Self)
    }

    /// How many minutes it is after another one; 0 where it is before.
    pub fn since(self, from: Self) -> u32 {
        let seconds = self.0.as_second().saturating_sub(from.0.as_second());
        u32::try_from(seconds / SECONDS).unwrap_or(if seconds < 0 { 0 } else { u32::MAX })
    }

    /// The moment at which it begins.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// Twelve digits, as for the name of something.
    pub fn compact(self) -> String {
        self.0.strftime("%Y%m%d%H%M").to_string()
    }

    /// Reads what [`Minute::compact`] wrote.
    pub fn from_compact(text: &str) -> Option<Self> {
        if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (year, rest) = text.split_at_checked(4)?;
        let (month, rest) = rest.split_at_checked(2)?;
        let (day, rest) = rest.split_at_checked(2)?;
        let (hour, minute) = rest.split_at_checked(2)?;
        format!("{year}-{month}-{day}T{hour}:{minute}:00Z").parse().ok().map(Self)
    }
}

impl std::fmt::Display for Minute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

impl TryFrom<String> for Minute {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let at: Timestamp = text.parse().map_err(|error| format!("{text}: {error}"))?;
        let minute = Self::floor(at);
        if minute.0 == at { Ok(minute) } else { Err(format!("{text} is no whole minute")) }
    }
}

impl From<Minute> for String {
    fn from(minute: Minute) -> Self {
        minute.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_lies_between_two_whole_minutes() {
        for (moment, floor, ceil) in [
            ("2026-11-24T23:09:00Z", "2026-11-24T23:09:00Z", "2026-11-24T23:09:00Z"),
            ("2026-11-24T23:09:00.000000001Z", "2026-11-24T23:09:00Z", "2026-11-24T23:10:00Z"),
            ("2026-11-24T23:59:59Z", "2026-11-24T23:59:00Z", "2026-11-25T00:00:00Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:00Z", "1970-01-01T00:00:00Z"),
            ("1969-12-31T23:58:59.5Z", "1969-12-31T23:58:00Z", "1969-12-31T23:59:00Z"),
        ] {
            assert_eq!(Minute::floor(at(moment)).to_string(), floor);
            assert_eq!(Minute::ceil(at(moment)).to_string(), ceil);
        }
        assert!(Minute::ceil(Timestamp::MAX) <= Minute::floor(Timestamp::MAX));
        assert_eq!(Minute::floor(Timestamp::MAX).plus(u32::MAX), Minute::floor(Timestamp::MAX));
    }

    #[test]
    fn minutes_are_counted_forwards() {
        let from = Minute::floor(at("2026-11-24T23:09:00Z"));
        assert_eq!(from.plus(61).since(from), 61);
        assert_eq!(from.since(from.plus(1)), 0);
        assert_eq!(from.since(from), 0);
        let all = Minute::floor(Timestamp::MAX).since(Minute::floor(Timestamp::MIN));
        assert!(all > 5_000_000, "{all}");
    }

    #[test]
    fn only_twelve_digits_of_a_time_are_one() {
        for text in ["", "20261124231", "2026112423100", "202613242310", "20261124231x", "規則規則"]
        {
            assert_eq!(Minute::from_compact(text), None, "{text}");
        }
        for (text, is) in [
            ("2026-11-24T23:10:00Z", true),
            ("2026-11-25T08:10:00+09:00", true),
            ("2026-11-24T23:10:01Z", false),
            ("soon", false),
        ] {
            assert_eq!(Minute::try_from(text.to_owned()).is_ok(), is, "{text}");
        }
    }
}
