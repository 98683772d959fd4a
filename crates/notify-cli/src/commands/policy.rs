//! `policy`: the least that the program needs to be allowed.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, Failure};
use crate::{print, spec_file};

/// Prints the IAM policy that `setup`, `status` and `destroy` need for this file
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Allows to read past metrics, too, which `backtest` and `digest` do
    #[arg(long)]
    metrics: bool,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let (spec, _) = spec_file::read(global.config.as_deref())?.checked()?;
    let mut policy = notify_core::iam::policy(&spec, None);
    if let (true, Some(list)) = (args.metrics, policy["Statement"].as_array_mut()) {
        list.push(notify_core::iam::reads_metrics());
    }
    let text = serde_json::to_string_pretty(&policy)
        .map_err(|error| Failure::from_error("the policy cannot be printed", &error))?;
    print::out(&text);
    Ok(DONE)
}
