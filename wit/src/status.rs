//! `repo_N.json`: how far one repository is.
//!
//! Written by the scanner through WASI, and by the worker's own code before the scanner starts
//! and after it has died. Always replaced whole, see [`crate::atomic`].

use serde::{Deserialize, Serialize};

use crate::limits::{STATUS_ERRORS_MAX, STATUS_FIELD_BYTES_MAX};
use crate::time::Timestamp;

/// The content of `repo_N.json`. The first ten fields are the ordered format, the rest was added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RepoStatus {
    /// Position of the repository in its job.
    pub repo_index: u32,
    /// As the job was given it, for people.
    pub repo_name: String,
    /// How far the work is.
    pub status: RepoState,
    /// Files selected for reading; 0 while they are not known.
    pub total_files: u64,
    /// Files read so far.
    pub current_file: u64,
    /// The file that is being read, or was read last.
    pub current_filename: Option<String>,
    /// When this attempt began.
    pub started_at: Timestamp,
    /// When this file was written.
    pub last_update: Timestamp,
    /// What went wrong, at most [`STATUS_ERRORS_MAX`] of them.
    pub errors: Vec<String>,
    /// The worker process.
    pub pid: u32,
    /// Of the files, with one decimal.
    pub percentage: f64,
    /// What is being done, for people.
    pub message: Option<String>,
    /// When a final state was reached.
    pub completed_at: Option<Timestamp>,
    /// 1 for the first try.
    pub attempt: u32,
    /// Packages found so far.
    pub dependencies_found: u64,
    /// Outbound calls found so far.
    pub api_calls_found: u64,
}

impl RepoStatus {
    /// A repository on which nothing was done yet.
    pub fn new(repo_index: u32, repo_name: &str, attempt: u32, pid: u32, started_at: Timestamp) -> Self {
        Self {
            repo_index,
            repo_name: cut(repo_name, STATUS_FIELD_BYTES_MAX).to_owned(),
            status: RepoState::Pending,
            total_files: 0,
            current_file: 0,
            current_filename: None,
            started_at,
            last_update: started_at,
            errors: Vec::new(),
            pid,
            percentage: 0.0,
            message: None,
            completed_at: None,
            attempt,
            dependencies_found: 0,
            api_calls_found: 0,
        }
    }

    /// The file's name in its folder.
    pub fn file_name(repo_index: u32) -> String {
        format!("repo_{repo_index}.json")
    }

    /// Goes over to `state`; a final state is stamped with `now`.
    pub fn enter(&mut self, state: RepoState, message: Option<&str>, now: Timestamp) {
        self.status = state;
        self.message = message.map(|text| cut(text, STATUS_FIELD_BYTES_MAX).to_owned());
        self.completed_at = state.is_final().then_some(now);
        self.last_update = now;
    }

    /// Says that `current_file` of `total_files` are read.
    pub fn progress(&mut self, current_file: u64, filename: Option<&str>, now: Timestamp) {
        self.current_file = current_file;
        self.current_filename = filename.map(|name| cut(name, STATUS_FIELD_BYTES_MAX).to_owned());
        self.percentage = percentage(current_file, self.total_files);
        self.last_update = now;
    }

    /// Adds an error, unless there are [`STATUS_ERRORS_MAX`] already.
    pub fn error(&mut self, message: &str) {
        if self.errors.len() < STATUS_ERRORS_MAX {
            self.errors.push(cut(message, 1024).to_owned());
        }
    }
}

/// The states of a repository, in the words of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RepoState {
    /// Waits for a worker.
    Pending,
    /// Its worker runs and prepares.
    Starting,
    /// Its files are being fetched.
    Cloning,
    /// The scanner reads its files for packages.
    Scanning,
    /// The scanner looks at what its code talks to.
    Analyzing,
    /// Scanned; the report says whether completely.
    Completed,
    /// Not scanned, or not to the end.
    Failed,
    /// Stopped, because it took too long.
    Timeout,
    /// Stopped, because somebody asked for it.
    Cancelled,
}

impl RepoState {
    /// Every state, in the order of a repository's life.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Starting,
        Self::Cloning,
        Self::Scanning,
        Self::Analyzing,
        Self::Completed,
        Self::Failed,
        Self::Timeout,
        Self::Cancelled,
    ];

    /// No state follows.
    pub fn is_final(self) -> bool {
        match self {
            Self::Completed | Self::Failed | Self::Timeout | Self::Cancelled => true,
            Self::Pending | Self::Starting | Self::Cloning | Self::Scanning | Self::Analyzing => false,
        }
    }

    /// Whether one attempt may go from this state to `next`: forward, leaving out what is not
    /// needed, staying where it is, or to an end. Nothing leaves an end.
    pub fn may_become(self, next: Self) -> bool {
        !self.is_final() && (next.is_final() || next.rank() >= self.rank())
    }

    fn rank(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Starting => 1,
            Self::Cloning => 2,
            Self::Scanning => 3,
            Self::Analyzing => 4,
            Self::Completed | Self::Failed | Self::Timeout | Self::Cancelled => 5,
        }
    }
}

/// `part` of `whole` in percent with one decimal; 0 where there is nothing to read.
pub fn percentage(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    let per_mille = u128::from(part.min(whole)) * 1000 / u128::from(whole);
    // At most 1000, so the conversion is exact.
    f64::from(u16::try_from(per_mille).unwrap_or(1000)) / 10.0
}

/// The longest beginning of `text` within `bytes_max` that ends between two characters.
pub fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_final_and_nothing_goes_back() {
        for from in RepoState::ALL {
            for to in RepoState::ALL {
                let expected = !from.is_final() && (to.is_final() || to.rank() >= from.rank());
                assert_eq!(from.may_become(to), expected, "{from:?} -> {to:?}");
            }
        }
        assert!(!RepoState::Completed.may_become(RepoState::Scanning));
        assert!(RepoState::Starting.may_become(RepoState::Scanning));
    }

    #[test]
    fn percentage_has_one_decimal() {
        assert_eq!(percentage(234, 1500), 15.6);
        assert_eq!(percentage(890, 890), 100.0);
        assert_eq!(percentage(1, 3), 33.3);
        assert_eq!(percentage(7, 0), 0.0);
        assert_eq!(percentage(u64::MAX, u64::MAX), 100.0);
    }

    #[test]
    fn cut_ends_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
    }
}
