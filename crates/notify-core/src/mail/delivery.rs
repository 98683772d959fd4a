//! What one reader gets of a notification.

use super::notification::Notification;
use crate::aws::{Arn, Protocol};
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

/// A mail to one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Who it says it is from.
    pub from: Mailbox,
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

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name.
    pub name: String,
    /// The address.
    pub address: String,
}

impl Mailbox {
    /// Who the notifications of a topic are from.
    ///
    /// ```
    /// # use notify_core::mail::Mailbox;
    /// let from = Mailbox::of_topic(Some("AWS Config"));
    /// assert_eq!(from.to_string(), "AWS Config <no-reply@sns.amazonaws.com>");
    /// let from = Mailbox::of_topic(None);
    /// assert_eq!(from.to_string(), "AWS Notifications <no-reply@sns.amazonaws.com>");
    /// ```
    pub fn of_topic(display_name: Option<&str>) -> Self {
        let name = display_name.filter(|name| !name.is_empty()).unwrap_or(SENDER_NAME);
        Self { name: name.to_owned(), address: SENDER.to_owned() }
    }
}

/// As a mail program shows it; [`Mail::to_rfc5322`] writes it as mail programs read it.
impl std::fmt::Display for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} <{}>", self.name, self.address)
    }
}

/// What a reader gets of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Its text.
    Text,
    /// All of it, as JSON.
    Json,
}

impl Form {
    /// The form of a subscription; nothing where no mail is sent.
    pub fn of(protocol: Protocol) -> Option<Self> {
        match protocol {
            Protocol::Email => Some(Self::Text),
            Protocol::EmailJson => Some(Self::Json),
            _ => None,
        }
    }
}

/// Which reader gets a mail, when, and through which topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The topic.
    pub topic: Arn,
    /// The topic's display name.
    pub display_name: Option<String>,
    /// The ARN of the subscription.
    pub subscription: String,
    /// The reader's address.
    pub address: String,
    /// What the reader gets.
    pub form: Form,
    /// When it is sent.
    pub at: Timestamp,
    /// What names the message; made by the caller, so that this stays pure.
    pub message_id: String,
}

/// How a reader confirms a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// What the reader follows.
    pub link: String,
    /// What proves that they got the mail.
    pub token: String,
}

impl Delivery {
    /// The mail of a notification: its text and SNS's footer, or the JSON document.
    ///
    /// Its JSON has no signature, and says so.
    ///
    /// ```
    /// use notify_core::mail::{Delivery, Form, Notification};
    ///
    /// let delivery = Delivery {
    ///     topic: "arn:aws:sns:ap-northeast-1:123456789012:config-info".parse()?,
    ///     display_name: Some("AWS Config".to_owned()),
    ///     subscription: "arn:aws:sns:ap-northeast-1:123456789012:config-info:1".to_owned(),
    ///     address: "ops@example.com".to_owned(),
    ///     form: Form::Text,
    ///     at: "2026-09-14T11:18:44Z".parse()?,
    ///     message_id: "1@notify.local".to_owned(),
    /// };
    /// let mail = delivery.notification(&Notification::of_event("\"rule: restricted-ssh\""));
    /// assert_eq!(mail.from.to_string(), "AWS Config <no-reply@sns.amazonaws.com>");
    /// assert_eq!(mail.subject, "AWS Notification Message");
    /// assert!(mail.body.starts_with("\"rule: restricted-ssh\"\n\n--\nIf you wish to stop"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn notification(&self, notification: &Notification) -> Mail {
        let subject = notification.subject.as_deref();
        let body = match self.form {
            Form::Text => format!("{}{}", notification.text(), self.footer()),
            Form::Json => document(&self.notification_json(notification)),
        };
        self.mail(
            Mailbox::of_topic(self.display_name.as_deref()),
            subject.unwrap_or(DEFAULT_SUBJECT),
            body,
        )
    }

    /// The mail that asks a reader to confirm.
    ///
    /// In AWS's mail "Confirm subscription" is the link, in HTML; how its plain text looks is
    /// unverified. Here the link stands in the line below.
    pub fn confirmation(&self, confirmation: &Confirmation) -> Mail {
        let Confirmation { link, token: _ } = confirmation;
        let topic = &self.topic;
        let body = match self.form {
            Form::Text => format!(
                "You have chosen to subscribe to the topic:\n\
                 {topic}\n\
                 \n\
                 To confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n\
                 Confirm subscription\n\
                 {link}\n\
                 \n\
                 Please do not reply directly to this email. If you wish to remove yourself from receiving all future SNS subscription confirmation requests please send an email to sns-opt-out\n"
            ),
            Form::Json => document(&self.confirmation_json(confirmation)),
        };
        let from = Mailbox::of_topic(None);
        self.mail(from, "AWS Notification - Subscription Confirmation", body)
    }

    fn mail(&self, from: Mailbox, subject: &str, body: String) -> Mail {
        Mail {
            from,
            to: self.address.clone(),
            subject: subject.to_owned(),
            date: self.at,
            message_id: self.message_id.clone(),
            body,
        }
    }

    /// What SNS puts below every text.
    fn footer(&self) -> String {
        let Self { topic, subscription, address, .. } = self;
        format!(
            "\n\n--\n\
             If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n\
             https://{host}/unsubscribe.html?SubscriptionArn={subscription}&Endpoint={address}\n\
             \n\
             Please do not reply directly to this email. If you have any questions or comments regarding this email, please contact us at https://aws.amazon.com/support\n",
            host = host(topic)
        )
    }

    fn notification_json(&self, notification: &Notification) -> Value {
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
        let unsubscribe = format!(
            "https://{}/?Action=Unsubscribe&SubscriptionArn={}",
            host(&self.topic),
            self.subscription
        );
        document["UnsubscribeURL"] = unsubscribe.into();
        document
    }

    fn confirmation_json(&self, confirmation: &Confirmation) -> Value {
        let Confirmation { link, token } = confirmation;
        let topic = self.topic.to_string();
        let message = format!(
            "You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the SubscribeURL included in this message."
        );
        let mut document = json!({
            "Type": "SubscriptionConfirmation",
            "MessageId": self.message_id,
            "Token": token,
            "TopicArn": topic,
            "Message": message,
            "SubscribeURL": link,
        });
        self.sign(&mut document);
        document
    }

    /// The time and what stands for the signature: whoever checks it must fail.
    fn sign(&self, document: &mut Value) {
        document["Timestamp"] = self.at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string().into();
        document["SignatureVersion"] = "1".into();
        document["Signature"] = NOT_SIGNED.into();
        document["SigningCertURL"] = NOT_SIGNED.into();
    }
}

/// The host of SNS's links. That of the China partition is the one of its endpoints; that mails
/// name it is unverified.
fn host(topic: &Arn) -> String {
    let domain = match topic.partition.to_string().as_str() {
        "aws-cn" => "amazonaws.com.cn",
        _ => "amazonaws.com",
    };
    format!("sns.{}.{domain}", topic.region)
}

fn document(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(form: Form) -> Delivery {
        Delivery {
            topic: "arn:aws:sns:ap-northeast-1:123456789012:config-info".parse().unwrap(),
            display_name: Some("監視".to_owned()),
            subscription: "arn:aws:sns:ap-northeast-1:123456789012:config-info:1-2".to_owned(),
            address: "ops@example.com".to_owned(),
            form,
            at: "2026-09-04T01:02:03.0459Z".parse().unwrap(),
            message_id: "m-1".to_owned(),
        }
    }

    fn with_subject() -> Notification {
        Notification {
            subject: Some("ALARM: \"x\" in EU (Milan)".to_owned()),
            default: "{\"a\":1}".to_owned(),
            email: Some("text\n".to_owned()),
            sms: Some("short".to_owned()),
            attributes: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn a_mail_has_the_publishers_text_and_the_footer() {
        let mail = delivery(Form::Text).notification(&with_subject());
        assert_eq!(mail.from.to_string(), "監視 <no-reply@sns.amazonaws.com>");
        assert_eq!(mail.to, "ops@example.com");
        assert_eq!(mail.subject, "ALARM: \"x\" in EU (Milan)");
        assert_eq!((mail.date, mail.message_id.as_str()), (delivery(Form::Text).at, "m-1"));
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
        let from = |name: Option<&str>| {
            let display_name = name.map(str::to_owned);
            let delivery = Delivery { display_name, ..delivery(Form::Text) };
            delivery.notification(&Notification::of_event("x")).from.name
        };
        assert_eq!(from(Some("AWS Config")), "AWS Config");
        assert_eq!(from(Some("")), "AWS Notifications");
        assert_eq!(from(None), "AWS Notifications");
    }

    #[test]
    fn email_json_has_the_whole_notification_and_no_footer() {
        let mail = delivery(Form::Json).notification(&with_subject());
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
        let mail = delivery(Form::Json).notification(&Notification::of_event("x"));
        assert_eq!(mail.subject, DEFAULT_SUBJECT);
        assert!(mail.body.contains("config-info\",\n  \"Message\": \"x\",\n"), "{}", mail.body);
    }

    #[test]
    fn a_confirmation_names_the_topic_and_how_to_confirm() {
        let confirmation = Confirmation { link: "LINK".to_owned(), token: "t-1".to_owned() };
        let mail = delivery(Form::Json).confirmation(&confirmation);
        assert_eq!(mail.from.name, "AWS Notifications", "whatever the topic's display name");
        assert_eq!(mail.subject, "AWS Notification - Subscription Confirmation");
        let expected = r#"{
  "Type": "SubscriptionConfirmation",
  "MessageId": "m-1",
  "Token": "t-1",
  "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:config-info",
  "Message": "You have chosen to subscribe to the topic arn:aws:sns:ap-northeast-1:123456789012:config-info.\nTo confirm the subscription, visit the SubscribeURL included in this message.",
  "SubscribeURL": "LINK",
  "Timestamp": "2026-09-04T01:02:03.045Z",
  "SignatureVersion": "1",
  "Signature": "(not signed: this message was not sent by AWS)",
  "SigningCertURL": "(not signed: this message was not sent by AWS)"
}
"#;
        assert_eq!(mail.body, expected);
    }

    #[test]
    fn which_protocols_get_mail() {
        for protocol in Protocol::ALL {
            let expected = match protocol.as_str() {
                "email" => Some(Form::Text),
                "email-json" => Some(Form::Json),
                _ => None,
            };
            assert_eq!(Form::of(protocol), expected);
        }
    }

    #[test]
    fn the_links_host_is_the_topics_partitions() {
        for (arn, expected) in [
            ("arn:aws:sns:eu-west-1:123456789012:t", "sns.eu-west-1.amazonaws.com"),
            ("arn:aws-cn:sns:cn-north-1:123456789012:t", "sns.cn-north-1.amazonaws.com.cn"),
            ("arn:aws-us-gov:sns:us-gov-west-1:1:t", "sns.us-gov-west-1.amazonaws.com"),
        ] {
            assert_eq!(host(&arn.parse().unwrap()), expected);
        }
    }
}
