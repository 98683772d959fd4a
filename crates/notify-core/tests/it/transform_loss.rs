//! Which placeholders can make a mail get lost, and what is said of them.

use notify_core::transform::{Input, Known, Risk, Verdict, verdicts};

/// The verdict for the only placeholder of a template, `<v>`, read from a path.
fn verdict(pattern: &str, path: &str, template: &str) -> Verdict {
    let input = Input::Transformer {
        paths: [("v".to_owned(), path.to_owned())].into(),
        template: template.to_owned(),
    };
    let mut found = verdicts(&input, &Known::from_pattern(pattern));
    assert_eq!(found.len(), 1, "{template}");
    found.remove(0)
}

const CONFIG: &str =
    r#"{"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"]}"#;
const GUARD: &str = r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}"#;
const HEALTH: &str = r#"{"source": ["aws.health"], "detail-type": ["AWS Health Event"]}"#;
const OWN: &str = r#"{"source": ["my.app"]}"#;
const ANNOTATION: &str = "$.detail.newEvaluationResult.annotation";

#[test]
fn each_placeholder_gets_a_verdict() {
    use Risk::{AlwaysLost, MayBeLost, Safe, Unknown};
    let quote = Some(r#""say \"hello\"""#);
    let text = Some(r#""value""#);
    for (pattern, path, template, risk, example) in [
        // Free text.
        (CONFIG, ANNOTATION, "\"n: <v>\"", MayBeLost, quote),
        (CONFIG, ANNOTATION, "{\"message\": <v>}", Safe, None),
        (CONFIG, ANNOTATION, "{\"message\": \"n: <v>\"}", Safe, None),
        (CONFIG, ANNOTATION, "[<v>]", AlwaysLost, text),
        (GUARD, "$.detail.description", "\"<v>\"", MayBeLost, quote),
        (HEALTH, "$.detail.eventDescription[0].latestDescription", "\"<v>\"", MayBeLost, quote),
        (
            HEALTH,
            "$.detail.eventDescription[*].latestDescription",
            "\"<v>\"",
            MayBeLost,
            Some(r#"["say \"hello\""]"#),
        ),
        (CONFIG, "$.detail", "\"<v>\"", MayBeLost, Some(r#"{"key":"say \"hello\""}"#)),
        (CONFIG, "$.detail", "{\"k\": <v>}", Safe, None),
        (CONFIG, "$.detail", "{\"k\": \"<v>\"}", AlwaysLost, Some(r#"{"key":"value"}"#)),
        // Ids, enumerations, times.
        (CONFIG, "$.detail.resourceId", "\"<v>\"", Safe, None),
        (CONFIG, "$.detail.resourceId", "[<v>]", AlwaysLost, text),
        (OWN, "$.time", "\"<v>\"", Safe, None),
        (OWN, "$.account", "\"<v>\"", Safe, None),
        (OWN, "$.account", "[<v>]", MayBeLost, Some("\"012345678901\"")),
        (OWN, "$.version", "<v>", Unknown, None),
        (CONFIG, "$.resources", "\"<v>\"", Safe, None),
        // Numbers.
        (GUARD, "$.detail.severity", "\"<v>\"", Safe, None),
        (GUARD, "$.detail.severity", "[1, <v>]", Unknown, None),
        (HEALTH, "$.detail.backupEvent", "[<v>]", Safe, None),
        // Names that somebody has chosen; nothing known.
        (CONFIG, "$.detail.configRuleName", "\"<v>\"", Unknown, quote),
        (CONFIG, "$.detail.configRuleName", "[<v>]", AlwaysLost, text),
        (OWN, "$.detail.user", "\"<v>\"", Unknown, quote),
        (OWN, "$.detail.user", "{\"k\": <v>}", Safe, None),
        (OWN, "$.detail.user", "{\"k\": \"<v>\"}", Unknown, Some(r#"{"key":"say \"hello\""}"#)),
        (OWN, "$.detail.user", "[<v>]", MayBeLost, text),
        (OWN, "$.detail.note", "\"<v>\"", MayBeLost, quote),
        (OWN, "$.detail.note", "[<v>]", MayBeLost, text),
        // What the pattern lets through.
        (r#"{"detail": {"v": ["a", "b"]}}"#, "$.detail.v", "\"<v>\"", Safe, None),
        (
            r#"{"detail": {"v": ["a", "b\"c"]}}"#,
            "$.detail.v",
            "\"<v>\"",
            MayBeLost,
            Some(r#""b\"c""#),
        ),
        (r#"{"detail": {"v": ["\"c"]}}"#, "$.detail.v", "\"<v>\"", AlwaysLost, Some(r#""\"c""#)),
        (r#"{"detail": {"v": [null]}}"#, "$.detail.v", "\"<v>\"", MayBeLost, Some("null")),
        (r#"{"detail": {"v": [{"prefix": "a"}]}}"#, "$.detail.v", "\"<v>\"", Unknown, quote),
    ] {
        let found = verdict(pattern, path, template);
        let got = (found.risk, found.example.as_deref());
        assert_eq!(got, (risk, example), "{path} in {template} of {pattern}: {}", found.reason);
        assert_eq!(found.path.as_deref(), Some(path));
        assert_eq!(found.remedy().is_none(), risk == Safe);
    }
}

#[test]
fn a_verdict_says_why() {
    let check = |pattern: &str, path: &str, template: &str, want: &str| {
        assert_eq!(verdict(pattern, path, template).reason, want, "{path} in {template}");
    };
    check(CONFIG, ANNOTATION, "\"<v>\"", "the mail is lost when it holds a quote");
    check(CONFIG, ANNOTATION, "{\"k\":<v>}", "EventBridge escapes values in a JSON template");
    check(
        CONFIG,
        ANNOTATION,
        "<v>",
        "a value of this field is not JSON in this place, so every mail is lost",
    );
    check(CONFIG, "$.region", "\"<v>\"", "it never holds a quote, a backslash or a line break");
    check(GUARD, "$.detail.severity", "\"<v>\"", "numbers, true and false always arrive");
    check(
        GUARD,
        "$.detail.severity",
        "<v>",
        "the mail is lost when the event does not have the field",
    );
    check(OWN, "$.account", "<v>", "the mail is lost when it begins with 0");
    check(OWN, "$.detail.x", "[<v>]", "the mail is lost when it is text");
    check(OWN, "$.detail.x", "{\"k\":\"<v>\"}", "the mail is lost when it is an object");
    check(CONFIG, "$.resources", "\"<v>\"", "each value that was tried arrives");
    check(
        r#"{"detail":{"v":["x"]}}"#,
        "$.detail.v",
        "\"<v>\"",
        "the pattern lets through only values that arrive",
    );
    for (literal, reason) in [
        ("null", "what AWS does is not known when it is null"),
        (r#""a\\Users""#, "the mail is lost when it holds a backslash"),
        (r#""a\nc""#, "the mail is lost when it holds a line break or another control character"),
    ] {
        let pattern = format!("{{\"detail\":{{\"v\":[\"ok\",{literal}]}}}}");
        check(&pattern, "$.detail.v", "\"<v>\"", reason);
    }
    let remedy = verdict(CONFIG, ANNOTATION, "\"<v>\"").remedy();
    let want = "leave `$.detail.newEvaluationResult.annotation` out, or send JSON, where values are escaped: template = '{\"message\": <v>}' with paths = { v = \"$.detail.newEvaluationResult.annotation\" }";
    assert_eq!(remedy.as_deref(), Some(want));
}

#[test]
fn names_without_a_path_get_verdicts_too() {
    let check = |template: &str, want: &[(&str, Risk, &str)]| {
        let found = verdicts(&without_paths(template), &Known::nothing());
        let found: Vec<(&str, Risk, &str)> =
            found.iter().map(|v| (v.placeholder.as_str(), v.risk, v.reason.as_str())).collect();
        assert_eq!(found, want, "{template}");
    };
    let (name, arn) = ("aws.events.rule-name", "aws.events.rule-arn");
    let by_itself = "EventBridge fills it in itself";
    let not_json = "what it stands for is not JSON in this place";
    check(
        "\"<aws.events.rule-arn> <aws.events.rule-name> <aws.events.rule-arn>\"",
        &[(arn, Risk::Safe, by_itself), (name, Risk::Safe, by_itself)],
    );
    check("[<aws.events.rule-name>]", &[(name, Risk::AlwaysLost, not_json)]);
    check("{\"k\":<aws.events.event.json>}", &[("aws.events.event.json", Risk::Safe, by_itself)]);
    check(
        "{\"k\":\"<aws.events.rule-arn>\"}",
        &[(
            arn,
            Risk::MayBeLost,
            "what AWS does with a reserved variable between quotes of a JSON template is not known",
        )],
    );
    check("\"<who>\"", &[("who", Risk::Safe, "nothing defines it: it stays as it is")]);
    check("{\"k\":<who>}", &[("who", Risk::AlwaysLost, not_json)]);
    check("hello", &[]);
    check("1", &[]);
    let remedy = verdicts(&without_paths("<aws.events.rule-name>"), &Known::nothing())[0].remedy();
    let want = "leave `aws.events.rule-name` out, or send JSON, where values are escaped: template = '{\"message\": <aws.events.rule-name>}'";
    assert_eq!(remedy.as_deref(), Some(want));
    assert_eq!(verdicts(&Input::Event, &Known::nothing()), []);
    let words = [Risk::Safe, Risk::Unknown, Risk::MayBeLost, Risk::AlwaysLost].map(Risk::as_str);
    assert_eq!(words, ["safe", "unknown: may be lost", "may be lost", "always lost"]);
}

/// What people want to see of each source's events, in quotes: the first list arrives always, the
/// second can hold a quote.
#[test]
fn the_fields_of_aws_are_known() {
    for (source, detail_type, plain, free) in [
        (
            "aws.config",
            "Config Rules Compliance Change",
            "awsAccountId awsRegion configRuleARN messageType recordVersion resourceId resourceType \
             newEvaluationResult.complianceType newEvaluationResult.resultRecordedTime \
             oldEvaluationResult.complianceType notificationCreationTime",
            "newEvaluationResult.annotation oldEvaluationResult.annotation",
        ),
        (
            "aws.guardduty",
            "GuardDuty Finding",
            "severity type accountId region id arn createdAt updatedAt",
            "title description",
        ),
        (
            "aws.securityhub",
            "Security Hub Findings - Imported",
            "findings[0].Id findings[0].Severity.Label findings[0].AwsAccountId findings[0].Region \
             findings[0].Resources[0].Id findings[0].Compliance.Status \
             findings[0].Workflow.Status findings[0].RecordState",
            "findings[0].Title findings[0].Description",
        ),
        (
            "aws.access-analyzer",
            "Access Analyzer Finding",
            "id resource resourceType status isPublic isDeleted",
            "error",
        ),
        (
            "aws.health",
            "AWS Health Event",
            "service eventTypeCode eventTypeCategory eventRegion eventArn startTime endTime \
             affectedAccount statusCode page totalPages backupEvent eventDescription[0].language",
            "eventDescription[0].latestDescription",
        ),
        (
            "aws.health",
            "AWS Health Abuse Event",
            "service",
            "eventDescription[0].latestDescription",
        ),
        (
            "aws.trustedadvisor",
            "Trusted Advisor Check Item Refresh Notification",
            "check-name status resource_id",
            "check-item-detail",
        ),
        (
            "aws.inspector2",
            "Inspector2 Finding",
            "severity status type findingArn resources[0].id",
            "title description",
        ),
        (
            "aws.macie",
            "Macie Finding",
            "severity.description severity.score type id count resourcesAffected.s3Bucket.name",
            "title description",
        ),
        (
            "aws.backup",
            "Backup Job State Change",
            "backupJobId state resourceArn resourceType",
            "statusMessage",
        ),
        (
            "aws.cloudwatch",
            "CloudWatch Alarm State Change",
            "state.value state.timestamp previousState.value",
            "alarmName state.reason configuration.description",
        ),
        (
            "aws.signin",
            "AWS Console Sign In via CloudTrail",
            "userIdentity.type responseElements.ConsoleLogin sourceIPAddress eventTime \
             additionalEventData.MFAUsed userIdentity.arn userIdentity.accountId",
            "userAgent errorMessage",
        ),
        (
            "aws.iam",
            "AWS API Call via CloudTrail",
            "eventName eventSource eventID eventType awsRegion recipientAccountId errorCode \
             userIdentity.principalId userIdentity.userName",
            "userAgent errorMessage requestParameters.description",
        ),
    ] {
        let pattern = format!("{{\"source\":[\"{source}\"],\"detail-type\":[\"{detail_type}\"]}}");
        let risk = |field: &str| verdict(&pattern, &format!("$.detail.{field}"), "\"<v>\"").risk;
        for field in plain.split_whitespace() {
            assert_eq!(risk(field), Risk::Safe, "{field} of {detail_type}");
        }
        for field in free.split_whitespace() {
            assert_eq!(risk(field), Risk::MayBeLost, "{field} of {detail_type}");
        }
    }
}

fn without_paths(template: &str) -> Input {
    Input::Transformer { paths: [].into(), template: template.to_owned() }
}

/// One bad placeholder does not spoil the verdicts of the others.
#[test]
fn each_placeholder_is_judged_by_itself() {
    let paths = [("bad", ANNOTATION), ("good", "$.detail.resourceType")];
    let paths = paths.map(|(name, path)| (name.to_owned(), path.to_owned())).into();
    let template = "\"<good>\"\n\"<bad>\" <good>".to_owned();
    let input = Input::Transformer { paths, template };
    let found = verdicts(&input, &Known::from_pattern(CONFIG));
    let found: Vec<(&str, Risk)> = found.iter().map(|v| (v.placeholder.as_str(), v.risk)).collect();
    assert_eq!(found, [("good", Risk::AlwaysLost), ("bad", Risk::MayBeLost)]);
}
