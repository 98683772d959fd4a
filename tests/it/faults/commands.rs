//! What is put to the test: commands that change something, each with what is there before.

use crate::beside::Hand;
use crate::program::root;
use std::path::PathBuf;

/// A run of the program whose every call meets every fault.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// What others have done before.
    pub(crate) by_hand: &'static [Hand],
    /// What we have done before: a file and a command.
    pub(crate) before: &'static [(&'static str, &'static [&'static str])],
    /// The file and the command that meet the faults, and are then run again.
    pub(crate) spec: &'static str,
    pub(crate) words: &'static [&'static str],
    /// What must have nothing left to do in the end, and its exit code then.
    pub(crate) settled: (&'static [&'static str], i32),
}

const SETUP: &[&str] = &["setup", "--yes"];
const DESTROY: &[&str] = &["destroy", "--yes"];
const ADOPT: &[&str] = &[
    "setup",
    "--yes",
    "--adopt",
    "topic/faults-topic",
    "--adopt",
    "rule/faults-rule",
    "--adopt",
    "alarm/faults-alarm",
];
const NOTHING_LEFT: (&[&str], i32) = (&["plan", "--detailed-exitcode"], 0);
/// After a removal all of it would be made.
const ALL_LEFT: (&[&str], i32) = (&["plan", "--detailed-exitcode"], 2);

/// All of them.
pub(crate) const COMMANDS: &[Command] = &[
    Command {
        name: "setup",
        by_hand: &[Hand::Others],
        before: &[],
        spec: "before",
        words: SETUP,
        settled: NOTHING_LEFT,
    },
    Command {
        name: "setup of a change",
        by_hand: &[Hand::Others],
        before: &[("before", SETUP)],
        spec: "after",
        words: &["setup", "--yes", "--allow-deletes"],
        settled: NOTHING_LEFT,
    },
    Command {
        name: "setup with --adopt",
        by_hand: &[Hand::Others, Hand::Ours],
        before: &[],
        spec: "before",
        words: ADOPT,
        settled: NOTHING_LEFT,
    },
    Command {
        name: "destroy",
        by_hand: &[Hand::Others],
        before: &[("before", SETUP)],
        spec: "before",
        words: DESTROY,
        settled: ALL_LEFT,
    },
    Command {
        name: "setup of a state machine",
        by_hand: &[Hand::Others],
        before: &[("direct", SETUP)],
        spec: "stepped",
        words: SETUP,
        settled: NOTHING_LEFT,
    },
    Command {
        name: "setup without the state machine",
        by_hand: &[Hand::Others],
        before: &[("stepped", SETUP)],
        spec: "direct",
        words: &["setup", "--yes", "--allow-deletes"],
        settled: NOTHING_LEFT,
    },
    Command {
        name: "destroy of what was adopted",
        by_hand: &[Hand::Others, Hand::Ours],
        before: &[("before", ADOPT)],
        spec: "before",
        words: DESTROY,
        // What others have made is in the way again.
        settled: (&["plan"], 1),
    },
];

/// Where a file is.
pub(crate) fn spec(name: &str) -> PathBuf {
    root().join("tests/it/faults/specs").join(name).with_extension("toml")
}

/// What the files name: whoever reports a failure must name what it was about.
pub(crate) const NAMES: &[&str] = &[
    "faults-topic",
    "faults-rule",
    "faults-alarm",
    "faults-waf",
    "faults-acl",
    "faults-start",
    "faults-publish",
    "faults-dead-letter",
    "notify-faults",
    "ops@example.com",
    "more@example.com",
];
