//! The preset that a section names.

use super::fields::{Fields, Findings, nearest, text_of};
use crate::preset::{Catalogue, Found, Preset, PresetKind};

/// The preset that a section names; a finding if there is none.
pub(super) fn preset_of<'c>(
    fields: &mut Fields<'c>,
    kind: PresetKind,
    catalogue: &'c Catalogue,
    out: &mut Findings<'_>,
) -> Option<&'c Preset> {
    let node = fields.get("preset")?;
    let text = text_of(node, "preset", out)?;
    let found = catalogue.find(text);
    let (problem, help) = match found {
        Some(Found::Preset(preset)) if preset.kind == kind => return Some(preset),
        Some(Found::Renamed(preset)) if preset.kind == kind => {
            let (problem, help) = renamed(text, preset);
            out.warn(&node.at, problem, help);
            return Some(preset);
        }
        Some(Found::Preset(preset) | Found::Renamed(preset)) => (
            format!("there is no preset \"{text}\" for {}", fields.section),
            format!("it belongs to {}", section_of(preset.kind)),
        ),
        Some(Found::Removed(_)) | None => {
            let names: Vec<&str> = catalogue.of(kind).map(|preset| preset.name.as_str()).collect();
            let what = format!("there is no preset \"{text}\" for {}", fields.section);
            unknown(text, what, found, &names)
        }
    };
    out.error(&node.at, problem, help);
    None
}

/// What is to be said of a preset's former name.
pub(super) fn renamed(text: &str, preset: &Preset) -> (String, String) {
    (
        format!("the preset {text} is called {} now", preset.name),
        format!("write \"{}\"", preset.name),
    )
}

/// What is to be said of a name that means no preset.
pub(super) fn unknown(
    text: &str,
    what: String,
    found: Option<Found<'_>>,
    names: &[&str],
) -> (String, String) {
    if let Some(Found::Removed(gone)) = found {
        let problem =
            format!("the preset {text} is gone since version {}: {}", gone.since, gone.why.en);
        let help = match &gone.instead {
            Some(instead) => format!("use \"{instead}\""),
            None => "leave it out".to_owned(),
        };
        return (problem, help);
    }
    let help = match nearest(text, names) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "`notify-cli presets` lists them".to_owned(),
    };
    (what, help)
}

/// Where a preset can be named.
pub(super) fn section_of(kind: PresetKind) -> &'static str {
    match kind {
        PresetKind::Event => "[[events]]",
        PresetKind::Alarm => "[[alarms]]",
        PresetKind::Publisher => "[[publishers]]",
        PresetKind::LogMetric => {
            "no section yet: this program makes no metric of a log; `notify-cli presets show` has its \
             filter, for making one by hand"
        }
    }
}

/// Keys that nobody has asked for may be parameters of a preset: then it is said whose. Of a
/// section whose preset is not known, they are no mistakes of their own.
pub(super) fn strangers<'c>(
    fields: &mut Fields<'c>,
    kind: PresetKind,
    catalogue: &'c Catalogue,
    out: &mut Findings<'_>,
) {
    let names_one = fields.place_of_key("preset").is_some();
    let unasked: Vec<_> = fields.unasked().collect();
    for key in unasked {
        let mut owners =
            catalogue.of(kind).filter(|preset| preset.parameters.contains_key(&key.name));
        let Some(preset) = owners.next() else { continue };
        fields.get(&key.name);
        if !names_one {
            out.error(
                &key.at,
                format!("`{}` belongs to the preset {}", key.name, preset.name),
                format!("add `preset = \"{}\"`, or leave `{}` out", preset.name, key.name),
            );
        }
    }
}
