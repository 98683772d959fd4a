//! Results of Config's rules as the events about their change.

use super::classify::not_an_event;
use super::document::{Content, Event, Origin};
use super::envelope::{Envelope, StandIn, quote};
use super::members::Members;
use super::time;
use crate::aws::Arn;
use jiff::Timestamp;
use std::borrow::Cow;

/// Makes an event of a result of `get-compliance-details-by-config-rule`, as if it had just come
/// out so. With `get-aggregate-compliance-details-by-config-rule` it says whose it is.
///
/// What such a result does not hold is missing in the event: `configRuleARN`, and the result before.
pub(super) fn event(result: &Members<'_>, stand_in: &StandIn) -> Content<'static> {
    let Some(identifier) = result.object("EvaluationResultIdentifier") else {
        return not_an_event("its `EvaluationResultIdentifier` is no object");
    };
    let named = identifier.object("EvaluationResultQualifier").unwrap_or_default();
    let (Some(rule), Some(resource_type), Some(resource_id), Some(compliance)) = (
        named.string("ConfigRuleName"),
        named.string("ResourceType"),
        named.string("ResourceId"),
        result.string("ComplianceType"),
    ) else {
        return not_an_event(
            "it is a result of a Config rule without `ConfigRuleName`, `ResourceType`, \
             `ResourceId` or `ComplianceType`",
        );
    };
    let Some(recorded) = result.get("ResultRecordedTime").and_then(time::read) else {
        return not_an_event("it is a result of a Config rule without a `ResultRecordedTime`");
    };
    let arn = resource_id.parse::<Arn>().ok();
    let (mode, annotation) = (named.string("EvaluationMode"), result.string("Annotation"));
    let change = Change {
        rule: &rule,
        rule_arn: None,
        resource_type: &resource_type,
        resource_id: &resource_id,
        account: &account(result.string("AccountId"), arn.as_ref(), stand_in),
        region: &region(result.string("AwsRegion"), arn.as_ref(), stand_in),
        new: Evaluation {
            compliance: &compliance,
            recorded,
            ordered: identifier.get("OrderingTimestamp").and_then(time::read),
            invoked: result.get("ConfigRuleInvokedTime").and_then(time::read),
            mode: mode.as_deref(),
            annotation: annotation.as_deref(),
        },
        old: None,
    };
    change.event(Origin::Compliance)
}

/// Whose something is: by what it says itself, by an ARN, or as the caller says.
pub(super) fn account<'a>(
    own: Option<Cow<'a, str>>,
    arn: Option<&Arn>,
    stand_in: &'a StandIn,
) -> Cow<'a, str> {
    let of_arn = || arn.map(|arn| arn.account.clone()).filter(|account| !account.is_empty());
    own.or_else(|| of_arn().map(Cow::Owned)).unwrap_or(Cow::Borrowed(stand_in.account.as_str()))
}

/// Where something is, told in the same way.
pub(super) fn region<'a>(
    own: Option<Cow<'a, str>>,
    arn: Option<&Arn>,
    stand_in: &'a StandIn,
) -> Cow<'a, str> {
    let of_arn = || arn.map(|arn| arn.region.clone()).filter(|region| !region.is_empty());
    own.or_else(|| of_arn().map(Cow::Owned)).unwrap_or(Cow::Borrowed(stand_in.region.as_str()))
}

/// A rule's verdict on a resource, new and before.
pub(crate) struct Change<'a> {
    pub(crate) rule: &'a str,
    pub(crate) rule_arn: Option<&'a str>,
    pub(crate) resource_type: &'a str,
    pub(crate) resource_id: &'a str,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) new: Evaluation<'a>,
    pub(crate) old: Option<Evaluation<'a>>,
}

/// One verdict.
pub(crate) struct Evaluation<'a> {
    pub(crate) compliance: &'a str,
    pub(crate) recorded: Timestamp,
    pub(crate) ordered: Option<Timestamp>,
    pub(crate) invoked: Option<Timestamp>,
    pub(crate) mode: Option<&'a str>,
    pub(crate) annotation: Option<&'a str>,
}

impl Change<'_> {
    /// In the order of fields that events have. <br>
    /// <https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html>
    ///
    /// Unverified: whether the old result is missing or null where there was none; here it is
    /// missing.
    pub(super) fn event(&self, origin: Origin) -> Content<'static> {
        let json = Cow::Owned(self.json());
        Content::Event(Event { json, origin, read_only: false })
    }

    /// The same as JSON.
    pub(crate) fn json(&self) -> Vec<u8> {
        let mut detail = Object::new();
        detail.text("resourceId", self.resource_id);
        detail.text("awsRegion", self.region);
        detail.text("awsAccountId", self.account);
        detail.text("configRuleName", self.rule);
        detail.text("recordVersion", "1.0");
        if let Some(arn) = self.rule_arn {
            detail.text("configRuleARN", arn);
        }
        detail.text("messageType", "ComplianceChangeNotification");
        detail.json("newEvaluationResult", &self.evaluation(&self.new));
        if let Some(old) = &self.old {
            detail.json("oldEvaluationResult", &self.evaluation(old));
        }
        detail.text("notificationCreationTime", &time::to_millis(self.new.recorded));
        detail.text("resourceType", self.resource_type);
        let envelope = Envelope {
            id: None,
            detail_type: "Config Rules Compliance Change",
            source: "aws.config",
            account: self.account,
            time: &time::to_seconds(self.new.recorded),
            region: self.region,
            resource: None,
        };
        envelope.around(&detail.end())
    }

    fn evaluation(&self, evaluation: &Evaluation<'_>) -> Vec<u8> {
        let mut qualifier = Object::new();
        qualifier.text("configRuleName", self.rule);
        qualifier.text("resourceType", self.resource_type);
        qualifier.text("resourceId", self.resource_id);
        if let Some(mode) = evaluation.mode {
            qualifier.text("evaluationMode", mode);
        }
        let recorded = evaluation.recorded;
        let mut identifier = Object::new();
        identifier.json("evaluationResultQualifier", &qualifier.end());
        let ordered = evaluation.ordered.unwrap_or(recorded);
        identifier.text("orderingTimestamp", &time::to_millis(ordered));
        let mut result = Object::new();
        result.json("evaluationResultIdentifier", &identifier.end());
        result.text("complianceType", evaluation.compliance);
        result.text("resultRecordedTime", &time::to_millis(recorded));
        let invoked = evaluation.invoked.unwrap_or(recorded);
        result.text("configRuleInvokedTime", &time::to_millis(invoked));
        if let Some(annotation) = evaluation.annotation {
            result.text("annotation", annotation);
        }
        result.end()
    }
}

/// A JSON object that is being written.
pub(super) struct Object(Vec<u8>);

impl Object {
    pub(super) fn new() -> Self {
        Self(vec![b'{'])
    }

    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        quote(text, &mut self.0);
    }

    pub(super) fn json(&mut self, key: &str, json: &[u8]) {
        self.key(key);
        self.0.extend_from_slice(json);
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        quote(key, &mut self.0);
        self.0.push(b':');
    }
}
