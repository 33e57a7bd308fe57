//! Takes from this process what it does not need any more, for good.
//!
//! Layers only ever stack: what one stage forbids no later stage gives back. Landlock decides what can be
//! reached ([`reach`]), seccomp which system calls are left ([`calls`]). Where a kernel lacks Landlock the worker
//! goes on with the layers that there are; [`Layers`] says which.

mod calls;
mod reach;

use std::path::Path;

/// What a worker may still reach, from one stage of its life to the next.
#[derive(Clone, Copy, Debug)]
pub enum Stage<'a> {
    /// Fetching: its own folders, and TCP to one port.
    Fetching {
        /// Where it keeps what it fetches; readable and writable.
        folder: &'a Path,
        /// The guest's folder, in which the worker itself keeps the status; readable and writable.
        status: &'a Path,
        /// The server's.
        port: u16,
    },
    /// Writing the files that the scanner chose: its own folders, and no network any more.
    Materializing {
        /// As before.
        folder: &'a Path,
        /// As before.
        status: &'a Path,
    },
    /// Scanning: reads the repository, writes the status folder.
    Scanning {
        /// The repository; only readable.
        repo: &'a Path,
        /// The guest's folder; readable and writable.
        status: &'a Path,
    },
}

/// Which layers hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layers {
    /// Landlock, with all that this kernel has of it.
    pub landlock: bool,
    /// seccomp.
    pub seccomp: bool,
}

/// A layer that exists here could not be put on.
#[derive(Debug, thiserror::Error)]
#[error("the worker cannot be locked down: {0}")]
pub struct LockdownError(String);

/// Locks this thread, and every thread that it starts, into `stage`; seccomp holds for all threads.
pub fn enter(stage: Stage<'_>) -> Result<Layers, LockdownError> {
    let landlock = reach::restrict(stage).map_err(|error| LockdownError(format!("Landlock: {error}")))?;
    calls::forbid(stage).map_err(|error| LockdownError(format!("seccomp: {error}")))?;
    Ok(Layers { landlock, seccomp: true })
}
