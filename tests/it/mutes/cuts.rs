//! Whatever is cut off, no rule sleeps for ever.

use super::{
    BEGIN, account, destroy_at, file, later, meant, muted, parsed, run, setup_at, text, time, wait,
    what,
};
use jiff::Timestamp;
use notify_core::local::{Cloud, LocalCloud};
use notify_core::plan::{Plan, mute};
use notify_core::provider::Outcome;
use notify_core::state::{Kind, RuleState, Want};
use notify_core::{plan, provider};
use notify_tests::fault::CutOff;
use proptest::prelude::*;

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
