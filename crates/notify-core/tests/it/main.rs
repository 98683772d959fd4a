//! Tests of the library as its users call it.

#![expect(clippy::disallowed_methods, reason = "core reads no files; its tests read their cases")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod alarm;
mod alarm_timeline;
mod audience;
mod backtest;
mod backtest_files;
mod baseline;
mod dead_letters;
mod delivery;
mod digest_laws;
mod exclude_laws;
mod feed;
mod hostile;
mod limits;
mod mail;
mod mail_bytes;
mod policy_laws;
mod presets;
mod preview;
mod proof;
mod proof_machine;
mod publishing;
mod read_back;
mod reading;
mod replay;
mod schema;
mod send;
mod spec;
mod transform;
mod transform_laws;
mod transform_loss;
