//! Rule sets of two sorts: one pattern made narrower in many ways, and patterns of all operators.

use crate::random::Random;
use crate::words;
use serde_json::{Value, json};
use std::fmt;

/// How many rules a set has.
pub(crate) const SIZES: [usize; 4] = [5, 50, 500, 5000];

/// From here on a rule of a set names an account.
const BY_ACCOUNT: usize = 50;

/// What a rule set is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// The pattern for rules of AWS Config that turned non-compliant, by rule name, account,
    /// region and resource type.
    Exact,
    /// Prefix, suffix, wildcard, ignored case, anything-but, numbers, CIDR, presence, on events
    /// of all kinds; a tenth is exact.
    Mixed,
}

impl Sort {
    pub(crate) const ALL: [Self; 2] = [Self::Exact, Self::Mixed];
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Mixed => "mixed",
        })
    }
}

/// Writes a rule set, one pattern a line.
pub(crate) fn generate(sort: Sort, size: usize) -> String {
    let mut random = Random::new(0x5e7 + size as u64);
    let lists = Lists {
        accounts: words::accounts(),
        regions: words::regions(),
        config_rules: words::config_rules(),
        resource_types: words::resource_types(),
    };
    let mut text = String::new();
    for at in 0..size {
        let mut rule = match sort {
            Sort::Exact => exact(at, &lists, &mut random),
            Sort::Mixed => mixed(at, &lists, &mut random),
        };
        if at >= BY_ACCOUNT {
            rule["account"] = json!([random.pick(&lists.accounts)]);
        }
        text.push_str(&rule.to_string());
        text.push('\n');
    }
    text
}

#[derive(Debug)]
struct Lists {
    accounts: Vec<String>,
    regions: Vec<String>,
    config_rules: Vec<String>,
    resource_types: Vec<String>,
}

fn exact(at: usize, lists: &Lists, random: &mut Random) -> Value {
    let mut rule = json!({
        "source": ["aws.config"],
        "detail-type": ["Config Rules Compliance Change"],
        "detail": {
            "messageType": ["ComplianceChangeNotification"],
            "newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]},
        },
    });
    if at == 0 {
        return rule; // all rules, all accounts
    }
    // Every fourth names three rules.
    let names = if at.is_multiple_of(4) { 3 } else { 1 };
    let names: Vec<&String> = (0..names).map(|_| random.pick(&lists.config_rules)).collect();
    rule["detail"]["configRuleName"] = json!(names);
    if at.is_multiple_of(7) {
        rule["region"] = json!([random.pick(&lists.regions)]);
    }
    if at.is_multiple_of(11) {
        rule["detail"]["resourceType"] = json!([random.pick(&lists.resource_types)]);
    }
    rule
}

fn mixed(at: usize, lists: &Lists, random: &mut Random) -> Value {
    match at % 10 {
        0 => exact(at, lists, random),
        1 => json!({
            "source": ["aws.config"],
            "detail-type": ["Config Rules Compliance Change"],
            "detail": {
                "messageType": ["ComplianceChangeNotification"],
                "configRuleName": [{"prefix": random.pick(&words::NAMED_RULES)}],
                "newEvaluationResult": {
                    "complianceType": [{"anything-but": ["COMPLIANT", "NOT_APPLICABLE"]}],
                },
            },
        }),
        2 => json!({
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventName": [{"prefix": random.pick(&["Create", "Delete", "Put", "Stop"])}],
                "userIdentity": {"type": [random.pick(&["AssumedRole", "IAMUser", "Root"])]},
            },
        }),
        3 => {
            let finding = random.pick(&words::FINDINGS);
            let purpose = finding.split(':').next().unwrap_or_default();
            json!({
                "source": ["aws.guardduty"],
                "detail": {
                    "severity": [{"numeric": [">=", random.pick(&[4.0, 5.0, 7.0, 7.5])]}],
                    "type": [{"prefix": purpose}],
                },
            })
        }
        4 => {
            let network = random.pick(&words::NETWORKS);
            json!({
                "detail-type": ["AWS API Call via CloudTrail"],
                "detail": {
                    "sourceIPAddress": [
                        {"cidr": format!("{network}.{}.0.0/16", random.below(256))},
                    ],
                },
            })
        }
        5 => {
            let service = random.pick(&["ec2", "iam", "kms", "s3"]);
            json!({
                "detail-type": ["AWS API Call via CloudTrail"],
                "detail": {
                    "errorCode": [{"exists": true}],
                    "eventSource": [{"suffix": format!("{service}.amazonaws.com")}],
                },
            })
        }
        6 => json!({
            "source": ["aws.ec2"],
            "detail": {
                "state": [
                    {"equals-ignore-case": random.pick(&["Stopped", "TERMINATED", "running"])},
                ],
                "tags": {
                    "env": [random.pick(&["prod", "staging"])],
                    "team": [{"anything-but": [random.pick(&words::TEAMS)]}],
                },
            },
        }),
        7 => json!({
            "source": ["aws.health"],
            "detail": {
                "eventTypeCategory": ["issue"],
                "service": [random.pick(&words::HEALTH_SERVICES)],
                "statusCode": [{"anything-but": ["closed"]}],
            },
        }),
        8 => {
            let role = random.pick(&words::ROLES);
            let user = random.pick(&["*", "aiko", "bela", "emergency", "pipeline"]);
            json!({
                "detail": {
                    "userIdentity": {
                        "arn": [{"wildcard": format!("arn:aws:sts::*:assumed-role/{role}/{user}")}],
                    },
                    "readOnly": [false],
                },
            })
        }
        _ => json!({
            "source": ["aws.guardduty"],
            "detail": {
                "resource": {"instanceDetails": {"tags": {"key": ["env"], "value": ["prod"]}}},
                "service": {
                    "count": [{"numeric": [">", 1 + random.below(20), "<=", 40]}],
                    "archived": [false],
                },
            },
        }),
    }
}
