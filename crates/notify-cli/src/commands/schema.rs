//! `schema`: for editors.

use super::Ended;
use crate::failure::DONE;
use crate::print;

/// Prints the JSON Schema of the spec file, for editors
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

#[expect(clippy::unnecessary_wraps, reason = "every command ends in the same way")]
pub(crate) fn run(_: &Args) -> Ended {
    print::out(notify_core::spec::schema().trim_end());
    Ok(DONE)
}
