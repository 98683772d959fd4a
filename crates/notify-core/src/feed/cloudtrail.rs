//! CloudTrail's records as the events that `EventBridge` makes of them.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>

use super::classify::not_an_event;
use super::document::{Content, Origin};
use super::envelope::{Envelope, StandIn};
use super::members::Members;
use crate::aws::Call;
use std::borrow::Cow;

const INSIGHT: &str = "AWS Insight via CloudTrail";

/// Makes an event of a record, which becomes the detail byte for byte.
///
/// `resources` is empty, as in the events that were seen: the record has its own list. The id of an
/// event is its own; here it is the record's.
pub(super) fn event(members: &Members<'_>, record: &[u8], stand_in: &StandIn) -> Content<'static> {
    let kind = members.string("eventType");
    let detail_type = match kind.as_deref() {
        // Records before version 1.02 do not say: they are calls.
        Some("AwsApiCall") | None => Call::DETAIL_TYPE,
        Some("AwsServiceEvent") => "AWS Service Event via CloudTrail",
        Some("AwsConsoleSignIn") => "AWS Console Sign In via CloudTrail",
        Some("AwsConsoleAction") => "AWS Console Action via CloudTrail",
        Some("AwsCloudTrailInsight") => INSIGHT,
        Some("AwsVpceEvent") => "AWS Network Activity Event via CloudTrail",
        Some(other) => {
            let known = other.chars().take(60).collect::<String>();
            return not_an_event(&format!(
                "what EventBridge makes of records of the type `{known}` is not known"
            ));
        }
    };
    let Some(time) = members.string("eventTime") else {
        return not_an_event("it looks like a record of CloudTrail and has no `eventTime`");
    };
    let source = match (detail_type, members.string("eventSource")) {
        // An insight is CloudTrail's own event, whichever service it is about.
        (INSIGHT, _) => Cow::Borrowed("aws.cloudtrail"),
        (_, Some(service)) => match service.split_once(".amazonaws.com") {
            Some((name, _)) => Cow::Owned(format!("aws.{name}")),
            None => return not_an_event("its `eventSource` is no service that CloudTrail records"),
        },
        (_, None) => {
            return not_an_event("it looks like a record of CloudTrail and has no `eventSource`");
        }
    };
    let account = members
        .string("recipientAccountId")
        .or_else(|| members.object("userIdentity")?.string("accountId"))
        .unwrap_or(Cow::Borrowed(stand_in.account.as_str()));
    let region = members.string("awsRegion").unwrap_or(Cow::Borrowed(stand_in.region.as_str()));
    let envelope = Envelope {
        id: members.string("eventID"),
        detail_type,
        source: &source,
        account: &account,
        time: &time,
        region: &region,
        resource: None,
    };
    let read_only = detail_type == Call::DETAIL_TYPE
        && Call {
            source: &source,
            name: &members.string("eventName").unwrap_or_default(),
            is_management: members.boolean("managementEvent"),
            category: members.string("eventCategory").as_deref(),
            is_read_only: members.boolean("readOnly"),
        }
        .is_kept_from_rules();
    envelope.seal(record, Origin::CloudTrail, read_only)
}
