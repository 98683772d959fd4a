//! The text of an alarm's mail.

use super::long_name;
use super::origin::Origin;
use crate::alarm::{Condition, MetricAlarm, Transition, decimal};
use crate::aws::TreatMissingData;
use jiff::Timestamp;

/// The form of the line that says when an alarm goes off.
///
/// Mails of 2025 and 2026 have the newer one, with and without `DatapointsToAlarm`; those of 2015
/// to 2021 without `DatapointsToAlarm` have the older one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ThresholdLine {
    /// `… for at least 2 of the last 3 period(s) of 300 seconds.` An alarm without
    /// `DatapointsToAlarm` wants all of its periods.
    #[default]
    Newer,
    /// `… for 300 seconds.`
    Older,
}

impl ThresholdLine {
    /// The line; the blank at its end is AWS's.
    fn write(self, condition: &Condition) -> String {
        let Condition { period, evaluation_periods: n, datapoints_to_alarm, .. } = condition;
        let comparison = condition.comparison.as_str();
        let threshold = decimal(condition.threshold);
        let length = match self {
            Self::Newer => {
                let m = datapoints_to_alarm.unwrap_or(*n);
                format!("at least {m} of the last {n} period(s) of {period} seconds")
            }
            Self::Older => format!("{period} seconds"),
        };
        format!(
            "- The alarm is in the ALARM state when the metric is {comparison} {threshold} for {length}. "
        )
    }
}

/// Writes the text. The same words serve every state: a mail of OK was seen, one of
/// `INSUFFICIENT_DATA` is unverified.
pub(super) fn write(
    alarm: &MetricAlarm,
    change: &Transition,
    origin: &Origin,
    threshold_line: ThresholdLine,
) -> String {
    let MetricAlarm { name, metric, condition, .. } = alarm;
    let Transition { from, to, reason, .. } = change;
    let Origin { account, region, arn } = origin;
    let (from, to) = (from.as_str(), to.as_str());
    let at = long_date(change.at);
    let long_region = long_name(region);
    let console = console(region);
    let link_name = percent_encoded(name);
    let description = alarm.description.as_deref().unwrap_or_default();
    let threshold = threshold_line.write(condition);
    let dimensions = side_by_side(metric.dimensions.iter().map(|(n, v)| format!("{n} = {v}")));
    let unit = metric.unit.as_deref().unwrap_or("not specified");
    let (namespace, metric_name) = (&metric.namespace, &metric.name);
    let (period, statistic) = (condition.period, &condition.statistic);
    let missing = treatment(condition);
    let low_samples = low_samples(alarm);
    let ok_actions = side_by_side(&alarm.ok_actions);
    let alarm_actions = side_by_side(&alarm.alarm_actions);
    let insufficient_data_actions = side_by_side(&alarm.insufficient_data_actions);
    format!(
        r#"You are receiving this email because your Amazon CloudWatch Alarm "{name}" in the {long_region} region has entered the {to} state, because "{reason}" at "{at}".

View this alarm in the AWS Management Console:
https://{region}.{console}/cloudwatch/deeplink.js?region={region}#alarmsV2:alarm/{link_name}

Alarm Details:
- Name:                       {name}
- Description:                {description}
- State Change:               {from} -> {to}
- Reason for State Change:    {reason}
- Timestamp:                  {at}
- AWS Account:                {account}
- Alarm Arn:                  {arn}

Threshold:
{threshold}

Monitored Metric:
- MetricNamespace:                     {namespace}
- MetricName:                          {metric_name}
- Dimensions:                          {dimensions}
- Period:                              {period} seconds
- Statistic:                           {statistic}
- Unit:                                {unit}
{missing}
{low_samples}

State Change Actions:
- OK: {ok_actions}
- ALARM: {alarm_actions}
- INSUFFICIENT_DATA: {insufficient_data_actions}
"#
    )
}

/// The line of `TreatMissingData`. Where it is unset an empty line stays: a mail of 2025 of such an
/// alarm has three of them there.
fn treatment(condition: &Condition) -> String {
    let word = condition.treat_missing_data.map(TreatMissingData::as_str);
    word.map(|word| format!("- TreatMissingData:                    {word}")).unwrap_or_default()
}

/// The line of `EvaluateLowSampleCountPercentile`: empty where it is unset. Its form where it is set
/// is unverified; it follows its neighbour.
fn low_samples(alarm: &MetricAlarm) -> String {
    let word = alarm.evaluate_low_sample_count_percentile.as_deref();
    word.map(|word| format!("- EvaluateLowSampleCountPercentile:    {word}")).unwrap_or_default()
}

/// `[a] [b]`, nothing for nothing. Seen of dimensions; of several actions in a copy of a mail only.
fn side_by_side(items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let items = items.into_iter().map(|item| format!("[{}]", item.as_ref()));
    items.collect::<Vec<_>>().join(" ")
}

/// `Monday 14 September, 2026 11:18:44 UTC`; days before the tenth have two digits, as in
/// `Friday 02 June, 2023`.
fn long_date(at: Timestamp) -> String {
    at.strftime("%A %d %B, %Y %H:%M:%S UTC").to_string()
}

/// The domain of a region's console. Those outside of AWS's public partition are the domains of
/// their consoles; that mails name them is unverified.
fn console(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "console.amazonaws.cn"
    } else if region.starts_with("us-gov-") {
        "console.amazonaws-us-gov.com"
    } else {
        "console.aws.amazon.com"
    }
}

/// A name as it stands in the console's link.
///
/// Seen to stay: letters, digits, `-`, `_` and `.`. Seen to be encoded: the bytes of what is not
/// ASCII, and blanks as `%20`. Everything else is unverified, and encoded but for `~`: those that
/// RFC 3986 calls unreserved mean the same either way.
fn percent_encoded(name: &str) -> String {
    const HEX: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or('0');
            encoded.extend(['%', digit(byte >> 4), digit(byte & 0xf)]);
        }
    }
    encoded
}
