//! What a guest learns of time and chance: little. Coarse clocks tell it nothing of what other processes do, and the same
//! tree takes the same instructions twice.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

use crate::limits::GUEST_CLOCK_TICK;

/// Both clocks, which advance by ticks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coarse(Instant);

impl Coarse {
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }
}

fn ticked(time: Duration) -> Duration {
    let tick = GUEST_CLOCK_TICK.as_millis().max(1);
    let whole = time.as_millis() / tick * tick;
    Duration::from_millis(u64::try_from(whole).unwrap_or(u64::MAX))
}

impl HostWallClock for Coarse {
    fn resolution(&self) -> Duration {
        GUEST_CLOCK_TICK
    }

    fn now(&self) -> Duration {
        ticked(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }
}

impl HostMonotonicClock for Coarse {
    fn resolution(&self) -> u64 {
        nanoseconds(GUEST_CLOCK_TICK)
    }

    fn now(&self) -> u64 {
        nanoseconds(ticked(self.0.elapsed()))
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The same bytes for every guest. It seeds its hash maps with them. Whoever knows them can make keys that collide,
/// and slows down the scan of his own repository alone, until its fuel ends.
pub(super) fn chance() -> Deterministic {
    let mut bytes = vec![0; 1024];
    blake3::Hasher::new().update(b"fumehood: what is random to a guest").finalize_xof().fill(&mut bytes);
    Deterministic::new(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_advance_by_ticks() {
        let clock = Coarse::new();
        assert_eq!(HostWallClock::now(&clock).as_millis() % GUEST_CLOCK_TICK.as_millis(), 0);
        assert_eq!(HostMonotonicClock::now(&clock) % nanoseconds(GUEST_CLOCK_TICK), 0);
        assert_eq!(ticked(Duration::from_millis(19)), GUEST_CLOCK_TICK);
    }
}
