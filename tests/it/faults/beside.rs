//! What others do in an account, and what it holds, done and read with boto3.

use crate::ids::endpoint;
use crate::program::root;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(crate) const REGION: &str = "ap-northeast-1";

/// What is done by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    /// Things that nobody may touch.
    Others,
    /// Things that are handed over.
    Ours,
}

/// A Python with boto3 that is kept, because it takes long to start.
#[derive(Debug)]
pub(crate) struct Beside {
    python: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

/// What an account holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Held {
    /// To the last time stamp.
    pub(crate) others: Value,
    /// Without what AWS makes up.
    pub(crate) ours: Value,
}

impl Beside {
    pub(crate) fn start() -> Self {
        let python = std::env::var_os("NOTIFY_TEST_PYTHON").expect("run `cargo xtask faults`");
        let mut python = Command::new(python)
            .arg(root().join("tests/e2e/beside.py"))
            .env("AWS_ENDPOINT_URL", endpoint())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let to = python.stdin.take();
        let from = BufReader::new(python.stdout.take().expect("a pipe"));
        Self { python, to, from }
    }

    fn ask(&mut self, account: &str, what: &str) -> Result<Value, String> {
        let asked = json!({"account": account, "region": REGION, "do": what});
        let to = self.to.as_mut().ok_or("python is gone")?;
        writeln!(to, "{asked}").map_err(|error| format!("python is gone: {error}"))?;
        let mut line = String::new();
        self.from.read_line(&mut line).map_err(|error| format!("python is gone: {error}"))?;
        serde_json::from_str(&line).map_err(|error| format!("python says {line:?}: {error}"))
    }

    /// Does something by hand.
    pub(crate) fn does(&mut self, account: &str, hand: Hand) -> Result<(), String> {
        let what = match hand {
            Hand::Others => "others",
            Hand::Ours => "ours",
        };
        self.ask(account, what).map(drop)
    }

    /// Reads what an account holds; the account's number is left out of what is ours.
    pub(crate) fn reads(&mut self, account: &str) -> Result<Held, String> {
        let mut found = self.ask(account, "read")?;
        let ours = found["ours"].take().to_string().replace(account, "ACCOUNT");
        let ours = serde_json::from_str(&ours).map_err(|error| error.to_string())?;
        Ok(Held { others: found["others"].take(), ours })
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.to.take());
        drop(self.python.wait());
    }
}

/// Where two documents differ, for people.
pub(crate) fn difference(expected: &Value, found: &Value) -> String {
    fn walk(path: &str, a: &Value, b: &Value, out: &mut Vec<String>) {
        match (a, b) {
            _ if a == b => {}
            (Value::Object(a), Value::Object(b)) => {
                let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
                for key in keys {
                    let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                    let (a, b) = (of(a).unwrap_or_default(), of(b).unwrap_or_default());
                    walk(&format!("{path}.{key}"), &a, &b, out);
                }
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                for (nth, (a, b)) in a.iter().zip(b).enumerate() {
                    walk(&format!("{path}[{nth}]"), a, b, out);
                }
            }
            _ => out.push(format!("{path}: expected {a}, found {b}")),
        }
    }
    let mut out = Vec::new();
    walk("", expected, found, &mut out);
    out.join("\n")
}
