//! Command lines that mend a link.

/// What makes AWS equal to the file again.
pub(super) const SETUP: &str = "notify-cli setup";

/// A word of a command line, in quotes where a shell would not take it as it is.
///
/// ```
/// # use notify_core::proof::quoted;
/// assert_eq!(quoted("alias/notify"), "alias/notify");
/// assert_eq!(quoted("it's 遮断"), r"'it'\''s 遮断'");
/// ```
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
