//! `emit`: an event or metric points into the local provider.

use super::Ended;
use crate::args::{Global, ProviderName};
use crate::failure::{DONE, Failure, PENDING};
use crate::input;
use crate::local::Session;
use crate::print::{self, BAD, CHANGED, DIM, GOOD, paint};
use crate::show::table::wrap;
use crate::spec_file;
use jiff::Timestamp;
use notify_core::aws::Region;
use notify_core::local::{Answer, Changed, Evaluated, Fate, Offered, Sent};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Sends events or metric points into the local provider: mail comes out in .notify/outbox/
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files with an event each, as EventBridge delivers it (`-`: standard input)
    #[arg(value_name = "EVENT", required_unless_present = "metric")]
    events: Vec<PathBuf>,
    /// Metric points, as `aws cloudwatch put-metric-data --cli-input-json` takes them
    #[arg(long, value_name = "FILE")]
    metric: Option<PathBuf>,
    /// When every alarm is evaluated once [default: when the last point's minute has ended]
    #[arg(long, value_name = "TIME", value_parser = input::time, requires = "metric")]
    at: Option<Timestamp>,
}

/// What came of it all.
#[derive(Debug, Default)]
struct Happened {
    offered: Vec<(PathBuf, Region, Vec<Offered>)>,
    evaluated: Option<(Region, Timestamp, Evaluated)>,
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
    let mut happened = Happened::default();
    for (path, region, text) in events {
        let offered =
            session.cloud.emit(&region, &text).map_err(|error| unreadable(&path, &error))?;
        happened.offered.push((path, region, offered));
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

impl Happened {
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
            || self.evaluated.iter().any(|(_, _, found)| found.changed.iter().any(failed))
    }
}

fn say(happened: &Happened, session: &Session) {
    for (path, region, offered) in &happened.offered {
        print::out(&format!("{} in {region}", spec_file::show_path(path)));
        if offered.is_empty() {
            print::out("  there is no rule in this region");
        }
        for offered in offered {
            let name = print::line(&offered.rule);
            match &offered.answer {
                Answer::Asleep => print::out(&paint(
                    DIM,
                    &format!("  – {name}: disabled, or it does not see read-only calls"),
                )),
                Answer::NoMatch => print::out(&paint(DIM, &format!("  – {name}: no match"))),
                Answer::Matched(fates) if fates.is_empty() => {
                    print::out(&format!("  – {name}: it matches, and has no target"));
                }
                Answer::Matched(fates) => {
                    for fate in fates {
                        say_fate(&name, fate);
                    }
                }
            }
        }
    }
    if let Some((region, at, evaluated)) = &happened.evaluated {
        print::out(&format!("alarms in {region} at {at}"));
        for changed in &evaluated.changed {
            say_change(changed);
        }
        if evaluated.unchanged > 0 {
            print::out(&paint(DIM, &format!("  – {} stay as they are", evaluated.unchanged)));
        }
        for (name, why) in &evaluated.left_out {
            print::out(&wrap(&print::line(&format!("– {name}: {why}")), 2, 80));
        }
    }
    for path in session.written() {
        print::out(&format!("wrote {}", spec_file::show_path(path)));
    }
}

fn say_fate(name: &str, fate: &Fate) {
    match fate {
        Fate::Sent(sent) => {
            print::out(&format!("  {} {name}: {}", paint(GOOD, "✓"), who_got(sent)))
        }
        Fate::Lost(letter) => {
            let text = format!("{name}: lost, {}: {}", letter.code, letter.reason);
            print::out(&format!("  {} {}", paint(BAD, "✗"), print::line(&text)));
            print::out(&wrap(&print::line(&letter.attempted), 6, 80));
        }
        Fate::Vanished => print::out(&format!(
            "  {} {name}: nothing is delivered: the template's only placeholder has no value",
            paint(BAD, "✗")
        )),
        Fate::Unsendable(why) => {
            print::out(&format!("  {} {name}: {}", paint(BAD, "✗"), print::line(why)));
        }
        Fate::Elsewhere(arn) => {
            print::out(&format!("  – {name}: it goes to {}, which ends here", print::line(arn)));
        }
    }
}

fn say_change(changed: &Changed) {
    let change = &changed.change;
    let text = format!("{}: {} -> {}", changed.alarm, change.from.as_str(), change.to.as_str());
    print::out(&format!("  {} {}", paint(CHANGED, "~"), print::line(&text)));
    print::out(&wrap(&print::line(&change.reason), 6, 80));
    for sent in &changed.sent {
        match sent {
            Ok(sent) => print::out(&format!("      {}", who_got(sent))),
            Err(why) => print::out(&wrap(&print::line(&format!("not sent: {why}")), 6, 80)),
        }
    }
    if changed.sent.is_empty() {
        print::out("      nobody is told of this state");
    }
}

fn who_got(sent: &Sent) -> String {
    let mut parts = Vec::new();
    let list = |addresses: Vec<String>| print::line(&addresses.join(", "));
    if !sent.mails.is_empty() {
        parts.push(format!("mail to {}", list(sent.mails.iter().map(|m| m.to.clone()).collect())));
    }
    if !sent.others.is_empty() {
        let others = sent.others.iter().map(|(protocol, to)| format!("{} {to}", protocol.as_str()));
        parts.push(format!("message to {}", list(others.collect())));
    }
    if !sent.waiting.is_empty() {
        parts.push(format!(
            "nothing to {}, who must be confirmed first (`notify-cli confirm ADDRESS`)",
            list(sent.waiting.clone())
        ));
    }
    if parts.is_empty() {
        "published, and the topic has no readers".to_owned()
    } else {
        parts.join("; ")
    }
}

fn document(happened: &Happened) -> Value {
    let events = happened.offered.iter().map(|(path, region, offered)| {
        let rules = offered.iter().map(|offered| {
            let (answer, fates) = match &offered.answer {
                Answer::Asleep => ("asleep", &[][..]),
                Answer::NoMatch => ("no_match", &[][..]),
                Answer::Matched(fates) => ("matched", fates.as_slice()),
            };
            let fates: Vec<Value> = fates.iter().map(fate).collect();
            json!({"rule": offered.rule, "answer": answer, "targets": fates})
        });
        json!({"file": path.display().to_string(), "region": region, "rules": rules.collect::<Vec<_>>()})
    });
    let alarms = happened.evaluated.as_ref().map(|(region, at, evaluated)| {
        let changed = evaluated.changed.iter().map(|changed| {
            let sent = changed.sent.iter().map(|sent| match sent {
                Ok(sent) => message(sent),
                Err(why) => json!({"lost": why}),
            });
            json!({
                "alarm": changed.alarm,
                "from": changed.change.from,
                "to": changed.change.to,
                "reason": changed.change.reason,
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
    });
    json!({"version": 1, "events": events.collect::<Vec<_>>(), "alarms": alarms})
}

fn fate(fate: &Fate) -> Value {
    match fate {
        Fate::Sent(sent) => message(sent),
        Fate::Lost(letter) => {
            json!({"lost": letter.code, "reason": letter.reason, "attempted": letter.attempted})
        }
        Fate::Vanished => {
            json!({"lost": null, "reason": "the template's only placeholder has no value", "attempted": ""})
        }
        Fate::Unsendable(why) => json!({"lost": null, "reason": why, "attempted": ""}),
        Fate::Elsewhere(arn) => json!({"elsewhere": arn}),
    }
}

fn message(sent: &Sent) -> Value {
    json!({
        "topic": sent.topic,
        "subject": sent.notification.subject,
        "body": sent.notification.text(),
        "mailed": sent.mails.iter().map(|mail| &mail.to).collect::<Vec<_>>(),
        "waiting": sent.waiting,
    })
}
