//! Past events out of what people keep them in, at the speed of the disk.
//!
//! A [`Feed`] turns [`Source`]s, which callers open, into [`Batch`]es of about one MiB, and a batch
//! gives its [`Document`]s. [`in_order`] works on batches in parallel and hands over the results in
//! the order of the input. Memory is bounded by the threads, whatever the size of the input.
//!
//! ```
//! use notify_core::aws::{AccountId, Region};
//! use notify_core::feed::{Batch, Content, Feed, Progress, Source, StandIn, in_order};
//! use std::{num::NonZeroUsize, ops::ControlFlow};
//!
//! let file = br#"{"version":"0","detail-type":"Backup Job State Change","source":"aws.backup"}
//! what is this?
//! "#;
//! let progress = Progress::default();
//! let sources = [Source::new("events.ndjson", Ok(&file[..]))];
//! let feed = Feed::new(sources.into_iter(), progress.clone());
//!
//! let account = AccountId::parse("123456789012")?;
//! let stand_in = StandIn { account, region: Region::us_east_1() };
//! let (mut events, mut bad) = (0, Vec::new());
//! let work = || {
//!     |batch: Batch| {
//!         let (mut events, mut bad) = (0, Vec::new());
//!         for document in batch.documents(&stand_in) {
//!             match document.content {
//!                 Content::Event(_) => events += 1,
//!                 Content::NoEvent(_) => {}
//!                 Content::Bad(problem) => bad.push(format!("{}: {problem}", document.place)),
//!             }
//!         }
//!         (events, bad)
//!     }
//! };
//! let stopped = in_order(feed, NonZeroUsize::MIN, work, |(more, worse)| {
//!     events += more;
//!     bad.extend(worse);
//!     ControlFlow::<()>::Continue(())
//! });
//! assert!(stopped.is_continue());
//! assert_eq!(events, 1);
//! assert_eq!(bad, ["events.ndjson:2: is not JSON: expected value, column 1"]);
//! assert_eq!(progress.bytes(), 92);
//! # Ok::<(), notify_core::aws::NameError>(())
//! ```
//!
//! # What is read
//!
//! Plain, gzip (of several members, too) and zstd (of several frames, too). The format is told from
//! the content, not from the name:
//!
//! | content | becomes |
//! | --- | --- |
//! | EventBridge events, one a line | themselves, not parsed, not copied |
//! | EventBridge events in an array, pretty-printed, or one after the other | themselves, not copied |
//! | CloudTrail log files `{"Records": […]}`, records one a line, `aws cloudtrail lookup-events` | the event that EventBridge makes of each record |
//! | `aws configservice get-compliance-details-by-config-rule`, also of an aggregator | `Config Rules Compliance Change`, as if each result had just turned so: [`Origin::is_current_state_only`] |
//! | `aws configservice get-resource-config-history`, Config's history and snapshot files (the latter are a current state, too) | `Config Configuration Item Change`; items of `AWS::Config::ResourceCompliance` become `Config Rules Compliance Change`, one for each rule that differs from the item beside it |
//!
//! Whatever else there is, is a [`Bad`] document with its place: nothing is passed over in silence.

mod batch;
mod classify;
mod cloudtrail;
pub(crate) mod compliance;
mod document;
mod envelope;
mod history;
mod in_order;
mod inside;
mod lines;
mod members;
mod pool;
mod progress;
mod scan;
mod sniff;
mod stream;
#[cfg(test)]
mod tests;
pub(crate) mod time;
mod unpack;
mod values;

pub use batch::{Batch, Documents};
pub use document::{Bad, Content, Document, Event, NoEvent, Origin, Place};
pub use envelope::StandIn;
pub use in_order::in_order;
pub use progress::Progress;
pub use stream::Feed;

use std::io::Read;
use std::sync::Arc;

/// The largest document that is read, in bytes; larger ones are [`Bad::TooLarge`].
///
/// `EventBridge` takes entries of up to 1 MiB:
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html>. What Config keeps
/// of a resource may be larger.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Something to read events from, opened by the caller.
pub struct Source {
    /// What people call it, such as its path.
    pub name: Arc<str>,
    /// Where its bytes come from, or why it could not be opened.
    pub reader: std::io::Result<Box<dyn Read + Send>>,
}

impl Source {
    /// Names what was opened, or could not be opened.
    pub fn new(name: &str, opened: std::io::Result<impl Read + Send + 'static>) -> Self {
        Self { name: name.into(), reader: opened.map(|reader| Box::new(reader) as _) }
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}
