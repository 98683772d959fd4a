//! The files that are measured: generated, or made by others.

use crate::rules::{self, SIZES, Sort};
use crate::{Failure, events};
use std::fs::{self, File};
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Where events and rule sets are.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) events: PathBuf,
    folder: PathBuf,
}

impl Data {
    /// Files that are there already.
    pub(crate) fn of(events: &Path, rules: &Path) -> Self {
        Self { events: events.to_owned(), folder: rules.to_owned() }
    }

    /// Writes them anew: older ones may have been made by another version of this program.
    pub(crate) fn generate(folder: &Path, seed: u64, count: usize) -> Result<Self, Failure> {
        fs::create_dir_all(folder)?;
        let data = Self::of(&folder.join("events.ndjson"), folder);
        let mut file = BufWriter::new(File::create(&data.events)?);
        events::generate(seed, count, |line| Ok(file.write_all(line.as_bytes())?))?;
        file.flush()?;
        for sort in Sort::ALL {
            for size in SIZES {
                fs::write(data.rules(sort, size), rules::generate(sort, size))?;
            }
        }
        Ok(data)
    }

    /// The file of a rule set.
    pub(crate) fn rules(&self, sort: Sort, size: usize) -> PathBuf {
        self.folder.join(format!("rules_{sort}_{size}.ndjson"))
    }
}

/// Reads a rule set.
pub(crate) fn read_rules(file: &Path) -> Result<Vec<String>, Failure> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// Reads events, up to a line end.
pub(crate) fn read_events(file: &Path, from: u64, to: Option<u64>) -> Result<Vec<u8>, Failure> {
    let open = File::open(file).map_err(|error| format!("{}: {error}", file.display()));
    let mut open = open?;
    open.seek(SeekFrom::Start(from))?;
    let mut events = Vec::new();
    open.take(to.map_or(u64::MAX, |to| to.saturating_sub(from))).read_to_end(&mut events)?;
    if events.last().is_some_and(|&last| last != b'\n') {
        events.push(b'\n');
    }
    Ok(events)
}
