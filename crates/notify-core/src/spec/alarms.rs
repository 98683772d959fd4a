//! `[[alarms]]`.

use super::events::share_a_region;
use super::fields::{Fields, Findings, text_of};
use super::finding::Location;
use super::named::{preset_of, strangers};
use super::node::{Node, Value};
use super::topic::severity;
use super::web_acl::web_acl;
use super::{AlarmSpec, WafRules, WebAclSpec, fill, period_of};
use crate::aws::waf::WafScope;
use crate::aws::{AlarmName, Comparison, Dimensions, Region, TreatMissingData};
use crate::preset::{AlarmPreset, Catalogue, PresetKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Limits of `PutMetricAlarm`
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>).
const MOST_DESCRIPTION: usize = 1024;
pub(super) const MOST_NAME: usize = 255;
const MOST_DIMENSIONS: usize = 30;
const MOST_DIMENSION_VALUE: usize = 1024;
const DAY: u64 = 86_400;
const WEEK: u64 = 604_800;
const HOUR: u32 = 3_600;

pub(super) fn alarms(
    nodes: &[&Node],
    catalogue: &Catalogue,
    base: &[Region],
    out: &mut Findings<'_>,
) -> Vec<AlarmSpec> {
    let mut list: Vec<AlarmSpec> = Vec::new();
    // Which sections have a name: a file can have thousands of sections.
    let mut taken: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for node in nodes {
        let Some(alarm) = alarm(node, catalogue, out) else { continue };
        let names = names(&alarm);
        let is_here = |at: &usize| {
            let other = list.get(*at).map_or(&[][..], regions);
            share_a_region(other, regions(&alarm), base)
        };
        let is_taken = |name: &&String| taken.get(*name).is_some_and(|at| at.iter().any(is_here));
        if let Some(name) = names.iter().find(is_taken) {
            out.error(
                &node.at,
                format!("two alarms would be called {name}"),
                "give one `[[alarms]]` another `name`, or an `alarm_name` that tells them apart",
            );
        }
        for name in names {
            taken.entry(name).or_default().push(list.len());
        }
        list.push(alarm);
    }
    list
}

/// The regions that a section names, or that CloudFront decides for it.
fn regions(alarm: &AlarmSpec) -> &[Region] {
    static CLOUDFRONT: LazyLock<[Region; 1]> = LazyLock::new(|| [Region::us_east_1()]);
    let scope = alarm.web_acl.as_ref().map(|acl| acl.scope);
    if scope == Some(WafScope::Cloudfront) { &*CLOUDFRONT } else { &alarm.regions }
}

/// The names that the alarms of a section will have, as far as the file alone says.
pub(super) fn names(alarm: &AlarmSpec) -> BTreeSet<String> {
    let Some(acl) = &alarm.web_acl else { return BTreeSet::from([alarm.name.to_string()]) };
    let WafRules::Named(rules) = &acl.rules else { return BTreeSet::new() };
    let name = |rule: &str| {
        let values = [("name", alarm.name.as_str()), ("web_acl", &acl.name), ("rule", rule)];
        fill(&acl.alarm_name, &values)
    };
    rules.iter().map(|(rule, _)| name(rule)).collect()
}

fn alarm(node: &Node, catalogue: &Catalogue, out: &mut Findings<'_>) -> Option<AlarmSpec> {
    let mut fields = Fields::of(node, "[[alarms]]", out)?;
    let name = fields.require("name", "\"waf\"", out).and_then(|node| {
        let text = text_of(node, "name", out)?;
        out.named(&node.at, AlarmName::parse(text))
    });
    let description = fields.text("description", out).map_or("", |(text, node)| {
        out.check_text("a description", text, MOST_DESCRIPTION, &node.at);
        text
    });
    let regions_at = fields.get("regions").map(|node| node.at.clone());
    let mut regions = fields.regions(out);
    let severity = severity("severity", &mut fields, out);
    let enabled = fields.bool("enabled", out).unwrap_or(true);
    let notify_ok = fields.bool("notify_ok", out).unwrap_or(false);
    let preset = preset_of(&mut fields, PresetKind::Alarm, catalogue, out);
    let wants_preset = fields.get("preset").is_some();
    let filled = preset.and_then(|preset| preset.alarm.as_ref());
    let metric = metric(&mut fields, filled, out);
    if let Some(preset) = preset.filter(|_| regions.is_empty()) {
        regions.clone_from(&preset.regions);
    }
    let of_web_acl = filled.filter(|filled| filled.for_each.is_some());
    let web_acl = of_web_acl
        .and_then(|filled| web_acl(&mut fields, filled, (name.as_ref(), metric.0.as_deref()), out));
    let condition = condition(&mut fields, filled, wants_preset, out);
    let namespace = match filled {
        Some(filled) => Some(filled.namespace.clone()),
        None => namespace(&mut fields, wants_preset, out),
    };
    let dimensions = match filled {
        Some(filled) => filled.dimensions.iter().cloned().collect(),
        None => dimensions(&mut fields, out),
    };
    if let (Some(at), Some(WebAclSpec { scope: WafScope::Cloudfront, .. })) =
        (&regions_at, &web_acl)
        && regions.iter().any(|region| *region != Region::us_east_1())
    {
        out.error(at, "CloudFront's WAF metrics are only in us-east-1", "leave `regions` out");
    }
    if of_web_acl.is_some() && condition.as_ref().is_some_and(|c| c.statistic == "SampleCount") {
        let at = fields.get("statistic").map_or(&fields.at, |node| &node.at);
        out.warn(
            at,
            "SampleCount counts the samples that WAF reported, not the requests that it blocked",
            "use `statistic = \"Sum\"`",
        );
    }
    if of_web_acl.is_some() && web_acl.is_none() {
        // Everything else was read, so that its mistakes are said in the same run.
        fields.finish(out);
        return None;
    }
    if preset.is_none() {
        strangers(&mut fields, PresetKind::Alarm, catalogue, out);
    }
    fields.finish(out);
    let condition = condition?;
    Some(AlarmSpec {
        name: name?,
        regions,
        description: description.to_owned(),
        severity: severity.or(preset.map(|preset| preset.severity)),
        enabled,
        notify_ok,
        namespace: namespace?,
        metric: match filled {
            Some(filled) => metric.0.or_else(|| filled.metric.clone()),
            None => Some(metric.0?),
        },
        dimensions,
        statistic: condition.statistic,
        period: condition.period,
        evaluation_periods: condition.evaluation_periods,
        datapoints_to_alarm: condition.datapoints_to_alarm,
        comparison: condition.comparison,
        threshold: condition.threshold,
        treat_missing_data: condition.treat_missing_data,
        web_acl,
    })
}

fn metric(
    fields: &mut Fields<'_>,
    filled: Option<&AlarmPreset>,
    out: &mut Findings<'_>,
) -> (Option<String>, Option<Location>) {
    let Some((text, node)) = fields.text("metric", out) else {
        if filled.is_none() && fields.get("metric").is_none() && fields.get("preset").is_none() {
            out.error(
                &fields.at,
                "[[alarms]] has neither `preset` nor `metric`",
                "add `preset = \"waf-blocked\"`, or `namespace` and `metric`",
            );
        }
        return (None, None);
    };
    if text.is_empty() {
        out.error(&node.at, "`metric` is empty", "write the metric's name");
    }
    out.check_text("a metric's name", text, MOST_NAME, &node.at);
    (Some(text.to_owned()), Some(node.at.clone()))
}

fn namespace(fields: &mut Fields<'_>, quiet: bool, out: &mut Findings<'_>) -> Option<String> {
    let node = if quiet {
        fields.get("namespace")
    } else {
        fields.require("namespace", "\"AWS/Lambda\"", out)
    }?;
    let text = text_of(node, "namespace", out)?;
    if text.is_empty() {
        out.error(&node.at, "`namespace` is empty", "write one such as \"AWS/Lambda\"");
    } else if text.starts_with(':') {
        out.error(
            &node.at,
            format!("`{text}` is not a namespace"),
            "write one such as \"AWS/Lambda\"",
        );
    }
    out.check_text("a namespace", text, MOST_NAME, &node.at);
    Some(text.to_owned())
}

fn dimensions(fields: &mut Fields<'_>, out: &mut Findings<'_>) -> Dimensions {
    let given = fields.texts("dimensions", out).unwrap_or_default();
    if given.len() > MOST_DIMENSIONS {
        let at = fields.get("dimensions").map_or(fields.at.clone(), |node| node.at.clone());
        out.error(&at, format!("{} dimensions", given.len()), "CloudWatch takes 30 at most");
    }
    let checked = given.into_iter().map(|(name, (value, at, key_at))| {
        out.check_text("a dimension's name", &name, MOST_NAME, key_at);
        out.check_text("a dimension's value", value, MOST_DIMENSION_VALUE, at);
        if name.is_empty() || name.starts_with(':') || !name.is_ascii() {
            out.error(
                key_at,
                format!("`{name}` is not a dimension's name"),
                "write it as the metric has it, such as FunctionName",
            );
        }
        if value.trim().is_empty() {
            out.error(
                at,
                format!("dimension {name} is empty"),
                "write its value, or leave the dimension out",
            );
        }
        (name, value.to_owned())
    });
    checked.collect()
}

/// When an alarm goes off.
struct Condition {
    statistic: String,
    period: u32,
    evaluation_periods: u32,
    datapoints_to_alarm: Option<u32>,
    comparison: Comparison,
    threshold: f64,
    treat_missing_data: TreatMissingData,
}

fn condition(
    fields: &mut Fields<'_>,
    filled: Option<&AlarmPreset>,
    quiet: bool,
    out: &mut Findings<'_>,
) -> Option<Condition> {
    let statistic = match fields.text("statistic", out) {
        Some((text, node)) => {
            if !is_statistic(text) {
                out.error(
                    &node.at,
                    format!("`{text}` is not a statistic"),
                    "write Sum, SampleCount, Average, Minimum, Maximum, or one such as p99 or tm90",
                );
            }
            text.to_owned()
        }
        None => filled.map_or("Sum", |filled| &filled.statistic).to_owned(),
    };
    let period = match fields.get("period") {
        Some(node) => period(node, out),
        None => Some(filled.and_then(|filled| period_of(&filled.period)).unwrap_or(300)),
    };
    let evaluation_periods = fields
        .count("evaluation_periods", 1..=60_480, out)
        .unwrap_or_else(|| filled.map_or(1, |filled| filled.evaluation_periods));
    let datapoints = fields.count("datapoints_to_alarm", 1..=60_480, out);
    let datapoints_to_alarm = datapoints.or(filled
        .filter(|filled| filled.evaluation_periods == evaluation_periods)
        .map(|filled| filled.datapoints_to_alarm));
    if let Some(m) = datapoints.filter(|m| *m > evaluation_periods) {
        let at = fields.get("datapoints_to_alarm").map_or(&fields.at, |node| &node.at);
        out.error(
            at,
            format!("{m} datapoints cannot breach in {evaluation_periods} evaluation period(s)"),
            "`datapoints_to_alarm` is at most `evaluation_periods`",
        );
    }
    if let Some(period) = period {
        window(fields, period, evaluation_periods, out);
    }
    let signs = [">=", ">", "<", "<="].map(|sign| (sign, sign));
    let comparison = match fields.get("comparison") {
        Some(_) => {
            let words: Vec<(&str, Option<Comparison>)> =
                signs
                    .iter()
                    .map(|(sign, _)| (*sign, Comparison::parse(sign)))
                    .chain(signs.iter().filter_map(|(sign, _)| {
                        Comparison::parse(sign).map(|c| (c.as_str(), Some(c)))
                    }))
                    .collect();
            fields.choice("comparison", &words, out).flatten()
        }
        None => Comparison::parse(filled.map_or(">=", |filled| &filled.comparison)),
    };
    let threshold = match (fields.get("threshold"), filled) {
        (Some(_), _) => fields.number("threshold", out),
        (None, Some(filled)) => Some(filled.threshold),
        (None, None) => {
            if !quiet {
                out.error(&fields.at, "[[alarms]] has no `threshold`", "add `threshold = 1`");
            }
            None
        }
    };
    let treatments = TreatMissingData::ALL.map(|treatment| (treatment.as_str(), treatment));
    let treat_missing_data = match fields.get("treat_missing_data") {
        Some(_) => fields.choice("treat_missing_data", &treatments, out),
        None => {
            TreatMissingData::parse(filled.map_or("missing", |filled| &filled.treat_missing_data))
        }
    };
    Some(Condition {
        statistic,
        period: period?,
        evaluation_periods,
        datapoints_to_alarm,
        comparison: comparison?,
        threshold: threshold?,
        treat_missing_data: treat_missing_data?,
    })
}

fn period(node: &Node, out: &mut Findings<'_>) -> Option<u32> {
    let help = "write \"1d\", \"5m\", or seconds: 10, 20, 30 or a multiple of 60";
    let seconds = match &node.value {
        Value::Integer(number) => u32::try_from(*number).ok(),
        Value::Text(text) => period_of(text),
        _ => None,
    };
    let Some(seconds) = seconds else {
        let found = match &node.value {
            Value::Text(text) => format!("\"{text}\""),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            _ => node.kind().to_owned(),
        };
        out.error(&node.at, format!("`period` is {found}"), help);
        return None;
    };
    if !matches!(seconds, 10 | 20 | 30) && (seconds == 0 || seconds % 60 != 0) {
        out.error(&node.at, format!("a period of {seconds} seconds"), help);
        return None;
    }
    if seconds < 60 {
        out.warn(
            &node.at,
            format!("a period of {seconds} seconds is billed as high resolution"),
            "use \"1m\" or longer unless the metric itself is of high resolution",
        );
    }
    Some(seconds)
}

fn window(fields: &mut Fields<'_>, period: u32, evaluation_periods: u32, out: &mut Findings<'_>) {
    let window = u64::from(period) * u64::from(evaluation_periods);
    let at = fields.get("evaluation_periods").or_else(|| fields.get("period"));
    let at = at.map_or(fields.at.clone(), |node| node.at.clone());
    let said = match evaluation_periods {
        1 => format!("a period of {period} seconds"),
        n => format!("{n} periods of {period} seconds are {window} seconds"),
    };
    if window > WEEK {
        out.error(&at, said, "an alarm looks back 604,800 seconds (a week) at most");
    } else if period < HOUR && window > DAY {
        out.error(
            &at,
            said,
            "with a period below an hour an alarm looks back 86,400 seconds (a day) at most",
        );
    }
}

fn is_statistic(text: &str) -> bool {
    const PLAIN: [&str; 6] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum", "IQM"];
    let percent = |number: &str| {
        !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && number.parse::<f64>().is_ok_and(|n| (0.0..=100.0).contains(&n))
    };
    let bound = |text: &str| {
        text.is_empty() || text.trim_end_matches('%').parse::<f64>().is_ok_and(f64::is_finite)
    };
    let range = |text: &str| {
        let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
        inner.and_then(|t| t.split_once(':')).is_some_and(|(low, high)| {
            bound(low) && bound(high) && !(low.is_empty() && high.is_empty())
        })
    };
    PLAIN.contains(&text)
        || ["p", "tm", "tc", "ts", "wm"]
            .iter()
            .any(|kind| text.strip_prefix(kind).is_some_and(percent))
        || ["PR", "TM", "TC", "TS", "WM"]
            .iter()
            .any(|kind| text.strip_prefix(kind).is_some_and(range))
}
