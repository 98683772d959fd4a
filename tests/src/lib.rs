//! The suite that every provider must pass, and what it needs.
//!
//! [`mod@conformance`] holds the tests, each over any [`Account`]; the targets of this package run
//! them on the in-memory cloud and on AWS's API. Only what all providers must agree on is here:
//! what one of them does besides is tested beside it.

pub mod account;
pub mod conformance;
pub mod fault;

pub use account::{Account, Deed};
