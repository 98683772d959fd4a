//! Metric alarms: what they are made of, and (in time) what they say about a metric.
//!
//! [`MetricAlarm`] is an alarm as `aws cloudwatch describe-alarms` prints it. This room knows
//! nothing of spec files, plans or providers.

mod read;

pub use read::{AlarmError, from_json};

use crate::aws::{Comparison, TreatMissingData};

/// A CloudWatch alarm of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricAlarm {
    /// Its name.
    pub name: String,
    /// Its ARN; alarms that only exist on paper have none.
    pub arn: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// When its configuration last changed, as AWS writes it.
    pub configured_at: Option<String>,
    /// What it looks at.
    pub metric: Metric,
    /// When it goes off.
    pub condition: Condition,
    /// Whether its actions run at all.
    pub actions_enabled: bool,
    /// ARNs of who is told of OK.
    pub ok_actions: Vec<String>,
    /// ARNs of who is told of ALARM.
    pub alarm_actions: Vec<String>,
    /// ARNs of who is told of `INSUFFICIENT_DATA`.
    pub insufficient_data_actions: Vec<String>,
}

/// A CloudWatch metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its namespace, such as `AWS/WAFV2`.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Names and values of its dimensions, in the order of the alarm.
    pub dimensions: Vec<(String, String)>,
    /// The unit that the alarm insists on.
    pub unit: Option<String>,
}

/// When an alarm goes off.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// `Sum`, `SampleCount`, …, or an extended statistic such as `p99`.
    pub statistic: String,
    /// Seconds.
    pub period: u32,
    /// N of "M of N".
    pub evaluation_periods: u32,
    /// M of "M of N"; unset means all N, and reads differently in AWS's texts.
    pub datapoints_to_alarm: Option<u32>,
    /// How the statistic compares with the threshold.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: f64,
    /// What silence means; unset means [`TreatMissingData::Missing`], and reads differently.
    pub treat_missing_data: Option<TreatMissingData>,
}
