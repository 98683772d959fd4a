//! How long a mute lasts.

use crate::aws::Minute;
use jiff::{SignedDuration, Timestamp};

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;
/// The longest window of an alarm mute rule
/// ([Schedule](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html)).
const LONGEST: u32 = 15 * 24 * 60;
/// The shortest one: what ends it must be there in time.
const SHORTEST: u32 = 5;
const TOO_SHORT: &str = "a mute lasts five minutes at least";
const TOO_LONG: &str = "CloudWatch mutes for 15 days at most";
/// How long before the end nothing new is begun.
const IN_TIME: SignedDuration = SignedDuration::from_mins(2);
/// The time that a request may take until CloudWatch has it.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(10);

/// A number of minutes: 5 to 21,600, which are 15 days.
///
/// ```
/// # use notify_core::plan::mute::Length;
/// assert_eq!("1h30m".parse(), Ok("90m".parse::<Length>()?));
/// assert!("16d".parse::<Length>().is_err());
/// # Ok::<(), notify_core::plan::mute::LengthError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Length(u32);

/// Why a mute cannot last that long, with what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LengthError(String);

impl std::str::FromStr for Length {
    type Err = LengthError;

    fn from_str(text: &str) -> Result<Self, LengthError> {
        let minutes = read(text).ok_or_else(|| {
            LengthError("write it like 90m, 2h, 1d or 1h30m, the largest unit first".to_owned())
        })?;
        match u32::try_from(minutes) {
            Ok(minutes) if minutes < SHORTEST => Err(LengthError(TOO_SHORT.to_owned())),
            Ok(minutes) if minutes <= LONGEST => Ok(Self(minutes)),
            _ => Err(LengthError(TOO_LONG.to_owned())),
        }
    }
}

/// Reads numbers, each with its unit. A sum that is too large is as good as the largest.
fn read(text: &str) -> Option<u64> {
    let (mut rest, mut sum, mut above) = (text, 0_u64, u64::MAX);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (digits, unit) = rest.split_at_checked(end)?;
        let unit_minutes = match unit.chars().next()? {
            'd' => DAY,
            'h' => HOUR,
            'm' => 1,
            _ => return None,
        };
        if digits.is_empty() || unit_minutes >= above {
            return None;
        }
        let number = digits.parse().unwrap_or(u64::MAX);
        sum = sum.saturating_add(unit_minutes.saturating_mul(number));
        above = unit_minutes;
        rest = unit.get(1..)?;
    }
    (!text.is_empty()).then_some(sum)
}

/// When a mute of alarms begins that is asked for at `now`: with the next whole minute, at least ten
/// seconds on.
///
/// What CloudWatch does with a window that has begun before it hears of it is unverified; one
/// that is still to begin is safe.
pub fn begin(now: Timestamp) -> Minute {
    Minute::ceil(now.checked_add(ON_ITS_WAY).unwrap_or(now))
}

/// When a mute ends that lasts so long from `now`: at a whole minute.
pub fn until(now: Timestamp, length: Length) -> Minute {
    Minute::ceil(now).plus(length.0)
}

/// From when on nothing may begin any more that belongs to a mute until `end`. A rule that falls
/// asleep after its schedule has run would sleep for ever: whoever carries the plan out must stop
/// by then.
///
/// Two minutes are as long as the two calls take at most that put a rule to sleep.
pub fn deadline(end: Minute) -> Timestamp {
    end.timestamp().checked_sub(IN_TIME).unwrap_or(Timestamp::MIN)
}

/// When a mute ends that was asked for until `at`: at the next whole minute.
pub fn until_time(now: Timestamp, at: Timestamp) -> Result<Minute, LengthError> {
    let end = Minute::ceil(at);
    if at <= now {
        return Err(LengthError(format!("{at} has passed: it is {}", Minute::floor(now))));
    }
    if end.since(Minute::ceil(now)) < SHORTEST {
        return Err(LengthError(TOO_SHORT.to_owned()));
    }
    if end.since(begin(now)) > LONGEST {
        return Err(LengthError(TOO_LONG.to_owned()));
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn lengths_are_read_with_their_units() {
        for (text, minutes) in [
            ("5m", 5),
            ("90m", 90),
            ("2h", 120),
            ("1d", 1_440),
            ("1h30m", 90),
            ("1d1h1m", 1_501),
            ("007m", 7),
            ("0d5m", 5),
            ("15d", 21_600),
            ("360h", 21_600),
            ("14d23h60m", 21_600),
            ("21600m", 21_600),
        ] {
            assert_eq!(text.parse(), Ok(Length(minutes)), "{text}");
        }
        let write = "write it like 90m, 2h, 1d or 1h30m, the largest unit first";
        let wrong =
            ["", "2", "h", "2s", "2h30", "30m2h", "1h1h", "-1h", "1.5h", "2 h", "2時", "2H"];
        let short = ["0m", "0d0h", "4m"];
        let long = ["21601m", "15d1m", "16d", "99999999999999999999999d", "18446744073709551615m"];
        for (texts, says) in [
            (&wrong[..], write),
            (&short, "a mute lasts five minutes at least"),
            (&long, "CloudWatch mutes for 15 days at most"),
        ] {
            for text in texts {
                assert_eq!(text.parse::<Length>().unwrap_err().to_string(), says, "{text}");
            }
        }
    }

    #[test]
    fn a_mute_begins_in_the_future_and_ends_at_a_whole_minute() {
        for (now, length, begins, ends) in [
            ("2026-11-24T22:00:00Z", "2h", "22:01", "2026-11-25T00:00:00Z"),
            ("2026-11-24T22:00:01Z", "2h", "22:01", "2026-11-25T00:01:00Z"),
            ("2026-11-24T22:00:50Z", "1h", "22:01", "2026-11-24T23:01:00Z"),
            ("2026-11-24T22:00:50.1Z", "1h", "22:02", "2026-11-24T23:01:00Z"),
            ("2026-11-24T22:00:00Z", "5m", "22:01", "2026-11-24T22:05:00Z"),
            ("2026-11-24T22:00:55Z", "5m", "22:02", "2026-11-24T22:06:00Z"),
            ("2026-11-24T22:00:00Z", "15d", "22:01", "2026-12-09T22:00:00Z"),
            ("2026-11-24T22:00:50.1Z", "15d", "22:02", "2026-12-09T22:01:00Z"),
        ] {
            let (now, length) = (at(now), length.parse().unwrap());
            assert_eq!(begin(now).timestamp().strftime("%H:%M").to_string(), begins);
            let end = until(now, length);
            assert_eq!(end.to_string(), ends, "{now}");
            assert!((1..=LONGEST).contains(&end.since(begin(now))), "{now}");
            assert!(deadline(end) > now);
        }
        let end = until(at("2026-11-24T22:00:00Z"), "5m".parse().unwrap());
        assert_eq!(deadline(end), at("2026-11-24T22:03:00Z"));
    }

    #[test]
    fn a_mute_until_a_time_is_within_the_limits() {
        let now = at("2026-11-24T22:00:00Z");
        let short = Err("a mute lasts five minutes at least");
        let long = Err("CloudWatch mutes for 15 days at most");
        for (until, is) in [
            ("2026-11-24T22:05:00Z", Ok("2026-11-24T22:05:00Z")),
            ("2026-11-24T22:04:01Z", Ok("2026-11-24T22:05:00Z")),
            ("2026-11-25T08:00:00+09:00", Ok("2026-11-24T23:00:00Z")),
            ("2026-12-09T22:01:00Z", Ok("2026-12-09T22:01:00Z")),
            ("2026-12-09T22:01:01Z", long),
            ("2026-11-24T22:04:00Z", short),
            ("2026-11-24T22:00:01Z", short),
            (
                "2026-11-24T22:00:00Z",
                Err("2026-11-24T22:00:00Z has passed: it is 2026-11-24T22:00:00Z"),
            ),
            (
                "2026-11-24T21:00:00Z",
                Err("2026-11-24T21:00:00Z has passed: it is 2026-11-24T22:00:00Z"),
            ),
        ] {
            let end = until_time(now, at(until)).map(|end| end.to_string());
            let end = end.as_deref().map_err(ToString::to_string);
            assert_eq!(end, is.map_err(str::to_owned), "{until}");
        }
        assert!(until_time(Timestamp::MAX, Timestamp::MAX).is_err());
        assert!(until(Timestamp::MAX, Length(LONGEST)) >= begin(Timestamp::MAX));
    }
}
