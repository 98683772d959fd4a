//! `cargo xtask bench replay`: how fast events are matched, beside the quamina crate. It builds
//! `notify-bench` for speed, and aligns the tables that it prints.

use super::table::table;
use crate::cargo::{cargo, run as run_to_end};
use crate::{Failure, house};
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

/// What `notify-bench` is given.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// See `cargo xtask bench replay --help`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Measures and prints the tables.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    run_to_end(cargo().args(["build", "--release", "--package", "notify-bench"]))?;
    let mut command = Command::new(house::target().join("release/notify-bench"));
    command.arg("--data").arg(house::target().join("bench/replay")).args(&args.arguments);
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut rows = Vec::new();
    for line in BufReader::new(child.stdout.take().ok_or("no output")?).lines() {
        let line = line?;
        if line.contains('\t') {
            rows.push(line.split('\t').map(str::to_owned).collect());
        } else {
            print_rows(&mut rows);
            println!("{line}");
        }
    }
    print_rows(&mut rows);
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(format!("notify-bench: {status}").into()) }
}

/// The first is the heading.
fn print_rows(rows: &mut Vec<Vec<String>>) {
    if let Some((heading, rows)) = rows.split_first() {
        let heading: Vec<&str> = heading.iter().map(String::as_str).collect();
        print!("{}", table(&heading, rows));
    }
    rows.clear();
}
