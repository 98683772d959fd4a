//! What can be typed.

use crate::commands::{
    backtest, baseline, completions, confirm, destroy, digest, emit, evaluate, init, man, matching,
    mute, plan, policy, presets, preview, render, replay, schema, send, setup, status, test, unmute,
    validate, wait,
};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use notify_core::aws::Region;
use notify_core::state::Kind;
use std::path::PathBuf;

/// Tells people, in words they can read, when something is wrong in their AWS account.
///
/// One file says who is told of what: AWS Config rules that turn non-compliant, what AWS WAF
/// blocks, any other event or metric. `setup` makes AWS equal to the file.
#[derive(Debug, Parser)]
#[command(name = "notify-cli", version, max_term_width = 100, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The spec file [default: notify.toml here or in a folder above, up to the repository's root]
    // An empty NOTIFY_CONFIG is as good as none, so it must get through.
    #[arg(long, global = true, value_name = "FILE", env = "NOTIFY_CONFIG",
        value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub(crate) config: Option<PathBuf>,
    /// Works in this region alone; without `regions` in the file: the region
    #[arg(long, global = true, value_parser = region)]
    pub(crate) region: Option<Region>,
    /// A profile of the AWS configuration
    #[arg(long, global = true)]
    pub(crate) profile: Option<String>,
    /// Another address for all AWS services, such as a local API server
    #[arg(long, global = true, value_name = "URL", value_parser = url)]
    pub(crate) endpoint_url: Option<String>,
    /// So many seconds for one attempt at a call to AWS, instead of 20; three attempts are made.
    /// Hidden: it is for tests, and for networks that are slower than any should be
    #[arg(long, global = true, hide = true, value_name = "SECONDS", env = "NOTIFY_PATIENCE",
        value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) patience: Option<u16>,
    /// Whose account: AWS, or one in memory that is kept in .notify/ beside the file
    #[arg(long, global = true, value_enum, default_value_t = ProviderName::Aws, env = "NOTIFY_PROVIDER")]
    pub(crate) provider: ProviderName,
    /// Prints one JSON document on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No colours (also: `NO_COLOR`)
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Says more
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

impl Global {
    /// What a command in a help text needs so that it works on the same account.
    pub(crate) fn on_local(&self) -> &'static str {
        match self.provider {
            ProviderName::Aws => "",
            ProviderName::Local => " --provider local",
        }
    }
}

/// Whose account is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProviderName {
    /// AWS, with the SDK's usual configuration.
    Aws,
    /// One in memory, kept beside the file: no network, no AWS configuration.
    Local,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Args),
    Validate(validate::Args),
    Plan(plan::Args),
    #[command(alias = "apply")]
    Setup(setup::Args),
    Status(status::Args),
    Destroy(destroy::Args),
    Preview(preview::Args),
    Match(matching::Args),
    Render(render::Args),
    Evaluate(evaluate::Args),
    Replay(replay::Args),
    Test(test::Args),
    Emit(emit::Args),
    Backtest(backtest::Args),
    Baseline(baseline::Args),
    Confirm(confirm::Args),
    Wait(wait::Args),
    Send(send::Args),
    Mute(mute::Args),
    Unmute(unmute::Args),
    Digest(digest::Args),
    Presets(presets::Args),
    Schema(schema::Args),
    Policy(policy::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// What may be done that is not done by itself.
#[derive(Debug, Clone, Args)]
pub(crate) struct Allowed {
    /// Takes over a resource that was not made by this stack, such as rule/NAME (repeatable)
    #[arg(long, value_name = "KIND/NAME", value_parser = adopted)]
    pub(crate) adopt: Vec<(Kind, String)>,
    /// Invites a reader again who has left or not confirmed (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) resubscribe: Vec<String>,
    /// Ends subscriptions of the topic that the file does not name
    #[arg(long)]
    pub(crate) prune_subscriptions: bool,
    /// Allows to delete more than a third of the stack
    #[arg(long)]
    pub(crate) allow_deletes: bool,
}

impl Allowed {
    /// Whether anything is allowed at all.
    pub(crate) fn any(&self) -> bool {
        let Self { adopt, resubscribe, prune_subscriptions, allow_deletes } = self;
        !adopt.is_empty() || !resubscribe.is_empty() || *prune_subscriptions || *allow_deletes
    }
}

fn region(text: &str) -> Result<Region, String> {
    Region::parse(text).map_err(|error| format!("{}: {}", error.problem, error.help))
}

fn url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(host) if !host.is_empty() && !host.starts_with('/') => Ok(text.to_owned()),
        _ => Err("write an address such as http://127.0.0.1:4566".to_owned()),
    }
}

fn adopted(text: &str) -> Result<(Kind, String), String> {
    let help = "write KIND/NAME, such as topic/config-info, queue/NAME, rule/NAME or alarm/NAME";
    let (kind, name) = text.split_once('/').ok_or(help)?;
    let kind: Kind = kind.parse().map_err(|error| format!("{error}: {help}"))?;
    match kind {
        _ if name.is_empty() => Err(help.to_owned()),
        Kind::Topic | Kind::Queue | Kind::Rule | Kind::Alarm => Ok((kind, name.to_owned())),
        Kind::Subscription | Kind::Target => Err(format!(
            "a {kind} goes with its {}: {help}",
            if kind == Kind::Target { "rule" } else { "topic" }
        )),
        Kind::Mute | Kind::Schedule | Kind::Role => {
            Err(format!("the file names no {kind}: {help}"))
        }
    }
}
