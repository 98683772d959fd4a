//! What happens to events and metric points in an account in memory.

use notify_core::aws::policy::EVENTS_SID;
use notify_core::aws::{AlarmState, Region};
use notify_core::local::{Answer, Fate, LocalCloud, Sent};
use notify_core::plan::{self, Step};
use notify_core::provider;
use notify_core::spec::{Format, parse};
use notify_core::state::{Kind, Place, ResourceKey, Want};
use notify_core::transform::Input;

const FILE: &str = r#"
stack = "s"
regions = ["us-east-1"]
[topic]
name = "t"
display_name = "Watch"
[[subscriptions]]
protocol = "email"
endpoint = "a@example.com"
[[subscriptions]]
protocol = "email"
endpoint = "b@example.com"
[[subscriptions]]
protocol = "sqs"
endpoint = "arn:aws:sqs:us-east-1:123456789012:q"
[[events]]
name = "notes"
pattern = '{"source": ["notes"]}'
message = "Note: <$.detail.note>"
[[events]]
name = "other"
pattern = '{"source": ["other"]}'
[[events]]
name = "asleep"
enabled = false
pattern = '{"source": ["notes"]}'
[[alarms]]
name = "errors"
namespace = "shop"
metric = "errors"
dimensions = { service = "checkout" }
statistic = "Sum"
period = "1m"
threshold = 2
treat_missing_data = "notBreaching"
notify_ok = true
[[alarms]]
name = "quiet"
enabled = false
namespace = "shop"
metric = "errors"
dimensions = { service = "checkout" }
statistic = "SampleCount"
period = "1m"
threshold = 1
treat_missing_data = "notBreaching"
"#;

fn here() -> Region {
    Region::us_east_1()
}

fn set_up(text: &str) -> LocalCloud {
    let parsed = parse(text, Format::Toml);
    let spec = parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings));
    let cloud = LocalCloud::default();
    cloud.set_time("2026-11-24T10:00:00Z".parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let plan = plan::prepare(&cloud, &spec, &plan::Request::setup(None)).await.unwrap();
        assert!(provider::apply(&cloud, &plan, || false, |_| {}).await.is_complete());
    });
    cloud
}

fn note(text: &str) -> String {
    serde_json::json!({"source": "notes", "detail-type": "n", "detail": {"note": text}}).to_string()
}

/// What the rule `notes` did with an event.
fn fate(cloud: &LocalCloud, event: &str) -> Fate {
    let answer = cloud.offer(&here(), "notes", event).unwrap().unwrap();
    let Answer::Matched(fates) = answer else { panic!("{answer:?}") };
    let [fate] = fates.try_into().unwrap();
    fate
}

fn sent(cloud: &LocalCloud, event: &str) -> Sent {
    match fate(cloud, event) {
        Fate::Sent(sent) => sent,
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_is_invited_gets_a_mail_and_who_confirmed_gets_the_news() {
    let cloud = set_up(FILE);
    let invited = cloud.take_mails();
    let to: Vec<&str> = invited.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["a@example.com", "b@example.com"]);
    assert_ne!(invited[0].message_id, invited[1].message_id);

    cloud.confirm("a@example.com");
    let sent = sent(&cloud, &note("all is well"));
    assert_eq!((sent.by.as_str(), sent.topic.as_str()), ("notes", "t"));
    assert_eq!(sent.from, "Watch <no-reply@sns.amazonaws.com>");
    assert_eq!(sent.notification.text(), "\"Note: all is well\"");
    assert_eq!(sent.waiting, ["b@example.com"]);
    assert_eq!(sent.others.len(), 1);
    let mails = cloud.take_mails();
    assert_eq!(mails, sent.mails);
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["a@example.com"]);
    assert_eq!(cloud.take_mails(), []);
}

#[test]
fn each_rule_of_the_region_answers() {
    let cloud = set_up(FILE);
    let offered = cloud.emit(&here(), &note("x")).unwrap();
    let answers: Vec<(&str, &str)> = offered
        .iter()
        .map(|offered| {
            let answer = match offered.answer {
                Answer::Asleep => "asleep",
                Answer::NoMatch => "no match",
                Answer::Matched(_) => "matched",
            };
            (offered.rule.as_str(), answer)
        })
        .collect();
    assert_eq!(answers, [("asleep", "asleep"), ("notes", "matched"), ("other", "no match")]);
    let elsewhere = Region::parse("eu-west-1").unwrap();
    assert_eq!(cloud.emit(&elsewhere, &note("x")).unwrap(), []);
    assert!(cloud.emit(&here(), "[1]").is_err());
}

#[test]
fn a_lost_mail_lands_in_the_dead_letters() {
    let cloud = set_up(FILE);
    let Fate::Lost(letter) = fate(&cloud, &note("a \"quote\"")) else { panic!("it arrives") };
    assert_eq!(letter.code, "INVALID_JSON");
    assert_eq!(letter.attempted, "\"Note: a \"quote\"\"");
    assert_eq!(letter.rule, "arn:aws:events:us-east-1:123456789012:rule/notes");
    assert_eq!(
        (letter.target.as_str(), letter.at.as_str()),
        ("notify", "2026-11-24T10:00:00.000Z")
    );
    let said = "Invalid input for target. (what the template makes of this event is not JSON: ";
    assert!(letter.reason.starts_with(said), "{}", letter.reason);
    assert_eq!(cloud.cloud().dead_letters, [letter]);
    let again = LocalCloud::from_json(&cloud.to_json()).unwrap();
    assert_eq!(again.cloud().dead_letters.len(), 1, "they are kept with the account");
}

#[test]
fn a_topic_that_is_gone_or_closed_loses_mail_with_aws_codes() {
    let cloud = set_up(FILE);
    let topic = ResourceKey { place: Place::Region(here()), kind: Kind::Topic, name: "t".into() };
    let closed = Step::MergeTopicPolicy {
        topic: topic.clone(),
        put: Vec::new(),
        remove: vec![EVENTS_SID.to_owned()],
    };
    cloud.call(&here(), &closed).unwrap();
    let Fate::Lost(letter) = fate(&cloud, &note("x")) else { panic!("it arrives") };
    assert_eq!(
        (letter.code.as_str(), letter.attempted.as_str()),
        ("NO_PERMISSIONS", "\"Note: x\"")
    );

    cloud.call(&here(), &Step::DeleteTopic { topic }).unwrap();
    let Fate::Lost(letter) = fate(&cloud, &note("x")) else { panic!("it arrives") };
    assert_eq!(letter.code, "NO_RESOURCE");
}

#[test]
fn read_only_calls_are_for_rules_in_a_state_of_their_own() {
    let file = r#"
        stack = "s"
        regions = ["us-east-1"]
        [topic]
        name = "t"
        [[events]]
        name = "calls"
        pattern = '{"detail-type": ["AWS API Call via CloudTrail"]}'
        "#;
    let cloud = set_up(file);
    for (source, detail, awake) in [
        ("aws.s3", r#"{"eventName": "GetObject"}"#, false),
        ("aws.iam", r#"{"eventName": "ListUsers"}"#, false),
        ("aws.ec2", r#"{"eventName": "DescribeX"}"#, false),
        ("aws.iam", r#"{"eventName": "DeleteUser"}"#, true),
        ("aws.s3", r#"{"eventName": "GetObject", "managementEvent": false}"#, true),
        ("aws.s3", r#"{"eventName": "GetObject", "eventCategory": "Data"}"#, true),
        ("aws.s3", r#"{"eventName": "GetObject", "eventCategory": "Management"}"#, false),
        ("aws.x", r#"{"eventName": "GetAndSet", "readOnly": false}"#, true),
        ("aws.sts", r#"{"eventName": "GetSessionToken", "readOnly": true}"#, true),
        ("aws.sts", r#"{"eventName": "GetCallerIdentity", "readOnly": true}"#, false),
    ] {
        let event = format!(
            r#"{{"detail-type": "AWS API Call via CloudTrail", "source": "{source}", "detail": {detail}}}"#
        );
        let answer = cloud.offer(&here(), "calls", &event).unwrap().unwrap();
        assert_eq!(matches!(answer, Answer::Matched(_)), awake, "{detail}");
        assert_eq!(answer == Answer::Asleep, !awake, "{detail}");
    }
    let other =
        r#"{"detail-type": "AWS API Call via CloudTrail ", "detail": {"eventName": "Get"}}"#;
    assert_eq!(cloud.offer(&here(), "calls", other).unwrap(), Some(Answer::NoMatch));
}

#[test]
fn what_aws_refuses_cannot_be_put() {
    let cloud = set_up(FILE);
    let state = cloud.cloud();
    let rule = &state.regions[&here()].rules["notes"];
    let mut bad = rule.rule.clone();
    bad.pattern = Some(notify_core::pattern::PatternText("{\"source\": \"x\"}".to_owned()));
    for step in [
        Step::PutRule { name: "notes".into(), rule: bad.clone() },
        Step::CreateRule { name: "new".into(), rule: bad, tags: notify_core::aws::Tags::new() },
    ] {
        let error = cloud.call(&here(), &step).unwrap_err();
        assert!(error.message.starts_with("Event pattern is not valid. Reason: "), "{error:?}");
    }
    let mut target = rule.targets["notify"].clone();
    target.input = Input::Path("detail".to_owned());
    let step = Step::PutTarget { rule: "notes".into(), target };
    let error = cloud.call(&here(), &step).unwrap_err();
    assert_eq!(error.message, "InputPath for target notify is invalid.");
}

fn put(cloud: &LocalCloud, service: &str, at: &str, value: f64) -> String {
    let data = serde_json::json!({"Namespace": "shop", "MetricData": [{"MetricName": "errors",
        "Dimensions": [{"Name": "service", "Value": service}], "Timestamp": at, "Value": value}]});
    cloud.put_metric_data(&here(), &data.to_string()).unwrap().to_string()
}

/// Evaluates all alarms, and says what changed.
fn changes(cloud: &LocalCloud, at: &str) -> Vec<String> {
    let evaluated = cloud.evaluate(&here(), at.parse().unwrap());
    assert_eq!(evaluated.left_out, []);
    let said = evaluated.changed.iter().map(|changed| {
        let change = &changed.change;
        let told = changed.sent.iter().filter(|sent| sent.is_ok()).count();
        format!(
            "{}: {} -> {}, {told} told",
            changed.alarm,
            change.from.as_str(),
            change.to.as_str()
        )
    });
    said.collect()
}

#[test]
fn alarms_change_with_their_metric_and_tell_of_it_once() {
    let cloud = set_up(FILE);
    cloud.confirm("a@example.com");
    cloud.take_mails();
    // Points of other dimensions are other metrics.
    put(&cloud, "search", "2026-11-24T09:58:10Z", 9.0);
    assert_eq!(
        changes(&cloud, "2026-11-24T09:59:00Z"),
        ["errors: INSUFFICIENT_DATA -> OK, 1 told", "quiet: INSUFFICIENT_DATA -> OK, 0 told"]
    );
    let seen = put(&cloud, "checkout", "2026-11-24T09:59:10Z", 1.0);
    assert_eq!(seen, "2026-11-24T10:00:00Z", "when the last point's minute has ended");
    put(&cloud, "checkout", "2026-11-24T09:59:50Z", 1.5);
    assert_eq!(
        changes(&cloud, &seen),
        ["errors: OK -> ALARM, 1 told", "quiet: OK -> ALARM, 0 told"]
    );
    assert_eq!(changes(&cloud, &seen), [""; 0], "an alarm tells of a change, not of a state");
    let mails = cloud.take_mails();
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(
        subjects,
        [r#"OK: "errors" in US East (N. Virginia)"#, r#"ALARM: "errors" in US East (N. Virginia)"#]
    );
    assert!(mails[1].body.contains("[2.5 (24/11/26 09:59:00)]"), "{}", mails[1].body);
    let state = |name: &str| cloud.cloud().regions[&here()].alarms[name].alarm.state.clone();
    assert_eq!(state("errors"), Want::Exactly(AlarmState::Alarm));
    assert_eq!(
        changes(&cloud, "2026-11-24T11:00:00Z"),
        ["errors: ALARM -> OK, 1 told", "quiet: ALARM -> OK, 0 told"]
    );
}

#[test]
fn old_points_are_forgotten() {
    let cloud = set_up(FILE);
    let count = |cloud: &LocalCloud| cloud.cloud().regions[&here()].metrics.len();
    put(&cloud, "checkout", "2026-11-01T00:00:00Z", 1.0);
    put(&cloud, "checkout", "2026-11-15T23:59:00Z", 1.0);
    assert_eq!(count(&cloud), 2);
    put(&cloud, "checkout", "2026-11-16T00:01:00Z", 1.0);
    assert_eq!(count(&cloud), 2, "the first one is more than 15 days older");
    let again = LocalCloud::from_json(&cloud.to_json()).unwrap();
    assert_eq!(count(&again), 2);
    assert!(cloud.put_metric_data(&here(), "{}").is_err());
    assert_eq!(count(&cloud), 2);
}

#[test]
fn a_point_of_the_future_leaves_the_past() {
    let cloud = set_up(FILE);
    put(&cloud, "checkout", "2026-11-24T09:59:00Z", 1.0);
    put(&cloud, "checkout", "2027-11-24T09:59:00Z", 1.0);
    assert_eq!(cloud.cloud().regions[&here()].metrics.len(), 2);
}

#[test]
fn a_thousand_dead_letters_are_kept() {
    let cloud = set_up(FILE);
    for number in 0..1001 {
        assert!(matches!(fate(&cloud, &note(&format!("\"{number}"))), Fate::Lost(_)));
    }
    let letters = cloud.cloud().dead_letters;
    assert_eq!(letters.len(), 1000);
    assert_eq!(letters[0].attempted, "\"Note: \"1\"", "the oldest went");
}

#[test]
fn a_rule_that_cannot_be_simulated_says_why() {
    let mut saved: serde_json::Value = serde_json::from_str(&set_up(FILE).to_json()).unwrap();
    saved["regions"]["us-east-1"]["rules"]["notes"]["rule"]["pattern"] = "{".into();
    let cloud = LocalCloud::from_json(&saved.to_string()).unwrap();
    let Fate::Unsendable(why) = fate(&cloud, &note("x")) else { panic!("it is simulated") };
    assert!(why.starts_with("Event pattern is not valid."), "{why}");
}

#[test]
fn a_value_without_a_time_keeps_the_one_at_which_it_came() {
    let cloud = set_up(FILE);
    let data = r#"{"Namespace": "shop", "MetricData": [{"MetricName": "errors", "Value": 7,
        "Dimensions": [{"Name": "service", "Value": "checkout"}]}]}"#;
    let seen = cloud.put_metric_data(&here(), data).unwrap().to_string();
    assert_eq!(seen, "2026-11-24T10:01:00Z");
    cloud.set_time("2026-11-24T12:00:00Z".parse().unwrap());
    let alarms = changes(&cloud, &seen);
    assert!(
        alarms.contains(&"errors: INSUFFICIENT_DATA -> ALARM, 1 told".to_owned()),
        "{alarms:?}"
    );
    assert_eq!(changes(&cloud, "2026-11-24T12:01:00Z").len(), 2, "both are OK again");
}

#[test]
fn an_alarm_whose_topic_is_gone_says_so() {
    let cloud = set_up(FILE);
    let topic = ResourceKey { place: Place::Region(here()), kind: Kind::Topic, name: "t".into() };
    cloud.call(&here(), &Step::DeleteTopic { topic }).unwrap();
    let evaluated = cloud.evaluate(&here(), "2026-11-24T09:59:00Z".parse().unwrap());
    let errors = &evaluated.changed[0];
    let why = errors.sent[0].as_ref().unwrap_err();
    assert_eq!(why, "arn:aws:sns:us-east-1:123456789012:t: the topic does not exist");
}
