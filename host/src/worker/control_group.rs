//! A control group for each worker, cgroups(7) version 2: the kernel bounds memory, processes and CPU of all that a worker
//! is, whatever it does. Optional: somebody must have delegated a group with the controllers memory and pids to us.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::spec::Spec;
use crate::limits::{WORKER_MEMORY_BYTES, WORKER_PROCESSES};

/// A worker's group, which goes when this does.
#[derive(Debug)]
pub(super) struct ControlGroup(PathBuf);

impl ControlGroup {
    /// Makes a group below `parent`, with the memory and the threads that the worker's guests and their host may have, and
    /// puts the process into it, which must not have begun with anything yet.
    #[expect(clippy::disallowed_methods, reason = "files of the kernel's, below a folder that the operator named")]
    pub(super) fn around(process: u32, parent: &Path, spec: &Spec) -> io::Result<Self> {
        let group = Self(parent.join(format!("fumehood-{process}")));
        fs::create_dir(&group.0)?;
        let bounds = [
            ("memory.max", spec.memory_bytes.saturating_add(WORKER_MEMORY_BYTES).to_string()),
            ("pids.max", WORKER_PROCESSES.saturating_add(spec.sandboxes.into()).to_string()),
            ("cgroup.procs", process.to_string()),
        ];
        for (file, value) in bounds {
            let path = group.0.join(file);
            // Where the controller is not delegated the file is not there, and none may be made.
            fs::OpenOptions::new()
                .write(true)
                .open(&path)
                .and_then(|mut file| io::Write::write_all(&mut file, value.as_bytes()))?;
        }
        // A worker that swaps is slow before it is stopped. Not every kernel has swap to forbid.
        let _without_swap = fs::write(group.0.join("memory.swap.max"), "0");
        Ok(group)
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        // It is empty when its process is gone. If one is left, the operator sees it there.
        let _left = fs::remove_dir(&self.0);
    }
}
