//! Mails of our own: lines that fit into a message, with nothing in them that a mail program would
//! obey.

use super::MAX_BYTES;

/// Room for the line that says how much was cut.
const CUT_BYTES: usize = 100;

/// A line of a mail.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// Whether it is one of those that are counted where a mail is cut.
    pub(crate) is_entry: bool,
}

impl Line {
    /// A line that is not counted.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_entry: false }
    }

    /// A line that is counted.
    pub(crate) fn entry(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_entry: true }
    }
}

/// Joins lines, and cuts them where the message would become too long for SNS: `more` says how many
/// entries are missing, `end` follows in any case.
pub(crate) fn fitting(lines: Vec<Line>, end: &str, more: impl FnOnce(usize) -> String) -> String {
    let mut body = String::new();
    let mut lines = lines.into_iter().peekable();
    let room = MAX_BYTES.saturating_sub(CUT_BYTES + end.len());
    while let Some(line) = lines.next_if(|line| body.len() + line.text.len() < room) {
        body.push_str(&line.text);
        body.push('\n');
    }
    let missing = lines.filter(|line| line.is_entry).count();
    if missing > 0 {
        body.push_str(&more(missing));
        body.push('\n');
    }
    body.push_str(end);
    body
}

/// Text from outside in one line of a mail, without what a mail program would obey.
pub(crate) fn shown(text: &str) -> String {
    let obeyed =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if obeyed(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(lengths: &[usize], end: usize) -> (usize, String) {
        let lines = lengths.iter().map(|length| Line::entry("x".repeat(*length))).collect();
        let end = "e".repeat(end);
        let body = fitting(lines, &end, |more| format!("{more} more"));
        let tail: String = body.chars().filter(|c| !matches!(c, 'x' | 'e' | '\n')).collect();
        (body.len(), tail)
    }

    #[test]
    fn a_message_is_cut_where_a_line_and_its_end_no_longer_fit() {
        let room = MAX_BYTES - CUT_BYTES - 10;
        assert_eq!(cut(&[room - 1], 10), (room + 10, String::new()));
        assert_eq!(cut(&[room], 10).1, "1 mor");
        assert_eq!(cut(&[room - 1, 1, 1], 10).1, "2 mor");
        assert_eq!(cut(&[], 10).0, 10);
        assert_eq!(cut(&[1], MAX_BYTES).1, "1 mor");
        let lines = vec![Line::plain("x".repeat(MAX_BYTES)), Line::entry("")];
        assert_eq!(fitting(lines, "end", |more| more.to_string()), "1\nend");
        let lines = vec![Line::plain("a"), Line::plain("x".repeat(MAX_BYTES))];
        assert_eq!(fitting(lines, "end", |more| more.to_string()), "a\nend");
    }

    #[test]
    fn what_a_mail_program_would_obey_is_shown() {
        assert_eq!(
            shown("a\u{1b}[31m\r\n\u{2028}\u{202e}\u{2069}遮"),
            "a\\u{1b}[31m\\u{d}\\u{a}\\u{2028}\\u{202e}\\u{2069}遮"
        );
        assert_eq!(shown("\u{2027}\u{202f}\u{2065}\u{206a}"), "\u{2027}\u{202f}\u{2065}\u{206a}");
    }
}
