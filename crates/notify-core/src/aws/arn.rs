//! Amazon Resource Names, and who asks.

use super::{AccountId, NameError, Region};
use serde::{Deserialize, Serialize};

/// A parsed `arn:partition:service:region:account:resource`.
///
/// ```
/// # use notify_core::aws::Arn;
/// let arn: Arn = "arn:aws:sns:ap-northeast-1:123456789012:config-info".parse()?;
/// assert_eq!((arn.service.as_str(), arn.resource.as_str()), ("sns", "config-info"));
/// assert_eq!(arn.to_string(), "arn:aws:sns:ap-northeast-1:123456789012:config-info");
/// # Ok::<(), notify_core::aws::ArnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: Partition,
    /// Such as `sns`.
    pub service: String,
    /// Empty for global resources.
    pub region: String,
    /// Empty for some resources.
    pub account: String,
    /// Everything behind the fifth colon.
    pub resource: String,
}

/// The text is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ARN")]
pub struct ArnError(String);

impl std::str::FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let [scheme, partition, service, region, account, resource] = parts[..] else {
            return Err(ArnError(text.to_owned()));
        };
        if scheme != "arn" || partition.is_empty() || service.is_empty() || resource.is_empty() {
            return Err(ArnError(text.to_owned()));
        }
        Ok(Self {
            partition: Partition(partition.to_owned()),
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.to_owned(),
        })
    }
}

impl std::fmt::Display for Arn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

impl TryFrom<String> for Arn {
    type Error = ArnError;
    fn try_from(text: String) -> Result<Self, ArnError> {
        text.parse()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.to_string()
    }
}

/// The part of AWS that an account lives in: `aws`, `aws-cn`, `aws-us-gov`, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Partition(String);

impl Default for Partition {
    fn default() -> Self {
        Self("aws".to_owned())
    }
}

impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose account is worked on, as the caller's credentials say.
///
/// Everything else about an ARN follows from a resource's key, so a plan has no unknowns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The account.
    pub account: AccountId,
    /// The partition of the caller's ARN.
    pub partition: Partition,
}

impl Identity {
    /// Reads the identity out of what `sts get-caller-identity` answers.
    pub fn from_caller(account: &str, arn: &str) -> Result<Self, NameError> {
        let account = AccountId::parse(account)?;
        let partition = arn
            .parse::<Arn>()
            .map_err(|e| NameError::new(e.to_string(), "the caller's identity holds an ARN"))?
            .partition;
        Ok(Self { account, partition })
    }

    /// The ARN of a resource of this account that lives in no region.
    pub fn global_arn(&self, service: &str, resource: &str) -> Arn {
        Arn {
            partition: self.partition.clone(),
            service: service.to_owned(),
            region: String::new(),
            account: self.account.to_string(),
            resource: resource.to_owned(),
        }
    }

    /// The ARN of a resource of this account.
    pub fn arn(&self, service: &str, region: &Region, resource: &str) -> Arn {
        Arn {
            partition: self.partition.clone(),
            service: service.to_owned(),
            region: region.to_string(),
            account: self.account.to_string(),
            resource: resource.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_prints_as_it_was_read() {
        for text in [
            "arn:aws:sns:ap-northeast-1:123456789012:config-info",
            "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:遮断:1",
            "arn:aws:iam::123456789012:role/x",
        ] {
            assert_eq!(text.parse::<Arn>().map(|arn| arn.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "arn", "arn:aws:sns:r:a", "arn:aws:sns:r:a:", "urn:aws:sns:r:a:b"] {
            assert!(text.parse::<Arn>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_partition_is_the_callers() {
        let who = Identity::from_caller("123456789012", "arn:aws-cn:iam::123456789012:user/u");
        let arn = who.map(|who| who.arn("sns", &Region::us_east_1(), "t").to_string());
        assert_eq!(arn.as_deref(), Ok("arn:aws-cn:sns:us-east-1:123456789012:t"));
    }
}
