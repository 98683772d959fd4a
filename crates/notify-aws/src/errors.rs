//! From what the SDK says went wrong to the six classes that callers act on.

use aws_sdk_sns::config::http::HttpResponse;
use aws_sdk_sns::error::{BuildError, ProvideErrorMetadata, SdkError};
use notify_core::provider::{ErrorClass, ProviderError};
use std::error::Error;
use std::fmt::Display;

/// Says what went wrong with `operation` on `resource`.
pub(crate) fn failed<E>(
    operation: &'static str,
    resource: &dyn Display,
    error: SdkError<E, HttpResponse>,
) -> ProviderError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let mut failure = match &error {
        SdkError::ServiceError(service) => {
            let said = service.err();
            let (code, text) =
                (said.code().unwrap_or_default(), said.message().unwrap_or_default());
            let mut failure = refused(operation, resource, code, text);
            let status = service.raw().status().as_u16();
            if code.is_empty() && text.is_empty() {
                // A proxy, or some other server at this address.
                failure.message = format!(
                    "the answer (HTTP status {status}) is not one of AWS: look at the endpoint's \
                     address, and at proxies on the way"
                );
            }
            if failure.class == ErrorClass::Other && status == 429 {
                failure.class = ErrorClass::Throttled;
            }
            failure
        }
        other => {
            let detail = innermost(other);
            let message = match other {
                SdkError::TimeoutError(_) => format!("AWS did not answer in time: {detail}"),
                SdkError::DispatchFailure(sent) if sent.is_timeout() => {
                    format!("AWS did not answer in time: {detail}")
                }
                SdkError::DispatchFailure(sent) if sent.is_io() => format!(
                    "AWS cannot be reached: {detail}: look at the network, the region and the \
                     endpoint"
                ),
                SdkError::DispatchFailure(_) if speaks_of_credentials(other) => {
                    without_credentials(other, &detail)
                }
                SdkError::ResponseError(_) => format!("the answer cannot be read: {detail}"),
                _ => detail,
            };
            ProviderError::new(ErrorClass::Other, operation, resource.to_string(), message)
        }
    };
    failure.source = Some(Box::new(error));
    failure
}

/// Says that AWS refused an operation, by the code and the text that it answered.
pub(crate) fn refused(
    operation: &str,
    resource: &dyn Display,
    code: &str,
    text: &str,
) -> ProviderError {
    let class = classify(code, text);
    let said = match (code, text) {
        ("", "") => "AWS gave no reason".to_owned(),
        (code, "") => code.to_owned(),
        (_, text) => text.to_owned(),
    };
    let message = if is_about_the_clock(code, text) {
        format!("the clock of this machine seems to be wrong: {said}")
    } else if CREDENTIALS.contains(&code) {
        format!("AWS does not take these credentials: {said}")
    } else {
        said
    };
    let missing = if class == ErrorClass::AccessDenied { missing_action(text) } else { None };
    let operation = missing.unwrap_or_else(|| operation.to_owned());
    ProviderError::new(class, operation, resource.to_string(), message)
}

/// Says that a request could not even be put together.
pub(crate) fn unbuilt(
    operation: &'static str,
    resource: &dyn Display,
    error: BuildError,
) -> ProviderError {
    let mut failure =
        ProviderError::new(ErrorClass::Invalid, operation, resource.to_string(), innermost(&error));
    failure.source = Some(Box::new(error));
    failure
}

/// Takes "there is none" as an answer.
pub(crate) fn if_there<T>(answer: Result<T, ProviderError>) -> Result<Option<T>, ProviderError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.class == ErrorClass::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The credentials are wrong or too old, which no permission would change.
const CREDENTIALS: [&str; 12] = [
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// A signature holds for some minutes before and after its time. The SDK learns AWS's time from the
/// answer and signs once more; what still comes here has no remedy but the clock itself.
fn is_about_the_clock(code: &str, text: &str) -> bool {
    matches!(code, "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture")
        || text.starts_with("Signature expired")
        || text.starts_with("Signature not yet current")
}

/// The class of an error code. Some services use the name in their model on the wire, some a name
/// of their own: SNS says `AuthorizationError` for its `AuthorizationErrorException`.
pub(crate) fn classify(code: &str, text: &str) -> ErrorClass {
    if CREDENTIALS.contains(&code) {
        return ErrorClass::Other;
    }
    match code {
        "TooManyRequestsException"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "SlowDown"
        | "PriorRequestNotComplete" => ErrorClass::Throttled,
        code if code.contains("Throttl") => ErrorClass::Throttled,
        "AuthorizationError"
        | "AuthorizationErrorException"
        | "UnauthorizedOperation"
        | "NotAuthorized"
        | "NotAuthorizedException" => ErrorClass::AccessDenied,
        code if code.contains("AccessDenied") => ErrorClass::AccessDenied,
        "NotFound"
        | "NotFoundException"
        | "ResourceNotFound"
        | "ResourceNotFoundException"
        | "NoSuchConfigRuleException"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue"
        | "NoSuchEntity"
        | "NoSuchEntityException"
        | "StateMachineDoesNotExist"
        | "WAFNonexistentItemException" => ErrorClass::NotFound,
        "ConcurrentModification"
        | "ConcurrentModificationException"
        | "DeleteConflict"
        | "DeleteConflictException"
        | "EntityAlreadyExists"
        | "EntityAlreadyExistsException"
        | "ConcurrentAccess"
        | "ConcurrentAccessException"
        | "ConflictException"
        | "ResourceConflict"
        | "ResourceConflictException"
        | "ResourceAlreadyExistsException"
        | "QueueNameExists"
        | "QueueAlreadyExists"
        | "QueueDeletedRecently"
        | "AWS.SimpleQueueService.QueueDeletedRecently"
        | "StateMachineAlreadyExists"
        | "StateMachineDeleting"
        | "StaleTag"
        | "StaleTagException"
        | "WAFOptimisticLockException" => ErrorClass::Conflict,
        // What SNS answers where a topic or subscription of that name was made otherwise.
        "InvalidParameter" | "InvalidParameterException"
            if text.contains("already exists with different") =>
        {
            ErrorClass::Conflict
        }
        "ManagedRuleException"
        | "TagPolicy"
        | "TagPolicyException"
        | "MalformedPolicyDocument"
        | "MalformedPolicyDocumentException"
        | "MissingParameter"
        | "MissingRequiredParameterException"
        | "OperationDisabledException"
        | "UnsupportedOperationException" => ErrorClass::Invalid,
        code if code.contains("LimitExceeded")
            || code.contains("InvalidParameter")
            || code.starts_with("Invalid")
            || code.starts_with("Validation")
            || code.starts_with("KMS") =>
        {
            ErrorClass::Invalid
        }
        _ => ErrorClass::Other,
    }
}

/// The action that IAM says is missing, with the service in lower case as policies have it.
fn missing_action(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("not authorized to perform: ")?;
    let (service, name) = rest.split_whitespace().next()?.split_once(':')?;
    Some(format!("{}:{}", service.to_ascii_lowercase(), name.trim_end_matches(['.', ','])))
}

/// The last link of a chain of errors that says anything: the SDK's outer ones are as plain as
/// "dispatch failure".
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).map(ToString::to_string).filter(|text| !text.is_empty()).last().unwrap_or_default()
}

/// Where the SDK found none at all, it lists the places that it looked at, a line for each. The
/// one that matters is a profile that somebody named. A login that has run out, or never was, is
/// told by the file that holds its token, or by the token.
fn without_credentials(error: &(dyn Error + 'static), detail: &str) -> String {
    let logs_in = |link: &(dyn Error + 'static)| {
        let text = link.to_string();
        text.contains("SSO token") || text.contains("sso/cache")
    };
    if chain(error).any(logs_in) {
        return format!(
            "there is no login that is still good ({}): `aws sso login` with this profile makes one",
            detail.trim()
        );
    }
    if !detail.contains("credentials found in chain") {
        return format!(
            "the AWS credentials cannot be had: {}: look at the profile in the AWS configuration",
            detail.trim().trim_end_matches(':')
        );
    }
    let profile = detail.lines().find_map(|line| line.find("profile `").map(|at| &line[at..]));
    let why = profile.unwrap_or(
        "name a profile that has some, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    );
    format!("no AWS credentials were found: {why}")
}

fn speaks_of_credentials(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|link| link.to_string().to_ascii_lowercase().contains("credential"))
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_class() {
        use ErrorClass::{AccessDenied, Conflict, Invalid, NotFound, Other, Throttled};
        let different = "Invalid parameter: Tags Reason: Topic already exists with different tags";
        for (code, text, class) in [
            ("AuthorizationError", "", AccessDenied),
            ("AuthorizationErrorException", "", AccessDenied),
            ("AccessDenied", "", AccessDenied),
            ("AccessDeniedException", "", AccessDenied),
            ("KMSAccessDenied", "", AccessDenied),
            ("UnauthorizedOperation", "", AccessDenied),
            ("Throttling", "", Throttled),
            ("ThrottlingException", "", Throttled),
            ("ThrottledException", "", Throttled),
            ("TooManyRequestsException", "", Throttled),
            ("RequestLimitExceeded", "", Throttled),
            ("SlowDown", "", Throttled),
            ("NotFound", "", NotFound),
            ("NotFoundException", "", NotFound),
            ("ResourceNotFound", "", NotFound),
            ("ResourceNotFoundException", "", NotFound),
            ("NoSuchConfigRuleException", "", NotFound),
            ("QueueDoesNotExist", "", NotFound),
            ("AWS.SimpleQueueService.NonExistentQueue", "", NotFound),
            ("QueueNameExists", "", Conflict),
            ("QueueAlreadyExists", "", Conflict),
            ("QueueDeletedRecently", "", Conflict),
            ("AWS.SimpleQueueService.QueueDeletedRecently", "", Conflict),
            ("WAFNonexistentItemException", "", NotFound),
            ("StateMachineDoesNotExist", "", NotFound),
            ("StateMachineAlreadyExists", "", Conflict),
            ("StateMachineDeleting", "", Conflict),
            ("StateMachineLimitExceeded", "", Invalid),
            ("InvalidDefinition", "", Invalid),
            ("ConcurrentModificationException", "", Conflict),
            ("NoSuchEntity", "", NotFound),
            ("NoSuchEntityException", "", NotFound),
            ("EntityAlreadyExists", "", Conflict),
            ("EntityAlreadyExistsException", "", Conflict),
            ("DeleteConflict", "", Conflict),
            ("DeleteConflictException", "", Conflict),
            ("ConcurrentModification", "", Conflict),
            ("MalformedPolicyDocument", "", Invalid),
            ("MalformedPolicyDocumentException", "", Invalid),
            ("ConcurrentAccess", "", Conflict),
            ("ResourceConflict", "", Conflict),
            ("InvalidParameter", different, Conflict),
            ("InvalidParameter", "Invalid parameter: Topic Name", Invalid),
            ("InvalidParameterValue", "", Invalid),
            ("InvalidEventPatternException", "", Invalid),
            ("ValidationError", "", Invalid),
            ("ValidationException", "", Invalid),
            ("ManagedRuleException", "", Invalid),
            ("LimitExceededException", "", Invalid),
            ("LimitExceededFault", "", Invalid),
            ("KMSDisabled", "", Invalid),
            ("WAFInvalidParameterException", "", Invalid),
            ("InvalidClientTokenId", "", Other),
            ("ExpiredToken", "", Other),
            ("InternalException", "", Other),
            ("ServiceUnavailable", "", Other),
            ("", "", Other),
        ] {
            assert_eq!(classify(code, text), class, "{code}");
        }
    }

    #[test]
    fn an_access_denied_names_the_missing_action() {
        for (text, operation) in [
            (
                "User: arn:aws:iam::123456789012:user/u is not authorized to perform: \
                 SNS:CreateTopic on resource: arn:aws:sns:eu-west-1:123456789012:t because no \
                 identity-based policy allows the SNS:CreateTopic action",
                "sns:CreateTopic",
            ),
            ("u is not authorized to perform: iam:PassRole.", "iam:PassRole"),
            ("User is not authorized", "events:PutRule"),
            ("not authorized to perform: this", "events:PutRule"),
        ] {
            let error = refused("events:PutRule", &"r", "AccessDeniedException", text);
            assert_eq!((error.operation.as_str(), error.message.as_str()), (operation, text));
        }
    }

    #[test]
    fn missing_credentials_are_told_in_a_line() {
        let chain =
            "no credentials found in chain. Attempted:\n  Environment: not set\n  Profile: ";
        for (detail, says) in [
            (format!("{chain}not enabled\n"), "were found: name a profile"),
            (
                format!("{chain}off: profile `x` was not defined\n  Ecs: off"),
                "were found: profile `x`",
            ),
            ("the key has expired\n".to_owned(), "cannot be had: the key has expired"),
            (
                "the SSO token has expired\n".to_owned(),
                "(the SSO token has expired): `aws sso login`",
            ),
        ] {
            let error = std::io::Error::other(detail.clone());
            let message = without_credentials(&error, &detail);
            assert!(message.contains(says) && !message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn a_refusal_without_a_text_shows_its_code() {
        for (code, text, message) in [
            ("Throttling", "Rate exceeded", "Rate exceeded"),
            ("Throttling", "", "Throttling"),
            ("", "", "AWS gave no reason"),
            ("ExpiredToken", "too old", "AWS does not take these credentials: too old"),
            (
                "InvalidSignatureException",
                "Signature expired: 1 is now earlier than 2",
                "the clock of this machine seems to be wrong: Signature expired: 1 is now earlier \
                 than 2",
            ),
            (
                "SignatureDoesNotMatch",
                "Signature not yet current: 2",
                "the clock of this machine seems to be wrong: Signature not yet current: 2",
            ),
            (
                "RequestTimeTooSkewed",
                "",
                "the clock of this machine seems to be wrong: RequestTimeTooSkewed",
            ),
        ] {
            assert_eq!(refused("sns:Subscribe", &"t", code, text).message, message);
        }
    }
}
