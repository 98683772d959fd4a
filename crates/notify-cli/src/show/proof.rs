//! The path of each notification, for people.

use super::plan::WIDTH;
use super::table::wrap;
use crate::print::{self, BAD, BOLD, CHANGED, DIM, GOOD, paint};
use anstyle::Style;
use notify_core::proof::{Link, LinkName, LinkState, Proof};
use notify_core::state::Kind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Where a link's words begin, behind its mark and its name.
const WORDS_AT: usize = 17;

/// What `status --json` says of the links.
pub(crate) fn links(proof: &Proof, command: impl Fn(&Link) -> Option<String>) -> Value {
    let link = |link: &Link| {
        let command = command(link);
        let Link { region, notification, kind, endpoint, link, state, found, cause, command: _ } =
            link;
        json!({
            "notification": notification,
            "endpoint": endpoint,
            "link": link,
            "state": state,
            "cause": cause,
            "command": command,
            "region": region,
            "kind": kind,
            "found": found,
        })
    };
    proof.links.iter().map(link).collect()
}

/// The links region by region, and below them what is wrong and what mends it.
///
/// Notifications whose links are all alike are shown once. Where these are in order, too, one line
/// is enough for many.
pub(crate) fn human(proof: &Proof, command: impl Fn(&Link) -> Option<String>) -> String {
    let mut out = String::new();
    let regions: BTreeSet<_> = proof.links.iter().map(|link| &link.region).collect();
    for region in regions {
        let _ = writeln!(out, "\n{}", paint(BOLD, region.as_str()));
        let here = proof.links.iter().filter(|link| link.region == *region);
        for group in groups(here) {
            group.write(&mut out);
        }
    }
    out.push_str(&wrong(proof, command));
    out
}

/// Notifications with the same links, each with the links of one.
struct Group<'a> {
    names: Vec<&'a str>,
    links: Vec<&'a Link>,
    /// Whether the words differ, too.
    differ: BTreeSet<usize>,
}

fn groups<'a>(links: impl Iterator<Item = &'a Link>) -> Vec<Group<'a>> {
    let mut all: Vec<Vec<&Link>> = Vec::new();
    for link in links {
        match all.last_mut() {
            Some(last) if last.last().is_some_and(|l| l.link != LinkName::Verdict) => {
                last.push(link);
            }
            _ => all.push(vec![link]),
        }
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known = BTreeMap::new();
    for links in all {
        let signature: Vec<_> = links
            .iter()
            .map(|link| (link.kind, &link.endpoint, link.link, link.state, &link.cause))
            .collect();
        let at = *known.entry(signature).or_insert_with(|| {
            groups.push(Group { names: Vec::new(), links: links.clone(), differ: BTreeSet::new() });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(at) else { continue };
        let name = links.first().map_or("", |link| link.notification.as_str());
        group.names.push(name);
        let differs = |(at, (one, other)): (usize, (&&Link, &&Link))| {
            (one.found != other.found).then_some(at)
        };
        let differing = group.links.iter().zip(&links).enumerate().filter_map(differs);
        group.differ.extend(differing.collect::<Vec<_>>());
    }
    groups
}

impl Group<'_> {
    fn write(&self, out: &mut String) {
        let Some(verdict) = self.links.last() else { return };
        let (mark, style) = mark(verdict.state);
        let heading = match self.names.as_slice() {
            [name] => format!("{name}: {}", verdict.found),
            names => format!("{}: {}", several(verdict.kind, names.len()), verdict.found),
        };
        let heading = wrap(&print::line(&heading), 4, WIDTH);
        let _ = writeln!(out, "  {} {}", paint(style, mark), heading.trim_start());
        let is_green = self.links.iter().all(|link| link.state <= LinkState::Quiet);
        if self.names.len() > 1 {
            if is_green {
                return;
            }
            let names = wrap(&print::line(&some_of(&self.names)), 6, WIDTH);
            let _ = writeln!(out, "{}", paint(DIM, &names));
        }
        for (at, link) in self.links.iter().enumerate() {
            if link.link != LinkName::Verdict {
                let found = if self.differ.contains(&at) { state(link.state) } else { &link.found };
                write_link(out, link, found);
            }
        }
    }
}

fn write_link(out: &mut String, link: &Link, found: &str) {
    let (mark, style) = mark(link.state);
    let name = link.link.as_str().replace('_', " ");
    let found = match (&link.endpoint, link.state, &link.cause) {
        (_, LinkState::Unknown, Some(cause)) => format!("not known: {cause}"),
        (Some(endpoint), ..) => format!("{endpoint}: {found}"),
        _ => found.to_owned(),
    };
    let words = wrap(&print::line(&found), WORDS_AT + 2, WIDTH);
    let _ = writeln!(out, "    {} {name:<11}  {}", paint(style, mark), words.trim_start());
}

/// A state in a word, where it stands for several links.
fn state(state: LinkState) -> &'static str {
    match state {
        LinkState::Ok => "in order",
        LinkState::Quiet => "quiet",
        other => other.as_str(),
    }
}

fn several(kind: Kind, count: usize) -> String {
    format!("{count} {kind}s")
}

fn some_of(names: &[&str]) -> String {
    const MOST: usize = 3;
    let shown = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The mark of a state. The words beside it say the same.
fn mark(state: LinkState) -> (&'static str, Style) {
    match state {
        LinkState::Ok => ("✓", GOOD),
        LinkState::Quiet => ("·", GOOD),
        LinkState::Weak => ("!", CHANGED),
        LinkState::Unknown => ("?", CHANGED),
        LinkState::Muted => ("–", CHANGED),
        LinkState::Pending => ("…", CHANGED),
        LinkState::Drifted => ("~", CHANGED),
        LinkState::Broken => ("✗", BAD),
    }
}

/// Each cause once, the worst first, with the command that mends it.
fn wrong(proof: &Proof, command: impl Fn(&Link) -> Option<String>) -> String {
    let mut causes: Vec<(&Link, Option<String>, Vec<&str>)> = Vec::new();
    let mut known = BTreeMap::new();
    for link in &proof.links {
        let Some(cause) = &link.cause else { continue };
        if link.link == LinkName::Verdict || link.state == LinkState::Unknown {
            continue;
        }
        let command = command(link);
        let at = *known.entry((link.state, cause, command.clone())).or_insert_with(|| {
            causes.push((link, command, Vec::new()));
            causes.len() - 1
        });
        let Some((.., names)) = causes.get_mut(at) else { continue };
        if names.last() != Some(&link.notification.as_str()) {
            names.push(&link.notification);
        }
    }
    causes.sort_by_key(|(link, ..)| std::cmp::Reverse(link.state));
    let mut out = String::new();
    let mut last = None;
    for (link, command, names) in causes {
        let title = title(link.state);
        if last != Some(title) {
            let (_, style) = mark(link.state);
            let _ = writeln!(out, "\n{}", paint(style, title));
            last = Some(title);
        }
        let cause = link.cause.as_deref().unwrap_or_default();
        let _ = writeln!(out, "{}", wrap(&print::line(cause), 2, WIDTH));
        let names = wrap(&print::line(&some_of(&names)), 4, WIDTH);
        let _ = writeln!(out, "{}", paint(DIM, &names));
        if let Some(command) = command {
            // In one line, so that it can be copied.
            let _ = writeln!(out, "      {}", print::line(&command));
        }
    }
    out
}

fn title(state: LinkState) -> &'static str {
    match state {
        LinkState::Broken => "Broken",
        LinkState::Drifted => "Not as the file says",
        LinkState::Pending => "Waits for a person",
        LinkState::Muted => "Muted",
        LinkState::Ok | LinkState::Quiet | LinkState::Weak | LinkState::Unknown => {
            "Works, and could be safer"
        }
    }
}

/// How many notifications are how, in a line.
pub(crate) fn summary(proof: &Proof) -> String {
    let count = proof.verdicts().count();
    let mut parts = Vec::new();
    for state in LinkState::ALL {
        let of: Vec<&Link> = proof.verdicts().filter(|link| link.state == state).collect();
        if let Some(first) = of.first() {
            let words = if state == LinkState::Broken { "broken" } else { &first.found };
            parts.push(format!("{} {words}", of.len()));
        }
    }
    let noun = if count == 1 { "notification" } else { "notifications" };
    format!("{count} {noun}: {}.", parts.join("; "))
}
