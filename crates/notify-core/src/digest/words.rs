//! The words of a digest, for its mail and for its table.

use super::{Change, Who};
use crate::mail::grouped;
use crate::spec::Language;

impl Who {
    /// What to call it. A rule's name is as WAF has it.
    pub fn label(&self, language: Language) -> &str {
        match (self, language) {
            (Self::Rule(name), _) => name,
            (Self::DefaultAction, Language::En) => "(default action)",
            (Self::DefaultAction, Language::Ja) => "(デフォルトアクション)",
            (Self::Others, Language::En) => "(other rules)",
            (Self::Others, Language::Ja) => "(その他のルール)",
        }
    }
}

impl Change {
    /// The change in words; nothing where there is nothing on both days.
    ///
    /// ```
    /// use notify_core::{digest::Change, spec::Language};
    ///
    /// let change = Change { now: 4_500, before: 3_000 };
    /// assert_eq!(change.in_words(Language::En).as_deref(), Some("+1,500, +50%"));
    /// let change = Change { now: 1, before: 0 };
    /// assert_eq!(change.in_words(Language::En).as_deref(), Some("new"));
    /// ```
    pub fn in_words(self, language: Language) -> Option<String> {
        let (comma, new, same) = match language {
            Language::En => (", ", "new", "unchanged"),
            Language::Ja => ("、", "前日は 0", "増減なし"),
        };
        match (self.difference(), self.percent_in_words()) {
            (0, None) => None,
            (_, None) => Some(new.to_owned()),
            (0, _) => Some(same.to_owned()),
            (difference, Some(percent)) => {
                Some(format!("{}{}{comma}{percent}", sign(difference), amount(difference)))
            }
        }
    }

    /// The change in per cent with its sign, which a small loss has even where it is rounded to
    /// nothing; nothing where the day before had none.
    ///
    /// ```
    /// use notify_core::digest::Change;
    ///
    /// let change = Change { now: 999, before: 1_000 };
    /// assert_eq!(change.percent_in_words().as_deref(), Some("-0%"));
    /// ```
    pub fn percent_in_words(self) -> Option<String> {
        Some(format!("{}{}%", sign(self.difference()), amount(self.percent()?)))
    }
}

fn sign(number: i64) -> char {
    if number < 0 { '-' } else { '+' }
}

/// A number without its sign.
fn amount(number: i64) -> String {
    grouped(number.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_said_in_both_languages() {
        for (before, now, en, ja) in [
            (0, 0, None, None),
            (0, 7, Some("new"), Some("前日は 0")),
            (7, 7, Some("unchanged"), Some("増減なし")),
            (7, 0, Some("-7, -100%"), Some("-7、-100%")),
            (1_000, 3_500, Some("+2,500, +250%"), Some("+2,500、+250%")),
            (1, 2_001, Some("+2,000, +200,000%"), Some("+2,000、+200,000%")),
            (1_000, 1_001, Some("+1, +0%"), Some("+1、+0%")),
            (1_000, 999, Some("-1, -0%"), Some("-1、-0%")),
        ] {
            let change = Change { now, before };
            assert_eq!(change.in_words(Language::En).as_deref(), en);
            assert_eq!(change.in_words(Language::Ja).as_deref(), ja);
        }
    }
}
