//! `preview`: every mail before it is sent.

use crate::home::{Home, MINIMAL, Ran, SECURITY};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

const EVENT: &str = include_str!("../../../../tests/cases/mail/config-compliance-event.json");
const WAF_MAIL: &str = include_str!("../../../../tests/cases/mail/waf-alarm-mail.txt");
const CONFIG_RAW: &str = include_str!("../../../../tests/cases/mail/config-sns-raw.json");

/// The seven lines that the example makes of the event, with their quotes.
const SEVEN_LINES: [&str; 7] = [
    "\"発生時刻 : 2021-05-17T13:42:32.439Z\"",
    "\"ルール名 : restricted-ssh\"",
    "\"リソースタイプ : AWS::EC2::SecurityGroup\"",
    "\"リソースID : sg-0123456789abcdef0\"",
    "\"AWSアカウント : 123456789012\"",
    "\"非準拠のリソースが存在します。\"",
    "\"configから状態を確認してください。\"",
];

/// A WAF alarm made by hand, as the values of the mail that it once sent.
const WAF: &str = r#"
stack = "waf"
regions = ["ap-northeast-1"]

[topic]
name = "config-info"
display_name = "AWS Config"

[[alarms]]
name = "waf"
preset = "waf-blocked"
web_acl = "waf-base-001"
rules = ["AWS-AWSManagedRulesCommonRuleSet"]
alarm_name = "ManagedRulesCommonRuleSet"
description = ""
statistic = "SampleCount"
period = "5m"
threshold = 1
datapoints_to_alarm = 1
evaluation_periods = 1
"#;
const POINTS: &str = r#"{"Label": "BlockedRequests", "Datapoints": [
    {"Timestamp": "2021-05-27T03:49:00Z", "SampleCount": 1.0, "Unit": "None"}]}"#;
const METRIC: [&str; 5] = ["preview", "--metric", "points.json", "--at", "2021-05-27T03:54:07Z"];

/// One rule without a preset.
fn by_hand(rest: &str) -> Home {
    Home::with(&format!(
        "{MINIMAL}\n[[events]]\nname = \"by-hand\"\npattern = '''{{\"source\": [\"aws.config\"], \
         \"detail\": {{\"configRuleName\": [{{\"prefix\": \"s3-\"}}]}}}}'''\n{rest}\n"
    ))
}

/// The lines of the mails that are shown.
fn mail(ran: &Ran) -> Vec<&str> {
    ran.out.lines().filter_map(|line| line.strip_prefix("  │ ")).collect()
}

fn names(document: &Value) -> Vec<&str> {
    let list = document["notifications"].as_array().expect("notifications");
    list.iter().map(|one| one["name"].as_str().expect("a name")).collect()
}

#[test]
fn every_notification_has_a_sample() {
    let home = Home::with(SECURITY);
    let ran = home.run(&["preview"]).ends(0).quietly();
    let document = home.run(&["preview", "--json"]).ends(0).quietly().json();
    let expected = [
        "config-noncompliant",
        "waf-AWS-AWSManagedRulesAmazonIpReputationList",
        "waf-AWS-AWSManagedRulesCommonRuleSet",
        "waf-AWS-AWSManagedRulesKnownBadInputsRuleSet",
        "waf-SQLi-QueryString",
    ];
    assert_eq!(names(&document), expected);
    for (notification, name) in
        document["notifications"].as_array().expect("a list").iter().zip(expected)
    {
        assert_eq!(notification["sample"], true);
        assert_eq!(notification["outcome"], "mailed");
        assert_eq!(notification["from"], "AWS Config <no-reply@sns.amazonaws.com>");
        let body = notification["body"].as_str().expect("a body");
        for line in body.lines() {
            assert!(mail(&ran).contains(&line), "{line}");
        }
        assert!(
            ran.out.contains(&format!("{name} ({}", notification["kind"].as_str().unwrap_or("")))
        );
    }
    assert!(!home.has(".notify"), "nothing is written");
}

#[test]
fn an_event_gives_exactly_the_seven_lines() {
    let home = Home::with(SECURITY);
    home.write("event.json", EVENT);
    let ran = home.run(&["preview", "--event", "event.json"]).ends(0).quietly();
    assert_eq!(mail(&ran), SEVEN_LINES);
    let ran = ran
        .says("config-noncompliant (event, ap-northeast-1)\n")
        .says("  From     AWS Config <no-reply@sns.amazonaws.com>\n")
        .says("  To       ops@example.com\n")
        .says("  Subject  AWS Notification Message\n")
        .says("\n  298 bytes of 262144;")
        .says("  1     <time> = $.detail.newEvaluationResult.resultRecordedTime\n")
        .never_says("6     ");
    for placeholder in ["<time> ", "<rule> ", "<resourceType>", "<resourceId>", "<awsAccountId>"] {
        let line = ran
            .out
            .lines()
            .find(|line| line.trim_start().starts_with(placeholder) && !line.contains('$'));
        assert!(line.is_some_and(|line| line.ends_with(" safe")), "{placeholder}: {}", ran.out);
    }
    let mut command = home.command(&["preview", "--event", "-", "--json"]);
    command.stdin(std::fs::File::open(home.path("event.json")).expect("the event"));
    let document = Ran::of(command.output().expect("the program starts")).ends(0).json();
    let notification = &document["notifications"][0];
    assert_eq!(notification["body"], SEVEN_LINES.join("\n"));
    assert_eq!(notification["bytes"], 298);
    assert_eq!(notification["lines"][1]["from"], "<rule> = $.detail.configRuleName");
    assert_eq!(notification["verdicts"].as_array().map(Vec::len), Some(5));
}

#[test]
fn a_metric_gives_the_mail_that_once_came() {
    let home = Home::with(WAF);
    home.write("points.json", POINTS);
    let ran = home.run(&METRIC).ends(0);
    let newer = WAF_MAIL
        .replace(" for 300 seconds.", " for at least 1 of the last 1 period(s) of 300 seconds.");
    let filled = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
    };
    assert_eq!(filled(&mail(&ran).join("\n")), filled(&newer));
    ran.says("  Subject  ALARM: \"ManagedRulesCommonRuleSet\" in Asia Pacific (Tokyo)\n");

    // As put-metric-data takes it; by default right after the minute of the last value.
    home.write(
        "points.json",
        r#"{"Namespace": "AWS/WAFV2", "MetricData": [
        {"MetricName": "BlockedRequests", "Timestamp": "2021-05-27T03:49:00Z", "Value": 7,
         "Dimensions": [{"Name": "WebACL", "Value": "waf-base-001"},
            {"Name": "Region", "Value": "ap-northeast-1"},
            {"Name": "Rule", "Value": "AWS-AWSManagedRulesCommonRuleSet"}]}]}"#,
    );
    let ran = home.run(&METRIC[..3]).ends(0).says("datapoints [1.0 (27/05/21 03:45:00)]");
    assert!(ran.out.contains("Timestamp:                  Thursday 27 May, 2021 03:50:00 UTC"));
}

#[test]
fn values_that_change_nothing_send_nothing() {
    let home = Home::with(WAF);
    home.write("points.json", POINTS.replace("SampleCount\": 1.0", "SampleCount\": 0.0"));
    home.run(&METRIC).ends(0).says("nobody is told of OK");
    let document = home.run(&[&METRIC[..], &["--json"]].concat()).ends(0).json();
    assert_eq!(document["notifications"][0]["outcome"], "nobody_told");
    home.write("points.json", "{");
    home.run(&METRIC).ends(1).complains("points.json cannot be previewed");
}

#[test]
fn the_return_to_ok_is_told_of_when_the_file_says_so() {
    let home = Home::with(WAF);
    let ok = ["preview", "--state", "OK"];
    home.run(&ok)
        .ends(0)
        .says("  no mail: nobody is told of OK (`notify_ok = true` changes that)\n");
    home.write("notify.toml", format!("{WAF}notify_ok = true\n"));
    home.run(&ok)
        .ends(0)
        .says("  Subject  OK: \"ManagedRulesCommonRuleSet\" in Asia Pacific (Tokyo)\n")
        .says("- State Change:               ALARM -> OK\n");
    home.run(&["preview", "--state", "ALARM"]).ends(0).says("OK -> ALARM");
    home.run(&["preview", "--state", "INSUFFICIENT_DATA"]).ends(0).says("  no mail: ");
}

#[test]
fn a_name_is_one_of_the_file_or_of_aws() {
    let home = Home::with(SECURITY);
    let named = |name: &str| {
        let document = home.run(&["preview", name, "--json"]).ends(0).json();
        names(&document).join(" ")
    };
    assert_eq!(named("config-noncompliant"), "config-noncompliant");
    assert_eq!(named("waf-SQLi-QueryString"), "waf-SQLi-QueryString");
    assert_eq!(named("waf").split(' ').count(), 4);
    let ran = home.run(&["preview", "nothing"]).ends(1);
    assert_eq!(ran.out, "");
    ran.complains("the file has no notification `nothing`")
        .complains("    config-noncompliant\n    waf-AWS-AWSManagedRulesAmazonIpReputationList\n");
    Home::with(MINIMAL).run(&["preview", "x"]).ends(1).complains("it has none");
    Home::with(MINIMAL).run(&["preview"]).ends(0).says("the file has no such notifications");
}

#[test]
fn an_event_that_nothing_matches_names_the_field() {
    let home = Home::with(SECURITY);
    home.write("event.json", EVENT.replace("NON_COMPLIANT", "COMPLIANT"));
    let why = "detail.newEvaluationResult.complianceType is \"COMPLIANT\"";
    let ran = home.run(&["preview", "--event", "event.json"]).ends(3).quietly();
    assert!(ran.out.replace("\n  ", " ").contains(&format!("no mail: {why}")), "{}", ran.out);
    let document = home.run(&["preview", "--event", "event.json", "--json"]).ends(3).json();
    let notification = &document["notifications"][0];
    assert_eq!(notification["outcome"], "no_match");
    assert!(notification["reason"].as_str().is_some_and(|reason| reason.starts_with(why)));
    assert_eq!(notification["body"], Value::Null);
}

#[test]
fn an_event_that_is_none_is_an_error() {
    let home = Home::with(SECURITY);
    for (text, says) in
        [("{", "event.json is not an event"), ("[]", "event.json holds no JSON object")]
    {
        home.write("event.json", text);
        home.run(&["preview", "--event", "event.json"]).ends(1).complains(says);
    }
    home.write("event.json", format!("{{\"a\": {}", "[".repeat(100_000)));
    home.run(&["preview", "--event", "event.json"]).ends(1);
    home.run(&["preview", "--event", "none.json"]).ends(1).complains("none.json cannot be read");
    for arguments in [
        &["--raw", "--state", "OK"][..],
        &["--event", "a", "--metric", "b"],
        &["--at", "2026-01-01T00:00:00Z"],
    ] {
        home.run(&[&["preview"], arguments].concat()).ends(1);
    }
}

const QUOTED: &str =
    "template = '\"<why>\"'\npaths = { why = \"$.detail.newEvaluationResult.annotation\" }";
const AS_JSON: &str = "template = '{\"message\": <why>}'\npaths = { why = \"$.detail.newEvaluationResult.annotation\" }";
const IN_PLACE: &str = "message = \"Why: <$.detail.newEvaluationResult.annotation>\"";

#[test]
fn a_placeholder_that_may_lose_the_mail_is_warned_of() {
    for rest in [QUOTED, IN_PLACE] {
        let home = by_hand(rest);
        home.run(&["validate"])
            .ends(0)
            .complains("`$.detail.newEvaluationResult.annotation`: the mail is lost when it holds")
            .complains(r#"such as "say \"hello\"""#)
            .complains("template = '{\"message\": <");
        home.run(&["validate", "--strict"]).ends(1);
        home.run(&["preview"])
            .ends(0)
            .says("may be lost\n      the mail is lost when it holds a quote\n      for example \"say \\\"hello\\\"\"\n");
        let document = home.run(&["preview", "--json"]).ends(0).json();
        let verdict = &document["notifications"][0]["verdicts"][0];
        assert_eq!(verdict["verdict"], "may_be_lost");
        // The example does what is said of it.
        let example = verdict["example"].as_str().expect("an example");
        home.write("event.json", format!(
            r#"{{"source": "aws.config", "detail-type": "t", "detail": {{"configRuleName": "s3-a",
                "newEvaluationResult": {{"annotation": {example}}}}}}}"#));
        home.run(&["preview", "--event", "event.json"])
            .ends(2)
            .says("✗ this mail is lost (INVALID_JSON)");
        let document = home.run(&["preview", "--event", "event.json", "--json"]).ends(2).json();
        let lost = &document["notifications"][0];
        assert_eq!(lost["outcome"], "lost");
        assert!(lost["reason"].as_str().is_some_and(|reason| reason.starts_with("INVALID_JSON: ")));
        assert!(lost["body"].as_str().is_some_and(|body| body.contains("hello")), "{lost}");

        home.write("notify.toml", home.read("notify.toml").replace(rest, AS_JSON));
        home.run(&["validate", "--strict"]).ends(0).quietly();
        home.run(&["preview", "--event", "event.json"])
            .ends(0)
            .says(r#"│ {"message": "say \"hello\""}"#)
            .says("<why>  safe\n");
    }
}

#[test]
fn a_sample_is_made_from_a_pattern_by_hand() {
    let home = by_hand("message = \"Rule <$.detail.configRuleName> in <$.region>\"");
    let document = home.run(&["preview", "--json"]).ends(0).json();
    let notification = &document["notifications"][0];
    assert_eq!(notification["sample"], true);
    let body = notification["body"].as_str().expect("a body");
    assert!(body.starts_with("\"Rule s3-") && body.ends_with(" in us-east-1\""), "{body}");
    assert_eq!(notification["from"], "AWS Notifications <no-reply@sns.amazonaws.com>");
    home.run(&["preview"]).ends(0).says("  To       nobody yet\n");
}

#[test]
fn rules_that_only_aws_knows_have_a_stand_in() {
    let all = WAF
        .replace("rules = [\"AWS-AWSManagedRulesCommonRuleSet\"]", "rules = \"all\"")
        .replace("alarm_name = \"ManagedRulesCommonRuleSet\"\n", "");
    let home = Home::with(&all);
    home.run(&["preview"])
        .ends(0)
        .says("waf-RULE (alarm, ap-northeast-1)\n")
        .says("the rules of web ACL waf-base-001 are asked of AWS")
        .says(".notify/web-acls/waf-base-001.json");
    let document = home.run(&["preview", "--json"]).ends(0).json();
    assert_eq!(document["unknown_web_acls"][0], "waf-base-001");
    home.write(".notify/web-acls/waf-base-001.json", r#"{"WebACL": {"Name": "waf-base-001",
        "VisibilityConfig": {"MetricName": "waf-base-001"}, "Rules": [{"Name": "one", "Action": {"Block": {}},
        "VisibilityConfig": {"MetricName": "one", "CloudWatchMetricsEnabled": true}}]}}"#);
    let document = home.run(&["preview", "--json"]).ends(0).json();
    assert_eq!(names(&document), ["waf-one"]);
    assert_eq!(document["unknown_web_acls"].as_array().map(Vec::len), Some(0));
}

#[test]
fn what_is_switched_off_is_shown_all_the_same() {
    let home = by_hand("message = \"off\"\nenabled = false");
    let text = home.read("notify.toml")
        + &WAF[WAF.find("[[alarms]]").expect("alarms")..]
        + "enabled = false\n";
    home.write("notify.toml", text);
    let ran = home.run(&["preview"]).ends(0);
    assert_eq!(mail(&ran)[0], "\"off\"");
    ran.says("entered the ALARM state");
}

/// Config's own mail for the change, but for what the event does not hold.
#[test]
fn raw_is_what_config_alone_would_have_mailed() {
    let home = Home::with(SECURITY);
    home.write("event.json", EVENT);
    let raw = ["preview", "--raw", "--event", "event.json"];
    let ran = home.run(&raw).ends(0).says(
        "  Subject  [AWS Config:ap-northeast-1] AWS::EC2::SecurityGroup sg-0123456789abcdef0 is",
    );
    let shown = mail(&ran).join("\n");
    let (_, record) = shown.split_once("----\n").expect("a heading");
    let record: Value = serde_json::from_str(record).expect("a record");
    let once: Value = serde_json::from_str(CONFIG_RAW).expect("what came once");
    for field in ["configRuleName", "resourceType", "resourceId", "awsAccountId", "messageType"] {
        assert_eq!(record[field], once[field], "{field}");
    }
    let document = home.run(&[&raw[..], &["--json"]].concat()).ends(0).json();
    assert_eq!(
        document["body"].as_str().map(str::len),
        document["bytes"].as_u64().and_then(|n| usize::try_from(n).ok())
    );
    home.run(&["preview", "--raw"]).ends(0).says("New Compliance Change Record:");
    home.write("event.json", r#"{"source": "x", "detail-type": "y", "detail": {}}"#);
    home.run(&raw).ends(1).complains("AWS Config mails nothing of this event");
    Home::with(MINIMAL)
        .run(&["preview", "--raw"])
        .ends(1)
        .complains("the file tells of no AWS Config rules");
}

/// Every run checks what it printed: see `Ran::of`.
#[test]
fn control_characters_of_events_are_shown_and_not_obeyed() {
    let home = by_hand(AS_JSON);
    let evil = "\\u001b[31m\\u0007\\u009b\\u202e";
    for key in ["evil", evil] {
        home.write("event.json", format!(
            r#"{{"source": "aws.config", "detail-type": "{evil}", "{key}": 1, "detail": {{"configRuleName": "s3-{evil}",
                "newEvaluationResult": {{"annotation": "{evil}"}}}}}}"#));
        home.run(&["preview", "--event", "event.json"]).ends(0);
        home.run(&["preview", "--event", "event.json", "--json"]).ends(0);
        home.edit("s3-", "none-");
        home.run(&["preview", "--event", "event.json"]).ends(3).says("\\u{9b}");
        home.run(&["preview", "--event", "event.json", "--json"]).ends(3);
        home.edit("none-", "s3-");
    }
}

#[test]
fn what_is_said_around_the_mail_fits_a_terminal() {
    let lossy = "message = \"<$.detail.newEvaluationResult.annotation> <$.detail.a> <$.detail.b> 状態 <$.detail.c>\"";
    let many = by_hand(lossy);
    many.write(
        "event.json",
        r#"{"source": "aws.config", "detail-type": "t",
        "detail": {"configRuleName": "s3-a", "newEvaluationResult": {"annotation": "\""}}}"#,
    );
    let home = Home::with(SECURITY);
    home.write(
        "event.json",
        EVENT.replace("NON_COMPLIANT", "非準拠 非準拠 非準拠 非準拠 非準拠 非準拠 非準拠 非準拠"),
    );
    let runs = [
        home.run(&["preview"]),
        home.run(&["preview", "--event", "event.json"]),
        many.run(&["preview"]),
        many.run(&["preview", "--event", "event.json"]),
    ];
    for line in runs.iter().flat_map(|ran| ran.out.lines()) {
        let is_mail = line.starts_with("  │ ") || line.starts_with("  Subject");
        assert!(is_mail || line.width() <= 80, "{} columns: {line}", line.width());
    }
}
