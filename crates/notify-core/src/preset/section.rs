//! The lines of a spec file that use a preset.

use super::{Language, Parameter, ParameterKind, Preset, PresetKind};
use std::fmt::Write as _;

impl Preset {
    /// The section of a TOML file that uses the preset. What must be given is filled in with
    /// examples, what may be given is commented out.
    ///
    /// ```
    /// # use notify_core::preset::{Language, named};
    /// let preset = named("waf-blocked").expect("an embedded preset");
    /// let section = preset.section(Language::En).expect("a section");
    /// assert!(section.starts_with("[[alarms]]\nname = \"waf-blocked\"\npreset = \"waf-blocked\"\n"));
    /// assert!(section.contains("\nrules = \"all\""));
    /// ```
    ///
    /// `None` where no section takes it.
    pub fn section(&self, language: Language) -> Option<String> {
        let head = match self.kind {
            PresetKind::Event => "[[events]]",
            PresetKind::Alarm => "[[alarms]]",
            PresetKind::Publisher => "[[publishers]]",
            PresetKind::LogMetric => return None,
        };
        let mut text = format!("{head}\n");
        if self.kind != PresetKind::Publisher {
            let _ = writeln!(text, "name = \"{}\"", self.name);
        }
        let _ = writeln!(text, "preset = \"{}\"", self.name);
        let (must, may): (Vec<_>, Vec<_>) =
            self.parameters.iter().partition(|(_, parameter)| parameter.required);
        for (mark, parameters) in [("", must), ("# ", may)] {
            for (name, parameter) in parameters {
                let line = format!("{mark}{name} = {}", example(name, parameter));
                let about = parameter.summary.of(language);
                let _ = writeln!(text, "{line:<36} # {about}");
            }
        }
        Some(text)
    }

    /// A whole file that uses the preset and nothing else: for showing its mail.
    pub fn file(&self, language: Language) -> Option<String> {
        let section = self.section(language)?;
        let region = self.regions.first().map_or("us-east-1", |region| region.as_str());
        Some(format!(
            "stack = \"preview\"\nregions = [\"{region}\"]\nlanguage = \"{}\"\n\n[topic]\nname = \
             \"preview\"\n\n{section}",
            language.as_str()
        ))
    }
}

fn example(name: &str, parameter: &Parameter) -> String {
    match parameter.kind {
        ParameterKind::Matchers => format!("[\"{}\"]", upper(name)),
        ParameterKind::Text if name == "alarm_name" => "\"{name}-{rule}\"".to_owned(),
        ParameterKind::Text => format!("\"{}\"", upper(name)),
        ParameterKind::Choice => {
            format!("\"{}\"", parameter.of.first().map_or("", String::as_str))
        }
        ParameterKind::WafRules => "\"all\"".to_owned(),
    }
}

/// A word that is seen to stand for one.
fn upper(name: &str) -> String {
    name.to_uppercase().replace('_', "-")
}
