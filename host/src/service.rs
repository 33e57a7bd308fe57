//! The service behind the HTTP API: the jobs of all tenants, on one pool of workers.
//!
//! Everything that must survive lies in files: a job's folder is made and `master.json` is on the disk before the
//! job is promised. [`runner`] brings a job to its end; [`Service::resume`] takes up what a stopped service left.
//! Every look-up takes a [`Tenant`]: what is another's is as absent as what never was.

mod request;
mod runner;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use fumehood_contract::master::{JobState, Master};
use tokio::sync::watch;
use uuid::Uuid;

pub use request::{BadRequest, ScanRequest};

use crate::jobs::dispatcher::{Settings, Shared, read};
use crate::jobs::fair::{FairPool, Share};
use crate::jobs::store::{JobStore, StoreError};
use crate::tenants::Tenant;

/// What the operator allows.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    /// What one tenant may have of the pool.
    pub share: Share,
    /// Jobs of one tenant that have not ended.
    pub jobs_at_once: usize,
    /// Repositories of one job.
    pub repositories: usize,
}

/// All jobs of all tenants.
#[derive(Debug)]
pub struct Service {
    data: PathBuf,
    settings: Arc<Settings>,
    pool: FairPool,
    quotas: Quotas,
    /// Whether paths on this machine may be scanned, and below which folder.
    local_root: Option<PathBuf>,
    running: RwLock<HashMap<(Tenant, Uuid), Running>>,
    stopping: watch::Sender<bool>,
}

/// A job that has not ended.
#[derive(Clone, Debug)]
struct Running {
    live: Shared,
    cancel: watch::Sender<bool>,
    version: watch::Receiver<u64>,
}

/// A job as somebody may see it.
#[derive(Debug)]
pub enum Job {
    /// It has not ended: its state is in memory.
    Running {
        /// The state.
        live: Shared,
        /// Says when it changes.
        version: watch::Receiver<u64>,
    },
    /// It has ended: its state is on the disk.
    Ended(Box<Master>),
}

/// Why a job is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The tenant has enough to wait for.
    #[error("{0} jobs of yours have not ended, which is as many as you may have; wait, or cancel one")]
    TooManyJobs(usize),
    /// The service ends.
    #[error("the service is stopping; try again in a moment")]
    Stopping,
    /// It cannot be written down.
    #[error("the job cannot be stored: {0}")]
    Store(#[from] StoreError),
}

impl Service {
    /// A service without jobs.
    pub fn new(
        data: &Path,
        settings: Arc<Settings>,
        places: usize,
        quotas: Quotas,
        local_root: Option<PathBuf>,
    ) -> Arc<Self> {
        Arc::new(Self {
            data: data.to_owned(),
            settings,
            pool: FairPool::new(places),
            quotas,
            local_root,
            running: RwLock::default(),
            stopping: watch::Sender::new(false),
        })
    }

    /// Takes a job. It is on the disk when this returns; what it is made of is found out behind that.
    pub fn accept(self: &Arc<Self>, tenant: &Tenant, request: ScanRequest) -> Result<Uuid, NotTaken> {
        if *self.stopping.borrow() {
            return Err(NotTaken::Stopping);
        }
        let unfinished = self.unfinished(tenant);
        if unfinished >= self.quotas.jobs_at_once {
            return Err(NotTaken::TooManyJobs(unfinished));
        }
        let store = JobStore::create(&self.data, tenant.as_str())?;
        let live = crate::jobs::dispatcher::begin(&store, &request.asked(), Vec::new());
        store.write_request(&request)?;
        store.write_master(&read(&live).master)?;
        let id = store.id();
        self.start(tenant.clone(), store, live, Some(request));
        Ok(id)
    }

    /// Takes up the jobs that had not ended when the service before this one stopped.
    pub fn resume(self: &Arc<Self>) -> usize {
        let unfinished = JobStore::unfinished(&self.data);
        let count = unfinished.len();
        for (tenant, store, master, request) in unfinished {
            let Ok(tenant) = Tenant::try_from(tenant) else { continue };
            let request = request.filter(|_| master.repositories.is_empty());
            self.start(tenant, store, crate::jobs::dispatcher::live(master), request);
        }
        count
    }

    fn start(self: &Arc<Self>, tenant: Tenant, store: JobStore, live: Shared, request: Option<ScanRequest>) {
        let (cancel, cancelled) = watch::channel(false);
        let (changed, version) = watch::channel(0);
        let key = (tenant.clone(), store.id());
        let running = Running { live: Arc::clone(&live), cancel, version };
        self.running.write().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), running);
        let service = Arc::clone(self);
        tokio::spawn(async move {
            runner::run(&service, &tenant, &store, live, request, cancelled, changed).await;
            service.running.write().unwrap_or_else(PoisonError::into_inner).remove(&key);
        });
    }

    /// A tenant's job; `None` for another's and for one that never was, in the same way.
    pub fn job(&self, tenant: &Tenant, id: Uuid) -> Option<Job> {
        if let Some(running) = self.running(tenant, id) {
            return Some(Job::Running { live: running.live, version: running.version });
        }
        JobStore::open(&self.data, tenant.as_str(), id).master().map(|master| Job::Ended(Box::new(master)))
    }

    /// Where a tenant's job is stored.
    pub fn store(&self, tenant: &Tenant, id: Uuid) -> JobStore {
        JobStore::open(&self.data, tenant.as_str(), id)
    }

    /// A tenant's jobs, newest first: those after `after`, at most `limit`.
    pub fn jobs(&self, tenant: &Tenant, after: Option<Uuid>, limit: usize) -> Vec<Master> {
        let mut ids = JobStore::ids(&self.data, tenant.as_str());
        ids.sort_unstable_by(|left, right| right.cmp(left));
        let newer = after.and_then(|after| ids.iter().position(|(_, id)| *id == after)).map_or(0, |at| at + 1);
        let masters = ids.into_iter().skip(newer).filter_map(|(_, id)| match self.job(tenant, id)? {
            Job::Running { live, .. } => Some(read(&live).master.clone()),
            Job::Ended(master) => Some(*master),
        });
        masters.take(limit).collect()
    }

    /// Cancels a job that has not ended; false if there is none.
    pub fn cancel(&self, tenant: &Tenant, id: Uuid) -> bool {
        self.running(tenant, id).is_some_and(|running| running.cancel.send(true).is_ok())
    }

    /// Takes no more jobs and stops those that run, which the next service takes up. Returns when all have
    /// stopped.
    pub async fn stop(&self) {
        self.stopping.send_replace(true);
        while !self.running.read().unwrap_or_else(PoisonError::into_inner).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// Whether no more jobs are taken.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Jobs that have not ended, of all tenants.
    pub fn running_jobs(&self) -> usize {
        self.running.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn running(&self, tenant: &Tenant, id: Uuid) -> Option<Running> {
        let running = self.running.read().unwrap_or_else(PoisonError::into_inner);
        running.get(&(tenant.clone(), id)).cloned()
    }

    fn unfinished(&self, tenant: &Tenant) -> usize {
        let running = self.running.read().unwrap_or_else(PoisonError::into_inner);
        running.keys().filter(|(owner, _)| owner == tenant).count()
    }
}

/// Whether nothing more will happen to a job.
pub fn is_over(state: JobState) -> bool {
    match state {
        JobState::Completed | JobState::CompletedWithErrors | JobState::Failed | JobState::Cancelled => true,
        JobState::Initializing | JobState::InProgress => false,
    }
}
