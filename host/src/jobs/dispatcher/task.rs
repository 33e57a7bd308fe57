//! One repository, from its place in the queue to its end.

use std::path::PathBuf;
use std::sync::Arc;

use fumehood_contract::Timestamp;
use fumehood_contract::master::Repository;
use tokio::sync::watch;
use tokio::task;

use super::Settings;
use super::ending::{self, Finished};
use crate::jobs::outcome::Outcome;
use crate::jobs::reuse::Reuse;
use crate::jobs::store::{self, AttemptFolders, remove_tree};
use crate::limits::CPU_SECONDS_MARGIN;
use crate::source::git::{GitOrigin, Login};
use crate::source::location::{Location, Remote};
use crate::worker::IsKnown;
use crate::worker::spec::{Origin, Spec};
use crate::worker::supervise::supervise;

/// What is to be scanned, and where its files go.
pub(super) struct Task {
    pub(super) index: u32,
    pub(super) attempt: u32,
    pub(super) repository: Repository,
    pub(super) folders: AttemptFolders,
}

/// Runs a worker on a repository and judges what it left. `started` is told the process id.
pub(super) async fn run(
    task: Task,
    settings: Arc<Settings>,
    cancelled: watch::Receiver<bool>,
    started: impl FnOnce(u32),
) -> Finished {
    let begun = Timestamp::now();
    let (index, attempt, fetch) = (task.index, task.attempt, task.folders.fetch.clone());
    let prepared = task::spawn_blocking({
        let settings = Arc::clone(&settings);
        move || spec(&task, &settings, begun)
    });
    let spec = match prepared.await {
        Ok(Ok(spec)) => spec,
        Ok(Err((outcome, error))) => return ending::not_begun(index, attempt, begun, outcome, error),
        Err(_) => return ending::lost(index),
    };
    let reuse = settings.reuse.clone().filter(|_| spec.asks);
    let is_known = is_known(reuse.clone(), spec.clone());
    let gone = supervise(&settings.program, &spec, settings.patience, cancelled, is_known, started).await;
    let keeps_found = settings.keeps_found;
    let judged = task::spawn_blocking(move || {
        let finished = ending::judge(&spec, gone, reuse.as_ref(), keeps_found);
        // What was fetched has been read. If it cannot be removed now, it goes with the job.
        let _later = remove_tree(&fetch);
        finished
    });
    judged.await.unwrap_or_else(|_| ending::lost(index))
}

fn is_known(reuse: Option<Reuse>, spec: Spec) -> IsKnown {
    Arc::new(move |object| reuse.as_ref().is_some_and(|reuse| reuse.has(&Reuse::key(&spec, object))))
}

/// The worker's job. Looks up the addresses of a server, so it may block.
fn spec(task: &Task, settings: &Settings, begun: Timestamp) -> Result<Spec, (Outcome, String)> {
    let origin = match Location::parse(&task.repository.source) {
        Ok(Location::Folder(path)) => Origin::Folder(path),
        Ok(Location::Remote(remote)) => {
            store::make_folder(&task.folders.fetch).map_err(|error| (Outcome::HostError, error.to_string()))?;
            Origin::Git(Box::new(git_origin(&remote, settings, task.folders.fetch.clone())?))
        }
        Err(error) => return Err((Outcome::FetchFailed, error.to_string())),
    };
    Ok(Spec {
        repo_index: task.index,
        repo_name: task.repository.name.clone(),
        attempt: task.attempt,
        started_at: begun,
        asks: settings.reuse.is_some() && matches!(origin, Origin::Git(_)),
        origin,
        status_dir: task.folders.status.clone(),
        artefact: settings.artefact.clone(),
        list: settings.list,
        calls: settings.calls.clone(),
        status_interval_ms: u32::try_from(settings.status_interval.as_millis()).unwrap_or(u32::MAX),
        sandboxes: settings.sandboxes,
        fuel: settings.fuel,
        memory_bytes: settings.memory_bytes,
        cpu_seconds: settings.patience.deadline.as_secs().saturating_add(CPU_SECONDS_MARGIN),
        niceness: settings.niceness,
        parent_pid: std::process::id(),
        control_group: settings.control_group.clone(),
        sandbox: settings.sandbox,
        without: settings.without.clone(),
        probe: None,
    })
}

fn git_origin(remote: &Remote, settings: &Settings, folder: PathBuf) -> Result<GitOrigin, (Outcome, String)> {
    let forge = settings.forges.of(&remote.url);
    let addresses = forge.addresses(&remote.url).map_err(|error| (Outcome::FetchFailed, error.to_string()))?;
    Ok(GitOrigin {
        url: remote.url.clone(),
        reference: remote.reference.clone(),
        addresses,
        login: forge.token.clone().map(|token| Login { user: forge.user().to_owned(), token }),
        ca_file: forge.ca_file.clone(),
        folder,
    })
}
