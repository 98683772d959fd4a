//! What happens when AWS, the network or a second operator does not do what is expected.
//!
//! `cargo xtask test` runs a part, `cargo xtask faults` all of it. It starts no server of its own: the
//! environment says where the API server is, and where microburst is before it.

#![expect(clippy::print_stdout, reason = "it reports its cases itself")]

mod account {
    pub(crate) use super::ids::{endpoint, fresh_id};
}
mod alone;
mod beside;
mod cases;
mod chance;
mod commands;
mod cut;
mod fault;
#[path = "../server/ids.rs"]
mod ids;
mod matrix;
mod operators;
#[path = "../server/program.rs"]
#[expect(dead_code, reason = "the tests against the server use more of it")]
mod program;
mod sends;

use cases::{Counts, Worker};
use std::process::ExitCode;

/// How many cases are under way at a time: most of them wait.
const WORKERS: usize = 8;
/// The same of `send`, which waits most of its time for queues and rules.
const WAITING: usize = 20;
/// Of the matrix, the part that every test run has.
const EVERY: usize = 15;
/// How often two work at once, and how often a run is cut off.
const ROUNDS: usize = 100;
const FEW_ROUNDS: usize = 10;

fn main() -> ExitCode {
    let full = std::env::var_os("NOTIFY_FAULTS").is_some_and(|which| which == "all");
    let microburst = std::env::var("NOTIFY_TEST_FAULTS").expect("run `cargo xtask faults`");
    let microburst = microburst.parse().expect("an address");
    let mut worker = Worker { beside: beside::Beside::start() };
    let counted = match matrix::count(&mut worker) {
        Ok(counted) => counted,
        Err(why) => {
            println!("without any fault: {why}");
            return ended(Counts { passed: 0, failed: 1 });
        }
    };
    drop(worker);
    let tried = match sends::count() {
        Ok(tried) => tried,
        Err(why) => {
            println!("without any fault: {why}");
            return ended(Counts { passed: 0, failed: 1 });
        }
    };
    let seed = chance::Chance::seed();
    let (every, rounds) = if full { (1, ROUNDS) } else { (EVERY, FEW_ROUNDS) };
    let mut all = alone::cases(microburst);
    all.extend(operators::cases(&counted, rounds, seed));
    all.extend(cut::cases(&counted, rounds, seed));
    all.extend(matrix::cases(&counted, every, microburst));
    let mut sends = sends::cases(&tried, every, microburst);
    if let Ok(only) = std::env::var("NOTIFY_FAULTS_ONLY") {
        for cases in [&mut all, &mut sends] {
            cases.retain(|case| case.group.contains(&only) || case.name.contains(&only));
        }
    }
    let counts = cases::run("faults", &all, WORKERS);
    ended(counts + cases::run("faults of send", &sends, WAITING))
}

/// In the form that `cargo xtask` counts.
fn ended(Counts { passed, failed }: Counts) -> ExitCode {
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!("\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
