//! Finds the spec file, reads it, and shows what is wrong with it.

use crate::failure::Failure;
use crate::{input, print, show};
use notify_core::preset::Catalogue;
use notify_core::spec::{self, BrokenPreset, Finding, Format, Level, PresetFile, Spec};
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
    /// The author's own presets that cannot be used.
    pub(crate) broken: Vec<BrokenPreset>,
    /// All presets that the file can name.
    pub(crate) catalogue: Catalogue,
}

impl SpecFile {
    /// The folder that the file is in: where `.notify/` is. It is empty for the current one.
    pub(crate) fn folder(&self) -> PathBuf {
        self.path.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// All findings, each with the file that it is about.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Finding, &Path, &str)> {
        let own = self.broken.iter().flat_map(|broken| {
            let BrokenPreset { file, findings } = broken;
            findings.iter().map(|finding| (finding, Path::new(&file.path), file.text.as_str()))
        });
        own.chain(self.findings.iter().map(|finding| (finding, &*self.path, self.text.as_str())))
    }

    /// How many findings of a level there are.
    pub(crate) fn count(&self, level: Level) -> usize {
        self.all().filter(|(finding, _, _)| finding.level == level).count()
    }

    /// Shows all findings on standard error.
    pub(crate) fn show(&self) {
        for (finding, path, text) in self.all() {
            print::err(&(show::finding::human(finding, path, text) + "\n"));
        }
    }

    /// The spec; errors in it are shown on standard error.
    pub(crate) fn checked(self) -> Result<(Spec, PathBuf), Failure> {
        let folder = self.folder();
        let Some(spec) = self.spec else {
            self.show();
            let errors = self.count(Level::Error);
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
    let format = if is_json { Format::Json } else { Format::Toml };
    let beside = path.parent().map(Path::to_owned).unwrap_or_default();
    let parsed = spec::parse_with(&text, format, &mut |folder| presets(&beside.join(folder)));
    let spec::Parsed { spec, findings, broken, catalogue } = parsed;
    Ok(SpecFile { path, text, spec, findings, broken, catalogue })
}

/// The largest preset, and the most of them in a folder.
const LARGEST_PRESET: u64 = 1 << 20;
const MOST_PRESETS: usize = 1000;

/// The files of a folder with presets, in the order of their names.
fn presets(folder: &Path) -> Result<Vec<PresetFile>, String> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    if paths.len() > MOST_PRESETS {
        return Err(format!("it holds {} presets, and {MOST_PRESETS} are read at most", paths.len()));
    }
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = File::open(&path).and_then(|file| input::at_most(file, LARGEST_PRESET));
        let failed = |reason: String| format!("{}: {reason}", show_path(&path));
        let bytes = bytes.map_err(|error| failed(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8".to_owned()))?;
        Ok(PresetFile { path: path.display().to_string(), text })
    };
    paths.into_iter().map(read).collect()
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
