//! Presets: notifications that most people want, as data.
//!
//! A preset is a file with declared parameters; adding one takes no code. [`all`] lists them.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A notification that is ready but for its parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Its name, as the file's `preset` says it.
    pub name: String,
    /// Which section it belongs to.
    pub kind: PresetKind,
    /// What it tells of.
    pub summary: Text,
    /// What its user may or must say.
    pub parameters: BTreeMap<String, Parameter>,
    /// For [`PresetKind::Event`]: what it fills in.
    pub event: Option<EventPreset>,
    /// For [`PresetKind::Alarm`]: what it fills in.
    pub alarm: Option<AlarmPreset>,
}

/// Which section of the spec a preset belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PresetKind {
    /// `[[events]]`
    Event,
    /// `[[alarms]]`
    Alarm,
}

/// A text in both languages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

/// A declared parameter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// What values it takes.
    #[serde(rename = "type")]
    pub kind: ParameterKind,
    /// Whether it must be given.
    #[serde(default)]
    pub required: bool,
    /// How long each text in it may be.
    #[serde(default)]
    pub characters: Option<usize>,
    /// For [`ParameterKind::Choice`]: the words to choose from.
    #[serde(default)]
    pub of: Vec<String>,
    /// For [`ParameterKind::Matchers`]: the field of the pattern that it becomes.
    #[serde(default)]
    pub path: Vec<String>,
    /// What it means.
    pub summary: Text,
}

/// What values a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterKind {
    /// A list of strings and of operators such as `{ prefix = "x" }`.
    Matchers,
    /// A string.
    Text,
    /// One of a few words.
    Choice,
    /// `"all"`, or a list of rules' metric names.
    WafRules,
}

/// What a preset fills into `[[events]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventPreset {
    /// The event pattern, as JSON.
    pub pattern: String,
    /// Variables and their paths; a message may leave some of them unused.
    pub paths: BTreeMap<String, String>,
    /// The mail's subject, where the delivery can carry one: one line.
    #[serde(default)]
    pub subject: Option<Text>,
    /// The message.
    pub message: Text,
    /// An event that it tells of, as JSON with `{account}` and `{region}`: for previews.
    pub sample: String,
    /// By what events can be left out, by the keys of the file's `exclude`.
    #[serde(default)]
    pub exclude: BTreeMap<String, Exclusion>,
}

/// A field by which events of a preset can be left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// The field. Each event that the preset's pattern matches has it, and it is no list.
    pub path: Vec<String>,
    /// How long each text may be.
    pub characters: usize,
    /// What it means.
    pub summary: Text,
}

/// What a preset fills into `[[alarms]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmPreset {
    /// What there is an alarm for.
    pub for_each: ForEach,
    /// The alarms' names.
    pub alarm_name: String,
    /// The namespace of the metric.
    pub namespace: String,
    /// The statistic.
    pub statistic: String,
    /// The period, as the file writes it.
    pub period: String,
    /// The comparison.
    pub comparison: String,
    /// The threshold.
    pub threshold: f64,
    /// N of "M of N".
    pub evaluation_periods: u32,
    /// M of "M of N".
    pub datapoints_to_alarm: u32,
    /// What silence means.
    pub treat_missing_data: String,
    /// Names and values of dimensions, with placeholders; mails show them in this order.
    pub dimensions: Vec<(String, String)>,
}

/// What there is one alarm for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForEach {
    /// Each rule of a web ACL that is asked for.
    WebAclRule,
}

impl EventPreset {
    /// The pattern with the values of parameters put in at their paths.
    pub fn pattern_with(&self, values: &[(&[String], Value)]) -> Value {
        let mut pattern: Value = serde_json::from_str(&self.pattern).unwrap_or_default();
        for (path, value) in values {
            let mut at = &mut pattern;
            for step in *path {
                at = &mut at[step.as_str()];
            }
            *at = value.clone();
        }
        pattern
    }
}

static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    [
        include_str!("../../presets/config-compliance.toml"),
        include_str!("../../presets/waf-blocked.toml"),
    ]
    .into_iter()
    // Embedded files: a test parses each of them.
    .filter_map(|text| toml::from_str(text).ok())
    .collect()
});

/// All presets.
pub fn all() -> &'static [Preset] {
    &PRESETS
}

/// The preset of a name, for a section of the spec.
pub fn find(kind: PresetKind, name: &str) -> Option<&'static Preset> {
    all().iter().find(|preset| preset.kind == kind && preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_preset_is_whole() {
        assert_eq!(all().len(), 2);
        for preset in all() {
            assert_eq!(preset.event.is_some(), preset.kind == PresetKind::Event);
            assert_eq!(preset.alarm.is_some(), preset.kind == PresetKind::Alarm);
            if let Some(event) = &preset.event {
                let pattern = event.pattern_with(&[]);
                assert!(pattern["source"].is_array(), "{}", preset.name);
            }
        }
    }
}
