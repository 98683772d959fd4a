//! Time zones whose distance from UTC never changes.

use super::MessageError;
use crate::spec::nearest;
use std::fmt;

/// Names and offsets, made from the IANA time zone database.
const ZONES: &str = include_str!("zones.txt");

/// The farthest that a zone may be from UTC, in minutes; the database has 14 hours at most.
const MOST_MINUTES: i16 = 18 * 60;

/// A time zone with a fixed offset.
///
/// ```
/// # use notify_core::message::Zone;
/// let tokyo = Zone::parse("Asia/Tokyo")?;
/// assert_eq!((tokyo.minutes(), tokyo.shown().as_str()), (540, "+09:00"));
/// assert!(Zone::parse("Europe/Berlin").unwrap_err().problem.contains("daylight saving time"));
/// # Ok::<(), notify_core::message::MessageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    minutes: i16,
}

impl Zone {
    /// Reads a zone: a name such as `Asia/Tokyo`, an offset such as `+09:00`, or `UTC`.
    ///
    /// Zones with daylight saving time are refused: what computes the time on AWS knows offsets
    /// alone.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        if let Some(minutes) = offset(text) {
            return Ok(Self { name: text.to_owned(), minutes });
        }
        let mut all = Vec::new();
        for line in ZONES.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let minutes = words.next().and_then(offset);
            for name in words {
                if name == text {
                    return match minutes {
                        Some(minutes) => Ok(Self { name: name.to_owned(), minutes }),
                        None => Err(refused(
                            text,
                            format!("{text} has daylight saving time"),
                            "JSONata knows fixed offsets only: write one, such as `tz +01:00`, or `tz UTC`"
                                .to_owned(),
                        )),
                    };
                }
                all.push(name);
            }
        }
        let help = match nearest(text, &all) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write a name such as Asia/Tokyo, an offset such as +09:00, or UTC".to_owned(),
        };
        Err(refused(text, format!("there is no time zone `{text}`"), help))
    }

    /// How many minutes it is ahead of UTC.
    pub fn minutes(&self) -> i16 {
        self.minutes
    }

    /// How a time in it says its zone: `+09:00`, or `UTC`.
    pub fn shown(&self) -> String {
        if self.minutes == 0 {
            return "UTC".to_owned();
        }
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.unsigned_abs();
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

fn refused(near: &str, problem: String, help: String) -> MessageError {
    MessageError { near: near.to_owned(), problem, help }
}

/// The minutes of `+09:00`.
fn offset(text: &str) -> Option<i16> {
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two = |text: &str| {
        let plain = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<i16>().ok()).flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= MOST_MINUTES).then_some(sign * all)
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_its_offset() {
        for (text, minutes, shown) in [
            ("Asia/Tokyo", 540, "+09:00"),
            ("Asia/Kolkata", 330, "+05:30"),
            ("Pacific/Marquesas", -570, "-09:30"),
            ("UTC", 0, "UTC"),
            ("Etc/GMT-14", 840, "+14:00"),
            ("+09:00", 540, "+09:00"),
            ("-00:30", -30, "-00:30"),
            ("+00:00", 0, "UTC"),
        ] {
            let zone = Zone::parse(text).expect("a zone");
            assert_eq!((zone.minutes(), zone.shown().as_str()), (minutes, shown), "{text}");
            assert_eq!(zone.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_fixed_zone_is_refused_with_the_reason() {
        let check = |text: &str, problem: &str, help: &str| {
            let error = Zone::parse(text).expect_err("refused");
            assert_eq!((error.problem.as_str(), error.help.as_str()), (problem, help), "{text}");
        };
        let fixed = "JSONata knows fixed offsets only: write one, such as `tz +01:00`, or `tz UTC`";
        for summer in ["Europe/Berlin", "America/New_York", "Africa/Casablanca", "EST5EDT"] {
            check(summer, &format!("{summer} has daylight saving time"), fixed);
        }
        check("Asia/Tokio", "there is no time zone `Asia/Tokio`", "did you mean `Asia/Tokyo`?");
        let how = "write a name such as Asia/Tokyo, an offset such as +09:00, or UTC";
        for bad in ["", "+9:00", "+19:00", "+09:60", "+0900", "+é9:00", "dst", "# Zones of"] {
            let error = Zone::parse(bad).expect_err("refused");
            assert_eq!(error.problem, format!("there is no time zone `{bad}`"));
        }
        check("somewhere else", "there is no time zone `somewhere else`", how);
    }
}
