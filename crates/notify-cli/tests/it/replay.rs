//! `replay`: what past events would have mailed.

use crate::home::{Home, MINIMAL, Ran, SECURITY};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use unicode_width::UnicodeWidthStr;

const PAST: &str = include_str!("../../../../examples/events/past.ndjson");

/// A notification of every Config rule, and one by hand.
const TWO: &str = r#"stack = "two"
regions = ["ap-northeast-1", "us-east-1"]

[topic]
name = "alerts"

[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"

[[subscriptions]]
protocol = "email-json"
endpoint = "dev@example.com"

[[events]]
name = "config"
preset = "config-compliance"

[[events]]
name = "shop"
regions = ["us-east-1"]
pattern = '{"source": ["shop"], "detail": {"total": [{"numeric": [">", 50]}]}}'
template = '"Order of <total>: <note>"'
paths = { total = "$.detail.total", note = "$.detail.note" }
"#;

/// Numbers that look random and are always the same.
fn numbers() -> impl FnMut(u64) -> u64 {
    let mut state: u64 = 20_261_124;
    move |below| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

/// Events over forty days: of Config, of a shop, of somebody else.
fn events(count: usize) -> Vec<Value> {
    let mut number = numbers();
    let regions = ["ap-northeast-1", "us-east-1", "eu-west-1"];
    let event = |_| {
        let (source, kind, detail) = match number(3) {
            0 => {
                let to = if number(2) == 0 { "COMPLIANT" } else { "NON_COMPLIANT" };
                let detail = json!({
                    "messageType": "ComplianceChangeNotification",
                    "configRuleName": format!("rule-{}", number(7)),
                    "resourceId": format!("sg-{}", number(50)),
                    "newEvaluationResult": {"complianceType": to},
                });
                ("aws.config", "Config Rules Compliance Change", detail)
            }
            1 => {
                let note = if number(10) == 0 { "say \"hello\"" } else { "as usual" };
                ("shop", "Order", json!({"total": number(100), "note": note}))
            }
            _ => ("aws.ec2", "EC2 Instance State-change Notification", json!({"state": "stopped"})),
        };
        let (day, hour) = (number(28) + 1, number(24));
        let time = format!("2026-{:02}-{day:02}T{hour:02}:{:02}:00Z", number(2) + 4, number(60));
        let region = regions[usize::try_from(number(3)).expect("a small number")];
        json!({"version": "0", "detail-type": kind, "source": source, "account": "123456789012",
            "time": time, "region": region, "resources": [], "detail": detail})
    };
    (0..count).map(event).collect()
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| event.to_string() + "\n").collect()
}

/// The notifications of a document by their names.
fn by_name(ran: &Ran) -> BTreeMap<String, Value> {
    let document = ran.json();
    let list = document["notifications"].as_array().expect("a list").clone();
    list.into_iter().map(|n| (n["name"].as_str().expect("a name").to_owned(), n)).collect()
}

#[test]
fn the_numbers_are_those_of_an_independent_count() {
    let events = events(3_000);
    let home = Home::with(TWO);
    home.write("past.ndjson", lines(&events));
    let (mut config, mut days, mut hours) = (0, BTreeMap::new(), vec![0; 24]);
    let (mut shop, mut lost, mut elsewhere) = (0, 0, 0);
    let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
    for event in &events {
        let here = ["ap-northeast-1", "us-east-1"].contains(&event["region"].as_str().unwrap());
        let time = event["time"].as_str().unwrap();
        if event["detail"]["newEvaluationResult"]["complianceType"] == "NON_COMPLIANT" && here {
            config += 1;
            *days.entry(&time[..10]).or_insert(0) += 1;
            hours[time[11..13].parse::<usize>().unwrap()] += 1;
            *rules.entry(event["detail"]["configRuleName"].as_str().unwrap()).or_default() += 1;
        }
        if event["source"] == "shop" && event["detail"]["total"].as_u64() > Some(50) {
            let fate = match (event["region"] == "us-east-1", event["detail"]["note"] == "as usual")
            {
                (false, _) => &mut elsewhere,
                (true, false) => &mut lost,
                (true, true) => &mut shop,
            };
            *fate += 1;
        }
    }
    for threads in ["1", "2", "5"] {
        let ran = home.run(&["replay", "past.ndjson", "--json", "--threads", threads]).ends(0);
        let found = by_name(&ran);
        let (one, other) = (&found["config"], &found["shop"]);
        assert_eq!((&one["mails"], &one["lost"]), (&json!(config), &json!(0)));
        assert_eq!(one["deliveries"], json!(config * 2));
        let want: Vec<Value> =
            days.iter().map(|(day, mails)| json!({"day": day, "mails": mails})).collect();
        assert_eq!(one["days"], json!(want));
        assert_eq!(one["hours"], json!(hours));
        let mut want: Vec<(u64, &str)> =
            rules.iter().map(|(name, count)| (*count, *name)).collect();
        want.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let want: Vec<Value> =
            want.iter().map(|(mails, name)| json!({"name": name, "mails": mails})).collect();
        assert_eq!(one["rules"], json!({"different": 7, "missed": 0, "first": want}));
        assert_eq!((&other["mails"], &other["lost"]), (&json!(shop), &json!(lost)));
        assert_eq!(other["matched"], json!(shop + lost));
        assert_eq!(other["losses"][0]["code"], "INVALID_JSON");
        let sum =
            other["elsewhere"].as_array().unwrap().iter().map(|e| e["events"].as_u64().unwrap());
        assert_eq!(sum.sum::<u64>(), elsewhere);
        let total = &ran.json()["total"];
        assert_eq!((&total["mails"], &total["lost"]), (&json!(config + shop), &json!(lost)));
    }
}

/// What replay says of one event is what preview says of it.
#[test]
fn a_lost_mail_is_lost_in_a_preview_too() {
    let home = Home::with(TWO);
    for (at, event) in events(60).into_iter().enumerate() {
        if event["source"] != "shop" || event["region"] != "us-east-1" {
            continue;
        }
        home.write("one.json", event.to_string());
        let preview = home.run(&["preview", "shop", "--event", "one.json", "--json"]);
        let outcome = preview.json()["notifications"][0]["outcome"].clone();
        let found = by_name(&home.run(&["replay", "one.json", "--json"]).ends(0));
        let counts = (found["shop"]["mails"].as_u64(), found["shop"]["lost"].as_u64());
        let want = match outcome.as_str() {
            Some("mailed") => (Some(1), Some(0)),
            Some("lost") => (Some(0), Some(1)),
            _ => (Some(0), Some(0)),
        };
        assert_eq!(counts, want, "event {at}: {outcome}");
    }
}

#[test]
fn the_example_is_understood_at_once_in_the_language_of_the_file() {
    let home = Home::with(SECURITY);
    home.write("past.ndjson", PAST);
    let ran = home.run(&["replay", "past.ndjson"]).ends(0).quietly();
    let first = "25 日間にメール 38 通、1 日あたり 1.5 通。最も多い 1 秒間に 12 通: 毎秒 10 通を\n\
                 超えるため、SNS は配信を停止したはずです。\n";
    assert!(ran.out.starts_with(first), "{}", ran.out);
    let ran = ran
        .says(
            "exclude = { config_rules = [\"ec2-stopped-instance\", \"restricted-common-ports\"] }",
        )
        .says("32 通減ります (84 %)")
        .says("ec2-stopped-instance              20  ████████████████████")
        .says("▁▂▁▂▁..▁▁█▂▁..▁▂▁▂▁..▁▁▁▁▂");
    for line in ran.out.lines().filter(|line| !line.contains("exclude = ")) {
        assert!(line.width() <= 80, "{line}");
    }
    home.edit("language = \"ja\"", "language = \"en\"");
    let ran = home.run(&["replay", "past.ndjson"]).ends(0).quietly();
    let first = "38 mails in 25 days, 1.5 a day; the busiest second had 12: more than 10 a\n\
                 second, SNS would have suspended the subscriptions.\n";
    assert!(ran.out.starts_with(first), "{}", ran.out);
    let ran = ran.says("spares 32 mails (84 %)").says("38 mails to 1 address = 38 deliveries");
    assert!(ran.out.is_ascii() || !ran.out.contains(['通', '件']), "{}", ran.out);

    // The remedy is taken, and does what it says.
    let line =
        "exclude = { config_rules = [\"ec2-stopped-instance\", \"restricted-common-ports\"] }";
    home.edit("preset = \"config-compliance\"", &format!("preset = \"config-compliance\"\n{line}"));
    let ran = home.run(&["replay", "past.ndjson", "--json"]).ends(0);
    assert_eq!(by_name(&ran)["config-noncompliant"]["mails"], 6);
}

#[test]
fn the_limit_is_ten_a_second_for_all_notifications_of_a_topic_together() {
    let twice = "[[events]]\nname = \"a\"\npattern = '{\"source\": [\"s\"]}'\nmessage = \"x\"\n\
                 [[events]]\nname = \"b\"\npattern = '{\"source\": [\"s\"]}'\nmessage = \"y\"\n";
    let home = Home::with(&format!("regions = [\"us-east-1\"]\n{MINIMAL}{twice}"));
    let event = "{\"source\": \"s\", \"detail-type\": \"t\", \"detail\": {}, \"region\": \"us-east-1\", \"time\": \"2026-01-02T03:04:05Z\"}\n";
    for (count, over, says) in
        [(5, 0, "the busiest second had 10 of 10 allowed."), (6, 1, "had 12: more than")]
    {
        home.write("e", event.repeat(count));
        let topic = home.run(&["replay", "e", "--json"]).ends(0).json()["topics"][0].clone();
        assert_eq!(topic["seconds_over_limit"], over);
        assert_eq!(topic["busiest_second"]["mails"], count * 2);
        assert_eq!(topic["busiest_second"]["at"], "2026-01-02T03:04:05Z");
        home.run(&["replay", "e"]).ends(0).says(says);
    }
}

#[test]
fn bad_lines_are_shown_and_not_fatal() {
    let home = Home::with(TWO);
    let good = lines(&events(2));
    home.write("mixed", format!("{good}what is this?\n\r\n{good}[1]\n"));
    let ran = home.run(&["replay", "mixed"]).ends(0).quietly();
    ran.says("mixed:3: ").says("mixed:7: ").says("2 documents could not be read as an event");
    let document = home.run(&["replay", "mixed", "--json"]).ends(0).json();
    assert_eq!(
        (&document["documents"]["events"], &document["documents"]["bad"]),
        (&json!(4), &json!(2))
    );
    assert_eq!(document["documents"]["first_bad"][0]["line"], 3);

    home.edit("stack = \"two\"", "stack = \"two\"\nlanguage = \"ja\"");
    let ran = home.run(&["replay", "mixed", "--html", "page.html"]).ends(0);
    ran.says("mixed:3: JSON ではありません: expected value (1 文字目)");
    assert!(home.read("page.html").contains("<li>mixed:3: JSON ではありません: "));
    home.edit("language = \"ja\"", "language = \"en\"");

    home.write("many", format!("{good}{}", "no\n".repeat(1_000)));
    home.run(&["replay", "many"]).ends(0).says("1,000 documents").says("and 980 more");
}

#[test]
fn where_nothing_is_an_event_it_is_said_what_is_expected() {
    let home = Home::with(TWO);
    home.write("text", "hello\nthere\n");
    home.write("empty", "");
    home.write("binary", [0_u8, 159, 146, 150, 0, 0, 1]);
    for (file, says) in [
        ("text", "text:1: "),
        ("empty", "empty: is empty"),
        ("binary", "binary: "),
        ("nothing", "nothing: cannot be opened"),
    ] {
        let ran = home.run(&["replay", file]).ends(1);
        let ran = ran.complains("nothing in there can be read as an event").complains(says);
        assert_eq!(ran.complains("CloudTrail log files").out, "", "{file}");
        let ran = home.run(&["replay", file, "--json"]).ends(1).complains(says);
        let document = ran.json();
        assert_eq!(document["documents"]["events"], 0, "{file}");
        assert!(document["documents"]["bad"].as_u64() > Some(0), "{file}");
    }
    std::fs::create_dir(home.path("folder")).expect("a folder");
    home.run(&["replay", "folder"]).ends(1).complains("there is no file in what was named");
}

#[test]
fn an_export_may_hold_nothing() {
    let home = Home::with(TWO);
    for export in [r#"{"Records": []}"#, r#"{"EvaluationResults": []}"#, "[]"] {
        home.write("quiet.json", export);
        home.run(&["replay", "quiet.json"]).ends(0).says("0 events");
        let document = home.run(&["replay", "quiet.json", "--json"]).ends(0).json();
        assert_eq!(document["total"]["mails"], 0, "{export}");
    }
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_counted() {
    let home = Home::with(TWO);
    home.write("good", lines(&events(10)));
    let ran = home.run(&["replay", "nothing.json", "good", "*.none"]).ends(1);
    let ran = ran.says("10 events").says("nothing.json: cannot be opened");
    let ran = ran.complains("error: a file could not be opened");
    ran.complains("*.none fits no file");
}

#[test]
fn folders_and_patterns_stand_for_their_files() {
    let home = Home::with(TWO);
    let one = lines(&events(1));
    for file in
        ["in/b.ndjson", "in/a.json", "in/deep/er/c.json", "in/.hidden", "in/.git/x", "d.json"]
    {
        home.write(file, &one);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", home.path("in/deep/loop")).expect("a link");
    for (files, count) in [
        (&["in"][..], 3),
        (&["in", "d.json"], 4),
        (&["in/*.json"], 1),
        (&["**/*.json"], 3),
        (&["in/?.*"], 2),
        (&["in/.hidden"], 1),
        (&["in", "in/a.json"], 3),
    ] {
        let mut arguments = vec!["replay", "--json"];
        arguments.extend(files);
        let document = home.run(&arguments).ends(0).json();
        assert_eq!(document["documents"]["events"], count, "{files:?}");
    }
    home.run(&["replay", "d.json", "d.json"]).ends(0).complains("d.json is named twice");
    let samples = home.run(&["replay", "in", "--show", "9", "--json"]).ends(0);
    let files: Vec<Value> = samples.json()["notifications"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|n| n["samples"].as_array().unwrap().clone())
        .map(|sample| sample["file"].clone())
        .collect();
    let mut sorted = files.clone();
    sorted.sort_by_key(ToString::to_string);
    assert_eq!(files, sorted);
}

fn piped(home: &Home, arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = home
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("it reads");
    Ran::of(child.wait_with_output().expect("it ends"))
}

#[test]
fn standard_input_and_packed_files_are_read() {
    let home = Home::with(TWO);
    let plain = lines(&events(40));
    let ran = piped(&home, &["replay", "-", "--json"], plain.as_bytes()).ends(0);
    home.write("plain", &plain);
    let gzip = Command::new("gzip").args(["-c"]).arg(home.path("plain")).output().expect("gzip");
    home.write("packed", &gzip.stdout);
    let packed = home.run(&["replay", "packed", "--json"]).ends(0);
    assert_eq!(ran.json()["notifications"][0]["mails"], packed.json()["notifications"][0]["mails"]);
    assert_eq!(packed.json()["documents"]["events"], 40);
    home.write("cut", &gzip.stdout[..gzip.stdout.len() / 2]);
    let ran = home.run(&["replay", "cut"]).ends(1).says("cut").says("ends early");
    ran.complains("error: a file could not be opened, or not be read to the end");
}

#[test]
fn options_choose_events() {
    let home = Home::with(TWO);
    home.write("e", lines(&events(600)));
    let mails = |arguments: &[&str]| {
        let all = [&["replay", "e", "--json"], arguments].concat();
        let document = home.run(&all).ends(0).json();
        let outside = document["documents"]["outside"].as_u64().unwrap();
        (document["total"]["mails"].as_u64().unwrap(), outside)
    };
    let (all, outside) = mails(&[]);
    assert_eq!(outside, 0);
    let at = "2026-05-01T00:00:00Z";
    let (before, later) = mails(&["--until", at]);
    let (after, earlier) = mails(&["--since", at]);
    assert_eq!((before + after, later + earlier), (all, 600));
    assert!(before > 0 && after > 0);
    assert_eq!(mails(&["--since", "2026-05-01"]), (after, earlier));
    let one = mails(&["--region", "ap-northeast-1"]).0;
    let forwarded = mails(&["--any-region"]).0;
    assert!(0 < one && one < all && all < forwarded, "{one} {all} {forwarded}");
    home.run(&["replay", "e", "--since", at, "--until", at]).ends(1).complains("not before");
    home.run(&["replay", "e", "--since", "yesterday"]).ends(1).complains("is no time");
    home.run(&["replay"]).ends(1).complains("<FILE>...");
    home.run(&["replay", "e", "--threads", "0"]).ends(1);

    home.edit("name = \"config\"", "name = \"config\"\nenabled = false");
    let found = by_name(&home.run(&["replay", "e", "--json"]).ends(0));
    let config = &found["config"];
    assert_eq!((&config["mails"], &config["enabled"]), (&json!(0), &json!(false)));
    assert!(config["matched"].as_u64() > Some(0));
    home.run(&["replay", "e"]).ends(0).says("switched off (`enabled = false`)");
}

#[test]
fn strict_reads_every_byte() {
    let home = Home::with(TWO);
    let broken = r#"{"source": "aws.ec2", "detail-type": "x", "detail": {"a": tru}}"#;
    home.write("e", format!("{}{broken}\n", lines(&events(3))));
    let ran = home.run(&["replay", "e"]).ends(0).says("--strict reads every byte");
    ran.never_says("could not be read");
    let ran = home.run(&["replay", "e", "--strict"]).ends(0).says("e:4: ");
    ran.says("1 document could not be read").says("every byte was read as JSON");
}

#[test]
fn sample_mails_are_those_of_a_preview() {
    let home = Home::with(SECURITY);
    home.write("past.ndjson", PAST);
    let ran = home.run(&["replay", "past.ndjson", "--show", "2", "--json"]).ends(0);
    let samples = by_name(&ran)["config-noncompliant"]["samples"].clone();
    assert_eq!(samples.as_array().map(Vec::len), Some(2));
    let line = usize::try_from(samples[1]["line"].as_u64().unwrap()).unwrap();
    home.write("one.json", PAST.lines().nth(line - 1).unwrap());
    let preview = home.run(&["preview", "--event", "one.json", "--json"]).ends(0).json();
    for field in ["from", "subject", "body"] {
        assert_eq!(samples[1][field], preview["notifications"][0][field], "{field}");
    }
    home.run(&["replay", "past.ndjson", "--show", "1"])
        .ends(0)
        .says("  │ \"発生時刻 : 2026-09-07T");
}

#[test]
fn a_page_loads_nothing_and_holds_no_markup_of_events() {
    let home = Home::with(TWO);
    let mut events = events(300);
    for event in &mut events {
        if event["source"] == "aws.config" {
            event["detail"]["configRuleName"] = json!("<script>alert(1)</script>&'\u{202e}");
        }
    }
    home.write("e", lines(&events));
    home.run(&["replay", "e", "--html", "page.html"]).ends(0).quietly();
    let page = home.read("page.html");
    for want in [
        "<html lang=\"en\">",
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        "<meta name=\"viewport\"",
        "&lt;script&gt;alert(1)&lt;/script&gt;&amp;",
        "\\u{202e}",
        "<svg ",
        "prefers-color-scheme:dark",
    ] {
        assert!(page.contains(want), "no {want}");
    }
    for never in ["<script", "http://", "https://", "src=", "href=", "url(", "@import", "\u{202e}"]
    {
        assert!(!page.contains(never), "{never}");
    }
    home.edit("stack = \"two\"", "stack = \"two\"\nlanguage = \"ja\"");
    home.run(&["replay", "e", "--html", "page.html", "--json"]).ends(0).json();
    let page = home.read("page.html");
    assert!(page.contains("<html lang=\"ja\">") && page.contains("時刻ごとのメール"));
}

#[test]
fn a_page_never_takes_the_place_of_what_is_read() {
    let home = Home::with(TWO);
    home.write("in/e", lines(&events(3)));
    for page in ["in/e", "./in/../in/e", "notify.toml"] {
        let before = home.read(page);
        let ran = home.run(&["replay", "in", "--html", page]).ends(1);
        ran.complains("--html would write over it");
        assert_eq!(home.read(page), before);
    }
    for (page, why) in
        [("no/such/page.html", "its folder does not exist"), ("in", "it is a folder"), ("-", "`-`")]
    {
        let ran = home.run(&["replay", "in", "--html", page, "--json"]).ends(1).complains(why);
        assert_eq!(ran.out, "", "{page}");
    }
    assert!(!home.has("page.html") && !home.has("-"));
}

/// A page takes the place of no pipe and no link, and whoever may read other files may read it.
#[cfg(unix)]
#[test]
fn a_page_goes_where_it_is_told() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let home = Home::with(TWO);
    home.write("e", lines(&events(3)));
    symlink("real.html", home.path("link.html")).expect("a link");
    home.write("real.html", "old");
    home.run(&["replay", "e", "--html", "link.html"]).ends(0);
    assert!(home.path("link.html").is_symlink());
    assert!(home.read("real.html").contains("</html>"));
    let mode = |name| home.path(name).metadata().expect("a file").permissions().mode();
    assert_eq!(mode("real.html"), mode("e"));

    // The other name of an input keeps its text.
    std::fs::hard_link(home.path("e"), home.path("same")).expect("another name");
    home.run(&["replay", "e", "--html", "same"]).ends(0);
    assert_eq!(home.read("e"), lines(&events(3)));

    let status = Command::new("mkfifo").arg(home.path("pipe")).status().expect("mkfifo");
    assert!(status.success());
    let pipe = home.path("pipe");
    let reader = std::thread::spawn(move || std::fs::read_to_string(pipe).expect("a page"));
    home.run(&["replay", "e", "--html", "pipe"]).ends(0);
    assert!(reader.join().expect("it reads").contains("</html>"));
    assert_eq!(home.path("pipe").metadata().expect("a pipe").mode() & 0o170_000, 0o010_000);
}

/// Standard input that does not end: what was seen is shown when somebody interrupts it.
#[cfg(unix)]
#[test]
fn whoever_interrupts_sees_what_was_seen_so_far() {
    let home = Home::with(TWO);
    for (arguments, says) in [
        (&["replay", "-"][..], "interrupted after "),
        (&["replay", "-", "--json", "--threads", "1"], "\"complete\":false"),
    ] {
        let mut child = home
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut input = child.stdin.take().expect("a pipe");
        // More than the program reads at a time.
        let some = lines(&events(300));
        for _ in 0..60 {
            input.write_all(some.as_bytes()).expect("it reads");
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(killed.expect("kill").success());
        let ran = Ran::of(child.wait_with_output().expect("it ends")).ends(130);
        ran.says(says);
        drop(input);
    }
}

/// Names that came once each are no list, and none of them is a remedy.
#[test]
fn what_came_once_stands_for_nothing() {
    let home = Home::with(TWO);
    let event = |at: usize| {
        json!({"version": "0", "detail-type": "Config Rules Compliance Change",
            "source": "aws.config", "time": "2026-04-01T00:00:00Z", "region": "us-east-1",
            "detail": {"messageType": "ComplianceChangeNotification", "configRuleName": "r",
                "resourceId": format!("sg-{at}"),
                "newEvaluationResult": {"complianceType": "NON_COMPLIANT"}}})
    };
    let write = |count| home.write("e", lines(&(0..count).map(event).collect::<Vec<_>>()));
    write(11);
    let ran = home
        .run(&["replay", "e", "--html", "page.html"])
        .ends(0)
        .says("Resources: 11, a mail each");
    let ran = ran.says("Rules (1)").says("No rule, resource or account stands out");
    ran.says("11 mails to 2 addresses = 22 deliveries");
    assert!(home.read("page.html").contains("<h3>Resources: 11, a mail each</h3>"));
    write(10);
    home.run(&["replay", "e"]).ends(0).says("Resources (10)").says("    sg-0  1  █");
    write(1);
    home.run(&["replay", "e"]).ends(0).says("1 mail to 2 addresses = 2 deliveries, if all");
    home.edit("[[subscriptions]]\nprotocol = \"email-json\"\nendpoint = \"dev@example.com\"\n", "");
    home.run(&["replay", "e"]).ends(0).says("1 mail to 1 address = 1 delivery, if all");
}

#[test]
fn a_rate_is_never_said_to_be_nothing() {
    let home = Home::with(TWO);
    let event = |time: &str, source: &str| {
        json!({"detail-type": "x", "source": source,
        "time": time, "region": "us-east-1", "detail": {"total": 60, "note": "n"}})
    };
    let past = [event("2026-01-01T00:00:00Z", "shop"), event("2026-03-01T00:00:00Z", "other")];
    home.write("e", lines(&past));
    home.run(&["replay", "e"]).ends(0).says("1 mail in 59 days, under 0.1 a day;");
    home.edit("stack = \"two\"", "stack = \"two\"\nlanguage = \"ja\"");
    home.run(&["replay", "e"]).ends(0).says("59 日間にメール 1 通、1 日あたり 0.1 通未満。");
}
