//! Who takes which messages: filters of readers, and what these cannot keep out.

use super::{Note, NoteKind};
use crate::aws::{Filter, NOTIFICATION, SEVERITY};
use crate::preset::Severity;
use crate::spec::{EventSpec, Spec, SubscriptionSpec};

/// The filter that a reader's `min_severity` and `only` come to; `None` where neither is said.
pub(super) fn filter(reader: &SubscriptionSpec) -> Option<Filter> {
    let SubscriptionSpec { protocol: _, endpoint: _, min_severity, only } = reader;
    let severities: Vec<&str> = min_severity.map_or_else(Vec::new, |least| {
        // The worst comes first.
        let at_least = Severity::ALL.iter().filter(|severity| **severity <= least);
        at_least.map(|severity| severity.as_str()).collect()
    });
    let names: Vec<&str> = only.iter().map(String::as_str).collect();
    let by = [(SEVERITY, severities.as_slice()), (NOTIFICATION, names.as_slice())];
    let by: Vec<_> = by.into_iter().filter(|(_, values)| !values.is_empty()).collect();
    (!by.is_empty()).then(|| Filter::admitting(&by))
}

/// Says of each reader who takes not everything what reaches them all the same: SNS filters by
/// message attributes, and alarms and rules that publish directly give none.
pub(super) fn notes(spec: &Spec) -> impl Iterator<Item = Note> + '_ {
    spec.subscriptions.iter().filter_map(move |reader| {
        filter(reader)?;
        let by_name =
            |name: &str| !reader.only.is_empty() && !reader.only.iter().any(|n| n == name);
        let unwanted = |name: &str, severity: Option<Severity>| {
            by_name(name)
                || reader
                    .min_severity
                    .is_some_and(|least| severity.is_none_or(|severity| severity > least))
        };
        let events = spec.events.iter().filter(|event| {
            let wanted = !unwanted(event.name.as_str(), event.severity);
            !wanted && passes(event, reader)
        });
        let alarms =
            spec.alarms.iter().filter(|alarm| unwanted(alarm.name.as_str(), alarm.severity));
        let names = events.map(|event| event.name.as_str());
        let names: Vec<&str> = names.chain(alarms.map(|alarm| alarm.name.as_str())).collect();
        if names.is_empty() {
            return None;
        }
        let text = format!(
            "{} gets these although its filter does not name them: {}; SNS filters by message \
             attributes, which alarms and `direct` mails do not have",
            reader.endpoint,
            names.join(", ")
        );
        Some(Note { kind: NoteKind::Info, key: None, text })
    })
}

/// Whether a reader's filter lets an event's messages through.
fn passes(event: &EventSpec, reader: &SubscriptionSpec) -> bool {
    filter(reader).is_none_or(|filter| filter.takes(&event.attributes()) == Some(true))
}
