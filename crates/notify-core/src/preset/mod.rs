//! Presets: notifications that most people want, as data.
//!
//! A preset is a file with declared parameters; adding one takes no code. [`all`] lists those that
//! are embedded, [`flaws`] says what is wrong with one.

mod catalogue;
mod flaws;
mod format;
mod section;

pub use catalogue::{Catalogue, Found, Removed, all, named, names, text};
pub use flaws::{Flaw, flaws};
pub use format::{
    AlarmPreset, EventPreset, Exclusion, Field, ForEach, Group, Language, LogMetricPreset, Noise,
    Parameter, ParameterKind, Preset, PresetDelivery, PresetKind, PresetState, PublisherPreset,
    Sample, Severity, Text,
};
