//! Tests of the library as its users call it.

#![expect(clippy::disallowed_methods, reason = "core reads no files; its tests read their cases")]

mod hostile;
mod limits;
mod schema;
mod spec;
mod transform;
mod transform_laws;
mod transform_loss;
