//! `backtest`: past metrics against the alarms.

mod alarms;
mod values;

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, Failure};
use crate::show::backtest::{Document, Tested, document, human};
use crate::{input, interrupt, print, spec_file};
use jiff::{SignedDuration, Timestamp};
use notify_core::backtest::{Data, Span, Watched, run as follow, suggest};
use std::path::PathBuf;

/// How many parts the line of states has.
const PARTS: usize = 60;

/// What the alarms would have said of past metrics, and how often they would have mailed
///
/// The metrics are read from the account (a look that AWS bills; what it costs is said first) or
/// from a file. Each alarm is followed as if it had been made at the beginning, with windows that
/// slide as CloudWatch's do.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many days, back from the end
    #[arg(long, value_name = "DAYS", default_value_t = 30,
        value_parser = clap::value_parser!(u16).range(1..=455))]
    days: u16,
    /// The end [default: now; with --data the end of the values]
    #[arg(long, value_name = "TIME", value_parser = input::time)]
    until: Option<Timestamp>,
    /// Only the alarm of that name, or all of that section of the file (repeatable)
    #[arg(long, value_name = "NAME")]
    alarm: Vec<String>,
    /// Values in place of the account's: what --save wrote, or what the AWS CLI's
    /// `put-metric-data --cli-input-json` takes; for one alarm also what `get-metric-statistics` or
    /// `get-metric-data` prints (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Keeps the values in a file for --data, so that another run costs nothing
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    save: Option<PathBuf>,
    /// Tries other thresholds, and suggests one
    #[arg(long)]
    suggest: bool,
    /// The most mails in 30 days of a suggested threshold
    #[arg(long, value_name = "MAILS", default_value_t = 4, requires = "suggest")]
    at_most: u32,
    /// Asks nothing
    #[arg(long, short)]
    yes: bool,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let now = Timestamp::now();
    let (data, watched, span, cost) = match &args.data {
        Some(path) => {
            let offline = alarms::Offline::beside(&folder, &spec)?;
            let region = global.region.clone().or_else(|| Some(alarms::offline_region()));
            let guessed = offline.guessed();
            let mut watched =
                alarms::wanted(&guessed, &spec, region.clone(), global, &args.alarm).await;
            interrupt::ends_the_program("nothing was changed");
            let data = match &watched {
                Ok(watched) => values::from_file(path, watched)?,
                // A name that only the rules of the file have.
                Err(_) => {
                    let all = alarms::wanted(&guessed, &spec, region.clone(), global, &[]).await?;
                    values::from_file(path, &all)?
                }
            };
            if let Some(account) = offline.found(&data) {
                watched = alarms::wanted(&account, &spec, region, global, &args.alarm).await;
                offline.tell();
            }
            let watched = watched?;
            let span = within(args, values::end(path, &data, args.until, now)?);
            (data, watched, span, None)
        }
        None => {
            let world = crate::world::World::open(global, &folder).await?;
            let region = world.default_region();
            let watched = alarms::wanted(&world, &spec, region, global, &args.alarm).await?;
            let span = within(args, values::until(args.until, now)?);
            if let Some(path) = &args.save {
                values::may_write(path)?;
            }
            let questions = values::questions(&watched, span, now);
            let cost = values::agree(&world, &questions, &watched, args, global)?;
            interrupt::ends_the_program("nothing was changed");
            let data = values::from_account(&world, questions, args.save.as_deref()).await?;
            (data, watched, span, cost)
        }
    };
    let tested = watched.into_iter().map(|watched| test(&data, watched, span, args));
    let tested = tested.collect::<Vec<_>>();
    if tested.iter().all(|tested| tested.result.is_err()) {
        return Err(nothing(&tested));
    }
    let document_ = Document { span, cost, tested, at_most: args.suggest.then_some(args.at_most) };
    if global.json {
        print::out(&print::json(&document(&document_)));
    } else {
        print::out(&human(&document_, global.verbose));
    }
    Ok(DONE)
}

fn within(args: &Args, to: Timestamp) -> Span {
    let days = SignedDuration::from_hours(24 * i64::from(args.days));
    Span { from: to.checked_sub(days).unwrap_or(Timestamp::MIN), to }
}

fn test(data: &Data, watched: Watched, span: Span, args: &Args) -> Tested {
    let Watched { region, name, alarm } = watched;
    let alarm = match alarm {
        Ok(alarm) => alarm,
        Err(error) => {
            return Tested { region, name, alarm: None, result: Err(error.to_string()) };
        }
    };
    let tried = follow(data, &region, &alarm, span, PARTS).and_then(|seen| {
        let at_most = f64::from(args.at_most);
        let suggested = args.suggest.then(|| suggest(data, &region, &alarm, span, at_most));
        Ok((seen, suggested.transpose()?))
    });
    let result = tried.map_err(|missing| missing.to_string());
    Tested { region, name, alarm: Some(alarm), result }
}

/// No alarm could be tested.
fn nothing(tested: &[Tested]) -> Failure {
    let mut failure = Failure::new(
        "no alarm could be tested",
        "look at the metric's namespace, name and dimensions, at --days and --until; `notify-cli \
         preview` shows an alarm's metric",
    );
    let why = |tested: &Tested| {
        let reason = tested.result.as_ref().err().cloned().unwrap_or_default();
        format!("{}: {reason}", tested.name)
    };
    failure.causes = tested.iter().take(10).map(why).collect();
    if tested.len() > 10 {
        failure.causes.push(format!("and {} more", tested.len() - 10));
    }
    failure
}
