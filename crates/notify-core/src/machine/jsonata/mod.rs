//! The part of `JSONata` that our state machines use.
//!
//! [`Expression`] reads and evaluates it as the reference implementation does (2.0, which Step
//! Functions says it follows). What is outside of it is refused when it is read, so that nothing
//! is shown that was only guessed.

mod eval;
mod functions;
mod number;
mod parse;
mod token;
mod value;

pub(super) use eval::{Lengths, Scope};
pub(super) use value::Value;

use parse::Expr;

/// An expression that has been read.
#[derive(Debug)]
pub(super) struct Expression(Expr);

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Step Functions would say `States.QueryEvaluationError`, with such a text.
    Failed(String),
    /// It is beyond what is known here.
    Unknown(String),
}

impl Expression {
    /// Reads what stands between `{%` and `%}`. The error says what is not known here.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        parse::parse(text).map(Self)
    }

    /// Its value; `None` where it has none.
    pub(super) fn value(&self, scope: &Scope) -> Result<Option<Value>, Trouble> {
        eval::evaluate(&self.0, scope)
    }
}
