//! Counting how often each of many things comes, in bounded memory.

use std::collections::HashMap;
use std::hash::Hash;

/// Counts how often each key comes. Up to its capacity it is exact; beyond, it forgets what is
/// rare and knows how much it may have missed: lossy counting, by
/// [Manku and Motwani](https://www.vldb.org/conf/2002/S10P03.pdf), with a capacity in place of a
/// window.
///
/// A count never says more than there was, and less by at most [`Counter::missed`].
#[derive(Debug, Clone)]
pub(super) struct Counter<K> {
    entries: HashMap<K, Entry>,
    capacity: usize,
    /// What a key that is not here can have been counted at most.
    missed: u32,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Stops at the largest number, which is still true as "at least".
    count: u32,
    /// What may have been forgotten of it before it came in.
    before: u32,
}

impl<K: Hash + Eq> Counter<K> {
    /// Counts exactly up to so many different keys.
    pub(super) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), capacity: capacity.max(1), missed: 0 }
    }

    pub(super) fn add(&mut self, key: K) {
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.count = entry.count.saturating_add(1);
            return;
        }
        if self.entries.len() >= self.capacity {
            self.forget();
        }
        self.entries.insert(key, Entry { count: 1, before: self.missed });
    }

    /// Forgets the rarer half, so that the work of forgetting is spread over as many new keys.
    fn forget(&mut self) {
        let most = |entry: &Entry| entry.count.saturating_add(entry.before);
        let mut bounds: Vec<u32> = self.entries.values().map(most).collect();
        let middle = bounds.len() / 2;
        let (_, bound, _) = bounds.select_nth_unstable(middle);
        // Of what was forgotten and comes again, no more than this was missed.
        let bound = *bound;
        self.missed = self.missed.max(bound);
        self.entries.retain(|_, entry| most(entry) > bound);
    }

    /// How much a count may be too low; 0: everything is exact.
    pub(super) fn missed(&self) -> u32 {
        self.missed
    }

    /// The keys with their counts, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, u64)> {
        self.entries.iter().map(|(key, entry)| (key, u64::from(entry.count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn counted(capacity: usize, keys: &[u32]) -> Counter<u32> {
        let mut counter = Counter::new(capacity);
        for key in keys {
            counter.add(*key);
        }
        counter
    }

    #[test]
    fn up_to_its_capacity_it_is_exact() {
        let counter = counted(3, &[1, 2, 3, 1, 1, 2]);
        let counts: BTreeMap<u32, u64> = counter.iter().map(|(key, count)| (*key, count)).collect();
        assert_eq!(counts, BTreeMap::from([(1, 3), (2, 2), (3, 1)]));
        assert_eq!(counter.missed(), 0);
    }

    #[test]
    fn beyond_it_what_is_rare_goes_and_what_is_missed_is_known() {
        let counter = counted(3, &[1, 1, 1, 2, 3, 4]);
        let mut counts: Vec<(u32, u64)> =
            counter.iter().map(|(key, count)| (*key, count)).collect();
        counts.sort_unstable();
        assert_eq!(counts, [(1, 3), (4, 1)]);
        assert_eq!(counter.missed(), 1);
    }

    #[test]
    fn a_capacity_of_nothing_counts_one() {
        assert_eq!(counted(0, &[7, 7]).iter().next(), Some((&7, 2)));
    }

    proptest! {
        #[test]
        fn a_count_is_never_too_high_and_too_low_by_no_more_than_is_said(
            capacity in 1_usize..20,
            keys in prop::collection::vec(0_u32..60, 0..600),
        ) {
            let counter = counted(capacity, &keys);
            let mut exact: BTreeMap<u32, u64> = BTreeMap::new();
            for key in &keys {
                *exact.entry(*key).or_default() += 1;
            }
            let kept: BTreeMap<u32, u64> =
                counter.iter().map(|(key, count)| (*key, count)).collect();
            prop_assert!(kept.len() <= capacity);
            for (key, count) in exact {
                let known = kept.get(&key).copied().unwrap_or_default();
                prop_assert!(known <= count);
                prop_assert!(count - known <= u64::from(counter.missed()));
            }
        }
    }
}
