//! `plan`: shows what would change.

use super::Ended;
use crate::args::{Allowed, Global};
use crate::failure::{DONE, ERROR, Failure, PENDING};
use crate::input;
use crate::spec_file::show_path;
use crate::world::World;
use crate::{print, show, spec_file};
use jiff::Timestamp;
use notify_core::aws::publish::Service;
use notify_core::plan::{self, Options, Plan, Purpose, Request};
use notify_core::proof::check_keys;
use notify_core::spec::Spec;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Shows what would change, why, and what it would cost a month; changes nothing
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    allowed: Allowed,
    /// Saves the plan: `setup FILE` runs exactly this one
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exits with 2 when something would change
    #[arg(long, visible_alias = "exit-code")]
    detailed_exitcode: bool,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let world = World::open(global, &folder).await?;
    let request = request(Purpose::Setup, &args.allowed, global, &world);
    let plan = prepare(&world, &spec, &request).await?;
    if let Some(path) = &args.out {
        save(&plan, path)?;
    }
    if global.json {
        print::out(&print::json(&show::json::plan(&plan)));
    } else {
        print::out(&show::plan::human(&plan, world.label(), global.verbose));
    }
    if !plan.blocked.is_empty() {
        return Ok(ERROR);
    }
    Ok(if args.detailed_exitcode && !plan.is_empty() { PENDING } else { DONE })
}

/// What the options ask for.
pub(super) fn request(
    purpose: Purpose,
    allowed: &Allowed,
    global: &Global,
    world: &World,
) -> Request {
    let Allowed { adopt, resubscribe, prune_subscriptions, allow_deletes } = allowed;
    let options = Options {
        adopt: adopt.iter().cloned().collect(),
        resubscribe: resubscribe.iter().cloned().collect(),
        prune_subscriptions: *prune_subscriptions,
        allow_deletes: *allow_deletes,
        only: global.region.clone(),
        now: Timestamp::now(),
    };
    let base = match purpose {
        Purpose::Setup => Request::setup(world.default_region()),
        Purpose::Destroy => Request::destroy(world.default_region()),
    };
    Request { options, ..base }
}

/// Plans.
pub(super) async fn prepare(
    world: &World,
    spec: &Spec,
    request: &Request,
) -> Result<Plan, Failure> {
    let mut plan = plan::prepare(world, spec, request).await?;
    if request.purpose == Purpose::Setup {
        with_keys(world, spec, &mut plan).await;
    }
    Ok(plan)
}

/// Blocks what a key would surely silence, and says of which key it is not known.
pub(super) async fn with_keys(world: &World, spec: &Spec, plan: &mut Plan) {
    let events = (!spec.events.is_empty()).then_some(Service::Events);
    let alarms = (!spec.alarms.is_empty()).then_some(Service::CloudWatch);
    let publishers: Vec<Service> = events.into_iter().chain(alarms).collect();
    check_keys(world, plan, &publishers).await;
}

/// Saves a plan in one step, so that no half of one is ever run.
fn save(plan: &Plan, path: &Path) -> Result<(), Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::from_error(format!("{} cannot be written", show_path(path)), error)
    };
    if path.exists() && load(path).is_err() {
        return Err(Failure::new(
            format!("{} exists and is not a saved plan; it was not overwritten", show_path(path)),
            "give --out another name",
        ));
    }
    let text = serde_json::to_string_pretty(plan).map_err(|error| failed(&error))?;
    let mut file = input::beside(path)?;
    file.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// The largest saved plan: one of 5,000 alarms has ten megabytes.
const LARGEST: u64 = 256 << 20;

/// Reads a saved plan.
pub(super) fn load(path: &Path) -> Result<Plan, Failure> {
    let failed = |error: &dyn std::error::Error| {
        let mut failure =
            Failure::from_error(format!("{} is not a saved plan", show_path(path)), error);
        failure.help = Some(
            "save one with `notify-cli plan --out FILE`; a spec file is named with --config"
                .to_owned(),
        );
        failure
    };
    let bytes = std::fs::File::open(path).and_then(|file| input::at_most(file, LARGEST));
    let text = bytes.map_err(|error| failed(&error))?;
    let text = String::from_utf8(text).map_err(|error| failed(&error))?;
    let version: serde_json::Value = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    let found = version.get("version").and_then(serde_json::Value::as_u64);
    if found.is_some_and(|found| found != u64::from(plan::PLAN_VERSION)) {
        return Err(Failure::new(
            format!("{} was saved by another version of notify-cli", show_path(path)),
            "plan again with this version",
        ));
    }
    let plan: Plan = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    if let Some(change) = plan.unsound() {
        return Err(Failure::new(
            format!(
                "{}: what it does to {} {} is not what it says",
                show_path(path),
                change.key.kind,
                change.key.name
            ),
            "the file was edited: plan again",
        ));
    }
    Ok(plan)
}
