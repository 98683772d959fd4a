//! A test through the real path: from an event of one's own, or an alarm that is set off, through
//! the topic to a person.
//!
//! An [`Errand`] is a value: what is made for a while, what happens, and how it is seen to arrive.
//! [`event_test`] and [`alarm_test`] make what happens out of a spec, and refuse what could not
//! arrive anyway. [`run`] carries an errand out and removes again what it has made, in every
//! outcome. Whatever is left behind by one that was killed carries a tag, and the next one removes
//! it first.
//!
//! # Why a queue watches
//!
//! A new rule is not live at once, and nobody can see a mailbox. So a temporary queue subscribes to
//! the topic, too, and the event is put every [`EVERY`] until the queue has it. What came before the
//! rule was live is lost to everybody; what the queue gets, every reader gets. So a reader has one
//! mail, as a rule: a second one where a message takes longer than that to arrive.

mod alarm;
mod errand;
mod event;
mod leftovers;
mod made;
mod names;
mod readers;
mod receipt;
mod refusal;
mod run;

pub use alarm::{AlarmTest, alarm_test, back, reason, state_before};
pub use errand::{EVERY, Errand, PATIENCE, SETTLE, Test, UNSEEN, Witness};
pub use event::{EventAsked, EventTest, SOURCE, event_test};
pub use names::Run;
pub(crate) use names::rule_prefix;
pub use readers::{Reader, Standing, readers, topics_of};
pub use receipt::{Expected, message};
pub use refusal::Refusal;
pub use run::{Proof, Report, Time, Told, run};
