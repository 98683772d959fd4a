//! The functions that our expressions call.

use super::Trouble;
use super::eval::{Lengths, Result, Scope, apply, failed, field, string};
use super::value::Value;
use jiff::Timestamp;
use std::fmt::Write as _;
use std::rc::Rc;

/// All functions that are known here.
const KNOWN: [&str; 20] = [
    "contains",
    "decodeUrlComponent",
    "encodeUrlComponent",
    "exists",
    "fromMillis",
    "join",
    "length",
    "lookup",
    "lowercase",
    "map",
    "match",
    "reduce",
    "replace",
    "string",
    "substring",
    "toMillis",
    "trim",
    "type",
    "uppercase",
    "not",
];

/// The function of a name.
pub(super) fn named(name: &str) -> std::result::Result<Value, Trouble> {
    match KNOWN.iter().find(|known| **known == name) {
        Some(known) => Ok(Value::Function(known)),
        None => Err(Trouble::Unknown(format!("`${name}`"))),
    }
}

/// Calls one. One whose first argument has no value has none itself.
pub(super) fn call(name: &'static str, arguments: &[Option<Value>], scope: &Scope) -> Result {
    let given = Given { name, arguments };
    if let "exists" | "not" = name {
        let first = given.argument(0);
        return Ok(Some(Value::Truth(match name {
            "exists" => first.is_some(),
            _ => !first.is_some_and(Value::is_true),
        })));
    }
    let Some(first) = given.argument(0) else { return Ok(None) };
    let most = match name {
        "join" | "lookup" | "map" | "contains" => 2,
        "match" | "reduce" | "replace" | "substring" => 3,
        _ => 1,
    };
    if arguments.len() > most {
        return Err(Trouble::Unknown(format!("`${name}` with {} arguments", arguments.len())));
    }
    Ok(Some(match name {
        "string" => Value::Text(string(first)?),
        "type" => Value::text(type_of(first)),
        "join" => return join(first, given),
        "lookup" => return Ok(field(first, &given.text(1)?)),
        "map" => return map(first, given, scope),
        "reduce" => return reduce(first, given, scope),
        "match" => return matches(given),
        "contains" => {
            let text = given.text(0)?;
            Value::Truth(match given.argument(1) {
                Some(Value::Regex(regex)) => regex.is_match(&text),
                Some(Value::Text(part)) => text.contains(&**part),
                _ => return Err(given.wrong(1)),
            })
        }
        "replace" => return replace(given),
        "trim" => Value::text(&trim(&given.text(0)?)),
        "uppercase" => Value::text(&given.text(0)?.to_uppercase()),
        "lowercase" => Value::text(&given.text(0)?.to_lowercase()),
        "length" => Value::Number(length(&given.text(0)?, scope.lengths())),
        "substring" => return substring(given, scope.lengths()),
        "encodeUrlComponent" => Value::text(&encode(&given.text(0)?)),
        "decodeUrlComponent" => match decode(&given.text(0)?) {
            Some(text) => Value::text(&text),
            None => return Err(failed("D3140: malformed URL passed to $decodeUrlComponent()")),
        },
        "toMillis" => Value::Number(to_millis(&given.text(0)?)?),
        _ => match first {
            Value::Number(millis) => Value::text(&from_millis(*millis)?),
            _ => return Err(given.wrong(0)),
        },
    }))
}

/// The arguments of a call.
#[derive(Clone, Copy)]
struct Given<'a> {
    name: &'static str,
    arguments: &'a [Option<Value>],
}

impl<'a> Given<'a> {
    fn argument(self, at: usize) -> Option<&'a Value> {
        self.arguments.get(at)?.as_ref()
    }

    fn text(self, at: usize) -> std::result::Result<Rc<str>, Trouble> {
        match self.argument(at) {
            Some(Value::Text(text)) => Ok(Rc::clone(text)),
            _ => Err(self.wrong(at)),
        }
    }

    /// A number, where one is given.
    fn number(self, at: usize) -> std::result::Result<Option<f64>, Trouble> {
        match self.argument(at) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(*number)),
            Some(_) => Err(self.wrong(at)),
        }
    }

    fn wrong(self, at: usize) -> Trouble {
        let name = self.name;
        failed(format!("T0410: argument {} of function \"{name}\" does not fit", at + 1))
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Truth(_) => "boolean",
        Value::Number(_) => "number",
        Value::Text(_) => "string",
        Value::List(_) => "array",
        Value::Object(_) => "object",
        Value::Regex(_) | Value::Lambda(..) | Value::Function(_) => "function",
    }
}

/// The elements of a list; of anything else, itself.
fn elements(value: &Value) -> &[Value] {
    match value {
        Value::List(list) => list,
        value => std::slice::from_ref(value),
    }
}

/// What a function has collected: nothing is no value, and one is itself.
fn sequence(mut values: Vec<Value>) -> Option<Value> {
    if values.len() <= 1 { values.pop() } else { Some(Value::List(Rc::new(values))) }
}

fn join(list: &Value, given: Given<'_>) -> Result {
    let between = if given.argument(1).is_some() { given.text(1)? } else { "".into() };
    let mut text = String::new();
    for (at, item) in elements(list).iter().enumerate() {
        let Some(item) = item.as_text() else {
            return Err(failed("T0412: argument 1 of function \"join\" must be a list of strings"));
        };
        if at > 0 {
            text.push_str(&between);
        }
        text.push_str(item);
    }
    Ok(Some(Value::text(&text)))
}

/// A function of our own: what a built-in one gets of an element's place is not known here.
fn lambda(given: Given<'_>) -> std::result::Result<&Value, Trouble> {
    match given.argument(1) {
        Some(function @ Value::Lambda(..)) => Ok(function),
        Some(Value::Function(name)) => Err(Trouble::Unknown(format!("`${name}` as an argument"))),
        _ => Err(given.wrong(1)),
    }
}

fn map(list: &Value, given: Given<'_>, scope: &Scope) -> Result {
    let function = lambda(given)?;
    let mut values = Vec::new();
    for (at, item) in elements(list).iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "no list is that long")]
        let at = Value::Number(at as f64);
        let arguments = vec![Some(item.clone()), Some(at), Some(list.clone())];
        values.extend(apply(function, arguments, scope)?);
    }
    Ok(sequence(values))
}

fn reduce(list: &Value, given: Given<'_>, scope: &Scope) -> Result {
    let function = lambda(given)?;
    let mut so_far = given.argument(2).cloned();
    for item in elements(list) {
        so_far = match so_far {
            None => Some(item.clone()),
            Some(_) => apply(function, vec![so_far, Some(item.clone())], scope)?,
        };
    }
    Ok(so_far)
}

fn matches(given: Given<'_>) -> Result {
    let text = given.text(0)?;
    let Some(Value::Regex(regex)) = given.argument(1) else { return Err(given.wrong(1)) };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let most = given.number(2)?.map_or(usize::MAX, |most| most.max(0.0) as usize);
    let mut found = Vec::new();
    for part in regex.find_iter(&text).take(most) {
        if part.range().is_empty() {
            return Err(failed("D1004: regular expression matches zero length string"));
        }
        // Where it stands counts in units of which little is known: it is left out.
        found.push(Value::object(vec![("match", Value::text(part.as_str()))]));
    }
    Ok(sequence(found))
}

fn replace(given: Given<'_>) -> Result {
    let text = given.text(0)?;
    let with = given.text(2)?;
    let mut replaced = String::with_capacity(text.len());
    match given.argument(1) {
        Some(Value::Regex(_)) if with.contains('$') => {
            return Err(Trouble::Unknown("a replacement with a `$`".to_owned()));
        }
        Some(Value::Regex(regex)) => {
            let mut from = 0;
            for part in regex.find_iter(&text) {
                if part.range().is_empty() {
                    return Err(failed("D1004: regular expression matches zero length string"));
                }
                replaced.push_str(text.get(from..part.start()).unwrap_or_default());
                replaced.push_str(&with);
                from = part.end();
            }
            replaced.push_str(text.get(from..).unwrap_or_default());
        }
        Some(Value::Text(part)) if part.is_empty() => {
            return Err(failed("D3010: second argument of $replace cannot be an empty string"));
        }
        Some(Value::Text(part)) => replaced.push_str(&text.replace(&**part, &with)),
        _ => return Err(given.wrong(1)),
    }
    Ok(Some(Value::text(&replaced)))
}

/// Blanks, tabs and line breaks: one blank for each run, and none at the ends.
fn trim(text: &str) -> String {
    let words = text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn length(text: &str, lengths: Lengths) -> f64 {
    let length = match lengths {
        Lengths::Characters => text.chars().count(),
        Lengths::Units => text.encode_utf16().count(),
    };
    #[expect(clippy::cast_precision_loss, reason = "no text is that long")]
    let length = length as f64;
    length
}

fn substring(given: Given<'_>, lengths: Lengths) -> Result {
    let text = given.text(0)?;
    let start = given.number(1)?.ok_or_else(|| given.wrong(1))?;
    let count = given.number(2)?;
    if start < 0.0 || start.fract() != 0.0 || count.is_some_and(|count| count.fract() != 0.0) {
        return Err(Trouble::Unknown(
            "a substring that does not begin at a whole place".to_owned(),
        ));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let (start, count) =
        (start as usize, count.map_or(usize::MAX, |count| count.max(0.0) as usize));
    let cut = match lengths {
        Lengths::Characters => text.chars().skip(start).take(count).collect(),
        Lengths::Units => {
            let units: Vec<u16> = text.encode_utf16().skip(start).take(count).collect();
            String::from_utf16(&units)
                .map_err(|_| Trouble::Unknown("a substring that halves a character".to_owned()))?
        }
    };
    Ok(Some(Value::text(&cut)))
}

/// As JavaScript's `encodeURIComponent`.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
        if is_plain {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(behind.get(..2)?, 16).ok()?);
        rest = behind.get(2..)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

fn to_millis(text: &str) -> std::result::Result<f64, Trouble> {
    match text.parse::<Timestamp>() {
        #[expect(clippy::cast_precision_loss, reason = "no year is that far away")]
        Ok(time) => Ok(time.as_millisecond() as f64),
        Err(_) => Err(Trouble::Unknown(format!("the time {text:?}"))),
    }
}

fn from_millis(millis: f64) -> std::result::Result<String, Trouble> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    match Timestamp::from_millisecond(millis as i64) {
        Ok(time) => Ok(time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
        Err(_) => Err(Trouble::Unknown(format!("the time {millis}"))),
    }
}
