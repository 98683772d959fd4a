//! The rules of a web ACL, as far as its metrics tell.

use super::data::Data;
use crate::aws::waf::{WafAction, WafRule, WebAcl};
use std::collections::BTreeMap;

/// Values of `Rule` that are no rule: all together, and what no rule decided.
const NO_RULES: [&str; 2] = ["ALL", "Default_Action"];

impl Data {
    /// A web ACL with the rules that there are metrics of. A rule that was never seen to block or
    /// count is not among them; one that did both blocks.
    pub fn web_acl(&self, name: &str) -> WebAcl {
        let mut rules: BTreeMap<&str, WafAction> = BTreeMap::new();
        for metric in self.metrics().filter(|metric| metric.namespace == "AWS/WAFV2") {
            let dimension = |wanted: &str| {
                let mut all = metric.dimensions.iter();
                all.find_map(|(name, value)| (name == wanted).then_some(value.as_str()))
            };
            let actions = [WafAction::Count, WafAction::Block];
            let action = actions.into_iter().find(|a| a.metric() == Some(metric.name.as_str()));
            let (Some(action), Some(acl), Some(rule)) =
                (action, dimension("WebACL"), dimension("Rule"))
            else {
                continue;
            };
            if acl == name && !NO_RULES.contains(&rule) {
                let known = rules.entry(rule).or_insert(action);
                if action == WafAction::Block {
                    *known = action;
                }
            }
        }
        let rule = |(metric, action): (&str, WafAction)| WafRule {
            name: metric.to_owned(),
            metric: metric.to_owned(),
            measured: true,
            action,
        };
        let rules = rules.into_iter().map(rule).collect();
        WebAcl { name: name.to_owned(), metric: name.to_owned(), rules }
    }
}
