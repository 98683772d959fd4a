//! A pattern that leaves out some values of a field.
//!
//! `EventBridge` joins the members of a list with "or", and knows no "and not". So what is left is
//! worked out here, member by member, and what cannot be said in a pattern is refused. The text is
//! edited in place: what has nothing to do with the field stays as its author wrote it. At the end
//! the new text is read, and each of its branches must be what was worked out.

use super::limits::MOST_COMBINATIONS;
use super::matcher::{But, Matcher, Value, Weighed};
use super::text::Wildcard;
use super::token::{Token, Tokens};
use super::{Pattern, parse};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Whether events have a field that a pattern does not restrict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Each event that the pattern matches has it, and it is no list.
    Always,
    /// It may be absent.
    Perhaps,
}

/// A pattern that leaves values out.
#[derive(Debug, Clone)]
pub struct Without {
    /// The pattern.
    pub pattern: Pattern,
    /// The positions of the values that the pattern did not take before, either.
    pub idle: Vec<usize>,
}

/// Why no pattern leaves these values out, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotExclude {
    /// All that the pattern takes is excluded.
    #[error("nothing is left of what the pattern takes")]
    Everything,
    /// All that a combination of `$or` takes is excluded.
    #[error("nothing is left of what one alternative of `$or` takes")]
    Alternative,
    /// A matcher takes the value, and others with it.
    #[error("{matcher} takes \"{value}\" among others, and EventBridge cannot take one name out")]
    Among {
        /// The value.
        value: String,
        /// The matcher as it is written.
        matcher: String,
    },
    /// An `anything-but` of another kind stands there: there is no "and" of two.
    #[error(
        "{matcher} takes \"{value}\", and EventBridge takes no second `anything-but` beside it"
    )]
    Beside {
        /// The value.
        value: String,
        /// The matcher as it is written.
        matcher: String,
    },
    /// `$or` expands to more combinations than the service takes.
    #[error("`$or` makes more than {MOST_COMBINATIONS} combinations")]
    TooManyCombinations,
    /// The pattern is written in a way that leaves no place for it.
    #[error("the pattern is written in a way in which this cannot be left out")]
    Form,
}

/// See [`Pattern::without`].
pub(super) fn without(
    pattern: &Pattern,
    path: &str,
    values: &[&str],
    presence: Presence,
) -> Result<Without, CannotExclude> {
    let branches = &pattern.compiled.branches;
    if branches.count() > MOST_COMBINATIONS {
        return Err(CannotExclude::TooManyCombinations);
    }
    if values.is_empty() {
        return Ok(Without { pattern: pattern.clone(), idle: Vec::new() });
    }
    // Of two fields with one path the last counts, so some may count in no branch.
    let counting: Vec<Option<usize>> = (0..branches.count())
        .map(|number| {
            let is_there = |at: &usize| {
                let field = pattern.compiled.fields.get(*at);
                field.is_some_and(|field| field.path == path.as_bytes())
            };
            branches.get(number).iter().copied().find(is_there)
        })
        .collect();
    let is_free = counting.contains(&None);
    let mut taken = vec![is_free; values.len()];
    let mut left: BTreeMap<usize, Vec<Part>> = BTreeMap::new();
    for at in counting.iter().flatten().copied().collect::<BTreeSet<usize>>() {
        let Some(field) = pattern.compiled.fields.get(at) else { continue };
        left.insert(at, difference(field, values, &mut taken)?);
    }
    if left.values().any(Vec::is_empty) {
        let is_all = !is_free && left.values().all(Vec::is_empty);
        return Err(if is_all { CannotExclude::Everything } else { CannotExclude::Alternative });
    }
    let idle = (0..values.len()).filter(|at| taken.get(*at) == Some(&false)).collect();
    let new = Wanted { path, left, free: is_free.then(|| free(values, presence)) };
    let pattern = new.places(pattern.text()).into_iter().find_map(|place| {
        let text = new.text(pattern, place);
        Pattern::parse(&text).ok().filter(|read| new.is(read, pattern, &counting))
    });
    Ok(Without { pattern: pattern.ok_or(CannotExclude::Form)?, idle })
}

/// A member of the list that is left, and how it is written.
type Part = (Matcher, String);

/// What is left of a field without some values; notes which of them it took.
fn difference(
    field: &parse::Field,
    values: &[&str],
    taken: &mut [bool],
) -> Result<Vec<Part>, CannotExclude> {
    if field.matchers.iter().any(|(matcher, _)| *matcher == Matcher::Exists) {
        // Beside this one no other says more, but for the one that takes no value.
        taken.fill(true);
        let absent = field.matchers.iter().find(|(matcher, _)| *matcher == Matcher::Absent);
        return Ok(std::iter::once(anything_but(values)).chain(absent.cloned()).collect());
    }
    let mut left = Vec::with_capacity(field.matchers.len());
    for (matcher, written) in &field.matchers {
        let mut here = Vec::new();
        for (value, taken) in values.iter().zip(&mut *taken) {
            let text = Value::Text(Cow::Borrowed(value.as_bytes()));
            if matcher.accepts(&Weighed::new(&text)) {
                *taken = true;
                here.push(*value);
            }
        }
        left.extend(minus(matcher, written, &here)?);
    }
    Ok(left)
}

/// What is left of a matcher without values that it takes.
fn minus(matcher: &Matcher, written: &str, values: &[&str]) -> Result<Option<Part>, CannotExclude> {
    let Some(first) = values.first() else {
        return Ok(Some((matcher.clone(), written.to_owned())));
    };
    let (value, shown) = ((*first).to_owned(), written.to_owned());
    match matcher {
        Matcher::Text(_) | Matcher::Address(_) => Ok(None),
        Matcher::Wildcard(wildcard) if wildcard.pieces().len() == 1 => Ok(None),
        Matcher::AnyCase(case) if case.has_no_case() => Ok(None),
        Matcher::AnythingBut(But::Texts(texts)) => {
            let mut texts = texts.clone();
            texts.extend(values.iter().map(|value| value.as_bytes().to_vec()));
            texts.sort_unstable();
            let written = extended(written, "anything-but", values);
            let written = written.ok_or(CannotExclude::Form)?;
            Ok(Some((Matcher::AnythingBut(But::Texts(texts)), written)))
        }
        Matcher::AnythingBut(But::Wildcards(wildcards)) => {
            // A wildcard without `*` is a text like any other.
            let exact: Vec<String> = values.iter().map(|value| escaped(value)).collect();
            let exact: Vec<&str> = exact.iter().map(String::as_str).collect();
            let read: Result<Vec<_>, _> =
                exact.iter().map(|text| Wildcard::parse(text.as_bytes())).collect();
            let mut wildcards = wildcards.clone();
            wildcards.extend(read.map_err(|_| CannotExclude::Form)?);
            let written = extended(written, "wildcard", &exact).ok_or(CannotExclude::Form)?;
            Ok(Some((Matcher::AnythingBut(But::Wildcards(wildcards)), written)))
        }
        Matcher::AnythingBut(_) => Err(CannotExclude::Beside { value, matcher: shown }),
        _ => Err(CannotExclude::Among { value, matcher: shown }),
    }
}

/// An operator as it is written, with more members in the list of `key`.
fn extended(written: &str, key: &str, more: &[&str]) -> Option<String> {
    let mut operator: Json = serde_json::from_str(written).ok()?;
    let but = operator.get_mut("anything-but")?;
    let list = if key == "anything-but" { but } else { but.get_mut(key)? };
    if list.is_string() {
        *list = Json::Array(vec![list.take()]);
    }
    list.as_array_mut()?.extend(more.iter().map(|text| Json::from(*text)));
    Some(operator.to_string())
}

/// A text as a wildcard that matches it alone.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('*', r"\*")
}

fn anything_but(values: &[&str]) -> Part {
    let mut texts: Vec<Vec<u8>> = values.iter().map(|value| value.as_bytes().to_vec()).collect();
    texts.sort_unstable();
    let written = serde_json::json!({ "anything-but": values }).to_string();
    (Matcher::AnythingBut(But::Texts(texts)), written)
}

/// What a field that the pattern does not restrict must be.
fn free(values: &[&str], presence: Presence) -> Vec<Part> {
    let mut parts = vec![anything_but(values)];
    if presence == Presence::Perhaps {
        parts.push((Matcher::Absent, r#"{"exists":false}"#.to_owned()));
    }
    parts
}

/// A pattern that is to be written.
struct Wanted<'p> {
    path: &'p str,
    /// What fields of the path become.
    left: BTreeMap<usize, Vec<Part>>,
    /// What the path becomes in branches that do not restrict it.
    free: Option<Vec<Part>>,
}

/// Behind which byte a field can be put in, and the keys that lead to it from there.
type Place<'p> = (usize, Vec<&'p str>);

impl<'p> Wanted<'p> {
    /// Where the field can be put in: among its neighbours; or before all else, so that an
    /// alternative of `$or` with the same field still counts more. Nowhere, if it need not be.
    fn places(&self, text: &str) -> Vec<Option<Place<'p>>> {
        if self.free.is_none() {
            return vec![None];
        }
        let steps: Vec<&'p str> = self.path.split('.').collect();
        let places = [deepest(text, &steps), deepest(text, &[self.path])];
        places.into_iter().flatten().map(Some).collect()
    }

    fn text(&self, pattern: &Pattern, place: Option<Place<'_>>) -> String {
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        for (at, parts) in &self.left {
            let Some(field) = pattern.compiled.fields.get(*at) else { continue };
            if field.matchers != *parts {
                edits.push((field.list.clone(), list(parts)));
            }
        }
        if let (Some(parts), Some((at, keys))) = (&self.free, place) {
            let mut new = String::new();
            for (number, key) in keys.iter().enumerate() {
                if number > 0 {
                    new.push('{');
                }
                new.push_str(&Json::from(*key).to_string());
                new.push(':');
            }
            new.push_str(&list(parts));
            new.push_str(&"}".repeat(keys.len().saturating_sub(1)));
            // A pattern has no empty objects: something follows.
            new.push(',');
            edits.push((at..at, new));
        }
        edits.sort_by_key(|(range, _)| range.start);
        let mut text = String::with_capacity(pattern.text().len());
        let mut behind = 0;
        for (range, new) in edits {
            text.push_str(pattern.text().get(behind..range.start).unwrap_or_default());
            text.push_str(&new);
            behind = range.end;
        }
        text.push_str(pattern.text().get(behind..).unwrap_or_default());
        text
    }

    /// Whether a pattern is the old one but for what was wanted, branch by branch.
    fn is(&self, new: &Pattern, old: &Pattern, counting: &[Option<usize>]) -> bool {
        let (was, is) = (&old.compiled, &new.compiled);
        if was.branches.count() != is.branches.count() {
            return false;
        }
        (0..).zip(counting).all(|(number, counting)| {
            let mut wanted: BTreeMap<&[u8], &[Part]> = BTreeMap::new();
            for field in was.branches.get(number).iter().filter_map(|at| was.fields.get(*at)) {
                wanted.insert(&field.path, &field.matchers);
            }
            let parts = match counting {
                Some(at) => self.left.get(at),
                None => self.free.as_ref(),
            };
            wanted.insert(self.path.as_bytes(), parts.map(Vec::as_slice).unwrap_or_default());
            let branch = is.branches.get(number);
            branch.len() == wanted.len()
                && branch.iter().filter_map(|at| is.fields.get(*at)).all(|field| {
                    let parts = wanted.get(field.path.as_slice());
                    parts.is_some_and(|parts| {
                        let matchers = field.matchers.iter().map(|(matcher, _)| matcher);
                        matchers.eq(parts.iter().map(|(matcher, _)| matcher))
                    })
                })
        })
    }
}

fn list(parts: &[Part]) -> String {
    let written: Vec<&str> = parts.iter().map(|(_, written)| written.as_str()).collect();
    format!("[{}]", written.join(","))
}

/// The innermost object on the way of these keys that counts in every branch, and the keys that
/// are left.
fn deepest<'p>(text: &str, steps: &[&'p str]) -> Option<Place<'p>> {
    let mut tokens = Tokens::new(text);
    if tokens.next().ok()? != Token::ObjectStart {
        return None;
    }
    let mut best = (tokens.at(), 0);
    let mut depth = 0;
    loop {
        match tokens.next().ok()? {
            Token::ObjectEnd if depth == 0 => break,
            Token::ObjectEnd => depth -= 1,
            Token::Key => {
                // The last of the keys is the field's own.
                let is_step = steps.get(depth).is_some_and(|step| step.as_bytes() == tokens.key());
                let is_step = is_step && depth + 1 < steps.len();
                match tokens.next().ok()? {
                    Token::ObjectStart if is_step => {
                        depth += 1;
                        if depth > best.1 {
                            best = (tokens.at(), depth);
                        }
                    }
                    // A second key of that name would hide the first from other readers.
                    _ if is_step => return None,
                    Token::ObjectStart | Token::ArrayStart => skip(&mut tokens)?,
                    _ => {}
                }
            }
            _ => return None,
        }
    }
    let (at, depth) = best;
    Some((at, steps.get(depth..).unwrap_or_default().to_vec()))
}

/// The rest of an object or a list.
fn skip(tokens: &mut Tokens<'_>) -> Option<()> {
    let mut open = 1_usize;
    while open > 0 {
        match tokens.next().ok()? {
            Token::ObjectStart | Token::ArrayStart => open += 1,
            Token::ObjectEnd | Token::ArrayEnd => open -= 1,
            Token::End => return None,
            _ => {}
        }
    }
    Some(())
}

#[cfg(test)]
mod tests;
