//! What counts as having arrived.

use crate::aws::Arn;
use serde::Deserialize;
use serde_json::Value;

/// Stands for the time that EventBridge fills in where none is given.
pub(super) const TIME: &str = "0001-02-03T04:05:06Z";
/// Stands for the time at which EventBridge took the event in.
pub(super) const INGESTED: &str = "0001-02-03T04:05:07.890Z";
/// Stands for the id that EventBridge gives an event.
pub(super) const ID: &str = "00000000-0000-4000-8000-5e4d00000000";

/// The message of a topic that a queue holds; nothing where it is another topic's, or no message.
///
/// ```
/// let topic = "arn:aws:sns:eu-west-1:123456789012:alerts".parse()?;
/// let body = r#"{"Type": "Notification", "Message": "\"hello\"",
///     "TopicArn": "arn:aws:sns:eu-west-1:123456789012:alerts"}"#;
/// assert_eq!(notify_core::send::message(body, &topic).as_deref(), Some("\"hello\""));
/// # Ok::<(), notify_core::aws::ArnError>(())
/// ```
pub fn message(body: &str, topic: &Arn) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Envelope {
        r#type: String,
        topic_arn: String,
        message: String,
    }
    let envelope: Envelope = serde_json::from_str(body).ok()?;
    let ours = envelope.r#type == "Notification" && envelope.topic_arn == topic.to_string();
    ours.then_some(envelope.message)
}

/// What must come out of the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A mail's text, to the last byte, but for an id and times that EventBridge makes up.
    Text(String),
    /// A JSON document, whatever the order of its fields; the same is left open.
    Document(String),
    /// An alarm's message: its name, that it is in ALARM, and the reason.
    Alarm {
        /// The alarm.
        name: String,
        /// The reason.
        reason: String,
    },
}

impl Expected {
    /// Whether a message is the one that is waited for.
    ///
    /// ```
    /// # use notify_core::send::Expected;
    /// assert!(Expected::Text("\"hello\"".to_owned()).is(r#""hello""#));
    /// assert!(!Expected::Text("\"hello\"".to_owned()).is("hello"));
    /// ```
    pub fn is(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => is_text(text, message),
            Self::Document(text) => {
                match (serde_json::from_str(text), serde_json::from_str(message)) {
                    (Ok(wanted), Ok(found)) => is_value(&wanted, &found),
                    _ => is_text(text, message),
                }
            }
            Self::Alarm { name, reason } => {
                let Ok(found) = serde_json::from_str::<Value>(message) else { return false };
                found["AlarmName"] == **name
                    && found["NewStateValue"] == "ALARM"
                    && found["NewStateReason"] == **reason
            }
        }
    }

    /// Whether another message can be said to be ours and wrong, and not somebody else's.
    pub(super) fn tells_others_apart(&self) -> bool {
        matches!(self, Self::Alarm { .. })
    }

    /// What is expected, for people: what is left open is shown as such.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Document(text) => {
                text.replace(TIME, "(time)").replace(INGESTED, "(time)").replace(ID, "(id)")
            }
            Self::Alarm { reason, .. } => reason.clone(),
        }
    }
}

/// Compares text, but for what EventBridge fills in.
fn is_text(mut wanted: &str, mut found: &str) -> bool {
    loop {
        let Some((before, mark, rest)) = next_mark(wanted) else { return wanted == found };
        let Some(after) = found.strip_prefix(before) else { return false };
        let length = if mark == ID { id_length(after) } else { time_length(after) };
        let Some(after) = length.and_then(|length| after.get(length..)) else { return false };
        (wanted, found) = (rest, after);
    }
}

/// What is before the next mark, the mark, and what is behind it. It is read once, however many
/// marks follow.
fn next_mark(text: &str) -> Option<(&str, &'static str, &str)> {
    // All of them begin with it.
    const BEGIN: &str = "000";
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find(BEGIN)?;
        let (before, here) = text.split_at_checked(at)?;
        let mark = [TIME, INGESTED, ID].into_iter().find(|mark| here.starts_with(mark));
        if let Some(mark) = mark {
            return Some((before, mark, here.strip_prefix(mark)?));
        }
        from = at + 1;
    }
}

/// How long the time is that a text begins with: to the second, or with a fraction.
fn time_length(text: &str) -> Option<usize> {
    let shape = b"0000-00-00T00:00:00";
    let fits = |(sign, byte): (&u8, &u8)| match sign {
        b'0' => byte.is_ascii_digit(),
        sign => byte == sign,
    };
    let bytes = text.as_bytes();
    if bytes.len() <= shape.len() || !shape.iter().zip(bytes).all(fits) {
        return None;
    }
    let rest = bytes.get(shape.len()..)?;
    let fraction = match rest {
        [b'.', digits @ ..] => 1 + digits.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 0,
    };
    (rest.get(fraction) == Some(&b'Z')).then_some(shape.len() + fraction + 1)
}

fn id_length(text: &str) -> Option<usize> {
    let id = text.as_bytes().get(..ID.len())?;
    let fits = id.iter().zip(ID.bytes()).all(|(byte, sign)| match sign {
        b'-' => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    fits.then_some(ID.len())
}

/// Documents come out of `serde_json`, which reads 128 levels at most.
fn is_value(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::String(wanted), Value::String(found)) => is_text(wanted, found),
        (Value::Array(wanted), Value::Array(found)) => {
            wanted.len() == found.len() && wanted.iter().zip(found).all(|(w, f)| is_value(w, f))
        }
        (Value::Object(wanted), Value::Object(found)) => {
            wanted.len() == found.len()
                && wanted.iter().all(|(key, w)| found.get(key).is_some_and(|f| is_value(w, f)))
        }
        (wanted, found) => wanted == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "af06c54a-172a-4df2-be93-6187cf412933";

    #[test]
    fn a_text_is_compared_to_the_last_byte() {
        let check = |wanted: &str, found: &str, is: bool| {
            assert_eq!(Expected::Text(wanted.to_owned()).is(found), is, "{wanted} {found}");
        };
        check("\"a\"\n\"b\"", "\"a\"\n\"b\"", true);
        check("\"a\"\n\"b\"", "\"a\"\n\"b\"\n", false);
        check("\"a\"", "\"A\"", false);
        check("", "", true);
        let holes = format!("\"{TIME} 遮断 {ID} {INGESTED}\"");
        check(
            &holes,
            &format!("\"2026-11-24T22:02:43Z 遮断 {UUID} 2026-11-24T22:02:43.123Z\""),
            true,
        );
        check(
            &holes,
            &format!("\"2026-11-24T22:02:43.1Z 遮断 {UUID} 2026-11-24T22:02:43Z\""),
            true,
        );
        check(
            &holes,
            &format!("\"2026-11-24T22:02:43Z 遮断 {UUID}x 2026-11-24T22:02:43Z\""),
            false,
        );
        check(
            &holes,
            &format!(
                "\"2026-11-24T22:02:43Z 遮断 {} 2026-11-24T22:02:43Z\"",
                UUID.replace('a', "g")
            ),
            false,
        );
        check(&holes, &format!("\"2026-11-24 22:02:43Z 遮断 {UUID} 2026-11-24T22:02:43Z\""), false);
        check(&format!("000{TIME}000"), "0002026-11-24T22:02:43Z000", true);
        check(&format!("000{TIME}{ID}"), &format!("0002026-11-24T22:02:43Z{UUID}"), true);
        check(&format!("000{TIME}000"), "0002026-11-24T22:02:43Z00", false);
        check(TIME, "2026-11-24T22:02:43", false);
        check(TIME, "2026-11-24T22:02:43.", false);
        check(TIME, "2026-11-24T22:02:43.5", false);
        check(TIME, "2026-11-24T22:02:43Zx", false);
        check(TIME, "2026-11-24T22:02:4遮断", false);
        check(ID, "遮断遮断遮断遮断遮断遮断遮断遮断遮断遮断遮断遮断", false);
        check(ID, &UUID[..35], false);
        check(ID, &UUID.replace('-', "0"), false);
    }

    #[test]
    fn a_document_is_compared_by_meaning() {
        let wanted = format!(r#"{{"id": "{ID}", "n": [1, {{"t": "{TIME}"}}], "x": null}}"#);
        let check = |found: &str, is: bool| {
            assert_eq!(Expected::Document(wanted.clone()).is(found), is, "{found}");
        };
        let good = format!(r#"{{"x":null,"n":[1,{{"t":"2026-11-24T22:02:43Z"}}],"id":"{UUID}"}}"#);
        check(&good, true);
        check(&good.replace("[1,", "[2,"), false);
        check(&good.replace("[1,", "[1,1,"), false);
        check(&good.replace("\"x\":null", "\"x\":null,\"y\":1"), false);
        check(&good.replace("\"x\"", "\"z\""), false);
        check(&good.replace(UUID, "1"), false);
        check("no JSON", false);
        assert!(Expected::Document("bare".to_owned()).is("bare"));
        let deep = "[".repeat(100_000);
        assert!(!Expected::Document(deep.clone()).is("[]"));
        assert!(Expected::Document(deep.clone()).is(&deep));
    }

    #[test]
    fn an_alarm_is_known_by_its_name_state_and_reason() {
        let expected = Expected::Alarm { name: "遮断".to_owned(), reason: "a test".to_owned() };
        let text = r#"{"AlarmName": "遮断", "NewStateValue": "ALARM", "NewStateReason": "a test"}"#;
        assert!(expected.is(text));
        for (from, to) in [("遮断", "x"), ("\"ALARM\"", "\"OK\""), ("a test", "no test")] {
            assert!(!expected.is(&text.replace(from, to)));
        }
        assert!(!expected.is("You are receiving this"));
        assert_eq!(expected.shown(), "a test");
        assert!(expected.tells_others_apart());
        let text = Expected::Text(format!("{TIME} {ID} {INGESTED} x"));
        assert_eq!(text.shown(), "(time) (id) (time) x");
        assert!(!text.tells_others_apart());
    }

    #[test]
    fn only_the_topics_messages_count() {
        let topic = "arn:aws:sns:eu-west-1:123456789012:alerts".parse().unwrap();
        let body = |kind: &str, topic: &str| {
            serde_json::json!({"Type": kind, "TopicArn": topic, "Message": "m", "More": 1})
                .to_string()
        };
        let name = "arn:aws:sns:eu-west-1:123456789012:alerts";
        assert_eq!(message(&body("Notification", name), &topic).as_deref(), Some("m"));
        assert_eq!(
            message(&body("Notification", "arn:aws:sns:eu-west-1:123456789012:x"), &topic),
            None
        );
        assert_eq!(message(&body("SubscriptionConfirmation", name), &topic), None);
        assert_eq!(message("{}", &topic), None);
        assert_eq!(message("raw", &topic), None);
    }
}
