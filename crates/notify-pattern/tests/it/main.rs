//! Tests of patterns as users of the crate meet them.

#![expect(
    clippy::disallowed_methods,
    reason = "the crate reads no files; its tests read their cases"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cases;
mod errors;
mod explained;
mod fast;
mod fast_cases;
mod fast_edges;
mod laws;
