//! Asks, runs a plan, and says what is left to do: shared by `setup` and `destroy`.

use super::Ended;
use super::already::{self, Already};
use crate::args::Global;
use crate::failure::{DONE, ERROR, Failure, INTERRUPTED};
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::read_back::{Asked, Found, differ, read_back};
use crate::show::plan::WIDTH;
use crate::show::table::wrap;
use crate::world::World;
use crate::{print, show};
use jiff::Timestamp;
use notify_core::plan::{self, Plan};
use notify_core::provider::{Outcome, Report, apply};
use notify_core::spec::Spec;
use notify_core::state::{Note, NoteKind, ResourceKey};
use serde_json::Value;
use std::io::{BufRead, IsTerminal};

/// A plan that is to be run.
pub(super) struct Run<'a> {
    pub(super) plan: &'a Plan,
    /// What it was made from; `None` for a saved plan.
    pub(super) asked: Option<Asked<'a>>,
    /// What is asked before anything is done.
    pub(super) question: &'a str,
    /// Asks nothing.
    pub(super) yes: bool,
    pub(super) interrupt: &'a Interrupt,
    /// The file that is set up: what does not comply already with Config rules that are told of
    /// for the first time is looked at.
    pub(super) spec: Option<&'a Spec>,
}

/// Shows a plan, asks unless `yes`, runs it, and looks at what came of it.
pub(super) async fn run(run: &Run<'_>, world: &mut World, global: &Global) -> Ended {
    let Run { plan, asked, question, yes, interrupt, spec } = run;
    if !global.json {
        print::out(&show::plan::human(plan, world.label(), global.verbose));
    }
    if let Some(failure) = obstacle(plan) {
        if global.json {
            print::out(&print::json(&show::json::plan(plan)));
        }
        return Err(failure);
    }
    if plan.is_empty() {
        if global.json {
            let document = show::json::report(plan, &Report::default(), None);
            print::out(&print::json(&with_already(document, *spec, &[])));
        }
        return Ok(held(plan));
    }
    if !yes {
        if global.json {
            return Err(Failure::new(
                "--json asks no question; nothing was changed",
                "--yes answers yes beforehand",
            ));
        }
        ask(question, "nothing was changed")?;
        // Somebody may have taken their time to answer.
        unmoved(world, plan).await?;
    }
    let report = execute(plan, world, interrupt, None).await;
    world.save()?;
    if !global.json {
        print::out("");
        print::out(&show::plan::applied(&report.applied));
        print::out(&summary(plan, &report, matches!(world, World::Local(_))));
    }
    let (mut found, mut known) = (None, Vec::new());
    if !interrupt.came() {
        let look = async {
            let found = if report.is_complete() {
                Some(read_back(world, plan, asked.as_ref()).await)
            } else {
                None
            };
            let known = match spec {
                Some(spec) => already::after(world, spec, global, &report).await,
                None => Vec::new(),
            };
            (found, known)
        };
        // Looking changes nothing: it needs no end.
        tokio::select! {
            looked = look => (found, known) = looked,
            () = interrupt.wait() => {}
        }
    }
    if global.json {
        let document = show::json::report(plan, &report, found.as_ref());
        print::out(&print::json(&with_already(document, *spec, &known)));
    } else if !known.is_empty() {
        print::out(already::human(&known).trim_end());
    }
    match found {
        Some(Found::Proven) => Ok(held(plan)),
        Some(Found::Differs(differs)) => Err(differ(&differs)),
        Some(Found::Unknown(failure)) => Err(failure),
        None if interrupt.came() => {
            let left = if report.is_complete() {
                "everything is done, but was not looked at again: `notify-cli plan` does that"
            } else {
                "what was under way is done; the same command does the rest"
            };
            print::err(&format!("interrupted: {left}"));
            Ok(INTERRUPTED)
        }
        None => {
            print::err(
                "not everything is done: when the cause is removed, run the same command again",
            );
            Ok(ERROR)
        }
    }
}

/// What `setup` says besides; `destroy` has no spec.
fn with_already(mut document: Value, spec: Option<&Spec>, found: &[Already]) -> Value {
    if spec.is_some() {
        document["non_compliant"] = already::document(found);
    }
    document
}

/// A run that could not ask WAF has not done all that the file says.
fn held(plan: &Plan) -> u8 {
    if plan.holds.is_empty() {
        return DONE;
    }
    print::err(
        "a web ACL could not be read, so no WAF alarm was changed: run the same command again",
    );
    ERROR
}

pub(super) fn obstacle(plan: &Plan) -> Option<Failure> {
    if !plan.blocked.is_empty() {
        let count = plan.blocked.len();
        return Some(Failure::new(
            format!("{count} resource(s) are in the way; nothing was changed"),
            "the plan says of each what to do about it",
        ));
    }
    plan.refusal.as_ref().map(|refusal| {
        Failure::new(
            format!("{refusal}; nothing was changed"),
            "allow it with --allow-deletes if that is what you want",
        )
    })
}

/// Refuses a plan when anything that it touches has changed since it was made.
pub(super) async fn unmoved(world: &World, plan: &Plan) -> Result<(), Failure> {
    let moved = plan::recheck(world, plan).await.map_err(Failure::before_any_change)?;
    if moved.is_empty() {
        return Ok(());
    }
    let causes = moved
        .iter()
        .map(|m| format!("{} {} in {}: {}", m.key.kind, m.key.name, m.key.place, m.what));
    let mut failure = Failure::new(
        "the world has moved since the plan was made; nothing was changed",
        "plan again",
    );
    failure.causes = causes.collect();
    Err(failure)
}

/// Asks on a terminal; without one a question would hang for ever. `otherwise` is said where
/// nobody says yes.
pub(super) fn ask(question: &str, otherwise: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::new(
            format!("there is nobody to ask; {otherwise}"),
            "--yes answers yes beforehand",
        ));
    }
    print::err(&format!("\n{question} Only `yes` goes on:"));
    let mut answer = String::new();
    let _ = std::io::stdin().lock().read_line(&mut answer);
    if answer.trim() == "yes" {
        return Ok(());
    }
    print::err(otherwise);
    Err(Failure::printed())
}

/// Carries a plan out; nothing new begins once somebody stops it, or from the deadline on.
pub(super) async fn execute(
    plan: &Plan,
    world: &World,
    interrupt: &Interrupt,
    deadline: Option<Timestamp>,
) -> Report {
    interrupt.begin();
    let is_late = || deadline.is_some_and(|deadline| Timestamp::now() >= deadline);
    let mut progress = Progress::new(plan.changes().count());
    apply(
        world,
        plan,
        || interrupt.came() || is_late(),
        |applied| {
            if !matches!(applied.outcome, Outcome::Skipped(_)) {
                progress.step();
            }
        },
    )
    .await
}

/// What was done, and what a person must do now.
fn summary(plan: &Plan, report: &Report, is_local: bool) -> String {
    let done = report
        .applied
        .iter()
        .filter(|a| matches!(a.outcome, Outcome::Done | Outcome::AwaitsConfirmation));
    let mut out = format!("\n{} of {} changes done.", done.count(), report.applied.len());
    let made: Vec<String> = unique(report.awaiting().map(address));
    if !made.is_empty() {
        let noun = if made.len() == 1 { "address" } else { "addresses" };
        let said = format!("Now {} {noun} must confirm: {}", made.len(), made.join(", "));
        let how = "Each gets a mail \"AWS Notification - Subscription Confirmation\" with a link that \
                   is good for two days; until then it is told nothing. `notify-cli confirm -` takes \
                   the link so that no click below a later mail ends the subscription; whoever opens \
                   it confirms, too. `notify-cli wait` waits for all of them.";
        let here = "Here the mail lies in .notify/outbox/, and `notify-cli confirm ADDRESS --provider \
                    local` follows its link.";
        for text in [said.as_str(), how].into_iter().chain(is_local.then_some(here)) {
            out.push_str("\n\n");
            out.push_str(&wrap(&print::line(text), 0, WIDTH));
        }
    }
    let waits = |note: &&Note| note.kind == NoteKind::Waiting;
    let left = plan.notes.iter().filter(waits).filter_map(|note| note.key.as_ref()).map(address);
    let left: Vec<String> = unique(left.filter(|address| !made.contains(address)));
    if !left.is_empty() {
        let said = format!("Still to confirm, or gone: {} (see above)", left.join(", "));
        out.push_str("\n\n");
        out.push_str(&wrap(&print::line(&said), 0, WIDTH));
    }
    out
}

fn unique(addresses: impl Iterator<Item = String>) -> Vec<String> {
    let set: std::collections::BTreeSet<String> = addresses.collect();
    set.into_iter().collect()
}

/// The endpoint in a subscription's key.
pub(super) fn address(key: &ResourceKey) -> String {
    key.name.splitn(3, '/').nth(2).unwrap_or(&key.name).to_owned()
}
