//! The worker process: reads its job, has the repository listed (and fetched before, if it must be), runs the
//! scanner on it, says how it ended.
//!
//! What needs the file system comes first: the compiled scanner and the certificates are in memory before the
//! first hostile byte is read. Then [`super::lockdown`] takes the rights away, stage by stage.

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use fumehood_contract::{RepoState, RepoStatus, Timestamp, atomic};
use tokio::runtime::Runtime;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::life::{self, PeakMemory};
use super::lockdown::{Lockdown, LockdownError, Stage};
use super::sandbox::{self, Calls, Place, Request, Sandbox, Walls};
use super::spec::{CallRules, Message, Origin, Spec, Verdict, VerdictKind};
use super::tree::{Prelude, Tree};
use crate::crew::Crew;
use crate::jobs::status_reader;
use crate::limits::{SELECT_BATCH, SHARED_FILES_MIN, SPEC_BYTES_MAX};

/// The exit code of a worker that could not even read its job.
const NO_JOB: u8 = 71;

/// The whole life of a worker. Ends with 0 once it has said how the work ended, well or badly.
pub fn main() -> ExitCode {
    match read_spec() {
        Ok(spec) => work(&spec),
        Err(error) => {
            report_to_stderr(&format!("the job on standard input cannot be read: {error}"));
            ExitCode::from(NO_JOB)
        }
    }
}

fn read_spec() -> io::Result<Spec> {
    let mut line = Vec::new();
    io::stdin().lock().take(SPEC_BYTES_MAX).read_until(b'\n', &mut line)?;
    Ok(serde_json::from_slice(&line)?)
}

fn work(spec: &Spec) -> ExitCode {
    let mut peak = PeakMemory::default();
    let mut status =
        RepoStatus::new(spec.repo_index, &spec.repo_name, spec.attempt, std::process::id(), spec.started_at);
    let mut hands = Hands { spec, status: &mut status, written: None };
    let verdict = match scan(spec, &mut hands, &mut peak) {
        Ok(()) => Verdict::new(VerdictKind::Scanned, ""),
        Err(verdict) => verdict,
    };
    if !matches!(verdict.kind, VerdictKind::Scanned | VerdictKind::Known) {
        leave_failed_status(spec, status, &verdict);
    }
    let told = peak.bytes().map_or(Ok(()), |bytes| say(&Message::PeakMemory(bytes)));
    match told.and_then(|()| say(&Message::Ended(verdict))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// What the worker itself writes and says, before the guest runs.
pub(super) struct Hands<'a> {
    spec: &'a Spec,
    status: &'a mut RepoStatus,
    written: Option<Instant>,
}

impl Hands<'_> {
    /// Says something to the parent.
    pub(super) fn say(&self, message: &Message) -> Result<(), Verdict> {
        say(message).map_err(|error| host_error(&format!("the parent does not listen: {error}")))
    }

    /// What the parent answers, a byte. Whoever closes the pipe instead is gone.
    pub(super) fn answer(&self) -> Result<u8, Verdict> {
        let mut byte = [0];
        io::stdin()
            .lock()
            .read_exact(&mut byte)
            .map_err(|error| host_error(&format!("the parent is gone: {error}")))?;
        Ok(byte[0])
    }

    /// Says how the fetching goes, if it is time to. A status that cannot be written now is seen to be stale.
    pub(super) fn cloning(&mut self, message: &str) {
        let interval = Duration::from_millis(self.spec.status_interval_ms.into());
        let is_first = self.status.status != RepoState::Cloning;
        if is_first || self.written.is_none_or(|written| written.elapsed() >= interval) {
            self.status.enter(RepoState::Cloning, Some(message), Timestamp::now());
            self.written = Some(Instant::now());
            let _stale = write(self.spec, self.status);
        }
    }
}

fn scan(spec: &Spec, hands: &mut Hands<'_>, peak: &mut PeakMemory) -> Result<(), Verdict> {
    life::stand_back(spec.niceness);
    let mut lockdown = Lockdown::begin(spec).map_err(|error| not_locked(&error))?;
    *peak = PeakMemory::open();
    let engine = sandbox::engine().map_err(|error| host_error(&format!("no WebAssembly engine: {error:#}")))?;
    let component = sandbox::load(&engine, &spec.artefact)?;
    let prelude = Prelude::new(spec)?;
    let repo = prelude.repo();
    let first = match prelude.server() {
        Some((origin, port)) => {
            Stage::Fetching { folder: origin.folder.clone(), status: spec.status_dir.clone(), port }
        }
        None => scanning(spec, &repo),
    };
    lockdown.enter_first(&first).map_err(|error| not_locked(&error))?;
    hands.say(&Message::Missing(lockdown.missing()))?;
    if let Some(attempt) = &spec.probe {
        return hands.say(&Message::Probed(attempt.run_in(lockdown.crew(), spec)));
    }
    hands.status.enter(RepoState::Starting, Some("Listing files..."), Timestamp::now());
    write(spec, hands.status).map_err(|error| host_error(&format!("the status cannot be written: {error}")))?;

    let fetched_to = prelude.server().map(|(origin, _)| origin.folder.clone());
    let tree = Tree::have(prelude, spec, hands)?;
    if let Some(folder) = &fetched_to {
        let stage = Stage::Materializing { folder: folder.clone(), status: spec.status_dir.clone() };
        lockdown.enter(&stage).map_err(|error| not_locked(&error))?;
    }
    run(spec, hands, tree, &Scanner { engine: &engine, component: &component, repo: &repo }, &mut lockdown)
}

fn scanning(spec: &Spec, repo: &Path) -> Stage {
    Stage::Scanning { repo: repo.to_owned(), status: spec.status_dir.clone() }
}

struct Scanner<'a> {
    engine: &'a Engine,
    component: &'a Component,
    repo: &'a Path,
}

fn run(
    spec: &Spec,
    hands: &mut Hands<'_>,
    mut tree: Tree,
    scanner: &Scanner<'_>,
    lockdown: &mut Lockdown,
) -> Result<(), Verdict> {
    let is_fetched = matches!(spec.origin, Origin::Git(_));
    let (paths, mut listing) = tree.list(spec.list, lockdown.crew());
    runtime()?.block_on(async {
        let walls = walls(spec, scanner.repo);
        let mut sandbox = Sandbox::new(scanner.engine, scanner.component, walls).await?;
        let ended = async {
            let positions = select(&mut sandbox, &paths, &spec.calls).await?;
            listing.selected = positions.len() as u64;
            let files = tree.provide(paths, &positions, scanner.repo, &mut listing)?;
            if is_fetched {
                lockdown.enter(&scanning(spec, scanner.repo)).map_err(|error| not_locked(&error))?;
            }
            hands.status.total_files = files.len() as u64;
            hands.say(&Message::Listed(Box::new(std::mem::take(&mut listing))))?;
            let request = Arc::new(request(spec, files));
            if spec.calls != CallRules::Off && request.files.len() >= SHARED_FILES_MIN {
                share(spec, &request, scanner, &mut sandbox, lockdown.crew())?;
            }
            sandbox.scan(&request).await
        }
        .await;
        let output = sandbox.output();
        if !output.is_empty() {
            report_to_stderr(&output);
        }
        ended
    })
}

/// Has a sandbox in each thread of the crew share the files with this one.
fn share(
    spec: &Spec,
    request: &Arc<Request>,
    scanner: &Scanner<'_>,
    sandbox: &mut Sandbox,
    crew: &Crew,
) -> Result<(), Verdict> {
    let others = u32::try_from(crew.len()).unwrap_or(0);
    if others == 0 || !sandbox::can_share(scanner.component) {
        return Ok(());
    }
    let (sender, ends) = channel();
    let mut places = sandbox.places(others, request.files.len(), ends).into_iter();
    let given = crew.each(|_| {
        let (engine, component) = (scanner.engine.clone(), scanner.component.clone());
        let (spec, repo, request) = (spec.clone(), scanner.repo.to_owned(), Arc::clone(request));
        let (place, sender) = (places.next(), sender.clone());
        Box::new(move || {
            let end = match place {
                Some(place) => help(place, &engine, &component, walls(&spec, &repo), &request),
                None => Err(host_error("there are more threads than places")),
            };
            // The first sandbox has ended, and this process is about to.
            sender.send(end).unwrap_or_default();
        })
    });
    given.map_err(|error| host_error(&error.to_string()))
}

/// One more sandbox, from its beginning to its end.
fn help(
    place: Place,
    engine: &Engine,
    component: &Component,
    walls: Walls<'_>,
    request: &Request,
) -> Result<(), Verdict> {
    runtime()?.block_on(async {
        let mut sandbox = Sandbox::at(place, engine, component, walls).await?;
        let ended = sandbox.scan(request).await;
        let output = sandbox.output();
        if !output.is_empty() {
            report_to_stderr(&output);
        }
        ended
    })
}

fn runtime() -> Result<Runtime, Verdict> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.map_err(|error| host_error(&format!("no runtime: {error}")))
}

fn walls<'a>(spec: &'a Spec, repo: &'a Path) -> Walls<'a> {
    Walls { repo, status: &spec.status_dir, fuel: spec.fuel, memory_bytes: spec.memory_bytes, without: &spec.without }
}

fn not_locked(error: &LockdownError) -> Verdict {
    host_error(&error.to_string())
}

fn request(spec: &Spec, files: Vec<sandbox::File>) -> Request {
    Request {
        repo_index: spec.repo_index,
        repo_name: spec.repo_name.clone(),
        pid: std::process::id(),
        attempt: spec.attempt,
        started_at: spec.started_at.to_string(),
        status_interval_ms: spec.status_interval_ms,
        files,
        calls: calls(&spec.calls),
    }
}

fn calls(rules: &CallRules) -> Calls {
    match rules {
        CallRules::Off => Calls::Off,
        CallRules::Usual => Calls::Usual,
        CallRules::Excluding(patterns) => Calls::Excluding(patterns.clone()),
    }
}

/// The positions of the files that the scanner wants to read.
async fn select(sandbox: &mut Sandbox, paths: &[String], rules: &CallRules) -> Result<Vec<usize>, Verdict> {
    let calls = calls(rules);
    let mut chosen = Vec::new();
    for (number, batch) in paths.chunks(SELECT_BATCH).enumerate() {
        let before = number * SELECT_BATCH;
        chosen.extend(sandbox.select(batch, &calls).await?.into_iter().map(|position| before + position as usize));
    }
    Ok(chosen)
}

/// The guest is dead, or never ran: its status file says what it last said, or something hostile. What can be
/// believed of it is kept, the end is added.
fn leave_failed_status(spec: &Spec, mut status: RepoStatus, verdict: &Verdict) {
    let guest = status_reader::Reader::open(&spec.status_dir).and_then(|reader| reader.read(&status));
    if let Ok(Some(guest)) = guest {
        status = guest;
    }
    let now = Timestamp::now();
    status.enter(RepoState::Failed, Some(&verdict.message), now);
    status.error(&verdict.message);
    if let Err(error) = write(spec, &status) {
        report_to_stderr(&format!("the status file cannot be written: {error}"));
    }
}

fn write(spec: &Spec, status: &RepoStatus) -> io::Result<()> {
    atomic::write_json(&spec.status_dir, &RepoStatus::file_name(spec.repo_index), status)
}

fn say(message: &Message) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    io::stdout().lock().write_all(&line)
}

pub(super) fn host_error(message: &str) -> Verdict {
    Verdict::new(VerdictKind::HostError, message)
}

#[expect(clippy::print_stderr, reason = "a worker's standard error is its parent's log of it")]
fn report_to_stderr(message: &str) {
    eprintln!("{message}");
}
