//! A scan under `strace`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::{binary, cache};

/// A scan that has ended, and what its processes asked the kernel for.
pub struct Traced {
    data: TempDir,
    log: String,
}

impl Traced {
    pub(crate) fn scan(data: TempDir, paths: &[&dyn AsRef<Path>]) -> Self {
        let log = data.path().join("strace.log");
        let status = Command::new("strace")
            .args(["-f", "-qq", "-s", "4096", "-o"])
            .arg(&log)
            .arg(binary())
            .args(["scan", "--quiet", "--format=json", "--output=/dev/null", "--data-dir"])
            .arg(data.path())
            .arg("--cache-dir")
            .arg(cache())
            .args(paths.iter().map(|path| path.as_ref()))
            .stdin(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{status}");
        let log = fs::read_to_string(log).unwrap();
        Self { data, log }
    }

    /// The calls of the one worker after the last of those that locked it down.
    pub fn after_lockdown(&self) -> Vec<String> {
        let lines = || self.log.lines().filter_map(|line| line.split_once(' '));
        let starts = |call: &str| call.trim_start().starts_with("execve(") && call.contains("\"worker\"");
        let (worker, _) = lines().find(|(_, call)| starts(call)).expect("a worker");
        let calls: Vec<_> = lines().filter(|(pid, _)| *pid == worker).map(|(_, call)| call.trim_start()).collect();
        let locked = calls.iter().rposition(|call| call.starts_with("seccomp(")).expect("a lockdown");
        calls.into_iter().skip(locked + 1).map(str::to_owned).collect()
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        self.data.path()
    }
}
