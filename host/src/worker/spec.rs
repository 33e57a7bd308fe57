//! What the parent and its worker say to each other: one JSON document in, JSON lines out.

use std::path::PathBuf;

use fumehood_contract::Timestamp;
use serde::{Deserialize, Serialize};

use super::lockdown::{Layer, Mode};
use super::probe::{Attempt, Tried};
use crate::source::git::GitOrigin;
use crate::source::{ListOptions, Listing};

/// A worker's whole job, on its standard input as one line. The pipe stays open for [`answer`]s.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Position of the repository in its job.
    pub repo_index: u32,
    /// For people.
    pub repo_name: String,
    /// 1 for the first try.
    pub attempt: u32,
    /// When the attempt began, by the parent's clock.
    pub started_at: Timestamp,
    /// Where the repository is.
    pub origin: Origin,
    /// Whether the parent wants to be asked, once the commit is known, if it is worth scanning.
    pub asks: bool,
    /// The folder that the guest may write; exists and is empty.
    pub status_dir: PathBuf,
    /// The compiled scanner.
    pub artefact: Artefact,
    /// How the tree is listed.
    pub list: ListOptions,
    /// Whether the scanner looks for what the code talks to.
    pub calls: CallRules,
    /// Milliseconds between two writes of the status.
    pub status_interval_ms: u32,
    /// How many sandboxes may share the files of a large repository; at least 1.
    pub sandboxes: u32,
    /// Instructions of all of them, about; see [`crate::limits::FUEL`].
    pub fuel: u64,
    /// Of their linear memories.
    pub memory_bytes: u64,
    /// Seconds of processor time, for each of them. The guest has its fuel; this bounds what lists and fetches for it.
    pub cpu_seconds: u64,
    /// How far it stands back behind others on this machine: 0 to 19, as for nice(1).
    pub niceness: u8,
    /// The parent's process id, to see whether it is still there.
    pub parent_pid: u32,
    /// The control group below which the parent has put this worker into one of its own.
    pub control_group: Option<PathBuf>,
    /// How much of the sandbox must be there.
    pub sandbox: Mode,
    /// Layers that are left off, to show what each is for. Always empty but in tests and for `fumehood doctor`.
    pub without: Vec<Layer>,
    /// What is tried instead of a scan, as somebody who has taken over this process would.
    pub probe: Option<Attempt>,
}

/// Whether the scanner looks for what the code talks to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CallRules {
    /// Not at all.
    Off,
    /// Where the scanner usually does.
    #[default]
    Usual,
    /// Everywhere but where one of these patterns fits; see `wit/scanner.wit`.
    Excluding(Vec<String>),
}

/// Where a repository is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Origin {
    /// In a folder on this machine, which is only read.
    Folder(PathBuf),
    /// On a server, from which the worker fetches it.
    Git(Box<GitOrigin>),
}

/// A scanner, compiled ahead of time by [`super::artefact`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artefact {
    /// Where it lies.
    pub path: PathBuf,
    /// BLAKE3 of the file, in hexadecimal.
    pub blake3: String,
    /// The file as it was when its content was hashed: what is that very file, unchanged since, need not be hashed again.
    pub stamp: Stamp,
}

/// Tells a file from any other, and from itself after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// The file system's.
    pub device: u64,
    /// Within it.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// The last change of content or attributes, which only the kernel sets: seconds and nanoseconds.
    pub changed: (i64, i64),
}

/// The parent's answers to [`Message::Advertised`], a byte each.
pub mod answer {
    /// Scan it.
    pub const GO_ON: u8 = b'g';
    /// This commit was scanned before: end now.
    pub const KNOWN: u8 = b'k';
}

/// One line on a worker's standard output.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// The server has this object, in hexadecimal, for the reference. Waits for an [`answer`] if the parent
    /// wanted to be asked.
    Advertised(String),
    /// This commit was fetched.
    Fetched(String),
    /// These layers of the sandbox do not hold; said before the guest runs.
    Missing(Vec<Layer>),
    /// The tree was listed; said before the guest runs, so that it is known however the guest ends.
    Listed(Box<Listing>),
    /// What came of the probe.
    Probed(Tried),
    /// The most memory that the worker had in use, in bytes.
    PeakMemory(u64),
    /// How it ended; the last line.
    Ended(Verdict),
}

/// How the work ended, as the worker saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// What sort of end.
    pub kind: VerdictKind,
    /// What happened, for people.
    pub message: String,
}

/// The sorts of ends that a worker can tell about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// The guest returned and says that all went well.
    Scanned,
    /// The parent said that this commit needs no scan.
    Known,
    /// The repository could not be opened or listed.
    SourceUnreadable,
    /// The repository could not be fetched.
    FetchFailed,
    /// The repository is larger than we take.
    TooLarge,
    /// The guest used up its fuel.
    OutOfFuel,
    /// The guest asked for more memory than it may have.
    OutOfMemory,
    /// The guest recursed too deep.
    StackOverflow,
    /// The guest trapped, exited, or returned a failure.
    Trapped,
    /// The guest broke the contract: it does not fit the world, or answers nonsense.
    ContractBroken,
    /// The worker itself could not go on.
    HostError,
}

impl VerdictKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Scanned,
        Self::Known,
        Self::SourceUnreadable,
        Self::FetchFailed,
        Self::TooLarge,
        Self::OutOfFuel,
        Self::OutOfMemory,
        Self::StackOverflow,
        Self::Trapped,
        Self::ContractBroken,
        Self::HostError,
    ];
}

impl Verdict {
    /// A verdict with its message.
    pub fn new(kind: VerdictKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}
