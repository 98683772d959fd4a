//! The [`Provider`] of `notify-core` over the AWS SDK.
//!
//! This crate looks and does, and decides nothing: it compares no states, makes no plans and
//! prints nothing. It turns the SDK's types into those of `notify-core` at its edge, with AWS's
//! defaults filled in, so that nobody else has to know what AWS leaves unsaid.
//!
//! ```no_run
//! use notify_aws::{AwsProvider, Connection};
//! use notify_core::{plan, provider, spec};
//!
//! # async fn example(text: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let aws = AwsProvider::connect(Connection::default()).await?;
//! let spec = spec::parse(text, spec::Format::Toml).spec.ok_or("the file has errors")?;
//!
//! let request = plan::Request::setup(aws.default_region().cloned());
//! let plan = plan::prepare(&aws, &spec, &request).await?;
//! let report = provider::apply(&aws, &plan, || false, |_| {}).await;
//! assert!(report.is_complete());
//! # Ok(())
//! # }
//! ```
//!
//! # How it calls
//!
//! At most [`AT_A_TIME`] requests are under way, over all regions together, each with time-outs
//! and the SDK's standard retries. `PutMetricAlarm` and `DeleteAlarms`, which AWS limits to three
//! a second, go unpaced until AWS throttles one, and at that rate from then on.
//!
//! [`Provider::observe`] asks only what it must: on an unchanged stack, for
//! each region, one call for the tags, five for the topic and what hangs off it (with up to a
//! hundred alarms), three for each rule, and one for each further hundred alarms. The caller's
//! identity is asked for once.
//!
//! [`MetricReader::metric_data`] makes one `GetMetricData` call for each 500 queries of the same
//! time, and one for each further page of its answer.
//!
//! [`Publish::readers`] and [`Publish::publish`] make one call each: `GetTopicAttributes`, `Publish`.
//!
//! [`ConfigReader`] makes one `DescribeConfigRules` call for each page of rules, one
//! `DescribeComplianceByConfigRule` for the counts of up to 25 rules (of more: one for each page of
//! all that do not comply), and one `GetComplianceDetailsByConfigRule` for each hundred resources of a
//! rule. AWS Config throttles early: after the first time its calls go at three a second.
//!
//! [`Inspect::key`] makes two calls, `DescribeKey` and `GetKeyPolicy` (none for a key of AWS's own);
//! [`Inspect::subscription`] one, `GetSubscriptionAttributes`; [`Inspect::alarms_since`] one for each
//! hundred alarms.
//!
//! [`AT_A_TIME`]: notify_core::provider::AT_A_TIME
//! [`ConfigReader`]: notify_core::provider::ConfigReader
//! [`Inspect::alarms_since`]: notify_core::provider::Inspect::alarms_since
//! [`Inspect::key`]: notify_core::provider::Inspect::key
//! [`Inspect::subscription`]: notify_core::provider::Inspect::subscription
//! [`MetricReader::metric_data`]: notify_core::provider::MetricReader::metric_data
//! [`Publish::publish`]: notify_core::provider::Publish::publish
//! [`Publish::readers`]: notify_core::provider::Publish::readers
//! [`Provider`]: notify_core::provider::Provider
//! [`Provider::observe`]: notify_core::provider::Provider::observe

mod alarm;
mod cloudwatch;
mod config;
mod connect;
mod errors;
mod events;
mod execute;
mod iam;
mod inventory;
mod kms;
mod metrics;
mod mute;
mod observe;
mod pace;
mod provider;
mod regional;
mod scheduler;
mod sns;
mod sqs;
mod states;
mod tagging;
mod target;
mod trial;
mod waf;
mod whole;

pub use connect::{Clients, Connection, https_client};
pub use inventory::Inventory;
pub use provider::AwsProvider;
