//! Many patterns against many events, at speed.
//!
//! What pays off, in this order:
//!
//! - `source` and `detail-type` are read first. For each pair of them the patterns are kept that are
//!   still possible (`class`); where there are none, the rest of the event is not looked at, but
//!   for a second `source` or `detail-type`
//! - only values at paths that these patterns use are read, all else is passed over (`skim`,
//!   `trie`)
//! - each different field is asked once, values find the fields that list them (`index`), and each
//!   pattern waits at the field that is least likely to match (`check`)
//!
//! It has the verdicts of the simple engine, which asks each pattern on its own. What is out of
//! the ordinary, or broken, is left to that one: its errors are the errors here.

mod check;
mod class;
mod envelope;
mod index;
mod leaves;
mod skim;
mod trie;

use super::blocks::Strings;
use super::engine::Engine;
use super::error::EventError;
use check::{Look, Verdicts};
use class::Class;
use envelope::{Classes, Head};
use leaves::Leaves;
use skim::{Odd, Open, Skimmer};
use std::sync::Arc;
use trie::ROOT;

/// How much of an event is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validation {
    /// What a verdict needs. An event that is broken elsewhere may pass unseen, and so may bytes
    /// that no string can hold, wherever they are.
    #[default]
    Needed,
    /// Every byte: what is no JSON is an error.
    Full,
}

/// Matches the patterns of a set against one event after another.
#[derive(Debug)]
pub struct SetMatcher {
    engine: Arc<Engine>,
    validation: Validation,
    /// Patterns that have too many branches for a class, and their positions.
    tangled: Option<(Engine, Vec<usize>)>,
    classes: Classes,
    strings: Strings,
    leaves: Leaves,
    verdicts: Verdicts,
    open: Vec<Open>,
    matching: Vec<usize>,
}

impl SetMatcher {
    pub(super) fn new(engine: Arc<Engine>, validation: Validation) -> Self {
        let is_tangled = |pattern: &usize| engine.branches(*pattern).is_some_and(class::is_tangled);
        let tangled: Vec<usize> = (0..engine.count()).filter(is_tangled).collect();
        let alone = tangled.iter().filter_map(|pattern| engine.pattern(*pattern)).cloned();
        Self {
            validation,
            tangled: (!tangled.is_empty()).then(|| (Engine::new(alone), tangled.clone())),
            classes: Classes::new(&engine),
            strings: Strings::default(),
            leaves: Leaves::default(),
            verdicts: Verdicts::for_patterns(engine.count()),
            open: Vec::new(),
            matching: Vec::new(),
            engine,
        }
    }

    /// The positions of the patterns that match an event, in ascending order. Text after the event's
    /// object is ignored.
    ///
    /// Of an event that takes a pattern too long on its own there can be a verdict here, and none
    /// of one that takes too long for all patterns together.
    pub fn matches(&mut self, event: &[u8]) -> Result<&[usize], EventError> {
        self.matching.clear();
        self.strings.clear();
        let mut strings = std::mem::take(&mut self.strings);
        let skimmed = match self.validation {
            Validation::Needed => self.skim::<false>(event, &mut strings),
            Validation::Full => self.skim::<true>(event, &mut strings),
        };
        self.strings = strings;
        if skimmed == Err(Odd) {
            self.matching = self.engine.matching(event)?;
            return Ok(&self.matching);
        }
        if let Some((engine, positions)) = &self.tangled {
            let matching = engine.matching(event)?;
            self.matching.extend(matching.iter().filter_map(|at| positions.get(*at)));
        }
        self.matching.sort_unstable();
        Ok(&self.matching)
    }

    /// Reads what is needed of an event, or all of it, and decides.
    fn skim<const FULL: bool>(&mut self, event: &[u8], strings: &mut Strings) -> Result<(), Odd> {
        let mut skimmer = Skimmer::<FULL>::new(event, 0, strings);
        skimmer.open()?;
        self.leaves.clear(self.engine.path_count());
        let mut head = Head::default();
        let mut class = None;
        let mut is_first = true;
        while let Some(key) = skimmer.key(is_first)? {
            is_first = false;
            match (self.classes.which(key), class) {
                // One more value at a path that has its value already.
                (Some(_), Some(_)) => return Err(Odd),
                (Some(which), None) => head.put(which, skimmer.plain_text()?)?,
                (None, Some(class)) => self.gather(class, key, &mut skimmer)?,
                (None, None) if !self.classes.is_complete(&head) => {
                    head.defer(key, skimmer.skip(1)?)?;
                }
                (None, None) => {
                    let found = self.classes.find(&head, &self.engine);
                    let is_dead = self.classes.get(found).is_none_or(Class::is_dead);
                    if !FULL && is_dead && self.classes.is_last_of(found, event.get(skimmer.at..)) {
                        return Ok(());
                    }
                    self.enter(found, &head, &mut skimmer)?;
                    class = Some(found);
                    self.gather(found, key, &mut skimmer)?;
                }
            }
        }
        if FULL {
            skimmer.check_text()?;
        }
        let class = match class {
            Some(class) => class,
            None => {
                let found = self.classes.find(&head, &self.engine);
                self.enter(found, &head, &mut skimmer)?;
                found
            }
        };
        let Self { engine, leaves, verdicts, .. } = self;
        let class = self.classes.get(class).ok_or(Odd)?;
        Look { engine, class, leaves, event, verdicts }.matching(&mut self.matching)
    }

    /// Reads what was put off until the class was known.
    fn enter<const FULL: bool>(
        &mut self,
        class: usize,
        head: &Head<'_>,
        skimmer: &mut Skimmer<'_, '_, FULL>,
    ) -> Result<(), Odd> {
        self.classes.put_open(class, head, &mut self.leaves);
        let at = skimmer.at;
        for (key, start) in head.deferred() {
            if self.classes.get(class).is_some_and(|class| class.trie.step(ROOT, key).is_some()) {
                skimmer.at = *start;
                self.gather(class, key, skimmer)?;
            }
        }
        skimmer.at = at;
        Ok(())
    }

    /// Reads the value of a key of the event.
    #[inline]
    fn gather<const FULL: bool>(
        &mut self,
        class: usize,
        key: &[u8],
        skimmer: &mut Skimmer<'_, '_, FULL>,
    ) -> Result<(), Odd> {
        let trie = &self.classes.get(class).ok_or(Odd)?.trie;
        match trie.step(ROOT, key) {
            Some(step) => skimmer.gather(trie, step, &mut self.open, &mut self.leaves),
            None => skimmer.skip(1).map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pattern, PatternSet};

    /// What is left to the simple engine gets its verdict, too, but late.
    #[test]
    fn ordinary_events_are_not_left_to_the_simple_engine() {
        let patterns = [
            r#"{"source": ["s"], "detail-type": ["t"], "detail": {"k": ["x", 1], "l": {"a": [1], "b": [2], "c": [3]}}}"#,
            r#"{"source": ["q"], "detail": {"k": [{"prefix": "x"}]}}"#,
        ];
        let patterns = patterns.map(|text| Pattern::parse(text).expect("a pattern"));
        let set = PatternSet::new(patterns);
        let mut needed = set.matcher(Validation::Needed);
        let mut full = set.matcher(Validation::Full);
        for event in [
            r#"{"n":-1.5e3,"m":[true,{"o":null,"p":[{},[],[1,"x"]]}],"detail-type":"t","source":"s","detail":{}}"#,
            r#"{"source":"s","detail-type":"t","detail":{"j":1E5,"k":["\"",[1]],"i":[[{"k":{}}],false]}} x"#,
            r#"{"source":"s","detail-type":"t","detail":{"k":1,"l":[{"a":1,"b":2},{"c":3},{"a":1,"b":2,"c":3}]}}"#,
            "\n{ \"source\" : \"q\" , \"detail\" : { \"k\" : [ \"x\" , 1 ] , \"n\" : [ { } , 1 ] } } ",
            r#"{"source":"o","detail":{"\u006b":"source"},"detail-type":"t"}"#,
            r#"{"source":"o"}"#,
            "{}",
        ] {
            let mut strings = Strings::default();
            assert_eq!(needed.skim::<false>(event.as_bytes(), &mut strings), Ok(()), "{event}");
            strings.clear();
            let is_odd = event.contains(r#""\u006b":"#);
            let skimmed = full.skim::<true>(event.as_bytes(), &mut strings);
            assert_eq!(skimmed.is_err(), is_odd, "{event}");
        }
    }

    /// Nothing is possible once the source is known, unless there is another one.
    #[test]
    fn events_that_cannot_match_are_read_to_their_end_with_full_validation_alone() {
        let pattern = Pattern::parse(r#"{"source": ["s"], "detail": {"k": [1]}}"#).expect("one");
        let set = PatternSet::new([pattern]);
        let check = |event: &str, is_seen: bool| {
            let needed = set.matcher(Validation::Needed).matches(event.as_bytes()).is_err();
            assert_eq!(needed, is_seen, "{event}");
            assert!(set.matcher(Validation::Full).matches(event.as_bytes()).is_err(), "{event}");
        };
        check(r#"{"source":"o","detail":{"k":tru}}"#, false);
        check(r#"{"source":"o","detail":{"k":1},"broken"#, false);
        check(r#"{"source":"s","detail":{"k":tru}}"#, true);
        check(r#"{"source":"o","detail":{"k":tru},"source":"s"}"#, true);
        check(r#"{"source":"o","detail":{"k":tru},"sourc\u0065":"s"}"#, true);
        check(r#"{"detail":{"k":1},"source":"o","broken"#, true);
    }
}
