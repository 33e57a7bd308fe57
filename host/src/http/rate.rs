//! How often a tenant may ask: a bucket of requests, which fills up again evenly.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::service::rules::Quotas;
use crate::tenants::Tenant;

/// The buckets of all tenants that asked.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<HashMap<Tenant, Bucket>>);

/// What empties by one and fills up evenly.
#[derive(Debug)]
pub(super) struct Bucket {
    level: f64,
    filled: Instant,
}

impl Bucket {
    /// With so much in it.
    pub(super) fn full(level: f64, now: Instant) -> Self {
        Self { level, filled: now }
    }

    /// Takes one out, if there is one; `burst` is the most that it holds, `a_second` how fast it fills.
    pub(super) fn take(&mut self, burst: f64, a_second: f64, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        (self.level, self.filled) = ((self.level + passed * a_second).min(burst), now);
        let is_taken = self.level >= 1.0;
        if is_taken {
            self.level -= 1.0;
        }
        is_taken
    }
}

/// What a tenant may still ask, for the headers of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// Requests that the bucket holds when it is full.
    pub(super) burst: u32,
    /// Seconds in which an empty one becomes full.
    pub(super) window_seconds: u32,
    /// Requests that it holds now.
    pub(super) remaining: u32,
    /// Seconds until it is full.
    pub(super) full_after_seconds: u32,
    /// Seconds until there is one more, if there is none.
    pub(super) retry_after_seconds: Option<u32>,
}

impl Rates {
    /// Takes a request out of the tenant's bucket, if there is one in it.
    pub(super) fn take(&self, tenant: &Tenant, quotas: Quotas, now: Instant) -> Rate {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (burst, a_second) = (f64::from(quotas.requests_burst.max(1)), f64::from(quotas.requests_a_second.max(1)));
        let bucket = buckets.entry(tenant.clone()).or_insert_with(|| Bucket::full(burst, now));
        let is_taken = bucket.take(burst, a_second, now);
        let seconds = |requests: f64| whole((requests / a_second).ceil());
        Rate {
            burst: quotas.requests_burst.max(1),
            window_seconds: seconds(burst).max(1),
            remaining: whole(bucket.level.floor()),
            full_after_seconds: seconds(burst - bucket.level),
            retry_after_seconds: (!is_taken).then(|| seconds(1.0 - bucket.level).max(1)),
        }
    }
}

/// A number that is whole and not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
fn whole(number: f64) -> u32 {
    number.clamp(0.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn e04_a_bucket_empties_and_fills() {
        let rates = Rates::default();
        let quotas = Quotas { requests_a_second: 2, requests_burst: 3, ..Quotas::usual(1) };
        let (acme, other): (Tenant, Tenant) = ("acme".parse().unwrap(), "other".parse().unwrap());
        let begin = Instant::now();
        assert_eq!(rates.take(&"third".parse().unwrap(), quotas, begin).window_seconds, 2);
        let remaining: Vec<_> = (0..3).map(|_| rates.take(&acme, quotas, begin).remaining).collect();
        assert_eq!(remaining, [2, 1, 0]);
        let refused = rates.take(&acme, quotas, begin);
        assert_eq!((refused.retry_after_seconds, refused.full_after_seconds), (Some(1), 2));
        // Another's bucket is another's.
        assert_eq!(rates.take(&other, quotas, begin).retry_after_seconds, None);
        let later = begin + Duration::from_millis(500);
        assert_eq!(rates.take(&acme, quotas, later).retry_after_seconds, None);
        assert_eq!(rates.take(&acme, quotas, later).retry_after_seconds, Some(1));
        let much_later = begin + Duration::from_secs(100);
        assert_eq!(rates.take(&acme, quotas, much_later).remaining, 2);
    }
}
