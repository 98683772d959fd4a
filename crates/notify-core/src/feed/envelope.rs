//! What `EventBridge` puts around the detail of an event.

use super::document::{Content, Event, Origin};
use crate::aws::{AccountId, Region};
use std::borrow::Cow;

/// Whose data it is, where it does not say so itself. Every field that tells goes first, then the
/// resource's ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandIn {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
}

/// An event, but for its detail. Texts are plain, without quotes.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// Where nothing is known that would do, one is made from the detail: the same each time.
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) detail_type: &'a str,
    pub(super) source: &'a str,
    pub(super) account: &'a str,
    /// To the second, as in all events.
    pub(super) time: &'a str,
    pub(super) region: &'a str,
    pub(super) resource: Option<&'a str>,
}

impl Envelope<'_> {
    /// Puts the detail in, byte for byte, and says what it was made of.
    pub(super) fn seal(&self, detail: &[u8], origin: Origin, read_only: bool) -> Content<'static> {
        let json = Cow::Owned(self.around(detail));
        Content::Event(Event { json, origin, read_only })
    }

    /// Puts the detail in, byte for byte.
    pub(super) fn around(&self, detail: &[u8]) -> Vec<u8> {
        let made;
        let id = match &self.id {
            Some(id) => id,
            None => {
                made = id_of(detail);
                made.as_str()
            }
        };
        let mut json = Vec::with_capacity(detail.len() + 512);
        let mut member = |before: &str, text: &str| {
            json.extend_from_slice(before.as_bytes());
            quote(text, &mut json);
        };
        member(r#"{"version":"0","id":"#, id);
        member(r#","detail-type":"#, self.detail_type);
        member(r#","source":"#, self.source);
        member(r#","account":"#, self.account);
        member(r#","time":"#, self.time);
        member(r#","region":"#, self.region);
        json.extend_from_slice(br#","resources":["#);
        if let Some(resource) = self.resource {
            quote(resource, &mut json);
        }
        json.extend_from_slice(br#"],"detail":"#);
        json.extend_from_slice(detail);
        json.push(b'}');
        json
    }
}

/// Appends a JSON string.
pub(super) fn quote(text: &str, json: &mut Vec<u8>) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    } else {
        json.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
}

/// An id in the shape of a UUID: the 128-bit FNV-1a hash of the detail.
fn id_of(detail: &[u8]) -> String {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash =
        detail.iter().fold(BASIS, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    let hex = format!("{hash:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    parts.join("-")
}
