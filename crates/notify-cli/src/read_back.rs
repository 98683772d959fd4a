//! Looks at what came of a run that changed something, once it is through.

use crate::failure::Failure;
use crate::print;
use crate::world::World;
use notify_core::plan::{self, Difference, Plan, Request};
use notify_core::spec::Spec;
use notify_core::state::Desired;
use std::time::Duration;
use tokio::time::sleep;

/// AWS may show for some seconds what was there before. So it is looked at again after these
/// before anything is said to differ.
const WAITS: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// More are counted.
const SHOWN: usize = 20;

/// What a plan was made from.
pub(crate) struct Asked<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) request: &'a Request,
    pub(crate) desired: &'a Desired,
}

/// What a look at the result found.
#[derive(Debug)]
pub(crate) enum Found {
    /// All of it is so, leftovers included.
    Proven,
    /// This is not so, also after some seconds.
    Differs(Vec<Difference>),
    /// It could not be looked at.
    Unknown(Failure),
}

/// Looks at what a plan was to make, all of whose changes are done.
pub(crate) async fn read_back(world: &World, plan: &Plan, asked: Option<&Asked<'_>>) -> Found {
    let mut waits = WAITS.iter();
    loop {
        let found = match asked {
            Some(Asked { spec, request, desired }) => {
                plan::read_back(world, spec, request, plan, desired).await
            }
            None => plan::read_back_saved(world, plan).await,
        };
        match found {
            Ok(differs) if differs.is_empty() => return Found::Proven,
            Ok(differs) => match waits.next() {
                Some(wait) => {
                    print::err("what is there is not yet what was written: looking again");
                    sleep(*wait).await;
                }
                None => return Found::Differs(differs),
            },
            Err(error) => {
                let mut failure = Failure::from(error);
                failure.message = format!(
                    "everything is done, but it could not be looked at again: {}",
                    failure.message
                );
                failure.help.get_or_insert_with(|| {
                    "`notify-cli plan` says whether anything differs".to_owned()
                });
                return Found::Unknown(failure);
            }
        }
    }
}

/// Somebody else has written, too.
pub(crate) fn differ(differs: &[Difference]) -> Failure {
    let noun = if differs.len() == 1 { "resource is" } else { "resources are" };
    let mut failure = Failure::new(
        format!("every change is done, and {} {noun} not as asked for", differs.len()),
        "somebody else changed the same things meanwhile, or AWS takes its time: run the same \
         command again",
    );
    failure.causes = differs.iter().take(SHOWN).map(ToString::to_string).collect();
    if let Some(more) = differs.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        failure.causes.push(format!("and {more} more; --json lists them"));
    }
    failure
}
