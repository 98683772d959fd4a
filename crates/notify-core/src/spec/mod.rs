//! The spec file: one file that says who is told of what.
//!
//! [`parse`] reads TOML or JSON, fills presets in and checks every limit that AWS sets, so that a
//! [`Spec`] in hand is one that AWS takes. All findings come at once, each with its place and its
//! remedy; warnings come beside the spec.

mod alarms;
mod content;
mod enable;
mod events;
mod exclude;
mod fields;
mod finding;
mod input;
mod named;
mod node;
mod own;
mod parse;
mod pattern;
mod publishers;
mod schema;
mod series;
mod tables;
mod tests;
mod topic;
mod watch;
mod web_acl;

pub(crate) use fields::nearest;

pub use crate::preset::Language;
pub use content::{Content, DeliveryKind};
pub use exclude::{Excludable, Exclude, NoExclusion};
pub use finding::{Finding, Level, Location};
pub use own::{BrokenPreset, PresetFile};
pub use parse::{Format, Parsed, ReadFolder, parse, parse_with};
pub use schema::schema;
pub use series::Series;
pub use tests::{Given, TestSpec};
pub use watch::{DeadLetterSpec, Fallback, Heartbeat, Watch};

use crate::aws::waf::WafScope;
use crate::aws::{AlarmName, Dimensions, Region, RuleName, StackName, TopicName};
use crate::aws::{Comparison, Protocol, TreatMissingData};
use crate::pattern::PatternText;
use crate::preset::Severity;
use std::collections::BTreeMap;

/// A checked spec file, with presets filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Whose it all is.
    pub stack: StackName,
    /// The stack's regions; empty leaves the choice to the AWS configuration.
    pub regions: Vec<Region>,
    /// The language of built-in messages.
    pub language: Language,
    /// The topic that is made in each region.
    pub topic: TopicSpec,
    /// Who is told.
    pub subscriptions: Vec<SubscriptionSpec>,
    /// Events that are told of.
    pub events: Vec<EventSpec>,
    /// Metrics that are told of.
    pub alarms: Vec<AlarmSpec>,
    /// Services that send to the topic by themselves.
    pub publishers: Vec<PublisherSpec>,
    /// What is expected of it all.
    pub tests: Vec<TestSpec>,
    /// What notices that a notification was lost.
    pub watch: Watch,
    /// Former names of presets that `enable` means, with those that they have now.
    pub renames: BTreeMap<String, String>,
    /// What its author should know although it is no error.
    pub warnings: Vec<String>,
}

/// The topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its name.
    pub name: TopicName,
    /// The sender's name of its mails.
    pub display_name: Option<String>,
    /// The customer managed key that encrypts it.
    pub kms_key: Option<String>,
}

/// Someone or something that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionSpec {
    /// How messages travel.
    pub protocol: Protocol,
    /// Where to.
    pub endpoint: String,
    /// Takes nothing that is known to be less severe.
    pub min_severity: Option<Severity>,
    /// Takes nothing that is known to be of another notification; empty takes all.
    pub only: Vec<String>,
}

/// Events that are told of: a rule with the topic as its target.
#[derive(Debug, Clone, PartialEq)]
pub struct EventSpec {
    /// The rule's name.
    pub name: RuleName,
    /// Its own regions; empty means the stack's.
    pub regions: Vec<Region>,
    /// The rule's description.
    pub description: String,
    /// How bad it is when one arrives.
    pub severity: Option<Severity>,
    /// Whether the rule works.
    pub enabled: bool,
    /// What it picks, without what is excluded.
    pub pattern: PatternText,
    /// What is excluded, and by what more could be.
    pub exclude: Exclude,
    /// What is sent, and how.
    pub content: Content,
    /// Whether what cannot be delivered of it goes to the stack's queue.
    pub dead_letter: bool,
    /// Whether API calls that only read are seen, too.
    pub reads: bool,
    /// The preset that filled it in.
    pub preset: Option<UsedPreset>,
    /// A preset's sample of such an event, as JSON.
    pub sample: Option<String>,
}

/// The preset behind a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedPreset {
    /// Its name.
    pub name: String,
    /// Whether `enable` means it, by its name or in a set, and no section of the file: then the
    /// notification is there because of what the catalogue holds.
    pub is_enabled: bool,
}

/// A service that sends to the topic by itself: the topic lets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherSpec {
    /// The preset that filled it in.
    pub preset: String,
    /// The service, as policies name it.
    pub principal: String,
    /// On whose behalf it may send, as a pattern of ARNs with `{partition}` and `{account}`.
    pub source_arn: Option<String>,
    /// Its own regions; empty means the stack's.
    pub regions: Vec<Region>,
}

/// A metric that is told of: one alarm, or one for each rule of a web ACL.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmSpec {
    /// The alarm's name, or the `{name}` of a web ACL's alarms.
    pub name: AlarmName,
    /// Its own regions; empty means the stack's.
    pub regions: Vec<Region>,
    /// The alarm's description.
    pub description: String,
    /// How bad it is when it goes off. A word for people: SNS cannot filter an alarm's mails.
    pub severity: Option<Severity>,
    /// Whether its actions run.
    pub enabled: bool,
    /// Whether the return to OK is told of, too.
    pub notify_ok: bool,
    /// The metric's namespace.
    pub namespace: String,
    /// The metric's name; for a web ACL `None` where each rule decides.
    pub metric: Option<String>,
    /// The metric's dimensions; for a web ACL with placeholders.
    pub dimensions: Dimensions,
    /// `Sum`, …, or an extended statistic such as `p99`.
    pub statistic: String,
    /// Seconds.
    pub period: u32,
    /// N of "M of N".
    pub evaluation_periods: u32,
    /// M of "M of N".
    pub datapoints_to_alarm: Option<u32>,
    /// How the statistic compares with the threshold.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: f64,
    /// What silence means.
    pub treat_missing_data: TreatMissingData,
    /// The web ACL whose rules have an alarm each.
    pub web_acl: Option<WebAclSpec>,
}

/// One alarm for each rule of a web ACL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAclSpec {
    /// The ACL's metric name; with [`WafRules::All`] its name does too.
    pub name: String,
    /// Regional or CloudFront.
    pub scope: WafScope,
    /// Which rules.
    pub rules: WafRules,
    /// The alarms' names, with `{name}`, `{web_acl}`, `{rule}` and `{region}`.
    pub alarm_name: String,
}

/// Which rules of a web ACL have an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WafRules {
    /// Those that the ACL has when it is asked.
    All,
    /// These, by their metric names, each with the metric of its own if it has one.
    Named(Vec<(String, Option<String>)>),
}

impl EventSpec {
    /// The message attributes of what is published for it. A rule that publishes directly gives
    /// none.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        match &self.content {
            Content::Direct(_) => BTreeMap::new(),
            Content::StepFunctions(letter) => letter.attributes.clone(),
        }
    }
}

/// Seconds of "30s", "5m", "1h" or "1d".
fn period_of(text: &str) -> Option<u32> {
    let (at, unit) = text.char_indices().next_back()?;
    let unit = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let number = &text[..at];
    let plain = number.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| number.parse::<u32>().ok()?.checked_mul(unit)).flatten()
}

/// Fills `{key}` placeholders in; an unknown one stays as it is.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        out.push_str(before);
        let found = values.iter().find_map(|(key, value)| {
            let end = from.strip_prefix('{')?.strip_prefix(key)?.strip_prefix('}')?;
            Some((*value, end))
        });
        match found {
            Some((value, end)) => {
                out.push_str(value);
                rest = end;
            }
            None => {
                out.push('{');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}
