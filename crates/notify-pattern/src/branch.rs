//! What `$or` expands to: branches, in each of which all fields must match.

use super::parse::{Field, Item, Tree};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// So many numbers of fields are kept for all branches together; a pattern with more is expanded
/// anew, one branch at a time, for each event.
const MOST_KEPT: u64 = 1 << 18;

/// A pattern's branches.
#[derive(Debug)]
pub(super) struct Branches {
    items: Vec<Item>,
    /// The place of each field's path among the sorted paths.
    ranks: Vec<usize>,
    count: u64,
    kept: Option<Vec<Vec<usize>>>,
}

impl Branches {
    pub(super) fn new(tree: Tree) -> (Vec<Field>, Self) {
        let Tree { fields, items } = tree;
        let mut order: Vec<usize> = (0..fields.len()).collect();
        let path = |at: usize| fields.get(at).map_or(&[][..], |field| &field.path);
        order.sort_by(|one, other| utf16_order(path(*one), path(*other)));
        let mut ranks = vec![0; fields.len()];
        let mut last: Option<usize> = None;
        let mut rank = 0;
        for at in order {
            if last.is_some_and(|last| path(last) != path(at)) {
                rank += 1;
            }
            last = Some(at);
            if let Some(slot) = ranks.get_mut(at) {
                *slot = rank;
            }
        }
        let count = combinations(&items);
        let mut branches = Self { items, ranks, count, kept: None };
        let size = count.saturating_mul(u64::try_from(fields.len()).unwrap_or(u64::MAX));
        if size <= MOST_KEPT {
            branches.kept = Some((0..count).map(|number| branches.expand(number)).collect());
        }
        (fields, branches)
    }

    /// How many there are; a number beyond counting is the greatest.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// How many there are to look at where all of them would take too long.
    pub(super) fn some(&self) -> u64 {
        let fields = u64::try_from(self.ranks.len()).unwrap_or(u64::MAX).max(1);
        self.count.min((MOST_KEPT / fields).max(1))
    }

    /// What it costs to get a branch.
    pub(super) fn cost(&self) -> usize {
        if self.kept.is_some() { 1 } else { self.ranks.len() }
    }

    /// A branch: numbers of fields, in the order of their paths.
    pub(super) fn get(&self, number: u64) -> std::borrow::Cow<'_, [usize]> {
        let kept = self.kept.as_ref().and_then(|kept| kept.get(usize::try_from(number).ok()?));
        match kept {
            Some(branch) => branch.into(),
            None => self.expand(number).into(),
        }
    }

    fn expand(&self, mut number: u64) -> Vec<usize> {
        let mut chosen = BTreeMap::new();
        self.choose(&self.items, &mut number, &mut chosen);
        chosen.into_values().collect()
    }

    /// Puts in the fields of a branch in the order in which they are written, so that of two
    /// fields with one path the last wins. What is left of the number is for the parts that follow.
    fn choose(&self, items: &[Item], number: &mut u64, chosen: &mut BTreeMap<usize, usize>) {
        for item in items {
            match item {
                Item::Field(field) => {
                    let rank = self.ranks.get(*field).copied().unwrap_or_default();
                    chosen.insert(rank, *field);
                }
                Item::Or { either, count } => {
                    let mut at = *number % count;
                    *number /= count;
                    for (items, count) in either {
                        if at < *count {
                            self.choose(items, &mut at, chosen);
                            break;
                        }
                        at -= count;
                    }
                }
            }
        }
    }
}

/// How many branches an object has: the product of what its `$or`s have together.
pub(super) fn combinations(items: &[Item]) -> u64 {
    let counts = items.iter().map(|item| match item {
        Item::Field(_) => 1,
        Item::Or { count, .. } => *count,
    });
    counts.fold(1, u64::saturating_mul)
}

/// The order of Java's strings: by UTF-16 units. It differs from that of bytes for the characters
/// from U+E000 to U+FFFF, which come after all that need two units.
fn utf16_order(one: &[u8], other: &[u8]) -> Ordering {
    let key = |byte: u8| if matches!(byte, 0xee | 0xef) { byte | 0x10 } else { byte };
    let first = one.iter().zip(other).find(|(a, b)| a != b);
    first.map_or(one.len().cmp(&other.len()), |(a, b)| key(*a).cmp(&key(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn branches(text: &str) -> Vec<String> {
        let (fields, branches) = Branches::new(parse(text).expect("a pattern"));
        let show = |at: &usize| {
            let Field { path, matchers, .. } = &fields[*at];
            format!("{}={}", String::from_utf8_lossy(path), matchers[0].1)
        };
        let all = (0..branches.count()).map(|number| branches.get(number));
        let expanded = (0..branches.count()).map(|number| branches.expand(number));
        assert!(all.clone().map(std::borrow::Cow::into_owned).eq(expanded), "{text}");
        all.map(|branch| branch.iter().map(show).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn or_expands_to_a_product() {
        let check = |text: &str, wanted: &[&str]| {
            let mut found = branches(text);
            found.sort();
            assert_eq!(found, wanted, "{text}");
        };
        check(r#"{"b":[1],"a":[2]}"#, &["a=2 b=1"]);
        check(r#"{"a":{"c":[1]},"a-b":[2],"a.b":[3]}"#, &["a-b=2 a.b=3 a.c=1"]);
        check(r#"{"$or":[{"a":[1]},{"b":[2]}],"c":[3]}"#, &["a=1 c=3", "b=2 c=3"]);
        check(
            r#"{"$or":[{"a":[1]},{"b":[2]}],"x":{"$or":[{"c":[3]},{"d":[4]},{"e":[5]}]}}"#,
            &["a=1 x.c=3", "a=1 x.d=4", "a=1 x.e=5", "b=2 x.c=3", "b=2 x.d=4", "b=2 x.e=5"],
        );
        check(
            r#"{"$or":[{"a":[1]},{"$or":[{"b":[2]},{"c":[3]}],"d":{"$or":[{"e":[4]},{"f":[5]}]}}]}"#,
            &["a=1", "b=2 d.e=4", "b=2 d.f=5", "c=3 d.e=4", "c=3 d.f=5"],
        );
    }

    #[test]
    fn the_last_of_a_path_wins() {
        assert_eq!(branches(r#"{"a":[1],"a":[2]}"#), ["a=2"]);
        assert_eq!(branches(r#"{"a":{"b":[1]},"a.b":[2],"c":[3]}"#), ["a.b=2 c=3"]);
        assert_eq!(branches(r#"{"a":[0],"$or":[{"a":[1]},{"b":[2]}]}"#), ["a=1", "a=0 b=2"]);
        assert_eq!(branches(r#"{"$or":[{"a":[1]},{"b":[2]}],"a":[0]}"#), ["a=0", "a=0 b=2"]);
    }

    #[test]
    fn paths_are_in_the_order_of_utf16() {
        let sorted =
            ["", "a", "a!", "a.b", "b", "é", "遮", "\u{d7ff}", "🚀", "\u{e000}", "\u{ffff}"];
        for (at, one) in sorted.iter().enumerate() {
            for (other_at, other) in sorted.iter().enumerate() {
                let order = utf16_order(one.as_bytes(), other.as_bytes());
                assert_eq!(order, at.cmp(&other_at), "{one:?} and {other:?}");
            }
        }
    }
}
