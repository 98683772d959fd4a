//! How many calls a run makes: they grow with pages and rules, not with alarms.

use super::program::{Program, spec_with};
use notify_proxy::{Call, Proxy};
use serde_json::Value;
use std::collections::BTreeMap;

fn count(calls: &[Call]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(call.operation.as_str()).or_default() += 1;
    }
    counts
}

/// What a write call writes, so that two that write the same can be told.
fn subject(call: &Call) -> String {
    let text = String::from_utf8_lossy(&call.body);
    let form = |names: &[&str]| -> Vec<String> {
        let fields = text.split('&').filter_map(|field| field.split_once('='));
        fields.filter(|(name, _)| names.contains(name)).map(|(_, v)| v.to_owned()).collect()
    };
    let parts = match call.service.as_str() {
        "sns" => form(&["Name", "TopicArn", "ResourceArn", "AttributeName", "Endpoint"]),
        "events" => {
            let body: Value = serde_json::from_str(&text).unwrap_or_default();
            let name = ["Name", "Rule", "ResourceARN"].into_iter().find_map(|f| body[f].as_str());
            vec![name.unwrap_or_default().to_owned()]
        }
        _ => vec![cbor_text(&call.body, "AlarmName").unwrap_or_default()],
    };
    format!("{} {}", call.operation, parts.join(" "))
}

/// The short text behind a key of a CBOR map: enough for a name.
fn cbor_text(body: &[u8], key: &str) -> Option<String> {
    let at = body.windows(key.len()).position(|window| window == key.as_bytes())? + key.len();
    let (length, from) = match body.get(at)? {
        short @ 0x60..=0x77 => (usize::from(short - 0x60), at + 1),
        0x78 => (usize::from(*body.get(at + 1)?), at + 2),
        _ => return None,
    };
    String::from_utf8(body.get(from..from + length)?.to_vec()).ok()
}

/// A first run writes nothing twice; one on an unchanged stack writes nothing, and reads no more
/// than six calls, three for each rule, and one for each hundred alarms and each further hundred
/// rules.
#[test]
fn an_unchanged_stack_costs_few_reads_and_no_write() {
    for (rules, alarms) in [(0, 1), (1, 20), (3, 100), (2, 250)] {
        check(rules, alarms);
    }
}

/// The same holds for as many rules as a bus takes, and for thousands of alarms.
#[test]
fn so_does_a_large_stack() {
    check(300, 5000);
}

fn check(rules: usize, alarms: usize) {
    let (_folder, spec) = spec_with(rules, alarms);
    let program = Program::in_fresh_account();
    let upstream = program.endpoint.trim_start_matches("http://").parse().expect("an address");
    let proxy = Proxy::start(upstream).expect("a proxy");
    let program = program.through(&proxy);

    program.set_up(&spec);
    let calls = proxy.take_calls();
    let mut writes: Vec<String> =
        calls.iter().filter(|call| !call.is_read()).map(subject).collect();
    writes.sort();
    let once = writes.len();
    writes.dedup();
    assert_eq!(writes.len(), once, "{rules} rules, {alarms} alarms: written twice");
    let made = count(&calls);
    assert_eq!(made.get("PutMetricAlarm"), Some(&alarms), "{made:?}");

    program.set_up(&spec);
    let calls = proxy.take_calls();
    let counts = count(&calls);
    assert!(calls.iter().all(Call::is_read), "{counts:?}");
    // The names of a topic's rules come by the hundred, too.
    let more_pages = rules.div_ceil(100).saturating_sub(1);
    let most = 6 + 3 * rules + alarms.div_ceil(100) + more_pages;
    assert!(calls.len() <= most, "{} calls, at most {most}: {counts:?}", calls.len());
}
