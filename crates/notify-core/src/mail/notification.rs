//! What a publisher gives to SNS.

use super::alarm_text::ThresholdLine;
use super::origin::{Home, Origin};
use super::subject::{self, MAX_SUBJECT};
use super::{alarm_json, alarm_text, long_name};
use crate::alarm::{MetricAlarm, Transition};
use serde_json::json;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The longest message that SNS takes, in bytes of UTF-8
/// ([Publish](https://docs.aws.amazon.com/sns/latest/api/API_Publish.html)). The subject is not
/// counted.
pub const MAX_BYTES: usize = 262_144;

/// What a publisher gives to SNS: a subject, and a text for all protocols or for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The subject, if the publisher gives one.
    pub subject: Option<String>,
    /// The message of every protocol that has none of its own.
    pub default: String,
    /// The text of mails.
    pub email: Option<String>,
    /// The text of text messages.
    pub sms: Option<String>,
    /// Message attributes, by which readers' filters choose. Alarms and rules give none.
    pub attributes: BTreeMap<String, String>,
}

impl Notification {
    /// What `EventBridge` publishes: the target's input, without a subject.
    ///
    /// ```
    /// # use notify_core::mail::Notification;
    /// let notification = Notification::of_event("\"rule: restricted-ssh\"");
    /// assert_eq!((notification.subject.as_deref(), notification.text()), (None, "\"rule: restricted-ssh\""));
    /// ```
    pub fn of_event(text: impl Into<String>) -> Self {
        Self {
            subject: None,
            default: text.into(),
            email: None,
            sms: None,
            attributes: BTreeMap::new(),
        }
    }

    /// What an alarm publishes when it changes its state.
    ///
    /// Account and region are those of the alarm's ARN, and of `home` if it has none.
    ///
    /// ```
    /// use notify_core::alarm::{Transition, one_from_json};
    /// use notify_core::aws::{AlarmState, Identity, Region};
    /// use notify_core::mail::{Home, Notification, ThresholdLine};
    ///
    /// let alarm = one_from_json(r#"{"AlarmName": "遮断", "Namespace": "AWS/WAFV2",
    ///     "MetricName": "BlockedRequests", "Statistic": "Sum", "Period": 86400, "Threshold": 1,
    ///     "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}"#, None)?;
    /// let change = Transition {
    ///     at: "2026-09-14T11:18:44.401Z".parse()?,
    ///     from: AlarmState::Ok,
    ///     to: AlarmState::Alarm,
    ///     reason: "Threshold Crossed".to_owned(),
    /// };
    /// let home = Home {
    ///     identity: Identity::from_caller("123456789012", "arn:aws:iam::123456789012:root")?,
    ///     region: Region::parse("ap-northeast-1")?,
    /// };
    /// let notification = Notification::of_alarm(&alarm, &change, &home, ThresholdLine::Newer);
    /// assert_eq!(notification.subject.as_deref(), Some("ALARM: \"_\" in Asia Pacific (Tokyo)"));
    /// assert!(notification.text().contains("Monday 14 September, 2026 11:18:44 UTC"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_alarm(
        alarm: &MetricAlarm,
        change: &Transition,
        home: &Home,
        threshold_line: ThresholdLine,
    ) -> Self {
        let origin = Origin::of(alarm, home);
        let region = long_name(&origin.region);
        Self {
            subject: Some(subject::of_alarm(&alarm.name, change.to, region)),
            default: alarm_json::write(alarm, change, &origin),
            email: Some(alarm_text::write(alarm, change, &origin, threshold_line)),
            sms: Some(subject::sms_of_alarm(&alarm.name, change.to, region)),
            attributes: BTreeMap::new(),
        }
    }

    /// The text of a mail.
    pub fn text(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.default)
    }

    /// How many bytes of [`MAX_BYTES`] the message has: with a text for each protocol, the bytes of
    /// the JSON document that holds them all.
    pub fn bytes(&self) -> usize {
        self.message().0.len()
    }

    /// The message as `Publish` takes it, and whether it is a JSON document with a text for each
    /// protocol, which `MessageStructure` must say.
    pub fn message(&self) -> (Cow<'_, str>, bool) {
        let Self { subject: _, default, email, sms, attributes: _ } = self;
        if email.is_none() && sms.is_none() {
            return (default.into(), false);
        }
        let mut message = json!({ "default": default });
        for (protocol, text) in [("email", email), ("sms", sms)] {
            if let Some(text) = text {
                message[protocol] = text.as_str().into();
            }
        }
        (message.to_string().into(), true)
    }

    /// Checks what SNS checks before it takes a message.
    ///
    /// ```
    /// # use notify_core::mail::{MAX_BYTES, Notification, Unpublishable};
    /// let long = Notification::of_event("x".repeat(MAX_BYTES + 1));
    /// assert_eq!(long.check(), Err(Unpublishable::TooLong { bytes: MAX_BYTES + 1 }));
    /// ```
    pub fn check(&self) -> Result<(), Unpublishable> {
        if let Some(subject) = &self.subject {
            let units = subject.encode_utf16().count();
            if units == 0 || units > MAX_SUBJECT || subject.contains(char::is_control) {
                return Err(Unpublishable::Subject);
            }
        }
        if self.default.is_empty() {
            return Err(Unpublishable::Empty);
        }
        match self.bytes() {
            bytes if bytes > MAX_BYTES => Err(Unpublishable::TooLong { bytes }),
            _ => Ok(()),
        }
    }
}

/// Why SNS does not take a message, in its words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpublishable {
    /// The subject is empty, longer than [`MAX_SUBJECT`], or has control characters.
    #[error("Invalid parameter: Subject")]
    Subject,
    /// There is no message.
    #[error("Invalid parameter: Empty message")]
    Empty,
    /// The message is longer than [`MAX_BYTES`].
    #[error("Invalid parameter: Message too long")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sns_takes_and_refuses() {
        let text = |text: &str| Notification::of_event(text);
        let with = |subject: &str| Notification { subject: Some(subject.to_owned()), ..text("x") };
        let of_length = |length: usize| text(&"x".repeat(length));
        for (notification, expected) in [
            (text("x"), Ok(())),
            (text(""), Err("Invalid parameter: Empty message")),
            (of_length(MAX_BYTES), Ok(())),
            (of_length(MAX_BYTES + 1), Err("Invalid parameter: Message too long")),
            (text(&"遮".repeat(MAX_BYTES / 3)), Ok(())),
            (text(&"遮".repeat(MAX_BYTES / 3 + 1)), Err("Invalid parameter: Message too long")),
            (with("遮断"), Ok(())),
            (with(&"🚨".repeat(50)), Ok(())),
            (with(&"🚨".repeat(51)), Err("Invalid parameter: Subject")),
            (with(&"x".repeat(100)), Ok(())),
            (with(&"x".repeat(101)), Err("Invalid parameter: Subject")),
            (with(""), Err("Invalid parameter: Subject")),
            (with("a\nb"), Err("Invalid parameter: Subject")),
            (with("a\u{85}b"), Err("Invalid parameter: Subject")),
        ] {
            let got = notification.check().map_err(|error| error.to_string());
            assert_eq!(got.as_ref().map_err(String::as_str), expected.as_ref().map_err(|e| *e));
        }
    }

    #[test]
    fn texts_for_each_protocol_are_counted_together() {
        let mut notification = Notification::of_event("a\"");
        assert_eq!((notification.bytes(), notification.text()), (2, "a\""));
        assert_eq!(notification.message(), ("a\"".into(), false));
        notification.email = Some("\n".to_owned());
        let both = r#"{"default":"a\"","email":"\n"}"#;
        assert_eq!(
            (notification.bytes(), notification.message()),
            (both.len(), (both.into(), true))
        );
        assert_eq!(notification.text(), "\n");
        notification.sms = Some("c".to_owned());
        assert_eq!(notification.bytes(), r#"{"default":"a\"","email":"\n","sms":"c"}"#.len());
        notification.email = None;
        assert_eq!(notification.bytes(), r#"{"default":"a\"","sms":"c"}"#.len());
        notification.default = "\"".repeat(MAX_BYTES / 2);
        assert_eq!(notification.check().map_err(|e| e.to_string().len()), Err(35));
    }
}
