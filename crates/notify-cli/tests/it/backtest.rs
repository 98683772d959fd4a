//! `backtest`: the alarms of a file against past metrics.

use crate::home::{Home, SECURITY};
use jsonschema::Validator;
use serde_json::{Value, json};

const RULE: &str = "AWS-AWSManagedRulesCommonRuleSet";
const ALARM: &str = "waf-AWS-AWSManagedRulesCommonRuleSet";

/// Values of a rule, by days and minutes of October 2026.
fn values(rule: &str, values: &[(u32, u32, f64)]) -> String {
    let data = values.iter().map(|(day, minute, value)| {
        let (hour, minute) = (minute / 60, minute % 60);
        json!({"MetricName": "BlockedRequests", "Value": value,
            "Timestamp": format!("2026-10-{day:02}T{hour:02}:{minute:02}:00Z"), "Dimensions": [
                {"Name": "WebACL", "Value": "waf-base-001"},
                {"Name": "Region", "Value": "ap-northeast-1"}, {"Name": "Rule", "Value": rule}]})
    });
    json!({"Namespace": "AWS/WAFV2", "MetricData": data.collect::<Vec<_>>()}).to_string()
}

fn home() -> Home {
    let home = Home::with(SECURITY);
    home.write("values.json", values(RULE, &[(1, 0, 0.0), (3, 7, 2.0), (20, 0, 0.0)]));
    home
}

#[test]
fn a_person_sees_what_each_alarm_would_have_said() {
    let home = home();
    let ran = home.run(&["backtest", "--data", "values.json"]).ends(0).quietly();
    let shown = "\
waf-AWS-AWSManagedRulesCommonRuleSet (ap-northeast-1)
  BlockedRequests Sum in 1 day >= 1, 1 of 1
  ······██████████············································
  1 mail (1.6 in 30 days); in ALARM 3 d (15.7 %), without data 0
  tested from 2026-10-01 00:01 on: nothing is known of its metric before
    2026-10-01 00:01  INSUFFICIENT_DATA -> OK
    2026-10-03 00:08  OK -> ALARM  mail
    2026-10-06 00:08  ALARM -> OK
";
    let ran = ran.says("4 alarms, 2026-09-20 00:01 to 2026-10-20 00:01 (UTC)").says(shown);
    let ran = ran.says("waf-SQLi-QueryString (ap-northeast-1)\n  not tested: there are no values");
    let ran = ran.says("█ ALARM   · OK   ? INSUFFICIENT_DATA\n1 mail in all, 1.6 in 30 days\n");
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);

    let ran =
        home.run(&["backtest", "--data", "values.json", "--alarm", ALARM, "--verbose"]).ends(0);
    ran.says("      Threshold Crossed: 1 out of the last 1 datapoints [2.0 (02/10/26")
        .never_says("SQLi");
    home.run(&["backtest", "--data", "values.json", "--alarm", "waf"]).ends(0).says("4 alarms, ");
    home.run(&["backtest", "--data", "values.json", "--alarm", "no"])
        .ends(1)
        .complains("the file has no alarm `no`")
        .complains(ALARM);
}

#[test]
fn the_end_and_the_days_are_chosen() {
    let home = home();
    let run = |more: &[&str]| {
        let words = [&["backtest", "--data", "values.json", "--json", "--alarm", ALARM][..], more];
        home.run(&words.concat()).ends(0).quietly().json()
    };
    let document = run(&["--until", "2026-10-04T00:00:00Z", "--days", "2"]);
    assert_eq!(document["from"], "2026-10-02T00:00:00Z");
    let alarm = &document["alarms"][0];
    assert_eq!(
        (&alarm["from"], &alarm["to"]),
        (&json!("2026-10-02T00:00:00Z"), &json!("2026-10-04T00:00:00Z"))
    );
    assert_eq!(alarm["transitions"].as_array().map(Vec::len), Some(2));
    assert_eq!(alarm["seconds"], json!({"ok": 86_880, "alarm": 85_920, "insufficient_data": 0}));
    assert_eq!((&document["mails"], &document["mails_a_month"]), (&json!(1), &json!(15.0)));
    assert_eq!(document["cost"], Value::Null);
}

#[test]
fn values_of_the_future_are_left_out_and_said() {
    let home = home();
    let future = values(RULE, &[(1, 0, 0.0), (3, 7, 2.0)]).replace("2026-10-03", "2999-10-03");
    home.write("values.json", future);
    let ran = home.run(&["backtest", "--data", "values.json", "--days", "455"]);
    ran.ends(0).complains("values later than now (").never_says("-> ALARM");
}

#[test]
fn what_older_periods_do_is_said_where_it_makes_a_difference() {
    let home = home();
    let list = [(1, 0, 1.0), (8, 0, 7.0), (8, 600, 1.0), (20, 0, 1.0)];
    home.write("values.json", values(RULE, &list));
    home.edit("threshold = 1\n", "threshold = 5\n");
    let words = ["backtest", "--data", "values.json", "--alarm", ALARM];
    // The burst alone, and twice again while the day after it is silent.
    let ran = home.run(&words).ends(0).quietly().says("  3 mails (");
    ran.says(
        "  where newer periods are silent CloudWatch looks at older ones, and does not\n  say at how \
         many: 2 are assumed; without any it would be 1 mail\n",
    );
    let document = home.run(&[&words[..], &["--json"]].concat()).ends(0).json();
    let alarm = &document["alarms"][0];
    assert_eq!((&alarm["mails"], &alarm["mails_without_older"]), (&json!(3), &json!(1)));
    home.edit("threshold = 5\n", "threshold = 1\n");
    home.run(&words).ends(0).never_says("are assumed");
}

#[test]
fn thresholds_are_suggested() {
    let home = home();
    let list: Vec<(u32, u32, f64)> = (1..29)
        .flat_map(|day| {
            (0..24).map(move |hour| (day, hour * 60, if hour == day % 24 { 40.0 } else { 1.0 }))
        })
        .collect();
    home.write("values.json", values(RULE, &list));
    home.edit("period = \"1d\"", "period = \"1h\"");
    home.edit("threshold = 1\n", "threshold = 2\n");
    let words = ["backtest", "--data", "values.json", "--suggest", "--alarm", ALARM];
    let ran = home.run(&words).ends(0).quietly();
    let ran = ran.says("    threshold  mails  in 30 days  in ALARM").says("as it is");
    ran.says("44.0      0         0.0     0.0 %  suggested").says("threshold = 44 tells the most");
    let document = home.run(&[&words[..], &["--json", "--at-most", "40"]].concat()).ends(0).json();
    let suggestion = &document["alarms"][0]["suggestion"];
    assert_eq!(suggestion["threshold"], 2.0);
    let current = suggestion["candidates"].as_array().expect("candidates").iter();
    let current: Vec<&Value> = current.filter(|candidate| candidate["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["mails"], document["alarms"][0]["mails"]);
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let home = home();
    for (text, says) in [
        ("", "values.json: it is empty"),
        ("{", "values.json: not JSON: EOF while parsing an object at line 1 column 1"),
        ("\u{1b}[31m", "values.json: not JSON: "),
        ("[]", "values.json: invalid type: sequence"),
        ("{\"Datapoints\": []}", "values.json: it does not say of which metric it is"),
        (
            "{\"Namespace\": \"AWS/WAFV2\", \"MetricData\": []}",
            "values.json has no values of the alarms' metrics",
        ),
    ] {
        home.write("values.json", text);
        let ran = home.run(&["backtest", "--data", "values.json"]).ends(1).complains(says);
        assert_eq!(ran.out, "");
        ran.complains("help: ");
    }
    home.write("values.json", values("other", &[(1, 0, 1.0)]));
    let ran = home.run(&["backtest", "--data", "values.json"]).ends(1);
    ran.complains("no alarm could be tested").complains(&format!("{ALARM}: there are no values"));
    home.write("values.json", [0xff, 0xfe]);
    home.run(&["backtest", "--data", "values.json"]).ends(1).complains("values.json: ");
    home.run(&["backtest", "--data", "no.json"]).ends(1).complains("no.json cannot be read");
    home.edit(
        "[[alarms]]",
        "[[events]]\nname = \"e\"\npattern = '{\"source\": [\"s\"]}'\n[[alarms]]",
    );
    let text = home.read("notify.toml");
    let (head, _) = text.split_once("[[alarms]]").expect("alarms");
    home.write("notify.toml", head);
    home.run(&["backtest", "--data", "values.json"]).ends(1).complains("the file has no alarms");
}

#[test]
fn the_local_account_costs_nothing_and_is_saved_for_another_run() {
    let home = home();
    let now = jiff::Timestamp::now();
    let at = |minutes: i64| (now - jiff::SignedDuration::from_mins(minutes)).to_string();
    let document = values(RULE, &[(1, 0, 9.0)]).replace("2026-10-01T00:00:00Z", &at(600));
    home.write("recent.json", document);
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["emit", "--metric", "recent.json"]).ends(0);
    let words = ["backtest", "--days", "2", "--json"];
    let ran = home.local(&[&words[..], &["--save", "saved.json"]].concat()).ends(0);
    let document = ran.json();
    ran.complains("wrote saved.json");
    let changes = document["alarms"][1]["transitions"].as_array().expect("a list");
    let states: Vec<&Value> = changes.iter().map(|change| &change["to"]).collect();
    assert_eq!(states, ["OK", "ALARM"]);
    assert_eq!(document["mails"], 1);
    assert!(
        document["alarms"].as_array().expect("alarms").iter().all(|alarm| alarm["tested"] == true)
    );

    let until = document["to"].as_str().expect("a time");
    let again = home.run(&[&words[..], &["--data", "saved.json", "--until", until]].concat());
    assert_eq!(again.ends(0).quietly().json(), document);
    let schema = include_str!("../../../../docs/metric-values.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("a schema is JSON");
    let validator: Validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let saved: Value = serde_json::from_str(&home.read("saved.json")).expect("JSON");
    let errors: Vec<String> = validator.iter_errors(&saved).map(|e| e.to_string()).collect();
    assert_eq!(errors, [""; 0]);

    home.local(&["backtest", "--until", "2020-01-01T00:00:00Z"])
        .ends(1)
        .complains("waf-SQLi-QueryString: its values of such periods are kept since 20");

    // What was saved may be replaced, anything else not.
    home.local(&["backtest", "--save", "saved.json"]).ends(0);
    let ran = home.local(&["backtest", "--save", "values.json"]).ends(1);
    ran.complains("values.json exists and holds no saved values; it was not overwritten");
    home.local(&["backtest", "--save", "no/folder.json"]).ends(1).complains("cannot be written");
}

#[test]
fn where_all_rules_are_wanted_the_file_tells_which_there_are() {
    let home = home();
    let text = home.read("notify.toml");
    let (head, rest) = text.split_once("rules = [\n    \"AWS-").expect("rules");
    let (_, tail) = rest.split_once("]\n").expect("their end");
    let (tail, _) = tail.split_once("\n[[tests]]").expect("tests");
    home.write("notify.toml", format!("{head}rules = \"all\"\n{tail}"));
    let counted = values("counting", &[(2, 0, 1.0)]).replace("BlockedRequests", "CountedRequests");
    let all = values("ALL", &[(2, 0, 1.0)]);
    home.write("values.json", values(RULE, &[(1, 0, 0.0), (3, 7, 2.0)]) + &counted + &all);
    let ran = home.run(&["backtest", "--data", "values.json", "--json"]).ends(0);
    let document = ran.json();
    ran.complains("the rules of web ACL waf-base-001 are taken to be those that the file has");
    let alarms = document["alarms"].as_array().expect("alarms").iter();
    let names: Vec<(&Value, &Value)> =
        alarms.map(|alarm| (&alarm["name"], &alarm["mails"])).collect();
    assert_eq!(names, [(&json!(ALARM), &json!(1)), (&json!("waf-counting"), &json!(1))]);
    for name in ["waf-counting", "waf"] {
        home.run(&["backtest", "--data", "values.json", "--alarm", name])
            .ends(0)
            .says("waf-counting");
    }
    home.run(&["backtest", "--data", "values.json", "--alarm", "no"]).ends(1).complains(ALARM);
    home.write("values.json", values("rule", &[(1, 0, 1.0)]).replace("waf-base-001", "other"));
    home.run(&["backtest", "--data", "values.json"]).ends(1).complains("error: ");
}
