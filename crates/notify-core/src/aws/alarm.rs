//! CloudWatch's words about alarms.

use serde::{Deserialize, Serialize};

/// How a statistic compares with the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// `>=`
    GreaterThanOrEqualToThreshold,
    /// `>`
    GreaterThanThreshold,
    /// `<`
    LessThanThreshold,
    /// `<=`
    LessThanOrEqualToThreshold,
    /// An anomaly band's, seen on alarms made by hand.
    Band,
}

impl Comparison {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GreaterThanOrEqualToThreshold => "GreaterThanOrEqualToThreshold",
            Self::GreaterThanThreshold => "GreaterThanThreshold",
            Self::LessThanThreshold => "LessThanThreshold",
            Self::LessThanOrEqualToThreshold => "LessThanOrEqualToThreshold",
            Self::Band => "anomaly band",
        }
    }

    /// The comparison of a sign such as `>=` or of AWS's word.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            ">=" | "GreaterThanOrEqualToThreshold" => Self::GreaterThanOrEqualToThreshold,
            ">" | "GreaterThanThreshold" => Self::GreaterThanThreshold,
            "<" | "LessThanThreshold" => Self::LessThanThreshold,
            "<=" | "LessThanOrEqualToThreshold" => Self::LessThanOrEqualToThreshold,
            _ => return None,
        })
    }
}

/// What missing data points mean for an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TreatMissingData {
    /// They speak for ALARM.
    Breaching,
    /// They speak for OK.
    NotBreaching,
    /// The state stays.
    Ignore,
    /// `INSUFFICIENT_DATA`; AWS's default.
    Missing,
}

impl TreatMissingData {
    /// All treatments.
    pub const ALL: [Self; 4] = [Self::Breaching, Self::NotBreaching, Self::Ignore, Self::Missing];

    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breaching => "breaching",
            Self::NotBreaching => "notBreaching",
            Self::Ignore => "ignore",
            Self::Missing => "missing",
        }
    }

    /// The treatment of AWS's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|treatment| treatment.as_str() == text)
    }
}

/// An alarm's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// All is well.
    Ok,
    /// Something is not.
    Alarm,
    /// Nobody can tell yet.
    InsufficientData,
}

impl AlarmState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Alarm, Self::InsufficientData];

    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// The state of AWS's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}
