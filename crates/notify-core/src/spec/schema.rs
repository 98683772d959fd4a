//! The JSON Schema of the spec file, for editors.

/// The schema as JSON text (draft 2020-12). A test compares its keys with those that the parser
/// asks for.
pub fn schema() -> &'static str {
    include_str!("../../schema/notify.schema.json")
}
