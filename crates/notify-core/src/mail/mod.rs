//! Temporary.
#![allow(missing_docs, dead_code, clippy::all, clippy::pedantic)]
use crate::alarm::MetricAlarm;
use crate::aws::{AlarmState, Arn, Protocol, Region};
use jiff::Timestamp;
pub const MOST_MESSAGE_BYTES: usize = 262_144;
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    pub subject: Option<String>,
    pub default: String,
    pub email: Option<String>,
    pub sms: Option<String>,
}
#[derive(Debug, Clone, PartialEq)]
pub struct StateChange {
    pub from: AlarmState,
    pub to: AlarmState,
    pub reason: String,
    pub at: Timestamp,
}
#[derive(Debug, Clone, Copy, Default)]
pub enum ThresholdLine {
    #[default]
    Newer,
    Older,
}
impl Notification {
    pub fn of_event(text: String) -> Self {
        Self { subject: None, default: text, email: None, sms: None }
    }
    pub fn of_alarm(a: &MetricAlarm, c: &StateChange, _t: ThresholdLine) -> Self {
        Self {
            subject: Some(format!("{}: {}", c.to.as_str(), a.name)),
            default: c.reason.clone(),
            email: Some(c.reason.clone()),
            sms: None,
        }
    }
    pub fn text(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.default)
    }
    pub fn mail_subject(&self) -> &str {
        self.subject.as_deref().unwrap_or("AWS Notification Message")
    }
    pub fn is_too_large(&self) -> bool {
        self.default.len() > MOST_MESSAGE_BYTES
    }
}
#[derive(Debug, Clone)]
pub struct Envelope<'a> {
    pub topic: &'a Arn,
    pub display_name: &'a str,
    pub subscription: Option<&'a str>,
    pub address: &'a str,
    pub protocol: Protocol,
    pub region: &'a Region,
    pub at: Timestamp,
    pub message_id: String,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    pub to: String,
    pub body: String,
    pub message_id: String,
}
impl Mail {
    pub fn new(n: &Notification, e: &Envelope<'_>) -> Self {
        Self { to: e.address.into(), body: n.text().into(), message_id: e.message_id.clone() }
    }
    pub fn confirmation(e: &Envelope<'_>) -> Self {
        Self { to: e.address.into(), body: e.topic.to_string(), message_id: e.message_id.clone() }
    }
    pub fn to_rfc5322(&self) -> Vec<u8> {
        self.body.clone().into_bytes()
    }
}
pub fn from(display_name: &str) -> String {
    format!("{display_name} <no-reply@sns.amazonaws.com>")
}
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct ConfigError;
pub fn config_raw(_e: &str) -> Result<(String, String), ConfigError> {
    Err(ConfigError)
}
