//! What is measured means what it should, and both count the same.

use crate::agree::{agree, read_otherwise};
use crate::engines::{self, count_ours, count_rival, lines};
use crate::events;
use crate::rules::{self, SIZES, Sort};
use notify_core::pattern::{Pattern, Validation};
use serde_json::Value;
use std::collections::BTreeMap;

const SEED: u64 = 1;

fn generated(count: usize) -> String {
    let mut text = String::new();
    events::generate(SEED, count, |line| {
        text.push_str(line);
        Ok(())
    })
    .unwrap();
    text
}

fn rule_set(sort: Sort, size: usize) -> Vec<String> {
    rules::generate(sort, size).lines().map(str::to_owned).collect()
}

/// FNV-1a, 64 bits.
fn fingerprint(text: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

/// Figures can be compared with those of another day only if the data is the same.
#[test]
fn data_is_the_same_at_every_run() {
    assert_eq!(fingerprint(&generated(500)), "2a04bc2a1c55806e");
    let sets = Sort::ALL.map(|sort| SIZES.map(|size| fingerprint(&rules::generate(sort, size))));
    assert_eq!(
        sets,
        [
            ["3fd54649eaf8d6a3", "dcd8fd90a5275827", "1475cc573f2f2f9c", "bb57f66c9ff4ba96"],
            ["43f1915c762e3f6a", "771b617e6047293f", "a8c7699b4912de01", "14fe86b722ba8e3b"]
        ]
    );
}

#[test]
fn events_have_their_shares_and_sizes() {
    let text = generated(4000);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for line in text.lines() {
        assert!((700..2700).contains(&line.len()), "{} bytes", line.len());
        let event: Value = serde_json::from_str(line).unwrap();
        let keys: Vec<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
        let envelope = "version id detail-type source account time region resources detail";
        assert_eq!(keys.join(" "), envelope);
        *kinds.entry(event["detail-type"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    for (percent, kind, _) in events::KINDS {
        let expected = usize::try_from(percent).unwrap() * 40;
        assert!(kinds[kind].abs_diff(expected) < 100, "{kind}: {} of 4000", kinds[kind]);
    }
    assert_eq!(kinds.len(), events::KINDS.len());
    let mean = text.len() / 4000;
    assert!((1650..1720).contains(&mean), "{mean} bytes on average");
    for some in [r#"\"Owner\""#, r"\n\n", "必須", "2.5e0", "\"errorCode\"", "null", "[]"] {
        assert!(text.contains(some), "{some}");
    }
}

/// Of each sort of rule, some match and some do not: else agreement would mean little.
#[test]
fn rules_choose_among_the_events() {
    let text = generated(2000);
    for (sort, sorts) in [(Sort::Exact, 1), (Sort::Mixed, 10)] {
        let rules = rule_set(sort, 500);
        let set = engines::ours(&rules).unwrap();
        let counts = count_ours(&set, rules.len(), Validation::Full, text.as_bytes()).unwrap();
        for residue in 0..sorts {
            let of_sort = || counts.iter().skip(residue).step_by(sorts);
            assert!(of_sort().any(|&count| count > 0), "{sort}, {residue}: none matches");
            assert!(of_sort().any(|&count| count < 1000), "{sort}, {residue}: all match");
        }
    }
}

#[test]
fn both_count_the_same() {
    let text = generated(2000);
    let events = text.as_bytes();
    for sort in Sort::ALL {
        for size in SIZES {
            let rules = rule_set(sort, size);
            let set = engines::ours(&rules).unwrap();
            let rival = engines::rival(&rules);
            let needed = count_ours(&set, size, Validation::Needed, events).unwrap();
            let full = count_ours(&set, size, Validation::Full, events).unwrap();
            let theirs = count_rival(&rival, size, events).unwrap();
            assert_eq!(needed, full, "{sort} {size}");
            let agreement = agree(&rules, &rival.refused, &needed, &theirs);
            assert_eq!(agreement.differences, Vec::<String>::new(), "{sort} {size}");
            // One in ten of the mixed rules has a range without its lower end.
            let known = if sort == Sort::Mixed { size / 10 } else { 0 };
            let left_out = (agreement.refused, agreement.known, agreement.compared);
            assert_eq!(left_out, (0, known, size - known), "{sort} {size}");
        }
    }
}

/// The set finds for an event what each of its patterns says by itself.
#[test]
fn sets_match_like_their_patterns() {
    let text = generated(400);
    for sort in Sort::ALL {
        for (size, step) in [(5, 1), (50, 4), (500, 20), (5000, 100)] {
            let rules = rule_set(sort, size);
            let patterns: Vec<Pattern> =
                rules.iter().map(|rule| Pattern::parse(rule).unwrap()).collect();
            let set = engines::ours(&rules).unwrap();
            for event in text.split_inclusive('\n').step_by(step) {
                let together = count_ours(&set, size, Validation::Needed, event.as_bytes());
                let event = lines(event.as_bytes()).next().unwrap();
                let alone: Vec<u64> = patterns
                    .iter()
                    .map(|pattern| u64::from(pattern.matches(event).unwrap()))
                    .collect();
                assert_eq!(together.unwrap(), alone, "{sort} {size}");
            }
        }
    }
}

/// Once the rival reads ranges as we do, they can be compared.
#[test]
fn the_rival_takes_the_lower_end_of_a_range() {
    let rule = r#"{"n":[{"numeric":[">",2,"<=",40]}]}"#.to_owned();
    assert!(read_otherwise(&rule));
    for taken in [r#"{"n":[{"numeric":[">=",2,"<",40]}]}"#, r#"{"numeric":[">","a","b","c"]}"#] {
        assert!(!read_otherwise(taken), "{taken}");
    }
    let rules = [rule];
    let events = b"{\"n\":2}\n{\"n\":3}\n{\"n\":40}\n{\"n\":41}\n";
    let ours = engines::ours(&rules).unwrap();
    assert_eq!(count_ours(&ours, 1, Validation::Needed, events).unwrap(), [2]);
    let rival = engines::rival(&rules);
    assert_eq!(count_rival(&rival, 1, events).unwrap(), [3]);
}

#[test]
fn differences_and_refusals_are_told() {
    let refused = r#"{"n":[{"cidr":"not an address"}]}"#;
    assert_eq!(engines::rival(&[refused.to_owned()]).refused, [0]);
    let rules = ["a", "b", "c"].map(|name| format!(r#"{{"n":["{name}"]}}"#));
    let agreement = agree(&rules, &[1], &vec![1, 2, 3], &vec![1, 0, 4]);
    assert_eq!(agreement.differences, [r#"3 of ours, 4 of the rival's: {"n":["c"]}"#]);
    assert_eq!((agreement.compared, agreement.refused, agreement.known), (2, 1, 0));
}

#[test]
fn a_broken_event_is_named() {
    let rules = [r#"{"n":["a"]}"#.to_owned()];
    let set = engines::ours(&rules).unwrap();
    let error = count_ours(&set, 1, Validation::Full, b"{}\n{\"n\":}\n").unwrap_err();
    assert!(error.to_string().starts_with("line 2 of the events: "), "{error}");
}
