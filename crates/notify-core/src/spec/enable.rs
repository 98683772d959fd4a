//! `enable`: presets by their names and curated sets of them, without a section for each.

use super::fields::{Fields, Findings, text_of};
use super::finding::Location;
use super::named::{renamed, section_of, unknown};
use super::node::{Key, Node, Value};
use crate::preset::{Catalogue, Found, Preset, PresetKind};
use std::collections::{BTreeMap, BTreeSet};

/// The sections that `enable` stands for, as if the file had them.
#[derive(Debug, Default)]
pub(super) struct Enabled {
    pub(super) events: Vec<Node>,
    pub(super) alarms: Vec<Node>,
    pub(super) publishers: Vec<Node>,
    /// The presets that have no section of the file's own.
    pub(super) presets: BTreeSet<String>,
    /// Former names of these presets, with their names.
    pub(super) renames: BTreeMap<String, String>,
}

/// Reads `enable`. A preset that a section of the file names is that section's.
pub(super) fn enable(
    fields: &mut Fields<'_>,
    sections: &[&Node],
    catalogue: &Catalogue,
    out: &mut Findings<'_>,
) -> Enabled {
    let mut enabled = Enabled::default();
    let list = fields.list("enable", out).unwrap_or_default();
    if list.is_empty() {
        if let Some(node) = fields.get("enable").filter(|node| matches!(node.value, Value::List(_)))
        {
            let help = "name a set such as \"essential\", or leave the line out";
            out.error(&node.at, "`enable` is empty", help);
        }
        return enabled;
    }
    let mut taken = named_in(sections, catalogue);
    let mut words = BTreeSet::new();
    for node in list {
        let Some(text) = text_of(node, "enable", out) else { continue };
        if !words.insert(text) {
            out.error(&node.at, format!("`{text}` stands here twice"), "leave one out");
            continue;
        }
        for preset in meant(text, &node.at, catalogue, out) {
            if taken.insert(preset.name.clone()) {
                section(preset, &node.at, &mut enabled, out);
            }
        }
    }
    enabled
}

/// The presets that sections of the file name.
fn named_in(sections: &[&Node], catalogue: &Catalogue) -> BTreeSet<String> {
    let names = sections.iter().filter_map(|node| {
        let Value::Table(entries) = &node.value else { return None };
        let (_, node) = entries.iter().find(|(key, _)| key.name == "preset")?;
        let Value::Text(text) = &node.value else { return None };
        match catalogue.find(text) {
            Some(Found::Preset(preset) | Found::Renamed(preset)) => Some(preset.name.clone()),
            _ => None,
        }
    });
    names.collect()
}

/// The presets that a word means: one, or a set of them.
fn meant<'c>(
    text: &str,
    at: &Location,
    catalogue: &'c Catalogue,
    out: &mut Findings<'_>,
) -> Vec<&'c Preset> {
    if let Some(preset) = catalogue.named(text) {
        return vec![preset];
    }
    let set = catalogue.set(text);
    if !set.is_empty() {
        return set.into_iter().filter_map(|name| catalogue.named(name)).collect();
    }
    match catalogue.find(text) {
        Some(Found::Renamed(preset)) => {
            let (problem, help) = renamed(text, preset);
            out.warn(at, problem, help);
            vec![preset]
        }
        found => {
            let sets = catalogue.sets();
            let mut names = sets.clone();
            names.extend(catalogue.all().map(|preset| preset.name.as_str()));
            let what = format!("there is no set and no preset \"{text}\"");
            let (problem, mut help) = unknown(text, what, found, &names);
            if help.ends_with("lists them") {
                help = format!("sets are {}; {help}", sets.join(", "));
            }
            out.error(at, problem, help);
            Vec::new()
        }
    }
}

/// The section that a preset has by itself: it is called like it.
fn section(preset: &Preset, at: &Location, enabled: &mut Enabled, out: &mut Findings<'_>) {
    let name = &preset.name;
    let must: Vec<&str> = preset
        .parameters
        .iter()
        .filter(|(_, parameter)| parameter.required)
        .map(|(name, _)| name.as_str())
        .collect();
    let list = match preset.kind {
        _ if !must.is_empty() => {
            let section = section_of(preset.kind);
            out.error(
                at,
                format!("the preset {name} cannot do without {}", must.join(" and ")),
                format!("write a section {section} with `preset = \"{name}\"`, and name them"),
            );
            return;
        }
        PresetKind::LogMetric => {
            out.error(
                at,
                format!("the preset {name} counts entries of a log, and nothing here does that"),
                format!("`notify-cli presets show {name}` has its filter, for making it by hand"),
            );
            return;
        }
        PresetKind::Event => &mut enabled.events,
        PresetKind::Alarm => &mut enabled.alarms,
        PresetKind::Publisher => &mut enabled.publishers,
    };
    let entry = |key: &str| {
        let key = Key { at: at.clone(), name: key.to_owned() };
        (key, Node { at: at.clone(), value: Value::Text(name.clone()) })
    };
    let mut entries = vec![entry("preset")];
    if preset.kind != PresetKind::Publisher {
        entries.push(entry("name"));
    }
    list.push(Node { at: at.clone(), value: Value::Table(entries) });
    enabled.presets.insert(name.clone());
    let former = preset.formerly.iter().map(|former| (former.clone(), name.clone()));
    enabled.renames.extend(former);
}
