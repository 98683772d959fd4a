//! `digest`: what each WAF rule blocked and counted, day by day.

use super::{Ended, run_plan};
use crate::args::Global;
use crate::failure::{DONE, ERROR, Failure, PENDING};
use crate::print::{self, CHANGED, GOOD};
use crate::show::digest::{Letter, document, human, letter, readers_of, unsent};
use crate::show::table::marked;
use crate::spec_file::{self, show_path};
use crate::world::World;
use jiff::Timestamp;
use notify_core::digest::{Days, Digest, Request, Since, UtcOffset, mail, take};
use notify_core::provider::{Provider, Publish};
use notify_core::spec::Spec;
use notify_core::state::ResourceKey;

/// What each WAF rule blocked and counted, day by day, beside the day before
///
/// Days are whole and have ended. Exits with 2 when AWS does not give all that it was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// So many days back, such as 7d, or all since a day such as 2026-11-01
    #[arg(long, value_name = "DAYS", default_value = "1d")]
    since: Since,
    /// Where the days begin, such as +09:00
    #[arg(long, value_name = "OFFSET", default_value = "+00:00", allow_hyphen_values = true)]
    utc_offset: UtcOffset,
    /// Sends it through the topic of its region, as a mail
    #[arg(long)]
    publish: bool,
    /// Asks nothing
    #[arg(long, short, requires = "publish", visible_alias = "auto-approve")]
    yes: bool,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let now = Timestamp::now();
    let days = Days::new(args.since, args.utc_offset, now)?;
    let mut world = World::open(global, &folder).await?;
    let default_region = world.default_region();
    let request = Request { days, default_region, only: global.region.clone(), now };
    let digests = take(&world, &spec, &request).await?;
    let account = world.identity().await?.account.to_string();
    let whole = digests.iter().all(|digest| digest.gaps.is_empty());
    let well = if whole { DONE } else { PENDING };
    if !args.publish {
        print::out(&if global.json {
            print::json(&document(&spec, &account, days, &digests, &[]))
        } else {
            human(&digests, &format!("{account}{}", world.label()), spec.language)
        });
        return Ok(well);
    }
    let mut letters = letters(&spec, &digests, &world).await?;
    if !global.json {
        for one in &letters {
            print::out(&format!("{}\n", letter(one)));
        }
    }
    if !args.yes {
        if global.json {
            return Err(Failure::new(
                "--json asks no question; nothing was sent",
                "--yes answers yes beforehand",
            ));
        }
        run_plan::ask("Send this?", "nothing was sent")?;
    }
    for letter in &mut letters {
        letter.sent = Some(world.publish(&letter.topic, &letter.notification).await);
    }
    world.save()?;
    if global.json {
        print::out(&print::json(&document(&spec, &account, days, &digests, &letters)));
    } else {
        say(&letters, &world);
    }
    let failed = letters.iter().any(|letter| matches!(letter.sent, Some(Err(_))));
    if failed {
        print::err(
            "not everything was sent: the same command sends all of it again; --region sends that of one region",
        );
    }
    Ok(if failed { ERROR } else { well })
}

/// A mail for each digest. Nothing is sent where a topic is missing.
async fn letters(spec: &Spec, digests: &[Digest], world: &World) -> Result<Vec<Letter>, Failure> {
    let mut letters = Vec::with_capacity(digests.len());
    for digest in digests {
        let topic = ResourceKey::topic(&digest.region, &spec.topic.name);
        let Some(readers) = world.readers(&topic).await? else {
            let local = if matches!(world, World::Local(_)) { " --provider local" } else { "" };
            return Err(Failure::new(
                format!(
                    "there is no topic {} in {}; nothing was sent",
                    spec.topic.name, digest.region
                ),
                format!("`notify-cli setup{local}` makes it"),
            ));
        };
        let notification = mail(digest, spec.language);
        letters.push(Letter { topic, readers, notification, sent: None });
    }
    Ok(letters)
}

fn say(letters: &[Letter], world: &World) {
    for letter in letters {
        let Letter { topic, readers, notification: _, sent } = letter;
        let place = format!("{} in {}", topic.name, topic.place);
        print::out(&match sent {
            Some(Err(error)) => unsent(&place, error),
            Some(Ok(id)) => {
                let text = format!("{place}: sent to {} (message {id})", readers_of(*readers));
                let (style, mark) =
                    if readers.confirmed == 0 { (CHANGED, "…") } else { (GOOD, "✓") };
                marked(style, mark, &text)
            }
            None => continue,
        });
    }
    if let World::Local(session) = world {
        for path in session.written() {
            print::out(&format!("wrote {}", show_path(path)));
        }
    }
}
