//! Reports for tests.

use fumehood_contract::master::Ended;
use fumehood_contract::{FileRecord, RepoState, Timestamp};

use super::RepoReport;

/// A repository that was scanned, with these files.
pub(crate) fn repository(name: &str, files: Vec<FileRecord>) -> RepoReport {
    let moment = Timestamp::from_unix_seconds(1_800_000_000);
    RepoReport {
        name: name.to_owned(),
        ended: Ended {
            state: RepoState::Completed,
            outcome: "completed".to_owned(),
            attempt: 1,
            pid: 7,
            started_at: moment,
            completed_at: moment,
            complete: true,
            commit: None,
            reused: false,
            peak_memory_bytes: None,
            sandbox_missing: None,
            exit: None,
            error: None,
            stderr: None,
        },
        listing: None,
        files,
        calls: Vec::new(),
        defect: None,
        verdict: None,
    }
}
