//! Mutes: what they keep quiet, that they end by themselves, and that no cut keeps them from it.

use jiff::{SignedDuration, Timestamp};
use notify_core::alarm::Transition;
use notify_core::aws::{AlarmState, Region, tags};
use notify_core::local::{Answer, Cloud, LocalCloud};
use notify_core::plan::mute::{self, Length, Names};
use notify_core::plan::{self, Options, Plan, PrepareError, Request, Step};
use notify_core::provider::{self, Outcome, Provider};
use notify_core::spec::{self, Format, Spec};
use notify_core::state::{Kind, NoteKind, ResourceKey, RuleState, Want};
use notify_tests::fault::CutOff;
use proptest::prelude::*;
use std::fmt::Write as _;

const BEGIN: &str = "2026-11-24T22:00:00Z";
const HOME: &str = "ap-northeast-1";

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn later(now: Timestamp, minutes: i64) -> Timestamp {
    now + SignedDuration::from_mins(minutes)
}

fn region(name: &str) -> Region {
    Region::parse(name).expect("a region")
}

/// Two events and two alarms in one region, and one event in another, too.
fn text(two_is_on: bool) -> String {
    let mut text =
        "stack = \"quiet\"\nregions = [\"ap-northeast-1\"]\n[topic]\nname = \"alerts\"\n\
         [[subscriptions]]\nprotocol = \"email\"\nendpoint = \"ops@example.com\"\n"
            .to_owned();
    for (name, more) in [
        ("one", "regions = [\"ap-northeast-1\", \"us-east-1\"]".to_owned()),
        ("two", format!("enabled = {two_is_on}")),
    ] {
        let _ = writeln!(
            text,
            "[[events]]\nname = \"{name}\"\n{more}\npattern = '{{\"source\": [\"{name}\"]}}'\nmessage = \"<$.source>\""
        );
    }
    for name in ["errors", "遮断"] {
        let _ = writeln!(
            text,
            "[[alarms]]\nname = \"{name}\"\nnamespace = \"N\"\nmetric = \"M\"\nthreshold = 1"
        );
    }
    text
}

fn parsed(text: &str) -> Spec {
    let parsed = spec::parse(text, Format::Toml);
    parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings))
}

fn file() -> Spec {
    parsed(&text(true))
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(work)
}

fn setup_at(now: Timestamp) -> Request {
    let options = Options { now, allow_deletes: true, ..Options::default() };
    Request { options, ..Request::setup(None) }
}

fn destroy_at(now: Timestamp) -> Request {
    let options = Options { now, prune_subscriptions: true, ..Options::default() };
    Request { options, ..Request::destroy(None) }
}

fn meant(names: &[&str], now: Timestamp) -> mute::Request {
    let all = mute::Request::all(None, now);
    if names.is_empty() {
        return all;
    }
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    mute::Request { names: Names::These(names), ..all }
}

async fn run<P: Provider>(provider: &P, plan: &Plan) -> bool {
    provider::apply(provider, plan, || false, |_| {}).await.is_complete()
}

/// An account in which the file is set up, and its reader has confirmed.
async fn account(spec: &Spec) -> LocalCloud {
    let cloud = LocalCloud::default();
    cloud.set_time(time(BEGIN));
    let plan = plan::prepare(&cloud, spec, &setup_at(time(BEGIN))).await.expect("a plan");
    assert!(run(&cloud, &plan).await);
    cloud.confirm("ops@example.com");
    cloud.take_mails();
    cloud
}

async fn muted(
    cloud: &LocalCloud,
    spec: &Spec,
    names: &[&str],
    now: Timestamp,
    minutes: u32,
) -> Plan {
    let length: Length = format!("{minutes}m").parse().expect("a length");
    let plan = mute::mute(cloud, spec, &meant(names, now), mute::until(now, length)).await;
    plan.expect("a plan")
}

fn event(cloud: &LocalCloud, name: &str) -> Answer {
    let event = format!(r#"{{"source": "{name}", "detail-type": "t", "detail": {{}}}}"#);
    cloud.offer(&region(HOME), name, &event).expect("an event").expect("a rule")
}

fn rule(cloud: &LocalCloud, place: &str, name: &str) -> RuleState {
    let cloud = cloud.cloud();
    let state = cloud.regions[&region(place)].rules[name].rule.state.clone();
    *state.value().expect("a state")
}

fn what(plan: &Plan) -> Vec<String> {
    let steps = |change: &plan::Change| -> Vec<String> {
        let name = |step: &Step| {
            let value = serde_json::to_value(step).expect("a step is JSON");
            value.as_object().and_then(|map| map.keys().next().cloned()).expect("a name")
        };
        change.steps.iter().map(name).collect()
    };
    let said = |change: &plan::Change| {
        let place = change.key.place.to_string();
        format!("{} {} {}", place, change.key.kind, steps(change).join(" "))
    };
    plan.changes().map(said).collect()
}

#[test]
fn a_muted_event_is_quiet_until_its_schedule_wakes_it() {
    wait(async {
        let (spec, now) = (file(), time(BEGIN));
        let cloud = account(&spec).await;
        let plan = muted(&cloud, &spec, &["one"], now, 120).await;
        assert_eq!(
            what(&plan),
            [
                "ap-northeast-1 topic tag",
                "us-east-1 topic tag",
                "global role create_role put_role_policy",
                "ap-northeast-1 schedule create_schedule",
                "us-east-1 schedule create_schedule",
                "ap-northeast-1 rule tag disable_rule",
                "us-east-1 rule tag disable_rule",
            ]
        );
        assert!(run(&cloud, &plan).await);
        assert_eq!(event(&cloud, "one"), Answer::Asleep);
        assert!(matches!(event(&cloud, "two"), Answer::Matched(_)));
        for place in [HOME, "us-east-1"] {
            assert_eq!(rule(&cloud, place, "one"), RuleState::Disabled);
        }
        cloud.set_time(later(now, 119));
        assert_eq!(event(&cloud, "one"), Answer::Asleep);
        cloud.set_time(later(now, 120));
        assert!(matches!(event(&cloud, "one"), Answer::Matched(_)));
        let after = cloud.cloud();
        assert!(after.regions.values().all(|place| place.schedules.is_empty()));
        // The tag of a mute that is over is no drift, and the next mute writes over it.
        let now = later(now, 121);
        let again = plan::prepare(&cloud, &spec, &setup_at(now)).await.expect("a plan");
        assert!(
            again.is_empty()
                && again.notes.iter().all(|n| n.kind != NoteKind::Info || n.key.is_none())
        );
        let plan = muted(&cloud, &spec, &["one"], now, 5).await;
        assert_eq!(what(&plan).len(), 4, "the role and the marks are there");
    });
}

#[test]
fn the_role_may_enable_the_stacks_rules_and_nothing_else() {
    wait(async {
        let (spec, now) = (file(), time(BEGIN));
        let cloud = account(&spec).await;
        let plan = muted(&cloud, &spec, &["two"], now, 60).await;
        assert!(run(&cloud, &plan).await);
        let role = cloud.cloud().roles["notify-quiet-unmute"].clone();
        assert_eq!(
            role.policies["unmute"],
            serde_json::json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Action": "events:EnableRule",
                "Resource": [
                    "arn:aws:events:ap-northeast-1:123456789012:rule/one",
                    "arn:aws:events:ap-northeast-1:123456789012:rule/two",
                    "arn:aws:events:us-east-1:123456789012:rule/one",
                ],
            }]})
        );
        assert_eq!(
            role.trust,
            serde_json::json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": "scheduler.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            }]})
        );
        assert_eq!(role.tags, Want::Exactly(tags::ours(&spec.stack)));

        // In one region alone, the rules of the others stay in it; with another file it follows.
        let only = mute::Request { only: Some(region("us-east-1")), ..meant(&["one"], now) };
        let length = "1h".parse().expect("a length");
        let plan =
            mute::mute(&cloud, &spec, &only, mute::until(now, length)).await.expect("a plan");
        assert!(plan.changes().all(|change| change.key.kind != Kind::Role), "{:?}", what(&plan));
        let fewer = parsed(&text(true).replace(", \"us-east-1\"]", "]"));
        let plan = muted(&cloud, &fewer, &["one"], now, 60).await;
        let role: Vec<_> = plan.changes().filter(|c| c.key.kind == Kind::Role).collect();
        assert_eq!(role[0].steps.len(), 1);
        assert!(matches!(&role[0].steps[0], Step::PutRolePolicy { document, .. }
            if !document.to_string().contains("us-east-1")));
    });
}

#[test]
fn a_role_for_too_many_rules_is_limited_by_their_tag() {
    wait(async {
        let mut text =
            "stack = \"many\"\nregions = [\"eu-west-1\"]\n[topic]\nname = \"t\"\n".to_owned();
        for number in 0..220 {
            let _ = writeln!(
                text,
                "[[events]]\nname = \"rule-{number:03}\"\npattern = '{{\"source\": [\"a\"]}}'\nmessage = \"m\""
            );
        }
        let spec = parsed(&text);
        let cloud = account(&spec).await;
        let plan = muted(&cloud, &spec, &["rule-007"], time(BEGIN), 60).await;
        let document =
            plan.changes().flat_map(|change| &change.steps).find_map(|step| match step {
                Step::PutRolePolicy { document, .. } => Some(document.clone()),
                _ => None,
            });
        assert_eq!(
            document.expect("a policy")["Statement"],
            serde_json::json!([{
                "Effect": "Allow",
                "Action": "events:EnableRule",
                "Resource": ["arn:aws:events:eu-west-1:123456789012:rule/*"],
                "Condition": {"StringEquals": {"aws:ResourceTag/notify:stack": "many"}},
            }])
        );
        assert!(run(&cloud, &plan).await);
        cloud.set_time(later(time(BEGIN), 60));
        let cloud = cloud.cloud();
        let state = &cloud.regions[&region("eu-west-1")].rules["rule-007"].rule.state;
        assert_eq!(*state, Want::Exactly(RuleState::Enabled));
    });
}

#[test]
fn a_running_mute_is_left_alone_and_its_end_is_exact() {
    wait(async {
        let (spec, now) = (file(), time(BEGIN));
        let cloud = account(&spec).await;
        assert!(run(&cloud, &muted(&cloud, &spec, &["one"], now, 60).await).await);
        // A file that changes the rule does not wake it.
        let other = parsed(
            &text(true)
                .replace("<$.source>", "<$.source>!")
                .replace("[\\\"one\\\"]", "[\\\"1\\\"]"),
        );
        let plan = plan::prepare(&cloud, &other, &setup_at(now)).await.expect("a plan");
        assert!(!plan.is_empty());
        assert!(run(&cloud, &plan).await);
        assert_eq!(rule(&cloud, HOME, "one"), RuleState::Disabled);
        let notes: Vec<_> = plan.notes.iter().map(|note| note.text.as_str()).collect();
        assert!(notes.contains(&"one is muted until 2026-11-24T23:00:00Z"), "{notes:?}");

        // Somebody has taken the schedule away: from the end on, it is drift.
        let name = cloud.cloud().regions[&region(HOME)].schedules.keys().next().cloned();
        let gone = Step::DeleteSchedule { name: name.expect("a schedule") };
        cloud.call(&region(HOME), &gone).expect("done by hand");
        let end = later(now, 60);
        let just_before = end - SignedDuration::from_nanos(1);
        cloud.set_time(end);
        for (now, changes) in [(just_before, 0), (end, 1)] {
            let plan = plan::prepare(&cloud, &other, &setup_at(now)).await.expect("a plan");
            let steps: Vec<String> = what(&plan);
            assert_eq!(
                plan.changes().filter(|c| c.key.region() == Some(&region(HOME))).count(),
                changes,
                "{now}"
            );
            if changes == 1 {
                assert_eq!(steps, ["ap-northeast-1 rule put_rule untag"]);
                assert!(run(&cloud, &plan).await);
            }
        }
        assert_eq!(rule(&cloud, HOME, "one"), RuleState::Enabled);
        let rules = &cloud.cloud().regions[&region(HOME)].rules;
        assert!(!rules["one"].tags.contains_key(tags::MUTED_UNTIL));
    });
}

#[test]
fn a_mute_can_be_longer_shorter_and_over_at_once() {
    wait(async {
        let (spec, now) = (file(), time(BEGIN));
        let cloud = account(&spec).await;
        assert!(run(&cloud, &muted(&cloud, &spec, &["two"], now, 60).await).await);
        let same = muted(&cloud, &spec, &["two"], now, 60).await;
        assert!(same.is_empty() && same.unchanged == 1);
        for minutes in [120, 30] {
            let plan = muted(&cloud, &spec, &["two"], now, minutes).await;
            assert_eq!(
                what(&plan),
                [
                    "ap-northeast-1 schedule create_schedule",
                    "ap-northeast-1 rule tag disable_rule",
                    "ap-northeast-1 schedule delete_schedule",
                ]
            );
            assert!(run(&cloud, &plan).await);
            assert_eq!(cloud.cloud().regions[&region(HOME)].schedules.len(), 1);
        }
        let unmute = mute::unmute(&cloud, &spec, &meant(&["two"], now)).await.expect("a plan");
        assert_eq!(
            what(&unmute),
            ["ap-northeast-1 rule enable_rule untag", "ap-northeast-1 schedule delete_schedule"]
        );
        assert!(run(&cloud, &unmute).await);
        assert!(matches!(event(&cloud, "two"), Answer::Matched(_)));
        let nothing = mute::unmute(&cloud, &spec, &meant(&[], now)).await.expect("a plan");
        assert!(nothing.is_empty());
    });
}

#[test]
fn an_event_that_the_file_switches_off_stays_off() {
    wait(async {
        let (spec, now) = (file(), time(BEGIN));
        let cloud = account(&spec).await;
        assert!(run(&cloud, &muted(&cloud, &spec, &["two"], now, 60).await).await);
        let off = parsed(&text(false));
        let plan = plan::prepare(&cloud, &off, &setup_at(now)).await.expect("a plan");
        assert_eq!(
            what(&plan),
            ["ap-northeast-1 schedule delete_schedule", "ap-northeast-1 rule untag"]
        );
        assert_eq!(plan.unsound(), None);
        assert!(run(&cloud, &plan).await);
        cloud.set_time(later(now, 90));
        assert_eq!(rule(&cloud, HOME, "two"), RuleState::Disabled);
        assert!(plan::prepare(&cloud, &off, &setup_at(now)).await.expect("a plan").is_empty());
        // It cannot be muted by name, and is left out where everything is.
        let named = muted(&cloud, &off, &["two"], now, 60).await;
        assert_eq!(
            named.blocked[0].reason,
            "the file has `enabled = false` for it: it sends nothing anyway"
        );
        let all = muted(&cloud, &off, &[], now, 60).await;
        assert!(all.blocked.is_empty());
        assert!(all.changes().all(|change| change.key.name != "two"));
        // A mute that ends leaves it off as well.
        assert!(run(&cloud, &muted(&cloud, &spec, &["two"], now, 200).await).await);
        let unmute = mute::unmute(&cloud, &off, &meant(&["two"], now)).await.expect("a plan");
        assert!(run(&cloud, &unmute).await);
        assert_eq!(rule(&cloud, HOME, "two"), RuleState::Disabled);
    });
}

#[test]
fn what_is_missing_or_not_ours_is_not_muted() {
    wait(async {
        let (spec, now) = (file(), time(BEGIN));
        let cloud = LocalCloud::default();
        let plan = muted(&cloud, &spec, &[], now, 60).await;
        let keys: Vec<_> = plan.blocked.iter().map(|b| (b.key.kind, b.reason.as_str())).collect();
        assert_eq!(keys.iter().filter(|(_, reason)| *reason == "it does not exist").count(), 5);
        assert!(plan.is_empty(), "{:?}", what(&plan));

        let cloud = account(&spec).await;
        let theirs = Step::Untag {
            key: ResourceKey::rule(&region(HOME), &spec.events[0].name),
            tags: vec![tags::STACK.to_owned()],
        };
        cloud.call(&region(HOME), &theirs).expect("done by hand");
        let plan = muted(&cloud, &spec, &["one"], now, 60).await;
        assert_eq!(plan.blocked[0].reason, "it exists and was not made by this stack");

        for (names, message) in [
            (&["errors", "nothing"][..], "the file has no notification called `nothing`"),
            (&["One"], "the file has no notification called `One`"),
        ] {
            let length = "1h".parse().expect("a length");
            let until = mute::until(now, length);
            let answer = mute::mute(&cloud, &spec, &meant(names, now), until).await;
            let Err(PrepareError::Spec(error)) = answer else { panic!("{names:?}") };
            assert_eq!(error.message, message);
            assert_eq!(error.help, "it has errors, one, two, 遮断");
            assert!(mute::unmute(&cloud, &spec, &meant(names, now)).await.is_err());
        }
    });
}

fn change(state: AlarmState, at: Timestamp) -> Transition {
    let from = AlarmState::Ok;
    Transition { at, from, to: state, reason: "Threshold Crossed: 1 datapoint".to_owned() }
}

#[test]
fn a_muted_alarm_tells_at_the_end_what_still_is() {
    wait(async {
        let (spec, now) = (file(), time(BEGIN));
        let cloud = account(&spec).await;
        let plan = muted(&cloud, &spec, &["errors", "遮断"], now, 60).await;
        assert_eq!(
            what(&plan),
            [
                "ap-northeast-1 topic tag",
                "ap-northeast-1 mute put_mute",
                "ap-northeast-1 mute put_mute"
            ]
        );
        assert!(run(&cloud, &plan).await);
        let home = region(HOME);
        let set = |alarm: &str, state, at| {
            cloud.set_time(at);
            cloud
                .set_alarm_state(&home, alarm, change(state, at))
                .expect("a change")
                .expect("an alarm")
        };
        // CloudWatch mutes from the next minute on.
        assert_eq!(set("errors", AlarmState::Alarm, now).sent.len(), 1);
        assert_eq!(cloud.take_mails().len(), 1);
        let early = later(now, 1);
        let held = set("errors", AlarmState::Alarm, early);
        assert_eq!(
            held.muted_until.map(|until| until.to_string()).as_deref(),
            Some("2026-11-24T23:00:00Z")
        );
        set("遮断", AlarmState::Alarm, early);
        set("遮断", AlarmState::Ok, later(now, 30));
        assert_eq!(cloud.take_mails().len(), 0);
        let saved = LocalCloud::from_json(&cloud.to_json()).expect("a cloud");
        assert_eq!(saved.cloud(), cloud.cloud());
        cloud.set_time(later(now, 59));
        assert_eq!(cloud.take_mails().len(), 0);
        cloud.set_time(later(now, 60));
        let mails = cloud.take_mails();
        assert_eq!(mails.len(), 1, "of the one that is in ALARM still");
        assert!(mails[0].subject.contains("errors"), "{}", mails[0].subject);
        cloud.set_time(later(now, 61));
        assert_eq!(cloud.take_mails().len(), 0);
    });
}

#[test]
fn a_longer_mute_of_alarms_leaves_no_gap() {
    wait(async {
        let (spec, now) = (file(), time(BEGIN));
        let cloud = account(&spec).await;
        assert!(run(&cloud, &muted(&cloud, &spec, &["errors"], now, 60).await).await);
        let now = later(now, 30);
        cloud.set_time(now);
        let longer = muted(&cloud, &spec, &["errors"], now, 60).await;
        assert_eq!(what(&longer), ["ap-northeast-1 mute put_mute"]);
        assert!(run(&cloud, &longer).await);
        let now = later(now, 40);
        cloud.set_time(now);
        // The first has ended and goes; the other ends later than what is asked for.
        let shorter = muted(&cloud, &spec, &["errors"], now, 10).await;
        assert_eq!(
            what(&shorter),
            [
                "ap-northeast-1 mute put_mute",
                "ap-northeast-1 mute delete_mute",
                "ap-northeast-1 mute delete_mute",
            ]
        );
        assert!(run(&cloud, &shorter).await);
        let plan = plan::prepare(&cloud, &spec, &setup_at(now)).await.expect("a plan");
        assert!(plan.is_empty(), "mutes of alarms are no part of a file");
        let survey = plan::survey(&cloud, &spec, &setup_at(now)).await.expect("a survey");
        let mut seen = survey.observed;
        seen.extend(mute::look(&cloud, &survey.plan.scope, &seen).await.expect("mutes"));
        let running = mute::running(&spec, &seen, now);
        assert_eq!(running.len(), 1);
        assert_eq!(
            (running[0].notification.as_str(), running[0].until),
            ("errors", later(now, 10))
        );
        assert_eq!(mute::running(&spec, &seen, later(now, 10)), []);
    });
}

#[test]
fn a_hundred_alarms_go_into_a_mute_rule() {
    wait(async {
        let rules: Vec<String> = (0..101).map(|number| format!("r{number}")).collect();
        let text = format!(
            "stack = \"waf\"\nregions = [\"eu-west-1\"]\n[topic]\nname = \"t\"\n[[alarms]]\nname = \"waf\"\n\
             preset = \"waf-blocked\"\nweb_acl = \"acl\"\nrules = {rules:?}\n"
        );
        let spec = parsed(&text);
        let cloud = account(&spec).await;
        let plan = muted(&cloud, &spec, &["waf"], time(BEGIN), 60).await;
        let counts: Vec<usize> = plan
            .changes()
            .flat_map(|change| &change.steps)
            .filter_map(|step| match step {
                Step::PutMute { mute, .. } => {
                    mute.alarms.value().map(std::collections::BTreeSet::len)
                }
                _ => None,
            })
            .collect();
        assert_eq!(counts, [100, 1]);
        assert!(run(&cloud, &plan).await);
        let again = muted(&cloud, &spec, &["waf"], time(BEGIN), 60).await;
        assert!(again.is_empty() && again.unchanged == 2);
    });
}

#[test]
fn a_mute_that_could_not_be_made_leaves_nothing() {
    wait(async {
        let (spec, now) = (file(), time(BEGIN));
        // A role of that name is in the way only when it is made, and the schedule needs it.
        for steps in 0..9 {
            let cloud = account(&spec).await;
            let before = cloud.cloud();
            let plan = muted(&cloud, &spec, &["two"], now, 60).await;
            let cut = CutOff::after(steps, &cloud);
            let report = provider::apply(&cut, &plan, || false, |_| {}).await;
            let made = report.applied.iter().any(|applied| {
                applied.key.kind == Kind::Schedule && matches!(applied.outcome, Outcome::Done)
            });
            match mute::undo(&plan, &report) {
                None => assert!(made || steps == 0, "{steps}"),
                Some(back) => {
                    assert!(!made && back.unsound().is_none(), "{steps}");
                    assert!(run(&cloud, &back).await);
                    assert_eq!(cloud.cloud(), before, "{steps}");
                }
            }
        }
    });
}

#[test]
fn destroy_in_one_region_leaves_the_role_to_the_others() {
    wait(async {
        let (spec, now) = (file(), time(BEGIN));
        let cloud = account(&spec).await;
        assert!(run(&cloud, &muted(&cloud, &spec, &[], now, 60).await).await);
        let mut here = destroy_at(now);
        here.options.only = Some(region("us-east-1"));
        let plan = plan::prepare(&cloud, &spec, &here).await.expect("a plan");
        assert!(plan.changes().all(|change| change.key.kind != Kind::Role));
        assert!(plan.changes().any(|change| change.key.kind == Kind::Schedule));
        assert!(run(&cloud, &plan).await);
        let plan = plan::prepare(&cloud, &spec, &destroy_at(now)).await.expect("a plan");
        assert!(run(&cloud, &plan).await);
        assert_eq!((cloud.cloud().regions.len(), cloud.cloud().roles.len()), (0, 0));
    });
}

/// Something that a person does, and after how many steps it is cut off.
#[derive(Debug, Clone)]
enum Deed {
    Mute(Vec<&'static str>, u32, usize),
    Unmute(Vec<&'static str>, usize),
    Setup { two_is_on: bool, cut: usize },
    Destroy(usize),
    Wait(i64),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let names = || proptest::sample::subsequence(vec!["one", "two", "errors", "遮断"], 0..=4);
    // Most runs get to their end.
    let cut = || prop_oneof![2 => Just(usize::MAX), 3 => 0_usize..14];
    let deed = prop_oneof![
        4 => (names(), 5_u32..100, cut()).prop_map(|(names, minutes, cut)| Deed::Mute(names, minutes, cut)),
        2 => (names(), cut()).prop_map(|(names, cut)| Deed::Unmute(names, cut)),
        2 => (any::<bool>(), cut()).prop_map(|(two_is_on, cut)| Deed::Setup { two_is_on, cut }),
        1 => cut().prop_map(Deed::Destroy),
        2 => (0_i64..120).prop_map(Deed::Wait),
    ];
    proptest::collection::vec(deed, 1..9)
}

/// No rule sleeps for ever that the file has awake: when all time has passed, it is awake.
fn wakes(cloud: &LocalCloud, now: Timestamp, deed: &Deed) {
    let copy = LocalCloud::from_json(&cloud.to_json()).expect("a cloud");
    copy.set_time(later(now, 200));
    let Cloud { regions, .. } = copy.cloud();
    for (place, here) in regions {
        if let Some(rule) = here.rules.get("one") {
            assert_eq!(
                rule.rule.state,
                Want::Exactly(RuleState::Enabled),
                "{place} after {deed:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_cut_keeps_a_rule_asleep_and_all_converges(deeds in deeds()) {
        wait(async {
            let mut spec = file();
            let cloud = account(&spec).await;
            let mut now = time(BEGIN);
            for deed in &deeds {
                cloud.set_time(now);
                let (plan, cut) = match deed {
                    Deed::Mute(names, minutes, cut) => {
                        (muted(&cloud, &spec, names, now, *minutes).await, *cut)
                    }
                    Deed::Unmute(names, cut) => {
                        (mute::unmute(&cloud, &spec, &meant(names, now)).await.expect("a plan"), *cut)
                    }
                    Deed::Setup { two_is_on, cut } => {
                        spec = parsed(&text(*two_is_on));
                        let plan = plan::prepare(&cloud, &spec, &setup_at(now)).await;
                        (plan.expect("a plan"), *cut)
                    }
                    Deed::Destroy(cut) => {
                        let plan = plan::prepare(&cloud, &spec, &destroy_at(now)).await;
                        (plan.expect("a plan"), *cut)
                    }
                    Deed::Wait(minutes) => {
                        now = later(now, *minutes);
                        continue;
                    }
                };
                assert_eq!(plan.unsound(), None);
                assert_eq!(plan::recheck(&cloud, &plan).await.expect("an account"), []);
                let text = serde_json::to_string(&plan).expect("a plan is JSON");
                assert_eq!(serde_json::from_str::<Plan>(&text).expect("the plan"), plan);
                if plan.blocked.is_empty() {
                    let whole = run(&CutOff::after(cut, &cloud), &plan).await;
                    assert!(whole || cut != usize::MAX, "{deed:?} {plan:?}");
                }
                wakes(&cloud, now, deed);
            }
            // A setup during a mute has nothing more to do afterwards, nor has one after its end.
            for minutes in [0, 200] {
                now = later(now, minutes);
                cloud.set_time(now);
                let plan = plan::prepare(&cloud, &spec, &setup_at(now)).await.expect("a plan");
                assert!(run(&cloud, &plan).await, "{plan:?}");
                let again = plan::prepare(&cloud, &spec, &setup_at(now)).await.expect("a plan");
                assert!(again.is_empty(), "{:?}", what(&again));
            }
            let plan = plan::prepare(&cloud, &spec, &destroy_at(now)).await.expect("a plan");
            assert!(run(&cloud, &plan).await, "{plan:?}");
            let left = cloud.cloud();
            assert!(left.regions.is_empty() && left.roles.is_empty(), "{left:?}");
        });
    }
}
