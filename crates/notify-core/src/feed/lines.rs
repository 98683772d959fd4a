//! Batches of whole lines.

use super::batch::Body;
use super::document::Bad;
use super::stream::{Buffer, Cut, Input, Sizes, State, count_lines};
use memchr::{memchr, memrchr};

/// Takes the whole lines that the buffer holds, reading on while it holds none.
pub(super) fn cut(input: &mut Input, buffer: &mut Buffer, sizes: Sizes, lines: &mut u64) -> Cut {
    let mut searched = 0;
    let end = loop {
        let fresh = buffer.filled().get(searched..).unwrap_or_default();
        if let Some(found) = memrchr(b'\n', fresh) {
            break searched + found + 1;
        }
        match input.state {
            State::Ended => break buffer.filled,
            // The last line is not whole: it is part of what went wrong.
            State::Failed(_) => break 0,
            State::Open if buffer.filled > sizes.largest => {
                return skip(input, buffer, sizes, lines);
            }
            State::Open => {}
        }
        searched = buffer.filled;
        input.fill(buffer, searched + sizes.batch);
    };
    let is_last = input.state != State::Open && (end == buffer.filled || end == 0);
    let keep_from = if is_last { buffer.filled } else { end };
    let whole = buffer.filled().get(..end).unwrap_or_default();
    let first = *lines + 1;
    *lines += count_lines(whole);
    // Only the first line can be too large: reading goes on until it has an end.
    let length = memchr(b'\n', whole).unwrap_or(whole.len());
    if length > sizes.largest {
        let body = Body::Lines { first: first + 1, start: (length + 1).min(end), end };
        return Cut { body, before: Some((first, too_large(length))), keep_from, is_last };
    }
    Cut { body: Body::Lines { first, start: 0, end }, before: None, keep_from, is_last }
}

/// Reads over the rest of a line that is too large, holding none of it.
fn skip(input: &mut Input, buffer: &mut Buffer, sizes: Sizes, lines: &mut u64) -> Cut {
    let line = *lines + 1;
    let mut length = 0;
    let keep_from = loop {
        if let Some(end) = memchr(b'\n', buffer.filled()) {
            length += end;
            *lines += 1;
            break end + 1;
        }
        length += buffer.filled;
        if input.state != State::Open {
            break buffer.filled;
        }
        buffer.filled = 0;
        input.fill(buffer, sizes.batch);
    };
    let is_last = input.state != State::Open && keep_from == buffer.filled;
    let body = Body::Lines { first: line + 1, start: 0, end: 0 };
    Cut { body, before: Some((line, too_large(length))), keep_from, is_last }
}

fn too_large(bytes: usize) -> Bad {
    Bad::TooLarge { bytes: u64::try_from(bytes).unwrap_or(u64::MAX) }
}
