//! Which notifications are meant.

use super::Request;
use crate::plan::prepare::wanted;
use crate::plan::{self, PrepareError};
use crate::provider::Provider;
use crate::spec::{AlarmSpec, Spec};
use crate::state::{Desired, DesiredError, Kind, Muting, State};
use std::collections::{BTreeMap, BTreeSet};

/// So many names are listed where one is not found.
const MOST_NAMES: usize = 12;

/// Which notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// All of the file.
    All,
    /// Those with these names.
    These(BTreeSet<String>),
}

impl Names {
    /// Whether one is meant.
    pub(super) fn have(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(names) => names.contains(name),
        }
    }
}

/// The alarms of notifications, by the notification's name.
pub(super) type Alarms = BTreeMap<String, State>;

/// The notifications of a file that are meant.
pub(super) struct Selected<'a> {
    spec: &'a Spec,
    pub(super) names: &'a Names,
}

impl<'a> Selected<'a> {
    /// An error where the file does not name one.
    pub(super) fn of(spec: &'a Spec, names: &'a Names) -> Result<Self, DesiredError> {
        let there: BTreeSet<&str> = spec
            .events
            .iter()
            .map(|event| event.name.as_str())
            .chain(spec.alarms.iter().map(|alarm| alarm.name.as_str()))
            .collect();
        if let Names::These(names) = names
            && let Some(unknown) = names.iter().find(|name| !there.contains(name.as_str()))
        {
            let mut list: Vec<&str> = there.iter().copied().take(MOST_NAMES).collect();
            if there.len() > MOST_NAMES {
                list.push("…");
            }
            let help = match list[..] {
                [] => "it has no `[[events]]` and no `[[alarms]]`".to_owned(),
                _ => format!("it has {}", list.join(", ")),
            };
            let message = format!("the file has no notification called `{unknown}`");
            return Err(DesiredError { message, help });
        }
        Ok(Self { spec, names })
    }

    /// Whether something that is meant can be muted in a way.
    pub(super) fn may_have(&self, kind: Muting) -> bool {
        match kind {
            _ if *self.names == Names::All => true,
            Muting::Alarms => self.spec.alarms.iter().any(|a| self.names.have(a.name.as_str())),
            Muting::Events => self.spec.events.iter().any(|e| self.names.have(e.name.as_str())),
        }
    }

    /// The rules of the events.
    pub(super) fn rules(&self, desired: &Desired) -> State {
        let rules = desired.state.iter().filter(|(key, _)| key.kind == Kind::Rule);
        let meant = rules.filter(|(key, _)| self.names.have(&key.name));
        meant.map(|(key, rule)| (key.clone(), rule.clone())).collect()
    }

    /// The alarms; web ACLs are asked for their rules where a notification has them all.
    pub(super) async fn alarms<P: Provider>(
        &self,
        provider: &P,
        request: &Request,
    ) -> Result<Alarms, PrepareError> {
        let mut all = Alarms::new();
        for alarm in self.spec.alarms.iter().filter(|alarm| self.names.have(alarm.name.as_str())) {
            let state = self.alarms_of(provider, request, alarm).await?;
            all.entry(alarm.name.to_string()).or_default().extend(state);
        }
        all.retain(|_, state| !state.is_empty());
        Ok(all)
    }

    async fn alarms_of<P: Provider>(
        &self,
        provider: &P,
        request: &Request,
        alarm: &AlarmSpec,
    ) -> Result<State, PrepareError> {
        let alone = Spec { events: Vec::new(), alarms: vec![alarm.clone()], ..self.spec.clone() };
        let asks = plan::Request::setup(request.default_region.clone());
        let (_, mut desired) = wanted(provider, &alone, &asks).await?;
        if let Some(hold) = desired.holds.first() {
            let message =
                format!("which alarms {} has cannot be known: {}", alarm.name, hold.reason);
            let help = "run the command again when the web ACL can be read".to_owned();
            return Err(DesiredError { message, help }.into());
        }
        let is_meant = |key: &crate::state::ResourceKey| {
            let here = request.only.as_ref().is_none_or(|only| key.region() == Some(only));
            key.kind == Kind::Alarm && here
        };
        desired.state.retain(|key, _| is_meant(key));
        Ok(desired.state)
    }
}
