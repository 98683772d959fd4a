//! The JSON document that an alarm publishes.

use super::long_name;
use super::origin::Origin;
use crate::alarm::{MetricAlarm, Transition, decimal, time};
use crate::aws::TreatMissingData;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

/// Writes the document that everybody but mails and text messages gets, in AWS's order of keys and
/// without blanks.
pub(super) fn write(alarm: &MetricAlarm, change: &Transition, origin: &Origin) -> String {
    // Of texts, numbers and lists nothing can fail.
    serde_json::to_string(&Document::new(alarm, change, origin)).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    alarm_name: &'a str,
    alarm_description: Option<&'a str>,
    #[serde(rename = "AWSAccountId")]
    account: &'a str,
    alarm_configuration_updated_timestamp: Option<String>,
    new_state_value: &'static str,
    new_state_reason: &'a str,
    state_change_time: String,
    region: &'a str,
    alarm_arn: &'a str,
    old_state_value: &'static str,
    action_executed_after_mute_window: bool,
    #[serde(rename = "OKActions")]
    ok_actions: &'a [String],
    alarm_actions: &'a [String],
    insufficient_data_actions: &'a [String],
    trigger: Trigger<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Trigger<'a> {
    metric_name: &'a str,
    namespace: &'a str,
    statistic_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistic: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_statistic: Option<&'a str>,
    unit: Option<&'a str>,
    dimensions: Vec<Dimension<'a>>,
    period: u32,
    evaluation_periods: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    datapoints_to_alarm: Option<u32>,
    comparison_operator: &'static str,
    threshold: Option<Box<RawValue>>,
    treat_missing_data: &'static str,
    evaluate_low_sample_count_percentile: &'a str,
}

#[derive(Serialize)]
struct Dimension<'a> {
    value: &'a str,
    name: &'a str,
}

impl<'a> Document<'a> {
    fn new(alarm: &'a MetricAlarm, change: &'a Transition, origin: &'a Origin) -> Self {
        let configured_at = alarm.configured_at.as_deref();
        Self {
            alarm_name: &alarm.name,
            alarm_description: alarm.description.as_deref(),
            account: &origin.account,
            alarm_configuration_updated_timestamp: configured_at.map(|written| {
                time(written).map_or_else(|_| written.to_owned(), timestamp) // as it came, if it is no time
            }),
            new_state_value: change.to.as_str(),
            new_state_reason: &change.reason,
            state_change_time: timestamp(change.at),
            region: long_name(&origin.region),
            alarm_arn: &origin.arn,
            old_state_value: change.from.as_str(),
            action_executed_after_mute_window: false,
            ok_actions: &alarm.ok_actions,
            alarm_actions: &alarm.alarm_actions,
            insufficient_data_actions: &alarm.insufficient_data_actions,
            trigger: Trigger::new(alarm),
        }
    }
}

impl<'a> Trigger<'a> {
    fn new(alarm: &'a MetricAlarm) -> Self {
        let (metric, condition) = (&alarm.metric, &alarm.condition);
        let statistic = constant(&condition.statistic);
        let low_samples = alarm.evaluate_low_sample_count_percentile.as_deref();
        Self {
            metric_name: &metric.name,
            namespace: &metric.namespace,
            statistic_type: if statistic.is_some() { "Statistic" } else { "ExtendedStatistic" },
            statistic,
            extended_statistic: match statistic {
                Some(_) => None,
                None => Some(&condition.statistic),
            },
            unit: metric.unit.as_deref(),
            dimensions: metric
                .dimensions
                .iter()
                .map(|(name, value)| Dimension { value, name })
                .collect(),
            period: condition.period,
            evaluation_periods: condition.evaluation_periods,
            datapoints_to_alarm: condition.datapoints_to_alarm,
            comparison_operator: condition.comparison.as_str(),
            // What is no number in JSON cannot be a threshold.
            threshold: RawValue::from_string(decimal(condition.threshold)).ok(),
            treat_missing_data: condition.treat_missing_data.map_or("", TreatMissingData::as_str),
            evaluate_low_sample_count_percentile: low_samples.unwrap_or_default(),
        }
    }
}

/// A statistic as the document writes it, `SAMPLE_COUNT` for `SampleCount`; nothing for an extended
/// one such as `p90`, which has a key of its own and stays as it is. Both were seen in a real
/// document each, the extended one with another value.
fn constant(statistic: &str) -> Option<&'static str> {
    Some(match statistic {
        "Average" => "AVERAGE",
        "Maximum" => "MAXIMUM",
        "Minimum" => "MINIMUM",
        "SampleCount" => "SAMPLE_COUNT",
        "Sum" => "SUM",
        _ => return None,
    })
}

/// `2026-09-14T11:18:44.401+0000`: always three decimals, and no colon in the offset.
fn timestamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}
