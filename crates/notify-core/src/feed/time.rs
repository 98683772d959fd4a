//! Times as the AWS CLI prints them, and as events carry them.

use super::members::string;
use jiff::Timestamp;

/// Reads a time: seconds since 1970 (version 1 of the CLI), or ISO 8601 (version 2, files).
pub(crate) fn read(json: &str) -> Option<Timestamp> {
    if json.starts_with('"') {
        return string(json)?.parse().ok();
    }
    let (seconds, fraction) = json.split_once('.').unwrap_or((json, ""));
    let mut digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = digits.try_fold(0_i32, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + i32::from(digit - b'0'))
    })?;
    Timestamp::new(seconds.parse().ok()?, nanos).ok()
}

/// To the millisecond, as in details.
pub(crate) fn to_millis(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// To the second, as in envelopes.
pub(crate) fn to_seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_the_cli_are_read() {
        for (json, millis) in [
            ("1450314635.065", Some("2015-12-17T01:10:35.065Z")),
            ("1450314635.0659", Some("2015-12-17T01:10:35.065Z")),
            ("1450314635.5", Some("2015-12-17T01:10:35.500Z")),
            ("1450314635", Some("2015-12-17T01:10:35.000Z")),
            (r#""2026-11-01T09:30:00.250000+09:00""#, Some("2026-11-01T00:30:00.250Z")),
            (r#""2026-11-01T00:30:00Z""#, Some("2026-11-01T00:30:00.000Z")),
            ("1.45E9", None),
            ("1450314635.-1", None),
            (r#""yesterday""#, None),
            ("true", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(read(json).map(to_millis).as_deref(), millis, "{json}");
        }
        let time = read("1450314635.999");
        assert_eq!(time.map(to_seconds).as_deref(), Some("2015-12-17T01:10:35Z"));
    }
}
