//! Plans as data: each folder of `cases/plan` is a world, a file, and the plan that follows.
//!
//! `before.toml` is set up first, `hand.json` is done by hand (steps by region), `readers.json`
//! says what readers did, `web-acl.json` is a web ACL, `options.json` what is allowed. `plan.snap`
//! holds the plan for `spec.toml`. After it the same file asks for nothing more.

use notify_core::aws::Region;
use notify_core::aws::waf::WebAcl;
use notify_core::local::LocalCloud;
use notify_core::plan::{self, Options, Plan, Purpose, Request, Step};
use notify_core::provider;
use notify_core::spec::{self, Format, Spec};
use notify_core::state::{Kind, SubscriptionStatus};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Allowed {
    destroy: bool,
    adopt: BTreeSet<(Kind, String)>,
    resubscribe: BTreeSet<String>,
    prune_subscriptions: bool,
    allow_deletes: bool,
    only: Option<Region>,
    now: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Deed {
    region: Region,
    step: Step,
}

#[test]
fn each_world_and_file_give_their_plan() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    insta::glob!("../cases/plan", "*/spec.toml", |path| {
        let folder = path.parent().expect("a folder");
        settings.set_snapshot_path(folder);
        settings.set_snapshot_suffix("");
        settings.bind(|| insta::assert_snapshot!("plan", case(folder)));
    });
}

fn case(folder: &Path) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let acl =
            read(folder, "web-acl.json").map(|text| WebAcl::from_json(&text).expect("an ACL"));
        let cloud = LocalCloud::default().with_web_acls(acl.into_iter().collect());
        if let Some(before) = read(folder, "before.toml") {
            let plan =
                prepare(&cloud, &spec_of(&before), Allowed::default()).await.expect("a plan");
            assert!(run(&cloud, &plan).await, "before.toml is set up");
        }
        let hand: Vec<Deed> = parse(folder, "hand.json");
        for deed in hand {
            cloud.call(&deed.region, &deed.step).expect("done by hand");
        }
        let readers: BTreeMap<String, SubscriptionStatus> = parse(folder, "readers.json");
        for (endpoint, status) in readers {
            assert_ne!(cloud.reader(&endpoint, status), 0, "{endpoint} is subscribed");
        }
        let spec = spec_of(&read(folder, "spec.toml").expect("a spec"));
        let plan = match prepare(&cloud, &spec, parse(folder, "options.json")).await {
            Ok(plan) => plan,
            Err(error) => return format!("error: {error}\n"),
        };
        let text = show(&plan);
        if plan.blocked.is_empty() && plan.refusal.is_none() {
            assert!(run(&cloud, &plan).await, "the plan runs");
            let mut again: Allowed = parse(folder, "options.json");
            again.resubscribe.clear();
            let again = prepare(&cloud, &spec, again).await.expect("a plan");
            assert!(again.is_empty(), "nothing is left to do: {}", show(&again));
        }
        text
    })
}

async fn prepare(
    cloud: &LocalCloud,
    spec: &Spec,
    allowed: Allowed,
) -> Result<Plan, plan::PrepareError> {
    let Allowed { destroy, adopt, resubscribe, prune_subscriptions, allow_deletes, only, now } =
        allowed;
    let now = now.map_or(jiff::Timestamp::UNIX_EPOCH, |now| now.parse().expect("a time"));
    let request = Request {
        purpose: if destroy { Purpose::Destroy } else { Purpose::Setup },
        options: Options { adopt, resubscribe, prune_subscriptions, allow_deletes, only, now },
        default_region: Some(Region::us_east_1()),
        thorough: destroy,
    };
    plan::prepare(cloud, spec, &request).await
}

async fn run(cloud: &LocalCloud, plan: &Plan) -> bool {
    provider::apply(cloud, plan, || false, |_| {}).await.is_complete()
}

fn spec_of(text: &str) -> Spec {
    let parsed = spec::parse(text, Format::Toml);
    parsed.spec.unwrap_or_else(|| panic!("a good file: {:?}", parsed.findings))
}

fn read(folder: &Path, name: &str) -> Option<String> {
    std::fs::read_to_string(folder.join(name)).ok()
}

fn parse<T: Default + for<'de> Deserialize<'de>>(folder: &Path, name: &str) -> T {
    read(folder, name).map_or_else(T::default, |text| {
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
    })
}

fn show(plan: &Plan) -> String {
    let mut out = String::new();
    for stage in &plan.stages {
        let _ = writeln!(out, "stage {:?}", stage.name);
        for change in &stage.changes {
            let _ = writeln!(out, "  {} {}: {}", change.action.as_str(), change.key, change.reason);
            for field in &change.fields {
                let value = |v: &Option<serde_json::Value>| {
                    v.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)
                };
                let _ = writeln!(
                    out,
                    "    {}: {} → {}",
                    field.path,
                    value(&field.old),
                    value(&field.new)
                );
            }
            for step in &change.steps {
                let text = serde_json::to_value(step).expect("a step is JSON");
                let name = text.as_object().and_then(|step| step.keys().next().cloned());
                let _ = writeln!(out, "    > {}", name.unwrap_or_default());
            }
        }
    }
    for blocked in &plan.blocked {
        let _ = writeln!(out, "blocked {}: {} ({})", blocked.key, blocked.reason, blocked.help);
    }
    for note in &plan.notes {
        let _ = writeln!(out, "note {:?}: {}", note.kind, note.text);
    }
    if let Some(refusal) = &plan.refusal {
        let _ = writeln!(out, "refused: {refusal}");
    }
    let _ = writeln!(out, "unchanged {}, ${:.2} a month", plan.unchanged, plan.cost.monthly_usd);
    out
}
