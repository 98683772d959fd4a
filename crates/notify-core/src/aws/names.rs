//! Names that AWS limits, each a type whose `parse` is the only way in.

use serde::{Deserialize, Serialize};

/// Why a name is refused: what is wrong, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct NameError {
    /// What is wrong with it.
    pub problem: String,
    /// What would be right.
    pub help: String,
}

impl NameError {
    pub(crate) fn new(problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self { problem: problem.into(), help: help.into() }
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks `text` against the limits of this kind of name.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                let check: fn(&str) -> Result<(), NameError> = $check;
                check(text)?;
                Ok(Self(text.to_owned()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}
pub(crate) use name;

name!(
    /// The name of a standard SNS topic: 1 to 256 of `A-Z a-z 0-9 _ -`
    /// ([CreateTopic](https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html)).
    ///
    /// ```
    /// # use notify_core::aws::TopicName;
    /// assert!(TopicName::parse("config-info").is_ok());
    /// assert!(TopicName::parse("config info").is_err());
    /// ```
    TopicName,
    |text| {
        if text.strip_suffix(".fifo").is_some() {
            return Err(NameError::new(
                format!("`{text}` is a FIFO topic"),
                "name a standard topic: SNS delivers no mail from FIFO topics",
            ));
        }
        characters("a topic's name", text, 256, "letters, digits, `-` and `_`", |c| {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
        })
    }
);

name!(
    /// The name of a standard SQS queue: 1 to 80 of `A-Z a-z 0-9 _ -`
    /// ([CreateQueue](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html)).
    ///
    /// ```
    /// # use notify_core::aws::QueueName;
    /// assert!(QueueName::parse("security-dead-letter").is_ok());
    /// assert!(QueueName::parse("security.fifo").is_err());
    /// ```
    QueueName,
    |text| {
        if text.strip_suffix(".fifo").is_some() {
            return Err(NameError::new(
                format!("`{text}` is a FIFO queue"),
                "name a standard queue: EventBridge sends what it could not deliver to no other",
            ));
        }
        characters("a queue's name", text, 80, "letters, digits, `-` and `_`", |c| {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
        })
    }
);

name!(
    /// The name of an EventBridge rule: 1 to 64 of `A-Z a-z 0-9 . - _`
    /// ([PutRule](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html)).
    RuleName,
    |text| characters("a rule's name", text, 64, "ASCII letters, digits, `.`, `-` and `_`", |c| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
    })
);

name!(
    /// The name of a CloudWatch alarm: 1 to 255 characters of any script, no control characters
    /// ([PutMetricAlarm](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html)).
    AlarmName,
    |text| characters("an alarm's name", text, 255, "no control characters", |c| !c.is_control())
);

name!(
    /// The owner of everything that one file makes; the value of the tag `notify:stack`.
    ///
    /// 1 to 64 of `A-Z a-z 0-9 . - _`: every service takes these in a tag's value.
    StackName,
    |text| characters("a stack's name", text, 64, "ASCII letters, digits, `.`, `-` and `_`", |c| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
    })
);

name!(
    /// An AWS account: twelve digits.
    AccountId,
    |text| {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(())
        } else {
            Err(NameError::new(
                format!("`{text}` is not an account id"),
                "an account id is twelve digits, such as 123456789012",
            ))
        }
    }
);

fn characters(
    what: &str,
    text: &str,
    most: usize,
    allowed: &str,
    allows: fn(char) -> bool,
) -> Result<(), NameError> {
    let help = || format!("{what} has 1 to {most} characters: {allowed}");
    let length = text.chars().count();
    if length == 0 {
        return Err(NameError::new(format!("{what} is empty"), help()));
    }
    if let Some(bad) = text.chars().find(|c| !allows(*c)) {
        return Err(NameError::new(format!("{what} cannot contain {bad:?}"), help()));
    }
    if length > most {
        return Err(NameError::new(format!("{what} has {length} characters"), help()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_the_limits_of_their_service() {
        fn check<T>(parse: fn(&str) -> Result<T, NameError>, good: &[&str], bad: &[&str]) {
            for text in good {
                assert!(parse(text).is_ok(), "{text:?} should be a name");
            }
            for text in bad {
                assert!(parse(text).is_err(), "{text:?} should be refused");
            }
        }
        let long = "a".repeat(257);
        check(TopicName::parse, &["a", "A_b-9", &long[..256]], &["", "a.fifo", "a b", "é", &long]);
        check(QueueName::parse, &["A_b-9", &long[..80]], &["", "a.fifo", "a.b", &long[..81]]);
        check(RuleName::parse, &["a.b-c_D", &long[..64]], &["", "規則", "a/b", &long[..65]]);
        check(AlarmName::parse, &["遮断 1", "a/b", &long[..255]], &["", "a\nb", &long[..256]]);
        check(AccountId::parse, &["123456789012"], &["", "12345678901", "12345678901x"]);
    }
}
