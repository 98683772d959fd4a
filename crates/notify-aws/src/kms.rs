//! Keys.

use crate::errors::{if_there, refused};
use crate::regional::Regional;
use aws_sdk_kms::types::KeyManagerType;
use notify_core::aws::Arn;
use notify_core::aws::policy::Policy;
use notify_core::provider::{KeyFacts, KeyManager, ProviderError};

const DESCRIBE: &str = "kms:DescribeKey";
const POLICY: &str = "kms:GetKeyPolicy";

/// Reads a key by its id, ARN or alias, and its policy where that can decide anything.
pub(crate) async fn key(at: &Regional, id: &str) -> Result<Option<KeyFacts>, ProviderError> {
    let request = at.clients.kms.describe_key().key_id(id);
    let answer = if_there(at.call(DESCRIBE, &id, || request.send()).await)?;
    let Some(found) = answer.and_then(|answer| answer.key_metadata) else { return Ok(None) };
    let arn: Arn =
        found.arn.unwrap_or_default().parse().map_err(|error: notify_core::aws::ArnError| {
            refused(DESCRIBE, &id, "", &error.to_string())
        })?;
    let manager = match found.key_manager {
        Some(KeyManagerType::Aws) => KeyManager::Aws,
        _ => KeyManager::Customer,
    };
    let state = found.key_state.map_or_else(String::new, |state| state.as_str().to_owned());
    let policy = if found.enabled && manager == KeyManager::Customer {
        // The policy is asked of the key itself: no alias is taken here.
        policy(at, id, &found.key_id).await?
    } else {
        None
    };
    Ok(Some(KeyFacts { arn, enabled: found.enabled, state, manager, policy }))
}

/// A key has one policy, and it is called `default`.
async fn policy(at: &Regional, id: &str, key_id: &str) -> Result<Option<Policy>, ProviderError> {
    let request = at.clients.kms.get_key_policy().key_id(key_id).policy_name("default");
    let answer = at.call(POLICY, &id, || request.send()).await?;
    let text = answer.policy.unwrap_or_default();
    Policy::parse(&text)
        .map(Some)
        .map_err(|error| refused(POLICY, &id, "", &format!("the key's policy: {error}")))
}
