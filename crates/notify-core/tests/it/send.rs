//! A test through the real path, in an account in memory where calls fail, and programs are killed.

use futures_util::FutureExt;
use notify_core::aws::waf::WebAcl;
use notify_core::aws::{AlarmState, Identity, Region, RuleName, StackName, Tags, Token, tags};
use notify_core::local::LocalCloud;
use notify_core::plan::{Change, Request, Step, prepare};
use notify_core::provider::{
    AlarmNow, Done, ErrorClass, EventEntry, Provider, ProviderError, Trial, apply,
};
use notify_core::send::{
    EVERY, Errand, EventAsked, Expected, PATIENCE, Proof, Refusal, Report, Run, SOURCE, Test, Time,
    Told, UNSEEN, Witness, alarm_test, event_test, run,
};
use notify_core::spec::{Format, Spec, parse};
use notify_core::state::{ResourceKey, RuleState, Scope, State, Subscription, WebAclQuery};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

const FILE: &str = r#"
stack = "shop"
regions = ["eu-west-1"]
[topic]
name = "alerts"
[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"
[[events]]
name = "lost"
pattern = '{"source": ["shop"], "detail-type": ["Order"], "account": ["999999999999"], "detail": {"state": ["lost"]}}'
message = "<$.detail.id> <$.time> <$.id> <$.account>"
[[events]]
name = "any"
pattern = '{"detail-type": ["Other"]}'
[[alarms]]
name = "errors"
namespace = "AWS/Lambda"
metric = "Errors"
statistic = "Sum"
period = "5m"
comparison = ">="
threshold = 1
"#;

fn spec(text: &str) -> Spec {
    let parsed = parse(text, Format::Toml);
    parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings))
}

fn region() -> Region {
    Region::parse("eu-west-1").unwrap()
}

/// Set up, with everybody confirmed.
fn cloud(spec: &Spec) -> LocalCloud {
    let cloud = LocalCloud::default();
    cloud.set_time("2026-11-24T10:00:00Z".parse().unwrap());
    let plan = prepare(&cloud, spec, &Request::setup(None)).now_or_never().unwrap().unwrap();
    assert!(apply(&cloud, &plan, || false, |_| {}).now_or_never().unwrap().is_complete());
    cloud.confirm("ops@example.com");
    cloud.take_mails();
    cloud
}

fn topic(spec: &Spec) -> ResourceKey {
    ResourceKey::topic(&region(), &spec.topic.name)
}

fn asked(spec: &Spec, name: &str, given: Option<&str>) -> Result<Test, Refusal> {
    let event = spec.events.iter().find(|event| event.name.as_str() == name).unwrap();
    let cloud = LocalCloud::default();
    let asked = EventAsked {
        spec,
        event,
        who: cloud.who(),
        region: &region(),
        given,
        run: Run(7),
        now: "2026-11-24T10:00:00Z".parse().unwrap(),
    };
    event_test(&asked).map(Box::new).map(Test::Event)
}

fn errand(spec: &Spec, test: Test, number: u32) -> Errand {
    Errand {
        stack: spec.stack.clone(),
        name: "lost".to_owned(),
        who: LocalCloud::default().who().clone(),
        topic: topic(spec),
        test,
        witness: Witness::IfAllowed,
        run: Run(number),
    }
}

fn alarm(spec: &Spec, world: &World<'_>) -> Test {
    let key = ResourceKey::alarm(&region(), &spec.alarms[0].name);
    let now = world.alarm_now(&key).now_or_never().unwrap().unwrap().unwrap();
    Test::Alarm(alarm_test(&key, &now, &topic(spec), spec.language).unwrap())
}

/// Time that passes when somebody rests.
#[derive(Default)]
struct Virtual {
    passed: Mutex<Duration>,
    over_at: Option<Duration>,
}

impl Time for Virtual {
    fn now(&self) -> Duration {
        *self.passed.lock().unwrap()
    }

    async fn rest(&self, how_long: Duration) {
        *self.passed.lock().unwrap() += how_long;
    }

    fn is_over(&self) -> bool {
        self.over_at.is_some_and(|at| self.now() >= at)
    }
}

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The program is gone before it.
    Killed,
    /// It is carried out, and the answer does not come.
    AnswerLost,
    /// It is refused, in this way, and not carried out.
    Refused(ErrorClass),
}

/// An account in memory whose calls can go wrong: each step of a change is one.
struct World<'a> {
    cloud: &'a LocalCloud,
    calls: Mutex<Vec<String>>,
    /// Which call, and what.
    fault: Option<(usize, Fault)>,
    /// All calls of an operation.
    denied: Option<&'static str>,
    /// All calls of an operation, in a way that may pass.
    failing: Option<&'static str>,
    /// So many events come to nothing before the rule is live.
    deaf: Mutex<usize>,
    /// CloudWatch keeps reasons; the local account has no use for them.
    reasons: Mutex<BTreeMap<String, String>>,
    /// What the topic sends besides.
    noise: Option<&'static str>,
}

impl<'a> World<'a> {
    fn of(cloud: &'a LocalCloud) -> Self {
        Self {
            cloud,
            calls: Mutex::default(),
            fault: None,
            denied: None,
            failing: None,
            deaf: Mutex::new(0),
            reasons: Mutex::default(),
            noise: None,
        }
    }

    async fn call<T>(
        &self,
        operation: &str,
        does: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(operation.to_owned());
            calls.len() - 1
        };
        let error = |class| Err(ProviderError::new(class, operation, "", "by the test"));
        if self.denied == Some(operation) {
            return error(ErrorClass::AccessDenied);
        }
        if self.failing == Some(operation) {
            return error(ErrorClass::Other);
        }
        match self.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault) {
            None => does.await,
            Some(Fault::Killed) => std::future::pending().await,
            Some(Fault::Refused(class)) => error(class),
            Some(Fault::AnswerLost) => {
                drop(does.await);
                error(ErrorClass::Other)
            }
        }
    }

    fn count(&self, operation: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|call| *call == operation).count()
    }
}

impl Provider for World<'_> {
    async fn identity(&self) -> Result<Identity, ProviderError> {
        self.cloud.identity().await
    }

    async fn web_acl(&self, query: &WebAclQuery) -> Result<WebAcl, ProviderError> {
        self.cloud.web_acl(query).await
    }

    async fn observe(&self, scope: &Scope) -> Result<State, ProviderError> {
        self.cloud.observe(scope).await
    }

    async fn roles(&self, scope: &Scope) -> Result<State, ProviderError> {
        self.cloud.roles(scope).await
    }

    async fn mutes(&self, scope: &Scope) -> Result<State, ProviderError> {
        self.cloud.mutes(scope).await
    }

    async fn owners(
        &self,
        keys: &[ResourceKey],
    ) -> Result<BTreeMap<ResourceKey, Tags>, ProviderError> {
        self.call("owners", self.cloud.owners(keys)).await
    }

    async fn execute(&self, batch: &[&Change]) -> Vec<Result<Done, ProviderError>> {
        let [change] = batch else { panic!("one at a time") };
        for step in &change.steps {
            let one = Change { steps: vec![step.clone()], ..(*change).clone() };
            let name = format!("{step:?}");
            let name = name.split([' ', '{']).next().unwrap_or_default();
            let does = async { self.cloud.execute(&[&one]).await.pop().unwrap() };
            if let Err(error) = self.call(name, does).await {
                return vec![Err(error)];
            }
        }
        vec![Ok(Done::Complete)]
    }
}

impl Trial for World<'_> {
    async fn subscriptions(
        &self,
        topic: &ResourceKey,
    ) -> Result<Option<Vec<Subscription>>, ProviderError> {
        self.call("subscriptions", self.cloud.subscriptions(topic)).await
    }

    async fn confirm(&self, topic: &ResourceKey, token: &Token) -> Result<String, ProviderError> {
        Trial::confirm(self.cloud, topic, token).await
    }

    async fn temporary(
        &self,
        region: &Region,
        stack: &StackName,
    ) -> Result<Vec<ResourceKey>, ProviderError> {
        self.call("temporary", self.cloud.temporary(region, stack)).await
    }

    async fn rule_state(&self, rule: &ResourceKey) -> Result<Option<RuleState>, ProviderError> {
        self.cloud.rule_state(rule).await
    }

    async fn put_event(
        &self,
        region: &Region,
        event: &EventEntry,
    ) -> Result<String, ProviderError> {
        let does = async {
            let deaf = {
                let mut deaf = self.deaf.lock().unwrap();
                let was = *deaf;
                *deaf = was.saturating_sub(1);
                was > 0
            };
            if deaf { Ok(String::new()) } else { self.cloud.put_event(region, event).await }
        };
        self.call("put_event", does).await
    }

    async fn alarm_now(&self, alarm: &ResourceKey) -> Result<Option<AlarmNow>, ProviderError> {
        let now = self.cloud.alarm_now(alarm).await?;
        let reason = self.reasons.lock().unwrap().get(&alarm.name).cloned().unwrap_or_default();
        Ok(now.map(|now| AlarmNow { reason, ..now }))
    }

    async fn set_alarm_state(
        &self,
        alarm: &ResourceKey,
        to: AlarmState,
        reason: &str,
    ) -> Result<(), ProviderError> {
        let does = async {
            self.reasons.lock().unwrap().insert(alarm.name.clone(), reason.to_owned());
            Trial::set_alarm_state(self.cloud, alarm, to, reason).await
        };
        self.call("set_alarm_state", does).await
    }

    async fn listen(
        &self,
        topic: &ResourceKey,
        queue: &ResourceKey,
    ) -> Result<String, ProviderError> {
        self.call("listen", self.cloud.listen(topic, queue)).await
    }

    async fn receive(
        &self,
        queue: &ResourceKey,
        wait: Duration,
    ) -> Result<Vec<String>, ProviderError> {
        let noise = self.noise.map(|text| {
            let topic = "arn:aws:sns:eu-west-1:123456789012:alerts";
            format!(r#"{{"Type": "Notification", "TopicArn": "{topic}", "Message": "{text}"}}"#)
        });
        let does = async {
            let mut found = self.cloud.receive(queue, wait).await?;
            found.extend(noise);
            Ok(found)
        };
        self.call("receive", does).await
    }
}

/// Runs an errand to its end; `None` where it was killed.
fn go(world: &World<'_>, errand: &Errand) -> Option<Report> {
    run(world, errand, &Virtual::default(), |_| {}).now_or_never()
}

/// Everything in an account but the numbers that it has given out, and what it has measured.
fn all(cloud: &LocalCloud) -> Value {
    let mut regions = serde_json::to_value(cloud.cloud().regions).unwrap();
    for place in regions.as_object_mut().unwrap().values_mut() {
        let place = place.as_object_mut().unwrap();
        place.remove("metrics");
        place.remove("counts");
        for alarm in place["alarms"].as_object_mut().unwrap().values_mut() {
            alarm.as_object_mut().unwrap().remove("since");
        }
        place.retain(|_, kind| *kind != json!({}));
    }
    regions.as_object_mut().unwrap().retain(|_, place| *place != json!({}));
    regions
}

#[track_caller]
fn same(one: &LocalCloud, before: &Value) {
    assert_eq!(all(one), *before);
}

#[test]
fn a_test_arrives_and_leaves_nothing() {
    let spec = spec(FILE);
    let cloud = cloud(&spec);
    let before = all(&cloud);
    let world = World::of(&cloud);
    let errand = errand(&spec, asked(&spec, "lost", None).unwrap(), 1);
    let mut told = Vec::new();
    let time = Virtual::default();
    let report = run(&world, &errand, &time, |one| told.push(format!("{one:?}")));
    let report = report.now_or_never().unwrap();
    assert!(report.is_well() && report.error.is_none() && !report.interrupted, "{report:?}");
    let Some(Proof::Received { message, after }) = &report.proof else { panic!("{report:?}") };
    assert_eq!(*after, Duration::ZERO);
    assert!(message.starts_with("\"(id) 2026-11-24T10:00:00Z 0"), "{message}");
    assert!(message.ends_with(" 123456789012\""), "{message}");
    same(&cloud, &before);
    let mails = cloud.take_mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].body.starts_with(message.as_str()));
    let calls = world.calls.lock().unwrap();
    let expected = [
        "temporary",
        "owners",
        "subscriptions",
        "CreateQueue",
        "listen",
        "CreateRule",
        "PutTarget",
        "put_event",
        "receive",
        "RemoveTarget",
        "DeleteRule",
        "Unsubscribe",
        "DeleteQueue",
    ];
    assert_eq!(*calls, expected);
    let said: Vec<&str> = told.iter().map(|one| one.split('(').next().unwrap()).collect();
    assert_eq!(said, ["Made", "Made", "Put", "Received", "Removed", "Removed", "Removed"]);
}

#[test]
fn until_the_rule_is_live_the_event_is_put_again_and_read_once() {
    let spec = spec(FILE);
    for deaf in [1, 5, 11] {
        let cloud = cloud(&spec);
        let world = World { deaf: Mutex::new(deaf), ..World::of(&cloud) };
        let errand = errand(&spec, asked(&spec, "lost", None).unwrap(), 1);
        let report = go(&world, &errand).unwrap();
        let after = EVERY * u32::try_from(deaf).unwrap();
        let Some(Proof::Received { after: took, .. }) = report.proof else { panic!("{report:?}") };
        assert_eq!((took, report.puts), (after, u32::try_from(deaf).unwrap() + 1));
        assert_eq!(cloud.take_mails().len(), 1, "{deaf}");
    }
    // Two minutes, and no longer.
    let cloud = cloud(&spec);
    let before = all(&cloud);
    let world = World { deaf: Mutex::new(1000), ..World::of(&cloud) };
    let time = Virtual::default();
    let errand = errand(&spec, asked(&spec, "lost", None).unwrap(), 1);
    let report = run(&world, &errand, &time, |_| {}).now_or_never().unwrap();
    assert_eq!((report.proof.as_ref(), report.puts), (Some(&Proof::Silent), 12));
    assert!(!report.is_well());
    assert!(time.now() >= PATIENCE && time.now() < PATIENCE + EVERY, "{:?}", time.now());
    same(&cloud, &before);
}

#[test]
fn whoever_is_killed_leaves_what_the_next_one_removes() {
    let spec = spec(FILE);
    for which in ["event", "alarm"] {
        for at in 0.. {
            let cloud = cloud(&spec);
            let before = all(&cloud);
            let test = |world: &World<'_>| match which {
                "event" => asked(&spec, "lost", None).unwrap(),
                _ => alarm(&spec, world),
            };
            let mut world = World { fault: Some((at, Fault::Killed)), ..World::of(&cloud) };
            let killed = go(&world, &errand(&spec, test(&world), 1));
            if killed.is_some() {
                assert!(at > 8, "{which}: {at} calls");
                break;
            }
            // A plan takes it away, too, and calls it what it is.
            let plan = prepare(&cloud, &spec, &Request::setup(None)).now_or_never().unwrap();
            let plan = plan.unwrap();
            assert!(plan.changes().all(Change::clears_a_test), "{which} {at}: {plan:#?}");
            world.fault = None;
            let report = go(&world, &errand(&spec, test(&world), 2)).unwrap();
            assert!(report.is_well(), "{which} {at}: {report:?}");
            same(&cloud, &before);
            let plan = prepare(&cloud, &spec, &Request::setup(None)).now_or_never().unwrap();
            assert!(plan.unwrap().is_empty(), "{which} {at}");
        }
    }
}

#[test]
fn setup_and_destroy_remove_what_was_left() {
    let spec = spec(FILE);
    for request in [Request::setup(None), Request::destroy(None)] {
        let cloud = cloud(&spec);
        let before = all(&cloud);
        let world = World { fault: Some((8, Fault::Killed)), ..World::of(&cloud) };
        assert!(go(&world, &errand(&spec, asked(&spec, "lost", None).unwrap(), 1)).is_none());
        let place = &cloud.cloud().regions[&region()];
        assert_eq!((place.rules.len(), place.queues.len()), (3, 1));
        let plan = prepare(&cloud, &spec, &request).now_or_never().unwrap().unwrap();
        let report = apply(&cloud, &plan, || false, |_| {}).now_or_never().unwrap();
        assert!(report.is_complete(), "{report:?}");
        if request.thorough {
            assert_eq!(all(&cloud), json!({}));
        } else {
            same(&cloud, &before);
        }
    }
}

#[test]
fn a_lost_answer_leaves_nothing_and_mails_once() {
    let spec = spec(FILE);
    let key = ResourceKey::alarm(&region(), &spec.alarms[0].name);
    for which in ["event", "alarm", "in alarm"] {
        for at in 0..13 {
            let cloud = cloud(&spec);
            if which == "in alarm" {
                let set = Trial::set_alarm_state(&cloud, &key, AlarmState::Alarm, "x");
                set.now_or_never().unwrap().unwrap();
                cloud.take_mails();
            }
            let before = all(&cloud);
            let world = World { fault: Some((at, Fault::AnswerLost)), ..World::of(&cloud) };
            let test = match which {
                "event" => asked(&spec, "lost", None).unwrap(),
                _ => alarm(&spec, &world),
            };
            let report = go(&world, &errand(&spec, test, 1)).unwrap();
            assert!(report.left.is_empty(), "{which} {at}: {report:?}");
            same(&cloud, &before);
            assert!(cloud.take_mails().len() <= 1, "{which} {at}");
            let calls = world.calls.lock().unwrap();
            let passing = [
                "put_event",
                "receive",
                "RemoveTarget",
                "DeleteRule",
                "Unsubscribe",
                "DeleteQueue",
            ];
            if calls.get(at).is_some_and(|call| passing.contains(&call.as_str())) {
                assert!(report.is_well(), "{which} {at}: {report:?}");
            }
        }
    }
}

#[test]
fn a_refusal_is_said_and_what_was_made_goes() {
    let spec = spec(FILE);
    for class in
        [ErrorClass::AccessDenied, ErrorClass::Throttled, ErrorClass::Invalid, ErrorClass::Other]
    {
        for at in 0..13 {
            let cloud = cloud(&spec);
            let before = all(&cloud);
            let world = World { fault: Some((at, Fault::Refused(class))), ..World::of(&cloud) };
            let report =
                go(&world, &errand(&spec, asked(&spec, "lost", None).unwrap(), 1)).unwrap();
            let call = world.calls.lock().unwrap()[at].clone();
            let stuck = matches!(class, ErrorClass::AccessDenied | ErrorClass::Invalid)
                && matches!(
                    call.as_str(),
                    "RemoveTarget" | "DeleteRule" | "Unsubscribe" | "DeleteQueue"
                );
            assert_eq!(!report.left.is_empty(), stuck, "{class:?} {call}: {report:?}");
            if stuck {
                assert!(!report.is_well());
                let again = World::of(&cloud);
                let report = go(&again, &errand(&spec, asked(&spec, "lost", None).unwrap(), 2));
                assert!(report.unwrap().is_well());
            } else if report.error.is_none() {
                assert!(report.is_well(), "{class:?} {call}: {report:?}");
            }
            same(&cloud, &before);
        }
    }
}

#[test]
fn where_no_queue_may_watch_one_event_is_put_after_a_minute() {
    let spec = spec(FILE);
    for denied in ["CreateQueue", "listen"] {
        let cloud = cloud(&spec);
        let before = all(&cloud);
        let world = World { denied: Some(denied), ..World::of(&cloud) };
        let mut errand = errand(&spec, asked(&spec, "lost", None).unwrap(), 1);
        let time = Virtual::default();
        let mut waits = Vec::new();
        let report = run(&world, &errand, &time, |told| {
            if let Told::Waits(how_long) = told {
                waits.push(how_long);
            }
        });
        let report = report.now_or_never().unwrap();
        assert_eq!((report.proof.as_ref(), report.puts), (Some(&Proof::Sent), 1));
        assert!(report.is_well() && report.left.is_empty(), "{report:?}");
        assert_eq!((waits, time.now()), (vec![UNSEEN], UNSEEN));
        same(&cloud, &before);
        assert_eq!(cloud.take_mails().len(), 1);
        // Receipt is what it is about: then it is an error, and nothing is sent.
        errand.witness = Witness::Must;
        let report = go(&World { denied: Some(denied), ..World::of(&cloud) }, &errand).unwrap();
        assert!(report.error.is_some_and(|error| error.operation == denied));
        assert_eq!((report.proof, report.puts), (None, 0));
        same(&cloud, &before);
    }
}

#[test]
fn ctrl_c_removes_what_was_made() {
    let spec = spec(FILE);
    for (over_at, deaf, denied) in
        [(0, 0, None), (2, 0, None), (15, 99, None), (30, 0, Some("CreateQueue"))]
    {
        let cloud = cloud(&spec);
        let before = all(&cloud);
        let world = World { deaf: Mutex::new(deaf), denied, ..World::of(&cloud) };
        let time = Virtual { over_at: Some(Duration::from_secs(over_at)), ..Virtual::default() };
        let errand = errand(&spec, asked(&spec, "lost", None).unwrap(), 1);
        let report = run(&world, &errand, &time, |_| {}).now_or_never().unwrap();
        assert!(report.interrupted && report.proof.is_none(), "{over_at}: {report:?}");
        assert!(report.left.is_empty());
        same(&cloud, &before);
        if denied.is_some() {
            assert_eq!(world.count("put_event"), 0, "nobody is mailed after all");
        }
    }
}

/// Each time that the event is put may be a mail: who cannot see whether it came puts no other.
#[test]
fn while_nobody_can_look_nothing_more_is_put() {
    let spec = spec(FILE);
    for which in ["event", "alarm"] {
        let cloud = cloud(&spec);
        let before = all(&cloud);
        let world = World { failing: Some("receive"), ..World::of(&cloud) };
        let test = match which {
            "event" => asked(&spec, "lost", None).unwrap(),
            _ => alarm(&spec, &world),
        };
        let mut told = 0;
        let on = |told_of: Told<'_>| told += usize::from(matches!(told_of, Told::NotSeen(_)));
        let time = Virtual::default();
        let report = run(&world, &errand(&spec, test, 1), &time, on).now_or_never().unwrap();
        assert_eq!(report.error.map(|error| error.operation), Some("receive".to_owned()));
        assert!(report.proof.is_none() && report.may_have_sent && !report.interrupted);
        assert!(time.now() >= PATIENCE);
        assert_eq!((report.puts, told), if which == "event" { (1, 1) } else { (0, 0) });
        assert_eq!(cloud.take_mails().len(), 1, "{which}");
        same(&cloud, &before);
    }
}

#[test]
fn an_event_that_can_never_be_put_is_no_silent_topic() {
    let spec = spec(FILE);
    let cloud = cloud(&spec);
    let world = World { failing: Some("put_event"), ..World::of(&cloud) };
    let report = go(&world, &errand(&spec, asked(&spec, "lost", None).unwrap(), 1)).unwrap();
    assert_eq!(report.error.map(|error| error.operation), Some("put_event".to_owned()));
    // Its answers may have been lost.
    assert!(report.may_have_sent && report.puts == 12, "{}", report.puts);
}

#[test]
fn it_is_known_whether_a_mail_may_have_left() {
    let spec = spec(FILE);
    let check = |operation: &str, class, may: bool| {
        for which in ["event", "alarm"] {
            let cloud = cloud(&spec);
            let test = |world: &World<'_>| match which {
                "event" => asked(&spec, "lost", None).unwrap(),
                _ => alarm(&spec, world),
            };
            let world = World::of(&cloud);
            go(&world, &errand(&spec, test(&world), 1)).unwrap();
            let at = world.calls.lock().unwrap().iter().position(|call| call == operation);
            let Some(at) = at else { continue };
            let world = World { fault: Some((at, Fault::Refused(class))), ..World::of(&cloud) };
            let report = go(&world, &errand(&spec, test(&world), 2)).unwrap();
            assert!(report.error.is_some(), "{which} {operation} {report:?}");
            assert_eq!(report.may_have_sent, may, "{which} {operation} {class:?}");
        }
    };
    check("CreateQueue", ErrorClass::Other, false);
    check("CreateRule", ErrorClass::Other, false);
    check("put_event", ErrorClass::AccessDenied, false);
    check("set_alarm_state", ErrorClass::AccessDenied, false);
    check("set_alarm_state", ErrorClass::Throttled, false);
    check("set_alarm_state", ErrorClass::Other, true);
    check("receive", ErrorClass::AccessDenied, true);
}

#[test]
fn another_message_ends_the_putting() {
    let spec = spec(FILE);
    let cloud = cloud(&spec);
    let world = World { deaf: Mutex::new(1000), noise: Some("x"), ..World::of(&cloud) };
    let report = go(&world, &errand(&spec, asked(&spec, "lost", None).unwrap(), 1)).unwrap();
    assert_eq!(report.proof, Some(Proof::Differs { message: "x".to_owned() }));
    assert_eq!(report.puts, 1);
    // Where the right one comes after all, that counts.
    let world = World { noise: Some("x"), ..World::of(&cloud) };
    let report = go(&world, &errand(&spec, asked(&spec, "lost", None).unwrap(), 1)).unwrap();
    assert!(matches!(report.proof, Some(Proof::Received { .. })), "{report:?}");
    // An alarm's is told from others by itself.
    let world = World { noise: Some("x"), denied: Some("set_alarm_state"), ..World::of(&cloud) };
    let test = alarm(&spec, &world);
    let report = go(&world, &errand(&spec, test, 1)).unwrap();
    assert!(report.error.is_some() && report.left.is_empty(), "{report:?}");
}

#[test]
fn an_alarm_has_its_state_again() {
    let spec = spec(FILE);
    let key = ResourceKey::alarm(&region(), &spec.alarms[0].name);
    for before in [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData] {
        let cloud = cloud(&spec);
        let world = World::of(&cloud);
        Trial::set_alarm_state(&cloud, &key, before, "x").now_or_never().unwrap().unwrap();
        cloud.take_mails();
        let test = alarm(&spec, &world);
        let report = go(&world, &errand(&spec, test, 1)).unwrap();
        assert!(matches!(report.proof, Some(Proof::Received { .. })), "{before:?}: {report:?}");
        let now = world.alarm_now(&key).now_or_never().unwrap().unwrap().unwrap();
        assert_eq!(now.state, before);
        let mails = cloud.take_mails();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].subject, "ALARM: \"errors\" in EU (Ireland)");
        assert!(mails[0].body.contains("This is a test by notify-cli: nothing is wrong."));
        // Into ALARM and back, or out of it and into it again.
        assert_eq!(world.count("set_alarm_state"), 2, "{before:?}");
    }
}

#[test]
fn somebody_elses_rule_stays() {
    let spec = spec(FILE);
    let cloud = cloud(&spec);
    let test = asked(&spec, "lost", None).unwrap();
    let Test::Event(event) = &test else { panic!() };
    let made = event.temporary.clone().unwrap();
    let name = made.key.name.clone();
    let step = Step::CreateRule {
        name: name.clone(),
        rule: made.rule,
        tags: tags::ours(&StackName::parse("other").unwrap()),
    };
    cloud.call(&region(), &step).unwrap();
    let before = all(&cloud);
    let report = go(&World::of(&cloud), &errand(&spec, test, 1)).unwrap();
    assert!(report.error.is_some_and(|error| error.class == ErrorClass::Conflict));
    same(&cloud, &before);
}

#[test]
fn the_temporary_rule_is_the_notifications_with_a_source_of_ours() {
    let file = FILE.replace(
        r#"'{"detail-type": ["Other"]}'"#,
        r#"'{"$or": [{"source": ["aws.s3"]}, {"detail-type": ["Other"]}], "source": ["aws.s3"], "time": ["x"]}'"#,
    );
    let spec = spec(&file);
    let Test::Event(test) = asked(&spec, "lost", None).unwrap() else { panic!() };
    let made = test.temporary.unwrap();
    let pattern = made.rule.pattern.unwrap().to_value();
    let source = format!("{SOURCE}.00000007");
    let expected =
        json!({"source": [source], "detail-type": ["Order"], "detail": {"state": ["lost"]}});
    assert_eq!(pattern, expected);
    assert_eq!(made.target.input, *spec.events[0].content.input());
    assert_eq!(test.entry.source, source);
    assert_eq!(test.entry.time, None);
    assert_eq!(
        test.notes,
        ["what the pattern asks of account is left out: AWS fills it in, for every event"]
    );
    assert_eq!(test.expected.shown(), "\"(id) (time) (id) 123456789012\"");
    // A branch that asks of nothing but the source is open to all.
    let event = r#"{"source": "x", "detail-type": "T", "detail": {"n": 1.50}, "time": "2026-01-02T03:04:05Z", "resources": ["arn:x"]}"#;
    let Test::Event(test) = asked(&spec, "any", Some(event)).unwrap() else { panic!() };
    assert_eq!(
        test.temporary.unwrap().rule.pattern.unwrap().to_value(),
        json!({"source": [source]})
    );
    assert_eq!(test.entry.detail, r#"{"n": 1.50}"#, "its spelling stays");
    assert_eq!(test.entry.resources, ["arn:x"]);
    assert_eq!(test.entry.time, "2026-01-02T03:04:05Z".parse().ok());
    assert!(matches!(test.expected, Expected::Document(_)));
    assert!(test.expected.shown().contains("1.50"));
}

#[test]
fn where_others_take_the_event_too_the_rule_is_given_time_first() {
    let text = FILE.replace(r#"'{"detail-type": ["Other"]}'"#, r#"'{"detail-type": ["Order"]}'"#);
    let spec = spec_of(&text);
    let cloud = cloud(&spec);
    let world = World::of(&cloud);
    let time = Virtual::default();
    let errand = errand(&spec, asked(&spec, "lost", None).unwrap(), 1);
    let report = run(&world, &errand, &time, |_| {}).now_or_never().unwrap();
    // The other's message is in the queue as well.
    assert!(report.is_well() && report.puts == 1, "{report:?}");
    assert!(time.now() >= UNSEEN, "{:?}", time.now());
    assert_eq!(cloud.take_mails().len(), 2);
}

#[test]
fn a_rule_without_a_source_takes_the_test_itself() {
    let spec = spec(FILE);
    let Test::Event(test) = asked(&spec, "any", None).unwrap() else { panic!() };
    assert!(test.temporary.is_none() && test.notes.is_empty());
    let also = r#"{"source": "x", "detail-type": "Other", "detail": {"state": "lost"}}"#;
    let file = FILE.replace(r#""detail-type": ["Order"], "#, "");
    let other = spec_of(&file);
    let Test::Event(test) = asked(&other, "lost", Some(also)).unwrap() else { panic!() };
    assert_eq!(test.also.iter().map(RuleName::as_str).collect::<Vec<_>>(), ["any"]);
    let off = file.replace("name = \"any\"", "name = \"any\"\nenabled = false");
    let off = spec_of(&off);
    let Test::Event(test) = asked(&off, "lost", Some(also)).unwrap() else { panic!() };
    assert!(test.also.is_empty());
    let cloud = cloud(&spec);
    let world = World::of(&cloud);
    let report = go(&world, &errand(&spec, asked(&spec, "any", None).unwrap(), 1)).unwrap();
    assert!(report.is_well(), "{report:?}");
    assert_eq!((world.count("CreateRule"), cloud.take_mails().len()), (0, 1));
}

fn spec_of(text: &str) -> Spec {
    spec(text)
}

#[test]
fn what_would_not_arrive_is_refused_before_anything_is_made() {
    let spec = spec(FILE);
    let check = |event: &str, says: &str| {
        let refusal = asked(&spec, "lost", Some(event)).unwrap_err();
        assert!(refusal.message.contains(says), "{event}: {refusal}");
        assert!(!refusal.help.is_empty());
    };
    let good =
        r#"{"source": "shop", "detail-type": "Order", "detail": {"state": "lost", "id": "7"}}"#;
    assert!(asked(&spec, "lost", Some(good)).is_ok());
    check("", "the event cannot be read");
    check("[]", "the event cannot be read");
    check(&"[".repeat(100_000), "the event cannot be read");
    check("{}", "no `detail` that is a JSON object");
    check(r#"{"detail": [], "detail-type": "Order"}"#, "no `detail` that is a JSON object");
    check(r#"{"detail": {}}"#, "no `detail-type`");
    check(&good.replace("}}", r#"}, "time": "noon"}"#), "the event's `time` is none");
    check(&good.replace("lost\"", "found\""), "detail.state is \"found\", and not \"lost\"");
    check(&good.replace("Order", "Offer"), "detail-type is \"Offer\", and not \"Order\"");
    check(&good.replace("\"7\"", r#""say \"hello\"""#), "the mail would be lost on its way");
    let odd =
        FILE.replace(r#"{"state": ["lost"]}"#, r#"{"a": [{"anything-but": {"suffix": "else"}}]}"#);
    let odd = spec_of(&odd);
    let refusal = asked(&odd, "lost", None).unwrap_err();
    assert_eq!(refusal.message, "no sample event fits the pattern of lost");
    let deep = format!(
        r#"{{"detail-type": "Order", "detail": {{"state": "lost", "x": {}1{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    // Whatever it says of it, it says something.
    drop(asked(&spec, "lost", Some(&deep)));
}
