//! Buffers that are used again: fresh memory costs more than what is done with it here.

use std::sync::{Arc, Mutex, PoisonError};

/// How many buffers are kept, and up to which size.
const MOST: usize = 16;
const LARGEST_KEPT: usize = 4 * 1024 * 1024;

/// Buffers that nobody uses now. Their bytes are whatever was there before.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

impl Pool {
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(super) fn give(&self, buffer: Vec<u8>) {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < MOST && (1..=LARGEST_KEPT).contains(&buffer.len()) {
            free.push(buffer);
        }
    }
}
