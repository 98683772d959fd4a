//! Which placeholders can make a mail get lost.
//!
//! Nothing here knows how templates work. Each placeholder is filled in with values that its
//! field can hold, among them hostile ones, and what becomes of the event decides.

use super::deliver::{Filling, fill};
use super::json::Json;
use super::known::{Alphabet, Known};
use super::path::Found;
use super::template::{Part, Reserved, Template};
use super::{Input, Outcome, Shape, Transform, Why};
use std::collections::BTreeMap;

/// How likely a placeholder makes an event get lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// It does not.
    Safe,
    /// It would with some value, and nothing tells whether the field ever holds such a value.
    Unknown,
    /// It does with values that the field is known to hold, or with most values.
    MayBeLost,
    /// It does with every value.
    AlwaysLost,
}

impl Risk {
    /// A word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unknown => "unknown: may be lost",
            Self::MayBeLost => "may be lost",
            Self::AlwaysLost => "always lost",
        }
    }
}

/// What is to be said of one placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Its name, without the angle brackets.
    pub placeholder: String,
    /// Where its value is read from; reserved and undefined names have no path.
    pub path: Option<String>,
    /// How likely it makes an event get lost.
    pub risk: Risk,
    /// Why, in a sentence without a full stop.
    pub reason: String,
    /// A value that makes an event get lost, as JSON; `None` for a field that is missing, and
    /// where there is no such value.
    pub example: Option<String>,
}

impl Verdict {
    /// What to do about it.
    pub fn remedy(&self) -> Option<String> {
        let Self { placeholder, path, risk, .. } = self;
        if *risk == Risk::Safe {
            return None;
        }
        let (field, paths) = match path {
            Some(path) => (path, format!(" with paths = {{ {placeholder} = \"{path}\" }}")),
            None => (placeholder, String::new()),
        };
        Some(format!(
            "leave `{field}` out, or send JSON, where values are escaped: template = '{{\"message\": <{placeholder}>}}'{paths}"
        ))
    }
}

/// A verdict for each placeholder of an input, in the order of the template.
///
/// An input that AWS refuses has none: that is said elsewhere.
///
/// ```
/// # use notify_core::transform::{Input, Known, Risk, verdicts};
/// let known = Known::from_pattern(
///     r#"{"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"]}"#,
/// );
/// let risk = |template: &str| {
///     let note = ("note".to_owned(), "$.detail.newEvaluationResult.annotation".to_owned());
///     let input = Input::Transformer { paths: [note].into(), template: template.to_owned() };
///     verdicts(&input, &known)[0].risk
/// };
/// assert_eq!(risk(r#""Note: <note>""#), Risk::MayBeLost);
/// assert_eq!(risk(r#"{"message": "Note: <note>"}"#), Risk::Safe);
/// ```
pub fn verdicts(input: &Input, known: &Known) -> Vec<Verdict> {
    let Input::Transformer { paths, .. } = input else { return Vec::new() };
    let Ok(Transform(Shape::Template(template, _))) = Transform::new(input, "") else {
        return Vec::new();
    };
    let mut verdicts: Vec<Verdict> = Vec::new();
    for part in &template.parts {
        let Part::Hole(hole) = part else { continue };
        // The same name twice is tried in both places at once.
        if verdicts.iter().all(|verdict| verdict.placeholder != hole.name) {
            verdicts.push(verdict(&template, &hole.name, paths, known));
        }
    }
    verdicts
}

fn verdict(
    template: &Template,
    name: &str,
    paths: &BTreeMap<String, String>,
    known: &Known,
) -> Verdict {
    let path = paths.get(name).filter(|_| Reserved::named(name).is_none());
    let (risk, reason, example) = match path {
        Some(path) => of_field(template, name, &known.alphabet(path)),
        None => of_name(template, name),
    };
    Verdict { placeholder: name.to_owned(), path: path.cloned(), risk, reason, example }
}

type Finding = (Risk, String, Option<String>);

/// A reserved name, or one that nobody has defined.
fn of_name(template: &Template, name: &str) -> Finding {
    let object = Json::Object(vec![("id".to_owned(), Json::String("value".to_owned()))]);
    let outcome = attempt(template, name, || match Reserved::named(name) {
        Some(Reserved::RuleName | Reserved::RuleArn | Reserved::IngestionTime) => {
            Filling::Text("value")
        }
        Some(Reserved::Event | Reserved::EventJson) => Filling::Object(&object),
        None => Filling::Undefined,
    });
    match outcome {
        None if Reserved::named(name).is_some() => {
            (Risk::Safe, "EventBridge fills it in itself".to_owned(), None)
        }
        None => (Risk::Safe, "nothing defines it: it stays as it is".to_owned(), None),
        Some(Why::Undecided(what)) => {
            (Risk::MayBeLost, format!("what AWS does with {what} is not known"), None)
        }
        Some(_) => {
            (Risk::AlwaysLost, "what it stands for is not JSON in this place".to_owned(), None)
        }
    }
}

/// A field of the event, by trying what it can hold.
fn of_field(template: &Template, name: &str, (alphabet, is_list): &(Alphabet, bool)) -> Finding {
    let trials: Vec<(Trial, Option<Why>)> = trials(alphabet, *is_list)
        .into_iter()
        .map(|trial| {
            let lost = attempt(template, name, || match &trial {
                Trial::Value(value) => Filling::Field(Found::One(value)),
                Trial::Missing => Filling::Missing,
            });
            (trial, lost)
        })
        .collect();
    let Some((killer, why)) = trials.iter().find_map(|(t, lost)| lost.map(|why| (t, why))) else {
        return (Risk::Safe, safe_because(template, alphabet).to_owned(), None);
    };
    let is_value = |trial: &Trial| matches!(trial, Trial::Value(_));
    let mut values = trials.iter().filter(|(trial, _)| is_value(trial));
    let is_certain = |why: Why| !matches!(why, Why::Undecided(_));
    let all = values.clone().all(|(_, lost)| lost.is_some());
    let risk = if all && values.clone().any(|(_, lost)| lost.is_some_and(is_certain)) {
        Risk::AlwaysLost
    } else if !is_value(killer) {
        Risk::Unknown
    } else {
        match (alphabet, values.next()) {
            // The first value is the most ordinary one.
            (Alphabet::Unknown | Alphabet::Chosen, Some((_, None))) => Risk::Unknown,
            _ => Risk::MayBeLost,
        }
    };
    let when = match killer {
        Trial::Missing => "the event does not have the field".to_owned(),
        Trial::Value(value) => what_it_holds(value),
    };
    let reason = match (risk, is_certain(why)) {
        (Risk::AlwaysLost, _) => {
            "a value of this field is not JSON in this place, so every mail is lost".to_owned()
        }
        (_, false) => format!("what AWS does is not known when {when}"),
        (_, true) => format!("the mail is lost when {when}"),
    };
    let example = match killer {
        Trial::Missing => None,
        Trial::Value(value) => {
            let mut text = String::new();
            value.write(&mut text);
            Some(text)
        }
    };
    (risk, reason, example)
}

fn safe_because(template: &Template, alphabet: &Alphabet) -> &'static str {
    match alphabet {
        Alphabet::Literals(_) => "the pattern lets through only values that arrive",
        Alphabet::Plain | Alphabet::Account => {
            "it never holds a quote, a backslash or a line break"
        }
        Alphabet::Number | Alphabet::Boolean => "numbers, true and false always arrive",
        _ if template.is_json => "EventBridge escapes values in a JSON template",
        _ => "each value that was tried arrives",
    }
}

fn what_it_holds(value: &Json) -> String {
    match value {
        Json::Null => "it is null".to_owned(),
        Json::Bool(_) => "it is true or false".to_owned(),
        Json::Number(_) => "it is a number".to_owned(),
        Json::Array(_) => "it is a list".to_owned(),
        Json::Object(_) => "it is an object".to_owned(),
        Json::String(text) if text.contains('"') => "it holds a quote".to_owned(),
        Json::String(text) if text.contains('\\') => "it holds a backslash".to_owned(),
        Json::String(text) if text.contains(char::is_control) => {
            "it holds a line break or another control character".to_owned()
        }
        Json::String(text) if text.starts_with('0') => "it begins with 0".to_owned(),
        Json::String(_) => "it is text".to_owned(),
    }
}

/// What is tried in the place of a field.
enum Trial {
    Value(Json),
    Missing,
}

/// Values that a field can hold, the most ordinary one first.
fn trials(alphabet: &Alphabet, is_list: bool) -> Vec<Trial> {
    let text = |text: &str| Json::String(text.to_owned());
    let hostile = ["say \"hello\"", "DOMAIN\\User", "one\ntwo"].map(text);
    let object = |value: Json| Json::Object(vec![("key".to_owned(), value)]);
    let mut values = match alphabet {
        Alphabet::Plain => vec![text("value")],
        Alphabet::Account => vec![text("123456789012"), text("012345678901")],
        Alphabet::Number => vec![Json::Number("5".to_owned())],
        Alphabet::Boolean => vec![Json::Bool(true)],
        Alphabet::Literals(values) => {
            return values.iter().cloned().map(Trial::Value).collect();
        }
        Alphabet::Structure { free } => {
            let mut values = vec![object(text("value")), Json::Array(vec![text("value")])];
            if *free {
                values.extend(hostile.map(object));
            }
            values
        }
        Alphabet::Free | Alphabet::Chosen | Alphabet::FreeByName => {
            let mut values = vec![text("value")];
            values.extend(hostile);
            if *alphabet == Alphabet::FreeByName {
                values.push(Json::Number("5".to_owned()));
            }
            values
        }
        Alphabet::Unknown => {
            let mut values = vec![text("value")];
            values.extend(hostile.clone());
            values.extend(hostile.map(object));
            values.extend([
                Json::Array(vec![text("value")]),
                Json::Null,
                Json::Number("5".to_owned()),
            ]);
            values
        }
    };
    if is_list {
        values = values.into_iter().map(|value| Json::Array(vec![value])).collect();
    }
    let values = values.into_iter().map(Trial::Value);
    values.chain([Trial::Missing]).collect()
}

/// Fills one name in, and numbers, which do no harm anywhere, for the others.
fn attempt<'v>(template: &Template, name: &str, value: impl Fn() -> Filling<'v>) -> Option<Why> {
    let harmless = Json::Number("1".to_owned());
    let outcome =
        fill(
            template,
            |other| {
                if other == name { value() } else { Filling::Field(Found::One(&harmless)) }
            },
        );
    match outcome {
        Outcome::Delivered(_) => None,
        Outcome::Lost(loss) => Some(loss.why),
    }
}
