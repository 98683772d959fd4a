//! Mails as bytes.

use super::delivery::Mail;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::mime::MimePart;
use std::borrow::Cow;

/// The longest address, and the longest id, that is written: no real one is as long
/// ([RFC 5321](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1)).
const LONGEST_WORD: usize = 320;

impl Mail {
    /// The mail as a message of `text/plain` in UTF-8
    /// ([RFC 5322](https://www.rfc-editor.org/rfc/rfc5322)).
    ///
    /// The same mail gives the same bytes. Whatever its fields hold, no header is added and no line
    /// is longer than 998 bytes: control characters in a header become blanks, and an address or an
    /// id loses what such a word cannot have.
    ///
    /// ```
    /// # use notify_core::mail::{Mail, Mailbox};
    /// let mail = Mail {
    ///     from: Mailbox { name: "監視".to_owned(), address: "no-reply@sns.amazonaws.com".to_owned() },
    ///     to: "ops@example.com".to_owned(),
    ///     subject: "hello\r\nBcc: somebody@example.com".to_owned(),
    ///     date: "2026-09-14T11:18:44Z".parse()?,
    ///     message_id: "1@notify.local".to_owned(),
    ///     body: "line\n".to_owned(),
    /// };
    /// let bytes = String::from_utf8(mail.to_rfc5322())?;
    /// assert!(bytes.contains("Subject: hello  Bcc: somebody@example.com\r\n"));
    /// assert!(bytes.contains("Date: Mon, 14 Sep 2026 11:18:44 +0000\r\n"));
    /// assert!(bytes.ends_with("\r\n\r\nline\r\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_rfc5322(&self) -> Vec<u8> {
        let Self { from, to, subject, date, message_id, body } = self;
        let message = MessageBuilder::new()
            .from(Address::new_address(Some(words(&from.name)), word(&from.address)))
            .to(Address::new_address(None::<&str>, word(to)))
            .subject(words(subject))
            .date(date.as_second())
            .message_id(word(message_id))
            .body(MimePart::new("text/plain", text(body)));
        let mut bytes = Vec::new();
        message.serialize(&mut bytes);
        bytes
    }
}

/// A header's text: a line of its own, whatever it holds.
fn words(text: &str) -> Cow<'_, str> {
    let text = text.trim_matches(is_blank);
    if !text.contains(char::is_control) {
        return text.into();
    }
    text.replace(char::is_control, " ").into()
}

fn is_blank(c: char) -> bool {
    c.is_control() || c == ' '
}

/// An address or an id: one word that cannot end before its end.
fn word(text: &str) -> String {
    let harmless = |c: &char| {
        !c.is_control()
            && !c.is_whitespace()
            && !matches!(c, '<' | '>' | ',' | ';' | '(' | ')' | '"' | '\\')
    };
    let mut word = String::new();
    for c in text.chars().filter(harmless) {
        if word.len() + c.len_utf8() > LONGEST_WORD {
            break;
        }
        word.push(c);
    }
    word
}

/// The body with `\r\n` at the end of its lines, which a lone `\r` or `\n` ends as well. NUL, which
/// no text may have, is shown as the character that stands for what cannot be shown.
fn text(body: &str) -> String {
    let mut text = String::with_capacity(body.len() + body.len() / 32);
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                text.push_str("\r\n");
            }
            '\n' => text.push_str("\r\n"),
            '\0' => text.push(char::REPLACEMENT_CHARACTER),
            c => text.push(c),
        }
    }
    text
}
