//! A pattern's structure: objects, lists, `$or`.

use super::branch::combinations;
use super::error::Refusal;
use super::matcher::Matcher;
use super::operator::{self, Grammar};
use super::token::{Token, Tokens};
use std::ops::Range;

/// The key that joins objects.
const OR: &str = "$or";

/// Keys that must not stand inside `$or`.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// The most bytes of the paths of all fields together: far more than a pattern of the largest size
/// that the API takes can have, and far less than long keys above many fields would need.
const MOST_PATH_BYTES: usize = 16 << 20;

/// A path and what its values must be.
#[derive(Debug, PartialEq)]
pub(super) struct Field {
    /// Key names joined with dots.
    pub(super) path: Vec<u8>,
    /// One of these must take a value.
    pub(super) matchers: Vec<(Matcher, String)>,
    /// Where their list stands in the text, brackets included.
    pub(super) list: Range<usize>,
}

/// A pattern as it is written, with one list for the fields of all objects.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) fields: Vec<Field>,
    pub(super) items: Vec<Item>,
}

/// A part of a pattern; all of an object's parts must match.
#[derive(Debug)]
pub(super) enum Item {
    /// The number of a field.
    Field(usize),
    /// One of these must match; each with its number of branches, and their sum.
    Or { either: Vec<(Vec<Self>, u64)>, count: u64 },
}

/// Reads a pattern. What is refused for its `$or` is read again with `$or` as a plain key; when
/// that is refused as well, the first refusal is the one that counts.
pub(super) fn parse(text: &str) -> Result<Tree, Refusal> {
    let mut parser = Parser::new(text, Grammar::Or);
    match parser.run() {
        // The engine tries again only after refusals that have a place.
        Err(refusal) if !refusal.at.is_empty() && parser.met_or => {
            Parser::new(text, Grammar::Plain).run().map_err(|_| refusal)
        }
        result => result,
    }
}

struct Parser<'t> {
    tokens: Tokens<'t>,
    grammar: Grammar,
    text: &'t str,
    fields: Vec<Field>,
    path: Vec<u8>,
    /// The bytes of the paths of all fields.
    path_bytes: usize,
    /// The keys that the path consists of.
    keys: usize,
    /// Whether there was an `$or`.
    met_or: bool,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, grammar: Grammar) -> Self {
        Self {
            tokens: Tokens::new(text),
            grammar,
            text,
            fields: Vec::new(),
            path: Vec::new(),
            path_bytes: 0,
            keys: 0,
            met_or: false,
        }
    }

    fn run(&mut self) -> Result<Tree, Refusal> {
        if self.tokens.next()? != Token::ObjectStart {
            return self.tokens.refuse("Filter is not an object");
        }
        let mut items = Vec::new();
        self.object(&mut items, false)?;
        Ok(Tree { fields: std::mem::take(&mut self.fields), items })
    }

    /// The rest of an object. It goes as deep as the words are nested, which has a limit.
    fn object(&mut self, items: &mut Vec<Item>, in_or: bool) -> Result<(), Refusal> {
        let mut is_empty = true;
        while self.tokens.next()? != Token::ObjectEnd {
            is_empty = false;
            if self.grammar == Grammar::Or && self.tokens.key() == OR.as_bytes() {
                self.met_or = true;
                let either = self.either()?;
                let count =
                    either.iter().fold(0, |sum: u64, (_, count)| sum.saturating_add(*count));
                items.push(Item::Or { either, count });
                continue;
            }
            if in_or {
                self.check_reserved()?;
            }
            let before = self.path.len();
            if self.keys > 0 {
                self.path.push(b'.');
            }
            self.path.extend_from_slice(self.tokens.key());
            match self.tokens.next()? {
                Token::ObjectStart => {
                    self.keys += 1;
                    self.object(items, in_or)?;
                    self.keys -= 1;
                }
                Token::ArrayStart => {
                    let start = self.tokens.start();
                    let matchers = self.matchers()?;
                    let list = start..self.tokens.at();
                    self.path_bytes += self.path.len();
                    if self.path_bytes > MOST_PATH_BYTES {
                        return self.tokens.refuse("the paths of all fields are too long together");
                    }
                    items.push(Item::Field(self.fields.len()));
                    self.fields.push(Field { path: self.path.clone(), matchers, list });
                }
                _ => {
                    let key = super::scan::shown(self.tokens.key());
                    return self.tokens.refuse(format!("\"{key}\" must be an object or an array"));
                }
            }
            self.path.truncate(before);
        }
        if is_empty {
            return self.tokens.refuse("Empty objects are not allowed");
        }
        Ok(())
    }

    fn check_reserved(&self) -> Result<(), Refusal> {
        let key = self.tokens.key();
        match RESERVED.iter().find(|name| name.as_bytes() == key) {
            Some(name) => self.tokens.refuse(format!(
                "{name} is Ruler reserved fieldName which cannot be used inside {OR}."
            )),
            None => Ok(()),
        }
    }

    /// The list behind `$or`.
    fn either(&mut self) -> Result<Vec<(Vec<Item>, u64)>, Refusal> {
        if self.tokens.next()? != Token::ArrayStart {
            return self.tokens.refuse(format!("It must be an Array followed with {OR}."));
        }
        let mut either = Vec::new();
        loop {
            match self.tokens.next()? {
                Token::ArrayEnd if either.len() < 2 => {
                    return self.tokens.refuse(format!(
                        "There must have at least 2 Objects in {OR} relationship."
                    ));
                }
                Token::ArrayEnd => return Ok(either),
                Token::ObjectStart => {
                    let mut items = Vec::new();
                    self.object(&mut items, true)?;
                    let count = combinations(&items);
                    either.push((items, count));
                }
                _ => {
                    return self.tokens.refuse(format!(
                        "Only JSON object is allowed in array of {OR} relationship."
                    ));
                }
            }
        }
    }

    /// The rest of a list of matchers.
    fn matchers(&mut self) -> Result<Vec<(Matcher, String)>, Refusal> {
        let mut matchers = Vec::new();
        loop {
            let token = self.tokens.next()?;
            let start = self.tokens.start();
            let matcher = match token {
                Token::ArrayEnd if matchers.is_empty() => {
                    return self.tokens.refuse("Empty arrays are not allowed");
                }
                Token::ArrayEnd => return Ok(matchers),
                Token::ObjectStart => operator::parse(&mut self.tokens, self.grammar)?,
                token => operator::plain(&mut self.tokens, token)?,
            };
            let written = self.text.get(start..self.tokens.at()).unwrap_or_default();
            matchers.push((matcher, written.to_owned()));
        }
    }
}
