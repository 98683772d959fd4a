//! Config's items as events: what changed, and what rules thought of it over time.

use super::classify::{Beside, not_an_event};
use super::compliance::{Change, Evaluation, Object, account, region};
use super::document::{Content, NoEvent, Origin};
use super::envelope::{Envelope, StandIn};
use super::members::{Members, string};
use super::time;
use crate::aws::Arn;
use jiff::Timestamp;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

/// The type of the items that hold the compliance of a resource over time.
const OF_COMPLIANCE: &str = "AWS::Config::ResourceCompliance";

/// How many rules one item may name: each becomes an event. An account has 400 in a region, or
/// some more on request.
const MOST_RULES: usize = 10_000;

/// Makes events of a configuration item, as `get-resource-config-history` prints it or as it lies
/// in the files that Config delivers.
pub(super) fn events(
    item: &Members<'_>,
    beside: Beside<'_>,
    stand_in: &StandIn,
) -> Vec<Content<'static>> {
    let (Some(kind), Some(id)) = (item.string("resourceType"), item.string("resourceId")) else {
        return vec![not_an_event(
            "it is a configuration item without `resourceType` or `resourceId`",
        )];
    };
    let Some(captured) = item.get("configurationItemCaptureTime").and_then(time::read) else {
        return vec![not_an_event(
            "it is a configuration item without a `configurationItemCaptureTime`",
        )];
    };
    let arn_text = item.string("arn").or_else(|| item.string("ARN"));
    let arn = arn_text.as_deref().and_then(|arn| arn.parse::<Arn>().ok());
    let own_account = item.string("accountId").or_else(|| item.string("awsAccountId"));
    let account = account(own_account, arn.as_ref(), stand_in);
    let region = region(item.string("awsRegion"), arn.as_ref(), stand_in);
    if kind == OF_COMPLIANCE {
        return compliance(item, &id, captured, &account, &region, beside);
    }
    let detail = changed(item, captured, &account);
    let envelope = Envelope {
        id: None,
        detail_type: "Config Configuration Item Change",
        source: "aws.config",
        account: &account,
        time: &time::to_seconds(captured),
        region: &region,
        resource: arn_text.as_deref(),
    };
    let origin = if beside.of_snapshot { Origin::Snapshot } else { Origin::ConfigurationItem };
    vec![envelope.seal(&detail, origin, false)]
}

/// The detail of an event about a changed item.
///
/// An item does not say what was different before, so `changedProperties` is empty, and the kind of
/// the change is told from the item's state.
fn changed(item: &Members<'_>, captured: Timestamp, account: &str) -> Vec<u8> {
    let change = match item.string("configurationItemStatus").as_deref() {
        Some("ResourceDiscovered") => "CREATE",
        Some("ResourceDeleted" | "ResourceDeletedNotRecorded") => "DELETE",
        _ => "UPDATE",
    };
    let mut diff = Object::new();
    diff.json("changedProperties", b"{}");
    diff.text("changeType", change);
    let mut detail = Object::new();
    detail.text("recordVersion", "1.3");
    detail.text("messageType", "ConfigurationItemChangeNotification");
    detail.json("configurationItemDiff", &diff.end());
    detail.text("notificationCreationTime", &time::to_millis(captured));
    detail.json("configurationItem", &as_in_events(item, account));
    detail.end()
}

/// An item in the spelling of events: the CLI prints some names otherwise, and JSON in strings.
fn as_in_events(item: &Members<'_>, account: &str) -> Vec<u8> {
    let mut out = Object::new();
    for (key, value) in &item.0 {
        let json = value.get();
        match key.as_ref() {
            "accountId" | "awsAccountId" => {}
            "version" => out.json("configurationItemVersion", json.as_bytes()),
            "arn" => out.json("ARN", json.as_bytes()),
            "configurationItemMD5Hash" => out.json("configurationStateMd5Hash", json.as_bytes()),
            "configurationItemCaptureTime" | "resourceCreationTime" => match time::read(json) {
                Some(time) => out.text(key, &time::to_millis(time)),
                None => out.json(key, json.as_bytes()),
            },
            "configurationStateId" => {
                let number = string(json).filter(|id| id.parse::<u64>().is_ok());
                out.json(key, number.as_deref().unwrap_or(json).as_bytes());
            }
            "configuration" => out.json(key, unwrapped(json).as_bytes()),
            "supplementaryConfiguration" => match serde_json::from_str::<Members<'_>>(json) {
                Ok(members) => {
                    let mut parts = Object::new();
                    for (key, value) in &members.0 {
                        parts.json(key, unwrapped(value.get()).as_bytes());
                    }
                    out.json(key, &parts.end());
                }
                Err(_) => out.json(key, json.as_bytes()),
            },
            "relationships" => out.json(key, &relationships(json)),
            _ => out.json(key, json.as_bytes()),
        }
    }
    out.text("awsAccountId", account);
    out.end()
}

/// JSON that may stand in a string.
fn unwrapped(json: &str) -> Cow<'_, str> {
    match string(json) {
        Some(text) if serde_json::from_str::<&RawValue>(&text).is_ok() => text,
        _ => Cow::Borrowed(json),
    }
}

fn relationships(json: &str) -> Vec<u8> {
    let Ok(all) = serde_json::from_str::<Vec<Members<'_>>>(json) else {
        return json.as_bytes().to_vec();
    };
    let mut list = vec![b'['];
    for (index, one) in all.iter().enumerate() {
        if index > 0 {
            list.push(b',');
        }
        let mut out = Object::new();
        for (key, value) in &one.0 {
            let key = if key == "relationshipName" { "name" } else { key };
            out.json(key, value.get().as_bytes());
        }
        list.extend(out.end());
    }
    list.push(b']');
    list
}

/// One event for each rule whose verdict differs from the item before it, which is the one beside
/// it in the file that is older: the CLI prints the newest first, files begin with the oldest.
///
/// Where there is none, as for the oldest item of an export, the verdict of each rule counts as
/// new. The item does not say when a rule was invoked; it gets the time of the item.
fn compliance(
    item: &Members<'_>,
    id: &str,
    captured: Timestamp,
    account: &str,
    region: &str,
    beside: Beside<'_>,
) -> Vec<Content<'static>> {
    let verdict = Verdict::of(item);
    if verdict.rules.is_empty() {
        return vec![Content::NoEvent(NoEvent::NoRules)];
    }
    if verdict.rules.len() > MOST_RULES {
        return vec![not_an_event("it names more Config rules than an account can have")];
    }
    let before = beside
        .items
        .into_iter()
        .flatten()
        .filter_map(|bytes| Members::read(bytes).ok())
        .filter(|other| other.string("resourceId").as_deref() == Some(id))
        .filter_map(|other| {
            let time = other.get("configurationItemCaptureTime").and_then(time::read)?;
            (time < captured).then(|| (time, Verdict::of(&other)))
        })
        .max_by_key(|(time, _)| *time);
    let origin = if beside.of_snapshot { Origin::Snapshot } else { Origin::ComplianceHistory };
    // The id is `TYPE/ID` of the resource that the item is about.
    let (of_id, in_id) = id.split_once('/').unwrap_or(("", id));
    let at = |compliance, time| Evaluation {
        compliance,
        recorded: time,
        ordered: None,
        invoked: None,
        mode: None,
        annotation: None,
    };
    let old: HashMap<&str, (Timestamp, &str)> = before
        .iter()
        .flat_map(|(time, verdict)| verdict.rules.iter().map(move |rule| (*time, rule)))
        .map(|(time, rule)| (rule.name.as_str(), (time, rule.compliance.as_str())))
        .collect();
    let events = verdict.rules.iter().filter_map(|rule| {
        let old = old.get(rule.name.as_str()).copied();
        if old.is_some_and(|(_, old)| old == rule.compliance) {
            return None;
        }
        let change = Change {
            rule: &rule.name,
            rule_arn: rule.arn.as_deref(),
            resource_type: verdict.resource_type.as_deref().unwrap_or(of_id),
            resource_id: verdict.resource_id.as_deref().unwrap_or(in_id),
            account,
            region,
            new: at(&rule.compliance, captured),
            old: old.map(|(time, compliance)| at(compliance, time)),
        };
        Some(change.event(origin))
    });
    let events = events.collect::<Vec<_>>();
    if events.is_empty() { vec![Content::NoEvent(NoEvent::NothingChanged)] } else { events }
}

/// What an item says of a resource: its properties are in AWS's list of what Config records,
/// <https://github.com/awslabs/aws-config-resource-schema>.
#[derive(Debug, Default)]
struct Verdict {
    resource_type: Option<String>,
    resource_id: Option<String>,
    rules: Vec<OfRule>,
}

#[derive(Debug)]
struct OfRule {
    name: String,
    arn: Option<String>,
    compliance: String,
}

impl Verdict {
    fn of(item: &Members<'_>) -> Self {
        let Some(json) = item.get("configuration") else { return Self::default() };
        let text = unwrapped(json);
        let Ok(configuration) = serde_json::from_str::<Members<'_>>(&text) else {
            return Self::default();
        };
        let owned = |members: &Members<'_>, key| members.string(key).map(Cow::into_owned);
        let rules = configuration.array("configRuleList").unwrap_or_default();
        let rules = rules.into_iter().filter_map(|rule| {
            let rule = serde_json::from_str::<Members<'_>>(rule.get()).ok()?;
            Some(OfRule {
                name: owned(&rule, "configRuleName")?,
                arn: owned(&rule, "configRuleArn"),
                compliance: owned(&rule, "complianceType")?,
            })
        });
        Self {
            resource_type: owned(&configuration, "targetResourceType"),
            resource_id: owned(&configuration, "targetResourceId"),
            rules: rules.collect(),
        }
    }
}
