//! Runs a plan.

use super::{ALARMS_A_DELETE, AT_A_TIME, Done, Provider, ProviderError};
use crate::plan::{Action, Change, Plan};
use crate::state::ResourceKey;
use futures_util::{StreamExt, stream};
use std::collections::BTreeSet;

/// What became of one change.
#[derive(Debug)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It is done, and now waits for a person.
    AwaitsConfirmation,
    /// It failed.
    Failed(ProviderError),
    /// It was not tried.
    Skipped(String),
}

/// A change with what became of it.
#[derive(Debug)]
pub struct Applied {
    /// The resource.
    pub key: ResourceKey,
    /// What was to happen to it.
    pub action: Action,
    /// What happened.
    pub outcome: Outcome,
}

/// What became of a plan, in its order of execution.
#[derive(Debug, Default)]
pub struct Report {
    /// An entry for each change.
    pub applied: Vec<Applied>,
}

impl Report {
    /// Whether every change is done.
    pub fn is_complete(&self) -> bool {
        self.applied
            .iter()
            .all(|a| matches!(a.outcome, Outcome::Done | Outcome::AwaitsConfirmation))
    }

    /// The subscriptions that were made and wait for their readers.
    pub fn awaiting(&self) -> impl Iterator<Item = &ResourceKey> {
        let waiting = |a: &&Applied| matches!(a.outcome, Outcome::AwaitsConfirmation);
        self.applied.iter().filter(waiting).map(|a| &a.key)
    }
}

/// Runs a plan, stage after stage, with up to [`AT_A_TIME`] changes side by side.
///
/// A change whose needs failed is skipped, all others go on. When `stop` says so, what is under
/// way ends and nothing new begins. Running the same command again is the recovery: the next
/// plan holds what is missing.
pub async fn apply<P: Provider>(
    provider: &P,
    plan: &Plan,
    stop: impl Fn() -> bool,
    mut on: impl FnMut(&Applied),
) -> Report {
    let mut report = Report::default();
    let mut lost: BTreeSet<&ResourceKey> = BTreeSet::new();
    for stage in &plan.stages {
        let (ready, held): (Vec<&Change>, Vec<&Change>) =
            stage.changes.iter().partition(|change| cause(change, &lost).is_none());
        for change in held {
            let why = cause(change, &lost).map_or_else(String::new, |need| {
                format!("it needs {} {}, which was not done", need.kind, need.name)
            });
            skip(&mut report, &mut on, change, why);
            lost.insert(&change.key);
        }
        let batches = batches(&ready);
        // Each batch answers with its own index, so that the stream may end in any order. The
        // closure runs as a slot falls free: what has not begun when `stop` turns true never does.
        let mut running =
            stream::iter(&batches)
                .map(|batch| {
                    let begin = !stop();
                    async move {
                        (batch, if begin { Some(provider.execute(batch).await) } else { None })
                    }
                })
                .buffer_unordered(AT_A_TIME);
        while let Some((batch, answers)) = running.next().await {
            let Some(answers) = answers else {
                for change in batch {
                    skip(&mut report, &mut on, change, "interrupted".to_owned());
                    lost.insert(&change.key);
                }
                continue;
            };
            for (change, answer) in batch.iter().zip(answers) {
                let outcome = match answer {
                    Ok(Done::Complete) => Outcome::Done,
                    Ok(Done::AwaitsConfirmation) => Outcome::AwaitsConfirmation,
                    Err(error) => {
                        lost.insert(&change.key);
                        Outcome::Failed(error)
                    }
                };
                record(&mut report, &mut on, change, outcome);
            }
        }
    }
    report
}

/// What a change needs and does not have: an earlier change of its own resource counts, too.
fn cause<'a>(change: &'a Change, lost: &BTreeSet<&ResourceKey>) -> Option<&'a ResourceKey> {
    std::iter::once(&change.key).chain(&change.needs).find(|need| lost.contains(need))
}

/// Alarms that are only deleted go many to a call, everything else alone.
fn batches<'a>(changes: &[&'a Change]) -> Vec<Vec<&'a Change>> {
    let mut batches: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        if change.deletes_alarm().is_some()
            && let Some(last) = batches.last_mut()
            && last.len() < ALARMS_A_DELETE
            && last.iter().all(|c| c.deletes_alarm().is_some() && c.key.place == change.key.place)
        {
            last.push(change);
        } else {
            batches.push(vec![change]);
        }
    }
    batches
}

fn skip(report: &mut Report, on: &mut impl FnMut(&Applied), change: &Change, why: String) {
    record(report, on, change, Outcome::Skipped(why));
}

fn record(report: &mut Report, on: &mut impl FnMut(&Applied), change: &Change, outcome: Outcome) {
    report.applied.push(Applied { key: change.key.clone(), action: change.action, outcome });
    if let Some(applied) = report.applied.last() {
        on(applied);
    }
}
