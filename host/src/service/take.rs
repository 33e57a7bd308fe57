//! Takes a job, or says why not: quotas, a full disk, a request that was made before.

use std::sync::{Arc, PoisonError};

use fumehood_contract::master::Master;
use uuid::Uuid;

use super::index::{Entry, Repeat};
use super::request::NO_SCANNER;
use super::running::{Seat, unended};
use super::webhook::Webhook;
use super::{ScanRequest, Service, StoredRequest};
use crate::jobs::live::{self, Shared, read};
use crate::jobs::store::{JobStore, StoreError};
use crate::tenants::Tenant;

/// A job that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub id: Uuid,
    /// Whether the same request was made before, and this is its job.
    pub is_repeated: bool,
}

/// Why a job is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The tenant has enough to wait for.
    #[error("{0} jobs of yours have not ended, which is as many as you may have; wait, or cancel one")]
    TooManyJobs(usize),
    /// The tenant has enough to wait for.
    #[error("{0} repositories of yours wait or are at work, and {1} is as many as you may have; wait, or cancel a job")]
    TooManyRepositories(usize, usize),
    /// The tenant's jobs take as much of the disk as they may.
    #[error("your jobs take {0} bytes, which is more than you may have; remove some that have ended")]
    TooMuchStored(u64),
    /// The disk is nearly full.
    #[error("the disk of this service is nearly full; try again later")]
    DiskFull,
    /// The service ends.
    #[error("the service is stopping; try again in a moment")]
    Stopping,
    /// The key came with another request before.
    #[error("this Idempotency-Key came with another request before; use a fresh one")]
    KeyReused,
    /// The request with this key is being taken in this moment.
    #[error("the first request with this Idempotency-Key is being taken; try again in a moment")]
    KeyInUse,
    /// The scanner that it was scanned with is gone, or not for this tenant any more.
    #[error("{NO_SCANNER}")]
    NoScanner,
    /// It cannot be written down.
    #[error("the job cannot be stored: {0}")]
    Store(#[from] StoreError),
}

impl Service {
    /// Takes a job. It is on the disk when this returns; what it is made of is found out behind that.
    pub fn accept(
        self: &Arc<Self>,
        tenant: &Tenant,
        request: ScanRequest,
        repeat: Option<Repeat>,
    ) -> Result<Accepted, NotTaken> {
        let id = Uuid::new_v4();
        let store = JobStore::open(&self.data, tenant.as_str(), id);
        let live = live::begin(&store, &request.asked(), Vec::new(), request.scanner.clone());
        let mut entry = Entry::new(id, &read(&live).master, repeat.clone());
        entry.is_stored = false;
        // First of all: who asks again because no answer came must not be told of a quota.
        if let Some(id) = self.index.reserve(tenant, entry)? {
            return Ok(Accepted { id, is_repeated: true });
        }
        let admitted = self.admit(tenant, id, &live, request.least_repositories()).and_then(|seat| {
            let request = StoredRequest { request: request.clone(), repeat };
            Ok(write(&store, &request, &read(&live).master).map(|()| seat)?)
        });
        let seat = match admitted {
            Ok(seat) => seat,
            Err(why) => {
                self.running.remove(tenant, id);
                self.index.remove(tenant, id);
                // Without a master it is no job; the next round of tidying up finds what is left.
                let _later = store.remove();
                return Err(why);
            }
        };
        self.start(tenant.clone(), store, live, seat, Some(request));
        self.index.update(tenant, id, |entry| entry.is_stored = true);
        self.metrics.job_accepted();
        Ok(Accepted { id, is_repeated: false })
    }

    /// Makes a job a running one, if nothing speaks against one more.
    fn admit(&self, tenant: &Tenant, id: Uuid, live: &Shared, least: usize) -> Result<Seat, NotTaken> {
        let quotas = self.quotas(tenant);
        let stored = self.index.stored_bytes(tenant);
        if stored > quotas.stored_bytes {
            return Err(NotTaken::TooMuchStored(stored));
        }
        self.has_room()?;
        self.running.admit(tenant, id, live, least, quotas)
    }

    /// Whether the service takes jobs at all at the moment.
    pub fn has_room(&self) -> Result<(), NotTaken> {
        if self.is_stopping() {
            return Err(NotTaken::Stopping);
        }
        if self.free_bytes() < self.rules.retention.free_bytes_min { Err(NotTaken::DiskFull) } else { Ok(()) }
    }

    /// What is free on the disk. Where it cannot be asked, the writing will tell.
    pub(super) fn free_bytes(&self) -> u64 {
        rustix::fs::statvfs(&self.data).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Has a job go on that had ended.
    pub(super) fn take_up(
        self: &Arc<Self>,
        tenant: &Tenant,
        store: JobStore,
        mut master: Master,
        request: ScanRequest,
    ) -> Result<(), NotTaken> {
        self.scanner(tenant, request.scanner.as_deref()).ok_or(NotTaken::NoScanner)?;
        master.completed_at = None;
        let (id, live) = (store.id(), live::live(master));
        let seat = self.admit(tenant, id, &live, unended(&live))?;
        if let Err(error) = self.write_again(&store, &live) {
            self.running.remove(tenant, id);
            return Err(error.into());
        }
        self.ended.forget(tenant, id);
        let master = read(&live).master.clone();
        self.index.update(tenant, id, |entry| {
            let repeat = entry.repeat.take();
            *entry = Entry::new(id, &master, repeat);
        });
        let is_unknown = master.repositories.is_empty();
        self.start(tenant.clone(), store, live, seat, Some(request).filter(|_| is_unknown));
        Ok(())
    }

    /// Stores an ended job as one that has not: its end is told anew.
    fn write_again(&self, store: &JobStore, live: &Shared) -> Result<(), StoreError> {
        live::save(store, live)?;
        store.reopen();
        let _alone = self.webhook_files.lock().unwrap_or_else(PoisonError::into_inner);
        store.webhook().map_or(Ok(()), |webhook| store.write_webhook(&Webhook::new(webhook.url)))
    }
}

fn write(store: &JobStore, request: &StoredRequest, master: &Master) -> Result<(), StoreError> {
    store.make()?;
    store.write_request(request)?;
    if let Some(url) = request.request.webhook_url.as_deref().and_then(|url| Webhook::url(url).ok()) {
        store.write_webhook(&Webhook::new(url))?;
    }
    store.write_master(master)
}
