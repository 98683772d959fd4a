//! Text with wildcards, and text in any case.

use memchr::memmem;

/// Text in which each `*` stands for any characters, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wildcard {
    /// What stands between the wildcards: one piece more than there are of them.
    pieces: Vec<Vec<u8>>,
}

impl Wildcard {
    /// Reads `*`, `\*` and `\\`; the error is the engine's text, whose position counts bytes and
    /// the quote before the text.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let mut pieces = vec![Vec::new()];
        let mut bytes = text.iter().copied().enumerate().peekable();
        while let Some((at, byte)) = bytes.next() {
            let next = bytes.peek().map(|(_, next)| *next);
            let literal = match (byte, next) {
                (b'*', Some(b'*')) => {
                    return Err(format!("Consecutive wildcard characters at pos {}", at + 1));
                }
                (b'*', _) => {
                    pieces.push(Vec::new());
                    continue;
                }
                (b'\\', Some(escaped @ (b'*' | b'\\'))) => {
                    bytes.next();
                    escaped
                }
                (b'\\', _) => return Err(format!("Invalid escape character at pos {}", at + 1)),
                (byte, _) => byte,
            };
            if let Some(last) = pieces.last_mut() {
                last.push(literal);
            }
        }
        Ok(Self { pieces })
    }

    /// What stands between the wildcards.
    pub(super) fn pieces(&self) -> &[Vec<u8>] {
        &self.pieces
    }

    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else {
            return false;
        };
        if self.pieces.len() == 1 {
            return text == first;
        }
        let Some(rest) = text.strip_prefix(first.as_slice()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_slice()) else { return false };
        let inner = self.pieces.get(1..self.pieces.len() - 1).unwrap_or_default();
        for piece in inner {
            // The first place leaves the most for the pieces that follow.
            let Some(at) = memmem::find(rest, piece) else { return false };
            rest = rest.get(at + piece.len()..).unwrap_or_default();
        }
        true
    }
}

/// Text each of whose characters may stand in its lower or its upper case.
///
/// The case is the pattern's: `ß` matches `SS`, `SS` does not match `ß`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnyCase {
    characters: Vec<(Vec<u8>, Vec<u8>)>,
}

impl AnyCase {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut characters = Vec::new();
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                let lower = c.to_lowercase().collect::<String>().into_bytes();
                let upper = c.to_uppercase().collect::<String>().into_bytes();
                characters.push((lower, upper));
            }
            // A lone surrogate has no case.
            let invalid = chunk.invalid().to_vec();
            characters.push((invalid.clone(), invalid));
        }
        Self { characters }
    }

    /// Whether it is one text alone, for it has no letters.
    pub(super) fn has_no_case(&self) -> bool {
        self.characters.iter().all(|(lower, upper)| lower == upper)
    }

    pub(super) fn is(&self, text: &[u8]) -> bool {
        self.strip_prefix(text).is_some_and(<[u8]>::is_empty)
    }

    pub(super) fn begins(&self, text: &[u8]) -> bool {
        self.strip_prefix(text).is_some()
    }

    fn strip_prefix<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        // No case of a character begins with the other one, so the first that fits is the one.
        self.characters.iter().try_fold(text, |rest, (lower, upper)| {
            rest.strip_prefix(lower.as_slice()).or_else(|| rest.strip_prefix(upper.as_slice()))
        })
    }

    pub(super) fn ends(&self, text: &[u8]) -> bool {
        let mut characters = self.characters.iter().rev();
        characters
            .try_fold(text, |rest, (lower, upper)| {
                rest.strip_suffix(lower.as_slice()).or_else(|| rest.strip_suffix(upper.as_slice()))
            })
            .is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        let check = |pattern: &str, good: &[&str], bad: &[&str]| {
            let wildcard = Wildcard::parse(pattern.as_bytes()).unwrap();
            for text in good {
                assert!(wildcard.matches(text.as_bytes()), "{pattern} takes {text}");
            }
            for text in bad {
                assert!(!wildcard.matches(text.as_bytes()), "{pattern} does not take {text}");
            }
        };
        check("", &[""], &["a"]);
        check("*", &["", "a", "*"], &[]);
        check("a", &["a"], &["", "aa", "A"]);
        check("a*", &["a", "ab"], &["", "ba"]);
        check("*a", &["a", "ba", "aa"], &["", "ab"]);
        check("a*a", &["aa", "aba"], &["a", "ab"]);
        check("ab*bc", &["abbc", "ab-bc"], &["abc"]);
        check("*ab*ab*", &["abab", "xabyabz"], &["ab", "aba"]);
        check("a*b*c", &["abc", "abbc", "a-b-c", "abcbc"], &["ac", "acb", "abca"]);
        check("a*c*c", &["acc", "abcbc"], &["ac", "abc"]);
        check(r"a\*b", &["a*b"], &["ab", "axb", r"a\*b"]);
        check(r"\\*", &["\\", "\\x"], &["x", ""]);
        check("a?c", &["a?c"], &["abc"]);
        check("遮*断", &["遮断", "遮ab断"], &["遮", "断"]);
    }

    #[test]
    fn what_is_no_wildcard() {
        for (text, problem) in [
            ("**", "Consecutive wildcard characters at pos 1"),
            ("é**", "Consecutive wildcard characters at pos 3"),
            ("a***", "Consecutive wildcard characters at pos 2"),
            ("a\\b", "Invalid escape character at pos 2"),
            ("\\", "Invalid escape character at pos 1"),
            (r"\\\", "Invalid escape character at pos 3"),
        ] {
            assert_eq!(Wildcard::parse(text.as_bytes()), Err(problem.to_owned()), "{text}");
        }
        assert!(Wildcard::parse(br"\**").is_ok());
    }

    #[test]
    fn cases() {
        let check = |pattern: &str, text: &str, wanted: [bool; 3]| {
            let case = AnyCase::new(pattern.as_bytes());
            let text_bytes = text.as_bytes();
            let found = [case.is(text_bytes), case.begins(text_bytes), case.ends(text_bytes)];
            assert_eq!(found, wanted, "{pattern} on {text}: is, begins, ends");
        };
        check("", "", [true, true, true]);
        check("", "a", [false, true, true]);
        check("aB1", "Ab1", [true, true, true]);
        check("ab", "ABC", [false, true, false]);
        check("bc", "ABC", [false, false, true]);
        check("abc", "ab", [false, false, false]);
        check("ß", "SS", [true, true, true]);
        check("ß", "xSS", [false, false, true]);
        check("ß", "ss", [false, false, false]);
        check("SS", "ß", [false, false, false]);
        check("σ", "Σ", [true, true, true]);
        check("σ", "ς", [false, false, false]);
        check("Σ", "σ", [true, true, true]);
        check("ZÜRICH", "zürich", [true, true, true]);
        check("東京", "東京", [true, true, true]);
    }
}
