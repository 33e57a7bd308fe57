//! Scans that need not be done again: the files of earlier ones, by what they were made from.
//!
//! ```text
//! <folder>/<key>/            made beside its place and renamed: whole, or not there
//!   report.jsonl             as the guest left it; it is checked again whenever it is read
//!   entry.json               what the host knew of it
//! ```
//!
//! The key is the hash of everything that the result depends on: the commit, the compiled scanner, how the tree
//! is listed, and the limits. Folders with old times go first when all together are larger than they may be.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use fumehood_contract::report::FILE_NAME;
use fumehood_contract::{RepoState, RepoStatus, Timestamp, atomic};
use serde::{Deserialize, Serialize};

use super::status_reader::Reader;
use super::store::remove_tree;
use crate::limits::{REPORT_BYTES_MAX, REUSE_BYTES_MAX};
use crate::source::Listing;
use crate::worker::spec::Spec;

/// A folder of earlier scans.
#[derive(Clone, Debug)]
pub struct Reuse {
    folder: PathBuf,
    bytes_max: u64,
}

/// What an earlier scan was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

/// What the host knew of an earlier scan.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The commit that was fetched.
    pub commit: Option<String>,
    /// What was listed and passed over.
    pub listing: Listing,
    dependencies_found: u64,
    api_calls_found: u64,
}

const ENTRY: &str = "entry.json";

impl Reuse {
    /// Uses `folder`, which is made if it is not there. It must be ours alone: what lies in it is believed to be
    /// what a scan found.
    pub fn open(folder: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Ok(Self { folder: folder.to_owned(), bytes_max: REUSE_BYTES_MAX })
    }

    /// The key of scanning `object` as `spec` says.
    pub fn key(spec: &Spec, object: &str) -> Key {
        let parts = [
            env!("CARGO_PKG_VERSION").to_owned(),
            object.to_owned(),
            spec.artefact.blake3.clone(),
            format!("{:?}", spec.list),
            format!("{:?}", spec.calls),
            spec.fuel.to_string(),
            spec.memory_bytes.to_string(),
        ];
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Key(hasher.finalize().to_hex().to_string())
    }

    /// Whether there is such a scan.
    pub fn has(&self, key: &Key) -> bool {
        self.entry(key).join(ENTRY).is_file()
    }

    /// Puts an earlier scan's files into the status folder of `spec`, as if its worker had just written them.
    pub fn take(&self, key: &Key, spec: &Spec, pid: u32) -> io::Result<Entry> {
        let folder = self.entry(key);
        let entry: Entry = serde_json::from_slice(&read(&folder.join(ENTRY))?)?;
        fs::copy(folder.join(FILE_NAME), spec.status_dir.join(FILE_NAME))?;
        let mut status = RepoStatus::new(spec.repo_index, &spec.repo_name, spec.attempt, pid, spec.started_at);
        let now = Timestamp::now();
        status.total_files = entry.listing.selected;
        status.dependencies_found = entry.dependencies_found;
        status.api_calls_found = entry.api_calls_found;
        status.progress(entry.listing.selected, None, now);
        status.enter(RepoState::Completed, Some("Unchanged since it was scanned before"), now);
        atomic::write_json(&spec.status_dir, &RepoStatus::file_name(spec.repo_index), &status)?;
        // Now it is not the oldest any more. If that cannot be said, it goes a little too early.
        let _touched = touch(&folder.join(ENTRY));
        Ok(entry)
    }

    /// Keeps the files of a scan that has just ended well. Another worker may have kept the same at the same time:
    /// then theirs stay.
    pub fn keep(
        &self,
        key: &Key,
        files: &Reader,
        status: &RepoStatus,
        entry: (Option<String>, Listing),
    ) -> io::Result<()> {
        let report = files.open_plain(FILE_NAME, REPORT_BYTES_MAX).map_err(io::Error::other)?;
        let Some(mut report) = report else { return Err(io::ErrorKind::NotFound.into()) };
        let (commit, listing) = entry;
        let entry = Entry {
            commit,
            listing,
            dependencies_found: status.dependencies_found,
            api_calls_found: status.api_calls_found,
        };
        let fresh = tempfile::Builder::new().prefix(".new-").tempdir_in(&self.folder)?;
        let mut copy = File::create_new(fresh.path().join(FILE_NAME))?;
        io::copy(&mut report, &mut copy)?;
        let mut file = File::create_new(fresh.path().join(ENTRY))?;
        file.write_all(&serde_json::to_vec(&entry)?)?;
        if rename(fresh.path(), &self.entry(key)).is_ok() {
            // It has another name now; nothing is left to remove.
            let _moved = fresh.keep();
        }
        self.make_room()
    }

    fn entry(&self, key: &Key) -> PathBuf {
        self.folder.join(&key.0)
    }

    /// Removes the entries that were not used for longest, until the rest is small enough.
    fn make_room(&self) -> io::Result<()> {
        let mut entries: Vec<_> = list(&self.folder)?;
        let mut bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
        entries.sort_unstable_by_key(|entry| entry.used);
        for entry in entries {
            if bytes <= self.bytes_max {
                break;
            }
            bytes -= entry.bytes;
            let doomed = self.folder.join(format!(".old-{}", uuid::Uuid::new_v4()));
            // Another process may be removing it, too.
            if rename(&entry.path, &doomed).is_ok() {
                remove_tree(&doomed)?;
            }
        }
        Ok(())
    }
}

struct Kept {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

#[expect(clippy::disallowed_methods, reason = "lists our own folder")]
fn list(folder: &Path) -> io::Result<Vec<Kept>> {
    let is_entry = |path: &Path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let paths = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).filter(|path| is_entry(path));
    let kept = paths.filter_map(|path| {
        let entry = path.join(ENTRY).metadata().ok()?;
        let report = path.join(FILE_NAME).metadata().ok()?;
        Some(Kept { path, bytes: entry.len() + report.len(), used: entry.modified().ok()? })
    });
    Ok(kept.collect())
}

#[expect(clippy::disallowed_methods, reason = "a file of our own, written by us alone")]
fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

#[expect(clippy::disallowed_methods, reason = "a file of our own, written by us alone")]
fn touch(path: &Path) -> io::Result<()> {
    File::options().append(true).open(path)?.set_modified(SystemTime::now())
}

#[expect(clippy::disallowed_methods, reason = "in our own folder, which no guest reaches")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test")]
mod tests {
    use std::time::Duration;

    use super::*;

    /// An entry whose report has so many bytes, used so many seconds ago.
    fn entry(reuse: &Reuse, name: &str, bytes: usize, ago: u64) {
        let folder = reuse.folder.join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(FILE_NAME), vec![b'x'; bytes]).unwrap();
        fs::write(folder.join(ENTRY), "").unwrap();
        let used = SystemTime::now() - Duration::from_secs(ago);
        File::options().append(true).open(folder.join(ENTRY)).unwrap().set_modified(used).unwrap();
    }

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let reuse = Reuse { bytes_max: 250, ..Reuse::open(folder.path()).unwrap() };
        for (name, ago) in [("newest", 1), ("oldest", 30), ("older", 20), ("newer", 10)] {
            entry(&reuse, name, 100, ago);
        }
        reuse.make_room().unwrap();
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["newer", "newest"]);
    }
}
