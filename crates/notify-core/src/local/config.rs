//! What AWS Config of a local account knows: documents that somebody saved, and what events told.

use super::cloud::Cloud;
use crate::aws::{Arn, Region};
use crate::feed::time;
use crate::provider::{
    ConfigRule, ConfigRuleState, ErrorClass, MOST_COUNTED, NonCompliant, ProviderError, Recorder,
    RuleCount,
};
use crate::transform::Event;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

const DETAIL_TYPE: &str = "Config Rules Compliance Change";
const NON_COMPLIANT: &str = "NON_COMPLIANT";

/// What was saved of the AWS Config of an account: outputs of `aws configservice`.
///
/// ```
/// use notify_core::local::SavedConfig;
///
/// let mut saved = SavedConfig::default();
/// saved.add(None, "rules", r#"{"ConfigRules": [{"ConfigRuleName": "restricted-ssh"}]}"#)?;
/// let error = saved.add(None, "rules", r#"{"Rules": []}"#).unwrap_err();
/// assert!(error.to_string().contains("describe-config-rules"));
/// # Ok::<(), notify_core::local::SavedConfigError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedConfig {
    /// By region; what does not say where it is from holds in all regions.
    places: BTreeMap<Option<Region>, Known>,
}

/// A document is none of those that are read.
#[derive(Debug, thiserror::Error)]
pub enum SavedConfigError {
    /// It is not JSON, or not of the shape that AWS prints.
    #[error("not what `aws configservice` prints")]
    Json(#[source] serde_json::Error),
    /// It is the output of something else.
    #[error(
        "it holds none of `ConfigRules`, `ConfigurationRecordersStatus` and `EvaluationResults`: \
         save the output of `aws configservice describe-config-rules`, \
         `describe-configuration-recorder-status` or `get-compliance-details-by-config-rule`"
    )]
    Other,
}

/// What is known of a region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Known {
    rules: Option<BTreeMap<String, ConfigRule>>,
    /// An account may have none.
    recorders: Option<Vec<Recorder>>,
    /// Results by their rule, of which there may be none.
    results: BTreeMap<String, Vec<Verdict>>,
}

/// What events have told of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgedRule {
    /// The rule's ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The last verdict on each resource, by its type and id.
    pub resources: BTreeMap<String, Verdict>,
}

/// A rule's verdict on a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The resource's type.
    pub resource_type: String,
    /// Its id.
    pub resource_id: String,
    /// `COMPLIANT`, `NON_COMPLIANT` or `NOT_APPLICABLE`.
    pub compliance: String,
    /// What the rule says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotation: Option<String>,
    /// When it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    /// When the rule was invoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoked: Option<String>,
    /// The time that orders verdicts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<String>,
    /// How the rule was evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
}

impl Verdict {
    fn key(&self) -> String {
        format!("{} {}", self.resource_type, self.resource_id)
    }

    fn non_compliant(&self) -> Option<NonCompliant> {
        let time = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
        (self.compliance == NON_COMPLIANT).then(|| NonCompliant {
            resource_type: self.resource_type.clone(),
            resource_id: self.resource_id.clone(),
            annotation: self.annotation.clone(),
            recorded: time(&self.recorded),
            invoked: time(&self.invoked),
            ordered: time(&self.ordered),
            mode: self.mode.clone(),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    config_rules: Option<Vec<RuleDocument>>,
    configuration_recorders_status: Option<Vec<RecorderDocument>>,
    evaluation_results: Option<Vec<ResultDocument>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RuleDocument {
    config_rule_name: String,
    config_rule_arn: Option<String>,
    config_rule_state: Option<String>,
    created_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecorderDocument {
    name: Option<String>,
    #[serde(default)]
    recording: bool,
    last_status: Option<String>,
    last_error_code: Option<String>,
    last_error_message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultDocument {
    evaluation_result_identifier: IdentifierDocument,
    compliance_type: String,
    result_recorded_time: Option<Value>,
    config_rule_invoked_time: Option<Value>,
    annotation: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IdentifierDocument {
    evaluation_result_qualifier: QualifierDocument,
    ordering_timestamp: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QualifierDocument {
    config_rule_name: String,
    resource_type: String,
    resource_id: String,
    evaluation_mode: Option<String>,
}

impl SavedConfig {
    /// Adds an output of `aws configservice`. Rules tell their region by their ARN; results and the
    /// recorder do not, and hold in all regions unless one is named. Results of a rule that all
    /// comply with tell nothing of their rule: it is called as the file, without its ending.
    pub fn add(
        &mut self,
        region: Option<&Region>,
        file: &str,
        text: &str,
    ) -> Result<(), SavedConfigError> {
        let document: Document = serde_json::from_str(text).map_err(SavedConfigError::Json)?;
        let Document { config_rules, configuration_recorders_status, evaluation_results } =
            document;
        if config_rules.is_none()
            && configuration_recorders_status.is_none()
            && evaluation_results.is_none()
        {
            return Err(SavedConfigError::Other);
        }
        if let Some(rules) = config_rules {
            if rules.is_empty() {
                let place = self.places.entry(region.cloned()).or_default();
                place.rules.get_or_insert_default();
            }
            for rule in rules {
                let arn = rule.config_rule_arn.as_ref().and_then(|arn| arn.parse::<Arn>().ok());
                let own = arn.and_then(|arn| Region::parse(&arn.region).ok());
                let place = self.places.entry(region.cloned().or(own)).or_default();
                let state = rule.config_rule_state.as_deref().unwrap_or("ACTIVE");
                let name = rule.config_rule_name;
                let rule = ConfigRule {
                    name: name.clone(),
                    arn: rule.config_rule_arn,
                    state: ConfigRuleState::from_aws(state),
                    created_by: rule.created_by,
                };
                place.rules.get_or_insert_default().insert(name, rule);
            }
        }
        if let Some(recorders) = configuration_recorders_status {
            let place = self.places.entry(region.cloned()).or_default();
            place.recorders = Some(recorders.into_iter().map(recorder).collect());
        }
        if let Some(results) = evaluation_results {
            let place = self.places.entry(region.cloned()).or_default();
            if results.is_empty() {
                place.results.entry(file.to_owned()).or_default();
            }
            for result in results {
                let (rule, verdict) = result.verdict();
                place.results.entry(rule).or_default().push(verdict);
            }
        }
        Ok(())
    }

    /// What holds in a region.
    fn of<'a>(&'a self, region: &Region) -> impl Iterator<Item = &'a Known> + use<'a> {
        let own = self.places.get(&Some(region.clone()));
        self.places.get(&None).into_iter().chain(own)
    }
}

fn recorder(document: RecorderDocument) -> Recorder {
    let said = [document.last_error_code, document.last_error_message];
    let said: Vec<String> = said.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    Recorder {
        name: document.name.unwrap_or_default(),
        recording: document.recording,
        last_status: document.last_status.map(|status| status.to_ascii_uppercase()),
        last_error: (!said.is_empty()).then(|| said.join(": ")),
    }
}

impl ResultDocument {
    fn verdict(self) -> (String, Verdict) {
        let Self {
            evaluation_result_identifier: identifier,
            compliance_type,
            result_recorded_time,
            config_rule_invoked_time,
            annotation,
        } = self;
        // The two versions of the command line write times in two ways.
        let text =
            |at: Option<Value>| at.and_then(|at| time::read(&at.to_string())).map(time::to_millis);
        let IdentifierDocument { evaluation_result_qualifier: of, ordering_timestamp } = identifier;
        let verdict = Verdict {
            resource_type: of.resource_type,
            resource_id: of.resource_id,
            compliance: compliance_type,
            annotation,
            recorded: text(result_recorded_time),
            invoked: text(config_rule_invoked_time),
            ordered: text(ordering_timestamp),
            mode: of.evaluation_mode,
        };
        (of.config_rule_name, verdict)
    }
}

impl Cloud {
    /// Remembers what an event tells of a Config rule: the rule is there, and has judged.
    pub(super) fn hear_of_config(&mut self, region: &Region, event: &str) {
        // Only what names such an event is read for this.
        if !event.contains(DETAIL_TYPE) {
            return;
        }
        let Ok(event) = Event::parse(event) else { return };
        let detail = |path: &[&str]| {
            let path: Vec<&str> = std::iter::once("detail").chain(path.iter().copied()).collect();
            event.text_at(&path).map(str::to_owned)
        };
        let new = |key: &str| detail(&["newEvaluationResult", key]);
        if event.text_at(&["source"]) != Some("aws.config")
            || event.text_at(&["detail-type"]) != Some(DETAIL_TYPE)
        {
            return;
        }
        let identifier = |key: &[&str]| {
            let path = ["newEvaluationResult", "evaluationResultIdentifier"];
            detail(&path.into_iter().chain(key.iter().copied()).collect::<Vec<_>>())
        };
        let (Some(rule), Some(resource_type), Some(resource_id), Some(compliance)) = (
            detail(&["configRuleName"]),
            detail(&["resourceType"]),
            detail(&["resourceId"]),
            new("complianceType"),
        ) else {
            return;
        };
        let verdict = Verdict {
            resource_type,
            resource_id,
            compliance,
            annotation: new("annotation"),
            recorded: new("resultRecordedTime"),
            invoked: new("configRuleInvokedTime"),
            ordered: identifier(&["orderingTimestamp"]),
            mode: identifier(&["evaluationResultQualifier", "evaluationMode"]),
        };
        let place = self.regions.entry(region.clone()).or_default();
        let judged = place.config_rules.entry(rule).or_default();
        judged.arn = detail(&["configRuleARN"]).or(judged.arn.take());
        judged.resources.insert(verdict.key(), verdict);
    }

    /// The rules that are known in a region.
    pub(super) fn config_rules(
        &self,
        saved: &SavedConfig,
        region: &Region,
    ) -> Result<Vec<ConfigRule>, ProviderError> {
        let (rules, is_known) = self.known_rules(saved, region);
        if !is_known {
            return Err(unknown(
                "config:DescribeConfigRules",
                region.as_str(),
                "describe-config-rules",
                "rules.json",
            ));
        }
        Ok(rules.into_values().collect())
    }

    fn known_rules(
        &self,
        saved: &SavedConfig,
        region: &Region,
    ) -> (BTreeMap<String, ConfigRule>, bool) {
        let mut rules = BTreeMap::new();
        let mut is_known = false;
        for known in saved.of(region) {
            is_known |= known.rules.is_some() || !known.results.is_empty();
            rules.extend(
                known.rules.iter().flatten().map(|(name, rule)| (name.clone(), rule.clone())),
            );
        }
        let bare = |name: &str, arn: Option<String>| ConfigRule {
            name: name.to_owned(),
            arn,
            state: ConfigRuleState::Active,
            created_by: None,
        };
        // A rule that is known to be in another region is not here, whatever its results do not say.
        let elsewhere = |name: &str| {
            let others = saved.places.values().filter_map(|known| known.rules.as_ref());
            others.into_iter().any(|rules| rules.contains_key(name))
        };
        for name in saved.of(region).flat_map(|known| known.results.keys()) {
            if !rules.contains_key(name) && !elsewhere(name) {
                rules.insert(name.clone(), bare(name, None));
            }
        }
        let judged = self.regions.get(region).map(|place| &place.config_rules);
        for (name, judged) in judged.into_iter().flatten() {
            is_known = true;
            rules.entry(name.clone()).or_insert_with(|| bare(name, judged.arn.clone()));
        }
        (rules, is_known)
    }

    /// What was saved of the recorder: that events come does not say that it is on now.
    pub(super) fn recorder(
        saved: &SavedConfig,
        region: &Region,
    ) -> Result<Option<Recorder>, ProviderError> {
        let last = saved.of(region).filter_map(|known| known.recorders.as_ref()).last();
        last.map(|recorders| recorders.first().cloned()).ok_or_else(|| {
            unknown(
                "config:DescribeConfigurationRecorderStatus",
                region.as_str(),
                "describe-configuration-recorder-status",
                "recorder.json",
            )
        })
    }

    /// Resources that do not comply with a rule. What an event told last is newer than what was saved.
    pub(super) fn non_compliant(
        &self,
        saved: &SavedConfig,
        region: &Region,
        rule: &str,
    ) -> Result<Vec<NonCompliant>, ProviderError> {
        const OPERATION: &str = "config:GetComplianceDetailsByConfigRule";
        let (rules, is_known) = self.known_rules(saved, region);
        if is_known && !rules.contains_key(rule) {
            let text = "no rule of the local account has this name";
            return Err(ProviderError::new(ErrorClass::NotFound, OPERATION, rule, text));
        }
        let Some(verdicts) = self.verdicts(saved, region, rule) else {
            let command = "get-compliance-details-by-config-rule --config-rule-name NAME";
            let safe = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
            let file: String = rule.chars().map(safe).chain(".json".chars()).collect();
            return Err(unknown(OPERATION, rule, command, &file));
        };
        Ok(verdicts.values().filter_map(|verdict| verdict.non_compliant()).collect())
    }

    /// `None` where nothing is known.
    fn verdicts<'a>(
        &'a self,
        saved: &'a SavedConfig,
        region: &Region,
        rule: &str,
    ) -> Option<BTreeMap<String, &'a Verdict>> {
        let judged = self.regions.get(region).and_then(|place| place.config_rules.get(rule));
        let saved: Vec<&Vec<Verdict>> =
            saved.of(region).filter_map(|known| known.results.get(rule)).collect();
        if judged.is_none() && saved.is_empty() {
            return None;
        }
        let saved = saved.into_iter().flatten();
        let judged = judged.into_iter().flat_map(|judged| judged.resources.values());
        Some(saved.chain(judged).map(|verdict| (verdict.key(), verdict)).collect())
    }

    /// How many resources do not comply; of rules whose results were not saved: perhaps some.
    pub(super) fn non_compliant_counts(
        &self,
        saved: &SavedConfig,
        region: &Region,
        rules: &[&str],
    ) -> Vec<RuleCount> {
        let count = |rule: &&str| {
            let Some(verdicts) = self.verdicts(saved, region, rule) else {
                return Some(RuleCount { rule: (*rule).to_owned(), resources: 0, more: true });
            };
            let found = verdicts.values().filter(|verdict| verdict.compliance == NON_COMPLIANT);
            let found = found.count();
            (found > 0).then(|| RuleCount {
                rule: (*rule).to_owned(),
                resources: found.min(MOST_COUNTED),
                more: found > MOST_COUNTED,
            })
        };
        let mut counts: Vec<RuleCount> = rules.iter().filter_map(count).collect();
        counts.sort_by(|one, other| one.rule.cmp(&other.rule));
        counts.dedup();
        counts
    }
}

/// Says what to save where.
fn unknown(operation: &str, resource: &str, command: &str, file: &str) -> ProviderError {
    let message = format!(
        "the local provider knows of AWS Config what lies in .notify/config/ beside the file, and \
         what `emit` has told: save the output of `aws configservice {command}` as \
         .notify/config/{file}"
    );
    ProviderError::new(ErrorClass::NotFound, operation, resource, message)
}
