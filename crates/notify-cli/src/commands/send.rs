//! `send`: a test through the real path.

use super::Ended;
use crate::args::Global;
use crate::failure::{DONE, ERROR, Failure, INTERRUPTED, PENDING};
use crate::interrupt::Stop;
use crate::world::World;
use crate::{input, print, show, spec_file};
use jiff::Timestamp;
use notify_core::aws::Region;
use notify_core::plan::{Request, wanted};
use notify_core::provider::Trial;
use notify_core::send::{
    Errand, EventAsked, Proof, Refusal, Report, Run, Standing, Test, Time, Told, Witness,
    alarm_test, event_test, readers, run as carry_out,
};
use notify_core::spec::{AlarmSpec, EventSpec, Spec};
use notify_core::state::{Kind, ResourceKey, RuleState, State, Subscription, SubscriptionStatus};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Sends a real test mail through the real path
///
/// For events a temporary rule with a source of our own takes an event like the notification's;
/// for alarms one is set off and set back. A temporary queue beside the readers sees what the topic
/// sends, where the account allows it. What was made is removed in every outcome; what a run that
/// was killed has left behind goes at the next one, or at `setup`.
///
/// A rule that asks for no source takes the event, too, as does anybody else's: it has a source that
/// begins with notify-cli.test, and all else that such an event has.
///
/// Exits with 2 where nobody has confirmed, or the topic sends nothing or something else.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The notification: an event's or an alarm's name in the file
    name: String,
    /// One of the alarms of a web ACL [default: the first]
    #[arg(long, value_name = "NAME", conflicts_with = "event")]
    alarm: Option<String>,
    /// An event as EventBridge delivers it, instead of one made up; - reads it
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Proves by a temporary queue that the topic sends it; nobody needs to have confirmed
    #[arg(long)]
    to_queue: bool,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let Notification { spec, event } = only(&spec, &args.name)?;
    let given = args.event.as_deref().map(input::read).transpose()?;
    if given.is_some() && event.is_none() {
        return Err(Failure::new(
            format!("{} is an alarm; nothing was sent", args.name),
            "--event is for notifications of events; an alarm is set off without one",
        ));
    }
    if args.alarm.is_some() && event.is_some() {
        return Err(Failure::new(
            format!("{} tells of events; nothing was sent", args.name),
            "--alarm is for notifications of alarms",
        ));
    }
    let mut world = World::open(global, &folder).await.map_err(unsent)?;
    let mut request = Request::setup(world.default_region());
    request.options.only.clone_from(&global.region);
    let (who, desired) = wanted(&world, &spec, &request).await.map_err(unsent)?;
    let kind = if event.is_some() { Kind::Rule } else { Kind::Alarm };
    let key = choose(&desired.state, kind, args)?;
    let region = key.region().cloned().unwrap_or_else(Region::us_east_1);
    let topic = ResourceKey::topic(&region, &spec.topic.name);
    let audience = audience(&world, &desired.state, &topic, global).await?;
    if audience.confirmed.is_empty() && !args.to_queue {
        return nobody(&audience, &topic, global);
    }
    let number = run_number();
    let test = match &event {
        Some(event) => {
            awake(&world, &key, event, global).await?;
            let given = given.as_deref();
            let now = Timestamp::now();
            let asked = EventAsked {
                spec: &spec,
                event,
                who: &who,
                region: &region,
                given,
                run: number,
                now,
            };
            Test::Event(Box::new(event_test(&asked).map_err(refused)?))
        }
        None => {
            let now = world.alarm_now(&key).await.map_err(unsent)?;
            let now = now.ok_or_else(|| not_there("alarm", &key, global))?;
            Test::Alarm(alarm_test(&key, &now, &topic, spec.language).map_err(refused)?)
        }
    };
    let witness = if args.to_queue { Witness::Must } else { Witness::IfAllowed };
    let (stack, name) = (spec.stack.clone(), args.name.clone());
    let errand = Errand { stack, name, who, topic, test, witness, run: number };
    let say = |line: String| if global.json { print::err(&line) } else { print::out(&line) };
    for line in show::send::beginning(&errand, &audience.confirmed) {
        say(line);
    }
    let report = go(&world, &errand, say).await;
    world.save()?;
    if global.json {
        print::out(&print::json(&show::send::document(&errand, &audience, &report)));
    } else {
        print::out(&show::send::end(&errand, &audience, &report));
    }
    finish(report, &world, global)
}

/// Carries it out; the local account answers at once, and waits for nothing.
async fn go(world: &World, errand: &Errand, say: impl Fn(String)) -> Report {
    let stop = Stop::on_ctrl_c("stopping: what was made is removed first (Ctrl-C again: at once)");
    let on = |told: Told<'_>| say(show::send::step(told));
    match world {
        World::Aws(aws) => carry_out(aws.as_ref(), errand, &Clock::new(stop), on).await,
        World::Local(session) => carry_out(&session.cloud, errand, &NoTime::new(stop), on).await,
    }
}

fn finish(report: Report, world: &World, global: &Global) -> Ended {
    if let World::Local(session) = world {
        for path in session.written().iter().filter(|_| !global.json) {
            print::out(&format!("wrote {}", spec_file::show_path(path)));
        }
    }
    let Report { proof, error, interrupted, left, puts: _, may_have_sent } = report;
    if !left.is_empty() {
        print::err(&show::send::left_behind(&left, global.on_local()));
    }
    if interrupted {
        print::err(&format!("interrupted: nothing was proven; {}", sent(may_have_sent)));
        return Ok(INTERRUPTED);
    }
    if let Some(error) = error {
        return Err(Failure::with(error, sent(may_have_sent)));
    }
    if !left.is_empty() {
        return Ok(ERROR);
    }
    Ok(match proof {
        Some(Proof::Received { .. } | Proof::Sent) => DONE,
        Some(Proof::Differs { .. } | Proof::Silent) | None => PENDING,
    })
}

/// What is known of the mail where the test did not come to its end.
fn sent(may_have_been: bool) -> &'static str {
    if may_have_been { "a test mail may have been sent" } else { "nothing was sent" }
}

/// A number of this run: two runs that begin in the same moment have different processes.
fn run_number() -> Run {
    let now = Timestamp::now().as_nanosecond().to_le_bytes();
    let now = u32::from_le_bytes([now[0], now[1], now[2], now[3]]);
    Run(now ^ std::process::id().rotate_left(16))
}

/// The file with nothing but one notification, so that nothing else is asked for.
struct Notification {
    spec: Spec,
    /// The event, where it is one.
    event: Option<EventSpec>,
}

fn only(spec: &Spec, name: &str) -> Result<Notification, Failure> {
    let event = spec.events.iter().find(|event| event.name.as_str() == name).cloned();
    let is_named = |alarm: &&AlarmSpec| alarm.name.as_str() == name;
    let alarm = spec.alarms.iter().find(is_named).filter(|_| event.is_none()).cloned();
    if event.is_none() && alarm.is_none() {
        let events = spec.events.iter().map(|event| event.name.to_string());
        let alarms = spec.alarms.iter().map(|alarm| alarm.name.to_string());
        let known: Vec<String> = events.chain(alarms).collect();
        let help = if known.is_empty() {
            "add `[[events]]` or `[[alarms]]`".to_owned()
        } else {
            format!("it has {}", known.join(", "))
        };
        return Err(Failure::new(
            format!("the file has no notification `{name}`; nothing was sent"),
            help,
        ));
    }
    let mut spec = spec.clone();
    // Other events stay: some may take the test, too. They ask nothing of AWS.
    spec.alarms = alarm.into_iter().collect();
    Ok(Notification { spec, event })
}

/// The rule or alarm that is tested: in the first region that has it.
fn choose(desired: &State, kind: Kind, args: &Args) -> Result<ResourceKey, Failure> {
    let is_asked = |key: &&ResourceKey| match (kind, &args.alarm) {
        (Kind::Alarm, Some(alarm)) => key.name == *alarm,
        (Kind::Alarm, None) => true,
        _ => key.name == args.name,
    };
    let all = || desired.keys().filter(|key| key.kind == kind);
    if let Some(key) = all().find(is_asked) {
        return Ok(key.clone());
    }
    let known: Vec<&str> = all().map(|key| key.name.as_str()).collect();
    Err(match (kind, &args.alarm) {
        (Kind::Alarm, Some(alarm)) => Failure::new(
            format!("{} has no alarm {alarm}; nothing was sent", args.name),
            format!("it has {}", known.join(", ")),
        ),
        (Kind::Alarm, None) => Failure::new(
            format!("{} has no alarm in this account; nothing was sent", args.name),
            "`notify-cli plan` says why its web ACL has none",
        ),
        _ => Failure::new(
            format!("{} is not in this region; nothing was sent", args.name),
            "take another --region, or none",
        ),
    })
}

/// Who gets the mail, and who would.
pub(crate) struct Audience {
    /// Addresses of all protocols that get it.
    pub(crate) confirmed: Vec<String>,
    /// Addresses that have not confirmed.
    pub(crate) pending: Vec<String>,
    /// Addresses of the file that are nowhere.
    lost: Vec<String>,
}

async fn audience(
    world: &World,
    desired: &State,
    topic: &ResourceKey,
    global: &Global,
) -> Result<Audience, Failure> {
    let there = world.subscriptions(topic).await.map_err(unsent)?;
    let there = there.ok_or_else(|| not_there("topic", topic, global))?;
    let of = |status: SubscriptionStatus| -> Vec<String> {
        let with = |s: &&Subscription| s.status.value() == Some(&status);
        there.iter().filter(with).map(|s| s.endpoint.clone()).collect()
    };
    let (confirmed, pending) = (of(SubscriptionStatus::Confirmed), of(SubscriptionStatus::Pending));
    let found = BTreeMap::from([(topic.clone(), Some(there))]);
    let lost = readers(desired, &found).into_iter().filter(|reader| reader.topic == *topic);
    let lost =
        lost.filter(|reader| matches!(reader.standing, Standing::Left | Standing::NotInvited));
    let lost = lost.map(|reader| reader.endpoint).collect();
    Ok(Audience { confirmed, pending, lost })
}

/// Nobody has confirmed: whoever has been asked can still be waited for.
fn nobody(audience: &Audience, topic: &ResourceKey, global: &Global) -> Ended {
    let local = global.on_local();
    let place = format!("{} in {}", topic.name, topic.place);
    if audience.pending.is_empty() {
        let (who, help) = if audience.lost.is_empty() {
            (String::new(), "add `[[subscriptions]]` to the file, or use --to-queue".to_owned())
        } else {
            let names = audience.lost.join(", ");
            let again = audience.lost.join(" --resubscribe ");
            (
                format!("; {names} left, or did not answer in time"),
                format!(
                    "`notify-cli setup{local} --resubscribe {again}` invites them again; --to-queue needs nobody"
                ),
            )
        };
        return Err(Failure::new(
            format!("nobody gets mail of {place}{who}; nothing was sent"),
            help,
        ));
    }
    let waiting = audience.pending.join(", ");
    let text = format!("nobody has confirmed {place} yet: {waiting}; nothing was sent");
    print::err(&print::clean(&text));
    print::err(&format!(
        "  help: `notify-cli confirm -{local}` takes the link of the mail, `notify-cli wait{local}` waits for it; --to-queue needs nobody"
    ));
    Ok(PENDING)
}

/// Refuses a rule that is not there or does nothing: a test would prove what is not so.
async fn awake(
    world: &World,
    key: &ResourceKey,
    event: &EventSpec,
    global: &Global,
) -> Result<(), Failure> {
    let state = world.rule_state(key).await.map_err(unsent)?;
    let state = state.ok_or_else(|| not_there("rule", key, global))?;
    let local = global.on_local();
    if !event.enabled {
        return Err(Failure::new(
            format!(
                "{} has `enabled = false`: a real event causes no mail; nothing was sent",
                key.name
            ),
            format!("remove it and run `notify-cli setup{local}`"),
        ));
    }
    if state == RuleState::Disabled {
        return Err(Failure::new(
            format!(
                "the rule {} is disabled: a real event causes no mail; nothing was sent",
                key.name
            ),
            format!(
                "a muted one is woken by `notify-cli unmute {}{local}`, any other by `notify-cli setup{local}`",
                key.name
            ),
        ));
    }
    Ok(())
}

fn not_there(what: &str, key: &ResourceKey, global: &Global) -> Failure {
    Failure::new(
        format!("there is no {what} {} in {}; nothing was sent", key.name, key.place),
        format!("`notify-cli setup{}` makes it", global.on_local()),
    )
}

fn unsent(failure: impl Into<Failure>) -> Failure {
    Failure::with(failure, "nothing was sent")
}

fn refused(refusal: Refusal) -> Failure {
    unsent(Failure::new(refusal.message, refusal.help))
}

/// Time as it passes.
struct Clock {
    begin: Instant,
    stop: Arc<Stop>,
}

impl Clock {
    fn new(stop: Arc<Stop>) -> Self {
        Self { begin: Instant::now(), stop }
    }
}

impl Time for Clock {
    fn now(&self) -> Duration {
        self.begin.elapsed()
    }

    async fn rest(&self, how_long: Duration) {
        self.stop.rest(how_long).await;
    }

    fn is_over(&self) -> bool {
        self.stop.is_pressed()
    }
}

/// Time as it would pass: the local account has nothing to wait for.
struct NoTime {
    passed: Mutex<Duration>,
    stop: Arc<Stop>,
}

impl NoTime {
    fn new(stop: Arc<Stop>) -> Self {
        Self { passed: Mutex::default(), stop }
    }
}

impl Time for NoTime {
    fn now(&self) -> Duration {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn rest(&self, how_long: Duration) {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner) += how_long;
    }

    fn is_over(&self) -> bool {
        self.stop.is_pressed()
    }
}
