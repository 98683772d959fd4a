//! What does not comply already, of which no event will tell.
//!
//! Config sends an event when a resource's compliance *changes*. What is `NON_COMPLIANT` on the
//! day on which a notification is set up stays silent until it changes, which may be never.
//! [`take`] lists it, [`count`] counts it in fewer calls, and [`mail`] puts it into a mail.
//! [`check_names`] finds the rules that a file names, also those that AWS has given a suffix.
//!
//! Nothing here decides by itself whether a notification would have told of a resource: the event
//! that Config would have sent is made, and the pattern is asked.

mod mail;
mod names;
mod take;
mod watch;

pub use mail::mail;
pub use names::{NameCheck, NameFound, check_names, lasting_prefix, prefix_in_toml};
pub use take::{
    Baseline, Listed, NameAdvice, RuleBaseline, Silent, count, name_advice, take, unknown_line,
};
pub use watch::{Watch, Watched, watched};
