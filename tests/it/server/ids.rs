//! Where the API server is, and accounts on it that nothing was done to.

use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers of accounts that no test has had; other runs on the same server have others.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// The id of an account that nothing was done to.
pub(crate) fn fresh_id() -> String {
    let process = u64::from(std::process::id()) % 1_000_000;
    format!("{}", 200_000_000_000 + process * 10_000 + NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Where the API server is.
pub(crate) fn endpoint() -> String {
    std::env::var("NOTIFY_TEST_ENDPOINT")
        .expect("NOTIFY_TEST_ENDPOINT: run `cargo xtask test` or `cargo xtask e2e`")
}
