//! The brief's scenario in a real account, through the real program.
//!
//! Only `cargo xtask e2e --sandbox --account ID` runs this. It asks whose account it is before
//! anything else, works in a stack of its own name, and removes that stack whatever happens.

use notify_aws::{AwsProvider, Connection};
use notify_core::provider::Provider;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The stack; it is removed at the end of its life.
struct Stack {
    file: PathBuf,
    keep: bool,
}

impl Drop for Stack {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        let status = command(&self.file, &["destroy", "--yes"]).status();
        let gone = status.is_ok_and(|status| status.success());
        assert!(gone || std::thread::panicking(), "the stack could not be removed");
    }
}

fn command(file: &Path, words: &[&str]) -> Command {
    let folder = std::env::var_os("NOTIFY_TEST_BIN_DIR").map(PathBuf::from);
    let program = folder.expect("NOTIFY_TEST_BIN_DIR: run `cargo xtask e2e --sandbox`");
    let mut command = Command::new(program.join("notify-cli"));
    command.args(words).arg("--config").arg(file);
    command
}

fn expect(file: &Path, words: &[&str], code: i32) {
    let status = command(file, words).status().expect("the program starts");
    assert_eq!(status.code(), Some(code), "{words:?}");
}

/// The brief's rule and alarms. Nobody is subscribed: a test mails nobody.
fn text(stack: &str, threshold: u32) -> String {
    format!(
        r#"stack = "{stack}"
language = "ja"

[topic]
name = "{stack}"
display_name = "AWS Config"

[[events]]
name = "{stack}"
description = "Config rules that turned non-compliant"
preset = "config-compliance"
config_rules = ["restricted-ssh"]

[[alarms]]
name = "{stack}"
preset = "waf-blocked"
web_acl = "waf-base-001"
rules = ["AWS-AWSManagedRulesCommonRuleSet", "{stack}"]
threshold = {threshold}
"#
    )
}

#[tokio::test]
async fn the_brief_in_a_real_account() {
    let wanted = std::env::var("NOTIFY_SANDBOX_ACCOUNT").expect("NOTIFY_SANDBOX_ACCOUNT");
    let aws = AwsProvider::connect(Connection::default()).await.expect("a configuration");
    let identity = aws.identity().await.expect("an identity");
    assert_eq!(identity.account.as_str(), wanted, "these are credentials of another account");

    let stack = format!("notify-e2e-{}", std::process::id());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notify.toml");
    std::fs::write(&file, text(&stack, 1)).expect("a file");
    let keep = std::env::var_os("NOTIFY_SANDBOX_KEEP").is_some();
    let stack_in_life = Stack { file: file.clone(), keep };

    expect(&file, &["plan", "--detailed-exitcode"], 2);
    expect(&file, &["setup", "--yes"], 0);
    expect(&file, &["plan", "--detailed-exitcode"], 0);
    std::fs::write(&file, text(&stack, 2)).expect("a file");
    expect(&file, &["plan", "--detailed-exitcode"], 2);
    expect(&file, &["setup", "--yes"], 0);
    expect(&file, &["plan", "--detailed-exitcode"], 0);
    drop(stack_in_life);
    if !keep {
        // Everything of the file would have to be made again: nothing is left.
        expect(&file, &["plan", "--detailed-exitcode"], 2);
    }
}
