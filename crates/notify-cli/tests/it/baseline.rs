//! `baseline`: what does not comply already; what `setup` and `status` say of it.

use crate::home::Home;
use mail_parser::MessageParser;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use unicode_width::UnicodeWidthStr;

const HEAD: &str = "stack = \"small\"\nregions = [\"eu-west-1\"]\n\n[topic]\nname = \"alerts\"\n\
    \n[[subscriptions]]\nprotocol = \"email\"\nendpoint = \"ops@example.com\"\n";
const CONFIG: &str = "\n[[events]]\nname = \"config\"\npreset = \"config-compliance\"\n";

fn result(rule: &str, kind: &str, id: &str, annotation: Option<&str>) -> Value {
    let mut result = json!({
        "EvaluationResultIdentifier": {"EvaluationResultQualifier": {
            "ConfigRuleName": rule, "ResourceType": kind, "ResourceId": id}},
        "ComplianceType": "NON_COMPLIANT",
        "ResultRecordedTime": "2026-11-24T01:02:03.456Z",
    });
    if let Some(annotation) = annotation {
        result["Annotation"] = annotation.into();
    }
    result
}

/// With the results of a rule, saved as AWS prints them.
fn save(home: &Home, file: &str, results: &[Value]) {
    let document = json!({"EvaluationResults": results});
    home.write(&format!(".notify/config/{file}.json"), document.to_string());
}

fn groups(home: &Home) {
    let group = |id: &str| result("restricted-ssh", "AWS::EC2::SecurityGroup", id, None);
    save(home, "ssh", &[group("sg-2"), group("sg-1")]);
}

fn home() -> Home {
    let home = Home::with(&[HEAD, CONFIG].concat());
    groups(&home);
    home
}

fn in_80_columns(text: &str) {
    for line in text.lines() {
        assert!(line.width() <= 80, "{} columns: {line}", line.width());
    }
}

#[test]
fn resources_are_listed_under_their_rules() {
    let home = home();
    let bucket = "arn:aws:s3:::a-bucket-with-a-name-that-goes-on-and-on-and-does-not-fit-beside-it";
    save(
        &home,
        "s3",
        &[
            result("バケット", "AWS::S3::Bucket", bucket, Some("公開されています")),
            result("バケット", "AWS::S3::AccountPublicAccessBlock", "123456789012", None),
        ],
    );
    let ran = home.local(&["baseline"]).ends(0).quietly();
    let expected = "\
AWS Config, account 123456789012 (local)

eu-west-1: 4 resources do not comply already

  restricted-ssh: 2
    2026-11-24 01:02  AWS::EC2::SecurityGroup  sg-1
    2026-11-24 01:02  AWS::EC2::SecurityGroup  sg-2

  バケット: 2
    2026-11-24 01:02  AWS::S3::AccountPublicAccessBlock  123456789012
    2026-11-24 01:02  AWS::S3::Bucket
      arn:aws:s3:::a-bucket-with-a-name-that-goes-on-and-on-and-does-not-fit-bes
      ide-it
      公開されています

AWS Config tells only of changes: no mail comes about these resources until they
change. `notify-cli baseline --publish` mails this list now.
";
    assert_eq!(ran.out, expected);
    in_80_columns(&ran.out);
    assert!(!home.has(".notify/outbox"), "nothing is sent unless it is asked for");

    home.edit("stack = ", "language = \"ja\"\nstack = ");
    let ran = home.local(&["baseline"]).ends(0).quietly();
    in_80_columns(&ran.out);
    ran.says("AWS Config アカウント 123456789012 (local)\n")
        .says("\neu-west-1: すでに非準拠のリソース 4 件\n\n  restricted-ssh: 2 件\n")
        .says("AWS Config は変化だけを知らせます。")
        .never_says("comply");
}

#[test]
fn one_resource_and_none_have_words_of_their_own() {
    for (language, count, says) in [
        ("en", 0, "\neu-west-1: every resource complies\n"),
        ("en", 1, "\neu-west-1: 1 resource does not comply already\n\n  r: 1\n"),
        ("ja", 0, "\neu-west-1: すべてのリソースが準拠しています\n"),
        ("ja", 1, "\neu-west-1: すでに非準拠のリソース 1 件\n\n  r: 1 件\n"),
    ] {
        let home = Home::with(&format!("language = \"{language}\"\n{HEAD}{CONFIG}"));
        let one = [result("r", "T", "i", None)];
        save(&home, "r", one.get(..count).expect("one at most"));
        let ran = home.local(&["baseline"]).ends(0).says(says);
        assert_eq!(ran.out.contains("--publish"), count > 0);
    }
}

#[test]
fn only_what_a_notification_would_have_told_of_is_listed() {
    let home = home();
    home.edit(
        "preset = \"config-compliance\"",
        "preset = \"config-compliance\"\nexclude = { resources = [\"sg-1\"] }",
    );
    home.local(&["baseline"]).ends(0).says("sg-2").never_says("sg-1");
    let by_hand = "\n[[events]]\nname = \"by-hand\"\nmessage = \"m\"\npattern = '{\"source\": [\"aws.config\"], \
        \"detail\": {\"resourceId\": [{\"suffix\": \"-1\"}]}}'\n\
        \n[[events]]\nname = \"off\"\npreset = \"config-compliance\"\nenabled = false\n\
        \n[[events]]\nname = \"s3\"\npattern = '{\"source\": [\"aws.s3\"]}'\nmessage = \"m\"\n";
    home.write("notify.toml", home.read("notify.toml") + by_hand);
    home.local(&["baseline"]).ends(0).says("  restricted-ssh: 2 (config, by-hand)\n");
    home.local(&["baseline", "by-hand"]).ends(0).says("sg-1").never_says("sg-2");
    home.local(&["baseline", "config", "by-hand"]).ends(0).says("sg-1").says("sg-2");
    for (name, says) in [
        ("off", "the notification off is not enabled"),
        ("s3", "the notification s3 does not tell of AWS Config rules here"),
        ("nothing", "the file has no notification nothing in `[[events]]`"),
    ] {
        home.local(&["baseline", name]).ends(1).complains(says);
    }
    home.local(&["baseline", "--region", "us-east-1"])
        .ends(1)
        .complains("the file has no notification of AWS Config rules in us-east-1");
    home.write("notify.toml", HEAD);
    home.local(&["baseline"])
        .ends(1)
        .complains("the file has no notification of AWS Config rules\n");
}

#[test]
fn what_is_hostile_is_shown_and_not_obeyed() {
    let home = Home::with(&[HEAD, CONFIG].concat());
    let evil = "\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}txt\nnew line\r\u{9b}";
    let long = "x".repeat(256);
    save(
        &home,
        "r",
        &[
            result(evil, evil, evil, Some(evil)),
            result("wide", "T", &"遮".repeat(384), Some(&"断".repeat(256))),
            result("long", &"T".repeat(256), &long, Some(&long)),
        ],
    );
    let ran = home.local(&["baseline"]).ends(0).quietly();
    in_80_columns(&ran.out);
    let shown = "\\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{202e}txt\\nnew line\\u{d}\\u{9b}";
    assert_eq!(ran.out.replace("\n      ", " ").matches(shown).count(), 4, "{}", ran.out);
    assert_eq!(ran.out.matches('遮').count(), 384);
    assert_eq!(ran.out.matches('断').count(), 256);
    let document = home.local(&["baseline", "--json"]).ends(0).json();
    let rules = document["regions"][0]["rules"].as_array().expect("rules");
    let found = rules.iter().find(|rule| rule["rule"] == evil).expect("the rule");
    assert_eq!(found["resources"][0]["annotation"], evil);
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["confirm", "ops@example.com"]).ends(0);
    home.local(&["baseline", "--publish", "--yes"]).ends(0);
    let text = mail(&home, "000002-ops@example.com.eml").1;
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{9b}', '\u{7}']), "{text}");
}

#[test]
fn names_that_find_no_rule_are_told_with_what_to_write() {
    let home = home();
    home.edit("preset = \"config-compliance\"", "preset = \"config-compliance\"\nconfig_rules = [\
        \"restricted-ssh\", \"s3-bucket-versioning-enabled\", \"restricted-shs\", { prefix = \"zz\" }]");
    let rule = |name: &str| json!({"ConfigRuleName": name});
    let rules =
        json!({"ConfigRules": [rule("OrgConfigRule-s3-bucket-versioning-enabled-dbgzf8ba")]});
    home.write(".notify/config/rules.json", rules.to_string());
    let says = "
  ! config: no Config rule is called s3-bucket-versioning-enabled, but
    OrgConfigRule-s3-bucket-versioning-enabled-dbgzf8ba: AWS makes the suffix
    up; write { prefix = \"OrgConfigRule-s3-bucket-versioning-enabled-\" } instead
  ! config: no Config rule is called restricted-shs; did you mean
    restricted-ssh?
";
    let ran = home.local(&["baseline"]).ends(0);
    in_80_columns(&ran.out);
    let ran = ran.says(says);
    assert!(ran.out.contains("no Config rule's name matches {\"prefix\":\"zz\"}"), "{}", ran.out);
    // The first setup says the same, and how much is silent.
    let ran = home.local(&["setup", "--yes"]).ends(0).quietly();
    in_80_columns(&ran.out);
    let ran = ran.says(
        "
  ! eu-west-1: 2 resources do not comply already and will cause no mail until
    they change: `notify-cli baseline` lists them
  ! eu-west-1: config: no Config rule is called s3-bucket-versioning-enabled,
",
    );
    ran.says(" write { prefix = \"OrgConfigRule-s3-bucket-versioning-enabled-\" }\n");
}

#[test]
fn the_first_setup_and_status_say_how_much_is_silent() {
    let home = home();
    let line = "eu-west-1: 2 resources do not comply already and will cause no mail until";
    home.local(&["plan"]).ends(0).never_says("comply");
    home.local(&["status"]).ends(2).never_says("comply");
    home.local(&["setup", "--yes"]).ends(0).quietly().says(line);
    home.local(&["setup", "--yes"]).ends(0).never_says("comply");
    home.local(&["status"]).ends(2).quietly().says(line);
    // A notification that is new is looked at, and no other.
    let more = "\n[[events]]\nname = \"by-hand\"\nmessage = \"m\"\npattern = '{\"source\": [\"aws.config\"], \
        \"detail\": {\"resourceId\": [{\"suffix\": \"-1\"}]}}'\n";
    home.write("notify.toml", home.read("notify.toml") + more);
    home.local(&["setup", "--yes"])
        .ends(0)
        .says("eu-west-1: 1 resource does not comply already and will");
    let document = home.local(&["setup", "--yes", "--json"]).ends(0).json();
    assert_eq!(document["non_compliant"], json!([]));
    home.local(&["destroy", "--yes"]).ends(0).never_says("comply");
    let document = home.local(&["setup", "--yes", "--json"]).ends(0).quietly().json();
    let expected = json!([
        {"region": "eu-west-1", "resources": 2, "at_least": false, "unknown": null, "names": []}
    ]);
    assert_eq!(document["non_compliant"], expected);
}

#[test]
fn a_saved_plan_says_it_too() {
    let home = home();
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    home.local(&["setup", "plan.json", "--yes"])
        .ends(0)
        .says("eu-west-1: 2 resources do not comply");
}

#[test]
fn a_local_account_that_knows_nothing_says_what_to_save() {
    let home = Home::with(&[HEAD, CONFIG].concat());
    home.local(&["baseline"])
        .ends(1)
        .complains("aws configservice describe-config-rules` as .notify/config/rules.json");
    home.local(&["setup", "--yes"]).ends(0).quietly().never_says("comply");
    home.local(&["status"]).ends(2).quietly().never_says("comply");
    let rules = r#"{"ConfigRules": [{"ConfigRuleName": "a"}]}"#;
    home.write(".notify/config/eu-west-1/rules.json", rules);
    home.write(".notify/config/us-east-1/rules.json", "{}");
    home.local(&["baseline"])
        .ends(1)
        .complains(".notify/config/us-east-1/rules.json cannot be read");
    home.write(".notify/config/us-east-1/rules.json", r#"{"ConfigRules": []}"#);
    let gap = "  ! Not complete: config:GetComplianceDetailsByConfigRule a: not found: the\n";
    home.local(&["baseline"]).ends(2).says("eu-west-1: nothing was found\n").says(gap);
    home.local(&["status"])
        .ends(2)
        .says("  ! eu-west-1: not complete: config:GetComplianceDetailsByConfigRule a:");
    save(&home, "a", &[]);
    home.local(&["baseline"]).ends(0).never_says("Not complete");
    home.write(".notify/config/broken.json", "{");
    home.local(&["baseline"]).ends(1).complains(".notify/config/broken.json cannot be read");
}

#[test]
fn what_events_have_told_is_known() {
    let home = Home::with(&[HEAD, CONFIG].concat());
    let event = include_str!("../../../../examples/events/restricted-ssh.json");
    home.write("event.json", event);
    home.local(&["emit", "event.json", "--region", "eu-west-1"]).ends(0);
    home.local(&["baseline"]).ends(0).says("  restricted-ssh: 1\n");
    home.write("event.json", event.replace("\"NON_COMPLIANT\"", "\"COMPLIANT\""));
    home.local(&["emit", "event.json", "--region", "eu-west-1"]).ends(0);
    home.local(&["baseline"]).ends(0).says("eu-west-1: every resource complies");
}

/// Subject and text of a mail in the outbox.
fn mail(home: &Home, name: &str) -> (String, String) {
    let bytes = std::fs::read(home.path(".notify/outbox").join(name)).expect("a mail");
    let message = MessageParser::default().parse(&bytes).expect("a mail");
    let text = message.body_text(0).expect("a text").replace("\r\n", "\n");
    (message.subject().unwrap_or_default().to_owned(), text)
}

#[test]
fn the_list_is_mailed_each_time_that_it_is_asked() {
    let home = home();
    home.local(&["baseline", "--publish", "--yes"])
        .ends(1)
        .complains("there is no topic alerts in eu-west-1; nothing was sent")
        .complains("`notify-cli setup --provider local` makes it");
    home.local(&["setup", "--yes"]).ends(0);
    let refused = home.local(&["baseline", "--publish", "--yes"]).ends(1);
    refused.complains(
        "nobody has confirmed a subscription of the topic alerts in eu-west-1; nothing was sent",
    );
    home.local(&["confirm", "ops@example.com"]).ends(0);
    home.local(&["baseline", "--publish"])
        .ends(1)
        .complains("there is nobody to ask; nothing was sent");
    home.local(&["baseline", "--publish", "--json"]).ends(1).complains("--json asks no question");
    assert!(!home.has(".notify/outbox/000002-ops@example.com.eml"));
    let ran = home.local(&["baseline", "--publish", "--yes"]).ends(0).quietly();
    ran.says("  Subject  AWS Config: 2 resources not compliant already in eu-west-1\n")
        .says("  │ restricted-ssh: 2\n")
        .says("✓ alerts in eu-west-1: sent to 1 confirmed subscription")
        .says("wrote .notify/outbox/000002-ops@example.com.eml");
    let (subject, text) = mail(&home, "000002-ops@example.com.eml");
    assert_eq!(subject, "AWS Config: 2 resources not compliant already in eu-west-1");
    let expected = "AWS Config, eu-west-1: 2 resources not compliant already\n\n\
        restricted-ssh: 2\nAWS::EC2::SecurityGroup sg-1\nAWS::EC2::SecurityGroup sg-2\n\n\
        AWS Config tells only of changes: ";
    assert!(text.starts_with(expected), "{text}");
    home.edit("stack = ", "language = \"ja\"\nstack = ");
    let document = home.local(&["baseline", "--publish", "--yes", "--json"]).ends(0).json();
    assert!(document["regions"][0]["mail"]["message_id"].is_string(), "{document}");
    let (_, text) = mail(&home, "000003-ops@example.com.eml");
    assert!(text.starts_with("AWS Config eu-west-1: すでに非準拠のリソース 2 件\n"), "{text}");
    save(&home, "ssh", &[result("other", "T", "i", None)]);
    home.edit(
        "preset = \"config-compliance\"",
        "preset = \"config-compliance\"\nconfig_rules = [\"x\"]",
    );
    home.local(&["baseline", "--publish", "--yes"]).ends(0).says("There is nothing to send.");
    let document = home.local(&["baseline", "--publish", "--yes", "--json"]).ends(0).json();
    assert_eq!(document["regions"][0]["mail"], Value::Null);
}

#[test]
fn ten_thousand_resources_are_listed_and_cut_in_the_mail() {
    let home = Home::with(&[HEAD, CONFIG].concat());
    let many =
        (0..10_000).map(|at| result("r", "AWS::EC2::Volume", &format!("vol-{at:017}"), None));
    save(&home, "r", &many.collect::<Vec<_>>());
    let begin = Instant::now();
    let ran = home.local(&["baseline"]).ends(0);
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert_eq!(ran.out.matches("vol-").count(), 10_000);
    let ran = ran.says("eu-west-1: 10,000 resources do not comply already\n\n  r: 10,000\n");
    in_80_columns(&ran.out);
    home.local(&["setup", "--yes"]).ends(0).says("eu-west-1: at least 25 resources do not comply");
    home.local(&["confirm", "ops@example.com"]).ends(0);
    home.local(&["baseline", "--publish", "--yes"]).ends(0);
    let (_, text) = mail(&home, "000002-ops@example.com.eml");
    let listed = text.matches("vol-").count();
    assert!((5_000..10_000).contains(&listed), "{listed}");
    assert!(text.contains(" more, which `notify-cli baseline` lists\n"));
}
