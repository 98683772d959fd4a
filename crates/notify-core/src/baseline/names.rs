//! Which of a pattern's Config rules exist: names that AWS has given a suffix are found by their
//! beginning.

use crate::pattern::Pattern;
use crate::provider::ConfigRule;
use crate::spec::nearest;
use std::collections::BTreeSet;

/// The field of an event that says which rule has judged.
pub(super) const RULE_PATH: &str = "detail.configRuleName";

/// Rules of organizations: `OrgConfigRule-<name>-<8 characters>`.
const ORGANIZATION: &str = "OrgConfigRule-";
/// Rules of Security Hub: `securityhub-<control>-<8 hexadecimal digits>`.
const SECURITY_HUB: &str = "securityhub-";
/// Rules of conformance packs: `<rule>-conformance-pack-<9 characters>`.
const CONFORMANCE_PACK: &str = "-conformance-pack";

/// What a pattern asks of rules' names, and which rules that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameCheck {
    /// What the pattern has there, as JSON: `"restricted-ssh"` or `{"prefix":"OrgConfigRule-s3-"}`.
    pub asked: String,
    /// What came of it.
    pub found: NameFound,
}

/// What came of a question for rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameFound {
    /// There are rules of that name.
    There {
        /// Those that judge.
        working: Vec<String>,
        /// Those that are being deleted, and judge nothing.
        idle: Vec<String>,
    },
    /// There is no rule of that name, but AWS has given one the name with a suffix.
    Suffixed {
        /// What the rules' names begin with, once for each way of making such names.
        prefixes: Vec<String>,
        /// The rules.
        rules: Vec<String>,
    },
    /// There is none.
    Missing {
        /// The rule that was probably meant.
        nearest: Option<String>,
    },
}

/// Looks for the rules that a pattern names. A pattern that takes any rule asks for nothing.
///
/// ```
/// use notify_core::baseline::{NameFound, check_names};
/// use notify_core::pattern::Pattern;
/// use notify_core::provider::{ConfigRule, ConfigRuleState};
///
/// let rule = |name: &str| ConfigRule {
///     name: name.to_owned(), arn: None, state: ConfigRuleState::Active, created_by: None,
/// };
/// let pattern = Pattern::parse(r#"{"detail": {"configRuleName": ["s3-logging"]}}"#)?;
/// let checks = check_names(&pattern, &[rule("OrgConfigRule-s3-logging-dbgzf8ba")]);
/// assert_eq!(checks[0].found, NameFound::Suffixed {
///     prefixes: vec!["OrgConfigRule-s3-logging-".to_owned()],
///     rules: vec!["OrgConfigRule-s3-logging-dbgzf8ba".to_owned()],
/// });
/// let advice = checks[0].advice(true).expect("something to say");
/// assert!(advice.ends_with(r#"write { prefix = "OrgConfigRule-s3-logging-" } instead"#));
/// # Ok::<(), notify_core::pattern::PatternError>(())
/// ```
pub fn check_names(pattern: &Pattern, rules: &[ConfigRule]) -> Vec<NameCheck> {
    let asked = pattern.matchers_at(RULE_PATH).unwrap_or_default();
    let suffixed: Vec<(Suffixed<'_>, &str)> =
        rules.iter().filter_map(|rule| Some((suffixed(&rule.name)?, rule.name.as_str()))).collect();
    let mut seen = BTreeSet::new();
    let asked = asked.into_iter().filter(|asked| seen.insert(asked.clone()));
    let check = |asked: String| NameCheck { found: find(&asked, rules, &suffixed), asked };
    asked.map(check).collect()
}

fn find(asked: &str, rules: &[ConfigRule], suffixed: &[(Suffixed<'_>, &str)]) -> NameFound {
    let there = rules_of(asked, rules);
    if !there.is_empty() {
        let (working, idle): (Vec<_>, Vec<_>) =
            there.into_iter().partition(|rule| rule.state.works());
        let names = |rules: Vec<&ConfigRule>| rules.iter().map(|rule| rule.name.clone()).collect();
        return NameFound::There { working: names(working), idle: names(idle) };
    }
    // Of an operator only its author knows what was meant.
    let Ok(serde_json::Value::String(name)) = serde_json::from_str(asked) else {
        return NameFound::Missing { nearest: None };
    };
    let (mut prefixes, mut found) = (BTreeSet::new(), Vec::new());
    // The name may have been copied from another account, with that account's suffix.
    let beginning = self::suffixed(&name).map(|own| own.prefix);
    for (rule, whole) in suffixed {
        let without_dash = rule.prefix.strip_suffix('-');
        if rule.name == name
            || without_dash == Some(&name)
            || beginning.is_some_and(|beginning| beginning == rule.prefix)
        {
            prefixes.insert(rule.prefix.to_owned());
            found.push((*whole).to_owned());
        }
    }
    if !found.is_empty() {
        return NameFound::Suffixed { prefixes: prefixes.into_iter().collect(), rules: found };
    }
    // What is much longer or shorter is not near; comparing all with all would take long.
    let length = name.chars().count();
    let near = |rule: &&str| rule.chars().count().abs_diff(length) <= 1 + rule.len() / 4;
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).filter(near).collect();
    NameFound::Missing { nearest: nearest(&name, &names).map(str::to_owned) }
}

/// The rules whose names a matcher takes.
fn rules_of<'r>(asked: &str, rules: &'r [ConfigRule]) -> Vec<&'r ConfigRule> {
    let Ok(pattern) = Pattern::parse(&format!("{{\"name\":[{asked}]}}")) else { return Vec::new() };
    let is_taken = |rule: &&ConfigRule| {
        let event = serde_json::json!({"name": rule.name}).to_string();
        pattern.matches(event.as_bytes()).unwrap_or(false)
    };
    rules.iter().filter(is_taken).collect()
}

/// A name that AWS has given a suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Suffixed<'a> {
    /// All of it but the suffix, with the last dash.
    prefix: &'a str,
    /// What its author called it.
    name: &'a str,
}

/// Takes a name apart; `None` for one that has no such suffix.
fn suffixed(rule: &str) -> Option<Suffixed<'_>> {
    let (head, suffix) = rule.rsplit_once('-')?;
    let prefix = rule.strip_suffix(suffix)?;
    let is_made_up = |length: usize, radix: u32| {
        suffix.len() == length
            && suffix.chars().all(|c| c.is_digit(radix) && !c.is_ascii_uppercase())
    };
    let name = if let Some(name) = head.strip_prefix(ORGANIZATION) {
        is_made_up(8, 36).then_some(name)
    } else if let Some(name) = head.strip_prefix(SECURITY_HUB) {
        is_made_up(8, 16).then_some(name)
    } else {
        head.strip_suffix(CONFORMANCE_PACK).filter(|_| is_made_up(9, 36))
    };
    name.filter(|name| !name.is_empty()).map(|name| Suffixed { prefix, name })
}

/// The beginning by which to match a rule whose name ends in a suffix that AWS has made up: what a
/// file has instead of the name. `None` where the name is the author's own.
///
/// ```
/// use notify_core::baseline::lasting_prefix;
///
/// assert_eq!(lasting_prefix("OrgConfigRule-s3-dbgzf8ba"), Some("OrgConfigRule-s3-"));
/// assert_eq!(lasting_prefix("restricted-ssh"), None);
/// ```
pub fn lasting_prefix(rule: &str) -> Option<&str> {
    suffixed(rule).map(|rule| rule.prefix)
}

/// A prefix as an entry of `config_rules` in a TOML file.
pub fn prefix_in_toml(prefix: &str) -> String {
    // The escapes of JSON are those of TOML, which wants one more.
    let quoted = serde_json::Value::from(prefix).to_string().replace('\u{7f}', "\\u007F");
    format!("{{ prefix = {quoted} }}")
}

impl NameCheck {
    /// What to write instead, to the letter: entries of the file's `config_rules`, or of a pattern
    /// that is written by hand. Nothing where the rules' names have no suffix.
    pub fn proposals(&self, by_preset: bool) -> Vec<String> {
        let NameFound::Suffixed { prefixes, rules: _ } = &self.found else { return Vec::new() };
        let written = prefixes.iter().map(|prefix| {
            if by_preset {
                prefix_in_toml(prefix)
            } else {
                serde_json::json!({"prefix": prefix}).to_string()
            }
        });
        written.collect()
    }

    /// What is wrong, and what to write instead: in the file's `config_rules`, or in a pattern that
    /// is written by hand. Nothing where all is well.
    pub fn advice(&self, by_preset: bool) -> Option<String> {
        let asked = match serde_json::from_str(&self.asked) {
            Ok(serde_json::Value::String(name)) => format!("no Config rule is called {name}"),
            _ => format!("no Config rule's name matches {}", self.asked),
        };
        Some(match &self.found {
            NameFound::There { working, idle } => match (working.as_slice(), idle.as_slice()) {
                ([], [first, ..]) => format!("the Config rule {first} is being deleted"),
                _ => return None,
            },
            NameFound::Suffixed { prefixes: _, rules } => {
                let (first, more) = match rules.as_slice() {
                    [first] => (first.as_str(), String::new()),
                    [first, rest @ ..] => (first.as_str(), format!(" and {} more", rest.len())),
                    [] => ("", String::new()),
                };
                format!(
                    "{asked}, but {first}{more}: AWS makes the suffix up; write {} instead",
                    self.proposals(by_preset).join(", ")
                )
            }
            NameFound::Missing { nearest: Some(nearest) } => {
                format!("{asked}; did you mean {nearest}?")
            }
            NameFound::Missing { nearest: None } => asked,
        })
    }
}

impl NameCheck {
    /// The same in Japanese, with what to write instead.
    pub(super) fn in_japanese(&self, write: &[String]) -> String {
        let asked = match serde_json::from_str(&self.asked) {
            Ok(serde_json::Value::String(name)) => {
                format!("{name} という名前の Config ルールはありません")
            }
            _ => format!("{} に合う名前の Config ルールはありません", self.asked),
        };
        match &self.found {
            NameFound::There { working: _, idle } => {
                let first = idle.first().map_or("", String::as_str);
                format!("Config ルール {first} は削除中です")
            }
            NameFound::Suffixed { prefixes: _, rules } => {
                let (first, more) = match rules.as_slice() {
                    [] => ("", String::new()),
                    [first] => (first.as_str(), String::new()),
                    [first, rest @ ..] => (first.as_str(), format!(" ほか {} 件", rest.len())),
                };
                let write = write.join(", ");
                format!(
                    "{asked}が、{first}{more} があります。末尾は AWS が付けたものです。代わりに {write} と書いてください"
                )
            }
            NameFound::Missing { nearest: Some(nearest) } => {
                format!("{asked}。{nearest} の間違いではありませんか")
            }
            NameFound::Missing { nearest: None } => asked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ConfigRuleState;

    fn rule(name: &str) -> ConfigRule {
        let state = name.strip_prefix("dying-").map_or("ACTIVE", |_| "DELETING");
        let state = ConfigRuleState::from_aws(state);
        ConfigRule { name: name.to_owned(), arn: None, state, created_by: None }
    }

    const RULES: [&str; 9] = [
        "restricted-ssh",
        "OrgConfigRule-s3-bucket-versioning-enabled-dbgzf8ba",
        "OrgConfigRule-iam-0a1b2c3d",
        "securityhub-iam-0a1b2c3d",
        "CustomRuleForAccount-conformance-pack-szsm1uv0w",
        "CustomRuleForAccount-conformance-pack-0123456789",
        "dying-rule",
        "ルール-一つ",
        "quote\"d-conformance-pack-szsm1uv0w",
    ];

    fn said(asked: &str, by_preset: bool) -> Vec<String> {
        let text = format!(r#"{{"detail":{{"configRuleName":[{asked}]}}}}"#);
        let pattern = Pattern::parse(&text).unwrap();
        let rules: Vec<ConfigRule> = RULES.iter().map(|name| rule(name)).collect();
        let checks = check_names(&pattern, &rules);
        checks.iter().map(|check| check.advice(by_preset).unwrap_or_default()).collect()
    }

    #[test]
    fn names_are_taken_apart_where_aws_has_made_their_end_up() {
        for (name, prefix) in [
            ("OrgConfigRule-a-dbgzf8ba", Some("OrgConfigRule-a-")),
            ("OrgConfigRule-a-b-dbgzf8ba", Some("OrgConfigRule-a-b-")),
            ("OrgConfigRule-a-dbgzf8b", None),
            ("OrgConfigRule-a-dbgzf8ba1", None),
            ("OrgConfigRule-a-DBGZF8BA", None),
            ("OrgConfigRule-dbgzf8ba", None),
            ("OrgConfigRule--dbgzf8ba", None),
            ("securityhub-ec2-1-0a1b2c3d", Some("securityhub-ec2-1-")),
            ("securityhub-ec2-1-0a1b2c3g", None),
            ("securityhub-ec2-1-0a1b2c3d4", None),
            ("R-conformance-pack-szsm1uv0w", Some("R-conformance-pack-")),
            ("R-conformance-pack-szsm1uv0", None),
            ("R-conformance-pack-szsm1uv0wx", None),
            ("-conformance-pack-szsm1uv0w", None),
            ("R-pack-szsm1uv0w", None),
            ("restricted-ssh", None),
            ("ルール", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(lasting_prefix(name), prefix, "{name}");
        }
    }

    #[test]
    fn each_name_is_found_or_something_better_is_proposed() {
        let check = |asked: &str, says: &[&str]| assert_eq!(said(asked, true), says, "{asked}");
        check(r#""restricted-ssh", "restricted-ssh", "ルール-一つ""#, &["", ""]);
        check(r#""dying-rule""#, &["the Config rule dying-rule is being deleted"]);
        check(r#"{"prefix":"restr"}"#, &[""]);
        check(
            r#"{"prefix":"rest"}, {"suffix": "x"}"#,
            &["", r#"no Config rule's name matches {"suffix": "x"}"#],
        );
        check(
            r#""Restricted-shh""#,
            &["no Config rule is called Restricted-shh; did you mean restricted-ssh?"],
        );
        check(r#""nothing-like-it""#, &["no Config rule is called nothing-like-it"]);
        let versioning = "OrgConfigRule-s3-bucket-versioning-enabled-dbgzf8ba: AWS makes the \
            suffix up; write { prefix = \"OrgConfigRule-s3-bucket-versioning-enabled-\" } instead";
        for name in [
            "s3-bucket-versioning-enabled",
            "OrgConfigRule-s3-bucket-versioning-enabled",
            "OrgConfigRule-s3-bucket-versioning-enabled-00000000",
        ] {
            let says = format!("no Config rule is called {name}, but {versioning}");
            check(&format!("\"{name}\""), &[&says]);
        }
        check(
            r#""iam""#,
            &["no Config rule is called iam, but OrgConfigRule-iam-0a1b2c3d and 1 \
            more: AWS makes the suffix up; write { prefix = \"OrgConfigRule-iam-\" }, \
            { prefix = \"securityhub-iam-\" } instead"],
        );
        check(
            r#""CustomRuleForAccount""#,
            &["no Config rule is called CustomRuleForAccount, but \
            CustomRuleForAccount-conformance-pack-szsm1uv0w: AWS makes the suffix up; write \
            { prefix = \"CustomRuleForAccount-conformance-pack-\" } instead"],
        );
        check(
            r#""quote\"d""#,
            &["no Config rule is called quote\"d, but \
            quote\"d-conformance-pack-szsm1uv0w: AWS makes the suffix up; write \
            { prefix = \"quote\\\"d-conformance-pack-\" } instead"],
        );
    }

    #[test]
    fn a_japanese_reader_is_told_the_same() {
        let rules: Vec<ConfigRule> = RULES.iter().map(|name| rule(name)).collect();
        let said = |asked: &str| {
            let text = format!(r#"{{"detail":{{"configRuleName":[{asked}]}}}}"#);
            let checks = check_names(&Pattern::parse(&text).unwrap(), &rules);
            checks[0].in_japanese(&checks[0].proposals(true))
        };
        for (asked, says) in [
            (r#""dying-rule""#, "Config ルール dying-rule は削除中です"),
            (r#""nothing-like-it""#, "nothing-like-it という名前の Config ルールはありません"),
            (r#"{"suffix":"x"}"#, r#"{"suffix":"x"} に合う名前の Config ルールはありません"#),
            (
                r#""Restricted-shh""#,
                "Restricted-shh という名前の Config ルールはありません。restricted-ssh の間違いではありませんか",
            ),
            (
                r#""iam""#,
                "iam という名前の Config ルールはありませんが、OrgConfigRule-iam-0a1b2c3d ほか 1 件 があります。\
                 末尾は AWS が付けたものです。代わりに { prefix = \"OrgConfigRule-iam-\" }, \
                 { prefix = \"securityhub-iam-\" } と書いてください",
            ),
        ] {
            assert_eq!(said(asked), says);
        }
    }

    #[test]
    fn a_pattern_by_hand_is_told_in_json() {
        assert_eq!(
            said(r#""quote\"d""#, false),
            ["no Config rule is called quote\"d, but \
            quote\"d-conformance-pack-szsm1uv0w: AWS makes the suffix up; write \
            {\"prefix\":\"quote\\\"d-conformance-pack-\"} instead"]
        );
    }

    #[test]
    fn a_pattern_that_takes_any_rule_asks_for_nothing() {
        for text in [
            r#"{"source":["aws.config"]}"#,
            r#"{"$or":[{"detail":{"configRuleName":["a"]}},{"source":["b"]}]}"#,
        ] {
            assert_eq!(check_names(&Pattern::parse(text).unwrap(), &[rule("a")]), [], "{text}");
        }
    }
}
