//! The tags that say whose a resource is.

use super::{Region, StackName};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A resource's tags.
pub type Tags = BTreeMap<String, String>;

/// The stack that a resource belongs to.
pub const STACK: &str = "notify:stack";
/// Says that this program made the resource, or adopted it.
pub const MANAGED_BY: &str = "notify:managed-by";
/// The value of [`MANAGED_BY`].
pub const MANAGED_BY_VALUE: &str = "notify-cli";
/// `true` on what existed before us: it is changed, and never deleted.
pub const ADOPTED: &str = "notify:adopted";
/// On a topic: all the regions of the stack, separated by blanks.
pub const REGIONS: &str = "notify:regions";
/// On what a command makes for its own time: which one. What is found with it was left behind.
pub const TEMPORARY: &str = "notify:temporary";
/// On a rule that is disabled for a while: until when, in RFC 3339.
pub const MUTED_UNTIL: &str = "notify:muted-until";
/// On a topic: what has ever been muted in its region, `alarms`, `events` or both. Only where it is
/// there need anybody look for what is left of that.
pub const MUTES: &str = "notify:mutes";
/// `true` on a topic: its region has, or had, a state machine. Only where it is there need anybody
/// look for the roles of one that the file no longer asks for.
pub const MACHINE: &str = "notify:machine";
/// `true` on the topic of the fallback. A subscription has no tags: this one says that whoever reads
/// the topic was invited to be told of losses, and of nothing else.
pub const FALLBACK: &str = "notify:fallback";
/// `true` on a topic some of whose readers have a filter, or had one. Only where it is there need
/// anybody read the filters that its readers have.
pub const FILTERS: &str = "notify:filters";
/// On a rule that is there because `enable` means its preset: which one. So a preset that is
/// renamed, removed or taken out of a set is told of when its rule goes.
pub const PRESET: &str = "notify:preset";
/// All tags that are ours, for taking them off again.
pub const ALL: [&str; 10] =
    [STACK, MANAGED_BY, ADOPTED, REGIONS, MUTED_UNTIL, MUTES, MACHINE, FALLBACK, FILTERS, PRESET];
/// What a tag's value can hold, in characters.
pub const MOST_CHARACTERS: usize = 256;

/// The tags of everything that a stack makes.
pub fn ours(stack: &StackName) -> Tags {
    Tags::from([
        (STACK.to_owned(), stack.to_string()),
        (MANAGED_BY.to_owned(), MANAGED_BY_VALUE.to_owned()),
    ])
}

/// The tags of what the command `by` makes for its own time.
pub fn temporary(stack: &StackName, by: &str) -> Tags {
    let mut tags = ours(stack);
    tags.insert(TEMPORARY.to_owned(), by.to_owned());
    tags
}

/// Whether these are the tags of the topic of a fallback.
pub fn is_fallback(tags: &Tags) -> bool {
    tags.get(FALLBACK).is_some_and(|value| value == "true")
}

/// Whether these are the tags of a topic whose region has, or had, a state machine.
pub fn has_machine(tags: &Tags) -> bool {
    tags.get(MACHINE).is_some_and(|value| value == "true")
}

/// Whether these are the tags of a topic whose readers may have filters of ours.
pub fn has_filters(tags: &Tags) -> bool {
    tags.get(FILTERS).is_some_and(|value| value == "true")
}

/// Writes regions as a tag's value.
pub fn from_regions(regions: &BTreeSet<Region>) -> String {
    regions.iter().map(Region::as_str).collect::<Vec<_>>().join(" ")
}

/// Reads the regions of a stack off a topic's tags; what is no region is passed over.
pub fn regions(tags: &Tags) -> BTreeSet<Region> {
    let value = tags.get(REGIONS).map_or("", String::as_str);
    value.split_whitespace().filter_map(|text| Region::parse(text).ok()).collect()
}

/// Until when a rule's tags say that it is disabled; `None` where they do not say it, or say
/// something that is no time.
pub fn muted_until(tags: &Tags) -> Option<Timestamp> {
    tags.get(MUTED_UNTIL)?.parse().ok()
}
