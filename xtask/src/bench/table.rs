//! A markdown table with aligned columns.

use std::fmt::Write as _;

/// Writes rows below a heading; every column but the first two is set to the right.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let heading: Vec<String> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    let width = |column: usize| {
        let cells = std::iter::once(&heading).chain(rows).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let mut out = String::new();
    let mut line = |cells: &[String]| {
        for (at, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let _ = match at {
                0 | 1 => write!(out, "| {cell:<width$} "),
                _ => write!(out, "| {cell:>width$} "),
            };
        }
        out.push_str("|\n");
    };
    line(&heading);
    let rule = widths.iter().enumerate().map(|(at, width)| match at {
        0 | 1 => "-".repeat(*width),
        _ => format!("{}:", "-".repeat(width.saturating_sub(1))),
    });
    line(&rule.collect::<Vec<_>>());
    for row in rows {
        line(row);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [vec!["1".to_owned(), "first".to_owned(), "12 ms".to_owned()]];
        assert_eq!(
            table(&["n", "run", "time"], &rows),
            "| n | run   |  time |\n| - | ----- | ----: |\n| 1 | first | 12 ms |\n"
        );
    }
}
