//! What AWS's services put into the fields of their events.

use super::known::Alphabet::{self, Account, Boolean, Chosen, Free, Number, Plain};

/// Names under which services put free text; so they count as such in any event.
pub(super) const FREE_NAMES: [&str; 15] = [
    "annotation",
    "cause",
    "comment",
    "description",
    "errorMessage",
    "latestDescription",
    "message",
    "note",
    "reason",
    "remediation",
    "statusMessage",
    "statusReason",
    "summary",
    "text",
    "title",
];

/// Source (`None`: any), detail-type, and the fields that are worth showing; events have others.
pub(super) type OfEvents =
    (Option<&'static str>, &'static str, &'static [(&'static str, Alphabet)]);

/// From the services' own pages on their events and from events that were seen. A Config rule's
/// name counts as chosen: AWS takes any character in it, but managed, organization's and
/// conformance packs' names have letters, digits and `-`, so it is no reason to warn everybody.
pub(super) const EVENTS: &[OfEvents] = &[
    (
        Some("aws.config"),
        "Config Rules Compliance Change",
        &[
            ("detail.awsAccountId", Account),
            ("detail.awsRegion", Plain),
            ("detail.configRuleARN", Plain),
            ("detail.configRuleName", Chosen),
            ("detail.messageType", Plain),
            ("detail.recordVersion", Number),
            ("detail.notificationCreationTime", Plain),
            ("detail.resourceId", Plain),
            ("detail.resourceType", Plain),
            ("detail.newEvaluationResult.annotation", Free),
            ("detail.newEvaluationResult.complianceType", Plain),
            ("detail.newEvaluationResult.configRuleInvokedTime", Plain),
            ("detail.newEvaluationResult.resultRecordedTime", Plain),
            ("detail.oldEvaluationResult.annotation", Free),
            ("detail.oldEvaluationResult.complianceType", Plain),
            ("detail.oldEvaluationResult.configRuleInvokedTime", Plain),
            ("detail.oldEvaluationResult.resultRecordedTime", Plain),
        ],
    ),
    (
        Some("aws.guardduty"),
        "GuardDuty Finding",
        &[
            ("detail.accountId", Account),
            ("detail.region", Plain),
            ("detail.id", Plain),
            ("detail.arn", Plain),
            ("detail.type", Plain),
            ("detail.severity", Number),
            ("detail.createdAt", Plain),
            ("detail.updatedAt", Plain),
            ("detail.title", Free),
            ("detail.description", Free),
        ],
    ),
    (
        Some("aws.securityhub"),
        "Security Hub Findings - Imported",
        &[
            ("detail.findings[].Id", Plain),
            ("detail.findings[].AwsAccountId", Account),
            ("detail.findings[].Region", Plain),
            ("detail.findings[].Title", Free),
            ("detail.findings[].Description", Free),
            ("detail.findings[].ProductName", Chosen),
            ("detail.findings[].Severity.Label", Plain),
            ("detail.findings[].Resources[].Id", Plain),
            ("detail.findings[].Compliance.Status", Plain),
            ("detail.findings[].Workflow.Status", Plain),
            ("detail.findings[].RecordState", Plain),
        ],
    ),
    (
        Some("aws.access-analyzer"),
        "Access Analyzer Finding",
        &[
            ("detail.id", Plain),
            ("detail.resource", Plain),
            ("detail.resourceType", Plain),
            ("detail.status", Plain),
            ("detail.isPublic", Boolean),
            ("detail.isDeleted", Boolean),
            ("detail.error", Free),
        ],
    ),
    (Some("aws.health"), "AWS Health Event", HEALTH),
    (Some("aws.health"), "AWS Health Abuse Event", HEALTH),
    (
        Some("aws.trustedadvisor"),
        "Trusted Advisor Check Item Refresh Notification",
        &[
            ("detail.check-name", Plain),
            ("detail.status", Plain),
            ("detail.resource_id", Plain),
            ("detail.check-item-detail", Alphabet::Structure { free: true }),
        ],
    ),
    (
        Some("aws.inspector2"),
        "Inspector2 Finding",
        &[
            ("detail.findingArn", Plain),
            ("detail.severity", Plain),
            ("detail.status", Plain),
            ("detail.type", Plain),
            ("detail.title", Free),
            ("detail.description", Free),
            ("detail.resources[].id", Plain),
        ],
    ),
    (
        Some("aws.macie"),
        "Macie Finding",
        &[
            ("detail.id", Plain),
            ("detail.type", Plain),
            ("detail.title", Free),
            ("detail.description", Free),
            ("detail.severity.description", Plain),
            ("detail.severity.score", Number),
            ("detail.count", Number),
            ("detail.resourcesAffected.s3Bucket.name", Plain),
        ],
    ),
    (
        Some("aws.backup"),
        "Backup Job State Change",
        &[
            ("detail.backupJobId", Plain),
            ("detail.state", Plain),
            ("detail.resourceArn", Plain),
            ("detail.resourceType", Plain),
            ("detail.statusMessage", Free),
        ],
    ),
    (
        Some("aws.cloudwatch"),
        "CloudWatch Alarm State Change",
        &[
            ("detail.alarmName", Free),
            ("detail.state.value", Plain),
            ("detail.state.timestamp", Plain),
            ("detail.state.reason", Free),
            ("detail.previousState.value", Plain),
            ("detail.configuration.description", Free),
        ],
    ),
    (Some("aws.signin"), "AWS Console Sign In via CloudTrail", CLOUDTRAIL),
    (None, "AWS API Call via CloudTrail", CLOUDTRAIL),
];

const HEALTH: &[(&str, Alphabet)] = &[
    ("detail.eventArn", Plain),
    ("detail.service", Plain),
    ("detail.eventTypeCode", Plain),
    ("detail.eventTypeCategory", Plain),
    ("detail.eventRegion", Plain),
    ("detail.eventDescription[].language", Plain),
    ("detail.eventDescription[].latestDescription", Free),
    ("detail.startTime", Plain),
    ("detail.endTime", Plain),
    ("detail.affectedAccount", Account),
    ("detail.statusCode", Plain),
    ("detail.page", Number),
    ("detail.totalPages", Number),
    ("detail.backupEvent", Boolean),
];

const CLOUDTRAIL: &[(&str, Alphabet)] = &[
    ("detail.eventID", Plain),
    ("detail.eventName", Plain),
    ("detail.eventSource", Plain),
    ("detail.eventTime", Plain),
    ("detail.eventType", Plain),
    ("detail.awsRegion", Plain),
    ("detail.recipientAccountId", Account),
    ("detail.sourceIPAddress", Plain),
    ("detail.userAgent", Free),
    ("detail.errorCode", Plain),
    ("detail.errorMessage", Free),
    ("detail.userIdentity.type", Plain),
    ("detail.userIdentity.arn", Plain),
    ("detail.userIdentity.accountId", Account),
    ("detail.userIdentity.principalId", Plain),
    ("detail.userIdentity.userName", Plain),
    ("detail.responseElements.ConsoleLogin", Plain),
    ("detail.additionalEventData.MFAUsed", Plain),
];

#[cfg(test)]
mod tests {
    use super::super::path::check_path;
    use super::*;

    #[test]
    fn the_tables_hold_paths_that_eventbridge_takes() {
        for (_, _, fields) in EVENTS {
            for (at, (field, _)) in fields.iter().enumerate() {
                assert_eq!(check_path(&format!("$.{}", field.replace("[]", "[0]"))), Ok(()));
                assert!(fields.iter().skip(at + 1).all(|(other, _)| other != field), "{field}");
            }
        }
    }
}
