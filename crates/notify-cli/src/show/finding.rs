//! What is wrong with a spec file.

use crate::print;
use crate::spec_file::show_path;
use annotate_snippets::{AnnotationKind, Level as Shown, Renderer, Snippet};
use notify_core::hidden::is_hidden;
use notify_core::spec::{Finding, Level, Location};
use std::path::Path;

/// A finding with its place, its line and its remedy.
pub(crate) fn human(finding: &Finding, path: &Path, text: &str) -> String {
    let Finding { level, location, message, help } = finding;
    let (message, help, path) = (print::line(message), print::line(help), show_path(path));
    let shown = match level {
        Level::Error => Shown::ERROR,
        Level::Warning => Shown::WARNING,
    };
    match location {
        Location::Span(span) => {
            let span = one_line(text, span);
            let (begin, line, number) = line_of(text, &span);
            let source = visible(line);
            let span = span.start - begin..span.end - begin;
            let group = shown
                .primary_title(&message)
                .element(
                    Snippet::source(&*source)
                        .line_start(number)
                        .path(&path)
                        .annotation(AnnotationKind::Primary.span(span)),
                )
                .element(Shown::HELP.message(&help));
            Renderer::styled().render(&[group])
        }
        Location::Pointer(pointer) => {
            let pointer = if pointer.is_empty() { "(the whole file)" } else { pointer };
            let group = shown.primary_title(&message).element(Shown::HELP.message(&help));
            format!(
                "{}\n  --> {path}: {}",
                Renderer::styled().render(&[group]),
                print::line(pointer)
            )
        }
    }
}

/// The text without what a terminal would obey; each such character is replaced by one of the same
/// length in bytes, so that places stay where they are.
fn visible(text: &str) -> String {
    let stand_in = |c: char| match c {
        '\n' | '\t' | '\r' => c,
        c if !is_hidden(c) => c,
        c => match c.len_utf8() {
            1 => '?',
            2 => '¿',
            _ => '\u{fffd}',
        },
    };
    text.chars().map(stand_in).collect()
}

/// The line that a span is in: where it begins, its text, and its number. Only it is rendered: a
/// large file may have many findings. Behind the last line break it is the line before.
fn line_of<'t>(text: &'t str, span: &std::ops::Range<usize>) -> (usize, &'t str, usize) {
    let (before, rest) = text.split_at_checked(span.start).unwrap_or((text, ""));
    let before = if rest.is_empty() { before.trim_end_matches('\n') } else { before };
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let end = span.end + text.get(span.end..).and_then(|t| t.find('\n')).unwrap_or(rest.len());
    let end = end.min(text.len());
    let number = before.matches('\n').count() + 1;
    (begin, text.get(begin..end).unwrap_or_default(), number)
}

/// The first line of a span, on character boundaries.
fn one_line(text: &str, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (floor(span.start), floor(span.end));
    let end = text.get(start..end).and_then(|t| t.find('\n')).map_or(end, |at| start + at);
    start..end.max(start)
}
