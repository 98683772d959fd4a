//! `unmute`: ends mutes at once.

use super::Ended;
use super::mute::{Carried, Which, carry_out, refused};
use crate::args::Global;
use crate::failure::DONE;
use crate::world::World;
use crate::{print, spec_file};
use jiff::Timestamp;
use notify_core::plan::mute::unmute;

/// Ends mutes at once, so that people are told again; asks nothing
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let mut world = World::open(global, &folder).await?;
    let request = args.which.request(global, &world, Timestamp::now());
    let plan = unmute(&world, &spec, &request).await.map_err(refused)?;
    let said = match carry_out(&plan, &mut world, global, None).await? {
        Carried::Nothing => "Nothing is muted.",
        Carried::All => "Muted no more.",
        Carried::Ended(code) => return Ok(code),
    };
    if !global.json {
        print::out(&format!("\n{said}"));
    }
    Ok(DONE)
}
