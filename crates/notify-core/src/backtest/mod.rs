//! Alarms against the past: what they would have said, and how often they would have mailed.
//!
//! [`alarms`] are what a spec asks for; [`questions`] is what must be known of their metrics, which
//! a [`crate::provider::MetricReader`] answers or a file holds ([`Data`]); [`run`] follows an alarm
//! over its windows as `CloudWatch` does, and [`suggest`] tries other thresholds.
//!
//! What it takes to be true: every value was there as soon as its minute had ended. AWS's own
//! alarms see some values later, or never. Where newer periods are silent an evaluation looks at
//! older ones, as AWS's documentation says; at how many it does not say (see
//! [`crate::alarm::Condition::default_range`]). So an alarm is held for longer after a burst, and
//! one burst on a metric that is silent most of the time may be told of again a period later.
//! [`Backtest::mails_without_older`] says what it would be without.

mod data;
mod file;
mod layers;
mod published;
mod questions;
mod raw;
mod report;
mod rules;
mod saved;
mod stages;
mod suggest;

pub use data::{Answer, Data, Missing};
pub use file::{Wanted, read};
pub use questions::{Question, questions};
pub use report::{Backtest, MOST_TRANSITIONS, Span, Times, mails, run};
pub use saved::save;
pub use suggest::{Candidate, Suggestion, suggest};

use crate::alarm::{AlarmError, MetricAlarm};
use crate::aws::{Identity, Region};
use crate::state::{Resource, State};

/// An alarm of a region.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// The region.
    pub region: Region,
    /// The alarm's name.
    pub name: String,
    /// The alarm as `CloudWatch` sees it; an error is why it cannot be simulated.
    pub alarm: Result<MetricAlarm, AlarmError>,
}

/// The alarms of a state.
pub fn alarms(state: &State, who: &Identity) -> Vec<Watched> {
    let alarms = state.iter().filter_map(|(key, resource)| {
        let (Resource::Alarm(alarm), Some(region)) = (resource, key.region()) else { return None };
        let simulated = alarm.to_metric_alarm(who, region, &key.name);
        Some(Watched { region: region.clone(), name: key.name.clone(), alarm: simulated })
    });
    alarms.collect()
}

/// How many seconds before an evaluation still count for it.
fn memory(condition: &crate::alarm::Condition) -> i64 {
    i64::from(condition.default_range()).saturating_mul(i64::from(condition.period))
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
