//! The cases of the engine through a matcher of many patterns.

use crate::cases::cases;
use crate::fast::Both;
use notify_pattern::{Pattern, PatternSet, Validation};

/// What a matcher says of one pattern.
fn verdict(pattern: &Pattern, event: &str, mode: Validation) -> String {
    let mut matcher = PatternSet::new([pattern.clone()]).matcher(mode);
    match matcher.matches(event.as_bytes()) {
        Ok(matching) => (matching == [0]).to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn each_case_alone() {
    let mut count = 0;
    for case in cases() {
        let Ok(pattern) = Pattern::parse(&case.pattern) else { continue };
        for mode in [Validation::Needed, Validation::Full] {
            let found = verdict(&pattern, &case.event, mode);
            assert_eq!(found, case.expected.to_string(), "{} on {}", case.pattern, case.event);
        }
        count += 1;
    }
    assert_eq!(count, VALID);
}

/// So many of the cases have a pattern that is taken.
const VALID: usize = 1230;

/// With `source` and `detail-type` patterns are told apart before the rest is read.
#[test]
fn each_case_as_the_detail_of_an_event() {
    let mut count = 0;
    for case in cases() {
        let wrapped =
            format!(r#"{{"source": ["s"], "detail": {}, "detail-type": ["t"]}}"#, case.pattern);
        let Ok(pattern) = Pattern::parse(&wrapped) else { continue };
        let mut set = Vec::new();
        for (head, rest, takes) in [
            (r#""source": "s", "detail-type": "t","#, "", true),
            (r#""detail-type": "t", "x": "\"", "#, r#", "source": "s""#, true),
            ("", r#", "x": [{}], "detail-type": "t", "source": "s""#, true),
            (r#""source": "s", "detail-type": "u","#, r#", "sources": "s""#, false),
        ] {
            let event = format!(r#"{{{head} "detail": {}{rest}}}"#, case.event);
            let wanted = case.expected == true && takes;
            for mode in [Validation::Needed, Validation::Full] {
                assert_eq!(
                    verdict(&pattern, &event, mode),
                    wanted.to_string(),
                    "{wrapped} {event}"
                );
            }
            set.push(event);
        }
        // The same matcher for all of them.
        let mut both = Both::new([wrapped]);
        for event in &set {
            assert_eq!(both.disagreement(event.as_bytes()), None);
        }
        count += 1;
    }
    assert_eq!(count, VALID);
}

#[test]
fn all_patterns_against_all_events() {
    let cases = cases();
    let mut both = Both::new(cases.iter().map(|case| case.pattern.clone()));
    // Patterns that are told apart by their source, some of them by two.
    let sources = cases.iter().enumerate().map(|(at, case)| {
        let (one, other) = (at % 100, at % 7);
        format!(r#"{{"detail": {}, "source": ["s{one}", "t{other}"]}}"#, case.pattern)
    });
    let mut by_source = Both::new(sources);
    let [set, set_by_source] =
        [&both, &by_source].map(|both| PatternSet::new(both.patterns.iter().cloned()));
    for (at, case) in cases.iter().enumerate() {
        let event = case.event.as_bytes();
        // To ask each pattern on its own takes its time.
        let found = if at % 50 == 0 {
            both.disagreement(event)
        } else {
            both.difference(event, &set.matches(event))
        };
        assert_eq!(found, None);
        let source = if at % 3 == 0 { format!("t{}", at % 7) } else { format!("s{}", at % 100) };
        let event = format!(r#"{{"source": "{source}", "detail": {}}}"#, case.event);
        let event = event.as_bytes();
        let found = by_source.difference(event, &set_by_source.matches(event));
        assert_eq!(found, None);
    }
}
