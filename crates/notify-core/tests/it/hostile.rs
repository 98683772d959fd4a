//! No text makes the parser panic or run out of stack: a file may come from anybody.

use notify_core::spec::{Format, Parsed, parse};
use proptest::prelude::*;

const SECURITY: &str = include_str!("../../../../examples/security.toml");
const EVERY_KEY: &str = include_str!("../../../../tests/cases/spec/good/every-key.toml");
const SECURITY_JSON: &str = include_str!("../../../../tests/cases/spec/good/security.json");

/// Reads a text, and every place in it that a finding names.
fn survives(text: &str, format: Format) {
    let Parsed { spec, findings, .. } = parse(text, format);
    assert_eq!(spec.is_none(), findings.iter().any(|f| f.level.as_str() == "error"));
    for finding in &findings {
        let _ = finding.location.line_and_column(text);
        assert!(!finding.message.is_empty() && !finding.help.is_empty(), "{finding:?}");
    }
}

/// Something that is done to a text at a byte, which is moved to a character's beginning.
#[derive(Debug, Clone)]
enum Edit {
    Delete(usize),
    Insert(String),
    Replace(usize, String),
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, Edit)>> {
    let piece = || {
        prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(vec![
                "\"", "'", "\"\"\"", "[", "]", "[[", "{", "}", "=", ".", ",", "<", ">", "\\", "\n",
                "\r", "\u{0}", "\u{feff}", "{rule}", "<$.a>", "9", "-", "inf", "遮",
            ])
            .prop_map(str::to_owned),
        ]
    };
    let edit = prop_oneof![
        (1..40_usize).prop_map(Edit::Delete),
        piece().prop_map(Edit::Insert),
        (1..10_usize, piece()).prop_map(|(length, text)| Edit::Replace(length, text)),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), edit), 1..6)
}

fn edited(text: &str, edits: &[(prop::sample::Index, Edit)]) -> String {
    let mut text = text.to_owned();
    let floor = |text: &str, at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at));
    for (at, edit) in edits {
        let start = floor(&text, at.index(text.len() + 1)).unwrap_or(0);
        let end = |length: usize| floor(&text, (start + length).min(text.len())).unwrap_or(start);
        match edit {
            Edit::Delete(length) => text.replace_range(start..end(*length).max(start), ""),
            Edit::Insert(piece) => text.insert_str(start, piece),
            Edit::Replace(length, piece) => {
                text.replace_range(start..end(*length).max(start), piece);
            }
        }
    }
    text
}

proptest! {
    #[test]
    fn any_text_can_be_read(text in any::<String>()) {
        survives(&text, Format::Toml);
        survives(&text, Format::Json);
    }

    #[test]
    fn an_edited_file_can_be_read(edits in edits()) {
        survives(&edited(SECURITY, &edits), Format::Toml);
        survives(&edited(EVERY_KEY, &edits), Format::Toml);
        survives(&edited(SECURITY_JSON, &edits), Format::Json);
    }

    #[test]
    fn any_value_can_stand_behind_a_key(text in any::<String>()) {
        let quoted = serde_json::Value::String(text).to_string();
        for key in ["name", "pattern", "message", "template", "preset", "config_rules", "exclude"] {
            let text = format!("stack = 's'\n[topic]\nname = 't'\n[[events]]\n{key} = {quoted}\n");
            survives(&text, Format::Toml);
        }
        for key in ["period", "statistic", "web_acl", "rules", "alarm_name", "comparison"] {
            let text = format!(
                "stack = 's'\n[topic]\nname = 't'\n[[alarms]]\npreset = 'waf-blocked'\n\
                 {key} = {quoted}\n"
            );
            survives(&text, Format::Toml);
        }
    }
}

/// More than any stack holds if each level took a call.
const DEEP: usize = 100_000;

#[test]
fn deep_nesting_is_refused() {
    let head = "stack = 's'\n[topic]\nname = 't'\n[[events]]\nname = 'e'\n";
    let deep = |open: &str, close: &str| open.repeat(DEEP) + &close.repeat(DEEP);
    let json = |text: &str| serde_json::Value::String(text.to_owned()).to_string();
    let toml = [
        format!("a = {}", deep("[", "]")),
        format!("a = {}", "[".repeat(DEEP)),
        format!("a = {}1{}", "{a=".repeat(DEEP), "}".repeat(DEEP)),
        deep("[", "]"),
        format!("{}a = 1", "a.".repeat(DEEP)),
        format!("[{}a]\nx = 1", "a.".repeat(DEEP)),
        format!("[[{}a]]\nx = 1", "a.".repeat(DEEP)),
        format!("{head}pattern = {}", deep("[", "]")),
        format!("{head}pattern = {}1{}", "{a=".repeat(DEEP), "}".repeat(DEEP)),
        format!("{head}pattern.{}a = ['x']", "a.".repeat(DEEP)),
        format!("{head}pattern.source = ['x']\nexclude.detail.{}a = ['x']", "a.".repeat(DEEP)),
        format!(
            "{head}pattern.source = ['x']\nexclude = {{ \"detail{}\" = ['x'] }}",
            ".a".repeat(DEEP)
        ),
        format!("{head}pattern = {}", json(&deep("[", "]"))),
        format!(
            "{head}pattern = {}",
            json(&format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP)))
        ),
        format!("{head}pattern = '{{\"source\": [\"x\"]}}'\ntemplate = {}", json(&deep("[", "]"))),
        format!("{head}pattern = '{{\"source\": [\"x\"]}}'\nmessage = {}", json(&"<".repeat(DEEP))),
    ];
    for text in toml {
        let parsed = parse(&text, Format::Toml);
        assert!(parsed.spec.is_none(), "{text:.80}");
    }
    let json = [
        deep("[", "]"),
        "[".repeat(DEEP),
        format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP)),
        format!("{{\"stack\": \"s\", \"events\": {}}}", deep("[", "]")),
    ];
    for text in json {
        assert!(parse(&text, Format::Json).spec.is_none(), "{text:.80}");
    }
}
