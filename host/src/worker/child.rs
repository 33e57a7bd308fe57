//! Starts a worker process: our own binary again, with nothing inherited.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The hidden subcommand that makes our binary a worker.
pub const SUBCOMMAND: &str = "worker";

/// Starts a worker in a process group of its own, with an empty environment, `folder` as its working
/// directory and pipes for its standard streams. It reads its job from standard input.
///
/// All workers are started by one thread, which lives as long as this process: the kernel kills them when the
/// *thread* that started them ends (prctl(2), `PR_SET_PDEATHSIG`), and threads of a runtime may.
pub async fn spawn(program: &Path, folder: &Path) -> io::Result<Child> {
    let (answer, started) = oneshot::channel();
    let order = Order { program: program.to_owned(), folder: folder.to_owned(), runtime: Handle::current(), answer };
    let gone = || io::Error::other("the thread that starts workers is gone");
    spawner()?.send(order).map_err(|_| gone())?;
    started.await.map_err(|_| gone())?
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

struct Order {
    program: PathBuf,
    folder: PathBuf,
    /// Learns of the worker's end.
    runtime: Handle,
    answer: oneshot::Sender<io::Result<Child>>,
}

fn spawner() -> io::Result<&'static Sender<Order>> {
    static SPAWNER: OnceLock<Sender<Order>> = OnceLock::new();
    if let Some(running) = SPAWNER.get() {
        return Ok(running);
    }
    let (orders, received) = channel();
    thread::Builder::new().name("spawner".to_owned()).spawn(move || obey(&received))?;
    // Of two that are made at once one stays; the other has no orders and ends.
    Ok(SPAWNER.get_or_init(|| orders))
}

fn obey(orders: &Receiver<Order>) {
    while let Ok(order) = orders.recv() {
        let entered = order.runtime.enter();
        let started = start(&order.program, SUBCOMMAND, &order.folder);
        drop(entered);
        // Who is gone gets no worker: dropped, it is killed.
        let _gone = order.answer.send(started);
    }
}

/// Starts `program` with one argument, in a process group of its own, with an empty environment and pipes.
#[expect(clippy::disallowed_methods, reason = "the one place that starts processes")]
pub(super) fn start(program: &Path, subcommand: &str, folder: &Path) -> io::Result<Child> {
    Command::new(program)
        .arg(subcommand)
        .env_clear()
        .current_dir(folder)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test")]
mod tests {
    use rustix::process::test_kill_process;

    use super::*;

    /// The number of a process that is gone may be another's. Who asks for it after the wait gets none, so nobody is killed.
    #[tokio::test]
    async fn f06_a_process_id_that_is_used_again_is_nobody_to_kill() {
        let mut child = spawn(Path::new("/bin/true"), Path::new("/")).await.unwrap();
        let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).unwrap())).unwrap();
        child.wait().await.unwrap();
        assert!(test_kill_process(pid).is_err(), "it was waited for, so its number is free");
        assert_eq!(child.id(), None, "and it is not asked for by number any more");
        kill_group(&child);
    }

    /// All have one parent thread, whichever thread asks.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn workers_are_started_by_one_thread_that_stays() {
        let mut children = Vec::new();
        for _ in 0..4 {
            children.push(tokio::spawn(spawn(Path::new("/bin/cat"), Path::new("/"))).await.unwrap().unwrap());
        }
        let spawner = std::fs::read_dir("/proc/self/task").unwrap().flatten().find(|thread| {
            std::fs::read_to_string(thread.path().join("comm")).is_ok_and(|name| name.trim() == "spawner")
        });
        let list = std::fs::read_to_string(spawner.unwrap().path().join("children")).unwrap();
        for child in &children {
            let pid = child.id().unwrap().to_string();
            assert!(list.split_whitespace().any(|listed| listed == pid), "{pid} is not of {list}");
        }
    }
}
