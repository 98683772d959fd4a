//! Whatever comes from outside is shown and not obeyed, whichever command shows it: a row for
//! each, over files and an account in which everything that can hold a text holds a hostile one.
//! `Ran::of` looks for what a terminal would obey in what was written.

use crate::commands::COMMANDS;
use crate::home::{Home, Ran};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Colours, the clipboard, a link, a device control string, what opens sequences in one byte, a
/// bell, carriage return, backspace; text that turns round, hides, or breaks the line; markup; a
/// path upwards.
const EVIL: &str = "\u{1b}[31m\u{1b}]52;c;aGk=\u{7}\u{1b}]8;;http://x\u{1b}\\\u{1b}P1$r\u{1b}\\\
    \u{9b}2J\u{9d}0;x\u{90}\r\u{8}\u{202e}\u{2066}\u{200e}\u{200b}\u{2028}\u{2029}\u{feff}\u{0}\
    \u{e0041}\t\n<script>alert('x')</script>\"&../../../x";
/// What no output may hold for a text of a megabyte.
const MOST: usize = 300_000;

/// Commands with what they are given. `LOCAL` stands for the local provider.
const RUNS: [&[&str]; 57] = [
    &["init", "--config", "EVIL.toml", "--email", "EVIL"],
    &["init", "--config", "EVIL/x.toml"],
    &["validate", "--config", "evil.toml"],
    &["validate", "--config", "EVIL"],
    &["plan"],
    &["plan", "-v"],
    &["plan", "--json"],
    &["plan", "--out", "EVIL"],
    &["plan", "--region", "EVIL"],
    &["setup", "--yes"],
    &["setup", "--yes", "--json", "--prune-subscriptions"],
    &["setup", "EVIL"],
    &["setup", "--adopt", "EVIL"],
    &["status"],
    &["status", "--json"],
    &["preview", "--event", "event.json"],
    &["preview", "--event", "event.json", "--json"],
    &["preview", "EVIL"],
    &["match", "--pattern", "pattern.json", "--event", "event.json", "--explain"],
    &["match", "--pattern", "event.json", "--event", "event.json"],
    &["match", "--cases", "cases.ndjson"],
    &["render", "--target", "target.json", "--event", "event.json", "--json"],
    &["render", "--target", "event.json", "--event", "event.json"],
    &["render", "--alarm", "alarm.json"],
    &["evaluate", "--alarm", "alarm.json", "--metric", "metric.json"],
    &["evaluate", "--alarm", "event.json", "--metric", "metric.json", "--json"],
    &["test"],
    &["test", "--json"],
    &["replay", "event.json", "bad.json"],
    &["replay", "event.json", "EVIL", "--json"],
    &["replay", "event.json", "--html", "page.html"],
    &["emit", "event.json"],
    &["emit", "event.json", "--json"],
    &["backtest", "--data", "values.json"],
    &["backtest", "--data", "event.json"],
    &["confirm", "EVIL"],
    &["digest", "--publish", "--yes"],
    &["baseline"],
    &["baseline", "--json"],
    &["baseline", "EVIL"],
    &["baseline", "--publish", "--yes"],
    &["mute", "EVIL", "--for", "2h"],
    &["mute", "--all", "--for", "2h"],
    &["mute", "--all", "--for", "2h", "--json"],
    &["unmute", "EVIL"],
    &["unmute", "--all"],
    &["send", "EVIL"],
    &["wait", "--timeout", "0s"],
    &["wait", "--timeout", "0s", "--json"],
    &["destroy", "--yes"],
    &["destroy", "--yes", "--json"],
    &["presets", "--config", "own.toml"],
    &["presets", "show", "EVIL"],
    &["presets", "show", "own", "--config", "own.toml"],
    &["validate", "--config", "own.toml"],
    &["EVIL"],
    &["policy", "--for", "EVIL"],
];

/// These are given nothing from outside.
const FIXED: [&str; 3] = ["schema", "completions", "man"];

const SPEC: &str = r#"
stack = "small"
[topic]
name = "alerts"
[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"
[[events]]
name = "r"
pattern = '{"source": ["my.app"]}'
message = "x <y>"
paths = { y = "$.detail.y" }
[[alarms]]
name = "waf"
preset = "waf-blocked"
web_acl = "acl"
rules = "all"
[[alarms]]
name = "a"
namespace = "n"
metric = "m"
threshold = 1
[[tests]]
name = "t"
event = "event.json"
expect = []
"#;

/// A folder in which all that is not the file's is `text`.
fn home(text: &str) -> Home {
    let home = Home::with(SPEC);
    let acl = json!({"WebACL": {"Name": "acl", "Id": "1", "ARN": "a", "DefaultAction": {"Allow": {}},
        "VisibilityConfig": {"MetricName": "acl", "CloudWatchMetricsEnabled": true, "SampledRequestsEnabled": true},
        "Rules": [{"Name": text, "Priority": 1, "Action": {"Count": {}}, "Statement": {},
            "VisibilityConfig": {"MetricName": "r1", "CloudWatchMetricsEnabled": false, "SampledRequestsEnabled": true}}]}});
    home.write(".notify/web-acls/acl.json", acl.to_string());
    let event = |source: &str, text: &str| {
        json!({"version": "0", "id": text, "detail-type": text, "source": source, "account": text,
            "time": "2026-03-04T05:06:07Z", "region": text, "resources": [text],
            "detail": {"y": text, text: text, "annotation": text, "configRuleName": text}})
    };
    home.write("event.json", event("my.app", text).to_string());
    home.write("bad.json", format!("{{{}: ", json!(text)));
    home.write(
        "pattern.json",
        json!({"detail": {"y": [{"prefix": text}], text: [text]}}).to_string(),
    );
    let case = json!({"pattern": json!({"a": [text]}).to_string() + text, "event": "{}"});
    home.write(
        "cases.ndjson",
        case.to_string() + "\n{\"pattern\": \"\\ud800\", \"event\": \"{}\"}\n",
    );
    let target = json!({"Id": text, "Arn": text, "InputTransformer":
        {"InputPathsMap": {"y": "$.detail.y"}, "InputTemplate": format!("\"{text} <y>\"")}});
    home.write("target.json", target.to_string());
    let alarm = json!({"AlarmName": text, "AlarmDescription": text, "Namespace": text, "MetricName": text,
        "Dimensions": [{"Name": text, "Value": text}], "AlarmArn": text,
        "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
        "ActionsEnabled": true, "AlarmActions": [text], "StateValue": "OK"});
    home.write("alarm.json", json!({"MetricAlarms": [alarm]}).to_string());
    home.write(
        "metric.json",
        json!({"Label": text, "Datapoints": [
        {"Timestamp": "2026-09-14T05:40:00+00:00", "Sum": 7.0, "Unit": text}]})
        .to_string(),
    );
    home.write("values.json", json!({"Namespace": text, "MetricData": [{"MetricName": text,
        "Timestamp": "2026-09-14T05:40:00Z", "Value": 1, "Dimensions": [{"Name": text, "Value": text}]}]}).to_string());
    let quoted = json!(text);
    home.write("evil.toml", format!(
        "stack = {quoted}\nregions = [{quoted}]\nlanguage = {quoted}\n{quoted} = 1\n[topic]\nname = {quoted}\n\
         display_name = {quoted}\nkms_key = {quoted}\n[[subscriptions]]\nprotocol = {quoted}\nendpoint = {quoted}\n\
         [[events]]\nname = {quoted}\npattern = {quoted}\nmessage = {quoted}\n[[alarms]]\nname = {quoted}\n\
         preset = {quoted}\n").replace("\\u0000", "\\u0001"));

    std::fs::create_dir(home.path("own")).expect("a folder");
    home.write(
        "own.toml",
        "stack = \"s\"\npresets_folder = \"own\"\nenable = [\"own\"]\n[topic]\nname = \"t\"\n",
    );
    home.write("own/own.toml", format!(
        "name = \"own\"\nkind = \"event\"\ngroup = \"data\"\nseverity = \"low\"\nnoise = \"some\"\n\
         sets = [{quoted}]\nsources = [{quoted}]\nconsole = {quoted}\nsummary.en = {quoted}\nsummary.ja = {quoted}\n\
         needs.en = {quoted}\nneeds.ja = {quoted}\nfirst.en = {quoted}\nfirst.ja = {quoted}\n[event]\n\
         pattern = '{{\"source\": [\"s\"]}}'\nmessage.en = \"x <console> <first>\"\n\
         message.ja = \"x <console> <first>\"\n[[samples]]\nabout = {quoted}\nmatches = true\n\
         event = '{{\"source\": \"s\", \"detail-type\": \"t\", \"detail\": {{}}}}'\n"
    ).replace("\\u0000", "\\u0001"));
    home.write("own/broken.toml", format!("{quoted} = {quoted}\n").replace("\\u0000", "\\u0001"));

    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["confirm", "ops@example.com"]).ends(0);
    let mut account = home.account();
    let place = &mut account["regions"]["us-east-1"];
    let topic = &mut place["topics"]["alerts"];
    topic["display_name"] = quoted.clone();
    topic["tags"][text] = quoted.clone();
    if let Some(statements) = topic["policy"]["Statement"].as_array_mut() {
        statements.push(json!({"Sid": text, "Effect": "Allow", "Principal": {"AWS": text},
            "Action": "sns:Publish", "Resource": text}));
    }
    let mut reader = topic["subscriptions"][0].clone();
    reader["endpoint"] = quoted.clone();
    topic["subscriptions"].as_array_mut().expect("a list").push(reader);
    for kind in ["rules", "alarms"] {
        let all = place[kind].as_object_mut().expect("an object");
        let mut other = all.values().next().cloned().expect("one of each");
        spoil(&mut other, &quoted);
        for one in all.values_mut() {
            spoil(one, &quoted);
        }
        all.insert(text.to_owned(), other);
    }
    home.write(".notify/local.json", account.to_string());
    home
}

/// Replaces what a person can write into a rule or an alarm.
fn spoil(one: &mut Value, text: &Value) {
    for kind in ["rule", "alarm"] {
        for field in ["description", "namespace", "metric", "schedule"] {
            if one[kind][field].is_string() {
                one[kind][field] = text.clone();
            }
        }
    }
}

fn run(home: &Home, row: &[&str], text: &str) -> Ran {
    // The arguments of a program hold no NUL, and a name of a file no more than 255 bytes.
    let typed: String = text.replace('\0', "").chars().take(3_000).collect();
    let words: Vec<String> = row.iter().map(|word| word.replace("EVIL", &typed)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = home.local(&words);
    assert!((0..=3).contains(&ran.code), "{row:?}: {}", ran.code);
    ran
}

fn check(text: &str) {
    let home = home(text);
    let account = home.read(".notify/local.json");
    for row in RUNS {
        home.write(".notify/local.json", &account);
        let ran = run(&home, row, text);
        if row.contains(&"--json") && !ran.out.is_empty() {
            // A document has all of it.
            ran.json();
            assert!(ran.err.len() < MOST, "{row:?} complains in {} bytes", ran.err.len());
        } else {
            let all = ran.out.len() + ran.err.len();
            assert!(all < MOST, "{row:?} writes {all} bytes");
        }
        if row.contains(&"--html") {
            let page = home.read("page.html");
            assert!(!page.contains("<script"), "{page}");
            let bad = page.chars().find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
            assert_eq!(bad, None);
        }
    }
}

fn names(folder: &std::path::Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn every_command_is_here() {
    let first = RUNS.iter().filter_map(|row| row.first()).chain(&FIXED);
    let here: BTreeSet<&str> = first.copied().collect();
    for command in COMMANDS {
        assert!(here.contains(command), "{command} is given nothing hostile");
    }
}

#[test]
fn what_controls_a_terminal_is_shown() {
    check(EVIL);
}

#[test]
fn a_megabyte_is_cut() {
    check(&"x".repeat(1_000_000));
}

#[test]
fn paths_do_not_leave_their_folder() {
    for text in ["../../x", "/etc/passwd", "C:\\x", "..", "CON", &"n".repeat(5_000)] {
        let home = home(text);
        for row in
            [&["emit", "event.json"][..], &["setup", "--yes"], &["digest", "--publish", "--yes"]]
        {
            run(&home, row, text);
        }
        let outbox = home.path(".notify/outbox");
        let mails = names(&outbox);
        assert!(mails.len() >= 3, "{mails:?}");
        for name in mails {
            assert!(name.len() < 255 && name.split('.').next_back() == Some("eml"), "{name}");
        }
        let folders = [".git", ".notify", "own"];
        let files = names(&home.path(""));
        let strange =
            files.iter().find(|name| !folders.contains(&name.as_str()) && !name.contains('.'));
        assert_eq!(strange, None, "{text:?}");
        assert!(!home.path("../x").exists() && !home.path("../../x").exists(), "{text:?}");
    }
}
