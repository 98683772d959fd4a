//! The system that the product grew out of, value by value: out of one file by one command.

use super::program::{Program, root};
use super::read_back::{assert_empty, list, read_back};
use serde_json::{Value, json};
use std::path::PathBuf;

pub(crate) const REGION: &str = "ap-northeast-1";

/// The values of the brief.
pub(crate) fn brief() -> Value {
    let text = std::fs::read_to_string(root().join("tests/e2e/brief.json")).expect("the brief");
    serde_json::from_str(&text).expect("JSON")
}

/// The file that makes the system.
pub(crate) fn example() -> PathBuf {
    root().join("examples/security.toml")
}

/// Everything of the brief is stored, and a second run has nothing to do.
#[test]
fn the_system_of_the_brief_comes_out_of_one_file() {
    let program = Program::in_fresh_account();
    program.set_up(&example());
    let found = read_back(&program.account, REGION);
    assert_topic(&found, &program.account);
    assert_rule(&found);
    assert_alarms(&found);

    program.set_up(&example());
    assert_eq!(read_back(&program.account, REGION), found, "a second run changes something");
    program.assert_settled(&example());

    program.destroy(&example());
    assert_empty(&program.account, REGION);
}

/// An edited threshold is the one thing that a plan shows.
#[test]
fn an_edit_shows_only_its_field() {
    let program = Program::in_fresh_account();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notify.toml");
    let text = std::fs::read_to_string(example()).expect("the example");
    std::fs::write(&file, &text).expect("a file");
    program.set_up(&file);
    program.assert_settled(&file);
    assert!(text.contains("threshold = 1\n") || text.contains("threshold  "), "a threshold");
    let edited: String = text
        .lines()
        .map(|line| {
            let key = line.split('=').next().unwrap_or_default().trim();
            if key == "threshold" { "threshold = 7\n".to_owned() } else { format!("{line}\n") }
        })
        .collect();
    std::fs::write(&file, edited).expect("a file");
    let shown = program.expect(&file, &["plan", "--detailed-exitcode", "--json"], 2);
    let shown: Value = serde_json::from_str(&shown).expect("one JSON document");
    let mut fields = Vec::new();
    collect_fields(&shown, &mut fields);
    assert!(!fields.is_empty(), "{shown}");
    assert!(fields.iter().all(|field| field == "threshold"), "{fields:?}");
}

/// The paths of all field changes in a plan, wherever the document has them.
fn collect_fields(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| collect_fields(value, into)),
        Value::Object(map) => {
            if let (Some(path), true) = (map.get("path"), map.contains_key("new")) {
                into.extend(path.as_str().map(str::to_owned));
            }
            map.values().for_each(|value| collect_fields(value, into));
        }
        _ => {}
    }
}

fn assert_topic(found: &Value, account: &str) {
    let brief = brief();
    let [topic] = list(found, "topics") else { panic!("{}", found["topics"]) };
    assert_eq!(topic["name"], brief["topic"]["name"]);
    assert_eq!(topic["attributes"]["DisplayName"], brief["topic"]["display_name"]);
    // Standard, and no other option set.
    for option in ["FifoTopic", "ContentBasedDeduplication", "KmsMasterKeyId"] {
        let set = topic["attributes"][option].as_str().unwrap_or_default();
        assert!(set.is_empty() || set == "false", "{option}: {set}");
    }
    assert_eq!(topic["tags"]["notify:managed-by"], "notify-cli");
    assert_eq!(topic["tags"]["notify:regions"], REGION);
    assert!(topic["tags"]["notify:stack"].is_string());
    assert!(topic["tags"].get("notify:adopted").is_none());

    let arn = topic["arn"].as_str().expect("an ARN");
    let statements = topic["policy"]["Statement"].as_array().expect("statements");
    let of = |service: &str| {
        let found: Vec<_> = statements
            .iter()
            .filter(|statement| statement["Principal"]["Service"] == service)
            .collect();
        assert_eq!(found.len(), 1, "{service}: {statements:?}");
        found[0]
    };
    for service in ["events.amazonaws.com", "cloudwatch.amazonaws.com"] {
        let statement = of(service);
        assert_eq!(statement["Effect"], "Allow");
        assert_eq!(
            statement["Action"].as_str().map(str::to_lowercase).as_deref(),
            Some("sns:publish")
        );
        assert_eq!(statement["Resource"], arn);
        let condition = statement["Condition"].as_object().expect("a condition");
        let equals = condition.iter().find(|(operator, _)| operator.starts_with("StringEquals"));
        let (_, equals) = equals.expect("a condition on the account");
        assert_eq!(equals, &json!({"aws:SourceAccount": account}));
        let rules = format!("arn:aws:events:{REGION}:{account}:rule/*");
        match condition.get("ArnLike") {
            Some(like) => assert_eq!(like, &json!({"aws:SourceArn": rules})),
            None => assert_eq!(service, "cloudwatch.amazonaws.com"),
        }
    }

    let [subscription] = &topic["subscriptions"].as_array().expect("a list")[..] else {
        panic!("{}", topic["subscriptions"])
    };
    assert_eq!(subscription["Protocol"], brief["subscription"]["protocol"]);
    assert_eq!(subscription["Endpoint"], brief["subscription"]["endpoint"]);
    assert_eq!(subscription["TopicArn"], arn);
}

fn assert_rule(found: &Value) {
    let brief = &brief()["rule"];
    let rules = list(found, "rules");
    let [rule] = rules else { panic!("{rules:#?}") };
    assert_eq!(rule["EventPattern"], brief["pattern"]);
    assert!(rule["Name"].as_str().is_some_and(|name| !name.is_empty()));
    assert!(rule["Description"].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(rule["State"], "ENABLED");
    assert_eq!(rule["EventBusName"], "default");
    assert_eq!(rule["tags"]["notify:managed-by"], "notify-cli");
    let [target] = &rule["targets"].as_array().expect("a list")[..] else {
        panic!("{}", rule["targets"])
    };
    assert_eq!(target["Arn"], found["topics"][0]["arn"]);
    // All seven as given, though the template uses five.
    assert_eq!(target["InputTransformer"]["InputPathsMap"], brief["paths"]);
    let template = target["InputTransformer"]["InputTemplate"].as_str().expect("a template");
    let lines: Vec<Value> = template.trim_end_matches('\n').split('\n').map(Value::from).collect();
    assert_eq!(Value::from(lines), brief["template"]);
    for other in ["Input", "InputPath", "RoleArn"] {
        assert!(target.get(other).is_none(), "{target}");
    }
}

fn assert_alarms(found: &Value) {
    let brief = &brief()["alarms"];
    let alarms = list(found, "alarms");
    let metrics = brief["metrics"].as_object().expect("metrics");
    assert_eq!(alarms.len(), metrics.len(), "{alarms:#?}");
    for (rule, metric) in metrics {
        let of_rule: Vec<_> =
            alarms.iter().filter(|alarm| alarm["Dimensions"]["Rule"] == rule.as_str()).collect();
        let [alarm] = of_rule[..] else { panic!("not one alarm for {rule}: {alarms:#?}") };
        assert_eq!(&alarm["MetricName"], metric);
        assert_eq!(
            alarm["Dimensions"],
            json!({"WebACL": brief["web_acl"], "Region": brief["region"], "Rule": rule})
        );
        for (field, value) in brief["fields"].as_object().expect("fields") {
            assert_eq!(&alarm[field], value, "{field} of {rule}");
        }
        assert_eq!(alarm["AlarmActions"], json!([found["topics"][0]["arn"]]));
        assert!(alarm["AlarmName"].as_str().is_some_and(|name| !name.is_empty()));
        assert!(alarm["AlarmDescription"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!(alarm["StateValue"], "INSUFFICIENT_DATA");
        assert_eq!(alarm["tags"]["notify:managed-by"], "notify-cli");
    }
}
