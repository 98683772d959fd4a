//! Where the local provider keeps its account: in `.notify/` beside the spec file.

use crate::failure::Failure;
use crate::input::unwritten;
use crate::print;
use crate::spec_file::show_path;
use jiff::Timestamp;
use notify_core::aws::Region;
use notify_core::aws::waf::WebAcl;
use notify_core::local::{LocalCloud, SavedConfig};
use notify_core::mail::Mail;
use std::fs::{File, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

const FOLDER: &str = ".notify";
const FILE: &str = "local.json";
const WEB_ACLS: &str = "web-acls";
const CONFIG: &str = "config";
const OUTBOX: &str = "outbox";

/// A local account that is open: nobody else writes to it meanwhile.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) cloud: LocalCloud,
    path: PathBuf,
    /// What it was when it was opened or last saved.
    before: Digest,
    /// Held until the session ends.
    lock: Option<File>,
    /// The mails that it has written.
    written: Vec<PathBuf>,
}

impl Session {
    /// Opens the account beside a spec file; one that does not exist yet is empty, and nothing is
    /// written for it until something is in it.
    pub(crate) fn open(beside: &Path) -> Result<Self, Failure> {
        let folder = beside.join(FOLDER);
        let path = folder.join(FILE);
        let lock = lock(&folder)?;
        let cloud = match std::fs::read_to_string(&path) {
            Ok(text) => LocalCloud::from_json(&text).map_err(|error| {
                let mut failure = Failure::from_error(format!("{} cannot be read", show_path(&path)), &error);
                failure.help = Some("the file is the local provider's account: repair it, or delete it to begin with an empty one".to_owned());
                failure
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => LocalCloud::default(),
            Err(error) => {
                let mut failure = Failure::from_error(format!("{} cannot be read", show_path(&path)), &error);
                failure.help = Some("the local provider keeps its account in the folder .notify beside the spec file".to_owned());
                return Err(failure);
            }
        };
        let before = digest(&cloud.to_json());
        let cloud = cloud.with_web_acls(web_acls(&folder.join(WEB_ACLS))?);
        let cloud = cloud.with_config(config(&folder.join(CONFIG))?);
        cloud.set_time(Timestamp::now());
        Ok(Self { cloud, path, before, lock, written: Vec::new() })
    }

    /// The mails that were written, in their order.
    pub(crate) fn written(&self) -> &[PathBuf] {
        &self.written
    }

    /// Writes the mails that were sent, and the account in one step: a reader sees the old file or the new one.
    pub(crate) fn save(&mut self) -> Result<(), Failure> {
        let text = self.cloud.to_json();
        let now = digest(&text);
        if now == self.before {
            return Ok(());
        }
        let failed = |error: std::io::Error| unwritten(&self.path, &error);
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(failed)?;
        if self.lock.is_none() {
            // There was no folder to lock when the account was opened: somebody else may have
            // begun one meanwhile.
            self.lock = lock(folder)?;
            if self.path.exists() {
                return Err(Failure::new(
                    format!(
                        "{} has appeared meanwhile; nothing was written",
                        show_path(&self.path)
                    ),
                    "run the same command again",
                ));
            }
        }
        self.written.extend(deliver(&self.cloud.take_mails(), &folder.join(OUTBOX))?);
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.path).map_err(|error| failed(error.error))?;
        self.before = now;
        Ok(())
    }
}

/// Enough of a text to tell whether it has changed, without another copy of a large account.
type Digest = (usize, u64);

fn digest(text: &str) -> Digest {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    (text.len(), hasher.finish())
}

/// Puts mails into the outbox, a file each, numbered behind those that are there: none is ever
/// replaced.
fn deliver(mails: &[Mail], outbox: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = unwritten;
    if mails.is_empty() {
        return Ok(Vec::new());
    }
    std::fs::create_dir_all(outbox).map_err(|error| failed(outbox, &error))?;
    let there = std::fs::read_dir(outbox).map_err(|error| failed(outbox, &error))?;
    let number = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.ok()?.file_name().to_str()?.split('-').next()?.parse::<u64>().ok()
    };
    let last = there.filter_map(number).max().unwrap_or(0);
    let mut written = Vec::with_capacity(mails.len());
    for (number, mail) in (last.saturating_add(1)..).zip(mails) {
        let safe = |c: char| if c.is_ascii_alphanumeric() || "@.+-".contains(c) { c } else { '_' };
        let to: String = mail.to.chars().take(100).map(safe).collect();
        let path = outbox.join(format!("{number:06}-{to}.eml"));
        let mut file =
            tempfile::NamedTempFile::new_in(outbox).map_err(|error| failed(&path, &error))?;
        file.write_all(&mail.to_rfc5322()).map_err(|error| failed(&path, &error))?;
        file.persist_noclobber(&path).map_err(|error| failed(&path, &error.error))?;
        written.push(path);
    }
    Ok(written)
}

/// The web ACLs that are saved beside a spec file.
pub(crate) fn web_acls_beside(beside: &Path) -> Result<Vec<WebAcl>, Failure> {
    web_acls(&beside.join(FOLDER).join(WEB_ACLS))
}

/// Waits for other runs on the same account. Without the folder there is nothing to guard.
fn lock(folder: &Path) -> Result<Option<File>, Failure> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let path = folder.join("lock");
    let failed = |error: std::io::Error| {
        Failure::from_error(format!("{} cannot be locked", show_path(&path)), &error)
    };
    let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        print::err("another run works on the same local account: waiting for it to end");
        file.lock().map_err(failed)?;
    }
    Ok(Some(file))
}

fn web_acls(folder: &Path) -> Result<Vec<WebAcl>, Failure> {
    let paths = inside(folder)?.into_iter().filter(|path| is_json(path));
    let read = |path: PathBuf| {
        let acl = WebAcl::from_json(&text_of(&path)?);
        acl.map_err(|error| unreadable(&path, &error))
    };
    paths.map(read).collect()
}

/// What was saved of AWS Config; a folder with the name of a region holds what is of that region.
fn config(folder: &Path) -> Result<SavedConfig, Failure> {
    let mut saved = SavedConfig::default();
    let mut add = |region: Option<&Region>, path: &Path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let added = saved.add(region, &name, &text_of(path)?);
        added.map_err(|error| unreadable(path, &error))
    };
    for path in inside(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if is_json(&path) {
            add(None, &path)?;
        } else if path.is_dir()
            && let Ok(region) = Region::parse(&name)
        {
            for path in inside(&path)?.iter().filter(|path| is_json(path)) {
                add(Some(&region), path)?;
            }
        }
    }
    Ok(saved)
}

/// What lies in a folder, in order; nothing where there is no folder.
fn inside(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, &error)),
    };
    let mut paths: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

fn text_of(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::from_error(format!("{} cannot be read", show_path(path)), error)
}
