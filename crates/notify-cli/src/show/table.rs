//! Columns that stay straight with wide characters.

use super::plan::WIDTH;
use crate::print::{self, paint};
use anstyle::Style;
use unicode_width::UnicodeWidthStr;

/// Lays rows out in columns, two blanks apart; the last column is not padded.
pub(crate) fn columns(rows: &[Vec<String>]) -> Vec<String> {
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

/// Breaks text at blanks so that it fits, with an indent for the lines that follow.
pub(crate) fn wrap(text: &str, indent: usize, width: usize) -> String {
    let mut out = " ".repeat(indent);
    let mut used = indent;
    for (at, word) in text.split(' ').enumerate() {
        let length = word.width();
        if at > 0 && used + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        } else if at > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
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
    }
}
