//! Web ACLs.

use crate::mocks::{Mocks, region};
use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::operation::get_web_acl::{GetWebACLError, GetWebAclOutput};
use aws_sdk_wafv2::operation::list_web_acls::ListWebAcLsOutput;
use aws_sdk_wafv2::types::{
    AllowAction, BlockAction, CountAction, DefaultAction, NoneAction, OverrideAction, Rule,
    RuleAction, Scope, VisibilityConfig, WebAcl, WebAclSummary,
};
use aws_smithy_mocks::{Rule as Mock, mock};
use notify_core::aws::Region;
use notify_core::aws::waf::{WafAction, WafScope};
use notify_core::provider::{ErrorClass, Provider};
use notify_core::state::WebAclQuery;

fn measured(metric: &str, measured: bool) -> VisibilityConfig {
    VisibilityConfig::builder()
        .metric_name(metric)
        .cloud_watch_metrics_enabled(measured)
        .sampled_requests_enabled(false)
        .build()
        .expect("a config")
}

fn rule(priority: i32, action: Option<RuleAction>, over: Option<OverrideAction>) -> Rule {
    Rule::builder()
        .name(format!("rule-{priority}"))
        .priority(priority)
        .set_action(action)
        .set_override_action(over)
        .visibility_config(measured(&format!("metric-{priority}"), priority != 2))
        .build()
        .expect("a rule")
}

fn rules() -> Vec<Rule> {
    let own = RuleAction::builder;
    let over = OverrideAction::builder;
    let block = own().block(BlockAction::builder().build()).build();
    let allow = own().allow(AllowAction::builder().build()).build();
    let count = own().count(CountAction::builder().build()).build();
    let none = over().none(NoneAction::builder().build()).build();
    let over_count = over().count(CountAction::builder().build()).build();
    vec![
        rule(4, None, Some(over_count)),
        rule(1, Some(block), None),
        rule(2, Some(count), None),
        rule(3, None, Some(none)),
        rule(5, Some(allow), None),
    ]
}

/// Three web ACLs on two pages, the last one of which has a marker, too.
fn mocks(scope: &'static Scope) -> Vec<Mock> {
    let list = mock!(Client::list_web_acls)
        .match_requests(move |request| {
            request.scope() == Some(scope) && request.limit() == Some(100)
        })
        .then_compute_output(|request| {
            let (names, marker): (&[&str], _) = match request.next_marker() {
                None => (&["first", "gone"], Some("1")),
                Some("1") => (&["last"], Some("2")),
                Some(_) => (&[], Some("2")),
            };
            let acl =
                |name: &&str| WebAclSummary::builder().name(*name).id(format!("id-{name}")).build();
            ListWebAcLsOutput::builder()
                .set_web_acls(Some(names.iter().map(acl).collect()))
                .set_next_marker(marker.map(str::to_owned))
                .build()
        });
    let gone = mock!(Client::get_web_acl)
        .match_requests(|request| request.name() == Some("gone"))
        .then_error(|| {
            let code = crate::mocks::code("WAFNonexistentItemException");
            GetWebACLError::generic(code)
        });
    let get = mock!(Client::get_web_acl)
        .match_requests(move |request| {
            let id = format!("id-{}", request.name().unwrap_or_default());
            request.scope() == Some(scope) && request.id() == Some(&id)
        })
        .then_compute_output(|request| {
            let name = request.name().unwrap_or_default();
            let acl = WebAcl::builder()
                .name(name)
                .id(format!("id-{name}"))
                .arn("arn")
                .default_action(DefaultAction::builder().build())
                .visibility_config(measured(&format!("waf-{name}"), true))
                .set_rules(Some(rules()))
                .build();
            GetWebAclOutput::builder().web_acl(acl.expect("an ACL")).build()
        });
    vec![list, gone, get]
}

fn query(scope: WafScope, name: &str) -> WebAclQuery {
    WebAclQuery { region: region(), scope, name: name.to_owned() }
}

#[tokio::test]
async fn a_web_acl_is_found_by_name_or_by_metric_name() {
    for (name, found, gets) in
        [("last", Some("last"), 1), ("waf-last", Some("last"), 2), ("nobody", None, 2)]
    {
        let mut mocks = Mocks { waf: mocks(&Scope::Regional), ..Mocks::default() };
        let answer = mocks.provider().web_acl(&query(WafScope::Regional, name)).await;
        match (answer, found) {
            (Ok(acl), Some(found)) => {
                assert_eq!((acl.name.as_str(), acl.metric), (found, format!("waf-{found}")));
            }
            (Err(error), None) => {
                assert_eq!((error.class, error.resource.as_str()), (ErrorClass::NotFound, name));
            }
            (answer, _) => panic!("{name}: {answer:?}"),
        }
        assert_eq!(mocks.waf[2].num_calls(), gets, "{name}");
    }
}

#[tokio::test]
async fn rules_come_by_priority_with_metric_and_action() {
    use WafAction::{Block, Count, Other};
    let mut mocks = Mocks { waf: mocks(&Scope::Regional), ..Mocks::default() };
    let acl = mocks.provider().web_acl(&query(WafScope::Regional, "first")).await.unwrap();
    let rules = acl.rules.iter();
    let rules: Vec<_> =
        rules.map(|r| (r.name.as_str(), r.metric.as_str(), r.measured, r.action)).collect();
    assert_eq!(
        rules,
        [
            ("rule-1", "metric-1", true, Block),
            ("rule-2", "metric-2", false, Count),
            ("rule-3", "metric-3", true, Block),
            ("rule-4", "metric-4", true, Count),
            ("rule-5", "metric-5", true, Other),
        ]
    );
}

#[tokio::test]
async fn cloudfronts_web_acls_are_asked_for_in_us_east_1() {
    let mut mocks = Mocks { waf: mocks(&Scope::Cloudfront), ..Mocks::default() };
    let provider = mocks.provider_in(&[Region::us_east_1()]);
    let acl = provider.web_acl(&query(WafScope::Cloudfront, "first")).await.unwrap();
    assert_eq!(acl.name, "first");
}
