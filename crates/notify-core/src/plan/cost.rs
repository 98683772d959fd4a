//! What a stack costs a month, from prices with a date.
//!
//! The prices are those of us-east-1 that AWS publishes
//! ([CloudWatch](https://aws.amazon.com/cloudwatch/pricing/), [SNS](https://aws.amazon.com/sns/pricing/),
//! [EventBridge](https://aws.amazon.com/eventbridge/pricing/),
//! [SQS](https://aws.amazon.com/sqs/pricing/),
//! [Step Functions](https://aws.amazon.com/step-functions/pricing/)); other regions may differ a little.

use crate::aws::Protocol;
use crate::state::Resource;
use serde::{Deserialize, Serialize};

/// When the prices were read.
pub const PRICES_AS_OF: &str = "2026-11-24";

const STANDARD_ALARM_CENTS: usize = 10;
const HIGH_RESOLUTION_ALARM_CENTS: usize = 30;
const FREE_ALARMS: usize = 10;
/// Seconds; an alarm with a shorter period is billed as high resolution.
const STANDARD_PERIOD: u32 = 60;

/// A month, for what is counted by the day.
pub const DAYS_A_MONTH: f64 = 30.0;

const FREE_MAILS: f64 = 1_000.0;
const USD_A_MAIL: f64 = 2.0 / 100_000.0;
const FREE_PUBLISHES: f64 = 1_000_000.0;
const USD_A_PUBLISH: f64 = 0.5 / 1_000_000.0;

/// What a stack costs a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// The day on which the prices were read.
    pub as_of: String,
    /// US dollars a month if nothing of the free tier is left.
    pub monthly_usd: f64,
    /// US dollars a month if all of the account's free tier is there for this stack.
    pub monthly_usd_with_free_tier: f64,
    /// One line for each kind of resource.
    pub lines: Vec<CostLine>,
}

/// What one kind of resource costs a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostLine {
    /// What it is.
    pub what: String,
    /// How many there are.
    pub count: usize,
    /// US dollars a month for all of them, without any use of them.
    pub monthly_usd: f64,
    /// What it depends on, and what is free.
    pub note: String,
}

/// What mails cost a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MailCost {
    /// The day on which the prices were read.
    pub as_of: String,
    /// Messages that are published a month.
    pub publishes: f64,
    /// Mails that are delivered a month.
    pub deliveries: f64,
    /// US dollars a month if nothing of the free tier is left.
    pub monthly_usd: f64,
    /// US dollars a month if all of the account's free tier is there for this stack.
    pub monthly_usd_with_free_tier: f64,
}

/// What mails cost a month: so many publishes, and so many deliveries to addresses.
///
/// ```
/// # use notify_core::plan::mail_cost;
/// let cost = mail_cost(1_000.0, 3_000.0);
/// assert!((cost.monthly_usd - 0.0605).abs() < 1e-9);
/// assert!((cost.monthly_usd_with_free_tier - 0.04).abs() < 1e-9); // a thousand mails are free
/// ```
pub fn mail_cost(publishes: f64, deliveries: f64) -> MailCost {
    let usd = |free_publishes: f64, free_mails: f64| {
        (publishes - free_publishes).max(0.0) * USD_A_PUBLISH
            + (deliveries - free_mails).max(0.0) * USD_A_MAIL
    };
    MailCost {
        as_of: PRICES_AS_OF.to_owned(),
        publishes,
        deliveries,
        monthly_usd: usd(0.0, 0.0),
        monthly_usd_with_free_tier: usd(FREE_PUBLISHES, FREE_MAILS),
    }
}

/// What these resources cost a month.
///
/// ```
/// # use notify_core::{plan::cost, state::State};
/// assert_eq!(cost(State::new().values()).monthly_usd, 0.0);
/// ```
pub fn cost<'a>(resources: impl Iterator<Item = &'a Resource>) -> Cost {
    let all: Vec<&Resource> = resources.collect();
    let topics = all.iter().copied().filter(|r| matches!(r, Resource::Topic(_))).count();
    let queues = all.iter().copied().filter(|r| matches!(r, Resource::Queue(_))).count();
    let machines = all.iter().copied().filter(|r| matches!(r, Resource::StateMachine(_))).count();
    let rules = |scheduled: bool| {
        let is =
            |r: &&Resource| matches!(r, Resource::Rule(r) if r.schedule.is_some() == scheduled);
        all.iter().copied().filter(is).count()
    };
    let alarms = |high: bool| {
        let is =
            |r: &&Resource| matches!(r, Resource::Alarm(a) if (a.period < STANDARD_PERIOD) == high);
        all.iter().copied().filter(is).count()
    };
    let subscriptions = |wanted: &[Protocol]| {
        let is =
            |r: &&Resource| matches!(r, Resource::Subscription(s) if wanted.contains(&s.protocol));
        all.iter().copied().filter(is).count()
    };
    let (standard, high) = (alarms(false), alarms(true));
    let rows = [
        ("topics", topics, 0, "free; a million publishes a month are free, then $0.50 a million"),
        (
            "event rules",
            rules(false),
            0,
            "free: events of AWS services on the default bus cost nothing",
        ),
        (
            "schedules",
            rules(true),
            0,
            "free as far as is known: the price list names no price for rules on a schedule; at that \
             of custom events, $1.00 a million, a mail a month is nothing that shows",
        ),
        (
            "queues",
            queues,
            0,
            "a million requests a month are free, then $0.40 a million; an empty queue has none",
        ),
        (
            "state machines",
            machines,
            0,
            "Express: $1.00 a million events, and $0.00001667 a GB-second, in which the least event \
             counts 64 MB for 100 ms (prices not checked against a bill)",
        ),
        (
            "alarms",
            standard,
            standard * STANDARD_ALARM_CENTS,
            "$0.10 each; an account's first 10 are free",
        ),
        ("high-resolution alarms", high, high * HIGH_RESOLUTION_ALARM_CENTS, "$0.30 each"),
        (
            "mail addresses",
            subscriptions(&[Protocol::Email, Protocol::EmailJson]),
            0,
            "1,000 mails a month are free, then $2.00 for 100,000",
        ),
        (
            "web endpoints",
            subscriptions(&[Protocol::Http, Protocol::Https]),
            0,
            "$0.60 a million deliveries",
        ),
        (
            "phones",
            subscriptions(&[Protocol::Sms]),
            0,
            "each message costs, by country: see SNS's price list",
        ),
        (
            "queues, functions and apps",
            subscriptions(&[Protocol::Sqs, Protocol::Lambda, Protocol::Application]),
            0,
            "deliveries are free or nearly so; the queue or function costs on its own",
        ),
    ];
    let cents = standard * STANDARD_ALARM_CENTS + high * HIGH_RESOLUTION_ALARM_CENTS;
    let free = standard.min(FREE_ALARMS) * STANDARD_ALARM_CENTS;
    Cost {
        as_of: PRICES_AS_OF.to_owned(),
        monthly_usd: usd(cents),
        monthly_usd_with_free_tier: usd(cents - free),
        lines: rows
            .into_iter()
            .filter(|(_, count, ..)| *count > 0)
            .map(|(what, count, cents, note)| CostLine {
                what: what.to_owned(),
                count,
                monthly_usd: usd(cents),
                note: note.to_owned(),
            })
            .collect(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a sum in cents is far below 2^53")]
fn usd(cents: usize) -> f64 {
    cents as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_come_from_whole_cents() {
        assert!((usd(230) - 2.3).abs() < f64::EPSILON);
    }
}
