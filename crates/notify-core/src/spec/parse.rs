//! Reads a spec file.

use super::fields::{Fields, Findings, text_of, wrong_kind};
use super::finding::{Finding, Level, Location};
use super::node::{self, Node, Value};
use super::watch::{Rest, switches, watch};
use super::{Language, Spec, alarms, events, tests, topic};
use crate::aws::StackName;

/// How a spec file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// TOML.
    Toml,
    /// JSON of the same structure.
    Json,
}

/// What came of reading a spec file.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The spec; `None` when there are errors.
    pub spec: Option<Spec>,
    /// Errors and warnings, in the order of the file.
    pub findings: Vec<Finding>,
}

/// Reads and checks a spec file.
///
/// ```
/// use notify_core::spec::{Format, Level, parse};
///
/// let parsed = parse("stack = \"a\"\n[topic]\nnme = \"t\"\n", Format::Toml);
/// assert!(parsed.spec.is_none());
/// let typo = parsed.findings.iter().find(|f| f.help == "did you mean `name`?").expect("a hint");
/// assert_eq!(typo.level, Level::Error);
/// ```
pub fn parse(text: &str, format: Format) -> Parsed {
    let whole = text;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut out = Findings { source: text, list: Vec::new() };
    let root = match format {
        Format::Toml => node::from_toml(text, &mut out.list),
        Format::Json => node::from_json(text, &mut out.list),
    };
    let spec = root.and_then(|root| spec(&root, &mut out));
    let mut findings = out.list;
    findings.sort_by_key(|finding| match &finding.location {
        Location::Span(span) => span.start,
        Location::Pointer(_) => 0,
    });
    // Places are those of the text as it was given, byte order mark included.
    let mark = whole.len() - text.len();
    for finding in &mut findings {
        if let Location::Span(span) = &mut finding.location {
            *span = span.start + mark..span.end + mark;
        }
    }
    let failed = findings.iter().any(|finding| finding.level == Level::Error);
    let spec = spec.filter(|_| !failed).map(|mut spec| {
        spec.warnings = findings.iter().map(|f| format!("{}: {}", f.message, f.help)).collect();
        spec
    });
    Parsed { spec, findings }
}

fn spec(root: &Node, out: &mut Findings<'_>) -> Option<Spec> {
    if !matches!(root.value, Value::Table(_)) {
        out.error(
            &root.at,
            format!("the file is {}", root.kind()),
            "write an object: {\"stack\": \"security\", \"topic\": {\"name\": \"config-info\"}}",
        );
        return None;
    }
    let mut fields = Fields::of(root, "the file", out)?;
    // A missing key of the file as a whole is shown at its first line, not as the whole file.
    fields.at = match &fields.at {
        Location::Span(_) => Location::Span(0..0),
        pointer @ Location::Pointer(_) => pointer.clone(),
    };
    // Editors bind a schema to a JSON file with it.
    fields.text("$schema", out);
    required_version(&mut fields, out);
    let stack = fields.require("stack", "\"security\"", out);
    let stack = stack.and_then(|node| {
        let text = text_of(node, "stack", out)?;
        out.named(&node.at, StackName::parse(text))
    });
    let regions = fields.regions(out);
    let language = fields
        .choice("language", &[("en", Language::En), ("ja", Language::Ja)], out)
        .unwrap_or_default();
    let switches = switches(&mut fields, out);
    let topic = fields.get("topic");
    if topic.is_none() {
        out.error(
            &fields.at,
            "the file has no `[topic]`",
            "add a table `[topic]` with `name = \"config-info\"`",
        );
    }
    let topic = topic.and_then(|node| topic::topic(node, out));
    let event_nodes = sections(&mut fields, "events", "events", out);
    let defaults = events::Defaults { language, dead_letter: switches.dead_letter };
    let events = events::events(&event_nodes, &defaults, &regions, out);
    let alarm_nodes = sections(&mut fields, "alarms", "alarms", out);
    let alarms = alarms::alarms(&alarm_nodes, &regions, out);
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    let names: Vec<&str> =
        names.into_iter().chain(alarms.iter().map(|alarm| alarm.name.as_str())).collect();
    let readers = sections(&mut fields, "subscriptions", "subscriptions", out);
    let subscriptions = topic::subscriptions(&readers, "[[subscriptions]]", Some(&names), out);
    let test_nodes = sections(&mut fields, "tests", "tests", out);
    let tests = tests::tests(&test_nodes, &events, &alarms, out);
    let rest = Rest {
        stack: stack.as_ref(),
        language,
        topic: topic.as_ref(),
        subscriptions: &subscriptions,
        events: &events,
        event_nodes: &event_nodes,
        alarms: &alarms,
    };
    let watch = watch(switches, fields.get("fallback"), &rest, out);
    fields.finish(out);
    Some(Spec {
        stack: stack?,
        regions,
        language,
        topic: topic?,
        subscriptions,
        events,
        alarms,
        tests,
        watch,
        warnings: Vec::new(),
    })
}

/// The tables of an array of tables, which the file calls `[[name]]`; a single table is a common
/// slip with a clear remedy.
pub(super) fn sections<'n>(
    fields: &mut Fields<'n>,
    key: &'static str,
    name: &str,
    out: &mut Findings<'_>,
) -> Vec<&'n Node> {
    match fields.get(key) {
        None => Vec::new(),
        Some(Node { value: Value::List(list), .. }) => list.iter().collect(),
        Some(node @ Node { value: Value::Table(_), .. }) => {
            out.error(
                &node.at,
                format!("`[{name}]` is a single table"),
                format!("write `[[{name}]]`: there may be several"),
            );
            vec![node]
        }
        Some(node) => {
            wrong_kind(node, key, &format!("tables that begin with [[{name}]]"), out);
            Vec::new()
        }
    }
}

fn required_version(fields: &mut Fields<'_>, out: &mut Findings<'_>) {
    let Some((text, node)) = fields.text("required_version", out) else { return };
    let ours = env!("CARGO_PKG_VERSION");
    match semver::VersionReq::parse(text) {
        Err(error) => out.error(
            &node.at,
            format!("`{text}` is not a version requirement: {error}"),
            "write one such as \">=0.1\"",
        ),
        Ok(wanted) => {
            if semver::Version::parse(ours).is_ok_and(|ours| !wanted.matches(&ours)) {
                out.error(
                    &node.at,
                    format!("the file asks for version {text}, and this is {ours}"),
                    "install another version of notify-cli, or change `required_version`",
                );
            }
        }
    }
}
