//! What a web ACL says about its rules: which metric each one reports.
//!
//! [`WebAcl::from_json`] reads the document that `aws wafv2 get-web-acl` prints.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a web ACL protects: decides the region and the dimensions of its metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WafScope {
    /// Load balancers, APIs and the like, in one region.
    Regional,
    /// CloudFront: asked and measured in us-east-1, without the `Region` dimension.
    Cloudfront,
}

/// A web ACL as far as alarms need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebAcl {
    /// Its name, by which the API finds it.
    pub name: String,
    /// Its metric name: the value of the `WebACL` dimension.
    pub metric: String,
    /// Its rules in order of priority.
    pub rules: Vec<WafRule>,
}

/// One rule of a web ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WafRule {
    /// Its name.
    pub name: String,
    /// Its metric name: the value of the `Rule` dimension.
    pub metric: String,
    /// Whether it sends metrics at all.
    pub measured: bool,
    /// What it does with a request that it matches.
    pub action: WafAction,
}

/// What a rule does with a request that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WafAction {
    /// Refuses it; a rule group that is not overridden counts as blocking.
    Block,
    /// Counts it.
    Count,
    /// Asks for a CAPTCHA.
    Captcha,
    /// Asks the browser to prove what it is.
    Challenge,
    /// Anything else: nobody is told of that.
    Other,
}

impl WafAction {
    /// The metric that tells how often.
    pub fn metric(self) -> Option<&'static str> {
        match self {
            Self::Block => Some("BlockedRequests"),
            Self::Count => Some("CountedRequests"),
            Self::Captcha => Some("CaptchaRequests"),
            Self::Challenge => Some("ChallengeRequests"),
            Self::Other => None,
        }
    }

    /// Whether it is told of where nobody asks for a metric.
    pub fn is_usual(self) -> bool {
        matches!(self, Self::Block | Self::Count)
    }

    /// What reports a metric.
    pub(crate) fn of_metric(metric: &str) -> Option<Self> {
        let all = [Self::Block, Self::Count, Self::Captcha, Self::Challenge];
        all.into_iter().find(|action| action.metric() == Some(metric))
    }
}

/// The document is not what `aws wafv2 get-web-acl` prints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a web ACL as `aws wafv2 get-web-acl` prints it: {0}")]
pub struct WebAclError(String);

impl WebAcl {
    /// Reads the output of `aws wafv2 get-web-acl`, or the `WebACL` object inside it.
    pub fn from_json(text: &str) -> Result<Self, WebAclError> {
        let document: Value = serde_json::from_str(text).map_err(|e| WebAclError(e.to_string()))?;
        let acl = document.get("WebACL").unwrap_or(&document);
        let rules = match acl.get("Rules") {
            Some(Value::Array(rules)) => rules.as_slice(),
            Some(_) => return Err(WebAclError("`Rules` is not a list".to_owned())),
            None => &[],
        };
        let mut rules = rules
            .iter()
            .enumerate()
            .map(|(at, rule)| {
                let priority = rule.get("Priority").and_then(Value::as_i64).unwrap_or(0);
                Ok((priority, WafRule::from_json(rule, &format!("Rules[{at}]"))?))
            })
            .collect::<Result<Vec<_>, _>>()?;
        rules.sort_by_key(|(priority, _)| *priority);
        Ok(Self {
            name: text_at(acl, "/Name", "WebACL")?,
            metric: text_at(acl, "/VisibilityConfig/MetricName", "WebACL")?,
            rules: rules.into_iter().map(|(_, rule)| rule).collect(),
        })
    }
}

impl WafRule {
    fn from_json(rule: &Value, at: &str) -> Result<Self, WebAclError> {
        let has = |path: &str| rule.pointer(path).is_some();
        let action = if has("/Action/Block") || has("/OverrideAction/None") {
            WafAction::Block
        } else if has("/Action/Count") || has("/OverrideAction/Count") {
            WafAction::Count
        } else if has("/Action/Captcha") {
            WafAction::Captcha
        } else if has("/Action/Challenge") {
            WafAction::Challenge
        } else {
            WafAction::Other
        };
        let measured = rule.pointer("/VisibilityConfig/CloudWatchMetricsEnabled");
        Ok(Self {
            name: text_at(rule, "/Name", at)?,
            metric: text_at(rule, "/VisibilityConfig/MetricName", at)?,
            measured: measured.and_then(Value::as_bool).unwrap_or(true),
            action,
        })
    }
}

fn text_at(value: &Value, path: &str, at: &str) -> Result<String, WebAclError> {
    let text = value.pointer(path).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| WebAclError(format!("{at}{path} is missing")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_with_its_metric_and_what_it_does() {
        let text = r#"{"WebACL": {"Name": "base", "VisibilityConfig": {"MetricName": "waf-base-001"}, "Rules": [
            {"Name": "sqli", "Priority": 2, "Action": {"Count": {}},
             "VisibilityConfig": {"MetricName": "m-sqli", "CloudWatchMetricsEnabled": true}},
            {"Name": "common", "Priority": 1, "OverrideAction": {"None": {}},
             "VisibilityConfig": {"MetricName": "m-common", "CloudWatchMetricsEnabled": false}},
            {"Name": "allow", "Priority": 3, "Action": {"Allow": {}},
             "VisibilityConfig": {"MetricName": "m-allow"}}]}}"#;
        let acl = WebAcl::from_json(text).expect("a web ACL");
        assert_eq!(acl.metric, "waf-base-001");
        let rules: Vec<_> =
            acl.rules.iter().map(|r| (r.metric.as_str(), r.action, r.measured)).collect();
        assert_eq!(
            rules,
            [
                ("m-common", WafAction::Block, false),
                ("m-sqli", WafAction::Count, true),
                ("m-allow", WafAction::Other, true)
            ]
        );
    }

    #[test]
    fn what_is_no_web_acl_is_refused_with_the_place() {
        for (text, says) in [
            ("{", "EOF"),
            ("[]", "WebACL/Name is missing"),
            (r#"{"Name": "a"}"#, "WebACL/VisibilityConfig/MetricName is missing"),
            (r#"{"Name": "a", "Rules": {}}"#, "`Rules` is not a list"),
            (r#"{"Name": "a", "Rules": [{}]}"#, "Rules[0]/Name is missing"),
        ] {
            let error = WebAcl::from_json(text).expect_err(text).to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
