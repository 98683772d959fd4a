//! `[[publishers]]`: services that send to the topic by themselves.

use super::PublisherSpec;
use super::fields::{Fields, Findings};
use super::named::preset_of;
use super::node::Node;
use crate::preset::{Catalogue, PresetKind};

pub(super) fn publishers(
    nodes: &[&Node],
    catalogue: &Catalogue,
    out: &mut Findings<'_>,
) -> Vec<PublisherSpec> {
    let mut list: Vec<PublisherSpec> = Vec::new();
    for node in nodes {
        let Some(publisher) = publisher(node, catalogue, out) else { continue };
        if list.iter().any(|other| other.preset == publisher.preset) {
            let problem = format!("the preset {} stands here twice", publisher.preset);
            out.error(&node.at, problem, "put its regions into one section");
        }
        list.push(publisher);
    }
    list
}

fn publisher(
    node: &Node,
    catalogue: &Catalogue,
    out: &mut Findings<'_>,
) -> Option<PublisherSpec> {
    let mut fields = Fields::of(node, "[[publishers]]", out)?;
    fields.require("preset", "\"budgets\"", out);
    let mut regions = fields.regions(out);
    let preset = preset_of(&mut fields, PresetKind::Publisher, catalogue, out);
    fields.finish(out);
    let preset = preset?;
    let publisher = preset.publisher.as_ref()?;
    if regions.is_empty() {
        regions.clone_from(&preset.regions);
    }
    Some(PublisherSpec {
        preset: preset.name.clone(),
        principal: publisher.principal.clone(),
        source_arn: publisher.source_arn.clone(),
        regions,
    })
}
