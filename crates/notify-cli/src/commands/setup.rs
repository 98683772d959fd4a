//! `setup`: makes AWS equal to the file.

use super::run_plan::Run;
use super::{Ended, plan, run_plan};
use crate::args::{Allowed, Global};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::read_back::Asked;
use crate::spec_file;
use crate::world::World;
use notify_core::plan::{Purpose, Survey, survey};
use std::path::{Path, PathBuf};

/// Makes AWS equal to the file: shows the plan, asks, carries it out, says what is left to do
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A plan that `plan --out` saved; refused when the world has moved since
    #[arg(value_name = "PLANFILE")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    allowed: Allowed,
    /// Asks nothing
    #[arg(long, short, visible_alias = "auto-approve")]
    yes: bool,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    const QUESTION: &str = "Carry this out?";
    let interrupt = &Interrupt::watch();
    if let Some(path) = &args.plan {
        let saved = plan::load(path)?;
        if global.region.is_some() || args.allowed.any() {
            return Err(Failure::new(
                "a saved plan is run as it is; nothing was changed",
                "give --region, --adopt and the like to `plan --out` instead",
            ));
        }
        // The local account lies beside the spec file, which a plan does not name.
        let file = spec_file::read(global.config.as_deref()).ok();
        let folder = match (&global.config, &file) {
            (Some(config), _) => config.parent().map(Path::to_owned).unwrap_or_default(),
            (None, file) => file.as_ref().map(spec_file::SpecFile::folder).unwrap_or_default(),
        };
        let spec = file.and_then(|file| file.spec);
        let mut world = World::open(global, &folder).await?;
        run_plan::unmoved(&world, &saved).await?;
        let (plan, yes, spec) = (&saved, args.yes, spec.as_ref());
        let run = Run { plan, asked: None, question: QUESTION, yes, interrupt, spec };
        return run_plan::run(&run, &mut world, global).await;
    }
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let mut world = World::open(global, &folder).await?;
    let request = plan::request(Purpose::Setup, &args.allowed, global, &world);
    let survey = survey(&world, &spec, &request).await.map_err(Failure::before_any_change)?;
    let Survey { mut plan, observed: _, desired } = survey;
    plan::with_keys(&world, &spec, &mut plan).await;
    let asked = Some(Asked { spec: &spec, request: &request, desired: &desired });
    let (plan, yes, spec) = (&plan, args.yes, Some(&spec));
    let run = Run { plan, asked, question: QUESTION, yes, interrupt, spec };
    run_plan::run(&run, &mut world, global).await
}
