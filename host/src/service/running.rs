//! The jobs that have not ended, of all tenants. A job is here from the moment that it is admitted, so that two requests
//! cannot both be given what is left of a quota.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use fumehood_contract::master::Repository;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::NotTaken;
use super::rules::Quotas;
use crate::jobs::live::{self, Shared, read};
use crate::tenants::Tenant;

type Key = (Tenant, Uuid);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct RunningJobs {
    jobs: RwLock<HashMap<Key, Running>>,
    claimed: Mutex<HashSet<Key>>,
    freed: Condvar,
    left: Notify,
}

/// A job that has not ended.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) live: Shared,
    pub(super) cancel: watch::Sender<bool>,
    pub(super) version: watch::Receiver<u64>,
}

/// What the one who runs a job has in hand.
#[derive(Debug)]
pub(super) struct Seat {
    /// Turns true when somebody cancels the job.
    pub(super) cancelled: watch::Receiver<bool>,
    /// Tells those who wait that something is new; dropped when there will be nothing more.
    pub(super) changed: watch::Sender<u64>,
}

/// The right to change an ended job: nobody else has it, and it cannot run again before this is dropped.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    jobs: &'a RunningJobs,
    key: Key,
}

impl RunningJobs {
    /// A tenant's job.
    pub(super) fn get(&self, tenant: &Tenant, id: Uuid) -> Option<Running> {
        self.read().get(&(tenant.clone(), id)).cloned()
    }

    /// Adds a job that was admitted before.
    pub(super) fn insert(&self, tenant: &Tenant, id: Uuid, live: &Shared) -> Seat {
        take_seat(&mut self.write(), tenant, id, live)
    }

    /// Adds a job of at least so many repositories, if its tenant may have one more.
    pub(super) fn admit(
        &self,
        tenant: &Tenant,
        id: Uuid,
        live: &Shared,
        least: usize,
        quotas: Quotas,
    ) -> Result<Seat, NotTaken> {
        let mut running = self.write();
        let (jobs, repositories) = load(running.iter().filter(|((owner, _), _)| owner == tenant));
        if jobs >= quotas.jobs {
            return Err(NotTaken::TooManyJobs(jobs));
        }
        if repositories + least > quotas.queued_repositories {
            return Err(NotTaken::TooManyRepositories(repositories, quotas.queued_repositories));
        }
        Ok(take_seat(&mut running, tenant, id, live))
    }

    /// Says what a job is made of, or why it cannot be done: the tenant may have no more repositories waiting, for
    /// example.
    pub(super) fn expand(
        &self,
        tenant: &Tenant,
        id: Uuid,
        found: Result<Vec<Repository>, String>,
        quotas: Quotas,
    ) -> Option<()> {
        let running = self.write();
        let key = (tenant.clone(), id);
        let others = running.iter().filter(|(other, _)| other.0 == *tenant && **other != key);
        let waiting = load(others).1;
        let most = quotas.queued_repositories;
        let found = found.and_then(|found| {
            let too_many = || {
                format!(
                    "it has {} repositories, {waiting} of other jobs of yours wait or are at work, and {most} is as \
                     many as you may have; try again when others have ended",
                    found.len()
                )
            };
            if found.len().saturating_add(waiting) > most { Err(too_many()) } else { Ok(found) }
        });
        live::expanded(&running.get(&key)?.live, found);
        Some(())
    }

    /// The job has ended, or was never taken.
    pub(super) fn remove(&self, tenant: &Tenant, id: Uuid) {
        self.write().remove(&(tenant.clone(), id));
        self.left.notify_waiters();
    }

    /// The right to change a job that does not run; `None` if it does, or somebody else has that right.
    pub(super) fn claim(&self, tenant: &Tenant, id: Uuid) -> Option<Claim<'_>> {
        let key = (tenant.clone(), id);
        let mut claimed = self.claimed();
        let is_free = !self.read().contains_key(&key) && claimed.insert(key.clone());
        is_free.then(|| Claim { jobs: self, key })
    }

    /// The same, but waits for whoever has that right: tidying up takes a moment. `None` if the job runs.
    pub(super) fn claim_in_turn(&self, tenant: &Tenant, id: Uuid) -> Option<Claim<'_>> {
        let key = (tenant.clone(), id);
        let claimed = self.claimed();
        let waited = self.freed.wait_while(claimed, |claimed| claimed.contains(&key));
        let mut claimed = waited.unwrap_or_else(PoisonError::into_inner);
        let is_free = !self.read().contains_key(&key) && claimed.insert(key.clone());
        is_free.then(|| Claim { jobs: self, key })
    }

    /// Jobs, and their repositories that have not ended, of all tenants.
    pub(super) fn load(&self) -> (usize, usize) {
        load(self.read().iter())
    }

    /// Returns when there is none.
    pub(super) async fn all_left(&self) {
        loop {
            // Whoever leaves after the look is heard.
            let left = self.left.notified();
            tokio::pin!(left);
            left.as_mut().enable();
            if self.read().is_empty() {
                return;
            }
            left.await;
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<Key, Running>> {
        self.jobs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<Key, Running>> {
        self.jobs.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn claimed(&self) -> MutexGuard<'_, HashSet<Key>> {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.jobs.claimed().remove(&self.key);
        self.jobs.freed.notify_all();
    }
}

fn take_seat(running: &mut HashMap<Key, Running>, tenant: &Tenant, id: Uuid, live: &Shared) -> Seat {
    let (cancel, cancelled) = watch::channel(false);
    let (changed, version) = watch::channel(0);
    running.insert((tenant.clone(), id), Running { live: Arc::clone(live), cancel, version });
    Seat { cancelled, changed }
}

fn load<'a>(running: impl Iterator<Item = (&'a Key, &'a Running)>) -> (usize, usize) {
    running.fold((0, 0), |(jobs, repositories), (_, job)| (jobs + 1, repositories + unended(&job.live)))
}

/// Repositories that have not ended; a job of which it is not known yet what it is made of counts as one.
pub(super) fn unended(live: &Shared) -> usize {
    let live = read(live);
    live.master.repositories.len().max(1).saturating_sub(live.master.ended.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::store::JobStore;

    fn job() -> (Tenant, Uuid, Shared) {
        let id = Uuid::new_v4();
        let store = JobStore::open(std::path::Path::new("/nowhere"), "acme", id);
        ("acme".parse().unwrap(), id, live::begin(&store, "x", Vec::new(), None))
    }

    fn repositories(count: usize) -> Vec<Repository> {
        vec![Repository { name: "a".to_owned(), source: "/a".to_owned() }; count]
    }

    #[test]
    fn e04_a_quota_holds_from_the_admission_on() {
        let running = RunningJobs::default();
        let quotas = Quotas { jobs: 2, queued_repositories: 10, ..Quotas::usual(1) };
        let jobs: Vec<_> = (0..3).map(|_| job()).collect();
        let admit = |(tenant, id, live): &(Tenant, Uuid, Shared)| running.admit(tenant, *id, live, 1, quotas);
        assert!(admit(&jobs[0]).is_ok() && admit(&jobs[1]).is_ok());
        assert!(matches!(admit(&jobs[2]), Err(NotTaken::TooManyJobs(2))));
        running.remove(&jobs[0].0, jobs[0].1);
        assert!(matches!(
            running.admit(&jobs[2].0, jobs[2].1, &jobs[2].2, 10, quotas),
            Err(NotTaken::TooManyRepositories(1, 10))
        ));
    }

    /// What a group has is known after it was taken: the quota holds then, too.
    #[test]
    fn e04_a_group_that_is_too_large_is_not_queued() {
        let running = RunningJobs::default();
        let quotas = Quotas { queued_repositories: 10, ..Quotas::usual(1) };
        let (first, second) = (job(), job());
        for (tenant, id, live) in [&first, &second] {
            running.admit(tenant, *id, live, 1, quotas).unwrap();
        }
        running.expand(&first.0, first.1, Ok(repositories(7)), quotas);
        running.expand(&second.0, second.1, Ok(repositories(4)), quotas);
        assert_eq!(read(&first.2).master.repositories.len(), 7);
        let refused = read(&second.2).master.clone();
        assert!(refused.repositories.is_empty() && refused.error.unwrap().contains("7 of other jobs"));
    }

    #[test]
    fn who_changes_an_ended_job_is_alone() {
        let running = RunningJobs::default();
        let (tenant, id, live) = job();
        let claim = running.claim(&tenant, id);
        assert!(claim.is_some() && running.claim(&tenant, id).is_none());
        drop(claim);
        let _seat = running.insert(&tenant, id, &live);
        assert!(running.claim(&tenant, id).is_none());
        running.remove(&tenant, id);
        assert!(running.claim(&tenant, id).is_some());
    }
}
