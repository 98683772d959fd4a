//! Mutes: what they keep quiet, that they end by themselves, and that no cut keeps them from it.

mod alarms;
mod cuts;
mod events;

use jiff::{SignedDuration, Timestamp};
use notify_core::aws::Region;
use notify_core::local::{Answer, LocalCloud};
use notify_core::plan::mute::{Length, Names};
use notify_core::plan::{Options, Plan, Request, Step, mute};
use notify_core::provider::Provider;
use notify_core::spec::{Format, Spec};
use notify_core::state::RuleState;
use notify_core::{plan, provider, spec};
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
