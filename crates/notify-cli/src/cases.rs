//! `--cases FILE`: one answer a line for each line of a file of JSON documents.

use crate::commands::Ended;
use crate::failure::{DONE, Failure};
use crate::print;
use crate::spec_file::show_path;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Answers each line of a file in order, holding one line in memory at a time. `-` is standard
/// input.
pub(crate) fn run(path: &Path, answer: impl Fn(&str) -> String) -> Ended {
    let failed = |error: std::io::Error| {
        Failure::from_error(format!("{} cannot be read", show_path(path)), &error)
    };
    let mut input: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).map_err(failed)?))
    };
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line).map_err(failed)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print::out(&answer(text.trim_end_matches(['\n', '\r'])));
        line.clear();
    }
    Ok(DONE)
}
