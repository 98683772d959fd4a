//! Which rules a digest is about, and what is asked of CloudWatch.

use super::{Days, DigestError, Measure};
use crate::alarm::{Metric, Statistic};
use crate::aws::Region;
use crate::aws::waf::{WafScope, WebAcl};
use crate::provider::MetricQuery;
use crate::state::{Resource, State, WebAclQuery};
use std::collections::{BTreeMap, BTreeSet};

const NAMESPACE: &str = "AWS/WAFV2";
/// The value of the `Rule` dimension of all rules together
/// ([metrics](https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html)). Whether it
/// has what the default action blocked is unverified: if it has not, a digest tells of fewer
/// requests that other rules blocked, never of more.
const ALL: &str = "ALL";
/// The value of the `Rule` dimension of what no rule decided.
const DEFAULT_ACTION: &str = "Default_Action";

/// The rules of one region that a digest is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The region.
    pub region: Region,
    /// Its web ACLs, at least one.
    pub web_acls: Vec<WatchedAcl>,
}

/// A web ACL with the rules that a digest is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedAcl {
    /// Its metric name.
    pub name: String,
    /// Regional or CloudFront.
    pub scope: WafScope,
    /// Its rules by their metric names, in order.
    pub rules: Vec<String>,
}

/// The rules that the alarms of a desired state watch, and all rules of the web ACLs that were
/// asked for theirs, region by region.
///
/// A rule is there whatever metric its alarm has: who turns a rule from blocking to counting still
/// sees what it does. Rules that send no metrics, or neither block nor count, are left out.
pub fn watched(
    desired: &State,
    web_acls: &BTreeMap<WebAclQuery, WebAcl>,
) -> Result<Vec<Watch>, DigestError> {
    let mut found: BTreeMap<&Region, BTreeMap<(&str, WafScope), BTreeSet<&str>>> = BTreeMap::new();
    for (key, resource) in desired {
        let (Some(region), Resource::Alarm(alarm)) = (key.region(), resource) else { continue };
        let get = |name: &str| alarm.dimensions.get(name);
        let (Some(acl), Some(rule)) = (get("WebACL"), get("Rule")) else { continue };
        let scope = match (get("Region"), alarm.dimensions.iter().len()) {
            (Some(named), 3) if named == region.as_str() => WafScope::Regional,
            (None, 2) => WafScope::Cloudfront,
            // Such a metric, of one country for example, is only a part of what a rule did.
            _ => continue,
        };
        if alarm.namespace == NAMESPACE && rule != ALL && rule != DEFAULT_ACTION {
            found.entry(region).or_default().entry((acl, scope)).or_default().insert(rule);
        }
    }
    for (query, acl) in web_acls {
        let rules = acl.rules.iter().filter(|r| r.measured && r.action.is_usual());
        let rules = rules.map(|rule| rule.metric.as_str());
        let at = found.entry(&query.region).or_default();
        at.entry((&acl.metric, query.scope)).or_default().extend(rules);
    }
    if found.is_empty() {
        return Err(DigestError {
            message: "the file has no WAF alarms".to_owned(),
            help: "add `[[alarms]]` with `preset = \"waf-blocked\"`, `web_acl` and `rules`"
                .to_owned(),
        });
    }
    let acl = |((name, scope), rules): ((&str, WafScope), BTreeSet<&str>)| WatchedAcl {
        name: name.to_owned(),
        scope,
        rules: rules.into_iter().map(str::to_owned).collect(),
    };
    let watch = |(region, acls): (&Region, BTreeMap<_, _>)| Watch {
        region: region.clone(),
        web_acls: acls.into_iter().map(acl).collect(),
    };
    Ok(found.into_iter().map(watch).collect())
}

impl Watch {
    /// What to ask of CloudWatch in this region, in an order that [`super::Digest::new`] knows.
    ///
    /// Beside the rules: what the web ACL's default action blocked, and what it blocked in all, so
    /// that what other rules did is seen.
    pub fn queries(&self, days: Days) -> Vec<MetricQuery> {
        let (statistic, period) = (Statistic::Sum, days.period());
        let query = |metric| MetricQuery { metric, statistic, period };
        self.metrics().into_iter().map(query).collect()
    }

    fn metrics(&self) -> Vec<Metric> {
        let of_acl = |acl: &WatchedAcl| {
            let rules = acl
                .rules
                .iter()
                .flat_map(|rule| Measure::ALL.map(|measure| self.metric(acl, rule, measure)));
            let whole = [DEFAULT_ACTION, ALL].map(|rule| self.metric(acl, rule, Measure::Blocked));
            rules.chain(whole).collect::<Vec<_>>()
        };
        self.web_acls.iter().flat_map(of_acl).collect()
    }

    fn metric(&self, acl: &WatchedAcl, rule: &str, measure: Measure) -> Metric {
        let region = match acl.scope {
            WafScope::Regional => Some(("Region", self.region.as_str())),
            WafScope::Cloudfront => None,
        };
        let dimensions =
            [Some(("WebACL", acl.name.as_str())), region, Some(("Rule", rule))].into_iter();
        Metric {
            namespace: NAMESPACE.to_owned(),
            name: measure.metric().to_owned(),
            dimensions: dimensions.flatten().map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
            unit: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::waf::WafAction;
    use crate::aws::waf::WafRule;
    use crate::aws::{Identity, Region};
    use crate::spec::{self, Format};
    use crate::state::{Context, desired};

    fn watch(
        alarms: &str,
        web_acls: Vec<(WebAclQuery, WebAcl)>,
    ) -> Result<Vec<Watch>, DigestError> {
        let text = format!(
            "stack = \"s\"\nregions = [\"eu-west-1\", \"us-east-1\"]\n[topic]\nname = \"t\"\n{alarms}"
        );
        let parsed = spec::parse(&text, Format::Toml);
        let spec = parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings));
        let root = "arn:aws:iam::123456789012:root";
        let context = Context {
            identity: Identity::from_caller("123456789012", root).unwrap(),
            default_region: None,
            only: None,
            web_acls: web_acls.iter().cloned().map(|(query, acl)| (query, Ok(acl))).collect(),
        };
        let state = desired(&spec, &context).unwrap().state;
        watched(&state, &web_acls.into_iter().collect())
    }

    fn seen(watches: &[Watch]) -> Vec<String> {
        let acls = watches.iter().flat_map(|watch| {
            watch.web_acls.iter().map(|acl| {
                let region = &watch.region;
                format!("{region} {} {:?} {}", acl.name, acl.scope, acl.rules.join(","))
            })
        });
        acls.collect()
    }

    const NAMED: &str = "[[alarms]]\nname = \"waf\"\npreset = \"waf-blocked\"\nweb_acl = \"acl\"\n\
        rules = [\"b\", { rule = \"a\", metric = \"CountedRequests\" }]\n";

    #[test]
    fn every_rule_with_an_alarm_is_watched_once_in_each_region() {
        let again = NAMED.replace("\"waf\"", "\"again\"").replace("\"b\"", "\"c\"");
        assert_eq!(
            seen(&watch(&format!("{NAMED}{again}"), vec![]).unwrap()),
            ["eu-west-1 acl Regional a,b,c", "us-east-1 acl Regional a,b,c"]
        );
        let edge = NAMED.replace("rules", "scope = \"cloudfront\"\nrules");
        let edge = edge.replace("\"waf\"", "\"edge\"");
        assert_eq!(
            seen(&watch(&format!("{NAMED}{edge}"), vec![]).unwrap()),
            [
                "eu-west-1 acl Regional a,b",
                "us-east-1 acl Regional a,b",
                "us-east-1 acl Cloudfront a,b"
            ]
        );
    }

    #[test]
    fn alarms_by_hand_are_watched_where_they_are_on_a_rule() {
        let by_hand = |name: &str, dimensions: &str| {
            format!(
                "[[alarms]]\nname = \"{name}\"\nregions = [\"eu-west-1\"]\nnamespace = \"AWS/WAFV2\"\n\
                 metric = \"AllowedRequests\"\nstatistic = \"Sum\"\nperiod = \"1d\"\nthreshold = 1\n\
                 comparison = \">=\"\nevaluation_periods = 1\ndimensions = {{ {dimensions} }}\n"
            )
        };
        let one = by_hand("a", "Rule = \"r\", Region = \"eu-west-1\", WebACL = \"acl\"");
        assert_eq!(seen(&watch(&one, vec![]).unwrap()), ["eu-west-1 acl Regional r"]);
        for dimensions in [
            "Rule = \"ALL\", Region = \"eu-west-1\", WebACL = \"acl\"",
            "Rule = \"Default_Action\", Region = \"eu-west-1\", WebACL = \"acl\"",
            "Rule = \"r\", Region = \"us-east-1\", WebACL = \"acl\"",
            "Rule = \"r\", Country = \"JP\", WebACL = \"acl\"",
            "Rule = \"r\", Country = \"JP\", Region = \"eu-west-1\", WebACL = \"acl\"",
            "Rule = \"r\"",
            "WebACL = \"acl\"",
        ] {
            assert!(watch(&by_hand("a", dimensions), vec![]).is_err(), "{dimensions}");
        }
        let other = one.replace("AWS/WAFV2", "AWS/WAF");
        let error = watch(&other, vec![]).unwrap_err();
        assert_eq!(error.to_string(), "the file has no WAF alarms");
        let help = "add `[[alarms]]` with `preset = \"waf-blocked\"`, `web_acl` and `rules`";
        assert_eq!(error.help, help);
    }

    #[test]
    fn all_rules_that_block_or_count_are_watched_whatever_the_alarms_metric() {
        let rule = |name: &str, action, measured| WafRule {
            name: format!("name of {name}"),
            metric: name.to_owned(),
            measured,
            action,
        };
        let acl = WebAcl {
            name: "name".to_owned(),
            metric: "acl".to_owned(),
            rules: vec![
                rule("counts", WafAction::Count, true),
                rule("blocks", WafAction::Block, true),
                rule("allows", WafAction::Other, true),
                rule("silent", WafAction::Block, false),
            ],
        };
        let region = Region::parse("eu-west-1").unwrap();
        let query = WebAclQuery { region, scope: WafScope::Regional, name: "name".to_owned() };
        let all = "[[alarms]]\nname = \"waf\"\npreset = \"waf-blocked\"\nweb_acl = \"name\"\n\
            regions = [\"eu-west-1\"]\nmetric = \"BlockedRequests\"\nrules = \"all\"\n";
        assert_eq!(
            seen(&watch(all, vec![(query, acl)]).unwrap()),
            ["eu-west-1 acl Regional blocks,counts"]
        );
    }

    #[test]
    fn both_metrics_of_each_rule_are_asked_and_what_the_web_acl_blocked_besides() {
        let acl = |name: &str, scope| WatchedAcl {
            name: name.to_owned(),
            scope,
            rules: vec!["r".to_owned()],
        };
        let watch = Watch {
            region: Region::us_east_1(),
            web_acls: vec![acl("a", WafScope::Regional), acl("b", WafScope::Cloudfront)],
        };
        let asked: Vec<String> = watch
            .metrics()
            .iter()
            .map(|metric| {
                let Metric { namespace, name, dimensions, unit } = metric;
                assert_eq!((namespace.as_str(), unit), ("AWS/WAFV2", &None));
                let dimensions = dimensions.iter().map(|(name, value)| format!(" {name}={value}"));
                format!("{name}{}", dimensions.collect::<String>())
            })
            .collect();
        assert_eq!(
            asked,
            [
                "BlockedRequests WebACL=a Region=us-east-1 Rule=r",
                "CountedRequests WebACL=a Region=us-east-1 Rule=r",
                "BlockedRequests WebACL=a Region=us-east-1 Rule=Default_Action",
                "BlockedRequests WebACL=a Region=us-east-1 Rule=ALL",
                "BlockedRequests WebACL=b Rule=r",
                "CountedRequests WebACL=b Rule=r",
                "BlockedRequests WebACL=b Rule=Default_Action",
                "BlockedRequests WebACL=b Rule=ALL",
            ]
        );
    }
}
