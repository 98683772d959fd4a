//! An alarm in the SDK's words and in ours.

use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{
    ComparisonOperator, CompositeAlarm, Dimension, EvaluationWindow, MetricAlarm, StandardUnit,
    StateValue, Statistic,
};
use notify_core::aws::{AlarmState, Comparison, Dimensions, Identity, TreatMissingData};
use notify_core::state::{Alarm, Reference, Want};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Reads an alarm. Its tags are not in the listing.
pub(crate) fn read(there: MetricAlarm, who: &Identity) -> Alarm {
    let other = unmodelled(&there);
    let dimensions = there.dimensions.unwrap_or_default().into_iter();
    let statistic = there.statistic.map(|statistic| statistic.as_str().to_owned());
    let extended = there.extended_statistic.filter(|statistic| !statistic.is_empty());
    let comparison = there.comparison_operator.as_ref().map(ComparisonOperator::as_str);
    let silence = there.treat_missing_data.as_deref().and_then(TreatMissingData::parse);
    Alarm {
        description: there.alarm_description.unwrap_or_default(),
        namespace: there.namespace.unwrap_or_default(),
        metric: there.metric_name.unwrap_or_default(),
        dimensions: dimensions
            .map(|one| (one.name.unwrap_or_default(), one.value.unwrap_or_default()))
            .collect(),
        // One of the two; where both are said, the plain one is a default.
        statistic: extended.or(statistic).unwrap_or_default(),
        unit: there.unit.map(|unit| unit.as_str().to_owned()).filter(|unit| !unit.is_empty()),
        period: count(there.period).unwrap_or_default(),
        evaluation_periods: count(there.evaluation_periods).unwrap_or_default(),
        datapoints_to_alarm: count(there.datapoints_to_alarm),
        comparison: comparison.and_then(Comparison::parse).unwrap_or(Comparison::Band),
        threshold: there.threshold.unwrap_or_default(),
        treat_missing_data: silence.unwrap_or(TreatMissingData::Missing),
        enabled: Want::Exactly(there.actions_enabled.unwrap_or(true)),
        alarm_actions: references(there.alarm_actions, who),
        ok_actions: references(there.ok_actions, who),
        insufficient_data_actions: references(there.insufficient_data_actions, who),
        other,
        state: state(there.state_value.as_ref()),
        tags: Want::Keep,
    }
}

/// Reads an alarm on other alarms: it has no metric, and its rule is nothing that ours have.
pub(crate) fn read_composite(there: CompositeAlarm, who: &Identity) -> Alarm {
    let rule = Value::String(there.alarm_rule.unwrap_or_default());
    Alarm {
        description: there.alarm_description.unwrap_or_default(),
        namespace: String::new(),
        metric: String::new(),
        dimensions: Dimensions::default(),
        statistic: String::new(),
        unit: None,
        period: 0,
        evaluation_periods: 0,
        datapoints_to_alarm: None,
        comparison: Comparison::Band,
        threshold: 0.0,
        treat_missing_data: TreatMissingData::Missing,
        enabled: Want::Exactly(there.actions_enabled.unwrap_or(true)),
        alarm_actions: references(there.alarm_actions, who),
        ok_actions: references(there.ok_actions, who),
        insufficient_data_actions: references(there.insufficient_data_actions, who),
        other: BTreeMap::from([("AlarmRule".to_owned(), rule)]),
        state: state(there.state_value.as_ref()),
        tags: Want::Keep,
    }
}

fn references(arns: Option<Vec<String>>, who: &Identity) -> Vec<Reference> {
    arns.unwrap_or_default().iter().map(|arn| Reference::from_arn(arn, who)).collect()
}

fn state(value: Option<&StateValue>) -> Want<AlarmState> {
    Want::Exactly(match value {
        Some(StateValue::Ok) => AlarmState::Ok,
        Some(StateValue::Alarm) => AlarmState::Alarm,
        _ => AlarmState::InsufficientData,
    })
}

fn count(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

/// What makes an alarm another one than the modelled fields say, as far as it is not AWS's
/// default.
fn unmodelled(there: &MetricAlarm) -> BTreeMap<String, Value> {
    fn text(value: &impl Debug) -> Value {
        Value::String(format!("{value:?}"))
    }
    let low_samples = there.evaluate_low_sample_count_percentile.as_deref();
    let low_samples = low_samples.filter(|what| !matches!(*what, "" | "evaluate"));
    let window = there.evaluation_window.as_ref();
    let window = window.filter(|window| !matches!(window, EvaluationWindow::SlidingWindow(_)));
    let actions = there.action_configuration.as_ref().filter(|actions| {
        actions.alarm_tags_propagation().is_some_and(|tags| tags.enabled() == Some(true))
    });
    // Only a query has an interval of its own; a metric has its period.
    let interval = there.evaluation_criteria.as_ref().and(there.evaluation_interval);
    let query = there.metrics.as_ref().filter(|queries| !queries.is_empty());
    let threshold = there.threshold_metric_id.as_deref().filter(|id| !id.is_empty());
    [
        ("Metrics", query.map(text)),
        ("ThresholdMetricId", threshold.map(Value::from)),
        ("EvaluateLowSampleCountPercentile", low_samples.map(Value::from)),
        ("EvaluationWindow", window.map(text)),
        ("WarmUpConfiguration", there.warm_up_configuration.as_ref().map(text)),
        ("EvaluationCriteria", there.evaluation_criteria.as_ref().map(text)),
        ("EvaluationInterval", interval.map(Value::from)),
        ("ActionConfiguration", actions.map(text)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

/// Fills a request in that writes an alarm as a whole. `None` where the alarm compares with an
/// anomaly band, which one metric alone cannot say.
pub(crate) fn write(
    request: PutMetricAlarmFluentBuilder,
    alarm: &Alarm,
    who: &Identity,
) -> Option<PutMetricAlarmFluentBuilder> {
    // Full, so that a new field asks for its place here.
    let Alarm {
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
        other: _,
        state: _,
        tags: _,
    } = alarm;
    if *comparison == Comparison::Band {
        return None;
    }
    let arns = |references: &[Reference]| {
        Some(references.iter().map(|reference| reference.to_arn(who)).collect())
    };
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let dimensions = dimensions
        .iter()
        .map(|(name, value)| Dimension::builder().name(name).value(value).build())
        .collect();
    let request = match Statistic::try_parse(statistic) {
        Ok(statistic) => request.statistic(statistic),
        Err(_) => request.extended_statistic(statistic),
    };
    let description = Some(description.clone()).filter(|text| !text.is_empty());
    Some(
        request
            .set_alarm_description(description)
            .namespace(namespace)
            .metric_name(metric)
            .set_dimensions(Some(dimensions))
            .set_unit(unit.as_deref().map(StandardUnit::from))
            .period(number(*period))
            .evaluation_periods(number(*evaluation_periods))
            .set_datapoints_to_alarm(datapoints_to_alarm.map(number))
            .comparison_operator(ComparisonOperator::from(comparison.as_str()))
            .threshold(*threshold)
            .treat_missing_data(treat_missing_data.as_str())
            .actions_enabled(enabled.value().copied().unwrap_or(true))
            .set_alarm_actions(arns(alarm_actions))
            .set_ok_actions(arns(ok_actions))
            .set_insufficient_data_actions(arns(insufficient_data_actions)),
    )
}
