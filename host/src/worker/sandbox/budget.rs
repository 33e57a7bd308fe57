//! What a guest may put into its folder. WASI has no disk quota, and `RLIMIT_FSIZE` bounds single files only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::limits::{STATUS_BYTES_MAX, STATUS_ENTRIES_MAX};

/// Bytes that were written and entries that are there, shared by all that writes.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    is_on: bool,
    bytes_left: AtomicU64,
    entries: AtomicU64,
    is_spent: AtomicBool,
}

impl Budget {
    /// A whole one. Where it is not on, it counts nothing.
    pub(crate) fn new(is_on: bool) -> Self {
        Self(Arc::new(Counters {
            is_on,
            bytes_left: STATUS_BYTES_MAX.into(),
            entries: 0.into(),
            is_spent: false.into(),
        }))
    }

    /// Whether so many more bytes may be written. Space that is given back does not count: a guest that writes for
    /// ever ends, whatever it removes.
    pub(crate) fn write(&self, bytes: u64) -> bool {
        let take = |left: u64| left.checked_sub(bytes);
        self.judge(self.0.bytes_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok())
    }

    /// Whether a file may have this size.
    pub(crate) fn may_measure(&self, bytes: u64) -> bool {
        self.judge(bytes <= STATUS_BYTES_MAX)
    }

    /// Whether one more file or folder may be made.
    pub(crate) fn add(&self) -> bool {
        let take = |entries: u64| (entries < STATUS_ENTRIES_MAX).then_some(entries + 1);
        self.judge(self.0.entries.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok())
    }

    /// A file or folder is gone.
    pub(crate) fn remove(&self) {
        let give = |entries: u64| Some(entries.saturating_sub(1));
        let _always = self.0.entries.fetch_update(Ordering::Relaxed, Ordering::Relaxed, give);
    }

    /// Whether more was wanted than there is.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.is_spent.load(Ordering::Relaxed)
    }

    fn judge(&self, is_within: bool) -> bool {
        if !self.0.is_on {
            return true;
        }
        if !is_within {
            self.0.is_spent.store(true, Ordering::Relaxed);
        }
        is_within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_once_and_for_all() {
        let budget = Budget::new(true);
        assert!(budget.write(STATUS_BYTES_MAX - 1) && budget.write(1) && !budget.is_spent());
        assert!(!budget.write(1) && budget.is_spent());
        assert!(Budget::new(true).may_measure(STATUS_BYTES_MAX) && !Budget::new(true).may_measure(1 << 43));
    }

    #[test]
    fn entries_that_are_gone_make_room() {
        let budget = Budget::new(true);
        assert!((0..STATUS_ENTRIES_MAX).all(|_| budget.add()) && !budget.add());
        budget.remove();
        assert!(budget.add() && !budget.add());
    }

    #[test]
    fn switched_off_it_refuses_nothing() {
        let budget = Budget::new(false);
        assert!(budget.write(u64::MAX) && budget.may_measure(u64::MAX) && !budget.is_spent());
    }
}
