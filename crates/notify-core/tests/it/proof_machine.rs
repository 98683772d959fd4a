//! The path of a notification that the state machine publishes, link by link.

use jiff::Timestamp;
use notify_core::aws::Region;
use notify_core::aws::policy::Policy;
use notify_core::local::{LocalCloud, LocalKey};
use notify_core::plan::{self, Step, Survey};
use notify_core::proof::{Link, LinkName, LinkState, Proof, gather, prove};
use notify_core::provider;
use notify_core::spec::{self, Format, Spec};
use notify_core::state::{Reference, Resource, ResourceKey, StateMachine, Target};
use serde_json::{Value, json};

const FILE: &str = r#"
stack = "shop"
regions = ["eu-west-1"]
delivery = "step-functions"

[topic]
name = "alerts"
KEY
[[subscriptions]]
protocol = "sqs"
endpoint = "arn:aws:sqs:eu-west-1:123456789012:reader"

[[events]]
name = "told"
pattern = '{"source": ["my.app"]}'
message = "It is <$.detail.state>."
"#;

struct World {
    cloud: LocalCloud,
    spec: Spec,
}

fn region() -> Region {
    Region::parse("eu-west-1").expect("a region")
}

fn now() -> Timestamp {
    "2026-11-24T10:20:00Z".parse().expect("a time")
}

fn key(text: &str) -> ResourceKey {
    text.parse().expect("a key")
}

impl World {
    async fn new(kms_key: Option<&str>) -> Self {
        let line = kms_key.map_or_else(String::new, |key| format!("kms_key = \"{key}\"\n"));
        let parsed = spec::parse(&FILE.replace("KEY", &line), Format::Toml);
        let spec = parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings));
        let world = Self { cloud: LocalCloud::default(), spec };
        world.cloud.set_time(now());
        let plan = world.survey().await.plan;
        assert!(provider::apply(&world.cloud, &plan, || false, |_| {}).await.is_complete());
        world
    }

    async fn survey(&self) -> Survey {
        let request = plan::Request::setup(None);
        plan::survey(&self.cloud, &self.spec, &request).await.expect("a survey")
    }

    async fn proof(&self) -> Proof {
        let survey = self.survey().await;
        prove(&survey, &gather(&self.cloud, &survey, now()).await)
    }

    fn call(&self, step: &Step) {
        self.cloud.call(&region(), step).expect("a call");
    }

    fn put(&self, role: &str, document: Value) {
        let (role, name) = (role.to_owned(), "notify".to_owned());
        self.call(&Step::PutRolePolicy { role, name, document });
    }

    async fn target(&self) -> Target {
        match self.survey().await.observed.get(&key("eu-west-1/target/told/notify")) {
            Some(Resource::Target(target)) => target.clone(),
            other => panic!("{other:?}"),
        }
    }
}

fn link(proof: &Proof, name: LinkName) -> &Link {
    let found = proof.links.iter().find(|l| l.notification == "told" && l.link == name);
    found.unwrap_or_else(|| panic!("{name:?}"))
}

/// A link that is broken, with a part of its cause.
async fn broken(world: &World, name: LinkName, cause: &str) {
    let proof = world.proof().await;
    let found = link(&proof, name);
    assert_eq!(found.state, LinkState::Broken, "{found:?}");
    assert!(found.cause.as_ref().is_some_and(|said| said.contains(cause)), "{found:?}");
    assert!(!proof.is_well());
}

fn nothing() -> Value {
    json!({"Version": "2012-10-17", "Statement": []})
}

#[tokio::test]
async fn all_of_the_way_holds_after_a_setup() {
    let world = World::new(None).await;
    let proof = world.proof().await;
    assert!(proof.is_well(), "{proof:#?}");
    for (name, found) in [
        (LinkName::Target, "the topic alerts, through notify-shop"),
        (LinkName::Template, "cannot lose"),
        (LinkName::Policy, "the role notify-shop-publish may publish"),
        (LinkName::Key, "not encrypted"),
        (LinkName::AsWritten, "as the file says"),
    ] {
        let link = link(&proof, name);
        assert_eq!((link.state, link.found.as_str()), (LinkState::Ok, found), "{link:?}");
    }
}

#[tokio::test]
async fn a_machine_that_is_gone_or_does_something_else() {
    let world = World::new(None).await;
    let machine =
        world.survey().await.observed[&key("eu-west-1/state-machine/notify-shop")].clone();
    let Resource::StateMachine(machine) = machine else { panic!("{machine:?}") };
    let other = StateMachine { definition: r#"{"StartAt": "a"}"#.to_owned(), ..machine };
    let name = "notify-shop".to_owned();
    world.call(&Step::UpdateStateMachine { name: name.clone(), machine: other });
    let proof = world.proof().await;
    let found = link(&proof, LinkName::AsWritten);
    assert_eq!(found.state, LinkState::Drifted, "{found:?}");

    world.call(&Step::DeleteStateMachine { name });
    broken(&world, LinkName::Target, "the state machine notify-shop does not exist").await;
}

#[tokio::test]
async fn a_role_that_may_not_start_it_or_is_not_there() {
    let world = World::new(None).await;
    world.put("notify-shop-start", nothing());
    broken(&world, LinkName::Target, "may not start the state machine notify-shop").await;

    let world = World::new(None).await;
    let role = "notify-shop-start".to_owned();
    world.call(&Step::SetRoleTrust { role, trust: nothing() });
    broken(&world, LinkName::Target, "does not let EventBridge take it on").await;

    let world = World::new(None).await;
    let (role, name) = ("notify-shop-start".to_owned(), "notify".to_owned());
    world.call(&Step::DeleteRolePolicy { role: role.clone(), name });
    world.call(&Step::DeleteRole { name: role });
    broken(&world, LinkName::Target, "the role notify-shop-start does not exist").await;

    // Of another account's role nothing is known.
    let world = World::new(None).await;
    let mut target = world.target().await;
    let mut delivery = target.delivery.value().cloned().expect("read");
    delivery.role = Some(Reference::Arn("arn:aws:iam::444455556666:role/r".to_owned()));
    target.delivery = notify_core::state::Want::Exactly(delivery);
    world.call(&Step::PutTarget { rule: "told".to_owned(), target });
    assert_eq!(link(&world.proof().await, LinkName::Target).state, LinkState::Unknown);
}

#[tokio::test]
async fn a_role_that_may_not_publish_or_is_refused() {
    let world = World::new(None).await;
    world.put("notify-shop-publish", nothing());
    broken(&world, LinkName::Policy, "may not publish to the topic").await;

    let world = World::new(None).await;
    let role = "notify-shop-publish".to_owned();
    world.call(&Step::SetRoleTrust { role, trust: nothing() });
    broken(&world, LinkName::Policy, "does not let Step Functions take it on").await;

    let world = World::new(None).await;
    let statement = json!({
        "Sid": "never", "Effect": "Deny", "Principal": "*", "Action": "sns:Publish",
        "Resource": "arn:aws:sns:eu-west-1:123456789012:alerts",
    });
    let topic = key("eu-west-1/topic/alerts");
    world.call(&Step::MergeTopicPolicy { topic, put: vec![statement], remove: Vec::new() });
    broken(&world, LinkName::Policy, "statement `never` of the topic's policy refuses").await;
}

#[tokio::test]
async fn a_key_lets_the_role_in_or_not() {
    let policy = |principal: Value| {
        Policy::of([json!({
            "Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*",
        })])
    };
    let root = json!({"AWS": "arn:aws:iam::123456789012:root"});
    for (principal, enabled, state) in [
        (root.clone(), true, LinkState::Ok),
        (json!({"Service": "events.amazonaws.com"}), true, LinkState::Broken),
        (root, false, LinkState::Broken),
    ] {
        let world = World::new(Some("alias/notify")).await;
        let aliases = ["alias/notify".to_owned()].into();
        let local = LocalKey { aliases, enabled, policy: policy(principal.clone()) };
        world.cloud.put_key(&region(), "k", local);
        let proof = world.proof().await;
        let found = link(&proof, LinkName::Key);
        assert_eq!(found.state, state, "{principal}: {found:?}");
    }
}
