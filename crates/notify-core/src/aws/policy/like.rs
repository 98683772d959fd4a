//! Wildcards of policies: `*` for any characters, `?` for one.

use super::truth::Truth;

/// How many segments an ARN has; the last one may hold colons.
const SEGMENTS: usize = 6;

/// Whether a text is like a pattern.
///
/// The work is bounded by the square of the text's length and once the pattern's, whatever the
/// pattern: the texts are ARNs and names, patterns may be of any size.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let needed = pattern.chars().filter(|c| *c != '*').count();
    if needed > text.len() {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where the last star was, and how far the text had been read: one star to go back to is
    // enough, because a later star takes all that an earlier one could.
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == c => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                Some((at, from)) => {
                    *from += 1;
                    (p, t) = (*at + 1, *from);
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == '*'))
}

/// Whether an ARN is like a pattern: segment by segment, each with wildcards of its own
/// ([condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN)).
///
/// A pattern of fewer segments that would match as a plain text is not documented: that cannot be
/// told. A lone `*` matches everything.
pub(super) fn arn_like(pattern: &str, arn: &str) -> Truth {
    if pattern == "*" {
        return Truth::Yes;
    }
    if !like(pattern, arn) {
        return Truth::No;
    }
    let wanted: Vec<&str> = pattern.splitn(SEGMENTS, ':').collect();
    let found: Vec<&str> = arn.splitn(SEGMENTS, ':').collect();
    if wanted.len() < SEGMENTS || found.len() < SEGMENTS {
        return Truth::Unclear(format!("`{}`, which is no whole ARN", shortened(pattern)));
    }
    Truth::from(wanted.iter().zip(&found).all(|(wanted, found)| like(wanted, found)))
}

/// The beginning of a text from outside, for a sentence.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_others() {
        for (pattern, text, want) in [
            ("", "", true),
            ("*", "", true),
            ("**", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*b*b", "abab", true),
            ("*ab*ab", "abab", true),
            ("*ab*ab", "aab", false),
            ("?", "", false),
            ("a?", "ab", true),
            ("?遮", "断遮", true),
            ("?", "断", true),
            ("ab", "a", false),
            ("a", "ab", false),
            ("a*", "b", false),
            ("*a", "ba", true),
            ("*a", "ab", false),
            ("", "a", false),
        ] {
            assert_eq!(like(pattern, text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn each_segment_of_an_arn_is_compared_with_its_own() {
        const RULE: &str = "arn:aws:events:us-east-1:111122223333:rule/bus/r";
        let unclear = |text: &str| Truth::Unclear(format!("`{text}`, which is no whole ARN"));
        for (pattern, want) in [
            (RULE, Truth::Yes),
            ("*", Truth::Yes),
            ("arn:aws:events:*:*:rule/*", Truth::Yes),
            ("arn:*:*:*:*:*", Truth::Yes),
            ("arn:aws:events:us-east-?:111122223333:rule/bus/?", Truth::Yes),
            ("arn:aws:events:us-east-1:111122223333:rule/bus/R", Truth::No),
            ("arn:aws:events:us-east-1:1111:*", Truth::No),
            // As a plain text it would match: a star goes no further than its segment.
            ("arn:aws:*:111122223333:rule/bus/?:*", Truth::No),
            ("arn:*:rule/bus/r", unclear("arn:*:rule/bus/r")),
            ("*r", unclear("*r")),
            ("*x", Truth::No),
        ] {
            assert_eq!(arn_like(pattern, RULE), want, "{pattern}");
        }
        let colons = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:a:b";
        assert_eq!(arn_like("arn:aws:cloudwatch:*:*:alarm:a:?", colons), Truth::Yes);
        // A segment less than it seems: the pattern's last one holds what the ARN has in two.
        assert_eq!(arn_like("arn:aws:cloudwatch:*:alarm:*:b", colons), Truth::No);
    }

    #[test]
    fn a_huge_pattern_takes_no_longer_than_it_is_long() {
        let stars = "*a".repeat(2_000_000);
        assert!(!like(&stars, &"a".repeat(2_000)));
        let tail = format!("*{}b", "a".repeat(5_000_000));
        assert!(!like(&tail, &"a".repeat(2_000)));
        let all = "*".repeat(5_000_000);
        assert!(like(&all, &"a".repeat(2_000)));
        assert!(!like(&format!("{}b", "*a".repeat(1_000)), &"a".repeat(2_000)));
        assert_eq!(shortened(&"遮".repeat(81)), format!("{}…", "遮".repeat(80)));
        assert_eq!(shortened(&"遮".repeat(80)), "遮".repeat(80));
    }
}
