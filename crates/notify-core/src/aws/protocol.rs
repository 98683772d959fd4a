//! How SNS delivers.

use serde::{Deserialize, Serialize};

/// How a subscription receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Mail as text.
    Email,
    /// Mail that holds the notification as JSON.
    EmailJson,
    /// A web service.
    Http,
    /// A web service over TLS.
    Https,
    /// A text message to a phone.
    Sms,
    /// An SQS queue.
    Sqs,
    /// A Lambda function.
    Lambda,
    /// A mobile app.
    Application,
    /// A Firehose stream: seen when others subscribed one, never made.
    Firehose,
}

impl Protocol {
    /// All protocols.
    pub const ALL: [Self; 9] = [
        Self::Email,
        Self::EmailJson,
        Self::Http,
        Self::Https,
        Self::Sms,
        Self::Sqs,
        Self::Lambda,
        Self::Application,
        Self::Firehose,
    ];

    /// SNS's own word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Http => "http",
            Self::Https => "https",
            Self::Sms => "sms",
            Self::Sqs => "sqs",
            Self::Lambda => "lambda",
            Self::Application => "application",
            Self::Firehose => "firehose",
        }
    }

    /// The protocol of SNS's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.as_str() == text)
    }

    /// Whether someone or something at the endpoint must confirm before messages flow.
    pub fn asks_for_confirmation(self) -> bool {
        matches!(self, Self::Email | Self::EmailJson | Self::Http | Self::Https)
    }
}
