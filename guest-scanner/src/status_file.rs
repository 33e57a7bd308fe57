//! Keeps `repo_N.json` true while files are read.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fumehood_contract::{RepoState, RepoStatus, Timestamp, atomic};

/// The status file: written at once on a change of state, else at most once an interval.
#[derive(Debug)]
pub struct StatusFile {
    folder: PathBuf,
    name: String,
    status: RepoStatus,
    interval: Duration,
    written: Instant,
}

impl StatusFile {
    /// Starts from `status`, writes into `folder`. Nothing is written yet.
    pub fn new(folder: PathBuf, status: RepoStatus, interval: Duration) -> Self {
        let name = RepoStatus::file_name(status.repo_index);
        Self { folder, name, status, interval, written: Instant::now() }
    }

    /// Goes over to `state`, and writes.
    pub fn enter(&mut self, state: RepoState, message: Option<&str>) -> io::Result<()> {
        self.status.enter(state, message, Timestamp::now());
        self.write()
    }

    /// Says how many files there are to read.
    pub fn set_total(&mut self, total_files: u64) {
        self.status.total_files = total_files;
    }

    /// Says that `read` files were looked at for calls, the last of them `filename`, and what they held; writes if
    /// the interval has passed.
    pub fn analyzed(&mut self, read: u64, filename: &str, calls: u64) -> io::Result<()> {
        self.status.api_calls_found = calls;
        let packages = self.status.dependencies_found;
        self.progress(read, filename, packages)
    }

    /// Says how many calls there are in all, when those of the other sandboxes are known as well.
    pub fn set_calls(&mut self, calls: u64) {
        self.status.api_calls_found = calls;
    }

    /// Goes over to the analysis of so many files.
    pub fn begin_analyzing(&mut self, total_files: u64) -> io::Result<()> {
        self.status.total_files = total_files;
        self.status.current_file = 0;
        self.status.percentage = 0.0;
        self.enter(RepoState::Analyzing, Some("Analyzing API calls..."))
    }

    /// Says that `read` files are read, the last of them `filename`, and what they held; writes if
    /// the interval has passed.
    pub fn progress(&mut self, read: u64, filename: &str, packages: u64) -> io::Result<()> {
        let due = self.written.elapsed() >= self.interval;
        let ends = read == self.status.total_files;
        if !due && !ends {
            return Ok(());
        }
        self.status.dependencies_found = packages;
        self.status.progress(read, Some(filename), Timestamp::now());
        if due { self.write() } else { Ok(()) }
    }

    /// Adds an error to be seen before the report is.
    pub fn error(&mut self, message: &str) {
        self.status.error(message);
    }

    fn write(&mut self) -> io::Result<()> {
        self.written = Instant::now();
        atomic::write_json(&self.folder, &self.name, &self.status)
    }
}
