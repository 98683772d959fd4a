//! Events as documents with slots.
//!
//! A template is `{"let": {…}, "event": {…}}`. In its strings, `<…>` is a slot: a list of
//! `words` by name, `one|of|these`, `1..40`, `hex 17`, `HEX 17`, `digits 4`, `uuid`, `time`,
//! `address`, or a value of `let`, drawn once for each event, with `.0` or `.1` for one of its
//! words. A string that begins with `=` is written without quotes. A key that begins with `?70 `
//! is there in 70 of 100 events, always together with others of the same number. In a list,
//! `"*1..3"` repeats what follows it.

use crate::random::Random;
use crate::{Failure, words};
use serde_json::Value;
use std::fmt::Write as _;

/// A template that was read.
#[derive(Debug)]
pub(crate) struct Template {
    facts: Vec<Vec<Piece>>,
    event: Node,
}

#[derive(Debug)]
enum Node {
    Text(Vec<Piece>),
    Object(Vec<Member>),
    List { most: u64, nodes: Vec<Self> },
}

#[derive(Debug)]
struct Member {
    percent: u64,
    /// With its quotes and colon.
    key: String,
    node: Node,
}

#[derive(Debug)]
enum Piece {
    Fixed(String),
    OneOf(Vec<String>),
    Range(i64, u64),
    Hex(usize),
    UpperHex(usize),
    Digits(usize),
    Uuid,
    Time,
    Address,
    Fact(usize, Option<usize>),
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let document: Value = serde_json::from_str(text)?;
        let mut names = Vec::new();
        let mut facts = Vec::new();
        for (name, value) in document["let"].as_object().into_iter().flatten() {
            let value = value.as_str().ok_or("a value of `let` is a string")?;
            facts.push(pieces(value, &names, true)?);
            names.push(name.clone());
        }
        Ok(Self { facts, event: node(&document["event"], &names)? })
    }

    /// Writes one event, without a line end.
    pub(crate) fn write(&self, random: &mut Random, out: &mut String) {
        let luck = random.below(100);
        let mut facts: Vec<String> = Vec::with_capacity(self.facts.len());
        for fact in &self.facts {
            let mut text = String::new();
            write_pieces(fact, &facts, random, &mut text);
            facts.push(text);
        }
        write_node(&self.event, luck, &facts, random, out);
    }
}

fn node(value: &Value, names: &[String]) -> Result<Node, Failure> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix('=') {
            Some(raw) => Node::Text(pieces(raw, names, false)?),
            None => {
                let quote = || Piece::Fixed("\"".to_owned());
                let mut all = vec![quote()];
                all.extend(pieces(text, names, true)?);
                all.push(quote());
                Node::Text(all)
            }
        },
        Value::Object(object) => {
            let member = |(key, value): (&String, &Value)| {
                let (percent, key) = match key.strip_prefix('?').and_then(|k| k.split_once(' ')) {
                    Some((percent, key)) => (percent.parse()?, key),
                    None => (100, key.as_str()),
                };
                let key = format!("\"{}\":", escaped(key));
                Ok(Member { percent, key, node: node(value, names)? })
            };
            Node::Object(object.iter().map(member).collect::<Result<_, Failure>>()?)
        }
        Value::Array(list) => {
            let repeat = |first: &Value| first.as_str()?.strip_prefix("*1..")?.parse().ok();
            let most = list.first().and_then(repeat);
            let list = if most.is_some() { &list[1..] } else { list };
            let nodes = list.iter().map(|value| node(value, names));
            Node::List { most: most.unwrap_or(1), nodes: nodes.collect::<Result<_, _>>()? }
        }
        other => Node::Text(vec![Piece::Fixed(other.to_string())]),
    })
}

fn pieces(mut text: &str, names: &[String], escape: bool) -> Result<Vec<Piece>, Failure> {
    let written = |text: &str| if escape { escaped(text) } else { text.to_owned() };
    let mut pieces = Vec::new();
    while let Some((before, rest)) = text.split_once('<') {
        let (slot, after) = rest.split_once('>').ok_or("`<` without `>`")?;
        pieces.push(Piece::Fixed(written(before)));
        pieces.push(match piece(slot, names)? {
            Piece::OneOf(list) => Piece::OneOf(list.iter().map(|text| written(text)).collect()),
            piece => piece,
        });
        text = after;
    }
    pieces.push(Piece::Fixed(written(text)));
    pieces.retain(|piece| !matches!(piece, Piece::Fixed(text) if text.is_empty()));
    Ok(pieces)
}

fn piece(slot: &str, names: &[String]) -> Result<Piece, Failure> {
    if slot.contains('|') {
        return Ok(Piece::OneOf(slot.split('|').map(str::to_owned).collect()));
    }
    if let Some((from, to)) = slot.split_once("..") {
        let (from, to): (i64, i64) = (from.parse()?, to.parse()?);
        let count = u64::try_from(to - from + 1)?;
        return Ok(Piece::Range(from, count));
    }
    if let Some(list) = words::list(slot) {
        return Ok(Piece::OneOf(list));
    }
    let (name, number) = match slot.split_once([' ', '.']) {
        Some((name, number)) => (name, Some(number.parse()?)),
        None => (slot, None),
    };
    Ok(match (name, number) {
        ("uuid", None) => Piece::Uuid,
        ("time", None) => Piece::Time,
        ("address", None) => Piece::Address,
        ("hex", Some(length)) => Piece::Hex(length),
        ("HEX", Some(length)) => Piece::UpperHex(length),
        ("digits", Some(length)) => Piece::Digits(length),
        _ => {
            let at = names.iter().position(|known| known == name);
            Piece::Fact(at.ok_or_else(|| format!("an unknown slot: <{slot}>"))?, number)
        }
    })
}

fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn write_node(node: &Node, luck: u64, facts: &[String], random: &mut Random, out: &mut String) {
    match node {
        Node::Text(pieces) => write_pieces(pieces, facts, random, out),
        Node::Object(members) => {
            let present = members.iter().filter(|member| luck < member.percent);
            out.push('{');
            for (at, Member { key, node, .. }) in present.enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                out.push_str(key);
                write_node(node, luck, facts, random, out);
            }
            out.push('}');
        }
        Node::List { most, nodes } => {
            let times = 1 + random.below(*most);
            out.push('[');
            for (at, node) in (0..times).flat_map(|_| nodes).enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write_node(node, luck, facts, random, out);
            }
            out.push(']');
        }
    }
}

fn write_pieces(pieces: &[Piece], facts: &[String], random: &mut Random, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Fixed(text) => out.push_str(text),
            Piece::OneOf(list) => out.push_str(random.pick(list.as_slice()).as_str()),
            Piece::Range(from, count) => {
                let _ = write!(out, "{}", from.saturating_add_unsigned(random.below(*count)));
            }
            Piece::Hex(length) => letters(b"0123456789abcdef", *length, random, out),
            Piece::UpperHex(length) => letters(b"0123456789ABCDEF", *length, random, out),
            Piece::Digits(length) => letters(b"0123456789", *length, random, out),
            Piece::Uuid => {
                for (at, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                    out.push_str(if at > 0 { "-" } else { "" });
                    letters(b"0123456789abcdef", length, random, out);
                }
            }
            Piece::Time => {
                let [month, day] = [12, 28].map(|end| 1 + random.below(end));
                let [hour, minute, second] = [24, 60, 60].map(|end| random.below(end));
                let _ = write!(out, "2026-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
            }
            Piece::Address => {
                let network = random.pick(&words::NETWORKS);
                let [a, b] = [256, 256].map(|end| random.below(end));
                let _ = write!(out, "{network}.{a}.{b}.{}", 1 + random.below(254));
            }
            Piece::Fact(at, None) => out.push_str(&facts[*at]),
            Piece::Fact(at, Some(word)) => {
                out.push_str(facts[*at].split(' ').nth(*word).unwrap_or_default());
            }
        }
    }
}

fn letters(of: &[u8], count: usize, random: &mut Random, out: &mut String) {
    out.extend((0..count).map(|_| char::from(*random.pick(of))));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(template: &str, seed: u64) -> String {
        let mut out = String::new();
        Template::parse(template).unwrap().write(&mut Random::new(seed), &mut out);
        out
    }

    #[test]
    fn what_is_fixed_stays() {
        let template = r#"{"let": {"pair": "a\"b c"}, "event": {
            "z": "<pair.0> \n é", "a": "=<7..7>", "n": [null, 1.50, true, []], "w": "<pair.1><pair>"
        }}"#;
        let expected = r#"{"z":"a\"b \n é","a":7,"n":[null,1.5,true,[]],"w":"ca\"b c"}"#;
        assert_eq!(written(template, 1), expected);
    }

    #[test]
    fn members_come_together_and_lists_grow() {
        let template = r#"{"event": {"?50 a": 1, "?50 b": 2, "c": ["*1..3", "<hex 2>"]}}"#;
        let events: Vec<String> = (0..200).map(|seed| written(template, seed)).collect();
        let with = |some: &str| events.iter().filter(|event| event.contains(some)).count();
        assert_eq!(with(r#""a":1,"b":2,"#), with("\"a\""));
        assert_eq!(with("\"a\""), with("\"b\""));
        assert!((70..130).contains(&with("\"a\"")));
        let length = |event: &String| event.split("\"c\":").last().unwrap().split(',').count();
        let lengths: std::collections::BTreeSet<usize> = events.iter().map(length).collect();
        assert_eq!(Vec::from_iter(lengths), [1, 2, 3]);
    }

    #[test]
    fn slots_are_known() {
        let mut shapes = Vec::new();
        for (slot, length) in
            [("uuid", 36), ("time", 20), ("hex 5", 5), ("HEX 3", 3), ("digits 4", 4)]
        {
            let text = written(&format!(r#"{{"event": "<{slot}>"}}"#), 3);
            assert_eq!(text.len(), length + 2, "{slot}: {text}");
            shapes.push(text);
        }
        assert!(shapes[1].starts_with("\"2026-") && shapes[1].ends_with("Z\""));
        for wrong in ["<what>", "<hex>", "<hex x>", "<1..x>", "<open", "<5..1>"] {
            let template = format!(r#"{{"event": "{wrong}"}}"#);
            assert!(Template::parse(&template).is_err(), "{wrong}");
        }
    }
}
