//! Notifications as publishers give them to SNS, and the mails that readers get of them.
//!
//! - A [`Notification`] is what `EventBridge`, an alarm or AWS Config publishes.
//! - A [`Mail`] is what one reader gets of it ([`Delivery`]), and [`Mail::to_rfc5322`] its bytes.
//!
//! Nothing here is sent: the texts are those that AWS's services write, so that they can be read
//! beforehand. What AWS was not seen to do stands in one place each, marked "unverified".
//!
//! This room knows nothing of spec files, plans or providers.

mod alarm_json;
mod alarm_text;
mod config;
mod delivery;
mod figures;
mod notification;
mod origin;
pub(crate) mod plain;
mod region_names;
mod rfc5322;
pub(crate) mod subject;

pub use alarm_text::ThresholdLine;
pub use delivery::{Confirmation, DEFAULT_SUBJECT, Delivery, Form, Mail, Mailbox, SENDER};
pub use figures::grouped;
pub use notification::{MAX_BYTES, Notification, Unpublishable};
pub use origin::Home;
pub use region_names::long_name;
pub use subject::MAX_SUBJECT;
