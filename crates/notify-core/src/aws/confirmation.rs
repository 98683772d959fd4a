//! The link in the mail that asks a reader to confirm.

use super::{Arn, Region, TopicName};
use std::fmt;

/// What a confirmation link says.
///
/// The link itself is never followed: whoever opens it confirms without proving who they are, and
/// the subscription could then be ended with one click. The token goes into a signed call instead.
///
/// ```
/// # use notify_core::aws::ConfirmationLink;
/// let link = ConfirmationLink::find(
///     "https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn=arn:aws:sns:eu-west-1:\
///      123456789012:alerts&Token=2336412f37fb&Endpoint=ops@example.com",
/// )?;
/// assert_eq!(link.topic.as_str(), "alerts");
/// assert_eq!(link.endpoint.as_deref(), Some("ops@example.com"));
/// assert_eq!(format!("{:?}", link.token), "Token(…)");
/// # Ok::<(), notify_core::aws::LinkError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationLink {
    /// The topic's ARN.
    pub arn: Arn,
    /// Its region.
    pub region: Region,
    /// Its name.
    pub topic: TopicName,
    /// The proof that the mail was read.
    pub token: Token,
    /// The address that was invited, where the link says it.
    pub endpoint: Option<String>,
}

/// Confirms a subscription for whoever has it: it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token as SNS writes it: letters, digits, `-` and `_`; 2,048 at most, which none comes near.
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
        let good = !text.is_empty() && text.len() <= 2048 && text.bytes().all(allowed);
        good.then(|| Self(text.to_owned()))
    }

    /// The token, for the one call that takes it.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why a text is no confirmation link. Nothing of the text is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// There is no link of SNS in it.
    #[error("there is no confirmation link in this")]
    None,
    /// It ends the subscription instead.
    #[error("this link ends a subscription; it confirms none")]
    Unsubscribes,
    /// It is a link of SNS to something else.
    #[error("this is a link of SNS, but not one that confirms a subscription")]
    NotAConfirmation,
    /// Something is missing at its end.
    #[error("the link is cut: it has no {0}")]
    Cut(&'static str),
    /// It names no topic that could be one.
    #[error("the link names no topic")]
    NoTopic,
    /// Its host is in another region than its topic.
    #[error("the link's address and its topic are in different regions")]
    OtherRegion,
    /// What it has for a token cannot be one.
    #[error("the link's token has characters that no token has")]
    BadToken,
}

impl LinkError {
    /// What to do.
    pub fn help(self) -> &'static str {
        match self {
            Self::None => {
                "copy the address behind \"Confirm subscription\" in the mail \"AWS Notification - \
                 Subscription Confirmation\"; it begins with https://sns."
            }
            Self::Unsubscribes | Self::NotAConfirmation => {
                "the right one is behind \"Confirm subscription\" in the mail \"AWS Notification - \
                 Subscription Confirmation\""
            }
            Self::Cut(_) => {
                "shells end a word at &: put the link into single quotes, or run `notify-cli \
                 confirm -` and paste it"
            }
            Self::NoTopic | Self::OtherRegion | Self::BadToken => {
                "copy the whole link again, without what stands around it"
            }
        }
    }
}

/// Where the local provider's links point: a name that is never looked up (RFC 2606).
const LOCAL_HOST: &str = ".notify.invalid";
/// Where SNS's links point, in its partitions.
const HOSTS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", LOCAL_HOST];
/// Longer texts are cut: a mail is a few kilobytes.
const MOST_BYTES: usize = 1 << 20;
/// A mail has two links.
const MOST_LINKS: usize = 100;

impl ConfirmationLink {
    /// The link of a topic's invitation in an account in memory: in SNS's form, to nowhere.
    pub(crate) fn local(arn: &Arn, token: &Token, endpoint: &str) -> String {
        let Arn { region, .. } = arn;
        let endpoint = percent_encoded(endpoint);
        let token = token.secret();
        format!(
            "https://sns.{region}{LOCAL_HOST}/confirmation.html?TopicArn={arn}&Token={token}&Endpoint={endpoint}"
        )
    }

    /// Finds the link in a text: the link alone, or the mail that holds it, also as HTML or with
    /// the line breaks and `=3D` of quoted-printable.
    pub fn find(text: &str) -> Result<Self, LinkError> {
        let mut end = text.len().min(MOST_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = plain(text.get(..end).unwrap_or_default());
        let mut first = None;
        for (at, _) in text.match_indices("https://sns.").take(MOST_LINKS) {
            let rest = text.get(at..).unwrap_or_default();
            let url = rest.split(|c: char| c.is_whitespace() || "\"'<>".contains(c)).next();
            match Self::read(url.unwrap_or_default()) {
                Ok(link) => return Ok(link),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or(LinkError::None))
    }

    fn read(url: &str) -> Result<Self, LinkError> {
        let rest = url.strip_prefix("https://sns.").ok_or(LinkError::None)?;
        let (host, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let region = HOSTS.iter().find_map(|tail| host.strip_suffix(tail));
        let region = region.and_then(|region| Region::parse(region).ok()).ok_or(LinkError::None)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let query = query.split('#').next().unwrap_or_default();
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| percent_decoded(value))
        };
        match (path, value("Action").as_deref()) {
            ("confirmation.html", _) | ("", Some("ConfirmSubscription")) => {}
            ("unsubscribe.html", _) | ("", Some("Unsubscribe")) => {
                return Err(LinkError::Unsubscribes);
            }
            _ => return Err(LinkError::NotAConfirmation),
        }
        let arn = value("TopicArn").filter(|arn| !arn.is_empty());
        let arn = arn.ok_or(LinkError::Cut("TopicArn"))?;
        let arn: Arn = arn.parse().map_err(|_| LinkError::NoTopic)?;
        let topic = TopicName::parse(&arn.resource).map_err(|_| LinkError::NoTopic)?;
        if arn.service != "sns" {
            return Err(LinkError::NoTopic);
        }
        if arn.region != region.as_str() {
            return Err(LinkError::OtherRegion);
        }
        let token = value("Token").filter(|token| !token.is_empty());
        let token = token.ok_or(LinkError::Cut("Token"))?;
        let token = Token::parse(&token).ok_or(LinkError::BadToken)?;
        Ok(Self {
            arn,
            region,
            topic,
            token,
            endpoint: value("Endpoint").filter(|e| !e.is_empty()),
        })
    }
}

/// Undoes what mails do to links: soft line breaks, `=3D`, `&amp;`.
fn plain(text: &str) -> String {
    let joined = text.replace("=\r\n", "").replace("=\n", "");
    // `=23` is in many links as it is; only where the signs between names and values are encoded
    // are all of them.
    let quoted = joined.contains("TopicArn=3D") || joined.contains("TopicArn=3d");
    let joined = if quoted { decoded(&joined, b'=') } else { joined };
    joined.replace("&amp;", "&").replace("&#38;", "&")
}

fn percent_decoded(text: &str) -> String {
    decoded(text, b'%')
}

/// Decodes two hexadecimal digits behind a mark; what is no such thing stays.
fn decoded(text: &str, mark: u8) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
        rest = after;
        match after {
            [high, low, after @ ..] if *byte == mark => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high * 16 + low);
                    rest = after;
                }
                _ => out.push(*byte),
            },
            _ => out.push(*byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'@' => {
                out.push(char::from(byte));
            }
            _ => {
                out.push('%');
                for digit in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(u32::from(digit), 16).unwrap_or_default();
                    out.push(digit.to_ascii_uppercase());
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:alerts";
    const TOKEN: &str = "2336412f37fb687f5d51e6e2425dacbbaf";

    fn link() -> String {
        format!(
            "https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn={TOPIC}&Token={TOKEN}&Endpoint=ops@example.com"
        )
    }

    #[test]
    fn a_link_is_found_however_it_was_pasted() {
        let action = format!(
            "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={TOKEN}"
        );
        let quoted = link().replace('=', "=3D");
        let soft = format!("{}=\r\n{}", &quoted[..76], &quoted[76..]);
        let html = link().replace('&', "&amp;");
        for text in [
            link(),
            format!("  {} \n", link()),
            format!("'{}'", link()),
            format!("<{}>", link()),
            format!("<a href=\"{html}\">Confirm subscription</a>"),
            format!("To: ops\n\nConfirm subscription\n{}\n\nPlease", link()),
            format!("Confirm\n{soft}\nPlease"),
            format!("{}=\n{}", &link()[..90], &link()[90..]),
            format!("{}#top", link()),
            link().replace("arn:aws:sns:", "arn%3Aaws%3asns%3A"),
            format!("https://sns.eu-west-1.amazonaws.com/unsubscribe.html?x=1 {}", link()),
            action,
        ] {
            let found = ConfirmationLink::find(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
            assert_eq!(found.arn.to_string(), TOPIC, "{text}");
            assert_eq!(found.token.secret(), TOKEN, "{text}");
            assert_eq!((found.region.as_str(), found.topic.as_str()), ("eu-west-1", "alerts"));
            let endpoint = found.endpoint.as_deref();
            assert_eq!(endpoint, (!text.contains("Action=")).then_some("ops@example.com"));
        }
        let china = link()
            .replace("eu-west-1.amazonaws.com", "cn-north-1.amazonaws.com.cn")
            .replace("arn:aws:sns:eu-west-1", "arn:aws-cn:sns:cn-north-1");
        let found = ConfirmationLink::find(&china).unwrap();
        assert_eq!(found.arn.to_string(), "arn:aws-cn:sns:cn-north-1:123456789012:alerts");
    }

    #[test]
    fn what_is_no_confirmation_is_refused_without_its_token() {
        let (before, _) =
            link().split_once("&Token").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        for (text, error) in [
            (String::new(), LinkError::None),
            ("ops@example.com".to_owned(), LinkError::None),
            (link().replace("https:", "http:"), LinkError::None),
            (link().replace("amazonaws.com", "example.com"), LinkError::None),
            (link().replace("amazonaws.com", "amazonaws.com.example.com"), LinkError::None),
            (link().replace("sns.eu-west-1.", "sns."), LinkError::None),
            (link().replace("confirmation.html", "unsubscribe.html"), LinkError::Unsubscribes),
            (
                "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=x"
                    .to_owned(),
                LinkError::Unsubscribes,
            ),
            (link().replace("confirmation.html", "Simple.pem"), LinkError::NotAConfirmation),
            ("https://sns.eu-west-1.amazonaws.com".to_owned(), LinkError::NotAConfirmation),
            (before.clone(), LinkError::Cut("Token")),
            (format!("{before}&Token="), LinkError::Cut("Token")),
            (
                "https://sns.eu-west-1.amazonaws.com/confirmation.html?".to_owned(),
                LinkError::Cut("TopicArn"),
            ),
            (link().replace(TOPIC, "alerts"), LinkError::NoTopic),
            (link().replace("arn:aws:sns", "arn:aws:sqs"), LinkError::NoTopic),
            (link().replace(":alerts", ":a.fifo"), LinkError::NoTopic),
            (link().replace("sns.eu-west-1", "sns.eu-west-2"), LinkError::OtherRegion),
            (link().replace("2336412f", "2336%20412f"), LinkError::BadToken),
            (link().replace(TOKEN, &"a".repeat(2049)), LinkError::BadToken),
        ] {
            let found = ConfirmationLink::find(&text).unwrap_err();
            assert_eq!(found, error, "{text}");
            let said = format!("{found} {found:?} {}", found.help());
            assert!(!said.contains("2336412f"), "{said}");
        }
        assert!(!format!("{:?}", ConfirmationLink::find(&link()).unwrap()).contains(TOKEN));
        assert!(Token::parse(&"a".repeat(2048)).is_some());
    }

    #[test]
    fn any_bytes_are_an_answer() {
        for text in [
            "https://sns.%",
            "%",
            "=",
            "=3",
            "%zz%4",
            "TopicArn=3D=\u{e9}=E9=E",
            "https://sns.遮断/&",
        ] {
            assert!(ConfirmationLink::find(text).is_err());
        }
        let long = format!("{}é", "x".repeat(MOST_BYTES - 1));
        assert_eq!(ConfirmationLink::find(&long), Err(LinkError::None));
        let endless = "https://sns.".repeat(80_000);
        assert_eq!(ConfirmationLink::find(&endless), Err(LinkError::None));
        let many = "https://sns.eu-west-1.amazonaws.com/x ".repeat(20_000);
        assert_eq!(ConfirmationLink::find(&many), Err(LinkError::NotAConfirmation));
    }

    #[test]
    fn a_local_link_says_what_it_was_made_of_and_leads_nowhere() {
        let arn: Arn = TOPIC.parse().unwrap();
        let token = Token::parse(TOKEN).unwrap();
        let text = ConfirmationLink::local(&arn, &token, "a+b&c=d ü@example.com");
        assert!(
            text.starts_with("https://sns.eu-west-1.notify.invalid/confirmation.html?TopicArn=")
        );
        let found = ConfirmationLink::find(&text).unwrap();
        assert_eq!((found.arn, found.token), (arn, token));
        assert_eq!(found.endpoint.as_deref(), Some("a+b&c=d ü@example.com"));
    }
}
