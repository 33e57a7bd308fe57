//! A job on disk: folders, `master.json`, and how they are removed again.
//!
//! ```text
//! <data>/tenants/<tenant>/jobs/<job_id>/
//!   master.json                  written by us alone
//!   request.json                 what a client asked for; jobs of the service have one
//!   webhook.json                 whom to tell of its end, and whether that was done
//!   repo_0.json                  a relative link to the current attempt's status file
//!   repos/0/a1/status/           attempt 1: the guest's only writable folder
//!   repos/0/a1/listing.json      what was listed and passed over
//!   repos/0/a1/fetch/            what was fetched for it, until its worker is gone
//!   repos/0/a1/stderr.log        the worker's standard error, capped
//!   repos/0/a1/kept/             what was in status/, compressed, some time after the job's end
//! ```

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use fumehood_contract::master::Master;
use fumehood_contract::{RepoStatus, atomic};
use rustix::io::Errno;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::service::StoredRequest;
use crate::service::webhook::Webhook;
use crate::source::Listing;

mod keep;
mod remove;

pub use remove::remove_tree;

const MASTER: &str = "master.json";

const REQUEST: &str = "request.json";

const WEBHOOK: &str = "webhook.json";

const LISTING: &str = "listing.json";

/// The tenant of jobs that a person starts at a terminal.
pub const LOCAL_TENANT: &str = "local";

/// A job's folder.
#[derive(Clone, Debug)]
pub struct JobStore {
    id: Uuid,
    folder: PathBuf,
    outlives: Outlives,
}

/// What a job's files must outlive once they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outlives {
    /// That of a service, which has promised it.
    PowerCut,
    /// That of a command: whoever waits for it starts it again.
    Process,
}

/// Where the files of one attempt go.
#[derive(Clone, Debug)]
pub struct AttemptFolders {
    /// The guest's only writable folder; exists and is empty.
    pub status: PathBuf,
    /// Where a worker keeps what it fetches, until it is gone; [`make_folder`] makes it where something is fetched.
    pub fetch: PathBuf,
}

/// A job's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{doing} {}: {error}", path.display())]
pub struct StoreError {
    /// What was tried.
    pub doing: &'static str,
    /// Where.
    pub path: PathBuf,
    /// Why it did not work.
    pub error: io::Error,
}

impl JobStore {
    /// Makes the folder of a new job that is promised to nobody: a power cut may take it.
    pub fn create(data: &Path, tenant: &str) -> Result<Self, StoreError> {
        let store = Self { outlives: Outlives::Process, ..Self::open(data, tenant, Uuid::new_v4()) };
        store.make()?;
        Ok(store)
    }

    /// A job's folder that may be there or not.
    pub fn open(data: &Path, tenant: &str, id: Uuid) -> Self {
        Self { id, folder: jobs(data, tenant).join(id.to_string()), outlives: Outlives::PowerCut }
    }

    /// Makes its folder.
    pub fn make(&self) -> Result<(), StoreError> {
        make_folder(&self.folder.join("repos"))
    }

    /// Removes it with everything in it: first what makes it a job.
    pub fn remove(&self) -> io::Result<()> {
        self.revoke()?;
        remove_tree(&self.folder)
    }

    /// Removes what makes it a job: the rest is a leftover.
    #[expect(clippy::disallowed_methods, reason = "our own folder")]
    pub fn revoke(&self) -> io::Result<()> {
        match fs::remove_file(self.folder.join(MASTER)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Whether it is a job.
    pub fn is_promised(&self) -> bool {
        self.folder.join(MASTER).exists()
    }

    /// The jobs of all tenants, whatever became of them.
    #[expect(clippy::disallowed_methods, reason = "lists our own folders")]
    pub fn all(data: &Path) -> Vec<(String, Self)> {
        let Ok(tenants) = fs::read_dir(data.join("tenants")) else { return Vec::new() };
        let tenants = tenants.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut found = Vec::new();
        for tenant in tenants {
            let Ok(entries) = fs::read_dir(jobs(data, &tenant)) else { continue };
            let ids = entries.flatten().filter_map(|entry| Uuid::try_parse(entry.file_name().to_str()?).ok());
            found.extend(ids.map(|id| (tenant.clone(), Self::open(data, &tenant, id))));
        }
        found
    }

    /// Folders that are no jobs, and were not touched since `limit`.
    pub fn leftovers(data: &Path, limit: SystemTime) -> Vec<Self> {
        let touched = |store: &Self| store.folder.symlink_metadata().and_then(|data| data.modified());
        let is_left = |store: &Self| !store.is_promised() && touched(store).is_ok_and(|touched| touched < limit);
        Self::all(data).into_iter().map(|(_, store)| store).filter(is_left).collect()
    }

    /// The stored state; `None` if there is no such job, or it was never promised.
    pub fn master(&self) -> Option<Master> {
        self.read(MASTER)
    }

    /// What a client asked for; `None` for a person's job at a terminal, which ended with its command.
    pub fn request(&self) -> Option<StoredRequest> {
        self.read(REQUEST)
    }

    /// Keeps what was asked for, until it is known what that is; it is on the disk when this returns.
    pub fn write_request(&self, request: &StoredRequest) -> Result<(), StoreError> {
        self.write(REQUEST, request)
    }

    /// Whom to tell of the job's end, if anybody.
    pub fn webhook(&self) -> Option<Webhook> {
        self.read(WEBHOOK)
    }

    /// See [`Self::webhook`]; it is on the disk when this returns.
    pub fn write_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        self.write(WEBHOOK, webhook)
    }

    /// Replaces `master.json`; it is on the disk when this returns.
    pub fn write_master(&self, master: &Master) -> Result<(), StoreError> {
        self.write(MASTER, master)
    }

    #[expect(clippy::disallowed_methods, reason = "a file that we alone write")]
    fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_slice(&fs::read(self.folder.join(name)).ok()?).ok()
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), StoreError> {
        write(&self.folder, name, value, self.outlives).map_err(|error| StoreError {
            doing: "cannot write",
            path: self.folder.join(name),
            error,
        })
    }

    /// The job's id.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Where the job's files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The status folder of an attempt.
    pub fn status_dir(&self, repo_index: u32, attempt: u32) -> PathBuf {
        self.folder.join(attempt_folder(repo_index, attempt)).join("status")
    }

    /// Makes the folder of an attempt, and points `repo_N.json` at it. Returns its folders.
    pub fn begin_attempt(&self, repo_index: u32, attempt: u32) -> Result<AttemptFolders, StoreError> {
        let status = self.status_dir(repo_index, attempt);
        let fetch = self.folder.join(attempt_folder(repo_index, attempt)).join("fetch");
        make_folder(&status)?;
        for earlier in 1..attempt {
            // What a killed service had fetched. If it cannot be removed now, it goes with the job.
            let _later = remove_tree(&self.folder.join(attempt_folder(repo_index, earlier)).join("fetch"));
        }
        let name = RepoStatus::file_name(repo_index);
        let target = attempt_folder(repo_index, attempt).join("status").join(&name);
        let (link, fresh) = (self.folder.join(&name), self.folder.join(format!("{name}.new")));
        let made = link_anew(&target, &fresh).and_then(|()| rename(&fresh, &link));
        made.map_err(|error| StoreError { doing: "cannot link", path: link, error })?;
        Ok(AttemptFolders { status, fetch })
    }

    /// The number of the next attempt on a repository: 1, or one more than the last that was begun.
    pub fn next_attempt(&self, repo_index: u32) -> u32 {
        let is_there = |attempt: &u32| self.folder.join(attempt_folder(repo_index, *attempt)).exists();
        (1..u32::MAX).find(|attempt| !is_there(attempt)).unwrap_or(u32::MAX)
    }

    /// Keeps what was listed in an attempt, beside the guest's folder and out of its reach.
    pub fn write_listing(&self, repo_index: u32, attempt: u32, listing: &Listing) -> io::Result<()> {
        atomic::write_json(&self.folder.join(attempt_folder(repo_index, attempt)), LISTING, listing)
    }

    /// What was listed in an attempt; `None` if it did not come so far.
    #[expect(clippy::disallowed_methods, reason = "a file that we alone write")]
    pub fn listing(&self, repo_index: u32, attempt: u32) -> Option<Listing> {
        let path = self.folder.join(attempt_folder(repo_index, attempt)).join(LISTING);
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }
}

/// Removes the tenant's jobs that were last touched longer than `age` ago, and that no service tidies up. Returns how
/// many. A job that cannot be removed is left for the next time.
#[expect(clippy::disallowed_methods, reason = "lists our own folder of jobs")]
pub fn remove_old(data: &Path, tenant: &str, age: Duration) -> u64 {
    let Ok(entries) = fs::read_dir(jobs(data, tenant)) else { return 0 };
    let limit = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
    let is_old = |path: &Path| {
        let touched = path.join(MASTER).symlink_metadata().or_else(|_| path.symlink_metadata());
        touched.and_then(|data| data.modified()).is_ok_and(|touched| touched < limit)
    };
    let is_job =
        |path: &Path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| Uuid::try_parse(name).is_ok());
    let old = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_job(path) && is_old(path) && !path.join(REQUEST).exists());
    old.filter(|path| remove_tree(path).is_ok()).count() as u64
}

fn jobs(data: &Path, tenant: &str) -> PathBuf {
    data.join("tenants").join(tenant).join("jobs")
}

fn attempt_folder(repo_index: u32, attempt: u32) -> PathBuf {
    Path::new("repos").join(repo_index.to_string()).join(format!("a{attempt}"))
}

/// Gives a file in the data folder to whom the folder belongs: so what root does for a service that runs as another
/// user can be read by it.
pub fn give_to_owner(data: &Path, file: &File) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let owner = data.metadata()?;
    if file.metadata()?.uid() == owner.uid() {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(owner.uid()), Some(owner.gid()))
}

/// Makes the data folder, which is for our eyes only.
pub fn make_data(data: &Path) -> Result<(), StoreError> {
    make_folder(data)
}

/// Holds the data folder for one service, until it is dropped or its process is gone.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "it is the open file that counts")] File);

/// Takes the data folder for this service; `None` if another one has it.
#[expect(clippy::disallowed_methods, reason = "a file that we alone write")]
pub fn hold(data: &Path) -> io::Result<Option<Hold>> {
    let file = File::options().create(true).append(true).open(data.join("serve.lock"))?;
    // A lock of the process, which a worker that is being started in this moment does not have, too: such a one may
    // outlive a killed service for as long as it takes.
    match rustix::fs::fcntl_lock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(Hold(file))),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes a folder, and those above it, for our eyes only.
pub fn make_folder(path: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| StoreError {
        doing: "cannot make the folder",
        path: path.to_owned(),
        error,
    })
}

/// Whoever reads at any moment, also after a killed process or what else it must outlive, finds a whole file.
#[expect(clippy::disallowed_methods, reason = "writes to our own folder, which no guest reaches")]
fn write(folder: &Path, name: &str, value: &impl Serialize, outlives: Outlives) -> io::Result<()> {
    let temporary = folder.join(format!("{name}.tmp"));
    let mut file = io::BufWriter::new(File::create(&temporary)?);
    serde_json::to_writer_pretty(&mut file, value)?;
    file.write_all(b"\n")?;
    let file = file.into_inner()?;
    if outlives == Outlives::Process {
        return rename(&temporary, &folder.join(name));
    }
    file.sync_all()?;
    rename(&temporary, &folder.join(name))?;
    File::open(folder)?.sync_all()
}

/// Makes a link, in the place of one that somebody made who was killed before the renaming.
#[expect(clippy::disallowed_methods, reason = "in our own folder, which no guest reaches")]
fn link_anew(target: &Path, link: &Path) -> io::Result<()> {
    match symlink(target, link) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(link)?;
            symlink(target, link)
        }
        made => made,
    }
}

#[expect(clippy::disallowed_methods, reason = "in our own folder, which no guest reaches")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_service_left_half_done_is_no_hindrance() {
        let data = tempfile::tempdir().unwrap();
        let store = JobStore::create(data.path(), "acme").unwrap();
        symlink("nowhere", store.folder().join("repo_0.json.new")).unwrap();
        let attempt = store.next_attempt(0);
        store.begin_attempt(0, attempt).unwrap();
        assert_eq!((attempt, store.next_attempt(0)), (1, 2));
        let link = store.folder().join("repo_0.json").read_link().unwrap();
        assert_eq!(link, Path::new("repos/0/a1/status/repo_0.json"));
    }
}
