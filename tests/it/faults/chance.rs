//! Numbers by chance, the same ones for the same seed.

use std::time::Duration;

/// A seed that is another for each round.
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// By chance, unless `NOTIFY_FAULTS_SEED` says which.
    pub(crate) fn seed() -> u64 {
        let given = std::env::var("NOTIFY_FAULTS_SEED").ok().and_then(|seed| seed.parse().ok());
        given.unwrap_or_else(|| {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            since.map_or(1, |since| since.as_secs())
        })
    }

    pub(crate) fn of(seed: u64, round: usize) -> Self {
        let round = u64::try_from(round).unwrap_or_default();
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(round + 1))
    }

    /// Below `limit`, by splitmix64.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }

    pub(crate) fn up_to(&mut self, longest: Duration) -> Duration {
        let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.below(micros))
    }
}
