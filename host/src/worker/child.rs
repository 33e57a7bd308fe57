//! Starts a worker process: our own binary again, with nothing inherited.

use std::io;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// The hidden subcommand that makes our binary a worker.
pub const SUBCOMMAND: &str = "worker";

/// Starts a worker in a process group of its own, with an empty environment, `/` as its folder and
/// pipes for its standard streams. It reads its job from standard input, and ends when that closes.
#[expect(clippy::disallowed_methods, reason = "the one place that starts processes")]
pub fn spawn(program: &Path) -> io::Result<Child> {
    Command::new(program)
        .arg(SUBCOMMAND)
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// Kills the worker and whatever it may have started. Call it only while the worker has not been
/// waited for: until then its id, which names the group, is not used again.
pub fn kill_group(child: &Child) {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(group) = group {
        // It may be gone by itself in the same moment.
        let _gone = kill_process_group(group, Signal::KILL);
    }
}
