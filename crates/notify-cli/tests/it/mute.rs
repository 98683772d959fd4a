//! `mute` and `unmute`, on the local provider.

use crate::home::{Home, Ran};
use serde_json::json;

const FILE: &str = r#"
stack = "small"
regions = ["ap-northeast-1"]

[topic]
name = "alerts"

[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"

[[events]]
name = "shop"
pattern = '{"source": ["shop"]}'
message = "From <$.source>"

[[events]]
name = "off"
enabled = false
pattern = '{"source": ["shop"]}'
message = "From <$.source>"

[[alarms]]
name = "errors"
namespace = "N"
metric = "Errors"
threshold = 1
"#;
const EVENT: &str =
    r#"{"source": "shop", "region": "ap-northeast-1", "detail-type": "t", "detail": {}}"#;

/// The file set up, and its reader confirmed.
fn home() -> Home {
    let home = Home::with(FILE);
    home.write("event.json", EVENT);
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["confirm", "ops@example.com"]).ends(0);
    home
}

fn east(home: &Home, arguments: &[&str]) -> Ran {
    let all = [&["--provider", "local"], arguments].concat();
    let mut command = home.command(&all);
    Ran::of(command.env("TZ", "JST-9").output().expect("the program starts"))
}

/// A time in the account's file, as it would be had it been written so long ago.
fn age(home: &Home, ends: &str) {
    let account = home.account();
    let place = &account["regions"]["ap-northeast-1"];
    let until = place["rules"]["shop"]["tags"]["notify:muted-until"].as_str();
    let until = until.expect("a muted rule").to_owned();
    let text = home.read(".notify/local.json").replace(&until, ends);
    home.write(".notify/local.json", text);
}

#[test]
fn what_is_muted_is_said_everywhere() {
    let home = home();
    home.local(&["emit", "event.json"]).ends(0).says("✓ shop: mail to ops@example.com");
    home.local(&["unmute", "shop"]).ends(0).quietly().says("Nothing is muted.");
    let ran = home.local(&["mute", "shop", "errors", "--for", "2h"]).ends(0).quietly();
    let ran = ran.says("+ create  role  notify-small-unmute").says("+ create  mute");
    let ran = ran.says("state: \"ENABLED\" → \"DISABLED\"").says("3 to create, 2 to change.");
    ran.says("tells of it then").says("\nMuted until 20");
    home.local(&["emit", "event.json"]).ends(0).says("– shop: muted until 20").never_says("mail");
    let ran = home.local(&["status"]).ends(0).says("MUTED: nobody is told of these");
    ran.says("  errors in ap-northeast-1 until 20").says("  shop in ap-northeast-1 until 20");
    home.local(&["setup", "--yes"])
        .ends(0)
        .says("Nothing to change")
        .says("shop is muted until 20");
    home.local(&["plan", "--detailed-exitcode"]).ends(0);
    let again = home.local(&["mute", "shop", "--for", "2h"]).ends(0);
    assert!(
        again.out.contains("It is muted until") || again.out.contains("1 to create"),
        "{}",
        again.out
    );

    home.local(&["unmute", "shop"]).ends(0).quietly().says("Muted no more.");
    home.local(&["emit", "event.json"]).ends(0).says("✓ shop: mail to ops@example.com");
    home.local(&["status"]).ends(0).says("errors in").never_says("shop in ap");
    home.local(&["unmute", "--all"]).ends(0).says("1 to delete.");
    home.local(&["status"]).ends(0).never_says("MUTED");
    home.local(&["destroy", "--yes"]).ends(0).says("role").says("7 of 7 changes done.");
    // What it has measured stays, as in CloudWatch.
    let left = home.account();
    for kind in ["topics", "rules", "alarms"] {
        assert_eq!(left["regions"]["ap-northeast-1"][kind], json!({}), "{kind}");
    }
    assert_eq!(home.account().get("roles"), None);
}

#[test]
fn the_end_is_told_on_the_persons_clock_and_in_utc() {
    let home = home();
    let ran = east(&home, &["mute", "shop", "--until", "2126-01-01T00:00:00Z"]).ends(1);
    ran.complains("--until: CloudWatch mutes for 15 days at most")
        .complains("--for takes 2h or 1d");
    let ran = east(&home, &["mute", "shop", "--for", "1d"]).ends(0);
    let said = ran.out.lines().find(|line| line.starts_with("Muted until")).expect("the end");
    assert!(said.contains("+09:00 (20") && said.contains("Z)"), "{said}");
    east(&home, &["status"]).ends(0).says(" +09:00 (20");
    home.local(&["status"]).ends(0);
}

#[test]
fn a_mute_ends_by_itself() {
    let home = home();
    home.local(&["mute", "shop", "--for", "2h"]).ends(0);
    age(&home, "2026-01-01T00:00:00Z");
    home.local(&["status"]).ends(0).never_says("MUTED");
    home.local(&["plan", "--detailed-exitcode"]).ends(0);
    home.local(&["emit", "event.json"]).ends(0).says("✓ shop: mail to ops@example.com");
    let place = &home.account()["regions"]["ap-northeast-1"];
    assert_eq!(place.get("schedules"), None, "it has run and is gone");
    // What is over is cleared away with the next command.
    home.local(&["unmute", "shop"]).ends(0).says("tags.notify:muted-until");
}

#[test]
fn the_path_of_a_muted_alarm_ends_where_it_is_muted() {
    let home = home();
    home.local(&["mute", "errors", "--for", "2h"]).ends(0);
    let document = home.local(&["status", "--json"]).ends(0).json();
    let until = document["mutes"][0]["until"].as_str().expect("a mute").to_owned();
    let of = |name: &str, link: &str| {
        let links = document["links"].as_array().expect("links").iter();
        let mut links = links.filter(|one| one["notification"] == name && one["link"] == link);
        let one = links.next().expect("the link").clone();
        ["state", "cause", "command"].map(|field| one[field].as_str().unwrap_or("").to_owned())
    };
    let cause = format!("it is muted until {until}");
    let command = "notify-cli unmute errors --provider local";
    let expected = ["muted", &cause, command].map(str::to_owned);
    assert_eq!([of("errors", "enabled"), of("errors", "verdict")], [expected.clone(), expected]);
    assert_eq!(of("shop", "enabled")[0], "ok");
    home.local(&["status"]).ends(0).says("– errors: muted").says(&cause);
    home.local(&["unmute", "errors"]).ends(0);
    home.local(&["status"]).ends(0).never_says("errors: muted");
}

#[test]
fn a_muted_alarm_is_told_of_when_the_mute_ends() {
    let home = home();
    home.local(&["mute", "errors", "--for", "2h"]).ends(0);
    let account = home.read(".notify/local.json");
    let mutes = &home.account()["regions"]["ap-northeast-1"]["mutes"];
    let mute = mutes.as_object().and_then(|all| all.values().next()).expect("a mute");
    let (from, until) = (&mute["from"]["exactly"], &mute["until"]);
    // As if it had begun long ago.
    let text = account.replace(&from.to_string(), "\"2020-01-01T00:00:00Z\"");
    home.write(".notify/local.json", &text);
    home.write(
        "metric.json",
        r#"{"Namespace": "N", "MetricData": [{"MetricName": "Errors", "Timestamp": "2026-10-05T01:12:00Z", "Value": 2}]}"#,
    );
    let ran = home.local(&["emit", "--metric", "metric.json"]).ends(0);
    ran.says("errors: INSUFFICIENT_DATA -> ALARM").says("told then if it still is in this state");
    let mails = || std::fs::read_dir(home.path(".notify/outbox")).expect("mails").count();
    assert_eq!(mails(), 1, "the confirmation mail");
    let text = home.read(".notify/local.json");
    home.write(".notify/local.json", text.replace(&until.to_string(), "\"2020-01-02T00:00:00Z\""));
    home.write("event.json", EVENT.replace("shop", "none"));
    home.local(&["emit", "event.json"]).ends(0);
    assert_eq!(mails(), 2);
}

#[test]
fn what_cannot_be_muted_is_said() {
    let home = Home::with(FILE);
    let ran = home.local(&["mute", "shop", "--for", "1h"]).ends(1);
    let ran = ran.says("rule shop in ap-northeast-1: it does not exist");
    ran.says("`notify-cli setup` makes it").complains("nothing was changed");
    assert!(!home.has(".notify"));
    let home = self::home();
    let ran = home.local(&["mute", "off", "--for", "1h"]).ends(1);
    ran.says("the file has `enabled = false` for it");
    home.local(&["mute", "--all", "--for", "1h"]).ends(0).says("rule off: the file has `enabled");
    let ran = home.local(&["mute", "nothing", "--for", "1h"]).ends(1);
    let ran = ran.complains("the file has no notification called `nothing`");
    ran.complains("it has errors, off, shop");
    home.local(&["unmute", "nothing"]).ends(1).complains("no notification called `nothing`");
    let nobody = Home::with("stack = \"s\"\n[topic]\nname = \"t\"\n");
    nobody.local(&["mute", "x", "--for", "1h"]).ends(1).complains("it has no `[[events]]`");
    nobody.local(&["mute", "--all", "--for", "1h"]).ends(0).says("There is nothing to mute.");
    let elsewhere = home.local(&["mute", "shop", "--for", "1h", "--region", "eu-west-1"]).ends(1);
    elsewhere.complains("the file does not name the region eu-west-1");
}
