//! `wait`, `confirm` with a link, and `send`: on the local account, and what is refused anywhere.

use crate::home::{Home, Ran};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

const READER: &str = "ops@example.com";
const FILE: &str = r#"stack = "shop"
regions = ["eu-west-1"]

[topic]
name = "alerts"

[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"

[[events]]
name = "lost"
pattern = '{"source": ["shop"], "detail-type": ["Order"], "detail": {"state": ["lost"]}}'
message = "order <$.detail.id> is <$.detail.state>"

[[alarms]]
name = "errors"
namespace = "AWS/Lambda"
metric = "Errors"
statistic = "Sum"
period = "5m"
comparison = ">="
threshold = 1

[[alarms]]
name = "waf"
preset = "waf-blocked"
web_acl = "base"
rules = ["one", "two"]
"#;

fn set_up(text: &str) -> Home {
    let home = Home::with(text);
    home.local(&["setup", "--yes"]).ends(0);
    home
}

/// With everybody confirmed.
fn ready(text: &str) -> Home {
    let home = set_up(text);
    home.local(&["confirm", READER]).ends(0);
    home
}

fn with_input(mut command: Command, input: &[u8]) -> Ran {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("it reads");
    Ran::of(child.wait_with_output().expect("it ends"))
}

fn invitation(home: &Home) -> String {
    home.read(".notify/outbox/000001-ops@example.com.eml")
}

/// The link of the invitation, and its token.
fn link(home: &Home) -> (String, String) {
    let mail = invitation(home).replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
    let link = mail.lines().find(|line| line.starts_with("https://")).expect("a link");
    let token = link.split("Token=").nth(1).and_then(|rest| rest.split('&').next());
    (link.to_owned(), token.expect("a token").to_owned())
}

#[test]
fn the_link_of_the_mail_confirms_so_that_no_click_ends_it() {
    let home = set_up(FILE);
    let (link, token) = link(&home);
    let cut = link.split('&').next().expect("a part").to_owned();
    for (text, says, help) in [
        (cut.as_str(), "the link is cut: it has no Token", "single quotes"),
        (
            &link.replace("confirmation", "unsubscribe"),
            "this link ends a subscription",
            "Confirm subscription",
        ),
        (
            &link.replace("alerts", "other"),
            "topic other in eu-west-1, which is not in the file",
            "alerts in eu-west-1",
        ),
        (
            &link.replace("123456789012", "111122223333"),
            "is for account 111122223333, and this is 123456789012",
            "--profile",
        ),
        (
            &link.replace("eu-west-1", "eu-west-2"),
            "topic alerts in eu-west-2, which is not in the file",
            "alerts in eu-west-1",
        ),
        (
            &link.replace(&token[..8], "00000000"),
            "SNS does not take the link's token",
            "--resubscribe ops@example.com",
        ),
        (
            "https://example.com/?TopicArn",
            "there is no confirmation link",
            "begins with https://sns.",
        ),
    ] {
        let ran = home.local(&["confirm", text, "-v"]).ends(1).complains(says).complains(help);
        let ran = ran.complains("nothing was confirmed");
        assert!(!ran.err.contains(&token[8..]), "{}", ran.err);
    }
    home.local(&["wait", "--timeout", "0s"]).ends(2);
    let ran = with_input(
        home.command(&["--provider", "local", "confirm", "-"]),
        invitation(&home).as_bytes(),
    );
    let ran = ran.ends(0).quietly().says("ops@example.com receives mail of alerts in eu-west-1");
    assert!(!ran.out.contains(&token), "{}", ran.out);
    let subscription =
        &home.account()["regions"]["eu-west-1"]["topics"]["alerts"]["subscriptions"][0];
    assert_eq!(subscription["authenticated"], true);
    let document = home.local(&["confirm", &link, "--json"]).ends(0).quietly().json();
    let confirmed = json!([{"region": "eu-west-1", "topic": "alerts"}]);
    let expected =
        json!({"version": 1, "address": READER, "confirmed": confirmed, "authenticated": true});
    assert_eq!(document, expected);
    // In the other form of the link the address is looked up.
    let action = format!(
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:123456789012:alerts&Token={token}"
    );
    assert_eq!(home.local(&["confirm", &action, "--json"]).ends(0).json(), expected);
    with_input(home.command(&["--provider", "local", "confirm", "-"]), b"nothing")
        .ends(1)
        .complains("there is no confirmation link in this; nothing was confirmed");
    home.run(&["confirm", READER])
        .ends(1)
        .complains("by the link of the mail, and not by the address");
}

#[test]
fn waiting_ends_when_everybody_has_confirmed() {
    let two = FILE.replace(
        "[[events]]",
        "[[subscriptions]]\nprotocol = \"email\"\nendpoint = \"b@example.com\"\n\n[[events]]",
    );
    let home = Home::with(&two);
    home.local(&["wait"])
        .ends(1)
        .complains("there is no topic alerts in eu-west-1")
        .complains("`notify-cli setup --provider local` makes it");
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["wait", "--timeout", "0s"]).ends(2).complains(
        "the time is over: 0 of 2 confirmed, waiting for b@example.com, ops@example.com",
    );
    let document = home.local(&["wait", "--timeout", "0s", "--json"]).ends(2).json();
    assert_eq!(
        (&document["complete"], &document["readers"][0]["state"]),
        (&json!(false), &json!("pending"))
    );

    // Another process confirms meanwhile: the account is not locked.
    let mut command =
        home.command(&["--provider", "local", "wait", "--timeout", "60s", "--every", "1s"]);
    let waiting = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    std::thread::sleep(Duration::from_millis(300));
    home.local(&["confirm", READER]).ends(0).quietly();
    std::thread::sleep(Duration::from_millis(1500));
    home.local(&["confirm", "b@example.com"]).ends(0).quietly();
    let ran = Ran::of(waiting.wait_with_output().expect("it ends"));
    let ran = ran.ends(0).says("everybody has confirmed: b@example.com, ops@example.com\n");
    let ran = ran
        .complains("0 of 2 confirmed, waiting for b@example.com, ops@example.com; 1m 00s left\n");
    ran.complains("1 of 2 confirmed, waiting for b@example.com; 0m 5");
    home.local(&["wait"]).ends(0).quietly();

    let account = home.read(".notify/local.json");
    home.write(".notify/local.json", account.replacen("\"confirmed\"", "\"deleted\"", 1));
    home.local(&["wait"])
        .ends(1)
        .complains("left and will never confirm")
        .complains("`notify-cli setup --provider local --resubscribe");
    home.write(".notify/local.json", account.replace("b@example.com", "c@example.com"));
    home.local(&["wait"])
        .ends(1)
        .complains("b@example.com has no invitation that could be accepted");
    Home::with(crate::home::MINIMAL)
        .local(&["wait"])
        .ends(1)
        .complains("the file names nobody who could confirm");
}

#[test]
fn ctrl_c_ends_the_waiting() {
    let home = set_up(FILE);
    let mut command = home.command(&["--provider", "local", "wait", "--timeout", "60s"]);
    let waiting = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    std::thread::sleep(Duration::from_millis(500));
    let sent = Command::new("kill").args(["-INT", &waiting.id().to_string()]).status();
    assert!(sent.expect("a signal").success());
    Ran::of(waiting.wait_with_output().expect("it ends")).ends(130).complains("interrupted");
}

#[test]
fn a_test_mail_lies_in_the_outbox() {
    let home = ready(FILE);
    let before = home.account();
    let ran = home.local(&["send", "lost"]).ends(0).quietly();
    let ran = ran.says("Testing lost, through topic alerts in eu-west-1, to ops@example.com\n");
    let ran = ran.says("  ✓ put the event\n").says("received by machine after less than a second");
    ran.says("a mail is on its way to ops@example.com: subject AWS Notification Message;")
        .says("wrote .notify/outbox/000002-ops@example.com.eml\n");
    assert!(home.read(".notify/outbox/000002-ops@example.com.eml").contains("order (id) is lost"));
    let document = home.local(&["send", "errors", "--json"]).ends(0).json();
    assert_eq!((&document["outcome"], &document["alarm"]), (&json!("received"), &json!("errors")));
    let mail = home.read(".notify/outbox/000003-ops@example.com.eml");
    assert!(mail.contains("Subject: ALARM: \"errors\" in EU (Ireland)"), "{mail}");
    // But for what it has measured, and since when alarms are in their state.
    let plain = |mut account: Value| {
        account["counter"] = json!(0);
        let region = account["regions"]["eu-west-1"].as_object_mut().expect("a region");
        region.remove("counts");
        for alarm in region["alarms"].as_object_mut().expect("alarms").values_mut() {
            alarm["since"] = json!("");
        }
        account
    };
    assert_eq!(plain(home.account()), plain(before));

    // The first of a web ACL's, or the one that is named.
    let document = home.local(&["send", "waf", "--json"]).ends(0).json();
    assert_eq!(document["alarm"], "waf-one");
    let document = home.local(&["send", "waf", "--alarm", "waf-two", "--json"]).ends(0).json();
    assert_eq!(document["alarm"], "waf-two");
    home.local(&["plan", "--detailed-exitcode"]).ends(0);
}

#[test]
fn a_queue_needs_nobody() {
    let home = set_up(FILE);
    home.local(&["send", "lost"])
        .ends(2)
        .complains(
            "nobody has confirmed alerts in eu-west-1 yet: ops@example.com; nothing was sent",
        )
        .complains("`notify-cli wait --provider local`");
    let ran = home.local(&["send", "lost", "--to-queue"]).ends(0).quietly();
    ran.says("to nobody; a queue").says("to the last byte what").never_says("a mail is on its way");
    let document = home.local(&["send", "lost", "--to-queue", "--json"]).ends(0).json();
    assert_eq!((&document["readers"], &document["pending"]), (&json!([]), &json!([READER])));
    assert_eq!(document["message"], "\"order (id) is lost\"");
}

#[test]
fn a_given_event_is_what_is_sent() {
    let home = ready(FILE);
    let event = r#"{"source": "shop", "detail-type": "Order", "account": "999999999999",
        "detail": {"id": 1.50, "state": "lost"}, "time": "2026-01-02T03:04:05Z"}"#;
    home.write("event.json", event);
    let document = home.local(&["send", "lost", "--event", "event.json", "--json"]).ends(0).json();
    assert_eq!(document["message"], "\"order 1.50 is lost\"");
    assert_eq!(document["event"]["time"], "2026-01-02T03:04:05Z");
    let command = home.command(&["--provider", "local", "send", "lost", "--event", "-"]);
    with_input(command, event.as_bytes()).ends(0);
    for (from, to, says) in [
        (
            "lost\"",
            "found\"",
            "the event is none that lost tells of: detail.state is \"found\", and not \"lost\"",
        ),
        ("1.50", "\"a \\\"b\\\"\"", "the mail would be lost on its way"),
        ("detail-type", "type", "no `detail-type`"),
    ] {
        home.write("event.json", event.replace(from, to));
        home.local(&["send", "lost", "--event", "event.json"])
            .ends(1)
            .complains(says)
            .complains("nothing was sent");
    }
}

#[test]
fn what_could_prove_nothing_is_refused() {
    let home = Home::with(FILE);
    home.local(&["send", "lost"])
        .ends(1)
        .complains("there is no topic alerts in eu-west-1; nothing was sent");
    assert!(!home.has(".notify"));
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["confirm", READER]).ends(0);
    home.write("event.json", "{}");
    for (words, says) in [
        (&["send", "gone"][..], "the file has no notification `gone`; nothing was sent"),
        (&["send", "gone"], "it has lost, errors, waf"),
        (&["send", "waf", "--alarm", "waf-three"], "waf has no alarm waf-three; nothing was sent"),
        (&["send", "waf", "--alarm", "waf-three"], "it has waf-one, waf-two"),
        (&["send", "errors", "--event", "event.json"], "errors is an alarm; nothing was sent"),
        (&["send", "lost", "--alarm", "errors"], "lost tells of events; nothing was sent"),
        (&["send", "lost", "--event", "none.json"], "none.json cannot be read"),
        (&["send", "lost", "--alarm", "x", "--event", "y"], "cannot be used with"),
        (&["send"], "<NAME>"),
        (&["send", "lost", "--region", "us-east-1"], "the file does not name the region us-east-1"),
        (&["wait", "--timeout", "soon"], "\"soon\" is no length of time"),
        (&["wait", "--every", ""], "is no length of time"),
    ] {
        home.local(words).ends(1).complains(says);
    }
    // What is not there, or does nothing.
    let account = home.read(".notify/local.json");
    home.write(".notify/local.json", account.replace("\"ENABLED\"", "\"DISABLED\""));
    home.local(&["send", "lost"])
        .ends(1)
        .complains("the rule lost is disabled")
        .complains("unmute lost");
    home.write(".notify/local.json", account.replace("\"lost\": {", "\"other\": {"));
    home.local(&["send", "lost"]).ends(1).complains("there is no rule lost in eu-west-1");
    home.write(".notify/local.json", account.replace("\"errors\": {", "\"other\": {"));
    home.local(&["send", "errors"]).ends(1).complains("there is no alarm errors in eu-west-1");
    home.write(".notify/local.json", &account);
    home.edit("name = \"errors\"", "name = \"errors\"\nenabled = false");
    home.edit("name = \"lost\"", "name = \"lost\"\nenabled = false");
    home.local(&["send", "lost"]).ends(1).complains("lost has `enabled = false`");
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["send", "errors"])
        .ends(1)
        .complains("the actions of alarm errors are switched off");
    home.local(&["send", "lost", "--to-queue"]).ends(1).complains("lost has `enabled = false`");
    // Nobody is left who could confirm.
    home.write(".notify/local.json", account.replace("\"confirmed\"", "\"deleted\""));
    home.local(&["send", "errors"])
        .ends(1)
        .complains("nobody gets mail of alerts in eu-west-1; ops@example.com left")
        .complains("--resubscribe ops@example.com");
    let alone = FILE
        .replace("[[subscriptions]]\nprotocol = \"email\"\nendpoint = \"ops@example.com\"\n", "");
    let home = set_up(&alone);
    home.local(&["send", "lost"]).ends(1).complains("add `[[subscriptions]]` to the file");
}

#[test]
fn what_comes_out_otherwise_is_shown_beside_what_should() {
    let home = ready(FILE);
    // Without the statement of EventBridge in its policy the topic gets nothing.
    let account = home.read(".notify/local.json");
    home.write(
        ".notify/local.json",
        account.replace("events.amazonaws.com", "elsewhere.amazonaws.com"),
    );
    let ran =
        home.local(&["send", "lost"]).ends(2).says("nothing came out of the topic in two minutes");
    ran.never_says("a mail is on its way");
    let document = home.local(&["send", "lost", "--json"]).ends(2).json();
    assert_eq!((&document["outcome"], &document["puts"]), (&json!("silent"), &json!(12)));
    assert_eq!(document["message"], json!(null));
    assert_eq!(document["expected"], "\"order (id) is lost\"");
}
