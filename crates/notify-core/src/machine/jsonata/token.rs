//! Text → tokens.

/// A piece of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A string, without its quotes.
    Text(String),
    Number(f64),
    /// `$name`, without the sign.
    Variable(String),
    /// A name, or what stood between backquotes.
    Name(String),
    /// `and`, `or`, `function` and the like, which backquotes make names.
    Word(&'static str),
    /// What stood between slashes.
    Regex(String),
    Sign(&'static str),
}

const SIGNS: [&str; 26] = [
    ":=", "!=", "<=", ">=", "~>", "..", "**", ".", "[", "]", "{", "}", "(", ")", ",", ":", ";",
    "?", "+", "-", "*", "/", "&", "=", "<", ">",
];

const WORDS: [&str; 7] = ["and", "or", "in", "true", "false", "null", "function"];

/// Cuts an expression into its tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, behind) = match first {
            '"' | '\'' => string(rest, first)?,
            '`' => match rest.split_at(1).1.split_once('`') {
                Some((name, behind)) => (Token::Name(name.to_owned()), behind),
                None => return Err("a backquote is missing".to_owned()),
            },
            '$' => {
                let (name, behind) = word(rest.split_at(1).1);
                (Token::Variable(name.to_owned()), behind)
            }
            '0'..='9' => number(rest)?,
            '/' if !ends_a_value(tokens.last()) => regex(rest.split_at(1).1)?,
            c if c.is_ascii_alphabetic() || c == '_' => {
                let (name, behind) = word(rest);
                let token = match WORDS.iter().find(|known| **known == name) {
                    Some(known) => Token::Word(known),
                    None => Token::Name(name.to_owned()),
                };
                (token, behind)
            }
            other => {
                let sign = SIGNS.iter().find_map(|sign| Some((sign, rest.strip_prefix(sign)?)));
                let Some((sign, behind)) = sign else { return Err(format!("the sign {other:?}")) };
                (Token::Sign(sign), behind)
            }
        };
        tokens.push(token);
        rest = behind.trim_start();
    }
    Ok(tokens)
}

/// Whether a slash behind it divides, instead of beginning a regular expression.
fn ends_a_value(token: Option<&Token>) -> bool {
    match token {
        None => false,
        Some(Token::Sign(sign)) => matches!(*sign, ")" | "]" | "}"),
        Some(Token::Word(word)) => matches!(*word, "true" | "false" | "null"),
        Some(_) => true,
    }
}

fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at(end)
}

fn number(text: &str) -> Result<(Token, &str), String> {
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut end = digits(text);
    if let Some(behind) = text.get(end..).and_then(|rest| rest.strip_prefix('.')) {
        let more = digits(behind);
        // `1..2` is a range.
        if more > 0 {
            end += 1 + more;
        }
    }
    let (number, behind) = text.split_at(end);
    if behind.starts_with(['e', 'E']) {
        return Err("a number with an exponent".to_owned());
    }
    let number = number.parse().map_err(|_| format!("the number {number}"))?;
    Ok((Token::Number(number), behind))
}

fn string(text: &str, quote: char) -> Result<(Token, &str), String> {
    let mut string = String::new();
    let mut units: Vec<u16> = Vec::new();
    let mut chars = text.split_at(1).1.chars();
    loop {
        let missing = || "a string without its end".to_owned();
        let c = chars.next().ok_or_else(missing)?;
        let escaped = if c == '\\' { Some(chars.next().ok_or_else(missing)?) } else { None };
        if escaped == Some('u') {
            let hex: String = chars.by_ref().take(4).collect();
            let unit = u16::from_str_radix(&hex, 16).ok().filter(|_| hex.len() == 4);
            units.push(unit.ok_or_else(|| format!("the escape \\u{hex}"))?);
            continue;
        }
        if !units.is_empty() {
            let text = String::from_utf16(&units);
            string.push_str(&text.map_err(|_| "half of a character".to_owned())?);
            units.clear();
        }
        string.push(match escaped {
            None if c == quote => return Ok((Token::Text(string), chars.as_str())),
            None => c,
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(other) => return Err(format!("the escape \\{other}")),
        });
    }
}

fn regex(text: &str) -> Result<(Token, &str), String> {
    let mut escaped = false;
    let mut in_class = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if in_class => return Err("a slash in a class of a regular expression".to_owned()),
            '/' => {
                let (pattern, behind) = text.split_at(at);
                let behind = behind.split_at(1).1;
                if behind.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    return Err("a flag of a regular expression".to_owned());
                }
                return Ok((Token::Regex(pattern.to_owned()), behind));
            }
            _ => {}
        }
    }
    Err("a regular expression without its end".to_owned())
}
