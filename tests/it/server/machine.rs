//! A stack whose mails a state machine publishes: out of a file by the program, from an event to a
//! reader, and away again.

use super::program::Program;
use super::read_back::{list, python, read_back};
use notify_proxy::{Call, Proxy};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const REGION: &str = "ap-northeast-1";
const DELIVERY: &str =
    "delivery = \"step-functions\"\nsubject = \"[<$.detail.state>] <$.detail.name>\"\n";

/// A file with two events, the first of them through the machine; a queue reads the topic.
fn file(program: &Program) -> (tempfile::TempDir, PathBuf) {
    let queue = python(&program.account, "machine.py", &["queue", "reader"]);
    let text = format!(
        "stack = \"told\"\nregions = [\"{REGION}\"]\n\n[topic]\nname = \"told\"\n\n\
         [[subscriptions]]\nprotocol = \"sqs\"\nendpoint = \"{queue}\"\n\n\
         [[events]]\nname = \"told\"\ndescription = \"told\"\n{DELIVERY}\
         pattern = '{{\"source\": [\"my.app\"]}}'\nmessage = \"It is <$.detail.state>:\\n<$.detail.name>\"\n\n\
         [[events]]\nname = \"plain\"\ndescription = \"plain\"\n\
         pattern = '{{\"source\": [\"my.other\"]}}'\nmessage = \"It is <$.detail.state>.\"\n"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify.toml");
    std::fs::write(&path, text).expect("a file");
    (folder, path)
}

/// Takes the delivery out of the file, or puts it in again.
fn deliver(path: &Path, stepped: bool) {
    let text = std::fs::read_to_string(path).expect("the file");
    let direct = text.replace(DELIVERY, "");
    let line = "description = \"told\"\n";
    let stepped_text = direct.replace(line, &format!("{line}{DELIVERY}"));
    std::fs::write(path, if stepped { stepped_text } else { direct }).expect("a file");
}

/// What the reader gets of an event: one message.
fn told(program: &Program, source: &str, detail: &Value) -> Value {
    let words = ["send", "reader", source, &detail.to_string()];
    let got: Value =
        serde_json::from_str(&python(&program.account, "machine.py", &words)).expect("JSON");
    let list = got.as_array().expect("a list");
    assert_eq!(list.len(), 1, "{got:#}");
    list[0].clone()
}

fn hostile() -> Value {
    json!({"state": "bad", "name": "say \"hi\"\nin two lines \\ 遮断 🚨"})
}

fn assert_whole(got: &Value) {
    assert_eq!(got["Message"], "It is bad:\nsay \"hi\"\nin two lines \\ 遮断 🚨", "{got:#}");
    let subject = got["Subject"].as_str().expect("a subject");
    assert!(subject.starts_with("[bad] say \"hi\""), "{subject}");
    assert!(!subject.chars().any(char::is_control), "{subject:?}");
}

/// All of it is stored as it should be, an event arrives whole, a second run has nothing to do, and
/// the removal leaves nothing.
#[test]
fn an_event_arrives_whole_and_all_of_it_is_removed() {
    let program = Program::in_fresh_account();
    let (_folder, spec) = file(&program);
    program.set_up(&spec);
    program.assert_settled(&spec);
    assert_whole(&told(&program, "my.app", &hostile()));
    assert_eq!(told(&program, "my.other", &hostile())["Message"], "\"It is bad.\"");

    let found = read_back(&program.account, REGION);
    let account = &program.account;
    let arn = |service: &str, name: &str| format!("arn:aws:{service}:{REGION}:{account}:{name}");
    let machine = &list(&found, "machines")[0];
    assert_eq!(machine["name"], "notify-told");
    assert_eq!(machine["type"], "EXPRESS");
    assert_eq!(machine["role"], format!("arn:aws:iam::{account}:role/notify-told-publish"));
    assert_eq!(machine["tags"]["notify:stack"], "told");

    let role = |name: &str| {
        let one = list(&found, "roles").iter().find(|role| role["name"] == name);
        one.unwrap_or_else(|| panic!("no role {name}"))
    };
    for (name, service, action, resource) in [
        (
            "notify-told-publish",
            "states.amazonaws.com",
            "sns:Publish",
            format!("arn:aws:sns:*:{account}:told"),
        ),
        (
            "notify-told-start",
            "events.amazonaws.com",
            "states:StartExecution",
            format!("arn:aws:states:*:{account}:stateMachine:notify-told"),
        ),
    ] {
        let role = role(name);
        assert_eq!(role["trust"]["Statement"][0]["Principal"]["Service"], service);
        let condition = &role["trust"]["Statement"][0]["Condition"];
        assert_eq!(*condition, json!({"StringEquals": {"aws:SourceAccount": account}}));
        let statements = role["policies"]["notify"]["Statement"].as_array().expect("statements");
        assert_eq!(statements.len(), 1, "{statements:?}");
        assert_eq!(
            (&statements[0]["Action"], &statements[0]["Resource"]),
            (&json!(action), &json!(resource))
        );
        assert_eq!(role["tags"]["notify:stack"], "told");
    }
    let told = list(&found, "rules").iter().find(|rule| rule["Name"] == "told").expect("the rule");
    let target = &told["targets"][0];
    assert_eq!(target["Arn"], arn("states", "stateMachine:notify-told"));
    assert_eq!(target["RoleArn"], format!("arn:aws:iam::{account}:role/notify-told-start"));
    assert_eq!(target["DeadLetterConfig"]["Arn"], arn("sqs", "told-dead-letter"));
    let alarm = list(&found, "alarms")
        .iter()
        .find(|alarm| alarm["MetricName"] == "ExecutionsFailed")
        .expect("the alarm");
    assert_eq!(
        alarm["Dimensions"],
        json!({"StateMachineArn": arn("states", "stateMachine:notify-told")})
    );
    assert_eq!(alarm["AlarmActions"], json!([arn("sns", "told")]));
    assert_eq!(alarm["TreatMissingData"], "notBreaching");

    program.set_up(&spec);
    assert_eq!(read_back(&program.account, REGION), found, "a second run changes something");
    program.destroy(&spec);
    let mut left = read_back(&program.account, REGION);
    // The reader's own queue.
    left["queues"].as_array_mut().expect("a list").retain(|queue| queue["name"] != "reader");
    for kind in ["topics", "queues", "machines", "roles", "rules", "alarms"] {
        assert!(list(&left, kind).is_empty(), "{}", left[kind]);
    }
}

/// Each way is a run, and what it is told by is there before and after.
#[test]
fn the_delivery_is_switched_there_and_back() {
    let program = Program::in_fresh_account();
    let (_folder, spec) = file(&program);
    deliver(&spec, false);
    program.set_up(&spec);
    let first = read_back(&program.account, REGION);
    let message = told(&program, "my.app", &json!({"state": "bad", "name": "x"}));
    assert_eq!(message["Message"], "\"It is bad:\"\n\"x\"");

    deliver(&spec, true);
    program.set_up(&spec);
    program.assert_settled(&spec);
    assert_whole(&told(&program, "my.app", &hostile()));

    deliver(&spec, false);
    program.set_up(&spec);
    program.assert_settled(&spec);
    let message = told(&program, "my.app", &json!({"state": "bad", "name": "x"}));
    assert_eq!(message["Message"], "\"It is bad:\"\n\"x\"");
    let last = read_back(&program.account, REGION);
    for kind in ["machines", "roles", "rules", "alarms"] {
        assert_eq!(last[kind], first[kind], "{kind}");
    }
    assert_eq!(last["topics"][0]["tags"], first["topics"][0]["tags"]);
}

/// A machine of that name which somebody else made blocks the run, and stays.
#[test]
fn a_machine_of_others_is_in_the_way() {
    let program = Program::in_fresh_account();
    let (_folder, spec) = file(&program);
    python(&program.account, "machine.py", &["by-hand", "notify-told"]);
    let before = read_back(&program.account, REGION);
    let out = program.run(&spec, &["setup", "--yes"]);
    assert_ne!(out.status.code(), Some(0));
    let said =
        String::from_utf8_lossy(&out.stderr).into_owned() + &String::from_utf8_lossy(&out.stdout);
    assert!(said.contains("notify-told") && said.contains("direct"), "{said}");
    let after = read_back(&program.account, REGION);
    for kind in ["topics", "machines", "roles", "rules", "alarms"] {
        assert_eq!(after[kind], before[kind], "{kind}");
    }
}

/// What a machine adds to the reads of an unchanged stack: three for itself, three for each of its
/// two roles, three for the queue; and nothing where there is none.
#[test]
fn an_unchanged_machine_costs_few_reads_and_no_write() {
    let program = Program::in_fresh_account();
    let (_folder, spec) = file(&program);
    let upstream = program.endpoint.trim_start_matches("http://").parse().expect("an address");
    let proxy = Proxy::start(upstream).expect("a proxy");
    let program = program.through(&proxy);
    for (stepped, more) in [(true, 3 + 2 * 3 + 3), (false, 0)] {
        deliver(&spec, stepped);
        program.set_up(&spec);
        proxy.take_calls();
        program.set_up(&spec);
        let calls = proxy.take_calls();
        let operations: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
        assert!(calls.iter().all(Call::is_read), "{operations:?}");
        let most = 6 + 3 * 2 + 1 + more;
        assert!(calls.len() <= most, "{} calls, at most {most}: {operations:?}", calls.len());
    }
}

/// What is left of a stack with a machine when nothing of it is to be there: nothing.
#[test]
fn a_stack_that_is_removed_from_another_file_leaves_nothing() {
    let program = Program::in_fresh_account();
    let (_folder, spec) = file(&program);
    program.set_up(&spec);
    // The file does not ask for the machine any more when the stack is removed.
    deliver(&spec, false);
    program.destroy(&spec);
    let found = read_back(&program.account, REGION);
    for kind in ["topics", "machines", "roles", "rules", "alarms"] {
        assert!(list(&found, kind).is_empty(), "{}", found[kind]);
    }
}

/// Texts that a template of EventBridge loses, or that mean something to JSON, `JSONata`, the state
/// machine's text, a shell, a terminal or a mail.
fn hostile_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "\"",
        "\"\"",
        "say \"hi\"",
        "'",
        "\\",
        "\\\\",
        "\\n",
        "\\\"",
        "DOMAIN\\User",
        "C:\\new\\table",
        "a\nb",
        "a\r\nb",
        "\n",
        "a\tb",
        "\u{8}\u{c}",
        "\u{1b}[31mred\u{1b}[0m",
        "\u{7f}",
        "a\u{0}b",
        "{% 1 + 1 %}",
        "{%",
        "%}",
        "{% $states.input %}",
        "$",
        "$$",
        "$string(1)",
        "${HOME}",
        "`id`",
        "$(id)",
        "<name>",
        "<$.detail.v>",
        "<aws.events.event>",
        "&amp; <b>x</b>",
        "%s %d %n",
        "{}",
        "[]",
        "[1,2]",
        "{\"a\":\"b\"}",
        "null",
        "true",
        "42",
        "1e400",
        "-0",
        "遮断しました",
        "日本\n語",
        "🚨",
        "👩‍👩‍👧",
        "e\u{301}",
        "\u{202e}txt.exe",
        "\u{200b}",
        "\u{feff}x",
        "\u{2028}",
        "--\nfooter",
        "Subject: x\nTo: y",
        "../../etc/passwd",
        " leading and trailing ",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("long ".repeat(4_000));
    texts
}

/// Each arrives whole, and as `preview` has shown it.
#[test]
fn what_loses_a_mail_elsewhere_arrives_whole() {
    let program = Program::in_fresh_account();
    let (folder, spec) = file(&program);
    program.set_up(&spec);
    let texts = hostile_texts();
    assert!(texts.len() >= 50, "{}", texts.len());
    let details: Vec<Value> =
        texts.iter().map(|text| json!({"state": "bad", "name": text})).collect();
    let words = ["send-all", "reader", "my.app", &Value::from(details.clone()).to_string()];
    let got: Value =
        serde_json::from_str(&python(&program.account, "machine.py", &words)).expect("JSON");
    let text = |message: &Value, key: &str| message[key].as_str().unwrap_or_default().to_owned();
    let arrived = list(&got, "messages");
    let arrived: BTreeMap<String, String> =
        arrived.iter().map(|one| (text(one, "Message"), text(one, "Subject"))).collect();
    assert_eq!(arrived.len(), texts.len());

    let event = folder.path().join("event.json");
    let words = ["preview", "told", "--json", "--event", &event.display().to_string()];
    for (hostile, detail) in texts.iter().zip(details) {
        let message = format!("It is bad:\n{hostile}");
        let subject = arrived.get(&message).unwrap_or_else(|| panic!("lost: {hostile:?}"));
        let offered = json!({
            "source": "my.app", "detail-type": "told", "region": REGION, "detail": detail,
        });
        std::fs::write(&event, offered.to_string()).expect("an event");
        let shown: Value = serde_json::from_str(&program.expect(&spec, &words, 0)).expect("JSON");
        let shown = &list(&shown, "notifications")[0];
        assert_eq!((text(shown, "body"), text(shown, "subject")), (message, subject.clone()));
    }
}

/// The mail of a Config rule, clean: a subject of its own, seven lines, and one with whatever the
/// rule's author has written. The event comes from a source of ours, as nobody else may send AWS's.
#[test]
fn the_mail_of_a_config_rule_is_clean() {
    let program = Program::in_fresh_account();
    let queue = python(&program.account, "machine.py", &["queue", "reader"]);
    let text = format!(
        r#"
stack = "brief"
regions = ["{REGION}"]
language = "ja"
delivery = "step-functions"

[topic]
name = "config-info"

[[subscriptions]]
protocol = "sqs"
endpoint = "{queue}"

[[events]]
name = "config-noncompliant"
pattern = '{{"source": ["my.config"], "detail": {{"newEvaluationResult": {{"complianceType": ["NON_COMPLIANT"]}}}}}}'
subject = "[<compliance>] <rule> <resourceType>"
message = """
発生時刻 : <time>
ルール名 : <rule>
リソースタイプ : <resourceType>
リソースID : <resourceId>
AWSアカウント : <awsAccountId>
非準拠のリソースが存在します。
configから状態を確認してください。
注釈 : <annotation>
"""

[events.paths]
awsAccountId = "$.detail.awsAccountId"
compliance = "$.detail.newEvaluationResult.complianceType"
resourceId = "$.detail.resourceId"
resourceType = "$.detail.resourceType"
rule = "$.detail.configRuleName"
time = "$.detail.newEvaluationResult.resultRecordedTime"
annotation = "$.detail.newEvaluationResult.annotation"
"#
    );
    let folder = tempfile::tempdir().expect("a folder");
    let spec = folder.path().join("notify.toml");
    std::fs::write(&spec, text).expect("a file");
    program.set_up(&spec);
    let detail = json!({
        "resourceId": "sg-0123456789abcdef0", "awsAccountId": "123456789012",
        "configRuleName": "restricted-ssh", "resourceType": "AWS::EC2::SecurityGroup",
        "newEvaluationResult": {
            "complianceType": "NON_COMPLIANT", "resultRecordedTime": "2026-01-15T09:30:04.741Z",
            "annotation": "port \"22\" is open\n\\to 0.0.0.0/0",
        },
    });
    let got = told(&program, "my.config", &detail);
    assert_eq!(got["Subject"], "[NON_COMPLIANT] restricted-ssh AWS::EC2::SecurityGroup");
    let lines: Vec<&str> = got["Message"].as_str().expect("a message").lines().collect();
    assert_eq!(
        lines,
        [
            "発生時刻 : 2026-01-15T09:30:04.741Z",
            "ルール名 : restricted-ssh",
            "リソースタイプ : AWS::EC2::SecurityGroup",
            "リソースID : sg-0123456789abcdef0",
            "AWSアカウント : 123456789012",
            "非準拠のリソースが存在します。",
            "configから状態を確認してください。",
            "注釈 : port \"22\" is open",
            "\\to 0.0.0.0/0",
        ]
    );
}
