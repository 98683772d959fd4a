//! What one reader gets of a notification.

use super::notification::Notification;
use crate::aws::{Arn, Protocol, Region};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The address that SNS's mails come from.
pub const SENDER: &str = "no-reply@sns.amazonaws.com";

/// The subject of mails whose publisher gives none.
pub const DEFAULT_SUBJECT: &str = "AWS Notification Message";

/// The name of the sender where the topic has none, and of every confirmation mail.
const SENDER_NAME: &str = "AWS Notifications";

/// What stands where SNS puts a signature: nobody can take it for one.
const NOT_SIGNED: &str = "(not signed: this message was not sent by AWS)";

/// What stands where SNS puts the token of a confirmation.
const NO_TOKEN: &str = "(none: this message was not sent by AWS)";

/// A mail to one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The name that it says it is from; the address is always [`SENDER`].
    pub sender: String,
    /// The reader's address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// When it was written.
    pub date: Timestamp,
    /// What names it, without angle brackets.
    pub message_id: String,
    /// The text, with `\n` at the end of its lines.
    pub body: String,
}

/// Who a topic's notifications are from, as a mail program shows it.
///
/// ```
/// # use notify_core::mail::from;
/// assert_eq!(from("AWS Config"), "AWS Config <no-reply@sns.amazonaws.com>");
/// assert_eq!(from(""), "AWS Notifications <no-reply@sns.amazonaws.com>");
/// ```
pub fn from(display_name: &str) -> String {
    format!("{} <{SENDER}>", sender(display_name))
}

fn sender(display_name: &str) -> &str {
    if display_name.is_empty() { SENDER_NAME } else { display_name }
}

/// Which reader gets a mail, when, and through which topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The topic.
    pub topic: &'a Arn,
    /// The topic's display name; empty if it has none.
    pub display_name: &'a str,
    /// The ARN of the subscription, once there is one.
    pub subscription: Option<&'a str>,
    /// The reader's address.
    pub address: &'a str,
    /// How the reader receives: [`Protocol::EmailJson`] is a JSON document, all others are text.
    pub protocol: Protocol,
    /// The topic's region.
    pub region: &'a Region,
    /// When it is sent.
    pub at: Timestamp,
    /// What names the message; made by the caller, so that this stays pure.
    pub message_id: String,
}

impl Mail {
    /// The mail of a notification: its text and SNS's footer, or a JSON document.
    ///
    /// The document has no signature, and says so.
    ///
    /// ```
    /// use notify_core::aws::{Arn, Protocol, Region};
    /// use notify_core::mail::{Envelope, Mail, Notification};
    ///
    /// let topic: Arn = "arn:aws:sns:ap-northeast-1:123456789012:config-info".parse()?;
    /// let mail = Mail::new(&Notification::of_event("\"rule: restricted-ssh\""), &Envelope {
    ///     topic: &topic,
    ///     display_name: "AWS Config",
    ///     subscription: Some("arn:aws:sns:ap-northeast-1:123456789012:config-info:1"),
    ///     address: "ops@example.com",
    ///     protocol: Protocol::Email,
    ///     region: &Region::parse("ap-northeast-1")?,
    ///     at: "2026-09-14T11:18:44Z".parse()?,
    ///     message_id: "1".to_owned(),
    /// });
    /// assert_eq!((mail.sender.as_str(), mail.subject.as_str()), ("AWS Config", "AWS Notification Message"));
    /// assert!(mail.body.starts_with("\"rule: restricted-ssh\"\n\n--\nIf you wish to stop"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(notification: &Notification, envelope: &Envelope<'_>) -> Self {
        let body = match envelope.protocol {
            Protocol::EmailJson => document(&envelope.notification(notification)),
            _ => format!("{}{}", notification.text(), envelope.footer()),
        };
        envelope.mail(sender(envelope.display_name), notification.mail_subject(), body)
    }

    /// The mail that asks a reader to confirm.
    ///
    /// In AWS's mail "Confirm subscription" is a link, in HTML; how its plain text looks is
    /// unverified. Here the line below it is the command that does on the local provider what
    /// following the link does.
    pub fn confirmation(envelope: &Envelope<'_>) -> Self {
        let Envelope { topic, .. } = envelope;
        let body = match envelope.protocol {
            Protocol::EmailJson => document(&envelope.confirmation()),
            _ => format!(
                "You have chosen to subscribe to the topic:\n\
                 {topic}\n\
                 \n\
                 To confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n\
                 Confirm subscription\n\
                 {link}\n\
                 \n\
                 Please do not reply directly to this email. If you wish to remove yourself from receiving all future SNS subscription confirmation requests please send an email to sns-opt-out\n",
                link = envelope.link()
            ),
        };
        envelope.mail(SENDER_NAME, "AWS Notification - Subscription Confirmation", body)
    }
}

impl Envelope<'_> {
    fn mail(&self, sender: &str, subject: &str, body: String) -> Mail {
        Mail {
            sender: sender.to_owned(),
            to: self.address.to_owned(),
            subject: subject.to_owned(),
            date: self.at,
            message_id: self.message_id.clone(),
            body,
        }
    }

    /// What a reader does to confirm.
    fn link(&self) -> String {
        format!("notify-cli --provider local confirm {}", self.address)
    }

    /// What SNS puts below every text.
    fn footer(&self) -> String {
        let (host, subscription) = (self.host(), self.subscription.unwrap_or_default());
        let address = self.address;
        format!(
            "\n\n--\n\
             If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n\
             https://{host}/unsubscribe.html?SubscriptionArn={subscription}&Endpoint={address}\n\
             \n\
             Please do not reply directly to this email. If you have any questions or comments regarding this email, please contact us at https://aws.amazon.com/support\n"
        )
    }

    fn notification(&self, notification: &Notification) -> Value {
        let mut document = json!({
            "Type": "Notification",
            "MessageId": self.message_id,
            "TopicArn": self.topic.to_string(),
        });
        if let Some(subject) = &notification.subject {
            document["Subject"] = subject.as_str().into();
        }
        document["Message"] = notification.default.as_str().into();
        self.sign(&mut document);
        let (host, subscription) = (self.host(), self.subscription.unwrap_or_default());
        document["UnsubscribeURL"] =
            format!("https://{host}/?Action=Unsubscribe&SubscriptionArn={subscription}").into();
        document
    }

    fn confirmation(&self) -> Value {
        let topic = self.topic.to_string();
        let message = format!(
            "You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the SubscribeURL included in this message."
        );
        let mut document = json!({
            "Type": "SubscriptionConfirmation",
            "MessageId": self.message_id,
            "Token": NO_TOKEN,
            "TopicArn": topic,
            "Message": message,
            "SubscribeURL": self.link(),
        });
        self.sign(&mut document);
        document
    }

    /// Puts the time, and what stands for the signature: whoever checks it must fail.
    fn sign(&self, document: &mut Value) {
        document["Timestamp"] = self.at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string().into();
        document["SignatureVersion"] = "1".into();
        document["Signature"] = NOT_SIGNED.into();
        document["SigningCertURL"] = NOT_SIGNED.into();
    }

    /// The host of SNS's links. That of the China partition is the one of its endpoints; that mails
    /// name it is unverified.
    fn host(&self) -> String {
        let region = self.region.as_str();
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("sns.{region}.{domain}")
    }
}

fn document(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes something of an envelope.
    fn with<T>(protocol: Protocol, make: impl FnOnce(&Envelope<'_>) -> T) -> T {
        let topic = "arn:aws:sns:ap-northeast-1:123456789012:config-info".parse().unwrap();
        make(&Envelope {
            topic: &topic,
            display_name: "監視",
            subscription: Some("arn:aws:sns:ap-northeast-1:123456789012:config-info:1-2"),
            address: "ops@example.com",
            protocol,
            region: &Region::parse("ap-northeast-1").unwrap(),
            at: "2026-09-04T01:02:03.0459Z".parse().unwrap(),
            message_id: "m-1".to_owned(),
        })
    }

    fn with_subject() -> Notification {
        Notification {
            subject: Some("ALARM: \"x\" in EU (Milan)".to_owned()),
            default: "{\"a\":1}".to_owned(),
            email: Some("text\n".to_owned()),
            sms: Some("short".to_owned()),
        }
    }

    #[test]
    fn a_mail_has_the_publishers_text_and_the_footer() {
        let mail = with(Protocol::Email, |envelope| Mail::new(&with_subject(), envelope));
        assert_eq!(mail.sender, "監視");
        assert_eq!(mail.to, "ops@example.com");
        assert_eq!(mail.subject, "ALARM: \"x\" in EU (Milan)");
        assert_eq!(mail.date.to_string(), "2026-09-04T01:02:03.0459Z");
        assert_eq!(mail.message_id, "m-1");
        let expected = "text


--
If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:
https://sns.ap-northeast-1.amazonaws.com/unsubscribe.html?SubscriptionArn=arn:aws:sns:ap-northeast-1:123456789012:config-info:1-2&Endpoint=ops@example.com

Please do not reply directly to this email. If you have any questions or comments regarding this email, please contact us at https://aws.amazon.com/support
";
        assert_eq!(mail.body, expected);
    }

    #[test]
    fn the_sender_is_the_topics_display_name() {
        let sender = |display_name: &str| {
            let event = Notification::of_event("x");
            with(Protocol::Email, |envelope| {
                Mail::new(&event, &Envelope { display_name, ..envelope.clone() }).sender
            })
        };
        assert_eq!(sender("AWS Config"), "AWS Config");
        assert_eq!(sender(""), "AWS Notifications");
    }

    #[test]
    fn email_json_has_the_whole_notification_and_no_footer() {
        let mail = with(Protocol::EmailJson, |envelope| Mail::new(&with_subject(), envelope));
        assert_eq!(mail.subject, "ALARM: \"x\" in EU (Milan)");
        let expected = r#"{
  "Type": "Notification",
  "MessageId": "m-1",
  "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:config-info",
  "Subject": "ALARM: \"x\" in EU (Milan)",
  "Message": "{\"a\":1}",
  "Timestamp": "2026-09-04T01:02:03.045Z",
  "SignatureVersion": "1",
  "Signature": "(not signed: this message was not sent by AWS)",
  "SigningCertURL": "(not signed: this message was not sent by AWS)",
  "UnsubscribeURL": "https://sns.ap-northeast-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:ap-northeast-1:123456789012:config-info:1-2"
}
"#;
        assert_eq!(mail.body, expected);
        let event = Notification::of_event("x");
        let mail = with(Protocol::EmailJson, |envelope| Mail::new(&event, envelope));
        assert_eq!(mail.subject, DEFAULT_SUBJECT);
        assert!(mail.body.contains("config-info\",\n  \"Message\": \"x\",\n"), "{}", mail.body);
    }

    #[test]
    fn a_confirmation_names_the_topic_and_how_to_confirm() {
        let mail = with(Protocol::EmailJson, Mail::confirmation);
        assert_eq!(mail.sender, "AWS Notifications", "whatever the topic's display name");
        assert_eq!(mail.subject, "AWS Notification - Subscription Confirmation");
        let expected = r#"{
  "Type": "SubscriptionConfirmation",
  "MessageId": "m-1",
  "Token": "(none: this message was not sent by AWS)",
  "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:config-info",
  "Message": "You have chosen to subscribe to the topic arn:aws:sns:ap-northeast-1:123456789012:config-info.\nTo confirm the subscription, visit the SubscribeURL included in this message.",
  "SubscribeURL": "notify-cli --provider local confirm ops@example.com",
  "Timestamp": "2026-09-04T01:02:03.045Z",
  "SignatureVersion": "1",
  "Signature": "(not signed: this message was not sent by AWS)",
  "SigningCertURL": "(not signed: this message was not sent by AWS)"
}
"#;
        assert_eq!(mail.body, expected);
    }

    #[test]
    fn the_links_host_is_the_regions() {
        for (region, expected) in [
            ("eu-west-1", "sns.eu-west-1.amazonaws.com"),
            ("ca-west-1", "sns.ca-west-1.amazonaws.com"),
            ("cn-north-1", "sns.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", "sns.us-gov-west-1.amazonaws.com"),
        ] {
            let region = &Region::parse(region).unwrap();
            let host =
                with(Protocol::Email, |envelope| Envelope { region, ..envelope.clone() }.host());
            assert_eq!(host, expected);
        }
    }
}
