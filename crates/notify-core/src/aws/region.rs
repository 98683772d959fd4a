//! Regions.

use super::names::{NameError, name};
use serde::{Deserialize, Serialize};

name!(
    /// A region such as `ap-northeast-1`, checked by its shape: AWS adds regions faster than
    /// programs are updated. [`Region::is_known`] tells whether this one was there when the list
    /// was made.
    Region,
    |text| {
        let mut parts = text.split('-').collect::<Vec<_>>();
        let digit = parts.pop().is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
        let words = parts.len() >= 2
            && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase()));
        if digit && words && text.len() <= 32 {
            Ok(())
        } else {
            Err(NameError::new(
                format!("`{text}` is not a region"),
                "a region looks like `ap-northeast-1` or `us-east-1`",
            ))
        }
    }
);

impl Region {
    /// US East (N. Virginia): where CloudFront's metrics and global services' events are.
    pub fn us_east_1() -> Self {
        Self("us-east-1".to_owned())
    }

    /// Whether the region was in AWS's list in November 2026.
    pub fn is_known(&self) -> bool {
        Self::known().any(|known| known == self.as_str())
    }

    /// The regions of AWS's public, China and US government partitions, as of November 2026.
    pub fn known() -> impl Iterator<Item = &'static str> {
        "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 \
         ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 \
         ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 cn-north-1 cn-northwest-1 \
         eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 \
         il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 \
         us-gov-east-1 us-gov-west-1 us-west-1 us-west-2"
            .split_whitespace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_checked_by_its_shape() {
        for good in ["us-east-1", "us-gov-west-1", "eu-south-2", "xx-new-12"] {
            assert!(Region::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "tokyo", "us-east", "us-east-1a", "US-EAST-1", "us--1", "-east-1"] {
            assert!(Region::parse(bad).is_err(), "{bad}");
        }
        assert!(Region::known().all(|known| Region::parse(known).is_ok()));
    }
}
