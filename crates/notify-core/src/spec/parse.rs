//! Reads a spec file.

use super::content::DeliveryKind;
use super::enable::enable;
use super::fields::{Fields, Findings, text_of, wrong_kind};
use super::finding::{Finding, Level, Location};
use super::node::{self, Node, Value};
use super::own::{BrokenPreset, PresetFile, own_presets};
use super::publishers::publishers;
use super::tables::tables;
use super::watch::{Rest, switches, watch};
use super::{Language, Spec, alarms, events, tests, topic};
use crate::aws::StackName;
use crate::preset::Catalogue;

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
    /// The author's own presets that cannot be used, if there are any: then there is no spec.
    pub broken: Vec<BrokenPreset>,
    /// All presets that the file can name.
    pub catalogue: Catalogue,
}

/// Reads the presets of a folder whose path is relative to the spec file. The error says why they
/// cannot be read.
pub type ReadFolder<'f> = &'f mut dyn FnMut(&str) -> Result<Vec<PresetFile>, String>;

/// Reads and checks a spec file. Of a folder with presets of its author's own nothing is known:
/// [`parse_with`] reads it, too.
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
    parse_with(text, format, &mut |_| Ok(Vec::new()))
}

/// Reads and checks a spec file, with its author's own presets.
pub fn parse_with(text: &str, format: Format, folder: ReadFolder<'_>) -> Parsed {
    let whole = text;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut out = Findings { source: text, list: Vec::new() };
    let root = match format {
        Format::Toml => node::from_toml(text, &mut out.list),
        Format::Json => node::from_json(text, &mut out.list),
    };
    let (mut catalogue, mut broken) = (Catalogue::default(), Vec::new());
    let spec = root.and_then(|root| {
        (catalogue, broken) = own(&root, folder, &mut out);
        spec(&root, &catalogue, &mut out)
    });
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
    let failed = !broken.is_empty() || findings.iter().any(|finding| finding.level == Level::Error);
    let spec = spec.filter(|_| !failed).map(|mut spec| {
        spec.warnings = findings.iter().map(|f| format!("{}: {}", f.message, f.help)).collect();
        spec
    });
    Parsed { spec, findings, broken, catalogue }
}

/// The presets that the file can name, and those of its author's that cannot be used.
fn own(
    root: &Node,
    folder: ReadFolder<'_>,
    out: &mut Findings<'_>,
) -> (Catalogue, Vec<BrokenPreset>) {
    let named = match &root.value {
        Value::Table(entries) => entries.iter().find(|(key, _)| key.name == "presets_folder"),
        _ => None,
    };
    let Some((_, node)) = named else { return (Catalogue::default(), Vec::new()) };
    let Some(path) = text_of(node, "presets_folder", out) else {
        return (Catalogue::default(), Vec::new());
    };
    let files = if path.is_empty() || path.contains('\0') {
        Err("it is no path".to_owned())
    } else {
        folder(path)
    };
    match files {
        Ok(files) => own_presets(files),
        Err(reason) => {
            out.error(
                &node.at,
                format!("the folder {path} cannot be read: {reason}"),
                "write the path of a folder, relative to this file, with presets in .toml files",
            );
            (Catalogue::default(), Vec::new())
        }
    }
}

fn spec(root: &Node, catalogue: &Catalogue, out: &mut Findings<'_>) -> Option<Spec> {
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
    let delivery = DeliveryKind::read(&mut fields, out);
    let tables = tables(&mut fields, out);
    let topic = fields.get("topic");
    if topic.is_none() {
        out.error(
            &fields.at,
            "the file has no `[topic]`",
            "add a table `[topic]` with `name = \"config-info\"`",
        );
    }
    let topic = topic.and_then(|node| topic::topic(node, out));
    // It was read before everything else.
    fields.get("presets_folder");
    let mut event_nodes = sections(&mut fields, "events", "events", out);
    let mut alarm_nodes = sections(&mut fields, "alarms", "alarms", out);
    let mut publisher_nodes = sections(&mut fields, "publishers", "publishers", out);
    let named = [&*event_nodes, &alarm_nodes, &publisher_nodes].concat();
    let enabled = enable(&mut fields, &named, catalogue, out);
    event_nodes.extend(&enabled.events);
    alarm_nodes.extend(&enabled.alarms);
    publisher_nodes.extend(&enabled.publishers);
    let dead_letter = switches.dead_letter;
    let defaults = events::Defaults { language, dead_letter, catalogue, delivery, tables };
    let mut events = events::events(&event_nodes, &defaults, &regions, out);
    for event in &mut events {
        if let Some(preset) = &mut event.preset {
            preset.is_enabled = enabled.presets.contains(&preset.name);
        }
    }
    let alarms = alarms::alarms(&alarm_nodes, catalogue, &regions, out);
    let publishers = publishers(&publisher_nodes, catalogue, out);
    let of_alarms = alarms.iter().map(|alarm| alarm.name.as_str());
    let notifications: Vec<&str> =
        events.iter().map(|event| event.name.as_str()).chain(of_alarms).collect();
    let readers = sections(&mut fields, "subscriptions", "subscriptions", out);
    let subscriptions =
        topic::subscriptions(&readers, "[[subscriptions]]", Some(&notifications), out);
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
        publishers,
        tests,
        watch,
        renames: enabled.renames,
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
