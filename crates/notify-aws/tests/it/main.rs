//! What the adapter sends, and what it makes of the answers, on mocked clients. A request that no
//! mock expects fails its test.

mod mocks;
mod mutes;

mod config;
mod errors;
mod inspect;
mod metrics;
mod observe_alarms;
mod observe_events;
mod observe_topic;
mod operations;
mod owners;
mod pacing;
mod publish;
mod queues;
mod states;
mod steps_alarms;
mod steps_events;
mod steps_topic;
mod trial;
mod waf;
