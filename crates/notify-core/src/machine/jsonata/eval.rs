//! What expressions come to.

use super::functions;
use super::parse::{Expr, Lambda, Operator, Step};
use super::value::Value;
use super::{Trouble, number};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

/// How deep functions may call each other.
const DEEPEST: usize = 48;

/// What `$length` and `$substring` count. The reference implementation counts characters; what
/// Step Functions counts is not known, so what we write must be right with either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::machine) enum Lengths {
    /// Characters of Unicode.
    #[default]
    Characters,
    /// Units of UTF-16, as JavaScript's own strings do.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests hold either against the other"))]
    Units,
}

/// The variables that an expression sees.
#[derive(Clone)]
pub(in crate::machine) struct Scope(Rc<Frame>);

struct Frame {
    own: RefCell<HashMap<String, Option<Value>>>,
    above: Option<Scope>,
    lengths: Lengths,
    depth: Rc<Cell<usize>>,
}

/// A scope holds functions that hold the scope.
impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scope")
    }
}

impl Scope {
    pub(in crate::machine) fn new(lengths: Lengths) -> Self {
        let own = RefCell::default();
        Self(Rc::new(Frame { own, above: None, lengths, depth: Rc::default() }))
    }

    fn below(&self) -> Self {
        Self(Rc::new(Frame {
            own: RefCell::default(),
            above: Some(self.clone()),
            lengths: self.0.lengths,
            depth: Rc::clone(&self.0.depth),
        }))
    }

    pub(in crate::machine) fn bind(&self, name: &str, value: Option<Value>) {
        self.0.own.borrow_mut().insert(name.to_owned(), value);
    }

    #[expect(clippy::option_option, reason = "a variable that holds nothing is not an unknown one")]
    fn look_up(&self, name: &str) -> Option<Option<Value>> {
        let mut scope = Some(self);
        while let Some(Self(frame)) = scope {
            if let Some(value) = frame.own.borrow().get(name) {
                return Some(value.clone());
            }
            scope = frame.above.as_ref();
        }
        None
    }

    pub(super) fn lengths(&self) -> Lengths {
        self.0.lengths
    }

    /// Lets go of what the scope holds: a function in it holds the scope, too, and neither would
    /// ever be freed.
    fn close(&self) {
        self.0.own.borrow_mut().clear();
    }
}

/// An expression's value; `None` where it has none.
pub(super) type Result = std::result::Result<Option<Value>, Trouble>;

pub(super) fn failed(what: impl Into<String>) -> Trouble {
    Trouble::Failed(what.into())
}

pub(super) fn evaluate(expr: &Expr, scope: &Scope) -> Result {
    Ok(Some(match expr {
        Expr::Text(text) => Value::text(text),
        Expr::Number(number) => Value::Number(*number),
        Expr::Truth(truth) => Value::Truth(*truth),
        Expr::Null => Value::Null,
        Expr::Regex(regex) => Value::Regex(regex.clone()),
        Expr::Lambda(lambda) => Value::Lambda(lambda.clone(), scope.clone()),
        Expr::Variable(name) => match scope.look_up(name) {
            Some(value) => return Ok(value),
            None => functions::named(name)?,
        },
        Expr::List(items) => list(items, scope)?,
        Expr::Object(entries) => object(entries, scope)?,
        Expr::Path(base, steps) => return path(evaluate(base, scope)?, steps, scope),
        Expr::Element(list, at) => {
            let Some(list) = evaluate(list, scope)? else { return Ok(None) };
            let found = element(list, at, scope)?;
            return Ok(found);
        }
        Expr::Negative(number) => match evaluate(number, scope)? {
            Some(Value::Number(number)) => Value::Number(-number),
            Some(_) => return Err(failed("D1002: only a number can be negative")),
            None => return Ok(None),
        },
        Expr::Binary(left, operator, right) => return binary(left, *operator, right, scope),
        Expr::Choice(condition, then, otherwise) => {
            let holds = evaluate(condition, scope)?.is_some_and(|value| value.is_true());
            return match (holds, otherwise) {
                (true, _) => evaluate(then, scope),
                (false, Some(otherwise)) => evaluate(otherwise, scope),
                (false, None) => Ok(None),
            };
        }
        Expr::Block(all) => {
            let inner = scope.below();
            let mut last = Ok(None);
            for expr in all {
                last = evaluate(expr, &inner);
                if last.is_err() {
                    break;
                }
            }
            inner.close();
            return no_function(last);
        }
        Expr::Bind(name, value) => {
            let value = evaluate(value, scope)?;
            scope.bind(name, value.clone());
            return Ok(value);
        }
        Expr::Call(function, arguments) => {
            let function = evaluate(function, scope)?;
            let mut values = Vec::with_capacity(arguments.len());
            for argument in arguments {
                values.push(evaluate(argument, scope)?);
            }
            return match function {
                Some(function) => apply(&function, values, scope),
                None => Err(failed("T1006: what is called is no function")),
            };
        }
    }))
}

/// A function that leaves its block would see a scope that is closed.
fn no_function(value: Result) -> Result {
    match value {
        Ok(Some(Value::Lambda(..))) => {
            Err(Trouble::Unknown("a function as the value of a block".to_owned()))
        }
        value => value,
    }
}

pub(super) fn apply(function: &Value, arguments: Vec<Option<Value>>, scope: &Scope) -> Result {
    match function {
        Value::Function(name) => functions::call(name, &arguments, scope),
        Value::Lambda(lambda, home) => {
            let depth = &scope.0.depth;
            if depth.get() >= DEEPEST {
                return Err(Trouble::Unknown(format!("more than {DEEPEST} calls in each other")));
            }
            depth.set(depth.get() + 1);
            let value = enter(lambda, home, arguments);
            depth.set(depth.get().saturating_sub(1));
            value
        }
        _ => Err(failed("T1006: what is called is no function")),
    }
}

fn enter(lambda: &Lambda, home: &Scope, arguments: Vec<Option<Value>>) -> Result {
    let inner = home.below();
    let mut arguments = arguments.into_iter();
    for parameter in &lambda.parameters {
        inner.bind(parameter, arguments.next().flatten());
    }
    let value = evaluate(&lambda.body, &inner);
    inner.close();
    no_function(value)
}

/// A list as it is written: what has no value is left out, and a list in it that is not written as
/// one gives its elements.
fn list(items: &[Expr], scope: &Scope) -> std::result::Result<Value, Trouble> {
    let mut list = Vec::with_capacity(items.len());
    for item in items {
        match (item, evaluate(item, scope)?) {
            (_, None) => {}
            (Expr::List(_), Some(value)) => list.push(value),
            (_, Some(Value::List(values))) => list.extend(values.iter().cloned()),
            (_, Some(value)) => list.push(value),
        }
    }
    Ok(Value::List(Rc::new(list)))
}

fn object(entries: &[(Expr, Expr)], scope: &Scope) -> std::result::Result<Value, Trouble> {
    let mut fields: Vec<(Rc<str>, Value)> = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let Some(Value::Text(key)) = evaluate(key, scope)? else {
            return Err(failed("T1003: a key is no string"));
        };
        if let Some(value) = evaluate(value, scope)? {
            fields.push((key, value));
        }
    }
    Ok(Value::Object(Rc::new(fields)))
}

/// What a step has found: a list as the event holds it, or values that were collected, of which
/// one stands for itself.
enum Found {
    AsItIs(Rc<Vec<Value>>),
    Collected(Vec<Value>),
}

impl Found {
    fn of(value: Value) -> Self {
        match value {
            Value::List(list) => Self::AsItIs(list),
            value => Self::Collected(vec![value]),
        }
    }

    fn value(self) -> Option<Value> {
        match self {
            Self::AsItIs(list) => Some(Value::List(list)),
            Self::Collected(mut values) if values.len() <= 1 => values.pop(),
            Self::Collected(values) => Some(Value::List(Rc::new(values))),
        }
    }

    fn into_items(self) -> Vec<Value> {
        match self {
            Self::AsItIs(list) => Rc::try_unwrap(list).unwrap_or_else(|list| (*list).clone()),
            Self::Collected(values) => values,
        }
    }
}

/// Follows a path. A step over a list looks into each of its elements, and what it finds there is
/// one list, not a list of lists.
fn path(base: Option<Value>, steps: &[Step], scope: &Scope) -> Result {
    let Some(base) = base else { return Ok(None) };
    let mut found = Found::of(base);
    for step in steps {
        let mut results: Vec<Found> = Vec::new();
        for item in found.into_items() {
            let Some(value) = field(&item, &step.name) else { continue };
            let mut result = Found::of(value);
            for at in &step.elements {
                result = nth(&result.into_items(), at, scope)?;
            }
            results.push(result);
        }
        found = match (results.pop(), results.is_empty()) {
            (None, _) => return Ok(None),
            (Some(only), true) => only,
            (Some(last), false) => {
                results.push(last);
                Found::Collected(results.into_iter().flat_map(Found::into_items).collect())
            }
        };
    }
    Ok(found.value())
}

/// A field; of a list, that of each element.
pub(super) fn field(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::List(list) => {
            let found = list.iter().filter_map(|item| field(item, name)).map(Found::of);
            Found::Collected(found.flat_map(Found::into_items).collect()).value()
        }
        value => value.field(name).cloned(),
    }
}

fn nth(items: &[Value], at: &Expr, scope: &Scope) -> std::result::Result<Found, Trouble> {
    let Some(Value::Number(at)) = evaluate(at, scope)? else {
        return Err(Trouble::Unknown("a condition in brackets".to_owned()));
    };
    let at = at.floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let found = if at < 0.0 { None } else { items.get(at as usize) };
    Ok(found.cloned().map_or_else(|| Found::Collected(Vec::new()), Found::of))
}

fn element(list: Value, at: &Expr, scope: &Scope) -> Result {
    let items = Found::of(list).into_items();
    Ok(nth(&items, at, scope)?.value())
}

fn binary(left: &Expr, operator: Operator, right: &Expr, scope: &Scope) -> Result {
    let left = evaluate(left, scope)?;
    let truth = |value: Option<Value>| value.is_some_and(|value| value.is_true());
    match operator {
        Operator::And if !truth(left.clone()) => return Ok(Some(Value::Truth(false))),
        Operator::Or if truth(left.clone()) => return Ok(Some(Value::Truth(true))),
        _ => {}
    }
    let right = evaluate(right, scope)?;
    Ok(Some(match operator {
        Operator::And | Operator::Or => Value::Truth(truth(right)),
        Operator::Equal | Operator::NotEqual => {
            let (Some(left), Some(right)) = (left, right) else {
                return Ok(Some(Value::Truth(false)));
            };
            Value::Truth((left == right) == (operator == Operator::Equal))
        }
        Operator::Concat => {
            let mut text = String::new();
            for side in [left, right].into_iter().flatten() {
                text.push_str(&string(&side)?);
            }
            Value::text(&text)
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            return compare(left, operator, right);
        }
        Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide => {
            return reckon(left, operator, right);
        }
    }))
}

fn compare(left: Option<Value>, operator: Operator, right: Option<Value>) -> Result {
    let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
    let order = match (&left, &right) {
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
        _ => return Err(Trouble::Unknown("a comparison of what is no number".to_owned())),
    };
    Ok(Some(Value::Truth(order.is_some_and(|order| match operator {
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        _ => order.is_ge(),
    }))))
}

fn reckon(left: Option<Value>, operator: Operator, right: Option<Value>) -> Result {
    let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
    let (Value::Number(left), Value::Number(right)) = (left, right) else {
        return Err(failed("T2001: only numbers can be added"));
    };
    let number = match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        _ => left / right,
    };
    if number.is_finite() {
        return Ok(Some(Value::Number(number)));
    }
    Err(failed("D1001: number out of range"))
}

/// A value as text: strings as they are, all else as compact JSON.
pub(super) fn string(value: &Value) -> std::result::Result<Rc<str>, Trouble> {
    match value {
        Value::Text(text) => Ok(Rc::clone(text)),
        Value::Number(n) if number::text(*n).is_none() => {
            Err(failed("D3001: a number beyond all bounds has no text"))
        }
        Value::Lambda(..) | Value::Function(_) | Value::Regex(_) => Ok("".into()),
        value => {
            let mut json = String::new();
            value.write_json(&mut json);
            Ok(json.into())
        }
    }
}
