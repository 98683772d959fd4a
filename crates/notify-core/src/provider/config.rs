//! What AWS Config has judged: its rules, its recorder, and what does not comply.

use super::ProviderError;
use crate::aws::Region;
use jiff::Timestamp;
use std::fmt;
use std::future::Future;

/// The count at which AWS Config stops counting the resources of a rule
/// ([`ComplianceContributorCount`](https://docs.aws.amazon.com/config/latest/APIReference/API_ComplianceContributorCount.html)).
pub const MOST_COUNTED: usize = 25;

/// How many rules one question for their counts names
/// ([`DescribeComplianceByConfigRule`](https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeComplianceByConfigRule.html)).
pub const RULES_A_COUNT: usize = 25;

/// How many results of a rule a page holds
/// ([`GetComplianceDetailsByConfigRule`](https://docs.aws.amazon.com/config/latest/APIReference/API_GetComplianceDetailsByConfigRule.html)).
pub const RESULTS_A_PAGE: usize = 100;

/// An account whose AWS Config can be asked. Nothing is ever changed in it.
///
/// [`super::ErrorClass::NotFound`] of the local account says that it knows nothing, and which file to save.
pub trait ConfigReader: Sync {
    /// All rules of a region, in the order of their names.
    fn config_rules(
        &self,
        region: &Region,
    ) -> impl Future<Output = Result<Vec<ConfigRule>, ProviderError>> + Send;

    /// The recorder of a region; `None` where there is none, and so nothing is ever judged anew.
    fn recorder(
        &self,
        region: &Region,
    ) -> impl Future<Output = Result<Option<Recorder>, ProviderError>> + Send;

    /// How many resources do not comply with each of these rules: few calls, but AWS counts no
    /// further than [`MOST_COUNTED`]. A rule that all resources comply with, or that has not judged
    /// any yet, is left out of the answer.
    fn non_compliant_counts(
        &self,
        region: &Region,
        rules: &[&str],
    ) -> impl Future<Output = Result<Vec<RuleCount>, ProviderError>> + Send;

    /// The resources that do not comply with a rule: a call for each [`RESULTS_A_PAGE`].
    ///
    /// [`super::ErrorClass::NotFound`] says that there is no such rule.
    fn non_compliant(
        &self,
        region: &Region,
        rule: &str,
    ) -> impl Future<Output = Result<Vec<NonCompliant>, ProviderError>> + Send;
}

/// A rule of AWS Config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigRule {
    /// Its name, with the suffix that AWS makes up for rules of organizations, conformance packs
    /// and Security Hub.
    pub name: String,
    /// Its ARN, which ends in an id of its own.
    pub arn: Option<String>,
    /// Whether it works.
    pub state: ConfigRuleState,
    /// The service that made it, such as `securityhub.amazonaws.com`; nobody where a person did.
    pub created_by: Option<String>,
}

/// The state of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigRuleState {
    /// It works.
    Active,
    /// It works, and is judging just now.
    Evaluating,
    /// It works, and its results are being deleted.
    DeletingResults,
    /// It is being deleted, and judges nothing any more.
    Deleting,
    /// A state that AWS has added since.
    Other(String),
}

impl ConfigRuleState {
    /// The state that AWS calls so.
    pub fn from_aws(text: &str) -> Self {
        match text {
            "ACTIVE" => Self::Active,
            "EVALUATING" => Self::Evaluating,
            "DELETING_RESULTS" => Self::DeletingResults,
            "DELETING" => Self::Deleting,
            other => Self::Other(other.to_owned()),
        }
    }

    /// AWS's name for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "ACTIVE",
            Self::Evaluating => "EVALUATING",
            Self::DeletingResults => "DELETING_RESULTS",
            Self::Deleting => "DELETING",
            Self::Other(text) => text,
        }
    }

    /// Whether a rule in this state judges resources; of a state that is not known, no.
    pub fn works(&self) -> bool {
        match self {
            Self::Active | Self::Evaluating | Self::DeletingResults => true,
            Self::Deleting | Self::Other(_) => false,
        }
    }
}

impl fmt::Display for ConfigRuleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The recorder that tells AWS Config of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorder {
    /// Its name.
    pub name: String,
    /// Whether it is on.
    pub recording: bool,
    /// How its last delivery ended: `SUCCESS`, `FAILURE`, `PENDING` or `NOT_APPLICABLE`, in
    /// capitals whatever AWS writes; nothing before the first.
    pub last_status: Option<String>,
    /// What AWS said of a failure: its code and its text.
    pub last_error: Option<String>,
}

impl Recorder {
    /// Whether it is on and its last delivery did not fail.
    pub fn works(&self) -> bool {
        self.recording && self.last_status.as_deref() != Some("FAILURE")
    }
}

/// How many resources do not comply with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule's name.
    pub rule: String,
    /// How many, up to [`MOST_COUNTED`].
    pub resources: usize,
    /// Whether there are more than that. In a local account none and more says that nobody knows.
    pub more: bool,
}

/// A resource that does not comply with a rule.
///
/// Texts are as AWS has them: whoever shows them cleans them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NonCompliant {
    /// Its type, such as `AWS::EC2::SecurityGroup`.
    pub resource_type: String,
    /// Its id, as the event about it has it.
    pub resource_id: String,
    /// What the rule says of it: free text of up to 256 characters.
    pub annotation: Option<String>,
    /// When the verdict was recorded.
    pub recorded: Option<Timestamp>,
    /// When the rule was invoked for it.
    pub invoked: Option<Timestamp>,
    /// The time that orders verdicts.
    pub ordered: Option<Timestamp>,
    /// `DETECTIVE` or `PROACTIVE`; older results have none.
    pub mode: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_those_of_aws() {
        for (text, works) in [
            ("ACTIVE", true),
            ("EVALUATING", true),
            ("DELETING_RESULTS", true),
            ("DELETING", false),
            ("RESTING", false),
        ] {
            let state = ConfigRuleState::from_aws(text);
            assert_eq!((state.as_str(), state.to_string().as_str()), (text, text));
            assert_eq!(state.works(), works, "{text}");
            assert_eq!(matches!(state, ConfigRuleState::Other(_)), text == "RESTING");
        }
    }

    #[test]
    fn a_recorder_works_when_it_is_on_and_delivers() {
        for (recording, last, works) in [
            (true, None, true),
            (true, Some("SUCCESS"), true),
            (true, Some("PENDING"), true),
            (true, Some("FAILURE"), false),
            (false, Some("SUCCESS"), false),
        ] {
            let last_status = last.map(str::to_owned);
            let name = "default".to_owned();
            let recorder = Recorder { name, recording, last_status, last_error: None };
            assert_eq!(recorder.works(), works, "{recording} {last:?}");
        }
    }
}
