//! Runs a job: the one owner of its state while it lasts, fed by a closed set of events.
//!
//! A bounded pool of workers is kept busy from a queue. Nothing else writes `master.json`.

mod ending;
mod task;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fumehood_contract::master::{JobState, Master, Repository, Summary};
use fumehood_contract::{RepoState, RepoStatus, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task::{Id as TaskId, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};

use self::ending::Finished;
use self::task::Task;
use super::reuse::Reuse;
use super::status_reader::Reader;
use super::store::{JobStore, StoreError};
use super::view;
use crate::forges::Forges;
use crate::source::{ListOptions, Listing};
use crate::worker::spec::Artefact;
use crate::worker::supervise::Patience;

/// How a job's repositories are scanned.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Our own binary, which is also the worker.
    pub program: PathBuf,
    /// Workers at the same time.
    pub pool: usize,
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

/// A job that has ended.
#[derive(Debug)]
pub struct FinishedJob {
    /// How its repositories ended.
    pub master: Master,
    /// What their workers listed and passed over.
    pub listings: BTreeMap<u32, Listing>,
}

/// How often, at least, running repositories are looked at.
const GLANCE_MAX: Duration = Duration::from_secs(1);

/// `master.json` is written at once when the job ends, and no oftener than this before.
const MASTER_INTERVAL: Duration = Duration::from_secs(1);

/// Scans `repositories` and returns when all have ended. `cancelled` may turn true at any time: then
/// what runs is killed, and what waits is cancelled.
pub async fn run(
    store: &JobStore,
    group_url: &str,
    repositories: Vec<Repository>,
    settings: Arc<Settings>,
    cancelled: watch::Receiver<bool>,
    watcher: &mut dyn FnMut(Notice<'_>),
) -> Result<FinishedJob, StoreError> {
    let mut glance = tokio::time::interval(settings.status_interval.min(GLANCE_MAX));
    let mut job = Job::new(store, group_url, repositories, settings, cancelled);
    job.save()?;
    glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        job.fill_pool()?;
        if job.is_over() {
            break;
        }
        match job.next_event(&mut glance).await {
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
    pid: u32,
}

struct Job<'a> {
    store: &'a JobStore,
    settings: Arc<Settings>,
    master: Master,
    queue: VecDeque<u32>,
    running: JoinSet<Finished>,
    tasks: HashMap<TaskId, u32>,
    statuses: BTreeMap<u32, RepoStatus>,
    listings: BTreeMap<u32, Listing>,
    cancelled: watch::Receiver<bool>,
    start_sender: mpsc::UnboundedSender<Start>,
    starts: mpsc::UnboundedReceiver<Start>,
    saved: Instant,
    changed: bool,
}

/// The first attempt. Retries come with the service.
const ATTEMPT: u32 = 1;

impl<'a> Job<'a> {
    fn new(
        store: &'a JobStore,
        group_url: &str,
        repositories: Vec<Repository>,
        settings: Arc<Settings>,
        cancelled: watch::Receiver<bool>,
    ) -> Self {
        let total = u32::try_from(repositories.len()).unwrap_or(u32::MAX);
        let now = Timestamp::now();
        let (start_sender, starts) = mpsc::unbounded_channel();
        let master = Master {
            job_id: store.id().to_string(),
            group_url: group_url.to_owned(),
            total_repositories: total,
            status: JobState::Initializing,
            summary: Summary::default(),
            started_at: now,
            last_aggregation: now,
            completed_at: None,
            error: None,
            repositories,
            ended: BTreeMap::new(),
        };
        Self {
            store,
            settings,
            master,
            queue: (0..total).collect(),
            running: JoinSet::new(),
            tasks: HashMap::new(),
            statuses: BTreeMap::new(),
            listings: BTreeMap::new(),
            cancelled,
            start_sender,
            starts,
            saved: Instant::now(),
            changed: true,
        }
    }

    fn fill_pool(&mut self) -> Result<(), StoreError> {
        while self.running.len() < self.settings.pool && !*self.cancelled.borrow() {
            let Some(index) = self.queue.pop_front() else { return Ok(()) };
            let Some(repository) = self.master.repositories.get(index as usize) else { continue };
            let folders = self.store.begin_attempt(index, ATTEMPT)?;
            let task = Task { index, attempt: ATTEMPT, repository: repository.clone(), folders };
            let (cancelled, starts) = (self.cancelled.clone(), self.start_sender.clone());
            let started = move |pid| {
                // Nobody listens any more when the job is given up.
                let _listening = starts.send(Start { index, pid });
            };
            let supervisor = self.running.spawn(task::run(task, Arc::clone(&self.settings), cancelled, started));
            self.tasks.insert(supervisor.id(), index);
        }
        Ok(())
    }

    async fn next_event(&mut self, glance: &mut tokio::time::Interval) -> Event {
        let was_cancelled = *self.cancelled.borrow();
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
            _ = glance.tick() => Event::Glance,
        }
    }

    fn started(&mut self, Start { index, pid }: Start, watcher: &mut dyn FnMut(Notice<'_>)) {
        let name = self.master.repositories.get(index as usize).map_or("", |repository| &repository.name);
        let mut status = RepoStatus::new(index, name, ATTEMPT, pid, Timestamp::now());
        status.status = RepoState::Starting;
        self.statuses.insert(index, status);
        self.changed = true;
        watcher(Notice::Started { index });
    }

    fn ended(&mut self, finished: Finished, watcher: &mut dyn FnMut(Notice<'_>)) {
        let index = finished.index;
        self.statuses.remove(&index);
        self.master.ended.insert(index, finished.ended);
        self.listings.extend(finished.listing.map(|listing| (index, listing)));
        self.changed = true;
        watcher(Notice::Ended { index, master: &self.master });
    }

    fn lost(&mut self, task: TaskId, watcher: &mut dyn FnMut(Notice<'_>)) {
        if let Some(index) = self.tasks.get(&task).copied() {
            self.ended(ending::lost(index), watcher);
        }
    }

    /// What waits ends now; what runs is ended by its supervisors.
    fn cancel(&mut self, watcher: &mut dyn FnMut(Notice<'_>)) {
        for index in std::mem::take(&mut self.queue) {
            self.master.ended.insert(index, ending::never_begun(Timestamp::now()));
            watcher(Notice::Ended { index, master: &self.master });
        }
        self.changed = true;
    }

    fn glance(&mut self, watcher: &mut dyn FnMut(Notice<'_>)) {
        for (index, known) in &mut self.statuses {
            let reader = Reader::open(&self.store.status_dir(*index, ATTEMPT));
            // A status that breaks its format is judged when the worker is gone.
            if let Ok(Some(status)) = reader.and_then(|reader| reader.read(known))
                && status != *known
            {
                *known = status;
                self.changed = true;
                watcher(Notice::Progress { status: known });
            }
        }
    }

    fn is_over(&self) -> bool {
        self.queue.is_empty() && self.running.is_empty()
    }

    fn save_if_due(&mut self) -> Result<(), StoreError> {
        if self.changed && self.saved.elapsed() >= MASTER_INTERVAL { self.save() } else { Ok(()) }
    }

    fn save(&mut self) -> Result<(), StoreError> {
        self.master.summary = view::summary(&self.master, &self.statuses);
        self.master.status = view::job_state(self.master.total_repositories, &self.master.summary);
        self.master.last_aggregation = Timestamp::now();
        self.saved = Instant::now();
        self.changed = false;
        self.store.write_master(&self.master)
    }

    fn finish(mut self) -> Result<FinishedJob, StoreError> {
        self.master.completed_at = Some(Timestamp::now());
        self.save()?;
        Ok(FinishedJob { master: self.master, listings: self.listings })
    }
}
