//! Runs a job: the one owner of its state while it lasts, fed by a closed set of events.
//!
//! A bounded pool of workers is kept busy from a queue. Nothing else writes `master.json`.

mod ending;
mod task;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use fumehood_contract::master::{JobState, Master, Repository, Summary};
use fumehood_contract::{RepoState, RepoStatus, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task::{Id as TaskId, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};

use self::ending::Finished;
use self::task::Task;
use super::fair::{FairPool, Place, Share};
use super::reuse::Reuse;
use super::status_reader::Reader;
use super::store::{JobStore, StoreError};
use super::view;
use crate::forges::Forges;
use crate::source::ListOptions;
use crate::worker::spec::Artefact;
use crate::worker::supervise::Patience;

/// How a job's repositories are scanned.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Our own binary, which is also the worker.
    pub program: PathBuf,
    /// How long one may take.
    pub patience: Patience,
    /// Between two writes of a worker's status.
    pub status_interval: Duration,
    /// The compiled scanner.
    pub artefact: Artefact,
    /// How trees are listed.
    pub list: ListOptions,
    /// Of one scan.
    pub fuel: u64,
    /// Of one scanner's linear memory.
    pub memory_bytes: u64,
    /// What is known of the servers that repositories are fetched from.
    pub forges: Forges,
    /// Earlier scans, if they may be used again.
    pub reuse: Option<Reuse>,
}

/// What a watcher of a job is told.
#[derive(Debug)]
pub enum Notice<'a> {
    /// A worker was started on this repository.
    Started {
        /// Position in the job.
        index: u32,
    },
    /// A running repository's status, checked.
    Progress {
        /// The status.
        status: &'a RepoStatus,
    },
    /// A repository has ended; `master` says how.
    Ended {
        /// Position in the job.
        index: u32,
        /// The job as it is now.
        master: &'a Master,
    },
}

/// Is told what happens in a job.
pub type Watcher<'w> = dyn FnMut(Notice<'_>) + Send + 'w;

/// A job as it is now, for whoever asks: written by its dispatcher alone.
#[derive(Debug)]
pub struct Live {
    /// What is stored of it, not always up to date on the disk.
    pub master: Master,
    /// The running repositories' statuses, checked.
    pub statuses: BTreeMap<u32, RepoStatus>,
    /// Grows with every change.
    pub version: u64,
}

/// See [`Live`]. Locks are held for moments, and never while something is waited for.
pub type Shared = Arc<RwLock<Live>>;

/// Where a job gets its places from.
#[derive(Clone, Debug)]
pub struct Places {
    /// Shared by all jobs.
    pub pool: FairPool,
    /// Whose job it is.
    pub tenant: String,
    /// What this tenant may have of the pool.
    pub share: Share,
}

/// How often, at least, running repositories are looked at.
const GLANCE_MAX: Duration = Duration::from_secs(1);

/// `master.json` is written at once when the job ends, and no oftener than this before.
const MASTER_INTERVAL: Duration = Duration::from_secs(1);

/// A job that nothing was done for yet.
pub fn begin(store: &JobStore, group_url: &str, repositories: Vec<Repository>) -> Shared {
    let now = Timestamp::now();
    live(Master {
        job_id: store.id().to_string(),
        group_url: group_url.to_owned(),
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
    Arc::new(RwLock::new(Live { master, statuses: BTreeMap::new(), version: 0 }))
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

/// Ends a job of which nothing could be begun.
pub fn give_up(store: &JobStore, job: &Shared) -> Result<(), StoreError> {
    let master = {
        let mut live = write(job);
        let now = Timestamp::now();
        live.master.status = JobState::Failed;
        live.master.completed_at = Some(now);
        live.master.last_aggregation = now;
        live.version += 1;
        live.master.clone()
    };
    store.write_master(&master)
}

/// Scans the job's repositories that have not ended yet and returns when all have. `cancelled` may turn true at
/// any time: then what runs is killed, and what waits is cancelled.
pub async fn run(
    store: &JobStore,
    job: Shared,
    settings: Arc<Settings>,
    places: Places,
    cancelled: watch::Receiver<bool>,
    watcher: &mut Watcher<'_>,
) -> Result<(), StoreError> {
    let mut glance = tokio::time::interval(settings.status_interval.min(GLANCE_MAX));
    glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut job = Job::new(store, job, settings, places, cancelled);
    job.save()?;
    while !job.is_over() {
        match job.next_event(&mut glance).await {
            Event::Place(place) => job.start(place)?,
            Event::Started(start) => job.started(start, watcher),
            Event::Ended(finished) => job.ended(*finished, watcher),
            Event::Lost(task) => job.lost(task, watcher),
            Event::Cancelled => job.cancel(watcher),
            Event::Glance => job.glance(watcher),
        }
        job.save_if_due()?;
    }
    job.finish()
}

enum Event {
    /// The next repository may start.
    Place(Place),
    Started(Start),
    Ended(Box<Finished>),
    /// A supervisor panicked: a bug of ours, and still the repository must end.
    Lost(TaskId),
    Cancelled,
    Glance,
}

/// A worker process was started on a repository.
struct Start {
    index: u32,
    attempt: u32,
    pid: u32,
}

type Waiting = Pin<Box<dyn Future<Output = Place> + Send>>;

struct Job<'a> {
    store: &'a JobStore,
    live: Shared,
    settings: Arc<Settings>,
    places: Places,
    waiting: Option<Waiting>,
    queue: VecDeque<u32>,
    running: JoinSet<Finished>,
    tasks: HashMap<TaskId, u32>,
    cancelled: watch::Receiver<bool>,
    start_sender: mpsc::UnboundedSender<Start>,
    starts: mpsc::UnboundedReceiver<Start>,
    saved: Instant,
    changed: bool,
}

impl<'a> Job<'a> {
    fn new(
        store: &'a JobStore,
        live: Shared,
        settings: Arc<Settings>,
        places: Places,
        cancelled: watch::Receiver<bool>,
    ) -> Self {
        let (start_sender, starts) = mpsc::unbounded_channel();
        let queue = {
            let live = read(&live);
            (0..live.master.total_repositories).filter(|index| !live.master.ended.contains_key(index)).collect()
        };
        Self {
            store,
            live,
            settings,
            places,
            waiting: None,
            queue,
            running: JoinSet::new(),
            tasks: HashMap::new(),
            cancelled,
            start_sender,
            starts,
            saved: Instant::now(),
            changed: true,
        }
    }

    /// Waits in line for a place, if there is something to do with it.
    fn wait_for_place(&mut self) {
        if self.queue.is_empty() {
            // Whoever is next gets the place.
            self.waiting = None;
        } else if self.waiting.is_none() && !*self.cancelled.borrow() {
            let Places { pool, tenant, share } = self.places.clone();
            self.waiting = Some(Box::pin(async move { pool.place(&tenant, share).await }));
        }
    }

    fn start(&mut self, place: Place) -> Result<(), StoreError> {
        self.waiting = None;
        let Some(index) = self.queue.pop_front() else { return Ok(()) };
        let Some(repository) = read(&self.live).master.repositories.get(index as usize).cloned() else {
            return Ok(());
        };
        let attempt = self.store.next_attempt(index);
        let folders = self.store.begin_attempt(index, attempt)?;
        let task = Task { index, attempt, repository, folders };
        let (cancelled, starts) = (self.cancelled.clone(), self.start_sender.clone());
        let started = move |pid| {
            // Nobody listens any more when the job is given up.
            let _listening = starts.send(Start { index, attempt, pid });
        };
        let work = task::run(task, Arc::clone(&self.settings), cancelled, started);
        let supervisor = self.running.spawn(async move {
            let finished = work.await;
            drop(place);
            finished
        });
        self.tasks.insert(supervisor.id(), index);
        Ok(())
    }

    async fn next_event(&mut self, glance: &mut tokio::time::Interval) -> Event {
        self.wait_for_place();
        let was_cancelled = *self.cancelled.borrow();
        let waiting = &mut self.waiting;
        let place = async move {
            match waiting {
                Some(waiting) => waiting.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // In this order: a start is known before its end is.
            biased;
            Some(start) = self.starts.recv() => Event::Started(start),
            Some(joined) = self.running.join_next() => match joined {
                Ok(finished) => Event::Ended(Box::new(finished)),
                Err(error) => Event::Lost(error.id()),
            },
            Ok(_) = self.cancelled.wait_for(|cancelled| *cancelled), if !was_cancelled || !self.queue.is_empty() => {
                Event::Cancelled
            }
            place = place => Event::Place(place),
            _ = glance.tick() => Event::Glance,
        }
    }

    fn started(&mut self, Start { index, attempt, pid }: Start, watcher: &mut Watcher<'_>) {
        self.change(|live| {
            let name = live.master.repositories.get(index as usize).map_or("", |repository| &repository.name);
            let mut status = RepoStatus::new(index, name, attempt, pid, Timestamp::now());
            status.status = RepoState::Starting;
            live.statuses.insert(index, status);
        });
        watcher(Notice::Started { index });
    }

    fn ended(&mut self, finished: Finished, watcher: &mut Watcher<'_>) {
        let index = finished.index;
        if let Some(listing) = &finished.listing {
            // A report without its listing says that it is incomplete.
            let _incomplete = self.store.write_listing(index, finished.ended.attempt, listing);
        }
        self.change(|live| {
            live.statuses.remove(&index);
            live.master.ended.insert(index, finished.ended);
        });
        watcher(Notice::Ended { index, master: &read(&self.live).master });
    }

    fn lost(&mut self, task: TaskId, watcher: &mut Watcher<'_>) {
        if let Some(index) = self.tasks.get(&task).copied() {
            self.ended(ending::lost(index), watcher);
        }
    }

    /// What waits ends now; what runs is ended by its supervisors.
    fn cancel(&mut self, watcher: &mut Watcher<'_>) {
        self.waiting = None;
        for index in std::mem::take(&mut self.queue) {
            self.change(|live| drop(live.master.ended.insert(index, ending::never_begun(Timestamp::now()))));
            watcher(Notice::Ended { index, master: &read(&self.live).master });
        }
    }

    fn glance(&mut self, watcher: &mut Watcher<'_>) {
        let known: Vec<_> = read(&self.live).statuses.values().cloned().collect();
        for known in known {
            let (index, attempt) = (known.repo_index, known.attempt);
            let reader = Reader::open(&self.store.status_dir(index, attempt));
            // A status that breaks its format is judged when the worker is gone.
            if let Ok(Some(status)) = reader.and_then(|reader| reader.read(&known))
                && status != known
            {
                watcher(Notice::Progress { status: &status });
                self.change(|live| drop(live.statuses.insert(index, status)));
            }
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Live)) {
        let mut live = write(&self.live);
        change(&mut live);
        live.version += 1;
        drop(live);
        self.changed = true;
    }

    fn is_over(&self) -> bool {
        self.queue.is_empty() && self.running.is_empty()
    }

    fn save_if_due(&mut self) -> Result<(), StoreError> {
        if self.changed && self.saved.elapsed() >= MASTER_INTERVAL { self.save() } else { Ok(()) }
    }

    fn save(&mut self) -> Result<(), StoreError> {
        self.saved = Instant::now();
        self.changed = false;
        let master = {
            let mut live = write(&self.live);
            let Live { master, statuses, .. } = &mut *live;
            master.summary = view::summary(master, statuses);
            master.status = view::job_state(master, &master.summary);
            master.last_aggregation = Timestamp::now();
            master.clone()
        };
        self.store.write_master(&master)
    }

    fn finish(mut self) -> Result<(), StoreError> {
        self.change(|live| live.master.completed_at = Some(Timestamp::now()));
        self.save()
    }
}

/// Whoever panicked while it held the lock changed one field at most: what is there is still true.
pub fn read(live: &Shared) -> RwLockReadGuard<'_, Live> {
    live.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(live: &Shared) -> RwLockWriteGuard<'_, Live> {
    live.write().unwrap_or_else(PoisonError::into_inner)
}
