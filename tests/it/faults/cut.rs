//! The program is killed, or interrupted, at any moment: the next run converges.

use crate::cases::{Case, Worker};
use crate::chance::Chance;
use crate::commands::spec;
use crate::matrix::{Counted, prepare, said, start};
use crate::program::Program;
use notify_proxy::Call;
use serde_json::Value;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command as Process, Output};
use std::time::Duration;

/// What a call takes, so that there is a middle.
const DELAY: Duration = Duration::from_millis(5);
/// A run takes about as long.
const LONGEST: Duration = Duration::from_millis(700);

/// How a run is ended.
#[derive(Debug, Clone, Copy)]
enum End {
    Kill,
    Interrupt,
}

/// So many rounds of each, the commands by turns.
pub(crate) fn cases(counted: &[Counted], rounds: usize, seed: u64) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for (end, group) in [(End::Kill, "kill -9"), (End::Interrupt, "Ctrl-C")] {
        for (round, counted) in (0..rounds).zip(counted.iter().cycle()) {
            cases.push(Case {
                group,
                name: format!("{} / round {round} of seed {seed}", counted.command.name),
                check: Box::new(move |worker| check(counted, end, Chance::of(seed, round), worker)),
            });
        }
    }
    cases
}

fn check(
    counted: &Counted,
    end: End,
    mut chance: Chance,
    worker: &mut Worker,
) -> Result<(), String> {
    let command = counted.command;
    let program = Program::in_fresh_account();
    prepare(command, &program, worker)?;
    let before = worker.beside.reads(&program.account)?;
    let proxy = start(&program);
    proxy.delay(DELAY);
    let running = program.through(&proxy).start(&spec(command.spec), command.words);
    std::thread::sleep(chance.up_to(LONGEST));
    let output = match end {
        End::Kill => running.kill(),
        End::Interrupt => {
            // It may have ended by itself, and nobody else has its number: nobody has waited for it.
            let id = running.id().to_string();
            let sent = Process::new("kill").args(["-INT", &id]).output();
            sent.map_err(|error| format!("no signal: {error}"))?;
            running.finish()
        }
    };
    proxy.delay(Duration::ZERO);
    let calls = proxy.take_calls();
    if matches!(end, End::Interrupt) {
        ended_well(&output, &calls, &before.ours, worker, &program)?;
    }
    counted
        .converges(&program, &before.others, worker)
        .map_err(|why| format!("{why}\n{}", said(&output)))
}

/// An interrupted run ends with 130 and says so, and what it had begun is done.
fn ended_well(
    output: &Output,
    calls: &[Call],
    before: &Value,
    worker: &mut Worker,
    program: &Program,
) -> Result<(), String> {
    let all = said(output);
    let wrote = calls.iter().any(|call| !call.is_read());
    match (output.status.code(), output.status.signal()) {
        // It was through.
        (Some(0), _) => return Ok(()),
        (Some(130), _) if all.contains("interrupted: ") => {}
        // It had not even begun to listen.
        (None, Some(2)) if calls.is_empty() => {}
        _ => return Err(format!("it does not end with 130:\n{all}")),
    }
    let now = worker.beside.reads(&program.account)?.ours;
    if !wrote && now != *before {
        return Err("something was changed without a call".to_owned());
    }
    if wrote && all.contains("nothing was changed") {
        return Err(format!("something was changed:\n{all}"));
    }
    half_done(&now).map_or(Ok(()), |half| Err(format!("{half} is half done:\n{all}")))
}

/// A topic that we have made, and that has no policy yet: two steps of one change.
fn half_done(ours: &Value) -> Option<&str> {
    let topics = ours.as_array()?.iter().filter(|one| one[0] == "topic" || one[0] == "topics");
    let half = |one: &&Value| {
        let is_ours = one[2]["tags"].get("notify:stack").is_some();
        let is_adopted = one[2]["tags"].get("notify:adopted").is_some();
        is_ours && !is_adopted && !one[2]["policy"].to_string().contains("events.amazonaws.com")
    };
    topics.filter(half).find_map(|one| one[1].as_str())
}
