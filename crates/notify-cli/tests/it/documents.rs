//! Every `--json` document, against the schemas in `docs/schema`, and the page that explains them.

use crate::home::{Home, MINIMAL, SECURITY};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const EVENT: &str = include_str!("../../../../examples/events/restricted-ssh.json");
const COMMANDS: [&str; 22] = [
    "validate", "plan", "setup", "destroy", "status", "init", "preview", "match", "render",
    "evaluate", "test", "replay", "emit", "backtest", "baseline", "confirm", "digest", "wait",
    "send", "mute", "unmute", "presets",
];

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn schema(command: &str) -> Value {
    let path = docs().join(format!("schema/{command}.schema.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).expect("a schema is JSON")
}

fn validator(command: &str) -> Validator {
    jsonschema::draft202012::new(&schema(command)).expect("a schema that can be used")
}

/// Runs commands, each with the exit code that it ends with; each document must be as its schema says.
/// Returns the documents.
#[track_caller]
fn check(home: &Home, runs: &[(&[&str], i32)]) -> Vec<Value> {
    let mut documents = Vec::with_capacity(runs.len());
    for (arguments, code) in runs {
        let document = home.local(&[arguments, &["--json"][..]].concat()).ends(*code).json();
        let validator = validator(arguments[0]);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{arguments:?}: {document:#}");
        documents.push(document);
    }
    documents
}

/// With the complete example, its event, one that loses mail and two that match nothing.
fn home() -> Home {
    let home = Home::with(&format!("{SECURITY}{LOSSY}"));
    home.write("events/restricted-ssh.json", EVENT);
    home.write("other.json", r#"{"source": "other", "detail-type": "t", "detail": {}}"#);
    home.write("lossy.json", LOST);
    home.write("metric.json", METRIC);
    home.write("silent.json", METRIC.replace("\"Value\": 2", "\"Value\": 0"));
    home
}

const LOSSY: &str = r#"
[[subscriptions]]
protocol = "sqs"
endpoint = "arn:aws:sqs:ap-northeast-1:123456789012:queue"

[[events]]
name = "lossy"
pattern = '{"source": ["shop"]}'
template = '"<why>"'
paths = { why = "$.detail.why" }

[[events]]
name = "alone"
pattern = '{"source": ["shop"]}'
template = '<why>'
paths = { why = "$.detail.nothing" }

[[events]]
name = "off"
pattern = '{"source": ["shop"]}'
message = "<$.source>"
enabled = false

[[alarms]]
name = "all"
preset = "waf-blocked"
web_acl = "another"
rules = [{ rule = "r" }]
statistic = "p90"
"#;
const LOST: &str = "{\"source\": \"shop\", \"region\": \"ap-northeast-1\", \"detail-type\": \"t\", \
    \"detail\": {\"why\": \"say \\\"hello\\\" \\u001b[31m \u{202e}\"}}";
const METRIC: &str = r#"{"Namespace": "AWS/WAFV2", "MetricData": [
    {"MetricName": "BlockedRequests", "Timestamp": "2026-10-05T01:12:00Z", "Value": 2, "Dimensions": [
        {"Name": "WebACL", "Value": "waf-base-001"}, {"Name": "Region", "Value": "ap-northeast-1"},
        {"Name": "Rule", "Value": "AWS-AWSManagedRulesCommonRuleSet"}]}]}"#;

#[test]
fn of_the_file() {
    let home = Home::empty();
    check(&home, &[(&["init", "--email", "ops@example.com"], 0), (&["validate"], 0)]);
    home.write("notify.toml", MINIMAL.replace("name", "nmae"));
    check(&home, &[(&["validate"], 1)]);
    home.write("n.json", r#"{"stack": "s", "topic": {"nmae": "t"}}"#);
    check(&home, &[(&["validate", "--config", "n.json"], 1)]);
    home.write("n.json", "{");
    check(&home, &[(&["validate", "--config", "n.json"], 1)]);
    check(&self::home(), &[(&["validate"], 0), (&["validate", "--strict"], 1)]);
}

#[test]
fn of_plans() {
    let home = Home::with(SECURITY);
    check(
        &home,
        &[
            (&["plan"], 0),
            (&["status"], 2),
            (&["destroy", "--yes"], 0),
            (&["setup", "--yes"], 0),
            (&["setup", "--yes"], 0),
            (&["plan"], 0),
            (&["status"], 2),
            (&["confirm", "ops@example.com"], 0),
            (&["confirm", "ops@example.com"], 0),
            (&["status"], 0),
        ],
    );
    home.edit("threshold = 1", "threshold = 5");
    check(&home, &[(&["plan"], 0), (&["status"], 2), (&["setup", "--yes"], 0)]);

    // Refused: all of the stack's alarms and its rule would go.
    let text = home.read("notify.toml");
    let (head, _) = text.split_once("[[events]]").expect("events");
    home.write("notify.toml", head);
    let refused = check(&home, &[(&["plan"], 0), (&["setup", "--yes"], 1), (&["status"], 2)]);
    assert_eq!(refused[1]["refusal"], json!({"deletes": 5, "of": 6}));

    // In the way: another stack has a topic of that name.
    home.edit("stack = \"security\"", "stack = \"others\"");
    let blocked = check(&home, &[(&["plan"], 1), (&["setup", "--yes"], 1), (&["status"], 2)]);
    assert_eq!(blocked[0]["blocked"][0]["name"], "config-info");
    home.edit("stack = \"others\"", "stack = \"security\"");
    check(&home, &[(&["destroy", "--yes"], 0), (&["destroy", "--yes"], 0)]);
}

#[test]
fn of_previews() {
    let home = home();
    let event = "events/restricted-ssh.json";
    check(
        &home,
        &[
            (&["preview"], 2),
            (&["preview", "config-noncompliant"], 0),
            (&["preview", "--event", event], 0),
            (&["preview", "--event", "lossy.json"], 2),
            (&["preview", "--event", "other.json"], 3),
            (&["preview", "waf"], 0),
            (&["preview", "waf", "--state", "OK"], 0),
            (&["preview", "waf", "--metric", "metric.json"], 0),
            (&["preview", "waf", "--metric", "silent.json"], 0),
            (&["preview", "--raw"], 0),
            (&["preview", "--raw", "--event", event], 0),
        ],
    );
    home.edit("rules = [{ rule = \"r\" }]\nstatistic = \"p90\"", "rules = \"all\"");
    check(&home, &[(&["preview", "all"], 0)]);
}

#[test]
fn of_patterns_targets_and_alarms() {
    let home = home();
    let event = "events/restricted-ssh.json";
    home.write("pattern.json", r#"{"source": ["aws.config"], "detail": {"a": [{"prefix": "x"}]}}"#);
    home.write("all.json", r#"{"source": ["aws.config"]}"#);
    home.write("target.json", r#"{"Id": "a", "Arn": "b", "InputPath": "$.detail.resourceId"}"#);
    home.write("refused.json", r#"{"Id": "a", "Arn": "b", "InputPath": "nothing"}"#);
    let quoted = r#"{"Id": "a", "Arn": "b", "InputTransformer":
        {"InputPathsMap": {"w": "$.detail.why"}, "InputTemplate": "\"<w>\""}}"#;
    home.write("lost.json", quoted);
    home.write(
        "change.json",
        r#"{"from": "OK", "to": "ALARM", "reason": "r", "at": "2026-10-05T01:12:00Z"}"#,
    );
    let alarm = json!({"AlarmName": "a", "Namespace": "n", "MetricName": "m", "Statistic": "Sum",
        "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "AlarmActions": ["arn:x"]});
    home.write("alarm.json", alarm.to_string());
    home.write(
        "points.json",
        r#"{"Datapoints": [{"Timestamp": "2026-10-05T01:12:00Z", "Sum": 2}]}"#,
    );
    let evaluate = ["evaluate", "--alarm", "alarm.json", "--metric", "points.json"];
    check(
        &home,
        &[
            (&["match", "--pattern", "pattern.json", "--event", event], 3),
            (&["match", "--pattern", "all.json", "--event", event], 0),
            (&["render", "--target", "target.json", "--event", event], 0),
            (&["render", "--target", "refused.json", "--event", event], 1),
            (&["render", "--target", "lost.json", "--event", "lossy.json"], 2),
            (&["render", "--alarm", "alarm.json", "--change", "change.json"], 0),
            (&evaluate, 0),
            (&[&evaluate[..], &["--state", "ALARM"]].concat(), 0),
        ],
    );
}

#[test]
fn of_tests() {
    let home = home();
    let test = |name: &str, rest: &str| {
        format!("\n[[tests]]\nname = \"{name}\"\nevent = \"events/restricted-ssh.json\"\n{rest}\n")
    };
    check(&home, &[(&["test"], 0), (&["test", "SSH"], 0)]);
    let spec = home.read("notify.toml");
    home.write("notify.toml", spec + &test("wrong \\u001b", "expect = []\nbody_equals = \"x\""));
    check(&home, &[(&["test"], 1), (&["test", "wrong"], 1)]);
}

#[test]
fn of_the_past() {
    let home = home();
    let backtest = ["backtest", "--data", "metric.json", "--until", "2026-10-08T00:00:00Z"];
    let suggest = [&backtest[..], &["--suggest", "--at-most", "9"]].concat();
    let documents = check(&home, &[(&backtest, 0), (&suggest, 0), (&["backtest", "--suggest"], 0)]);
    let tested = |document: &Value| {
        let alarms = document["alarms"].as_array().expect("alarms").iter();
        alarms.filter(|alarm| alarm["tested"] == true).count()
    };
    assert_eq!(documents.iter().map(tested).collect::<Vec<_>>(), [1, 1, 5]);
    assert_eq!(documents[1]["at_most"], 9);
}

#[test]
fn of_replays() {
    let home = home();
    home.write("past.ndjson", include_str!("../../../../examples/events/past.ndjson"));
    home.write("lossy.ndjson", format!("{LOST}\nnothing\n[{{}},\n3]\n"));
    check(
        &home,
        &[
            (&["replay", "past.ndjson", "--show", "1"], 0),
            (&["replay", "past.ndjson", "lossy.ndjson", "--show", "3"], 0),
            (&["replay", "lossy.ndjson", "--strict"], 0),
            (&["replay", "past.ndjson", "missing.ndjson"], 1),
        ],
    );
}

#[test]
fn of_what_is_emitted() {
    let home = home();
    let event = "events/restricted-ssh.json";
    check(&home, &[(&["emit", event], 0), (&["setup", "--yes"], 0), (&["emit", event], 0)]);
    let metric = ["emit", "--metric", "metric.json"];
    check(
        &home,
        &[
            (&["confirm", "ops@example.com"], 0),
            (&["emit", event, "other.json"], 0),
            (&["emit", "lossy.json"], 2),
            (&metric, 0),
            (&metric, 0),
            (&["emit", "--metric", "silent.json", "--at", "2026-10-09T01:12:00Z"], 0),
        ],
    );
    // The topic is gone and so is what its readers would have got.
    let account = home.read(".notify/local.json").replace("\"config-info\": {", "\"gone\": {");
    home.write(".notify/local.json", account);
    check(
        &home,
        &[
            (&["emit", event], 2),
            (&["emit", "--metric", "metric.json", "--at", "2026-10-05T01:13:00Z"], 2),
        ],
    );
}

#[test]
fn of_mutes() {
    let home = home();
    check(
        &home,
        &[
            (&["mute", "lossy", "--for", "1h"], 1),
            (&["unmute", "--all"], 0),
            (&["setup", "--yes"], 0),
            (&["mute", "lossy", "waf", "--for", "2h"], 0),
            (&["mute", "lossy", "waf", "--for", "2h"], 0),
            (&["mute", "off", "--for", "1h"], 1),
            (&["emit", "lossy.json", "--region", "ap-northeast-1"], 2),
        ],
    );
    let status = check(&home, &[(&["status"], 2)]).remove(0);
    let muted = status["mutes"].as_array().expect("mutes").iter();
    let muted: Vec<_> = muted.map(|one| (&one["notification"], &one["kind"])).collect();
    assert_eq!(muted, [(&json!("lossy"), &json!("rule")), (&json!("waf"), &json!("mute"))]);
    check(
        &home,
        &[(&["unmute", "lossy"], 0), (&["unmute", "--all"], 0), (&["destroy", "--yes"], 0)],
    );
}

#[test]
fn of_digests() {
    let home = home();
    check(&home, &[(&["digest"], 0), (&["digest", "--since", "20d"], 2)]);
    check(&home, &[(&["setup", "--yes"], 0)]);
    home.write("rules.json", crate::digest::metric_data(&[("common", 1, 3), ("ALL", 1, 5)]));
    check(
        &home,
        &[
            (&["emit", "--metric", "rules.json", "--region", "ap-northeast-1"], 0),
            (&["digest", "--utc-offset", "-03:30", "--since", "2d"], 0),
            (&["digest", "--publish", "--yes"], 0),
        ],
    );
}

#[test]
fn of_baselines() {
    let home = home();
    let unknown = home.local(&["baseline", "--json"]).ends(1);
    assert_eq!(unknown.out, "");
    check(&home, &[(&["emit", "events/restricted-ssh.json"], 0), (&["baseline"], 0)]);
    home.write(
        ".notify/config/rules.json",
        r#"{"ConfigRules": [
        {"ConfigRuleName": "OrgConfigRule-ec2-stopped-instance-dbgzf8ba"},
        {"ConfigRuleName": "restricted-common-ports", "ConfigRuleState": "DELETING"}]}"#,
    );
    let found = check(
        &home,
        &[
            (&["baseline"], 2),
            (&["setup", "--yes"], 0),
            (&["confirm", "ops@example.com"], 0),
            (&["baseline", "--publish", "--yes"], 2),
            (&["setup", "--yes"], 0),
        ],
    );
    assert_eq!(found[1]["non_compliant"][0]["resources"], 1);
    assert_eq!(found[4]["non_compliant"], json!([]));
    assert!(found[3]["regions"][0]["mail"]["message_id"].is_string());
    let names = found[0]["regions"][0]["names"].as_array().expect("names").iter();
    let kinds: BTreeSet<&str> = names.filter_map(|name| name["found"].as_str()).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["deleting", "missing", "suffixed"]);
}

#[test]
fn of_tests_on_their_way() {
    let home = home();
    check(
        &home,
        &[
            (&["setup", "--yes"], 0),
            (&["wait", "--timeout", "0s"], 2),
            (&["send", "config-noncompliant", "--to-queue"], 0),
            (&["confirm", "ops@example.com"], 0),
            (&["wait"], 0),
            (&["send", "config-noncompliant", "--event", "events/restricted-ssh.json"], 0),
            (&["send", "waf"], 0),
        ],
    );
    let account = home.read(".notify/local.json");
    home.write(".notify/local.json", account.replace("events.amazonaws.com", "x.amazonaws.com"));
    check(&home, &[(&["send", "config-noncompliant"], 2)]);
}

#[test]
fn of_presets() {
    let home = Home::empty();
    let found = check(&home, &[(&["presets"], 0), (&["presets", "--language", "ja"], 0)]);
    let presets = found[0]["presets"].as_array().expect("presets");
    let names: Vec<&str> = presets.iter().filter_map(|preset| preset["name"].as_str()).collect();
    for name in &names {
        check(&home, &[(&["presets", "show", name], 0)]);
    }
    assert!(names.len() > 60, "{names:?}");
    assert!(found[1].to_string().contains("ルール"));
}

/// The paths of all fields, such as `changes[].fields[].path`.
fn paths(schema: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    for alternative in schema.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
        paths(alternative, prefix, found);
    }
    if let Some(items) = schema.get("items") {
        paths(items, &format!("{}[].", prefix.trim_end_matches('.')), found);
    }
    for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = format!("{prefix}{name}");
        paths(inner, &format!("{path}."), found);
        found.insert(path);
    }
}

/// Objects that let unknown fields through.
fn open(schema: &Value) -> bool {
    let is_open = schema.get("properties").is_some()
        && schema.get("additionalProperties") != Some(&Value::Bool(false));
    is_open
        || match schema {
            Value::Object(fields) => fields.values().any(open),
            Value::Array(items) => items.iter().any(open),
            _ => false,
        }
}

#[test]
fn the_page_names_every_field_and_no_other() {
    let page = std::fs::read_to_string(docs().join("json.md")).expect("the page");
    let section = |command: &str| -> &str {
        let (_, rest) = page
            .split_once(&format!("\n## {command}\n"))
            .unwrap_or_else(|| panic!("no section {command}"));
        rest.split("\n## ").next().unwrap_or_default()
    };
    for command in COMMANDS {
        let schema = schema(command);
        assert!(!open(&schema), "{command}: an object without additionalProperties: false");
        let mut fields = BTreeSet::new();
        paths(&schema, "", &mut fields);
        let mut text = section(command).to_owned();
        if text.contains("](#plan)") {
            text.push_str(section("plan"));
        }
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let explained: BTreeSet<String> = rows.map(str::to_owned).collect();
        assert_eq!(explained, fields, "{command}");
        assert!(text.contains(&format!("schema/{command}.schema.json")), "{command}");
    }
    let files = std::fs::read_dir(docs().join("schema")).expect("the schemas");
    assert_eq!(files.count(), COMMANDS.len(), "each schema belongs to a command");
}

/// The examples on the page are documents, too, of the version that is described.
#[test]
fn the_pages_examples_are_documents() {
    let page = std::fs::read_to_string(docs().join("json.md")).expect("the page");
    for section in page.split("\n## ").skip(1) {
        let command = section.lines().next().unwrap_or_default();
        if !COMMANDS.contains(&command) {
            continue;
        }
        let mut examples = 0;
        for block in section.split("```json\n").skip(1) {
            let text = block.split("\n```").next().unwrap_or_default();
            let document = serde_json::from_str(text).unwrap_or_else(|e| panic!("{command}: {e}"));
            let validator = validator(command);
            let errors: Vec<String> =
                validator.iter_errors(&document).map(|error| error.to_string()).collect();
            assert_eq!(errors, [""; 0], "{command}: {document:#}");
            examples += 1;
        }
        assert!(examples > 0, "{command} has no example");
    }
}

#[test]
fn of_a_watch() {
    let home = Home::with(include_str!("../../../../examples/watched.toml"));
    home.write("lost.json", EVENT.replace("restricted-ssh", "say \\\"no\\\""));
    check(
        &home,
        &[
            (&["validate", "--strict"], 0),
            (&["preview"], 0),
            (&["plan"], 0),
            (&["setup", "--yes"], 0),
            (&["status"], 2),
            (&["emit", "lost.json", "--schedule", "watched-heartbeat"], 2),
            (&["status"], 2),
            (&["destroy", "--yes"], 0),
        ],
    );
}
