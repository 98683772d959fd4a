//! `test`.

use super::Ended;
use crate::args::Global;
use crate::failure::Failure;

/// Runs the tests of the file, offline
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _global: &Global) -> Ended {
    Err(Failure::new("not built yet", "wait for the next commit"))
}
