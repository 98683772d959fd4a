//! Two operators at once. AWS has no conditional writes, so neither can keep the other out; but
//! nobody may be told that all is done who has been overwritten.

use crate::beside::{Hand, Held, difference};
use crate::cases::{Case, Worker};
use crate::chance::Chance;
use crate::commands::{NAMES, spec};
use crate::matrix::{Counted, said, start};
use crate::program::Program;
use serde_json::Value;
use std::process::Output;
use std::time::Duration;

/// Their calls take as long as in the same region, so that they cross.
const DELAY: Duration = Duration::from_millis(5);
/// One begins so much later.
const OFFSET: Duration = Duration::from_millis(400);

const SETUP: &[&str] = &["setup", "--yes", "--allow-deletes", "--prune-subscriptions"];
const DESTROY: &[&str] = &["destroy", "--yes"];
const PLAN: &[&str] = &["plan", "--detailed-exitcode", "--prune-subscriptions"];

/// So many rounds of two setups of different files, and a fifth as many of a setup beside a removal.
pub(crate) fn cases(counted: &[Counted], rounds: usize, seed: u64) -> Vec<Case<'_>> {
    let result = |name: &str| {
        let found = counted.iter().find(|counted| counted.command.name == name);
        found.map(|counted| &counted.result).expect("a command of this name")
    };
    let (one, two) = (result("setup"), result("setup of a change"));
    let mut cases = Vec::new();
    for round in 0..rounds {
        cases.push(Case {
            group: "two setups",
            name: format!("round {round} of seed {seed}"),
            check: Box::new(move |worker| two_setups([one, two], Chance::of(seed, round), worker)),
        });
    }
    for round in 0..rounds / 5 {
        cases.push(Case {
            group: "setup beside destroy",
            name: format!("round {round} of seed {seed}"),
            check: Box::new(move |worker| {
                setup_and_destroy(one, Chance::of(seed, rounds + round), worker)
            }),
        });
    }
    cases
}

fn two_setups(results: [&Held; 2], mut chance: Chance, worker: &mut Worker) -> Result<(), String> {
    let files = ["before", "after"];
    let program = Program::in_fresh_account();
    worker.beside.does(&program.account, Hand::Others)?;
    // Out of nothing, or upon what one of them has made before.
    if let Some(file) = files.get(usize::try_from(chance.below(3)).unwrap_or_default()) {
        let output = program.run(&spec(file), SETUP);
        if output.status.code() != Some(0) {
            return Err(format!("before: {}", said(&output)));
        }
    }
    let before = worker.beside.reads(&program.account)?.others;
    let ran = at_once(&program, files.map(|file| (file, SETUP)), &mut chance);
    let holds = files.map(|file| program.run(&spec(file), PLAN).status.code() == Some(0));
    judge(&ran, holds)?;

    // Whoever comes next gets their own.
    let last = usize::try_from(chance.below(2)).unwrap_or_default();
    let (file, expected) = (spec(files[last]), &results[last].ours);
    let output = program.run(&file, SETUP);
    let settled = program.run(&file, PLAN);
    if output.status.code() != Some(0) || settled.status.code() != Some(0) {
        return Err(format!("one more setup:\n{}\n{}", said(&output), said(&settled)));
    }
    let held = worker.beside.reads(&program.account)?;
    if held.ours != *expected {
        return Err(difference(expected, &held.ours));
    }
    others(&before, &held.others)
}

fn setup_and_destroy(result: &Held, mut chance: Chance, worker: &mut Worker) -> Result<(), String> {
    let program = Program::in_fresh_account();
    worker.beside.does(&program.account, Hand::Others)?;
    if chance.below(2) == 0 {
        program.set_up(&spec("before"));
    }
    let before = worker.beside.reads(&program.account)?.others;
    let ran = at_once(&program, [("before", SETUP), ("before", DESTROY)], &mut chance);
    let there = program.run(&spec("before"), PLAN).status.code() == Some(0);
    let gone = worker.beside.reads(&program.account)?.ours == Value::Array(Vec::new());
    judge(&ran, [there, gone])?;
    program.set_up(&spec("before"));
    let held = worker.beside.reads(&program.account)?;
    if held.ours != result.ours {
        return Err(difference(&result.ours, &held.ours));
    }
    others(&before, &held.others)
}

fn others(before: &Value, now: &Value) -> Result<(), String> {
    if before == now { Ok(()) } else { Err(format!("others': {}", difference(before, now))) }
}

/// Runs both, one some moments after the other.
fn at_once(program: &Program, each: [(&str, &[&str]); 2], chance: &mut Chance) -> [Output; 2] {
    let proxy = start(program);
    proxy.delay(DELAY);
    let through = program.through(&proxy);
    let [(first, words), (second, later)] = each;
    let offset = chance.up_to(OFFSET);
    let (first_file, second_file) = (spec(first), spec(second));
    if chance.below(2) == 0 {
        let one = through.start(&first_file, words);
        std::thread::sleep(offset);
        let two = through.start(&second_file, later);
        [one.finish(), two.finish()]
    } else {
        let two = through.start(&second_file, later);
        std::thread::sleep(offset);
        let one = through.start(&first_file, words);
        [one.finish(), two.finish()]
    }
}

/// The account holds what one of them asked for, or one of them ended with 1 and named what differs.
fn judge(ran: &[Output; 2], holds: [bool; 2]) -> Result<(), String> {
    let all = ran.iter().map(said).collect::<Vec<_>>().join("\n");
    if ran.iter().any(|output| !matches!(output.status.code(), Some(0 | 1))) {
        return Err(format!("neither done nor told:\n{all}"));
    }
    let names = |output: &&Output| {
        let text = String::from_utf8_lossy(&output.stderr).into_owned() + &failures(output);
        output.status.code() == Some(1) && NAMES.iter().any(|name| text.contains(name))
    };
    if holds.iter().any(|holds| *holds) || ran.iter().any(|output| names(&output)) {
        return Ok(());
    }
    Err(format!("neither of both is there, and nobody was told what differs:\n{all}"))
}

/// The lines about what failed.
fn failures(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter(|line| line.contains('✗')).collect()
}
