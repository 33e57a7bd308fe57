//! The document that `GET /scan/{job_id}` answers, and a job's state: pure functions of what is stored.

use std::collections::BTreeMap;

use fumehood_contract::master::{JobState, Master, Summary};
use fumehood_contract::{RepoState, RepoStatus, Timestamp};
use serde::Serialize;

/// The response document. Its fields up to `elapsed_time_seconds` are the ordered format.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ScanDocument {
    /// The job's id.
    pub job_id: String,
    /// Derived from the repositories.
    pub status: JobState,
    /// What was asked for.
    pub group_url: String,
    /// How many repositories are where.
    pub summary: DocumentSummary,
    /// The repositories at work.
    pub current_repositories: Vec<Current>,
    /// Names of those scanned.
    pub completed_repositories: Vec<String>,
    /// Names of those that failed or timed out.
    pub failed_repositories: Vec<String>,
    /// Names of those that wait.
    pub pending_repositories: Vec<String>,
    /// When something last changed.
    pub last_update: Timestamp,
    /// From the start to the end, or to now.
    pub elapsed_time_seconds: u64,
    /// Names of those cancelled.
    pub cancelled_repositories: Vec<String>,
    /// When the job began.
    pub started_at: Timestamp,
    /// When the last repository ended.
    pub completed_at: Option<Timestamp>,
    /// Why the job as a whole could not be done.
    pub error: Option<String>,
    /// Why repositories failed.
    pub failures: Vec<Failure>,
    /// The scanner that was asked for, by the BLAKE3 of its file; null for the usual one.
    pub scanner: Option<String>,
}

/// The numbers of the response document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DocumentSummary {
    /// All.
    pub total_repositories: u32,
    /// Scanned.
    pub completed: u32,
    /// At work.
    pub in_progress: u32,
    /// Waiting.
    pub pending: u32,
    /// Failed or timed out.
    pub failed: u32,
    /// Cancelled.
    pub cancelled: u32,
}

/// A repository at work.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Current {
    /// Its name.
    pub repo_name: String,
    /// Its state.
    pub status: RepoState,
    /// How far it is; which fields there are depends on the state.
    pub progress: Progress,
    /// When its attempt began.
    pub started_at: Timestamp,
}

/// How far a repository is: before its files are known there is only a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Progress {
    /// Files selected for reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_files: Option<u64>,
    /// Files read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_file: Option<u64>,
    /// Of the files, with one decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percentage: Option<f64>,
    /// The file read last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_file_name: Option<String>,
    /// What is being done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Why a repository failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Failure {
    /// Position in the job.
    pub repo_index: u32,
    /// Its name.
    pub repo_name: String,
    /// The outcome: `out_of_fuel`, `killed`, …
    pub outcome: String,
    /// What happened.
    pub error: Option<String>,
    /// How the process ended.
    pub exit: Option<String>,
    /// The end of its standard error.
    pub stderr: Option<String>,
}

/// The state of repository `index`: how it ended, or what its status file says, or `pending`.
pub fn repo_state(master: &Master, statuses: &BTreeMap<u32, RepoStatus>, index: u32) -> RepoState {
    let ended = master.ended.get(&index).map(|ended| ended.state);
    ended.or_else(|| statuses.get(&index).map(|status| status.status)).unwrap_or(RepoState::Pending)
}

/// How many repositories are where.
pub fn summary(master: &Master, statuses: &BTreeMap<u32, RepoStatus>) -> Summary {
    let mut summary = Summary::default();
    for index in 0..master.total_repositories {
        let counter = match repo_state(master, statuses, index) {
            RepoState::Pending => &mut summary.pending,
            RepoState::Starting | RepoState::Cloning | RepoState::Scanning | RepoState::Analyzing => {
                &mut summary.in_progress
            }
            // A worker that says it ended is only believed once it is gone.
            RepoState::Completed | RepoState::Failed | RepoState::Timeout | RepoState::Cancelled
                if !master.ended.contains_key(&index) =>
            {
                &mut summary.in_progress
            }
            RepoState::Completed => &mut summary.completed,
            RepoState::Failed | RepoState::Timeout => &mut summary.failed,
            RepoState::Cancelled => &mut summary.cancelled,
        };
        *counter += 1;
    }
    summary
}

/// The one function that tells a job's state from its repositories.
pub fn job_state(master: &Master, summary: &Summary) -> JobState {
    let total = master.total_repositories;
    if master.error.is_some() {
        JobState::Failed
    } else if total == 0 && master.completed_at.is_some() {
        // Before it was known what it is made of.
        JobState::Cancelled
    } else if summary.pending == total {
        // Before it is known what it is made of, too.
        JobState::Initializing
    } else if summary.pending + summary.in_progress > 0 {
        JobState::InProgress
    } else if summary.cancelled > 0 {
        JobState::Cancelled
    } else if summary.failed == 0 {
        JobState::Completed
    } else if summary.completed > 0 {
        JobState::CompletedWithErrors
    } else {
        JobState::Failed
    }
}

/// The response document of a job, of which `statuses` are the checked status files.
pub fn document(master: &Master, statuses: &BTreeMap<u32, RepoStatus>, now: Timestamp) -> ScanDocument {
    let summary = summary(master, statuses);
    let named = (0u32..).zip(&master.repositories);
    let pending = named.filter(|(index, _)| repo_state(master, statuses, *index) == RepoState::Pending);
    let ended = |wanted: &[RepoState]| -> Vec<String> {
        let named = master.ended.iter().filter(|(_, ended)| wanted.contains(&ended.state));
        named.filter_map(|(index, _)| Some(master.repositories.get(*index as usize)?.name.clone())).collect()
    };
    let updates = statuses.values().map(|status| status.last_update);
    let ends = master.ended.values().map(|ended| ended.completed_at);
    ScanDocument {
        job_id: master.job_id.clone(),
        status: job_state(master, &summary),
        group_url: master.group_url.clone(),
        summary: DocumentSummary {
            total_repositories: master.total_repositories,
            completed: summary.completed,
            in_progress: summary.in_progress,
            pending: summary.pending,
            failed: summary.failed,
            cancelled: summary.cancelled,
        },
        current_repositories: current(master, statuses),
        completed_repositories: ended(&[RepoState::Completed]),
        failed_repositories: ended(&[RepoState::Failed, RepoState::Timeout]),
        pending_repositories: pending.map(|(_, repository)| repository.name.clone()).collect(),
        last_update: updates.chain(ends).max().unwrap_or(master.started_at),
        elapsed_time_seconds: master.completed_at.unwrap_or(now).seconds_since(master.started_at),
        cancelled_repositories: ended(&[RepoState::Cancelled]),
        started_at: master.started_at,
        completed_at: master.completed_at,
        error: master.error.clone(),
        failures: failures(master),
        scanner: master.scanner.clone(),
    }
}

fn current(master: &Master, statuses: &BTreeMap<u32, RepoStatus>) -> Vec<Current> {
    let at_work = statuses
        .iter()
        .filter(|(index, status)| !master.ended.contains_key(index) && status.status != RepoState::Pending);
    at_work
        .map(|(_, status)| Current {
            repo_name: status.repo_name.clone(),
            status: status.status,
            progress: progress(status),
            started_at: status.started_at,
        })
        .collect()
}

pub(super) fn progress(status: &RepoStatus) -> Progress {
    let message = status.message.clone();
    let counted = Progress {
        total_files: Some(status.total_files),
        current_file: Some(status.current_file),
        percentage: Some(status.percentage),
        ..Progress::default()
    };
    match status.status {
        RepoState::Pending | RepoState::Starting | RepoState::Cloning => Progress { message, ..Progress::default() },
        RepoState::Scanning => Progress { current_file_name: status.current_filename.clone(), message, ..counted },
        RepoState::Analyzing | RepoState::Completed | RepoState::Failed | RepoState::Timeout | RepoState::Cancelled => {
            Progress { message, ..counted }
        }
    }
}

fn failures(master: &Master) -> Vec<Failure> {
    let failed = master.ended.iter().filter(|(_, ended)| ended.state != RepoState::Completed);
    failed
        .map(|(index, ended)| Failure {
            repo_index: *index,
            repo_name: master.repositories.get(*index as usize).map_or_else(String::new, |repo| repo.name.clone()),
            outcome: ended.outcome.clone(),
            error: ended.error.clone(),
            exit: ended.exit.clone(),
            stderr: ended.stderr.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
