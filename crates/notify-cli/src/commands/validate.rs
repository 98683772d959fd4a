//! `validate`: checks the file offline.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, ERROR};
use crate::spec_file::{self, show_path};
use crate::{print, show};
use notify_core::spec::Level;

/// Checks the file without asking AWS: every limit, every name, every message
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Takes warnings for errors
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let file = spec_file::read(global.config.as_deref())?;
    let (errors, warnings) = (file.count(Level::Error), file.count(Level::Warning));
    if global.json {
        let document = show::json::findings(file.all());
        print::out(&print::json(&document));
    } else {
        file.show();
        let path = show_path(&file.path);
        match (errors, warnings) {
            (0, 0) => print::out(&format!("{path} is good")),
            (0, n) => print::out(&format!("{path} can be used; {n} warning(s)")),
            (e, w) => print::err(&format!("{e} error(s), {w} warning(s) in {path}")),
        }
    }
    let bad = errors > 0 || (args.strict && warnings > 0);
    Ok(if bad { ERROR } else { DONE })
}
