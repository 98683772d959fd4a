//! One alarm for each rule of a web ACL: what `[[alarms]]` says beside the condition.

use super::alarms::MOST_NAME;
use super::fields::{Fields, Findings, text_of, wrong_kind};
use super::node::{Node, Value};
use super::{WafRules, WebAclSpec, fill};
use crate::aws::AlarmName;
use crate::aws::waf::WafScope;
use crate::preset::{AlarmPreset, ForEach};
use std::collections::BTreeSet;

pub(super) fn web_acl(
    fields: &mut Fields<'_>,
    filled: &AlarmPreset,
    (alarm, metric): (Option<&AlarmName>, Option<&str>),
    out: &mut Findings<'_>,
) -> Option<WebAclSpec> {
    for key in ["namespace", "dimensions"] {
        if let Some(node) = fields.get(key) {
            out.error(&node.at, format!("the preset sets `{key}` itself"), "leave it out");
        }
    }
    if let Some(metric) = metric.filter(|m| !WAF_METRICS.contains(m)) {
        let at = fields.get("metric").map_or(&fields.at, |node| &node.at);
        out.error(
            at,
            format!("WAF has no metric `{metric}`"),
            format!("write one of {}", WAF_METRICS.join(", ")),
        );
    }
    let name = fields.require("web_acl", "\"waf-base-001\"", out).and_then(|node| {
        let text = text_of(node, "web_acl", out)?;
        out.check_text("a web ACL's name", text, MOST_NAME, &node.at);
        if text.is_empty() {
            out.error(&node.at, "`web_acl` is empty", "write the web ACL's metric name");
        }
        Some(text.to_owned())
    });
    let scopes = [("regional", WafScope::Regional), ("cloudfront", WafScope::Cloudfront)];
    let scope = fields.choice("scope", &scopes, out).unwrap_or(WafScope::Regional);
    let rules = match filled.for_each {
        Some(ForEach::WebAcl) => Some(WafRules::Named(vec![(WHOLE.to_owned(), None)])),
        _ => waf_rules(fields, out),
    };
    let alarm_name = alarm_name(
        fields,
        filled,
        (alarm.map_or("n", AlarmName::as_str), name.as_deref().unwrap_or("w"), rules.as_ref()),
        out,
    );
    Some(WebAclSpec { name: name?, scope, rules: rules?, alarm_name: alarm_name? })
}

/// The metrics that WAF reports for a rule
/// (<https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html>).
const WAF_METRICS: [&str; 12] = [
    "BlockedRequests",
    "CountedRequests",
    "AllowedRequests",
    "CaptchaRequests",
    "RequestsWithValidCaptchaToken",
    "CaptchasAttempted",
    "CaptchasSolved",
    "ChallengeRequests",
    "ChallengesAttempted",
    "ChallengesSolved",
    "RequestsWithValidChallengeToken",
    "MonetizeRequests",
];

/// As which rule WAF counts what all rules of a web ACL do.
const WHOLE: &str = "ALL";

fn waf_rules(fields: &mut Fields<'_>, out: &mut Findings<'_>) -> Option<WafRules> {
    let node = fields.require("rules", "\"all\"", out)?;
    match &node.value {
        Value::Text(text) if text == "all" => Some(WafRules::All),
        Value::Text(text) => {
            out.error(
                &node.at,
                format!("`rules` is \"{text}\""),
                format!("write \"all\", or a list: [\"{text}\"]"),
            );
            None
        }
        Value::List(list) if list.is_empty() => {
            out.error(
                &node.at,
                "`rules` is empty",
                "name rules by their metric names, or write \"all\"",
            );
            None
        }
        Value::List(list) => {
            let mut rules: Vec<(String, Option<String>)> = Vec::new();
            let mut known = BTreeSet::new();
            for node in list {
                let Some((rule, metric)) = waf_rule(node, out) else { continue };
                if known.insert(rule.clone()) {
                    rules.push((rule, metric));
                } else {
                    out.error(&node.at, format!("rule {rule} stands here twice"), "leave one out");
                }
            }
            Some(WafRules::Named(rules))
        }
        _ => {
            wrong_kind(node, "rules", "\"all\", or a list of rules' metric names", out);
            None
        }
    }
}

fn waf_rule(node: &Node, out: &mut Findings<'_>) -> Option<(String, Option<String>)> {
    let (text, at, metric) = match &node.value {
        Value::Table(_) => {
            let mut fields = Fields::of(node, "an entry of `rules`", out)?;
            let rule = fields.require("rule", "\"AWS-AWSManagedRulesSQLiRuleSet\"", out);
            let rule = rule.and_then(|node| text_of(node, "rule", out).map(|text| (text, node)));
            let known = WAF_METRICS.map(|metric| (metric, metric));
            let metric = fields.choice("metric", &known, out).map(str::to_owned);
            fields.finish(out);
            let (text, at) = rule?;
            (text, &at.at, metric)
        }
        _ => (text_of(node, "rules", out)?, &node.at, None),
    };
    out.check_text("a rule's name", text, MOST_NAME, at);
    if text.is_empty() {
        out.error(at, "a rule's name is empty", "write its metric name");
    }
    if text == "all" {
        out.warn(at, "this is a rule that is called all", "for every rule write `rules = \"all\"`");
    }
    Some((text.to_owned(), metric))
}

fn alarm_name(
    fields: &mut Fields<'_>,
    filled: &AlarmPreset,
    (name, web_acl, rules): (&str, &str, Option<&WafRules>),
    out: &mut Findings<'_>,
) -> Option<String> {
    let given = fields.text("alarm_name", out);
    let (text, at) = given
        .map_or((filled.alarm_name.as_str(), fields.at.clone()), |(t, node)| (t, node.at.clone()));
    let values = [("name", "n"), ("web_acl", "w"), ("rule", "r"), ("region", "r")];
    if fill(text, &values).contains(['{', '}']) {
        out.error(
            &at,
            format!("`{text}` has an unknown placeholder"),
            "known are {name}, {web_acl}, {rule} and {region}",
        );
        return None;
    }
    let many = !matches!(rules, Some(WafRules::Named(list)) if list.len() == 1);
    if many && !text.contains("{rule}") {
        out.error(
            &at,
            "every rule's alarm would have the same name",
            "put {rule} into `alarm_name`",
        );
        return None;
    }
    let rules = match rules {
        Some(WafRules::Named(list)) => list.iter().map(|(rule, _)| rule.as_str()).collect(),
        _ => vec!["r"],
    };
    for rule in rules.into_iter().filter(|rule| rule.chars().count() <= MOST_NAME) {
        let values = [("name", name), ("web_acl", web_acl), ("rule", rule), ("region", "r")];
        if let Err(error) = AlarmName::parse(&fill(text, &values)) {
            let help = format!("choose another `alarm_name`: {}", error.help);
            out.error(&at, format!("for rule {rule}, {}", error.problem), help);
            return None;
        }
    }
    Some(text.to_owned())
}
