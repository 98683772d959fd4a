//! The presets by their names; each is read when it is first asked for.

use super::{Preset, PresetKind};
use std::sync::OnceLock;

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

/// The embedded preset of a name, for a section of the spec.
pub fn find(kind: PresetKind, name: &str) -> Option<&'static Preset> {
    named(name).filter(|preset| preset.kind == kind)
}

fn read(at: usize) -> Option<&'static Preset> {
    let (_, text) = EMBEDDED.get(at)?;
    // A test reads each of them.
    READ.get(at)?.get_or_init(|| toml::from_str(text).ok()).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_preset_of_its_name() {
        for (name, text) in EMBEDDED {
            match toml::from_str::<Preset>(text) {
                Ok(preset) => assert_eq!(preset.name, name),
                Err(error) => panic!("presets/{name}.toml: {error}"),
            }
            assert!(named(name).is_some(), "{name} is not found");
        }
        assert_eq!(all().count(), EMBEDDED.len());
        assert!(named("no-such-preset").is_none());
    }
}
