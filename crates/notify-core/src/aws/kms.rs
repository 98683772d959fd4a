//! Keys as files name them: by id, by ARN or by an alias.

use serde_json::{Value, json};

/// The alias by which a key is named, if it is.
pub(crate) fn alias(key: &str) -> Option<&str> {
    match key.split_once(":alias/") {
        Some((arn, _)) if arn.starts_with("arn:") => key.get(arn.len() + 1..),
        _ => key.starts_with("alias/").then_some(key),
    }
}

/// What a policy says that a key is; `arn` makes the ARN of a service's resource. A policy cannot
/// name a key by its alias: of such a one, every key is meant, [`by_alias`] says which.
pub(crate) fn resource(key: &str, arn: impl Fn(&str, &str) -> String) -> String {
    match key {
        key if key.starts_with("arn:") && key.contains(":key/") => key.to_owned(),
        key if alias(key).is_some() => arn("kms", "key/*"),
        id => arn("kms", &format!("key/{id}")),
    }
}

/// The condition that it is the key of an alias
/// ([aliases in policies](https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html)).
pub(crate) fn by_alias(alias: &str) -> Value {
    json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_in_four_ways() {
        for (key, of) in [
            ("alias/notify", Some("alias/notify")),
            ("arn:aws:kms:eu-west-1:123456789012:alias/notify", Some("alias/notify")),
            ("arn:aws:kms:eu-west-1:123456789012:key/1", None),
            ("1234abcd-12ab-34cd-56ef-1234567890ab", None),
        ] {
            assert_eq!(alias(key), of, "{key}");
        }
    }
}
