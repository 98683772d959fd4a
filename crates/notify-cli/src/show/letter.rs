//! Mails of our own: before they are sent, afterwards, and in JSON documents.

use super::plan::WIDTH;
use super::table::{marked, wrap};
use crate::print::{self, BAD, BOLD, DIM, paint};
use notify_core::mail::{MAX_BYTES, Notification};
use notify_core::provider::{ProviderError, Readers};
use notify_core::state::ResourceKey;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A mail of our own on its way through a topic.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) topic: ResourceKey,
    pub(crate) readers: Readers,
    pub(crate) notification: Notification,
    /// The message's id, once it was sent, or why it was not.
    pub(crate) sent: Option<Result<String, ProviderError>>,
}

/// A mail before it is sent.
pub(crate) fn human(letter: &Letter) -> String {
    let Letter { topic, readers, notification, sent: _ } = letter;
    let title = format!("{} in {}", topic.name, topic.place);
    let mut out = format!("{}\n", paint(BOLD, &print::line(&title)));
    let subject = notification.subject.as_deref().unwrap_or_default();
    for (label, text) in [("To", readers_of(*readers).as_str()), ("Subject", subject)] {
        let _ = writeln!(out, "  {label:<8} {}", print::line(text));
    }
    out.push('\n');
    for line in notification.text().lines() {
        let _ = writeln!(out, "  {} {}", paint(DIM, "│"), print::line(line));
    }
    let bytes = notification.bytes();
    let _ = write!(
        out,
        "\n  {bytes} bytes of {MAX_BYTES}; SNS adds its footer with the unsubscribe link"
    );
    out
}

/// Why a mail was not sent, and what to do.
pub(crate) fn unsent(place: &str, error: &ProviderError) -> String {
    let mut out = marked(BAD, "✗", &format!("{place}: not sent: {error}"));
    if let Some(hint) = error.hint() {
        let _ = write!(out, "\n{}", wrap(&print::line(&hint), 6, WIDTH));
    }
    out
}

/// How many a message reaches.
pub(crate) fn readers_of(readers: Readers) -> String {
    let Readers { confirmed, pending } = readers;
    let noun = if confirmed == 1 { "subscription" } else { "subscriptions" };
    let reached = match confirmed {
        0 => "nobody: the topic has no confirmed subscription".to_owned(),
        _ => format!("{confirmed} confirmed {noun}"),
    };
    match pending {
        0 => reached,
        _ => format!("{reached}; {pending} not confirmed yet"),
    }
}

/// A mail in the document of a command.
pub(crate) fn document(letter: &Letter) -> Value {
    let Letter { topic, readers, notification, sent } = letter;
    let (id, error) = match sent {
        None => (None, None),
        Some(Ok(id)) => (Some(id), None),
        Some(Err(error)) => (None, Some(error)),
    };
    json!({
        "topic": topic.name,
        "subject": notification.subject,
        "body": notification.text(),
        "confirmed": readers.confirmed,
        "pending": readers.pending,
        "message_id": id,
        "error": error.map(ToString::to_string),
        "class": error.map(|error| error.class.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify_core::provider::ErrorClass;

    #[test]
    fn what_was_not_sent_says_what_to_do() {
        let error = |class| ProviderError::new(class, "sns:Publish", "topic/t", "no");
        let shown = |class| anstream::adapter::strip_str(&unsent("t", &error(class))).to_string();
        assert_eq!(
            shown(ErrorClass::AccessDenied),
            "  ✗ t: not sent: sns:Publish topic/t: access denied: no\n      \
             allow `sns:Publish`; `notify-cli policy` prints a policy with all that is\n      \
             needed"
        );
        assert_eq!(shown(ErrorClass::Other).lines().count(), 1);
    }
}
