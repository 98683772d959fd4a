//! Tests of the library as its users call it.

#![expect(clippy::disallowed_methods, reason = "core reads no files; its tests read their cases")]

mod hostile;
mod limits;
mod pattern;
mod pattern_errors;
mod pattern_laws;
mod schema;
mod spec;
