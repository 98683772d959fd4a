//! An author's own presets, from the folder that `presets_folder` names.

use super::finding::{Finding, Level, Location};
use super::node::{self, Node, Value};
use crate::preset::{self, Catalogue, Flaw, Preset};
use std::collections::BTreeMap;

/// A file that holds a preset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresetFile {
    /// Its path, for people.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// What is wrong with a file that holds a preset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenPreset {
    /// The file.
    pub file: PresetFile,
    /// What is wrong; places are in that file.
    pub findings: Vec<Finding>,
}

/// Reads presets. Each file's mistakes are found, and a broken one is no preset.
pub(super) fn own_presets(files: Vec<PresetFile>) -> (Catalogue, Vec<BrokenPreset>) {
    let mut presets = Vec::new();
    let mut broken = Vec::new();
    // Names, with the files that have them.
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for file in files {
        let findings = match read(&file.text) {
            Err(finding) => vec![finding],
            Ok(preset) => {
                let mut flaws = preset::flaws(&preset);
                flaws.extend(clash(&preset, &taken));
                if flaws.is_empty() {
                    taken.insert(preset.name.clone(), file.path.clone());
                    presets.push((preset, file.text));
                    continue;
                }
                let node = node::from_toml(&file.text, &mut Vec::new());
                flaws.into_iter().map(|flaw| finding(flaw, node.as_ref())).collect()
            }
        };
        broken.push(BrokenPreset { file, findings });
    }
    (Catalogue::with(presets), broken)
}

fn read(text: &str) -> Result<Preset, Finding> {
    toml::from_str(text).map_err(|error| Finding {
        level: Level::Error,
        location: Location::Span(error.span().unwrap_or(0..0)),
        message: error.message().trim().to_owned(),
        help: "`notify-cli presets show config-compliance --toml` prints a whole one".to_owned(),
    })
}

/// A name that is another preset's already.
fn clash(preset: &Preset, taken: &BTreeMap<String, String>) -> Vec<Flaw> {
    let flaw = |at: &str, problem: String| Flaw {
        at: vec![at.to_owned()],
        problem,
        help: "give it another name, such as one that begins with your team's".to_owned(),
    };
    let mut flaws = Vec::new();
    if preset::named(&preset.name).is_some() {
        let problem = format!("this program has a preset {} of its own", preset.name);
        flaws.push(flaw("name", problem));
    }
    if let Some(path) = taken.get(&preset.name) {
        flaws.push(flaw("name", format!("{path} has a preset {}, too", preset.name)));
    }
    for former in &preset.formerly {
        if preset::named(former).is_some() {
            let problem = format!("this program has a preset {former} of its own");
            flaws.push(flaw("formerly", problem));
        }
    }
    flaws
}

/// A flaw in its place, as near as the file has it.
fn finding(flaw: Flaw, file: Option<&Node>) -> Finding {
    let Flaw { at, problem, help } = flaw;
    let mut here = file;
    let mut location = Location::Span(0..0);
    for key in &at {
        let inner = match here.map(|node| &node.value) {
            Some(Value::Table(entries)) => {
                let entry = entries.iter().find(|(known, _)| known.name == *key);
                if let Some((key, _)) = entry {
                    location = key.at.clone();
                }
                entry.map(|(_, node)| node)
            }
            Some(Value::List(list)) => key.parse().ok().and_then(|at: usize| list.get(at)),
            _ => None,
        };
        let Some(inner) = inner else { break };
        // A table of its own begins at its first line; its key says little in a list.
        if !matches!(inner.value, Value::Table(_)) || matches!(here, Some(Node { value: Value::List(_), .. })) {
            location = inner.at.clone();
        }
        here = Some(inner);
    }
    Finding { level: Level::Error, location, message: problem, help }
}
