//! The IAM policy that a stack's keeper needs: no more than the calls that are made.
//!
//! One table says for each operation of an SDK which actions IAM asks for, on what, and which
//! commands call it for which files ([`OPERATIONS`]). [`policy`] is its image: nothing is allowed
//! that no command of those asked for does with such a file.

mod scope;
mod table;

pub use scope::On;
pub use table::{ALWAYS, Command, OPERATIONS, Operation, When};

use crate::aws::Identity;
use crate::spec::Spec;
use scope::Names;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The longest policy that can be attached by itself, in characters without white space
/// ([IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)).
const LONGEST: usize = 6144;

/// The least that some commands need for a spec: its own names where IAM can tell them apart, what
/// carries the stack's tag where a former version of the file may have named it, and everything
/// where IAM can tell nothing apart.
///
/// `who` fills in the account; without it the ARNs say `*`. Regions are always `*`: a region that
/// the file has dropped must still be cleaned up. A file with more names than a policy can hold
/// gets all alarms, and then all rules, instead of their names.
///
/// ```
/// use notify_core::{iam, spec};
///
/// let text = "stack = \"demo\"\n[topic]\nname = \"alerts\"\n";
/// let spec = spec::parse(text, spec::Format::Toml).spec.expect("a good file");
/// let policy = iam::policy(&spec, None, &[iam::Command::Plan]).to_string();
/// assert!(policy.contains("sns:GetTopicAttributes") && !policy.contains("sns:CreateTopic"));
/// ```
pub fn policy(spec: &Spec, who: Option<&Identity>, commands: &[Command]) -> Value {
    let mut wanted: BTreeMap<On, BTreeSet<&str>> = BTreeMap::new();
    for (action, on) in needed(spec, commands) {
        wanted.entry(on).or_default().insert(action);
    }
    let mut document = Value::Null;
    for names in [Names::All, Names::NoAlarms, Names::None] {
        let each =
            wanted.iter().filter_map(|(on, actions)| statement(*on, actions, spec, who, names));
        document = json!({"Version": "2012-10-17", "Statement": each.collect::<Vec<_>>()});
        if document.to_string().chars().filter(|c| !c.is_whitespace()).count() <= LONGEST {
            break;
        }
    }
    document
}

/// The actions that some commands need for a spec, and on what.
pub fn needed(spec: &Spec, commands: &[Command]) -> BTreeSet<(&'static str, On)> {
    let called = OPERATIONS.iter().filter(|operation| {
        let Operation { name: _, actions: _, by, when } = operation;
        when(spec) && by.iter().any(|command| commands.contains(command))
    });
    called.flat_map(|operation| operation.actions.iter().copied()).collect()
}

fn statement(
    on: On,
    actions: &BTreeSet<&str>,
    spec: &Spec,
    who: Option<&Identity>,
    names: Names,
) -> Option<Value> {
    let resources = on.resources(spec, who, names);
    let resource = match resources.as_slice() {
        [] => return None,
        [one] => Value::from(one.as_str()),
        several => Value::from(several),
    };
    let mut statement = Map::new();
    statement.insert("Sid".to_owned(), Value::from(on.sid()));
    statement.insert("Effect".to_owned(), Value::from("Allow"));
    statement.insert("Action".to_owned(), actions.iter().copied().collect());
    statement.insert("Resource".to_owned(), resource);
    if let Some(condition) = on.condition(spec) {
        statement.insert("Condition".to_owned(), condition);
    }
    Some(Value::Object(statement))
}

#[cfg(test)]
mod tests;
