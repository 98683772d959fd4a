//! Every call of `send` meets every fault. After each: proven, or told what was and was not sent, and
//! what is left behind; the next run removes that; no reader gets more mails than one.

use crate::beside::{Hand, difference};
use crate::cases::{Case, Worker};
use crate::commands::spec;
use crate::fault::{EVERY_TIME, FAULTS, Fault};
use crate::matrix::{Spot, said, spots, start};
use crate::program::Program;
use notify_proxy::{Call, Fate};
use serde_json::Value;
use std::net::SocketAddr;
use std::process::Output;
use std::time::Duration;

/// How long a test may take: two minutes of trying, and the removal of what it made.
const PATIENCE: Duration = Duration::from_mins(4);

/// What a setting off and back changes for good: AWS notes when and why.
const NOTED: [&str; 3] = ["StateReason", "StateReasonData", "StateTransitionedTimestamp"];

/// A test that meets faults.
#[derive(Debug)]
struct Errand {
    name: &'static str,
    words: &'static [&'static str],
}

const ERRANDS: [Errand; 4] = [
    Errand { name: "send of an event", words: &["send", "faults-rule"] },
    Errand { name: "send of an event to a queue", words: &["send", "faults-rule", "--to-queue"] },
    Errand { name: "send of an alarm", words: &["send", "faults-alarm"] },
    Errand { name: "send of an alarm to a queue", words: &["send", "faults-alarm", "--to-queue"] },
];

/// A test that was run once without faults.
#[derive(Debug)]
pub(crate) struct Tried {
    errand: &'static Errand,
    spots: Vec<Spot>,
}

/// Runs each once, and notes its calls.
pub(crate) fn count() -> Result<Vec<Tried>, String> {
    std::thread::scope(|scope| {
        let tries = ERRANDS.iter().map(|errand| {
            scope.spawn(move || {
                let mut worker = Worker { beside: crate::beside::Beside::start() };
                let (program, before) = prepare(&mut worker)?;
                let proxy = start(&program);
                let output = send(&program.through(&proxy), errand.words);
                if output.status.code() != Some(0) {
                    return Err(format!("{}: {}", errand.name, said(&output)));
                }
                let spots = spots(proxy.take_calls());
                unchanged(&before, &program, &mut worker)?;
                Ok(Tried { errand, spots })
            })
        });
        let tries: Vec<_> = tries.collect();
        let ended = tries.into_iter().map(|one| one.join().map_err(|_| "it panicked".to_owned()));
        ended.map(|one| one.and_then(|tried| tried)).collect()
    })
}

/// All cases, or a part of them as of the matrix; in a part none that takes minutes.
pub(crate) fn cases(tried: &[Tried], every: usize, microburst: SocketAddr) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for (first, tried) in tried.iter().enumerate() {
        for (nth, spot) in tried.spots.iter().enumerate() {
            let faults = FAULTS.iter().enumerate();
            let chosen = faults.filter(|(fault, _)| (first + nth + fault) % every == 0);
            let chosen = chosen.filter(|(_, fault)| every == 1 || !takes_minutes(spot, fault));
            for (number, fault) in chosen {
                cases.push(Case {
                    group: fault.name,
                    name: format!("{} / {} {}", tried.errand.name, spot.operation(), spot.nth + 1),
                    check: Box::new(move |worker| {
                        // Either of both commands removes what is left.
                        let by_setup = (nth + number) % 2 == 0;
                        check(tried.errand, spot, fault, by_setup, microburst, worker)
                    }),
                });
            }
        }
    }
    cases
}

/// An event that cannot be put and a queue that cannot be read are tried for two minutes, and where no
/// queue may watch, a new rule is given a minute.
fn takes_minutes(spot: &Spot, fault: &Fault) -> bool {
    let is_tried_long = ["PutEvents", "ReceiveMessage", "GetQueueUrl"];
    let is_needed_to_watch = ["CreateQueue", "Subscribe"];
    let operation = spot.operation.as_str();
    fault.times == EVERY_TIME
        && (is_tried_long.contains(&operation)
            || is_needed_to_watch.contains(&operation) && fault.name == "access denied")
}

/// An account with a stack beside things of others, and what it holds.
fn prepare(worker: &mut Worker) -> Result<(Program, Value), String> {
    let program = Program::in_fresh_account();
    worker.beside.does(&program.account, Hand::Others)?;
    let output = program.run(&spec("before"), &["setup", "--yes"]);
    if output.status.code() != Some(0) {
        return Err(format!("before: {}", said(&output)));
    }
    let before = holds(&program, worker)?;
    Ok((program, before))
}

fn holds(program: &Program, worker: &mut Worker) -> Result<Value, String> {
    let mut held = worker.beside.reads(&program.account)?;
    for one in held.ours.as_array_mut().into_iter().flatten() {
        if let Some(alarm) = one[2].as_object_mut() {
            alarm.retain(|field, _| !NOTED.contains(&field.as_str()));
        }
    }
    Ok(serde_json::json!({"ours": held.ours, "others": held.others}))
}

fn unchanged(before: &Value, program: &Program, worker: &mut Worker) -> Result<(), String> {
    let now = holds(program, worker)?;
    if now == *before { Ok(()) } else { Err(difference(before, &now)) }
}

fn send(program: &Program, words: &[&str]) -> Output {
    program.start(&spec("before"), words).finish_within(PATIENCE)
}

fn check(
    errand: &Errand,
    spot: &Spot,
    fault: &Fault,
    by_setup: bool,
    microburst: SocketAddr,
    worker: &mut Worker,
) -> Result<(), String> {
    let (program, before) = prepare(worker)?;
    let proxy = start(&program);
    proxy.set_trap(spot.trap(fault, microburst));
    let mut words = errand.words.to_vec();
    if fault.impatient {
        words.extend(["--patience", "1"]);
    }
    let output = send(&program.through(&proxy), &words);
    let all = said(&output);
    told(&output, spot).map_err(|why| format!("{why}:\n{all}"))?;
    mailed_once(spot, fault, &proxy.take_calls()).map_err(|why| format!("{why}:\n{all}"))?;

    let now = holds(&program, worker)?;
    if now["others"] != before["others"] {
        return Err(format!("others': {}", difference(&before["others"], &now["others"])));
    }
    let left = unnamed(&before["ours"], &now["ours"], &all);
    if !left.is_empty() {
        return Err(format!("left behind, and not said: {}\n{all}", left.join(", ")));
    }

    let is_event = errand.words.contains(&"faults-rule");
    let next: &[&str] = if by_setup && is_event { &["setup", "--yes"] } else { errand.words };
    let output = send(&program, next);
    if output.status.code() != Some(0) {
        return Err(format!("the next {next:?}:\n{}\n{all}", said(&output)));
    }
    unchanged(&before, &program, worker).map_err(|why| format!("after {next:?}: {why}\n{all}"))
}

/// Either it is proven, or on its way; or the operation that failed is named, and it is said whether
/// something was sent.
fn told(output: &Output, spot: &Spot) -> Result<(), String> {
    let all = said(output);
    let text = all.split_whitespace().collect::<Vec<_>>().join(" ");
    let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
    if text.contains("panicked") {
        return Err("a panic".to_owned());
    }
    let enough = match output.status.code() {
        Some(0) => {
            return says(&["received by machine", "on its way"])
                .then_some(())
                .ok_or("done?".to_owned());
        }
        // What came out of the topic is known, and it is nothing.
        Some(2) => says(&["nothing came out of the topic"]),
        Some(1) => {
            says(&["nothing was sent", "may have been sent", "received by machine", "on its way"])
        }
        _ => return Err("neither done nor told".to_owned()),
    };
    let operation = spot.operation();
    if !text.contains(&operation) {
        return Err(format!("{operation} is not named"));
    }
    enough.then_some(()).ok_or_else(|| "it does not say whether something was sent".to_owned())
}

/// Of the events that were put, one at most reached the rule: each is a mail to every reader.
fn mailed_once(spot: &Spot, fault: &Fault, calls: &[Call]) -> Result<(), String> {
    let puts = calls.iter().filter(|call| call.operation == "PutEvents").count();
    let kept_back = match fault.fate(([127, 0, 0, 1], 1).into()) {
        Fate::Detour(_, rule) => !matches!(rule, "slow" | "truncated"),
        Fate::Held | Fate::Answered(_) => true,
        Fate::AnswerLost | Fate::Garbled(_) => false,
    };
    let lost = if spot.operation == "PutEvents" && kept_back { fault.times.min(puts) } else { 0 };
    if puts - lost > 1 { Err(format!("{} mails", puts - lost)) } else { Ok(()) }
}

/// What there is more than before, or otherwise, and is not named.
fn unnamed(before: &Value, now: &Value, text: &str) -> Vec<String> {
    let list = |held: &Value| held.as_array().cloned().unwrap_or_default();
    let before = list(before);
    let more = list(now).into_iter().filter(|one| !before.contains(one));
    let names = more.map(|one| one[1].as_str().unwrap_or_default().to_owned());
    let is_named = |name: &String| {
        let lines = text.lines().collect::<Vec<_>>().join(" ");
        ["not removed: ", "not set back: "]
            .iter()
            .any(|says| lines.split(says).skip(1).any(|rest| rest.contains(name.as_str())))
    };
    names.filter(|name| !is_named(name)).collect()
}
