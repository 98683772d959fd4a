//! `cargo xtask fuzz`: feeds the parsers anything, for as long as it is told. Not part of CI.

use crate::cargo::{cargo, run as run_to_end};
use crate::{Failure, house};
use std::process::Command;

/// The version of cargo-fuzz that is installed where it is missing.
const CARGO_FUZZ: &str = "0.13.1";
/// What is fed; `tests/fuzz` has a function for each.
const TARGETS: [&str; 5] = ["pattern", "event", "matcher", "template", "spec"];

/// Arguments of `fuzz`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// One of pattern, event, matcher, template, spec [default: one after the other]
    target: Option<String>,
    /// For how long each is fed
    #[arg(long, default_value_t = 10)]
    minutes: u64,
}

/// Feeds the targets; what it finds lies in `target/fuzz/artifacts`.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let targets: Vec<&str> = match &args.target {
        Some(name) => vec![
            TARGETS
                .into_iter()
                .find(|target| target == name)
                .ok_or_else(|| format!("there is no target {name}: {}", TARGETS.join(", ")))?,
        ],
        None => TARGETS.to_vec(),
    };
    let tools = house::target().join("tools");
    let program = tools.join("bin/cargo-fuzz");
    let version = Command::new(&program).args(["fuzz", "--version"]).output();
    let there = version.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).trim() == format!("cargo-fuzz {CARGO_FUZZ}")
    });
    if !there {
        run_to_end(
            cargo()
                .args(["install", "cargo-fuzz", "--locked", "--force", "--version", CARGO_FUZZ])
                .arg("--root")
                .arg(&tools),
        )?;
    }
    let fuzz = house::target().join("fuzz");
    for target in targets {
        println!("== {target}: {} minutes", args.minutes);
        let found = fuzz.join("corpus").join(target);
        let artifacts = fuzz.join("artifacts").join(target);
        std::fs::create_dir_all(&found)?;
        std::fs::create_dir_all(&artifacts)?;
        run_to_end(
            Command::new(&program)
                // Instrumentation needs a nightly compiler.
                .env("RUSTUP_TOOLCHAIN", "nightly")
                .env("CARGO_TARGET_DIR", fuzz.join("build"))
                .current_dir(house::root())
                .args(["fuzz", "run", "--fuzz-dir", "tests/fuzz/targets", "--sanitizer", "none"])
                .arg(target)
                .arg(&found)
                .arg(house::root().join("tests/fuzz/corpus").join(target))
                .arg("--")
                .arg(format!("-max_total_time={}", args.minutes * 60))
                .arg(format!("-artifact_prefix={}/", artifacts.display()))
                .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]),
        )?;
    }
    Ok(())
}
