//! The files that arguments stand for: files, folders, patterns of names, standard input.

use crate::failure::Failure;
use crate::spec_file::show_path;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

/// What arguments stand for, in their order; a folder's files in the order of their names.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Each once, however often it was named; `-` is standard input.
    pub(crate) paths: Vec<PathBuf>,
    /// What could not be looked into, and why.
    pub(crate) failures: Vec<Failure>,
    /// What was named twice.
    pub(crate) twice: Vec<PathBuf>,
    seen: BTreeSet<PathBuf>,
}

/// Whether a path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// How many bytes the files have; `None` where that is not known.
pub(crate) fn bytes(paths: &[PathBuf]) -> Option<u64> {
    let size = |path: &PathBuf| {
        let known = path.metadata().ok().filter(std::fs::Metadata::is_file);
        if is_stdin(path) { None } else { known.map(|metadata| metadata.len()) }
    };
    paths.iter().map(size).sum()
}

impl Files {
    pub(crate) fn of(arguments: &[PathBuf]) -> Self {
        let mut files = Self::default();
        for argument in arguments {
            if is_stdin(argument) || argument.exists() || !is_pattern(argument.as_os_str()) {
                files.add(argument);
                continue;
            }
            // A shell that finds nothing, or has no such patterns, hands them on.
            let found = expand(argument);
            if found.is_empty() {
                let failure = Failure::new(
                    format!("{} fits no file", show_path(argument)),
                    "`*` stands for any characters of a name, `?` for one, `**` for any folders",
                );
                files.failures.push(failure);
            }
            for path in &found {
                files.add(path);
            }
        }
        files
    }

    /// A named file is taken whatever it is; of a folder only files are.
    fn add(&mut self, path: &Path) {
        if !path.is_dir() {
            return self.file(path.to_owned());
        }
        let mut open = vec![path.to_owned()];
        while let Some(path) = open.pop() {
            if !path.is_dir() {
                if path.is_file() {
                    self.file(path);
                }
                continue;
            }
            // Links may lead back to where they came from.
            if path.canonicalize().is_ok_and(|real| !self.seen.insert(real)) {
                continue;
            }
            match children(&path) {
                Ok(children) => open.extend(children.into_iter().rev()),
                Err(error) => self.failures.push(Failure::from_error(
                    format!("{} cannot be read", show_path(&path)),
                    &error,
                )),
            }
        }
    }

    fn file(&mut self, path: PathBuf) {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if self.seen.insert(real) {
            self.paths.push(path);
        } else {
            self.twice.push(path);
        }
    }
}

/// What is in a folder, by name, without what is hidden.
fn children(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        if !is_hidden(&entry.file_name()) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn is_pattern(name: &OsStr) -> bool {
    name.as_encoded_bytes().iter().any(|byte| matches!(byte, b'*' | b'?'))
}

/// The paths that a pattern fits, by name. Folders that cannot be read have none.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        found = match part {
            Component::Normal(name) if name == "**" => {
                found.iter().flat_map(|path| folders(path)).collect()
            }
            Component::Normal(name) if is_pattern(name) => {
                let fits = |path: &PathBuf| path.file_name().is_some_and(|known| fits(name, known));
                let here = |path: &PathBuf| inside(path).into_iter().filter(fits);
                found.iter().flat_map(here).collect()
            }
            _ => found.iter().map(|path| path.join(part)).filter(|path| path.exists()).collect(),
        };
    }
    found
}

fn inside(folder: &Path) -> Vec<PathBuf> {
    if folder.as_os_str().is_empty() {
        let here = children(Path::new(".")).unwrap_or_default();
        return here
            .iter()
            .filter_map(|path| path.strip_prefix(".").ok())
            .map(Path::to_owned)
            .collect();
    }
    children(folder).unwrap_or_default()
}

/// A folder and all folders below it; links are not followed.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let (mut all, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = open.pop() {
        let below = inside(&path).into_iter().filter(|path| path.is_dir() && !path.is_symlink());
        open.extend(below.rev());
        all.push(path);
    }
    all
}

/// Whether a name fits a pattern of `*` and `?`.
fn fits(pattern: &OsStr, name: &OsStr) -> bool {
    let (pattern, name) = (pattern.to_string_lossy(), name.to_string_lossy());
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last `*` was, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || name.get(n) == Some(c) => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                n = taken + 1;
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns() {
        for (pattern, name, want) in [
            ("*", "", true),
            ("*.json", "a.json", true),
            ("*.json", "a.json.gz", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*b*c", "a--b--bc", true),
            ("a*b*c", "a--b--", false),
            ("?", "遮", true),
            ("**", "x", true),
            ("", "x", false),
        ] {
            assert_eq!(fits(pattern.as_ref(), name.as_ref()), want, "{pattern} {name}");
        }
        assert!(!fits("*a*a*a*a*a*a*a*b".as_ref(), "a".repeat(300).as_ref()));
    }
}
