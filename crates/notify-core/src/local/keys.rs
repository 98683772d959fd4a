//! KMS keys of a local cloud.

use super::cloud::Cloud;
use crate::aws::policy::{Policy, Verdict};
use crate::aws::publish::Publisher;
use crate::aws::{Arn, Identity, Region};
use crate::provider::{KeyFacts, KeyManager};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A customer managed key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalKey {
    /// The aliases, each with its `alias/`.
    pub aliases: BTreeSet<String>,
    /// Whether it encrypts.
    pub enabled: bool,
    /// Who may do what with it.
    pub policy: Policy,
}

/// Nothing is known of keys: none was ever put into the region.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoKeys;

/// The key that AWS makes for SNS in each account.
pub(super) const OF_SNS: &str = "alias/aws/sns";

impl Cloud {
    /// A key by its id, ARN or alias; `None` where there is no such key.
    pub(super) fn key(
        &self,
        who: &Identity,
        region: &Region,
        id: &str,
    ) -> Result<Option<KeyFacts>, NoKeys> {
        let name = match id.parse::<Arn>() {
            Ok(arn) => arn.resource,
            Err(_) => id.to_owned(),
        };
        let arn = |id: &str| who.arn("kms", region, &format!("key/{id}"));
        if name == OF_SNS {
            return Ok(Some(KeyFacts {
                arn: arn("aws-sns"),
                enabled: true,
                state: "Enabled".to_owned(),
                manager: KeyManager::Aws,
                policy: None,
            }));
        }
        let keys = self.regions.get(region).map(|place| &place.keys).ok_or(NoKeys)?;
        if keys.is_empty() {
            return Err(NoKeys);
        }
        let id = name.strip_prefix("key/").unwrap_or(&name);
        let found = keys.iter().find(|(key, local)| *key == id || local.aliases.contains(&name));
        Ok(found.map(|(id, local)| {
            let LocalKey { aliases: _, enabled, policy } = local;
            let state = if *enabled { "Enabled" } else { "Disabled" };
            KeyFacts {
                arn: arn(id),
                enabled: *enabled,
                state: state.to_owned(),
                manager: KeyManager::Customer,
                policy: enabled.then(|| policy.clone()),
            }
        }))
    }

    /// Whether a publisher can use a topic's key; the error is why not. A key of which nothing is
    /// known does no harm, and neither does a condition that was seen to work.
    pub(super) fn may_encrypt(
        &self,
        region: &Region,
        id: &str,
        publisher: Publisher<'_>,
    ) -> Result<(), String> {
        let who = Identity {
            account: publisher.account.clone(),
            partition: publisher.source.partition.clone(),
        };
        let Ok(facts) = self.key(&who, region, id) else { return Ok(()) };
        let Some(facts) = facts else { return Err(format!("there is no key {id}")) };
        if facts.manager == KeyManager::Aws {
            return Err(format!("AWS services cannot use the key {OF_SNS}"));
        }
        if !facts.enabled {
            return Err(format!("the key {id} is disabled"));
        }
        let says = facts.policy.map(|policy| policy.on_encrypt(&facts.arn, publisher));
        match says {
            Some(Verdict::Denied(_) | Verdict::NotAllowed) => {
                Err(format!("the policy of the key {id} does not let the service use it"))
            }
            Some(Verdict::Allowed(_) | Verdict::Unclear { .. }) | None => Ok(()),
        }
    }
}
