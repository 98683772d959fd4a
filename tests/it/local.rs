//! The suite on the in-memory cloud.

use notify_core::local::LocalCloud;
use notify_core::provider::Provider;
use notify_tests::{Account, Deed};

struct InMemory(LocalCloud);

impl Account for InMemory {
    type Provider = LocalCloud;

    async fn fresh() -> Self {
        Self(LocalCloud::default())
    }

    fn provider(&self) -> &LocalCloud {
        &self.0
    }

    async fn by_hand(&self, deed: Deed) {
        for answer in self.0.execute(&[&deed.to_change()]).await {
            answer.expect("done by hand");
        }
    }
}

notify_tests::conformance!(InMemory);
