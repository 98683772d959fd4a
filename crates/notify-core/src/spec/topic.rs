//! `[topic]`, and lists of readers.

use super::fields::{Fields, Findings, nearest, text_of};
use super::node::Node;
use super::{SubscriptionSpec, TopicSpec};
use crate::aws::{Arn, Protocol, TopicName};
use crate::preset::Severity;

/// What a filter policy may hold, less what ours needs besides
/// ([constraints](https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html)):
/// the product of the values of its keys, each with one for `exists`, is 150 at most.
const MOST_VALUES: usize = 150;

/// What the console allows. The API's own limit is 320 together with the sending address; whether
/// more than 100 is accepted is not known, so the smaller limit stands.
const MOST_DISPLAY_NAME: usize = 100;

pub(super) fn topic(node: &Node, out: &mut Findings<'_>) -> Option<TopicSpec> {
    let mut fields = Fields::of(node, "[topic]", out)?;
    let name = fields.require("name", "\"config-info\"", out).and_then(|node| {
        let text = text_of(node, "name", out)?;
        out.named(&node.at, TopicName::parse(text))
    });
    let display_name = display_name(&mut fields, out);
    let kms_key = fields.text("kms_key", out).map(|(text, node)| {
        out.check_text("a key's name", text, 2048, &node.at);
        if text.is_empty() {
            out.error(
                &node.at,
                "`kms_key` is empty",
                "leave the line out, or name a key such as \"alias/notify\"",
            );
        }
        let is_key = match text.parse::<Arn>() {
            Ok(arn) => arn.service == "kms",
            Err(_) => text.chars().all(|c| c.is_ascii_alphanumeric() || "/_-".contains(c)),
        };
        if !is_key {
            out.error(
                &node.at,
                format!("`{text}` is not a key"),
                "write an alias such as \"alias/notify\", or a key's id or ARN",
            );
        }
        if text == "alias/aws/sns" || text.ends_with(":alias/aws/sns") {
            out.error(
                &node.at,
                "AWS services cannot publish to a topic with the key `alias/aws/sns`",
                "name a customer managed key whose policy lets events.amazonaws.com and \
                 cloudwatch.amazonaws.com use it",
            );
        }
        text.to_owned()
    });
    fields.finish(out);
    Some(TopicSpec { name: name?, display_name, kms_key })
}

pub(super) fn display_name(fields: &mut Fields<'_>, out: &mut Findings<'_>) -> Option<String> {
    fields.text("display_name", out).map(|(text, node)| {
        out.check_text("a display name", text, MOST_DISPLAY_NAME, &node.at);
        text.to_owned()
    })
}

/// Reads the tables of a list of readers, which the file calls `section`; `names` are those of the
/// notifications by which they can choose.
pub(super) fn subscriptions(
    nodes: &[&Node],
    section: &str,
    names: Option<&[&str]>,
    out: &mut Findings<'_>,
) -> Vec<SubscriptionSpec> {
    let mut list: Vec<SubscriptionSpec> = Vec::new();
    for node in nodes {
        let Some(subscription) = subscription(node, section, names, out) else { continue };
        let is_same = |known: &SubscriptionSpec| {
            known.protocol == subscription.protocol && known.endpoint == subscription.endpoint
        };
        if list.iter().any(is_same) {
            out.error(
                &node.at,
                format!("{} is subscribed twice", subscription.endpoint),
                format!("leave one `{section}` out"),
            );
        } else {
            list.push(subscription);
        }
    }
    list
}

fn subscription(
    node: &Node,
    section: &str,
    names: Option<&[&str]>,
    out: &mut Findings<'_>,
) -> Option<SubscriptionSpec> {
    let mut fields = Fields::of(node, section, out)?;
    let protocol = protocol(&mut fields, out);
    let endpoint = fields.require("endpoint", "\"ops@example.com\"", out);
    let endpoint = endpoint.and_then(|node| text_of(node, "endpoint", out).map(|t| (t, node)));
    // What reaches readers of alarms alone cannot be filtered: to them these keys are unknown.
    let min_severity = names.and_then(|_| severity("min_severity", &mut fields, out));
    let only = names.map_or_else(Vec::new, |names| only(&mut fields, names, out));
    let severities =
        min_severity.map_or(1, |least| 1 + Severity::ALL.iter().filter(|s| **s <= least).count());
    if !only.is_empty() && (1 + only.len()) * severities > MOST_VALUES {
        let at = fields.get("only").map_or(&fields.at, |node| &node.at);
        out.error(
            at,
            format!("`only` has {} names", only.len()),
            format!("SNS takes {} here: use `min_severity` alone", MOST_VALUES / severities - 1),
        );
    }
    fields.finish(out);
    let (protocol, (endpoint, at)) = (protocol?, endpoint?);
    out.check_text("an endpoint", endpoint, 2048, &at.at);
    if let Err((problem, help)) = check_endpoint(protocol, endpoint) {
        out.error(&at.at, problem, help);
    } else if protocol == Protocol::Http {
        out.warn(&at.at, "http sends what your account is told of in the clear", "use `https`");
    }
    Some(SubscriptionSpec { protocol, endpoint: endpoint.to_owned(), min_severity, only })
}

/// A severity under a key.
pub(super) fn severity(
    key: &'static str,
    fields: &mut Fields<'_>,
    out: &mut Findings<'_>,
) -> Option<Severity> {
    let words: Vec<_> =
        Severity::ALL.iter().map(|severity| (severity.as_str(), *severity)).collect();
    fields.choice(key, &words, out)
}

/// The notifications that a reader wants; each must be one of the file's `names`.
fn only(fields: &mut Fields<'_>, names: &[&str], out: &mut Findings<'_>) -> Vec<String> {
    let Some(list) = fields.list("only", out) else { return Vec::new() };
    if list.is_empty() {
        let at = fields.get("only").map_or(&fields.at, |node| &node.at);
        out.error(at, "`only` is empty", "name what the reader wants, or leave the line out");
    }
    let mut only: Vec<String> = Vec::new();
    for node in list {
        let Some(name) = text_of(node, "only", out) else { continue };
        if !names.contains(&name) {
            let help = match nearest(name, names) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if names.is_empty() => "the file has no notifications".to_owned(),
                None => format!("the file has {}", names.join(", ")),
            };
            out.error(&node.at, format!("no notification is called \"{name}\""), help);
        } else if only.iter().any(|known| known == name) {
            out.error(&node.at, format!("`only` names {name} twice"), "leave one of them out");
        } else {
            only.push(name.to_owned());
        }
    }
    only
}

fn protocol(fields: &mut Fields<'_>, out: &mut Findings<'_>) -> Option<Protocol> {
    let (section, at) = (fields.section.clone(), fields.at.clone());
    let mut words = Protocol::ALL.map(|protocol| (protocol.as_str(), protocol)).to_vec();
    words.retain(|(_, protocol)| *protocol != Protocol::Firehose);
    let Some(node) = fields.get("protocol") else {
        let message = format!("{section} has no `protocol`");
        out.error(&at, message, "add `protocol = \"email\"`");
        return None;
    };
    if text_of(node, "protocol", out)? == "firehose" {
        out.error(
            &node.at,
            "`firehose` needs a role and tells nobody",
            "subscribe the stream by hand: a subscription that is not in the file is left alone",
        );
        return None;
    }
    fields.choice("protocol", &words, out)
}

fn check_endpoint(protocol: Protocol, endpoint: &str) -> Result<(), (String, &'static str)> {
    let refuse = |what: &str, help| Err((format!("`{endpoint}` is not {what}"), help));
    let arn_of = |service: &str| {
        endpoint.parse::<Arn>().is_ok_and(|arn| arn.service == service && !arn.region.is_empty())
    };
    match protocol {
        Protocol::Email | Protocol::EmailJson => {
            let good = endpoint.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && domain.contains('.')
                    && !domain.contains('@')
                    && domain.split('.').all(|label| !label.is_empty())
                    && !endpoint.contains([' ', ',', ';', '<', '>', '"'])
                    && endpoint.is_ascii()
            });
            if good {
                Ok(())
            } else {
                refuse("a mail address", "write one address, such as \"ops@example.com\"")
            }
        }
        Protocol::Http | Protocol::Https => {
            let scheme = format!("{}://", protocol.as_str());
            let host = endpoint.strip_prefix(&scheme).unwrap_or_default();
            let good = !host.is_empty() && !host.starts_with(['/', ':']) && !endpoint.contains(' ');
            if good {
                Ok(())
            } else {
                let help = match protocol {
                    Protocol::Http => "write \"http://example.com/hook\", or choose `https`",
                    _ => "write it with its protocol: \"https://example.com/hook\"",
                };
                refuse(&format!("an address of {}", protocol.as_str()), help)
            }
        }
        Protocol::Sms => {
            let digits = endpoint.strip_prefix('+').unwrap_or_default();
            let good =
                (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if good {
                Ok(())
            } else {
                refuse(
                    "a phone number",
                    "write it with the country code and digits alone: \"+819012345678\"",
                )
            }
        }
        Protocol::Sqs if !arn_of("sqs") => refuse(
            "a queue's ARN",
            "write the ARN: \"arn:aws:sqs:ap-northeast-1:123456789012:name\"",
        ),
        Protocol::Lambda if !arn_of("lambda") => refuse(
            "a function's ARN",
            "write the ARN: \"arn:aws:lambda:ap-northeast-1:123456789012:function:name\"",
        ),
        Protocol::Application if !arn_of("sns") => refuse(
            "an app endpoint's ARN",
            "write the ARN: \"arn:aws:sns:ap-northeast-1:123456789012:endpoint/GCM/app/id\"",
        ),
        Protocol::Sqs if is_fifo(endpoint) => refuse(
            "a standard queue",
            "a standard topic cannot send to a FIFO queue: name a standard one",
        ),
        _ => Ok(()),
    }
}

/// SNS and SQS know FIFO resources by the end of their names, in lower case.
fn is_fifo(name: &str) -> bool {
    name.strip_suffix(".fifo").is_some()
}
