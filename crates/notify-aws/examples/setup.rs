//! Makes AWS equal to a spec file, without the command line.
//!
//! `cargo run -p notify-aws --example setup -- notify.toml`; profile, region and endpoint come
//! from the AWS configuration.

use notify_aws::{AwsProvider, Connection};
use notify_core::provider::Outcome;
use notify_core::{plan, provider, spec};
use std::error::Error;
use std::io::{Write, stdout};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut out = stdout().lock();
    let path = std::env::args().nth(1).ok_or("usage: setup FILE")?;
    let parsed = spec::parse(&std::fs::read_to_string(path)?, spec::Format::Toml);
    for finding in &parsed.findings {
        writeln!(out, "{}: {}", finding.message, finding.help)?;
    }
    let spec = parsed.spec.ok_or("the file has errors")?;

    let aws = AwsProvider::connect(Connection::default()).await?;
    let request = plan::Request::setup(aws.default_region().cloned());
    let plan = plan::prepare(&aws, &spec, &request).await?;
    for blocked in &plan.blocked {
        writeln!(out, "{}: {}: {}", blocked.key, blocked.reason, blocked.help)?;
    }
    if !plan.blocked.is_empty() || plan.refusal.is_some() {
        return Err("nothing was changed".into());
    }

    let report = provider::apply(&aws, &plan, || false, |_| {}).await;
    for done in &report.applied {
        let what = match &done.outcome {
            Outcome::Done => "done".to_owned(),
            Outcome::AwaitsConfirmation => "its reader must confirm".to_owned(),
            Outcome::Failed(error) => error.to_string(),
            Outcome::Skipped(why) => format!("skipped: {why}"),
        };
        writeln!(out, "{} {}: {what}", done.action.as_str(), done.key)?;
    }
    writeln!(out, "{} unchanged", plan.unchanged)?;
    if report.is_complete() { Ok(()) } else { Err("not all of it is done".into()) }
}
