//! `emit`: events, metric points or a schedule into the local provider.

use super::Ended;
use crate::args::{Global, ProviderName};
use crate::failure::{DONE, Failure, PENDING};
use crate::input;
use crate::local::Session;
use crate::print::{self, BAD, CHANGED, DIM, GOOD};
use crate::show::plan::WIDTH;
use crate::show::table::{marked, wrap};
use crate::{show, spec_file};
use anstyle::Style;
use jiff::Timestamp;
use notify_core::aws::Region;
use notify_core::local::{Answer, Changed, Evaluated, Fate, Offered, Sent};
use notify_core::state::{Rule, Want, muted_until};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Sends events or metric points into the local provider, or lets a schedule's time come: mail comes out in .notify/outbox/
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files with an event each, as EventBridge delivers it (`-`: standard input)
    #[arg(value_name = "EVENT", required_unless_present_any = ["metric", "schedule"])]
    events: Vec<PathBuf>,
    /// Metric points, as `aws cloudwatch put-metric-data --cli-input-json` takes them
    #[arg(long, value_name = "FILE")]
    metric: Option<PathBuf>,
    /// A rule on a schedule, such as the heartbeat's: its time comes, once in each region
    #[arg(long, value_name = "RULE")]
    schedule: Option<String>,
    /// When every alarm is evaluated once [default: when the last point's minute has ended]
    #[arg(long, value_name = "TIME", value_parser = input::time, requires = "metric")]
    at: Option<Timestamp>,
}

/// Why what has matched delivers nothing.
const NOTHING_LEFT: &str = "nothing is left to send";

/// What came of it all.
#[derive(Debug, Default)]
struct Happened {
    offered: Vec<(Cause, Region, Vec<Offered>)>,
    evaluated: Option<Look>,
    /// What the alarms did where something went to a queue, which the alarm on the queue sees.
    losses: Vec<Look>,
    /// Rules that a mute keeps asleep, and until when.
    muted: BTreeMap<(Region, String), Timestamp>,
}

/// Where and when alarms were evaluated, and what came of it.
type Look = (Region, Timestamp, Evaluated);

/// What was offered to rules.
#[derive(Debug)]
enum Cause {
    /// The event of a file.
    File(PathBuf),
    /// The time of a rule's schedule.
    Schedule(String),
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    if global.provider == ProviderName::Aws {
        return Err(Failure::new(
            "events and metric points are only sent into the local provider",
            "add --provider local",
        ));
    }
    let folder = spec_file::read(global.config.as_deref())?.folder();
    // Everything is read before anything happens.
    let events = args.events.iter().map(|path| event(path, global));
    let events = events.collect::<Result<Vec<_>, Failure>>()?;
    let metric = match &args.metric {
        Some(path) => Some((path, input::read(path)?)),
        None => None,
    };
    let mut session = Session::open(&folder)?;
    let mut happened = Happened { muted: muted(&session), ..Happened::default() };
    for (path, region, text) in events {
        let offered =
            session.cloud.emit(&region, &text).map_err(|error| unreadable(&path, &error))?;
        happened.offered.push((Cause::File(path), region, offered));
    }
    if let Some(rule) = &args.schedule {
        happened.offered.extend(fire(rule, &session, global)?);
    }
    for region in happened.regions_of_losses() {
        let Some(at) = session.cloud.minute_end() else { continue };
        let evaluated = session.cloud.evaluate(&region, at);
        happened.losses.push((region, at, evaluated));
    }
    if let Some((path, text)) = metric {
        let region = match &global.region {
            Some(region) => region.clone(),
            None => only_region(&session)?,
        };
        let seen = session
            .cloud
            .put_metric_data(&region, &text)
            .map_err(|error| unreadable(path, &error))?;
        let at = args.at.unwrap_or(seen);
        let evaluated = session.cloud.evaluate(&region, at);
        happened.evaluated = Some((region, at, evaluated));
    }
    session.save()?;
    if global.json {
        print::out(&print::json(&document(&happened)));
    } else {
        say(&happened, &session);
    }
    Ok(if happened.lost_something() { PENDING } else { DONE })
}

/// Lets the time of a schedule come, in each region that has the rule.
fn fire(
    rule: &str,
    session: &Session,
    global: &Global,
) -> Result<Vec<(Cause, Region, Vec<Offered>)>, Failure> {
    let regions = session.cloud.cloud().regions.into_keys();
    let regions = regions.filter(|region| global.region.as_ref().is_none_or(|only| only == region));
    let mut fired = Vec::new();
    for region in regions {
        if let Some(answer) = session.cloud.fire(&region, rule) {
            let offered = vec![Offered { rule: rule.to_owned(), answer }];
            fired.push((Cause::Schedule(rule.to_owned()), region, offered));
        }
    }
    if fired.is_empty() {
        return Err(Failure::new(
            format!("the local account has no rule `{rule}` on a schedule; nothing was sent"),
            "`heartbeat = true` makes one; `notify-cli status --provider local` shows its name",
        ));
    }
    Ok(fired)
}

/// An event with the region that it goes to: its own, unless another one is named.
fn event(path: &Path, global: &Global) -> Result<(PathBuf, Region, String), Failure> {
    let text = input::read(path)?;
    let event = input::event(path, &text)?;
    let region = match (&global.region, event.get("region").and_then(Value::as_str)) {
        (Some(region), _) => region.clone(),
        (None, Some(text)) => Region::parse(text).map_err(|error| {
            Failure::new(
                format!("{}: the event's region: {}", spec_file::show_path(path), error.problem),
                "correct it, or give --region",
            )
        })?,
        (None, None) => Region::us_east_1(),
    };
    Ok((path.to_owned(), region, text))
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> Failure {
    let mut failure = Failure::from_error(
        format!("{} cannot be used; nothing was sent", spec_file::show_path(path)),
        error,
    );
    failure.help = Some("the file holds one JSON document".to_owned());
    failure
}

/// The one region that has alarms.
fn only_region(session: &Session) -> Result<Region, Failure> {
    let cloud = session.cloud.cloud();
    let with_alarms = cloud.regions.iter().filter(|(_, place)| !place.alarms.is_empty());
    let regions: Vec<&Region> = with_alarms.map(|(region, _)| region).collect();
    match regions[..] {
        [only] => Ok(only.clone()),
        [] => Err(Failure::new(
            "the local account has no alarms; nothing was sent",
            "`notify-cli setup --provider local` makes those of the file",
        )),
        _ => {
            let names: Vec<&str> = regions.iter().map(|region| region.as_str()).collect();
            Err(Failure::new(
                format!("there are alarms in {}; nothing was sent", names.join(", ")),
                "say with --region where the points go",
            ))
        }
    }
}

fn muted(session: &Session) -> BTreeMap<(Region, String), Timestamp> {
    let (cloud, now) = (session.cloud.cloud(), Timestamp::now());
    let rules = cloud.regions.iter().flat_map(|(region, place)| {
        place.rules.iter().map(move |(name, local)| (region, name, local))
    });
    rules
        .filter_map(|(region, name, local)| {
            let rule = Rule { tags: Want::Exactly(local.tags.clone()), ..local.rule.clone() };
            Some(((region.clone(), name.clone()), muted_until(&rule, now)?))
        })
        .collect()
}

impl Happened {
    fn muted(&self, region: &Region, rule: &str) -> Option<Timestamp> {
        self.muted.get(&(region.clone(), rule.to_owned())).copied()
    }

    /// Where something went to a queue, each region once.
    fn regions_of_losses(&self) -> BTreeSet<Region> {
        let is_kept = |fate: &Fate| matches!(fate, Fate::Lost(letter) if letter.queue.is_some());
        let has_one = |offered: &Offered| match &offered.answer {
            Answer::Matched(fates) => fates.iter().any(is_kept),
            Answer::Asleep | Answer::NoMatch => false,
        };
        let regions = self.offered.iter().filter(|(_, _, offered)| offered.iter().any(has_one));
        regions.map(|(_, region, _)| region.clone()).collect()
    }

    fn looks(&self) -> impl Iterator<Item = &Look> {
        self.evaluated.iter().chain(&self.losses)
    }

    fn lost_something(&self) -> bool {
        let fates = self.offered.iter().flat_map(|(_, _, offered)| offered).flat_map(|offered| {
            match &offered.answer {
                Answer::Matched(fates) => fates.as_slice(),
                Answer::Asleep | Answer::NoMatch => &[],
            }
        });
        let lost =
            |fate: &Fate| matches!(fate, Fate::Lost(_) | Fate::Vanished | Fate::Unsendable(_));
        let failed = |changed: &Changed| changed.sent.iter().any(Result::is_err);
        fates.into_iter().any(lost)
            || self.looks().any(|(_, _, found)| found.changed.iter().any(failed))
    }
}

fn say(happened: &Happened, session: &Session) {
    for (cause, region, offered) in &happened.offered {
        let what = match cause {
            Cause::File(path) => spec_file::show_path(path),
            Cause::Schedule(rule) => format!("schedule of {}", print::line(rule)),
        };
        print::out(&format!("{what} in {region}"));
        if offered.is_empty() {
            let text = "there is no rule in this region: `notify-cli setup --provider local` makes \
                        those of the file";
            print::out(&wrap(text, 2, WIDTH));
        }
        for Offered { rule, answer } in offered {
            match answer {
                Answer::Asleep => {
                    print::out(&match happened.muted(region, rule) {
                        Some(until) => {
                            let until = show::mute::time(until);
                            marked(CHANGED, "–", &format!("{rule}: muted until {until}"))
                        }
                        None => {
                            let text =
                                format!("{rule}: disabled, or it does not see read-only calls");
                            marked(DIM, "–", &text)
                        }
                    });
                }
                Answer::NoMatch => print::out(&marked(DIM, "–", &format!("{rule}: no match"))),
                Answer::Matched(fates) if fates.is_empty() => {
                    print::out(&marked(
                        DIM,
                        "–",
                        &format!("{rule}: it matches, and has no target"),
                    ));
                }
                Answer::Matched(fates) => fates.iter().for_each(|fate| say_fate(rule, fate)),
            }
        }
    }
    for (region, at, evaluated) in happened.looks() {
        print::out(&format!("alarms in {region} at {at}"));
        for changed in &evaluated.changed {
            say_change(changed);
        }
        if evaluated.unchanged > 0 {
            print::out(&marked(DIM, "–", &format!("{} stay as they are", evaluated.unchanged)));
        }
        for (name, why) in &evaluated.left_out {
            print::out(&marked(CHANGED, "–", &format!("{name}: {why}")));
        }
    }
    for path in session.written() {
        print::out(&format!("wrote {}", spec_file::show_path(path)));
    }
}

fn say_fate(rule: &str, fate: &Fate) {
    match fate {
        Fate::Sent(sent) => {
            let (style, mark) = arrival(sent);
            print::out(&marked(style, mark, &format!("{rule}: {}", who_got(sent))));
        }
        Fate::Lost(letter) => {
            let text = format!("{rule}: lost, {}: {}", letter.code, letter.reason);
            print::out(&marked(BAD, "✗", &text));
            print::out(&wrap(&print::line(&letter.attempted), 6, WIDTH));
            if let Some(queue) = &letter.queue {
                print::out(&wrap(&format!("it waits in the queue {queue}"), 6, WIDTH));
            }
        }
        Fate::Vanished => {
            let text = format!("{rule}: nothing is delivered: {NOTHING_LEFT}");
            print::out(&marked(BAD, "✗", &text));
        }
        Fate::Unsendable(why) => print::out(&marked(BAD, "✗", &format!("{rule}: {why}"))),
        Fate::Elsewhere(arn) => {
            let text = format!("{rule}: it goes to {arn}, which ends here");
            print::out(&marked(DIM, "–", &text));
        }
    }
}

fn say_change(changed: &Changed) {
    let Changed { alarm, change, muted_until, sent } = changed;
    let text = format!("{alarm}: {} -> {}", change.from.as_str(), change.to.as_str());
    print::out(&marked(CHANGED, "~", &text));
    print::out(&wrap(&print::line(&change.reason), 6, WIDTH));
    for sent in sent {
        print::out(&match sent {
            Ok(sent) => {
                let (style, mark) = arrival(sent);
                marked(style, mark, &who_got(sent))
            }
            Err(why) => marked(BAD, "✗", &format!("not sent: {why}")),
        });
    }
    if let Some(until) = muted_until {
        let until = show::mute::time(until.timestamp());
        let text = format!("muted until {until}; told then if it still is in this state");
        print::out(&marked(CHANGED, "–", &text));
    } else if sent.is_empty() {
        print::out(&marked(DIM, "–", "nobody is told of this state"));
    }
}

/// Whether a message has arrived: one that nobody got waits for a person.
fn arrival(sent: &Sent) -> (Style, &'static str) {
    if sent.mails.is_empty() && sent.others.is_empty() { (CHANGED, "…") } else { (GOOD, "✓") }
}

fn who_got(sent: &Sent) -> String {
    let mut parts = Vec::new();
    if !sent.mails.is_empty() {
        let to: Vec<&str> = sent.mails.iter().map(|mail| mail.to.as_str()).collect();
        parts.push(format!("mail to {}", to.join(", ")));
    }
    if !sent.others.is_empty() {
        let to = sent.others.iter().map(|(protocol, to)| format!("{} {to}", protocol.as_str()));
        parts.push(format!("message to {}", to.collect::<Vec<_>>().join(", ")));
    }
    if !sent.waiting.is_empty() {
        parts.push(format!(
            "nothing to {}, who must be confirmed first (`notify-cli confirm ADDRESS`)",
            sent.waiting.join(", ")
        ));
    }
    if !sent.filtered.is_empty() {
        parts.push(format!(
            "nothing to {}, whose filter does not take it",
            sent.filtered.join(", ")
        ));
    }
    if parts.is_empty() {
        "published, and the topic has no readers".to_owned()
    } else {
        parts.join("; ")
    }
}

fn document(happened: &Happened) -> Value {
    let events = happened.offered.iter().map(|(cause, region, offered)| {
        let (file, schedule) = match cause {
            Cause::File(path) => (Some(path.display().to_string()), None),
            Cause::Schedule(rule) => (None, Some(rule)),
        };
        let rules = offered.iter().map(|offered| {
            let (answer, fates) = match &offered.answer {
                Answer::Asleep if happened.muted(region, &offered.rule).is_some() => {
                    ("muted", &[][..])
                }
                Answer::Asleep => ("asleep", &[][..]),
                Answer::NoMatch => ("no_match", &[][..]),
                Answer::Matched(fates) => ("matched", fates.as_slice()),
            };
            let fates: Vec<Value> = fates.iter().map(fate).collect();
            json!({"rule": offered.rule, "answer": answer, "targets": fates})
        });
        json!({"file": file, "schedule": schedule, "region": region, "rules": rules.collect::<Vec<_>>()})
    });
    let look = |(region, at, evaluated): &Look| {
        let changed = evaluated.changed.iter().map(|changed| {
            let sent = changed.sent.iter().map(|sent| match sent {
                Ok(sent) => message(sent),
                Err(why) => lost(why),
            });
            json!({
                "alarm": changed.alarm,
                "from": changed.change.from,
                "to": changed.change.to,
                "at": changed.change.at.to_string(),
                "reason": changed.change.reason,
                "muted_until": changed.muted_until.map(|until| until.to_string()),
                "sent": sent.collect::<Vec<_>>(),
            })
        });
        json!({
            "region": region,
            "at": at.to_string(),
            "changed": changed.collect::<Vec<_>>(),
            "unchanged": evaluated.unchanged,
            "left_out": evaluated.left_out.iter().map(|(alarm, reason)| json!({"alarm": alarm, "reason": reason})).collect::<Vec<_>>(),
        })
    };
    json!({
        "version": 1,
        "events": events.collect::<Vec<_>>(),
        "alarms": happened.evaluated.as_ref().map(look),
        "losses": happened.losses.iter().map(look).collect::<Vec<_>>(),
    })
}

fn fate(fate: &Fate) -> Value {
    match fate {
        Fate::Sent(sent) => message(sent),
        Fate::Lost(letter) => json!({
            "lost": letter.code,
            "reason": letter.reason,
            "attempted": letter.attempted,
            "queue": letter.queue,
        }),
        Fate::Vanished => in_no_queue(lost(NOTHING_LEFT)),
        Fate::Unsendable(why) => in_no_queue(lost(why)),
        Fate::Elsewhere(arn) => json!({"elsewhere": arn}),
    }
}

/// A message that was lost, and AWS has no code for it.
fn lost(why: &str) -> Value {
    json!({"lost": null, "reason": why, "attempted": null})
}

fn in_no_queue(mut lost: Value) -> Value {
    lost["queue"] = Value::Null;
    lost
}

fn message(sent: &Sent) -> Value {
    let others = sent
        .others
        .iter()
        .map(|(protocol, endpoint)| json!({"protocol": protocol.as_str(), "endpoint": endpoint}));
    json!({
        "topic": sent.topic,
        "subject": sent.notification.subject,
        "body": sent.notification.text(),
        "mailed": sent.mails.iter().map(|mail| &mail.to).collect::<Vec<_>>(),
        "others": others.collect::<Vec<_>>(),
        "waiting": sent.waiting,
        "filtered": sent.filtered,
    })
}
