//! What an account already has that one may want to be told of: for a first spec file.

use crate::regional::Regional;
use crate::{config, waf};
use notify_core::aws::waf::{WafScope, WebAcl};
use notify_core::provider::ProviderError;

/// What is there to be told of in one region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The names of the AWS Config rules, in order.
    pub config_rules: Vec<String>,
    /// The regional web ACLs with their rules; in us-east-1 CloudFront's, too.
    pub web_acls: Vec<(WafScope, WebAcl)>,
}

/// Asks AWS Config and AWS WAF.
pub(crate) async fn take(at: &Regional) -> Result<Inventory, ProviderError> {
    let config_rules = config::rules(at).await?.into_iter().map(|rule| rule.name).collect();
    let mut web_acls = Vec::new();
    for scope in [WafScope::Regional, WafScope::Cloudfront] {
        // CloudFront's are asked for, and measured, in us-east-1 alone.
        if scope == WafScope::Regional || at.region.as_str() == "us-east-1" {
            web_acls.extend(waf::all(at, scope).await?.into_iter().map(|acl| (scope, acl)));
        }
    }
    Ok(Inventory { config_rules, web_acls })
}
