//! `man`: manual pages.

use super::Ended;
use crate::args::Cli;
use crate::failure::{DONE, Failure};
use crate::print;
use crate::spec_file::show_path;
use clap::CommandFactory;
use std::path::PathBuf;

/// Prints the manual page, or writes one for each command into a folder
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Ended {
    match &args.out {
        Some(folder) => {
            let made = std::fs::create_dir_all(folder);
            made.and_then(|()| clap_mangen::generate_to(Cli::command(), folder)).map_err(
                |error| {
                    Failure::from_error(format!("{} cannot be written", show_path(folder)), &error)
                },
            )?;
        }
        None => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command())
                .render(&mut text)
                .map_err(|error| Failure::from_error("the page cannot be made", &error))?;
            print::out(String::from_utf8_lossy(&text).trim_end());
        }
    }
    Ok(DONE)
}
