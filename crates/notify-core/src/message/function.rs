//! What a placeholder does to its value: `<$.time | tz Asia/Tokyo>`.

use super::{MessageError, Zone};
use crate::spec::nearest;
use std::fmt;

/// More would nest deeper than an expression may.
const MOST_FUNCTIONS: usize = 16;

/// The most that `first` keeps; a message has no room for more.
const MOST_FIRST: usize = 100_000;

/// The functions, with an example each.
const EXAMPLES: [(&str, &str); 7] = [
    ("default", "default \"unknown\""),
    ("tz", "tz Asia/Tokyo"),
    ("join", "join \", \""),
    ("first", "first 20"),
    ("upper", "upper"),
    ("lower", "lower"),
    ("lookup", "lookup accounts"),
];

/// What is done to a value on its way into a message. Several follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    /// `default "unknown"`: this text where the value is missing, `null`, or empty.
    Default(String),
    /// `tz Asia/Tokyo`: a time, such as `2026-01-15T09:30:05Z`, as people of a zone read it:
    /// `2026-01-15 18:30:05 +09:00`. What is no time stays as it is.
    Tz(Zone),
    /// `join ", "`: a list's elements with a text between them. Any other value stays as it is.
    Join(String),
    /// `first 20`: so many characters, counted as Unicode counts them (an emoji may be several).
    First(usize),
    /// `upper`: in upper case.
    Upper,
    /// `lower`: in lower case.
    Lower,
    /// `lookup accounts`: what a table says of the value. What it does not hold stays as it is;
    /// where `default` follows, it is the default.
    Lookup(String),
}

/// Reads the functions behind a value, from its `|` on, and what follows the closing `>`.
pub(super) fn functions<'t>(
    line: &str,
    mut rest: &'t str,
) -> Result<(Vec<Function>, &'t str), MessageError> {
    let mut functions = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(behind) = rest.strip_prefix('>')
            && !functions.is_empty()
        {
            return Ok((functions, behind));
        }
        let Some(behind) = rest.strip_prefix('|') else {
            let help = "end it with `>`, or begin another function with `|`; a `<` that is only a sign wants a blank behind it";
            return Err(error(line, "a placeholder with `|` has no end".to_owned(), help));
        };
        let (name, behind) = word(behind.trim_start());
        let (argument, behind) = argument(line, behind)?;
        functions.push(Function::read(line, name, argument)?);
        if functions.len() > MOST_FUNCTIONS {
            let problem = format!("more than {MOST_FUNCTIONS} functions behind one value");
            return Err(error(line, problem, "leave some of them out"));
        }
        rest = behind;
    }
}

/// A word, up to a blank, `|` or `>`.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '|' | '>' | '<'));
    text.split_at(end.unwrap_or(text.len()))
}

/// What is said to a function: in quotes of either kind, or as a word.
fn argument<'t>(line: &str, text: &'t str) -> Result<(Option<&'t str>, &'t str), MessageError> {
    let text = text.trim_start();
    for quote in ['"', '\''] {
        let Some(behind) = text.strip_prefix(quote) else { continue };
        return match behind.split_once(quote) {
            Some((inside, behind)) => Ok((Some(inside), behind)),
            None => {
                let problem = format!("a {quote} is missing");
                Err(error(line, problem, "close the text with the quote that it begins with"))
            }
        };
    }
    match word(text) {
        ("", behind) => Ok((None, behind)),
        (word, behind) => Ok((Some(word), behind)),
    }
}

impl Function {
    fn read(line: &str, name: &str, argument: Option<&str>) -> Result<Self, MessageError> {
        let Some((_, example)) = EXAMPLES.iter().find(|(known, _)| *known == name) else {
            let known = EXAMPLES.map(|(known, _)| known);
            let help = match nearest(name, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", known.join(", ")),
            };
            return Err(error(line, format!("there is no function `{name}`"), help));
        };
        let such = || format!("write it such as `| {example}`");
        let given =
            || argument.ok_or_else(|| error(line, format!("`{name}` does not say what"), such()));
        match name {
            "default" => Ok(Self::Default(given()?.to_owned())),
            "join" => Ok(Self::Join(given()?.to_owned())),
            "lookup" => Ok(Self::Lookup(given()?.to_owned())),
            "tz" => Ok(Self::Tz(
                Zone::parse(given()?)
                    .map_err(|error| MessageError { near: line.to_owned(), ..error })?,
            )),
            "first" => match given()?.parse() {
                Ok(count @ 1..=MOST_FIRST) => Ok(Self::First(count)),
                _ => {
                    let problem = format!("`first` takes a number from 1 to {MOST_FIRST}");
                    Err(error(line, problem, such()))
                }
            },
            plain => match argument {
                None if plain == "upper" => Ok(Self::Upper),
                None => Ok(Self::Lower),
                Some(_) => Err(error(line, format!("`{plain}` takes nothing"), such())),
            },
        }
    }
}

fn error(line: &str, problem: String, help: impl Into<String>) -> MessageError {
    MessageError { near: line.to_owned(), problem, help: help.into() }
}

/// A text in quotes that it does not hold itself.
fn quoted(text: &str) -> String {
    let quote = if text.contains('"') { '\'' } else { '"' };
    format!("{quote}{text}{quote}")
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default(text) => write!(f, "default {}", quoted(text)),
            Self::Tz(zone) => write!(f, "tz {zone}"),
            Self::Join(text) => write!(f, "join {}", quoted(text)),
            Self::First(count) => write!(f, "first {count}"),
            Self::Upper => f.write_str("upper"),
            Self::Lower => f.write_str("lower"),
            Self::Lookup(table) => write!(f, "lookup {}", quoted(table)),
        }
    }
}
