//! Takes no answer for AWS's that is none, or only a part of one.
//!
//! A proxy in between can answer in AWS's place, and with success. The SDK takes an empty answer of
//! a JSON service, and XML that ends early, for one that says nothing: a rule without targets, a
//! topic without subscribers. What follows from that would be written.

use aws_sdk_sns::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_sns::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sns::error::BoxError;

/// Looks at every answer of success. Only once the SDK has read it is its body here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole;

impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        let header = |name: &str| answer.headers().get(name);
        if !answer.status().is_success() {
            return Ok(());
        }
        let body = answer.body().bytes().unwrap_or_default().trim_ascii();
        // Some calls are answered with nothing; but AWS gives each answer a number.
        let numbered = ["x-amzn-requestid", "x-amz-request-id"]
            .into_iter()
            .any(|name| header(name).is_some_and(|number| !number.is_empty()));
        if body.is_empty() && !numbered {
            return Err("it is empty, and not from AWS".into());
        }
        let is_xml = header("content-type").is_some_and(|kind| kind.contains("xml"));
        if is_xml && !body.is_empty() && !closes(body) {
            return Err("it ends early".into());
        }
        Ok(())
    }
}

/// Whether the last tag of an XML document closes the first.
fn closes(document: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(document) else { return false };
    let is_name = |text: &&str| !text.starts_with(['?', '!', '/']);
    let Some(root) = text.split('<').skip(1).find(is_name) else { return false };
    let name = root.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next();
    let Some(name) = name.filter(|name| !name.is_empty()) else { return false };
    let end = text.strip_suffix('>').map(str::trim_end);
    end.and_then(|end| end.strip_suffix(name)).is_some_and(|end| end.ends_with("</"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_ends_with_the_tag_that_it_begins_with() {
        for (text, closed) in [
            ("<A><B>1</B></A>", true),
            ("<?xml version=\"1.0\"?>\n<!-- it --><A xmlns=\"x\">\n</A >", true),
            ("<A><B>1</B></A", false),
            ("<A><B>1</B>", false),
            ("<A><B>1</B><", false),
            ("<A>1A>", false),
            ("<A", false),
            ("<?xml?>", false),
            ("<", false),
            ("<>x</>", false),
            ("{}", false),
            ("", false),
        ] {
            assert_eq!(closes(text.as_bytes()), closed, "{text}");
        }
        assert!(!closes(b"<A>\xff</A>"));
    }
}
