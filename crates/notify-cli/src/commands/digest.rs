//! `digest`: what each WAF rule blocked and counted, day by day.

use super::{Ended, letters};
use crate::args::Global;
use crate::failure::{DONE, Failure, PENDING};
use crate::show::digest::{document, human};
use crate::show::letter::Letter;
use crate::world::World;
use crate::{print, spec_file};
use jiff::Timestamp;
use notify_core::digest::{Days, Digest, Request, Since, UtcOffset, mail, take};
use notify_core::provider::Provider;
use notify_core::spec::Spec;

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
    let mut letters = self::letters(&spec, &digests, &world).await?;
    letters::agree(&letters, args.yes, global.json)?;
    let all_sent = letters::send(&mut letters, &mut world).await?;
    if global.json {
        print::out(&print::json(&document(&spec, &account, days, &digests, &letters)));
    } else {
        letters::say(&letters, &world);
    }
    Ok(if all_sent { well } else { letters::not_all() })
}

/// A mail for each digest. Nothing is sent where a topic is missing.
async fn letters(spec: &Spec, digests: &[Digest], world: &World) -> Result<Vec<Letter>, Failure> {
    let mut letters = Vec::with_capacity(digests.len());
    for digest in digests {
        let notification = mail(digest, spec.language);
        letters.push(letters::to_topic(spec, &digest.region, notification, world).await?);
    }
    Ok(letters)
}
