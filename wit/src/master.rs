//! `master.json`: what a job is, and how its repositories ended. Written by the service alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::status::RepoState;
use crate::time::Timestamp;

/// The content of `master.json`. The first seven fields are the ordered format, the rest was added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Master {
    /// A random (version 4) UUID.
    pub job_id: String,
    /// What the job was asked to scan, as it was asked.
    pub group_url: String,
    /// The length of `repositories`.
    pub total_repositories: u32,
    /// As of `last_aggregation`; derived from the repositories' states.
    pub status: JobState,
    /// As of `last_aggregation`; derived from the repositories' states.
    pub summary: Summary,
    /// When the job was accepted.
    pub started_at: Timestamp,
    /// When this file was written.
    pub last_aggregation: Timestamp,
    /// When the last repository ended.
    pub completed_at: Option<Timestamp>,
    /// Why the job as a whole could not be done.
    pub error: Option<String>,
    /// The scanner that the job asked for, by the BLAKE3 of its file; `None` for the usual one.
    #[serde(default)]
    pub scanner: Option<String>,
    /// What is scanned, by index.
    pub repositories: Vec<Repository>,
    /// How the repositories ended that have, by index.
    pub ended: BTreeMap<u32, Ended>,
}

/// One repository of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// For people.
    pub name: String,
    /// Where its files come from: an absolute path, or an https URL with `#reference`, without credentials.
    pub source: String,
}

/// How one repository ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// The final state on the wire.
    pub state: RepoState,
    /// The outcome behind it, finer than the state: `completed`, `out_of_fuel`, `killed`, …
    pub outcome: String,
    /// 1 for the first try.
    pub attempt: u32,
    /// The worker process; 0 if none was started.
    #[serde(default)]
    pub pid: u32,
    /// When the worker began.
    pub started_at: Timestamp,
    /// When the worker was gone.
    pub completed_at: Timestamp,
    /// Whether the report says all that the repository holds.
    pub complete: bool,
    /// The commit that was scanned, in hexadecimal; `None` for a folder.
    pub commit: Option<String>,
    /// Whether an earlier scan of the same commit was used again.
    pub reused: bool,
    /// The most memory that the worker had in use, in bytes.
    pub peak_memory_bytes: Option<u64>,
    /// The layers of the sandbox that did not hold, by name; `None` if the worker did not come so far as to tell.
    #[serde(default)]
    pub sandbox_missing: Option<Vec<String>>,
    /// How the process ended: `exit status: 0`, `signal: 9 (SIGKILL)`.
    pub exit: Option<String>,
    /// What happened, and what to do about it.
    pub error: Option<String>,
    /// The end of what the worker wrote to its standard error.
    pub stderr: Option<String>,
}

/// How many repositories are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Scanned.
    pub completed: u32,
    /// Starting, cloning, scanning or analyzing.
    pub in_progress: u32,
    /// Waiting for a worker.
    pub pending: u32,
    /// Failed or timed out.
    pub failed: u32,
    /// Cancelled.
    pub cancelled: u32,
}

impl JobState {
    /// Whether nothing more will happen to the job.
    pub fn is_over(self) -> bool {
        match self {
            Self::Completed | Self::CompletedWithErrors | Self::Failed | Self::Cancelled => true,
            Self::Initializing | Self::InProgress => false,
        }
    }
}

/// The states of a job, in the words of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// No repository was started.
    Initializing,
    /// Some are done or at work, not all have ended.
    InProgress,
    /// Every repository was scanned.
    Completed,
    /// Some were scanned, some were not.
    CompletedWithErrors,
    /// None was scanned.
    Failed,
    /// Somebody cancelled it before its end.
    Cancelled,
}
