//! Points in time, in the forms that the AWS CLI prints and takes.

use super::AlarmError;
use jiff::Timestamp;
use serde_json::Value;

/// Reads a time: ISO 8601 with `Z` or an offset, or seconds since 1970.
///
/// A time without an offset is refused: the AWS CLI takes it for the time of the place where it
/// runs, which is not known here.
///
/// ```
/// use notify_core::alarm::time;
///
/// let at = time("2026-09-14T05:38:00Z")?;
/// assert_eq!(time("2026-09-14T14:38:00+09:00")?, at);
/// assert_eq!(time("1789364280")?, at);
/// # Ok::<(), notify_core::alarm::AlarmError>(())
/// ```
pub fn time(text: &str) -> Result<Timestamp, AlarmError> {
    let text = text.trim();
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    epoch(text).ok_or_else(|| {
        AlarmError(format!(
            "{text:?} is no time: write it as 2026-09-14T05:38:00Z, with Z or an offset, or as \
             seconds since 1970"
        ))
    })
}

/// Reads a time of a JSON document: a string as in [`time`], or a number of seconds since 1970.
pub fn time_from_value(value: &Value) -> Result<Timestamp, AlarmError> {
    match value {
        Value::String(text) => time(text),
        Value::Number(number) => time(&number.to_string()),
        _ => Err(AlarmError("a time is neither a string nor a number".to_owned())),
    }
}

/// Seconds since 1970, with at most nine decimals; more are cut off.
fn epoch(text: &str) -> Option<Timestamp> {
    let text = if text.contains(['e', 'E']) {
        text.parse::<f64>().ok()?.to_string() // 1.789364280401E9, written out
    } else {
        text.to_owned()
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    if !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let nanoseconds: i32 = format!("{decimals:0<9.9}").parse().ok()?;
    let nanoseconds = if whole.starts_with('-') { -nanoseconds } else { nanoseconds };
    Timestamp::new(seconds, nanoseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_same_moment() {
        let at: Timestamp = "2026-09-14T05:38:00.401Z".parse().unwrap();
        for text in [
            "2026-09-14T05:38:00.401Z",
            " 2026-09-14T05:38:00.401000+00:00 ",
            "2026-09-14T05:38:00.401+0000",
            "2026-09-14T14:38:00.401+09:00",
            "2026-09-13T22:08:00.401-07:30",
            "1789364280.401",
            "1789364280.4010000009",
            "1.789364280401E9",
        ] {
            assert_eq!(time(text), Ok(at), "{text}");
            assert_eq!(time_from_value(&Value::from(text)), Ok(at), "{text}");
        }
        assert_eq!(time_from_value(&serde_json::json!(1_789_364_280.401)), Ok(at));
        let whole = serde_json::json!(1_789_364_280);
        assert_eq!(time_from_value(&whole), time("2026-09-14T05:38:00Z"));
        assert_eq!(time("-1.5"), time("1969-12-31T23:59:58.5Z"));
        assert_eq!(time("-0.5"), time("1969-12-31T23:59:59.5Z"));
        assert_eq!(time("0"), time("1970-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "x",
            "2026-09-14",
            "2026-09-14T05:38:00",
            "05:38:00Z",
            "1.x",
            "1.-5",
            "1e999",
            "NaN",
            "inf",
            "99999999999999999999",
            "999999999999",
            "1e18",
        ] {
            let error = time(text).unwrap_err().to_string();
            let help =
                "write it as 2026-09-14T05:38:00Z, with Z or an offset, or as seconds since 1970";
            assert_eq!(error, format!("{text:?} is no time: {help}"));
        }
        for value in [Value::Null, Value::Bool(true), serde_json::json!([1])] {
            let error = time_from_value(&value).unwrap_err().to_string();
            assert_eq!(error, "a time is neither a string nor a number");
        }
    }
}
