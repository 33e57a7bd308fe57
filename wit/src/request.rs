//! `request.json`: what a scanner is told that is a plain command, and has no `scan` to be called with it.
//!
//! The worker writes it into the status folder before the command starts. What a component of `scanner.wit` would be
//! called with and what stands here are the same.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The file's name in the status folder.
pub const FILE_NAME: &str = "request.json";

/// The content of `request.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandRequest {
    /// Position of the repository in its job; the status file is `repo_{repo_index}.json`.
    pub repo_index: u32,
    /// For people.
    pub repo_name: String,
    /// 1 for the first try.
    pub attempt: u32,
    /// When this attempt began.
    pub started_at: Timestamp,
    /// The worker process.
    pub pid: u32,
    /// The longest time between two writes of the status file while files are read.
    pub status_interval_ms: u32,
    /// Whether to look for what the code talks to.
    pub calls: RequestedCalls,
    /// Every file of the repository that may be read, in the order of their paths. Links, devices, folders of installed
    /// files and what is over a budget are left out.
    pub files: Vec<RequestedFile>,
}

/// A regular file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestedFile {
    /// Relative to /repo, separated by `/`, without `.` and `..` segments.
    pub path: String,
    /// As the host saw it when it listed the tree.
    pub size_bytes: u64,
}

/// Whether to look for what the code talks to. A scanner that does not know how to may leave it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RequestedCalls {
    /// Not at all.
    Off,
    /// Where scanners usually do: not in tests, documentation, examples and vendored code.
    Usual,
    /// Everywhere but where one of these patterns fits; see `scanner.wit`.
    Excluding(Vec<String>),
}
