//! Reads with boto3 what an account holds: an opinion that is not our own.

use super::account::endpoint;
use super::program::root;
use serde_json::Value;
use std::process::Command;

/// Runs one of `tests/e2e`'s scripts in an account.
pub(crate) fn python(account: &str, script: &str, words: &[&str]) -> String {
    let python = std::env::var_os("NOTIFY_TEST_PYTHON");
    let output = Command::new(python.expect("NOTIFY_TEST_PYTHON: run `cargo xtask test`"))
        .arg(root().join("tests/e2e").join(script))
        .args(words)
        .env("AWS_ACCESS_KEY_ID", account)
        .env("AWS_ENDPOINT_URL", endpoint())
        .output()
        .expect("python runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {err}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// All topics, queues, state machines, roles, rules and alarms of an account in one region.
pub(crate) fn read_back(account: &str, region: &str) -> Value {
    let text = python(account, "read_back.py", &[region]);
    let mut found: Value = serde_json::from_str(&text).expect("JSON");
    found[region].take()
}

/// The list of a kind in what was read.
pub(crate) fn list<'a>(found: &'a Value, kind: &str) -> &'a [Value] {
    found[kind].as_array().expect("a list")
}

/// Asserts that an account holds nothing.
pub(crate) fn assert_empty(account: &str, region: &str) {
    let found = read_back(account, region);
    for kind in ["topics", "queues", "machines", "roles", "rules", "alarms"] {
        assert!(list(&found, kind).is_empty(), "{}", found[kind]);
    }
}
