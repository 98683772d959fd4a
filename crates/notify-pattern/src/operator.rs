//! The operators: what stands in an object in a pattern's list.

use super::address::{Address, Cidr};
use super::error::Refusal;
use super::matcher::{But, Matcher, Range};
use super::number::comparable;
use super::text::{AnyCase, Wildcard};
use super::token::{Token, Tokens};

/// How much the engine understands: its reader for patterns without `$or` is the older one, and
/// knows fewer forms of `anything-but`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    Or,
    Plain,
}

const ONE_KEY: &str = "Only one key allowed in match expression";
const TOO_MANY: &str = "Too many elements in numeric expression";

/// A member of a list that is no object.
pub(super) fn plain(tokens: &mut Tokens<'_>, token: Token) -> Result<Matcher, Refusal> {
    Ok(match token {
        Token::String => {
            let text = tokens.text()?;
            match Address::parse(text) {
                Some(address) => Matcher::Address(address),
                None => Matcher::Text(text.to_vec()),
            }
        }
        Token::Number => {
            let text = tokens.shown()?;
            Matcher::Number { value: comparable(&text), text }
        }
        Token::True => Matcher::Literal("true"),
        Token::False => Matcher::Literal("false"),
        Token::Null => Matcher::Literal("null"),
        _ => return tokens.refuse("Match value must be String, number, true, false, or null"),
    })
}

/// The rest of an object with an operator.
pub(super) fn parse(tokens: &mut Tokens<'_>, grammar: Grammar) -> Result<Matcher, Refusal> {
    if tokens.next()? != Token::Key {
        return tokens.refuse("Match expression name not found");
    }
    match tokens.key() {
        b"exactly" => {
            let text = string(tokens, "exact match pattern must be a string")?.to_vec();
            close(tokens, Matcher::Text(text))
        }
        b"prefix" => match tokens.next()? {
            Token::ObjectStart => any_case(tokens, "Prefix").map(Matcher::PrefixAnyCase),
            Token::String => {
                let text = tokens.text()?.to_vec();
                close(tokens, Matcher::Prefix(text))
            }
            _ => tokens.refuse("prefix match pattern must be a string"),
        },
        b"suffix" => match tokens.next()? {
            Token::ObjectStart => any_case(tokens, "Suffix").map(Matcher::SuffixAnyCase),
            Token::String => {
                let text = tokens.text()?.to_vec();
                close(tokens, Matcher::Suffix(text))
            }
            _ => tokens.refuse("suffix match pattern must be a string"),
        },
        b"numeric" => numeric(tokens),
        b"anything-but" => anything_but(tokens, grammar).map(Matcher::AnythingBut),
        b"exists" => {
            let matcher = match tokens.next()? {
                Token::True => Matcher::Exists,
                Token::False => Matcher::Absent,
                _ => {
                    return tokens.refuse("exists match pattern must be either true or false.");
                }
            };
            close(tokens, matcher)
        }
        b"cidr" => {
            // The engine says the same of a prefix.
            string(tokens, "prefix match pattern must be a string")?;
            let cidr = Cidr::parse(&tokens.shown()?)
                .map_err(|message| Refusal { message, at: Vec::new() })?;
            close(tokens, Matcher::Cidr(cidr))
        }
        b"equals-ignore-case" => {
            let text = string(tokens, "equals-ignore-case match pattern must be a string")?;
            let case = AnyCase::new(text);
            close(tokens, Matcher::AnyCase(case))
        }
        b"wildcard" => {
            let text = string(tokens, "wildcard match pattern must be a string")?;
            let wildcard = Wildcard::parse(text).or_else(|message| tokens.refuse(message))?;
            close(tokens, Matcher::Wildcard(wildcard))
        }
        key => {
            let message = format!("Unrecognized match type {}", super::scan::shown(key));
            tokens.refuse(message)
        }
    }
}

fn string<'k>(tokens: &'k mut Tokens<'_>, refusal: &str) -> Result<&'k [u8], Refusal> {
    if tokens.next()? != Token::String {
        return tokens.refuse(refusal);
    }
    tokens.text()
}

fn close(tokens: &mut Tokens<'_>, matcher: Matcher) -> Result<Matcher, Refusal> {
    expect_end(tokens, ONE_KEY).map(|()| matcher)
}

fn expect_end(tokens: &mut Tokens<'_>, refusal: &str) -> Result<(), Refusal> {
    match tokens.next()? {
        Token::ObjectEnd => Ok(()),
        _ => tokens.refuse(refusal),
    }
}

/// The rest of `{"equals-ignore-case": …}` inside `prefix` or `suffix`, and of that.
fn any_case(tokens: &mut Tokens<'_>, inside: &str) -> Result<AnyCase, Refusal> {
    if tokens.next()? != Token::Key {
        return tokens.refuse(format!("{inside} expression name not found"));
    }
    if tokens.key() != b"equals-ignore-case" {
        let key = super::scan::shown(tokens.key());
        return tokens.refuse(format!("Unsupported {} pattern: {key}", inside.to_lowercase()));
    }
    let text = string(tokens, "equals-ignore-case match pattern must be a string")?;
    let case = AnyCase::new(text);
    expect_end(tokens, ONE_KEY)?;
    expect_end(tokens, ONE_KEY)?;
    Ok(case)
}

fn numeric(tokens: &mut Tokens<'_>) -> Result<Matcher, Refusal> {
    if tokens.next()? != Token::ArrayStart {
        return tokens.refuse("Value of numeric must be an array.");
    }
    if tokens.next()? != Token::String {
        let found = tokens.shown()?;
        return tokens.refuse(format!("Invalid member in numeric match: {found}"));
    }
    let operator = tokens.shown()?;
    let token = tokens.next()?;
    let name = match operator.as_str() {
        "=" => "equals",
        "<" | "<=" | ">" | ">=" => operator.as_str(),
        _ => return tokens.refuse(format!("Unrecognized numeric range operator: {operator}")),
    };
    if token != Token::Number {
        return tokens.refuse(format!("Value of {name} must be numeric"));
    }
    let first = tokens.shown()?;
    let next = tokens.next()?;
    let range = if let (">" | ">=", false) = (name, next == Token::ArrayEnd) {
        two_bounds(tokens, next, &first, operator == ">=")?
    } else {
        if next != Token::ArrayEnd {
            return tokens.refuse(TOO_MANY);
        }
        let bound = number(tokens, &first)?;
        match name {
            "<" | "<=" => Range { low: None, high: Some((bound, name == "<=")) },
            ">" | ">=" => Range { low: Some((bound, name == ">=")), high: None },
            _ => Range { low: Some((bound, true)), high: Some((bound, true)) },
        }
    };
    expect_end(tokens, TOO_MANY)?;
    Ok(Matcher::Numeric(range))
}

/// The rest of a list behind its lower bound.
fn two_bounds(
    tokens: &mut Tokens<'_>,
    token: Token,
    low: &str,
    with_low: bool,
) -> Result<Range, Refusal> {
    if token != Token::String {
        let found = tokens.shown()?;
        return tokens.refuse(format!("Bad value in numeric range: {found}"));
    }
    let operator = tokens.shown()?;
    if operator != "<" && operator != "<=" {
        return tokens.refuse(format!("Bad numeric range operator: {operator}"));
    }
    if tokens.next()? != Token::Number {
        return tokens.refuse(format!("Value of {operator} must be numeric"));
    }
    let high = tokens.shown()?;
    if tokens.next()? != Token::ArrayEnd {
        return tokens.refuse("Too many terms in numeric range expression");
    }
    let (low, high) = (number(tokens, low)?, number(tokens, &high)?);
    if low >= high {
        return tokens.refuse("Bottom must be less than top");
    }
    Ok(Range { low: Some((low, with_low)), high: Some((high, operator == "<=")) })
}

fn number(tokens: &Tokens<'_>, text: &str) -> Result<f64, Refusal> {
    match comparable(text) {
        Some(value) => Ok(value),
        None => tokens.refuse(not_comparable(text)),
    }
}

fn not_comparable(text: &str) -> String {
    format!("Cannot compare number : {text}")
}

/// What may stand in `anything-but`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Values,
    AnyCase,
    Prefix,
    Suffix,
    Wildcard,
}

fn anything_but(tokens: &mut Tokens<'_>, grammar: Grammar) -> Result<But, Refusal> {
    let mut kind = Kind::Values;
    let mut token = tokens.next()?;
    if token == Token::ObjectStart {
        if tokens.next()? != Token::Key {
            return tokens.refuse("Anything-But expression name not found");
        }
        kind = match tokens.key() {
            b"equals-ignore-case" => Kind::AnyCase,
            b"prefix" => Kind::Prefix,
            b"suffix" => Kind::Suffix,
            b"wildcard" if grammar == Grammar::Or => Kind::Wildcard,
            key => {
                let key = super::scan::shown(key);
                return tokens.refuse(format!("Unsupported anything-but pattern: {key}"));
            }
        };
        token = tokens.next()?;
    }
    let only_text = grammar == Grammar::Plain && matches!(kind, Kind::Prefix | Kind::Suffix);
    let but = match (token, kind) {
        (Token::ArrayStart, _) if !only_text => list(tokens, kind)?,
        (Token::String | Token::Number, Kind::Values) => {
            let text = tokens.text()?.to_vec();
            if token == Token::String {
                But::Texts(vec![text])
            } else {
                let text = super::scan::shown(&text);
                let value = comparable(&text)
                    .ok_or_else(|| Refusal { message: not_comparable(&text), at: Vec::new() })?;
                But::Numbers(vec![value])
            }
        }
        (Token::String | Token::Number, _) => {
            let text = member(tokens, token, kind)?;
            of_kind(tokens, kind, vec![text])?
        }
        _ => {
            return tokens
                .refuse("Value of anything-but must be an array or single string/number value.");
        }
    };
    expect_end(tokens, TOO_MANY)?;
    if kind != Kind::Values {
        expect_end(tokens, TOO_MANY)?;
    }
    Ok(but)
}

/// The rest of a list. The engine adds the place once more to what is refused inside.
fn list(tokens: &mut Tokens<'_>, kind: Kind) -> Result<But, Refusal> {
    let mut texts = Vec::new();
    let mut numbers = Vec::new();
    match members(tokens, kind, &mut texts, &mut numbers) {
        Ok(()) => {}
        Err(mut refusal) => {
            refusal.at.push(tokens.at());
            return Err(refusal);
        }
    }
    match (texts.is_empty(), numbers.is_empty()) {
        (false, true) if kind != Kind::Values => of_kind(tokens, kind, texts),
        (false, true) => {
            texts.sort_unstable();
            Ok(But::Texts(texts))
        }
        (true, false) => {
            numbers.sort_by(f64::total_cmp);
            Ok(But::Numbers(numbers))
        }
        // The engine takes an empty list of prefixes and the like, and then never decides.
        _ => tokens.refuse(
            "Inside anything but list, either all values are number or string, mixed type is not \
             supported",
        ),
    }
}

fn members(
    tokens: &mut Tokens<'_>,
    kind: Kind,
    texts: &mut Vec<Vec<u8>>,
    numbers: &mut Vec<f64>,
) -> Result<(), Refusal> {
    loop {
        match (tokens.next()?, kind) {
            (Token::ArrayEnd, _) => return Ok(()),
            (Token::String, Kind::Values) => texts.push(tokens.text()?.to_vec()),
            (Token::Number, Kind::Values) => {
                let text = tokens.shown()?;
                numbers.push(
                    comparable(&text).ok_or_else(|| Refusal {
                        message: not_comparable(&text),
                        at: Vec::new(),
                    })?,
                );
            }
            (_, Kind::Values) => {
                return tokens
                    .refuse("Inside anything but list, start|null|boolean is not supported.");
            }
            (token, kind) => texts.push(member(tokens, token, kind)?),
        }
    }
}

/// A string inside `{"anything-but": {…}}`.
fn member(tokens: &mut Tokens<'_>, token: Token, kind: Kind) -> Result<Vec<u8>, Refusal> {
    if token != Token::String {
        return tokens.refuse(match kind {
            Kind::AnyCase => {
                "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not \
                 supported."
            }
            Kind::Wildcard => "wildcard match pattern must be a string",
            Kind::Values | Kind::Prefix | Kind::Suffix => {
                "prefix/suffix match pattern must be a string"
            }
        });
    }
    let text = tokens.text()?.to_vec();
    if text.is_empty() && matches!(kind, Kind::Prefix | Kind::Suffix) {
        return tokens.refuse("Null prefix/suffix not allowed");
    }
    Ok(text)
}

fn of_kind(tokens: &Tokens<'_>, kind: Kind, texts: Vec<Vec<u8>>) -> Result<But, Refusal> {
    Ok(match kind {
        Kind::Values => But::Texts(texts),
        Kind::AnyCase => But::AnyCases(texts.iter().map(|text| AnyCase::new(text)).collect()),
        Kind::Prefix => But::Prefixes(texts),
        Kind::Suffix => But::Suffixes(texts),
        Kind::Wildcard => {
            let parsed = texts.iter().map(|text| Wildcard::parse(text));
            let parsed: Result<_, String> = parsed.collect();
            But::Wildcards(parsed.or_else(|message| tokens.refuse(message))?)
        }
    })
}
