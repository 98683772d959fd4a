//! Muted events: their rules sleep until a schedule wakes them.

use super::{
    BEGIN, HOME, account, destroy_at, event, file, later, meant, muted, parsed, region, rule, run,
    setup_at, text, time, wait, what,
};
use jiff::SignedDuration;
use notify_core::aws::tags;
use notify_core::local::{Answer, LocalCloud};
use notify_core::plan;
use notify_core::plan::{PrepareError, Step, mute};
use notify_core::state::{Kind, NoteKind, ResourceKey, RuleState, Want};
use std::fmt::Write as _;

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
