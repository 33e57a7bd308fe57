//! The service behind the HTTP API: the jobs of all tenants, on one pool of workers.
//!
//! Everything that must survive lies in files: a job's folder is made and `master.json` is on the disk before the
//! job is promised. [`runner`] brings a job to its end; [`Service::resume`] takes up what a stopped service left;
//! [`keeper`] tidies up. Every look-up takes a [`Tenant`]: what is another's is as absent as what never was.

pub mod ended;
pub mod index;
pub mod keeper;
mod request;
pub mod rules;
mod runner;
mod take;
pub mod webhook;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use fumehood_contract::RepoState;
use fumehood_contract::master::Master;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use self::ended::{Cache, EndedJob};
use self::index::{Entry, Index, Wanted};
use self::rules::{Quotas, Rules};
pub use request::{BadRequest, ScanRequest, StoredRequest};
pub use take::{Accepted, NotTaken};

use crate::jobs::dispatcher::Settings;
use crate::jobs::fair::FairPool;
use crate::jobs::live::{self, Shared, read};
use crate::jobs::store::JobStore;
use crate::limits::WEBHOOKS_AT_ONCE;
use crate::metrics::Metrics;
use crate::scanners::Compiled;
use crate::tenants::Tenant;

/// All jobs of all tenants.
#[derive(Debug)]
pub struct Service {
    data: PathBuf,
    settings: Arc<Settings>,
    scanners: Compiled,
    pool: FairPool,
    rules: Rules,
    metrics: Arc<Metrics>,
    running: RwLock<HashMap<(Tenant, Uuid), Running>>,
    index: Index,
    ended: Cache,
    webhook_places: Semaphore,
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
    Ended(Arc<EndedJob>),
}

impl Service {
    /// A service without jobs, whose pool has so many places.
    pub fn new(
        data: &Path,
        settings: Arc<Settings>,
        scanners: Compiled,
        places: usize,
        rules: Rules,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        Arc::new(Self {
            data: data.to_owned(),
            settings,
            scanners,
            pool: FairPool::new(places),
            rules,
            metrics,
            running: RwLock::default(),
            index: Index::default(),
            ended: Cache::default(),
            webhook_places: Semaphore::new(WEBHOOKS_AT_ONCE),
            stopping: watch::Sender::new(false),
        })
    }

    /// Takes up the jobs of the service before this one: those that had not ended go on, webhooks that were not
    /// delivered are. Returns how many jobs go on.
    pub fn resume(self: &Arc<Self>) -> usize {
        let mut resumed = 0;
        for (tenant, store) in JobStore::all(&self.data) {
            let Ok(tenant) = Tenant::try_from(tenant) else { continue };
            let (Some(master), Some(stored)) = (store.master(), store.request()) else { continue };
            let mut entry = Entry::new(store.id(), &master, stored.repeat);
            entry.is_compressed = store.is_compressed();
            self.index.insert(&tenant, entry);
            if master.completed_at.is_some() {
                self.tell(&tenant, &store);
                continue;
            }
            let request = Some(stored.request).filter(|_| master.repositories.is_empty());
            self.start(tenant, store, live::live(master), request);
            resumed += 1;
        }
        resumed
    }

    fn start(self: &Arc<Self>, tenant: Tenant, store: JobStore, live: Shared, request: Option<ScanRequest>) {
        let (cancel, cancelled) = watch::channel(false);
        let (changed, version) = watch::channel(0);
        let key = (tenant.clone(), store.id());
        let running = Running { live: Arc::clone(&live), cancel, version };
        self.running.write().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), running);
        let service = Arc::clone(self);
        tokio::spawn(async move {
            let is_over = runner::run(&service, &tenant, &store, Arc::clone(&live), request, cancelled, &changed).await;
            if is_over {
                service.has_ended(&tenant, &store, &read(&live).master);
            }
            service.running.write().unwrap_or_else(PoisonError::into_inner).remove(&key);
        });
    }

    fn has_ended(self: &Arc<Self>, tenant: &Tenant, store: &JobStore, master: &Master) {
        self.index.update(tenant, store.id(), |entry| {
            let repeat = entry.repeat.take();
            *entry = Entry::new(entry.id, master, repeat);
        });
        self.metrics.job_ended(master.status);
        self.tell(tenant, store);
    }

    /// Sends the job's webhook, if it has one that was not sent.
    fn tell(self: &Arc<Self>, tenant: &Tenant, store: &JobStore) {
        if store.webhook().is_some_and(|webhook| webhook.end.is_none()) {
            tokio::spawn(webhook::deliver(Arc::clone(self), tenant.clone(), store.clone()));
        }
    }

    /// A tenant's job; `None` for another's and for one that never was, in the same way. Of a job that has ended it
    /// reads the disk, unless somebody asked for it lately.
    pub fn job(&self, tenant: &Tenant, id: Uuid) -> Option<Job> {
        if let Some(job) = self.job_in_memory(tenant, id) {
            return Some(job);
        }
        let master = JobStore::open(&self.data, tenant.as_str(), id).master()?;
        // It may have ended, or been taken up again, in this moment.
        if let Some(job) = self.job_in_memory(tenant, id) {
            return Some(job);
        }
        let job = Arc::new(EndedJob::new(master));
        if job.master.completed_at.is_some() {
            self.ended.put(tenant, id, &job);
        }
        Some(Job::Ended(job))
    }

    /// The same, without a look at the disk.
    pub fn job_in_memory(&self, tenant: &Tenant, id: Uuid) -> Option<Job> {
        if let Some(running) = self.running(tenant, id) {
            return Some(Job::Running { live: running.live, version: running.version });
        }
        self.ended.get(tenant, id).map(Job::Ended)
    }

    /// Where a tenant's job is stored.
    pub fn store(&self, tenant: &Tenant, id: Uuid) -> JobStore {
        JobStore::open(&self.data, tenant.as_str(), id)
    }

    /// A tenant's jobs, newest first: of those wanted at most `max`.
    pub fn jobs(&self, tenant: &Tenant, wanted: &Wanted, max: usize) -> Vec<Entry> {
        self.index.list(tenant, wanted, max, |entry| {
            let live = self.running(tenant, entry.id)?.live;
            let live = read(&live);
            Some((live.master.status, live.master.total_repositories))
        })
    }

    /// Cancels a job that has not ended; false if there is none.
    pub fn cancel(&self, tenant: &Tenant, id: Uuid) -> bool {
        self.running(tenant, id).is_some_and(|running| running.cancel.send(true).is_ok())
    }

    /// Removes a job that has ended; false if there is none.
    pub fn remove(&self, tenant: &Tenant, id: Uuid) -> bool {
        let has_ended = self.index.get(tenant, id).is_some_and(|entry| entry.completed_at.is_some());
        if !has_ended || self.running(tenant, id).is_some() {
            return false;
        }
        self.index.remove(tenant, id);
        self.ended.forget(tenant, id);
        // What cannot be removed now has no master any more, and goes with the next round of tidying up.
        self.store(tenant, id).remove().is_ok()
    }

    /// Scans those repositories of an ended job again that were not scanned. Returns how many there are; `None` if
    /// there is no such job, or it has not ended.
    pub fn retry(self: &Arc<Self>, tenant: &Tenant, id: Uuid) -> Option<Result<usize, NotTaken>> {
        let store = self.store(tenant, id);
        let has_ended = self.index.get(tenant, id).is_some_and(|entry| entry.completed_at.is_some());
        if !has_ended || self.running(tenant, id).is_some() {
            return None;
        }
        let (mut master, request) = (store.master()?, store.request()?.request);
        master.ended.retain(|_, ended| ended.state == RepoState::Completed);
        let again = master.repositories.len() - master.ended.len();
        let is_hopeless = master.error.take().is_some();
        if again == 0 && !is_hopeless {
            return Some(Ok(0));
        }
        Some(self.take_up(tenant, store, master, request).map(|()| again.max(1)))
    }

    /// Takes no more jobs and stops those that run, which the next service takes up. Returns when all have
    /// stopped.
    pub async fn stop(&self) {
        self.stopping.send_replace(true);
        while !self.running.read().unwrap_or_else(PoisonError::into_inner).is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether no more jobs are taken.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Turns true when the service stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// What the operator allows.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Jobs that have not ended, and their repositories that have not, of all tenants.
    pub fn load(&self) -> (usize, usize) {
        let running = self.running.read().unwrap_or_else(PoisonError::into_inner);
        (running.len(), running.values().map(|running| unended(&running.live)).sum())
    }

    fn running(&self, tenant: &Tenant, id: Uuid) -> Option<Running> {
        let running = self.running.read().unwrap_or_else(PoisonError::into_inner);
        running.get(&(tenant.clone(), id)).cloned()
    }

    /// The same as [`Self::load`] for one tenant.
    fn load_of(&self, tenant: &Tenant) -> (usize, usize) {
        let running = self.running.read().unwrap_or_else(PoisonError::into_inner);
        let own: Vec<_> = running.iter().filter(|((owner, _), _)| owner == tenant).collect();
        (own.len(), own.iter().map(|(_, running)| unended(&running.live)).sum())
    }

    /// How a job of this tenant is scanned that asked for this scanner, or for none. `None` if there is none of this
    /// hash, or the tenant may not use it.
    fn scanner(&self, tenant: &Tenant, scanner: Option<&str>) -> Option<Arc<Settings>> {
        let Some(scanner) = scanner else { return Some(Arc::clone(&self.settings)) };
        let is_allowed = self.rules.of(tenant).scanners.contains(scanner);
        let artefact = self.scanners.get(scanner).filter(|_| is_allowed)?.clone();
        Some(Arc::new(Settings { artefact, ..Settings::clone(&self.settings) }))
    }

    fn quotas(&self, tenant: &Tenant) -> Quotas {
        self.rules.quotas(tenant)
    }
}

/// Repositories that have not ended; a job of which it is not known yet what it is made of counts as one.
fn unended(live: &Shared) -> usize {
    let live = read(live);
    live.master.repositories.len().max(1).saturating_sub(live.master.ended.len())
}
