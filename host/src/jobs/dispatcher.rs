//! Runs a job: the one owner of its state while it lasts, fed by a closed set of events.
//!
//! A bounded pool of workers is kept busy from a queue. Nothing else writes `master.json`.

mod ending;
mod settings;
mod task;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use fumehood_contract::{RepoState, RepoStatus, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task::{Id as TaskId, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};

use self::ending::Finished;
pub use self::settings::{Notice, Places, Settings, Watcher};
use self::task::Task;
use super::events::Event as Happening;
use super::fair::Place;
use super::live::{self, Live, Shared, read, write};
use super::status_reader::Reader;
use super::store::{JobStore, StoreError};

/// How often, at least, running repositories are looked at.
const GLANCE_MAX: Duration = Duration::from_secs(1);

/// `master.json` is written at once when the job ends, and no oftener than this before.
const MASTER_INTERVAL: Duration = Duration::from_secs(1);

/// Writing it may take one part in so many of the time: that of a job of 100,000 repositories has 50 MB.
const SAVING_PART_MAX: u32 = 20;

/// However slow the disk is, who reads it finds it no older than this.
const MASTER_INTERVAL_MAX: Duration = Duration::from_secs(10);

/// Before the first retry of a repository; four times as long before each further one.
const RETRY_DELAY: Duration = Duration::from_secs(1);

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
    job.save().await?;
    while !job.is_over() {
        match job.next_event(&mut glance).await {
            Event::Place(place) => job.start(place, watcher),
            Event::Again(index) => job.again(index),
            Event::Started(start) => job.started(start, watcher),
            Event::Ended(finished) => job.ended(*finished, watcher),
            Event::Lost(task) => job.lost(task, watcher),
            Event::Cancelled => job.cancel(watcher),
            Event::Glance => job.glance(watcher),
        }
        job.save_if_due().await;
    }
    job.finish().await
}

enum Event {
    /// The next repository may start.
    Place(Place),
    /// A repository has waited long enough after a failure of ours.
    Again(u32),
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
    later: JoinSet<u32>,
    delayed: BTreeSet<u32>,
    tries: HashMap<u32, u32>,
    running: JoinSet<Finished>,
    tasks: HashMap<TaskId, u32>,
    cancelled: watch::Receiver<bool>,
    start_sender: mpsc::UnboundedSender<Start>,
    starts: mpsc::UnboundedReceiver<Start>,
    saved: Instant,
    save_interval: Duration,
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
            later: JoinSet::new(),
            delayed: BTreeSet::new(),
            tries: HashMap::new(),
            running: JoinSet::new(),
            tasks: HashMap::new(),
            cancelled,
            start_sender,
            starts,
            saved: Instant::now(),
            save_interval: MASTER_INTERVAL,
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

    fn start(&mut self, place: Place, watcher: &mut Watcher<'_>) {
        self.waiting = None;
        let Some(index) = self.queue.pop_front() else { return };
        let Some(repository) = read(&self.live).master.repositories.get(index as usize).cloned() else { return };
        let attempt = self.store.next_attempt(index);
        let folders = match self.store.begin_attempt(index, attempt) {
            Ok(folders) => folders,
            Err(error) => return self.ended(ending::no_room(index, attempt, &error), watcher),
        };
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
    }

    async fn next_event(&mut self, glance: &mut tokio::time::Interval) -> Event {
        self.wait_for_place();
        let is_listening = !*self.cancelled.borrow() || self.has_waiting();
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
            Ok(_) = self.cancelled.wait_for(|cancelled| *cancelled), if is_listening => {
                Event::Cancelled
            }
            Some(Ok(index)) = self.later.join_next() => Event::Again(index),
            place = place => Event::Place(place),
            _ = glance.tick() => Event::Glance,
        }
    }

    fn started(&mut self, Start { index, attempt, pid }: Start, watcher: &mut Watcher<'_>) {
        self.change(|live| {
            let name = live.master.repositories.get(index as usize).map_or("", |repository| &repository.name);
            let mut status = RepoStatus::new(index, name, attempt, pid, Timestamp::now());
            status.status = RepoState::Starting;
            live.events.push(Happening::progress(&status));
            live.statuses.insert(index, status);
        });
        watcher(Notice::Started { index });
    }

    fn ended(&mut self, finished: Finished, watcher: &mut Watcher<'_>) {
        let index = finished.index;
        if finished.may_retry && self.retry(index) {
            return;
        }
        if let Some(listing) = &finished.listing {
            // A report without its listing says that it is incomplete.
            let _incomplete = self.store.write_listing(index, finished.ended.attempt, listing);
        }
        self.end(index, finished.ended);
        watcher(Notice::Ended { index, master: &read(&self.live).master, found: finished.found });
    }

    /// Puts a repository off, if it has not failed too often and the job goes on.
    fn retry(&mut self, index: u32) -> bool {
        let tries = self.tries.entry(index).or_default();
        if *tries >= self.settings.retries || *self.cancelled.borrow() {
            return false;
        }
        let delay = RETRY_DELAY * 4_u32.saturating_pow((*tries).min(5));
        *tries += 1;
        self.delayed.insert(index);
        self.later.spawn(async move {
            tokio::time::sleep(delay).await;
            index
        });
        self.change(|live| drop(live.statuses.remove(&index)));
        true
    }

    fn again(&mut self, index: u32) {
        if self.delayed.remove(&index) {
            self.queue.push_back(index);
        }
    }

    fn end(&mut self, index: u32, ended: fumehood_contract::master::Ended) {
        self.change(|live| {
            let name = live.master.repositories.get(index as usize).map_or("", |repository| &repository.name);
            let last = live.statuses.remove(&index);
            let mut status = last.unwrap_or_else(|| RepoStatus::new(index, name, ended.attempt, 0, ended.started_at));
            status.status = ended.state;
            live.events.push(Happening::ended(&status, &ended));
            live.master.ended.insert(index, ended);
        });
    }

    fn lost(&mut self, task: TaskId, watcher: &mut Watcher<'_>) {
        if let Some(index) = self.tasks.get(&task).copied() {
            self.ended(ending::lost(index), watcher);
        }
    }

    /// What waits ends now; what runs is ended by its supervisors.
    fn cancel(&mut self, watcher: &mut Watcher<'_>) {
        self.waiting = None;
        let delayed = std::mem::take(&mut self.delayed);
        for index in std::mem::take(&mut self.queue).into_iter().chain(delayed) {
            self.end(index, ending::never_begun(Timestamp::now()));
            watcher(Notice::Ended { index, master: &read(&self.live).master, found: None });
        }
    }

    fn has_waiting(&self) -> bool {
        !self.queue.is_empty() || !self.delayed.is_empty()
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
                self.change(|live| {
                    live.events.push(Happening::progress(&status));
                    live.statuses.insert(index, status);
                });
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
        !self.has_waiting() && self.running.is_empty()
    }

    /// A disk that is full now may have room a moment later: until then the state is in memory.
    async fn save_if_due(&mut self) {
        if self.changed && self.saved.elapsed() >= self.save_interval {
            self.changed = self.save().await.is_err();
        }
    }

    async fn save(&mut self) -> Result<(), StoreError> {
        self.changed = false;
        let begun = Instant::now();
        let saved = live::save_behind(self.store, &self.live).await;
        self.saved = Instant::now();
        self.save_interval = (SAVING_PART_MAX * (self.saved - begun)).clamp(MASTER_INTERVAL, MASTER_INTERVAL_MAX);
        saved
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        self.change(|live| live.master.completed_at = Some(Timestamp::now()));
        self.save().await
    }
}
