//! `cargo xtask lint`: what needs no running program to be judged.

use crate::cargo::{cargo, run as run_to_end};
use crate::{Failure, house};
use std::path::PathBuf;
use std::process::Command;

/// The version of cargo-deny that is installed where it is missing.
const DENY: &str = "0.20.2";

/// Runs all checks; the first that fails ends it.
pub(crate) fn run() -> Result<(), Failure> {
    run_to_end(cargo().args(["fmt", "--all", "--check"]))?;
    run_to_end(
        cargo()
            .args(["clippy", "--workspace", "--all-targets"])
            .args(["--features", "notify-tests/server,notify-tests/sandbox"])
            .args(["--", "-D", "warnings"]),
    )?;
    run_to_end(
        cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    deny()
}

/// Checks licences, banned crates and sources. No advisories: they need the network.
fn deny() -> Result<(), Failure> {
    let program = install_deny()?;
    // It looks at the crates of all platforms, and may not fetch any itself.
    run_to_end(cargo().args(["fetch", "--locked"]))?;
    run_to_end(
        Command::new(program)
            .args(["--offline", "check", "licenses", "bans", "sources"])
            .current_dir(house::root()),
    )
}

fn install_deny() -> Result<PathBuf, Failure> {
    let tools = house::target().join("tools");
    let program = tools.join("bin/cargo-deny");
    let version = Command::new(&program).arg("--version").output();
    let there = version.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).trim() == format!("cargo-deny {DENY}")
    });
    if !there {
        run_to_end(
            cargo()
                .args(["install", "cargo-deny", "--locked", "--force", "--version", DENY, "--root"])
                .arg(&tools),
        )?;
    }
    Ok(program)
}
