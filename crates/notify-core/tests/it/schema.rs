//! The JSON Schema for editors knows what the parser knows, no more and no less.

use notify_core::spec::{Format, parse, schema};
use serde_json::Value;
use std::collections::BTreeSet;

const FILE: &str = "stack = 's'\n[topic]\nname = 't'\n";

fn document() -> Value {
    serde_json::from_str(schema()).expect("the schema is JSON")
}

/// What the parser answers to a wrong key or word: the help text about it.
fn help(text: &str, wrong: &str) -> String {
    let findings = parse(text, Format::Toml).findings;
    let finding = findings.iter().find(|finding| finding.message.contains(wrong));
    finding.unwrap_or_else(|| panic!("nothing is said about {wrong} in {text}")).help.clone()
}

/// The keys that the parser says it knows.
fn keys(text: &str) -> BTreeSet<String> {
    let help = help(text, "has no key `zzzzzzzzzz`");
    let (_, keys) = help.split_once(" knows ").expect("a list of keys");
    keys.split(", ").map(str::to_owned).collect()
}

fn properties(schema: &Value, section: &str) -> BTreeSet<String> {
    let properties = schema.pointer(section).and_then(|s| s.get("properties"));
    let properties = properties.and_then(Value::as_object).expect("a section of the schema");
    properties.keys().cloned().collect()
}

#[test]
fn every_section_has_the_parsers_keys() {
    let z = "zzzzzzzzzz = 1";
    let waf = "[[alarms]]\npreset = 'waf-blocked'\n";
    let sections: [(&str, &[String]); 8] = [
        ("", &[format!("{z}\n{FILE}")]),
        ("/$defs/topic", &[format!("{FILE}{z}\n")]),
        ("/$defs/fallback", &[format!("{FILE}[fallback]\n{z}\n")]),
        ("/$defs/subscription", &[format!("{FILE}[[subscriptions]]\n{z}\n")]),
        (
            "/$defs/event",
            &[
                format!("{FILE}[[events]]\n{z}\n"),
                format!("{FILE}[[events]]\npreset = 'config-compliance'\n{z}\n"),
            ],
        ),
        ("/$defs/alarm", &[format!("{FILE}[[alarms]]\n{z}\n"), format!("{FILE}{waf}{z}\n")]),
        ("/$defs/test", &[format!("{FILE}[[tests]]\n{z}\n")]),
        ("/$defs/waf_rule", &[format!("{FILE}{waf}rules = [{{ {z} }}]\n")]),
    ];
    let schema = document();
    for (section, texts) in sections {
        let known: BTreeSet<String> = texts.iter().flat_map(|text| keys(text)).collect();
        assert_eq!(properties(&schema, section), known, "{section}");
        let strict = schema.pointer(section).and_then(|s| s.get("additionalProperties"));
        assert_eq!(strict, Some(&Value::Bool(false)), "{section}: the parser refuses other keys");
    }
}

#[test]
fn every_choice_has_the_parsers_words() {
    let schema = document();
    let waf = format!("{FILE}[[alarms]]\npreset = 'waf-blocked'\n");
    for (place, text) in [
        ("/properties/language", format!("language = 'zzzzzzzzzz'\n{FILE}")),
        (
            "/$defs/subscription/properties/protocol",
            format!("{FILE}[[subscriptions]]\nprotocol = 'zzzzzzzzzz'\n"),
        ),
        ("/$defs/alarm/properties/scope", format!("{waf}scope = 'zzzzzzzzzz'\n")),
        ("/$defs/alarm/properties/comparison", format!("{waf}comparison = 'zzzzzzzzzz'\n")),
        (
            "/$defs/alarm/properties/treat_missing_data",
            format!("{waf}treat_missing_data = 'zzzzzzzzzz'\n"),
        ),
        (
            "/$defs/waf_rule/properties/metric",
            format!("{waf}rules = [{{ rule = 'r', metric = 'zzzzzzzzzz' }}]\n"),
        ),
    ] {
        let help = help(&text, "cannot be \"zzzzzzzzzz\"");
        let words = help.strip_prefix("possible are ").expect("a list of words");
        let words: BTreeSet<&str> = words.split(", ").map(|word| word.trim_matches('"')).collect();
        let listed = schema.pointer(place).and_then(|s| s.get("enum"));
        let listed = listed.and_then(Value::as_array).expect("a choice of the schema");
        let listed: BTreeSet<&str> = listed.iter().filter_map(Value::as_str).collect();
        assert_eq!(listed, words, "{place}");
    }
}

#[test]
fn every_preset_is_in_the_schema() {
    use notify_core::preset::{PresetKind, all};
    let schema = document();
    for (section, kind) in [("event", PresetKind::Event), ("alarm", PresetKind::Alarm)] {
        let names = all().filter(|preset| preset.kind == kind);
        let names: BTreeSet<&str> = names.map(|preset| preset.name.as_str()).collect();
        let place = format!("/$defs/{section}/properties/preset/enum");
        let listed = schema.pointer(&place).and_then(Value::as_array).expect("the presets");
        let listed: BTreeSet<&str> = listed.iter().filter_map(Value::as_str).collect();
        assert_eq!(listed, names, "{section}");
    }
}

#[test]
fn everything_is_described() {
    let schema = document();
    for section in
        ["", "/$defs/topic", "/$defs/subscription", "/$defs/event", "/$defs/alarm", "/$defs/test"]
    {
        let properties = schema.pointer(section).and_then(|s| s["properties"].as_object());
        for (key, property) in properties.expect("a section") {
            let described = resolve(&schema, property).get("description");
            assert!(described.is_some(), "{section}: {key} has no description");
        }
    }
}

#[test]
fn good_files_use_what_the_schema_knows() {
    let schema = document();
    for text in [
        include_str!("../../../../examples/minimal.toml"),
        include_str!("../../../../examples/security.toml"),
        include_str!("../../../../examples/watched.toml"),
        include_str!("../../../../tests/cases/spec/good/every-key.toml"),
    ] {
        let file: Value = toml::from_str(text).expect("a good file");
        walk(&schema, &schema, &file, "");
    }
}

fn resolve<'s>(schema: &'s Value, part: &'s Value) -> &'s Value {
    let reference = part.get("$ref").and_then(Value::as_str);
    match reference.and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => schema.pointer(pointer).expect("a definition"),
        None => part,
    }
}

/// Follows a value into the schema as far as that names keys and entries.
fn walk(schema: &Value, part: &Value, value: &Value, at: &str) {
    let part = resolve(schema, part);
    match value {
        Value::Object(fields) => {
            let Some(properties) = part.get("properties") else { return };
            for (key, value) in fields {
                let property = properties.get(key);
                let property =
                    property.unwrap_or_else(|| panic!("{at}/{key} is not in the schema"));
                walk(schema, property, value, &format!("{at}/{key}"));
            }
            for key in part["required"].as_array().into_iter().flatten() {
                let key = key.as_str().expect("a key");
                assert!(fields.contains_key(key), "{at} has no {key}, which the schema requires");
            }
        }
        Value::Array(list) => {
            let Some(items) = part.get("items") else { return };
            for value in list {
                walk(schema, items, value, at);
            }
        }
        _ => {
            if let Some(words) = part.get("enum").and_then(Value::as_array) {
                assert!(words.contains(value), "{at}: the schema does not know {value}");
            }
        }
    }
}
