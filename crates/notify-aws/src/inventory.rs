//! What an account already has that one may want to be told of: for a first spec file.

use crate::regional::{Regional, pages};
use crate::waf;
use notify_core::aws::waf::{WafScope, WebAcl};
use notify_core::provider::ProviderError;

const RULES: &str = "config:DescribeConfigRules";

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
    let rules = pages(RULES, |token| async move {
        let request = at.clients.config.describe_config_rules().set_next_token(token);
        let answer = at.call(RULES, &at.region, || request.send()).await?;
        Ok((answer.config_rules.unwrap_or_default(), answer.next_token))
    });
    let mut config_rules: Vec<String> =
        rules.await?.into_iter().filter_map(|rule| rule.config_rule_name).collect();
    config_rules.sort();
    let mut web_acls = Vec::new();
    for scope in [WafScope::Regional, WafScope::Cloudfront] {
        // CloudFront's are asked for, and measured, in us-east-1 alone.
        if scope == WafScope::Regional || at.region.as_str() == "us-east-1" {
            web_acls.extend(waf::all(at, scope).await?.into_iter().map(|acl| (scope, acl)));
        }
    }
    Ok(Inventory { config_rules, web_acls })
}
