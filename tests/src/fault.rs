//! A provider that is cut off after some steps, as a killed program is.

use notify_core::aws::waf::WebAcl;
use notify_core::aws::{Identity, Tags};
use notify_core::plan::Change;
use notify_core::provider::{Done, ErrorClass, Provider, ProviderError};
use notify_core::state::{ResourceKey, Scope, State, WebAclQuery};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Carries out a number of steps, and fails from then on; a change may end half done.
#[derive(Debug)]
pub struct CutOff<'a, P> {
    inner: &'a P,
    left: AtomicUsize,
}

impl<'a, P: Provider> CutOff<'a, P> {
    /// Cuts `inner` off after `steps`.
    pub fn after(steps: usize, inner: &'a P) -> Self {
        Self { inner, left: AtomicUsize::new(steps) }
    }

    /// Takes up to `wanted` of the steps that are left.
    fn take(&self, wanted: usize) -> usize {
        let mut taken = 0;
        let less = |left: usize| {
            taken = left.min(wanted);
            Some(left - taken)
        };
        // The closure never refuses.
        let _ = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        taken
    }
}

impl<P: Provider> Provider for CutOff<'_, P> {
    async fn identity(&self) -> Result<Identity, ProviderError> {
        self.inner.identity().await
    }

    async fn web_acl(&self, query: &WebAclQuery) -> Result<WebAcl, ProviderError> {
        self.inner.web_acl(query).await
    }

    async fn observe(&self, scope: &Scope) -> Result<State, ProviderError> {
        self.inner.observe(scope).await
    }

    async fn roles(&self, scope: &Scope) -> Result<State, ProviderError> {
        self.inner.roles(scope).await
    }

    async fn mutes(&self, scope: &Scope) -> Result<State, ProviderError> {
        self.inner.mutes(scope).await
    }

    async fn owners(
        &self,
        keys: &[ResourceKey],
    ) -> Result<BTreeMap<ResourceKey, Tags>, ProviderError> {
        self.inner.owners(keys).await
    }

    async fn execute(&self, batch: &[&Change]) -> Vec<Result<Done, ProviderError>> {
        let steps: usize = batch.iter().map(|change| change.steps.len()).sum();
        let mut left = self.take(steps);
        if left == steps {
            return self.inner.execute(batch).await;
        }
        for change in batch {
            let here = left.min(change.steps.len());
            left -= here;
            if here > 0 {
                let part = Change { steps: change.steps[..here].to_vec(), ..(*change).clone() };
                // Whatever it answers, nobody is there to hear it.
                drop(self.inner.execute(&[&part]).await);
            }
        }
        let cut = |_| Err(ProviderError::new(ErrorClass::Other, "test:CutOff", "", "cut off"));
        batch.iter().map(cut).collect()
    }
}
