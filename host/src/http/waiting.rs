//! Requests that wait for something to happen: each keeps a connection, of which there are so many. No tenant can have
//! them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::{WAITERS_A_TENANT, WAITERS_MAX};
use crate::tenants::Tenant;

/// Those of all tenants.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(Arc<Mutex<HashMap<Tenant, usize>>>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Waiter {
    all: Waiting,
    tenant: Tenant,
}

impl Waiting {
    /// One more; `None` if there are as many as there may be.
    pub(super) fn begin(&self, tenant: &Tenant) -> Option<Waiter> {
        let mut waiting = self.lock();
        let own = waiting.get(tenant).copied().unwrap_or(0);
        if own >= WAITERS_A_TENANT || waiting.values().sum::<usize>() >= WAITERS_MAX {
            return None;
        }
        waiting.insert(tenant.clone(), own + 1);
        Some(Waiter { all: self.clone(), tenant: tenant.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Tenant, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.all.lock();
        match waiting.get_mut(&self.tenant) {
            Some(own) if *own > 1 => *own -= 1,
            Some(_) | None => drop(waiting.remove(&self.tenant)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e04_no_tenant_waits_on_every_connection() {
        let waiting = Waiting::default();
        let tenant = |name: &str| name.parse::<Tenant>().unwrap();
        let mut greedy: Vec<_> = std::iter::from_fn(|| waiting.begin(&tenant("greedy"))).collect();
        assert_eq!(greedy.len(), WAITERS_A_TENANT);
        let modest = waiting.begin(&tenant("modest"));
        assert!(modest.is_some());
        greedy.pop();
        assert!(waiting.begin(&tenant("greedy")).is_some());
        drop((greedy, modest));
        assert!(waiting.lock().is_empty());
    }
}
