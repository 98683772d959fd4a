//! AWS's own words: names with their limits, ARNs, regions, tags, topic policies.
//!
//! Everything here is parsed once into a type, so that no other module takes an ARN apart or
//! counts the characters of a name. It knows nothing of spec files, plans or providers.

mod alarm;
mod arn;
mod cloudtrail;
mod confirmation;
mod dimensions;
mod filter;
mod fingerprint;
pub(crate) mod kms;
mod machine;
mod minute;
mod names;
pub mod policy;
mod protocol;
pub mod publish;
mod region;
mod schedule;
pub mod tags;
pub mod waf;

pub use alarm::{AlarmState, Comparison, TreatMissingData};
pub use arn::{Arn, ArnError, Identity, Partition};
pub(crate) use cloudtrail::Call;
pub use confirmation::{ConfirmationLink, LinkError, Token};
pub use dimensions::Dimensions;
pub use filter::{Filter, NOTIFICATION, SEVERITY};
pub(crate) use fingerprint::fingerprint;
pub(crate) use machine::machine_name;
pub use minute::Minute;
pub use names::{AccountId, AlarmName, NameError, QueueName, RuleName, StackName, TopicName};
pub use protocol::Protocol;
pub use region::Region;
pub use schedule::Schedule;
pub use tags::Tags;
