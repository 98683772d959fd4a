//! `mute`: keeps notifications quiet for a while.

use super::{Ended, run_plan};
use crate::args::Global;
use crate::failure::{DONE, ERROR, Failure, INTERRUPTED};
use crate::input;
use crate::interrupt::Interrupt;
use crate::print::{self, CHANGED, paint};
use crate::show::plan::WIDTH;
use crate::show::table::wrap;
use crate::world::World;
use crate::{show, spec_file};
use jiff::Timestamp;
use notify_core::aws::Minute;
use notify_core::plan::mute::{Length, Names, Request, deadline, mute, undo, until, until_time};
use notify_core::plan::{Plan, PrepareError};
use notify_core::provider::{ErrorClass, Report};
use serde_json::{Value, json};

/// Keeps notifications quiet for a while, which ends by itself; no question is asked
///
/// An event's rule is disabled, and EventBridge Scheduler enables it again. Alarms are muted by
/// CloudWatch from the next minute on: one that changes its state meanwhile and is still in it at
/// the end tells of it then. `unmute` ends it at once.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    end: End,
}

/// Which notifications are meant.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The `name` of `[[events]]` or `[[alarms]]`
    #[arg(value_name = "NAME", required_unless_present = "all")]
    names: Vec<String>,
    /// All notifications of the file
    #[arg(long, conflicts_with = "names")]
    all: bool,
}

/// When a mute ends.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct End {
    /// How long, such as 90m, 2h, 1d or 1h30m; 15 days at most
    #[arg(long = "for", value_name = "TIME")]
    length: Option<Length>,
    /// Until when, such as 2026-11-25T08:00:00+09:00
    #[arg(long, value_name = "TIME", value_parser = input::time)]
    until: Option<Timestamp>,
}

impl Which {
    /// What is asked for at a time.
    pub(super) fn request(&self, global: &Global, world: &World, now: Timestamp) -> Request {
        let names =
            if self.all { Names::All } else { Names::These(self.names.iter().cloned().collect()) };
        let (default_region, only) = (world.default_region(), global.region.clone());
        Request { names, default_region, only, now }
    }
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    let now = Timestamp::now();
    let end = end(&args.end, now)?;
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let mut world = World::open(global, &folder).await?;
    let request = args.which.request(global, &world, now);
    let plan = mute(&world, &spec, &request, end).await.map_err(refused)?;
    let done = carry_out(&plan, &mut world, global, Some(end)).await?;
    let until = show::mute::time(end.timestamp());
    let said = match done {
        Carried::Nothing if plan.unchanged > 0 => format!("It is muted until {until} already."),
        Carried::Nothing => "There is nothing to mute.".to_owned(),
        Carried::All => {
            format!("Muted until {until}. It ends by itself; `notify-cli unmute` ends it at once.")
        }
        Carried::Ended(code) => return Ok(code),
    };
    if !global.json {
        print::out(&format!("\n{}", paint(CHANGED, &wrap(&said, 0, WIDTH))));
    }
    Ok(DONE)
}

fn end(end: &End, now: Timestamp) -> Result<Minute, Failure> {
    match (end.length, end.until) {
        (_, Some(at)) => until_time(now, at).map_err(|error| {
            Failure::new(format!("--until: {error}"), "nothing was changed; --for takes 2h or 1d")
        }),
        (Some(length), None) => Ok(until(now, length)),
        // One of them is required.
        (None, None) => Err(Failure::new("it is not said how long", "--for takes 2h or 1d")),
    }
}

/// What is not permitted is refused before anything is done.
pub(super) fn refused(error: PrepareError) -> Failure {
    let denied = matches!(&error, PrepareError::Provider(e) if e.class == ErrorClass::AccessDenied);
    let mut failure = Failure::from(error);
    if denied {
        failure.message.push_str("; nothing was changed");
    }
    failure
}

/// How a plan was carried out.
pub(super) enum Carried {
    /// There was nothing to do.
    Nothing,
    /// All of it is done.
    All,
    /// Not all of it, and the exit code.
    Ended(u8),
}

/// Shows a plan and carries it out: it is short, and can be taken back, so nobody is asked.
pub(super) async fn carry_out(
    plan: &Plan,
    world: &mut World,
    global: &Global,
    until: Option<Minute>,
) -> Result<Carried, Failure> {
    if !global.json {
        print::out(&show::plan::human(plan, world.label(), global.verbose));
    }
    if let Some(failure) = run_plan::obstacle(plan) {
        if global.json {
            print::out(&print::json(&document(plan, &Report::default(), until)));
        }
        return Err(failure);
    }
    let interrupt = Interrupt::watch();
    let deadline = until.map(deadline);
    let report = run_plan::execute(plan, world, &interrupt, deadline).await;
    let mut left = Vec::new();
    if !report.is_complete()
        && until.is_some()
        && let Some(back) = undo(plan, &report)
    {
        // What was begun is taken back, also after Ctrl-C.
        let undone = run_plan::execute(&back, world, &Interrupt::default(), None).await;
        left.extend(undone.applied.into_iter().map(|applied| (applied.key, applied.outcome)));
    }
    world.save()?;
    if global.json {
        print::out(&print::json(&document(plan, &report, until)));
    } else if !plan.is_empty() {
        print::out(&format!("\n{}", show::plan::applied(&report.applied)));
    }
    if interrupt.came() && !report.is_complete() {
        print::err("interrupted: what was under way is done; the same command does the rest");
        return Ok(Carried::Ended(INTERRUPTED));
    }
    if !report.is_complete() {
        let done = |outcome: &notify_core::provider::Outcome| {
            matches!(outcome, notify_core::provider::Outcome::Done)
        };
        if deadline.is_some_and(|deadline| Timestamp::now() >= deadline) {
            print::err(
                "the end came too near: what had not begun was left out, so that nothing stays muted for ever",
            );
        }
        print::err(if !left.is_empty() && left.iter().all(|(_, outcome)| done(outcome)) {
            "nothing was muted, and what was prepared for it is removed again"
        } else {
            "not everything is done: when the cause is removed, run the same command again"
        });
        return Ok(Carried::Ended(ERROR));
    }
    Ok(if plan.is_empty() { Carried::Nothing } else { Carried::All })
}

/// What `mute --json` and `unmute --json` print.
fn document(plan: &Plan, report: &Report, until: Option<Minute>) -> Value {
    let mut document = show::json::report(plan, report, None);
    if let Some(fields) = document.as_object_mut() {
        // A plan for the file has these.
        for field in ["cost", "held", "refusal", "read_back"] {
            fields.remove(field);
        }
        if let Some(until) = until {
            fields.insert("until".to_owned(), json!(until.to_string()));
        }
    }
    if !plan.blocked.is_empty() {
        document["complete"] = json!(false);
    }
    document
}
