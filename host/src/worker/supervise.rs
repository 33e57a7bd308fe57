//! Watches one worker from its start until it is gone, and collects what it left.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr};
use tokio::sync::watch;
use tokio::time::Instant;

use super::child;
use super::control_group::ControlGroup;
use super::conversation::{self, IsKnown, Told};
use super::spec::Spec;
use crate::jobs::outcome::{Exit, Stop};
use crate::jobs::status_reader::Reader;
use crate::limits::{STDERR_LOG_BYTES_MAX, STDERR_TAIL_BYTES};
use crate::text;

/// How long a worker may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From its start to its end.
    pub deadline: Duration,
    /// Without a new status.
    pub stale: Duration,
}

/// What is known of a worker that is gone, apart from the files that it left.
#[derive(Debug)]
pub struct Gone {
    /// Its process id; 0 if it never started.
    pub pid: u32,
    /// Why we stopped it, if we did.
    pub stop: Option<Stop>,
    /// How it ended.
    pub exit: Exit,
    /// The same for people: `exit status: 0`, `signal: 9 (SIGKILL)`.
    pub exit_text: String,
    /// What it said.
    pub told: Told,
    /// The end of its standard error, made fit to be shown.
    pub stderr_tail: String,
}

/// Runs a worker on `spec` until it is gone. `cancelled` turns true when the job is cancelled; `started`
/// is told the process id; `is_known` is asked about the commit.
pub async fn supervise(
    program: &Path,
    spec: &Spec,
    patience: Patience,
    mut cancelled: watch::Receiver<bool>,
    is_known: IsKnown,
    started: impl FnOnce(u32),
) -> Gone {
    let line = match conversation::line(spec) {
        Ok(line) => line,
        Err(error) => return never_started(&format!("its job cannot be written: {error}")),
    };
    let folder = spec.status_dir.parent().unwrap_or(&spec.status_dir);
    let mut child = match child::spawn(program, folder).await {
        Ok(child) => child,
        Err(error) => return never_started(&format!("no worker process could be started: {error}")),
    };
    let pid = child.id().unwrap_or(0);
    let _group = match &spec.control_group {
        // It waits for its job, so that it has done nothing before it is in there.
        Some(parent) => match ControlGroup::around(pid, parent, spec) {
            Ok(group) => Some(group),
            Err(error) => {
                child::kill_group(&child);
                let _reaped = child.wait().await;
                return never_started(&format!("no control group below {}: {error}; see --cgroup", parent.display()));
            }
        },
        None => None,
    };
    started(pid);
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
        child::kill_group(&child);
        return never_started("the worker process has no pipes");
    };
    let log = spec.status_dir.parent().map(|folder| folder.join("stderr.log"));
    let talking = tokio::spawn(conversation::hold(stdin, stdout, line, is_known));
    let logging = tokio::spawn(keep_stderr(stderr, log));
    let stop = watch_over(&mut child, spec, patience, &mut cancelled).await;
    if stop.is_some() {
        child::kill_group(&child);
    }
    let status = child.wait().await;
    let told = talking.await.unwrap_or_default();
    let stderr_tail = logging.await.unwrap_or_default();
    let (exit, exit_text) = described(status);
    Gone { pid, stop, exit, exit_text, told, stderr_tail }
}

fn never_started(why: &str) -> Gone {
    Gone {
        pid: 0,
        stop: None,
        exit: Exit::NotStarted,
        exit_text: "not started".to_owned(),
        told: Told::default(),
        stderr_tail: why.to_owned(),
    }
}

/// Returns when the worker is gone (`None`), or when it must be stopped.
async fn watch_over(
    child: &mut Child,
    spec: &Spec,
    patience: Patience,
    cancelled: &mut watch::Receiver<bool>,
) -> Option<Stop> {
    let reader = Reader::open(&spec.status_dir).ok();
    let freshness = || reader.as_ref().and_then(|reader| reader.freshness(spec.repo_index));
    let deadline = Instant::now() + patience.deadline;
    let mut seen = (freshness(), Instant::now());
    let mut glance = tokio::time::interval((patience.stale / 8).max(Duration::from_millis(20)));
    loop {
        tokio::select! {
            _ = child.wait() => return None,
            _ = cancelled.wait_for(|cancelled| *cancelled) => return Some(Stop::Cancel),
            () = tokio::time::sleep_until(deadline) => return Some(Stop::Deadline),
            now = glance.tick() => {
                let fresh = freshness();
                if fresh != seen.0 {
                    seen = (fresh, now);
                } else if now.duration_since(seen.1) > patience.stale {
                    return Some(Stop::Stale);
                }
            }
        }
    }
}

/// Copies standard error to the log, up to its limit, and returns its end. Reads on past the limit, so
/// that a worker that floods it is not blocked by it. Most workers have nothing to say, and leave no log.
async fn keep_stderr(mut stderr: ChildStderr, mut path: Option<PathBuf>) -> String {
    let mut log = None;
    let mut room = STDERR_LOG_BYTES_MAX;
    let mut tail = Vec::new();
    let mut buffer = vec![0; 8 * 1024];
    while let Some(bytes) = read_some(&mut stderr, &mut buffer).await {
        let kept = bytes.get(..usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len())).unwrap_or_default();
        room -= kept.len() as u64;
        if let Some(path) = path.take() {
            log = tokio::fs::File::create(path).await.ok();
        }
        if let Some(file) = &mut log
            && file.write_all(kept).await.is_err()
        {
            log = None;
        }
        tail.extend_from_slice(bytes);
        let surplus = tail.len().saturating_sub(STDERR_TAIL_BYTES);
        tail.drain(..surplus);
    }
    if let Some(file) = &mut log {
        // A log that cannot be finished is a log that ends early.
        let _flushed = file.flush().await;
    }
    text::clean_lines(String::from_utf8_lossy(&tail).trim())
}

async fn read_some<'a>(from: &mut (impl AsyncRead + Unpin), buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let length = from.read(buffer).await.ok().filter(|length| *length > 0)?;
    buffer.get(..length)
}

fn described(status: io::Result<ExitStatus>) -> (Exit, String) {
    match status {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => (Exit::Code(code), status.to_string()),
            (None, Some(signal)) => (Exit::Signal(signal), status.to_string()),
            (None, None) => (Exit::NotStarted, status.to_string()),
        },
        Err(error) => (Exit::NotStarted, format!("its end could not be waited for: {error}")),
    }
}
