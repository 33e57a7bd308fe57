//! The worker process: reads its job, lists the tree, runs the scanner on it, says how it ended.

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::process::ExitCode;

use fumehood_contract::{RepoState, RepoStatus, Timestamp, atomic};

use super::life;
use super::sandbox::{self, File, Request, Sandbox, Walls};
use super::spec::{Message, Spec, Verdict, VerdictKind};
use crate::jobs::status_reader;
use crate::limits::{SELECT_BATCH, SPEC_BYTES_MAX};
use crate::source::{self, Listing, Root};

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
    let spec = serde_json::from_slice(&line)?;
    life::end_with_parent()?;
    Ok(spec)
}

fn work(spec: &Spec) -> ExitCode {
    let mut status =
        RepoStatus::new(spec.repo_index, &spec.repo_name, spec.attempt, std::process::id(), spec.started_at);
    let verdict = match life::limit_resources().and_then(|()| start(spec, &mut status)) {
        Ok(()) => scan(spec, &mut status).err(),
        Err(error) => Some(Verdict::new(VerdictKind::HostError, format!("the worker cannot start: {error}"))),
    };
    let verdict = verdict.unwrap_or_else(|| Verdict::new(VerdictKind::Scanned, ""));
    if verdict.kind != VerdictKind::Scanned {
        leave_failed_status(spec, status, &verdict);
    }
    match say(&Message::Ended(verdict)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn start(spec: &Spec, status: &mut RepoStatus) -> io::Result<()> {
    status.enter(RepoState::Starting, Some("Listing files..."), Timestamp::now());
    write(spec, status)
}

fn scan(spec: &Spec, status: &mut RepoStatus) -> Result<(), Verdict> {
    let unreadable = |error: &io::Error| {
        let message = format!("{} cannot be opened: {error}", spec.root.display());
        Verdict::new(VerdictKind::SourceUnreadable, message)
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Verdict::new(VerdictKind::HostError, format!("no runtime: {error}")))?;
    let root = Root::open(&spec.root).map_err(|error| unreadable(&error))?;
    let (paths, mut listing) = source::list(&root, spec.list);
    let engine = sandbox::engine()
        .map_err(|error| Verdict::new(VerdictKind::HostError, format!("no WebAssembly engine: {error:#}")))?;
    runtime.block_on(async {
        let walls =
            Walls { repo: &spec.root, status: &spec.status_dir, fuel: spec.fuel, memory_bytes: spec.memory_bytes };
        let mut sandbox = Sandbox::new(&engine, &spec.artefact, walls).await?;
        let ended = scan_in(&mut sandbox, spec, status, &root, paths, &mut listing).await;
        let output = sandbox.output();
        if !output.is_empty() {
            report_to_stderr(&output);
        }
        ended
    })
}

async fn scan_in(
    sandbox: &mut Sandbox,
    spec: &Spec,
    status: &mut RepoStatus,
    root: &Root,
    paths: Vec<String>,
    listing: &mut Listing,
) -> Result<(), Verdict> {
    let files = select(sandbox, root, paths).await?;
    listing.selected = files.len() as u64;
    status.total_files = listing.selected;
    say(&Message::Listed(Box::new(listing.clone())))
        .map_err(|error| Verdict::new(VerdictKind::HostError, format!("the parent does not listen: {error}")))?;
    let request = Request {
        repo_index: spec.repo_index,
        repo_name: spec.repo_name.clone(),
        pid: std::process::id(),
        attempt: spec.attempt,
        started_at: spec.started_at.to_string(),
        status_interval_ms: spec.status_interval_ms,
        files,
    };
    sandbox.scan(&request).await.map(drop)
}

/// The files that the scanner wants to read. Files that vanished since they were listed stay in:
/// the scanner reports that it cannot read them.
async fn select(sandbox: &mut Sandbox, root: &Root, paths: Vec<String>) -> Result<Vec<File>, Verdict> {
    let mut files = Vec::new();
    for batch in paths.chunks(SELECT_BATCH) {
        for position in sandbox.select(batch).await? {
            let Some(path) = batch.get(position as usize) else { continue };
            files.push(File { path: path.clone(), size_bytes: root.file_size(path).unwrap_or(0) });
        }
    }
    Ok(files)
}

/// The guest is dead: its status file says what it last said, or something hostile. What can be
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

#[expect(clippy::print_stderr, reason = "a worker's standard error is its parent's log of it")]
fn report_to_stderr(message: &str) {
    eprintln!("{message}");
}
