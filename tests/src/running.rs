//! A scan that runs.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::Finished;

/// A scan that runs. Dropped without waiting, it is killed.
pub struct Running {
    child: Child,
    data: TempDir,
    stdout: Option<JoinHandle<String>>,
    stderr: BufReader<ChildStderr>,
    said: String,
}

impl Running {
    pub(crate) fn new(mut child: Child, data: TempDir) -> Self {
        let mut stdout = child.stdout.take().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let reading = thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).unwrap();
            text
        });
        Self { child, data, stdout: Some(reading), stderr, said: String::new() }
    }

    /// Waits until a line with `word` was printed to standard error.
    pub fn until(mut self, word: &str) -> Self {
        loop {
            let before = self.said.len();
            let read = self.stderr.read_line(&mut self.said).unwrap();
            assert!(read > 0, "it ended without saying {word:?}; it said:\n{}", self.said);
            if self.said[before..].contains(word) {
                return self;
            }
        }
    }

    /// Waits until the status file of repository `index` says that it is scanned. The status is written
    /// by another process, which tells nobody when it does: so this looks again and again.
    pub fn until_scanning(self, index: u32) -> Self {
        self.until_state(index, "scanning")
    }

    /// As [`Running::until_scanning`], for any state.
    pub fn until_state(self, index: u32, state: &str) -> Self {
        let path = self.job().join(format!("repo_{index}.json"));
        let said = || fs::read_to_string(&path).is_ok_and(|text| text.contains(&format!("\"{state}\"")));
        let last = || fs::read_to_string(&path).unwrap_or_default();
        assert!(crate::soon(Duration::from_secs(30), said), "never said {state}; at the end {}", last());
        self
    }

    /// The process id of our binary.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// The process id of the worker on repository `index`, from its status file.
    pub fn worker(&self, index: u32) -> Pid {
        let text = fs::read_to_string(self.job().join(format!("repo_{index}.json"))).unwrap();
        let status: Value = serde_json::from_str(&text).unwrap();
        status["pid"].as_i64().and_then(|pid| Pid::from_raw(i32::try_from(pid).unwrap())).unwrap()
    }

    /// Our binary's own children with their states, as proc(5) has them: `R`, `S`, `Z` for a zombie.
    pub fn children(&self) -> Vec<(u32, char)> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap().flatten();
        let lists = threads.map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default());
        let children: Vec<u32> =
            lists.flat_map(|list| list.split_whitespace().flat_map(str::parse).collect::<Vec<_>>()).collect();
        let state = |child: &u32| {
            let stat = fs::read_to_string(format!("/proc/{child}/stat")).ok()?;
            stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next())
        };
        children.iter().filter_map(|child| Some((*child, state(child)?))).collect()
    }

    /// Sends a signal to a process.
    pub fn signal(self, process: Pid, signal: Signal) -> Self {
        kill_process(process, signal).unwrap();
        self
    }

    /// The job's folder.
    pub fn job(&self) -> PathBuf {
        job(&self.data)
    }

    /// Waits for its end, which must come within this time.
    pub fn ends_within(self, limit: Duration) -> Finished {
        let pid = self.pid();
        let (done, ended) = mpsc::channel();
        thread::spawn(move || done.send(self.wait()));
        ended.recv_timeout(limit).unwrap_or_else(|_| {
            // It has not ended, so the process id is still its own.
            let _gone = kill_process(pid, Signal::KILL);
            panic!("it did not end within {limit:?}")
        })
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Finished {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let status = self.child.wait().unwrap();
        let stdout = self.stdout.take().unwrap().join().unwrap();
        // The data folder lives as long as what is asked of it.
        let data = std::mem::replace(&mut self.data, tempfile::tempdir().unwrap());
        Finished { status, stdout, stderr: std::mem::take(&mut self.said), data }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Most have ended by themselves.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

pub(crate) fn job(data: &TempDir) -> PathBuf {
    let jobs = data.path().join("tenants/local/jobs");
    let mut found = fs::read_dir(&jobs).unwrap_or_else(|error| panic!("{}: {error}", jobs.display()));
    found.next().expect("a job").unwrap().path()
}
