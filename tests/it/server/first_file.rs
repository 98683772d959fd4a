//! A first file from what an account already has.

use super::program::Program;
use super::read_back::python;

/// `init --from-aws` names the Config rules and the web ACL's rules, each with the metric that it
/// reports; what it writes can be set up as it is.
#[test]
fn a_first_file_names_what_the_account_has() {
    let program = Program::in_fresh_account();
    python(&program.account, "watched.py", &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("first.toml");
    program.expect(&file, &["init", "--from-aws", "--email", "ops@example.com"], 0);

    let text = std::fs::read_to_string(&file).expect("a file");
    assert!(text.contains("\"ec2-stopped-instance\",\n    \"restricted-ssh\",\n"), "{text}");
    // Names whose end AWS makes up are matched by their beginning, once.
    let prefix = "{ prefix = \"OrgConfigRule-s3-logging-\" },\n";
    assert_eq!(text.matches(prefix).count(), 1, "{text}");
    assert!(text.contains("web_acl = \"waf-base-001\""), "{text}");
    assert!(text.contains("    \"blocks\",\n"), "{text}");
    assert!(text.contains("{ rule = \"counts\", metric = \"CountedRequests\" }"), "{text}");
    assert!(!text.contains("allows"), "{text}");

    program.expect(&file, &["validate", "--strict"], 0);
    program.set_up(&file);
    program.assert_settled(&file);
}

/// The server's rules judge nothing: that nothing is silent is said, and which names find no rule.
#[test]
fn names_of_config_rules_are_looked_up_after_the_first_setup() {
    let program = Program::in_fresh_account();
    python(&program.account, "watched.py", &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notify.toml");
    let text = r#"stack = "names"
regions = ["ap-northeast-1"]

[topic]
name = "names"

[[events]]
name = "config"
preset = "config-compliance"
config_rules = ["restricted-ssh", "s3-logging"]
"#;
    std::fs::write(&file, text).expect("a file");
    let advice = "{ prefix = \"OrgConfigRule-s3-logging-\" } instead";
    let listed = program.expect(&file, &["baseline"], 0);
    assert!(listed.contains("ap-northeast-1: every resource complies"), "{listed}");
    assert!(listed.contains(advice), "{listed}");
    let first = program.expect(&file, &["setup", "--yes"], 0);
    assert!(first.contains(advice) && !first.contains("do not comply"), "{first}");
    let second = program.expect(&file, &["setup", "--yes"], 0);
    assert!(!second.contains(advice), "{second}");
    // Nobody is subscribed, and the account has no recorder.
    let status = program.expect(&file, &["status"], 2);
    assert!(status.contains("no recorder") && !status.contains("do not comply"), "{status}");
}
