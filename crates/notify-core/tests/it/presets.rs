//! Each embedded preset, as a file uses it: it is taken, its samples are told of, or are not.

use notify_core::aws::{AccountId, Region};
use notify_core::local::LocalCloud;
use notify_core::plan::{Request, prepare};
use notify_core::preset::{self, Catalogue, Language, Preset, PresetKind, PublisherPreset};
use notify_core::preview::{Files, Outcome, Stage, check, preview_event};
use notify_core::spec::{Format, Level, PresetFile, Spec, parse, parse_with};
use notify_core::state::NoteKind;
use std::fmt::Write as _;

/// A file with the preset in it, without findings of any kind.
fn used(preset: &Preset, language: Language, more: &str) -> Spec {
    let file = preset.file(language).unwrap_or_else(|| panic!("{} has no section", preset.name));
    let parsed = parse(&format!("{file}{more}"), Format::Toml);
    assert_eq!(parsed.findings, [], "{}: {file}", preset.name);
    parsed.spec.expect("a spec")
}

async fn staged(spec: &Spec) -> Stage {
    Stage::new(spec, Vec::new(), None).await.expect("a stage")
}

#[tokio::test]
async fn every_sample_of_an_event_is_told_of_or_not_as_it_says() {
    let account: AccountId = AccountId::parse("123456789012").expect("an account");
    let mut checked = 0;
    for preset in preset::all().filter(|preset| preset.kind == PresetKind::Event) {
        for language in Language::ALL {
            let spec = used(preset, *language, "");
            let stage = staged(&spec).await;
            for sample in &preset.samples {
                let event = sample.event_in(&account, &spec.regions[0]).expect("an event");
                let preview = preview_event(&stage, &spec, &preset.name, Some(&event));
                let preview = preview.expect("an event").expect("a preview");
                let (name, about) = (&preset.name, &sample.about);
                match preview.outcome {
                    Outcome::Mailed { sent, .. } => {
                        assert!(sample.matches, "{name}: {about}");
                        let text = sent.notification.text();
                        assert!(!text.trim().is_empty(), "{name}: {about}");
                    }
                    Outcome::NoMatch(_) => assert!(!sample.matches, "{name}: {about}"),
                    other => panic!("{name}: {about}: {other:?}"),
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 200, "{checked} samples");
}

#[tokio::test]
async fn every_sample_of_a_metric_alarms_or_not_as_it_says() {
    let mut checked = 0;
    for preset in preset::all().filter(|preset| preset.kind == PresetKind::Alarm) {
        let spec = used(preset, Language::En, "");
        let stage = staged(&spec).await;
        let alarms: Vec<&str> = stage.alarms().map(|(name, _)| name).collect();
        let [alarm] = alarms[..] else { panic!("{}: {alarms:?}", preset.name) };
        let mut tests = String::new();
        for sample in &preset.samples {
            let expect = if sample.matches { format!("\"{alarm}\"") } else { String::new() };
            let series = sample.metric.as_deref().expect("values");
            let _ = write!(
                tests,
                "\n[[tests]]\nname = {:?}\nalarm = \"{alarm}\"\nseries = \"{series}\"\nexpect = [{expect}]\n",
                sample.about
            );
        }
        let spec = used(preset, Language::En, &tests);
        assert_eq!(spec.tests.len(), preset.samples.len(), "{}", preset.name);
        for test in &spec.tests {
            let stage = staged(&spec).await;
            let done = check(&stage, test, Files::default());
            assert_eq!(done.problems, [], "{}: {}", preset.name, test.name);
            checked += 1;
        }
    }
    assert!(checked >= 2, "{checked} samples");
}

/// Whoever sends by itself is let into the topic, for this account alone.
#[tokio::test]
async fn every_publisher_is_let_in() {
    let mut seen = 0;
    for preset in preset::all() {
        let Some(PublisherPreset { principal, source_arn }) = &preset.publisher else { continue };
        seen += 1;
        let spec = used(preset, Language::En, "");
        let stage = staged(&spec).await;
        let place = stage.cloud().cloud().regions.into_values().next().expect("a region");
        let policy = format!("{:?}", place.topics);
        assert!(policy.contains(principal.as_str()), "{}: {policy}", preset.name);
        assert!(policy.contains("aws:SourceAccount"), "{policy}");
        assert_eq!(policy.contains(":budgets::123456789012:*"), source_arn.is_some(), "{policy}");
    }
    assert_eq!(seen, 2);
}

#[test]
fn every_set_can_be_enabled() {
    let catalogue = Catalogue::default();
    assert!(catalogue.sets().contains(&"essential"));
    for set in catalogue.sets() {
        let text = format!("stack = 's'\nenable = ['{set}']\n[topic]\nname = 't'\n");
        let parsed = parse(&text, Format::Toml);
        assert_eq!(parsed.findings, [], "{set}");
        let spec = parsed.spec.expect("a spec");
        let made = spec.events.len() + spec.alarms.len() + spec.publishers.len();
        assert_eq!(made, catalogue.set(set).len(), "{set}");
        assert!(
            spec.events.iter().all(|event| event.preset.as_ref().is_some_and(|p| p.is_enabled))
        );
    }
}

#[test]
fn a_section_stands_in_place_of_what_a_set_has() {
    let text = "stack = 's'\nenable = ['essential']\n[topic]\nname = 't'\n[[events]]\n\
                name = 'mine'\npreset = 'config-compliance'\nconfig_rules = ['a']\n";
    let parsed = parse(text, Format::Toml);
    assert_eq!(parsed.findings, []);
    let spec = parsed.spec.expect("a spec");
    let of = |preset: &str| {
        let used = spec.events.iter().filter_map(|event| Some((event, event.preset.as_ref()?)));
        let used = used.filter(|(_, used)| used.name == preset);
        used.map(|(event, used)| (event.name.as_str(), used.is_enabled)).collect::<Vec<_>>()
    };
    assert_eq!(of("config-compliance"), [("mine", false)]);
    assert_eq!(of("root-sign-in"), [("root-sign-in", true)]);
}

#[test]
fn what_cannot_be_enabled_says_why() {
    for (list, message, help) in [
        ("'esential'", "there is no set and no preset \"esential\"", "did you mean \"essential\"?"),
        ("'root-signin'", "there is no set and no preset", "did you mean \"root-sign-in\"?"),
        ("'xyzzy'", "there is no set and no preset", "sets are "),
        ("'waf-blocked'", "the preset waf-blocked cannot do without", "[[alarms]]"),
        ("'essential', 'essential'", "`essential` stands here twice", "leave one out"),
        ("", "`enable` is empty", "essential"),
        ("1", "`enable` is 1", "in quotes"),
    ] {
        let text = format!("stack = 's'\nenable = [{list}]\n[topic]\nname = 't'\n");
        let parsed = parse(&text, Format::Toml);
        let found = parsed.findings.iter().find(|finding| finding.message.contains(message));
        let found = found.unwrap_or_else(|| panic!("{list}: {:?}", parsed.findings));
        assert!(found.help.contains(help), "{list}: {}", found.help);
        assert_eq!(found.level, Level::Error);
        assert_eq!(found.location.line_and_column(&text).expect("a place").0, 2, "{list}");
    }
    let log = preset::all().find(|preset| preset.kind == PresetKind::LogMetric).expect("one");
    let text = format!("stack = 's'\nenable = ['{}']\n[topic]\nname = 't'\n", log.name);
    let finding = parse(&text, Format::Toml).findings.remove(0);
    assert!(finding.message.contains("counts entries of a log"), "{finding:?}");
}

/// A file of an author's own, made of an embedded one.
fn own(name: &str, change: impl Fn(String) -> String) -> PresetFile {
    let text = preset::text("root-sign-in").expect("an embedded preset");
    let text = text.replace("name = \"root-sign-in\"", &format!("name = \"{name}\""));
    let text = text.replace("sets = [\"essential\"]\n", "");
    PresetFile { path: format!("presets/{name}.toml"), text: change(text) }
}

const WITH_OWN: &str = "stack = 's'\npresets_folder = 'presets'\nenable = ['mine']\n\
                        [topic]\nname = 't'\n";

#[test]
fn presets_of_a_folder_are_used_like_embedded_ones() {
    let mut asked = Vec::new();
    let parsed = parse_with(WITH_OWN, Format::Toml, &mut |folder| {
        asked.push(folder.to_owned());
        Ok(vec![own("mine", |text| text)])
    });
    assert_eq!((parsed.findings, parsed.broken), (vec![], vec![]));
    assert_eq!(asked, ["presets"]);
    let spec = parsed.spec.expect("a spec");
    assert_eq!(spec.events[0].preset.as_ref().map(|used| used.name.as_str()), Some("mine"));
    assert!(parsed.catalogue.is_own("mine") && !parsed.catalogue.is_own("root-sign-in"));

    let refused = parse_with(WITH_OWN, Format::Toml, &mut |_| Err("it is on the moon".to_owned()));
    assert!(refused.spec.is_none());
    assert!(refused.findings[0].message.contains("it is on the moon"));
}

#[test]
fn every_broken_preset_is_refused_with_its_line_and_reason() {
    let broken = |files: Vec<PresetFile>| {
        let parsed = parse_with(WITH_OWN, Format::Toml, &mut |_| Ok(files.clone()));
        assert!(parsed.spec.is_none(), "{:?}", parsed.findings);
        let lines = parsed.broken.into_iter().flat_map(|broken| {
            let text = broken.file.text.clone();
            broken.findings.into_iter().map(move |finding| {
                let (line, _) = finding.location.line_and_column(&text).expect("a line");
                let line = text.lines().nth(line - 1).unwrap_or_default().to_owned();
                (broken.file.path.clone(), line, finding.message)
            })
        });
        lines.collect::<Vec<_>>()
    };
    let replaced = |from: &'static str, to: &'static str| {
        own("mine", move |text| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        })
    };
    let check = |file: PresetFile, line: &str, message: &str| {
        let found = broken(vec![file]);
        let hit = found.iter().any(|(_, l, m)| l.starts_with(line) && m.contains(message));
        assert!(hit, "{line} / {message}: {found:#?}");
    };
    check(replaced("kind = \"event\"", "kind = \"evnt\""), "kind", "unknown variant `evnt`");
    check(replaced("severity = \"", "severty = \""), "severty", "unknown field `severty`");
    check(replaced("name = \"mine\"", "name = \"Mine!\""), "name", "`Mine!` is no name");
    check(replaced("pattern = '''\n{", "pattern = '''\n{{"), "pattern", "not valid");
    check(replaced("[event.message]\n", "[event.message]\nfr = \"x\"\n"), "fr", "unknown field");
    check(replaced("matches = true", "matches = false"), "[[samples]]", "the pattern matches");
    // Two files, several mistakes: all at once, each in its file.
    let found = broken(vec![
        replaced("kind = \"event\"", "kind = \"alarm\""),
        own("root-sign-in", |text| text),
        own("yours", |text| text),
        own("yours", |text| text),
    ]);
    let has =
        |path: &str, message: &str| found.iter().any(|(p, _, m)| p == path && m.contains(message));
    assert!(has("presets/mine.toml", "`[event]` in a preset whose kind is alarm"), "{found:#?}");
    assert!(has("presets/mine.toml", "has no `[alarm]`"), "{found:#?}");
    assert!(has("presets/root-sign-in.toml", "has a preset root-sign-in of its own"), "{found:#?}");
    assert!(has("presets/yours.toml", "has a preset yours, too"), "{found:#?}");
}

/// A preset that is called otherwise now works, with a warning that the plan repeats; and its old
/// rule goes with that reason.
#[tokio::test]
async fn a_renamed_preset_is_told_of() {
    let before = |_: &str| Ok(vec![own("old-name", |text| text)]);
    let after = |_: &str| {
        let formerly = |text: String| text.replacen("kind =", "formerly = [\"mine\"]\nkind =", 1);
        Ok(vec![own("new-name", formerly)])
    };
    let read = |text: &str, folder: &dyn Fn(&str) -> Result<Vec<PresetFile>, String>| {
        let parsed = parse_with(text, Format::Toml, &mut |path| folder(path));
        assert_eq!(parsed.broken, []);
        parsed
    };
    // The file says the old name: it still works.
    let named = read(WITH_OWN, &after);
    assert_eq!(named.findings.len(), 1);
    assert_eq!(named.findings[0].message, "the preset mine is called new-name now");
    let cloud = LocalCloud::default();
    let request = Request::setup(Some(Region::us_east_1()));
    let plan = prepare(&cloud, &named.spec.expect("a spec"), &request).await.expect("a plan");
    let warned = plan.notes.iter().any(|note| {
        note.kind == NoteKind::Warning && note.text.contains("mine is called new-name now")
    });
    assert!(warned, "{:?}", plan.notes);

    // A set holds another name than before: the plan says why a rule goes.
    let text = WITH_OWN.replace("'mine'", "'old-name'");
    let spec = read(&text, &before).spec.expect("a spec");
    let plan = prepare(&cloud, &spec, &request).await.expect("a plan");
    let tagged = plan
        .changes()
        .any(|change| format!("{:?}", change.steps).contains("\"notify:preset\": \"old-name\""));
    assert!(tagged, "{plan:#?}");
    assert!(notify_core::provider::apply(&cloud, &plan, || false, |_| {}).await.is_complete());
    let renamed = |_: &str| {
        let formerly =
            |text: String| text.replacen("kind =", "formerly = [\"old-name\"]\nkind =", 1);
        Ok(vec![own("new-name", formerly)])
    };
    let text = WITH_OWN.replace("'mine'", "'new-name'");
    let spec = read(&text, &renamed).spec.expect("a spec");
    let plan = prepare(&cloud, &spec, &request).await.expect("a plan");
    let reasons: Vec<&str> = plan.changes().map(|change| change.reason.as_str()).collect();
    assert!(reasons.contains(&"the preset old-name is called new-name now"), "{reasons:?}");
    // Out of the set, or of the program.
    let text = WITH_OWN.replace("'mine'", "'config-compliance'");
    let spec = parse(&text, Format::Toml).spec.expect("a spec");
    let plan = prepare(&cloud, &spec, &request).await.expect("a plan");
    let reasons: Vec<&str> = plan.changes().map(|change| change.reason.as_str()).collect();
    assert!(reasons.contains(&"there is no preset old-name any more"), "{reasons:?}");
}

/// A publisher that the file does not name any more is not let in any more.
#[tokio::test]
async fn a_publisher_that_goes_is_let_in_no_more() {
    let cloud = LocalCloud::default();
    let request = Request::setup(Some(Region::us_east_1()));
    let text = |rest: &str| format!("stack = 's'\n{rest}[topic]\nname = 't'\n");
    for (rest, allowed) in [("enable = ['budgets']\n", true), ("", false)] {
        let spec = parse(&text(rest), Format::Toml).spec.expect("a spec");
        let plan = prepare(&cloud, &spec, &request).await.expect("a plan");
        assert!(!plan.is_empty());
        assert!(notify_core::provider::apply(&cloud, &plan, || false, |_| {}).await.is_complete());
        assert!(prepare(&cloud, &spec, &request).await.expect("a plan").is_empty());
        let place = cloud.cloud().regions.into_values().next().expect("a region");
        let policy = format!("{:?}", place.topics);
        assert_eq!(policy.contains("NotifyAllowPublisherBudgets"), allowed, "{policy}");
        assert!(policy.contains("NotifyAllowEventBridge"), "{policy}");
    }
}

/// EventBridge refuses patterns with more than 1,000 combinations. Whether it counts those that there
/// are, or multiplies the lengths of all `$or` lists, is not known: every preset is within both.
#[test]
fn no_pattern_has_too_many_combinations() {
    fn product(pattern: &serde_json::Value) -> u64 {
        let below = |value: &serde_json::Value| match value {
            serde_json::Value::Object(fields) => fields.values().map(product).product(),
            serde_json::Value::Array(list) => list.iter().map(product).product(),
            _ => 1,
        };
        let own = pattern.get("$or").and_then(|or| or.as_array()).map_or(1, |or| or.len() as u64);
        own * below(pattern)
    }
    for preset in preset::all() {
        let Some(event) = &preset.event else { continue };
        let pattern = event.pattern_with(&[]);
        assert!(product(&pattern) <= 1_000, "{}: {}", preset.name, product(&pattern));
    }
}
