//! A stack that was made by hand is taken over without being made again.

use super::brief::{REGION, example};
use super::program::{Program, root};
use super::read_back::{list, python, read_back};
use notify_proxy::Proxy;
use serde_json::Value;

/// The system of the brief, made with boto3 as a person makes it.
fn made_by_hand() -> Program {
    let template = Program::in_fresh_account();
    template.set_up(&example());
    let found = python(&template.account, "read_back.py", &[REGION]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("found.json");
    std::fs::write(&file, found).expect("a file");

    let program = Program::in_fresh_account();
    let brief = root().join("tests/e2e/brief.json");
    let words = [brief.to_str().expect("a path"), file.to_str().expect("a path")];
    python(&program.account, "by_hand.py", &words);
    program
}

fn names<'a>(found: &'a Value, kind: &str, field: &str) -> Vec<&'a str> {
    list(found, kind).iter().filter_map(|one| one[field].as_str()).collect()
}

/// `--adopt` for everything that was found.
fn hand_over(found: &Value) -> Vec<String> {
    let mut words = Vec::new();
    for (kind, list, field) in
        [("topic", "topics", "name"), ("rule", "rules", "Name"), ("alarm", "alarms", "AlarmName")]
    {
        for name in names(found, list, field) {
            words.extend(["--adopt".to_owned(), format!("{kind}/{name}")]);
        }
    }
    words
}

/// Without permission nothing is touched; with it, only marks and our part of the policy are
/// written; and after `destroy` it is what it was before.
#[test]
fn a_stack_made_by_hand_is_adopted_without_being_made_again() {
    let program = made_by_hand();
    let before = read_back(&program.account, REGION);

    let refused = program.run(&example(), &["setup", "--yes"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = [refused.stdout, refused.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("--adopt topic/config-info"), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!(read_back(&program.account, REGION), before);

    let adopt = hand_over(&before);
    let mut words = vec!["setup", "--yes"];
    words.extend(adopt.iter().map(String::as_str));
    let upstream = program.endpoint.trim_start_matches("http://").parse().expect("an address");
    let proxy = Proxy::start(upstream).expect("a proxy");
    program.through(&proxy).expect(&example(), &words, 0);
    let mut writes: Vec<String> = proxy
        .take_calls()
        .into_iter()
        .filter(|call| !call.is_read())
        .map(|call| call.operation)
        .collect();
    writes.sort();
    writes.dedup();
    assert_eq!(writes, ["SetTopicAttributes", "TagResource"]);
    program.assert_settled(&example());

    let after = read_back(&program.account, REGION);
    for (kind, field) in [("topics", "arn"), ("rules", "Arn"), ("alarms", "AlarmArn")] {
        assert_eq!(names(&after, kind, field), names(&before, kind, field));
        for one in list(&after, kind) {
            assert_eq!(one["tags"]["notify:adopted"], "true", "{one}");
        }
    }
    let topic = &after["topics"][0];
    assert_eq!(topic["tags"]["team"], "運用");
    assert_eq!(topic["subscriptions"], before["topics"][0]["subscriptions"]);
    assert_eq!(after["rules"][0]["targets"], before["rules"][0]["targets"]);
    let sids: Vec<&str> = topic["policy"]["Statement"]
        .as_array()
        .expect("statements")
        .iter()
        .filter_map(|statement| statement["Sid"].as_str())
        .collect();
    for kept in ["__default_statement_ID", "AWSEvents_config_Id1a2b3c"] {
        assert!(sids.contains(&kept), "{sids:?}");
    }
    assert_eq!(sids.len(), 4, "{sids:?}");

    program.destroy(&example());
    assert_eq!(read_back(&program.account, REGION), before);
}
