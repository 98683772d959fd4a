//! Targets as `aws events list-targets-by-rule` prints them.

use super::{Input, Refusal};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A rule's target: what it sends, to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its id; AWS's error texts name it.
    pub id: String,
    /// Whose ARN it sends to.
    pub arn: Option<String>,
    /// What it sends.
    pub input: Input,
}

/// Why a document is no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// AWS would refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It has another form.
    #[error("{0}")]
    Unreadable(String),
}

impl Target {
    /// Reads the targets that `aws events list-targets-by-rule` prints, or one of them, and
    /// picks the one with this id; without an id there must be only one.
    ///
    /// ```
    /// # use notify_core::transform::{Input, Target};
    /// let printed = r#"{"Targets": [{"Id": "t", "Arn": "a", "InputPath": "$.detail"}]}"#;
    /// let target = Target::from_json(printed, None)?;
    /// assert_eq!(target.input, Input::Path("$.detail".to_owned()));
    /// # Ok::<(), notify_core::transform::TargetError>(())
    /// ```
    pub fn from_json(text: &str, id: Option<&str>) -> Result<Self, TargetError> {
        let document: Value =
            serde_json::from_str(text).map_err(|error| unreadable(format!("not JSON: {error}")))?;
        let one = std::slice::from_ref(&document);
        let all = match document.get("Targets") {
            Some(Value::Array(targets)) => targets.as_slice(),
            Some(_) => return Err(unreadable("Targets is not a list".to_owned())),
            None => one,
        };
        let ids: Vec<&str> = all.iter().filter_map(|target| target.get("Id")?.as_str()).collect();
        let of_id = |target: &&Value| id.is_none_or(|id| target.get("Id") == Some(&id.into()));
        let found: Vec<&Value> = all.iter().filter(of_id).collect();
        match (found.as_slice(), id) {
            ([one], _) => Self::from_value(one),
            ([], None) => Err(unreadable("there is no target in it".to_owned())),
            (_, None) => {
                let ids = ids.join(", ");
                Err(unreadable(format!("there are several targets in it, name one: {ids}")))
            }
            (_, Some(id)) => {
                let ids = ids.join(", ");
                Err(unreadable(format!("it has no target {id}; it has: {ids}")))
            }
        }
    }

    /// Reads one target.
    pub fn from_value(value: &Value) -> Result<Self, TargetError> {
        let Value::Object(fields) = value else { return Err(wrong("a target", "an object")) };
        let id = text(fields, "Id")?.ok_or_else(|| absent("Id"))?;
        let constant = text(fields, "Input")?;
        let path = text(fields, "InputPath")?;
        let transformer = match fields.get("InputTransformer") {
            None | Some(Value::Null) => None,
            Some(Value::Object(fields)) => Some(transformer(fields)?),
            Some(_) => return Err(wrong("InputTransformer", "an object")),
        };
        let input = match (constant, path, transformer) {
            (None, None, None) => Input::Event,
            (Some(text), None, None) => Input::Constant(text),
            (None, Some(path), None) => Input::Path(path),
            (None, None, Some(transformer)) => transformer,
            _ => return Err(Refusal::several(&id).into()),
        };
        Ok(Self { id, arn: text(fields, "Arn")?, input })
    }
}

fn transformer(fields: &Map<String, Value>) -> Result<Input, TargetError> {
    let paths = match fields.get("InputPathsMap") {
        None | Some(Value::Null) => BTreeMap::new(),
        Some(Value::Object(map)) => map
            .iter()
            .map(|(name, path)| match path {
                Value::String(path) => Ok((name.clone(), path.clone())),
                _ => Err(wrong(&format!("InputPathsMap.{name}"), "a string")),
            })
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(wrong("InputPathsMap", "an object")),
    };
    let template = text(fields, "InputTemplate")?.ok_or_else(|| absent("InputTemplate"))?;
    Ok(Input::Transformer { paths, template })
}

fn text(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, TargetError> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(key, "a string")),
    }
}

fn absent(key: &str) -> TargetError {
    unreadable(format!("{key} is missing"))
}

fn wrong(what: &str, kind: &str) -> TargetError {
    unreadable(format!("{what} is not {kind}"))
}

fn unreadable(problem: String) -> TargetError {
    TargetError::Unreadable(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, id: Option<&str>) -> Result<Target, String> {
        Target::from_json(text, id).map_err(|error| error.to_string())
    }

    #[test]
    fn each_kind_of_input_is_read() {
        let transformer = |paths: &[(&str, &str)], template: &str| Input::Transformer {
            paths: paths.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            template: template.to_owned(),
        };
        for (fields, input) in [
            ("", Input::Event),
            (", \"Input\": null, \"RoleArn\": \"r\"", Input::Event),
            (", \"Input\": \"{}\"", Input::Constant("{}".to_owned())),
            (", \"InputPath\": \"$.x\"", Input::Path("$.x".to_owned())),
            (", \"InputTransformer\": {\"InputTemplate\": \"1\"}", transformer(&[], "1")),
            (
                ", \"InputTransformer\": {\"InputTemplate\": \"<a>\", \"InputPathsMap\": {\"a\": \"$\"}}",
                transformer(&[("a", "$")], "<a>"),
            ),
        ] {
            let target = read(&format!("{{\"Id\": \"t\", \"Arn\": \"a\"{fields}}}"), None);
            let want = Target { id: "t".to_owned(), arn: Some("a".to_owned()), input };
            assert_eq!(target, Ok(want), "{fields}");
        }
    }

    #[test]
    fn one_of_several_is_picked_by_its_id() {
        let two = r#"{"Targets": [{"Id": "a"}, {"Id": "b", "Input": "1"}]}"#;
        assert_eq!(read(two, Some("b")).map(|t| t.input), Ok(Input::Constant("1".to_owned())));
        assert_eq!(read(r#"{"Targets": [{"Id": "a"}]}"#, None).map(|t| t.id), Ok("a".to_owned()));
        for (text, id, problem) in [
            (two, None, "there are several targets in it, name one: a, b"),
            (two, Some("c"), "it has no target c; it has: a, b"),
            (r#"{"Id": "a"}"#, Some("c"), "it has no target c; it has: a"),
            (r#"{"Targets": []}"#, None, "there is no target in it"),
            (r#"{"Targets": {}}"#, None, "Targets is not a list"),
        ] {
            assert_eq!(read(text, id), Err(problem.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_has_another_form_is_said() {
        for (text, problem) in [
            ("[]", "a target is not an object"),
            ("{}", "Id is missing"),
            (r#"{"Id": 1}"#, "Id is not a string"),
            (r#"{"Id": "t", "Arn": 1}"#, "Arn is not a string"),
            (r#"{"Id": "t", "Input": {}}"#, "Input is not a string"),
            (r#"{"Id": "t", "InputPath": []}"#, "InputPath is not a string"),
            (r#"{"Id": "t", "InputTransformer": "x"}"#, "InputTransformer is not an object"),
            (r#"{"Id": "t", "InputTransformer": {}}"#, "InputTemplate is missing"),
            (
                r#"{"Id": "t", "InputTransformer": {"InputPathsMap": 1, "InputTemplate": "1"}}"#,
                "InputPathsMap is not an object",
            ),
            (
                r#"{"Id": "t", "InputTransformer": {"InputPathsMap": {"a": 1}, "InputTemplate": "1"}}"#,
                "InputPathsMap.a is not a string",
            ),
            ("{", "not JSON: EOF while parsing an object at line 1 column 1"),
        ] {
            assert_eq!(read(text, None), Err(problem.to_owned()), "{text}");
        }
    }

    #[test]
    fn only_one_kind_of_input_is_taken() {
        for fields in [
            r#""Input": "{}", "InputPath": "$.detail""#,
            r#""Input": "{}", "InputTransformer": {"InputTemplate": "{}"}"#,
            r#""InputPath": "$", "InputTransformer": {"InputTemplate": "{}"}"#,
            r#""Input": "", "InputPath": "", "InputTransformer": {"InputTemplate": ""}"#,
        ] {
            let error = Target::from_json(&format!("{{\"Id\": \"x1\", {fields}}}"), None);
            let said =
                "Only one of Input, InputPath, or InputTransformer must be provided for target x1.";
            assert_eq!(error, Err(TargetError::Refused(Refusal::several("x1"))), "{fields}");
            assert_eq!(error.map_err(|error| error.to_string()), Err(said.to_owned()));
        }
    }
}
