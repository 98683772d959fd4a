//! What AWS Config mails by itself, without a rule and a message of ours.

use super::subject::{MOST_SUBJECT_CHARACTERS, cut};
use serde_json::{Map, Value};

/// The `detail-type` of such an event.
const CHANGE: &str = "Config Rules Compliance Change";

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

/// Why AWS Config publishes nothing.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The event is not JSON.
    #[error("not JSON")]
    Json(#[from] serde_json::Error),
    /// It tells of something else.
    #[error("it is no \"Config Rules Compliance Change\" with a detail")]
    Other,
}

/// The subject and the text of what AWS Config mails on a topic of its own, of the same change that
/// `EventBridge` sees as a `Config Rules Compliance Change`.
///
/// Unverified: the subject behind `in Account`, and a key without a value in the event, which the
/// record has as `null`, as it has an unset annotation.
///
/// ```
/// # use notify_core::mail::config_raw;
/// let (subject, text) = config_raw(r#"{"detail-type": "Config Rules Compliance Change", "detail": {
///     "configRuleName": "restricted-ssh", "resourceId": "sg-1", "awsRegion": "eu-west-1",
///     "resourceType": "AWS::EC2::SecurityGroup", "awsAccountId": "123456789012",
///     "newEvaluationResult": {"complianceType": "NON_COMPLIANT"}}}"#)?;
/// assert_eq!(subject, "[AWS Config:eu-west-1] AWS::EC2::SecurityGroup sg-1 \
///     is NON_COMPLIANT with restricted-ssh in Accou...");
/// assert!(text.starts_with("New Compliance Change Record:\n----"));
/// # Ok::<(), notify_core::mail::ConfigError>(())
/// ```
pub fn config_raw(event: &str) -> Result<(String, String), ConfigError> {
    let event: Value = serde_json::from_str(event)?;
    let is_change = event.get("detail-type").is_some_and(|kind| kind == CHANGE);
    let detail = event.get("detail").and_then(Value::as_object);
    let detail = detail.filter(|_| is_change).ok_or(ConfigError::Other)?;
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
    Ok((cut(&subject, MOST_SUBJECT_CHARACTERS), body))
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
        let (subject, body) = config_raw(&event.to_string()).unwrap();
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
        assert_eq!(body, expected);
        assert_eq!(subject, "[AWS Config:]   is COMPLIANT with  in Account 123456789012");
    }

    #[test]
    fn other_events_have_no_record() {
        let deep = format!(r#"{{"detail": {}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        for (event, says) in [
            ("", "not JSON"),
            (deep.as_str(), "not JSON"),
            ("null", "it is no \"Config Rules Compliance Change\" with a detail"),
            ("[]", "it is no"),
            (r#"{"detail": {}}"#, "it is no"),
            (r#"{"detail-type": "Config Rules Compliance Change"}"#, "it is no"),
            (r#"{"detail-type": "Config Rules Compliance Change", "detail": "x"}"#, "it is no"),
            (r#"{"detail-type": "Config Rules Evaluation Status", "detail": {}}"#, "it is no"),
        ] {
            let error = config_raw(event).unwrap_err().to_string();
            assert!(error.starts_with(says), "{error}");
        }
    }
}
