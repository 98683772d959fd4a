//! The days of a digest.

use super::DigestError;
use crate::provider::kept_for;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::str::FromStr;

const HOUR: i32 = 3_600;
const DAY: i64 = 86_400;

/// Whole days, one after the other, that have ended; and the day before the first, to compare with.
///
/// ```
/// use notify_core::digest::{Days, Since, UtcOffset};
///
/// let now = "2026-11-23T16:00:00Z".parse()?;
/// let days = Days::new(Since::Days(1), UtcOffset::UTC, now)?;
/// assert_eq!(days.to_string(), "2026-11-22 (UTC)");
/// let tokyo = "+09:00".parse().map_err(|error: String| error)?;
/// let days = Days::new("2d".parse()?, tokyo, now)?; // where it is the 24th already
/// assert_eq!(days.to_string(), "2026-11-22 to 2026-11-23 (UTC+09:00)");
/// assert_eq!(days.from().to_string(), "2026-11-20T15:00:00Z"); // with the day before
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    offset: UtcOffset,
    /// The first that is shown.
    first: Date,
    /// When the day before the first begins.
    from: Timestamp,
    /// How many are shown: at least one.
    count: usize,
}

impl Days {
    /// The days since then that have ended by now.
    ///
    /// Fails where a day lies further back than CloudWatch keeps values, or has not ended.
    pub fn new(since: Since, offset: UtcOffset, now: Timestamp) -> Result<Self, DigestError> {
        let today = offset.0.to_datetime(now).date();
        let kept = kept_for(offset.period()).as_hours() / 24;
        // The day before the first is read, too, and a part of the running day has gone by.
        let most = kept.saturating_sub(2);
        let count = match since {
            Since::Days(count) => i64::from(count),
            Since::Date(date) => {
                let ended = date.duration_until(today).as_hours() / 24;
                if ended < 1 {
                    return Err(DigestError {
                        message: format!("{date} has not ended yet in {offset}"),
                        help: "name a day that has, or leave --since out for yesterday".to_owned(),
                    });
                }
                ended
            }
        };
        let too_far = || DigestError {
            message: format!("{since} is too far back"),
            help: format!(
                "CloudWatch keeps what this takes for {kept} days: ask for up to {most}d"
            ),
        };
        if count > most {
            return Err(too_far());
        }
        let first = today.checked_sub(SignedDuration::from_hours(count * 24));
        let first = first.map_err(|_| too_far())?;
        let midnight = offset.0.to_timestamp(first.at(0, 0, 0, 0));
        let from = midnight.and_then(|at| at.checked_sub(SignedDuration::from_hours(24)));
        let from = from.map_err(|_| too_far())?;
        Ok(Self { offset, first, from, count: usize::try_from(count).unwrap_or(1) })
    }

    /// How many days are shown.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The days that are shown, oldest first.
    pub fn dates(&self) -> impl ExactSizeIterator<Item = Date> + use<> {
        let first = self.first;
        (0..u16::try_from(self.count).unwrap_or(u16::MAX)).map(move |day| after(first, day.into()))
    }

    /// The oldest day that is shown.
    pub fn first(&self) -> Date {
        self.first
    }

    /// The newest day.
    pub fn last(&self) -> Date {
        after(self.first, i64::try_from(self.count).unwrap_or(0) - 1)
    }

    /// The day before the first.
    pub fn before(&self) -> Date {
        after(self.first, -1)
    }

    /// When the day before the first begins.
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// When the last day ends.
    pub fn to(&self) -> Timestamp {
        let days = i64::try_from(self.count).unwrap_or(0) + 1;
        self.from.checked_add(SignedDuration::from_secs(days * DAY)).unwrap_or(Timestamp::MAX)
    }

    /// Seconds of the periods to ask for: an hour, or less where a day begins within one.
    ///
    /// Not a day: whether AWS's periods of a day begin where the request does or at midnight UTC
    /// is unverified. Hours begin at the hour either way.
    pub fn period(&self) -> u32 {
        self.offset.period()
    }

    /// Where the days begin: `UTC`, or `UTC+09:00`.
    pub fn zone(&self) -> String {
        self.offset.to_string()
    }

    /// The offset from UTC.
    pub fn offset(&self) -> UtcOffset {
        self.offset
    }

    /// The days with their zone, as Japanese writes them.
    pub fn in_japanese(&self) -> String {
        let (first, last) = (self.first, self.last());
        if self.count == 1 {
            format!("{last} ({})", self.offset)
        } else {
            format!("{first}～{last} ({})", self.offset)
        }
    }

    /// The number of the day in which a moment lies; 0 is the day before the first.
    pub(super) fn number(&self, at: Timestamp) -> Option<usize> {
        let number = at.as_second().checked_sub(self.from.as_second())?.div_euclid(DAY);
        usize::try_from(number).ok().filter(|number| *number <= self.count)
    }
}

/// The days with their zone.
impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.count > 1 {
            write!(f, " to {}", self.last())?;
        }
        write!(f, " ({})", self.offset)
    }
}

fn after(first: Date, days: i64) -> Date {
    first.saturating_add(SignedDuration::from_hours(days * 24))
}

/// Since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So many days that have ended: at least one.
    Days(u32),
    /// This day.
    Date(Date),
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_plain = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit());
        let days = text.strip_suffix('d').filter(|number| is_plain(number));
        let days = days.and_then(|number| number.parse().ok()).filter(|days| *days > 0);
        // Nothing but the date: a time of the day would be passed over in silence.
        let date = || text.parse().ok().filter(|_| text.len() == "2026-11-01".len());
        days.map(Self::Days).or_else(|| date().map(Self::Date)).ok_or_else(|| {
            "write a number of days such as 1d or 7d, or a day such as 2026-11-01".to_owned()
        })
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days}d"),
            Self::Date(date) => write!(f, "{date}"),
        }
    }
}

/// An offset from UTC in quarters of an hour, as countries have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtcOffset(Offset);

impl UtcOffset {
    /// None.
    pub const UTC: Self = Self(Offset::UTC);

    /// With its sign, such as `+00:00`.
    pub fn signed(self) -> String {
        let seconds = self.0.seconds();
        let (hours, minutes) = (seconds.abs() / HOUR, seconds.abs() % HOUR / 60);
        let sign = if seconds < 0 { '-' } else { '+' };
        format!("{sign}{hours:02}:{minutes:02}")
    }

    /// The longest periods of which days that begin here are whole numbers.
    fn period(self) -> u32 {
        let hour = HOUR.unsigned_abs();
        let within = self.0.seconds().unsigned_abs() % hour;
        let fits = |period: &u32| within.is_multiple_of(*period);
        [hour, hour / 2].into_iter().find(fits).unwrap_or(hour / 4)
    }
}

impl FromStr for UtcOffset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            if text == "Z" {
                return Some(0);
            }
            let (sign, digits) = match text.split_at_checked(1)? {
                ("+", digits) => (1, digits),
                ("-", digits) => (-1, digits),
                _ => return None,
            };
            let (hours, minutes) = digits.split_once(':')?;
            let two = |part: &str| {
                let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
                part.parse::<i32>().ok().filter(|_| plain)
            };
            let (hours, minutes) = (two(hours)?, two(minutes)?);
            let seconds = sign * (hours * HOUR + minutes * 60);
            let real = minutes < 60 && minutes % 15 == 0;
            (real && (-12 * HOUR..=14 * HOUR).contains(&seconds)).then_some(seconds)
        };
        let offset = read().and_then(|seconds| Offset::from_seconds(seconds).ok());
        offset.map(Self).ok_or_else(|| {
            "write an offset such as +09:00 or -03:30, from -12:00 to +14:00".to_owned()
        })
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_zero() { f.write_str("UTC") } else { write!(f, "UTC{}", self.signed()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(since: &str, offset: &str, now: &str) -> Result<Days, DigestError> {
        Days::new(since.parse().unwrap(), offset.parse().unwrap(), now.parse().unwrap())
    }

    #[test]
    fn days_are_whole_and_have_ended() {
        for (since, offset, now, shown, from, to, period) in [
            (
                "1d",
                "Z",
                "2026-11-24T00:00:00Z",
                "2026-11-23 (UTC)",
                "2026-11-22T00:00:00Z",
                "2026-11-24T00:00:00Z",
                3600,
            ),
            (
                "1d",
                "+00:00",
                "2026-11-23T23:59:59.999Z",
                "2026-11-22 (UTC)",
                "2026-11-21T00:00:00Z",
                "2026-11-23T00:00:00Z",
                3600,
            ),
            (
                "7d",
                "+09:00",
                "2026-11-23T15:00:00Z",
                "2026-11-17 to 2026-11-23 (UTC+09:00)",
                "2026-11-15T15:00:00Z",
                "2026-11-23T15:00:00Z",
                3600,
            ),
            (
                "2026-02-27",
                "-03:30",
                "2026-03-02T03:29:59Z",
                "2026-02-27 to 2026-02-28 (UTC-03:30)",
                "2026-02-26T03:30:00Z",
                "2026-03-01T03:30:00Z",
                1800,
            ),
            (
                "2026-11-22",
                "+05:45",
                "2026-11-23T12:00:00Z",
                "2026-11-22 (UTC+05:45)",
                "2026-11-20T18:15:00Z",
                "2026-11-22T18:15:00Z",
                900,
            ),
        ] {
            let days = days(since, offset, now).unwrap();
            assert_eq!(days.to_string(), shown);
            assert_eq!(days.from().to_string(), from, "{shown}");
            assert_eq!(days.to().to_string(), to, "{shown}");
            assert_eq!(days.period(), period, "{shown}");
        }
    }

    #[test]
    fn each_moment_has_its_day() {
        let days = days("2d", "+09:00", "2026-11-23T16:00:00Z").unwrap();
        let dates: Vec<String> = days.dates().map(|date| date.to_string()).collect();
        assert_eq!(dates, ["2026-11-22", "2026-11-23"]);
        assert_eq!((days.count(), days.before().to_string()), (2, "2026-11-21".to_owned()));
        assert_eq!((days.last().to_string(), days.zone()), (dates[1].clone(), "UTC+09:00".into()));
        assert_eq!(days.offset().signed(), "+09:00");
        for (at, number) in [
            ("2026-11-20T14:59:59Z", None),
            ("2026-11-20T15:00:00Z", Some(0)),
            ("2026-11-21T14:59:59.9Z", Some(0)),
            ("2026-11-21T15:00:00Z", Some(1)),
            ("2026-11-22T15:00:00Z", Some(2)),
            ("2026-11-23T14:59:59Z", Some(2)),
            ("2026-11-23T15:00:00Z", None),
        ] {
            assert_eq!(days.number(at.parse().unwrap()), number, "{at}");
        }
        assert_eq!(days.number(Timestamp::MIN), None);
        assert_eq!(days.number(Timestamp::MAX), None);
    }

    #[test]
    fn a_day_that_cannot_be_read_is_refused() {
        let now = "2026-11-24T12:00:00Z";
        for (since, offset, message, help) in [
            (
                "2026-11-24",
                "Z",
                "2026-11-24 has not ended yet in UTC",
                "name a day that has, or leave --since out for yesterday",
            ),
            (
                "2026-11-25",
                "+14:00",
                "2026-11-25 has not ended yet in UTC+14:00",
                "name a day that has, or leave --since out for yesterday",
            ),
            (
                "454d",
                "Z",
                "454d is too far back",
                "CloudWatch keeps what this takes for 455 days: ask for up to 453d",
            ),
            (
                "2000-01-01",
                "Z",
                "2000-01-01 is too far back",
                "CloudWatch keeps what this takes for 455 days: ask for up to 453d",
            ),
            (
                "62d",
                "+05:30",
                "62d is too far back",
                "CloudWatch keeps what this takes for 63 days: ask for up to 61d",
            ),
            (
                "4294967295d",
                "Z",
                "4294967295d is too far back",
                "CloudWatch keeps what this takes for 455 days: ask for up to 453d",
            ),
        ] {
            let error = days(since, offset, now).unwrap_err();
            assert_eq!((error.message.as_str(), error.help.as_str()), (message, help));
        }
        assert_eq!(days("453d", "-12:00", now).unwrap().dates().len(), 453);
        assert_eq!(days("61d", "+05:30", now).unwrap().count(), 61);
        assert!(days("9999-12-31", "Z", "9999-12-30T00:00:00Z").is_err());
        assert!(Days::new(Since::Days(1), UtcOffset::UTC, Timestamp::MIN).is_err());
        assert!(Days::new(Since::Days(453), UtcOffset::UTC, Timestamp::MAX).is_ok());
    }

    #[test]
    fn what_can_be_written() {
        for (text, same) in [("1d", "1d"), ("007d", "7d"), ("2026-11-01", "2026-11-01")] {
            assert_eq!(text.parse::<Since>().unwrap().to_string(), same);
        }
        for text in [
            "",
            "d",
            "0d",
            "-1d",
            "+1d",
            "1h",
            "1",
            "1.5d",
            "4294967296d",
            "yesterday",
            "2026-13-01",
            "2026-02-30",
            "2026-11-01T00:00",
            "2026-11-01T00:00:00Z",
            "20261101",
        ] {
            let error = text.parse::<Since>().unwrap_err();
            let help = "write a number of days such as 1d or 7d, or a day such as 2026-11-01";
            assert_eq!(error, help, "{text}");
        }
        for (text, shown) in [
            ("Z", "UTC"),
            ("+00:00", "UTC"),
            ("-00:00", "UTC"),
            ("+09:00", "UTC+09:00"),
            ("-03:30", "UTC-03:30"),
            ("+05:45", "UTC+05:45"),
            ("-12:00", "UTC-12:00"),
            ("+14:00", "UTC+14:00"),
        ] {
            assert_eq!(text.parse::<UtcOffset>().unwrap().to_string(), shown);
        }
        for text in [
            "", "9", "+9", "+9:00", "09:00", "+09:0", "+09:60", "+09:10", "+14:15", "-12:15",
            "UTC", "+0900", "é9:00", "+é:00", "+-9:00", "+99:99",
        ] {
            let error = text.parse::<UtcOffset>().unwrap_err();
            let help = "write an offset such as +09:00 or -03:30, from -12:00 to +14:00";
            assert_eq!(error, help, "{text}");
        }
    }
}
