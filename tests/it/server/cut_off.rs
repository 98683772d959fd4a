//! The program dies, or the network does, in the middle of its work: the next run finishes it.

use super::program::{Program, Running, spec_with};
use super::read_back::{assert_empty, list, read_back};
use notify_proxy::{Call, Fate, Proxy, Trap};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const REGION: &str = "ap-northeast-1";
const ALARMS: usize = 50;
/// How long a program may take to come to the place where it is cut off.
const LIMIT: Duration = Duration::from_secs(30);

fn proxy(program: &Program) -> Proxy {
    let upstream = program.endpoint.trim_start_matches("http://").parse().expect("an address");
    Proxy::start(upstream).expect("a proxy")
}

/// Starts a setup whose calls take as long as on AWS, so that there is a middle.
fn start(program: &Program, proxy: &Proxy, spec: &Path) -> Running {
    proxy.delay(Duration::from_millis(20));
    program.through(proxy).start(spec, &["setup", "--yes"])
}

/// The next run makes what is missing, nothing is there twice, and all of it can be removed.
fn assert_heals(program: &Program, spec: &Path) {
    program.set_up(spec);
    program.assert_settled(spec);
    let found = read_back(&program.account, REGION);
    for (kind, expected) in [("topics", 1), ("rules", 1), ("alarms", ALARMS)] {
        let there = list(&found, kind);
        assert_eq!(there.len(), expected, "{kind}");
        for one in there {
            assert_eq!(one["tags"]["notify:stack"], "many", "{one}");
        }
    }
    let subscriptions = found["topics"][0]["subscriptions"].as_array().expect("a list");
    assert_eq!(subscriptions.len(), 1);
    assert_eq!(found["rules"][0]["targets"].as_array().map(Vec::len), Some(1));
    program.destroy(spec);
    assert_empty(&program.account, REGION);
}

fn of(operation: &str, calls: &[Call]) -> usize {
    calls.iter().filter(|call| call.operation == operation).count()
}

/// `kill -9` with some of fifty alarms made.
#[test]
fn a_setup_killed_between_alarms_heals() {
    for made in [1, 10, 25, 49] {
        let program = Program::in_fresh_account();
        let (_folder, spec) = spec_with(1, ALARMS);
        let proxy = proxy(&program);
        let child = start(&program, &proxy, &spec);
        let reached = proxy.wait_for(LIMIT, |calls| of("PutMetricAlarm", calls) >= made);
        let output = child.kill();
        assert!(reached, "{output:?}");
        assert_eq!(output.status.code(), None, "it came to its end: {output:?}");
        assert_heals(&program, &spec);
    }
}

/// `kill -9` before each kind of write call has reached the server: between a topic and its
/// policy, between a rule and its target.
#[test]
fn a_setup_killed_before_any_write_heals() {
    for operation in ["CreateTopic", "SetTopicAttributes", "Subscribe", "PutRule", "PutTargets"] {
        let program = Program::in_fresh_account();
        let (_folder, spec) = spec_with(1, ALARMS);
        let proxy = proxy(&program);
        let fate = Fate::Held;
        proxy.set_trap(Trap { operation: operation.to_owned(), after: 0, times: 1, fate });
        let child = start(&program, &proxy, &spec);
        let reached = proxy.wait_for(LIMIT, |calls| of(operation, calls) > 0);
        let output = child.kill();
        assert!(reached, "{operation}: {output:?}");
        assert_heals(&program, &spec);
    }
}

/// A call is carried out, and its answer is lost: whatever the run makes of it, the next is right.
#[test]
fn a_lost_answer_heals() {
    for operation in [
        "CreateTopic",
        "SetTopicAttributes",
        "Subscribe",
        "PutRule",
        "PutTargets",
        "PutMetricAlarm",
    ] {
        let program = Program::in_fresh_account();
        let (_folder, spec) = spec_with(1, ALARMS);
        let proxy = proxy(&program);
        let fate = Fate::AnswerLost;
        proxy.set_trap(Trap { operation: operation.to_owned(), after: 0, times: 1, fate });
        let output = start(&program, &proxy, &spec).finish();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{operation}: {output:?}");
        assert_heals(&program, &spec);
    }
}

/// A removal that is killed is finished by the next.
#[test]
fn a_destroy_killed_before_any_write_heals() {
    for operation in ["DeleteAlarms", "RemoveTargets", "DeleteRule", "DeleteTopic"] {
        let program = Program::in_fresh_account();
        let (_folder, spec) = spec_with(1, ALARMS);
        program.set_up(&spec);
        let proxy = proxy(&program);
        let fate = Fate::Held;
        proxy.set_trap(Trap { operation: operation.to_owned(), after: 0, times: 1, fate });
        let child = program.through(&proxy).start(&spec, &["destroy", "--yes"]);
        let reached = proxy.wait_for(LIMIT, |calls| of(operation, calls) > 0);
        let output = child.kill();
        assert!(reached, "{operation}: {output:?}");
        program.destroy(&spec);
        assert_empty(&program.account, REGION);
    }
}

/// Ctrl-C lets the calls in flight end, says so, and begins nothing new.
#[test]
fn an_interrupted_setup_ends_what_it_has_begun() {
    let program = Program::in_fresh_account();
    let (_folder, spec) = spec_with(1, ALARMS);
    let proxy = proxy(&program);
    let child = start(&program, &proxy, &spec);
    let reached = proxy.wait_for(LIMIT, |calls| of("PutMetricAlarm", calls) >= 10);
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("a signal").success());
    let output = child.finish();
    assert!(reached, "{output:?}");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let begun = of("PutMetricAlarm", &proxy.calls());
    assert!(begun < ALARMS, "it went on to the end");
    let found = read_back(&program.account, REGION);
    assert_eq!(list(&found, "alarms").len(), begun, "what was begun is done");
    assert_heals(&program, &spec);
}
