//! A folder with a spec file, and the program run in it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;
use tempfile::TempDir;

/// The complete example.
pub(crate) const SECURITY: &str = include_str!("../../../../examples/security.toml");
/// The least that is a file.
pub(crate) const MINIMAL: &str = "stack = \"small\"\n\n[topic]\nname = \"alerts\"\n";

/// What every run knows and must never tell: nothing that it prints or writes may hold one of
/// these. A test that has a secret of another kind, such as a confirmation's token, takes one.
pub(crate) const SECRETS: [&str; 4] =
    ["ASIAMARKEROFTHEKEY42", "marker/of+the/secret", "marker-of-the-session", SECRET_TOKEN];
/// The token of a link in a confirmation mail.
pub(crate) const SECRET_TOKEN: &str = "2336412f37fb687f5d51e6e2425dacbba-marker-of-a-link";

/// A folder of its own that ends the search for a file in the folders above.
#[derive(Debug)]
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn empty() -> Self {
        let home = Self(TempDir::new().expect("a folder for the test"));
        std::fs::create_dir(home.path(".git")).expect("the folder of a repository");
        home
    }

    /// With this text as its notify.toml.
    pub(crate) fn with(text: &str) -> Self {
        let home = Self::empty();
        home.write("notify.toml", text);
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders that it is in.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        let folder = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(folder).expect("a folder for the file");
        std::fs::write(path, text).expect("a file for the test");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// A file's text, and when it was written.
    pub(crate) fn written(&self, name: &str) -> (String, SystemTime) {
        let metadata = std::fs::metadata(self.path(name)).expect("the file is there");
        (self.read(name), metadata.modified().expect("files have a time"))
    }

    /// Replaces one text in the spec file by another; it must be there.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let text = self.read("notify.toml");
        assert!(text.contains(from), "{from} is not in the file");
        self.write("notify.toml", text.replace(from, to));
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The local account as it is saved.
    pub(crate) fn account(&self) -> Value {
        serde_json::from_str(&self.read(".notify/local.json")).expect("the account is JSON")
    }

    /// The program in this folder, where it can reach no account and asks nobody.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_notify-cli"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("AWS_") || name.starts_with("NOTIFY_") || name == "NO_COLOR" {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_ACCESS_KEY_ID", SECRETS[0])
            .env("AWS_SECRET_ACCESS_KEY", SECRETS[1])
            .env("AWS_SESSION_TOKEN", SECRETS[2])
            // Nobody listens there.
            .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("the program starts"))
    }

    /// Runs it on the local account.
    pub(crate) fn local(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["--provider", "local"];
        all.extend(arguments);
        self.run(&all)
    }
}

/// Whatever was run in it: no file that it wrote holds a secret.
impl Drop for Home {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            search(self.0.path());
        }
    }
}

fn search(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            search(&path);
        } else if kind.is_file() && entry.metadata().is_ok_and(|file| file.len() < 64 << 20) {
            let bytes = std::fs::read(&path).unwrap_or_default();
            assert_tells_no_secret(&bytes, &path.display().to_string());
        }
    }
}

fn assert_tells_no_secret(bytes: &[u8], place: &str) {
    let text = String::from_utf8_lossy(bytes);
    for secret in SECRETS {
        assert!(!text.contains(secret), "{place} holds the secret {secret}");
    }
}

/// How a run ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Whatever is run: what goes into a pipe or a file has nothing in it that a terminal obeys.
    pub(crate) fn of(output: Output) -> Self {
        let Output { status, stdout, stderr } = output;
        let code = status.code().expect("the program ends by itself");
        let out = String::from_utf8(stdout).expect("it writes UTF-8");
        let err = String::from_utf8(stderr).expect("it writes UTF-8");
        for text in [&out, &err] {
            let bad = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
            assert_eq!(bad, None, "a control character in {text:?}");
            let hidden = text.chars().find(|c| {
                matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
            });
            assert_eq!(hidden, None, "text that hides or turns its direction in {text:?}");
            assert_tells_no_secret(text.as_bytes(), "its output");
        }
        assert!(!err.contains("panicked"), "{err}");
        Self { code, out, err }
    }

    /// Checks the exit code.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Checks that standard output has this text.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.out.contains(text),
            "no {text:?} in stdout:\n{}\nstderr:\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Checks that standard output does not have this text.
    #[track_caller]
    pub(crate) fn never_says(self, text: &str) -> Self {
        assert!(!self.out.contains(text), "{text:?} in stdout:\n{}", self.out);
        self
    }

    /// Checks that standard error has this text.
    #[track_caller]
    pub(crate) fn complains(self, text: &str) -> Self {
        assert!(
            self.err.contains(text),
            "no {text:?} in stderr:\n{}\nstdout:\n{}",
            self.err,
            self.out
        );
        self
    }

    /// Checks that nothing was written to standard error.
    #[track_caller]
    pub(crate) fn quietly(self) -> Self {
        assert_eq!(self.err, "");
        self
    }

    /// Standard output, which is one JSON document of version 1 and nothing else.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let document: Value = serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}: stdout:\n{}\nstderr:\n{}", self.out, self.err));
        assert_eq!(document["version"], 1, "{document}");
        document
    }
}
