//! An alarm of the state as `aws cloudwatch describe-alarms` would print it.

use super::{Alarm, Reference, Want};
use crate::alarm::{AlarmError, Condition, Metric, MetricAlarm};
use crate::aws::{Comparison, Identity, Region};

impl Alarm {
    /// The alarm as CloudWatch sees it. Fails for what is not simulated: metric math, anomaly
    /// bands, composite alarms.
    pub fn to_metric_alarm(
        &self,
        who: &Identity,
        region: &Region,
        name: &str,
    ) -> Result<MetricAlarm, AlarmError> {
        let Self {
            description,
            namespace,
            metric,
            dimensions,
            statistic,
            unit,
            period,
            evaluation_periods,
            datapoints_to_alarm,
            comparison,
            threshold,
            treat_missing_data,
            enabled,
            alarm_actions,
            ok_actions,
            insufficient_data_actions,
            other,
            state,
            tags: _,
        } = self;
        if !other.is_empty() || *comparison == Comparison::Band {
            return Err(AlarmError(format!(
                "alarm {name} is not one of a single metric and a threshold: it is not simulated"
            )));
        }
        let arns = |references: &[Reference]| -> Vec<String> {
            references.iter().map(|reference| reference.to_arn(who)).collect()
        };
        Ok(MetricAlarm {
            name: name.to_owned(),
            arn: Some(who.arn("cloudwatch", region, &format!("alarm:{name}")).to_string()),
            description: Some(description.clone()).filter(|text| !text.is_empty()),
            configured_at: None,
            metric: Metric {
                namespace: namespace.clone(),
                name: metric.clone(),
                dimensions: dimensions
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
                unit: unit.clone(),
            },
            condition: Condition {
                statistic: statistic.clone(),
                period: *period,
                evaluation_periods: *evaluation_periods,
                datapoints_to_alarm: *datapoints_to_alarm,
                comparison: *comparison,
                threshold: *threshold,
                treat_missing_data: Some(*treat_missing_data),
            },
            evaluate_low_sample_count_percentile: None,
            actions_enabled: !matches!(enabled, Want::Exactly(false) | Want::Contains(false)),
            ok_actions: arns(ok_actions),
            alarm_actions: arns(alarm_actions),
            insufficient_data_actions: arns(insufficient_data_actions),
            state: state.value().copied(),
        })
    }
}
