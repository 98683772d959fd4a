//! How far reading has come.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the bytes that were read from the sources themselves: packed ones, where they are packed.
///
/// It may be looked at from another thread while reading goes on.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// How many bytes were read until now, of all sources.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A reader that counts, and that marks its own errors: those of a decoder above it are others.
pub(super) struct Counted<R> {
    pub(super) reader: R,
    pub(super) progress: Progress,
}

/// An error of the source itself.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct OfSource(io::Error);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Ok(read) => {
                    let bytes = u64::try_from(read).unwrap_or(u64::MAX);
                    self.progress.0.fetch_add(bytes, Ordering::Relaxed);
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io::Error::new(error.kind(), OfSource(error))),
            }
        }
    }
}
