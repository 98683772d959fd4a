//! AWS Config: which requests are made, pages, and what the answers become.

use crate::mocks::{Mocks, code, region};
use aws_sdk_config::Client;
use aws_sdk_config::operation::describe_compliance_by_config_rule::{
    DescribeComplianceByConfigRuleError, DescribeComplianceByConfigRuleOutput,
};
use aws_sdk_config::operation::describe_config_rules::{
    DescribeConfigRulesError, DescribeConfigRulesOutput,
};
use aws_sdk_config::operation::describe_configuration_recorder_status::DescribeConfigurationRecorderStatusOutput;
use aws_sdk_config::operation::get_compliance_details_by_config_rule::{
    GetComplianceDetailsByConfigRuleError, GetComplianceDetailsByConfigRuleOutput,
};
use aws_sdk_config::primitives::DateTime;
use aws_sdk_config::types::{
    Compliance, ComplianceByConfigRule, ComplianceContributorCount, ComplianceType,
    ConfigRule as SdkRule, ConfigRuleState as SdkState, ConfigurationRecorderStatus,
    EvaluationMode, EvaluationResult, EvaluationResultIdentifier, EvaluationResultQualifier,
    RecorderStatus, Source,
};
use aws_smithy_mocks::{Rule as Mock, mock};
use notify_aws::AwsProvider;
use notify_core::provider::{
    ConfigReader, ConfigRule, ConfigRuleState, ErrorClass, NonCompliant, Recorder, RuleCount,
};
use std::time::Duration;
use tokio::time::Instant;

fn provider(mocks: Vec<Mock>) -> (Mocks, AwsProvider) {
    let mut mocks = Mocks { config: mocks, ..Mocks::default() };
    let provider = mocks.provider();
    (mocks, provider)
}

fn sdk_rule(name: &str) -> SdkRule {
    let source = Source::builder().owner(aws_sdk_config::types::Owner::Aws).build();
    SdkRule::builder().config_rule_name(name).source(source.expect("a source")).build()
}

#[tokio::test]
async fn rules_come_from_all_pages_in_order() {
    let mock = mock!(Client::describe_config_rules).then_compute_output(|request| {
        let (rules, next) = match request.next_token() {
            None => {
                let mut deleting = sdk_rule("b");
                deleting.config_rule_state = Some(SdkState::Deleting);
                (vec![deleting, SdkRule::builder().build()], Some("1"))
            }
            Some("1") => (Vec::new(), Some("2")),
            Some(_) => {
                let mut full = sdk_rule("a");
                full.config_rule_arn = Some("arn:a".to_owned());
                full.config_rule_state = Some(SdkState::Active);
                full.created_by = Some("securityhub.amazonaws.com".to_owned());
                (vec![full, sdk_rule("c")], None)
            }
        };
        DescribeConfigRulesOutput::builder()
            .set_config_rules(Some(rules))
            .set_next_token(next.map(str::to_owned))
            .build()
    });
    let (mocks, provider) = provider(vec![mock]);
    let rules = provider.config_rules(&region()).await.unwrap();
    let rule = |name: &str, arn: Option<&str>, state, by: Option<&str>| ConfigRule {
        name: name.to_owned(),
        arn: arn.map(str::to_owned),
        state,
        created_by: by.map(str::to_owned),
    };
    assert_eq!(
        rules,
        [
            rule("a", Some("arn:a"), ConfigRuleState::Active, Some("securityhub.amazonaws.com")),
            rule("b", None, ConfigRuleState::Deleting, None),
            rule("c", None, ConfigRuleState::Active, None),
        ]
    );
    assert_eq!(mocks.config[0].num_calls(), 3);
}

#[tokio::test]
async fn the_recorder_is_on_off_or_not_there() {
    let recorder = || ConfigurationRecorderStatus::builder().name("default");
    let status = |recorder: ConfigurationRecorderStatus| vec![recorder];
    for (listed, expected) in [
        (Vec::new(), None),
        (
            status(recorder().recording(true).last_status(RecorderStatus::Success).build()),
            Some((true, Some("SUCCESS"), None)),
        ),
        (status(recorder().recording(false).build()), Some((false, None, None))),
        (
            status(
                recorder()
                    .recording(true)
                    .last_status(RecorderStatus::Failure)
                    .last_error_code("AccessDenied")
                    .last_error_message("no bucket")
                    .build(),
            ),
            Some((true, Some("FAILURE"), Some("AccessDenied: no bucket"))),
        ),
    ] {
        let mock = mock!(Client::describe_configuration_recorder_status)
            .match_requests(|request| request.configuration_recorder_names().is_empty())
            .then_output(move || {
                DescribeConfigurationRecorderStatusOutput::builder()
                    .set_configuration_recorders_status(Some(listed.clone()))
                    .build()
            });
        let (_, provider) = provider(vec![mock]);
        let expected =
            expected.map(|(recording, status, error): (_, Option<&str>, Option<&str>)| {
                let (name, last_status) = ("default".to_owned(), status.map(str::to_owned));
                Recorder { name, recording, last_status, last_error: error.map(str::to_owned) }
            });
        assert_eq!(provider.recorder(&region()).await.unwrap(), expected);
    }
}

fn compliance(
    rule: &str,
    count: Option<(i32, bool)>,
    compliance: ComplianceType,
) -> ComplianceByConfigRule {
    let count = count.map(|(capped, exceeded)| {
        ComplianceContributorCount::builder().capped_count(capped).cap_exceeded(exceeded).build()
    });
    let compliance = Compliance::builder()
        .compliance_type(compliance)
        .set_compliance_contributor_count(count)
        .build();
    ComplianceByConfigRule::builder().config_rule_name(rule).compliance(compliance).build()
}

/// Answers in two pages.
fn counts() -> Mock {
    mock!(Client::describe_compliance_by_config_rule)
        .match_requests(|request| request.compliance_types() == [ComplianceType::NonCompliant])
        .then_compute_output(|request| {
            let (list, next) = match request.next_token() {
                None => (
                    vec![
                        compliance("r02", Some((25, true)), ComplianceType::NonCompliant),
                        compliance("foreign", Some((9, false)), ComplianceType::NonCompliant),
                    ],
                    Some("1".to_owned()),
                ),
                Some(_) => (
                    vec![
                        compliance("r01", Some((3, false)), ComplianceType::NonCompliant),
                        compliance("r03", None, ComplianceType::NonCompliant),
                        // Some servers do not filter.
                        compliance("r04", None, ComplianceType::InsufficientData),
                    ],
                    None,
                ),
            };
            DescribeComplianceByConfigRuleOutput::builder()
                .set_compliance_by_config_rules(Some(list))
                .set_next_token(next)
                .build()
        })
}

#[tokio::test]
async fn a_few_rules_are_counted_by_name_and_many_by_listing_all() {
    let names: Vec<String> = (0..26).map(|at| format!("r{at:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let count = |rule: &str, resources, more| RuleCount { rule: rule.to_owned(), resources, more };
    for (asked, named) in [(&names[..25], true), (&names[..], false)] {
        let wanted: Vec<String> = asked.iter().map(|name| (*name).to_owned()).collect();
        let unwanted = mock!(Client::describe_compliance_by_config_rule)
            .match_requests(move |request| {
                request.config_rule_names() != if named { &wanted[..] } else { &[] }
            })
            .then_error(|| DescribeComplianceByConfigRuleError::generic(code("Unexpected")));
        let (mocks, provider) = provider(vec![unwanted, counts()]);
        let found = provider.non_compliant_counts(&region(), asked).await.unwrap();
        assert_eq!(found, [count("r01", 3, false), count("r02", 25, true), count("r03", 1, true)]);
        assert_eq!(mocks.config[1].num_calls(), 2);
    }
    let (mocks, provider) = provider(vec![counts()]);
    assert_eq!(provider.non_compliant_counts(&region(), &[]).await.unwrap(), []);
    assert_eq!(mocks.config[0].num_calls(), 0, "nothing is asked about nothing");
}

fn result(id: &str, compliance: ComplianceType) -> EvaluationResult {
    let qualifier = EvaluationResultQualifier::builder()
        .config_rule_name("restricted-ssh")
        .resource_type("AWS::EC2::SecurityGroup")
        .resource_id(id)
        .evaluation_mode(EvaluationMode::Detective)
        .build();
    let identifier = EvaluationResultIdentifier::builder()
        .evaluation_result_qualifier(qualifier)
        .ordering_timestamp(DateTime::from_secs(1))
        .build();
    EvaluationResult::builder()
        .evaluation_result_identifier(identifier)
        .compliance_type(compliance)
        .result_recorded_time(DateTime::from_secs_f64(1_795_482_123.5))
        .config_rule_invoked_time(DateTime::from_secs(2))
        .annotation("open")
        .build()
}

#[tokio::test]
async fn resources_come_a_hundred_a_page() {
    let mock = mock!(Client::get_compliance_details_by_config_rule)
        .match_requests(|request| {
            request.config_rule_name() == Some("restricted-ssh")
                && request.compliance_types() == [ComplianceType::NonCompliant]
                && request.limit() == Some(100)
        })
        .then_compute_output(|request| {
            let page = request.next_token().map_or(0, |token| token.parse::<usize>().unwrap());
            let mut results: Vec<EvaluationResult> = (page * 100..(page + 1) * 100)
                .map(|at| result(&format!("sg-{at}"), ComplianceType::NonCompliant))
                .collect();
            results.push(result("fine", ComplianceType::Compliant));
            results.push(EvaluationResult::builder().build());
            GetComplianceDetailsByConfigRuleOutput::builder()
                .set_evaluation_results(Some(results))
                .set_next_token((page < 3).then(|| (page + 1).to_string()))
                .build()
        });
    let (mocks, provider) = provider(vec![mock]);
    let found = provider.non_compliant(&region(), "restricted-ssh").await.unwrap();
    assert_eq!((found.len(), mocks.config[0].num_calls()), (400, 4));
    assert_eq!(
        found[399],
        NonCompliant {
            resource_type: "AWS::EC2::SecurityGroup".to_owned(),
            resource_id: "sg-399".to_owned(),
            annotation: Some("open".to_owned()),
            recorded: "2026-11-24T01:02:03.5Z".parse().ok(),
            invoked: "1970-01-01T00:00:02Z".parse().ok(),
            ordered: "1970-01-01T00:00:01Z".parse().ok(),
            mode: Some("DETECTIVE".to_owned()),
        }
    );
}

#[tokio::test]
async fn what_is_refused_says_which_permission_or_rule() {
    let gone = mock!(Client::get_compliance_details_by_config_rule).then_error(|| {
        GetComplianceDetailsByConfigRuleError::generic(code("NoSuchConfigRuleException"))
    });
    let (_, provider) = provider(vec![gone]);
    let error = provider.non_compliant(&region(), "gone").await.unwrap_err();
    assert_eq!((error.class, error.resource.as_str()), (ErrorClass::NotFound, "gone"));
    let denied = mock!(Client::describe_config_rules)
        .then_error(|| DescribeConfigRulesError::generic(code("AccessDeniedException")));
    let (_, provider) = self::provider(vec![denied]);
    let error = provider.config_rules(&region()).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::AccessDenied);
    assert_eq!(error.operation, "config:DescribeConfigRules");
}

/// The clock is paused: nothing here really waits. The SDK itself tries three times.
#[tokio::test(start_paused = true)]
async fn who_is_throttled_goes_on_at_a_pace() {
    let mock = mock!(Client::get_compliance_details_by_config_rule)
        .sequence()
        .error(|| GetComplianceDetailsByConfigRuleError::generic(code("ThrottlingException")))
        .times(7)
        .output(|| GetComplianceDetailsByConfigRuleOutput::builder().build())
        .times(2)
        .build();
    let (mocks, provider) = provider(vec![mock]);
    let start = Instant::now();
    assert_eq!(provider.non_compliant(&region(), "r").await.unwrap(), []);
    assert_eq!(mocks.config[0].num_calls(), 8);
    assert!(start.elapsed() >= Duration::from_millis(2 * 334), "{:?}", start.elapsed());
    let start = Instant::now();
    assert_eq!(provider.non_compliant(&region(), "r").await.unwrap(), []);
    assert!(start.elapsed() <= Duration::from_millis(334), "{:?}", start.elapsed());
}
