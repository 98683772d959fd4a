//! What a role's policies say: those of what it may do have no principal, the one of who may take it
//! on has no resource. Everything else is as in a resource's policy.

use super::{Key, Policy, Request, Verdict};
use crate::aws::Identity;
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

impl Policy {
    /// What this policy of a resource says to a role of its account. What it leaves to the account is
    /// allowed here: the role's own policies decide that.
    pub fn to_role(&self, who: &Identity, role: &str, action: &str, resource: &str) -> Verdict {
        let root = who.global_arn("iam", "root").to_string();
        let is_meant = |name: &Value| {
            let name = name.as_str().unwrap_or_default();
            name == role || name == root || name == who.account.as_str()
        };
        let statements = self.statements().iter().cloned().map(|mut statement| {
            for key in ["Principal", "NotPrincipal"] {
                let Some(names) = statement.get_mut(key).and_then(|value| value.get_mut("AWS"))
                else {
                    continue;
                };
                let is_among = match &*names {
                    Value::Array(list) => list.iter().any(is_meant),
                    one => is_meant(one),
                };
                if is_among {
                    *names = json!("*");
                }
            }
            statement
        });
        // AWS's services speak TLS.
        let keys = BTreeMap::from([("aws:securetransport", Key::Is("true".to_owned()))]);
        Self::of(statements).evaluate(&Request { service: "", action, resource, keys })
    }

    /// What this policy of a resource says against a role of its account whose own policies let it
    /// in: it need not be named here, but may be refused.
    pub fn against_role(
        &self,
        who: &Identity,
        role: &str,
        action: &str,
        resource: &str,
    ) -> Verdict {
        let own =
            json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource});
        self.merged(&[own], &[]).to_role(who, role, action, resource)
    }
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
    fn a_resource_leaves_it_to_the_account_or_refuses() {
        let who = Identity::from_caller("111122223333", "arn:aws:iam::111122223333:root").unwrap();
        let role = "arn:aws:iam::111122223333:role/r";
        let says = |effect: &str, principal: Value, condition: Value| {
            let statement = json!({
                "Effect": effect, "Principal": principal, "Action": "kms:*", "Resource": "*",
                "Condition": condition,
            });
            Policy::of([statement]).to_role(&who, role, "kms:Decrypt", "arn:aws:kms:r:1:key/k")
        };
        let none = || json!({});
        for principal in [
            json!("*"),
            json!({"AWS": "arn:aws:iam::111122223333:root"}),
            json!({"AWS": ["444455556666", "111122223333"]}),
            json!({"AWS": role}),
        ] {
            assert_eq!(
                says("Allow", principal.clone(), none()),
                Verdict::Allowed(0),
                "{principal}"
            );
            assert_eq!(says("Deny", principal.clone(), none()), Verdict::Denied(0), "{principal}");
        }
        for principal in [
            json!({"AWS": "arn:aws:iam::444455556666:root"}),
            json!({"Service": "events.amazonaws.com"}),
        ] {
            assert_eq!(says("Allow", principal, none()), Verdict::NotAllowed);
        }
        let against = |effect: &str, principal: Value, condition: Value| {
            let statement = json!({
                "Effect": effect, "Principal": principal, "Action": "sns:*", "Resource": "*",
                "Condition": condition,
            });
            Policy::of([statement]).against_role(&who, role, "sns:Publish", "arn:aws:sns:r:1:t")
        };
        assert_eq!(against("Deny", json!("*"), none()), Verdict::Denied(0));
        assert_eq!(against("Deny", json!({"AWS": role}), none()), Verdict::Denied(0));
        let other = json!({"Service": "events.amazonaws.com"});
        assert_eq!(against("Deny", other.clone(), none()), Verdict::Allowed(1));
        assert_eq!(against("Allow", other, none()), Verdict::Allowed(1));
        let plain = json!({"Bool": {"aws:SecureTransport": "false"}});
        assert_eq!(against("Deny", json!("*"), plain), Verdict::Allowed(1));
        let unknown = json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}});
        let says = against("Deny", json!("*"), unknown);
        assert!(matches!(says, Verdict::Unclear { by: 0, .. }), "{says:?}");
    }

    #[test]
    fn all_policies_of_a_role_count() {
        let allow = json!({"Statement": {"Effect": "Allow", "Action": "sns:*", "Resource": "*"}});
        let deny =
            json!({"Statement": {"Effect": "Deny", "Action": "sns:Publish", "Resource": "*"}});
        let topic = "arn:aws:sns:eu-west-1:111122223333:alerts";
        assert_eq!(in_role([&allow], "sns:Publish", topic), Verdict::Allowed(0));
        assert_eq!(in_role([&allow, &deny], "sns:Publish", topic), Verdict::Denied(1));
        assert_eq!(in_role([], "sns:Publish", topic), Verdict::NotAllowed);
    }
}
