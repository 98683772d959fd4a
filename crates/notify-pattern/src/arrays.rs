//! Whether the values of several fields can stand together in an event's arrays.
//!
//! A value inside an element of an array goes only with values of the same element of that array.
//! Fields are taken in the order of their paths, with all ways to choose values so far; of a way
//! only the elements are remembered that a later field can contradict. In an event without
//! repeated keys these are the elements around one place, so the work grows with the number of
//! values. Repeated keys can lay any number of arrays at one path, and choosing one element of each
//! so that all fields find theirs is as hard as any puzzle: there the [`Budget`] ends it.

use super::event::Places;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// How many steps are taken for one pattern and one event.
const MOST_STEPS: u32 = 4_000_000;

/// What may still be tried.
#[derive(Debug)]
pub(super) struct Budget(u32);

/// The budget is used up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooComplex;

impl Budget {
    pub(super) fn new() -> Self {
        Self(MOST_STEPS)
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), TooComplex> {
        let steps = u32::try_from(steps).map_err(|_| TooComplex)?;
        self.0 = self.0.checked_sub(steps).ok_or(TooComplex)?;
        Ok(())
    }
}

/// Where a field finds its values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'l> {
    /// Places of values that match.
    pub(super) matching: &'l [usize],
    /// Places of all values, when the field may also be absent.
    pub(super) unless: Option<&'l [usize]>,
}

/// Whether each field, in the order of paths, can have a value (or be absent) so that all of them
/// agree on the elements of arrays.
pub(super) fn agree(
    fields: &[Found<'_>],
    places: &Places,
    budget: &mut Budget,
) -> Result<bool, TooComplex> {
    let mut rooms: Vec<Room> = Vec::with_capacity(fields.len());
    for field in fields {
        rooms.push(Room {
            matching: Tree::new(field.matching, places, budget)?,
            unless: field.unless.map(|all| Tree::new(all, places, budget)).transpose()?,
        });
    }
    for group in groups(&rooms) {
        if !group_agrees(&group, places, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A field's values as trees.
#[derive(Debug)]
struct Room {
    matching: Tree,
    unless: Option<Tree>,
}

impl Room {
    fn arrays(&self) -> impl Iterator<Item = usize> {
        let unless = self.unless.iter().flat_map(|tree| tree.elements.keys());
        self.matching.elements.keys().chain(unless).copied()
    }
}

/// Places, and the arrays on the way to them.
#[derive(Debug, Default)]
struct Tree {
    /// Where values stand.
    ends: HashSet<usize>,
    /// The arrays that stand at a place.
    arrays: HashMap<usize, Vec<usize>>,
    /// The elements of an array.
    elements: BTreeMap<usize, Vec<usize>>,
}

impl Tree {
    fn new(ends: &[usize], places: &Places, budget: &mut Budget) -> Result<Self, TooComplex> {
        let mut tree = Self { ends: ends.iter().copied().collect(), ..Self::default() };
        let mut known = HashSet::new();
        for end in ends {
            let mut place = *end;
            while let Some((array, parent)) = places.up(place).filter(|_| known.insert(place)) {
                budget.spend(1)?;
                let elements = tree.elements.entry(array).or_default();
                if elements.is_empty() {
                    tree.arrays.entry(parent).or_default().push(array);
                }
                elements.push(place);
                place = parent;
            }
        }
        Ok(tree)
    }

    /// The places of values that agree with what was chosen. With `nearest`, what lies within such
    /// a place is left out.
    fn agreeing(
        &self,
        chosen: &Chosen,
        nearest: bool,
        budget: &mut Budget,
        mut take: impl FnMut(usize) -> bool,
    ) -> Result<(), TooComplex> {
        let mut open = vec![super::event::OUTSIDE];
        while let Some(place) = open.pop() {
            budget.spend(1)?;
            if self.ends.contains(&place) {
                if take(place) {
                    return Ok(());
                }
                if nearest {
                    continue;
                }
            }
            for array in self.arrays.get(&place).into_iter().flatten() {
                let elements = self.elements.get(array).map(Vec::as_slice).unwrap_or_default();
                match chosen.binary_search_by_key(array, |(array, _)| *array) {
                    Ok(at) => {
                        let element = chosen.get(at).map(|(_, element)| *element);
                        open.extend(element.filter(|e| elements.binary_search(e).is_ok()));
                    }
                    Err(_) => open.extend(elements),
                }
            }
        }
        Ok(())
    }
}

/// Arrays in their order, each with the element that was chosen of it.
type Chosen = Vec<(usize, usize)>;

/// Fields that share arrays, directly or through others. What has none in common is independent.
fn groups(rooms: &[Room]) -> Vec<Vec<&Room>> {
    // The group of each field is the first field that it is joined to.
    let mut joined: Vec<usize> = (0..rooms.len()).collect();
    let mut first_of: HashMap<usize, usize> = HashMap::new();
    let root = |joined: &[usize], mut at: usize| {
        while let Some(next) = joined.get(at).copied().filter(|next| *next != at) {
            at = next;
        }
        at
    };
    for (at, room) in rooms.iter().enumerate() {
        for array in room.arrays() {
            let other = *first_of.entry(array).or_insert(at);
            let (one, other) = (root(&joined, at), root(&joined, other));
            for joined_at in [at, one.max(other)] {
                if let Some(slot) = joined.get_mut(joined_at) {
                    *slot = one.min(other);
                }
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<&Room>> = BTreeMap::new();
    for (at, room) in rooms.iter().enumerate() {
        groups.entry(root(&joined, at)).or_default().push(room);
    }
    groups.into_values().collect()
}

fn group_agrees(group: &[&Room], places: &Places, budget: &mut Budget) -> Result<bool, TooComplex> {
    let mut last_use: HashMap<usize, usize> = HashMap::new();
    for (at, room) in group.iter().enumerate() {
        for array in room.arrays() {
            last_use.insert(array, at);
        }
    }
    let last_absent = group.iter().rposition(|room| room.unless.is_some());
    let mut ways: BTreeSet<Chosen> = BTreeSet::from([Chosen::new()]);
    for (at, room) in group.iter().enumerate() {
        let matters =
            |(array, _): &(usize, usize)| last_use.get(array).is_some_and(|last| *last > at);
        // What is chosen can help a later field to be absent. When none can be, fewer choices are
        // always better.
        let nearest = last_absent.is_none_or(|last| last <= at);
        let mut next = BTreeSet::new();
        for chosen in &ways {
            let mut ends = Vec::new();
            room.matching.agreeing(chosen, nearest, budget, |end| {
                ends.push(end);
                false
            })?;
            for end in ends {
                let mut way: Chosen = chosen.iter().copied().filter(matters).collect();
                let mut place = end;
                while let Some((array, parent)) = places.up(place) {
                    budget.spend(1)?;
                    way.extend(Some((array, place)).filter(matters));
                    place = parent;
                }
                way.sort_unstable();
                way.dedup();
                budget.spend(way.len())?;
                next.insert(way);
            }
            if let Some(all) = &room.unless {
                let mut is_present = false;
                all.agreeing(chosen, true, budget, |_| {
                    is_present = true;
                    true
                })?;
                if !is_present {
                    let way: Chosen = chosen.iter().copied().filter(matters).collect();
                    budget.spend(way.len())?;
                    next.insert(way);
                }
            }
        }
        if nearest && next.contains(&Chosen::new()) {
            next = BTreeSet::from([Chosen::new()]);
        }
        if next.is_empty() {
            return Ok(false);
        }
        ways = next;
    }
    Ok(true)
}
