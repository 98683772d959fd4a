//! What Step Functions does with a definition.

use super::jsonata::{Expression, Lengths, Scope, Trouble, Value};
use crate::mail::Notification;
use crate::transform::json::{Json, parse};
use std::collections::BTreeMap;

/// The error of an expression that has no value.
const QUERY: &str = "States.QueryEvaluationError";
/// An error of our own: something is beyond what is known here.
const NOT_SIMULATED: &str = "NOT_SIMULATED";
/// How many states an execution may pass; ours pass five at most.
const MOST_STATES: usize = 100;

/// A message that a machine gives to SNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// The topic's ARN.
    pub topic: String,
    /// The mail's subject.
    pub subject: Option<String>,
    /// The mail's text.
    pub message: String,
    /// The message's attributes.
    pub attributes: BTreeMap<String, String>,
}

/// Why a task did not do its work: an error's name and a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskFailure {
    /// The name, such as `SNS.NotFoundException`.
    pub error: String,
    /// What it says.
    pub cause: String,
}

/// What came of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Execution {
    /// It published this.
    Published(Publish),
    /// It failed.
    Failed(TaskFailure),
}

/// A definition that has been read, for any number of executions.
#[derive(Debug)]
pub struct Machine {
    start: String,
    states: BTreeMap<String, State>,
}

#[derive(Debug)]
enum State {
    Pass { assign: BTreeMap<String, Template>, next: Option<String> },
    Choice { choices: Vec<(Expression, String)>, default: Option<String> },
    Publish { arguments: Template, catch: Option<String>, next: Option<String> },
}

/// A value in which strings may be expressions.
#[derive(Debug)]
enum Template {
    Plain(Json),
    Expression(Expression),
    Object(Vec<(String, Self)>),
}

/// Runs a definition once, with an SNS that takes what AWS takes.
///
/// ```
/// # use notify_core::aws::RuleName;
/// # use notify_core::machine::{Execution, definition, run};
/// # use notify_core::message::{Letter, Message};
/// # use notify_core::spec::Language;
/// let letter = Letter {
///     subject: Some(Message::parse("[<$.detail.state>] backup")?),
///     message: Message::parse("It says: <$.detail.text>")?,
///     paths: [].into(),
///     tables: [].into(),
///     attributes: [].into(),
/// };
/// let letters = [(RuleName::parse("backup")?, letter)].into();
/// let text = definition(&letters, "arn:aws:sns:us-east-1:123456789012:t", Language::En);
/// let event = r#"{"rule": "backup", "event": {"detail": {"state": "FAILED", "text": "\"no\nroom\""}}}"#;
/// let Execution::Published(publish) = run(&text, event) else { panic!() };
/// assert_eq!(publish.subject.as_deref(), Some("[FAILED] backup"));
/// assert_eq!(publish.message, "It says: \"no\nroom\"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run(definition: &str, input: &str) -> Execution {
    match Machine::read(definition) {
        Ok(machine) => machine.run(input, |_| Ok(())),
        Err(what) => unknown(&what),
    }
}

fn unknown(what: &str) -> Execution {
    Execution::Failed(TaskFailure::not_simulated(what))
}

impl TaskFailure {
    /// What is beyond what is known here.
    pub(crate) fn not_simulated(what: &str) -> Self {
        let cause = format!("cannot be run locally: {what}");
        Self { error: NOT_SIMULATED.to_owned(), cause }
    }
}

impl Machine {
    /// Reads a definition; the error says what in it is not known here.
    pub fn read(definition: &str) -> Result<Self, String> {
        let root = parse(definition).map_err(|_| "the definition is not JSON".to_owned())?;
        let fields = Fields::of(&root, "the definition")?;
        fields.only(&["Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds"])?;
        if fields.text("QueryLanguage")? != Some("JSONata") {
            return Err("a definition in another language than JSONata".to_owned());
        }
        let start = fields.text("StartAt")?.unwrap_or_default().to_owned();
        let Some(Json::Object(list)) = fields.get("States") else {
            return Err("a definition without States".to_owned());
        };
        let mut states = BTreeMap::new();
        for (name, state) in list {
            let state = State::read(state).map_err(|what| format!("{what}, in state {name:?}"))?;
            states.insert(name.clone(), state);
        }
        Ok(Self { start, states })
    }

    /// Executes it once; `publish` says for each message whether SNS takes it. Retries are not
    /// waited for: what fails once fails for good.
    pub fn run(
        &self,
        input: &str,
        publish: impl FnMut(&Publish) -> Result<(), TaskFailure>,
    ) -> Execution {
        self.run_counting(input, Lengths::default(), publish)
    }

    pub(super) fn run_counting(
        &self,
        input: &str,
        lengths: Lengths,
        mut publish: impl FnMut(&Publish) -> Result<(), TaskFailure>,
    ) -> Execution {
        let Ok(input) = parse(input) else {
            return unknown("the input is not JSON");
        };
        let input = Value::of_json(&input);
        let scope = Scope::new(lengths);
        scope.bind("states", Some(states(&input, &input)));
        let mut last = None;
        let mut at = &self.start;
        for _ in 0..MOST_STATES {
            let Some(state) = self.states.get(at) else {
                return unknown(&format!("there is no state {at:?}"));
            };
            let next = match state {
                State::Pass { assign, next } => {
                    for (name, template) in assign {
                        match template.value(&scope) {
                            Ok(value) => scope.bind(name, Some(value)),
                            Err(trouble) => return failed(trouble),
                        }
                    }
                    next.as_ref()
                }
                State::Choice { choices, default } => {
                    match choose(choices, default.as_ref(), &scope) {
                        Ok(next) => next,
                        Err(trouble) => return failed(trouble),
                    }
                }
                State::Publish { arguments, catch, next } => {
                    let failure = match message(arguments, &scope) {
                        Ok(message) => match accept(&message).and_then(|()| publish(&message)) {
                            Ok(()) => {
                                last = Some(message);
                                None
                            }
                            Err(failure) => Some(failure),
                        },
                        Err(Trouble::Failed(cause)) => {
                            Some(TaskFailure { error: QUERY.to_owned(), cause })
                        }
                        Err(trouble @ Trouble::Unknown(_)) => return failed(trouble),
                    };
                    match (failure, catch) {
                        (None, _) => next.as_ref(),
                        (Some(failure), None) => return Execution::Failed(failure),
                        (Some(failure), Some(state)) => {
                            let error = Value::object(vec![
                                ("Error", Value::text(&failure.error)),
                                ("Cause", Value::text(&failure.cause)),
                            ]);
                            scope.bind("states", Some(states(&error, &input)));
                            Some(state)
                        }
                    }
                }
            };
            match (next, last.take()) {
                (Some(next), kept) => {
                    at = next;
                    last = kept;
                }
                (None, Some(message)) => return Execution::Published(message),
                (None, None) => return unknown("an execution that publishes nothing"),
            }
        }
        unknown(&format!("more than {MOST_STATES} states in one execution"))
    }
}

/// `$states`: what a state is given, and what the execution was.
fn states(input: &Value, execution: &Value) -> Value {
    let execution = Value::object(vec![("Input", execution.clone())]);
    let context = Value::object(vec![("Execution", execution)]);
    Value::object(vec![("input", input.clone()), ("context", context)])
}

fn choose<'m>(
    choices: &'m [(Expression, String)],
    default: Option<&'m String>,
    scope: &Scope,
) -> Result<Option<&'m String>, Trouble> {
    for (condition, next) in choices {
        match condition.value(scope)? {
            Some(Value::Truth(true)) => return Ok(Some(next)),
            Some(Value::Truth(false)) => {}
            _ => return Err(Trouble::Failed("a condition is neither true nor false".to_owned())),
        }
    }
    match default {
        Some(default) => Ok(Some(default)),
        None => Err(Trouble::Unknown("a choice that takes nothing".to_owned())),
    }
}

fn failed(trouble: Trouble) -> Execution {
    match trouble {
        Trouble::Failed(cause) => Execution::Failed(TaskFailure { error: QUERY.to_owned(), cause }),
        Trouble::Unknown(what) => unknown(&what),
    }
}

/// What SNS refuses whoever asks.
fn accept(message: &Publish) -> Result<(), TaskFailure> {
    let notification = Notification {
        subject: message.subject.clone(),
        ..Notification::of_event(message.message.clone())
    };
    notification.check().map_err(|refused| TaskFailure {
        error: "SNS.InvalidParameterException".to_owned(),
        cause: refused.to_string(),
    })
}

fn message(arguments: &Template, scope: &Scope) -> Result<Publish, Trouble> {
    let arguments = arguments.value(scope)?;
    let text = |name: &str| match arguments.field(name) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.to_string())),
        Some(_) => Err(Trouble::Failed(format!("{name} is no string"))),
    };
    let mut attributes = BTreeMap::new();
    if let Some(Value::Object(list)) = arguments.field("MessageAttributes") {
        for (name, attribute) in list.iter() {
            let kind = attribute.field("DataType").and_then(Value::as_text);
            let value = attribute.field("StringValue").and_then(Value::as_text);
            match (kind, value) {
                (Some("String"), Some(value)) => {
                    attributes.insert(name.to_string(), value.to_owned());
                }
                _ => return Err(Trouble::Unknown(format!("the attribute {name:?}"))),
            }
        }
    }
    Ok(Publish {
        topic: text("TopicArn")?.unwrap_or_default(),
        subject: text("Subject")?,
        message: text("Message")?.unwrap_or_default(),
        attributes,
    })
}

impl Template {
    fn read(value: &Json) -> Result<Self, String> {
        Ok(match value {
            Json::String(text) => match expression(text)? {
                Some(expression) => Self::Expression(expression),
                None => Self::Plain(value.clone()),
            },
            Json::Object(fields) => {
                let fields =
                    fields.iter().map(|(key, value)| Ok((key.clone(), Self::read(value)?)));
                Self::Object(fields.collect::<Result<_, String>>()?)
            }
            Json::Array(_) => return Err("a list as an argument".to_owned()),
            plain => Self::Plain(plain.clone()),
        })
    }

    fn value(&self, scope: &Scope) -> Result<Value, Trouble> {
        match self {
            Self::Plain(value) => Ok(Value::of_json(value)),
            Self::Expression(expression) => match expression.value(scope)? {
                Some(value) => Ok(value),
                None => Err(Trouble::Failed("an expression has no value".to_owned())),
            },
            Self::Object(fields) => {
                let mut values = Vec::with_capacity(fields.len());
                for (key, template) in fields {
                    values.push((key.as_str(), template.value(scope)?));
                }
                Ok(Value::object(values))
            }
        }
    }
}

/// What stands in `{% %}`; `None` for a plain string.
fn expression(text: &str) -> Result<Option<Expression>, String> {
    match text.strip_prefix("{%").and_then(|text| text.strip_suffix("%}")) {
        Some(inside) => Expression::read(inside).map(Some),
        None => Ok(None),
    }
}

impl State {
    fn read(value: &Json) -> Result<Self, String> {
        let fields = Fields::of(value, "a state")?;
        let next = || -> Result<Option<String>, String> {
            match (fields.text("Next")?, fields.get("End")) {
                (Some(next), None) => Ok(Some(next.to_owned())),
                (None, Some(Json::Bool(true))) => Ok(None),
                _ => Err("a state without Next or End".to_owned()),
            }
        };
        match fields.text("Type")? {
            Some("Pass") => {
                fields.only(&["Type", "Comment", "Assign", "Next", "End"])?;
                let mut assign = BTreeMap::new();
                if let Some(Json::Object(list)) = fields.get("Assign") {
                    for (name, value) in list {
                        assign.insert(name.clone(), Template::read(value)?);
                    }
                }
                Ok(Self::Pass { assign, next: next()? })
            }
            Some("Choice") => {
                fields.only(&["Type", "Comment", "Choices", "Default"])?;
                let Some(Json::Array(list)) = fields.get("Choices") else {
                    return Err("a Choice without Choices".to_owned());
                };
                let mut choices = Vec::with_capacity(list.len());
                for choice in list {
                    let fields = Fields::of(choice, "a choice")?;
                    fields.only(&["Condition", "Next"])?;
                    let condition = fields.text("Condition")?.unwrap_or_default();
                    let Some(condition) = expression(condition)? else {
                        return Err("a Condition that is no expression".to_owned());
                    };
                    choices.push((condition, fields.text("Next")?.unwrap_or_default().to_owned()));
                }
                Ok(Self::Choice { choices, default: fields.text("Default")?.map(str::to_owned) })
            }
            Some("Task") => {
                let known =
                    ["Type", "Comment", "Resource", "Arguments", "Retry", "Catch", "Next", "End"];
                fields.only(&known)?;
                let resource = fields.text("Resource")?.unwrap_or_default();
                if !resource.ends_with(":states:::sns:publish") {
                    return Err(format!("the task {resource}"));
                }
                let arguments = Template::read(fields.get("Arguments").unwrap_or(&Json::Null))?;
                Ok(Self::Publish { arguments, catch: catcher(&fields)?, next: next()? })
            }
            other => Err(format!("a state of type {}", other.unwrap_or("none"))),
        }
    }
}

/// Where a task goes on that has failed. All catchers that we know lead to one state.
fn catcher(fields: &Fields<'_>) -> Result<Option<String>, String> {
    let Some(Json::Array(list)) = fields.get("Catch") else { return Ok(None) };
    let mut to: Option<String> = None;
    for catcher in list {
        let fields = Fields::of(catcher, "a catcher")?;
        fields.only(&["ErrorEquals", "Next"])?;
        let next = fields.text("Next")?.unwrap_or_default();
        if to.as_deref().is_some_and(|known| known != next) {
            return Err("catchers that lead to several states".to_owned());
        }
        to = Some(next.to_owned());
    }
    let all = list.last().and_then(|last| Fields::of(last, "").ok());
    let all = all.and_then(|last| last.get("ErrorEquals").cloned());
    if to.is_some() && all != Some(Json::Array(vec![Json::String("States.ALL".to_owned())])) {
        return Err("a Catch without States.ALL".to_owned());
    }
    Ok(to)
}

/// The fields of an object.
struct Fields<'j> {
    list: &'j [(String, Json)],
    what: &'static str,
}

impl<'j> Fields<'j> {
    fn of(value: &'j Json, what: &'static str) -> Result<Self, String> {
        match value {
            Json::Object(list) => Ok(Self { list, what }),
            _ => Err(format!("{what} that is no object")),
        }
    }

    fn get(&self, name: &str) -> Option<&'j Json> {
        self.list.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    fn text(&self, name: &str) -> Result<Option<&'j str>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{name} that is no string")),
        }
    }

    /// Refuses what would change the meaning of what is known.
    fn only(&self, known: &[&str]) -> Result<(), String> {
        match self.list.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some((key, _)) => Err(format!("{} with {key}", self.what)),
        }
    }
}
