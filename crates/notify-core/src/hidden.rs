//! Characters that act on what shows them instead of being seen.

/// Whether a character is obeyed, or hides, where it is shown as it is: on a terminal, in a page.
///
/// Control characters of both ranges (0x9b opens an escape sequence as ESC `[` does), what turns
/// the direction of text, what has no width, and what breaks a line besides `\n`
/// ([UAX #9](https://www.unicode.org/reports/tr9/),
/// [UTS #39](https://www.unicode.org/reports/tr39/)).
///
/// ```
/// use notify_core::hidden::is_hidden;
///
/// assert!(['\u{1b}', '\u{9b}', '\u{202e}', '\u{200b}', '\u{2028}'].into_iter().all(is_hidden));
/// assert!(!['a', ' ', '遮', '\u{301}'].into_iter().any(is_hidden));
/// ```
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'                     // soft hyphen
            | '\u{61c}'                  // Arabic letter mark
            | '\u{115f}' | '\u{1160}'    // Hangul fillers
            | '\u{180e}'                 // Mongolian vowel separator
            | '\u{200b}'..='\u{200f}'    // no width; left-to-right, right-to-left
            | '\u{2028}'..='\u{202e}'    // separators of lines; embeddings and overrides
            | '\u{2060}'..='\u{206f}'    // no width; isolates
            | '\u{3164}' | '\u{ffa0}'    // Hangul fillers
            | '\u{feff}'                 // no width
            | '\u{fff9}'..='\u{fffb}'    // annotations
            | '\u{e0000}'..='\u{e007f}'  // tags
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_end_where_they_do() {
        for (first, last) in [
            ('\0', '\u{1f}'),
            ('\u{7f}', '\u{9f}'),
            ('\u{ad}', '\u{ad}'),
            ('\u{200b}', '\u{200f}'),
            ('\u{2028}', '\u{202e}'),
            ('\u{2060}', '\u{206f}'),
            ('\u{feff}', '\u{feff}'),
            ('\u{fff9}', '\u{fffb}'),
            ('\u{e0000}', '\u{e007f}'),
        ] {
            assert!((first..=last).all(is_hidden), "{first:?}");
            let beside = [
                u32::from(first).checked_sub(1).and_then(char::from_u32),
                char::from_u32(u32::from(last) + 1),
            ];
            assert!(!beside.into_iter().flatten().any(is_hidden), "{first:?}");
        }
    }
}
