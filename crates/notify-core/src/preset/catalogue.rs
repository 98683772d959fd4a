//! The presets by their names; each is read when it is first asked for.

use super::{Preset, PresetKind, Text};
use crate::nearest::nearest;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// Embedded presets, as far as they were asked for.
static READ: [OnceLock<Option<Preset>>; EMBEDDED.len()] =
    [const { OnceLock::new() }; EMBEDDED.len()];

/// The names of all embedded presets, in order. Nothing is read for it.
pub fn names() -> impl Iterator<Item = &'static str> {
    EMBEDDED.iter().map(|(name, _)| *name)
}

/// All embedded presets in the order of their names.
pub fn all() -> impl Iterator<Item = &'static Preset> {
    (0..EMBEDDED.len()).filter_map(read)
}

/// The embedded preset of a name.
pub fn named(name: &str) -> Option<&'static Preset> {
    read(EMBEDDED.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?)
}

/// The file of an embedded preset.
pub fn text(name: &str) -> Option<&'static str> {
    let at = EMBEDDED.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    EMBEDDED.get(at).map(|(_, text)| *text)
}

fn read(at: usize) -> Option<&'static Preset> {
    let (_, text) = EMBEDDED.get(at)?;
    // A test reads each of them.
    READ.get(at)?.get_or_init(|| toml::from_str(text).ok()).as_ref()
}

/// A preset that this program had once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    /// What it was called.
    pub name: String,
    /// The first version without it.
    pub since: String,
    /// Why it went.
    pub why: Text,
    /// The preset to use in its place.
    #[serde(default)]
    pub instead: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovedFile {
    #[serde(default)]
    removed: Vec<Removed>,
}

static REMOVED: LazyLock<Vec<Removed>> = LazyLock::new(|| {
    let file = toml::from_str(include_str!("../../presets/removed/removed.toml"));
    file.map(|file: RemovedFile| file.removed).unwrap_or_default()
});

/// The presets that a file can name: the embedded ones, and its author's own.
///
/// ```
/// # use notify_core::preset::Catalogue;
/// let catalogue = Catalogue::default();
/// let preset = catalogue.named("config-compliance").expect("an embedded preset");
/// assert_eq!(preset.event.as_ref().unwrap().paths()["rule"], "$.detail.configRuleName");
/// assert!(catalogue.set("essential").contains(&preset.name.as_str()));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// An author's own, with their files.
    own: BTreeMap<String, (Preset, String)>,
    removed: Vec<Removed>,
}

/// What a name means.
#[derive(Debug, Clone, Copy)]
pub enum Found<'c> {
    /// A preset.
    Preset(&'c Preset),
    /// A preset that is called otherwise now.
    Renamed(&'c Preset),
    /// A preset that there was once.
    Removed(&'c Removed),
}

impl Catalogue {
    /// The embedded presets with an author's own beside them. Of two presets with one name the
    /// embedded one counts: the caller refuses the other.
    pub fn with(own: impl IntoIterator<Item = (Preset, String)>) -> Self {
        let named = |(preset, text): (Preset, String)| (preset.name.clone(), (preset, text));
        Self { own: own.into_iter().map(named).collect(), removed: Vec::new() }
    }

    /// The same with presets that are gone.
    #[must_use]
    pub fn without(mut self, removed: impl IntoIterator<Item = Removed>) -> Self {
        self.removed.extend(removed);
        self
    }

    /// The preset of a name.
    pub fn named(&self, name: &str) -> Option<&Preset> {
        named(name).or_else(|| self.own.get(name).map(|(preset, _)| preset))
    }

    /// What a name means; `None` if there never was a preset of that name.
    pub fn find(&self, name: &str) -> Option<Found<'_>> {
        if let Some(preset) = self.named(name) {
            return Some(Found::Preset(preset));
        }
        let is_former = |preset: &&Preset| preset.formerly.iter().any(|former| former == name);
        if let Some(preset) = self.all().find(is_former) {
            return Some(Found::Renamed(preset));
        }
        let gone = self.removed.iter().chain(&*REMOVED).find(|removed| removed.name == name);
        gone.map(Found::Removed)
    }

    /// All presets: the embedded ones in the order of their names, then the author's.
    pub fn all(&self) -> impl Iterator<Item = &Preset> {
        // As long as the program, and here as long as the author's own.
        all().map(|preset| -> &Preset { preset }).chain(self.own.values().map(|(preset, _)| preset))
    }

    /// A preset's file.
    pub fn text(&self, name: &str) -> Option<&str> {
        text(name).or_else(|| self.own.get(name).map(|(_, text)| text.as_str()))
    }

    /// Whether a preset is its author's own.
    pub fn is_own(&self, name: &str) -> bool {
        self.own.contains_key(name)
    }

    /// The presets of a section.
    pub fn of(&self, kind: PresetKind) -> impl Iterator<Item = &Preset> {
        self.all().filter(move |preset| preset.kind == kind)
    }

    /// The names of the presets in a curated set; none if there is no such set.
    pub fn set(&self, name: &str) -> Vec<&str> {
        let is_in = |preset: &&Preset| preset.sets.iter().any(|set| set == name);
        self.all().filter(is_in).map(|preset| preset.name.as_str()).collect()
    }

    /// The names of presets that were probably meant: those that are spelled alike, or else those
    /// that share a word; none where that is anybody's guess.
    pub fn suggest(&self, name: &str) -> Vec<&str> {
        const MOST: usize = 5;
        let names: Vec<&str> = self.all().map(|preset| preset.name.as_str()).collect();
        if let Some(near) = nearest(name, &names) {
            return vec![near];
        }
        let name = name.to_lowercase();
        let words: Vec<&str> = name.split(['-', '_', ' ']).filter(|w| w.len() > 2).collect();
        let shared = |known: &str| {
            let is_in = |word: &&&str| known.split('-').any(|part| part.starts_with(**word));
            words.iter().filter(is_in).count()
        };
        let most = names.iter().map(|known| shared(known)).max().unwrap_or(0);
        let mut alike: Vec<&str> =
            names.into_iter().filter(|known| most > 0 && shared(known) == most).collect();
        alike.truncate(MOST);
        alike
    }

    /// The names of all curated sets, in order.
    pub fn sets(&self) -> Vec<&str> {
        let mut sets: Vec<&str> =
            self.all().flat_map(|preset| &preset.sets).map(String::as_str).collect();
        sets.sort_unstable();
        sets.dedup();
        sets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_preset_of_its_name() {
        let mut wrong = Vec::new();
        for (name, text) in EMBEDDED {
            match toml::from_str::<Preset>(text) {
                Ok(preset) if preset.name == name => {
                    assert!(named(name).is_some(), "{name} is not found");
                }
                Ok(preset) => wrong.push(format!("presets/{name}.toml holds {}", preset.name)),
                Err(error) => wrong.push(format!("presets/{name}.toml: {error}")),
            }
        }
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
        assert_eq!(all().count(), EMBEDDED.len());
        assert!(named("no-such-preset").is_none());
    }

    /// A name that was given up is never given to something else.
    #[test]
    fn names_that_are_gone_are_not_used_again() {
        let file = include_str!("../../presets/removed/removed.toml");
        let file: RemovedFile = toml::from_str(file).expect("the list of what was removed");
        for removed in &file.removed {
            assert!(named(&removed.name).is_none(), "{} is there again", removed.name);
            let instead = removed.instead.as_deref();
            assert!(instead.is_none_or(|name| named(name).is_some()), "{}", removed.name);
        }
        for preset in all() {
            for former in &preset.formerly {
                assert!(named(former).is_none(), "{former} is a preset, and once was another's name");
            }
        }
    }

    #[test]
    fn a_name_that_was_used_once_still_means_something() {
        let mut preset = named("config-compliance").expect("an embedded preset").clone();
        preset.name = "mine".to_owned();
        preset.formerly = vec!["my-old-one".to_owned()];
        let gone = Removed {
            name: "gone".to_owned(),
            since: "0.2.0".to_owned(),
            why: Text { en: "AWS sends it no more".to_owned(), ja: "x".to_owned() },
            instead: None,
        };
        let catalogue = Catalogue::with([(preset, String::new())]).without([gone]);
        let what = |name: &str| match catalogue.find(name) {
            Some(Found::Preset(preset)) => preset.name.clone(),
            Some(Found::Renamed(preset)) => format!("now {}", preset.name),
            Some(Found::Removed(removed)) => format!("gone since {}", removed.since),
            None => "nothing".to_owned(),
        };
        assert_eq!(what("mine"), "mine");
        assert_eq!(what("waf-blocked"), "waf-blocked");
        assert_eq!(what("my-old-one"), "now mine");
        assert_eq!(what("gone"), "gone since 0.2.0");
        assert_eq!(what("other"), "nothing");
    }
}
