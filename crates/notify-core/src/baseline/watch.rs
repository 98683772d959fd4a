//! Which notifications tell of Config rules, and which results they would tell of.

use super::names::RULE_PATH;
use crate::aws::{AccountId, Region, RuleName};
use crate::feed::compliance::{Change, Evaluation};
use crate::pattern::{Pattern, PatternText};
use crate::provider::{ConfigRule, NonCompliant};
use crate::spec::{EventSpec, Spec};
use crate::state::{DesiredError, base_regions, event_regions};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Fields that are the same in all events about the resources of one rule that do not comply.
/// Whatever else a pattern looks at differs from resource to resource.
const SAME_FOR_A_RULE: [&str; 11] = [
    "version",
    "source",
    "detail-type",
    "account",
    "region",
    RULE_PATH,
    "detail.configRuleARN",
    "detail.awsAccountId",
    "detail.awsRegion",
    "detail.messageType",
    "detail.newEvaluationResult.complianceType",
];

/// The notifications of one region that tell of Config rules.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The region.
    pub region: Region,
    /// The notifications, at least one, in the order of the file.
    pub notifications: Vec<Watched>,
}

/// A notification that tells of Config rules.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Its rule's name.
    pub name: RuleName,
    /// What it tells of.
    pub pattern: Pattern,
    /// The same before anything was excluded: the names that the file has.
    pub whole: Pattern,
    /// Whether a preset has made the pattern, so that names are in `config_rules`.
    pub by_preset: bool,
    /// The rules whose events can match; `None` where any can.
    rules: Option<Pattern>,
    /// Whether the rule alone decides if an event matches.
    is_by_rule: bool,
    /// Whether it asks for the result before, too.
    asks_for_old: bool,
}

/// The notifications of a spec that work and can tell of a change of compliance, region by region:
/// those of the preset, and those with such a pattern by hand.
///
/// `only` limits them to one region; `default_region` is where a spec without regions is.
pub fn watched(
    spec: &Spec,
    default_region: Option<&Region>,
    only: Option<&Region>,
) -> Result<Vec<Watch>, DesiredError> {
    let base = base_regions(spec, default_region, only)?;
    let mut found: BTreeMap<Region, Vec<Watched>> = BTreeMap::new();
    for event in spec.events.iter().filter(|event| event.enabled) {
        let Some(watched) = Watched::of(event) else { continue };
        for region in event_regions(event, &base) {
            if only.is_none_or(|only| *only == region) {
                found.entry(region).or_default().push(watched.clone());
            }
        }
    }
    let watch = |(region, notifications)| Watch { region, notifications };
    Ok(found.into_iter().map(watch).collect())
}

/// What a resource that does not comply is asked of: its event, as Config would have sent it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose<'a> {
    pub(super) account: &'a AccountId,
    pub(super) region: &'a Region,
    pub(super) rule: &'a ConfigRule,
}

impl Watched {
    fn of(event: &EventSpec) -> Option<Self> {
        let parse = |text: &PatternText| Pattern::parse(&text.0).ok();
        let pattern = parse(&event.pattern)?;
        if !can_tell_of_compliance(&pattern) {
            return None;
        }
        let paths = pattern.paths();
        let names = pattern.matchers_at(RULE_PATH);
        let names = names.map(|names| format!("{{\"name\":[{}]}}", names.join(",")));
        Some(Self {
            name: event.name.clone(),
            whole: parse(event.exclude.whole()).unwrap_or_else(|| pattern.clone()),
            by_preset: event.sample.is_some(),
            rules: names.and_then(|names| Pattern::parse(&names).ok()),
            is_by_rule: paths.iter().all(|path| SAME_FOR_A_RULE.contains(&path.as_str())),
            asks_for_old: paths.iter().any(|path| path.starts_with("detail.oldEvaluationResult")),
            pattern,
        })
    }

    /// Whether a resource of this rule may be told of.
    pub(super) fn may_tell_of(&self, rule: &str) -> bool {
        self.rules.as_ref().is_none_or(|pattern| {
            let event = serde_json::json!({"name": rule}).to_string();
            pattern.matches(event.as_bytes()).unwrap_or(true)
        })
    }

    /// Whether all resources of a rule are told of, or none; `None` where each has to be asked.
    pub(super) fn tells_of_all(&self, whose: Whose<'_>) -> Option<bool> {
        if !self.may_tell_of(&whose.rule.name) {
            return Some(false);
        }
        let any = NonCompliant {
            resource_type: String::new(),
            resource_id: String::new(),
            annotation: None,
            recorded: None,
            invoked: None,
            ordered: None,
            mode: None,
        };
        self.is_by_rule
            .then(|| self.tells_of(&event(whose, &any, false), || event(whose, &any, true)))
    }

    /// Whether an event is told of. Where the pattern asks for the result before, the resource may
    /// have complied then, or not have been judged at all: either will do.
    pub(super) fn tells_of(&self, event: &[u8], with_old: impl FnOnce() -> Vec<u8>) -> bool {
        let matches = |event: &[u8]| self.pattern.matches(event).unwrap_or(false);
        matches(event) || self.asks_for_old && matches(&with_old())
    }
}

/// Whether a pattern takes events about compliance at all, by what it says of their kind.
fn can_tell_of_compliance(pattern: &Pattern) -> bool {
    let is_kind = |path: &str, word: &str| {
        pattern.matchers_at(path).is_none_or(|matchers| {
            let text = format!("{{\"kind\":[{}]}}", matchers.join(","));
            let event = serde_json::json!({"kind": word}).to_string();
            Pattern::parse(&text)
                .is_ok_and(|pattern| pattern.matches(event.as_bytes()).unwrap_or(false))
        })
    };
    is_kind("source", "aws.config")
        && is_kind("detail-type", "Config Rules Compliance Change")
        && is_kind("detail.messageType", "ComplianceChangeNotification")
        && is_kind("detail.newEvaluationResult.complianceType", "NON_COMPLIANT")
}

/// The event that Config would have sent when the resource turned; with the result before, that it
/// complied.
pub(super) fn event(whose: Whose<'_>, resource: &NonCompliant, with_old: bool) -> Vec<u8> {
    let recorded = resource.recorded.unwrap_or(Timestamp::UNIX_EPOCH);
    let evaluation = |compliance| Evaluation {
        compliance,
        recorded,
        ordered: resource.ordered,
        invoked: resource.invoked,
        mode: resource.mode.as_deref(),
        annotation: resource.annotation.as_deref(),
    };
    let change = Change {
        rule: &whose.rule.name,
        rule_arn: whose.rule.arn.as_deref(),
        resource_type: &resource.resource_type,
        resource_id: &resource.resource_id,
        account: whose.account.as_str(),
        region: whose.region.as_str(),
        new: evaluation("NON_COMPLIANT"),
        old: with_old.then(|| Evaluation { annotation: None, ..evaluation("COMPLIANT") }),
    };
    change.json()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ConfigRuleState;
    use crate::spec::{Format, parse};

    fn watches(events: &str) -> Vec<Watch> {
        let text = format!(
            "stack = \"s\"\nregions = [\"eu-west-1\", \"us-east-1\"]\n[topic]\nname = \"t\"\n{events}"
        );
        let parsed = parse(&text, Format::Toml);
        let spec = parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings));
        watched(&spec, None, None).unwrap()
    }

    fn by_hand(pattern: &str) -> Vec<Watch> {
        watches(&format!("[[events]]\nname = \"e\"\npattern = '{pattern}'\nmessage = \"m\"\n"))
    }

    #[test]
    fn notifications_that_can_tell_of_compliance_are_found_in_their_regions() {
        let found = watches(
            "[[events]]\nname = \"a\"\npreset = \"config-compliance\"\n\
             [[events]]\nname = \"b\"\npreset = \"config-compliance\"\nregions = [\"us-east-1\"]\n\
             [[events]]\nname = \"c\"\npreset = \"config-compliance\"\nenabled = false\n\
             [[events]]\nname = \"d\"\npattern = '{\"source\": [\"aws.s3\"]}'\nmessage = \"m\"\n",
        );
        let shown: Vec<_> = found
            .iter()
            .map(|watch| {
                let names = watch.notifications.iter().map(|n| n.name.as_str());
                (watch.region.as_str(), names.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(shown, [("eu-west-1", vec!["a"]), ("us-east-1", vec!["a", "b"])]);
        for (pattern, tells) in [
            (r#"{"source":["aws.config"]}"#, true),
            (r#"{"source":[{"prefix":"aws."}]}"#, true),
            (r#"{"source":[{"anything-but":["aws.config"]}]}"#, false),
            (r#"{"source":["aws.config"],"detail-type":["Config Rules Compliance Change"]}"#, true),
            (
                r#"{"source":["aws.config"],"detail-type":["Config Configuration Item Change"]}"#,
                false,
            ),
            (r#"{"detail":{"messageType":["ConfigurationItemChangeNotification"]}}"#, false),
            (r#"{"detail":{"newEvaluationResult":{"complianceType":["COMPLIANT"]}}}"#, false),
            (r#"{"account":["123456789012"]}"#, true),
            (r#"{"$or":[{"source":["aws.s3"]},{"source":["aws.config"]}]}"#, true),
        ] {
            assert_eq!(!by_hand(pattern).is_empty(), tells, "{pattern}");
        }
    }

    #[test]
    fn the_rule_decides_where_the_pattern_looks_at_nothing_else() {
        let account = AccountId::parse("123456789012").unwrap();
        let region = Region::us_east_1();
        let check = |pattern: &str, rule: &str, all: Option<bool>| {
            let arn = Some(format!("arn:aws:config:us-east-1:123456789012:config-rule/{rule}"));
            let state = ConfigRuleState::Active;
            let rule = ConfigRule { name: rule.to_owned(), arn, state, created_by: None };
            let whose = Whose { account: &account, region: &region, rule: &rule };
            let watch = &by_hand(pattern)[0].notifications[0];
            assert_eq!(watch.tells_of_all(whose), all, "{pattern}");
        };
        check(r#"{"source":["aws.config"]}"#, "r", Some(true));
        check(r#"{"detail":{"configRuleName":["r",{"prefix":"x"}]}}"#, "r", Some(true));
        check(r#"{"detail":{"configRuleName":["r",{"prefix":"x"}]}}"#, "y", Some(false));
        check(r#"{"account":["111122223333"]}"#, "r", Some(false));
        check(
            r#"{"detail":{"configRuleARN":[{"suffix":"/r"}],"awsRegion":["us-east-1"]}}"#,
            "r",
            Some(true),
        );
        check(r#"{"detail":{"resourceType":["x"],"configRuleName":["r"]}}"#, "r", None);
        check(r#"{"detail":{"resourceType":["x"],"configRuleName":["r"]}}"#, "q", Some(false));
        check(
            r#"{"$or":[{"detail":{"configRuleName":["r"]}},{"detail":{"resourceId":["i"]}}]}"#,
            "q",
            None,
        );
        check(r#"{"detail":{"oldEvaluationResult":{"complianceType":["COMPLIANT"]}}}"#, "r", None);
    }

    #[test]
    fn an_event_is_the_one_that_config_would_have_sent() {
        let account = AccountId::parse("123456789012").unwrap();
        let region = Region::us_east_1();
        let rule = ConfigRule {
            name: "restricted-ssh".to_owned(),
            arn: Some("arn".to_owned()),
            state: ConfigRuleState::Active,
            created_by: None,
        };
        let resource = NonCompliant {
            resource_type: "AWS::EC2::SecurityGroup".to_owned(),
            resource_id: "sg-1".to_owned(),
            annotation: Some("\"open\"\n".to_owned()),
            recorded: "2026-11-24T01:02:03.456Z".parse().ok(),
            invoked: "2026-11-24T01:02:02Z".parse().ok(),
            ordered: None,
            mode: Some("DETECTIVE".to_owned()),
        };
        let whose = Whose { account: &account, region: &region, rule: &rule };
        let event = |old| -> serde_json::Value {
            serde_json::from_slice(&event(whose, &resource, old)).unwrap()
        };
        let (without, with) = (event(false), event(true));
        assert_eq!(without["source"], "aws.config");
        assert_eq!(without["time"], "2026-11-24T01:02:03Z");
        assert_eq!(without["detail"]["configRuleARN"], "arn");
        let new = &without["detail"]["newEvaluationResult"];
        assert_eq!(new["complianceType"], "NON_COMPLIANT");
        assert_eq!(new["annotation"], "\"open\"\n");
        assert_eq!(new["configRuleInvokedTime"], "2026-11-24T01:02:02.000Z");
        assert!(without["detail"].get("oldEvaluationResult").is_none());
        let old = &with["detail"]["oldEvaluationResult"];
        assert_eq!((&old["complianceType"], old.get("annotation")), (&"COMPLIANT".into(), None));
    }

    #[test]
    fn a_pattern_may_ask_for_the_result_before() {
        for (old, tells) in [
            (r#"{"complianceType":["COMPLIANT"]}"#, true),
            (r#"{"complianceType":[{"exists":false}]}"#, true),
            (r#"{"complianceType":["NON_COMPLIANT"]}"#, false),
        ] {
            let watch = by_hand(&format!(r#"{{"detail":{{"oldEvaluationResult":{old}}}}}"#));
            let watched = &watch[0].notifications[0];
            let with = br#"{"detail":{"oldEvaluationResult":{"complianceType":"COMPLIANT"}}}"#;
            assert_eq!(watched.tells_of(br#"{"detail":{}}"#, || with.to_vec()), tells, "{old}");
        }
    }
}
