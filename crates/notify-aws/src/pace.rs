//! Keeps to a rate that AWS sets, from the moment it says so.

use notify_core::provider::{ErrorClass, ProviderError};
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Three a second: the limit of `PutMetricAlarm` and of `DeleteAlarms` in each region
/// ([quotas](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html)).
const EVERY: Duration = Duration::from_millis(334);
/// How long a call is tried again after it was first throttled.
const PATIENCE: Duration = Duration::from_mins(1);

/// Lets calls of one operation through as they come until one is throttled, then one every third
/// of a second.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    /// When the next call may begin; `None` until AWS has throttled.
    next: Mutex<Option<Instant>>,
}

impl Pacer {
    /// Makes a call until AWS no longer throttles it, for a minute at most.
    ///
    /// Whoever is throttled takes the next free turn, so that the rate holds with any number of
    /// calls waiting.
    pub(crate) async fn run<T, F>(&self, mut call: impl FnMut() -> F) -> Result<T, ProviderError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let mut give_up = None;
        loop {
            self.turn().await;
            match call().await {
                Err(error) if error.class == ErrorClass::Throttled => {
                    let now = Instant::now();
                    if now >= *give_up.get_or_insert(now + PATIENCE) {
                        return Err(error);
                    }
                    self.slow_down(now);
                }
                answer => return answer,
            }
        }
    }

    async fn turn(&self) {
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(free) = *next else { return };
            let turn = free.max(Instant::now());
            *next = Some(turn + EVERY);
            turn
        };
        sleep_until(turn).await;
    }

    fn slow_down(&self, now: Instant) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(next.map_or(now + EVERY, |free| free.max(now + EVERY)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const AN_ANSWER: Duration = Duration::from_millis(50);

    fn throttled() -> ProviderError {
        ProviderError::new(ErrorClass::Throttled, "cloudwatch:PutMetricAlarm", "", "")
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_waits_until_aws_throttles() {
        let (pacer, start) = (Pacer::default(), Instant::now());
        let calls = join_all((0..50).map(|_| pacer.run(async || Ok(())))).await;
        assert!(calls.iter().all(Result::is_ok));
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn after_one_throttle_all_go_at_the_rate_and_get_through() {
        let (pacer, start, made) = (Pacer::default(), Instant::now(), AtomicUsize::new(0));
        let call = async || {
            let nth = made.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(AN_ANSWER).await;
            // AWS takes two of the ten that come at once.
            if (2..10).contains(&nth) { Err(throttled()) } else { Ok(()) }
        };
        let calls = join_all((0..10).map(|_| pacer.run(call))).await;
        assert!(calls.iter().all(Result::is_ok));
        assert_eq!(made.load(Ordering::Relaxed), 18);
        assert_eq!(start.elapsed(), AN_ANSWER + 8 * EVERY + AN_ANSWER);

        assert!(pacer.run(call).await.is_ok());
        assert_eq!(start.elapsed(), AN_ANSWER + 9 * EVERY + AN_ANSWER, "the rate is kept to");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_throttled_for_a_minute_is_given_up() {
        let (pacer, start) = (Pacer::default(), Instant::now());
        let answer = pacer.run(async || Err::<(), _>(throttled())).await;
        assert!(answer.is_err_and(|error| error.class == ErrorClass::Throttled));
        assert!((60..62).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn any_other_failure_is_the_callers() {
        let (pacer, made) = (Pacer::default(), AtomicUsize::new(0));
        let answer = pacer.run(async || {
            made.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(ProviderError::new(ErrorClass::Invalid, "", "", ""))
        });
        assert!(answer.await.is_err());
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }
}
