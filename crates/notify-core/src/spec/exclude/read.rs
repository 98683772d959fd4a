//! Reads `exclude`.

use super::field::{Excludable, NoExclusion, problem_with_value};
use super::{Exclude, new_limits};
use crate::pattern::{CannotExclude, Limit, Pattern, PatternText, Without};
use crate::preset::Preset;
use crate::spec::fields::{Fields, Findings, wrong_kind};
use crate::spec::finding::Location;
use crate::spec::node::{Node, Value};
use std::collections::HashSet;

/// More values in one list are refused unseen: no pattern of the size that AWS takes holds them.
const MOST_VALUES: usize = 1000;

/// What a section leaves out of its pattern, of which these limits are known to be exceeded.
pub(in crate::spec) fn exclude(
    fields: &mut Fields<'_>,
    pattern: PatternText,
    preset: Option<&Preset>,
    known: &[Limit],
    out: &mut Findings<'_>,
) -> Exclude {
    let mut exclude = Exclude::nothing(pattern, preset);
    let Some(node) = fields.get("exclude") else { return exclude };
    let mut lists = Vec::new();
    lists_of(node, None, exclude.by_path(), &mut lists, out);
    if lists.is_empty() && matches!(&node.value, Value::Table(table) if table.is_empty()) {
        out.error(&node.at, "`exclude` is empty", "leave the line out");
    }
    // Of a pattern that is refused or too large, what is left need not be known.
    let mut pattern = Pattern::parse(&exclude.whole.0).ok();
    if known.iter().any(Limit::is_fatal) {
        pattern = None;
    }
    let mut known = known.to_vec();
    let mut keys = HashSet::new();
    for List { key, at, node } in lists {
        let field = match exclude.field(&key) {
            Ok(field) => field,
            Err(NoExclusion { problem, help }) => {
                out.error(at, problem, help);
                continue;
            }
        };
        if !keys.insert(key.clone()) {
            out.error(at, format!("`{key}` stands here twice"), "put both lists into one");
            continue;
        }
        let values = values(node, &field, out);
        if exclude.is_in_list(&field) {
            let NoExclusion { problem, help } = NoExclusion::in_list(&field.path);
            out.warn(&node.at, problem, help);
        }
        if let Some(whole) = &pattern {
            let less = less(whole, &values, &field, &exclude, node, out);
            let new: Vec<Limit> = new_limits(&less, &known).collect();
            for limit in &new {
                let NoExclusion { problem, help } = NoExclusion::limit(limit);
                if limit.is_fatal() {
                    out.error(&node.at, problem, help);
                } else {
                    out.warn(&node.at, problem, help);
                }
            }
            exclude.pattern = PatternText(less.text().to_owned());
            // It only becomes larger.
            pattern = (!new.iter().any(Limit::is_fatal)).then_some(less);
            known.extend(new);
        }
        let values = values.into_iter().map(|(text, _)| text.to_owned()).collect();
        exclude.entries.push((key, values));
    }
    exclude
}

/// A key's list.
struct List<'n> {
    key: String,
    at: &'n Location,
    node: &'n Node,
}

/// The lists in a table. In TOML a path without quotes is tables in tables, which means the same.
fn lists_of<'n>(
    node: &'n Node,
    path: Option<&str>,
    by_path: bool,
    lists: &mut Vec<List<'n>>,
    out: &mut Findings<'_>,
) {
    let Value::Table(entries) = &node.value else {
        wrong_kind(node, "exclude", "a table such as { config_rules = [\"a\"] }", out);
        return;
    };
    for (key, value) in entries {
        let name = path.map_or_else(|| key.name.clone(), |path| format!("{path}.{}", key.name));
        if by_path && matches!(value.value, Value::Table(_)) {
            lists_of(value, Some(&name), by_path, lists, out);
        } else {
            lists.push(List { key: name, at: &key.at, node: value });
        }
    }
}

/// The values of a list, each once.
fn values<'n>(
    node: &'n Node,
    field: &Excludable,
    out: &mut Findings<'_>,
) -> Vec<(&'n str, &'n Location)> {
    let Value::List(list) = &node.value else {
        wrong_kind(node, &field.key, "a list in [brackets]", out);
        return Vec::new();
    };
    if list.is_empty() {
        out.error(&node.at, format!("`{}` is empty", field.key), "leave the line out");
    }
    if list.len() > MOST_VALUES {
        out.error(
            &node.at,
            format!("`{}` holds {} values", field.key, list.len()),
            format!("write {MOST_VALUES} at most: a pattern has no room for more"),
        );
        return Vec::new();
    }
    let mut values: Vec<(&str, &Location)> = Vec::new();
    let mut known = HashSet::new();
    for node in list {
        let problem = match &node.value {
            Value::Text(text) if !known.insert(text) => Some(NoExclusion::twice(text)),
            Value::Text(text) => {
                values.push((text, &node.at));
                problem_with_value(field, text)
            }
            Value::Table(_) => Some(NoExclusion {
                problem: format!("`{}` of `exclude` holds an operator", field.key),
                help: "write the names themselves: EventBridge leaves out either names or what an \
                       operator takes, and never both"
                    .to_owned(),
            }),
            // A text in quotes would be no such number, and exclude nothing.
            Value::Integer(number) if field.is_own() => {
                Some(NoExclusion::number(&number.to_string()))
            }
            Value::Float(number) if field.is_own() => {
                Some(NoExclusion::number(&number.to_string()))
            }
            _ => {
                wrong_kind(node, &field.key, "a name in quotes", out);
                None
            }
        };
        if let Some(NoExclusion { problem, help }) = problem {
            out.error(&node.at, problem, help);
        }
    }
    values
}

/// A pattern without these values. Where that is refused, of each value that is in the way it is
/// said why, and the pattern stays.
fn less(
    pattern: &Pattern,
    values: &[(&str, &Location)],
    field: &Excludable,
    exclude: &Exclude,
    node: &Node,
    out: &mut Findings<'_>,
) -> Pattern {
    let without = |texts: &[&str]| pattern.without(&field.path, texts, exclude.presence());
    let texts: Vec<&str> = values.iter().map(|(text, _)| *text).collect();
    match without(&texts) {
        Ok(Without { pattern, idle }) => {
            for (text, at) in idle.iter().filter_map(|at| values.get(*at)) {
                let NoExclusion { problem, help } = NoExclusion::idle(text);
                out.warn(at, problem, help);
            }
            return pattern;
        }
        Err(CannotExclude::Among { .. } | CannotExclude::Beside { .. }) => {
            for (text, at) in values {
                let Err(error) = without(&[text]) else { continue };
                if let CannotExclude::Among { .. } | CannotExclude::Beside { .. } = error {
                    let NoExclusion { problem, help } = NoExclusion::refused(&error);
                    out.error(at, problem, help);
                }
            }
        }
        Err(error) => {
            let NoExclusion { problem, help } = NoExclusion::refused(&error);
            out.error(&node.at, problem, help);
        }
    }
    pattern.clone()
}
