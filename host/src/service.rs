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
mod running;
mod take;
pub mod webhook;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use fumehood_contract::RepoState;
use fumehood_contract::master::Master;
use tokio::sync::watch;
use uuid::Uuid;

use self::ended::{Cache, EndedJob};
use self::index::{Entry, Index, Wanted};
use self::rules::{Quotas, Rules};
use self::running::{Claim, RunningJobs, Seat};
pub use request::{BadRequest, ScanRequest, StoredRequest};
pub use take::{Accepted, NotTaken};

use crate::jobs::dispatcher::Settings;
use crate::jobs::fair::{FairPool, Place, Share};
use crate::jobs::live::{self, Shared, read};
use crate::jobs::store::JobStore;
use crate::limits::{
    LOOKUPS_A_TENANT, LOOKUPS_AT_ONCE, REPORTS_A_TENANT, REPORTS_AT_ONCE, WEBHOOKS_A_TENANT, WEBHOOKS_AT_ONCE,
};
use crate::log;
use crate::metrics::{Load, Metrics};
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
    running: RunningJobs,
    index: Index,
    ended: Cache,
    /// For asking forges what groups are made of, which may take long.
    lookups: FairPool,
    /// For sending webhooks.
    webhooks: FairPool,
    /// For reading and writing reports, which may take much memory.
    reports: FairPool,
    /// Held while a `webhook.json` is replaced, whose job may be taken up again in the same moment.
    webhook_files: Mutex<()>,
    stopping: watch::Sender<bool>,
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
            running: RunningJobs::default(),
            index: Index::default(),
            ended: Cache::default(),
            lookups: FairPool::new(LOOKUPS_AT_ONCE),
            webhooks: FairPool::new(WEBHOOKS_AT_ONCE),
            reports: FairPool::new(REPORTS_AT_ONCE),
            webhook_files: Mutex::default(),
            stopping: watch::Sender::new(false),
        })
    }

    /// Takes up the jobs of the service before this one: those that had not ended go on, webhooks that were not
    /// delivered are. Returns how many jobs go on.
    pub fn resume(self: &Arc<Self>) -> usize {
        let mut resumed = 0;
        for (tenant, store) in JobStore::all(&self.data) {
            let Ok(tenant) = Tenant::try_from(tenant) else { continue };
            // A person's job at a terminal has no request.
            let Some(stored) = store.request() else { continue };
            let Some(master) = store.master() else {
                if store.is_promised() {
                    log::say(&format!("job {} of {tenant} is lost: its master.json cannot be read", store.id()));
                }
                continue;
            };
            let mut entry = Entry::new(store.id(), &master, stored.repeat);
            entry.is_compressed = store.is_compressed();
            self.index.insert(&tenant, entry);
            if master.completed_at.is_some() {
                self.tell(&tenant, &store);
                continue;
            }
            let request = Some(stored.request).filter(|_| master.repositories.is_empty());
            let live = live::live(master);
            let seat = self.running.insert(&tenant, store.id(), &live);
            self.start(tenant, store, live, seat, request);
            resumed += 1;
        }
        resumed
    }

    fn start(
        self: &Arc<Self>,
        tenant: Tenant,
        store: JobStore,
        live: Shared,
        seat: Seat,
        request: Option<ScanRequest>,
    ) {
        let service = Arc::clone(self);
        tokio::spawn(async move {
            let is_over = runner::run(&service, &tenant, &store, &live, request, &seat).await;
            if is_over {
                let master = read(&live).master.clone();
                service.has_ended(&tenant, &store, &master);
            }
            // Those who wait are woken when the seat is dropped: then the job is seen as it is on the disk.
            service.running.remove(&tenant, store.id());
        });
    }

    fn has_ended(self: &Arc<Self>, tenant: &Tenant, store: &JobStore, master: &Master) {
        self.ended.forget(tenant, store.id());
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
            // It may have been removed, or taken up again, since it was read.
            if self.running.get(tenant, id).is_some() || !self.store(tenant, id).is_promised() {
                self.ended.forget(tenant, id);
            }
        }
        Some(Job::Ended(job))
    }

    /// The same, without a look at the disk.
    pub fn job_in_memory(&self, tenant: &Tenant, id: Uuid) -> Option<Job> {
        if let Some(running) = self.running.get(tenant, id) {
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
            let live = self.running.get(tenant, entry.id)?.live;
            let live = read(&live);
            Some((live.shown_state(), live.master.total_repositories))
        })
    }

    /// Cancels a job that has not ended; false if there is none.
    pub fn cancel(&self, tenant: &Tenant, id: Uuid) -> bool {
        self.running.get(tenant, id).is_some_and(|running| running.cancel.send(true).is_ok())
    }

    /// Removes a job that has ended; false if there is none.
    pub fn remove(&self, tenant: &Tenant, id: Uuid) -> io::Result<bool> {
        let claim = self.running.claim_in_turn(tenant, id).filter(|_| self.has_ended_before(tenant, id));
        let Some(_claim) = claim else { return Ok(false) };
        let store = self.store(tenant, id);
        store.revoke()?;
        self.index.remove(tenant, id);
        self.ended.forget(tenant, id);
        // What cannot be removed now is no job any more, and goes with the next round of tidying up.
        let _later = store.remove();
        Ok(true)
    }

    /// Scans those repositories of an ended job again that were not scanned. Returns how many there are; `None` if
    /// there is no such job, or it has not ended.
    pub fn retry(self: &Arc<Self>, tenant: &Tenant, id: Uuid) -> Option<Result<usize, NotTaken>> {
        let _claim = self.running.claim_in_turn(tenant, id).filter(|_| self.has_ended_before(tenant, id))?;
        let store = self.store(tenant, id);
        let (mut master, request) = (store.master()?, store.request()?.request);
        master.ended.retain(|_, ended| ended.state == RepoState::Completed);
        let again = master.repositories.len() - master.ended.len();
        let is_unknown = master.repositories.is_empty();
        master.error = None;
        if again == 0 && !is_unknown {
            return Some(Ok(0));
        }
        Some(self.take_up(tenant, store, master, request).map(|()| again.max(1)))
    }

    /// The right to change a job that has ended; `None` if it has not, or somebody else is changing it.
    fn claim(&self, tenant: &Tenant, id: Uuid) -> Option<Claim<'_>> {
        self.running.claim(tenant, id).filter(|_| self.has_ended_before(tenant, id))
    }

    fn has_ended_before(&self, tenant: &Tenant, id: Uuid) -> bool {
        self.index.get(tenant, id).is_some_and(|entry| entry.completed_at.is_some())
    }

    /// Takes no more jobs and stops those that run, which the next service takes up. Returns when all have
    /// stopped.
    pub async fn stop(&self) {
        self.stopping.send_replace(true);
        self.running.all_left().await;
    }

    /// Waits for the right to read a tenant's reports, which may take much memory.
    pub async fn report_place(&self, tenant: &Tenant) -> Place {
        self.reports.place(tenant.as_str(), Share { weight: 1, at_once: REPORTS_A_TENANT }).await
    }

    async fn lookup_place(&self, tenant: &Tenant) -> Place {
        self.lookups.place(tenant.as_str(), Share { weight: 1, at_once: LOOKUPS_A_TENANT }).await
    }

    async fn webhook_place(&self, tenant: &Tenant) -> Place {
        self.webhooks.place(tenant.as_str(), Share { weight: 1, at_once: WEBHOOKS_A_TENANT }).await
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

    /// What there is to do, of all tenants.
    pub fn load(&self) -> Load {
        let (jobs, repositories) = self.running.load();
        let (workers, workers_busy) = self.pool.places();
        Load { jobs, repositories, workers, workers_busy, free_bytes: self.free_bytes() }
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
