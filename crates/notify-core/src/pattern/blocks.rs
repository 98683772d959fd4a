//! Sixteen bytes at a time: the ends of strings, objects and arrays.

use wide::u8x16;

/// The last control character that a string must escape.
const LAST_CONTROL: u8 = 0x1f;

/// The first quote or backslash from `at` on.
#[inline]
pub(super) fn quote_or_backslash(bytes: &[u8], at: usize) -> Option<usize> {
    let is_one = |lane: u8x16| lane.simd_eq(u8x16::splat(b'"')) | lane.simd_eq(u8x16::splat(b'\\'));
    first(bytes, at, is_one, |byte| matches!(byte, b'"' | b'\\'))
}

/// The first byte from `at` on that does not simply belong to a string: a quote, a backslash or a
/// control character.
#[inline]
pub(super) fn end_of_plain(bytes: &[u8], at: usize) -> Option<usize> {
    let is_one = |lane: u8x16| {
        lane.simd_eq(u8x16::splat(b'"'))
            | lane.simd_eq(u8x16::splat(b'\\'))
            | lane.simd_le(u8x16::splat(LAST_CONTROL))
    };
    first(bytes, at, is_one, |byte| matches!(byte, b'"' | b'\\' | ..=LAST_CONTROL))
}

#[inline]
fn first(
    bytes: &[u8],
    mut at: usize,
    lanes: impl Fn(u8x16) -> u8x16,
    byte: impl Fn(u8) -> bool,
) -> Option<usize> {
    let mut rest = bytes.get(at..)?;
    while let Some((chunk, behind)) = rest.split_first_chunk::<16>() {
        let found = lanes(u8x16::new(*chunk)).to_bitmask();
        if found != 0 {
            return Some(at + low_bit(u64::from(found)));
        }
        at += 16;
        rest = behind;
    }
    rest.iter().position(|other| byte(*other)).map(|offset| at + offset)
}

/// The byte behind an object or array, of which the opening bracket stands before `at`. Nothing
/// within it is checked, not even that brackets of one kind close those of the same kind.
pub(super) fn behind_container(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth: usize = 1;
    // All bits of it are set when the last block ended in a string.
    let mut in_string = 0;
    let mut is_escaped = false;
    let mut rest = bytes.get(at..)?;
    loop {
        let mut padded = [b' '; 64];
        let (block, behind) = match rest.split_first_chunk::<64>() {
            Some((block, behind)) => (block, behind),
            None if rest.is_empty() => return None,
            None => {
                for (slot, byte) in padded.iter_mut().zip(rest) {
                    *slot = *byte;
                }
                (&padded, &[][..])
            }
        };
        let Block { mut quotes, backslashes, opening, closing } = Block::of(block);
        if backslashes != 0 || is_escaped {
            quotes &= !escaped(backslashes, &mut is_escaped);
        }
        let string = up_to_here(quotes) ^ in_string;
        in_string = if string >> 63 == 1 { u64::MAX } else { 0 };
        let (opening, mut closing) = (opening & !string, closing & !string);
        let (opened, closed) = (ones(opening), ones(closing));
        if closed >= depth {
            // It may end in this block.
            let mut closed = 0;
            while closing != 0 {
                closed += 1;
                let before = (closing & closing.wrapping_neg()) - 1;
                if depth + ones(opening & before) == closed {
                    return Some(at + low_bit(closing) + 1);
                }
                closing &= closing - 1;
            }
        }
        depth = (depth + opened).saturating_sub(closed);
        at += 64;
        rest = behind;
    }
}

/// Which bytes of a block are what: the lowest bit is the first byte.
#[derive(Debug, Default)]
struct Block {
    quotes: u64,
    backslashes: u64,
    opening: u64,
    closing: u64,
}

impl Block {
    #[inline]
    fn of(bytes: &[u8; 64]) -> Self {
        let mut block = Self::default();
        let (lanes, _) = bytes.as_chunks::<16>();
        for lane in lanes.iter().rev() {
            let lane = u8x16::new(*lane);
            // `[` and `{` differ in this bit alone, and so do `]` and `}`; no other bytes become
            // one of them.
            let curly = lane | u8x16::splat(0x20);
            let put = |bits: &mut u64, equal: u8x16| {
                *bits = *bits << 16 | u64::from(equal.to_bitmask());
            };
            put(&mut block.quotes, lane.simd_eq(u8x16::splat(b'"')));
            put(&mut block.backslashes, lane.simd_eq(u8x16::splat(b'\\')));
            put(&mut block.opening, curly.simd_eq(u8x16::splat(b'{')));
            put(&mut block.closing, curly.simd_eq(u8x16::splat(b'}')));
        }
        block
    }
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

fn ones(bits: u64) -> usize {
    // 64 at most.
    usize::try_from(bits.count_ones()).unwrap_or_default()
}

fn low_bit(bits: u64) -> usize {
    usize::try_from(bits.trailing_zeros()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Byte by byte.
    fn behind(bytes: &[u8], at: usize) -> Option<usize> {
        let (mut depth, mut in_string, mut is_escaped) = (1, false, false);
        for (at, byte) in bytes.iter().enumerate().skip(at) {
            match byte {
                b'"' | b'\\' if is_escaped => {
                    is_escaped = false;
                    continue;
                }
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => depth -= 1,
                _ => {}
            }
            is_escaped = *byte == b'\\';
            if depth == 0 {
                return Some(at + 1);
            }
        }
        None
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
            prop_assert_eq!(behind_container(&text, at), behind(&text, at));
        }

        #[test]
        fn ends_of_strings_are_found(text in text(), at in 0_usize..70) {
            let first = |wanted: &dyn Fn(u8) -> bool| {
                text.iter().enumerate().skip(at).find(|(_, byte)| wanted(**byte)).map(|found| found.0)
            };
            let quote = first(&|byte| byte == b'"' || byte == b'\\');
            prop_assert_eq!(quote_or_backslash(&text, at), quote);
            let plain = first(&|byte| byte == b'"' || byte == b'\\' || byte < b' ');
            prop_assert_eq!(end_of_plain(&text, at), plain);
        }
    }

    #[test]
    fn long_containers_end_where_they_end() {
        let nested =
            format!("{}{}{} {{", "[{".repeat(500), r#""}\"]""#.repeat(300), "}]".repeat(500));
        assert_eq!(behind_container(nested.as_bytes(), 1), Some(nested.len() - 2));
        assert_eq!(behind_container(nested.as_bytes(), 3), Some(nested.len() - 4));
        assert_eq!(behind_container(nested.as_bytes(), 0), None);
    }
}
