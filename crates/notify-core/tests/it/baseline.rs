//! What does not comply already, asked of accounts in memory.

use notify_core::aws::{Identity, Region};
use notify_core::baseline::{Silent, Watch, count, take, unknown_line, watched};
use notify_core::local::{LocalCloud, SavedConfig};
use notify_core::provider::{
    ConfigReader, ConfigRule, ConfigRuleState, ErrorClass, NonCompliant, ProviderError, Recorder,
    RuleCount,
};
use notify_core::spec::{Format, parse};
use serde_json::{Value, json};
use std::future::Future;
use std::sync::Mutex;

fn region() -> Region {
    Region::parse("eu-west-1").unwrap()
}

fn who() -> Identity {
    LocalCloud::default().who().clone()
}

fn watch(events: &str) -> Watch {
    let text = format!("stack = \"s\"\nregions = [\"eu-west-1\"]\n[topic]\nname = \"t\"\n{events}");
    let parsed = parse(&text, Format::Toml);
    let spec = parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings));
    watched(&spec, None, None).unwrap().remove(0)
}

const ANY: &str = "[[events]]\nname = \"any\"\npreset = \"config-compliance\"\n";

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// An account with these rules and so many resources each, which counts the calls.
#[derive(Debug, Default)]
struct Account {
    rules: Vec<(&'static str, usize)>,
    calls: Mutex<Vec<String>>,
    fails: Option<(&'static str, ErrorClass)>,
}

impl Account {
    fn called(&self, call: &str, on: &str) -> Result<(), ProviderError> {
        self.calls.lock().unwrap().push(format!("{call} {on}").trim().to_owned());
        match self.fails {
            Some((failing, class)) if failing == call => {
                Err(ProviderError::new(class, format!("config:{call}"), on, "no"))
            }
            _ => Ok(()),
        }
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

fn resource(kind: &str, id: &str) -> NonCompliant {
    NonCompliant {
        resource_type: kind.to_owned(),
        resource_id: id.to_owned(),
        annotation: None,
        recorded: None,
        invoked: None,
        ordered: None,
        mode: None,
    }
}

impl ConfigReader for Account {
    async fn config_rules(&self, _: &Region) -> Result<Vec<ConfigRule>, ProviderError> {
        self.called("DescribeConfigRules", "")?;
        let rule = |(name, _): &(&str, usize)| ConfigRule {
            name: (*name).to_owned(),
            arn: None,
            state: ConfigRuleState::Active,
            created_by: None,
        };
        Ok(self.rules.iter().map(rule).collect())
    }

    async fn recorder(&self, _: &Region) -> Result<Option<Recorder>, ProviderError> {
        unreachable!("nobody asks")
    }

    async fn non_compliant_counts(
        &self,
        _: &Region,
        rules: &[&str],
    ) -> Result<Vec<RuleCount>, ProviderError> {
        self.called("DescribeComplianceByConfigRule", &rules.join(","))?;
        let of = |(rule, found): &(&str, usize)| {
            (*found > 0 && rules.contains(rule)).then(|| RuleCount {
                rule: (*rule).to_owned(),
                resources: (*found).min(25),
                more: *found > 25,
            })
        };
        Ok(self.rules.iter().filter_map(of).collect())
    }

    async fn non_compliant(
        &self,
        _: &Region,
        rule: &str,
    ) -> Result<Vec<NonCompliant>, ProviderError> {
        self.called("GetComplianceDetailsByConfigRule", rule)?;
        let (_, found) = self.rules.iter().find(|(name, _)| *name == rule).unwrap();
        let kind =
            |at: usize| if at.is_multiple_of(2) { "AWS::S3::Bucket" } else { "AWS::EC2::VPC" };
        Ok((0..*found).map(|at| resource(kind(at), &format!("{at:06}"))).collect())
    }
}

fn account(rules: &[(&'static str, usize)]) -> Account {
    Account { rules: rules.to_vec(), ..Account::default() }
}

fn counted(account: &Account, watch: &Watch) -> Result<Silent, ProviderError> {
    block_on(async {
        let rules = account.config_rules(&watch.region).await?;
        count(account, watch, &who(), &rules).await
    })
}

#[test]
fn only_rules_that_count_are_asked_for_their_resources() {
    let rules = [("a", 2), ("b", 0), ("c", 30), ("d", 1)];
    let account = account(&rules);
    let some = "[[events]]\nname = \"some\"\npreset = \"config-compliance\"\n\
                config_rules = [\"a\", \"b\", { prefix = \"c\" }]\n";
    let baseline = block_on(take(&account, &watch(some), &who())).unwrap();
    let found: Vec<_> =
        baseline.rules.iter().map(|rule| (rule.rule.as_str(), rule.resources.len())).collect();
    assert_eq!(found, [("a", 2), ("c", 30)]);
    assert_eq!((baseline.total(), baseline.gaps.len(), baseline.names.len()), (32, 0, 0));
    // By type, then by id.
    let first = &baseline.rules[1].resources[..2];
    let ids: Vec<&str> = first.iter().map(|one| one.resource.resource_id.as_str()).collect();
    assert_eq!(ids, ["000001", "000003"]);
    assert_eq!(
        account.calls(),
        [
            "DescribeConfigRules",
            "DescribeComplianceByConfigRule a,b,c",
            "GetComplianceDetailsByConfigRule a",
            "GetComplianceDetailsByConfigRule c",
        ]
    );
    // A count alone takes two calls: AWS counts no further than 25.
    let silent = counted(&account, &watch(some)).unwrap();
    assert_eq!(silent, Silent { resources: 27, at_least: true, gaps: vec![] });
    assert_eq!(account.calls(), ["DescribeConfigRules", "DescribeComplianceByConfigRule a,b,c"]);
}

#[test]
fn where_no_rule_is_concerned_nothing_more_is_asked() {
    let account = account(&[("a", 2)]);
    let none = "[[events]]\nname = \"n\"\npreset = \"config-compliance\"\nconfig_rules = [\"z\"]\n";
    let baseline = block_on(take(&account, &watch(none), &who())).unwrap();
    assert_eq!((baseline.total(), baseline.names.len()), (0, 1));
    assert_eq!(counted(&account, &watch(none)).unwrap(), Silent::default());
    assert_eq!(account.calls(), ["DescribeConfigRules", "DescribeConfigRules"]);
}

#[test]
fn each_resource_is_asked_of_each_pattern() {
    let account = account(&[("a", 4), ("b", 40)]);
    let two = watch(
        "[[events]]\nname = \"buckets\"\nmessage = \"m\"\npattern = '{\"source\": [\"aws.config\"], \
         \"detail\": {\"resourceType\": [\"AWS::S3::Bucket\"]}}'\n\
         [[events]]\nname = \"a\"\npreset = \"config-compliance\"\nconfig_rules = [\"a\"]\n\
         exclude = { resources = [\"000000\", \"000003\"] }\n",
    );
    let baseline = block_on(take(&account, &two, &who())).unwrap();
    let of = |rule: usize| -> Vec<(&str, &[usize])> {
        let resources = &baseline.rules[rule].resources;
        resources.iter().map(|one| (one.resource.resource_id.as_str(), &one.by[..])).collect()
    };
    assert_eq!(of(0), [("000001", &[1][..]), ("000000", &[0]), ("000002", &[0, 1])]);
    assert_eq!(of(1).len(), 20);
    assert_eq!(baseline.notifications, ["buckets", "a"]);
    account.calls();
    // The counts of AWS would be too high, so the resources are read.
    let silent = counted(&account, &two).unwrap();
    assert_eq!(silent, Silent { resources: 23, at_least: false, gaps: vec![] });
    assert_eq!(account.calls().len(), 4);
    // Where one notification tells of all of a rule, the count will do.
    let all = watch(&format!(
        "{ANY}[[events]]\nname = \"x\"\nmessage = \"m\"\n\
         pattern = '{{\"detail\": {{\"resourceId\": [\"000001\"]}}}}'\n"
    ));
    let silent = counted(&account, &all).unwrap();
    assert_eq!(silent, Silent { resources: 29, at_least: true, gaps: vec![] });
    assert_eq!(account.calls().len(), 2);
}

#[test]
fn a_rule_that_has_gone_is_a_gap_and_all_else_is_an_error() {
    let by_type = watch(
        "[[events]]\nname = \"e\"\nmessage = \"m\"\n\
         pattern = '{\"detail\": {\"resourceType\": [\"AWS::S3::Bucket\"]}}'\n",
    );
    let failing = |operation, class| Account {
        rules: vec![("a", 1), ("b", 0)],
        fails: Some((operation, class)),
        ..Account::default()
    };
    let details = "GetComplianceDetailsByConfigRule";
    let gone = failing(details, ErrorClass::NotFound);
    let gap = "config:GetComplianceDetailsByConfigRule a: not found: no".to_owned();
    let baseline = block_on(take(&gone, &watch(ANY), &who())).unwrap();
    assert_eq!((baseline.total(), &baseline.gaps), (0, &vec![gap.clone()]));
    let silent = counted(&gone, &by_type).unwrap();
    assert_eq!(silent, Silent { resources: 0, at_least: false, gaps: vec![gap] });
    for (operation, class) in [
        (details, ErrorClass::AccessDenied),
        (details, ErrorClass::Throttled),
        ("DescribeConfigRules", ErrorClass::AccessDenied),
        ("DescribeComplianceByConfigRule", ErrorClass::AccessDenied),
    ] {
        let account = failing(operation, class);
        let error = block_on(take(&account, &watch(ANY), &who())).unwrap_err();
        assert_eq!(error.class, class);
        let error = counted(&account, &by_type).unwrap_err();
        let line = unknown_line(&error);
        let start = "whether resources do not comply already is not known: ";
        let why = match class {
            ErrorClass::AccessDenied => format!("allow `config:{operation}`"),
            _ => format!("config:{operation} a: throttled: no"),
        };
        assert_eq!(line, format!("{start}{why}"));
    }
}

#[test]
fn a_line_says_how_many_are_silent() {
    let silent = |resources, at_least| Silent { resources, at_least, gaps: vec![] };
    for (silent, says) in [
        (silent(0, false), None),
        (
            silent(1, false),
            Some("1 resource does not comply already and will cause no mail until it changes"),
        ),
        (
            silent(12, false),
            Some("12 resources do not comply already and will cause no mail until they change"),
        ),
        (
            silent(25, true),
            Some(
                "at least 25 resources do not comply already and will cause no mail until they change",
            ),
        ),
    ] {
        let says = says.map(|says| format!("{says}: `notify-cli baseline` lists them"));
        assert_eq!(silent.line(), says);
    }
}

#[test]
fn ten_thousand_resources_are_asked_of_five_patterns() {
    let account = account(&[("a", 10_000)]);
    let event = |at: usize| {
        format!(
            "[[events]]\nname = \"e{at}\"\nmessage = \"m\"\npattern = '{{\"source\": \
             [\"aws.config\"], \"detail\": {{\"resourceId\": [{{\"suffix\": \"{at}\"}}]}}}}'\n"
        )
    };
    let patterns = [0, 1, 2, 3, 4].map(event).concat();
    let baseline = block_on(take(&account, &watch(&patterns), &who())).unwrap();
    assert_eq!(baseline.total(), 5_000);
}

fn rules(names: &[&str], region: Option<&str>) -> String {
    let rule = |name: &&str| {
        let arn =
            region.map(|region| format!("arn:aws:config:{region}:123456789012:config-rule/{name}"));
        json!({"ConfigRuleName": name, "ConfigRuleArn": arn, "ConfigRuleState": "ACTIVE"})
    };
    json!({"ConfigRules": names.iter().map(rule).collect::<Vec<_>>()}).to_string()
}

fn results(rule: &str, resources: &[(&str, &str)]) -> String {
    let result = |(id, compliance): &(&str, &str)| {
        json!({
            "EvaluationResultIdentifier": {
                "EvaluationResultQualifier": {"ConfigRuleName": rule, "ResourceType": "T", "ResourceId": id,
                    "EvaluationMode": "DETECTIVE"},
                "OrderingTimestamp": 1_450_314_635.065,
            },
            "ComplianceType": compliance,
            "ResultRecordedTime": "2026-11-24T10:02:03.456000+09:00",
            "ConfigRuleInvokedTime": 1_450_314_635,
            "Annotation": "open",
        })
    };
    json!({"EvaluationResults": resources.iter().map(result).collect::<Vec<_>>()}).to_string()
}

fn saved(documents: &[(Option<&str>, &str, String)]) -> LocalCloud {
    let mut saved = SavedConfig::default();
    for (region, file, text) in documents {
        let region = region.map(|region| Region::parse(region).unwrap());
        saved.add(region.as_ref(), file, text).unwrap();
    }
    LocalCloud::default().with_config(saved)
}

fn names(cloud: &LocalCloud, region: &str) -> Option<Vec<String>> {
    let rules = block_on(cloud.config_rules(&Region::parse(region).unwrap()));
    Some(rules.ok()?.into_iter().map(|rule| rule.name).collect())
}

fn ids(cloud: &LocalCloud, rule: &str) -> Option<Vec<String>> {
    let found = block_on(cloud.non_compliant(&region(), rule)).ok()?;
    Some(found.into_iter().map(|one| one.resource_id).collect())
}

#[test]
fn a_local_account_knows_what_was_saved() {
    let bad = "NON_COMPLIANT";
    let cloud = saved(&[
        (None, "rules", rules(&["b", "a"], Some("eu-west-1"))),
        (None, "more", rules(&["elsewhere"], Some("us-east-1"))),
        (Some("us-east-1"), "there", rules(&["there"], None)),
        (None, "results", results("a", &[("2", bad), ("1", bad), ("3", "COMPLIANT")])),
        (None, "other", results("elsewhere", &[("9", bad)])),
        (Some("eu-west-1"), "c", results("", &[])),
    ]);
    assert_eq!(names(&cloud, "eu-west-1"), Some(vec!["a".into(), "b".into(), "c".into()]));
    assert_eq!(names(&cloud, "us-east-1"), Some(vec!["elsewhere".into(), "there".into()]));
    assert_eq!(ids(&cloud, "a"), Some(vec!["1".into(), "2".into()]));
    assert_eq!(ids(&cloud, "c"), Some(vec![]), "the file is called as the rule");
    let one = block_on(cloud.non_compliant(&region(), "a")).unwrap().remove(0);
    assert_eq!(
        one,
        NonCompliant {
            annotation: Some("open".to_owned()),
            recorded: "2026-11-24T01:02:03.456Z".parse().ok(),
            invoked: "2015-12-17T01:10:35Z".parse().ok(),
            ordered: "2015-12-17T01:10:35.065Z".parse().ok(),
            mode: Some("DETECTIVE".to_owned()),
            ..resource("T", "1")
        }
    );
    // Of a rule without results nobody knows; of one that is not there neither, with another reason.
    for (rule, says) in [
        (
            "b",
            "get-compliance-details-by-config-rule --config-rule-name NAME` as .notify/config/b.json",
        ),
        ("elsewhere", "no rule of the local account has this name"),
    ] {
        let error = block_on(cloud.non_compliant(&region(), rule)).unwrap_err();
        assert_eq!((error.class, error.resource.as_str()), (ErrorClass::NotFound, rule));
        assert!(error.message.contains(says), "{error}");
    }
    let counts = block_on(cloud.non_compliant_counts(&region(), &["c", "b", "a"])).unwrap();
    let count = |rule: &str, resources, more| RuleCount { rule: rule.to_owned(), resources, more };
    assert_eq!(counts, [count("a", 2, false), count("b", 0, true)]);
    let silent = block_on(async {
        let rules = cloud.config_rules(&region()).await.unwrap();
        count_(&cloud, &rules).await
    });
    assert_eq!((silent.resources, silent.gaps.len()), (2, 1));
}

async fn count_(cloud: &LocalCloud, rules: &[ConfigRule]) -> Silent {
    count(cloud, &watch(ANY), &who(), rules).await.unwrap()
}

#[test]
fn a_local_account_counts_to_25_as_aws_does() {
    let bad = |count: usize| -> Vec<(String, &str)> {
        (0..count).map(|at| (at.to_string(), "NON_COMPLIANT")).collect()
    };
    for (count, resources, more) in [(25, 25, false), (26, 25, true)] {
        let bad = bad(count);
        let bad: Vec<(&str, &str)> = bad.iter().map(|(id, word)| (id.as_str(), *word)).collect();
        let cloud = saved(&[(None, "f", results("a", &bad))]);
        let counts = block_on(cloud.non_compliant_counts(&region(), &["a", "a"])).unwrap();
        assert_eq!(counts, [RuleCount { rule: "a".to_owned(), resources, more }]);
    }
}

#[test]
fn what_was_not_saved_is_named_with_its_command() {
    let cloud = LocalCloud::default();
    for (error, operation, says) in [
        (
            block_on(cloud.config_rules(&region())).unwrap_err(),
            "config:DescribeConfigRules",
            "`aws configservice describe-config-rules` as .notify/config/rules.json",
        ),
        (
            block_on(cloud.recorder(&region())).unwrap_err(),
            "config:DescribeConfigurationRecorderStatus",
            "`aws configservice describe-configuration-recorder-status` as .notify/config/recorder.json",
        ),
        (
            block_on(cloud.non_compliant(&region(), "a/../b")).unwrap_err(),
            "config:GetComplianceDetailsByConfigRule",
            "NAME` as .notify/config/a_.._b.json",
        ),
    ] {
        assert_eq!((error.class, error.operation.as_str()), (ErrorClass::NotFound, operation));
        assert!(error.message.contains(says), "{error}");
    }
    // Nothing is something else than unknown.
    let cloud = saved(&[(None, "rules", rules(&[], None))]);
    assert_eq!(names(&cloud, "eu-west-1"), Some(vec![]));
}

#[test]
fn a_local_accounts_recorder_is_what_was_saved_last_of_it() {
    let status = |fields: Value| json!({"ConfigurationRecordersStatus": fields}).to_string();
    let on = status(json!([{"name": "default", "recording": true, "lastStatus": "Failure",
        "lastErrorCode": "AccessDenied", "lastErrorMessage": "no bucket"}]));
    let off = status(json!([{"name": "default", "recording": false}]));
    let recorder = |documents: &[(Option<&str>, &str, String)]| {
        block_on(saved(documents).recorder(&region())).unwrap()
    };
    let found = recorder(&[(None, "recorder", on.clone())]).unwrap();
    assert!(found.recording && !found.works());
    assert_eq!(found.last_status.as_deref(), Some("FAILURE"));
    assert_eq!(found.last_error.as_deref(), Some("AccessDenied: no bucket"));
    // That of the region counts.
    let both = [(None, "recorder", on), (Some("eu-west-1"), "recorder", off)];
    assert!(!recorder(&both).unwrap().recording);
    assert_eq!(recorder(&[(None, "recorder", status(json!([])))]), None);
}

#[test]
fn what_aws_does_not_print_is_refused() {
    let add = |text: &str| SavedConfig::default().add(None, "f", text).map_err(|e| e.to_string());
    assert_eq!(add("{"), Err("not what `aws configservice` prints".to_owned()));
    assert_eq!(
        add(r#"{"EvaluationResults": [{}]}"#),
        Err("not what `aws configservice` prints".to_owned())
    );
    assert!(add("{}").unwrap_err().contains("describe-configuration-recorder-status"));
}

fn event(compliance: &str, id: &str, arn: bool) -> String {
    let mut event = json!({
        "version": "0", "id": "x", "detail-type": "Config Rules Compliance Change",
        "source": "aws.config", "account": "123456789012", "time": "2026-11-24T01:02:03Z",
        "region": "eu-west-1", "resources": [],
        "detail": {
            "resourceId": id, "resourceType": "T", "configRuleName": "heard",
            "messageType": "ComplianceChangeNotification",
            "newEvaluationResult": {
                "evaluationResultIdentifier": {
                    "evaluationResultQualifier": {"evaluationMode": "DETECTIVE"},
                    "orderingTimestamp": "2026-11-24T01:02:01Z"},
                "complianceType": compliance, "annotation": "open",
                "resultRecordedTime": "2026-11-24T01:02:03Z",
                "configRuleInvokedTime": "2026-11-24T01:02:02Z"},
        },
    });
    if arn {
        event["detail"]["configRuleARN"] = "arn:heard".into();
    }
    event.to_string()
}

#[test]
fn a_local_account_hears_of_rules_by_their_events() {
    let cloud = LocalCloud::default();
    let emit = |cloud: &LocalCloud, event: &str| cloud.emit(&region(), event).unwrap();
    emit(&cloud, &event("NON_COMPLIANT", "1", true));
    emit(&cloud, &event("NON_COMPLIANT", "2", false));
    emit(&cloud, &event("COMPLIANT", "3", false));
    let rules = block_on(cloud.config_rules(&region())).unwrap();
    assert_eq!((rules[0].name.as_str(), rules[0].arn.as_deref()), ("heard", Some("arn:heard")));
    assert_eq!(ids(&cloud, "heard"), Some(vec!["1".into(), "2".into()]));
    emit(&cloud, &event("COMPLIANT", "1", false));
    assert_eq!(ids(&cloud, "heard"), Some(vec!["2".into()]));
    let one = block_on(cloud.non_compliant(&region(), "heard")).unwrap().remove(0);
    assert_eq!(
        one,
        NonCompliant {
            annotation: Some("open".to_owned()),
            recorded: "2026-11-24T01:02:03Z".parse().ok(),
            invoked: "2026-11-24T01:02:02Z".parse().ok(),
            ordered: "2026-11-24T01:02:01Z".parse().ok(),
            mode: Some("DETECTIVE".to_owned()),
            ..resource("T", "2")
        }
    );
    // It is kept, and newer than what was saved.
    let mut saved = SavedConfig::default();
    saved
        .add(None, "f", &results("heard", &[("1", "NON_COMPLIANT"), ("4", "NON_COMPLIANT")]))
        .unwrap();
    let again = LocalCloud::from_json(&cloud.to_json()).unwrap().with_config(saved);
    assert_eq!(ids(&again, "heard"), Some(vec!["2".into(), "4".into()]));
    assert_eq!(names(&again, "us-east-1"), Some(vec!["heard".into()]), "as the saved results say");
    // No other event makes a rule known.
    let cloud = LocalCloud::default();
    let good = event("NON_COMPLIANT", "1", true);
    for (from, to) in [
        ("\"aws.config\"", "\"shop\""),
        ("Compliance Change\"", "Compliance Change \""),
        ("\"configRuleName\"", "\"name\""),
        ("\"resourceId\"", "\"id_\""),
        ("\"resourceType\"", "\"type\""),
        ("\"complianceType\"", "\"type\""),
    ] {
        assert!(good.contains(from), "{from}");
        emit(&cloud, &good.replace(from, to));
        assert_eq!(names(&cloud, "eu-west-1"), None, "{from}");
    }
}
