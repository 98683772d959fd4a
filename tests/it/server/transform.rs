//! What a subscriber receives on the server's way from rule to topic to queue, and what core says
//! that it receives.

use super::account::fresh_id;
use super::read_back::python;
use notify_core::transform::{Context, Event, Outcome, Target, Transform};
use serde_json::{Value, json};

/// Templates for which the server does what AWS does: values with quotes or line breaks in a JSON
/// template, `<aws.events.event>` and paths with an index are not among them.
const TEMPLATES: [&str; 14] = [
    "\"<word>\"",
    "\"時刻 : <time>\"\n\"\"\n\"<word> (<number>) \"\n\"<region> <account> <source>\"",
    "\"<flag> <number> <word><word>\"",
    "\"a \\\"<word>\\\" \\n b\"",
    "\"before <missing> after\"",
    "\"<nested>\"\n  \"<id>\"",
    "\"発生時刻 : <time>\"\n\"リソースID : <word>\"\n\"AWSアカウント : <account>\"\n\"非準拠のリソースが存在します。\"",
    "\"a < b > <> <c d>\"",
    "{\"word\":<word>,\"number\":<number>,\"flag\":<flag>}",
    "{\n  \"text\" : \"<word>: <number>\",\n  \"list\" : [<number>, <missing>]\n}",
    "{\"object\":<object>,\"list\":<list>}",
    "[<number>, <flag>]",
    "<number>",
    "\"<aws.events.rule-name>\"",
];

fn details() -> Vec<Value> {
    vec![
        json!({"word": "ready", "number": 42, "flag": true, "object": {"a": "b"}, "list": ["x", 2]}),
        json!({"word": "発送済み", "number": -1, "flag": false, "object": {}, "list": ["遮断"]}),
        json!({"word": "a 'b' & <c>", "number": 2.5, "flag": true, "object": {"n": {"m": [1]}}, "list": [{"k": 1}]}),
        json!({"word": "", "number": 0, "flag": false, "object": {"a": null}, "list": ["", true]}),
        json!({"word": "😀/x", "number": 1_234_567_890_123_i64, "flag": true, "object": {"é": "ü"}, "list": [[1], [2]]}),
    ]
}

fn input(template: &str) -> Value {
    let paths = json!({"word": "$.detail.word", "number": "$.detail.number",
        "flag": "$.detail.flag", "object": "$.detail.object", "list": "$.detail.list",
        "nested": "$.detail.object.a", "id": "$.id", "missing": "$.detail.missing", "time": "$.time",
        "region": "$.region", "account": "$.account", "source": "$.source"});
    json!({"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}})
}

#[test]
fn a_queue_behind_the_topic_receives_what_core_says() {
    let mut inputs: Vec<Value> = TEMPLATES.map(input).into();
    inputs.extend([
        json!({"Input": "{ \"always\" : \"同じ\" }"}),
        json!({"InputPath": "$.detail"}),
        json!({"InputPath": "$.detail.word"}),
    ]);
    let cases: Vec<Value> = inputs
        .iter()
        .flat_map(|input| {
            details().into_iter().map(move |detail| json!({"input": input, "detail": detail}))
        })
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cases.json");
    std::fs::write(&file, json!(cases).to_string()).expect("a file");
    let account = fresh_id();
    let said = python(&account, "deliver.py", &[file.to_str().expect("UTF-8")]);
    let answers: Vec<Value> = serde_json::from_str(&said).expect("a list");
    assert_eq!(answers.len(), cases.len());

    let (mut same, mut equal) = (0, 0);
    for (case, answer) in cases.iter().zip(&answers) {
        let text = |key: &str| answer[key].as_str().expect("a text");
        let mut target = case["input"].clone();
        target["Id"] = json!("changed");
        let target = Target::from_value(&target).expect("a target");
        let transform = Transform::new(&target.input, &target.id).expect("AWS takes it");
        let event: Value = serde_json::from_str(text("event")).expect("JSON");
        let rule = event["detail-type"].as_str().expect("the rule's name");
        let arn = format!("arn:aws:events:ap-northeast-1:{account}:rule/{rule}");
        let context = Context { rule_arn: &arn, ingestion_time: "" };
        let event = Event::parse(text("event")).expect("an event");
        // What AWS loses the server delivers.
        let Outcome::Delivered(ours) = transform.deliver(&event, &context) else { continue };
        if ours == text("message") {
            same += 1;
            continue;
        }
        // Where the server writes JSON itself, it has blanks and `\u` in it, which AWS has not.
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        let writes_json = ours.starts_with('{') || case["input"].get("InputPath").is_some();
        assert!(writes_json, "{case}\n  ours: {ours}\n  {answer}");
        assert_eq!(json(&ours), json(text("message")), "{case}\n  ours: {ours}\n  {answer}");
        equal += 1;
    }
    assert!(same >= 50, "only {same} have the same bytes, {equal} the same meaning");
}
