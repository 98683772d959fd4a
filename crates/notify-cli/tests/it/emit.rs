//! `emit` and `confirm`: the local account delivers.

use crate::home::{Home, MINIMAL, Ran, SECURITY};
use mail_parser::{Address, Message, MessageParser};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

const EVENT: &str = include_str!("../../../../examples/events/restricted-ssh.json");
const READER: &str = "ops@example.com";

/// An alarm of one-minute values beside a rule whose template does not escape.
const SPEC: &str = r#"
stack = "shop"

[topic]
name = "alerts"
display_name = "店の見張り"

[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"

[[events]]
name = "orders"
pattern = '{"source": ["shop"]}'
template = '"注文 <why>"'
paths = { why = "$.detail.why" }

[[alarms]]
name = "errors"
namespace = "shop"
metric = "errors"
period = "1m"
threshold = 2
"#;

fn order(why: &str) -> String {
    json!({"source": "shop", "detail-type": "order", "detail": {"why": why}}).to_string()
}

fn points(at: &str, value: f64) -> String {
    let data = json!([{"MetricName": "errors", "Timestamp": at, "Value": value}]);
    json!({"Namespace": "shop", "MetricData": data}).to_string()
}

/// Set up and confirmed.
fn home(spec: &str) -> Home {
    let home = Home::with(spec);
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["confirm", READER]).ends(0).quietly();
    home
}

/// The mails in the outbox, in their order.
fn outbox(home: &Home) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(home.path(".notify/outbox")) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names.into_iter().map(|name| format!(".notify/outbox/{name}")).collect()
}

/// From, subject and text of a mail.
fn parts(home: &Home, path: &str) -> (String, String, String) {
    let raw = std::fs::read(home.path(path)).expect("a mail");
    let message: Message<'_> = MessageParser::default().parse(&raw).expect("a mail that parses");
    let from = message.from().and_then(Address::first).expect("a sender");
    let from =
        format!("{} <{}>", from.name().unwrap_or_default(), from.address().unwrap_or_default());
    let text = message.body_text(0).expect("a text").replace("\r\n", "\n");
    (from, message.subject().unwrap_or_default().to_owned(), text)
}

#[test]
fn an_event_becomes_a_mail_once_its_reader_is_confirmed() {
    let home = Home::with(SECURITY);
    home.write("event.json", EVENT);
    home.local(&["emit", "event.json"])
        .ends(0)
        .says("event.json in ap-northeast-1\n  there is no rule");
    let account = home.account();
    let kept = &account["regions"]["ap-northeast-1"];
    let kinds = ["topics", "rules", "alarms"];
    assert!(kinds.iter().all(|kind| kept[kind] == serde_json::json!({})), "{kept}");
    let judged = kept["config_rules"]["restricted-ssh"]["resources"].as_object();
    assert_eq!(judged.map(serde_json::Map::len), Some(1), "AWS Config has judged: {kept}");

    home.local(&["setup", "--yes"])
        .ends(0)
        .says("Here the mail lies in .notify/outbox/, and `notify-cli confirm ADDRESS");
    let invited = outbox(&home);
    assert_eq!(invited.len(), 1);
    assert!(invited[0].ends_with("-ops@example.com.eml"), "{invited:?}");
    let (_, subject, text) = parts(&home, &invited[0]);
    assert_eq!(subject, "AWS Notification - Subscription Confirmation");
    assert!(text.contains("arn:aws:sns:ap-northeast-1:123456789012:config-info"), "{text}");

    let ran = home.local(&["emit", "event.json"]).ends(0).quietly();
    assert_eq!(
        ran.out,
        "event.json in ap-northeast-1\n  … config-noncompliant: nothing to ops@example.com, who \
         must be confirmed first\n    (`notify-cli confirm ADDRESS`)\n"
    );
    assert_eq!(outbox(&home), invited);

    let ran = home.local(&["confirm", READER]).ends(0).quietly();
    assert_eq!(ran.out, "ops@example.com receives mail of config-info in ap-northeast-1\n");
    let ran = home.local(&["emit", "event.json"]).ends(0).quietly();
    let mails = outbox(&home);
    assert_eq!(mails.len(), 2);
    assert_eq!(
        ran.out,
        format!(
            "event.json in ap-northeast-1\n  ✓ config-noncompliant: mail to ops@example.com\nwrote {}\n",
            mails[1]
        )
    );
    let (from, subject, text) = parts(&home, &mails[1]);
    assert_eq!(from, "AWS Config <no-reply@sns.amazonaws.com>");
    assert_eq!(subject, "AWS Notification Message");
    let begins = "\"発生時刻 : 2026-10-05T01:12:08.604Z\"\n\"ルール名 : restricted-ssh\"\n";
    assert!(text.starts_with(begins), "{text}");
    assert!(
        text.contains(
            "\"configから状態を確認してください。\"\n\n--\nIf you wish to stop receiving"
        ),
        "{text}"
    );
    assert!(text.contains("https://sns.ap-northeast-1.amazonaws.com/unsubscribe.html?"), "{text}");
}

#[test]
fn japanese_survives() {
    let home = home(SPEC);
    home.write("order.json", order("失敗😀"));
    home.local(&["emit", "order.json"]).ends(0);
    let (from, _, text) = parts(&home, &outbox(&home)[1]);
    assert_eq!(from, "店の見張り <no-reply@sns.amazonaws.com>");
    assert!(text.starts_with("\"注文 失敗😀\"\n"), "{text}");
}

#[test]
fn a_mail_that_is_lost_is_kept_with_the_reason() {
    let home = home(SPEC);
    home.write("order.json", order("say \"no\" \u{1b}[31m"));
    home.local(&["emit", "order.json"])
        .ends(2)
        .quietly()
        .says("  ✗ orders: lost, INVALID_JSON: ")
        .says("\n      \"注文 say \"no\" \\u{1b}[31m\"\n")
        .never_says("wrote");
    assert_eq!(outbox(&home).len(), 1, "only the invitation");
    let letters = home.account()["dead_letters"].clone();
    assert_eq!(letters.as_array().map(Vec::len), Some(1));
    assert_eq!(letters[0]["code"], "INVALID_JSON");
    assert_eq!(letters[0]["rule"], "arn:aws:events:us-east-1:123456789012:rule/orders");
    assert_eq!(letters[0]["attempted"], "\"注文 say \"no\" \u{1b}[31m\"");
    let document = home.local(&["emit", "order.json", "--json"]).ends(2).json();
    let target = &document["events"][0]["rules"][0]["targets"][0];
    assert_eq!(target["lost"], "INVALID_JSON");
    assert_eq!(home.account()["dead_letters"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_target_to_which_nothing_is_left_to_send_says_so() {
    let home = home(&SPEC.replace("'\"注文 <why>\"'", "'<why>'"));
    home.write("order.json", r#"{"source": "shop", "detail-type": "order", "detail": {}}"#);
    let ran = home.local(&["emit", "order.json"]).ends(2).quietly();
    assert_eq!(
        ran.out,
        "order.json in us-east-1\n  ✗ orders: nothing is delivered: nothing is left to send\n"
    );
    let document = home.local(&["emit", "order.json", "--json"]).ends(2).json();
    assert_eq!(
        document["events"][0]["rules"][0]["targets"][0],
        json!({"lost": null, "reason": "nothing is left to send", "attempted": null, "queue": null})
    );
}

#[test]
fn mails_outlive_the_account_and_none_is_replaced() {
    let home = home(SPEC);
    home.write("order.json", order("first"));
    home.local(&["emit", "order.json"]).ends(0);
    home.write(".notify/outbox/000012-kept.eml", "kept");
    home.write(".notify/outbox/99999999999999999999-far.eml", "no number of ours");
    home.write(".notify/outbox/notes.txt", "mine");
    let read = |names: &[String]| names.iter().map(|name| home.read(name)).collect::<Vec<_>>();
    let names = outbox(&home);
    let mails = read(&names);
    std::fs::remove_file(home.path(".notify/local.json")).expect("the account");
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["confirm", READER]).ends(0);
    home.write("order.json", order("second"));
    let ran = home.local(&["emit", "order.json"]).ends(0);
    ran.says("wrote .notify/outbox/000014-ops@example.com.eml\n");
    assert_eq!(read(&names), mails);
    let mut all = names;
    all.extend([13, 14].map(|at| format!(".notify/outbox/0000{at}-ops@example.com.eml")));
    all.sort();
    assert_eq!(outbox(&home), all, "and no temporary file");
    assert!(parts(&home, ".notify/outbox/000014-ops@example.com.eml").2.contains("second"));
}

#[test]
fn a_mail_that_cannot_be_written_leaves_the_account_as_it_was() {
    let home = home(SPEC);
    home.write("order.json", order("x"));
    let before = home.written(".notify/local.json");
    std::fs::remove_dir_all(home.path(".notify/outbox")).expect("the outbox");
    home.write(".notify/outbox", "a file");
    let ran = home.local(&["emit", "order.json"]).ends(1);
    assert_eq!(ran.out, "");
    ran.complains(".notify/outbox cannot be written");
    assert_eq!(home.written(".notify/local.json"), before);
}

#[test]
fn several_events_and_one_of_standard_input() {
    let home = home(SPEC);
    home.write("one.json", order("one"));
    home.write("two.json", order("two"));
    let mut command = home.command(&["--provider", "local", "emit", "one.json", "-"]);
    command.stdin(std::fs::File::open(home.path("two.json")).expect("the event"));
    let ran = Ran::of(command.output().expect("the program starts")).ends(0);
    ran.says("one.json in us-east-1\n  ✓ orders").says("\n- in us-east-1\n  ✓ orders");
    let texts: Vec<String> = outbox(&home)[1..].iter().map(|path| parts(&home, path).2).collect();
    assert!(
        texts[0].starts_with("\"注文 one\"\n") && texts[1].starts_with("\"注文 two\"\n"),
        "{texts:?}"
    );
}

#[test]
fn a_broken_event_changes_nothing() {
    let home = home(SPEC);
    home.write("good.json", order("good"));
    let before = home.written(".notify/local.json");
    for (text, says) in [
        ("{", "bad.json is not an event"),
        ("[1]", "bad.json holds no JSON object"),
        (r#"{"region": "nowhere at all"}"#, "bad.json: the event's region"),
    ] {
        home.write("bad.json", text);
        let ran = home.local(&["emit", "good.json", "bad.json"]).ends(1).complains(says);
        assert_eq!(ran.out, "");
    }
    home.local(&["emit", "good.json", "none.json"]).ends(1).complains("none.json cannot be read");
    home.write("bad.json", r#"{"Namespace": 1}"#);
    home.local(&["emit", "good.json", "--metric", "bad.json"])
        .ends(1)
        .complains("bad.json cannot be used; nothing was sent");
    assert_eq!(home.written(".notify/local.json"), before);
    assert_eq!(outbox(&home).len(), 1);
}

#[test]
fn rules_that_see_nothing_say_so() {
    let home = home(&SPEC.replace("name = \"orders\"", "name = \"orders\"\nenabled = false"));
    home.write("order.json", order("x"));
    home.local(&["emit", "order.json"]).ends(0).says("  – orders: disabled, or it does not see");
    home.edit("enabled = false", "enabled = true");
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["emit", "order.json"]).ends(0).says("✓ orders");
    home.local(&["emit", "order.json", "--region", "eu-west-1"])
        .ends(0)
        .says("order.json in eu-west-1\n  there is no rule");
    home.write("order.json", r#"{"source": "else"}"#);
    home.local(&["emit", "order.json"]).ends(0).says("  – orders: no match\n");
}

#[test]
fn an_alarm_acts_when_its_state_changes() {
    let home = home(SPEC);
    let emit = |at: &str, value: f64| {
        home.write("points.json", points(at, value));
        home.local(&["emit", "--metric", "points.json"]).ends(0).quietly()
    };
    let to_ok =
        emit("2026-10-05T01:10:00Z", 0.0).says("alarms in us-east-1 at 2026-10-05T01:11:00Z\n");
    to_ok.says("  ~ errors: INSUFFICIENT_DATA -> OK\n").says("  – nobody is told of this state\n");
    assert_eq!(outbox(&home).len(), 1);

    let ran = emit("2026-10-05T01:11:00Z", 2.0).says("  ~ errors: OK -> ALARM\n");
    ran.says("  ✓ mail to ops@example.com\nwrote .notify/outbox/");
    let (from, subject, text) = parts(&home, &outbox(&home)[1]);
    assert_eq!(from, "店の見張り <no-reply@sns.amazonaws.com>");
    assert_eq!(subject, "ALARM: \"errors\" in US East (N. Virginia)");
    assert!(text.contains("[2.0 (05/10/26 01:11:00)]"), "{text}");

    // It stays in ALARM and is silent about it.
    emit("2026-10-05T01:12:00Z", 5.0).says("  – 1 stay as they are\n").never_says("wrote");
    assert_eq!(outbox(&home).len(), 2);
    emit("2026-10-05T01:13:00Z", 0.0).says("ALARM -> OK");
    assert_eq!(
        home.account()["regions"]["us-east-1"]["alarms"]["errors"]["alarm"]["state"]["exactly"],
        "OK"
    );
}

#[test]
fn the_time_of_the_look_can_be_named() {
    let home = home(SPEC);
    home.write("points.json", points("2026-10-05T01:10:00Z", 7.0));
    let at = |time: &str| home.local(&["emit", "--metric", "points.json", "--at", time]);
    at("2026-10-05T01:10:30Z").ends(0).says("  – 1 stay as they are\n");
    at("2026-10-05T01:11:30Z").ends(0).says("INSUFFICIENT_DATA -> ALARM");
    at("noon").ends(1).complains("is no time");
    home.write("event.json", order("x"));
    home.local(&["emit", "event.json", "--at", "2026-10-05T01:10:30Z"])
        .ends(1)
        .complains("--metric");
}

#[test]
fn alarms_of_two_regions_need_a_name() {
    let two =
        SPEC.replace("\n\n[topic]", "\nregions = [\"us-east-1\", \"ap-northeast-1\"]\n\n[topic]");
    let home = home(&two);
    home.write("points.json", points("2026-10-05T01:10:00Z", 7.0));
    let before = home.written(".notify/local.json");
    home.local(&["emit", "--metric", "points.json"])
        .ends(1)
        .complains("there are alarms in ap-northeast-1, us-east-1; nothing was sent")
        .complains("say with --region");
    assert_eq!(home.written(".notify/local.json"), before);
    home.local(&["emit", "--metric", "points.json", "--region", "ap-northeast-1"])
        .ends(0)
        .says("alarms in ap-northeast-1 at")
        .says("-> ALARM");
    let none = Home::with(MINIMAL);
    none.write("points.json", points("2026-10-05T01:10:00Z", 7.0));
    none.local(&["emit", "--metric", "points.json"])
        .ends(1)
        .complains("the local account has no alarms");
}

#[test]
fn only_the_local_account_is_sent_to() {
    let home = Home::with(SPEC);
    home.write("order.json", order("x"));
    home.run(&["emit", "order.json"])
        .ends(1)
        .complains("only sent into the local provider")
        .complains("add --provider local");
    home.run(&["emit", "order.json", "--provider", "aws"])
        .ends(1)
        .complains("add --provider local");
    home.run(&["confirm", READER]).ends(1).complains("add --provider local");
    home.local(&["emit"]).ends(1).complains("EVENT");
    assert!(!home.has(".notify"));
}

#[test]
fn an_address_is_confirmed_once() {
    let home = Home::with(SPEC);
    home.local(&["confirm", READER])
        .ends(1)
        .complains("nobody waits: `notify-cli setup --provider local`");
    assert!(!home.has(".notify"));
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["confirm", "bob@example.com\u{1b}"])
        .ends(1)
        .complains("bob@example.com\\u{1b} has not been invited")
        .complains("waiting are ops@example.com");
    let document = home.local(&["confirm", READER, "--json"]).ends(0).quietly().json();
    let expected = |confirmed: Value| json!({"version": 1, "address": READER, "confirmed": confirmed, "authenticated": true});
    assert_eq!(document, expected(json!([{"region": "us-east-1", "topic": "alerts"}])));
    home.local(&["confirm", READER]).ends(0).says("ops@example.com was confirmed already\n");
    let document = home.local(&["confirm", READER, "--json"]).ends(0).json();
    assert_eq!(document, expected(json!([])));
    home.local(&["status"]).ends(0).says("confirmed");

    let account = home.read(".notify/local.json");
    assert!(account.contains("\"confirmed\""), "{account}");
    home.write(".notify/local.json", account.replace("\"confirmed\"", "\"deleted\""));
    home.local(&["confirm", READER])
        .ends(1)
        .complains("has left")
        .complains("--resubscribe ops@example.com");
}

/// Every run checks what it printed: see `Ran::of`.
#[test]
fn what_is_said_fits_a_terminal_and_is_never_obeyed() {
    let evil = "\u{1b}[31m\u{7}\u{9b}\u{202e} ";
    let reader = |at: usize| {
        format!(
            "\n[[subscriptions]]\nprotocol = \"email\"\nendpoint = \"reader-{at}@example.com\"\n"
        )
    };
    let home = Home::with(&format!("{SPEC}{}", (0..9).map(reader).collect::<String>()));
    home.write("lost.json", order(&format!("\"{}", evil.repeat(20))));
    let sent =
        json!({"source": "shop", "detail-type": evil, evil: evil, "detail": {"why": "遅延 "}});
    home.write("sent.json", sent.to_string());
    home.write("points.json", points("2026-10-05T01:10:00Z", 7.0));
    home.local(&["setup", "--yes"]).ends(0);
    for _ in 0..2 {
        for (arguments, code) in [
            (&["emit", "lost.json", "sent.json"][..], 2),
            (&["emit", "--metric", "points.json"], 0),
        ] {
            for line in home.local(arguments).ends(code).out.lines() {
                assert!(line.width() <= 80, "{} columns: {line}", line.width());
            }
            home.local(&[arguments, &["--json"]].concat()).ends(code);
        }
        for at in 0..9 {
            home.local(&["confirm", &format!("reader-{at}@example.com")]).ends(0);
        }
    }
}

#[test]
fn no_mail_in_the_outbox_is_ever_replaced() {
    let home = home(SPEC);
    home.write("event.json", order("x"));
    home.local(&["emit", "event.json"]).ends(0);
    let before = outbox(&home);
    assert_eq!(
        before,
        [".notify/outbox/000001-ops@example.com.eml", ".notify/outbox/000002-ops@example.com.eml"]
    );
    let texts: Vec<String> = before.iter().map(|name| home.read(name)).collect();
    std::fs::remove_file(home.path(".notify/local.json")).expect("the account");
    home.local(&["setup", "--yes"]).ends(0);
    assert_eq!(outbox(&home).len(), 3, "the new invitation lies behind the others");
    for (name, text) in before.iter().zip(texts) {
        assert_eq!(home.read(name), text, "{name}");
    }
}
