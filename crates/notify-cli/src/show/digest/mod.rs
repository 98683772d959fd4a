//! Digests of WAF: as tables, as mails before they are sent, and as JSON.

mod json;
mod table;

pub(crate) use json::document;

use super::plan::WIDTH;
use super::table::{marked, wrap};
use crate::print::{self, BAD, BOLD, CHANGED, DIM, paint};
use notify_core::aws::waf::WafScope;
use notify_core::digest::Digest;
use notify_core::mail::{MAX_BYTES, Notification};
use notify_core::provider::{ProviderError, Readers};
use notify_core::spec::Language;
use notify_core::state::ResourceKey;
use std::fmt::Write as _;

/// A digest on its way through a topic.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) topic: ResourceKey,
    pub(crate) readers: Readers,
    pub(crate) notification: Notification,
    /// The message's id, once it was sent, or why it was not.
    pub(crate) sent: Option<Result<String, ProviderError>>,
}

/// Tables of all digests, for people.
pub(crate) fn human(digests: &[Digest], account: &str, language: Language) -> String {
    let mut out = String::new();
    if let Some(digest) = digests.first() {
        let text = match language {
            Language::En => format!("WAF, {}, account {account}", digest.days),
            Language::Ja => format!("WAF {} アカウント {account}", digest.days.in_japanese()),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{text}");
    }
    for digest in digests {
        for acl in &digest.web_acls {
            let (region, name) = (&digest.region, &acl.name);
            let at = if acl.scope == WafScope::Cloudfront { " (CloudFront)" } else { "" };
            let title = match language {
                Language::En => format!("{region}, web ACL {name}{at}"),
                Language::Ja => format!("{region} Web ACL: {name}{at}"),
            };
            let _ = writeln!(out, "\n{}", paint(BOLD, &print::line(&title)));
            out.push_str(&table::of_web_acl(acl, digest.days, language));
        }
        for gap in &digest.gaps {
            let text = match language {
                Language::En => format!("Not complete: {gap}"),
                Language::Ja => format!("不完全です: {gap}"),
            };
            let _ = writeln!(out, "\n{}", marked(CHANGED, "!", &text));
        }
    }
    if digests.iter().all(|digest| digest.is_empty() && digest.gaps.is_empty()) {
        let text = match language {
            Language::En => [
                "WAF reported nothing, on the day before either. If that cannot be, see whether",
                "the web ACL sends metrics, under the names that the file has.",
            ],
            Language::Ja => [
                "前日を含め、WAF からの報告はありません。想定外の場合は、Web ACL のメトリクスが",
                "有効か、メトリクス名が設定ファイルと同じかを確認してください。",
            ],
        };
        let _ = writeln!(out, "\n{}", text.join("\n"));
    }
    out.trim_end().to_owned()
}

/// A mail before it is sent.
pub(crate) fn letter(letter: &Letter) -> String {
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
