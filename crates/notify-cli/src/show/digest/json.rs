//! A digest as a JSON document.

use crate::show::letter::{self, Letter};
use notify_core::aws::waf::WafScope;
use notify_core::digest::{Change, Days, Digest, Measure, Who};
use notify_core::spec::Spec;
use serde_json::{Value, json};

/// The document of `digest --json`; `letters` belong to the digests in their order.
pub(crate) fn document(
    spec: &Spec,
    account: &str,
    days: Days,
    digests: &[Digest],
    letters: &[Letter],
) -> Value {
    let regions = digests.iter().enumerate().map(|(at, digest)| region(digest, letters.get(at)));
    let dates: Vec<String> = days.dates().map(|date| date.to_string()).collect();
    json!({
        "version": 1,
        "stack": spec.stack.as_str(),
        "account": account,
        "utc_offset": days.offset().signed(),
        "days": dates,
        "day_before": days.before().to_string(),
        "regions": regions.collect::<Vec<_>>(),
    })
}

fn region(digest: &Digest, letter: Option<&Letter>) -> Value {
    let Digest { region, days, web_acls, gaps } = digest;
    let acls = web_acls.iter().map(|acl| {
        let rules = acl.rows.iter().map(|row| {
            let (kind, rule) = match &row.who {
                Who::Rule(name) => ("rule", Some(name)),
                Who::DefaultAction => ("default_action", None),
                Who::Others => ("other_rules", None),
            };
            json!({
                "kind": kind,
                "rule": rule,
                "blocked": row.total(Measure::Blocked),
                "counted": row.total(Measure::Counted),
                "days": by_day(*days, |measure, day| row.change(measure, day)),
            })
        });
        let scope = match acl.scope {
            WafScope::Regional => "regional",
            WafScope::Cloudfront => "cloudfront",
        };
        json!({"web_acl": acl.name, "scope": scope, "rules": rules.collect::<Vec<_>>()})
    });
    json!({
        "region": region,
        "blocked": digest.total(Measure::Blocked),
        "counted": digest.total(Measure::Counted),
        "days": by_day(*days, |measure, day| digest.change(measure, day)),
        "web_acls": acls.collect::<Vec<_>>(),
        "gaps": gaps,
        "mail": letter.map(letter::document),
    })
}

fn by_day(days: Days, change: impl Fn(Measure, usize) -> Change) -> Vec<Value> {
    let of_day = |(day, date): (usize, jiff::civil::Date)| {
        let [blocked, counted] = Measure::ALL.map(|measure| {
            let change = change(measure, day);
            json!({
                "count": change.now,
                "change": change.difference(),
                "percent": change.percent(),
            })
        });
        json!({"date": date.to_string(), "blocked": blocked, "counted": counted})
    };
    (1..).zip(days.dates()).map(of_day).collect()
}
