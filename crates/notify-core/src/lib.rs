//! Tells people when something is wrong in their AWS account: the part that decides.
//!
//! From one file this crate works out what should exist in an account, what has to change, what
//! it costs, and in which order it is done. It reads no file, environment, clock or network; what
//! it must know of the world comes through the [`provider::Provider`] trait.
//!
//! ```
//! use notify_core::{local::LocalCloud, plan, provider, spec};
//!
//! let text = r#"
//!     stack   = "security"
//!     regions = ["ap-northeast-1"]
//!
//!     [topic]
//!     name = "config-info"
//!
//!     [[subscriptions]]
//!     protocol = "email"
//!     endpoint = "ops@example.com"
//!
//!     [[events]]
//!     name   = "config-noncompliant"
//!     preset = "config-compliance"
//! "#;
//! let spec = spec::parse(text, spec::Format::Toml).spec.expect("a file without mistakes");
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let cloud = LocalCloud::default(); // or `notify_aws::AwsProvider`
//! let plan = plan::prepare(&cloud, &spec, &plan::Request::setup(None)).await?;
//! assert_eq!(plan.count(plan::Action::Create), 4); // topic, subscription, rule, target
//!
//! let report = provider::apply(&cloud, &plan, || false, |_| {}).await;
//! assert!(report.is_complete());
//! assert_eq!(report.awaiting().count(), 1); // somebody must follow the link in a mail
//! # Ok::<(), plan::PrepareError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Overview
//!
//! ```text
//! spec file ──parse──▶ Spec ──desired──▶ State ─┐
//!                                               ├─plan─▶ Plan ─apply─▶ Report
//! AWS ──────observe (Provider)─────────▶ State ─┘              (Provider)
//! ```
//!
//! - [`aws`]: names with their limits, ARNs, regions, tags, topic policies, web ACLs
//! - [`message`]: messages as people write them, and input templates as EventBridge takes them
//! - [`machine`]: the state machine that sends mails with subjects, and what its text does
//! - [`pattern`](mod@pattern): which events a rule matches
//! - [`feed`]: past events out of the files that people keep them in
//! - [`mail`]: what a publisher gives to SNS, and the mails that readers get
//! - [`preset`]: notifications that most people want, as data
//! - [`spec`]: the file, its mistakes, its JSON Schema
//! - [`state`]: what should exist and what does, as one type
//! - [`plan`](mod@plan): what has to change, as a value that can be printed, saved and checked
//! - [`proof`]: the path from an event or a metric to a person, link by link
//! - [`provider`]: the trait, its errors, and [`provider::apply()`]
//! - [`local`]: an account in memory
//! - [`baseline`]: what does not comply already, of which no event will tell
//! - [`digest`]: what each WAF rule blocked and counted, day by day
//! - [`replay`]: what past events would have caused
//! - [`send`]: a test through the real path, and who has yet to confirm
//! - [`iam`]: the least that an account must allow
//! - [`hidden`]: characters that act instead of being seen

pub use notify_pattern as pattern;

pub mod alarm;
pub mod aws;
pub mod backtest;
pub mod baseline;
pub mod digest;
pub mod feed;
pub mod hidden;
pub mod iam;
pub mod local;
pub mod machine;
pub mod mail;
pub mod message;
mod nearest;
pub mod plan;
pub mod preset;
pub mod preview;
pub mod proof;
pub mod provider;
pub mod replay;
pub mod send;
pub mod spec;
pub mod state;
pub mod transform;
