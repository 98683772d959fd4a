//! `presets`: what there is to be told of.

use super::Ended;
use super::init::Language;
use crate::args::Global;
use crate::failure::{DONE, Failure};
use crate::{print, show, spec_file};
use notify_core::aws::AlarmState;
use notify_core::preset::{self, Catalogue, Found, Preset};
use notify_core::preview::{Metric, Preview, Stage, preview_alarm, preview_event};
use notify_core::spec::{Format, PresetFile, Spec, parse_with};

/// Lists the presets: notifications that are ready to use, by name or in sets
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Sub>,
    /// The language of the texts [default: the file's, or en]
    #[arg(long, value_enum, global = true)]
    language: Option<Language>,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    /// Explains one preset: what it needs, what its mail says, which lines of the file use it
    Show {
        /// Its name
        name: String,
        /// Prints its file instead: something to begin a preset of your own with
        #[arg(long)]
        toml: bool,
    },
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let (catalogue, language) = known(args, global)?;
    match &args.command {
        None => {
            list(&catalogue, language, global);
            Ok(DONE)
        }
        Some(Sub::Show { name, toml }) => {
            let preset = found(&catalogue, name)?;
            if *toml {
                print::exact(&print::clean(&catalogue.text(&preset.name).unwrap_or_default()));
                return Ok(DONE);
            }
            explain(&catalogue, preset, language, global)
        }
    }
}

/// The presets that the file can name, if there is a file, and the language of the texts.
fn known(args: &Args, global: &Global) -> Result<(Catalogue, preset::Language), Failure> {
    let is_named = global.config.as_ref().is_some_and(|path| !path.as_os_str().is_empty());
    let (catalogue, spec) = match spec_file::read(global.config.as_deref()) {
        Ok(file) => (file.catalogue, file.spec),
        Err(failure) if is_named => return Err(failure),
        Err(_) => (Catalogue::default(), None),
    };
    let of_file = spec.map_or_else(preset::Language::default, |spec| spec.language);
    Ok((catalogue, args.language.map_or(of_file, Language::of_texts)))
}

fn list(catalogue: &Catalogue, language: preset::Language, global: &Global) {
    let mut presets: Vec<&Preset> = catalogue.all().collect();
    presets.sort_by_key(|preset| (preset.group, preset.severity, preset.name.as_str()));
    if global.json {
        print::out(&print::json(&show::presets::list(catalogue, &presets, language)));
    } else {
        print::out(&show::presets::table(catalogue, &presets, language));
    }
}

fn found<'c>(catalogue: &'c Catalogue, name: &str) -> Result<&'c Preset, Failure> {
    let former = |text: &str| format!("the preset {} is {text}", print::line(name));
    match catalogue.find(name) {
        Some(Found::Preset(preset)) => Ok(preset),
        Some(Found::Renamed(preset)) => Err(Failure::new(
            former(&format!("called {} now", preset.name)),
            format!("notify-cli presets show {}", preset.name),
        )),
        Some(Found::Removed(gone)) => Err(Failure::new(
            former(&format!("gone since version {}: {}", gone.since, gone.why.en)),
            match &gone.instead {
                Some(instead) => format!("notify-cli presets show {instead}"),
                None => "`notify-cli presets` lists those that there are".to_owned(),
            },
        )),
        None => Err(unknown(catalogue, name, false)),
    }
}

/// A name that means no preset, or no set of them where one would do, too.
pub(crate) fn unknown(catalogue: &Catalogue, name: &str, or_set: bool) -> Failure {
    let sets = catalogue.sets();
    let help = match catalogue.suggest(name).as_slice() {
        [] if or_set => {
            format!("sets are {}; `notify-cli presets` lists all presets", sets.join(", "))
        }
        [] => "`notify-cli presets` lists them".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    let what = if or_set { "no preset and no set" } else { "no preset" };
    Failure::new(format!("there is {what} `{}`", print::line(name)), help)
}

fn explain(
    catalogue: &Catalogue,
    preset: &Preset,
    language: preset::Language,
    global: &Global,
) -> Ended {
    let staged = staged(catalogue, preset, language)?;
    if global.json {
        let previews = staged.as_ref().map_or(&[][..], |(_, _, previews)| previews);
        let mails = show::preview::mails(previews);
        let document = show::presets::one(catalogue, preset, language, &mails);
        print::out(&print::json(&document));
    } else {
        let mails = staged
            .as_ref()
            .map(|(spec, stage, previews)| show::preview::human(spec, stage, previews));
        print::out(&show::presets::page(preset, language, mails.as_deref()));
    }
    Ok(DONE)
}

/// A file that has the preset alone, set up in memory, and the mails that it causes; `None` for a
/// preset that causes none by itself.
fn staged(
    catalogue: &Catalogue,
    preset: &Preset,
    language: preset::Language,
) -> Result<Option<(Spec, Stage, Vec<Preview>)>, Failure> {
    let Some(file) = preset.file(language) else { return Ok(None) };
    let own = if catalogue.is_own(&preset.name) { catalogue.text(&preset.name) } else { None };
    let file = if own.is_some() { format!("presets_folder = \".\"\n{file}") } else { file };
    let read = &mut |path: &str| {
        let text = own.clone().unwrap_or_default();
        Ok(vec![PresetFile { path: path.to_owned(), text }])
    };
    let Some(spec) = parse_with(&file, Format::Toml, read).spec else { return Ok(None) };
    let stage = super::block_on(async { Ok(Stage::new(&spec, Vec::new(), None).await?) })?;
    let failed = |error: &dyn std::error::Error| {
        Failure::from_error(format!("{} cannot be previewed", preset.name), error)
    };
    let mut previews = Vec::new();
    for event in &spec.events {
        let preview = preview_event(&stage, &spec, event.name.as_str(), None);
        previews.extend(preview.map_err(|error| failed(&error))?);
    }
    for (alarm, _) in stage.alarms() {
        let preview = preview_alarm(&stage, alarm, Metric::Sample(AlarmState::Alarm)).transpose();
        previews.extend(preview.map_err(|error| failed(&error))?);
    }
    Ok((!previews.is_empty()).then_some((spec, stage, previews)))
}
