//! What should exist and what does exist, as one type.
//!
//! [`State`] maps a [`ResourceKey`] to a [`Resource`]. The spec file makes one
//! ([`desired`](desired())), a provider observes one, and a diff compares the two. References between resources
//! are keys, so that nothing is unknown before it exists; a provider turns them into ARNs.

mod desired;
mod key;
mod machine;
mod metric_alarm;
mod mute;
mod resource;
mod role;
mod scope;
mod temporary;
mod want;

pub use desired::{
    Context, Desired, DesiredError, Hold, Note, NoteKind, WebAclQuery, desired, web_acl_queries,
};
pub(crate) use desired::{TARGET_ID, base_regions, event_regions, is_our_id, is_waf_alarm};
pub use key::{KeyError, Kind, Place, ResourceKey};
pub use machine::StateMachine;
pub(crate) use machine::roles as machine_roles;
pub use mute::{AlarmMute, Muting, Schedule, muted_until};
pub(crate) use mute::{mute_names, role_name, schedule_name};
pub use resource::{
    Alarm, Delivery, Queue, Reference, Resource, Retry, Rule, RuleState, Subscription,
    SubscriptionStatus, Target, Topic,
};
pub use role::Role;
pub use scope::{Scope, Wanted};
pub(crate) use temporary::{BY_SEND, MARK, is_listener, is_of_a_test, is_temporary, queue_prefix};
pub use want::Want;

use std::collections::BTreeMap;

/// Resources by key.
pub type State = BTreeMap<ResourceKey, Resource>;
