//! What alarms and AWS Config publish, against mails that people got and texts written by hand.

use notify_core::alarm::{MetricAlarm, Transition, one_from_json};
use notify_core::aws::{AlarmState, Identity, Region};
use notify_core::mail::{Confirmation, Delivery, Form, Home, Notification, ThresholdLine};
use serde_json::{Value, json};

const WAF_MAIL: &str = include_str!("../../../../tests/cases/mail/waf-alarm-mail.txt");
const CONFIRMATION: &str = include_str!("../../../../tests/cases/mail/confirmation-mail.txt");
const CONFIG_EVENT: &str =
    include_str!("../../../../tests/cases/mail/config-compliance-event.json");
const CONFIG_RAW: &str = include_str!("../../../../tests/cases/mail/config-sns-raw.json");

fn home() -> Home {
    Home {
        identity: Identity::from_caller("123456789012", "arn:aws:iam::123456789012:root")
            .expect("an identity"),
        region: Region::us_east_1(),
    }
}

fn change(from: AlarmState, to: AlarmState, reason: &str, at: &str) -> Transition {
    Transition { at: at.parse().expect("a time"), from, to, reason: reason.to_owned() }
}

/// To ALARM, at a time with a long fraction.
fn to_alarm() -> Transition {
    change(AlarmState::Ok, AlarmState::Alarm, "too \"hot\"", "2026-02-03T04:05:06.007999Z")
}

/// An alarm with every field set, of which `edits` replaces some and removes those that are null.
fn alarm(edits: Value) -> MetricAlarm {
    let mut fields = json!({
        "AlarmName": "cpu",
        "AlarmArn": "arn:aws:cloudwatch:eu-central-1:210987654321:alarm:cpu",
        "AlarmDescription": "Look at the \"graph\"\nand the log",
        "AlarmConfigurationUpdatedTimestamp": "2026-01-02T12:04:05.060700+09:00",
        "Namespace": "AWS/EC2",
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}],
        "Unit": "Percent",
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 90,
        "TreatMissingData": "breaching",
        "OKActions": ["arn:ok"],
        "AlarmActions": ["arn:alarm:1", "arn:alarm:2"],
        "InsufficientDataActions": ["arn:none"],
    });
    let all = fields.as_object_mut().expect("an object");
    let Value::Object(edits) = edits else { panic!("edits are an object") };
    for (key, value) in edits {
        match value {
            Value::Null => drop(all.shift_remove(&key)),
            value => drop(all.insert(key, value)),
        }
    }
    one_from_json(&fields.to_string(), None).expect("an alarm")
}

fn publish(alarm: &MetricAlarm, change: &Transition) -> Notification {
    Notification::of_alarm(alarm, change, &home(), ThresholdLine::default())
}

fn mail(alarm: &MetricAlarm) -> String {
    publish(alarm, &to_alarm()).email.expect("the text of a mail")
}

fn json_of(alarm: &MetricAlarm) -> String {
    publish(alarm, &to_alarm()).default
}

/// The alarm of the original system, as it was when it sent the mail.
fn waf() -> (MetricAlarm, Transition) {
    let alarm = json!({
        "AlarmName": "ManagedRulesCommonRuleSet",
        "AlarmArn": "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:ManagedRulesCommonRuleSet",
        "Namespace": "AWS/WAFV2", "MetricName": "BlockedRequests",
        "Dimensions": [
            {"Name": "WebACL", "Value": "waf-base-001"},
            {"Name": "Region", "Value": "ap-northeast-1"},
            {"Name": "Rule", "Value": "AWS-AWSManagedRulesCommonRuleSet"},
        ],
        "Statistic": "SampleCount", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
        "AlarmActions": ["arn:aws:sns:ap-northeast-1:123456789012:config-info"],
    });
    let reason = "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (27/05/21 03:49:00)] was \
                  greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM \
                  transition).";
    let change = change(AlarmState::Ok, AlarmState::Alarm, reason, "2021-05-27T03:54:07Z");
    (one_from_json(&alarm.to_string(), None).expect("an alarm"), change)
}

#[test]
fn the_mail_of_the_original_system() {
    let (alarm, change) = waf();
    let older = Notification::of_alarm(&alarm, &change, &home(), ThresholdLine::Older);
    // The sample lost its line breaks, and got one blank line less back here than mails have.
    let text = older.text().replace("\n\n\nState Change", "\n\nState Change");
    assert_eq!(text, WAF_MAIL);
    let subject = "ALARM: \"ManagedRulesCommonRuleSet\" in Asia Pacific (Tokyo)";
    assert_eq!(older.subject.as_deref(), Some(subject));
    assert_eq!(older.sms.as_deref(), Some(subject));

    let newer = publish(&alarm, &change);
    let expected = older.text().replace(
        "1.0 for 300 seconds. ",
        "1.0 for at least 1 of the last 1 period(s) of 300 seconds. ",
    );
    assert_eq!(newer.text(), expected);
    assert_eq!(Notification { email: None, ..newer }, Notification { email: None, ..older });
}

#[test]
fn every_line_of_a_mail() {
    let expected = r#"You are receiving this email because your Amazon CloudWatch Alarm "cpu" in the EU (Frankfurt) region has entered the ALARM state, because "too "hot"" at "Tuesday 03 February, 2026 04:05:06 UTC".

View this alarm in the AWS Management Console:
https://eu-central-1.console.aws.amazon.com/cloudwatch/deeplink.js?region=eu-central-1#alarmsV2:alarm/cpu

Alarm Details:
- Name:                       cpu
- Description:                Look at the "graph"
and the log
- State Change:               OK -> ALARM
- Reason for State Change:    too "hot"
- Timestamp:                  Tuesday 03 February, 2026 04:05:06 UTC
- AWS Account:                210987654321
- Alarm Arn:                  arn:aws:cloudwatch:eu-central-1:210987654321:alarm:cpu

Threshold:
- The alarm is in the ALARM state when the metric is GreaterThanThreshold 90.0 for at least 2 of the last 3 period(s) of 60 seconds. 

Monitored Metric:
- MetricNamespace:                     AWS/EC2
- MetricName:                          CPUUtilization
- Dimensions:                          [InstanceId = i-1]
- Period:                              60 seconds
- Statistic:                           Maximum
- Unit:                                Percent
- TreatMissingData:                    breaching


State Change Actions:
- OK: [arn:ok]
- ALARM: [arn:alarm:1] [arn:alarm:2]
- INSUFFICIENT_DATA: [arn:none]
"#;
    assert_eq!(mail(&alarm(json!({}))), expected);
}

#[test]
fn what_a_field_changes_in_a_mail() {
    for (edits, expected) in [
        (json!({"AlarmDescription": null}), "\n- Description:                \n- State"),
        (json!({"AlarmDescription": "遮断"}), "\n- Description:                遮断\n"),
        (json!({"Dimensions": null}), "\n- Dimensions:                          \n- Period"),
        (
            json!({"Dimensions": [{"Name": "B", "Value": "b"}, {"Name": "A", "Value": "a a"}]}),
            "\n- Dimensions:                          [B = b] [A = a a]\n",
        ),
        (json!({"Unit": null}), "\n- Unit:                                not specified\n- Treat"),
        (
            json!({"TreatMissingData": "ignore"}),
            "\n- TreatMissingData:                    ignore\n\n\nState",
        ),
        (
            json!({"TreatMissingData": null}),
            "\n- Unit:                                Percent\n\n\n\nState",
        ),
        (
            json!({"EvaluateLowSampleCountPercentile": "ignore"}),
            "breaching\n- EvaluateLowSampleCountPercentile:    ignore\n\nState",
        ),
        (
            json!({"DatapointsToAlarm": null}),
            " for at least 3 of the last 3 period(s) of 60 seconds. \n",
        ),
        (json!({"Threshold": 2_147_483_648_u32}), " GreaterThanThreshold 2.147483648E9 for "),
        (json!({"Threshold": -0.5}), " GreaterThanThreshold -0.5 for "),
        (
            json!({"ComparisonOperator": "LessThanOrEqualToThreshold"}),
            " is LessThanOrEqualToThreshold 90.0 for ",
        ),
        (
            json!({"Statistic": "SampleCount"}),
            "\n- Statistic:                           SampleCount\n",
        ),
        (
            json!({"Statistic": null, "ExtendedStatistic": "p90"}),
            "\n- Statistic:                           p90\n",
        ),
        (json!({"OKActions": null}), "\n- OK: \n- ALARM: ["),
        (json!({"AlarmActions": []}), "\n- ALARM: \n- INSUFFICIENT_DATA: ["),
        (json!({"InsufficientDataActions": null}), "[arn:alarm:2]\n- INSUFFICIENT_DATA: \n"),
        (
            json!({"AlarmName": "監視 a/b~c_d-e.f:(%)"}),
            "#alarmsV2:alarm/%E7%9B%A3%E8%A6%96%20a%2Fb~c_d-e.f%3A%28%25%29\n",
        ),
        (
            json!({"AlarmArn": "arn:aws-cn:cloudwatch:cn-north-1:210987654321:alarm:cpu"}),
            "\nhttps://cn-north-1.console.amazonaws.cn/cloudwatch/deeplink.js?region=cn-north-1#alarmsV2:alarm/cpu\n",
        ),
        (
            json!({"AlarmArn": "arn:aws:cloudwatch:us-west-2:210987654321:alarm:cpu"}),
            "\nhttps://us-west-2.console.aws.amazon.com/cloudwatch/deeplink.js?region=us-west-2#",
        ),
        (
            json!({"AlarmArn": "arn:aws-us-gov:cloudwatch:us-gov-west-1:210987654321:alarm:cpu"}),
            "\nhttps://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/deeplink.js?region=us-gov-west-1#",
        ),
        (
            json!({"AlarmArn": "arn:aws:cloudwatch:xx-new-1:210987654321:alarm:cpu"}),
            " \"cpu\" in the xx-new-1 region has entered ",
        ),
        (
            json!({"AlarmArn": null}),
            "\n- AWS Account:                123456789012\n- Alarm Arn:                  arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu\n",
        ),
        (
            json!({"AlarmArn": "no ARN"}),
            "\n- Alarm Arn:                  arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu\n",
        ),
    ] {
        let text = mail(&alarm(edits.clone()));
        assert!(text.contains(expected), "{edits} has no {expected:?}:\n{text}");
    }
}

#[test]
fn mails_of_every_state() {
    use AlarmState::{Alarm, InsufficientData, Ok as Good};
    for (from, to, subject, sentence, line) in [
        (Alarm, Good, "OK: \"cpu\" in EU (Frankfurt)", "has entered the OK state,", "ALARM -> OK"),
        (
            Good,
            InsufficientData,
            "INSUFFICIENT_DATA: \"cpu\" in EU (Frankfurt)",
            "has entered the INSUFFICIENT_DATA state,",
            "OK -> INSUFFICIENT_DATA",
        ),
    ] {
        let change = change(from, to, "why", "2026-12-31T23:59:59.999Z");
        let notification = publish(&alarm(json!({})), &change);
        assert_eq!(notification.subject.as_deref(), Some(subject));
        let text = notification.text();
        assert!(text.contains(&format!(
            "in the EU (Frankfurt) region {sentence} because \"why\" at \"Thursday 31 December, 2026 23:59:59 UTC\".\n"
        )));
        assert!(text.contains(&format!("\n- State Change:               {line}\n")));
        assert!(text.contains("\n- The alarm is in the ALARM state when "), "whatever the state");
        let states = format!("\"NewStateValue\":\"{}\",", to.as_str());
        assert!(notification.default.contains(&states), "{}", notification.default);
    }
}

#[test]
fn every_key_of_the_json_in_its_order() {
    let expected = concat!(
        r#"{"AlarmName":"cpu","AlarmDescription":"Look at the \"graph\"\nand the log","#,
        r#""AWSAccountId":"210987654321","#,
        r#""AlarmConfigurationUpdatedTimestamp":"2026-01-02T03:04:05.060+0000","#,
        r#""NewStateValue":"ALARM","NewStateReason":"too \"hot\"","#,
        r#""StateChangeTime":"2026-02-03T04:05:06.007+0000","Region":"EU (Frankfurt)","#,
        r#""AlarmArn":"arn:aws:cloudwatch:eu-central-1:210987654321:alarm:cpu","OldStateValue":"OK","#,
        r#""ActionExecutedAfterMuteWindow":false,"OKActions":["arn:ok"],"#,
        r#""AlarmActions":["arn:alarm:1","arn:alarm:2"],"InsufficientDataActions":["arn:none"],"#,
        r#""Trigger":{"MetricName":"CPUUtilization","Namespace":"AWS/EC2","StatisticType":"Statistic","#,
        r#""Statistic":"MAXIMUM","Unit":"Percent","Dimensions":[{"value":"i-1","name":"InstanceId"}],"#,
        r#""Period":60,"EvaluationPeriods":3,"DatapointsToAlarm":2,"#,
        r#""ComparisonOperator":"GreaterThanThreshold","Threshold":90.0,"TreatMissingData":"breaching","#,
        r#""EvaluateLowSampleCountPercentile":""}}"#,
    );
    assert_eq!(json_of(&alarm(json!({}))), expected);
}

#[test]
fn what_a_field_changes_in_the_json() {
    for (edits, expected) in [
        (json!({"AlarmName": "監視\"\\"}), r#"{"AlarmName":"監視\"\\","AlarmDescription":""#),
        (json!({"AlarmDescription": null}), r#""cpu","AlarmDescription":null,"AWSAccountId":"#),
        (json!({"AlarmDescription": ""}), r#""cpu","AlarmDescription":"","AWSAccountId":"#),
        (
            json!({"AlarmConfigurationUpdatedTimestamp": null}),
            r#""AlarmConfigurationUpdatedTimestamp":null,"NewStateValue""#,
        ),
        (
            json!({"AlarmConfigurationUpdatedTimestamp": "some day"}),
            r#""AlarmConfigurationUpdatedTimestamp":"some day","New"#,
        ),
        (
            json!({"AlarmConfigurationUpdatedTimestamp": "2026-01-02T03:04:05Z"}),
            r#"Timestamp":"2026-01-02T03:04:05.000+0000","New"#,
        ),
        (json!({"AlarmArn": null}), r#""AWSAccountId":"123456789012","#),
        (
            json!({"AlarmArn": null}),
            r#""Region":"US East (N. Virginia)","AlarmArn":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu","#,
        ),
        (json!({"OKActions": null}), r#","OKActions":[],"AlarmActions":["arn"#),
        (json!({"AlarmActions": null}), r#","AlarmActions":[],"InsufficientDataActions":["arn"#),
        (json!({"InsufficientDataActions": null}), r#","InsufficientDataActions":[],"Trigger":{"#),
        (json!({"Unit": null}), r#","Unit":null,"Dimensions":["#),
        (json!({"Dimensions": null}), r#","Dimensions":[],"Period":60,"#),
        (
            json!({"Dimensions": [{"Name": "B", "Value": "b"}, {"Name": "A", "Value": "a"}]}),
            r#","Dimensions":[{"value":"b","name":"B"},{"value":"a","name":"A"}],"#,
        ),
        (json!({"DatapointsToAlarm": null}), r#","EvaluationPeriods":3,"ComparisonOperator":"#),
        (json!({"Threshold": 0}), r#","Threshold":0.0,"#),
        (json!({"Threshold": 2.5}), r#","Threshold":2.5,"#),
        (json!({"Threshold": 10_000_000}), r#","Threshold":1.0E7,"#),
        (json!({"Threshold": 0.0001}), r#","Threshold":1.0E-4,"#),
        (json!({"TreatMissingData": null}), r#","TreatMissingData":"","EvaluateLow"#),
        (
            json!({"TreatMissingData": "notBreaching"}),
            r#","TreatMissingData":"notBreaching","EvaluateLow"#,
        ),
        (
            json!({"EvaluateLowSampleCountPercentile": "evaluate"}),
            r#","EvaluateLowSampleCountPercentile":"evaluate"}}"#,
        ),
        (
            json!({"Statistic": "Average"}),
            r#""StatisticType":"Statistic","Statistic":"AVERAGE","Unit":"#,
        ),
        (
            json!({"Statistic": "Minimum"}),
            r#""StatisticType":"Statistic","Statistic":"MINIMUM","Unit":"#,
        ),
        (json!({"Statistic": "Sum"}), r#""StatisticType":"Statistic","Statistic":"SUM","Unit":"#),
        (
            json!({"Statistic": "SampleCount"}),
            r#""StatisticType":"Statistic","Statistic":"SAMPLE_COUNT","Unit":"#,
        ),
        (
            json!({"Statistic": null, "ExtendedStatistic": "p99.9"}),
            r#""StatisticType":"ExtendedStatistic","ExtendedStatistic":"p99.9","Unit":"#,
        ),
    ] {
        let text = json_of(&alarm(edits.clone()));
        assert!(text.contains(expected), "{edits} has no {expected}:\n{text}");
        serde_json::from_str::<Value>(&text).unwrap();
    }
}

#[test]
fn an_alarm_of_nobody_lives_where_it_is_said_to() {
    let home = Home {
        identity: Identity::from_caller("111122223333", "arn:aws-cn:iam::1:user/u").unwrap(),
        region: Region::parse("cn-northwest-1").unwrap(),
    };
    let alarm = alarm(json!({"AlarmArn": null, "AlarmName": "監視"}));
    let notification = Notification::of_alarm(&alarm, &to_alarm(), &home, ThresholdLine::Newer);
    assert_eq!(notification.subject.as_deref(), Some("ALARM: \"_\" in China (Ningxia)"));
    let arn = "\n- Alarm Arn:                  arn:aws-cn:cloudwatch:cn-northwest-1:111122223333:alarm:監視\n";
    assert!(notification.text().contains(arn), "{}", notification.text());
}

/// Two subjects that people got, both with exactly a hundred characters.
#[test]
fn a_long_name_is_cut_as_in_real_subjects() {
    let name =
        "SharedInfra-Alpha-Database-DatabaseInstanceObservabilityHighDatabaseConnectionsAlarm";
    let milan = json!({"AlarmName": name, "AlarmArn": "arn:aws:cloudwatch:eu-south-1:210987654321:alarm:x"});
    let subject = publish(&alarm(milan), &to_alarm()).subject.unwrap();
    let expected = "ALARM: \"SharedInfra-Alpha-Database-DatabaseInstanceObservabilityHighDatabaseConnec...\" in EU (Milan)";
    assert_eq!((subject.as_str(), subject.len()), (expected, 100));
}

#[test]
fn the_confirmation_mail_is_the_one_that_was_seen() {
    let delivery = Delivery {
        topic: "arn:aws:sns:ap-northeast-1:123456789012:config-info".parse().unwrap(),
        display_name: Some("AWS Config".to_owned()),
        subscription: "pending confirmation".to_owned(),
        address: "ops@example.com".to_owned(),
        form: Form::Text,
        at: "2026-09-14T11:18:44Z".parse().unwrap(),
        message_id: "1@notify.local".to_owned(),
    };
    let link = "notify-cli --provider local confirm ops@example.com".to_owned();
    let mail = delivery.confirmation(&Confirmation { link: link.clone(), token: "t".to_owned() });
    assert_eq!(mail.from.to_string(), "AWS Notifications <no-reply@sns.amazonaws.com>");
    assert_eq!(mail.to, "ops@example.com");
    let linked = format!("Confirm subscription\n{link}\n");
    assert!(mail.body.contains(&linked), "{}", mail.body);
    let text = mail.body.replace(&linked, "Confirm subscription\n");
    assert_eq!(format!("Subject: {}\n\n{text}", mail.subject), CONFIRMATION);
}

#[test]
fn the_record_that_config_mails_is_the_one_that_was_seen() {
    let event: Value = serde_json::from_str(CONFIG_EVENT).unwrap();
    let raw = Notification::of_config(&event).unwrap();
    let dashes = "-".repeat(28);
    assert_eq!(raw.default, format!("New Compliance Change Record:\n{dashes}\n{CONFIG_RAW}"));
    let subject = raw.subject.unwrap();
    let expected = "[AWS Config:ap-northeast-1] AWS::EC2::SecurityGroup sg-0123456789abcdef0 is NON_COMPLIANT with re...";
    assert_eq!((subject.as_str(), subject.len()), (expected, 100));
}

/// The subject of AWS's guide.
#[test]
fn the_subject_that_config_mails() {
    let event = json!({
        "detail-type": "Config Rules Compliance Change",
        "detail": {
            "awsRegion": "us-east-2", "resourceType": "AWS::::Account", "resourceId": "123456789012",
            "configRuleName": "cloudtrail-enabled", "awsAccountId": "123456789012",
            "newEvaluationResult": {"complianceType": "COMPLIANT"},
        },
    });
    let subject = Notification::of_config(&event).unwrap().subject.unwrap();
    let expected = "[AWS Config:us-east-2] AWS::::Account 123456789012 is COMPLIANT with cloudtrail-enabled in Accoun...";
    assert_eq!((subject.as_str(), subject.len()), (expected, 100));
}
