//! What notices that a notification was lost: `dead_letter`, `failure_alarm`, `heartbeat` and
//! `[fallback]`.

use super::alarms;
use super::fields::{Fields, Findings, text_of, wrong_kind};
use super::finding::Location;
use super::node::{Node, Value};
use super::topic::{self, subscriptions};
use super::{AlarmSpec, DeliveryKind, EventSpec, Language, Spec, SubscriptionSpec, TopicSpec};
use crate::aws::{
    AlarmName, Comparison, Dimensions, QueueName, RuleName, Schedule, StackName, TopicName,
    TreatMissingData, machine_name,
};
use crate::transform::Input;

/// What notices that a notification was lost. All of it is off unless the file names it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watch {
    /// The queue for what EventBridge could not deliver, with the alarm on what waits in it.
    pub dead_letter: Option<DeadLetterSpec>,
    /// The alarm on what SNS could not deliver.
    pub failure_alarm: Option<AlarmSpec>,
    /// The alarm on what the state machine could not publish, in each region that has one. Its
    /// dimension, the machine's ARN, is the region's.
    pub executions: Option<AlarmSpec>,
    /// The mail that comes while all is well.
    pub heartbeat: Option<Heartbeat>,
    /// Who is told of losses: a topic of its own, because a watcher must not depend on what it
    /// watches.
    pub fallback: Option<Fallback>,
}

/// A queue for what EventBridge could not deliver, in each region of the stack.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetterSpec {
    /// Its name.
    pub queue: QueueName,
    /// The alarm on what waits in it.
    pub alarm: AlarmSpec,
    /// Whether it is in each region of the stack. Where only the state machine needs it, it is where
    /// that one is.
    pub everywhere: bool,
}

/// A mail that comes by a schedule, the way that all notifications come.
#[derive(Debug, Clone, PartialEq)]
pub struct Heartbeat {
    /// The rule's name.
    pub rule: RuleName,
    /// The rule's description.
    pub description: String,
    /// When.
    pub schedule: Schedule,
    /// What is sent.
    pub input: Input,
    /// Whether what cannot be delivered of it goes to the queue.
    pub dead_letter: bool,
}

/// Who is told of losses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// The topic that is made in each region beside the file's own.
    pub topic: TopicSpec,
    /// Who is told.
    pub subscriptions: Vec<SubscriptionSpec>,
}

/// Seconds over which both alarms look: SNS reports its numbers every five minutes
/// ([metrics](https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html)).
const PERIOD: u32 = 300;
const MOST_RULE_NAME: usize = 64;
const HEARTBEAT: &str = "-heartbeat";
const FAILED: &str = "-delivery-failed";
/// A heartbeat that comes more often than every so many minutes is noise.
const A_DAY: u64 = 1_440;

/// What the top of the file says of it, before the sections are read.
#[derive(Debug, Default)]
pub(super) struct Switches<'n> {
    /// Whether events have the queue unless they say otherwise.
    pub(super) dead_letter: bool,
    dead_letter_at: Option<&'n Node>,
    queue: Option<QueueName>,
    failure_alarm: Option<&'n Node>,
    /// Whether one of them is written so that nobody knows whether it is on.
    unclear: bool,
    heartbeat: Option<(Schedule, &'n Node)>,
}

pub(super) fn switches<'n>(fields: &mut Fields<'n>, out: &mut Findings<'_>) -> Switches<'n> {
    let mut switches = Switches::default();
    if let Some(node) = fields.get("dead_letter") {
        switches.dead_letter_at = Some(node);
        match &node.value {
            Value::Bool(on) => switches.dead_letter = *on,
            Value::Text(name) => {
                switches.dead_letter = true;
                switches.queue = out.named(&node.at, QueueName::parse(name));
            }
            _ => {
                wrong_kind(node, "dead_letter", "true, or a queue's name in quotes", out);
                switches.unclear = true;
            }
        }
    }
    let failure_alarm = fields.bool("failure_alarm", out);
    switches.unclear |= failure_alarm.is_none() && fields.get("failure_alarm").is_some();
    switches.failure_alarm = fields.get("failure_alarm").filter(|_| failure_alarm == Some(true));
    if let Some(node) = fields.get("heartbeat") {
        let schedule = match &node.value {
            Value::Bool(false) => None,
            Value::Bool(true) => Some(Schedule::monthly()),
            Value::Text(text) => out.named(&node.at, Schedule::parse(text)),
            _ => {
                let write = "true, or a schedule such as \"cron(0 0 1 * ? *)\"";
                wrong_kind(node, "heartbeat", write, out);
                None
            }
        };
        if schedule.as_ref().and_then(Schedule::minutes).is_some_and(|every| every < A_DAY) {
            out.warn(
                &node.at,
                "the heartbeat comes more than once a day",
                "nobody reads so many: `true` is once a month",
            );
        }
        switches.heartbeat = schedule.map(|schedule| (schedule, node));
    }
    switches
}

/// What the rest of a file says, which the watch depends on.
pub(super) struct Rest<'s, 'n> {
    pub(super) stack: Option<&'s StackName>,
    pub(super) language: Language,
    pub(super) topic: Option<&'s TopicSpec>,
    pub(super) subscriptions: &'s [SubscriptionSpec],
    pub(super) events: &'s [EventSpec],
    pub(super) event_nodes: &'s [&'n Node],
    pub(super) alarms: &'s [AlarmSpec],
}

pub(super) fn watch(
    switches: Switches<'_>,
    fallback_at: Option<&Node>,
    rest: &Rest<'_, '_>,
    out: &mut Findings<'_>,
) -> Watch {
    let fallback = fallback_at.and_then(|node| fallback(node, rest, out));
    let own = rest.event_nodes.iter().find_map(|node| wants_queue(node));
    let queued = switches.dead_letter_at.filter(|_| switches.dead_letter).map(|node| &node.at);
    let queued = queued.or(own);
    let machine = machine_at(rest);
    let uses = [("dead_letter", queued), ("failure_alarm", switches.failure_alarm.map(|n| &n.at))];
    for (key, at) in uses {
        if let (Some(at), None) = (at, fallback_at) {
            out.error(
                at,
                format!("`{key}` has nobody to tell: the file has no `[fallback]`"),
                "add a table `[fallback]` with `[[fallback.subscriptions]]`: a watcher must not \
                 depend on what it watches",
            );
        }
    }
    let unused = machine.is_none() && uses.iter().all(|(_, at)| at.is_none()) && !switches.unclear;
    if let (Some(node), true) = (fallback_at, unused) {
        out.warn(
            &node.at,
            "nothing uses `[fallback]`",
            "add `dead_letter = true` or `failure_alarm = true` at the top of the file, or leave \
             the table out",
        );
    }
    let (Some(stack), Some(topic)) = (rest.stack, rest.topic) else { return Watch::default() };
    let words = Words { language: rest.language, stack };
    let dead_letter = queued.or(machine).and_then(|at| {
        let queue = switches.queue.map_or_else(|| default_queue(stack), Ok);
        let queue = out.named(at, queue)?;
        let alarm = words.depth_alarm(&queue)?;
        is_free(&alarm, rest, at, out);
        Some(DeadLetterSpec { queue, alarm, everywhere: queued.is_some() })
    });
    let executions = machine.and_then(|at| {
        let alarm = words.executions_alarm()?;
        is_free(&alarm, rest, at, out);
        Some(alarm)
    });
    let failure_alarm = switches.failure_alarm.and_then(|node| {
        let alarm = words.failure_alarm(&topic.name)?;
        is_free(&alarm, rest, &node.at, out);
        Some(alarm)
    });
    let heartbeat = switches.heartbeat.and_then(|(schedule, node)| {
        let rule = heartbeat_rule(stack)?;
        if rest.events.iter().any(|event| event.name == rule) {
            out.error(
                &node.at,
                format!("the heartbeat's rule would be called {rule}, as one of the events is"),
                "give the event another `name`",
            );
        }
        Some(Heartbeat {
            rule,
            description: words.heartbeat_description(),
            schedule,
            // A JSON text: its quotes stand in the mail.
            input: Input::Constant(serde_json::Value::String(words.heartbeat()).to_string()),
            dead_letter: switches.dead_letter,
        })
    });
    Watch { dead_letter, failure_alarm, executions, heartbeat, fallback }
}

/// Where an event asks for the state machine, by itself or as all do. What that one could not be
/// started for must be kept somewhere, so it has the queue with it.
fn machine_at<'n>(rest: &Rest<'_, 'n>) -> Option<&'n Location> {
    let mut events = rest.events.iter().map(|event| event.content.delivery());
    if !events.any(|delivery| delivery == DeliveryKind::StepFunctions) {
        return None;
    }
    let own = rest.event_nodes.iter().find(|node| {
        let Value::Table(entries) = &node.value else { return false };
        entries.iter().any(|(key, _)| key.name == "delivery")
    });
    own.or(rest.event_nodes.first()).map(|node| &node.at)
}

/// Where an event asks for the queue by itself.
fn wants_queue(node: &Node) -> Option<&Location> {
    let Value::Table(entries) = &node.value else { return None };
    let own = entries.iter().find(|(key, _)| key.name == "dead_letter").map(|(_, node)| node);
    own.filter(|node| matches!(node.value, Value::Bool(true))).map(|node| &node.at)
}

fn fallback(node: &Node, rest: &Rest<'_, '_>, out: &mut Findings<'_>) -> Option<Fallback> {
    let mut fields = Fields::of(node, "[fallback]", out)?;
    let own = fields.get("name");
    let name = match (own, rest.topic) {
        (Some(node), _) => {
            let text = text_of(node, "name", out)?;
            out.named(&node.at, TopicName::parse(text))
        }
        (None, Some(topic)) => {
            let name = TopicName::parse(&format!("{}-fallback", topic.name));
            out.named(
                &fields.at,
                name.map_err(|mut error| {
                    "give `[fallback]` a shorter `name` of its own".clone_into(&mut error.help);
                    error
                }),
            )
        }
        (None, None) => None,
    };
    let display_name = topic::display_name(&mut fields, out);
    let nodes = super::parse::sections(&mut fields, "subscriptions", "fallback.subscriptions", out);
    let subscriptions = subscriptions(&nodes, "[[fallback.subscriptions]]", None, out);
    if let (Some(name), Some(topic)) = (&name, rest.topic)
        && *name == topic.name
    {
        out.error(
            own.map_or(&fields.at, |node| &node.at),
            format!("`[fallback]` is the topic {name} itself"),
            "give it another `name`: what watches the topic must not depend on it",
        );
    }
    let is_told = |s: &SubscriptionSpec| rest.subscriptions.contains(s);
    if nodes.is_empty() {
        out.warn(
            &fields.at,
            "nobody is told through `[fallback]`",
            "add `[[fallback.subscriptions]]` with `protocol` and `endpoint`",
        );
    } else if !subscriptions.is_empty() && subscriptions.iter().all(is_told) {
        out.warn(
            &fields.at,
            "everybody in `[fallback]` is told by the topic, too",
            "name somebody who is reached in another way: what keeps the one mail from a mailbox \
             keeps the other",
        );
    }
    fields.finish(out);
    Some(Fallback { topic: TopicSpec { name: name?, display_name, kms_key: None }, subscriptions })
}

fn is_free(alarm: &AlarmSpec, rest: &Rest<'_, '_>, at: &Location, out: &mut Findings<'_>) {
    if rest.alarms.iter().any(|other| alarms::names(other).contains(alarm.name.as_str())) {
        out.error(
            at,
            format!("its alarm would be called {}, as another one is", alarm.name),
            "give that one another `name`",
        );
    }
}

/// A stack's name may hold dots, and a queue's may not.
fn default_queue(stack: &StackName) -> Result<QueueName, crate::aws::NameError> {
    QueueName::parse(&format!("{}-dead-letter", stack.as_str().replace('.', "-")))
}

/// The end of a long stack's name is left out: a rule's has 64 characters.
fn heartbeat_rule(stack: &StackName) -> Option<RuleName> {
    let kept: String = stack.as_str().chars().take(MOST_RULE_NAME - HEARTBEAT.len()).collect();
    RuleName::parse(&format!("{kept}{HEARTBEAT}")).ok()
}

/// The texts, in the language of the file.
struct Words<'s> {
    language: Language,
    stack: &'s StackName,
}

impl Words<'_> {
    fn heartbeat_description(&self) -> String {
        match self.language {
            Language::En => {
                "A sign of life: its mail says that notifications still arrive".to_owned()
            }
            Language::Ja => "定期確認: 通知が届くことを知らせるメール".to_owned(),
        }
    }

    fn heartbeat(&self) -> String {
        let stack = self.stack;
        match self.language {
            Language::En => format!(
                "A sign of life of the stack {stack}: this mail came the way that its \
                 notifications come. There is nothing to do. If it stops coming, they may not \
                 come either."
            ),
            Language::Ja => format!(
                "スタック {stack} の定期確認メールです。通知と同じ経路で届いています。対応は不要です。\
                 このメールが届かなくなったときは、通知も届いていないおそれがあります。"
            ),
        }
    }

    /// Something waits in the queue.
    fn depth_alarm(&self, queue: &QueueName) -> Option<AlarmSpec> {
        let stack = self.stack;
        let description = match self.language {
            Language::En => format!(
                "EventBridge could not deliver a notification of the stack {stack}. What it was to \
                 say waits in the SQS queue {queue} for 14 days; the attribute ERROR_CODE says why. \
                 Empty the queue when that is mended: the alarm tells of no further loss before."
            ),
            Language::Ja => format!(
                "スタック {stack} の通知を EventBridge が届けられませんでした。内容は SQS キュー \
                 {queue} に14日間残ります。理由は属性 ERROR_CODE にあります。\
                 直したあとはキューを空にしてください。空になるまで次の未達は知らされません。"
            ),
        };
        let name = format!("{queue}-not-empty");
        let mut alarm = alarm(&name, description, ("QueueName", queue.as_str()))?;
        "AWS/SQS".clone_into(&mut alarm.namespace);
        alarm.metric = Some("ApproximateNumberOfMessagesVisible".to_owned());
        "Maximum".clone_into(&mut alarm.statistic);
        Some(alarm)
    }

    /// The state machine gave a message up. It is the only way in which one can be lost there: an
    /// expression that fails is caught, and an execution ends long before its five minutes do.
    fn executions_alarm(&self) -> Option<AlarmSpec> {
        let stack = self.stack;
        let machine = machine_name(stack);
        let description = match self.language {
            Language::En => format!(
                "The state machine {machine} could not publish a notification of the stack {stack}, \
                 although it tried several times. `notify-cli status` shows whether it may."
            ),
            Language::Ja => format!(
                "スタック {stack} の通知を、ステートマシン {machine} が繰り返し試しても送信できません\
                 でした。権限の状態は `notify-cli status` で確認できます。"
            ),
        };
        let mut alarm = alarm(&format!("{machine}{FAILED}"), description, (MACHINE, ""))?;
        "AWS/States".clone_into(&mut alarm.namespace);
        alarm.metric = Some("ExecutionsFailed".to_owned());
        "Sum".clone_into(&mut alarm.statistic);
        Some(alarm)
    }

    /// SNS gave a message up.
    fn failure_alarm(&self, topic: &TopicName) -> Option<AlarmSpec> {
        let stack = self.stack;
        let description = match self.language {
            Language::En => format!(
                "SNS could not deliver a notification of the stack {stack} to one of the readers of \
                 the topic {topic}. `notify-cli status` shows who has confirmed."
            ),
            Language::Ja => format!(
                "スタック {stack} の通知を、SNS がトピック {topic} の宛先に届けられませんでした。\
                 宛先の状態は `notify-cli status` で確認できます。"
            ),
        };
        let kept: String = topic.as_str().chars().take(alarms::MOST_NAME - FAILED.len()).collect();
        let mut alarm =
            alarm(&format!("{kept}{FAILED}"), description, ("TopicName", topic.as_str()))?;
        "AWS/SNS".clone_into(&mut alarm.namespace);
        alarm.metric = Some("NumberOfNotificationsFailed".to_owned());
        "Sum".clone_into(&mut alarm.statistic);
        Some(alarm)
    }
}

/// The dimension of an execution's metrics. What it holds is the region's.
const MACHINE: &str = "StateMachineArn";

/// An alarm that one value of 1 sets off, and silence does not.
fn alarm(name: &str, description: String, (dimension, value): (&str, &str)) -> Option<AlarmSpec> {
    Some(AlarmSpec {
        name: AlarmName::parse(name).ok()?,
        regions: Vec::new(),
        description,
        severity: None,
        enabled: true,
        notify_ok: false,
        namespace: String::new(),
        metric: None,
        dimensions: Dimensions::from_iter([(dimension.to_owned(), value.to_owned())]),
        statistic: String::new(),
        period: PERIOD,
        evaluation_periods: 1,
        datapoints_to_alarm: Some(1),
        comparison: Comparison::GreaterThanOrEqualToThreshold,
        threshold: 1.0,
        treat_missing_data: TreatMissingData::NotBreaching,
        web_acl: None,
    })
}

impl Spec {
    /// Everybody whom the file names, through either topic.
    pub fn readers(&self) -> impl Iterator<Item = &SubscriptionSpec> {
        let fallback = self.watch.fallback.iter().flat_map(|fallback| &fallback.subscriptions);
        self.subscriptions.iter().chain(fallback)
    }

    /// The topics that the file names.
    pub fn topics(&self) -> impl Iterator<Item = &TopicSpec> {
        let fallback = self.watch.fallback.iter().map(|fallback| &fallback.topic);
        std::iter::once(&self.topic).chain(fallback)
    }
}

impl Watch {
    /// The alarms that tell of losses.
    pub fn alarms(&self) -> impl Iterator<Item = &AlarmSpec> {
        let depth = self.dead_letter.iter().map(|dead_letter| &dead_letter.alarm);
        depth.chain(&self.failure_alarm).chain(&self.executions)
    }
}
