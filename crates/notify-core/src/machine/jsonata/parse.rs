//! Tokens → an expression.

use super::token::{Token, tokens};
use regex_lite::Regex;
use std::sync::Arc;

/// How deep expressions may lie in each other.
const DEEPEST: usize = 64;

/// An expression.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    Text(String),
    Number(f64),
    Truth(bool),
    Null,
    Variable(String),
    Regex(Regex),
    List(Vec<Self>),
    Object(Vec<(Self, Self)>),
    /// A value, and the steps down from it.
    Path(Box<Self>, Vec<Step>),
    /// An element of a list.
    Element(Box<Self>, Box<Self>),
    Negative(Box<Self>),
    Binary(Box<Self>, Operator, Box<Self>),
    Choice(Box<Self>, Box<Self>, Option<Box<Self>>),
    Block(Vec<Self>),
    Bind(String, Box<Self>),
    Lambda(Arc<Lambda>),
    Call(Box<Self>, Vec<Self>),
}

/// A step of a path: a field's name, and elements of what it holds.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) elements: Vec<Expr>,
}

#[derive(Debug)]
pub(in crate::machine) struct Lambda {
    pub(super) parameters: Vec<String>,
    pub(super) body: Expr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concat,
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Operator {
    /// The operator of a token, and how strongly it binds.
    fn of(token: &Token) -> Option<(Self, u8)> {
        Some(match token {
            Token::Word("or") => (Self::Or, 25),
            Token::Word("and") => (Self::And, 30),
            Token::Sign("=") => (Self::Equal, 40),
            Token::Sign("!=") => (Self::NotEqual, 40),
            Token::Sign("<") => (Self::Less, 40),
            Token::Sign("<=") => (Self::LessOrEqual, 40),
            Token::Sign(">") => (Self::Greater, 40),
            Token::Sign(">=") => (Self::GreaterOrEqual, 40),
            Token::Sign("&") => (Self::Concat, 50),
            Token::Sign("+") => (Self::Add, 50),
            Token::Sign("-") => (Self::Subtract, 50),
            Token::Sign("*") => (Self::Multiply, 60),
            Token::Sign("/") => (Self::Divide, 60),
            _ => return None,
        })
    }
}

pub(super) fn parse(text: &str) -> Result<Expr, String> {
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable(), depth: 0 };
    let expr = parser.expression(0)?;
    match parser.tokens.next() {
        None => Ok(expr),
        Some(more) => Err(format!("{} behind an expression", shown(&more))),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    depth: usize,
}

/// What the compiler of messages writes has far fewer.
const MOST_IN_A_ROW: usize = 500;
const CHOICE: u8 = 20;
const BIND: u8 = 10;

impl Parser {
    fn expression(&mut self, least: u8) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("more than {DEEPEST} expressions in each other"));
        }
        let mut left = self.primary()?;
        // Operators in a row lie in each other, too: the first is the innermost.
        let mut operators = 0;
        while let Some(token) = self.tokens.peek() {
            operators += 1;
            if operators > MOST_IN_A_ROW {
                return Err(format!("more than {MOST_IN_A_ROW} operators in a row"));
            }
            if let Some((operator, strength)) = Operator::of(token) {
                if strength <= least {
                    break;
                }
                self.tokens.next();
                let right = self.expression(strength)?;
                left = Expr::Binary(Box::new(left), operator, Box::new(right));
            } else if *token == Token::Sign("?") && CHOICE > least {
                self.tokens.next();
                let then = self.expression(0)?;
                let otherwise =
                    if self.takes(":") { Some(Box::new(self.expression(0)?)) } else { None };
                left = Expr::Choice(Box::new(left), Box::new(then), otherwise);
            } else if *token == Token::Sign(":=") && BIND > least {
                self.tokens.next();
                let Expr::Variable(name) = left else {
                    return Err("`:=` behind something else than a variable".to_owned());
                };
                left = Expr::Bind(name, Box::new(self.expression(BIND - 1)?));
            } else {
                break;
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    /// A value with all that hangs on it: calls, fields, elements.
    fn primary(&mut self) -> Result<Expr, String> {
        let mut value = self.value()?;
        loop {
            if self.takes("(") {
                let arguments = self.list(")")?;
                value = Expr::Call(Box::new(value), arguments);
            } else if self.takes(".") {
                let name = match self.tokens.next() {
                    Some(Token::Name(name)) => name,
                    other => return Err(format!("{} behind a `.`", some(other))),
                };
                let step = Step { name, elements: Vec::new() };
                value = match value {
                    Expr::Path(base, mut steps) => {
                        steps.push(step);
                        Expr::Path(base, steps)
                    }
                    base => Expr::Path(Box::new(base), vec![step]),
                };
            } else if self.takes("[") {
                let element = self.expression(0)?;
                // Anything but a number would be a condition.
                if !matches!(element, Expr::Number(_)) {
                    return Err("a condition in brackets".to_owned());
                }
                self.must("]")?;
                value = match value {
                    Expr::Path(base, mut steps) => {
                        if let Some(last) = steps.last_mut() {
                            last.elements.push(element);
                        }
                        Expr::Path(base, steps)
                    }
                    base => Expr::Element(Box::new(base), Box::new(element)),
                };
            } else {
                return Ok(value);
            }
        }
    }

    fn value(&mut self) -> Result<Expr, String> {
        Ok(match self.tokens.next() {
            Some(Token::Text(text)) => Expr::Text(text),
            Some(Token::Number(number)) => Expr::Number(number),
            Some(Token::Variable(name)) if !name.is_empty() => Expr::Variable(name),
            Some(Token::Word("true")) => Expr::Truth(true),
            Some(Token::Word("false")) => Expr::Truth(false),
            Some(Token::Word("null")) => Expr::Null,
            Some(Token::Word("function")) => self.lambda()?,
            Some(Token::Regex(pattern)) => match Regex::new(&pattern) {
                Ok(regex) => Expr::Regex(regex),
                Err(error) => return Err(format!("the regular expression /{pattern}/: {error}")),
            },
            Some(Token::Sign("-")) => Expr::Negative(Box::new(self.expression(70)?)),
            Some(Token::Sign("[")) => Expr::List(self.list("]")?),
            Some(Token::Sign("{")) => self.object()?,
            Some(Token::Sign("(")) => self.block()?,
            other => return Err(some(other)),
        })
    }

    fn lambda(&mut self) -> Result<Expr, String> {
        self.must("(")?;
        let mut parameters = Vec::new();
        while !self.takes(")") {
            match self.tokens.next() {
                Some(Token::Variable(name)) => parameters.push(name),
                other => return Err(format!("{} as a parameter", some(other))),
            }
            if self.tokens.peek() != Some(&Token::Sign(")")) {
                self.must(",")?;
            }
        }
        self.must("{")?;
        let body = self.expression(0)?;
        self.must("}")?;
        Ok(Expr::Lambda(Arc::new(Lambda { parameters, body })))
    }

    fn object(&mut self) -> Result<Expr, String> {
        let mut entries = Vec::new();
        while !self.takes("}") {
            let key = self.expression(0)?;
            self.must(":")?;
            entries.push((key, self.expression(0)?));
            if self.tokens.peek() != Some(&Token::Sign("}")) {
                self.must(",")?;
            }
        }
        Ok(Expr::Object(entries))
    }

    fn block(&mut self) -> Result<Expr, String> {
        let mut all = Vec::new();
        while !self.takes(")") {
            all.push(self.expression(0)?);
            if self.tokens.peek() != Some(&Token::Sign(")")) {
                self.must(";")?;
            }
        }
        Ok(Expr::Block(all))
    }

    /// Expressions up to a sign.
    fn list(&mut self, end: &'static str) -> Result<Vec<Expr>, String> {
        let mut all = Vec::new();
        while !self.takes(end) {
            all.push(self.expression(0)?);
            if self.tokens.peek() != Some(&Token::Sign(end)) {
                self.must(",")?;
            }
        }
        Ok(all)
    }

    fn takes(&mut self, sign: &'static str) -> bool {
        self.tokens.next_if_eq(&Token::Sign(sign)).is_some()
    }

    fn must(&mut self, sign: &'static str) -> Result<(), String> {
        if self.takes(sign) {
            return Ok(());
        }
        Err(format!("{} where `{sign}` is expected", some(self.tokens.peek().cloned())))
    }
}

fn some(token: Option<Token>) -> String {
    token.map_or_else(|| "the end of the expression".to_owned(), |token| shown(&token))
}

fn shown(token: &Token) -> String {
    match token {
        Token::Text(_) => "a string".to_owned(),
        Token::Number(number) => format!("the number {number}"),
        Token::Variable(name) => format!("`${name}`"),
        Token::Name(name) => format!("the name `{name}`"),
        Token::Word(word) => format!("`{word}`"),
        Token::Regex(_) => "a regular expression".to_owned(),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}
