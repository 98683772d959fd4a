//! The path from an event or a metric to a person, link by link.
//!
//! [`gather`] asks an account for what a plan does not need to know, in few calls. [`prove`] is the
//! pure rest: from what should exist, what does, and these facts it makes a [`Link`] for each step
//! of each notification's path, and last a verdict. A link that is broken has one cause and one
//! command that mends it; those behind it are told all the same.
//!
//! ```
//! use notify_core::{local::LocalCloud, plan, proof, provider, spec};
//!
//! let text = r#"
//!     stack   = "security"
//!     regions = ["ap-northeast-1"]
//!     [topic]
//!     name = "alerts"
//!     [[subscriptions]]
//!     protocol = "email"
//!     endpoint = "ops@example.com"
//!     [[events]]
//!     name    = "sign-in"
//!     pattern = '{"source": ["aws.signin"]}'
//!     message = "Somebody signed in at <$.time>."
//! "#;
//! let spec = spec::parse(text, spec::Format::Toml).spec.expect("a file without mistakes");
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let cloud = LocalCloud::default(); // or `notify_aws::AwsProvider`
//! let request = plan::Request::setup(None);
//! let plan = plan::prepare(&cloud, &spec, &request).await?;
//! provider::apply(&cloud, &plan, || false, |_| {}).await;
//!
//! let now = "2026-11-24T10:00:00Z".parse()?;
//! let survey = plan::survey(&cloud, &spec, &request).await?;
//! let proof = proof::prove(&survey, &proof::gather(&cloud, &survey, now).await);
//! let open = proof.links.iter().find(|link| link.state == proof::LinkState::Pending);
//! assert_eq!(open.map(|link| link.link), Some(proof::LinkName::Confirmed));
//!
//! cloud.confirm("ops@example.com");
//! let survey = plan::survey(&cloud, &spec, &request).await?;
//! let proof = proof::prove(&survey, &proof::gather(&cloud, &survey, now).await);
//! assert!(proof.is_well());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alarms;
mod command;
mod config;
mod deliveries;
mod events;
mod facts;
mod gather;
mod key;
mod machine;
mod questions;
mod readers;
mod topic;
mod verdict;

pub use command::quoted;
pub use facts::{ConfigFacts, Facts, Known, Measured, Unknown};
pub use gather::gather;
pub use key::{KeyCheck, check_keys};
pub use questions::{DAYS, window};

use crate::aws::Region;
use crate::plan::Survey;
use crate::state::{Kind, Resource};
use serde::Serialize;

/// One step of the way that a notification takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where.
    pub region: Region,
    /// The rule's or alarm's name.
    pub notification: String,
    /// Whether it is a rule or an alarm.
    pub kind: Kind,
    /// Whose step it is; `None` where it is everybody's.
    pub endpoint: Option<String>,
    /// Which step.
    pub link: LinkName,
    /// How it is.
    pub state: LinkState,
    /// What was found, in a few words.
    pub found: String,
    /// What is wrong, in a sentence; `None` where nothing is.
    pub cause: Option<String>,
    /// A command line that mends it.
    pub command: Option<String>,
}

/// The steps, in the order of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkName {
    /// The rule or the alarm is there and works.
    Enabled,
    /// Everything that the file says of it is so.
    AsWritten,
    /// What it waits for can happen: AWS Config judges, the metric is there.
    Matches,
    /// It tells the topic.
    Target,
    /// The template loses no mail. Alarms have none.
    Template,
    /// The topic's policy lets the publisher in.
    Policy,
    /// The topic's key does, too.
    Key,
    /// The reader has agreed.
    Confirmed,
    /// The link in each mail does not end the subscription.
    Locked,
    /// What was delivered, and what was not.
    Deliveries,
    /// All of it together.
    Verdict,
}

impl LinkName {
    /// All of them, in order.
    pub const ALL: [Self; 11] = [
        Self::Enabled,
        Self::AsWritten,
        Self::Matches,
        Self::Target,
        Self::Template,
        Self::Policy,
        Self::Key,
        Self::Confirmed,
        Self::Locked,
        Self::Deliveries,
        Self::Verdict,
    ];

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::AsWritten => "as_written",
            Self::Matches => "matches",
            Self::Target => "target",
            Self::Template => "template",
            Self::Policy => "policy",
            Self::Key => "key",
            Self::Confirmed => "confirmed",
            Self::Locked => "locked",
            Self::Deliveries => "deliveries",
            Self::Verdict => "verdict",
        }
    }
}

/// How a link is, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It holds.
    Ok,
    /// It holds as far as it goes: nothing has happened yet that would show more.
    Quiet,
    /// It holds, and something can end it, or loses a mail now and then.
    Weak,
    /// It cannot be known, for want of a permission or because nothing tells.
    Unknown,
    /// It is switched off on purpose.
    Muted,
    /// It waits for a person.
    Pending,
    /// It is not as the file says.
    Drifted,
    /// No mail gets through here.
    Broken,
}

impl LinkState {
    /// All of them, from the best to the worst.
    pub const ALL: [Self; 8] = [
        Self::Ok,
        Self::Quiet,
        Self::Weak,
        Self::Unknown,
        Self::Muted,
        Self::Pending,
        Self::Drifted,
        Self::Broken,
    ];

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Quiet => "quiet",
            Self::Weak => "weak",
            Self::Unknown => "unknown",
            Self::Muted => "muted",
            Self::Pending => "pending",
            Self::Drifted => "drifted",
            Self::Broken => "broken",
        }
    }

    /// Whether somebody has to do something. What is not known, or is off on purpose, asks for
    /// nothing.
    pub fn is_wrong(self) -> bool {
        self >= Self::Pending
    }
}

/// All links of all notifications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// Notification by notification, region by region, each in the order of [`LinkName`].
    pub links: Vec<Link>,
}

impl Proof {
    /// Whether nothing is pending, drifted or broken.
    pub fn is_well(&self) -> bool {
        self.links.iter().all(|link| !link.state.is_wrong())
    }

    /// The verdicts, one for each notification.
    pub fn verdicts(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|link| link.link == LinkName::Verdict)
    }
}

/// Goes the way of each notification that the file asks for.
pub fn prove(survey: &Survey, facts: &Facts) -> Proof {
    let mut links = Vec::new();
    for (key, resource) in &survey.desired.state {
        let Some(region) = key.region() else { continue };
        let seen = Seen { survey, facts, region, key };
        let (steps, topic) = match resource {
            Resource::Rule(rule) => events::steps(seen, rule),
            Resource::Alarm(alarm) => alarms::steps(seen, alarm),
            _ => continue,
        };
        let mut steps = steps;
        steps.extend(topic::steps(seen, topic.as_ref()));
        steps.extend(readers::steps(seen, topic.as_ref()));
        steps.push(deliveries::step(seen, topic.as_ref()));
        steps.push(verdict::of(&steps));
        links.extend(steps.into_iter().map(|step| {
            let Step { endpoint, link, state, found, cause, command } = step;
            Link {
                region: region.clone(),
                notification: key.name.clone(),
                kind: key.kind,
                endpoint,
                link,
                state,
                found,
                cause,
                command,
            }
        }));
    }
    Proof { links }
}

/// All that is known of one notification.
#[derive(Debug, Clone, Copy)]
struct Seen<'a> {
    survey: &'a Survey,
    facts: &'a Facts,
    region: &'a Region,
    /// The rule's or the alarm's.
    key: &'a crate::state::ResourceKey,
}

/// A link that does not know yet whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    endpoint: Option<String>,
    link: LinkName,
    state: LinkState,
    found: String,
    cause: Option<String>,
    command: Option<String>,
}

impl Step {
    fn new(link: LinkName, state: LinkState, found: impl Into<String>) -> Self {
        Self { endpoint: None, link, state, found: found.into(), cause: None, command: None }
    }

    fn ok(link: LinkName, found: impl Into<String>) -> Self {
        Self::new(link, LinkState::Ok, found)
    }

    fn broken(link: LinkName, found: &str, cause: impl Into<String>) -> Self {
        Self::new(link, LinkState::Broken, found).because(cause)
    }

    fn unknown(link: LinkName, cause: impl Into<String>) -> Self {
        Self::new(link, LinkState::Unknown, "not known").because(cause)
    }

    fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    fn mended_by(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    fn of(mut self, endpoint: &str) -> Self {
        self.endpoint = Some(endpoint.to_owned());
        self
    }
}
