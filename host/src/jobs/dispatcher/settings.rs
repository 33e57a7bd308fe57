//! What a job is run with, and what is told of it.

use std::path::PathBuf;
use std::time::Duration;

use fumehood_contract::RepoStatus;
use fumehood_contract::master::Master;

use crate::forges::Forges;
use crate::jobs::fair::{FairPool, Share};
use crate::jobs::reuse::Reuse;
use crate::report::Found;
use crate::source::ListOptions;
use crate::worker::lockdown::{Layer, Mode};
use crate::worker::spec::{Artefact, CallRules};
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
    /// Whether the scanner looks for what the code talks to.
    pub calls: CallRules,
    /// How many sandboxes may share a large repository.
    pub sandboxes: u32,
    /// Of one scan.
    pub fuel: u64,
    /// Of one scan's linear memories.
    pub memory_bytes: u64,
    /// How far a worker stands back behind others on this machine: 0 to 19, as for nice(1).
    pub niceness: u8,
    /// How much of the workers' sandbox must be there.
    pub sandbox: Mode,
    /// A delegated control group, below which each worker gets one.
    pub control_group: Option<PathBuf>,
    /// Layers of it that are left off; see [`crate::worker::spec::Spec::without`].
    pub without: Vec<Layer>,
    /// What is known of the servers that repositories are fetched from.
    pub forges: Forges,
    /// Earlier scans, if they may be used again.
    pub reuse: Option<Reuse>,
    /// Whether the watcher gets what was found. Else it is on the disk only.
    pub keeps_found: bool,
    /// How often a repository is tried again after a failure of our own kind.
    pub retries: u32,
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
        /// What its worker found, if that is kept.
        found: Option<Found>,
    },
}

/// Is told what happens in a job.
pub type Watcher<'w> = dyn FnMut(Notice<'_>) + Send + 'w;

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
