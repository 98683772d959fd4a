//! One region: its clients, and the one way through which every request goes.

use crate::connect::Clients;
use crate::errors::failed;
use crate::pace::Pacer;
use aws_sdk_sns::config::http::HttpResponse;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use notify_core::aws::Region;
use notify_core::provider::{ErrorClass, ProviderError};
use std::error::Error;
use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A region that is worked in.
#[derive(Debug)]
pub(crate) struct Regional {
    /// Which one.
    pub(crate) region: Region,
    /// Its clients.
    pub(crate) clients: Clients,
    /// The rate of `PutMetricAlarm`.
    pub(crate) put_alarm: Pacer,
    /// The rate of `DeleteAlarms`.
    pub(crate) delete_alarms: Pacer,
    /// The rate of AWS Config's reads, which AWS throttles early.
    pub(crate) config: Pacer,
    /// One for each request that may be under way, shared by all regions.
    permits: Arc<Semaphore>,
}

impl Regional {
    pub(crate) fn new(region: Region, clients: Clients, permits: Arc<Semaphore>) -> Self {
        let [put_alarm, delete_alarms, config] = [(); 3].map(|()| Pacer::default());
        Self { region, clients, put_alarm, delete_alarms, config, permits }
    }

    /// Sends a request as soon as there is room for it.
    ///
    /// The SDK's futures are many kilobytes large: each is in a box, so that those which hold it
    /// stay small.
    pub(crate) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        resource: &(dyn Display + Sync),
        send: impl FnOnce() -> F,
    ) -> Result<T, ProviderError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        // Fails only when the semaphore is closed, which nobody does.
        let _permit = self.permits.acquire().await;
        Box::pin(send()).await.map_err(|error| failed(operation, resource, error))
    }
}

/// Collects a listing that comes in pages: `page` takes the token of the page before.
///
/// A listing that goes in a circle is an error; it would be read for ever.
pub(crate) async fn pages<T, F>(
    operation: &'static str,
    mut page: impl FnMut(Option<String>) -> F,
) -> Result<Vec<T>, ProviderError>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), ProviderError>>,
{
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let (items, next) = page(token.clone()).await?;
        all.extend(items);
        // Some services end with an empty token instead of none.
        let next = next.filter(|next| !next.is_empty());
        if next.is_none() {
            return Ok(all);
        }
        if next == token {
            let message = "AWS gave the same page token twice";
            return Err(ProviderError::new(ErrorClass::Other, operation, "", message));
        }
        token = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_config::{BehaviorVersion, SdkConfig};
    use aws_sdk_sns::operation::get_topic_attributes::GetTopicAttributesError;
    use futures_util::future::join_all;
    use notify_core::provider::AT_A_TIME;
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    #[tokio::test(start_paused = true)]
    async fn all_regions_together_have_eight_requests_under_way() {
        let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        let permits = Arc::new(Semaphore::new(AT_A_TIME));
        let regions = ["eu-west-1", "us-east-1"].map(|name| {
            let region = Region::parse(name).unwrap();
            Regional::new(region.clone(), Clients::of(&config, &region), Arc::clone(&permits))
        });
        let request = async || {
            sleep(Duration::from_secs(1)).await;
            Ok::<_, SdkError<GetTopicAttributesError>>(())
        };
        let start = Instant::now();
        let calls = regions.iter().cycle().take(20).map(|at| at.call("sns:Any", &"", request));
        assert!(join_all(calls).await.iter().all(Result::is_ok));
        assert_eq!(start.elapsed().as_secs(), 20_u64.div_ceil(8));
    }

    #[tokio::test]
    async fn pages_are_followed_to_the_end() {
        for last in [None, Some("")] {
            let all = pages("sns:Any", async |token| {
                Ok(match token.as_deref() {
                    None => (vec![1, 2], Some("more")),
                    Some("more") => (vec![], Some("rest")),
                    Some("rest") => (vec![3], last),
                    Some(other) => panic!("a strange token: {other:?}"),
                })
                .map(|(items, next): (Vec<u8>, Option<&str>)| (items, next.map(str::to_owned)))
            });
            assert_eq!(all.await.unwrap(), [1, 2, 3]);
        }
        let circle = pages("sns:Any", async |_| Ok((vec![1], Some("same".to_owned()))));
        assert!(circle.await.is_err_and(|error| error.operation == "sns:Any"));
    }
}
