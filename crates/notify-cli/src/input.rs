//! Documents that a command is given.

use crate::failure::Failure;
use crate::spec_file::show_path;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::Duration;
use tempfile::NamedTempFile;

/// Reads a text; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read_bytes(path)?).map_err(|_| {
        Failure::new(format!("{} is not UTF-8", show_path(path)), "save the file as UTF-8")
    })
}

/// A file that will take the place of another, or of none, in one step.
pub(crate) fn beside(path: &Path) -> Result<NamedTempFile, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Failure::new(
            format!("{} cannot be written: its folder does not exist", show_path(path)),
            format!("make the folder {} first, or give another name", show_path(folder)),
        ));
    }
    NamedTempFile::new_in(folder).map_err(|error| unwritten(path, &error))
}

/// A file could not be written: there is none, or the one that was there before.
pub(crate) fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    let mut failure = Failure::from_error(format!("{} cannot be written", show_path(path)), error);
    let help = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on the disk",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "give a name in a folder that you may write to"
        }
        _ => "give another name",
    };
    failure.help = Some(format!("{help}; what was there before is unchanged"));
    failure
}

/// Refuses to read standard input twice.
pub(crate) fn only_one_from_stdin(paths: [&Path; 2]) -> Result<(), Failure> {
    if paths.iter().all(|path| path.as_os_str() == "-") {
        return Err(Failure::new("standard input can be read once", "name a file for one of them"));
    }
    Ok(())
}

/// Reads a file of any bytes, without the mark that some editors begin with; `-` is standard
/// input.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| {
        Failure::from_error(format!("{} cannot be read", show_path(path)), &error)
    };
    let bytes = if path.as_os_str() == "-" {
        at_most(std::io::stdin().lock(), LARGEST)
    } else {
        std::fs::File::open(path).and_then(|file| at_most(file, LARGEST))
    };
    let bytes = bytes.map_err(failed)?;
    let marked = bytes.strip_prefix("\u{feff}".as_bytes()).map(<[u8]>::to_vec);
    Ok(marked.unwrap_or(bytes))
}

/// The largest document that is read at once: a year of minutes of a hundred metrics.
pub(crate) const LARGEST: u64 = 1 << 30;

/// Reads to the end of what ends soon enough: a device or a sparse file of gigabytes does not.
pub(crate) fn at_most(from: impl Read, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= most) {
        return Ok(bytes);
    }
    let text = format!("it is larger than {} MB", most >> 20);
    Err(std::io::Error::new(ErrorKind::FileTooLarge, text))
}

/// The fields of an event.
pub(crate) fn event(path: &Path, text: &str) -> Result<Map<String, Value>, Failure> {
    let help = "the file holds one event as EventBridge delivers it: a JSON object with source, detail-type and detail";
    match serde_json::from_str(text) {
        Ok(Value::Object(event)) => Ok(event),
        Ok(_) => Err(Failure::new(format!("{} holds no JSON object", show_path(path)), help)),
        Err(error) => {
            let mut failure =
                Failure::from_error(format!("{} is not an event", show_path(path)), &error);
            failure.help = Some(help.to_owned());
            Err(failure)
        }
    }
}

/// A length of time, such as 30s, 10m or 2h.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let help =
        || format!("\"{text}\" is no length of time: write a number and s, m or h, such as 10m");
    let (at, unit) = text.char_indices().next_back().ok_or_else(help)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(help()),
    };
    let number: u32 = text.get(..at).and_then(|number| number.parse().ok()).ok_or_else(help)?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

/// A time, or the day in UTC that begins at it.
pub(crate) fn time_or_day(text: &str) -> Result<Timestamp, String> {
    let midnight = || format!("{text}T00:00:00Z").parse().ok();
    time(text).or_else(|problem| midnight().ok_or(problem))
}

/// A time as AWS's command line prints and takes it.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    notify_core::alarm::time(text).map_err(|error| error.to_string())
}
