//! Where the values of metrics come from.

use super::Args;
use crate::args::Global;
use crate::commands::run_plan::ask;
use crate::failure::Failure;
use crate::input::{beside, unwritten};
use crate::print;
use crate::progress::Progress;
use crate::spec_file::show_path;
use crate::world::World;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use notify_core::alarm::MetricAlarm;
use notify_core::aws::Region;
use notify_core::backtest::{Data, Question, Span, Wanted, Watched, read, save};
use notify_core::plan::PRICES_AS_OF;
use notify_core::provider::{
    AT_A_TIME, MetricReader, QUERIES_A_CALL, ReadCost, batches, read_cost,
};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// The newest values of AWS come a little late.
const LATE: SignedDuration = SignedDuration::from_mins(5);

/// What `--save` begins with.
const SAVED: &[u8] = br#"{"version":1,"series":"#;

/// The end of a test of an account's metrics: a whole minute.
pub(super) fn until(given: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Failure> {
    if given.is_some_and(|given| given > now) {
        return Err(Failure::new("--until is in the future", "the past ends now"));
    }
    let end = given.unwrap_or_else(|| now.checked_sub(LATE).unwrap_or(now));
    let second = end.as_second();
    Ok(Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(end))
}

/// The end of a test of a file's values: that of the values, but not in the future.
pub(super) fn end(
    path: &Path,
    data: &Data,
    given: Option<Timestamp>,
    now: Timestamp,
) -> Result<Timestamp, Failure> {
    let Some((_, last)) = data.ends() else {
        return Err(Failure::new(
            format!("{} has no values of the alarms' metrics", show_path(path)),
            "namespace, name and dimensions must be those of the alarm: `notify-cli preview` \
             shows them",
        ));
    };
    let end = given.unwrap_or_else(|| last.min(now));
    if last > end && given.is_none() {
        print::err(&format!("values later than now ({end}) are left out"));
    }
    Ok(end)
}

/// What is to be read.
pub(super) fn questions(watched: &[Watched], span: Span, now: Timestamp) -> Vec<Question> {
    let alarms: Vec<(Region, &MetricAlarm)> = simulated(watched).collect();
    let window = notify_core::provider::Window { from: span.from, to: span.to, now };
    notify_core::backtest::questions(&alarms, window)
}

fn simulated(watched: &[Watched]) -> impl Iterator<Item = (Region, &MetricAlarm)> {
    watched
        .iter()
        .filter_map(|watched| Some((watched.region.clone(), watched.alarm.as_ref().ok()?)))
}

/// Says what the calls cost, and asks whether to make them; nothing of a local account costs.
pub(super) fn agree(
    world: &World,
    questions: &[Question],
    watched: &[Watched],
    args: &Args,
    global: &Global,
) -> Result<Option<ReadCost>, Failure> {
    if matches!(world, World::Local(_)) {
        return Ok(None);
    }
    let mut total = ReadCost { metrics: 0, usd: 0.0, usd_at_most: 0.0 };
    for question in questions {
        let ReadCost { metrics, usd, usd_at_most } = read_cost(&question.queries, question.window);
        total.metrics += metrics;
        total.usd += usd;
        total.usd_at_most += usd_at_most;
    }
    if total.metrics == 0 {
        // AWS keeps nothing of that time: there is nothing to ask for.
        return Ok(None);
    }
    let calls: usize =
        questions.iter().map(|asked| batches(&asked.queries, asked.window).len()).sum();
    let count =
        |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    print::err(&format!(
        "{} over {}: GetMetricData is asked for {} in {}.",
        count(watched.len(), "alarm"),
        count(args.days.into(), "day"),
        count(total.metrics, "metric"),
        count(calls, "call"),
    ));
    let (usd, at_most) = (dollars(total.usd), dollars(total.usd_at_most));
    let long = if usd == at_most {
        String::new()
    } else {
        format!(", and where answers are long at most {at_most}")
    };
    print::err(&format!("That costs {usd}{long} (prices of {PRICES_AS_OF}; none is free)."));
    if !args.yes {
        if global.json {
            return Err(Failure::new(
                "--json asks no question; nothing was read",
                "--yes answers yes beforehand; --data reads a file, which costs nothing",
            ));
        }
        ask("Read them?", "nothing was read")?;
    }
    Ok(Some(total))
}

/// An amount that is often less than a cent.
fn dollars(usd: f64) -> String {
    if usd < 0.01 { "less than $0.01".to_owned() } else { format!("${usd:.2}") }
}

/// Reads the values of an account, and keeps them where that is wanted.
pub(super) async fn from_account(
    world: &World,
    questions: Vec<Question>,
    keep: Option<&Path>,
) -> Result<Data, Failure> {
    // A call at a time, so that there is something to tell of.
    let parts: Vec<Question> = questions
        .into_iter()
        .flat_map(|Question { region, window, queries }| {
            let parts: Vec<Vec<_>> = queries.chunks(QUERIES_A_CALL).map(<[_]>::to_vec).collect();
            parts.into_iter().map(move |queries| Question {
                region: region.clone(),
                window,
                queries,
            })
        })
        .collect();
    let mut progress = Progress::new(parts.len());
    let mut answers = stream::iter(parts)
        .map(|part| async move {
            let answer = world.metric_data(&part.region, &part.queries, part.window).await;
            (part, answer)
        })
        .buffered(AT_A_TIME);
    let mut data = Data::default();
    while let Some((part, answer)) = answers.next().await {
        data.add(&part, answer?);
        progress.step();
    }
    drop(progress);
    if let Some(path) = keep {
        write(path, &data)?;
    }
    Ok(data)
}

/// Whether values can be kept there: known before they cost anything. A file that is something else
/// is not overwritten.
pub(super) fn may_write(path: &Path) -> Result<(), Failure> {
    let mut begin = [0; SAVED.len()];
    let ours = |mut file: File| file.read_exact(&mut begin).is_ok_and(|()| begin == *SAVED);
    if path.exists() && !File::open(path).is_ok_and(ours) {
        return Err(Failure::new(
            format!("{} exists and holds no saved values; it was not overwritten", show_path(path)),
            "give --save another name",
        ));
    }
    beside(path).map(drop)
}

fn write(path: &Path, data: &Data) -> Result<(), Failure> {
    let failed = |error: std::io::Error| unwritten(path, &error);
    let mut to = BufWriter::new(beside(path)?);
    save(data, &mut to).and_then(|()| to.flush()).map_err(failed)?;
    let file = to.into_inner().map_err(|error| failed(error.into_error()))?;
    file.persist(path).map_err(|error| failed(error.error))?;
    print::err(&format!("wrote {}", show_path(path)));
    Ok(())
}

/// Reads the values of a file; `-` is standard input.
pub(super) fn from_file(path: &Path, watched: &[Watched]) -> Result<Data, Failure> {
    let wanted = Wanted::by(simulated(watched).map(|(_, alarm)| alarm));
    let from: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(path).map_err(|error| {
            Failure::from_error(format!("{} cannot be read", show_path(path)), &error)
        })?;
        Box::new(file)
    };
    read(from, &wanted).map_err(|error| {
        Failure::new(
            format!("{}: {error}", show_path(path)),
            "it holds what `notify-cli backtest --save FILE` wrote, or what `aws cloudwatch \
             put-metric-data --cli-input-json` takes; for one alarm (--alarm NAME) also what \
             `aws cloudwatch get-metric-statistics` or `get-metric-data` prints",
        )
    })
}
