//! Runs the real program against the API server.

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a program may take that does not wait for anybody.
const PATIENCE: Duration = Duration::from_mins(2);

/// The repository.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests' folder has a parent")
}

/// The program as one account runs it.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The account.
    pub(crate) account: String,
    /// The server, or a proxy before it.
    pub(crate) endpoint: String,
}

impl Program {
    /// In an account that nothing was done to.
    pub(crate) fn in_fresh_account() -> Self {
        Self { account: super::account::fresh_id(), endpoint: super::account::endpoint() }
    }

    /// The same account through a proxy.
    pub(crate) fn through(&self, proxy: &notify_proxy::Proxy) -> Self {
        Self { endpoint: proxy.url(), ..self.clone() }
    }

    fn command(&self, spec: &Path, words: &[&str]) -> Command {
        let folder = std::env::var_os("NOTIFY_TEST_BIN_DIR").map(PathBuf::from);
        let program = folder.expect("NOTIFY_TEST_BIN_DIR: run `cargo xtask test`");
        let mut command = Command::new(program.join("notify-cli"));
        command
            .args(words)
            .args(["--endpoint-url", &self.endpoint, "--config"])
            .arg(spec)
            .current_dir(root())
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Starts the program.
    pub(crate) fn start(&self, spec: &Path, words: &[&str]) -> Running {
        Running::start(self.command(spec, words))
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, spec: &Path, words: &[&str]) -> Output {
        self.start(spec, words).finish()
    }

    /// Runs the program, which must end with `code`, and answers with what it wrote to stdout.
    pub(crate) fn expect(&self, spec: &Path, words: &[&str], code: i32) -> String {
        let output = self.run(spec, words);
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}\n{out}\n{err}");
        out
    }

    /// Makes AWS equal to the file.
    pub(crate) fn set_up(&self, spec: &Path) {
        self.expect(spec, &["setup", "--yes"], 0);
    }

    /// Asserts that nothing is left to do.
    pub(crate) fn assert_settled(&self, spec: &Path) {
        self.expect(spec, &["plan", "--detailed-exitcode"], 0);
    }

    /// Removes the stack.
    pub(crate) fn destroy(&self, spec: &Path) {
        self.expect(spec, &["destroy", "--yes"], 0);
    }
}

/// A program under way.
pub(crate) struct Running {
    child: Child,
    /// What it writes is read all the time: a full pipe would stop it.
    out: JoinHandle<Vec<u8>>,
    err: JoinHandle<Vec<u8>>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let out = drain(child.stdout.take().expect("a pipe"));
        let err = drain(child.stderr.take().expect("a pipe"));
        Self { child, out, err }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(mut self) -> Output {
        self.child.kill().expect("killed");
        self.finish()
    }

    /// Waits for its end; if it hangs it is ended, and the test fails.
    pub(crate) fn finish(self) -> Output {
        self.finish_within(PATIENCE)
    }

    /// The same for a program that waits for something itself.
    pub(crate) fn finish_within(mut self, patience: Duration) -> Output {
        let deadline = Instant::now() + patience;
        let mut hangs = false;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a state") {
                break status;
            }
            if Instant::now() > deadline {
                hangs = true;
                self.child.kill().expect("killed");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let stdout = self.out.join().expect("its output");
        let stderr = self.err.join().expect("its output");
        let output = Output { status, stdout, stderr };
        assert!(!hangs, "the program hangs: {output:?}");
        output
    }
}

fn drain(mut from: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        from.read_to_end(&mut all).expect("what it writes");
        all
    })
}

/// A file with some alarms beside a rule, in a folder of its own.
pub(crate) fn spec_with(rules: usize, alarms: usize) -> (tempfile::TempDir, PathBuf) {
    let names: Vec<String> = (0..alarms).map(|number| format!("\"rule-{number:04}\"")).collect();
    let mut text = format!(
        r#"stack = "many"
regions = ["ap-northeast-1"]

[topic]
name = "many"

[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"

[[alarms]]
name = "waf"
preset = "waf-blocked"
web_acl = "waf-base-001"
rules = [{}]
"#,
        names.join(", ")
    );
    for number in 0..rules {
        writeln!(
            text,
            "\n[[events]]\nname = \"rule-{number}\"\npattern = '{{\"source\": [\"my.app\"]}}'"
        )
        .expect("a string takes all");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notify.toml");
    std::fs::write(&file, text).expect("a file");
    (folder, file)
}
