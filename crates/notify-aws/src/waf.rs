//! Web ACLs.

use crate::errors::if_there;
use crate::regional::{Regional, pages};
use aws_sdk_wafv2::types::{
    Rule as SdkRule, Scope, VisibilityConfig, WebAcl as SdkWebAcl, WebAclSummary,
};
use futures_util::future::try_join_all;
use notify_core::aws::waf::{WafAction, WafRule, WafScope, WebAcl};
use notify_core::provider::{ErrorClass, ProviderError};
use notify_core::state::WebAclQuery;

const LIST: &str = "wafv2:ListWebACLs";
const A_PAGE: i32 = 100;

/// Finds a web ACL by its name, or else by its metric name, which only each ACL itself tells.
pub(crate) async fn web_acl(at: &Regional, query: &WebAclQuery) -> Result<WebAcl, ProviderError> {
    let scope = sdk_scope(query.scope);
    let all = list(at, &scope, &query.name).await?;
    let named = all.iter().find(|acl| acl.name() == Some(&query.name));
    let found = if let Some(named) = named {
        get(at, &scope, named).await?
    } else {
        let each = try_join_all(all.iter().map(|acl| get(at, &scope, acl))).await?;
        each.into_iter().flatten().find(|acl| metric(acl.visibility_config.as_ref()) == query.name)
    };
    found.map(read).ok_or_else(|| {
        let message = "no web ACL has this name or metric name";
        ProviderError::new(ErrorClass::NotFound, LIST, query.name.clone(), message)
    })
}

/// Reads every web ACL of a scope.
pub(crate) async fn all(at: &Regional, scope: WafScope) -> Result<Vec<WebAcl>, ProviderError> {
    let scope = sdk_scope(scope);
    let listed = list(at, &scope, "").await?;
    let each = try_join_all(listed.iter().map(|acl| get(at, &scope, acl))).await?;
    Ok(each.into_iter().flatten().map(read).collect())
}

fn sdk_scope(scope: WafScope) -> Scope {
    match scope {
        WafScope::Regional => Scope::Regional,
        WafScope::Cloudfront => Scope::Cloudfront,
    }
}

async fn list(
    at: &Regional,
    scope: &Scope,
    name: &str,
) -> Result<Vec<WebAclSummary>, ProviderError> {
    pages(LIST, |token| async move {
        let request = at
            .clients
            .waf
            .list_web_acls()
            .scope(scope.clone())
            .limit(A_PAGE)
            .set_next_marker(token);
        let answer = at.call(LIST, &name, || request.send()).await?;
        let acls = answer.web_acls.unwrap_or_default();
        // The last page may have a marker, too; an empty one is the end.
        let next = answer.next_marker.filter(|_| !acls.is_empty());
        Ok((acls, next))
    })
    .await
}

async fn get(
    at: &Regional,
    scope: &Scope,
    acl: &WebAclSummary,
) -> Result<Option<SdkWebAcl>, ProviderError> {
    let name = acl.name().unwrap_or_default();
    let request =
        at.clients.waf.get_web_acl().name(name).set_id(acl.id.clone()).scope(scope.clone());
    let answer = if_there(at.call("wafv2:GetWebACL", &name, || request.send()).await)?;
    Ok(answer.and_then(|answer| answer.web_acl))
}

fn metric(config: Option<&VisibilityConfig>) -> &str {
    config.map_or("", VisibilityConfig::metric_name)
}

fn read(acl: SdkWebAcl) -> WebAcl {
    let mut rules = acl.rules.unwrap_or_default();
    rules.sort_by_key(|rule| rule.priority);
    WebAcl {
        metric: metric(acl.visibility_config.as_ref()).to_owned(),
        name: acl.name,
        rules: rules.into_iter().map(rule).collect(),
    }
}

/// A rule has an action; a rule group has an override of its rules' actions, which counts instead
/// or changes nothing.
fn rule(rule: SdkRule) -> WafRule {
    let config = rule.visibility_config.as_ref();
    let (own, over) = (rule.action.as_ref(), rule.override_action.as_ref());
    let blocks =
        own.is_some_and(|own| own.block.is_some()) || over.is_some_and(|over| over.none.is_some());
    let counts =
        own.is_some_and(|own| own.count.is_some()) || over.is_some_and(|over| over.count.is_some());
    WafRule {
        metric: metric(config).to_owned(),
        measured: config.is_some_and(|config| config.cloud_watch_metrics_enabled),
        action: match (blocks, counts) {
            (true, _) => WafAction::Block,
            (false, true) => WafAction::Count,
            (false, false) if own.is_some_and(|own| own.captcha.is_some()) => WafAction::Captcha,
            (false, false) if own.is_some_and(|own| own.challenge.is_some()) => {
                WafAction::Challenge
            }
            (false, false) => WafAction::Other,
        },
        name: rule.name,
    }
}
