//! 64 bytes at a time: the ends of strings, objects and arrays.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, mask8x64, u8x64};

/// The last control character that a string must escape.
const LAST_CONTROL: u8 = 0x1f;

/// The first byte from `at` on that does not simply belong to a string: a quote, a backslash or a
/// control character.
#[inline]
pub(super) fn end_of_plain(bytes: &[u8], mut at: usize) -> Option<usize> {
    let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | ..=LAST_CONTROL);
    let mut rest = bytes.get(at..)?;
    while let Some((chunk, behind)) = rest.split_first_chunk::<16>() {
        // All of them are looked at: that takes less time than to stop at the first.
        if chunk.iter().fold(false, |found, byte| found | is_end(byte)) {
            break;
        }
        at += 16;
        rest = behind;
    }
    rest.iter().position(is_end).map(|offset| at + offset)
}

/// So many blocks are looked at together.
const AT_ONCE: usize = 8;

/// Where the strings of a text lie: found as far as it is asked, and kept, with a bit for each
/// byte, the lowest for the first. The memory serves one text after another.
#[derive(Debug)]
pub(super) struct Strings {
    /// What the processor can do.
    level: Level,
    /// Quotes that begin or end a string.
    quotes: Vec<u64>,
    /// All bits of it are set when the last block ended in a string; only a full look keeps it.
    in_string: u64,
    is_escaped: bool,
    pub(super) seen: Seen,
}

/// What was found where it was looked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) backslashes: bool,
    /// Control characters in strings; only a full look finds them.
    pub(super) controls: bool,
    /// Bytes that are no ASCII; only a full look finds them.
    pub(super) others: bool,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            level: Level::new(),
            quotes: Vec::new(),
            in_string: 0,
            is_escaped: false,
            seen: Seen::default(),
        }
    }
}

impl Strings {
    pub(super) fn clear(&mut self) {
        self.quotes.clear();
        self.in_string = 0;
        self.is_escaped = false;
        self.seen = Seen::default();
    }

    /// The quote that ends the string which holds this byte.
    #[inline]
    pub(super) fn end<const FULL: bool>(&mut self, text: &[u8], at: usize) -> Option<usize> {
        let number = at / 64;
        if let Some(quotes) = self.quotes.get(number) {
            let quotes = quotes & u64::MAX << (at % 64);
            if quotes != 0 {
                return Some(number * 64 + low_bit(quotes));
            }
        }
        self.end_behind::<FULL>(text, at)
    }

    /// The same where the end lies in a later block, or one that was not looked at.
    fn end_behind<const FULL: bool>(&mut self, text: &[u8], at: usize) -> Option<usize> {
        let mut number = at / 64;
        let mut wanted = u64::MAX << (at % 64);
        loop {
            if self.quotes.len() <= number {
                self.look::<FULL>(text, number)?;
            }
            let quotes = self.quotes.get(number)? & wanted;
            if quotes != 0 {
                return Some(number * 64 + low_bit(quotes));
            }
            wanted = u64::MAX;
            number += 1;
        }
    }

    /// The byte behind an object or array, of which the opening bracket stands before `at`. Nothing
    /// within it is checked, not even that brackets of one kind close those of the same kind.
    pub(super) fn behind_container(&mut self, text: &[u8], at: usize) -> Option<usize> {
        dispatch!(self.level, simd => behind_container(simd, self, text, at))
    }

    /// Looks at this block and those before it, and at a few behind it; `None` behind the text's end.
    fn look<const FULL: bool>(&mut self, text: &[u8], number: usize) -> Option<()> {
        dispatch!(self.level, simd => look::<_, FULL>(simd, self, text, number));
        (self.quotes.len() > number).then_some(())
    }
}

#[expect(clippy::inline_always, reason = "it is compiled for what the caller's processor can do")]
#[inline(always)]
fn look<S: Simd, const FULL: bool>(simd: S, strings: &mut Strings, text: &[u8], number: usize) {
    for next in strings.quotes.len()..number + AT_ONCE {
        let Some(block) = Block::of(simd, text, next) else { break };
        let mut quotes = block.all(b'"');
        let backslashes = block.all(b'\\');
        if backslashes != 0 || strings.is_escaped {
            strings.seen.backslashes = true;
            quotes &= !escaped(backslashes, &mut strings.is_escaped);
        }
        strings.quotes.push(quotes);
        if FULL {
            // Bytes of strings, with the quote that begins one.
            let in_strings = up_to_here(quotes) ^ strings.in_string;
            strings.in_string = all_like_last(in_strings);
            let controls = block.bits(|bytes| bytes.simd_le(LAST_CONTROL));
            strings.seen.controls |= controls & in_strings != 0;
            strings.seen.others |= block.bits(|bytes| bytes.simd_ge(0x80)) != 0;
        }
    }
}

#[expect(clippy::inline_always, reason = "it is compiled for what the caller's processor can do")]
#[inline(always)]
fn behind_container<S: Simd>(
    simd: S,
    strings: &mut Strings,
    text: &[u8],
    at: usize,
) -> Option<usize> {
    let mut depth: usize = 1;
    let mut number = at / 64;
    let mut wanted = u64::MAX << (at % 64);
    let mut in_string = 0;
    loop {
        if strings.quotes.len() <= number {
            look::<S, false>(simd, strings, text, number);
        }
        let in_strings = up_to_here(strings.quotes.get(number)? & wanted) ^ in_string;
        in_string = all_like_last(in_strings);
        // `[` and `{` differ in this bit alone, and so do `]` and `}`; no other bytes become one
        // of them.
        let curly = Block::of(simd, text, number)?.with(0x20);
        let closing = curly.all(b'}');
        let mut brackets = (curly.all(b'{') | closing) & wanted & !in_strings;
        while brackets != 0 {
            let bracket = brackets & brackets.wrapping_neg();
            if closing & bracket == 0 {
                depth += 1;
            } else {
                depth -= 1;
                if depth == 0 {
                    return Some(number * 64 + low_bit(bracket) + 1);
                }
            }
            brackets &= brackets - 1;
        }
        number += 1;
        wanted = u64::MAX;
    }
}

/// All bits as the last one is.
fn all_like_last(bits: u64) -> u64 {
    if bits >> 63 == 1 { u64::MAX } else { 0 }
}

/// 64 bytes.
struct Block<S: Simd>(u8x64<S>);

impl<S: Simd> Block<S> {
    /// Behind the end of the text there are blanks.
    #[expect(clippy::inline_always, reason = "see its callers")]
    #[inline(always)]
    fn of(simd: S, text: &[u8], number: usize) -> Option<Self> {
        let rest = text.get(number * 64..)?;
        match rest.first_chunk::<64>() {
            Some(bytes) => Some(Self(u8x64::simd_from(simd, *bytes))),
            None => padded(rest).map(|bytes| Self(u8x64::simd_from(simd, bytes))),
        }
    }

    #[expect(clippy::inline_always, reason = "see its callers")]
    #[inline(always)]
    fn with(self, bit: u8) -> Self {
        Self(self.0 | bit)
    }

    /// A bit for each byte that is this one.
    #[expect(clippy::inline_always, reason = "see its callers")]
    #[inline(always)]
    fn all(&self, byte: u8) -> u64 {
        self.bits(|bytes| bytes.simd_eq(byte))
    }

    /// A bit for each byte.
    #[expect(clippy::inline_always, reason = "see its callers")]
    #[inline(always)]
    fn bits(&self, mask: impl Fn(u8x64<S>) -> mask8x64<S>) -> u64 {
        mask(self.0).to_bitmask()
    }
}

#[cold]
fn padded(rest: &[u8]) -> Option<[u8; 64]> {
    let mut padded = [b' '; 64];
    for (slot, byte) in padded.iter_mut().zip(rest) {
        *slot = *byte;
    }
    (!rest.is_empty()).then_some(padded)
}

/// The bytes that a backslash stands before which is no escaped one itself. `carry` says whether
/// the first byte is one, and then whether the first byte of the next block is.
fn escaped(mut backslashes: u64, carry: &mut bool) -> u64 {
    let mut escaped = u64::from(*carry);
    *carry = false;
    while backslashes != 0 {
        let one = backslashes & backslashes.wrapping_neg();
        if escaped & one == 0 {
            escaped |= one << 1;
            *carry = one >> 63 == 1;
        }
        backslashes &= backslashes - 1;
    }
    escaped
}

/// Sets each bit for which the number of bits up to and with it is odd.
fn up_to_here(mut bits: u64) -> u64 {
    for distance in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << distance;
    }
    bits
}

/// Whether two short texts are the same. A call that compares bytes takes longer than this.
#[inline]
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    if one.len() > 16 {
        return one == other;
    }
    // The first and the last bytes overlap where they are not twice as many.
    if let (Some(head), Some(tail)) = (one.first_chunk::<8>(), one.last_chunk::<8>()) {
        return other.first_chunk() == Some(head) && other.last_chunk() == Some(tail);
    }
    if let (Some(head), Some(tail)) = (one.first_chunk::<4>(), one.last_chunk::<4>()) {
        return other.first_chunk() == Some(head) && other.last_chunk() == Some(tail);
    }
    one.iter().eq(other)
}

fn low_bit(bits: u64) -> usize {
    usize::try_from(bits.trailing_zeros()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Byte by byte.
    fn behind(bytes: &[u8], from: usize) -> Option<usize> {
        let (mut depth, mut in_string, mut is_escaped) = (1, false, false);
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' if !is_escaped && at >= from => in_string = !in_string,
                b'{' | b'[' if !in_string && at >= from => depth += 1,
                b'}' | b']' if !in_string && at >= from => depth -= 1,
                _ => {}
            }
            is_escaped = *byte == b'\\' && !is_escaped;
            if depth == 0 {
                return Some(at + 1);
            }
        }
        None
    }

    /// The quotes that no backslash escapes.
    fn quotes(bytes: &[u8]) -> Vec<usize> {
        let mut is_escaped = false;
        let mut quotes = Vec::new();
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'"' && !is_escaped {
                quotes.push(at);
            }
            is_escaped = *byte == b'\\' && !is_escaped;
        }
        quotes
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            4 => prop::sample::select(b"\"\\{}[]".to_vec()),
            4 => Just(b'a'),
            1 => any::<u8>(),
        ];
        prop::collection::vec(byte, 0..300)
    }

    proptest! {
        #[test]
        fn containers_end_where_they_end(text in text(), at in 0_usize..70) {
            let at = at.min(text.len());
            prop_assert_eq!(Strings::default().behind_container(&text, at), behind(&text, at));
        }

        #[test]
        fn ends_of_strings_are_found(text in text(), at in 0_usize..300) {
            let mut strings = Strings::default();
            let quotes = quotes(&text);
            let end = strings.end::<false>(&text, at);
            prop_assert_eq!(end, quotes.iter().copied().find(|quote| *quote >= at));
            if let Some(end) = end.filter(|_| !strings.seen.backslashes) {
                prop_assert!(!text[at..end].contains(&b'\\'));
            }
            let plain = text.iter().enumerate().skip(at).find(|(_, byte)| {
                matches!(byte, b'"' | b'\\' | ..b' ')
            });
            prop_assert_eq!(end_of_plain(&text, at), plain.map(|found| found.0));
        }
    }

    #[test]
    fn texts_are_the_same_where_each_byte_is() {
        for length in 0..40 {
            let text: Vec<u8> = (0..length).collect();
            assert!(same(&text, &text.clone()), "{length}");
            for at in 0..text.len() {
                let mut other = text.clone();
                other[at] ^= 1;
                assert!(!same(&text, &other), "{length}, {at}");
                assert!(!same(&text, &text[..at]), "{length}, {at}");
            }
        }
    }

    #[test]
    fn long_containers_end_where_they_end() {
        let nested =
            format!("{}{}{} {{", "[{".repeat(500), r#""}\"]""#.repeat(300), "}]".repeat(500));
        let behind = |at| Strings::default().behind_container(nested.as_bytes(), at);
        assert_eq!(behind(1), Some(nested.len() - 2));
        assert_eq!(behind(3), Some(nested.len() - 4));
        assert_eq!(behind(0), None);
    }
}
