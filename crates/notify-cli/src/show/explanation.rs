//! Why a pattern matches an event, or does not.

use super::table;
use crate::print::{self, BAD, GOOD, paint};
use notify_core::pattern::{Explanation, FieldExplanation};

/// So many values of a field are shown.
const MOST_VALUES: usize = 5;

/// A line for each field: what it asked for, and what was there.
pub(crate) fn human(explanation: &Explanation) -> Vec<String> {
    let Explanation { matches: _, fields, elements_disagree } = explanation;
    let head = ["", "field", "wanted", "found"].map(str::to_owned).to_vec();
    let mut rows = vec![head];
    for FieldExplanation { path, matchers, found, matched } in fields {
        let mark = if *matched { "yes" } else { "no" };
        let path = if path.is_empty() { "\"\"" } else { path };
        let found = if found.is_empty() { "missing".to_owned() } else { list(found) };
        rows.push(vec![mark.to_owned(), print::line(path), list(matchers), found]);
    }
    let paint_mark = |line: String| match line.split_once(' ') {
        Some(("yes", rest)) => format!("{} {rest}", paint(GOOD, "yes")),
        Some(("no", rest)) => format!("{} {rest}", paint(BAD, "no")),
        _ => line,
    };
    let mut lines: Vec<String> = table::columns(&rows).into_iter().map(paint_mark).collect();
    if *elements_disagree {
        lines.push(
            "Each field finds a value, but not in the same elements of the event's arrays."
                .to_owned(),
        );
    }
    lines
}

fn list(values: &[String]) -> String {
    let shown: Vec<String> =
        values.iter().take(MOST_VALUES).map(|value| print::line(value)).collect();
    match values.len().checked_sub(MOST_VALUES) {
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{}, and {more} more", shown.join(", ")),
    }
}
