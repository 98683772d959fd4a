//! `destroy`: removes what is ours and nothing else.

use super::run_plan::Run;
use super::{Ended, plan, run_plan};
use crate::args::{Allowed, Global};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::read_back::Asked;
use crate::spec_file;
use crate::world::World;
use notify_core::plan::{Purpose, Survey, survey};

/// Removes what is ours and nothing else: what was adopted, and what others use, stays
///
/// With --region it removes what is in that region, also in one that the file no longer names.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Ends subscriptions of the topic that the file does not name, too
    #[arg(long)]
    prune_subscriptions: bool,
    /// Asks nothing
    #[arg(long, short, visible_alias = "auto-approve")]
    yes: bool,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    let interrupt = &Interrupt::watch();
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let mut world = World::open(global, &folder).await?;
    let allowed = Allowed {
        adopt: Vec::new(),
        resubscribe: Vec::new(),
        prune_subscriptions: args.prune_subscriptions,
        allow_deletes: true,
    };
    let request = plan::request(Purpose::Destroy, &allowed, global, &world);
    let survey = survey(&world, &spec, &request).await.map_err(Failure::before_any_change)?;
    let Survey { plan, observed: _, desired } = survey;
    let asked = Some(Asked { spec: &spec, request: &request, desired: &desired });
    let question = "Remove all of this?";
    let run = Run { plan: &plan, asked, question, yes: args.yes, interrupt, spec: None };
    run_plan::run(&run, &mut world, global).await
}
