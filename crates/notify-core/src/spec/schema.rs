//! The JSON Schema of the spec file, for editors.

use crate::preset::{self, PresetKind};
use serde_json::{Value, json};

/// The schema as JSON text (draft 2020-12), with the names and parameters of the embedded presets.
/// Other names are no mistake for it: they may be those of the author's own presets. A test
/// compares its keys with those that the parser asks for.
pub fn schema() -> String {
    let text = include_str!("../../schema/notify.schema.json");
    let Ok(mut schema) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    let sections = [
        ("event", PresetKind::Event),
        ("alarm", PresetKind::Alarm),
        ("publisher", PresetKind::Publisher),
    ];
    for (section, kind) in sections {
        let Some(properties) = schema.pointer_mut(&format!("/$defs/{section}/properties")) else {
            continue;
        };
        let presets = || preset::all().filter(move |preset| preset.kind == kind);
        properties["preset"]["examples"] = presets().map(|preset| json!(preset.name)).collect();
        for (name, parameter) in presets().flat_map(|preset| &preset.parameters) {
            if properties.get(name).is_none() {
                properties[name] = json!({"description": parameter.summary.en});
            }
        }
    }
    let names = preset::all().map(|preset| preset.name.as_str());
    let mut words: Vec<&str> = preset::all().flat_map(|p| &p.sets).map(String::as_str).collect();
    words.sort_unstable();
    words.dedup();
    words.extend(names);
    if let Some(items) = schema.pointer_mut("/properties/enable/items") {
        items["examples"] = json!(words);
    }
    format!("{schema:#}\n")
}
