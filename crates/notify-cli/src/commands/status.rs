//! `status`: what exists, what waits for a person, what has drifted.

use super::{Ended, plan};
use crate::args::{Allowed, Global};
use crate::failure::{DONE, PENDING};
use crate::print::{BAD, BOLD, CHANGED, GOOD, paint};
use crate::show::plan::row;
use crate::show::table::columns;
use crate::world::World;
use crate::{print, show, spec_file};
use notify_core::plan::{Owner, Purpose, Survey, owner, survey};
use notify_core::state::{NoteKind, Resource, ResourceKey, SubscriptionStatus};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What exists, what waits for a person, and what is not as the file says; exits with 2 then
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_: &Args, global: &Global) -> Ended {
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let world = World::open(global, &folder).await?;
    let allowed = Allowed {
        adopt: Vec::new(),
        resubscribe: Vec::new(),
        prune_subscriptions: false,
        allow_deletes: true,
    };
    let request = plan::request(Purpose::Setup, &allowed, global, &world);
    let Survey { plan, observed } = survey(&world, &spec, &request).await?;
    let waiting = plan.notes.iter().any(|note| note.kind == NoteKind::Waiting);
    // What a test has left behind is no drift: `setup` takes it away, and so does the next test.
    let drifted = plan.changes().any(|change| !change.clears_a_test());
    let well = !drifted && plan.blocked.is_empty() && plan.holds.is_empty() && !waiting;
    let exists: Vec<(&ResourceKey, String)> = observed
        .iter()
        .filter(|(key, resource)| {
            let others = matches!(owner(resource.tags(), &spec.stack), Owner::Other { .. });
            let hidden = plan
                .notes
                .iter()
                .any(|n| n.kind == NoteKind::NotOurs && n.key.as_ref() == Some(key));
            !others && !hidden
        })
        .map(|(key, resource)| (key, state(resource)))
        .collect();
    if global.json {
        let mut document = show::json::plan(&plan);
        document["ok"] = json!(well);
        let listed = exists.iter().map(|(key, state)| {
            json!({"kind": key.kind, "place": key.place.to_string(), "name": key.name, "state": state})
        });
        document["exists"] = listed.collect();
        print::out(&print::json(&document));
        return Ok(if well { DONE } else { PENDING });
    }
    let mut out =
        format!("Stack {}, account {}{}\n", plan.stack, plan.identity.account, world.label());
    let places: BTreeSet<_> = exists.iter().map(|(key, _)| &key.place).collect();
    if places.is_empty() {
        out.push_str("\nNothing exists yet.\n");
    }
    for place in places {
        let _ = writeln!(out, "\n{}", paint(BOLD, &place.to_string()));
        let here = exists.iter().filter(|(key, _)| key.place == *place);
        let rows: Vec<Vec<String>> = here
            .map(|(key, state)| {
                let mut cells = row(key, "");
                cells.remove(0);
                cells.push(state.clone());
                cells
            })
            .collect();
        for line in columns(&rows) {
            let _ = writeln!(out, "  {line}");
        }
    }
    out.push_str(&show::plan::notes(&plan));
    out.push_str(&show::plan::obstacles(&plan));
    let verdict = if well {
        paint(GOOD, "Everything is as the file says.")
    } else if !drifted && plan.blocked.is_empty() && plan.holds.is_empty() {
        paint(CHANGED, "Everything exists; something waits for a person.")
    } else {
        let blocked = match plan.blocked.len() {
            0 => String::new(),
            n => format!(", {n} in the way"),
        };
        let said = format!("Not as the file says: {}{blocked}.", show::json::counts(&plan));
        paint(BAD, &said) + " `notify-cli plan` shows what."
    };
    let _ = write!(out, "\n{verdict}");
    print::out(&out);
    Ok(if well { DONE } else { PENDING })
}

fn state(resource: &Resource) -> String {
    let text = match resource {
        Resource::Subscription(subscription) => match subscription.status.value() {
            Some(SubscriptionStatus::Confirmed) => "confirmed",
            Some(SubscriptionStatus::Pending) => "not confirmed yet",
            Some(SubscriptionStatus::Deleted) => "left",
            None => "",
        },
        Resource::Rule(rule) => rule.state.value().map_or("", |state| state.as_str()),
        Resource::Alarm(alarm) => alarm.state.value().map_or("", |state| state.as_str()),
        Resource::Queue(queue) => {
            return match queue.messages.value() {
                None | Some(0) => String::new(),
                Some(waiting) => format!("about {waiting} waiting"),
            };
        }
        Resource::Topic(_) | Resource::Target(_) => "",
    };
    text.to_owned()
}
