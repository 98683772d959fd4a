//! What `presets` prints.

use super::plan::WIDTH;
use super::table::{columns, wrap};
use crate::print::{self, BOLD, DIM, paint};
use notify_core::aws::Region;
use notify_core::preset::{Catalogue, EventPreset, Language, Preset, PresetKind, PresetState};
use serde_json::{Value, json};

/// All presets, a line each.
pub(crate) fn table(catalogue: &Catalogue, presets: &[&Preset], language: Language) -> String {
    let head = ["GROUP", "NAME", "SEVERITY", "NOISE", "KIND", "SUMMARY"].map(str::to_owned);
    let mut rows = vec![head.to_vec()];
    rows.extend(presets.iter().map(|preset| {
        let own = if catalogue.is_own(&preset.name) { " (yours)" } else { "" };
        vec![
            preset.group.as_str().to_owned(),
            format!("{}{own}", preset.name),
            preset.severity.as_str().to_owned(),
            preset.noise.as_str().to_owned(),
            preset.kind.as_str().to_owned(),
            print::line(preset.summary.of(language)),
        ]
    }));
    let mut lines = columns(&rows);
    if let Some(head) = lines.first_mut() {
        *head = paint(BOLD, head);
    }
    for set in catalogue.sets() {
        let members = catalogue.set(set).join(", ");
        let text = format!("enable = [\"{set}\"] means {members}");
        lines.push(format!("\n{}", wrap(&print::line(&text), 0, WIDTH)));
    }
    lines.push("\nnotify-cli presets show NAME explains one".to_owned());
    lines.join("\n")
}

/// Everything about one preset, with its mail.
pub(crate) fn page(preset: &Preset, language: Language, mail: Option<&str>) -> String {
    let title = format!("{} ({})", preset.name, preset.kind.as_str());
    let mut out = vec![paint(BOLD, &title)];
    out.push(wrap(&print::line(preset.summary.of(language)), 2, WIDTH));
    out.push(String::new());
    let mut fact = |name: &str, text: String| {
        let text = wrap(&print::line(&text), 12, WIDTH);
        out.push(format!("  {name:<10}{}", text.trim_start()));
    };
    let words = [preset.severity.as_str(), preset.noise.as_str()];
    fact("severity", format!("{} ({})", words[0], words[1]));
    fact("group", preset.group.as_str().to_owned());
    if !preset.sets.is_empty() {
        fact("sets", preset.sets.join(", "));
    }
    if preset.kind == PresetKind::Event {
        fact("delivery", preset.delivery.as_str().to_owned());
    }
    if !preset.regions.is_empty() {
        let regions: Vec<&str> = preset.regions.iter().map(Region::as_str).collect();
        fact("regions", regions.join(", "));
    }
    if preset.state == PresetState::EnabledWithReads {
        fact("sees", "API calls that only read, too".to_owned());
    }
    for (name, text) in [("needs", &preset.needs), ("first", &preset.first)] {
        if let Some(text) = text {
            fact(name, text.of(language).trim().to_owned());
        }
    }
    for (name, parameter) in &preset.parameters {
        let must = if parameter.required { " (must be given)" } else { "" };
        fact("takes", format!("{name}{must}: {}", parameter.summary.of(language)));
    }
    for (name, exclusion) in preset.event.iter().flat_map(|event| &event.exclude) {
        fact("exclude", format!("{name}: {}", exclusion.summary.of(language)));
    }
    if let Some(publisher) = &preset.publisher {
        fact("lets in", publisher.principal.clone());
    }
    if let Some(log) = &preset.log_metric {
        fact("filter", log.filter.trim().to_owned());
    }
    for sample in &preset.samples {
        let name = if sample.matches { "tells of" } else { "not of" };
        fact(name, sample.about.clone());
    }
    for source in &preset.sources {
        fact("source", source.clone());
    }
    if !preset.formerly.is_empty() {
        fact("formerly", preset.formerly.join(", "));
    }
    if let Some(since) = &preset.since {
        fact("since", since.clone());
    }
    if let Some(event) = &preset.event {
        out.push(format!("\n{}", paint(DIM, "What it matches")));
        out.extend(event.pattern.trim().lines().map(|line| format!("  {}", print::line(line))));
    }
    if let Some(message) = preset.samples.iter().find_map(|sample| sample.message.as_ref()) {
        out.push(format!("\n{}", paint(DIM, "Such a message, as the service writes it")));
        out.extend(message.trim().lines().map(|line| format!("  {}", print::line(line))));
    }
    if let Some(mail) = mail {
        out.push(format!("\n{}\n{mail}", paint(DIM, "Its mail")));
    }
    match preset.section(language) {
        Some(section) => {
            out.push(format!("\n{}", paint(DIM, "In the file")));
            if preset.parameters.values().all(|parameter| !parameter.required) {
                out.push(format!("  enable = [\"{}\"]\n", preset.name));
                out.push(paint(DIM, "Or, to change something of it"));
            }
            out.extend(section.lines().map(|line| format!("  {}", print::line(line))));
        }
        None => {
            let text = "No section takes it yet: this program makes no metric of a log. The filter \
                        is for a metric filter, and an alarm on it, made by hand.";
            out.push(format!("\n{}", wrap(text, 0, WIDTH)));
        }
    }
    out.join("\n")
}

/// What `presets --json` prints.
pub(crate) fn list(catalogue: &Catalogue, presets: &[&Preset], language: Language) -> Value {
    let sets = catalogue.sets().into_iter();
    let sets = sets.map(|set| json!({"name": set, "presets": catalogue.set(set)}));
    let presets: Vec<Value> =
        presets.iter().map(|preset| short(catalogue, preset, language)).collect();
    json!({
        "version": 1,
        "language": language.as_str(),
        "sets": sets.collect::<Vec<_>>(),
        "presets": presets,
    })
}

fn short(catalogue: &Catalogue, preset: &Preset, language: Language) -> Value {
    let text = |text: &notify_core::preset::Text| text.of(language).trim().to_owned();
    json!({
        "name": preset.name,
        "kind": preset.kind.as_str(),
        "group": preset.group.as_str(),
        "severity": preset.severity.as_str(),
        "noise": preset.noise.as_str(),
        "sets": preset.sets,
        "delivery": preset.delivery.as_str(),
        "regions": preset.regions,
        "own": catalogue.is_own(&preset.name),
        "since": preset.since,
        "formerly": preset.formerly,
        "summary": text(&preset.summary),
        "needs": preset.needs.as_ref().map(text),
        "first": preset.first.as_ref().map(text),
    })
}

/// What `presets show --json` prints: the list with one preset, and all of that.
pub(crate) fn one(
    catalogue: &Catalogue,
    preset: &Preset,
    language: Language,
    mails: &[Value],
) -> Value {
    let mut whole = short(catalogue, preset, language);
    let parameters = preset.parameters.iter().map(|(name, parameter)| {
        json!({
            "name": name,
            "type": parameter.kind.as_str(),
            "required": parameter.required,
            "of": parameter.of,
            "summary": parameter.summary.of(language),
        })
    });
    let exclude = preset.event.iter().flat_map(|event| &event.exclude);
    let exclude = exclude.map(|(name, exclusion)| {
        json!({
            "name": name,
            "path": exclusion.path.join("."),
            "summary": exclusion.summary.of(language),
        })
    });
    let samples = preset.samples.iter().map(|sample| {
        json!({
            "about": sample.about,
            "matches": sample.matches,
            "event": sample.event,
            "metric": sample.metric,
            "message": sample.message,
        })
    });
    let paths = preset.event.iter().flat_map(EventPreset::paths);
    let paths = paths.map(|(name, path)| json!({"name": name, "path": path}));
    let rest = json!({
        "sees_reads": preset.state == PresetState::EnabledWithReads,
        "sources": preset.sources,
        "console": preset.console,
        "pattern": preset.event.as_ref().map(|event| event.pattern_with(&[]).to_string()),
        "paths": paths.collect::<Vec<_>>(),
        "publisher": preset.publisher.as_ref().map(|publisher| json!({
            "principal": publisher.principal, "source_arn": publisher.source_arn,
        })),
        "filter": preset.log_metric.as_ref().map(|log| log.filter.trim()),
        "parameters": parameters.collect::<Vec<_>>(),
        "exclude": exclude.collect::<Vec<_>>(),
        "samples": samples.collect::<Vec<_>>(),
        "section": preset.section(language),
        "mails": mails,
    });
    if let (Value::Object(whole), Value::Object(rest)) = (&mut whole, rest) {
        whole.extend(rest);
    }
    let sets = preset.sets.iter().map(|set| json!({"name": set, "presets": catalogue.set(set)}));
    json!({
        "version": 1,
        "language": language.as_str(),
        "sets": sets.collect::<Vec<_>>(),
        "presets": [whole],
    })
}
