//! `notify-cli`: tells people when something is wrong in their AWS account.

mod args;
mod cases;
mod commands;
mod failure;
mod files;
mod input;
mod interrupt;
mod local;
mod print;
mod progress;
mod read_back;
mod show;
mod spec_file;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run()
}
