//! What a role's policies say: those of what it may do have no principal, the one of who may take it
//! on has no resource. Everything else is as in a resource's policy.

use super::{Key, Policy, Request, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the inline policies of a role say to what is done in it.
///
/// ```
/// use notify_core::aws::policy::{Verdict, in_role};
///
/// let publish = serde_json::json!({"Statement": [{
///     "Effect": "Allow",
///     "Action": "sns:Publish",
///     "Resource": "arn:aws:sns:*:111122223333:alerts",
/// }]});
/// let on = |topic: &str| in_role([&publish], "sns:Publish", topic);
/// assert_eq!(on("arn:aws:sns:eu-west-1:111122223333:alerts"), Verdict::Allowed(0));
/// assert_eq!(on("arn:aws:sns:eu-west-1:111122223333:others"), Verdict::NotAllowed);
/// ```
pub fn in_role<'a>(
    policies: impl IntoIterator<Item = &'a Value>,
    action: &str,
    resource: &str,
) -> Verdict {
    let statements = policies.into_iter().flat_map(|policy| with(policy, "Principal", &json!("*")));
    let request = Request { service: "", action, resource, keys: BTreeMap::new() };
    Policy::of(statements).evaluate(&request)
}

/// What the trust policy of a role says to a service that takes it on for a resource of an account.
pub fn trusts(trust: &Value, service: &str, account: &str) -> Verdict {
    let keys = BTreeMap::from([("aws:sourceaccount", Key::Is(account.to_owned()))]);
    let request = Request { service, action: "sts:AssumeRole", resource: "*", keys };
    Policy::of(with(trust, "Resource", &json!("*"))).evaluate(&request)
}

/// The statements of a document, each with what such a document leaves out.
fn with(document: &Value, key: &str, value: &Value) -> Vec<Value> {
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let filled = statements.into_iter().map(|mut statement| {
        if let Some(fields) = statement.as_object_mut() {
            fields.entry(key).or_insert_with(|| value.clone());
        }
        statement
    });
    filled.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_taken_on_by_whom_it_trusts() {
        let trust = |condition: Value| {
            json!({"Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "states.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": condition,
            }})
        };
        let ours = trust(json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}));
        let by = |service: &str, account: &str| trusts(&ours, service, account);
        assert_eq!(by("states.amazonaws.com", "111122223333"), Verdict::Allowed(0));
        assert_eq!(by("states.amazonaws.com", "444455556666"), Verdict::NotAllowed);
        assert_eq!(by("events.amazonaws.com", "111122223333"), Verdict::NotAllowed);
        let unclear = trust(json!({"StringEquals": {"aws:SourceOrgID": "o-1"}}));
        let says = trusts(&unclear, "states.amazonaws.com", "111122223333");
        assert!(matches!(says, Verdict::Unclear { .. }), "{says:?}");
        assert_eq!(trusts(&json!({}), "states.amazonaws.com", "1"), Verdict::NotAllowed);
        assert_eq!(trusts(&json!("text"), "states.amazonaws.com", "1"), Verdict::NotAllowed);
    }

    #[test]
    fn all_policies_of_a_role_count() {
        let allow = json!({"Statement": {"Effect": "Allow", "Action": "sns:*", "Resource": "*"}});
        let deny = json!({"Statement": {"Effect": "Deny", "Action": "sns:Publish", "Resource": "*"}});
        let topic = "arn:aws:sns:eu-west-1:111122223333:alerts";
        assert_eq!(in_role([&allow], "sns:Publish", topic), Verdict::Allowed(0));
        assert_eq!(in_role([&allow, &deny], "sns:Publish", topic), Verdict::Denied(1));
        assert_eq!(in_role([], "sns:Publish", topic), Verdict::NotAllowed);
    }
}
