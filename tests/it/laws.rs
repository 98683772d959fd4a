//! Laws that hold for every file and every world.

use notify_core::aws::Region;
use notify_core::local::{Cloud, LocalCloud};
use notify_core::plan::{self, Options, Plan, Request, Step};
use notify_core::provider;
use notify_core::spec::{self, Format, Spec};
use notify_core::state::ResourceKey;
use notify_tests::fault::CutOff;
use proptest::prelude::*;
use std::fmt::Write as _;

/// Choices that make up a file.
#[derive(Debug, Clone)]
struct Choice {
    topic: &'static str,
    display_name: Option<&'static str>,
    regions: Vec<&'static str>,
    readers: Vec<&'static str>,
    events: Vec<(&'static str, &'static str, bool)>,
    alarms: Vec<(&'static str, u32)>,
    waf: Vec<&'static str>,
    watch: Vec<&'static str>,
}

impl Choice {
    fn spec(&self) -> Spec {
        let mut text = format!(
            "stack = \"laws\"\nregions = {:?}\n{}\n[topic]\nname = \"{}\"\n",
            self.regions,
            self.watch.join("\n"),
            self.topic
        );
        if let Some(name) = self.display_name {
            let _ = writeln!(text, "display_name = \"{name}\"");
        }
        for reader in &self.readers {
            let _ =
                writeln!(text, "[[subscriptions]]\nprotocol = \"email\"\nendpoint = \"{reader}\"");
        }
        for (name, source, enabled) in &self.events {
            let _ = writeln!(
                text,
                "[[events]]\nname = \"{name}\"\nenabled = {enabled}\npattern = '{{\"source\": [\"{source}\"]}}'\nmessage = \"<$.detail.id> {source}\""
            );
        }
        for (name, threshold) in &self.alarms {
            let _ = writeln!(
                text,
                "[[alarms]]\nname = \"{name}\"\nnamespace = \"AWS/Lambda\"\nmetric = \"Errors\"\nthreshold = {threshold}"
            );
        }
        if !self.waf.is_empty() {
            let _ = writeln!(
                text,
                "[[alarms]]\nname = \"waf\"\npreset = \"waf-blocked\"\nweb_acl = \"acl\"\nrules = {:?}",
                self.waf
            );
        }
        if !self.watch.is_empty() {
            let _ = writeln!(
                text,
                "[fallback]\nname = \"lost\"\n[[fallback.subscriptions]]\nprotocol = \"email\"\nendpoint = \"c@example.com\""
            );
        }
        let parsed = spec::parse(&text, Format::Toml);
        parsed.spec.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.findings))
    }
}

fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(of, 0..=of.len())
}

fn choices() -> impl Strategy<Value = Choice> {
    let events = some(&["one", "two", "three"]).prop_flat_map(|names| {
        let count = names.len();
        let rest = proptest::collection::vec(
            (prop_oneof![Just("aws.config"), Just("aws.health")], any::<bool>()),
            count,
        );
        (Just(names), rest).prop_map(|(names, rest)| {
            names.into_iter().zip(rest).map(|(name, (source, on))| (name, source, on)).collect()
        })
    });
    let alarms = some(&["errors", "遮断", "slow"]).prop_flat_map(|names| {
        let count = names.len();
        (Just(names), proptest::collection::vec(1_u32..4, count))
            .prop_map(|(names, thresholds)| names.into_iter().zip(thresholds).collect())
    });
    (
        prop_oneof![Just("alerts"), Just("other")],
        prop_oneof![Just(None), Just(Some("Alerts")), Just(Some("警報"))],
        // One region stays, so that dropped ones are found.
        some(&["eu-west-1", "us-east-1"]),
        some(&["a@example.com", "b@example.com"]),
        events,
        alarms,
        some(&["r1", "r2", "r3"]),
        watches(),
    )
        .prop_map(|(topic, display_name, mut regions, readers, events, alarms, waf, watch)| {
            regions.insert(0, "ap-northeast-1");
            Choice { topic, display_name, regions, readers, events, alarms, waf, watch }
        })
}

fn watches() -> impl Strategy<Value = Vec<&'static str>> {
    let one = |of: &'static [&'static str]| proptest::sample::select(of);
    let queue = one(&["", "dead_letter = true", "dead_letter = \"lost\""]);
    let alarm = one(&["", "failure_alarm = true"]);
    let beat = one(&["", "heartbeat = true", "heartbeat = \"rate(7 days)\""]);
    (queue, alarm, beat).prop_map(|(queue, alarm, beat)| {
        [queue, alarm, beat].into_iter().filter(|line| !line.is_empty()).collect()
    })
}

fn request() -> Request {
    let options = Options { allow_deletes: true, prune_subscriptions: true, ..Options::default() };
    Request { options, ..Request::setup(None) }
}

/// Readers whom the file names no more would keep a topic alive.
fn destroy() -> Request {
    let options = Options { prune_subscriptions: true, ..Options::default() };
    Request { options, ..Request::destroy(None) }
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(work)
}

async fn planned(cloud: &LocalCloud, spec: &Spec, request: &Request) -> Plan {
    plan::prepare(cloud, spec, request).await.expect("a plan")
}

async fn set_up(cloud: &LocalCloud, spec: &Spec) {
    let plan = planned(cloud, spec, &request()).await;
    assert!(provider::apply(cloud, &plan, || false, |_| {}).await.is_complete());
}

/// What somebody else has in the same account, some of it on names like ours.
fn by_hand(cloud: &LocalCloud) {
    let region = Region::parse("ap-northeast-1").expect("a region");
    let steps = r#"[
        {"create_topic": {"name": "theirs", "attributes": [["DisplayName", "x"]], "tags": {"team": "b"}}},
        {"create_topic": {"name": "alerts-2", "attributes": [], "tags": {"notify:stack": "laws"}}},
        {"create_queue": {"name": "theirs", "attributes": [], "policy": null, "tags": {"team": "b"}}},
        {"subscribe": {"topic": "ap-northeast-1/topic/theirs", "protocol": "email", "endpoint": "a@example.com"}},
        {"put_rule": {"name": "theirs", "rule": {"description": "", "pattern": "{\"source\":[\"x\"]}", "schedule": null,
            "role": null, "state": {"exactly": "ENABLED"}, "managed_by": {"exactly": null}, "tags": "keep"}}}
    ]"#;
    let steps: Vec<Step> = serde_json::from_str(steps).expect("steps");
    for step in steps {
        cloud.call(&region, &step).expect("done by hand");
    }
}

/// Everything that is not of the stack.
fn not_ours(cloud: &LocalCloud) -> Cloud {
    let mut cloud = cloud.cloud();
    for place in cloud.regions.values_mut() {
        place.topics.retain(|name, _| !["alerts", "other", "lost"].contains(&name.as_str()));
        place.queues.retain(|name, _| name == "theirs");
        place.rules.retain(|name, _| name == "theirs");
        place.alarms.clear();
    }
    cloud.regions.retain(|_, place| *place != notify_core::local::Place::default());
    cloud
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_applied_plan_leaves_nothing_to_do(first in choices(), second in choices()) {
        wait(async {
            let cloud = LocalCloud::default();
            by_hand(&cloud);
            let theirs = not_ours(&cloud).regions;
            for choice in [&first, &second] {
                let spec = choice.spec();
                set_up(&cloud, &spec).await;
                let again = planned(&cloud, &spec, &request()).await;
                assert!(again.is_empty(), "{:?}", again.stages);
                assert_eq!(not_ours(&cloud).regions, theirs, "what is not ours stays as it is");
            }
            let gone = planned(&cloud, &second.spec(), &destroy()).await;
            assert!(provider::apply(&cloud, &gone, || false, |_| {}).await.is_complete());
            assert_eq!(cloud.cloud().regions, theirs, "destroy leaves what is not ours and nothing else");
        });
    }

    #[test]
    fn a_run_cut_off_anywhere_heals(first in choices(), second in choices(), steps in 0_usize..40) {
        wait(async {
            let cloud = LocalCloud::default();
            set_up(&cloud, &first.spec()).await;
            let spec = second.spec();
            let plan = planned(&cloud, &spec, &request()).await;
            let cut = CutOff::after(steps, &cloud);
            provider::apply(&cut, &plan, || false, |_| {}).await;
            set_up(&cloud, &spec).await;
            assert!(planned(&cloud, &spec, &request()).await.is_empty());
            let gone = planned(&cloud, &spec, &destroy()).await;
            assert!(provider::apply(&cloud, &gone, || false, |_| {}).await.is_complete());
            assert!(cloud.cloud().regions.is_empty(), "{:?}", gone.stages);
        });
    }

    #[test]
    fn a_saved_plan_is_the_same_plan(first in choices(), second in choices()) {
        wait(async {
            let cloud = LocalCloud::default();
            set_up(&cloud, &first.spec()).await;
            let plan = planned(&cloud, &second.spec(), &request()).await;
            let text = serde_json::to_string(&plan).expect("a plan is JSON");
            assert_eq!(serde_json::from_str::<Plan>(&text).expect("the plan"), plan);
            assert_eq!(plan.unsound(), None);
            assert_eq!(plan::recheck(&cloud, &plan).await.expect("an account"), []);
            let saved = LocalCloud::from_json(&cloud.to_json()).expect("a cloud");
            assert_eq!(saved.cloud(), cloud.cloud());
        });
    }

    #[test]
    fn a_key_is_read_as_it_is_printed(place in "(global|[a-z]{2}-[a-z]{4}-[0-9])", kind in "(topic|queue|rule|alarm|subscription|target)", name in "\\PC{1,40}") {
        let text = format!("{place}/{kind}/{name}");
        let key: ResourceKey = text.parse().expect("a key");
        prop_assert_eq!(key.to_string(), text);
    }
}
