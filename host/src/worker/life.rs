//! Ties a worker's life to its parent's, and takes from it what it does not need.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::process;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::limits::{REPORT_BYTES_MAX, WORKER_DESCRIPTORS, WORKER_MEMORY_BYTES};

/// The exit code of a worker whose parent went away. Nobody is left to read it.
const ORPHANED: i32 = 70;

/// From now on this process ends when its standard input does: the parent holds the other end. What it
/// says there, a byte for each answer, comes out of the receiver. A thread of its own, because the guest may keep
/// the main one busy.
pub(super) fn end_with_parent() -> io::Result<Receiver<u8>> {
    let (sender, answers) = channel();
    let watch = move || {
        let mut byte = [0];
        loop {
            match io::stdin().lock().read(&mut byte) {
                Ok(0) => process::exit(ORPHANED),
                Err(error) if error.kind() != io::ErrorKind::Interrupted => process::exit(ORPHANED),
                // Nobody has to wait for an answer.
                Ok(_) => drop(byte.map(|byte| sender.send(byte))),
                Err(_) => {}
            }
        }
    };
    thread::Builder::new().name("parent-watch".to_owned()).spawn(watch)?;
    Ok(answers)
}

/// The most memory that this process ever had in use.
#[derive(Debug)]
pub(super) struct PeakMemory(Option<File>);

impl PeakMemory {
    /// Opens the kernel's account of it, which is out of reach later.
    #[expect(clippy::disallowed_methods, reason = "a file of the kernel's")]
    pub(super) fn open() -> Self {
        Self(File::open("/proc/self/status").ok())
    }

    /// In bytes; `None` where the kernel does not say.
    pub(super) fn bytes(&self) -> Option<u64> {
        let mut text = [0; 4096];
        let length = self.0.as_ref()?.read_at(&mut text, 0).ok()?;
        let text = String::from_utf8_lossy(text.get(..length)?);
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        kib.checked_mul(1024)
    }
}

/// Lets others on this machine go first.
pub(super) fn stand_back(niceness: u8) {
    // Where that is not allowed, it is as important as the others.
    let _refused = rustix::process::nice(niceness.into());
}

/// No core dumps (they would hold the repository), bounded files, descriptors and memory. Limits are
/// only ever lowered. The scanner may have `guest_bytes`; what lists and fetches for it gets the rest.
pub(super) fn limit_resources(guest_bytes: u64) -> io::Result<()> {
    lower(Resource::Core, 0)?;
    lower(Resource::Data, guest_bytes + WORKER_MEMORY_BYTES)?;
    lower(Resource::Fsize, REPORT_BYTES_MAX)?;
    lower(Resource::Nofile, WORKER_DESCRIPTORS)
}

fn lower(resource: Resource, limit: u64) -> io::Result<()> {
    let ceiling = getrlimit(resource).maximum.map_or(limit, |maximum| maximum.min(limit));
    let limit = Rlimit { current: Some(ceiling), maximum: Some(ceiling) };
    Ok(setrlimit(resource, limit)?)
}
