//! What the adapter sends, and what it makes of the answers, on mocked clients. A request that no
//! mock expects fails its test.

mod mocks;

mod config;
mod errors;
mod inspect;
mod metrics;
mod observe_alarms;
mod observe_events;
mod observe_topic;
mod owners;
mod pacing;
mod publish;
mod steps_alarms;
mod steps_events;
mod steps_topic;
mod waf;
