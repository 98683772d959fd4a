//! Turns values into text for people, or into JSON documents.

pub(crate) mod backtest;
pub(crate) mod baseline;
pub(crate) mod digest;
pub(crate) mod explanation;
pub(crate) mod finding;
pub(crate) mod json;
pub(crate) mod letter;
pub(crate) mod mute;
pub(crate) mod plan;
pub(crate) mod presets;
pub(crate) mod preview;
pub(crate) mod proof;
pub(crate) mod replay;
pub(crate) mod send;
pub(crate) mod table;
