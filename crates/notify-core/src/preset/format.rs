//! What a preset's file holds.

use crate::aws::{AccountId, Region};
use crate::transform::{Holds, Known};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A notification that is ready but for its parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Its name, as the file's `preset` says it.
    pub name: String,
    /// Which section it belongs to.
    pub kind: PresetKind,
    /// What it watches.
    pub group: Group,
    /// How bad it is when its mail arrives.
    pub severity: Severity,
    /// How many mails it causes in most accounts.
    pub noise: Noise,
    /// The curated sets that it belongs to.
    #[serde(default)]
    pub sets: Vec<String>,
    /// How its mails travel unless the file says otherwise.
    #[serde(default)]
    pub delivery: PresetDelivery,
    /// Where its events or metrics are, if that is not wherever the stack is.
    #[serde(default)]
    pub regions: Vec<Region>,
    /// Which events its rule sees.
    #[serde(default)]
    pub state: PresetState,
    /// The version of this program that had it first; presets of a user have none.
    #[serde(default)]
    pub since: Option<String>,
    /// Names that it had before.
    #[serde(default)]
    pub formerly: Vec<String>,
    /// Public pages and repositories with events that its pattern was compared with.
    #[serde(default)]
    pub sources: Vec<String>,
    /// The page of AWS's console that shows what the mail is about, with placeholders.
    #[serde(default)]
    pub console: Option<String>,
    /// What it tells of.
    pub summary: Text,
    /// What must be switched on for it.
    #[serde(default)]
    pub needs: Option<Text>,
    /// What to do first when its mail arrives.
    #[serde(default)]
    pub first: Option<Text>,
    /// What its user may or must say.
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
    /// For [`PresetKind::Event`]: what it fills in.
    #[serde(default)]
    pub event: Option<EventPreset>,
    /// For [`PresetKind::Alarm`]: what it fills in.
    #[serde(default)]
    pub alarm: Option<AlarmPreset>,
    /// For [`PresetKind::Publisher`]: whom it lets in.
    #[serde(default)]
    pub publisher: Option<PublisherPreset>,
    /// For [`PresetKind::LogMetric`]: what it counts.
    #[serde(default)]
    pub log_metric: Option<LogMetricPreset>,
    /// What it tells of, and what comes near and is not told of.
    #[serde(default)]
    pub samples: Vec<Sample>,
}

/// Declares a choice of a few words: what the file writes, and how a person reads it.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that files use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

words! {
    /// Which section of the spec a preset belongs to.
    PresetKind {
        /// `[[events]]`
        Event = "event",
        /// `[[alarms]]`
        Alarm = "alarm",
        /// `[[publishers]]`
        Publisher = "publisher",
        /// A metric made of a log, with an alarm; no section takes one yet.
        LogMetric = "log-metric",
    }
}

words! {
    /// What a preset watches.
    Group {
        /// Who may do what, and who signs in.
        Identity = "identity",
        /// What can be reached from where.
        Network = "network",
        /// What is stored, and with whom it is shared.
        Data = "data",
        /// What keeps the records that tell of everything else.
        Logging = "logging",
        /// What AWS's own detectors find.
        Findings = "findings",
        /// AWS Config.
        Compliance = "compliance",
        /// AWS WAF.
        Waf = "waf",
        /// Money.
        Cost = "cost",
        /// That things work.
        Operations = "operations",
    }
}

words! {
    /// How bad it is when a mail arrives.
    Severity {
        /// Drop everything.
        Critical = "critical",
        /// Today.
        High = "high",
        /// This week.
        Medium = "medium",
        /// When there is time.
        Low = "low",
        /// Good to know.
        Info = "info",
    }
}

words! {
    /// How many mails a preset causes in most accounts.
    Noise {
        /// A few in a year.
        Quiet = "quiet",
        /// A few in a week.
        Some = "some",
        /// Many in a day, unless it is narrowed down.
        Noisy = "noisy",
    }
}

words! {
    /// How a preset's mails travel.
    #[derive(Default)]
    PresetDelivery {
        /// From the rule to the topic: each value must be free of quotes and line breaks.
        #[default]
        Direct = "direct",
        /// Through a state machine: a subject of its own, and any value.
        StepFunctions = "step-functions",
    }
}

words! {
    /// Which events a preset's rule sees.
    #[derive(Default)]
    PresetState {
        /// All but API calls that only read.
        #[default]
        Enabled = "enabled",
        /// API calls that only read, too.
        EnabledWithReads = "enabled-with-all-cloudtrail-management-events",
    }
}

words! {
    /// What values a parameter takes.
    ParameterKind {
        /// A list of strings and of operators such as `{ prefix = "x" }`.
        Matchers = "matchers",
        /// A string.
        Text = "text",
        /// One of a few words.
        Choice = "choice",
        /// `"all"`, or a list of rules' metric names.
        WafRules = "waf-rules",
    }
}

words! {
    /// What there is one alarm for.
    ForEach {
        /// Each rule of a web ACL that is asked for.
        WebAclRule = "web-acl-rule",
        /// A web ACL as a whole.
        WebAcl = "web-acl",
    }
}

words! {
    /// A language of texts that people get.
    #[derive(Default)]
    Language {
        /// English.
        #[default]
        En = "en",
        /// Japanese.
        Ja = "ja",
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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

/// What a preset fills into `[[events]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventPreset {
    /// The event pattern, as JSON.
    pub pattern: String,
    /// The event's fields by the names that placeholders use; a message may leave some of them
    /// unused.
    #[serde(default)]
    pub fields: BTreeMap<String, Field>,
    /// The subject, where the delivery has one. `<console>` and `<first>` stand for the preset's
    /// own.
    #[serde(default)]
    pub subject: Option<Text>,
    /// The message; see `subject`.
    pub message: Text,
    /// By what events can be left out, by the keys of the file's `exclude`.
    #[serde(default)]
    pub exclude: BTreeMap<String, Exclusion>,
}

/// A field of an event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Where it is.
    pub path: String,
    /// What it can hold.
    pub holds: Holds,
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
    /// What there is an alarm for; left out for a single one.
    #[serde(default)]
    pub for_each: Option<ForEach>,
    /// The alarms' names.
    #[serde(default = "its_name")]
    pub alarm_name: String,
    /// The namespace of the metric.
    pub namespace: String,
    /// The metric; left out for each rule's own.
    #[serde(default)]
    pub metric: Option<String>,
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
    #[serde(default)]
    pub dimensions: Vec<(String, String)>,
}

fn its_name() -> String {
    "{name}".to_owned()
}

/// What a preset fills into `[[publishers]]`: a service that sends to the topic by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublisherPreset {
    /// The service, as a policy names it.
    pub principal: String,
    /// On whose behalf it may send, as a pattern of ARNs with `{partition}` and `{account}`. In
    /// any case it sends for the stack's own account alone.
    #[serde(default)]
    pub source_arn: Option<String>,
}

/// What a preset counts in a log group, and when that is too much.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogMetricPreset {
    /// CloudWatch Logs' filter pattern.
    pub filter: String,
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
}

/// Something that happens, and whether the preset tells of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// What happens, in words.
    pub about: String,
    /// Whether it is told of.
    pub matches: bool,
    /// An event as JSON, with `{account}` and `{region}`; for a log, one of its entries.
    #[serde(default)]
    pub event: Option<String>,
    /// For alarms: the metric's values, one a period, as `series` of `[[tests]]` has them.
    #[serde(default)]
    pub metric: Option<String>,
    /// For publishers: what such a message says.
    #[serde(default)]
    pub message: Option<String>,
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

    /// What is known of the events of a pattern that is this one's, or narrower.
    pub fn known(&self, pattern: &str) -> Known {
        let fields = self.fields.values().map(|field| (field.path.as_str(), field.holds));
        Known::from_pattern(pattern).with_fields(fields)
    }

    /// The names that placeholders use, with their paths.
    pub fn paths(&self) -> BTreeMap<String, String> {
        self.fields.iter().map(|(name, field)| (name.clone(), field.path.clone())).collect()
    }
}

impl Text {
    /// The text in a language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Ja => &self.ja,
        }
    }
}

impl Preset {
    /// The first sample of an event that it tells of.
    pub fn sample(&self) -> Option<&Sample> {
        self.samples.iter().find(|sample| sample.matches)
    }

    /// A text of the preset with its console link and its advice put in for `<console>` and
    /// `<first>`.
    pub fn filled(&self, text: &Text, language: Language) -> String {
        let first = self.first.as_ref().map_or("", |first| first.of(language).trim());
        let console = self.console.as_deref().unwrap_or_default().trim();
        text.of(language).replace("<first>", first).replace("<console>", console)
    }
}

impl Sample {
    /// The event as it would be in an account and a region.
    pub fn event_in(&self, account: &AccountId, region: &Region) -> Option<String> {
        let event = self.event.as_deref()?;
        Some(event.replace("{account}", account.as_str()).replace("{region}", region.as_str()))
    }
}
