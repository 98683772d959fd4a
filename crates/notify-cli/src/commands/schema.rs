//! `schema`: for editors.

use super::Ended;
use crate::failure::DONE;
use crate::print;

/// Prints the JSON Schema of the spec file, for editors
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Ended {
    print::out(notify_core::spec::schema().trim_end());
    Ok(DONE)
}
