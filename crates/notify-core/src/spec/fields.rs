//! Reads a table key by key and notices what nobody asked for.

use super::finding::{Finding, Level, Location};
use super::node::{Key, Node, Value};
use crate::aws::{NameError, Region};
pub(crate) use crate::nearest::nearest;

/// The findings so far, with the text that they are about.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    pub(super) source: &'a str,
    pub(super) list: Vec<Finding>,
}

impl Findings<'_> {
    pub(super) fn error(
        &mut self,
        at: &Location,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Level::Error, at, message, help);
    }

    pub(super) fn warn(
        &mut self,
        at: &Location,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Level::Warning, at, message, help);
    }

    fn add(
        &mut self,
        level: Level,
        at: &Location,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (message, help) = (message.into(), help.into());
        self.list.push(Finding { level, location: at.clone(), message, help });
    }

    /// The value of a name, or a finding.
    pub(super) fn named<T>(&mut self, at: &Location, parsed: Result<T, NameError>) -> Option<T> {
        match parsed {
            Ok(name) => Some(name),
            Err(NameError { problem, help }) => {
                self.error(at, problem, help);
                None
            }
        }
    }

    /// Refuses control characters and more than `most` characters.
    pub(super) fn check_text(&mut self, what: &str, text: &str, most: usize, at: &Location) {
        let length = text.chars().count();
        if length > most {
            self.error(
                at,
                format!("{what} has {length} characters"),
                format!("AWS takes {most} at most: shorten it"),
            );
        }
        if let Some(c) = text.chars().find(|c| c.is_control()) {
            self.error(at, format!("{what} contains the control character {c:?}"), "leave it out");
        }
    }
}

/// A key of a table of strings, with its value, the value's place and the key's.
pub(super) type PlacedText<'n> = (String, (&'n str, &'n Location, &'n Location));

/// A table that is being read.
pub(super) struct Fields<'n> {
    /// How the file calls it, such as `[[events]]`.
    pub(super) section: String,
    pub(super) at: Location,
    entries: &'n [(Key, Node)],
    asked: Vec<&'n str>,
}

impl<'n> Fields<'n> {
    pub(super) fn of(node: &'n Node, section: &str, out: &mut Findings<'_>) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            out.error(
                &node.at,
                format!("`{section}` is {}", node.kind()),
                format!("write it as a table: {section}"),
            );
            return None;
        };
        Some(Self { section: section.to_owned(), at: node.at.clone(), entries, asked: Vec::new() })
    }

    /// The value of a key.
    pub(super) fn get(&mut self, key: &'n str) -> Option<&'n Node> {
        self.asked.push(key);
        self.entries.iter().find(|(k, _)| k.name == key).map(|(_, node)| node)
    }

    /// Where a key is written; does not ask for it.
    pub(super) fn place_of_key(&self, key: &str) -> Option<&'n Location> {
        self.entries.iter().find(|(k, _)| k.name == key).map(|(k, _)| &k.at)
    }

    /// The value of a key that must be there.
    pub(super) fn require(
        &mut self,
        key: &'n str,
        example: &str,
        out: &mut Findings<'_>,
    ) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() {
            out.error(
                &self.at,
                format!("{} has no `{key}`", self.section),
                format!("add `{key} = {example}`"),
            );
        }
        found
    }

    pub(super) fn text(
        &mut self,
        key: &'n str,
        out: &mut Findings<'_>,
    ) -> Option<(&'n str, &'n Node)> {
        let node = self.get(key)?;
        text_of(node, key, out).map(|text| (text, node))
    }

    pub(super) fn bool(&mut self, key: &'n str, out: &mut Findings<'_>) -> Option<bool> {
        let node = self.get(key)?;
        match &node.value {
            Value::Bool(truth) => Some(*truth),
            _ => {
                wrong_kind(node, key, "true or false, without quotes", out);
                None
            }
        }
    }

    pub(super) fn list(&mut self, key: &'n str, out: &mut Findings<'_>) -> Option<&'n [Node]> {
        let node = self.get(key)?;
        match &node.value {
            Value::List(list) => Some(list),
            _ => {
                wrong_kind(node, key, "a list in [brackets]", out);
                None
            }
        }
    }

    /// A whole number within limits.
    pub(super) fn count(
        &mut self,
        key: &'n str,
        limits: std::ops::RangeInclusive<u32>,
        out: &mut Findings<'_>,
    ) -> Option<u32> {
        let node = self.get(key)?;
        let number = match &node.value {
            Value::Integer(number) => u32::try_from(*number).ok().filter(|n| limits.contains(n)),
            _ => None,
        };
        if number.is_none() {
            let (low, high) = (limits.start(), limits.end());
            wrong_kind(node, key, &format!("a whole number from {low} to {high}"), out);
        }
        number
    }

    pub(super) fn number(&mut self, key: &'n str, out: &mut Findings<'_>) -> Option<f64> {
        let node = self.get(key)?;
        #[expect(clippy::cast_precision_loss, reason = "AWS stores thresholds as doubles, too")]
        let number = match &node.value {
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) if number.is_finite() => Some(*number),
            _ => None,
        };
        if number.is_none() {
            wrong_kind(node, key, "a number, without quotes", out);
        }
        number
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'n str,
        of: &[(&str, T)],
        out: &mut Findings<'_>,
    ) -> Option<T> {
        let (text, node) = self.text(key, out)?;
        if let Some((_, value)) = of.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let words: Vec<&str> = of.iter().map(|(word, _)| *word).collect();
        let listed = words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ");
        let help = match nearest(text, &words) {
            Some(near) => format!("did you mean \"{near}\"? Possible are {listed}"),
            None => format!("possible are {listed}"),
        };
        out.error(&node.at, format!("`{key}` cannot be \"{text}\""), help);
        None
    }

    /// A table of strings; each with its own place and its key's.
    pub(super) fn texts(
        &mut self,
        key: &'n str,
        out: &mut Findings<'_>,
    ) -> Option<Vec<PlacedText<'n>>> {
        let node = self.get(key)?;
        let Value::Table(table) = &node.value else {
            wrong_kind(node, key, "a table such as { name = \"value\" }", out);
            return None;
        };
        let read = table.iter().filter_map(|(k, v)| {
            text_of(v, &k.name, out).map(|text| (k.name.clone(), (text, &v.at, &k.at)))
        });
        Some(read.collect())
    }

    /// The regions that a notification names for itself.
    pub(super) fn regions(&mut self, out: &mut Findings<'_>) -> Vec<Region> {
        let mut regions = Vec::new();
        for node in self.list("regions", out).unwrap_or_default() {
            let Some(text) = text_of(node, "regions", out) else { continue };
            let Some(region) = out.named(&node.at, Region::parse(text)) else { continue };
            if !region.is_known() {
                let known: Vec<&str> = Region::known().collect();
                let help = nearest(text, &known).map_or_else(
                    || "check the name; regions newer than this program are fine".to_owned(),
                    |near| {
                        format!("did you mean \"{near}\"? Regions newer than this program are fine")
                    },
                );
                out.warn(
                    &node.at,
                    format!("`{text}` is a region that this program does not know"),
                    help,
                );
            }
            if regions.contains(&region) {
                out.error(&node.at, format!("{region} stands here twice"), "leave one out");
            } else {
                regions.push(region);
            }
        }
        regions
    }

    /// The keys that nobody has asked for yet.
    pub(super) fn unasked(&self) -> impl Iterator<Item = &'n Key> {
        let keys = self.entries.iter().map(|(key, _)| key);
        keys.filter(|key| !self.asked.contains(&key.name.as_str()))
    }

    /// The keys that were asked for, each once.
    fn known(&self) -> Vec<&'n str> {
        let mut known: Vec<&str> = Vec::new();
        for key in &self.asked {
            if !known.contains(key) {
                known.push(key);
            }
        }
        known
    }

    /// Refuses every key that was not asked for.
    pub(super) fn finish(self, out: &mut Findings<'_>) {
        let known = self.known();
        for (key, _) in self.entries {
            if self.asked.contains(&key.name.as_str()) {
                continue;
            }
            let help = match nearest(&key.name, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{} knows {}", self.section, known.join(", ")),
            };
            out.error(&key.at, format!("{} has no key `{}`", self.section, key.name), help);
        }
    }
}

/// The string in a node, or a finding.
pub(super) fn text_of<'n>(node: &'n Node, key: &str, out: &mut Findings<'_>) -> Option<&'n str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => {
            wrong_kind(node, key, "a string in quotes", out);
            None
        }
    }
}

pub(super) fn wrong_kind(node: &Node, key: &str, expected: &str, out: &mut Findings<'_>) {
    let found = match &node.value {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        _ => node.kind().to_owned(),
    };
    out.error(&node.at, format!("`{key}` is {found}"), format!("write {expected}"));
}
