//! How a plan is run: side by side but not too much, in order, and to a stop.

use notify_core::aws::waf::WebAcl;
use notify_core::aws::{Identity, Tags};
use notify_core::local::LocalCloud;
use notify_core::plan::{self, Change, Options, Plan, Request};
use notify_core::provider::{
    self, AT_A_TIME, Done, ErrorClass, Outcome, Provider, ProviderError, Report,
};
use notify_core::spec::{self, Format, Spec};
use notify_core::state::{Kind, ResourceKey, Scope, State, WebAclQuery};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Watches what is carried out, and refuses what it is told to.
struct Watched {
    cloud: LocalCloud,
    refuse: Option<Kind>,
    waf: Option<ErrorClass>,
    /// Where topics cannot be deleted.
    locked: Option<&'static str>,
    running: AtomicUsize,
    most: AtomicUsize,
    batches: Mutex<Vec<usize>>,
}

impl Watched {
    fn new(cloud: LocalCloud, refuse: Option<Kind>) -> Self {
        let zero = || AtomicUsize::new(0);
        Self {
            cloud,
            refuse,
            waf: None,
            locked: None,
            running: zero(),
            most: zero(),
            batches: Mutex::default(),
        }
    }
}

impl Provider for Watched {
    async fn identity(&self) -> Result<Identity, ProviderError> {
        self.cloud.identity().await
    }

    async fn web_acl(&self, query: &WebAclQuery) -> Result<WebAcl, ProviderError> {
        match self.waf {
            Some(class) => Err(ProviderError::new(class, "wafv2:GetWebACL", "acl", "")),
            None => self.cloud.web_acl(query).await,
        }
    }

    async fn observe(&self, scope: &Scope) -> Result<State, ProviderError> {
        self.cloud.observe(scope).await
    }

    async fn roles(&self, scope: &Scope) -> Result<State, ProviderError> {
        self.cloud.roles(scope).await
    }

    async fn mutes(&self, scope: &Scope) -> Result<State, ProviderError> {
        self.cloud.mutes(scope).await
    }

    async fn owners(
        &self,
        keys: &[ResourceKey],
    ) -> Result<BTreeMap<ResourceKey, Tags>, ProviderError> {
        self.cloud.owners(keys).await
    }

    async fn execute(&self, batch: &[&Change]) -> Vec<Result<Done, ProviderError>> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        self.batches.lock().expect("a lock").push(batch.len());
        tokio::task::yield_now().await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        let locked = |change: &&Change| {
            let region = change.key.region().map(notify_core::aws::Region::as_str);
            change.key.kind == Kind::Topic && self.locked.is_some() && region == self.locked
        };
        if batch.iter().any(|change| self.refuse == Some(change.key.kind) || locked(change)) {
            let refuse = |_| Err(ProviderError::new(ErrorClass::AccessDenied, "x:Y", "z", ""));
            return batch.iter().map(refuse).collect();
        }
        self.cloud.execute(batch).await
    }
}

fn alarms(count: usize) -> Spec {
    let rules: Vec<String> = (0..count).map(|at| format!("rule-{at}")).collect();
    let rules = if rules.is_empty() {
        String::new()
    } else {
        format!(
            "[[alarms]]\nname = \"waf\"\npreset = \"waf-blocked\"\nweb_acl = \"acl\"\nrules = {rules:?}\n"
        )
    };
    let text = format!(
        "stack = \"s\"\nregions = [\"eu-west-1\"]\n[topic]\nname = \"t\"\n[[subscriptions]]\n\
         protocol = \"email\"\nendpoint = \"ops@example.com\"\n[[events]]\nname = \"e\"\n\
         preset = \"config-compliance\"\n{rules}"
    );
    spec::parse(&text, Format::Toml).spec.expect("a good file")
}

async fn planned(cloud: &LocalCloud, spec: &Spec) -> Plan {
    let options = Options { allow_deletes: true, ..Options::default() };
    let request = Request { options, ..Request::setup(None) };
    plan::prepare(cloud, spec, &request).await.expect("a plan")
}

async fn run(watched: &Watched, plan: &Plan) -> Report {
    provider::apply(watched, plan, || false, |_| {}).await
}

#[tokio::test]
async fn changes_run_side_by_side_up_to_the_limit() {
    let watched = Watched::new(LocalCloud::default(), None);
    let plan = planned(&watched.cloud, &alarms(100)).await;
    assert!(run(&watched, &plan).await.is_complete());
    assert_eq!(watched.most.load(Ordering::SeqCst), AT_A_TIME);
}

#[tokio::test]
async fn alarms_are_deleted_a_hundred_to_a_call() {
    let watched = Watched::new(LocalCloud::default(), None);
    let plan = planned(&watched.cloud, &alarms(250)).await;
    assert!(run(&watched, &plan).await.is_complete());
    watched.batches.lock().expect("a lock").clear();
    let plan = planned(&watched.cloud, &alarms(0)).await;
    assert!(run(&watched, &plan).await.is_complete());
    let mut sizes = watched.batches.lock().expect("a lock").clone();
    sizes.sort_unstable();
    assert_eq!(sizes, [50, 100, 100]);
}

#[tokio::test]
async fn what_needs_a_failed_change_is_skipped_and_the_rest_goes_on() {
    let watched = Watched::new(LocalCloud::default(), Some(Kind::Rule));
    let plan = planned(&watched.cloud, &alarms(1)).await;
    let report = run(&watched, &plan).await;
    let of = |kind: Kind| {
        let applied = report.applied.iter().find(|a| a.key.kind == kind).expect("a change");
        &applied.outcome
    };
    assert!(matches!(of(Kind::Rule), Outcome::Failed(e) if e.class == ErrorClass::AccessDenied));
    assert!(matches!(of(Kind::Target), Outcome::Skipped(why) if why.contains("rule e")));
    assert!(matches!(of(Kind::Alarm), Outcome::Done));
    assert!(matches!(of(Kind::Subscription), Outcome::AwaitsConfirmation));
    assert!(!report.is_complete());
}

#[tokio::test]
async fn an_old_topic_stays_while_the_new_one_is_not_whole() {
    let cloud = LocalCloud::default();
    let first = planned(&cloud, &alarms(1)).await;
    assert!(provider::apply(&cloud, &first, || false, |_| {}).await.is_complete());
    let mut renamed = alarms(1);
    renamed.topic.name = notify_core::aws::TopicName::parse("new").expect("a name");
    let plan = planned(&cloud, &renamed).await;
    let watched = Watched::new(cloud, Some(Kind::Subscription));
    run(&watched, &plan).await;
    let cloud = watched.cloud.cloud();
    let place = cloud.regions.values().next().expect("a region");
    assert!(place.topics.contains_key("t") && place.topics.contains_key("new"));
}

#[tokio::test]
async fn a_stop_lets_what_is_under_way_end_and_begins_nothing() {
    let watched = Watched::new(LocalCloud::default(), None);
    let plan = planned(&watched.cloud, &alarms(100)).await;
    let ended = AtomicUsize::new(0);
    let stop = || ended.load(Ordering::SeqCst) >= 20;
    let report = provider::apply(&watched, &plan, stop, |applied| {
        if matches!(applied.outcome, Outcome::Done | Outcome::AwaitsConfirmation) {
            ended.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let done = ended.load(Ordering::SeqCst);
    assert!((20..=20 + AT_A_TIME).contains(&done), "{done}");
    let changes = plan.changes().count();
    assert_eq!(report.applied.len(), changes, "every change is accounted for");
    let made: usize = watched.cloud.cloud().regions.values().map(|place| place.alarms.len()).sum();
    let alarms_done = report
        .applied
        .iter()
        .filter(|a| a.key.kind == Kind::Alarm && matches!(a.outcome, Outcome::Done));
    assert_eq!(alarms_done.count(), made, "the report says what happened");
}

const ALL_RULES: &str = "stack = \"s\"\nregions = [\"eu-west-1\"]\n[topic]\nname = \"t\"\n[[alarms]]\n\
    name = \"waf\"\npreset = \"waf-blocked\"\nweb_acl = \"acl\"\nrules = \"all\"\n[[alarms]]\n\
    name = \"errors\"\nnamespace = \"AWS/Lambda\"\nmetric = \"Errors\"\nthreshold = 1\n";

const WEB_ACL: &str = r#"{"Name": "acl", "VisibilityConfig": {"MetricName": "acl"}, "Rules": [
    {"Name": "r", "Action": {"Block": {}}, "VisibilityConfig": {"MetricName": "r"}}]}"#;

#[tokio::test]
async fn a_run_that_cannot_ask_waf_changes_no_waf_alarm() {
    let acl = WebAcl::from_json(WEB_ACL).expect("a web ACL");
    let mut watched = Watched::new(LocalCloud::default().with_web_acls(vec![acl]), None);
    let spec = |text: &str| spec::parse(text, Format::Toml).spec.expect("a good file");
    let request = Request::setup(None);
    let plan = plan::prepare(&watched, &spec(ALL_RULES), &request).await.expect("a plan");
    assert!(run(&watched, &plan).await.is_complete());

    watched.waf = Some(ErrorClass::AccessDenied);
    // Everything about the alarms changes, and the topic has a new name.
    let edited = ALL_RULES.replace("\"t\"", "\"new\"").replace("\"waf\"", "\"other\"");
    let plan = plan::prepare(&watched, &spec(&edited), &request).await.expect("a plan");
    assert_eq!(plan.holds.len(), 1);
    assert!(run(&watched, &plan).await.is_complete());
    let cloud = watched.cloud.cloud();
    let place = cloud.regions.values().next().expect("a region");
    assert_eq!(place.alarms.keys().collect::<Vec<_>>(), ["errors", "waf-r"]);
    assert!(place.topics.contains_key("t"), "the alarm that stays still has its topic");
    assert!(place.topics["t"].tags.contains_key("notify:stack"), "and the next run finds it");

    watched.waf = None;
    let plan = plan::prepare(&watched, &spec(&edited), &request).await.expect("a plan");
    assert!(run(&watched, &plan).await.is_complete());
    let cloud = watched.cloud.cloud();
    let place = cloud.regions.values().next().expect("a region");
    assert_eq!(place.alarms.keys().collect::<Vec<_>>(), ["errors", "other-r"]);
    assert_eq!(place.topics.keys().collect::<Vec<_>>(), ["new"]);

    watched.waf = Some(ErrorClass::NotFound);
    let error = plan::prepare(&watched, &spec(&edited), &request).await;
    assert!(error.is_err(), "a web ACL that does not exist is a mistake in the file");
}

#[tokio::test]
async fn a_plan_is_stale_once_somebody_uses_what_it_deletes() {
    let cloud = LocalCloud::default();
    let first = planned(&cloud, &alarms(1)).await;
    assert!(provider::apply(&cloud, &first, || false, |_| {}).await.is_complete());
    let gone = plan::prepare(&cloud, &alarms(1), &Request::destroy(None)).await.expect("a plan");
    assert_eq!(plan::recheck(&cloud, &gone).await.expect("an account"), []);
    let region = notify_core::aws::Region::parse("eu-west-1").expect("a region");
    let topic = gone.changes().find(|c| c.key.kind == Kind::Topic).expect("a topic").key.clone();
    let subscribe = plan::Step::Subscribe {
        topic,
        protocol: notify_core::aws::Protocol::Sqs,
        endpoint: "arn:aws:sqs:eu-west-1:123456789012:theirs".to_owned(),
        filter: None,
    };
    cloud.call(&region, &subscribe).expect("done by hand");
    let moved = plan::recheck(&cloud, &gone).await.expect("an account");
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert!(moved[0].key.name.contains("theirs"));
}

#[tokio::test]
async fn a_destroy_that_fails_in_a_dropped_region_can_be_repeated() {
    let mut watched = Watched::new(LocalCloud::default(), None);
    let mut spec = alarms(1);
    let region = |name| notify_core::aws::Region::parse(name).expect("a region");
    spec.regions.push(region("us-east-1"));
    let plan = planned(&watched.cloud, &spec).await;
    assert!(run(&watched, &plan).await.is_complete());

    spec.regions.pop();
    watched.locked = Some("us-east-1");
    let request = Request::destroy(None);
    let gone = plan::prepare(&watched.cloud, &spec, &request).await.expect("a plan");
    assert!(!run(&watched, &gone).await.is_complete());

    watched.locked = None;
    let gone = plan::prepare(&watched.cloud, &spec, &request).await.expect("a plan");
    assert!(run(&watched, &gone).await.is_complete());
    assert!(watched.cloud.cloud().regions.is_empty(), "nothing is left in any region");
}
