//! Why a rule goes that `enable` once asked for: what became of its preset.

use super::planner::Facts;
use crate::aws::tags;
use crate::preset::{Catalogue, Found};
use crate::state::{Resource, ResourceKey};

/// What became of the preset that a rule was made for; `None` for a rule of a section of the file.
pub(super) fn preset_of(facts: &Facts<'_>, key: &ResourceKey) -> Option<String> {
    let name = facts.observed.get(key).and_then(Resource::tags)?.get(tags::PRESET)?;
    if let Some(now) = facts.renames.get(name) {
        return Some(format!("the preset {name} is called {now} now"));
    }
    // An author's own presets are not in it: what the file says of them was looked at above.
    match Catalogue::default().find(name) {
        Some(Found::Preset(_)) => Some(format!("nothing in `enable` means the preset {name} any more")),
        Some(Found::Renamed(preset)) => {
            Some(format!("the preset {name} is called {} now", preset.name))
        }
        Some(Found::Removed(gone)) => {
            let instead = gone.instead.as_ref().map(|name| format!("; in its place there is {name}"));
            Some(format!(
                "the preset {name} is gone since version {}: {}{}",
                gone.since,
                gone.why.en,
                instead.unwrap_or_default()
            ))
        }
        None => Some(format!("there is no preset {name} any more")),
    }
}
