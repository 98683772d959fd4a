//! AWS Config: its rules, its recorder, and what does not comply.

use crate::regional::{Regional, pages};
use aws_sdk_config::primitives::DateTime;
use aws_sdk_config::types::{ComplianceType, ConfigRule as SdkRule, EvaluationResult};
use jiff::Timestamp;
use notify_core::provider::{
    ConfigRule, ConfigRuleState, NonCompliant, ProviderError, RESULTS_A_PAGE, RULES_A_COUNT,
    Recorder, RuleCount,
};
use std::collections::BTreeSet;

const RULES: &str = "config:DescribeConfigRules";
const RECORDER: &str = "config:DescribeConfigurationRecorderStatus";
const COUNTS: &str = "config:DescribeComplianceByConfigRule";
const DETAILS: &str = "config:GetComplianceDetailsByConfigRule";

/// Lists the rules of a region by their names.
pub(crate) async fn rules(at: &Regional) -> Result<Vec<ConfigRule>, ProviderError> {
    let listed = pages(RULES, |token| async move {
        let answer = at
            .config
            .run(async || {
                let request =
                    at.clients.config.describe_config_rules().set_next_token(token.clone());
                at.call(RULES, &at.region, || request.send()).await
            })
            .await?;
        Ok((answer.config_rules.unwrap_or_default(), answer.next_token))
    });
    let mut rules: Vec<ConfigRule> = listed.await?.into_iter().filter_map(rule).collect();
    rules.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(rules)
}

fn rule(rule: SdkRule) -> Option<ConfigRule> {
    Some(ConfigRule {
        name: rule.config_rule_name?,
        arn: rule.config_rule_arn,
        // AWS always says it; the model does not promise it.
        state: rule
            .config_rule_state
            .map_or(ConfigRuleState::Active, |state| ConfigRuleState::from_aws(state.as_str())),
        created_by: rule.created_by,
    })
}

/// The recorder that the account's owner manages. Recorders of services, which each record a few
/// types for themselves, are listed only by those who name them.
pub(crate) async fn recorder(at: &Regional) -> Result<Option<Recorder>, ProviderError> {
    let request = at.clients.config.describe_configuration_recorder_status();
    let answer = at.call(RECORDER, &at.region, || request.send()).await?;
    let recorder = answer.configuration_recorders_status.unwrap_or_default().into_iter().next();
    Ok(recorder.map(|recorder| {
        let said = [recorder.last_error_code, recorder.last_error_message];
        let said: Vec<String> =
            said.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        Recorder {
            name: recorder.name.unwrap_or_default(),
            recording: recorder.recording,
            last_status: recorder.last_status.map(|status| status.as_str().to_ascii_uppercase()),
            last_error: (!said.is_empty()).then(|| said.join(": ")),
        }
    }))
}

/// Counts what does not comply. A few rules are named; of many, all that do not comply are listed.
pub(crate) async fn counts(at: &Regional, rules: &[&str]) -> Result<Vec<RuleCount>, ProviderError> {
    let wanted: BTreeSet<&str> = rules.iter().copied().collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let names: Option<Vec<String>> = (wanted.len() <= RULES_A_COUNT)
        .then(|| wanted.iter().map(|name| (*name).to_owned()).collect());
    let names = &names;
    let listed = pages(COUNTS, |token| async move {
        let answer = at
            .config
            .run(async || {
                let request = at
                    .clients
                    .config
                    .describe_compliance_by_config_rule()
                    .set_config_rule_names(names.clone())
                    .compliance_types(ComplianceType::NonCompliant)
                    .set_next_token(token.clone());
                at.call(COUNTS, &at.region, || request.send()).await
            })
            .await?;
        Ok((answer.compliance_by_config_rules.unwrap_or_default(), answer.next_token))
    });
    let count = |rule: aws_sdk_config::types::ComplianceByConfigRule| {
        let name = rule.config_rule_name.filter(|name| wanted.contains(name.as_str()))?;
        let compliance = rule.compliance?;
        if compliance.compliance_type != Some(ComplianceType::NonCompliant) {
            return None;
        }
        // Without a count there is at least one.
        let (resources, more) = compliance
            .compliance_contributor_count
            .map_or((1, true), |count| (count.capped_count, count.cap_exceeded));
        Some(RuleCount { rule: name, resources: usize::try_from(resources).unwrap_or(0), more })
    };
    let mut counts: Vec<RuleCount> = listed.await?.into_iter().filter_map(count).collect();
    counts.sort_by(|one, other| one.rule.cmp(&other.rule));
    Ok(counts)
}

/// Lists what does not comply with a rule.
pub(crate) async fn details(at: &Regional, rule: &str) -> Result<Vec<NonCompliant>, ProviderError> {
    let limit = i32::try_from(RESULTS_A_PAGE).unwrap_or(i32::MAX);
    let results = pages(DETAILS, |token| async move {
        let answer = at
            .config
            .run(async || {
                let request = at
                    .clients
                    .config
                    .get_compliance_details_by_config_rule()
                    .config_rule_name(rule)
                    .compliance_types(ComplianceType::NonCompliant)
                    .limit(limit)
                    .set_next_token(token.clone());
                at.call(DETAILS, &rule, || request.send()).await
            })
            .await?;
        Ok((answer.evaluation_results.unwrap_or_default(), answer.next_token))
    });
    Ok(results.await?.into_iter().filter_map(result).collect())
}

/// A result that does not say of what it is tells nothing.
fn result(result: EvaluationResult) -> Option<NonCompliant> {
    let identifier = result.evaluation_result_identifier?;
    let qualifier = identifier.evaluation_result_qualifier?;
    if result.compliance_type != Some(ComplianceType::NonCompliant) {
        return None;
    }
    Some(NonCompliant {
        resource_type: qualifier.resource_type?,
        resource_id: qualifier.resource_id?,
        annotation: result.annotation,
        recorded: result.result_recorded_time.and_then(time),
        invoked: result.config_rule_invoked_time.and_then(time),
        ordered: identifier.ordering_timestamp.and_then(time),
        mode: qualifier.evaluation_mode.map(|mode| mode.as_str().to_owned()),
    })
}

fn time(at: DateTime) -> Option<Timestamp> {
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}
