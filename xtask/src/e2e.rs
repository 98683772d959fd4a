//! `cargo xtask e2e`: the tests that need an AWS API.

use crate::cargo::{cargo, test};
use crate::server::Server;
use crate::{Failure, house};

/// What the tests run against.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Uses the account of the ambient AWS configuration, and removes what was made there.
    #[arg(long, requires = "account")]
    sandbox: bool,
    /// The sandbox's account; with any other, nothing is done.
    #[arg(long, value_name = "ID", requires = "sandbox", value_parser = account)]
    account: Option<String>,
    /// Leaves in the sandbox what was made.
    #[arg(long, requires = "sandbox")]
    keep: bool,
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account id is twelve digits".to_owned())
    }
}

/// Runs them.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    crate::test::build()?;
    match &args.account {
        Some(account) => sandbox(account, args.keep),
        None => local(),
    }
}

fn local() -> Result<(), Failure> {
    let server = Server::start()?;
    let counts = crate::test::run_tests(&server, &["--test", "server"])?;
    drop(server);
    counts.close()
}

/// The test itself asks whose account it is before it does anything.
fn sandbox(account: &str, keep: bool) -> Result<(), Failure> {
    let mut command = cargo();
    command
        .args(["test", "--workspace", "--test", "sandbox"])
        .args(["--features", "notify-tests/sandbox", "--", "--nocapture"])
        .env("NOTIFY_SANDBOX_ACCOUNT", account)
        .env("NOTIFY_TEST_BIN_DIR", house::target().join("debug"));
    if keep {
        command.env("NOTIFY_SANDBOX_KEEP", "true");
    }
    test(&mut command)?.close()
}
