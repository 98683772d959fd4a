//! `baseline`: what does not comply already, of which no mail will tell.

use super::{Ended, letters};
use crate::args::Global;
use crate::failure::{DONE, Failure, PENDING};
use crate::show::baseline::{document, human};
use crate::show::letter::Letter;
use crate::world::World;
use crate::{print, spec_file};
use notify_core::baseline::{Baseline, Watch, mail, take, watched};
use notify_core::provider::Provider;
use notify_core::spec::Spec;

/// The resources that do not comply with the file's Config rules already
///
/// AWS Config tells only of changes: no mail comes about these until they change. Exits with 2 when
/// not everything could be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only what these notifications would have told of
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Sends the list through the topic of its region, as a mail: now, and each time that it is asked
    #[arg(long)]
    publish: bool,
    /// Asks nothing
    #[arg(long, short, requires = "publish", visible_alias = "auto-approve")]
    yes: bool,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let mut world = World::open(global, &folder).await?;
    let default_region = world.default_region();
    let watches = watched(&spec, default_region.as_ref(), global.region.as_ref())?;
    let watches = named(watches, &args.names, &spec)?;
    if watches.is_empty() {
        let place = global.region.as_ref().map(|region| format!(" in {region}"));
        return Err(Failure::new(
            format!(
                "the file has no notification of AWS Config rules{}",
                place.unwrap_or_default()
            ),
            "add `[[events]]` with `preset = \"config-compliance\"`; one that is not enabled does not count",
        ));
    }
    let identity = world.identity().await?;
    let mut baselines = Vec::with_capacity(watches.len());
    for watch in &watches {
        baselines.push(take(&world, watch, &identity).await?);
    }
    let account = identity.account.to_string();
    let whole = baselines.iter().all(|baseline| baseline.gaps.is_empty());
    let well = if whole { DONE } else { PENDING };
    if !args.publish {
        print::out(&if global.json {
            print::json(&document(&spec, &account, &baselines, &[]))
        } else {
            human(&baselines, &format!("{account}{}", world.label()), spec.language)
        });
        return Ok(well);
    }
    let mut letters = self::letters(&spec, &baselines, &world).await?;
    if letters.is_empty() {
        print::out(&if global.json {
            print::json(&document(&spec, &account, &baselines, &letters))
        } else {
            let shown = human(&baselines, &format!("{account}{}", world.label()), spec.language);
            format!("{shown}\n\nThere is nothing to send.")
        });
        return Ok(well);
    }
    letters::agree(&letters, args.yes, global.json)?;
    let all_sent = letters::send(&mut letters, &mut world).await?;
    if global.json {
        print::out(&print::json(&document(&spec, &account, &baselines, &letters)));
    } else {
        letters::say(&letters, &world);
    }
    Ok(if all_sent { well } else { letters::not_all() })
}

/// Only the notifications with these names; all, where there are none.
fn named(watches: Vec<Watch>, names: &[String], spec: &Spec) -> Result<Vec<Watch>, Failure> {
    if names.is_empty() {
        return Ok(watches);
    }
    for name in names {
        if watches
            .iter()
            .flat_map(|watch| &watch.notifications)
            .any(|one| one.name.as_str() == name)
        {
            continue;
        }
        let event = spec.events.iter().find(|event| event.name.as_str() == name);
        return Err(match event {
            Some(event) if !event.enabled => Failure::new(
                format!("the notification {name} is not enabled"),
                "it tells of nothing, whatever changes: see `enabled` in the file",
            ),
            Some(_) => Failure::new(
                format!("the notification {name} does not tell of AWS Config rules here"),
                "leave the name out for all that do",
            ),
            None => Failure::new(
                format!("the file has no notification {name} in `[[events]]`"),
                "leave the name out for all that tell of AWS Config rules",
            ),
        });
    }
    let mut watches = watches;
    for watch in &mut watches {
        watch.notifications.retain(|one| names.iter().any(|name| name == one.name.as_str()));
    }
    watches.retain(|watch| !watch.notifications.is_empty());
    Ok(watches)
}

/// A mail for each region with something to tell of. Nothing is sent where nobody would get it.
async fn letters(
    spec: &Spec,
    baselines: &[Baseline],
    world: &World,
) -> Result<Vec<Letter>, Failure> {
    let mut letters = Vec::with_capacity(baselines.len());
    for baseline in baselines.iter().filter(|baseline| baseline.total() > 0) {
        let notification = mail(baseline, spec.language);
        let letter = letters::to_topic(spec, &baseline.region, notification, world).await?;
        if letter.readers.confirmed == 0 {
            return Err(Failure::new(
                format!(
                    "nobody has confirmed a subscription of the topic {} in {}; nothing was sent",
                    spec.topic.name, baseline.region
                ),
                "`notify-cli status` says who must follow the link in which mail",
            ));
        }
        letters.push(letter);
    }
    Ok(letters)
}
