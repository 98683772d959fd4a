//! Whether AWS Config will ever send what a rule waits for.

use super::command::{SETUP, quoted};
use super::{ConfigFacts, LinkName, Step};
use crate::aws::{Identity, Region};
use crate::pattern::Pattern;
use crate::provider::{ConfigRule, ErrorClass};
use serde_json::{Value, json};

const LINK: LinkName = LinkName::Matches;
const DETAIL_TYPE: &str = "Config Rules Compliance Change";

/// Whether a pattern picks what AWS Config says about its rules.
pub(super) fn waits_for_config(pattern: &str) -> bool {
    let Ok(pattern) = serde_json::from_str::<Value>(pattern) else { return false };
    let names = |field: &str, value: &str| {
        pattern
            .get(field)
            .and_then(Value::as_array)
            .is_some_and(|list| list.iter().any(|v| v == value))
    };
    names("source", "aws.config")
        && (pattern.get("detail-type").is_none() || names("detail-type", DETAIL_TYPE))
}

/// Whether the Config rules that a pattern names are there and work, and the recorder is on.
pub(super) fn step(who: &Identity, region: &Region, pattern: &str, facts: &ConfigFacts) -> Step {
    let ConfigFacts { rules, recorder } = facts;
    match recorder {
        Ok(None) => {
            return Step::broken(
                LINK,
                "no recorder",
                "AWS Config has no recorder here, so it judges nothing",
            )
            .mended_by(format!(
                "aws configservice put-configuration-recorder --configuration-recorder \
                 name=default,roleARN=arn:{}:iam::{}:role/aws-service-role/\
                 config.amazonaws.com/AWSServiceRoleForConfig --region {region}",
                who.partition, who.account
            ));
        }
        Ok(Some(recorder)) if !recorder.recording => {
            return Step::broken(
                LINK,
                "the recorder is off",
                "AWS Config's recorder is off, so it judges nothing anew",
            )
            .mended_by(format!(
                "aws configservice start-configuration-recorder --configuration-recorder-name {} \
                 --region {region}",
                quoted(&recorder.name)
            ));
        }
        Ok(Some(recorder)) if !recorder.works() => {
            let why = recorder.last_error.clone().unwrap_or_else(|| "AWS says no more".to_owned());
            return Step::broken(
                LINK,
                "the recorder fails",
                format!("AWS Config's recorder failed last: {why}"),
            )
            .mended_by(format!(
                "aws configservice describe-delivery-channel-status --region {region}"
            ));
        }
        Ok(Some(_)) | Err(_) => {}
    }
    let rules = match rules {
        Ok(rules) => rules,
        Err(unknown) => return Step::unknown(LINK, unknown.sentence()),
    };
    // Where nothing is known of the recorder because nothing was saved, the rules are those that
    // events told of: that others are missing means nothing.
    let partial = recorder.as_ref().is_err_and(|unknown| unknown.class == ErrorClass::NotFound);
    let named = named(pattern);
    let found: Vec<&ConfigRule> = rules.iter().filter(|rule| named.matches(&rule.name)).collect();
    let absent: Vec<&str> = named
        .exactly
        .iter()
        .map(String::as_str)
        .filter(|name| !rules.iter().any(|rule| rule.name == *name))
        .collect();
    if partial && (found.is_empty() || !absent.is_empty()) {
        return Step::unknown(LINK, "which Config rules there are is not known here");
    }
    if let Some(first) = absent.first() {
        return missing(region, first, &absent, rules);
    }
    if let Some(rule) = found.iter().find(|rule| !rule.state.works()) {
        return Step::broken(
            LINK,
            "a Config rule does not work",
            format!("the Config rule `{}` is in the state {}", rule.name, rule.state),
        )
        .mended_by(put(region, &rule.name));
    }
    if found.is_empty() {
        let cause = if rules.is_empty() {
            "there is no Config rule here".to_owned()
        } else {
            format!("none of the {} Config rules here has such a name", rules.len())
        };
        return Step::broken(LINK, "no Config rule", cause).mended_by(format!(
            "aws configservice describe-config-rules --region {region} --query ConfigRules[].ConfigRuleName"
        ));
    }
    if let Err(unknown) = recorder {
        return Step::unknown(LINK, unknown.sentence());
    }
    let rules = if found.len() == 1 {
        "1 Config rule".to_owned()
    } else {
        format!("{} Config rules", found.len())
    };
    Step::ok(LINK, format!("{rules}, recorder on"))
}

/// Rules that are named and not there: one that is there with a suffix is pointed out.
fn missing(region: &Region, first: &str, absent: &[&str], rules: &[ConfigRule]) -> Step {
    const MOST_NAMED: usize = 5;
    let found = "a Config rule is missing";
    for name in absent {
        let forms = [
            format!("OrgConfigRule-{name}-"),
            format!("{name}-conformance-pack-"),
            format!("securityhub-{name}-"),
        ];
        let with_suffix =
            |prefix: &&String| rules.iter().any(|rule| rule.name.starts_with(prefix.as_str()));
        if let Some(prefix) = forms.iter().find(with_suffix) {
            let cause = format!(
                "the Config rule `{name}` exists only with a suffix: write \
                 {{ prefix = \"{prefix}\" }} in `config_rules`"
            );
            return Step::broken(LINK, found, cause).mended_by(SETUP);
        }
    }
    let mut names: Vec<String> =
        absent.iter().take(MOST_NAMED).map(|name| format!("`{name}`")).collect();
    if absent.len() > MOST_NAMED {
        names.push(format!("{} more", absent.len() - MOST_NAMED));
    }
    let there = if absent.len() == 1 { "is no Config rule" } else { "are no Config rules" };
    Step::broken(LINK, found, format!("there {there} {}", names.join(", ")))
        .mended_by(put(region, first))
}

/// Makes one of AWS's managed rules. Its identifier is its name in capitals, but for two that were
/// renamed
/// ([managed rules](https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html)).
fn put(region: &Region, name: &str) -> String {
    let identifier = match name {
        "restricted-ssh" => "INCOMING_SSH_DISABLED".to_owned(),
        "restricted-common-ports" => "RESTRICTED_INCOMING_TRAFFIC".to_owned(),
        name => name.to_ascii_uppercase().replace('-', "_"),
    };
    let rule = json!({"ConfigRuleName": name,
        "Source": {"Owner": "AWS", "SourceIdentifier": identifier}});
    format!(
        "aws configservice put-config-rule --region {region} --config-rule {}",
        quoted(&rule.to_string())
    )
}

/// Which Config rules a pattern picks.
struct Named {
    /// Those that it spells out.
    exactly: Vec<String>,
    /// The pattern of their names alone; `None` where it takes any.
    filter: Option<Pattern>,
}

fn named(pattern: &str) -> Named {
    let pattern: Value = serde_json::from_str(pattern).unwrap_or_default();
    let names = pattern.get("detail").and_then(|detail| detail.get("configRuleName"));
    let list = names.and_then(Value::as_array);
    let exactly = list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let filter = names.and_then(|names| Pattern::parse(&json!({"name": names}).to_string()).ok());
    Named { exactly, filter }
}

impl Named {
    fn matches(&self, name: &str) -> bool {
        let Some(filter) = &self.filter else { return true };
        filter.matches(json!({"name": name}).to_string().as_bytes()).unwrap_or(false)
    }
}
