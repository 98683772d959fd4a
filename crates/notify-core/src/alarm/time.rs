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
    if !text.contains(['e', 'E']) {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        if !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let seconds: i64 = whole.parse().ok()?;
        let nanoseconds: i32 = format!("{decimals:0<9.9}").parse().ok()?;
        let nanoseconds = if whole.starts_with('-') { -nanoseconds } else { nanoseconds };
        return Timestamp::new(seconds, nanoseconds).ok();
    }
    // A number such as 1.789364280401E9: as exact as the document's own number is.
    let seconds: f64 = text.parse().ok()?;
    jiff::SignedDuration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|since| Timestamp::from_duration(since).ok())
}
