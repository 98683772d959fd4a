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
    assert!(text.contains("web_acl = \"waf-base-001\""), "{text}");
    assert!(text.contains("    \"blocks\",\n"), "{text}");
    assert!(text.contains("{ rule = \"counts\", metric = \"CountedRequests\" }"), "{text}");
    assert!(!text.contains("allows"), "{text}");

    program.expect(&file, &["validate", "--strict"], 0);
    program.set_up(&file);
    program.assert_settled(&file);
}
