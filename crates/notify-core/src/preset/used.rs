//! Each embedded preset, in a file that uses it.

use super::{PresetKind, all};
use crate::spec::{Content, Format, parse};

/// A preset that a file cannot use as it is says so when somebody wants it: too late.
#[test]
fn each_preset_can_be_used_in_both_languages() {
    for preset in all() {
        let section = match preset.kind {
            PresetKind::Event => "[[events]]\n",
            PresetKind::Alarm => "[[alarms]]\nweb_acl = 'acl'\n",
            PresetKind::Publisher | PresetKind::LogMetric => continue,
        };
        let rules = if preset.parameters.contains_key("rules") { "rules = ['r']\n" } else { "" };
        for language in ["en", "ja"] {
            let name = &preset.name;
            let text = format!(
                "stack = 's'\nlanguage = '{language}'\n[topic]\nname = 't'\n\
                 {section}{rules}name = 'n'\npreset = '{name}'\n"
            );
            let parsed = parse(&text, Format::Toml);
            let Some(spec) = parsed.spec else {
                panic!("{name} ({language}): {:#?}", parsed.findings)
            };
            for event in &spec.events {
                if let Content::StepFunctions(letter) = &event.content {
                    assert_eq!(letter.problems(), [], "{name} ({language})");
                }
            }
        }
    }
}
