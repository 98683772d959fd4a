//! Where an alarm lives: its account, its region, its ARN.

use crate::alarm::MetricAlarm;
use crate::aws::{Arn, Identity, Region};

/// Where alarms live that have no ARN, because they exist only on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// The account and its partition.
    pub identity: Identity,
    /// The region.
    pub region: Region,
}

/// Where an alarm lives.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) arn: String,
}

impl Origin {
    /// Takes the alarm's ARN, which counts; `home` where it has none, or one that is no ARN.
    pub(super) fn of(alarm: &MetricAlarm, home: &Home) -> Self {
        let written = alarm.arn.as_deref().and_then(|arn| arn.parse::<Arn>().ok());
        let arn = written.unwrap_or_else(|| {
            let Home { identity, region } = home;
            identity.arn("cloudwatch", region, &format!("alarm:{}", alarm.name))
        });
        Self { arn: arn.to_string(), account: arn.account, region: arn.region }
    }
}
