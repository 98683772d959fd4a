//! Roles.

use crate::errors::{if_there, refused, unbuilt};
use crate::regional::{Regional, pages};
use aws_sdk_iam::types::Tag;
use notify_core::aws::Tags;
use notify_core::provider::{ErrorClass, ProviderError};
use notify_core::state::{ResourceKey, Role, Want};
use serde_json::Value;
use std::time::Duration;
use tokio::time::sleep;

/// How often a policy is put on a role that IAM does not find, and how long is waited in between.
const TRIES: u32 = 5;
const WAIT: Duration = Duration::from_secs(1);

/// Reads a role with its inline policies; `None` where there is none.
pub(crate) async fn role(at: &Regional, key: &ResourceKey) -> Result<Option<Role>, ProviderError> {
    const OPERATION: &str = "iam:GetRole";
    let request = at.clients.iam.get_role().role_name(&key.name);
    let Some(answer) = if_there(at.call(OPERATION, key, || request.send()).await)? else {
        return Ok(None);
    };
    let Some(found) = answer.role else {
        return Err(refused(OPERATION, key, "", "the answer holds no role"));
    };
    let Some(policies) = if_there(policies(at, key).await)? else { return Ok(None) };
    let tags = found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
    Ok(Some(Role {
        description: found.description.unwrap_or_default(),
        trust: document(&found.assume_role_policy_document.unwrap_or_default()),
        policies,
        tags: Want::Exactly(tags),
    }))
}

async fn policies(
    at: &Regional,
    key: &ResourceKey,
) -> Result<std::collections::BTreeMap<String, Value>, ProviderError> {
    const OPERATION: &str = "iam:ListRolePolicies";
    let names = pages(OPERATION, |token| async move {
        let request = at.clients.iam.list_role_policies().role_name(&key.name).set_marker(token);
        let answer = at.call(OPERATION, key, || request.send()).await?;
        Ok((answer.policy_names, answer.marker.filter(|_| answer.is_truncated)))
    });
    let each = names.await?.into_iter().map(|name| async move {
        let request = at.clients.iam.get_role_policy().role_name(&key.name).policy_name(&name);
        let answer = at.call("iam:GetRolePolicy", key, || request.send()).await?;
        Ok((name, document(&answer.policy_document)))
    });
    let all: Vec<(String, Value)> = futures_util::future::try_join_all(each).await?;
    Ok(all.into_iter().collect())
}

/// IAM gives documents in the encoding of web addresses. What is no JSON is kept as text, so that
/// it differs from what is wanted.
fn document(text: &str) -> Value {
    let decoded = decode(text);
    serde_json::from_str(&decoded).unwrap_or(Value::String(decoded))
}

/// Takes `%7B` for `{`; what is no such code stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%').then(|| after.split_at_checked(2)).flatten();
        let byte = code.and_then(|(digits, _)| {
            let digits = std::str::from_utf8(digits).ok()?;
            let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            is_hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
        });
        match (byte, code) {
            (Some(byte), Some((_, left))) => {
                bytes.push(byte);
                rest = left;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Makes a role that does not exist; IAM says so where it does.
pub(crate) async fn create(
    at: &Regional,
    key: &ResourceKey,
    description: &str,
    trust: &Value,
    tags: &Tags,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "iam:CreateRole";
    let request = at
        .clients
        .iam
        .create_role()
        .role_name(&key.name)
        .description(description)
        .assume_role_policy_document(trust.to_string())
        .set_tags(Some(sdk_tags(OPERATION, key, tags)?));
    at.call(OPERATION, key, || request.send()).await?;
    Ok(())
}

/// Says who may take a role on.
pub(crate) async fn set_trust(
    at: &Regional,
    key: &ResourceKey,
    trust: &Value,
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .iam
        .update_assume_role_policy()
        .role_name(&key.name)
        .policy_document(trust.to_string());
    at.call("iam:UpdateAssumeRolePolicy", key, || request.send()).await?;
    Ok(())
}

/// Adds an inline policy or replaces the one of its name. A role that was made a moment ago is not
/// seen everywhere at once.
pub(crate) async fn put_policy(
    at: &Regional,
    key: &ResourceKey,
    name: &str,
    document: &Value,
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .iam
        .put_role_policy()
        .role_name(&key.name)
        .policy_name(name)
        .policy_document(document.to_string());
    for _ in 1..TRIES {
        match at.call("iam:PutRolePolicy", key, || request.clone().send()).await {
            Err(error) if error.class == ErrorClass::NotFound => sleep(WAIT).await,
            answer => return answer.map(drop),
        }
    }
    at.call("iam:PutRolePolicy", key, || request.send()).await.map(drop)
}

/// Takes an inline policy off, if it still is there.
pub(crate) async fn delete_policy(
    at: &Regional,
    key: &ResourceKey,
    name: &str,
) -> Result<(), ProviderError> {
    let request = at.clients.iam.delete_role_policy().role_name(&key.name).policy_name(name);
    if_there(at.call("iam:DeleteRolePolicy", key, || request.send()).await)?;
    Ok(())
}

/// Deletes a role, if it still is there.
pub(crate) async fn delete(at: &Regional, key: &ResourceKey) -> Result<(), ProviderError> {
    let request = at.clients.iam.delete_role().role_name(&key.name);
    if_there(at.call("iam:DeleteRole", key, || request.send()).await)?;
    Ok(())
}

/// Puts tags on a role.
pub(crate) async fn tag(
    at: &Regional,
    key: &ResourceKey,
    tags: &Tags,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "iam:TagRole";
    let tags = sdk_tags(OPERATION, key, tags)?;
    let request = at.clients.iam.tag_role().role_name(&key.name).set_tags(Some(tags));
    at.call(OPERATION, key, || request.send()).await?;
    Ok(())
}

/// Takes tags off a role.
pub(crate) async fn untag(
    at: &Regional,
    key: &ResourceKey,
    tags: &[String],
) -> Result<(), ProviderError> {
    let request =
        at.clients.iam.untag_role().role_name(&key.name).set_tag_keys(Some(tags.to_vec()));
    if_there(at.call("iam:UntagRole", key, || request.send()).await)?;
    Ok(())
}

/// Reads a role's tags.
pub(crate) async fn tags(at: &Regional, key: &ResourceKey) -> Result<Tags, ProviderError> {
    const OPERATION: &str = "iam:ListRoleTags";
    let tags = pages(OPERATION, |token| async move {
        let request = at.clients.iam.list_role_tags().role_name(&key.name).set_marker(token);
        let answer = at.call(OPERATION, key, || request.send()).await?;
        Ok((answer.tags, answer.marker.filter(|_| answer.is_truncated)))
    });
    Ok(tags.await?.into_iter().map(|tag: Tag| (tag.key, tag.value)).collect())
}

fn sdk_tags(
    operation: &'static str,
    key: &ResourceKey,
    tags: &Tags,
) -> Result<Vec<Tag>, ProviderError> {
    tags.iter()
        .map(|(name, value)| Tag::builder().key(name).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|error| unbuilt(operation, key, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded() {
        for (text, is) in [
            ("%7B%22a%22%3A%20%5B%5D%7D", r#"{"a":[]}"#),
            (r#"{"a": []}"#, r#"{"a":[]}"#),
            ("%22%E9%81%AE%22", r#""遮""#),
            ("%7", r#""%7""#),
            ("100%+x", r#""100%+x""#),
            ("%+1%zz", r#""%+1%zz""#),
            ("", r#""""#),
        ] {
            assert_eq!(document(text).to_string(), is, "{text}");
        }
    }
}
