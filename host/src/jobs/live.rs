//! A job as it is now, in memory: written by its dispatcher alone, read by whoever asks, who never waits for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use fumehood_contract::master::{JobState, Master, Repository, Summary};
use fumehood_contract::{RepoStatus, Timestamp};

use super::events::{Event, Events};
use super::store::{JobStore, StoreError};
use super::view::{self, ScanDocument};

/// A job's state. Locks are held for moments, and never while something is waited for.
pub type Shared = Arc<RwLock<Live>>;

/// See [`Shared`].
#[derive(Debug)]
pub struct Live {
    /// What is stored of it, not always up to date on the disk.
    pub master: Master,
    /// The running repositories' statuses, checked.
    pub statuses: BTreeMap<u32, RepoStatus>,
    /// Grows with every change.
    pub version: u64,
    /// What happened of late.
    pub events: Events,
    /// Tells this stay in memory from the ones before a restart.
    epoch: String,
    rendered: Mutex<Option<Rendered>>,
}

/// The response document as bytes. Many clients that poll one job share it.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Names this state of the job. Weak, because time passes in documents that are otherwise the same.
    pub etag: String,
    /// JSON.
    pub body: Arc<[u8]>,
    version: u64,
    elapsed_seconds: u64,
}

impl Live {
    /// How many repositories are where, and what that makes of the job.
    pub fn summary(&self) -> (JobState, Summary) {
        let summary = view::summary(&self.master, &self.statuses);
        (view::job_state(&self.master, &summary), summary)
    }

    /// The response document, and its bytes.
    pub fn rendered(&self) -> Rendered {
        let now = Timestamp::now();
        let elapsed_seconds = self.master.completed_at.unwrap_or(now).seconds_since(self.master.started_at);
        let mut cached = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |known: &&Rendered| known.version == self.version && known.elapsed_seconds == elapsed_seconds;
        if let Some(known) = cached.as_ref().filter(is_fresh) {
            return known.clone();
        }
        let mut document = view::document(&self.master, &self.statuses, now);
        (document.status, document.completed_at) = (not_over(document.status), None);
        let fresh = Rendered {
            etag: format!("W/\"{}-{}\"", self.epoch, self.version),
            body: json(&document),
            version: self.version,
            elapsed_seconds,
        };
        *cached = Some(fresh.clone());
        fresh
    }

    /// The job's state as others may see it.
    pub fn shown_state(&self) -> JobState {
        not_over(self.master.status)
    }

    /// Where the events of this stay in memory begin with.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }
}

/// A job has ended when that is stored: then its report can be had, and it can be removed. Until then it goes on.
fn not_over(state: JobState) -> JobState {
    if state.is_over() { JobState::InProgress } else { state }
}

/// The document's bytes.
pub fn json(document: &ScanDocument) -> Arc<[u8]> {
    // Strings, numbers and lists: nothing in it can fail to be written.
    serde_json::to_vec(document).unwrap_or_default().into()
}

/// A job that nothing was done for yet. `scanner` is the hash of another scanner than ours.
pub fn begin(store: &JobStore, group_url: &str, repositories: Vec<Repository>, scanner: Option<String>) -> Shared {
    let now = Timestamp::now();
    live(Master {
        job_id: store.id().to_string(),
        group_url: group_url.to_owned(),
        scanner,
        total_repositories: u32::try_from(repositories.len()).unwrap_or(u32::MAX),
        status: JobState::Initializing,
        summary: Summary::default(),
        started_at: now,
        last_aggregation: now,
        completed_at: None,
        error: None,
        repositories,
        ended: BTreeMap::new(),
    })
}

/// A job as it was stored: what ended stays, the rest is still to be done.
pub fn live(master: Master) -> Shared {
    Arc::new(RwLock::new(Live {
        master,
        statuses: BTreeMap::new(),
        version: 0,
        events: Events::default(),
        epoch: uuid::Uuid::new_v4().simple().to_string().split_off(20),
        rendered: Mutex::default(),
    }))
}

/// Says what a job is made of, or why that cannot be found out.
pub fn expanded(job: &Shared, found: Result<Vec<Repository>, String>) {
    let mut live = write(job);
    match found {
        Ok(repositories) => {
            live.master.total_repositories = u32::try_from(repositories.len()).unwrap_or(u32::MAX);
            live.master.repositories = repositories;
        }
        Err(error) => live.master.error = Some(error),
    }
    live.version += 1;
}

/// Ends a job of which nothing could be begun, or was to be.
pub async fn give_up(store: &JobStore, job: &Shared) -> Result<(), StoreError> {
    {
        let mut live = write(job);
        live.master.completed_at = Some(Timestamp::now());
        live.version += 1;
    }
    save_behind(store, job).await
}

/// [`save`], off the threads that serve others: a disk may be slow.
pub async fn save_behind(store: &JobStore, job: &Shared) -> Result<(), StoreError> {
    let saved = tokio::task::spawn_blocking({
        let (store, job) = (store.clone(), Arc::clone(job));
        move || save(&store, &job)
    });
    saved.await.unwrap_or_else(|error| {
        Err(StoreError { doing: "cannot write", path: store.folder().to_owned(), error: std::io::Error::other(error) })
    })
}

/// Stores a job's state as it is now; it is on the disk when this returns.
pub fn save(store: &JobStore, job: &Shared) -> Result<(), StoreError> {
    let master = {
        let mut live = write(job);
        let (status, summary) = live.summary();
        if (status, summary) != (live.master.status, live.master.summary) || live.master.completed_at.is_some() {
            live.events.push(Event::Job { status, summary });
        }
        (live.master.status, live.master.summary) = (status, summary);
        live.master.last_aggregation = Timestamp::now();
        live.master.clone()
    };
    store.write_master(&master)
}

/// Whoever panicked while it held the lock changed one field at most: what is there is still true.
pub fn read(live: &Shared) -> RwLockReadGuard<'_, Live> {
    live.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write(live: &Shared) -> RwLockWriteGuard<'_, Live> {
    live.write().unwrap_or_else(PoisonError::into_inner)
}
