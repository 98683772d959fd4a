//! Which call a request is.

use crate::http::Message;

/// One call of an AWS API, as far as its wire format tells without being decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The service that it was signed for, such as `sns`; `monitoring` is CloudWatch.
    pub service: String,
    /// The operation, such as `CreateTopic`.
    pub operation: String,
    /// The region that it was signed for.
    pub region: String,
    /// When it was signed, by the client's clock, such as `20260101T000000Z`.
    pub signed_at: String,
    /// What was sent.
    pub body: Vec<u8>,
}

impl Call {
    pub(crate) fn of(request: &Message) -> Self {
        // Credential=KEY/20260101/REGION/SERVICE/aws4_request
        let scope = request.header("authorization").and_then(|value| {
            let (_, credential) = value.split_once("Credential=")?;
            let mut parts = credential.split(',').next()?.split('/').skip(2);
            Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
        });
        let (region, service) = scope.unwrap_or_default();
        let signed_at = request.header("x-amz-date").unwrap_or_default().to_owned();
        let body = request.body.clone();
        Self { service, operation: operation(request), region, signed_at, body }
    }

    /// Whether it only looks.
    pub fn is_read(&self) -> bool {
        ["Get", "List", "Describe"].iter().any(|verb| self.operation.starts_with(verb))
    }
}

/// The three ways in which AWS's services name an operation.
fn operation(request: &Message) -> String {
    // CBOR: /service/GraniteServiceVersion20100801/operation/PutMetricAlarm
    if let Some((_, operation)) = request.target().split_once("/operation/") {
        return operation.to_owned();
    }
    // JSON: X-Amz-Target: AWSEvents.PutRule
    if let Some(target) = request.header("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    // Query: Action=CreateTopic&…
    let body = String::from_utf8_lossy(&request.body);
    let action = body.split('&').find_map(|field| field.strip_prefix("Action="));
    action.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_names_its_operation() {
        let signed = "Authorization: AWS4-HMAC-SHA256 Credential=1/20260101/eu-west-1/sns/aws4_request, Signature=x\r\n";
        for (line, header, body, operation) in [
            ("/", signed, "Action=CreateTopic&Name=a", "CreateTopic"),
            ("/", "X-Amz-Target: AWSEvents.PutRule\r\n", "{}", "PutRule"),
            ("/service/G/operation/PutMetricAlarm", "", "", "PutMetricAlarm"),
        ] {
            let text = format!(
                "POST {line} HTTP/1.1\r\n{header}Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let request = Message::read(&mut text.as_bytes()).unwrap().unwrap();
            assert_eq!(Call::of(&request).operation, operation);
            if header == signed {
                let call = Call::of(&request);
                assert_eq!((call.service.as_str(), call.region.as_str()), ("sns", "eu-west-1"));
            }
        }
    }
}
