//! Subjects, and how they are cut.

use crate::aws::AlarmState;

/// The longest subject that SNS takes, in UTF-16 units
/// ([Publish](https://docs.aws.amazon.com/sns/latest/api/API_Publish.html) says characters).
pub const MAX_SUBJECT: usize = 100;

/// The longest text message of an alarm that was seen; its limit is not documented.
const MAX_SMS: usize = 124;

/// What stands where a text was cut.
const CUT: &str = "...";

/// The subject of an alarm's mail, at most [`MAX_SUBJECT`] characters of ASCII.
pub(crate) fn of_alarm(name: &str, state: AlarmState, region: &str) -> String {
    headline(name, state, region, MAX_SUBJECT)
}

/// An alarm's text message.
pub(super) fn sms_of_alarm(name: &str, state: AlarmState, region: &str) -> String {
    headline(name, state, region, MAX_SMS)
}

/// `ALARM: "NAME" in REGION`, with the name cut so that the whole fits.
fn headline(name: &str, state: AlarmState, region: &str, most: usize) -> String {
    let state = state.as_str();
    let around = format!("{state}: \"\" in {region}");
    let name = cut(&ascii(name), most.saturating_sub(around.len()));
    format!("{state}: \"{name}\" in {region}")
}

/// Puts one `_` for each run of characters that are not ASCII, as CloudWatch does before it cuts.
fn ascii(name: &str) -> String {
    let mut ascii = String::with_capacity(name.len());
    let mut in_run = false;
    for c in name.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else if !in_run {
            ascii.push('_');
        }
        in_run = !c.is_ascii();
    }
    ascii
}

/// Cuts a text to `most` UTF-16 units, of which the last three are dots. No character is halved.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut room = most.saturating_sub(CUT.len());
    let kept = text.chars().take_while(|c| match room.checked_sub(c.len_utf16()) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    });
    kept.chain(CUT.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> usize {
        text.encode_utf16().count()
    }

    #[test]
    fn a_name_is_cut_when_the_subject_has_no_room_for_it() {
        let around = units("ALARM: \"\" in US East (N. Virginia)");
        for (length, cut) in [(99, false), (100, false), (101, true), (300, true)] {
            let name = "n".repeat(length - around);
            let subject = of_alarm(&name, AlarmState::Alarm, "US East (N. Virginia)");
            assert_eq!(units(&subject), length.min(MAX_SUBJECT));
            assert_eq!(subject.contains("n...\" in US East (N. Virginia)"), cut, "{subject}");
            assert_eq!(subject.contains(&format!("\"{name}\"")), !cut, "{subject}");
        }
        let text = sms_of_alarm(&"n".repeat(300), AlarmState::Ok, "US West (Oregon)");
        let expected = format!("OK: \"{}...\" in US West (Oregon)", "n".repeat(95));
        assert_eq!((text.as_str(), units(&text)), (expected.as_str(), MAX_SMS));
    }

    #[test]
    fn a_run_that_is_not_ascii_becomes_one_underscore_before_the_cut() {
        for (name, expected) in [
            ("waf", "ALARM: \"waf\" in EU (Milan)"),
            ("遮断", "ALARM: \"_\" in EU (Milan)"),
            ("遮断-waf-遮断", "ALARM: \"_-waf-_\" in EU (Milan)"),
            ("é_é", "ALARM: \"___\" in EU (Milan)"),
            ("a🚨🚨b", "ALARM: \"a_b\" in EU (Milan)"),
            ("a\u{7f}b\u{80}", "ALARM: \"a\u{7f}b_\" in EU (Milan)"),
            ("", "ALARM: \"\" in EU (Milan)"),
        ] {
            assert_eq!(of_alarm(name, AlarmState::Alarm, "EU (Milan)"), expected);
        }
        let long = "遮断".repeat(120);
        let ascii = "x".repeat(60);
        assert_eq!(
            of_alarm(&format!("{long}{ascii}"), AlarmState::InsufficientData, "EU (Milan)"),
            format!("INSUFFICIENT_DATA: \"_{ascii}\" in EU (Milan)")
        );
    }

    #[test]
    fn a_cut_halves_no_character() {
        for (text, most, expected) in [
            ("abcdef", 6, "abcdef"),
            ("abcdef", 5, "ab..."),
            ("abcdef", 3, "..."),
            ("abcdef", 0, "..."),
            ("", 0, ""),
            ("遮断遮断遮断", 5, "遮断..."),
            ("🚨🚨", 4, "🚨🚨"),
            ("🚨🚨🚨", 5, "🚨..."),
            ("🚨🚨🚨", 4, "..."),
            ("a🚨bcdefg", 5, "a..."),
        ] {
            assert_eq!(cut(text, most), expected, "{text} in {most}");
        }
    }
}
