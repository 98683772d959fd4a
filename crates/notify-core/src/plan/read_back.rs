//! What a run that changed something finds when it looks once more, after its last write.
//!
//! AWS has no conditional writes: two people who run a setup at once can each overwrite what the
//! other has just written, and both be told that every call went well. Whoever looks after their
//! own last write, and finds what they asked for, knows that it was so; whoever does not, can say
//! what differs. Of two such runs the one that wrote last looks at what is there in the end.

use super::{Action, Change, Options, Plan, PrepareError, Request, diff, prepare};
use crate::aws::policy::same_statement;
use crate::provider::Provider;
use crate::spec::Spec;
use crate::state::{Desired, Resource, ResourceKey, State, SubscriptionStatus};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// A resource that is not as a run was to leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The resource.
    pub key: ResourceKey,
    /// In which way.
    pub what: Differs,
}

/// In which way a resource is not as a run was to leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Differs {
    /// It should be there.
    Missing,
    /// It should be gone, or others' without our parts.
    Left,
    /// These fields have other values.
    Fields(Vec<String>),
    /// It is somebody else's now.
    InTheWay(String),
}

impl Difference {
    /// The fields that differ, where it is these.
    pub fn fields(&self) -> &[String] {
        match &self.what {
            Differs::Fields(fields) => fields,
            Differs::Missing | Differs::Left | Differs::InTheWay(_) => &[],
        }
    }
}

impl Differs {
    /// A word for it in JSON output.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Left => "left",
            Self::Fields(_) => "fields",
            Self::InTheWay(_) => "in_the_way",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, what } = self;
        write!(f, "{} {} in {}: ", key.kind, key.name, key.place)?;
        match what {
            Differs::Missing => f.write_str("it is not there"),
            Differs::Left => f.write_str("it is still there"),
            Differs::Fields(fields) => write!(f, "{} differs", fields.join(", ")),
            Differs::InTheWay(why) => f.write_str(why),
        }
    }
}

/// Looks once more at all that a request is about, and says what is not as it asks. Nothing
/// differs when the answer is empty: a plan made now would be empty, leftovers included.
///
/// What the file asks for comes from the [`Survey`](super::Survey) that the run was planned from:
/// neither the account nor a web ACL is asked again. A subscriber who was to be invited again has
/// been by now.
///
/// ```
/// use notify_core::{local::LocalCloud, plan, provider, spec};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let text = "stack = \"demo\"\nregions = [\"eu-west-1\"]\n[topic]\nname = \"alerts\"\n";
/// let spec = spec::parse(text, spec::Format::Toml).spec.expect("a good file");
/// let cloud = LocalCloud::default();
/// let request = plan::Request::setup(None);
///
/// let survey = plan::survey(&cloud, &spec, &request).await?;
/// let differs = plan::read_back(&cloud, &spec, &request, &survey.plan, &survey.desired).await?;
/// assert_eq!(differs[0].to_string(), "topic alerts in eu-west-1: it is not there");
///
/// provider::apply(&cloud, &survey.plan, || false, |_| {}).await;
/// let differs = plan::read_back(&cloud, &spec, &request, &survey.plan, &survey.desired).await?;
/// assert!(differs.is_empty());
/// # Ok::<(), plan::PrepareError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn read_back<P: Provider>(
    provider: &P,
    spec: &Spec,
    request: &Request,
    done: &Plan,
    desired: &Desired,
) -> Result<Vec<Difference>, PrepareError> {
    let options =
        Options { resubscribe: std::collections::BTreeSet::new(), ..request.options.clone() };
    let request = Request { options, ..request.clone() };
    let now = prepare::look(provider, spec, &request, &done.identity, desired).await?;
    Ok(now.0.differences())
}

/// Looks once more at what a saved plan was about, whose file is not at hand, and says what of it
/// is not so.
pub async fn read_back_saved<P: Provider>(
    provider: &P,
    done: &Plan,
) -> Result<Vec<Difference>, PrepareError> {
    let mut now = provider.observe(&done.scope).await?;
    now.extend(prepare::roles(provider, &done.scope).await?);
    Ok(done.undone(&now))
}

impl Plan {
    /// What is not as the file says, if this plan is what is left to do: one entry a resource.
    pub fn differences(&self) -> Vec<Difference> {
        let mut found: BTreeMap<&ResourceKey, Differs> = BTreeMap::new();
        for change in self.changes() {
            let what = match change.action {
                Action::Create => Differs::Missing,
                Action::Delete | Action::Release => Differs::Left,
                Action::Adopt | Action::Update => {
                    Differs::Fields(change.fields.iter().map(|field| field.path.clone()).collect())
                }
            };
            match (found.get_mut(&change.key), what) {
                (Some(Differs::Fields(fields)), Differs::Fields(more)) => fields.extend(more),
                (Some(_), _) => {}
                (None, what) => {
                    found.insert(&change.key, what);
                }
            }
        }
        for blocked in &self.blocked {
            found.insert(&blocked.key, Differs::InTheWay(blocked.reason.clone()));
        }
        found.into_iter().map(|(key, what)| Difference { key: key.clone(), what }).collect()
    }

    /// What of this plan is not so in `now`, looked at after it was carried out. Tags that were
    /// not read are not compared.
    pub fn undone(&self, now: &State) -> Vec<Difference> {
        let mut last: BTreeMap<&ResourceKey, Expected<'_>> = BTreeMap::new();
        for change in self.changes() {
            expect(last.entry(&change.key).or_default(), change);
        }
        let differs = last.into_iter().filter_map(|(key, expected)| {
            let what = expected.missed_by(now.get(key))?;
            Some(Difference { key: key.clone(), what })
        });
        differs.collect()
    }
}

/// What a plan's changes together make of a resource.
#[derive(Debug, Default)]
struct Expected<'a> {
    gone: bool,
    fields: BTreeMap<&'a str, Option<&'a Value>>,
}

/// A later change of the same resource has the last word.
fn expect<'a>(expected: &mut Expected<'a>, change: &'a Change) {
    expected.gone = change.action == Action::Delete;
    let fields = change.fields.iter();
    expected.fields.extend(fields.map(|field| (field.path.as_str(), field.new.as_ref())));
}

impl Expected<'_> {
    fn missed_by(&self, now: Option<&Resource>) -> Option<Differs> {
        let now = now.filter(|now| !has_left(now));
        match (self.gone, now) {
            (true, None) => None,
            (true, Some(_)) => Some(Differs::Left),
            (false, None) => Some(Differs::Missing),
            (false, Some(now)) => {
                let there = diff::fields(now);
                let unread = |path: &str| path.starts_with("tags.") && now.tags().is_none();
                let differs = |path: &str, new: Option<&Value>| match (there.get(path), new) {
                    _ if unread(path) => false,
                    (Some(old), Some(new)) if path.starts_with("policy.") => {
                        !same_statement(old, new)
                    }
                    (old, new) => old != new,
                };
                let fields = self.fields.iter().filter(|(path, new)| differs(path, **new));
                let fields: Vec<String> = fields.map(|(path, _)| (*path).to_owned()).collect();
                (!fields.is_empty()).then_some(Differs::Fields(fields))
            }
        }
    }
}

/// SNS lists for some days who has left.
fn has_left(resource: &Resource) -> bool {
    matches!(resource, Resource::Subscription(subscription)
        if subscription.status.value() == Some(&SubscriptionStatus::Deleted))
}
