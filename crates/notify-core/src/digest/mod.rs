//! What each rule of the spec's web ACLs blocked and counted, day by day.
//!
//! The alarms only say that a rule blocked something; a digest says how much. [`watched`] lists
//! the rules, [`Watch::queries`] what to ask of CloudWatch, and [`Digest::new`] makes the digest of
//! the answers. [`take`] does all three against an account. [`mail`] is what its readers get.
//!
//! WAF reports a value a minute, and only where there is something to report
//! ([metrics](https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html)): a day
//! without values is a day on which nothing was blocked or counted.

mod count;
mod days;
mod mail;
mod take;
mod watch;
mod words;

pub use count::{Change, Digest, Row, WebAclDigest, Who};
pub use days::{Days, Since, UtcOffset};
pub use mail::mail;
pub use take::{Request, TakeError, take};
pub use watch::{Watch, WatchedAcl, watched};

/// Why there is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DigestError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What WAF counts of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Requests that it refused.
    Blocked,
    /// Requests that it matched and let go on.
    Counted,
}

impl Measure {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Blocked, Self::Counted];

    /// The metric's name.
    pub fn metric(self) -> &'static str {
        match self {
            Self::Blocked => "BlockedRequests",
            Self::Counted => "CountedRequests",
        }
    }
}
