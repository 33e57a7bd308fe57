//! A job on disk: folders, `master.json`, and how they are removed again.
//!
//! ```text
//! <data>/tenants/<tenant>/jobs/<job_id>/
//!   master.json                  written by us alone
//!   repo_0.json                  a relative link to the current attempt's status file
//!   repos/0/a1/status/           attempt 1: the guest's only writable folder
//!   repos/0/a1/fetch/            what was fetched for it, until its worker is gone
//!   repos/0/a1/stderr.log        the worker's standard error, capped
//! ```

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use fumehood_contract::RepoStatus;
use fumehood_contract::master::Master;
use uuid::Uuid;

mod remove;

pub use remove::remove_tree;

/// The tenant of jobs that a person starts at a terminal.
pub const LOCAL_TENANT: &str = "local";

/// A job's folder.
#[derive(Clone, Debug)]
pub struct JobStore {
    id: Uuid,
    folder: PathBuf,
}

/// Where the files of one attempt go.
#[derive(Clone, Debug)]
pub struct AttemptFolders {
    /// The guest's only writable folder; exists and is empty.
    pub status: PathBuf,
    /// Where a worker keeps what it fetches, until it is gone; exists and is empty.
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
    /// Makes the folder of a new job.
    pub fn create(data: &Path, tenant: &str) -> Result<Self, StoreError> {
        let id = Uuid::new_v4();
        let folder = jobs(data, tenant).join(id.to_string());
        make_folder(&folder.join("repos"))?;
        Ok(Self { id, folder })
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
        make_folder(&fetch)?;
        let name = RepoStatus::file_name(repo_index);
        let target = attempt_folder(repo_index, attempt).join("status").join(&name);
        let (link, fresh) = (self.folder.join(&name), self.folder.join(format!("{name}.new")));
        let made = symlink(&target, &fresh).and_then(|()| rename(&fresh, &link));
        made.map_err(|error| StoreError { doing: "cannot link", path: link, error })?;
        Ok(AttemptFolders { status, fetch })
    }

    /// Replaces `master.json`; it is on the disk when this returns.
    pub fn write_master(&self, master: &Master) -> Result<(), StoreError> {
        let path = self.folder.join("master.json");
        write_durably(&self.folder, &path, master).map_err(|error| StoreError { doing: "cannot write", path, error })
    }
}

/// Removes the tenant's jobs that were last touched longer than `age` ago. Returns how many. A job that
/// cannot be removed is left for the next time.
#[expect(clippy::disallowed_methods, reason = "lists our own folder of jobs")]
pub fn remove_old(data: &Path, tenant: &str, age: Duration) -> u64 {
    let Ok(entries) = fs::read_dir(jobs(data, tenant)) else { return 0 };
    let limit = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
    let is_old = |path: &Path| {
        let touched = path.join("master.json").symlink_metadata().or_else(|_| path.symlink_metadata());
        touched.and_then(|data| data.modified()).is_ok_and(|touched| touched < limit)
    };
    let is_job =
        |path: &Path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| Uuid::try_parse(name).is_ok());
    let old = entries.flatten().map(|entry| entry.path()).filter(|path| is_job(path) && is_old(path));
    old.filter(|path| remove_tree(path).is_ok()).count() as u64
}

fn jobs(data: &Path, tenant: &str) -> PathBuf {
    data.join("tenants").join(tenant).join("jobs")
}

fn attempt_folder(repo_index: u32, attempt: u32) -> PathBuf {
    Path::new("repos").join(repo_index.to_string()).join(format!("a{attempt}"))
}

fn make_folder(path: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| StoreError {
        doing: "cannot make the folder",
        path: path.to_owned(),
        error,
    })
}

#[expect(clippy::disallowed_methods, reason = "writes to our own folder, which no guest reaches")]
fn write_durably(folder: &Path, path: &Path, master: &Master) -> io::Result<()> {
    let temporary = folder.join("master.json.tmp");
    let mut file = File::create(&temporary)?;
    serde_json::to_writer_pretty(&mut file, master)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    rename(&temporary, path)?;
    File::open(folder)?.sync_all()
}

#[expect(clippy::disallowed_methods, reason = "in our own folder, which no guest reaches")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}
