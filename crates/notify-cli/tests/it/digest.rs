//! `digest`: what each WAF rule blocked and counted, day by day.

use crate::home::Home;
use jiff::{SignedDuration, Timestamp};
use mail_parser::MessageParser;
use serde_json::{Value, json};

const HEAD: &str = "stack = \"small\"\n\n[topic]\nname = \"alerts\"\n";
const READER: &str = "\n[[subscriptions]]\nprotocol = \"email\"\nendpoint = \"ops@example.com\"\n";
const WAF: &str = "\n[[alarms]]\nname = \"waf\"\npreset = \"waf-blocked\"\nweb_acl = \"acl\"\n\
    rules = [\"common\", \"quiet\", { rule = \"sqli\", metric = \"CountedRequests\" }]\n";

/// A day of so long ago, in UTC.
fn day(ago: i64) -> String {
    let at = Timestamp::now() - SignedDuration::from_hours(24 * ago);
    at.strftime("%Y-%m-%d").to_string()
}

fn datum(web_acl: &str, rule: &str, at: &str, value: u64) -> Value {
    let region = "us-east-1";
    let metric = if rule == "sqli" { "CountedRequests" } else { "BlockedRequests" };
    json!({
        "MetricName": metric,
        "Timestamp": at,
        "Value": value,
        "Dimensions": [
            {"Name": "WebACL", "Value": web_acl},
            {"Name": "Region", "Value": region},
            {"Name": "Rule", "Value": rule},
        ],
    })
}

/// Values of rules of the web ACL: so many days ago at noon. The rule `sqli` counts.
pub(crate) fn metric_data(values: &[(&str, i64, u64)]) -> String {
    let data = values
        .iter()
        .map(|(rule, ago, value)| datum("acl", rule, &format!("{}T12:00:00Z", day(*ago)), *value));
    json!({"Namespace": "AWS/WAFV2", "MetricData": data.collect::<Vec<_>>()}).to_string()
}

/// With a topic, a reader who has confirmed, and these values.
fn home(values: &[(&str, i64, u64)]) -> Home {
    let home = Home::with(&[HEAD, READER, WAF].concat());
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["confirm", "ops@example.com"]).ends(0);
    put(&home, &metric_data(values));
    std::fs::remove_dir_all(home.path(".notify/outbox")).expect("mails");
    home
}

/// Puts values there; alarms that they cause are none of our business.
fn put(home: &Home, data: &str) {
    home.write("metric.json", data);
    home.local(&["emit", "--metric", "metric.json", "--region", "us-east-1"]);
}

const VALUES: [(&str, i64, u64); 6] = [
    ("common", 1, 1_000),
    ("common", 1, 200),
    ("common", 2, 1_066),
    ("quiet", 2, 5),
    ("sqli", 1, 56),
    ("ALL", 1, 1_203),
];

#[test]
fn a_day_is_a_table_with_bars_totals_and_changes() {
    let home = home(&VALUES);
    let ran = home.local(&["digest"]).ends(0).quietly();
    let expected = format!(
        "\
WAF, {} (UTC), account 123456789012 (local)

us-east-1, web ACL acl
  rule           blocked      change
  common           1,200  +134, +13%  ██████████████████████████████
  sqli                 0
  quiet                0   -5, -100%
  (other rules)        3         new  ▏
  in all           1,203  +132, +12%

  rule    counted  change
  sqli         56     new  ██████████████████████████████
  in all       56     new
",
        day(1)
    );
    assert_eq!(ran.out, expected);
    assert!(!home.has(".notify/outbox"), "nothing is sent unless it is asked for");
}

#[test]
fn several_days_have_a_column_each() {
    let home = home(&[("common", 1, 30), ("common", 2, 20), ("common", 4, 5), ("quiet", 3, 1)]);
    let ran = home.local(&["digest", "--since", "3d"]).ends(0);
    let labels = [3, 2, 1].map(|ago| day(ago)[5..].to_owned()).join("    ");
    let expected = format!(
        "\
WAF, {} to {} (UTC), account 123456789012 (local)

us-east-1, web ACL acl
  rule    blocked
  common       50  ██████████████████████████████
  quiet         1  ▌
  sqli          0
  in all       51

  rule      {labels}
  common        0       20       30
  quiet         1        0        0
  sqli          0        0        0
  in all        1       20       30
  change     -80%  +1,900%     +50%

  counted: nothing
",
        day(3),
        day(1)
    );
    assert_eq!(ran.out, expected);
    let many = home.local(&["digest", "--since", "13d"]).ends(0);
    assert!(many.out.lines().all(|line| line.chars().count() <= 80), "{}", many.out);
    assert_eq!(many.out.matches("\n  in all").count(), 3, "{}", many.out);
    for ago in 1..=13 {
        assert!(many.out.contains(&day(ago)[5..]), "{}", many.out);
    }
}

#[test]
fn the_table_speaks_the_files_language() {
    let home = home(&VALUES);
    home.edit("stack = \"small\"", "stack = \"small\"\nlanguage = \"ja\"");
    let ran = home.local(&["digest"]).ends(0);
    let ran = ran.says(" (UTC) アカウント 123456789012 (local)\n").says("us-east-1 Web ACL: acl\n");
    let ran = ran.says("  ルール             遮断      前日比\n");
    let ran = ran.says("  (その他のルール)      3    前日は 0  ▏\n");
    ran.says("  sqli          56  前日は 0  ███").says("\n  合計");
}

#[test]
fn a_day_begins_where_it_is_said() {
    let home = home(&[]);
    let at = format!("{}T16:00:00Z", day(3));
    let data = [datum("acl", "common", &at, 7)];
    put(&home, &json!({"Namespace": "AWS/WAFV2", "MetricData": data}).to_string());
    let day_of_seven = |offset: &str| {
        let arguments = ["digest", "--since", "5d", "--json", "--utc-offset", offset];
        let document = home.local(&arguments).ends(0).json();
        assert_eq!(document["utc_offset"], offset);
        let days = document["regions"][0]["days"].as_array().expect("days").clone();
        let found = days.iter().find(|day| day["blocked"]["count"] == 7).expect("the day");
        found["date"].as_str().expect("a date").to_owned()
    };
    assert_eq!(day_of_seven("+00:00"), day(3));
    assert_eq!(day_of_seven("+07:45"), day(3));
    assert_eq!(day_of_seven("+08:00"), day(2));
    assert_eq!(day_of_seven("+09:00"), day(2));
    assert_eq!(day_of_seven("-03:30"), day(3));
}

#[test]
fn it_is_mailed_through_the_topic() {
    let home = home(&VALUES);
    let ran = home.local(&["digest", "--publish", "--yes"]).ends(0).quietly();
    let subject = format!("WAF digest {}: 1,203 blocked, 56 counted", day(1));
    let ran = ran.says("alerts in us-east-1\n  To       1 confirmed subscription\n");
    let ran = ran.says(&format!("  Subject  {subject}\n"));
    let ran = ran.says("  │ common: 1,200 blocked (+134, +13%), 0 counted\n");
    let ran = ran.says("  ✓ alerts in us-east-1: sent to 1 confirmed subscription (message\n");
    ran.says("wrote .notify/outbox/000001-ops@example.com.eml\n");

    let mail = home.read(".notify/outbox/000001-ops@example.com.eml");
    let mail = MessageParser::default().parse(mail.as_bytes()).expect("a mail");
    assert_eq!(mail.subject(), Some(subject.as_str()));
    let body = mail.body_text(0).expect("a text");
    let start = format!(
        "AWS WAF, {} (UTC), us-east-1\n1,203 blocked (+132, +12%), 56 counted (new)\n\nWeb ACL acl\n\
         common: 1,200 blocked (+134, +13%), 0 counted\nsqli: 0 blocked, 56 counted (new)\n\
         quiet: 0 blocked (-5, -100%), 0 counted\n(other rules): 3 blocked (new), 0 counted\n\n\
         Blocked requests were refused; ",
        day(1)
    );
    assert!(body.replace("\r\n", "\n").starts_with(&start), "{body}");

    let document = home.local(&["digest", "--publish", "--yes", "--json"]).ends(0).quietly().json();
    let sent = &document["regions"][0]["mail"];
    assert_eq!((&sent["subject"], &sent["error"]), (&json!(subject), &Value::Null));
    assert_eq!((&sent["confirmed"], &sent["pending"]), (&json!(1), &json!(0)));
    assert!(sent["message_id"].as_str().is_some_and(|id| id.starts_with("00000000-")), "{sent}");
    assert!(home.has(".notify/outbox/000002-ops@example.com.eml"));
}

/// CloudFront's metrics are in us-east-1, and so is the topic that tells of them.
#[test]
fn each_region_has_its_own_mail() {
    let edge = WAF.replace("\"waf\"", "\"edge\"").replace("rules", "scope = \"cloudfront\"\nrules");
    let home = Home::with(&format!("regions = [\"eu-west-1\"]\n{HEAD}{READER}{WAF}{edge}"));
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["confirm", "ops@example.com"]).ends(0);
    let mut values = datum("acl", "common", &format!("{}T12:00:00Z", day(1)), 9);
    let dimensions = values["Dimensions"].as_array_mut().expect("a list");
    dimensions.retain(|dimension| dimension["Name"] != "Region");
    put(&home, &json!({"Namespace": "AWS/WAFV2", "MetricData": [values]}).to_string());
    std::fs::remove_dir_all(home.path(".notify/outbox")).expect("mails");

    let ran = home.local(&["digest"]).ends(0).says("\neu-west-1, web ACL acl\n");
    ran.says("\nus-east-1, web ACL acl (CloudFront)\n");
    let document = home.local(&["digest", "--publish", "--yes", "--json"]).ends(0).json();
    let seen = |at: usize| {
        let region = &document["regions"][at];
        let acl = &region["web_acls"][0];
        let rules = acl["rules"].as_array().map(Vec::len);
        (region["region"].clone(), acl["scope"].clone(), region["blocked"].clone(), rules)
    };
    assert_eq!(seen(0), (json!("eu-west-1"), json!("regional"), json!(0), Some(3)));
    assert_eq!(seen(1), (json!("us-east-1"), json!("cloudfront"), json!(9), Some(3)));
    for (at, region) in ["eu-west-1", "us-east-1"].into_iter().enumerate() {
        let mail = home.read(&format!(".notify/outbox/{:06}-ops@example.com.eml", at + 1));
        assert!(mail.contains(&format!("(UTC), {region}")), "{mail}");
    }
    let one = home.local(&["digest", "--json", "--region", "us-east-1"]).ends(0).json();
    assert_eq!(one["regions"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["regions"][0]["region"], "us-east-1");
    home.local(&["digest", "--region", "ap-northeast-3"])
        .ends(1)
        .complains("the file does not name the region ap-northeast-3");
}

#[test]
fn who_has_not_confirmed_gets_nothing() {
    let home = Home::with(&[HEAD, READER, WAF].concat());
    home.local(&["setup", "--yes"]).ends(0);
    let ran = home.local(&["digest", "--publish", "--yes"]).ends(0);
    let nobody = "nobody: the topic has no confirmed subscription; 1 not confirmed yet";
    ran.says(&format!("  To       {nobody}\n")).says("  … alerts in us-east-1: sent to nobody");
    assert!(!home.has(".notify/outbox/000002-ops@example.com.eml"));
}

#[test]
fn nothing_is_sent_without_a_topic_or_a_yes() {
    let home = Home::with(&[HEAD, READER, WAF].concat());
    for arguments in [&["digest", "--publish", "--yes"][..], &["digest", "--publish", "--json"]] {
        let ran = home.local(arguments).ends(1);
        let ran = ran.complains("there is no topic alerts in us-east-1; nothing was sent");
        ran.complains("`notify-cli setup --provider local` makes it");
    }
    let home = self::home(&VALUES);
    let ran = home.local(&["digest", "--publish"]).ends(1);
    ran.says("  Subject  WAF digest ").complains("there is nobody to ask; nothing was sent");
    let ran = home.local(&["digest", "--publish", "--json"]).ends(1);
    assert_eq!(ran.complains("--json asks no question; nothing was sent").out, "");
    assert!(!home.has(".notify/outbox"));
}

#[test]
fn silence_is_said_and_no_error() {
    let home = Home::with(&[HEAD, WAF].concat());
    let ran = home.local(&["digest"]).ends(0).quietly().says("WAF reported nothing");
    ran.says("  quiet         0\n").says("  counted: nothing\n");
    home.edit("stack = \"small\"", "stack = \"small\"\nlanguage = \"ja\"");
    let ran = home.local(&["digest"]).ends(0).says("WAF からの報告はありません。");
    ran.says("  カウント: なし\n");
}

#[test]
fn what_cannot_be_told_says_why() {
    let home = Home::with(HEAD);
    let ran = home.local(&["digest"]).ends(1).complains("the file has no WAF alarms");
    ran.complains("add `[[alarms]]` with `preset = \"waf-blocked\"`");
    home.write("notify.toml", [HEAD, WAF].concat());
    let ran = home.local(&["digest", "--since", "500d"]).ends(1);
    ran.complains("500d is too far back").complains("ask for up to 453d");
    let today = day(0);
    let ran = home.local(&["digest", "--since", &today]).ends(1);
    ran.complains(&format!("{today} has not ended yet in UTC"));
    let ran = home.local(&["digest", "--since", "20d"]).ends(2).says("  ! Not complete: values of");
    ran.says("kept since");
    home.edit("rules = [", "rules = \"all\" # [");
    let ran = home.local(&["digest"]).ends(1).complains(".notify/web-acls/acl.json");
    assert_eq!(ran.out, "", "a digest without its rules would mislead");
}

/// Names come from AWS, or from whoever wrote the file.
#[test]
fn every_rule_of_a_web_acl_is_there_and_no_name_does_harm() {
    let rule = |name: &str, action: &str| {
        json!({"Name": name, "Action": {action: {}},
            "VisibilityConfig": {"MetricName": name, "CloudWatchMetricsEnabled": true}})
    };
    let wide = "遮断".repeat(30);
    let rules = [rule("evil\u{202e}\u{2066}", "Block"), rule(&wide, "Count"), rule("ok", "Allow")];
    let metric = "acl\u{1b}[31m\n";
    let acl = json!({"Name": "acl", "Rules": rules, "VisibilityConfig": {"MetricName": metric}});
    let home =
        Home::with(&[HEAD, READER, &WAF.replace("rules = [", "rules = \"all\" # [")].concat());
    home.write(".notify/web-acls/acl.json", acl.to_string());
    let ran = home.local(&["digest"]).ends(0).says("\n  evil\\u{202e}\\u{2066} ");
    let ran = ran.says("us-east-1, web ACL acl\\u{1b}[31m\\n\n");
    let cut = ran.out.lines().find(|line| line.contains("遮断遮断")).expect("the wide name");
    assert!(cut.contains('…') && cut.ends_with("  0"), "{cut}");
    assert!(!ran.out.contains("\n  ok "), "{}", ran.out);
    let names = home.local(&["digest", "--json"]).ends(0).json();
    assert_eq!(names["regions"][0]["web_acls"][0]["rules"].as_array().map(Vec::len), Some(2));
}
