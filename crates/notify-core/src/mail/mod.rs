//! Notifications as publishers give them to SNS, and the mails that readers get of them.
//!
//! - A [`Notification`] is what `EventBridge`, an alarm or AWS Config publishes.
//! - A [`Mail`] is what one reader gets of it ([`Envelope`]), and [`Mail::to_rfc5322`] its bytes.
//!
//! Nothing here is sent: the texts are those that AWS's services write, so that they can be read
//! beforehand. What AWS was not seen to do stands in one place each, marked "unverified".
//!
//! This room knows nothing of spec files, plans or providers.

mod alarm_json;
mod alarm_text;
mod config;
mod envelope;
mod notification;
mod region_names;
mod rfc5322;
mod subject;

/// A change of an alarm's state, which a notification tells of.
pub use crate::alarm::Transition as StateChange;
pub use alarm_text::ThresholdLine;
pub use config::{ConfigError, config_raw};
pub use envelope::{DEFAULT_SUBJECT, Envelope, Mail, SENDER, from};
pub use notification::{MOST_MESSAGE_BYTES, Notification, Unpublishable};
pub use region_names::long_name;
pub use subject::MOST_SUBJECT_CHARACTERS;
