//! Where workers try to break out, each alone: a folder, and those whom they try to reach.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use fumehood_contract::Timestamp;
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;

use crate::jobs::outcome::{Exit, libc_signals};
use crate::limits;
use crate::source::ListOptions;
use crate::worker::lockdown::{Layer, Mode};
use crate::worker::probe::{Attempt, Probe, Tried};
use crate::worker::spec::{Artefact, CallRules, Origin, Spec};
use crate::worker::supervise::{Gone, Patience, supervise};

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// It worked.
    Succeeded,
    /// It was refused, for this reason.
    Refused(String),
    /// The kernel ended the worker, for this reason.
    Killed(String),
    /// The worker did not come so far.
    Unknown(String),
}

impl Came {
    /// Whether it worked for nobody.
    pub(super) fn is_harmless(&self) -> bool {
        matches!(self, Self::Killed(_) | Self::Refused(_))
    }
}

/// Where in a worker something is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thread {
    /// In one that has no other.
    First,
    /// In one of those that share a large repository.
    Another,
}

/// A bench for attempts. Dropped, it leaves nothing.
pub(super) struct Bench {
    folder: TempDir,
    program: PathBuf,
    artefact: Artefact,
    server: TcpListener,
    socket: String,
    _abstract: UnixListener,
    /// Left open on purpose, for whoever inherits it.
    _inherited: OwnedFd,
}

/// A number that no descriptor of a worker's own has; see [`Probe::Inherited`].
const INHERITED: i32 = 150;

const PATIENCE: Patience = Patience { deadline: Duration::from_secs(20), stale: Duration::from_secs(20) };

impl Bench {
    #[expect(clippy::disallowed_methods, reason = "its own temporary folder")]
    pub(super) fn new(artefact: Artefact) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        fs::create_dir(folder.path().join("repo"))?;
        let left_open = folder.path().join("left-open");
        fs::write(&left_open, "secret")?;
        let left_open = File::open(left_open)?;
        let inherited = fcntl_dupfd_cloexec(&left_open, INHERITED)?;
        fcntl_setfd(&inherited, FdFlags::empty())?;
        let socket = format!("fumehood-doctor-{}", Uuid::new_v4());
        Ok(Self {
            program: std::env::current_exe().context("cannot find our own binary")?,
            artefact,
            server: TcpListener::bind(("127.0.0.1", 0)).context("no server on 127.0.0.1")?,
            _abstract: UnixListener::bind_addr(&SocketAddr::from_abstract_name(&socket)?)?,
            socket,
            _inherited: inherited,
            folder,
        })
    }

    /// Has a worker try this, and says which layers it was without.
    pub(super) async fn attempt(
        &self,
        probe: Probe,
        without: &[Layer],
        thread: Thread,
    ) -> anyhow::Result<(Vec<Layer>, Came)> {
        let spec = self.spec(probe, without, thread)?;
        let (_cancel, cancelled) = watch::channel(false);
        let gone = supervise(&self.program, &spec, PATIENCE, cancelled, Arc::new(|_| false), |_| {}).await;
        let Some(missing) = &gone.told.missing else {
            let said = gone.told.verdict.map(|verdict| verdict.message).unwrap_or(gone.stderr_tail);
            bail!("a worker could not be locked down ({}): {said}", gone.exit_text);
        };
        Ok((missing.clone(), came(&gone)))
    }

    fn spec(&self, probe: Probe, without: &[Layer], thread: Thread) -> anyhow::Result<Spec> {
        let status_dir = self.folder.path().join(probe.name()).join("status");
        fs::create_dir_all(&status_dir)?;
        Ok(Spec {
            repo_index: 0,
            repo_name: probe.name(),
            attempt: 1,
            started_at: Timestamp::now(),
            origin: Origin::Folder(self.folder.path().join("repo")),
            asks: false,
            status_dir,
            artefact: self.artefact.clone(),
            list: ListOptions::default(),
            calls: CallRules::Off,
            status_interval_ms: 1000,
            sandboxes: if thread == Thread::First { 1 } else { limits::SANDBOXES_MAX },
            fuel: limits::FUEL,
            memory_bytes: limits::GUEST_MEMORY_BYTES,
            cpu_seconds: PATIENCE.deadline.as_secs(),
            niceness: 0,
            parent_pid: std::process::id(),
            control_group: None,
            sandbox: Mode::BestEffort,
            without: without.to_vec(),
            probe: Some(Attempt { probe, port: self.server.local_addr()?.port(), socket: self.socket.clone() }),
        })
    }
}

fn came(gone: &Gone) -> Came {
    match (&gone.told.probed, gone.exit) {
        (Some(Tried::Succeeded), _) => Came::Succeeded,
        (Some(Tried::Refused(why)), _) => Came::Refused(why.clone()),
        (None, Exit::Signal(libc_signals::SIGSYS)) => Came::Killed("forbidden system call".to_owned()),
        (None, Exit::Signal(libc_signals::SIGXFSZ)) => Came::Killed("file too large".to_owned()),
        (None, Exit::Signal(_)) => Came::Killed(gone.exit_text.clone()),
        // It has become another program, which ended well.
        (None, Exit::Code(0)) if gone.told.verdict.is_none() => Came::Succeeded,
        (None, Exit::Code(_) | Exit::NotStarted) => Came::Unknown(gone.exit_text.clone()),
    }
}
