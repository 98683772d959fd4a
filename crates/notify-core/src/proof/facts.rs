//! What an account says when it is looked at closely.

use crate::alarm::{Metric, Point};
use crate::aws::Region;
use crate::aws::waf::WebAcl;
use crate::provider::{
    ConfigRule, ErrorClass, Gap, KeyFacts, MetricSeries, ProviderError, Recorder,
    SubscriptionFacts, Window,
};
use crate::state::{ResourceKey, WebAclQuery};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// An answer, or why there is none.
pub type Known<T> = Result<T, Unknown>;

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The operation, which is also the name of the permission.
    pub operation: String,
    /// What kind of failure it was.
    pub class: ErrorClass,
    /// What was said.
    pub message: String,
}

impl Unknown {
    /// The sentence for it: a permission that is missing is named.
    pub fn sentence(&self) -> String {
        match self.class {
            ErrorClass::AccessDenied => format!("the permission `{}` is missing", self.operation),
            // The local account says by itself what it does not know.
            ErrorClass::NotFound => self.message.clone(),
            _ => format!("{}: {}", self.operation, self.message),
        }
    }
}

impl From<ProviderError> for Unknown {
    fn from(error: ProviderError) -> Self {
        let ProviderError { class, operation, resource: _, message, source: _ } = error;
        Self { operation, class, message }
    }
}

/// All that is known beside what a plan is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The time that metrics were read for.
    pub window: Window,
    /// Topics' keys, by region and as the topic names them; `None` where there is no such key.
    pub keys: BTreeMap<(Region, String), Known<Option<KeyFacts>>>,
    /// Confirmed subscriptions; `None` for one that is gone.
    pub subscriptions: BTreeMap<ResourceKey, Known<Option<SubscriptionFacts>>>,
    /// AWS Config, where a rule waits for it.
    pub config: BTreeMap<Region, ConfigFacts>,
    /// Web ACLs that alarms watch; `None` where there is none.
    pub web_acls: BTreeMap<WebAclQuery, Known<Option<WebAcl>>>,
    /// Metrics.
    pub metrics: BTreeMap<Region, Known<Measured>>,
    /// Until when notifications' alarms are muted, by region and notification; whoever has looked for
    /// mutes puts them in.
    pub muted: BTreeMap<(Region, String), Timestamp>,
    /// Since when alarms without data are in their state.
    pub since: BTreeMap<ResourceKey, Timestamp>,
}

/// What AWS Config says in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFacts {
    /// Its rules.
    pub rules: Known<Vec<ConfigRule>>,
    /// Its recorder; `None` where there is none.
    pub recorder: Known<Option<Recorder>>,
}

/// The values of metrics in the window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured(BTreeMap<Metric, MetricSeries>);

impl Measured {
    /// Answers by their metrics.
    pub fn new(answers: impl IntoIterator<Item = (Metric, MetricSeries)>) -> Self {
        Self(answers.into_iter().collect())
    }

    /// The values of a metric; none where none was published.
    pub fn points(&self, metric: &Metric) -> &[Point] {
        self.0.get(metric).map_or(&[], |series| &series.points)
    }

    /// Why the values of a metric are not all that there are.
    pub fn gap(&self, metric: &Metric) -> Option<&Gap> {
        self.0.get(metric)?.gaps.first()
    }
}
