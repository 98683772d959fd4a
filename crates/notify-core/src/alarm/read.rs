//! Alarms as `aws cloudwatch describe-alarms` prints them.

use super::{Condition, Metric, MetricAlarm};
use crate::aws::{AlarmState, Comparison, TreatMissingData};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Why a document is no alarm that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AlarmError(pub(crate) String);

/// Reads what `aws cloudwatch describe-alarms` prints (all of its metric alarms), or one alarm.
///
/// ```
/// let alarms = notify_core::alarm::from_json(r#"{"MetricAlarms": [{
///     "AlarmName": "waf", "Namespace": "AWS/WAFV2", "MetricName": "BlockedRequests",
///     "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
///     "ComparisonOperator": "GreaterThanOrEqualToThreshold"}]}"#)?;
/// assert_eq!(alarms[0].condition.threshold, 1.0);
/// # Ok::<(), notify_core::alarm::AlarmError>(())
/// ```
pub fn from_json(text: &str) -> Result<Vec<MetricAlarm>, AlarmError> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| AlarmError(format!("not JSON: {error}")))?;
    if let Some(alarms) = document.get("MetricAlarms") {
        let alarms = alarms.as_array().ok_or_else(|| wrong("MetricAlarms", "a list"))?;
        return alarms.iter().map(MetricAlarm::from_value).collect();
    }
    Ok(vec![MetricAlarm::from_value(&document)?])
}

/// Reads one alarm of such a document: the one with a name, or the only one.
///
/// The others are not looked at, so that one which is not simulated is in nobody's way.
pub fn one_from_json(text: &str, name: Option<&str>) -> Result<MetricAlarm, AlarmError> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| AlarmError(format!("not JSON: {error}")))?;
    let list = |key| match document.get(key) {
        Some(alarms) => alarms.as_array().map(Vec::as_slice).ok_or_else(|| wrong(key, "a list")),
        None => Ok(&[][..]),
    };
    let (metric, composite) = (list("MetricAlarms")?, list("CompositeAlarms")?);
    let is_list = ["MetricAlarms", "CompositeAlarms"].iter().any(|key| document.get(key).is_some());
    let alarms = match metric {
        [] if !is_list => std::slice::from_ref(&document),
        // They are refused by name.
        [] => composite,
        metric => metric,
    };
    let name_of =
        |alarm: &'_ Value| alarm.get("AlarmName").and_then(Value::as_str).map(str::to_owned);
    let names = || alarms.iter().filter_map(name_of).collect::<Vec<_>>().join(", ");
    match (alarms, name) {
        ([], _) => Err(AlarmError("there is no metric alarm".to_owned())),
        ([alarm], None) => MetricAlarm::from_value(alarm),
        (_, None) => Err(AlarmError(format!("there are several alarms: {}", names()))),
        (_, Some(name)) => alarms
            .iter()
            .chain(composite)
            .find(|alarm| name_of(alarm).as_deref() == Some(name))
            .ok_or_else(|| AlarmError(format!("there is no alarm {name}, but: {}", names())))
            .and_then(MetricAlarm::from_value),
    }
}

impl MetricAlarm {
    /// Reads one alarm of such a document.
    pub fn from_value(value: &Value) -> Result<Self, AlarmError> {
        let fields = value.as_object().ok_or_else(|| wrong("an alarm", "an object"))?;
        let name = text(fields, "AlarmName")?.ok_or_else(|| absent("AlarmName"))?;
        let of_alarm = |error: AlarmError| AlarmError(format!("alarm {name}: {}", error.0));
        Self::with_name(&name, fields).map_err(of_alarm)
    }

    fn with_name(name: &str, fields: &Map<String, Value>) -> Result<Self, AlarmError> {
        if fields.contains_key("AlarmRule") {
            return Err(AlarmError(
                "it combines other alarms, which is not simulated: take one of them".to_owned(),
            ));
        }
        if fields.contains_key("Metrics") && fields.get("MetricName").is_none_or(Value::is_null) {
            return Err(AlarmError(
                "it computes its metric (metric math, a query, an anomaly band), which is not simulated".to_owned(),
            ));
        }
        let required = |key: &str| text(fields, key)?.ok_or_else(|| absent(key));
        let comparison = required("ComparisonOperator")?;
        let comparison = Comparison::parse(&comparison).ok_or_else(|| {
            AlarmError(format!("the comparison {comparison} is not one that is simulated"))
        })?;
        let treat_missing_data = match text(fields, "TreatMissingData")? {
            Some(word) => Some(
                TreatMissingData::parse(&word)
                    .ok_or_else(|| AlarmError(format!("{word} is no treatment of missing data")))?,
            ),
            None => None,
        };
        let statistic = match text(fields, "Statistic")? {
            Some(statistic) => statistic,
            None => text(fields, "ExtendedStatistic")?.ok_or_else(|| absent("Statistic"))?,
        };
        let condition = Condition {
            statistic,
            period: number(fields, "Period")?.ok_or_else(|| absent("Period"))?,
            evaluation_periods: number(fields, "EvaluationPeriods")?
                .ok_or_else(|| absent("EvaluationPeriods"))?,
            datapoints_to_alarm: number(fields, "DatapointsToAlarm")?,
            comparison,
            threshold: match fields.get("Threshold") {
                None | Some(Value::Null) => return Err(absent("Threshold")),
                Some(value) => value.as_f64().ok_or_else(|| wrong("Threshold", "a number"))?,
            },
            treat_missing_data,
        };
        condition.check()?;
        Ok(Self {
            name: name.to_owned(),
            arn: text(fields, "AlarmArn")?,
            description: text(fields, "AlarmDescription")?,
            configured_at: text(fields, "AlarmConfigurationUpdatedTimestamp")?,
            metric: Metric {
                namespace: required("Namespace")?,
                name: required("MetricName")?,
                dimensions: dimensions(fields)?,
                unit: text(fields, "Unit")?,
            },
            condition,
            actions_enabled: match fields.get("ActionsEnabled") {
                None | Some(Value::Null) => true,
                Some(value) => {
                    value.as_bool().ok_or_else(|| wrong("ActionsEnabled", "true or false"))?
                }
            },
            ok_actions: texts(fields, "OKActions")?,
            alarm_actions: texts(fields, "AlarmActions")?,
            insufficient_data_actions: texts(fields, "InsufficientDataActions")?,
            evaluate_low_sample_count_percentile: text(fields, "EvaluateLowSampleCountPercentile")?,
            state: match fields.get("StateValue") {
                None | Some(Value::Null) => None,
                Some(value) => Some(
                    AlarmState::deserialize(value)
                        .map_err(|_| wrong("StateValue", "OK, ALARM or INSUFFICIENT_DATA"))?,
                ),
            },
        })
    }
}

impl Condition {
    /// Checks the numbers that everything else divides by or counts to.
    pub(super) fn check(&self) -> Result<(), AlarmError> {
        let Self { period, evaluation_periods, datapoints_to_alarm, .. } = self;
        if *period == 0 {
            return Err(wrong("Period", "a number of seconds above 0"));
        }
        if *evaluation_periods == 0 {
            return Err(wrong("EvaluationPeriods", "a number above 0"));
        }
        match datapoints_to_alarm {
            Some(m) if *m == 0 || m > evaluation_periods => {
                Err(wrong("DatapointsToAlarm", "between 1 and EvaluationPeriods"))
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn absent(key: &str) -> AlarmError {
    AlarmError(format!("{key} is missing"))
}

pub(super) fn wrong(key: &str, kind: &str) -> AlarmError {
    AlarmError(format!("{key} is not {kind}"))
}

pub(super) fn text(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, AlarmError> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(key, "a string")),
    }
}

fn texts(fields: &Map<String, Value>, key: &str) -> Result<Vec<String>, AlarmError> {
    let list = match fields.get(key) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong(key, "a list of strings")),
    };
    list.iter()
        .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| wrong(key, "a list of strings")))
        .collect()
}

fn number(fields: &Map<String, Value>, key: &str) -> Result<Option<u32>, AlarmError> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            number.map(Some).ok_or_else(|| wrong(key, "a whole number"))
        }
    }
}

pub(super) fn dimensions(fields: &Map<String, Value>) -> Result<Vec<(String, String)>, AlarmError> {
    let list = match fields.get("Dimensions") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong("Dimensions", "a list")),
    };
    list.iter()
        .map(|item| {
            let part = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
            part("Name")
                .zip(part("Value"))
                .ok_or_else(|| wrong("Dimensions", "a list of objects with Name and Value"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALARM: &str = r#"{"AlarmName": "NAME", "Namespace": "N", "MetricName": "M",
        "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1,
        "OKActions": ["ok"], "AlarmActions": ["alarm"], "InsufficientDataActions": ["unknown"],
        "ComparisonOperator": "GreaterThanThreshold", "StateValue": "INSUFFICIENT_DATA"}"#;

    #[test]
    fn the_state_and_who_is_told_of_which() {
        let mut alarm = from_json(ALARM).unwrap().remove(0);
        assert_eq!(alarm.state, Some(AlarmState::InsufficientData));
        assert_eq!(alarm.actions(AlarmState::Ok), ["ok"]);
        assert_eq!(alarm.actions(AlarmState::Alarm), ["alarm"]);
        assert_eq!(alarm.actions(AlarmState::InsufficientData), ["unknown"]);
        alarm.actions_enabled = false;
        assert_eq!(alarm.actions(AlarmState::Alarm), [""; 0]);
        let without = ALARM.replace("\"INSUFFICIENT_DATA\"", "null");
        assert_eq!(from_json(&without).unwrap()[0].state, None);
        let wrong = ALARM.replace("\"INSUFFICIENT_DATA\"", "\"Alarm\"");
        assert_eq!(
            from_json(&wrong).unwrap_err().to_string(),
            "alarm NAME: StateValue is not OK, ALARM or INSUFFICIENT_DATA"
        );
    }

    #[test]
    fn a_computed_metric_is_told_from_one_that_is_not_named() {
        let error = |text: &str| from_json(text).unwrap_err().to_string();
        let nameless = ALARM.replace(r#""MetricName": "M","#, "");
        assert_eq!(error(&nameless), "alarm NAME: MetricName is missing");
        let computed = ALARM.replace(r#""MetricName": "M""#, r#""Metrics": []"#);
        assert!(error(&computed).starts_with("alarm NAME: it computes its metric"));
        let both = ALARM.replace(r#""MetricName": "M""#, r#""MetricName": "M", "Metrics": []"#);
        assert!(from_json(&both).is_ok());
    }

    #[test]
    fn one_alarm_is_chosen_whatever_the_others_are() {
        let one = |text: &str, name| {
            one_from_json(text, name).map(|alarm| alarm.name).map_err(|error| error.to_string())
        };
        let named = |name: &str| ALARM.replace("NAME", name);
        let list = |alarms: &[String]| format!("{{\"MetricAlarms\": [{}]}}", alarms.join(","));
        let computed = r#"{"AlarmName": "math", "Metrics": []}"#.to_owned();
        let three = list(&[named("a"), named("b"), computed]);
        assert_eq!(one(&three, Some("b")), Ok("b".to_owned()));
        assert_eq!(one(&three, None), Err("there are several alarms: a, b, math".to_owned()));
        assert_eq!(one(&three, Some("c")), Err("there is no alarm c, but: a, b, math".to_owned()));
        assert!(one(&three, Some("math")).unwrap_err().contains("is not simulated"));
        assert!(from_json(&three).is_err());
        assert_eq!(one(&list(&[named("a")]), None), Ok("a".to_owned()));
        assert_eq!(one(&named("a"), None), Ok("a".to_owned()));
        assert_eq!(one(&named("a"), Some("a")), Ok("a".to_owned()));
        assert_eq!(one(&named("a"), Some("b")), Err("there is no alarm b, but: a".to_owned()));
        assert_eq!(one(&list(&[]), None), Err("there is no metric alarm".to_owned()));
        assert!(one("{\"MetricAlarms\": 1}", None).unwrap_err().contains("MetricAlarms"));
        assert!(one("[", None).unwrap_err().starts_with("not JSON: "));
    }
}
