//! The links of an alarm: from a metric to the topic.

use super::command::{SETUP, quoted};
use super::deliveries::day;
use super::gather::web_acl_of;
use super::questions::of_alarm;
use super::{DAYS, LinkName, LinkState, Seen, Step, verdict};
use crate::aws::waf::{WafAction, WafScope, WebAcl};
use crate::aws::{AlarmState, Region};
use crate::state::{Alarm, Reference, Resource, ResourceKey};
use jiff::SignedDuration;

const LINK: LinkName = LinkName::Matches;

/// How long an alarm may wait for its first value before that is called wrong. A new one always
/// waits for a while.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// Values of the `Rule` dimension that are no rule's.
const NO_RULES: [&str; 2] = ["ALL", "Default_Action"];

/// The links up to the topic, and the topic.
pub(super) fn steps(seen: Seen<'_>, wanted: &Alarm) -> (Vec<Step>, Option<ResourceKey>) {
    let there = match seen.survey.observed.get(seen.key) {
        Some(Resource::Alarm(alarm)) => Some(&**alarm),
        _ => None,
    };
    let topic = wanted.alarm_actions.iter().find_map(|action| match action {
        Reference::Key(topic) => Some(topic.clone()),
        Reference::Arn(_) => None,
    });
    let steps = vec![
        enabled(seen, wanted, there),
        verdict::as_written(seen),
        matches(seen, there.unwrap_or(wanted)),
        match there {
            Some(there) => told(seen, topic.as_ref(), there),
            None => Step::unknown(LinkName::Target, "the alarm is not there"),
        },
    ];
    (steps, topic)
}

fn enabled(seen: Seen<'_>, wanted: &Alarm, there: Option<&Alarm>) -> Step {
    const LINK: LinkName = LinkName::Enabled;
    let Some(there) = there else { return verdict::absent(seen, "alarm") };
    let is_on = there.enabled.value() != Some(&false);
    let notification = seen.survey.desired.alarms.get(seen.key);
    let muted = notification.and_then(|notification| {
        let until = seen.facts.muted.get(&(seen.region.clone(), notification.clone()))?;
        Some((notification, until))
    });
    if let Some((notification, until)) = muted.filter(|_| is_on) {
        return verdict::muted(notification, *until);
    }
    if is_on {
        return Step::ok(LINK, "actions on");
    }
    if wanted.enabled.value() == Some(&false) {
        return Step::new(LINK, LinkState::Muted, "off").because("the file has it switched off");
    }
    Step::broken(LINK, "actions off", "the alarm's actions are switched off").mended_by(SETUP)
}

fn told(seen: Seen<'_>, topic: Option<&ResourceKey>, there: &Alarm) -> Step {
    const LINK: LinkName = LinkName::Target;
    let Some(topic) = topic else {
        return Step::unknown(LINK, "the file names no topic of this account");
    };
    let actions = &there.alarm_actions;
    if !actions.contains(&Reference::Key(topic.clone())) {
        let who = &seen.survey.plan.identity;
        let elsewhere: Vec<String> =
            actions.iter().map(|action| format!("`{}`", action.to_arn(who))).collect();
        let (found, cause) = if elsewhere.is_empty() {
            ("no action", "the alarm tells nobody when it goes off".to_owned())
        } else {
            let told = elsewhere.join(", ");
            ("elsewhere", format!("the alarm tells {told}, not the topic {}", topic.name))
        };
        return Step::broken(LINK, found, cause).mended_by(SETUP);
    }
    verdict::topic_exists(seen, topic)
}

/// Whether the metric is there.
fn matches(seen: Seen<'_>, alarm: &Alarm) -> Step {
    let Seen { facts, region, key, .. } = seen;
    let state = alarm.state.value().map_or("", |state| state.as_str());
    let Some(metric) = of_alarm(alarm) else {
        return Step::unknown(LINK, "the alarm looks at no single metric");
    };
    let measured = match facts.metrics.get(region) {
        Some(Ok(measured)) => measured,
        Some(Err(unknown)) => return Step::unknown(LINK, unknown.sentence()),
        None => return Step::unknown(LINK, "nobody asked for its metric"),
    };
    if let Some(last) = measured.points(&metric).last() {
        return Step::ok(LINK, found(&format!("metric has values, last {}", day(last.at)), state));
    }
    if let Some(gap) = measured.gap(&metric) {
        return Step::unknown(LINK, format!("the metric: {gap}"));
    }
    if let Some(step) = waf(seen, alarm, state) {
        return step;
    }
    let silent = found(&format!("no value in {DAYS} days"), state);
    let since =
        facts.since.get(key).filter(|_| alarm.state.value() == Some(&AlarmState::InsufficientData));
    match since {
        Some(since) if facts.window.now.duration_since(*since) > PATIENCE => Step::broken(
            LINK,
            &silent,
            format!(
                "the alarm has waited for a value of {} {} since {}: are its names and dimensions right?",
                alarm.namespace, alarm.metric, day(*since)
            ),
        )
        .mended_by(format!(
            "aws cloudwatch list-metrics --namespace {} --metric-name {} --region {region}",
            quoted(&alarm.namespace),
            quoted(&alarm.metric)
        )),
        _ => Step::new(LINK, LinkState::Quiet, silent),
    }
}

fn found(what: &str, state: &str) -> String {
    if state.is_empty() { what.to_owned() } else { format!("{state}, {what}") }
}

/// WAF reports nothing while nothing happens: whether the metric will ever have values, the web
/// ACL says.
fn waf(seen: Seen<'_>, alarm: &Alarm, state: &str) -> Option<Step> {
    let Seen { facts, region, .. } = seen;
    let query = web_acl_of(region, alarm)?;
    let rule = alarm.dimensions.get("Rule")?;
    let answer = facts.web_acls.get(&query)?;
    let scope = match query.scope {
        WafScope::Regional => "REGIONAL",
        WafScope::Cloudfront => "CLOUDFRONT",
    };
    let look =
        |region: &Region| format!("aws wafv2 list-web-acls --scope {scope} --region {region}");
    Some(match answer {
        Err(unknown) => Step::unknown(LINK, unknown.sentence()),
        Ok(None) => {
            let cause = format!("there is no web ACL with the metric name `{}`", query.name);
            Step::broken(LINK, "no web ACL", cause).mended_by(look(region))
        }
        Ok(Some(_)) if NO_RULES.contains(&rule) => silent(state),
        Ok(Some(acl)) => match refusal(acl, rule, &alarm.metric) {
            Some(cause) => Step::broken(LINK, "no such metric", cause).mended_by(look(region)),
            None => silent(state),
        },
    })
}

fn silent(state: &str) -> Step {
    Step::new(LINK, LinkState::Quiet, found(&format!("nothing in {DAYS} days"), state))
}

/// Why a rule of a web ACL will never report a metric.
fn refusal(acl: &WebAcl, rule: &str, metric: &str) -> Option<String> {
    const MOST_NAMED: usize = 5;
    let Some(found) = acl.rules.iter().find(|there| there.metric == rule) else {
        let mut names: Vec<String> =
            acl.rules.iter().take(MOST_NAMED).map(|rule| format!("`{}`", rule.metric)).collect();
        if acl.rules.len() > MOST_NAMED {
            names.push("others".to_owned());
        }
        let has = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Some(format!(
            "the web ACL {} has no rule with the metric name `{rule}`; it has {has}",
            acl.name
        ));
    };
    if !found.measured {
        return Some(format!(
            "the rule {} of the web ACL {} has its CloudWatch metrics switched off",
            found.name, acl.name
        ));
    }
    // Rules that do neither may still report what they allowed, or asked.
    let theirs = found.action.metric().filter(|_| found.action.is_usual())?;
    let other = [WafAction::Block, WafAction::Count].into_iter().filter_map(WafAction::metric);
    (theirs != metric && other.into_iter().any(|other| other == metric)).then(|| {
        format!(
            "the rule {} of the web ACL {} never reports {metric}: it reports {theirs}",
            found.name, acl.name
        )
    })
}
