//! Core.
pub mod aws;
pub mod iam;
pub mod local;
pub mod message;
pub mod plan;
pub mod preset;
pub mod provider;
pub mod spec;
pub mod state;
