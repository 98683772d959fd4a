//! A spec that has been set up in an account in memory.

use crate::alarm::{AlarmError, MetricAlarm, Pace, Point, Run, Timeline, Transition, Wording};
use crate::aws::waf::{WafAction, WafRule, WebAcl};
use crate::aws::{AlarmState, Region};
use crate::local::{Answer, Changed, Fate, LocalCloud, Sent};
use crate::pattern::EventError;
use crate::plan::{PrepareError, Request, prepare};
use crate::provider;
use crate::spec::{Spec, WafRules};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A spec that has been set up in an account in memory, so that what it does can be seen: what is
/// previewed is what happens.
#[derive(Debug)]
pub struct Stage {
    cloud: LocalCloud,
    /// The names of all rules, each with the first region that it is in.
    rules: BTreeMap<String, Region>,
    /// The same of all alarms.
    alarms: BTreeMap<String, Region>,
    /// Web ACLs whose rules nobody knows; one made-up rule stands for them.
    pub unknown_web_acls: Vec<String>,
}

/// The name of the rule that stands for those of a web ACL that nobody knows.
pub const STAND_IN_RULE: &str = "RULE";

impl Stage {
    /// Sets a spec up. Of the web ACLs that it asks for with `rules = "all"`, those that are not
    /// given get one made-up rule.
    pub async fn new(
        spec: &Spec,
        mut web_acls: Vec<WebAcl>,
        only: Option<Region>,
    ) -> Result<Self, PrepareError> {
        let mut unknown_web_acls = Vec::new();
        for (alarm, acl) in spec.alarms.iter().filter_map(|a| Some((a, a.web_acl.as_ref()?))) {
            let known =
                web_acls.iter().any(|known| known.name == acl.name || known.metric == acl.name);
            if acl.rules == WafRules::All && !known {
                let action = alarm.metric.as_deref().and_then(WafAction::of_metric);
                web_acls.push(stand_in(&acl.name, action.unwrap_or(WafAction::Block)));
                unknown_web_acls.push(acl.name.clone());
            }
        }
        let cloud = LocalCloud::default().with_web_acls(web_acls);
        let mut request = Request::setup(Some(Region::us_east_1()));
        request.options.only = only;
        let plan = prepare(&cloud, spec, &request).await?;
        let report = provider::apply(&cloud, &plan, || false, |_| {}).await;
        let failed = report.applied.into_iter().find_map(|applied| match applied.outcome {
            provider::Outcome::Failed(error) => Some(error),
            _ => None,
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        cloud.take_mails();
        let (mut rules, mut alarms) = (BTreeMap::new(), BTreeMap::new());
        for (region, place) in cloud.cloud().regions {
            for name in place.rules.into_keys() {
                rules.entry(name).or_insert_with(|| region.clone());
            }
            for name in place.alarms.into_keys() {
                alarms.entry(name).or_insert_with(|| region.clone());
            }
        }
        Ok(Self { cloud, rules, alarms, unknown_web_acls })
    }

    /// The account.
    pub fn cloud(&self) -> &LocalCloud {
        &self.cloud
    }

    /// The names of the rules, each with a region that it is in.
    pub fn rules(&self) -> impl Iterator<Item = (&str, &Region)> {
        self.rules.iter().map(|(name, region)| (name.as_str(), region))
    }

    /// The names of the alarms, each with a region that it is in.
    pub fn alarms(&self) -> impl Iterator<Item = (&str, &Region)> {
        self.alarms.iter().map(|(name, region)| (name.as_str(), region))
    }

    /// The region that a rule is previewed in.
    pub(super) fn rule_region(&self, name: &str) -> Option<&Region> {
        self.rules.get(name)
    }

    /// The region that an alarm is previewed in.
    pub(super) fn alarm_region(&self, name: &str) -> Option<&Region> {
        self.alarms.get(name)
    }

    /// An alarm as CloudWatch sees it; `None` if the spec has none of that name.
    pub fn alarm(&self, name: &str) -> Option<Result<MetricAlarm, AlarmError>> {
        self.cloud.metric_alarm(self.alarms.get(name)?, name)
    }

    /// Offers an event to a rule; `None` if the spec has none of that name.
    pub fn offer(&self, rule: &str, event: &str) -> Result<Option<Answer>, EventError> {
        match self.rules.get(rule) {
            Some(region) => self.cloud.offer(region, rule, event),
            None => Ok(None),
        }
    }

    /// Changes an alarm's state, so that its actions run.
    pub fn change(&self, alarm: &str, change: Transition) -> Result<Option<Changed>, AlarmError> {
        match self.alarms.get(alarm) {
            Some(region) => self.cloud.set_alarm_state(region, alarm, change),
            None => Ok(None),
        }
    }

    /// Follows an alarm over the values of its metric, from before the first to `to`.
    pub fn follow(
        alarm: &MetricAlarm,
        points: &[Point],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Transition>, AlarmError> {
        let pace = Pace { lag: 0, ..alarm.condition.pace() };
        let state = AlarmState::InsufficientData;
        let run = Run { state, from, to, range: None, pace, wording: Wording::default() };
        Ok(Timeline::new(&alarm.condition, points, run)?.collect())
    }
}

/// The messages that a rule's answer sent.
pub(super) fn sent(answer: Answer) -> impl Iterator<Item = Sent> {
    let fates = match answer {
        Answer::Matched(fates) => fates,
        Answer::Asleep | Answer::NoMatch => Vec::new(),
    };
    fates.into_iter().filter_map(|fate| match fate {
        Fate::Sent(sent) => Some(sent),
        Fate::Lost(_) | Fate::Vanished | Fate::Elsewhere(_) | Fate::Unsendable(_) => None,
    })
}

fn stand_in(name: &str, action: WafAction) -> WebAcl {
    let rule = WafRule {
        name: STAND_IN_RULE.to_owned(),
        metric: STAND_IN_RULE.to_owned(),
        measured: true,
        action,
    };
    WebAcl { name: name.to_owned(), metric: name.to_owned(), rules: vec![rule] }
}
