//! What AWS Config mails by itself, without a rule and a message of ours.

use super::notification::Notification;
use super::subject::{MAX_SUBJECT, cut};
use serde_json::{Map, Value};

/// The line below the heading: 28 dashes in one public copy of the mail, 27 in another.
const RULE: &str = "----------------------------";

/// The keys of a record, in its order.
const RECORD: [&str; 11] = [
    "awsAccountId",
    "configRuleName",
    "configRuleARN",
    "resourceType",
    "resourceId",
    "awsRegion",
    "newEvaluationResult",
    "oldEvaluationResult",
    "notificationCreationTime",
    "messageType",
    "recordVersion",
];

/// The keys of each of its results.
const RESULT: [&str; 6] = [
    "evaluationResultIdentifier",
    "complianceType",
    "resultRecordedTime",
    "configRuleInvokedTime",
    "annotation",
    "resultToken",
];

impl Notification {
    /// What AWS Config publishes on its own topic of the same change that `EventBridge` sees as a
    /// `Config Rules Compliance Change`; nothing of any other event.
    ///
    /// Unverified: the subject behind `in Account`, and a key without a value in the event, which
    /// the record has as `null`, as it has an unset annotation.
    ///
    /// ```
    /// # use notify_core::mail::Notification;
    /// let event = serde_json::json!({
    ///     "detail-type": "Config Rules Compliance Change",
    ///     "detail": {"configRuleName": "restricted-ssh", "resourceId": "sg-1", "awsRegion": "eu-west-1",
    ///                "resourceType": "AWS::EC2::SecurityGroup", "awsAccountId": "123456789012",
    ///                "newEvaluationResult": {"complianceType": "NON_COMPLIANT"}},
    /// });
    /// let raw = Notification::of_config(&event).expect("a change of compliance");
    /// assert_eq!(raw.subject.as_deref(), Some("[AWS Config:eu-west-1] AWS::EC2::SecurityGroup sg-1 \
    ///     is NON_COMPLIANT with restricted-ssh in Accou..."));
    /// assert!(raw.text().starts_with("New Compliance Change Record:\n----"));
    /// ```
    pub fn of_config(event: &Value) -> Option<Self> {
        if event.get("detail-type")? != "Config Rules Compliance Change" {
            return None;
        }
        let detail = event.get("detail")?.as_object()?;
        let text = |key: &str| detail.get(key).and_then(Value::as_str).unwrap_or_default();
        let new = detail.get("newEvaluationResult");
        let compliance = new.and_then(|new| new.get("complianceType")?.as_str());
        let subject = format!(
            "[AWS Config:{}] {} {} is {} with {} in Account {}",
            text("awsRegion"),
            text("resourceType"),
            text("resourceId"),
            compliance.unwrap_or_default(),
            text("configRuleName"),
            text("awsAccountId"),
        );
        let record = Value::Object(record(detail));
        let body = format!("New Compliance Change Record:\n{RULE}\n{record:#}\n");
        let subject = Some(cut(&subject, MAX_SUBJECT));
        Some(Self { subject, ..Self::of_event(body) })
    }
}

fn record(detail: &Map<String, Value>) -> Map<String, Value> {
    let mut record = in_order(&RECORD, detail);
    for key in ["newEvaluationResult", "oldEvaluationResult"] {
        if let Some(Value::Object(result)) = detail.get(key) {
            record.insert(key.to_owned(), in_order(&RESULT, result).into());
        }
    }
    record
}

fn in_order(keys: &[&str], fields: &Map<String, Value>) -> Map<String, Value> {
    let value = |key: &str| fields.get(key).cloned().unwrap_or_default();
    keys.iter().map(|key| ((*key).to_owned(), value(key))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_every_key_in_its_order() {
        let event = serde_json::json!({
            "detail-type": "Config Rules Compliance Change",
            "detail": {
                "recordVersion": "1.0",
                "newEvaluationResult": {"annotation": "say \"no\"", "complianceType": "COMPLIANT"},
                "awsAccountId": "123456789012", "extra": 1,
            },
        });
        let raw = Notification::of_config(&event).unwrap();
        let expected = r#"New Compliance Change Record:
----------------------------
{
  "awsAccountId": "123456789012",
  "configRuleName": null,
  "configRuleARN": null,
  "resourceType": null,
  "resourceId": null,
  "awsRegion": null,
  "newEvaluationResult": {
    "evaluationResultIdentifier": null,
    "complianceType": "COMPLIANT",
    "resultRecordedTime": null,
    "configRuleInvokedTime": null,
    "annotation": "say \"no\"",
    "resultToken": null
  },
  "oldEvaluationResult": null,
  "notificationCreationTime": null,
  "messageType": null,
  "recordVersion": "1.0"
}
"#;
        assert_eq!((raw.default.as_str(), raw.email, raw.sms), (expected, None, None));
        let subject = "[AWS Config:]   is COMPLIANT with  in Account 123456789012";
        assert_eq!(raw.subject.as_deref(), Some(subject));
    }

    #[test]
    fn other_events_have_no_record() {
        for event in [
            serde_json::json!(null),
            serde_json::json!([]),
            serde_json::json!({"detail": {}}),
            serde_json::json!({"detail-type": "Config Rules Compliance Change"}),
            serde_json::json!({"detail-type": "Config Rules Compliance Change", "detail": "x"}),
            serde_json::json!({"detail-type": "Config Rules Evaluation Status", "detail": {}}),
        ] {
            assert_eq!(Notification::of_config(&event), None, "{event}");
        }
    }
}
