//! An event as EventBridge hands it on.

use super::json::{self, Json};
use super::path::{Found, Path};
use super::reader::SyntaxError;

/// The order in which EventBridge writes an event's own keys, as recorded from AWS.
const ORDER: [&str; 9] =
    ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"];

/// The keys of `<aws.events.event>` in the recorded order, and the event's keys behind them.
const WITHOUT_DETAIL: [(&str, &str); 8] = [
    ("id", "id"),
    ("account", "account"),
    ("detailType", "detail-type"),
    ("time", "time"),
    ("source", "source"),
    ("region", "region"),
    ("resources", "resources"),
    ("version", "version"),
];

/// An event, read once.
///
/// Numbers keep their spelling: how AWS spells fractions and large numbers anew is not recorded.
/// Of a key that stands twice the last value counts.
///
/// ```
/// # use notify_core::transform::Event;
/// let event = Event::parse(r#"{"detail": {"x": 1.0}, "id": "e", "time": "2026-01-02T03:04:05Z"}"#)?;
/// let written = r#"{"id":"e","time":"2026-01-02T03:04:05Z","detail":{"x":1.0}}"#;
/// assert_eq!(event.to_json(), written);
/// # Ok::<(), notify_core::transform::EventError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    whole: Json,
    /// What `<aws.events.event>` stands for.
    without_detail: Json,
}

/// Why a text is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event is not a JSON object: {problem} (line {line}, column {column})")]
pub struct EventError {
    problem: &'static str,
    line: usize,
    column: usize,
}

impl EventError {
    /// What is wrong, without the place.
    pub(crate) fn problem(&self) -> &'static str {
        self.problem
    }

    /// Line and column of what is wrong, counted from 1.
    pub(crate) fn place(&self) -> (usize, usize) {
        (self.line, self.column)
    }
}

impl Event {
    /// Reads an event. It may nest 1,000 levels deep.
    pub fn parse(text: &str) -> Result<Self, EventError> {
        let whole = json::parse(text).and_then(|json| match json {
            Json::Object(fields) => Ok(fields),
            _ => Err(SyntaxError { at: 0, problem: "it is another value" }),
        });
        let mut fields = whole.map_err(|error| {
            let (line, column) = error.line_and_column(text);
            EventError { problem: error.problem, line, column }
        })?;
        let place = |key: &str| ORDER.iter().position(|known| *known == key);
        // Keys that AWS does not have stay behind the others, in their own order.
        fields.sort_by_key(|(key, _)| place(key).unwrap_or(ORDER.len()));
        let whole = Json::Object(fields);
        let without_detail = WITHOUT_DETAIL.iter().filter_map(|(to, from)| {
            let value = whole.get(from)?;
            let value = if *from == "time" { milliseconds(value) } else { None }
                .unwrap_or_else(|| value.clone());
            Some(((*to).to_owned(), value))
        });
        Ok(Self { without_detail: Json::Object(without_detail.collect()), whole })
    }

    /// When it happened, as it says itself.
    pub fn time(&self) -> Option<&str> {
        match self.whole.get("time") {
            Some(Json::String(time)) => Some(time),
            _ => None,
        }
    }

    /// The text at the end of these keys; of a list on the way its first element counts.
    ///
    /// ```
    /// # use notify_core::transform::Event;
    /// let event = Event::parse(r#"{"resources": ["a", "b"], "detail": {"n": 1, "id": "i"}}"#)?;
    /// assert_eq!(event.text_at(&["detail", "id"]), Some("i"));
    /// assert_eq!(event.text_at(&["resources"]), Some("a"));
    /// assert_eq!(event.text_at(&["detail", "n"]), None);
    /// # Ok::<(), notify_core::transform::EventError>(())
    /// ```
    pub fn text_at(&self, keys: &[&str]) -> Option<&str> {
        match self.value_at(keys)? {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// What stands at the end of these keys, if it is `true` or `false`.
    pub(crate) fn flag_at(&self, keys: &[&str]) -> Option<bool> {
        match self.value_at(keys)? {
            Json::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    fn value_at(&self, keys: &[&str]) -> Option<&Json> {
        keys.iter().try_fold(&self.whole, |at, key| match at.get(key)? {
            Json::Array(list) => list.first(),
            value => Some(value),
        })
    }

    /// The event as a target without any input setting receives it.
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.whole.write(&mut text);
        text
    }

    pub(super) fn find(&self, path: &Path) -> Option<Found<'_>> {
        path.follow(&self.whole)
    }

    pub(super) fn whole(&self) -> &Json {
        &self.whole
    }

    pub(super) fn without_detail(&self) -> &Json {
        &self.without_detail
    }
}

/// An RFC 3339 time as milliseconds since 1970.
fn milliseconds(time: &Json) -> Option<Json> {
    let Json::String(time) = time else { return None };
    let time: jiff::Timestamp = time.parse().ok()?;
    Some(Json::Number(time.as_millisecond().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_the_order_of_aws() {
        let event = r#"{"replay-name": "r", "detail": {"b": 1, "a": 2}, "resources": [], "extra": 0,
            "region": "r", "time": "t", "account": "a", "source": "s", "detail-type": "d",
            "id": "i", "version": "0"}"#;
        let event = Event::parse(event).expect("an event");
        let want = "{\"version\":\"0\",\"id\":\"i\",\"detail-type\":\"d\",\"source\":\"s\",\
            \"account\":\"a\",\"time\":\"t\",\"region\":\"r\",\"resources\":[],\
            \"detail\":{\"b\":1,\"a\":2},\"replay-name\":\"r\",\"extra\":0}";
        assert_eq!(event.to_json(), want);
        assert_eq!(event.time(), Some("t"));
    }

    #[test]
    fn an_event_without_its_detail_has_other_keys() {
        let check = |event: &str, want: &str| {
            let mut text = String::new();
            Event::parse(event).expect("an event").without_detail().write(&mut text);
            assert_eq!(text, want, "{event}");
        };
        check(
            r#"{"version": "0", "id": "i", "detail-type": "d", "source": "s", "account": "a",
                "time": "2026-01-02T03:04:05Z", "region": "r", "resources": ["x"], "detail": {}}"#,
            "{\"id\":\"i\",\"account\":\"a\",\"detailType\":\"d\",\"time\":1767323045000,\
             \"source\":\"s\",\"region\":\"r\",\"resources\":[\"x\"],\"version\":\"0\"}",
        );
        check(r#"{"time": "1970-01-01T00:00:01.234Z", "x": 1}"#, r#"{"time":1234}"#);
        check(r#"{"time": "soon", "id": 7}"#, r#"{"id":7,"time":"soon"}"#);
        check(r#"{"time": 5}"#, r#"{"time":5}"#);
    }

    #[test]
    fn what_is_no_object_is_no_event() {
        let error = |text: &str| Event::parse(text).map_err(|error| error.to_string());
        let say = |what: &str| Err(format!("the event is not a JSON object: {what}"));
        assert_eq!(error(""), say("it is empty (line 1, column 1)"));
        assert_eq!(error("[]"), say("it is another value (line 1, column 1)"));
        assert_eq!(error("{\n\"a\":}"), say("a JSON value is missing (line 2, column 5)"));
        assert_eq!(error("{} {}"), say("more follows the value (line 1, column 4)"));
        assert_eq!(Event::parse("{\"time\": 1}").expect("an event").time(), None);
        let deep = "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000);
        let limit = "it nests deeper than 1,000 levels (line 1, column 5001)";
        assert_eq!(error(&deep), say(limit));
    }
}
