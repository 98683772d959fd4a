//! Past events against a spec.

use notify_core::aws::Region;
use notify_core::feed::{Batch, Feed, Progress, Source, in_order};
use notify_core::preview::{Outcome, Stage, preview_event};
use notify_core::replay::{Bad, NotificationReport, Options, Replay, Report, Words};
use notify_core::spec::{Format, Spec, parse};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::Duration;

const HEAD: &str = "stack = \"s\"\nregions = [\"us-east-1\"]\n[topic]\nname = \"t\"\n\
    [[subscriptions]]\nprotocol = \"email\"\nendpoint = \"a@example.com\"\n";

const CONFIG: &str = "[[events]]\nname = \"config\"\npreset = \"config-compliance\"\n";

fn spec(more: &str) -> Spec {
    let parsed = parse(&format!("{HEAD}{more}"), Format::Toml);
    parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings))
}

/// A notification of the shop's orders.
fn shop(more: &str) -> String {
    format!("[[events]]\nname = \"shop\"\npattern = '{{\"source\": [\"shop\"]}}'\n{more}\n")
}

fn replayed(spec: &Spec, options: Options, files: &[(&'static str, String)]) -> Report {
    let replay = Replay::new(spec, options).unwrap();
    let mut tally = replay.tally();
    let sources: Vec<Source> = files
        .iter()
        .map(|(name, text)| Source::new(name, Ok(std::io::Cursor::new(text.clone().into_bytes()))))
        .collect();
    let feed = Feed::new(sources.into_iter(), Progress::default());
    let work = || {
        let mut worker = replay.worker();
        move |batch: Batch| worker.batch(&batch)
    };
    let _ = in_order(feed, NonZeroUsize::MIN, work, |found| {
        tally.add(found);
        ControlFlow::<()>::Continue(())
    });
    tally.report()
}

fn of(spec: &Spec, events: &[Value]) -> Report {
    replayed(spec, Options { samples: 3, ..Options::default() }, &[("f", lines(events))])
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| event.to_string() + "\n").collect()
}

fn order(time: &str, detail: &Value) -> Value {
    json!({"source": "shop", "detail-type": "Order", "account": "111122223333", "time": time,
        "region": "us-east-1", "resources": ["arn:r"], "detail": detail})
}

fn config(rule: &str, resource: &str, account: &str) -> Value {
    json!({"source": "aws.config", "detail-type": "Config Rules Compliance Change",
        "account": account, "time": "2026-01-02T03:04:05Z", "region": "us-east-1", "resources": [],
        "detail": {"messageType": "ComplianceChangeNotification", "configRuleName": rule,
            "resourceId": resource, "newEvaluationResult": {"complianceType": "NON_COMPLIANT"}}})
}

fn one(report: &Report) -> &NotificationReport {
    let [notification] = report.notifications.as_slice() else { panic!("{report:#?}") };
    notification
}

const AT: &str = "2026-01-02T03:04:05Z";

#[test]
fn every_lost_mail_has_its_reason_and_a_place() {
    let check = |more: &str, detail: &Value, code: &str, reason: &str, said: &str| {
        let lost = order(AT, detail);
        let report =
            of(&spec(&shop(more)), &[order(AT, &json!({"x": "good", "n": 1})), lost.clone(), lost]);
        let traffic = &one(&report).traffic;
        assert_eq!((traffic.mails, traffic.lost, one(&report).matched), (1, 2, 3), "{more}");
        let [first] = traffic.losses.as_slice() else { panic!("{traffic:#?}") };
        assert_eq!((first.code, first.mails, first.place().as_str()), (code, 2, "f:2"), "{more}");
        assert_eq!((first.reason.as_str(), first.detail.as_str()), (reason, said), "{more}");
        assert_eq!((report.total.mails, report.total.lost), (1, 2));
        assert_eq!(report.total.losses, traffic.losses);
    };
    let quoted = "template = '\"<x>\"'\npaths = { x = \"$.detail.x\" }";
    let not_json = "what the template makes of the event is not JSON: ";
    let report = of(&spec(&shop(quoted)), &[order(AT, &json!({"x": "a\"b"}))]);
    let loss = &one(&report).traffic.losses[0];
    assert!(loss.reason.starts_with(not_json) && !loss.reason.contains("line 1"), "{loss:?}");
    assert!(loss.detail.contains("at line 1, column "), "{loss:?}");
    check(
        quoted,
        &json!({"x": null}),
        "INVALID_JSON",
        "what AWS does with null between quotes is not known, so it counts as lost",
        "what AWS does with null between quotes is not known, so it counts as lost",
    );
    check(
        "template = '<x>'\npaths = { x = \"$.detail.n\" }",
        &json!({}),
        "NOTHING_SENT",
        "nothing is left to send",
        "nothing is left to send",
    );
}

#[test]
fn what_is_too_long_for_sns_is_lost() {
    let quoted = "template = '{\"x\": <x>}'\npaths = { x = \"$.detail.x\" }";
    let text = |length: usize| order(AT, &json!({"x": "x".repeat(length)}));
    let fits = 262_144 - r#"{"x": ""}"#.len();
    let report = of(&spec(&shop(quoted)), &[text(fits), text(fits + 1)]);
    let traffic = &one(&report).traffic;
    assert_eq!((traffic.mails, traffic.lost), (1, 1));
    assert_eq!(traffic.losses[0].code, "SDK_CLIENT_ERROR");
    assert_eq!(
        traffic.losses[0].reason,
        "Invalid parameter: Message too long (more than 262144 bytes)"
    );
}

/// A notification, its mails, and its events of other regions.
type Wanted<'w> = (&'w str, u64, &'w [(&'w str, u64)]);

#[test]
fn an_events_region_decides_which_rule_sees_it() {
    let regions = "regions = [\"eu-west-1\", \"eu-west-2\"]";
    let two = format!("{}{}", shop(regions), shop("").replace("\"shop\"\np", "\"base\"\np"));
    let in_region = |region: &str| {
        let mut event = order(AT, &json!({}));
        event["region"] = json!(region);
        event
    };
    let mut nowhere = order(AT, &json!({}));
    nowhere.as_object_mut().unwrap().remove("region");
    let events = [
        in_region("eu-west-1"),
        in_region("eu-west-2"),
        in_region("us-east-1"),
        in_region("sa-east-1"),
        in_region("sa-east-1"),
        nowhere,
    ];
    let spec = spec(&two);
    let check = |options: Options, want: &[Wanted<'_>]| {
        let report = replayed(&spec, options, &[("f", lines(&events))]);
        let found: Vec<_> = report
            .notifications
            .iter()
            .map(|n| {
                let elsewhere: Vec<_> =
                    n.elsewhere.iter().map(|e| (e.region.as_str(), e.events)).collect();
                (n.name.as_str(), n.traffic.mails, elsewhere)
            })
            .collect();
        let want: Vec<_> = want.iter().map(|(n, m, e)| (*n, *m, e.to_vec())).collect();
        assert_eq!(found, want);
    };
    check(
        Options::default(),
        &[
            ("shop", 3, &[("sa-east-1", 2), ("us-east-1", 1)]),
            ("base", 2, &[("sa-east-1", 2), ("eu-west-1", 1), ("eu-west-2", 1)]),
        ],
    );
    check(
        Options { any_region: true, ..Options::default() },
        &[("shop", 6, &[]), ("base", 6, &[])],
    );
    let only = Region::parse("eu-west-2").unwrap();
    check(
        Options { only: Some(only), ..Options::default() },
        &[("shop", 2, &[("sa-east-1", 2), ("eu-west-1", 1), ("us-east-1", 1)])],
    );
}

#[test]
fn without_regions_in_the_file_every_event_counts() {
    let text = format!("{HEAD}{}", shop("")).replace("regions = [\"us-east-1\"]\n", "");
    let spec = parse(&text, Format::Toml).spec.unwrap();
    let mut event = order(AT, &json!({}));
    event["region"] = json!("sa-east-1");
    let report = of(&spec, &[event.clone()]);
    assert_eq!(report.total.mails, 1);
    assert_eq!(report.topics[0].region, None);
    let only = Options { only: Some(Region::us_east_1()), ..Options::default() };
    let report = replayed(&spec, only, &[("f", lines(&[event]))]);
    assert_eq!((report.total.mails, one(&report).elsewhere[0].events), (0, 1));
}

#[test]
fn times_are_counted_by_second_hour_and_day() {
    let at = |time: &str| order(time, &json!({}));
    let mut timeless = at("yesterday");
    let events = [
        at("2026-01-01T23:59:59Z"),
        at("2026-01-02T00:00:00Z"),
        at("2026-01-02T00:00:00.9Z"),
        at("2026-01-03T00:59:59Z"),
        at("2026-01-03T09:00:00+09:00"),
        timeless.clone(),
        at("1969-12-31T23:59:59Z"),
    ];
    timeless.as_object_mut().unwrap().remove("time");
    let report = of(&spec(&shop("")), &events);
    let traffic = &one(&report).traffic;
    let days: Vec<(&str, u64)> = traffic.days.iter().map(|d| (d.day.as_str(), d.mails)).collect();
    assert_eq!(days, [("2026-01-01", 1), ("2026-01-02", 2), ("2026-01-03", 2)]);
    assert_eq!((traffic.hours[0], traffic.hours[23], traffic.hours.len()), (4, 1, 24));
    let busiest = [&traffic.busiest_second, &traffic.busiest_hour, &traffic.busiest_day];
    let busiest = busiest.map(|b| b.as_ref().map(|b| (b.at.to_string(), b.mails)).unwrap());
    // Of those that are equal, the first.
    assert_eq!(busiest[0], ("2026-01-02T00:00:00Z".to_owned(), 2));
    assert_eq!(busiest[1], ("2026-01-02T00:00:00Z".to_owned(), 2));
    assert_eq!(busiest[2], ("2026-01-02T00:00:00Z".to_owned(), 2));
    assert_eq!((traffic.mails, traffic.without_time), (7, 2));
    assert_eq!(report.documents.without_time, 2);
    let period = report.period.unwrap();
    assert_eq!(period.from.to_string(), "2026-01-01T23:59:59Z");
    assert_eq!(period.to.to_string(), "2026-01-03T00:59:59Z");
    assert!((period.days - (1.0 + 3600.0 / 86_400.0)).abs() < 1e-9, "{period:?}");
    assert!(!traffic.at_least && traffic.rules.missed == 0);
    assert_eq!(of(&spec(&shop("")), &[timeless]).period, None);
}

#[test]
fn a_period_that_was_asked_for_is_the_period() {
    let at = |time: &str| order(time, &json!({}));
    let events = [
        at("2026-01-01T00:00:00Z"),
        at("2026-01-02T00:00:00Z"),
        at("2026-01-11T23:59:59Z"),
        at("2026-01-12T00:00:00Z"),
        at("some day"),
    ];
    let options = Options {
        since: Some("2026-01-02T00:00:00Z".parse().unwrap()),
        until: Some("2026-01-12T00:00:00Z".parse().unwrap()),
        ..Options::default()
    };
    let report = replayed(&spec(&shop("")), options, &[("f", lines(&events))]);
    assert_eq!((report.total.mails, report.documents.outside, report.documents.events), (2, 3, 5));
    let days = report.period.unwrap().days;
    assert!((days - 10.0).abs() < 1e-9, "{days}");
    let cost = report.cost.as_ref().unwrap();
    assert!((cost.deliveries - 6.0).abs() < 1e-9 && (cost.publishes - 6.0).abs() < 1e-9);
    assert!((report.mails_a_day().unwrap() - 0.2).abs() < 1e-9);
}

#[test]
fn what_is_switched_off_mails_nothing() {
    let report = of(&spec(&shop("enabled = false")), &[order(AT, &json!({}))]);
    let shop = one(&report);
    assert_eq!((shop.enabled, shop.matched, shop.traffic.mails), (false, 1, 0));
    assert!(shop.samples.is_empty() && shop.suppressions.is_empty());
}

#[test]
fn the_remedy_spares_what_it_says() {
    let flood = |exclude: &str| {
        let mut events = Vec::new();
        for (rule, count) in [("noisy", 50), ("loud", 20), ("quiet", 3), ("rare", 1)] {
            for at in 0..count {
                let account = if at % 2 == 0 { "111122223333" } else { "444455556666" };
                events.push(config(rule, &format!("sg-{}", at % 25), account));
            }
        }
        of(&spec(&format!("{CONFIG}{exclude}")), &events)
    };
    let report = flood("");
    let config = one(&report);
    let proposals: Vec<(&str, u64, &str)> =
        config.suppressions.iter().map(|s| (s.field.as_str(), s.mails, s.line.as_str())).collect();
    assert_eq!(
        proposals[0],
        ("config_rules", 70, r#"exclude = { config_rules = ["noisy", "loud"] }"#)
    );
    assert_eq!(proposals[1], ("accounts", 38, r#"exclude = { accounts = ["111122223333"] }"#));
    assert_eq!(proposals[2].0, "resources");
    assert!((config.suppressions[0].share - 70.0 / 74.0).abs() < 1e-9);
    for proposal in &config.suppressions {
        let less = flood(&proposal.line);
        assert_eq!(less.total.mails, 74 - proposal.mails, "{}", proposal.line);
    }
    // What is excluded already stays in the line.
    let report = flood(r#"exclude = { config_rules = ["noisy"] }"#);
    let line = &one(&report).suppressions[0].line;
    assert_eq!(line, r#"exclude = { config_rules = ["noisy", "loud"] }"#);
}

#[test]
fn what_the_file_would_refuse_is_not_proposed() {
    // One name cannot be taken out of a prefix.
    let prefix = format!("{CONFIG}config_rules = [{{ prefix = \"s3-\" }}]\n");
    let mut events: Vec<Value> = (0..10).map(|_| config("s3-a", "b", "111122223333")).collect();
    events.push(config("s3-b", "c", "111122223333"));
    let report = of(&spec(&prefix), &events);
    let fields: Vec<&str> = one(&report).suppressions.iter().map(|s| s.field.as_str()).collect();
    assert_eq!(fields, ["resources"]);
    // Nothing would be left.
    let report = of(&spec(CONFIG), &events[..10]);
    assert_eq!(one(&report).suppressions, []);
    // A pattern by hand is told by the path.
    let events: Vec<Value> = (0..4)
        .map(|at| {
            let mut event = order(AT, &json!({}));
            event["account"] = json!(if at == 0 { "111122223333" } else { "444455556666" });
            event
        })
        .collect();
    let report = of(&spec(&shop("")), &events);
    assert_eq!(one(&report).suppressions[0].line, r#"exclude = { account = ["444455556666"] }"#);
    assert_eq!(one(&report).suppressions[0].mails, 3);
}

#[test]
fn what_is_no_event_is_counted_with_its_place() {
    let text = format!("nothing\n{}[]\n", lines(&[order(AT, &json!({}))]));
    let report =
        replayed(&spec(&shop("")), Options::default(), &[("a", text), ("b", String::new())]);
    let documents = &report.documents;
    let places: Vec<String> = documents.first_bad.iter().map(Bad::place).collect();
    assert_eq!(places, ["a:1", "a:3", "b"]);
    assert_eq!((documents.bad, documents.events, documents.unreadable), (3, 1, 0));

    let replay = Replay::new(&spec(""), Options::default()).unwrap();
    let mut tally = replay.tally();
    let gone = || Err::<std::io::Empty, _>(std::io::Error::other("no rights"));
    for batch in Feed::new([Source::new("c", gone())].into_iter(), Progress::default()) {
        tally.add(replay.worker().batch(&batch));
    }
    let report = tally.report();
    assert_eq!(report.documents.unreadable, 1);
    assert_eq!(report.documents.first_bad[0].message, "cannot be opened: no rights");
}

#[test]
fn a_compliance_export_says_that_it_has_no_past() {
    let export = json!({"EvaluationResults": [{
        "EvaluationResultIdentifier": {"EvaluationResultQualifier": {"ConfigRuleName": "r",
            "ResourceType": "AWS::EC2::SecurityGroup", "ResourceId": "sg-1"},
            "OrderingTimestamp": "2026-01-02T03:04:05Z"},
        "ComplianceType": "NON_COMPLIANT", "ResultRecordedTime": "2026-01-02T03:04:05Z",
        "ConfigRuleInvokedTime": "2026-01-02T03:04:05Z"}]});
    let report = replayed(&spec(CONFIG), Options::default(), &[("x", export.to_string())]);
    assert!(report.documents.current_state_only);
    assert_eq!((report.total.mails, one(&report).traffic.rules.first[0].name.as_str()), (1, "r"));
    let said = Words::new(report.language).read(&report).join("\n");
    assert!(said.contains("the current state only"), "{said}");
}

/// Everything that is said of a report, in both languages.
#[test]
fn what_is_said() {
    let file = format!(
        "{CONFIG}{}{}[[alarms]]\nname = \"x\"\nnamespace = \"n\"\nmetric = \"m\"\nthreshold = 1\n",
        shop("template = '\"<x>\"'\npaths = { x = \"$.detail.x\" }"),
        shop("enabled = false").replace("\"shop\"\np", "\"off\"\np"),
    );
    let mut events: Vec<Value> =
        (0..11).map(|at| config("noisy", &format!("sg-{}", at % 3), "111122223333")).collect();
    events.push(config("rare", "sg-9", "444455556666"));
    events.push(order("2026-02-01T12:00:00Z", &json!({"x": "fine"})));
    events.push(order("2026-02-01T12:00:01Z", &json!({"x": "\"quoted\""})));
    events.push(order("never", &json!({"x": "fine"})));
    let mut far = config("noisy", "sg-1", "111122223333");
    far["region"] = json!("eu-west-1");
    events.push(far);
    let text = format!("{}broken\n", lines(&events));
    let mut pages = String::new();
    for language in ["en", "ja"] {
        let file = format!("language = \"{language}\"\n{HEAD}{file}");
        let spec = parse(&file, Format::Toml).spec.unwrap();
        let options = Options { samples: 1, ..Options::default() };
        let mut report = replayed(&spec, options, &[("f", text.clone())]);
        report.complete = false;
        let page = report.to_html();
        let (_, body) = page.split_once("<body>").unwrap();
        pages.push_str(body);
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../tests/cases/replay");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("pages", pages));
}

#[test]
fn a_page_is_the_same_whatever_the_threads() {
    let events: Vec<Value> = (0..9_000)
        .map(|at: u32| {
            config(&format!("r{}", at % 7), &format!("sg-{}", at % 1_000), "111122223333")
        })
        .collect();
    let text = lines(&events);
    let spec = spec(CONFIG);
    let page = |threads: usize| {
        let replay = Replay::new(&spec, Options { samples: 2, ..Options::default() }).unwrap();
        let mut tally = replay.tally();
        let source = Source::new("f", Ok(std::io::Cursor::new(text.clone().into_bytes())));
        let work = || {
            let mut worker = replay.worker();
            move |batch: Batch| worker.batch(&batch)
        };
        let feed = Feed::new([source].into_iter(), Progress::default());
        let _ = in_order(feed, NonZeroUsize::new(threads).unwrap(), work, |found| {
            tally.add(found);
            std::thread::sleep(Duration::from_millis(1));
            ControlFlow::<()>::Continue(())
        });
        tally.report().to_html()
    };
    assert_eq!(page(1), page(4));
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-1_000_i64..1_000).prop_map(Value::from),
        prop::sample::select(vec!["", "fine", "a\"b", "C:\\x", "line\nbreak", "遮断", "<x>", "1"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-cx\"]{1,2}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_counted_is_what_a_preview_shows(
        x in anything(),
        input in prop::sample::select(vec![
            "template = '\"a <x> b\"'\npaths = { x = \"$.detail.x\" }",
            "template = '<x>'\npaths = { x = \"$.detail.x\" }",
            "template = '{\"a\": <x>, \"b\": \"<x>\"}'\npaths = { x = \"$.detail.x\" }",
            "template = '[<x>]'\npaths = { x = \"$.detail.x\" }",
            "message = \"<$.detail.x> at <$.time>\"",
            "",
        ]),
    ) {
        let spec = spec(&shop(input));
        let event = order(AT, &json!({"x": x}));
        let report = of(&spec, std::slice::from_ref(&event));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let stage = runtime.block_on(Stage::new(&spec, Vec::new(), None)).unwrap();
        let preview = preview_event(&stage, &spec, "shop", Some(&event.to_string())).unwrap().unwrap();
        let traffic = &one(&report).traffic;
        match preview.outcome {
            Outcome::Mailed { sent, .. } => {
                prop_assert_eq!((traffic.mails, traffic.lost), (1, 0));
                prop_assert_eq!(&one(&report).samples[0].body, sent.notification.text());
                prop_assert_eq!(&one(&report).samples[0].from, &sent.from);
            }
            Outcome::Lost { code, .. } => {
                prop_assert_eq!((traffic.mails, traffic.lost), (0, 1));
                prop_assert_eq!(traffic.losses[0].code, code);
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn nothing_that_is_read_breaks_it(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        strict in any::<bool>(),
    ) {
        let spec = spec(&format!("{CONFIG}{}", shop("")));
        let mut text = lines(&[order(AT, &json!({})), config("r", "s", "1")]).into_bytes();
        let at = at.index(text.len());
        text.splice(at..at, bytes);
        let replay = Replay::new(&spec, Options { strict, samples: 9, ..Options::default() }).unwrap();
        let mut tally = replay.tally();
        let source = Source::new("f", Ok(std::io::Cursor::new(text)));
        for batch in Feed::new([source].into_iter(), Progress::default()) {
            tally.add(replay.worker().batch(&batch));
        }
        let report = tally.report();
        prop_assert!(report.documents.events + report.documents.bad > 0);
        report.to_html();
    }
}

#[test]
fn more_than_ten_a_second_through_one_topic_are_too_many() {
    let two = format!("{}{}", shop(""), shop("").replace("\"shop\"\np", "\"too\"\np"));
    for (count, over) in [(5, 0), (6, 1)] {
        let events = vec![order(AT, &json!({})); count];
        let report = of(&spec(&two), &events);
        let topic = &report.topics[0];
        assert_eq!(
            (topic.limit, topic.seconds_over_limit, report.is_over_limit()),
            (10, over, over > 0)
        );
        let mails = u64::try_from(count).unwrap();
        assert_eq!(topic.busiest_second.as_ref().map(|b| b.mails), Some(mails * 2));
        assert_eq!(report.total.busiest_second, topic.busiest_second);
        // Each notification alone stays below.
        let alone = report.notifications[0].traffic.busiest_second.as_ref();
        assert_eq!(alone.map(|b| b.mails), Some(mails));
        assert_eq!(Words::new(report.language).over_limit(&report).is_some(), over > 0);
    }
}

#[test]
fn a_remedy_names_five_at_most_and_none_that_spares_little() {
    let proposed = |counts: &[usize]| {
        let events: Vec<Value> = counts
            .iter()
            .enumerate()
            .flat_map(|(at, count)| {
                std::iter::repeat_with(move || config(&format!("r{at}"), "one", "1")).take(*count)
            })
            .collect();
        let report = of(&spec(CONFIG), &events);
        one(&report).suppressions.iter().map(|s| s.values.join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(proposed(&[8, 2, 1]), ["r0 r1"]);
    assert_eq!(proposed(&[9, 2, 1]), ["r0"]);
    assert_eq!(proposed(&[4, 4, 4, 4, 4, 4, 4]), ["r0 r1 r2 r3 r4"]);
    assert_eq!(proposed(&[4, 4]), ["r0"]);
    assert_eq!(proposed(&[4]), [""; 0]);
    // A hundredth is worth a line, less is not.
    assert_eq!(proposed(&[2; 500]), ["r0 r1 r10 r100 r101"]);
    assert_eq!(proposed(&[2; 501]), [""; 0]);
    // What came once is not known to come again.
    assert_eq!(proposed(&[2, 1, 1]), ["r0"]);
    assert_eq!(proposed(&[1; 20]), [""; 0]);
}

#[test]
fn ten_names_of_each_kind_are_kept() {
    let events: Vec<Value> = (0..12).map(|at| config("r", &format!("sg-{at:02}"), "1")).collect();
    let report = of(&spec(CONFIG), &events);
    let resources = &one(&report).traffic.resources;
    assert_eq!((resources.different, resources.first.len()), (12, 10));
    assert_eq!(resources.first[9].name, "sg-09");
    assert_eq!(one(&report).samples.len(), 3);
}

/// A place is one in the document, which says its own place in the file.
#[test]
fn what_is_broken_in_an_event_has_its_place() {
    let begin = br#"{"source": "shop", "detail-type": "Order", "detail": {"x": "#;
    for (end, want) in [
        (&b"}}"[..], "is missing, column 60"),
        (b"\n x}}", "line 2 of the document, column 2"),
        (b"\"\\ud800\"}}", "a string holds half of a surrogate pair, column 6"),
        (b"\"a\xff\"}}", "it is not UTF-8, column 62"),
    ] {
        let event = [&begin[..], end].concat();
        let replay = Replay::new(&spec(&shop("")), Options::default()).unwrap();
        let mut worker = replay.worker();
        let mut tally = replay.tally();
        let feed = Feed::new(
            [Source::new("f", Ok(std::io::Cursor::new(event)))].into_iter(),
            Progress::default(),
        );
        feed.for_each(|batch| tally.add(worker.batch(&batch)));
        let documents = tally.report().documents;
        let [bad] = documents.first_bad.as_slice() else { panic!("{documents:?}") };
        assert!(bad.message.starts_with("is not JSON: "), "{}", bad.message);
        assert!(bad.message.contains(want), "{} {want}", bad.message);
        assert!(!bad.message.contains("line 1"), "{}", bad.message);
    }
}

#[test]
fn twenty_bad_documents_are_shown() {
    let report = replayed(&spec(""), Options::default(), &[("f", "x\n".repeat(23))]);
    let documents = &report.documents;
    assert_eq!((documents.bad, documents.first_bad.len()), (23, 20));
    assert_eq!(Words::new(report.language).more_bad(&report).as_deref(), Some("and 3 more"));
}

/// Rules are not given such calls, whether they come as records or as events.
#[test]
fn read_only_calls_cause_no_mail() {
    let calls = "[[events]]\nname = \"calls\"\n\
        pattern = '{\"detail-type\": [\"AWS API Call via CloudTrail\"]}'\nmessage = \"x\"\n";
    let record = |name: &str, day: u32| {
        json!({"eventVersion": "1.10", "eventSource": "iam.amazonaws.com", "eventName": name,
            "eventTime": format!("2026-01-{day:02}T03:04:05Z"), "awsRegion": "us-east-1",
            "recipientAccountId": "111122223333", "eventType": "AwsApiCall"})
    };
    let records = [record("ListUsers", 1), record("DeleteUser", 2), record("GetUser", 5)];
    let events = records.each_ref().map(|record| {
        json!({"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail",
            "time": record["eventTime"], "region": "us-east-1", "detail": record})
    });
    for documents in [&records, &events] {
        let report = of(&spec(calls), documents);
        let counts = &report.documents;
        assert_eq!((one(&report).traffic.mails, one(&report).matched), (1, 1));
        assert_eq!((counts.events, counts.not_delivered, counts.bad), (3, 2, 0));
        // They happened in the time that is covered.
        assert_eq!(report.period.map(|period| period.days), Some(4.0));

        let since = Some("2026-01-02T00:00:00Z".parse().unwrap());
        let options = Options { since, ..Options::default() };
        let report = replayed(&spec(calls), options, &[("f", lines(documents))]);
        assert_eq!((report.documents.outside, report.documents.not_delivered), (1, 1));
    }
}

#[test]
fn broken_lines_do_not_hide_a_file_that_was_not_read() {
    let files =
        [("lines", "no\n".repeat(30)), ("utf16", "{\0".to_owned()), ("empty", String::new())];
    let documents = replayed(&spec(&shop("")), Options::default(), &files).documents;
    assert_eq!((documents.bad, documents.unreadable, documents.first_bad.len()), (32, 1, 20));
    let places: Vec<String> = documents.first_bad.iter().map(Bad::place).collect();
    assert_eq!((places[0].as_str(), places[1].as_str()), ("utf16", "lines:1"));
    assert_eq!(places[19], "lines:19");
}

/// A mail through the state machine is never lost, and shown as the machine writes it.
#[test]
fn a_letter_is_shown_as_the_machine_writes_it() {
    let spec = spec(&shop(
        "delivery = \"step-functions\"\nsubject = \"order: <$.detail.state | upper>\"\n\
         message = \"It says <$.detail.why | default \\\"-\\\">.\"",
    ));
    let hostile = "\"no\"\n\\ {% 1 %}";
    let report = of(
        &spec,
        &[
            order("2026-01-02T03:04:05Z", &json!({"state": "lost", "why": hostile})),
            order("2026-01-02T03:04:06Z", &json!({"state": "late"})),
        ],
    );
    let shop = one(&report);
    assert_eq!((shop.traffic.mails, shop.traffic.lost), (2, 0));
    let shown: Vec<_> =
        shop.samples.iter().map(|sample| (sample.subject.as_str(), sample.body.as_str())).collect();
    let says = format!("It says {hostile}.");
    assert_eq!(shown, [("order: LOST", says.as_str()), ("order: LATE", "It says -.")]);
}
