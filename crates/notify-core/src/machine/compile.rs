//! Messages → expressions of `JSONata`.

use crate::aws::RuleName;
use crate::message::{Function, Letter, Message, Part, Placeholder, Source};
use std::fmt::{self, Write as _};

/// One character of a text in its URL-encoded form, which is plain ASCII: there a character is the
/// same for whatever `$length` and `$substring` count. An emoji has twelve signs.
const CHARACTER: &str = "/%F.%..%..%..|%E.%..%..|%[CD].%..|%..|[^%]/";

/// What a mail's first line cannot carry.
const CONTROLS: &str = "/[\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029]+/";

/// A time of day on a day that there is, with its distance from UTC.
const TIME: &str = concat!(
    "/(?:(?:19[7-9][0-9]|2[0-9]{3})-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])",
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))",
    "|(?:(?:19|2[0-9])(?:0[48]|[2468][048]|[13579][26])|2[048]00)-02-29)",
    "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,9})?",
    "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])/"
);

/// More pieces of a line than these are a list.
const MOST_IN_A_ROW: usize = 16;

/// Functions of our own that an expression begins with.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one function")]
pub(super) struct Prelude {
    text: bool,
    otherwise: bool,
    list: bool,
    first: bool,
    found: bool,
    at: bool,
    subject: bool,
}

impl Prelude {
    pub(super) fn of_raw_event() -> Self {
        Self { text: true, subject: true, ..Self::default() }
    }

    pub(super) fn of_text() -> Self {
        Self { text: true, ..Self::default() }
    }
}

impl fmt::Display for Prelude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, otherwise, list, first, found, at, subject } = *self;
        if text {
            f.write_str(
                "$text := function($v) { $exists($v) and $v != null ? $string($v) : \"\" }; ",
            )?;
        }
        if otherwise {
            f.write_str("$else := function($v, $d) { $text($v) = \"\" ? $d : $v }; ")?;
        }
        if list {
            f.write_str(
                "$list := function($v, $between) { $type($v) = \"array\" \
                 ? $join($map($v, $text), $between) : $v }; ",
            )?;
        }
        if first {
            write!(
                f,
                "$first := function($v, $n) {{ $text($v) = \"\" ? \"\" : \
                 $decodeUrlComponent($join($match($encodeUrlComponent($text($v)), {CHARACTER}, \
                 $n).match, \"\")) }}; "
            )?;
        }
        if found {
            f.write_str(
                "$found := function($table, $v) { ( $w := $lookup($table, \"=\" & $text($v)); \
                 $exists($w) ? $w : $v ) }; ",
            )?;
        }
        if at {
            write!(
                f,
                "$at := function($v, $minutes, $zone) {{ ( $s := $text($v); \
                 $match($s, {TIME}, 1).match = $s ? ( \
                 $t := $fromMillis($toMillis($substring($s, 0, 19) & \
                 $replace($substring($s, 19), /[.][0-9]+/, \"\")) + $minutes * 60000); \
                 $substring($t, 0, 10) & \" \" & $substring($t, 11, 8) & \" \" & $zone ) : $v ) }}; "
            )?;
        }
        if subject {
            write!(
                f,
                "$subject := function($s, $else) {{ ( \
                 $line := $trim($replace($s, {CONTROLS}, \" \")); \
                 $line = \"\" ? $else : $length($line) <= 50 ? $line : ( \
                 $kept := $reduce($match($encodeUrlComponent($line), {CHARACTER}, 101).match, \
                 function($k, $c) {{ ( $n := $k.n + ($length($c) = 12 ? 2 : 1); \
                 {{\"n\": $n, \"s\": $n <= 97 ? $k.s & $c : $k.s}} ) }}, {{\"n\": 0, \"s\": \"\"}}); \
                 $kept.n <= 100 ? $line : $decodeUrlComponent($kept.s) & \"...\" ) ) }}; "
            )?;
        }
        Ok(())
    }
}

/// The subject of a letter, as an argument of the task.
pub(super) fn subject(letter: &Letter, name: &RuleName) -> String {
    let Some(subject) = &letter.subject else { return name.to_string() };
    let mut prelude = Prelude::of_raw_event();
    let line = lines(letter, subject, &mut prelude);
    format!("{{% ( {prelude}$subject({line}, {}) ) %}}", quoted(name.as_str()))
}

/// The text of a letter, as an argument of the task.
pub(super) fn text(letter: &Letter) -> String {
    let mut prelude = Prelude::default();
    let text = lines(letter, &letter.message, &mut prelude);
    format!("{{% ( {prelude}{text} ) %}}")
}

fn lines(letter: &Letter, message: &Message, prelude: &mut Prelude) -> String {
    let lines: Vec<String> =
        message.lines().map(|line| self::line(letter, line, prelude)).collect();
    match lines.as_slice() {
        [line] => line.clone(),
        lines => format!("$join([{}], \"\\n\")", lines.join(", ")),
    }
}

fn line(letter: &Letter, parts: &[Part], prelude: &mut Prelude) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => quoted(text),
            Part::Value(placeholder) => {
                prelude.text = true;
                format!("$text({})", value(letter, placeholder, prelude))
            }
        })
        .collect();
    match parts.len() {
        0 => "\"\"".to_owned(),
        1..=MOST_IN_A_ROW => parts.join(" & "),
        _ => format!("$join([{}], \"\")", parts.join(", ")),
    }
}

/// A placeholder's value, with all that is done to it.
fn value(letter: &Letter, placeholder: &Placeholder, prelude: &mut Prelude) -> String {
    let mut value = source(letter, &placeholder.of);
    let mut functions = placeholder.functions.iter().peekable();
    while let Some(function) = functions.next() {
        value = match function {
            Function::Default(text) => {
                prelude.otherwise = true;
                format!("$else({value}, {})", quoted(text))
            }
            Function::Tz(zone) => {
                prelude.at = true;
                format!("$at({value}, {}, {})", zone.minutes(), quoted(&zone.shown()))
            }
            Function::Join(between) => {
                prelude.list = true;
                format!("$list({value}, {})", quoted(between))
            }
            Function::First(count) => {
                prelude.first = true;
                format!("$first({value}, {count})")
            }
            Function::Upper => format!("$uppercase($text({value}))"),
            Function::Lower => format!("$lowercase($text({value}))"),
            Function::Lookup(table) => {
                let table = format!("$tables.{}", name(table));
                // What the table does not hold gets the default, if one follows.
                if let Some(Function::Default(_)) = functions.peek() {
                    format!("$lookup({table}, \"=\" & $text({value}))")
                } else {
                    prelude.found = true;
                    format!("$found({table}, {value})")
                }
            }
        };
    }
    value
}

fn source(letter: &Letter, source: &Source) -> String {
    const EVENT: &str = "$states.input.event";
    let path = match source {
        Source::Path(path) => path,
        Source::Variable(variable) => match letter.paths.get(variable) {
            Some(path) => path,
            None => {
                return match variable.as_str() {
                    "aws.events.rule-name" => "$states.input.rule".to_owned(),
                    "aws.events.rule-arn" => "$states.input.arn".to_owned(),
                    "aws.events.event.ingestion-time" => "$states.input.received".to_owned(),
                    _ => EVENT.to_owned(),
                };
            }
        },
    };
    let mut expression = EVENT.to_owned();
    let steps = path.strip_prefix('$').unwrap_or(path);
    for step in steps.split('.').filter(|step| !step.is_empty()) {
        let (field, brackets) = step.split_at(step.find('[').unwrap_or(step.len()));
        if !field.is_empty() {
            expression.push('.');
            expression.push_str(&name(field));
        }
        // A path looks into all elements of a list by itself.
        for bracket in brackets.split_inclusive(']').filter(|bracket| *bracket != "[*]") {
            expression.push_str(&short(bracket));
        }
    }
    expression
}

/// An index that every implementation can count to; no list is as long.
fn short(bracket: &str) -> String {
    let digits = bracket.trim_matches(['[', ']']).trim_start_matches('0');
    match digits.len() {
        0 => "[0]".to_owned(),
        1..=9 => format!("[{digits}]"),
        _ => "[999999999]".to_owned(),
    }
}

/// A field's name, which backquotes keep from being anything else.
fn name(name: &str) -> String {
    const WORDS: [&str; 7] = ["and", "or", "in", "true", "false", "null", "function"];
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !WORDS.contains(&name);
    if is_plain { name.to_owned() } else { format!("`{name}`") }
}

/// A text as a string of `JSONata`. What would end the expression in the definition is escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '%' => quoted.push_str("\\u0025"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
