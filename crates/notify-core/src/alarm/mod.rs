//! Metric alarms: what they are made of, and what they say about a metric.
//!
//! - [`MetricAlarm`] is an alarm as `aws cloudwatch describe-alarms` prints it ([`from_json`]).
//! - [`Point`]s are a statistic's values of an alarm's periods: read from what `aws cloudwatch
//!   get-metric-statistics` prints ([`points_from_json`]), or worked out from [`Sample`]s, the
//!   published values ([`points`], [`MetricData`]).
//! - [`evaluate`] says what one evaluation makes of points; [`Timeline`] follows an alarm's state
//!   over time.
//!
//! This room knows nothing of spec files, plans or providers.

mod data;
mod datapoints;
mod evaluate;
mod read;
mod reason;
mod sliding;
mod statistic;
mod time;
mod timeline;
mod windows;

pub use data::MetricData;
pub(crate) use data::minute;
pub use datapoints::points_from_json;
pub use evaluate::{Point, Transition, evaluate};
pub use read::{AlarmError, from_json, one_from_json};
pub use reason::{INITIAL_REASON, Listed, Unset, Wording, decimal};
pub(crate) use sliding::{Change, Slide, Sliding};
pub use statistic::{Measured, Sample, Statistic, points};
pub use time::{time, time_from_value};
pub use timeline::{Pace, Run, Timeline};
pub(crate) use windows::{Part, Windows};

use crate::aws::{AlarmState, Comparison, TreatMissingData};

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
    /// What it makes of a percentile of few samples: `evaluate` or `ignore`; only texts tell it.
    pub evaluate_low_sample_count_percentile: Option<String>,
    /// The state that it is in, where a document tells.
    pub state: Option<AlarmState>,
}

impl MetricAlarm {
    /// ARNs of who is told when the alarm enters a state: nobody while its actions are disabled.
    ///
    /// CloudWatch runs them only when the state changes.
    pub fn actions(&self, entered: AlarmState) -> &[String] {
        if !self.actions_enabled {
            return &[];
        }
        match entered {
            AlarmState::Ok => &self.ok_actions,
            AlarmState::Alarm => &self.alarm_actions,
            AlarmState::InsufficientData => &self.insufficient_data_actions,
        }
    }
}

/// A CloudWatch metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
