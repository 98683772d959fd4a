//! Letters → the text of a state machine.

use super::compile::{Prelude, quoted, subject, text};
use crate::aws::RuleName;
use crate::message::{Letter, Tables};
use crate::spec::Language;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The longest definition that Step Functions takes, in bytes
/// ([quotas](https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)).
pub const MOST_BYTES: usize = 1_048_576;

/// States of ours beside those of the notifications; a rule's name has no blank in it.
const LOOKUP_TABLES: &str = "Lookup tables";
const WHICH: &str = "Which notification";
const RAW_EVENT: &str = "Raw event";

/// The most characters of an event that are sent as they are, when its mail could not be written:
/// none has more than four bytes, and SNS takes 262,144.
const MOST_RAW: usize = 65_000;
/// Of a longer event so much of its URL-encoded form is kept, which is never shorter.
const MOST_ENCODED: usize = 250_000;

/// Writes the machine that publishes to a topic, the same text for the same letters.
///
/// It looks at the name of the rule that started it, makes subject and message with that rule's
/// expressions, and publishes them; a publish that fails is tried again for about a minute. Where
/// an expression fails, SNS refuses the message, or the rule is none of its own, it sends the
/// event as it is, and says so in the subject and the first line.
pub fn definition(letters: &BTreeMap<RuleName, Letter>, topic: &str, language: Language) -> String {
    let mut tables = Tables::new();
    for letter in letters.values() {
        tables.extend(letter.tables.clone());
    }
    let mut states = Map::new();
    if !tables.is_empty() {
        let assign = json!({ "tables": format!("{{% {} %}}", written(&tables)) });
        let state = json!({ "Type": "Pass", "Assign": assign, "Next": WHICH });
        states.insert(LOOKUP_TABLES.to_owned(), state);
    }
    let choices = letters.keys().map(|name| {
        let condition = format!("{{% $states.input.rule = {} %}}", quoted(name.as_str()));
        json!({ "Condition": condition, "Next": name.as_str() })
    });
    let choices: Vec<Value> = choices.collect();
    if choices.is_empty() {
        let state = json!({ "Type": "Pass", "Next": RAW_EVENT });
        states.insert(WHICH.to_owned(), state);
    } else {
        let state = json!({ "Type": "Choice", "Choices": choices, "Default": RAW_EVENT });
        states.insert(WHICH.to_owned(), state);
    }
    for (name, letter) in letters {
        let mut arguments = Map::new();
        arguments.insert("TopicArn".to_owned(), topic.into());
        arguments.insert("Subject".to_owned(), subject(letter, name).into());
        arguments.insert("Message".to_owned(), text(letter).into());
        if !letter.attributes.is_empty() {
            let attributes = letter.attributes.iter().map(|(name, value)| {
                (name.clone(), json!({ "DataType": "String", "StringValue": plain(value) }))
            });
            let attributes: Map<String, Value> = attributes.collect();
            arguments.insert("MessageAttributes".to_owned(), attributes.into());
        }
        let mut state = publish(topic, &arguments);
        let catcher = |error| json!({ "ErrorEquals": [error], "Next": RAW_EVENT });
        // The first is not among "all".
        state["Catch"] = json!([catcher("States.DataLimitExceeded"), catcher("States.ALL")]);
        states.insert(name.to_string(), state);
    }
    let mut arguments = Map::new();
    arguments.insert("TopicArn".to_owned(), topic.into());
    let [subject, message] = raw_event(language);
    arguments.insert("Subject".to_owned(), subject.into());
    arguments.insert("Message".to_owned(), message.into());
    states.insert(RAW_EVENT.to_owned(), publish(topic, &arguments));
    let machine = json!({
        "Comment": "Made by notify-cli: one state writes the mail of each notification.",
        "QueryLanguage": "JSONata",
        "StartAt": if tables.is_empty() { WHICH } else { LOOKUP_TABLES },
        "States": states,
    });
    format!("{machine:#}")
}

fn publish(topic: &str, arguments: &Map<String, Value>) -> Value {
    let partition = topic.split(':').nth(1).unwrap_or("aws");
    json!({
        "Type": "Task",
        "Resource": format!("arn:{partition}:states:::sns:publish"),
        "Arguments": arguments,
        "Retry": [
            // Neither gets better by itself.
            {
                "ErrorEquals": ["States.QueryEvaluationError", "SNS.InvalidParameterException"],
                "MaxAttempts": 0,
            },
            {
                "ErrorEquals": ["States.ALL"],
                "IntervalSeconds": 2,
                "BackoffRate": 2,
                "MaxAttempts": 5,
                "JitterStrategy": "FULL",
            },
        ],
        "End": true,
    })
}

/// A string that is no expression, whatever it holds.
fn plain(text: &str) -> String {
    if text.starts_with("{%") { format!("{{% {} %}}", quoted(text)) } else { text.to_owned() }
}

/// Tables as an expression. Their keys begin with a sign, so that none is a word that JavaScript's
/// objects have of themselves.
fn written(tables: &Tables) -> String {
    let object = |fields: Vec<String>| format!("{{{}}}", fields.join(", "));
    let tables = tables.iter().map(|(name, table)| {
        let lines =
            table.iter().map(|(k, v)| format!("{}: {}", quoted(&format!("={k}")), quoted(v)));
        format!("{}: {}", quoted(name), object(lines.collect()))
    });
    object(tables.collect())
}

/// Subject and message where a mail could not be written.
fn raw_event(language: Language) -> [String; 2] {
    let (mark, first, rest) = match language {
        Language::En => (
            "[raw event] ",
            "The mail of this notification could not be written. Here is its event: ",
            "(The event is longer; its rest is left out.)",
        ),
        Language::Ja => (
            "[元のイベント] ",
            "この通知のメールを作成できなかったため、元のイベントをお送りします: ",
            "（イベントが長いため、以降は省略しました。）",
        ),
    };
    let prelude = Prelude::of_raw_event();
    let input = "$states.context.Execution.Input";
    let subject = format!(
        "{{% ( {prelude}$subject({} & $text({input}.rule), {}) ) %}}",
        quoted(mark),
        quoted(mark.trim_end())
    );
    let head = format!("{} & $text({input}.rule) & \"\\n\\n\"", quoted(first));
    let message = format!(
        "{{% ( {}$event := $string($exists({input}.event) ? {input}.event : {input}); \
         {head} & ($length($event) <= {MOST_RAW} ? $event : ( \
         $encoded := $encodeUrlComponent($event); \
         $length($encoded) <= {MOST_ENCODED} ? $event : \
         $decodeUrlComponent($replace($substring($encoded, 0, {MOST_ENCODED}), \
         /(?:%[C-F][0-9A-F](?:%[89AB][0-9A-F])*(?:%[89AB]?)?|%[0-9A-F]?)$/, \"\")) & {} )) ) %}}",
        Prelude::of_text(),
        quoted(&format!("\n\n{rest}")),
    );
    [subject, message]
}
