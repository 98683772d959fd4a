//! `[tables.NAME]`: what `lookup` looks up.

use super::fields::{Fields, Findings, wrong_kind};
use super::node::Value;
use crate::message::Tables;
use std::collections::BTreeMap;

/// The most bytes of a variable of a state machine
/// ([quotas](https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)), with room
/// for the quotes around them.
const MOST_BYTES: usize = 200_000;

pub(super) fn tables(fields: &mut Fields<'_>, out: &mut Findings<'_>) -> Tables {
    let mut tables = Tables::new();
    let Some(node) = fields.get("tables") else { return tables };
    let Value::Table(entries) = &node.value else {
        wrong_kind(node, "tables", "tables that begin with [tables.NAME]", out);
        return tables;
    };
    let mut bytes = 0;
    for (key, node) in entries {
        if !is_name(&key.name) {
            out.error(
                &key.at,
                format!("`{}` cannot be the name of a table", key.name),
                "a table's name has up to 64 letters, digits, `-` and `_`",
            );
        }
        let Value::Table(lines) = &node.value else {
            wrong_kind(node, &key.name, "lines such as \"123456789012\" = \"production\"", out);
            continue;
        };
        let mut table = BTreeMap::new();
        for (word, node) in lines {
            match &node.value {
                Value::Text(text) => {
                    bytes += word.name.len() + text.len();
                    table.insert(word.name.clone(), text.clone());
                }
                _ => wrong_kind(node, &word.name, "a string in quotes", out),
            }
        }
        tables.insert(key.name.clone(), table);
    }
    if bytes > MOST_BYTES {
        out.error(
            &node.at,
            format!("the tables have {bytes} bytes"),
            format!("a state machine's variable takes {MOST_BYTES} at most: shorten them"),
        );
    }
    tables
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
