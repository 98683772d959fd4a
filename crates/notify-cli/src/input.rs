//! Documents that a command is given.

use crate::failure::Failure;
use crate::spec_file::show_path;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// Reads a text; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read_bytes(path)?).map_err(|_| {
        Failure::new(format!("{} is not UTF-8", show_path(path)), "save the file as UTF-8")
    })
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
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
    } else {
        bytes = std::fs::read(path).map_err(failed)?;
    }
    let marked = bytes.strip_prefix("\u{feff}".as_bytes()).map(<[u8]>::to_vec);
    Ok(marked.unwrap_or(bytes))
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
