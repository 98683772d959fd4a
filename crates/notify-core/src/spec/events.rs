//! `[[events]]`.

use super::content::{Content, DeliveryKind};
use super::exclude::exclude;
use super::fields::{Fields, Findings, text_of, wrong_kind};
use super::finding::Location;
use super::input::content;
use super::named::{preset_of, strangers};
use super::node::{Node, Value};
use super::topic::severity;
use super::{EventSpec, Language, UsedPreset, pattern};
use crate::aws::{NOTIFICATION, Region, RuleName, SEVERITY};
use crate::message::Tables;
use crate::pattern::MOST_CHARACTERS;
use crate::pattern::PatternText;
use crate::preset::{Catalogue, Parameter, ParameterKind, Preset, PresetKind, PresetState};
use serde_json::Value as Json;
use std::collections::BTreeMap;

const MOST_DESCRIPTION: usize = 512;
/// The quota on rules with wildcards on one bus; it is fixed.
const MOST_WILDCARD_RULES: usize = 30;

/// What a section takes that says nothing of it.
pub(super) struct Defaults<'c> {
    pub(super) language: Language,
    pub(super) dead_letter: bool,
    pub(super) catalogue: &'c Catalogue,
    /// The file's own word on it.
    pub(super) delivery: Option<DeliveryKind>,
    pub(super) tables: Tables,
}

pub(super) fn events(
    nodes: &[&Node],
    defaults: &Defaults<'_>,
    base: &[Region],
    out: &mut Findings<'_>,
) -> Vec<EventSpec> {
    let mut list: Vec<(EventSpec, Location)> = Vec::new();
    for node in nodes {
        let Some(event) = event(node, defaults, out) else { continue };
        let same = |(other, _): &(EventSpec, Location)| {
            other.name == event.name && share_a_region(&other.regions, &event.regions, base)
        };
        if list.iter().any(same) {
            out.error(
                &node.at,
                format!("two events are called {}", event.name),
                "give one another `name`",
            );
        }
        list.push((event, node.at.clone()));
    }
    rule_quotas(&list, base, out);
    list.into_iter().map(|(event, _)| event).collect()
}

/// Whether two notifications meet in a region; no region of its own means the stack's.
pub(super) fn share_a_region(one: &[Region], other: &[Region], base: &[Region]) -> bool {
    let or_base =
        |regions: &[Region]| if regions.is_empty() { base.to_vec() } else { regions.to_vec() };
    let (one, other) = (or_base(one), or_base(other));
    // Without regions in the file, both are where the AWS configuration says.
    one.is_empty() && other.is_empty() || one.iter().any(|region| other.contains(region))
}

fn rule_quotas(list: &[(EventSpec, Location)], base: &[Region], out: &mut Findings<'_>) {
    let mut by_region: BTreeMap<Option<Region>, (usize, usize)> = BTreeMap::new();
    for (event, at) in list {
        let mut regions: Vec<Option<Region>> =
            if event.regions.is_empty() { base } else { &event.regions }
                .iter()
                .cloned()
                .map(Some)
                .collect();
        if regions.is_empty() {
            regions.push(None);
        }
        for region in regions {
            let small =
                matches!(region.as_ref().map(Region::as_str), Some("af-south-1" | "eu-south-1"));
            let (rules, wildcards) = by_region.entry(region).or_default();
            *rules += 1;
            *wildcards += usize::from(event.pattern.0.contains("\"wildcard\""));
            let quota = if small { 100 } else { 300 };
            if *rules == quota + 1 {
                out.warn(
                    at,
                    format!("more than {quota} rules in one region"),
                    "that is the bus's quota: have it raised first",
                );
            }
            if *wildcards == MOST_WILDCARD_RULES + 1 {
                out.error(
                    at,
                    format!("more than {MOST_WILDCARD_RULES} rules with wildcards in one region"),
                    "the quota is fixed: use `prefix` or `suffix` in some of them",
                );
            }
        }
    }
}

fn event(node: &Node, defaults: &Defaults<'_>, out: &mut Findings<'_>) -> Option<EventSpec> {
    let mut fields = Fields::of(node, "[[events]]", out)?;
    let name = fields.require("name", "\"config-noncompliant\"", out).and_then(|node| {
        let text = text_of(node, "name", out)?;
        out.named(&node.at, RuleName::parse(text))
    });
    let description = fields.text("description", out).map_or("", |(text, node)| {
        out.check_text("a description", text, MOST_DESCRIPTION, &node.at);
        text
    });
    let mut regions = fields.regions(out);
    let severity = severity("severity", &mut fields, out);
    let enabled = fields.bool("enabled", out).unwrap_or(true);
    let dead_letter = fields.bool("dead_letter", out).unwrap_or(defaults.dead_letter);
    let preset = preset_of(&mut fields, PresetKind::Event, defaults.catalogue, out);
    let event_preset = preset.and_then(|preset| preset.event.as_ref());
    if let Some(preset) = preset.filter(|_| regions.is_empty()) {
        regions.clone_from(&preset.regions);
    }
    let pattern = match (preset, event_preset) {
        (Some(preset), Some(event)) => {
            let values = matchers(&mut fields, preset, out);
            if let Some(node) = fields.get("pattern") {
                out.error(
                    &node.at,
                    "`preset` and `pattern` exclude each other",
                    "leave one of them out",
                );
            }
            Some(PatternText(event.pattern_with(&values).to_string()))
        }
        _ => {
            let node = fields.get("pattern");
            if node.is_none() && fields.get("preset").is_none() {
                out.error(
                    &fields.at,
                    "[[events]] has neither `preset` nor `pattern`",
                    "add `preset = \"config-compliance\"`, or a `pattern` in JSON",
                );
            }
            node.and_then(|node| pattern::read(node, out))
        }
    };
    // Without a pattern nothing can be said of `exclude`, but it is no unknown key.
    fields.get("exclude");
    let exclude = pattern.map(|pattern| {
        let at = fields.get("pattern").map_or(&fields.at, |node| &node.at);
        let known = pattern::check_limits(&pattern, at, out);
        exclude(&mut fields, pattern, preset, &known, out)
    });
    let pattern = exclude.as_ref().map(|exclude| exclude.pattern().clone());
    let content = content(&mut fields, preset, defaults, pattern.as_ref(), out);
    if preset.is_none() {
        strangers(&mut fields, PresetKind::Event, defaults.catalogue, out);
    }
    let off = fields.get("dead_letter").filter(|node| matches!(node.value, Value::Bool(false)));
    if let (Some(node), Some(Content::StepFunctions(_))) = (off, &content) {
        out.error(
            &node.at,
            "`dead_letter = false` and `delivery = \"step-functions\"` exclude each other",
            "leave `dead_letter` out: what the state machine could not be started for is kept in \
             the queue",
        );
    }
    fields.finish(out);
    let name = name?;
    let severity = severity.or(preset.map(|preset| preset.severity));
    let mut content = content?;
    if let Content::StepFunctions(letter) = &mut content {
        letter.attributes.insert(NOTIFICATION.to_owned(), name.to_string());
        let severity = severity.map(|severity| severity.as_str().to_owned());
        letter.attributes.extend(severity.map(|severity| (SEVERITY.to_owned(), severity)));
    }
    let event = EventSpec {
        name,
        regions,
        description: description.to_owned(),
        severity,
        enabled,
        pattern: pattern?,
        exclude: exclude?,
        content,
        dead_letter,
        reads: preset.is_some_and(|preset| preset.state == PresetState::EnabledWithReads),
        preset: preset.map(|preset| UsedPreset { name: preset.name.clone(), is_enabled: false }),
        sample: preset.and_then(|preset| preset.sample()?.event.clone()),
    };
    Some(event)
}

fn matchers<'p>(
    fields: &mut Fields<'p>,
    preset: &'p Preset,
    out: &mut Findings<'_>,
) -> Vec<(&'p [String], Json)> {
    let mut values = Vec::new();
    for (name, parameter) in &preset.parameters {
        if parameter.kind != ParameterKind::Matchers {
            continue;
        }
        let Some(list) = fields.list(name, out) else { continue };
        if list.is_empty() {
            let at = fields.get(name).map_or(fields.at.clone(), |node| node.at.clone());
            out.error(&at, format!("`{name}` is empty"), "leave the line out to match any");
            continue;
        }
        let matchers: Vec<Json> =
            list.iter().filter_map(|node| matcher(node, name, parameter, out)).collect();
        values.push((parameter.path.as_slice(), Json::Array(matchers)));
    }
    values
}

fn matcher(node: &Node, key: &str, parameter: &Parameter, out: &mut Findings<'_>) -> Option<Json> {
    let most = parameter.characters.unwrap_or(MOST_CHARACTERS);
    match &node.value {
        Value::Text(text) => {
            if text.is_empty() {
                out.error(
                    &node.at,
                    format!("`{key}` holds an empty string"),
                    "write a name, or leave it out",
                );
            }
            out.check_text("a name", text, most, &node.at);
            if text.starts_with("OrgConfigRule-") || text.contains("-conformance-pack-") {
                let prefix: String =
                    text.rsplit_once('-').map_or(text.as_str(), |(head, _)| head).to_owned();
                out.warn(
                    &node.at,
                    format!("`{text}` ends in a suffix that AWS makes up"),
                    format!("match it by its beginning: {{ prefix = \"{prefix}-\" }}"),
                );
            }
            Some(Json::String(text.clone()))
        }
        Value::Table(table) => {
            const OPERATORS: [&str; 5] =
                ["prefix", "suffix", "wildcard", "equals-ignore-case", "anything-but"];
            match table.as_slice() {
                [(operator, value)] if OPERATORS.contains(&operator.name.as_str()) => {
                    let good = match operator.name.as_str() {
                        "prefix" | "suffix" => {
                            matches!(value.value, Value::Text(_) | Value::Table(_))
                        }
                        "anything-but" => {
                            matches!(value.value, Value::Text(_) | Value::List(_) | Value::Table(_))
                        }
                        _ => matches!(value.value, Value::Text(_)),
                    };
                    if !good {
                        wrong_kind(value, &operator.name, "a string in quotes", out);
                    } else if let Some(bad) = value.not_json() {
                        wrong_kind(bad, &operator.name, "a string in quotes", out);
                    } else {
                        pattern::check_matcher(node, out);
                    }
                    Some(node.to_json())
                }
                _ => {
                    out.error(
                        &node.at,
                        format!("`{key}` holds a table that is no operator"),
                        format!(
                            "write one of {} with its value, such as {{ prefix = \"x\" }}",
                            OPERATORS.join(", ")
                        ),
                    );
                    None
                }
            }
        }
        _ => {
            wrong_kind(
                node,
                key,
                "a name in quotes, or an operator such as { prefix = \"x\" }",
                out,
            );
            None
        }
    }
}
