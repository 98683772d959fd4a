//! Columns that stay straight with wide characters.

use super::plan::WIDTH;
use crate::print::{self, paint};
use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The longest cell: AWS's longest name has 256 characters.
const LONGEST_CELL: usize = 256;

/// Lays rows out in columns, two blanks apart; the last column is not padded. A cell that is
/// longer than any name is cut.
pub(crate) fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let short = |cell: &String| print::cut(cell, LONGEST_CELL).into_owned();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(short).collect()).collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.width())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let lay = |row: &Vec<String>| {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            line.push_str(cell);
            if at + 1 < row.len() {
                line.push_str(&" ".repeat(width - cell.width() + 2));
            }
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(lay).collect()
}

/// Breaks text at blanks, and between wide characters, so that it fits, with an indent for the
/// lines that follow.
pub(crate) fn wrap(text: &str, indent: usize, width: usize) -> String {
    let mut out = " ".repeat(indent);
    let mut used = indent;
    for (at, word) in text.split(' ').enumerate() {
        for (part, piece) in pieces(word).into_iter().enumerate() {
            let length = piece.width();
            let blank = usize::from(at > 0 && part == 0);
            if (at > 0 || part > 0) && used + blank + length > width {
                out.push('\n');
                out.push_str(&" ".repeat(indent));
                used = indent;
            } else if blank > 0 {
                out.push(' ');
                used += 1;
            }
            out.push_str(piece);
            used += length;
        }
    }
    out
}

/// A word, apart where a line may end: between two characters of which one is wide, but not before
/// what closes and not behind what opens.
fn pieces(word: &str) -> Vec<&str> {
    let (mut pieces, mut from, mut before) = (Vec::new(), 0, None);
    for (at, c) in word.char_indices() {
        let may_end = |last: char| {
            (last.width() == Some(2) || c.width() == Some(2))
                && !"、。，．・：；？！」』）】ーっゃゅょッャュョ…%)]}:;,.".contains(c)
                && !"「『（【([{".contains(last)
        };
        if before.is_some_and(may_end) {
            pieces.push(word.get(from..at).unwrap_or_default());
            from = at;
        }
        before = Some(c);
    }
    pieces.push(word.get(from..).unwrap_or_default());
    pieces
}

/// A line of text with a mark before it; what does not fit stands below the text.
pub(crate) fn marked(style: Style, mark: &str, text: &str) -> String {
    let text = wrap(&print::line(text), 4, WIDTH);
    format!("  {} {}", paint(style, mark), text.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_twice() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(columns(&[row(["遮断", "a"]), row(["abc", "b"])]), ["遮断  a", "abc   b"]);
    }

    #[test]
    fn text_is_broken_at_blanks() {
        assert_eq!(wrap("aa bb cc", 2, 7), "  aa bb\n  cc");
        assert_eq!(wrap("a  b", 0, 9), "a  b");
        assert_eq!(wrap("aaaaaaaa", 1, 4), " aaaaaaaa");
    }

    #[test]
    fn wide_text_is_broken_anywhere_but_before_what_closes() {
        assert_eq!(wrap("遮断された数", 0, 8), "遮断され\nた数");
        assert_eq!(wrap("a 遮断、数", 0, 7), "a 遮\n断、数");
        assert_eq!(wrap("遮断（数）", 0, 6), "遮断\n（数）");
        assert_eq!(wrap("遮断 abc数", 2, 8), "  遮断\n  abc数");
    }
}
