//! Mutes, for people and in JSON.

use super::plan::WIDTH;
use super::table::wrap;
use crate::failure::Failure;
use crate::print::{self, BAD, CHANGED, paint};
use crate::world::World;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use notify_core::plan::Plan;
use notify_core::plan::mute::{Running, look, running};
use notify_core::provider::ErrorClass;
use notify_core::spec::Spec;
use notify_core::state::{Note, NoteKind, State};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A time on the person's own clock, and in UTC.
pub(crate) fn time(at: Timestamp) -> String {
    let zone = TimeZone::system();
    let offset = zone.to_offset(at);
    if offset.seconds() == 0 {
        return at.to_string();
    }
    let local = at.to_zoned(TimeZone::fixed(offset));
    format!("{} ({at})", local.strftime("%Y-%m-%d %H:%M %:z"))
}

/// Finds what is muted. What a permission is missing for is noted as unknown.
pub(crate) async fn find(
    world: &World,
    spec: &Spec,
    plan: &mut Plan,
    observed: &State,
    now: Timestamp,
) -> Result<Vec<Running>, Failure> {
    match look(world, &plan.scope, observed).await {
        // They are no part of what the file asks for: they are told of, and not listed.
        Ok(mutes) => {
            let mut all = observed.clone();
            all.extend(mutes);
            Ok(running(spec, &all, now))
        }
        Err(error) if error.class == ErrorClass::AccessDenied => {
            let operation = &error.operation;
            let text = format!("whether alarms are muted is unknown: allow `{operation}`");
            plan.notes.push(Note { kind: NoteKind::Info, key: None, text });
            Ok(running(spec, observed, now))
        }
        Err(error) => Err(error.into()),
    }
}

/// What is muted, where nobody can miss it; empty where nothing is.
pub(crate) fn loud(mutes: &[Running]) -> String {
    let mut out = String::new();
    if mutes.is_empty() {
        return out;
    }
    let _ = writeln!(out, "\n{}", paint(BAD, "MUTED: nobody is told of these"));
    for one in mutes {
        let Running { notification, region, until, key: _ } = one;
        let text = format!("{notification} in {region} until {}", time(*until));
        let _ = writeln!(out, "{}", paint(CHANGED, &wrap(&print::line(&text), 2, WIDTH)));
    }
    out.push_str("  `notify-cli unmute NAME` ends it at once\n");
    out
}

/// What is muted, for a JSON document.
pub(crate) fn list(mutes: &[Running]) -> Value {
    let each = mutes.iter().map(|one| {
        let Running { notification, region, until, key } = one;
        json!({
            "notification": notification,
            "place": region,
            "until": until.to_string(),
            "kind": key.kind,
            "name": key.name,
        })
    });
    each.collect()
}
