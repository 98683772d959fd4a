//! What the service takes: limits that are no part of a pattern's meaning.

use super::engine::Compiled;
use super::matcher::{But, Matcher};
use super::text::Wildcard;
use std::collections::HashMap;
use std::fmt;

/// The quota on the characters of a pattern; it can be raised up to [`MOST_CHARACTERS`]
/// ([quotas](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html), L-664C5505).
pub const QUOTA_CHARACTERS: usize = 2048;
/// The most characters that the API takes
/// ([PutRule](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html)).
pub const MOST_CHARACTERS: usize = 4096;
/// The most branches that `$or` may expand to.
pub const MOST_COMBINATIONS: u64 = 1000;
/// The most different paths of one branch.
pub const MOST_PATHS: usize = 256;

// How the service measures the complexity of wildcards is not known. These two bounds are ours:
// they are above what people write to find a name or an ARN.
const MANY_WILDCARDS: usize = 8;
const MANY_REPEATS: usize = 3;

/// Something about a pattern that the service refuses, or may refuse. Callers have a remedy for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// More characters than the quota, which can be raised.
    OverQuota {
        /// How many there are.
        characters: usize,
    },
    /// More characters than the API takes.
    OverApiLimit {
        /// How many there are.
        characters: usize,
    },
    /// `$or` expands to too many branches.
    TooManyCombinations {
        /// How many there are; a number beyond counting is the greatest.
        combinations: u64,
    },
    /// Too many different paths in one branch.
    TooManyPaths {
        /// How many there are.
        paths: usize,
    },
    /// A wildcard that the service may find too complex. Its measure is not documented: this is a
    /// guess on the safe side, from its text about fewer wildcard characters and fewer repeating
    /// sequences behind them.
    ComplexWildcard {
        /// The matcher as it is written.
        matcher: String,
    },
}

impl Limit {
    /// Whether the service is sure to refuse the pattern.
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::OverApiLimit { .. }
            | Self::TooManyCombinations { .. }
            | Self::TooManyPaths { .. } => true,
            Self::OverQuota { .. } | Self::ComplexWildcard { .. } => false,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OverQuota { characters } | Self::OverApiLimit { characters } => {
                write!(f, "the pattern has {characters} characters")
            }
            Self::TooManyCombinations { combinations: u64::MAX } => {
                f.write_str("`$or` makes more combinations than can be counted")
            }
            Self::TooManyCombinations { combinations } => {
                write!(f, "`$or` makes {combinations} combinations")
            }
            Self::TooManyPaths { paths } => write!(f, "the pattern has {paths} fields"),
            Self::ComplexWildcard { matcher } => {
                write!(f, "{matcher} may be too complex for EventBridge")
            }
        }
    }
}

/// What of a pattern is beyond a limit.
pub(super) fn limits(text: &str, pattern: &Compiled) -> Vec<Limit> {
    let mut limits = Vec::new();
    let characters = text.chars().count();
    if characters > MOST_CHARACTERS {
        limits.push(Limit::OverApiLimit { characters });
    } else if characters > QUOTA_CHARACTERS {
        limits.push(Limit::OverQuota { characters });
    }
    let combinations = pattern.branches.count();
    if combinations > MOST_COMBINATIONS {
        limits.push(Limit::TooManyCombinations { combinations });
    }
    // Where there are too many combinations the first ones have to do.
    let branches = 0..pattern.branches.some();
    let paths = if pattern.fields.len() > MOST_PATHS {
        branches.map(|number| pattern.branches.get(number).len()).max().unwrap_or(0)
    } else {
        0
    };
    if paths > MOST_PATHS {
        limits.push(Limit::TooManyPaths { paths });
    }
    for (matcher, text) in pattern.fields.iter().flat_map(|field| &field.matchers) {
        let wildcards: &[Wildcard] = match matcher {
            Matcher::Wildcard(wildcard) => std::slice::from_ref(wildcard),
            Matcher::AnythingBut(But::Wildcards(wildcards)) => wildcards,
            _ => &[],
        };
        if wildcards.iter().any(is_complex) {
            limits.push(Limit::ComplexWildcard { matcher: text.clone() });
        }
    }
    limits
}

fn is_complex(wildcard: &Wildcard) -> bool {
    let pieces = wildcard.pieces();
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    for piece in pieces.iter().skip(1).filter(|piece| !piece.is_empty()) {
        *counts.entry(piece).or_default() += 1;
    }
    pieces.len() > MANY_WILDCARDS + 1 || counts.values().any(|count| *count >= MANY_REPEATS)
}
