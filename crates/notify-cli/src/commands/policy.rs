//! `policy`: the least that the program needs to be allowed.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, Failure};
use crate::{print, spec_file};
use notify_core::iam;

/// Prints the IAM policy that `setup`, `status` and `destroy` need for this file
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Allows to read past metrics, too, which `backtest` and `digest` do
    #[arg(long)]
    metrics: bool,
    /// Allows to publish to the topic, too, which `digest --publish` does
    #[arg(long)]
    publish: bool,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let (spec, _) = spec_file::read(global.config.as_deref())?.checked()?;
    let mut policy = iam::policy(&spec, None);
    if let Some(list) = policy["Statement"].as_array_mut() {
        if args.metrics {
            list.push(iam::reads_metrics());
        }
        if args.publish {
            list.extend(iam::publishes(&spec, None));
        }
    }
    let text = serde_json::to_string_pretty(&policy)
        .map_err(|error| Failure::from_error("the policy cannot be printed", &error))?;
    print::out(&text);
    Ok(DONE)
}
