//! Ties a worker's life to its parent's, and takes from it what it does not need.

use std::io::{self, Read as _};
use std::process;
use std::thread;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::limits::{REPORT_BYTES_MAX, WORKER_DESCRIPTORS};

/// The exit code of a worker whose parent went away. Nobody is left to read it.
const ORPHANED: i32 = 70;

/// From now on this process ends when its standard input does: the parent holds the other end and
/// never writes again. A thread of its own, because the guest may keep the main one busy.
pub(super) fn end_with_parent() -> io::Result<()> {
    let watch = || {
        let mut byte = [0];
        loop {
            match io::stdin().lock().read(&mut byte) {
                Ok(0) => process::exit(ORPHANED),
                Err(error) if error.kind() != io::ErrorKind::Interrupted => process::exit(ORPHANED),
                Ok(_) | Err(_) => {}
            }
        }
    };
    thread::Builder::new().name("parent-watch".to_owned()).spawn(watch).map(drop)
}

/// No core dumps (they would hold the repository), bounded files and descriptors. Limits are only
/// ever lowered.
pub(super) fn limit_resources() -> io::Result<()> {
    lower(Resource::Core, 0)?;
    lower(Resource::Fsize, REPORT_BYTES_MAX)?;
    lower(Resource::Nofile, WORKER_DESCRIPTORS)
}

fn lower(resource: Resource, limit: u64) -> io::Result<()> {
    let ceiling = getrlimit(resource).maximum.map_or(limit, |maximum| maximum.min(limit));
    let limit = Rlimit { current: Some(ceiling), maximum: Some(ceiling) };
    Ok(setrlimit(resource, limit)?)
}
