//! `wait`: until everybody whom the file names has confirmed.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, Failure, PENDING};
use crate::progress::Waiting;
use crate::show::plan::WIDTH;
use crate::show::table::wrap;
use crate::world::World;
use crate::{input, interrupt, print, spec_file};
use notify_core::plan::{Request, wanted};
use notify_core::provider::Trial;
use notify_core::send::{Reader, Standing, readers, topics_of};
use notify_core::state::State;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Waits until every address of the file has confirmed; exits with 2 when the time is over
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How long to wait at most, such as 30s, 10m or 2h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = input::duration)]
    timeout: Duration,
    /// How often to look
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = input::duration)]
    every: Duration,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    interrupt::ends_the_program("who has not confirmed still can");
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let mut world = World::open(global, &folder).await?;
    let begin = Instant::now();
    // Who is to be told does not depend on any web ACL's rules: none is asked.
    let mut request = Request::destroy(world.default_region());
    request.options.only.clone_from(&global.region);
    let (_, desired) = wanted(&world, &spec, &request).await?;
    let mut shown = Waiting::new();
    loop {
        let list = look(&world, &desired.state).await?;
        if list.is_empty() {
            return Err(Failure::new(
                "the file names nobody who could confirm",
                "add `[[subscriptions]]` with `protocol = \"email\"` and `endpoint = \"ops@example.com\"`",
            ));
        }
        hopeless(&list, global)?;
        let missing: Vec<&Reader> =
            list.iter().filter(|r| r.standing != Standing::Confirmed).collect();
        let left = args.timeout.saturating_sub(begin.elapsed());
        if missing.is_empty() || left.is_zero() {
            shown.over();
            return Ok(end(&list, begin.elapsed(), global));
        }
        shown.tell(&progress(&list, &missing), left);
        let pause = args.every.max(Duration::from_secs(1)).min(left);
        world = match world {
            World::Aws(aws) => {
                tokio::time::sleep(pause).await;
                World::Aws(aws)
            }
            // The local account belongs to whoever confirms: it is let go while nothing is read.
            World::Local(session) => {
                drop(session);
                tokio::time::sleep(pause).await;
                World::open(global, &folder).await?
            }
        };
    }
}

async fn look(world: &World, desired: &State) -> Result<Vec<Reader>, Failure> {
    let mut found = BTreeMap::new();
    for topic in topics_of(desired) {
        let there = world.subscriptions(&topic).await?;
        found.insert(topic, there);
    }
    Ok(readers(desired, &found))
}

/// Fails where waiting is of no use.
fn hopeless(list: &[Reader], global: &Global) -> Result<(), Failure> {
    let local = global.on_local();
    let of = |standing: Standing| -> Vec<&Reader> {
        list.iter().filter(|reader| reader.standing == standing).collect()
    };
    let without: BTreeSet<String> = of(Standing::NoTopic)
        .into_iter()
        .map(|reader| format!("{} in {}", reader.topic.name, reader.topic.place))
        .collect();
    if !without.is_empty() {
        let without: Vec<String> = without.into_iter().collect();
        return Err(Failure::new(
            format!("there is no topic {}", without.join(", ")),
            format!("`notify-cli setup{local}` makes it and invites everybody"),
        ));
    }
    let left = addresses(&of(Standing::Left));
    if !left.is_empty() {
        return Err(Failure::new(
            format!("{} left and will never confirm", left.join(", ")),
            format!(
                "`notify-cli setup{local} --resubscribe {}` invites them again",
                left.join(" --resubscribe ")
            ),
        ));
    }
    let unknown = addresses(&of(Standing::NotInvited));
    if !unknown.is_empty() {
        return Err(Failure::new(
            format!("{} has no invitation that could be accepted", unknown.join(", ")),
            format!(
                "an invitation lapses after two days: `notify-cli setup{local}` sends a new one"
            ),
        ));
    }
    Ok(())
}

fn addresses(list: &[&Reader]) -> Vec<String> {
    let set: BTreeSet<String> = list.iter().map(|reader| reader.endpoint.clone()).collect();
    set.into_iter().collect()
}

/// Who is missing. With several topics an address is named once, with how many are still to go.
fn progress(list: &[Reader], missing: &[&Reader]) -> String {
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for reader in missing {
        *open.entry(&reader.endpoint).or_default() += 1;
    }
    let topics: BTreeSet<_> = list.iter().map(|reader| &reader.topic).collect();
    let names: Vec<String> = open
        .into_iter()
        .map(|(address, count)| match topics.len() {
            1 => address.to_owned(),
            _ => format!("{address} ({count} to go)"),
        })
        .collect();
    let done = list.len() - missing.len();
    print::line(&format!("{done} of {} confirmed, waiting for {}", list.len(), names.join(", ")))
}

fn end(list: &[Reader], waited: Duration, global: &Global) -> u8 {
    let missing: Vec<&Reader> = list.iter().filter(|r| r.standing != Standing::Confirmed).collect();
    let complete = missing.is_empty();
    if global.json {
        print::out(&print::json(&document(list, complete, waited)));
    } else if complete {
        let everybody: Vec<&Reader> = list.iter().collect();
        let text = format!("everybody has confirmed: {}", addresses(&everybody).join(", "));
        print::out(&wrap(&print::line(&text), 0, WIDTH));
    }
    if complete {
        return DONE;
    }
    let text = format!("the time is over: {}", progress(list, &missing));
    print::err(&wrap(&text, 0, WIDTH));
    print::err(
        "  help: each has a mail \"AWS Notification - Subscription Confirmation\" with a link (look \
         for it among spam); `notify-cli confirm -` takes the link, too",
    );
    PENDING
}

fn document(list: &[Reader], complete: bool, waited: Duration) -> Value {
    let readers = list.iter().map(|reader| {
        json!({
            "region": reader.topic.place.to_string(),
            "topic": reader.topic.name,
            "protocol": reader.protocol.as_str(),
            "address": reader.endpoint,
            "state": reader.standing.as_str(),
        })
    });
    json!({
        "version": 1,
        "complete": complete,
        "waited_seconds": waited.as_secs(),
        "readers": readers.collect::<Vec<_>>(),
    })
}
