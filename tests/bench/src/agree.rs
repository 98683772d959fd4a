//! Whether both count the same where both mean the same.

use crate::engines::Counts;
use serde_json::Value;

/// What could not be compared, and what differed.
#[derive(Debug, Default)]
pub(crate) struct Agreement {
    pub(crate) compared: usize,
    /// Rules that the rival does not take.
    pub(crate) refused: usize,
    /// Rules that the rival is known to read in another way.
    pub(crate) known: usize,
    /// One line for each rule that differed.
    pub(crate) differences: Vec<String>,
}

/// Compares the counts of each rule.
pub(crate) fn agree(
    rules: &[String],
    refused: &[usize],
    ours: &Counts,
    rival: &Counts,
) -> Agreement {
    let mut agreement = Agreement::default();
    for (at, ((rule, ours), rival)) in rules.iter().zip(ours).zip(rival).enumerate() {
        if refused.binary_search(&at).is_ok() {
            agreement.refused += 1;
        } else if read_otherwise(rule) {
            agreement.known += 1;
        } else {
            agreement.compared += 1;
            if ours != rival {
                let difference = format!("{ours} of ours, {rival} of the rival's: {rule}");
                agreement.differences.push(difference);
            }
        }
    }
    agreement
}

/// A range without its lower end: the rival takes that end, too.
pub(crate) fn read_otherwise(rule: &str) -> bool {
    fn has_open_range(value: &Value) -> bool {
        match value {
            Value::Object(object) => object.iter().any(|(key, value)| {
                let range = value.as_array().filter(|_| key == "numeric");
                match range {
                    Some(range) => range.len() == 4 && range[0] == ">" && range[1].is_number(),
                    None => has_open_range(value),
                }
            }),
            Value::Array(list) => list.iter().any(has_open_range),
            _ => false,
        }
    }
    serde_json::from_str(rule).is_ok_and(|rule: Value| has_open_range(&rule))
}
