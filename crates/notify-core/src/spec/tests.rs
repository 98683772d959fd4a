//! `[[tests]]`: what the file's author expects of it.

use super::fields::{Fields, Findings, nearest, text_of, wrong_kind};
use super::node::{Node, Value};
use super::series::{self, Series};
use super::{AlarmSpec, EventSpec, WafRules, fill, period_of};
use crate::aws::AlarmState;

/// Something that should happen, or not, when the file is used. `notify-cli test` runs it offline.
#[derive(Debug, Clone, PartialEq)]
pub struct TestSpec {
    /// What it is about, in words.
    pub name: String,
    /// What happens.
    pub given: Given,
    /// The notifications (rules and alarms by name) that must be mailed, and no others; `None`
    /// leaves it open.
    pub expect: Option<Vec<String>>,
    /// What each of these mails must contain.
    pub body_contains: Vec<String>,
    /// What each of these mails must say, without the footer that SNS adds.
    pub body_equals: Option<String>,
    /// A file that holds what all of these mails say, its path relative to the spec file.
    pub snapshot: Option<String>,
}

/// What happens in a test.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// An event, in a file whose path is relative to the spec file.
    Event(String),
    /// A metric's values, one for each period of an alarm.
    Series {
        /// The alarm's name.
        alarm: String,
        /// The values; `None` is silence.
        series: Series,
        /// The alarm's state so many seconds after the series began.
        states: Vec<(u32, AlarmState)>,
    },
}

pub(super) fn tests(
    nodes: &[&Node],
    events: &[EventSpec],
    alarms: &[AlarmSpec],
    out: &mut Findings<'_>,
) -> Vec<TestSpec> {
    let events: Vec<String> = events.iter().map(|event| event.name.to_string()).collect();
    let alarms = alarm_names(alarms);
    let mut list: Vec<TestSpec> = Vec::new();
    for node in nodes {
        let Some(test) = test(node, &events, alarms.as_deref(), out) else { continue };
        if list.iter().any(|other| other.name == test.name) {
            out.error(
                &node.at,
                format!("two tests are called \"{}\"", test.name),
                "give one another `name`",
            );
        }
        list.push(test);
    }
    list
}

/// The names of all alarms; `None` where some follow from a web ACL or a region.
fn alarm_names(alarms: &[AlarmSpec]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for alarm in alarms {
        match &alarm.web_acl {
            None => names.push(alarm.name.to_string()),
            Some(acl) => {
                let WafRules::Named(rules) = &acl.rules else { return None };
                if acl.alarm_name.contains("{region}") {
                    return None;
                }
                names.extend(rules.iter().map(|(rule, _)| {
                    let (name, acl_name) = (alarm.name.as_str(), acl.name.as_str());
                    let values = [("name", name), ("web_acl", acl_name), ("rule", rule)];
                    fill(&acl.alarm_name, &values)
                }));
            }
        }
    }
    Some(names)
}

fn test(
    node: &Node,
    events: &[String],
    alarms: Option<&[String]>,
    out: &mut Findings<'_>,
) -> Option<TestSpec> {
    let mut fields = Fields::of(node, "[[tests]]", out)?;
    let name = fields.require("name", "\"an open port is reported\"", out);
    let name = name.and_then(|node| text_of(node, "name", out).map(str::to_owned));
    let event = path(&mut fields, "event", out);
    let (alarm, series, states) = (
        fields.text("alarm", out),
        fields.get("series").map(|node| (node, read_series(node, out))),
        fields.get("states").map(|node| (node, read_states(node, out))),
    );
    let says_expect = fields.place_of_key("expect").is_some();
    let expected = fields.list("expect", out).map(|list| {
        let texts = list.iter().filter_map(|node| text_of(node, "expect", out).map(|t| (t, node)));
        texts.collect::<Vec<_>>()
    });
    let body_contains = fields.list("body_contains", out).unwrap_or_default().iter();
    let body_contains: Vec<String> = body_contains
        .filter_map(|node| text_of(node, "body_contains", out).map(str::to_owned))
        .collect();
    let body_equals = fields.text("body_equals", out).map(|(text, _)| text.to_owned());
    let snapshot = path(&mut fields, "snapshot", out);
    let at = fields.at.clone();
    fields.finish(out);
    let given = match (event, alarm) {
        (Some(event), None) => {
            for (key, node) in [("series", series.map(|s| s.0)), ("states", states.map(|s| s.0))] {
                if let Some(node) = node {
                    out.error(
                        &node.at,
                        format!("`{key}` belongs to a test of an alarm"),
                        "leave it out, or name an `alarm` in place of the `event`",
                    );
                }
            }
            known(expected.as_deref().unwrap_or_default(), "events", events, out);
            if !says_expect {
                out.error(
                    &at,
                    "[[tests]] has no `expect`",
                    "add `expect = [\"config-noncompliant\"]`, or `expect = []` if no mail may come",
                );
            }
            Given::Event(event)
        }
        (None, Some((alarm, alarm_at))) => {
            if let Some(alarms) = alarms {
                known(&[(alarm, alarm_at)], "alarms", alarms, out);
                known(expected.as_deref().unwrap_or_default(), "alarms", alarms, out);
            }
            let Some((_, series)) = series else {
                out.error(
                    &at,
                    "[[tests]] has an `alarm` and no `series`",
                    "add its values, one a period: `series = \"0 0 1 _ 3x5\"`",
                );
                return None;
            };
            if states.is_none() && !says_expect {
                out.error(
                    &at,
                    "[[tests]] has neither `states` nor `expect`",
                    "add `states = { \"1d\" = \"ALARM\" }`, or `expect` with the alarms that are mailed",
                );
            }
            let states = states.map(|(_, states)| states).unwrap_or_default();
            Given::Series { alarm: alarm.to_owned(), series: series?, states }
        }
        (Some(_), Some(_)) => {
            out.error(&at, "`event` and `alarm` exclude each other", "write two tests");
            return None;
        }
        (None, None) => {
            out.error(
                &at,
                "[[tests]] has neither `event` nor `alarm`",
                "add `event = \"events/open-port.json\"`, or an `alarm` with its `series`",
            );
            return None;
        }
    };
    let expect = expected.map(|list| list.into_iter().map(|(text, _)| text.to_owned()).collect());
    Some(TestSpec { name: name?, given, expect, body_contains, body_equals, snapshot })
}

fn path(fields: &mut Fields<'_>, key: &'static str, out: &mut Findings<'_>) -> Option<String> {
    let (text, node) = fields.text(key, out)?;
    if text.is_empty() || text.contains('\0') {
        out.error(
            &node.at,
            format!("`{key}` is no path"),
            "write one relative to this file, such as \"events/open-port.json\"",
        );
    }
    Some(text.to_owned())
}

/// Refuses names that no section of the file has.
fn known(asked: &[(&str, &Node)], section: &str, all: &[String], out: &mut Findings<'_>) {
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    for (text, node) in asked {
        if all.contains(text) {
            continue;
        }
        let help = match nearest(text, &all) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if all.is_empty() => format!("the file has no [[{section}]]"),
            None => format!("there are {}", all.join(", ")),
        };
        out.error(&node.at, format!("no [[{section}]] is called \"{text}\""), help);
    }
}

fn read_series(node: &Node, out: &mut Findings<'_>) -> Option<Series> {
    let text = text_of(node, "series", out)?;
    match series::parse(text) {
        Ok(series) => Some(series),
        Err(problem) => {
            out.error(
                &node.at,
                problem,
                "write values with blanks between them: \"0 2.5 _\"; `_` is silence, `1x4` is 1 five times, \
                 `0+2x3` is 0 2 4 6",
            );
            None
        }
    }
}

fn read_states(node: &Node, out: &mut Findings<'_>) -> Vec<(u32, AlarmState)> {
    let Value::Table(table) = &node.value else {
        wrong_kind(node, "states", "a table such as { \"5m\" = \"ALARM\" }", out);
        return Vec::new();
    };
    let words = AlarmState::ALL.map(AlarmState::as_str);
    let mut states: Vec<(u32, AlarmState)> = Vec::new();
    for (key, value) in table {
        let Some(seconds) = period_of(&key.name) else {
            out.error(
                &key.at,
                format!("`{}` is no time since the series began", key.name),
                "write one such as \"0s\", \"5m\", \"2h\" or \"1d\"",
            );
            continue;
        };
        let Some(text) = text_of(value, "states", out) else { continue };
        let Some(state) = AlarmState::parse(text) else {
            let help = nearest(text, &words).map_or_else(
                || format!("possible are {}", words.join(", ")),
                |near| format!("did you mean \"{near}\"?"),
            );
            out.error(&value.at, format!("\"{text}\" is no state of an alarm"), help);
            continue;
        };
        if states.iter().any(|(other, _)| *other == seconds) {
            out.error(&key.at, format!("`{}` stands here twice", key.name), "leave one out");
        }
        states.push((seconds, state));
    }
    states.sort_by_key(|(seconds, _)| *seconds);
    states
}
