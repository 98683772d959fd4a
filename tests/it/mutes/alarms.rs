//! Muted alarms: CloudWatch keeps them quiet, and tells at the end.

use super::{
    BEGIN, HOME, account, file, later, muted, parsed, region, run, setup_at, time, wait, what,
};
use jiff::Timestamp;
use notify_core::alarm::Transition;
use notify_core::aws::AlarmState;
use notify_core::local::LocalCloud;
use notify_core::plan;
use notify_core::plan::{Step, mute};

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
