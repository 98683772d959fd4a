//! Every call of every command meets every fault. After each: done, or told; the next run converges;
//! nothing is there twice; what is others' is as it was.

use crate::beside::{Held, REGION, difference};
use crate::cases::{Case, Worker};
use crate::commands::{COMMANDS, Command, NAMES, spec};
use crate::fault::{FAULTS, Fault};
use crate::program::Program;
use notify_proxy::{Call, Proxy, Trap};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Output;

/// One call of a command: the so-manieth of its operation.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) nth: usize,
}

impl Spot {
    /// The operation as IAM names it.
    pub(crate) fn operation(&self) -> String {
        format!("{}:{}", service(&self.service), self.operation)
    }

    /// Does this to it, as often as the fault lasts.
    pub(crate) fn trap(&self, fault: &Fault, microburst: SocketAddr) -> Trap {
        Trap {
            operation: format!("{}:{}", self.service, self.operation),
            after: self.nth,
            times: fault.times,
            fate: fault.fate(microburst),
        }
    }
}

/// The calls of a run, in their order.
pub(crate) fn spots(calls: Vec<Call>) -> Vec<Spot> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let spots = calls.into_iter().map(|call| {
        let nth = seen.entry(format!("{}:{}", call.service, call.operation)).or_default();
        let spot = Spot { service: call.service, operation: call.operation, nth: *nth };
        *nth += 1;
        spot
    });
    spots.collect()
}

/// A command that was run once without faults.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) command: &'static Command,
    spots: Vec<Spot>,
    /// What it makes of the account.
    pub(crate) result: Held,
}

/// Runs each command once, and notes its calls and what it leaves.
pub(crate) fn count(worker: &mut Worker) -> Result<Vec<Counted>, String> {
    COMMANDS.iter().map(|command| count_one(command, worker)).collect()
}

fn count_one(command: &'static Command, worker: &mut Worker) -> Result<Counted, String> {
    let program = Program::in_fresh_account();
    prepare(command, &program, worker)?;
    let proxy = start(&program);
    let output = program.through(&proxy).run(&spec(command.spec), command.words);
    if output.status.code() != Some(0) {
        return Err(format!("{}: {}", command.name, said(&output)));
    }
    let spots = spots(proxy.take_calls());
    Ok(Counted { command, spots, result: worker.beside.reads(&program.account)? })
}

/// All cases; where `every` is more than one only as many as that a part of them, so that each call
/// meets some fault and each fault some calls.
pub(crate) fn cases(counted: &[Counted], every: usize, microburst: SocketAddr) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for counted in counted {
        for (nth, spot) in counted.spots.iter().enumerate() {
            for (fault_nth, fault) in FAULTS.iter().enumerate() {
                if (nth + fault_nth) % every == 0 {
                    cases.push(case(counted, spot, fault, microburst));
                }
            }
        }
    }
    cases
}

fn case<'a>(
    counted: &'a Counted,
    spot: &'a Spot,
    fault: &'static Fault,
    microburst: SocketAddr,
) -> Case<'a> {
    Case {
        group: fault.name,
        name: format!("{} / {} {}", counted.command.name, spot.operation(), spot.nth + 1),
        check: Box::new(move |worker| check(counted, spot, fault, microburst, worker)),
    }
}

fn check(
    counted: &Counted,
    spot: &Spot,
    fault: &Fault,
    microburst: SocketAddr,
    worker: &mut Worker,
) -> Result<(), String> {
    let command = counted.command;
    let program = Program::in_fresh_account();
    prepare(command, &program, worker)?;
    let before = worker.beside.reads(&program.account)?.others;

    let proxy = start(&program);
    proxy.set_trap(spot.trap(fault, microburst));
    let (file, settled) = (spec(command.spec), command.settled);
    let mut words = command.words.to_vec();
    if fault.impatient {
        words.extend(["--patience", "1"]);
    }
    let output = program.through(&proxy).run(&file, &words);
    let calls = proxy.take_calls();
    told(&output, spot, &calls)?;
    if output.status.code() == Some(0) {
        let now = program.run(&file, settled.0);
        if now.status.code() != Some(settled.1) {
            return Err(format!("it said that it is done:\n{}\n{}", said(&output), said(&now)));
        }
    }

    proxy.judge(|_| None);
    let again = program.through(&proxy);
    counted
        .converges(&again, &before, worker)
        .map_err(|why| format!("{why}\n{}", said(&output)))?;
    once(fault, &calls, &proxy.calls())
}

impl Counted {
    /// The command, run again, has everything done, and nothing of others is touched.
    pub(crate) fn converges(
        &self,
        program: &Program,
        others: &Value,
        worker: &mut Worker,
    ) -> Result<(), String> {
        let Self { command, result, .. } = self;
        let (file, settled) = (spec(command.spec), command.settled);
        let next = program.run(&file, command.words);
        if next.status.code() != Some(0) {
            return Err(format!("the next run does not converge:\n{}", said(&next)));
        }
        let now = program.run(&file, settled.0);
        if now.status.code() != Some(settled.1) {
            return Err(format!("something is left to do:\n{}", said(&now)));
        }
        let held = worker.beside.reads(&program.account)?;
        if held.ours != result.ours {
            return Err(difference(&result.ours, &held.ours));
        }
        if held.others != *others {
            return Err(format!("others' things: {}", difference(others, &held.others)));
        }
        Ok(())
    }
}

/// What is there before a command.
pub(crate) fn prepare(
    command: &Command,
    program: &Program,
    worker: &mut Worker,
) -> Result<(), String> {
    for hand in command.by_hand {
        worker.beside.does(&program.account, *hand)?;
    }
    for (file, words) in command.before {
        let output = program.run(&spec(file), words);
        if output.status.code() != Some(0) {
            return Err(format!("before: {}", said(&output)));
        }
    }
    Ok(())
}

pub(crate) fn start(program: &Program) -> Proxy {
    let upstream = program.endpoint.trim_start_matches("http://").parse().expect("an address");
    Proxy::start(upstream).expect("a proxy")
}

/// Either it is done, or the operation and the resource that failed are named, and it is said what
/// was and what was not done.
fn told(output: &Output, spot: &Spot, calls: &[Call]) -> Result<(), String> {
    let all = said(output);
    let text = all.split_whitespace().collect::<Vec<_>>().join(" ");
    let wrong = |why: &str| Err(format!("{why}:\n{all}"));
    if text.contains("panicked") || !matches!(output.status.code(), Some(0 | 1)) {
        return wrong("neither done nor told");
    }
    if output.status.code() == Some(0) {
        return Ok(());
    }
    let operation = spot.operation();
    if !text.contains(&operation) {
        return wrong(&format!("{operation} is not named"));
    }
    let is_it = |call: &&Call| call.service == spot.service && call.operation == spot.operation;
    let body = calls.iter().filter(is_it).nth(spot.nth);
    let body = body.map(|call| String::from_utf8_lossy(&call.body).replace("%40", "@"));
    let body = body.unwrap_or_default();
    let mut about: Vec<&&str> = NAMES.iter().filter(|name| body.contains(**name)).collect();
    if body.contains("AlarmNames") {
        // A hundred at a time: only their region is said.
        about.push(&REGION);
    }
    let line = text.split(&operation).skip(1);
    let named = line.clone().any(|rest| about.iter().any(|name| rest.contains(**name)));
    if !about.is_empty() && !named {
        return wrong(&format!("{operation} is named without any of {about:?}"));
    }
    let says = ["nothing was changed", "changes done.", "no WAF alarm was changed"];
    if !says.iter().any(|says| text.contains(says)) {
        return wrong("it does not say what was done");
    }
    Ok(())
}

/// The name of a service in IAM, from the one that its requests are signed for.
fn service(signed: &str) -> &str {
    match signed {
        "monitoring" => "cloudwatch",
        "tagging" => "tag",
        other => other,
    }
}

/// No reader is invited twice, except where an answer was lost.
fn once(fault: &Fault, first: &[Call], second: &[Call]) -> Result<(), String> {
    let mut invited: BTreeMap<&[u8], usize> = BTreeMap::new();
    let calls = first.iter().chain(second).filter(|call| call.operation == "Subscribe");
    for call in calls {
        *invited.entry(&call.body).or_default() += 1;
    }
    // Calls that met the fault before they were carried out invited nobody.
    let kept_back = match fault.fate(([127, 0, 0, 1], 1).into()) {
        notify_proxy::Fate::Detour(_, rule) => !matches!(rule, "slow" | "truncated"),
        notify_proxy::Fate::Held | notify_proxy::Fate::Answered(_) => true,
        notify_proxy::Fate::AnswerLost | notify_proxy::Fate::Garbled(_) => false,
    };
    match invited.values().max() {
        Some(most) if !kept_back && *most > fault.invitations => {
            Err(format!("a reader was invited {most} times"))
        }
        _ => Ok(()),
    }
}

/// All that a run said.
pub(crate) fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    let status = output.status;
    format!("[{status}]\n{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}
