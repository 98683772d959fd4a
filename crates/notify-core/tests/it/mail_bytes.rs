//! Mails as bytes, read back by a parser that is not ours.

use mail_parser::{Message, MessageParser, MimeHeaders};
use notify_core::mail::{Mail, Mailbox};
use proptest::prelude::*;

fn mail() -> Mail {
    Mail {
        from: Mailbox {
            name: "AWS Notifications".to_owned(),
            address: "no-reply@sns.amazonaws.com".to_owned(),
        },
        to: "ops@example.com".to_owned(),
        subject: "AWS Notification Message".to_owned(),
        date: "2026-09-04T01:02:03.5Z".parse().expect("a time"),
        message_id: "1@notify.local".to_owned(),
        body: "text\n".to_owned(),
    }
}

/// What must hold whatever a mail holds: the same headers, once each; lines that end in `\r\n` and
/// have at most 998 bytes; no NUL.
#[track_caller]
fn is_sound(bytes: &[u8]) {
    assert!(!bytes.contains(&0), "NUL");
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' => assert_eq!(bytes.get(at + 1), Some(&b'\n'), "a lone \\r at {at}"),
            b'\n' => assert_eq!(bytes[..at].last(), Some(&b'\r'), "a lone \\n at {at}"),
            _ => {}
        }
    }
    for line in bytes.split(|byte| *byte == b'\n') {
        assert!(line.len() <= 999, "{} bytes in {:?}", line.len(), String::from_utf8_lossy(line));
    }
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let (headers, _) = text.split_once("\r\n\r\n").expect("headers and a body");
    let unfolded = headers.replace("\r\n ", " ").replace("\r\n\t", "\t");
    let names: Vec<&str> =
        unfolded.lines().map(|line| line.split(':').next().unwrap_or_default()).collect();
    assert_eq!(
        names,
        [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ]
    );
}

#[track_caller]
fn parsed(bytes: &[u8]) -> Message<'_> {
    is_sound(bytes);
    let message = MessageParser::default().parse(bytes).expect("a message");
    assert_eq!(message.parts.len(), 1);
    let from = message.from().and_then(|from| from.as_list()).expect("a list");
    assert_eq!(from.len(), 1, "{from:?}");
    message
}

fn sender(message: &Message<'_>) -> (String, String) {
    let from = message.from().and_then(|from| from.first()).expect("a sender");
    (from.name().unwrap_or_default().to_owned(), from.address().unwrap_or_default().to_owned())
}

fn reader(message: &Message<'_>) -> String {
    let to = message.to().and_then(|to| to.as_list()).expect("a list");
    assert_eq!(to.len(), 1, "{to:?}");
    to[0].address().unwrap_or_default().to_owned()
}

fn body(message: &Message<'_>) -> String {
    message.body_text(0).expect("a body").replace("\r\n", "\n")
}

#[test]
fn a_plain_mail_is_readable_as_it_is() {
    let expected = "From: \"AWS Notifications\" <no-reply@sns.amazonaws.com>\r\n\
                    To: <ops@example.com>\r\n\
                    Subject: AWS Notification Message\r\n\
                    Date: Fri, 4 Sep 2026 01:02:03 +0000\r\n\
                    Message-ID: <1@notify.local>\r\n\
                    MIME-Version: 1.0\r\n\
                    Content-Type: text/plain; charset=\"utf-8\"\r\n\
                    Content-Transfer-Encoding: 7bit\r\n\
                    \r\n\
                    text\r\n";
    let bytes = mail().to_rfc5322();
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
    let message = parsed(&bytes);
    assert_eq!(message.message_id(), Some("1@notify.local"));
    assert_eq!(message.date().unwrap().to_timestamp(), mail().date.as_second());
}

#[test]
fn japanese_survives_everywhere() {
    let japanese = Mail {
        from: Mailbox { name: "セキュリティ監視, \"本番\"".to_owned(), ..mail().from },
        subject: "ルール名 : restricted-ssh が非準拠のリソースを検出しました。".repeat(3),
        body: "発生時刻 : 2026\n\n非準拠のリソースが存在します。\n".repeat(40)
            + &"遮断".repeat(2000),
        ..mail()
    };
    let bytes = japanese.to_rfc5322();
    let message = parsed(&bytes);
    assert_eq!(sender(&message), (japanese.from.name, japanese.from.address));
    assert_eq!(message.subject(), Some(japanese.subject.as_str()));
    assert_eq!(body(&message), japanese.body);
    assert!(bytes.is_ascii());
    let content = message.content_type().unwrap();
    assert_eq!((content.ctype(), content.subtype()), ("text", Some("plain")));
    assert_eq!(content.attribute("charset"), Some("utf-8"));
}

#[test]
fn no_field_adds_a_header_or_a_reader() {
    let evil = "x\r\nBcc: evil@example.com\r\n\r\nbody";
    for name in
        ["a, b <evil@example.com>", "a\"b", "a\\", "\"", "=?utf-8?q?x?=", "(a)", "x: y;", evil]
    {
        let bytes =
            Mail { from: Mailbox { name: name.to_owned(), ..mail().from }, ..mail() }.to_rfc5322();
        let message = parsed(&bytes);
        assert_eq!(sender(&message).1, mail().from.address, "{name}");
        assert_eq!(reader(&message), mail().to, "{name}");
    }
    for (to, expected) in [
        ("a@example.com\r\nBcc: evil@example.com", "a@example.comBcc:evil@example.com"),
        ("a@example.com>, <evil@example.com", "a@example.comevil@example.com"),
        ("a@example.com,b@example.com", "a@example.comb@example.com"),
        ("\"a b\"@example.com", "ab@example.com"),
        ("a+b_c.d=e'f@sub.example.com", "a+b_c.d=e'f@sub.example.com"),
    ] {
        let bytes = Mail { to: to.to_owned(), ..mail() }.to_rfc5322();
        assert_eq!(reader(&parsed(&bytes)), expected);
    }
    for (id, expected) in [("a>\r\nBcc: b", "aBcc:b"), ("", ""), ("a b", "ab")] {
        let bytes = Mail { message_id: id.to_owned(), ..mail() }.to_rfc5322();
        let message = parsed(&bytes);
        assert_eq!(message.message_id().unwrap_or_default(), expected);
    }
    for (subject, expected) in [
        (evil, "x  Bcc: evil@example.com    body"),
        ("a\nb\rc\u{0}d\u{85}e", "a b c d e"),
        (" a ", "a"),
        ("\r\n\t", ""),
        ("", ""),
    ] {
        let bytes = Mail { subject: subject.to_owned(), ..mail() }.to_rfc5322();
        assert_eq!(parsed(&bytes).subject().unwrap_or_default(), expected);
    }
}

#[test]
fn line_breaks_of_every_kind_and_nul() {
    for (text, expected) in [
        ("a\r\nb\n", "a\nb\n"),
        ("a\rb\r\rc", "a\nb\n\nc"),
        ("a\n\rb", "a\n\nb"),
        ("a\0b", "a\u{fffd}b"),
        ("\r", "\n"),
        ("", ""),
        (".\n..\n", ".\n..\n"),
        ("trailing \nblanks\t\n", "trailing \nblanks\t\n"),
        ("From here\n", "From here\n"),
        ("\u{1b}[31m\u{7f}", "\u{1b}[31m\u{7f}"),
    ] {
        for more in ["", "遮断"] {
            let bytes = Mail { body: format!("{text}{more}"), ..mail() }.to_rfc5322();
            assert_eq!(body(&parsed(&bytes)), format!("{expected}{more}"), "{text:?}");
        }
    }
}

#[test]
fn words_have_an_end() {
    for length in [319, 320, 321, 5000] {
        let to = "a".repeat(length);
        let bytes = Mail { to: to.clone(), message_id: to, ..mail() }.to_rfc5322();
        let message = parsed(&bytes);
        assert_eq!(reader(&message).len(), length.min(320));
        assert_eq!(message.message_id().unwrap().len(), length.min(320));
    }
    let long = "遮".repeat(200);
    let bytes = Mail { to: long, ..mail() }.to_rfc5322();
    is_sound(&bytes);
    assert!(String::from_utf8(bytes).unwrap().contains(&format!("<{}>", "遮".repeat(106))));
}

proptest! {
    #[test]
    fn any_mail_is_sound(
        name in any::<String>(), address in any::<String>(), to in any::<String>(),
        subject in any::<String>(), body in any::<String>(), message_id in any::<String>(),
        seconds in -377_705_023_201_i64..253_402_207_200,
    ) {
        let mail = Mail {
            from: Mailbox { name, address },
            to, subject, body, message_id,
            date: jiff::Timestamp::from_second(seconds).unwrap(),
        };
        let bytes = mail.to_rfc5322();
        is_sound(&bytes);
        prop_assert_eq!(&bytes, &mail.to_rfc5322());
    }

    #[test]
    fn headers_and_text_come_back(
        name in "[ -~あ-ん遮断🚨]{1,300}", subject in "[ -~あ-ん遮断🚨]{0,400}",
        text in "([ -~あ-ん遮断🚨]{0,200}\n){0,6}", to in "[a-z.+]{1,40}@[a-z.]{1,40}",
    ) {
        let mail = Mail {
            from: Mailbox { name, ..mail().from }, to, subject, body: text, ..mail()
        };
        let bytes = mail.to_rfc5322();
        let message = parsed(&bytes);
        let (name, address) = sender(&message);
        prop_assert_eq!(name.trim(), mail.from.name.trim());
        prop_assert_eq!(address, mail.from.address);
        prop_assert_eq!(message.subject().unwrap_or_default(), mail.subject.trim());
        prop_assert_eq!(reader(&message), mail.to);
        prop_assert_eq!(body(&message), mail.body);
    }
}
