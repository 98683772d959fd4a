//! Carries a test out, and removes again what it has made.

use super::errand::{EVERY, Errand, PATIENCE, SETTLE, Test, UNSEEN, Witness};
use super::leftovers::{end, listeners, removal};
use super::made::{Listens, Made, is_passing, remove};
use super::{AlarmTest, EventTest, message, reason};
use crate::aws::{AlarmState, Arn};
use crate::plan::Change;
use crate::provider::{ErrorClass, Provider, ProviderError, Trial};
use crate::state::{ResourceKey, is_temporary};
use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

/// How long a look into the queue lasts: whoever presses Ctrl-C waits for its end.
const A_LOOK: Duration = Duration::from_secs(2);

/// Time, and whoever is waiting: core has no clock.
pub trait Time: Sync {
    /// How long it is since some moment.
    fn now(&self) -> Duration;

    /// Waits; ends early where [`Time::is_over`] turns true.
    fn rest(&self, how_long: Duration) -> impl Future<Output = ()> + Send;

    /// Whether somebody wants it to end. What was made is removed all the same.
    fn is_over(&self) -> bool;
}

/// What has happened, as it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<'a> {
    /// Something that an earlier run had left is gone.
    Cleared(&'a ResourceKey),
    /// Something exists for a while.
    Made(&'a ResourceKey),
    /// No queue may watch, and why.
    Unwatched(&'a str),
    /// The one event is put so much later, because nobody can see when the rule is live.
    Waits(Duration),
    /// The event was put, for so many times.
    Put(u32),
    /// The event could not be put this time; it is tried again.
    NotPut(&'a str),
    /// Nobody can look into the queue, and why; it is tried again, and meanwhile nothing is put.
    NotSeen(&'a str),
    /// The alarm has this state now.
    Set(AlarmState),
    /// The message is there.
    Received,
    /// Something that was made is gone again.
    Removed(&'a ResourceKey),
}

/// What is known in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The topic has sent what it should.
    Received {
        /// The message.
        message: String,
        /// How long it took since the first event.
        after: Duration,
    },
    /// The topic has sent something else, and not what it should.
    Differs {
        /// The message.
        message: String,
    },
    /// Nothing came out of the topic.
    Silent,
    /// It is on its way; nobody could watch.
    Sent,
}

/// How a test went.
#[derive(Debug, Default)]
pub struct Report {
    /// What is known; nothing where it did not get that far.
    pub proof: Option<Proof>,
    /// What stopped it.
    pub error: Option<ProviderError>,
    /// How many times the event was put.
    pub puts: u32,
    /// Whether something may have come out of the topic.
    pub may_have_sent: bool,
    /// Whether it was ended by [`Time::is_over`].
    pub interrupted: bool,
    /// What could not be removed or set back, and why.
    pub left: Vec<(ResourceKey, ProviderError)>,
}

impl Report {
    /// Whether the mail is proven to have left, or is on its way, and nothing is left behind.
    pub fn is_well(&self) -> bool {
        matches!(self.proof, Some(Proof::Received { .. } | Proof::Sent)) && self.left.is_empty()
    }
}

/// Carries a test out.
///
/// What an earlier run has left behind is removed first. Then the queue, the rule and the event, or
/// the alarm; then all is removed and set back, whatever happened.
pub async fn run<W: Provider + Trial>(
    world: &W,
    errand: &Errand,
    time: &impl Time,
    mut on: impl FnMut(Told<'_>),
) -> Report {
    let mut report = Report::default();
    if let Err(error) = clear(world, errand, &mut on).await {
        report.error = Some(error);
        return report;
    }
    let mut made = Made::default();
    match attempt(world, errand, time, &mut made, &mut report, &mut on).await {
        Ok(proof) => report.proof = proof,
        Err(error) => report.error = Some(error),
    }
    report.interrupted = report.proof.is_none() && report.error.is_none();
    report.left = remove(world, errand, time, made, &mut on).await;
    report
}

/// Removes what earlier runs have left: first the subscriptions, then what they lead to.
async fn clear<W: Provider + Trial>(
    world: &W,
    errand: &Errand,
    on: &mut impl FnMut(Told<'_>),
) -> Result<(), ProviderError> {
    let Some(region) = errand.topic.region() else { return Ok(()) };
    let mut keys: BTreeSet<ResourceKey> =
        world.temporary(region, &errand.stack).await?.into_iter().collect();
    // What was made a moment ago need not be listed by its tag yet.
    if let Test::Event(test) = &errand.test
        && let Some(rule) = &test.temporary
    {
        let owners = world.owners(std::slice::from_ref(&rule.key)).await?;
        let ours = |tags: &&_| is_temporary(tags, &errand.stack);
        keys.extend(owners.get(&rule.key).filter(ours).map(|_| rule.key.clone()));
    }
    let there = world.subscriptions(&errand.topic).await?.unwrap_or_default();
    let listening = listeners(&errand.stack, &there);
    let ends = listening.map(|(queue, arn)| end(&errand.topic, queue, arn));
    for change in ends.chain(keys.iter().filter_map(removal)) {
        execute(world, &change).await?;
        on(Told::Cleared(&change.key));
    }
    Ok(())
}

pub(super) async fn execute<W: Provider>(world: &W, change: &Change) -> Result<(), ProviderError> {
    match world.execute(&[change]).await.pop() {
        Some(answer) => answer.map(|_| ()),
        None => Err(ProviderError::new(ErrorClass::Other, "", change.key.to_string(), "no answer")),
    }
}

/// The test itself; nothing where it was interrupted.
async fn attempt<W: Provider + Trial>(
    world: &W,
    errand: &Errand,
    time: &impl Time,
    made: &mut Made,
    report: &mut Report,
    on: &mut impl FnMut(Told<'_>),
) -> Result<Option<Proof>, ProviderError> {
    let queue = watch(world, errand, made, on).await?;
    if queue.is_some() {
        time.rest(SETTLE).await;
    }
    if time.is_over() {
        return Ok(None);
    }
    let course = Course { errand, queue: queue.as_ref(), time };
    match &errand.test {
        Test::Event(test) => {
            if let Some(change) = errand.make_rule() {
                made.rule = Some(change.key.clone());
                let answer = execute(world, &change).await;
                if matches!(&answer, Err(error) if error.class == ErrorClass::Conflict) {
                    // Somebody else's: it stays.
                    made.rule = None;
                }
                answer?;
                on(Told::Made(&change.key));
            }
            course.put(world, test, report, on).await
        }
        Test::Alarm(test) => course.set_off(world, test, made, report, on).await,
    }
}

/// Makes the queue that watches, if that is allowed.
async fn watch<W: Provider + Trial>(
    world: &W,
    errand: &Errand,
    made: &mut Made,
    on: &mut impl FnMut(Told<'_>),
) -> Result<Option<ResourceKey>, ProviderError> {
    let queue = errand.queue().map_err(|refusal| {
        ProviderError::new(ErrorClass::Invalid, "", errand.name.clone(), refusal.message)
    })?;
    made.queue = Some(queue.clone());
    let answer = async {
        execute(world, &errand.make_queue(&queue)).await?;
        on(Told::Made(&queue));
        made.listens = Listens::Perhaps;
        made.listens = Listens::By(world.listen(&errand.topic, &queue).await?);
        Ok::<(), ProviderError>(())
    };
    match answer.await {
        Ok(()) => Ok(Some(queue)),
        Err(error)
            if error.class == ErrorClass::AccessDenied && errand.witness == Witness::IfAllowed =>
        {
            on(Told::Unwatched(&error.to_string()));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// What looking into the queue came to.
enum Look {
    /// What was waited for is there.
    Found(String),
    /// It is not.
    Nothing,
    /// Nobody could look.
    Blind(ProviderError),
}

/// Whether what was asked for may have happened: it was refused only where AWS says so.
fn may_have_come_in<A>(answer: &Result<A, ProviderError>) -> bool {
    match answer {
        Ok(_) => true,
        Err(error) => matches!(error.class, ErrorClass::Other | ErrorClass::Conflict),
    }
}

/// What a test in progress knows.
struct Course<'a, T> {
    errand: &'a Errand,
    queue: Option<&'a ResourceKey>,
    time: &'a T,
}

impl<T: Time> Course<'_, T> {
    /// Puts the event until it has arrived.
    async fn put<W: Trial>(
        &self,
        world: &W,
        test: &EventTest,
        report: &mut Report,
        on: &mut impl FnMut(Told<'_>),
    ) -> Result<Option<Proof>, ProviderError> {
        let Self { errand, queue, time } = self;
        let Some(region) = errand.topic.region() else { return Ok(None) };
        // Where others take the event, too, each time that it is put is a mail of theirs.
        if test.temporary.is_some() && (queue.is_none() || !test.also.is_empty()) {
            on(Told::Waits(UNSEEN));
            time.rest(UNSEEN).await;
            if time.is_over() {
                return Ok(None);
            }
        }
        let Some(queue) = queue else {
            report.puts += 1;
            let answer = world.put_event(region, &test.entry).await;
            report.may_have_sent = may_have_come_in(&answer);
            answer?;
            on(Told::Put(report.puts));
            return Ok(Some(Proof::Sent));
        };
        let begin = time.now();
        let mut other = None;
        // Why the last event could not be put, as long as none could.
        let (mut was_put, mut unput) = (false, None);
        // Why nobody could look since the last event.
        let mut unseen: Option<ProviderError> = None;
        while time.now().saturating_sub(begin) < PATIENCE {
            // Another message than ours may be ours and wrong, and ours may be in a queue that cannot
            // be read: no reader is to get many of them.
            if other.is_none() && unseen.is_none() {
                report.puts += 1;
                let answer = world.put_event(region, &test.entry).await;
                report.may_have_sent |= may_have_come_in(&answer);
                match answer {
                    Ok(_) => {
                        on(Told::Put(report.puts));
                        (was_put, unput) = (true, None);
                    }
                    // It may have come in all the same: the queue will know.
                    Err(error) if is_passing(error.class) => {
                        on(Told::NotPut(&error.to_string()));
                        unput = Some(error).filter(|_| !was_put);
                    }
                    Err(error) => return Err(error),
                }
            } else if time.now().saturating_sub(begin) >= EVERY * (report.puts + 1)
                && unseen.is_none()
            {
                break;
            }
            let since = time.now();
            match self.look(world, queue, since, EVERY, &mut other).await? {
                Look::Found(message) => {
                    on(Told::Received);
                    let after = time.now().saturating_sub(begin);
                    return Ok(Some(Proof::Received { message, after }));
                }
                Look::Nothing => unseen = None,
                Look::Blind(error) => {
                    if unseen.is_none() {
                        on(Told::NotSeen(&error.to_string()));
                    }
                    unseen = Some(error);
                }
            }
            if time.is_over() {
                return Ok(None);
            }
        }
        match (other, unseen.or(unput)) {
            (Some(message), _) => Ok(Some(Proof::Differs { message })),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(Some(Proof::Silent)),
        }
    }

    /// Sets the alarm off, and waits for what it says.
    async fn set_off<W: Trial>(
        &self,
        world: &W,
        test: &AlarmTest,
        made: &mut Made,
        report: &mut Report,
        on: &mut impl FnMut(Told<'_>),
    ) -> Result<Option<Proof>, ProviderError> {
        let AlarmTest { alarm, before, is_in_alarm, language, .. } = test;
        let reason = reason(*language, *before);
        // Only a change is told of.
        let first = is_in_alarm.then_some(AlarmState::Ok);
        let begin = self.time.now();
        for state in first.into_iter().chain([AlarmState::Alarm]) {
            let was = (made.touched, made.alarm);
            (made.touched, made.alarm) = (true, None);
            let answer = world.set_alarm_state(alarm, state, &reason).await;
            report.may_have_sent |= may_have_come_in(&answer);
            if let Err(error) = answer {
                if !is_passing(error.class) {
                    // It was refused: the state is as it was.
                    (made.touched, made.alarm) = was;
                }
                return Err(error);
            }
            made.alarm = Some(state);
            on(Told::Set(state));
        }
        let Some(queue) = self.queue else { return Ok(Some(Proof::Sent)) };
        let mut other = None;
        let found = self.look(world, queue, begin, PATIENCE, &mut other).await?;
        let after = self.time.now().saturating_sub(begin);
        Ok(match found {
            Look::Found(message) => {
                on(Told::Received);
                Some(Proof::Received { message, after })
            }
            _ if self.time.is_over() => None,
            Look::Nothing => Some(Proof::Silent),
            Look::Blind(error) => return Err(error),
        })
    }

    /// Looks into the queue for what is expected, as long as it takes and no longer than told.
    /// Another message of the topic is kept, the first one. Who could look once has looked.
    async fn look<W: Trial>(
        &self,
        world: &W,
        queue: &ResourceKey,
        since: Duration,
        at_most: Duration,
        other: &mut Option<String>,
    ) -> Result<Look, ProviderError> {
        let Self { errand, time, .. } = self;
        let expected = errand.test.expected();
        let Some(topic): Option<Arn> = errand.topic.arn(&errand.who) else {
            return Ok(Look::Nothing);
        };
        let (mut seen, mut unseen) = (false, None);
        loop {
            let begin = time.now();
            let left = at_most.saturating_sub(begin.saturating_sub(since));
            match world.receive(queue, left.min(A_LOOK)).await {
                Ok(bodies) => {
                    seen = true;
                    for text in bodies.iter().filter_map(|body| message(body, &topic)) {
                        if expected.is(&text) {
                            return Ok(Look::Found(text));
                        }
                        if !expected.tells_others_apart() && other.is_none() {
                            *other = Some(text);
                        }
                    }
                }
                Err(error) if is_passing(error.class) => unseen = Some(error),
                Err(error) => return Err(error),
            }
            // A queue need not wait as long as it was asked to.
            let rest = left.min(A_LOOK).saturating_sub(time.now().saturating_sub(begin));
            if !rest.is_zero() {
                time.rest(rest).await;
            }
            if time.is_over() || time.now().saturating_sub(since) >= at_most {
                return Ok(match unseen {
                    Some(error) if !seen => Look::Blind(error),
                    _ => Look::Nothing,
                });
            }
        }
    }
}
