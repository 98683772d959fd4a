//! Asks AWS Config what does not comply already.

use super::names::{NameCheck, check_names};
use super::watch::{Watch, Watched, Whose, event};
use crate::aws::{Identity, Region};
use crate::provider::{ConfigReader, ConfigRule, ErrorClass, NonCompliant, ProviderError};
use crate::spec::Language;
use futures_util::stream::{self, StreamExt, TryStreamExt};

/// How many rules are asked for their resources at a time: AWS Config throttles early.
const RULES_AT_A_TIME: usize = 4;

/// What does not comply already in one region, and is told of when it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The region.
    pub region: Region,
    /// The notifications that were looked at.
    pub notifications: Vec<String>,
    /// Rules with resources that do not comply, by their names.
    pub rules: Vec<RuleBaseline>,
    /// What is wrong with names in the file, and what to write instead.
    pub names: Vec<NameAdvice>,
    /// Why there may be more: what could not be read.
    pub gaps: Vec<String>,
}

/// The resources that do not comply with one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleBaseline {
    /// The rule's name.
    pub rule: String,
    /// Its resources, by their type and id.
    pub resources: Vec<Listed>,
}

/// A resource, with the notifications that would have told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The resource.
    pub resource: NonCompliant,
    /// The notifications, at least one: places in [`Baseline::notifications`].
    pub by: Vec<usize>,
}

/// A name in the file that finds no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAdvice {
    /// The notification.
    pub notification: String,
    /// What was looked for, and what was found.
    pub check: NameCheck,
    /// What is wrong, and what to write instead.
    pub text: String,
    /// The entries to write, each as it is in the text.
    pub write: Vec<String>,
}

impl NameAdvice {
    /// What is wrong, and what to write instead, in a language.
    pub fn said(&self, language: Language) -> String {
        match language {
            Language::En => self.text.clone(),
            Language::Ja => self.check.in_japanese(&self.write),
        }
    }
}

impl Baseline {
    /// How many resources there are; one counts for each rule that it does not comply with.
    pub fn total(&self) -> usize {
        self.rules.iter().map(|rule| rule.resources.len()).sum()
    }
}

/// Lists what does not comply already: the resources of which a notification would have told, had
/// it been there when they turned. Config sends an event for a change alone, so none of these will
/// ever cause a mail until it changes.
///
/// ```
/// use notify_core::baseline::{take, watched};
/// use notify_core::{local::{LocalCloud, SavedConfig}, spec};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let text = "stack = 's'\nregions = ['eu-west-1']\n[topic]\nname = 't'\n\
///             [[events]]\nname = 'e'\npreset = 'config-compliance'\n";
/// let spec = spec::parse(text, spec::Format::Toml).spec.expect("a good file");
/// let mut saved = SavedConfig::default();
/// saved.add(None, "results", r#"{"EvaluationResults": [{
///     "EvaluationResultIdentifier": {"EvaluationResultQualifier": {
///         "ConfigRuleName": "restricted-ssh", "ResourceType": "AWS::EC2::SecurityGroup",
///         "ResourceId": "sg-1"}},
///     "ComplianceType": "NON_COMPLIANT", "ResultRecordedTime": "2026-11-24T01:02:03Z"}]}"#)?;
/// let cloud = LocalCloud::default().with_config(saved); // or `notify_aws::AwsProvider`
/// let watch = &watched(&spec, None, None)?[0];
/// let baseline = take(&cloud, watch, cloud.who()).await?;
/// assert_eq!(baseline.total(), 1);
/// assert_eq!(baseline.rules[0].resources[0].resource.resource_id, "sg-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn take(
    reader: &impl ConfigReader,
    watch: &Watch,
    identity: &Identity,
) -> Result<Baseline, ProviderError> {
    let Watch { region, notifications } = watch;
    let rules = reader.config_rules(region).await?;
    let names = name_advice(watch, &rules);
    let candidates: Vec<&ConfigRule> = rules
        .iter()
        .filter(|rule| notifications.iter().any(|watched| watched.may_tell_of(&rule.name)))
        .collect();
    let candidates = with_any(reader, region, candidates).await?;
    let details = stream::iter(candidates.iter().map(|(rule, _)| async move {
        let found = match reader.non_compliant(region, &rule.name).await {
            Ok(found) => Ok(found),
            // It has gone since the rules were listed, or nobody has saved its results.
            Err(error) if error.class == ErrorClass::NotFound => Err(error.to_string()),
            Err(error) => return Err(error),
        };
        Ok((*rule, found))
    }));
    let details: Vec<_> = details.buffered(RULES_AT_A_TIME).try_collect().await?;
    let mut baseline = Baseline {
        region: region.clone(),
        notifications: notifications.iter().map(|watched| watched.name.to_string()).collect(),
        rules: Vec::new(),
        names,
        gaps: Vec::new(),
    };
    for (rule, found) in details {
        let found = match found {
            Ok(found) => found,
            Err(gap) => {
                baseline.gaps.push(gap);
                continue;
            }
        };
        let whose = Whose { account: &identity.account, region, rule };
        let listed = found.into_iter().map(|resource| {
            let by = told_by(notifications, whose, &resource);
            Listed { resource, by }
        });
        let mut resources: Vec<Listed> = listed.filter(|listed| !listed.by.is_empty()).collect();
        resources.sort_by(|one, other| {
            let key = |listed: &Listed| {
                let NonCompliant { resource_type, resource_id, .. } = &listed.resource;
                (resource_type.clone(), resource_id.clone())
            };
            key(one).cmp(&key(other))
        });
        if !resources.is_empty() {
            baseline.rules.push(RuleBaseline { rule: rule.name.clone(), resources });
        }
    }
    Ok(baseline)
}

/// Which notifications would have told of a resource.
fn told_by(notifications: &[Watched], whose: Whose<'_>, resource: &NonCompliant) -> Vec<usize> {
    let json = event(whose, resource, false);
    let with_old = || event(whose, resource, true);
    let told = notifications.iter().enumerate();
    told.filter(|(_, watched)| watched.tells_of(&json, with_old)).map(|(at, _)| at).collect()
}

/// The rules with resources that do not comply, and how many AWS has counted; nothing of a rule
/// whose count is not known.
async fn with_any<'r>(
    reader: &impl ConfigReader,
    region: &Region,
    rules: Vec<&'r ConfigRule>,
) -> Result<Vec<(&'r ConfigRule, Option<Counted>)>, ProviderError> {
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    let counts = reader.non_compliant_counts(region, &names).await?;
    let counts: std::collections::BTreeMap<&str, Option<Counted>> = counts
        .iter()
        .map(|count| {
            let counted = Counted { resources: count.resources, at_least: count.more };
            (count.rule.as_str(), (count.resources > 0).then_some(counted))
        })
        .collect();
    let with_any = rules.into_iter();
    Ok(with_any.filter_map(|rule| Some((rule, *counts.get(rule.name.as_str())?))).collect())
}

/// How many resources do not comply already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counted {
    resources: usize,
    at_least: bool,
}

/// How many resources do not comply already, and will cause no mail until they change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Silent {
    /// How many; one counts for each rule that it does not comply with.
    pub resources: usize,
    /// Whether there may be more: AWS counts a rule's no further than 25.
    pub at_least: bool,
    /// What could not be read.
    pub gaps: Vec<String>,
}

impl Silent {
    /// What to say of it, in one line; nothing where all comply.
    pub fn line(&self) -> Option<String> {
        let least = if self.at_least { "at least " } else { "" };
        let (resources, they, change) = match self.resources {
            0 => return None,
            1 => ("resource does", "it", "changes"),
            _ => ("resources do", "they", "change"),
        };
        Some(format!(
            "{least}{} {resources} not comply already and will cause no mail until {they} {change}: \
             `notify-cli baseline` lists them",
            self.resources
        ))
    }
}

/// Why it is not known how much does not comply already, in one line: with the permission's name
/// where it is one that is missing.
pub fn unknown_line(error: &ProviderError) -> String {
    let why = match error.class {
        ErrorClass::AccessDenied => format!("allow `{}`", error.operation),
        _ => error.to_string(),
    };
    format!("whether resources do not comply already is not known: {why}")
}

/// Counts what [`take`] would list, in fewer calls: resources are read only of rules that a
/// notification tells of in part. `rules` are those of [`ConfigReader::config_rules`].
pub async fn count(
    reader: &impl ConfigReader,
    watch: &Watch,
    identity: &Identity,
    rules: &[ConfigRule],
) -> Result<Silent, ProviderError> {
    let Watch { region, notifications } = watch;
    let account = &identity.account;
    let concerned: Vec<&ConfigRule> = rules
        .iter()
        .filter(|rule| extent(notifications, Whose { account, region, rule }) != Extent::Nothing)
        .collect();
    let mut silent = Silent::default();
    for (rule, counted) in with_any(reader, region, concerned).await? {
        let whose = Whose { account, region, rule };
        match (counted, extent(notifications, whose)) {
            (Some(Counted { resources, at_least }), Extent::All) => {
                silent.resources += resources;
                silent.at_least |= at_least;
            }
            (_, Extent::Nothing) => {}
            _ => match reader.non_compliant(region, &rule.name).await {
                Ok(found) => {
                    let told =
                        found.iter().filter(|one| !told_by(notifications, whose, one).is_empty());
                    silent.resources += told.count();
                }
                Err(error) if error.class == ErrorClass::NotFound => {
                    silent.gaps.push(error.to_string());
                }
                Err(error) => return Err(error),
            },
        }
    }
    Ok(silent)
}

/// How many of a rule's resources are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    All,
    /// Each has to be asked.
    Perhaps,
    Nothing,
}

fn extent(notifications: &[Watched], whose: Whose<'_>) -> Extent {
    let answers: Vec<Option<bool>> =
        notifications.iter().map(|watched| watched.tells_of_all(whose)).collect();
    if answers.contains(&Some(true)) {
        Extent::All
    } else if answers.contains(&None) {
        Extent::Perhaps
    } else {
        Extent::Nothing
    }
}

/// What is wrong with the names of Config rules in the file.
pub fn name_advice(watch: &Watch, rules: &[ConfigRule]) -> Vec<NameAdvice> {
    let of_one = |watched: &Watched| {
        let (notification, by_preset) = (watched.name.to_string(), watched.by_preset);
        let checks = check_names(&watched.whole, rules).into_iter();
        let advice = checks.filter_map(move |check| {
            let text = check.advice(by_preset)?;
            let write = check.proposals(by_preset);
            Some(NameAdvice { notification: notification.clone(), check, text, write })
        });
        advice.collect::<Vec<_>>()
    };
    watch.notifications.iter().flat_map(of_one).collect()
}
