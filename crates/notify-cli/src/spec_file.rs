//! Finds the spec file, reads it, and shows what is wrong with it.

use crate::failure::Failure;
use crate::{input, print, show};
use notify_core::spec::{self, Finding, Format, Level, Spec};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What the file is called when nobody says.
pub(crate) const NAME: &str = "notify.toml";

/// The largest spec file: one of 5,000 alarms, each with a section of its own, has a megabyte.
const LARGEST: u64 = 64 << 20;

/// A spec file that was read.
#[derive(Debug)]
pub(crate) struct SpecFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) spec: Option<Spec>,
    pub(crate) findings: Vec<Finding>,
}

impl SpecFile {
    /// The folder that the file is in: where `.notify/` is. It is empty for the current one.
    pub(crate) fn folder(&self) -> PathBuf {
        self.path.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// The spec; errors in it are shown on standard error.
    pub(crate) fn checked(self) -> Result<(Spec, PathBuf), Failure> {
        let folder = self.folder();
        let Some(spec) = self.spec else {
            for finding in &self.findings {
                print::err(&(show::finding::human(finding, &self.path, &self.text) + "\n"));
            }
            let errors = self.findings.iter().filter(|f| f.level == Level::Error).count();
            print::err(&format!(
                "{errors} error(s) in {}; nothing was changed",
                show_path(&self.path)
            ));
            return Err(Failure::printed());
        };
        Ok((spec, folder))
    }
}

/// A path for people.
pub(crate) fn show_path(path: &Path) -> String {
    print::line(&path.display().to_string())
}

/// Reads the spec file that was named, or the one that is found.
pub(crate) fn read(named: Option<&Path>) -> Result<SpecFile, Failure> {
    // An empty NOTIFY_CONFIG is as good as none.
    let path = match named.filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => path.to_owned(),
        None => find()?,
    };
    let bytes = File::open(&path).and_then(|file| input::at_most(file, LARGEST));
    let bytes = bytes.map_err(|error| {
        let mut failure =
            Failure::from_error(format!("{} cannot be read", show_path(&path)), &error);
        let help = match error.kind() {
            ErrorKind::NotFound => "`notify-cli init` writes a first one",
            _ => "name a spec file with --config",
        };
        failure.help = Some(help.to_owned());
        failure
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
        Failure::new(
            format!("{}:{line}: this is not UTF-8", show_path(&path)),
            "save the file as UTF-8",
        )
    })?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let parsed = spec::parse(&text, if is_json { Format::Json } else { Format::Toml });
    Ok(SpecFile { path, text, spec: parsed.spec, findings: parsed.findings })
}

fn find() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::from_error("the current folder cannot be read", &error))?;
    for folder in here.ancestors() {
        let path = folder.join(NAME);
        if path.is_file() {
            let near = path.strip_prefix(&here).map(Path::to_owned);
            return Ok(near.unwrap_or(path));
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Err(Failure::new(
        format!("there is no {NAME} here or in a folder above"),
        "`notify-cli init` writes a first one; another file is named with --config",
    ))
}
