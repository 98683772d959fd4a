//! `init`: writes a first spec file.

use super::Ended;
use crate::args::{Global, ProviderName};
use crate::failure::{DONE, Failure};
use crate::input::unwritten;
use crate::print;
use crate::spec_file::{NAME, show_path};
use notify_aws::AwsProvider;
use notify_core::aws::waf::{WafAction, WafRule, WafScope};
use notify_core::baseline::{lasting_prefix, prefix_in_toml};
use notify_core::preset::{self, Catalogue};
use notify_core::spec::{Format, parse};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

/// Writes a first notify.toml, commented; asks only what it cannot find out, never overwrites
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The address that is told [default: asked on a terminal]
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Fills in the AWS Config rules and the web ACLs that exist in the region
    #[arg(long)]
    from_aws: bool,
    /// Tells of this: a preset or a set of them, such as essential; may be given several times.
    /// `notify-cli presets` lists them
    #[arg(long, value_name = "NAME")]
    preset: Vec<String>,
    /// The language of the messages
    #[arg(long, value_enum, default_value = "en")]
    language: Language,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Language {
    En,
    Ja,
}

impl Language {
    pub(crate) fn of_texts(self) -> preset::Language {
        match self {
            Self::En => preset::Language::En,
            Self::Ja => preset::Language::Ja,
        }
    }
}

const TEMPLATE_EN: &str = include_str!("init.en.toml");
const TEMPLATE_JA: &str = include_str!("init.ja.toml");
const PLACEHOLDER: &str = "ops@example.com";
/// Lines of the templates that are filled in.
const REGIONS: &str = "# regions = [\"ap-northeast-1\"]";
const ENABLE: &str = "# enable = ";
const CONFIG_RULES: &str =
    "# config_rules = [\"restricted-ssh\", { prefix = \"OrgConfigRule-s3-\" }]";

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let path = global.config.clone().filter(|path| !path.as_os_str().is_empty());
    let path = path.unwrap_or_else(|| PathBuf::from(NAME));
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        return Err(Failure::new(
            format!("{} would be read as JSON, and this writes TOML", show_path(&path)),
            "name it so that it ends in .toml",
        ));
    }
    let exists = || {
        Failure::new(
            format!("{} exists already; nothing was changed", show_path(&path)),
            "another file is named with --config",
        )
    };
    if path.exists() {
        return Err(exists());
    }
    let chosen = chosen(&args.preset)?;
    let email = match &args.email {
        Some(email) => email.clone(),
        None => ask_for_address().unwrap_or_else(|| PLACEHOLDER.to_owned()),
    };
    let template = match args.language {
        Language::En => TEMPLATE_EN,
        Language::Ja => TEMPLATE_JA,
    };
    // A quote or a line break in an address would write something else into the file.
    let quoted = serde_json::Value::String(email.clone()).to_string();
    let mut text = template.replace(&format!("\"{PLACEHOLDER}\""), &quoted);
    if let Some(region) = &global.region {
        text = text.replace(REGIONS, &format!("regions = [\"{region}\"]"));
    }
    if let Some(chosen) = &chosen {
        text = chosen.write(&text, args.language);
    }
    if args.from_aws {
        text = super::block_on(fill_in(text, global))?;
    }
    if parse(&text, Format::Toml).spec.is_none() {
        return Err(Failure::new(
            format!("`{email}` is not a mail address; nothing was written"),
            "write one address, such as ops@example.com",
        ));
    }
    let failed = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return exists();
        }
        unwritten(&path, &error)
    };
    let mut file = File::create_new(&path).map_err(failed)?;
    if let Err(error) = file.write_all(text.as_bytes()) {
        // Half a file would be in the way of the next try.
        let _ = std::fs::remove_file(&path);
        return Err(failed(error));
    }
    if global.json {
        print::out(&print::json(&json!({"version": 1, "wrote": path.display().to_string()})));
        return Ok(DONE);
    }
    print::out(&format!("wrote {}", show_path(&path)));
    if email == PLACEHOLDER {
        print::out(&format!("  put your address in place of {PLACEHOLDER}"));
    }
    let config = match &global.config {
        Some(path) => format!(" --config {}", show_path(path)),
        None => String::new(),
    };
    print::out(&format!(
        "  see every mail beforehand:  notify-cli preview{config}\n  \
         try it without an account:  notify-cli setup --provider local{config}\n  \
         see what it would do:       notify-cli plan{config}"
    ));
    Ok(DONE)
}

/// What `--preset` asks for: what `enable` takes, and presets that need a section.
struct Chosen {
    enable: Vec<String>,
    sections: Vec<&'static preset::Preset>,
}

fn chosen(names: &[String]) -> Result<Option<Chosen>, Failure> {
    if names.is_empty() {
        return Ok(None);
    }
    let catalogue = Catalogue::default();
    let mut chosen = Chosen { enable: Vec::new(), sections: Vec::new() };
    for name in names {
        if chosen.enable.contains(name) || chosen.sections.iter().any(|p| p.name == *name) {
            continue;
        }
        match preset::named(name) {
            Some(preset) if preset.section(preset::Language::En).is_none() => {
                return Err(Failure::new(
                    format!("the preset {name} cannot be set up: it counts entries of a log"),
                    format!("`notify-cli presets show {name}` has its filter; nothing was written"),
                ));
            }
            Some(preset) if preset.parameters.values().any(|parameter| parameter.required) => {
                chosen.sections.push(preset);
            }
            Some(_) => chosen.enable.push(name.clone()),
            None if !catalogue.set(name).is_empty() => chosen.enable.push(name.clone()),
            None => return Err(super::presets::unknown(&catalogue, name, true)),
        }
    }
    Ok(Some(chosen))
}

impl Chosen {
    /// Puts these in place of the template's own notifications.
    fn write(&self, template: &str, language: Language) -> String {
        let mut lines = String::new();
        if !self.enable.is_empty() {
            let about = match language {
                Language::En => "# What to be told of. `notify-cli presets` lists everything, and `presets show NAME` explains it.\n# A section with `preset = \"NAME\"` changes one of them.",
                Language::Ja => "# 通知する内容。一覧は `notify-cli presets`、説明は `presets show 名前`。\n# 個別に変更するには `preset = \"名前\"` と書いたセクションを加える。",
            };
            let names: Vec<String> =
                self.enable.iter().map(|name| serde_json::Value::from(name.as_str()).to_string()).collect();
            let _ = write!(lines, "{about}\nenable = [{}]", names.join(", "));
        }
        let sections: Vec<String> = self
            .sections
            .iter()
            .filter_map(|preset| preset.section(language.of_texts()))
            .map(|section| section.trim_end().to_owned())
            .collect();
        let mut paragraphs = Vec::new();
        for paragraph in template.split("\n\n") {
            if paragraph.contains("preset = ") {
                continue;
            }
            if paragraph.starts_with("[topic]") {
                // A key of the file as a whole stands before its first table.
                paragraphs.extend((!lines.is_empty()).then_some(lines.as_str()));
            }
            if paragraph.contains("# [fallback]\n") {
                paragraphs.extend(sections.iter().map(String::as_str));
            }
            paragraphs.push(paragraph);
        }
        let text = paragraphs.join("\n\n");
        let text: Vec<&str> = text.lines().filter(|line| !line.starts_with(ENABLE)).collect();
        // The template's sender is what its own notification is about.
        (text.join("\n") + "\n").replace("\"AWS Config\"    #", "\"AWS\"           #")
    }
}

fn ask_for_address() -> Option<String> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    print::err("Whom should it tell? A mail address:");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).ok()?;
    let answer = answer.trim();
    (!answer.is_empty()).then(|| answer.to_owned())
}

/// Puts what exists in the account into the text.
async fn fill_in(text: String, global: &Global) -> Result<String, Failure> {
    if global.provider == ProviderName::Local {
        return Err(Failure::new(
            "--from-aws asks AWS, and not the local provider; nothing was written",
            "leave --from-aws or --provider local out",
        ));
    }
    let aws = AwsProvider::connect(global.connection()).await?;
    let region = aws
        .default_region()
        .cloned()
        .ok_or_else(|| Failure::new("no region is known; nothing was written", "give --region"))?;
    let found = aws.inventory(&region).await?;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut text = text.replace(REGIONS, &format!("regions = [\"{region}\"]"));
    if !found.config_rules.is_empty() {
        // A name whose end AWS has made up is another one as soon as the rule is made anew.
        let entry = |rule: &String| match lasting_prefix(rule) {
            Some(prefix) => prefix_in_toml(prefix),
            None => quoted(rule),
        };
        let mut seen = BTreeSet::new();
        let entries = found.config_rules.iter().map(entry);
        let entries = entries.filter(|entry| seen.insert(entry.clone()));
        let rules = entries.map(|entry| format!("    {entry},\n"));
        let rules = format!("config_rules = [\n{}]", rules.collect::<String>());
        text = text.replace(CONFIG_RULES, &rules);
    }
    for (number, (scope, acl)) in found.web_acls.iter().enumerate() {
        let rules: String = acl.rules.iter().filter_map(rule_line).collect();
        if rules.is_empty() {
            continue;
        }
        let name = if number == 0 { "waf".to_owned() } else { format!("waf-{}", acl.name) };
        let scope = match scope {
            WafScope::Regional => "",
            WafScope::Cloudfront => "scope = \"cloudfront\"\n",
        };
        let _ = write!(
            text,
            "\n[[alarms]]\nname = {}\npreset = \"waf-blocked\"\nweb_acl = {}\n{scope}rules = [\n{rules}]\n",
            quoted(&name),
            quoted(&acl.metric),
        );
    }
    Ok(text)
}

/// A web ACL's rule as an entry of `rules`; `None` for one that neither blocks nor counts.
fn rule_line(rule: &WafRule) -> Option<String> {
    let quoted = serde_json::Value::from(rule.metric.as_str()).to_string();
    match rule.action {
        WafAction::Block => Some(format!("    {quoted},\n")),
        WafAction::Count => {
            Some(format!("    {{ rule = {quoted}, metric = \"CountedRequests\" }},\n"))
        }
        WafAction::Other => None,
    }
}
