//! A job some time after its end: its reports and statuses compressed with zstd, and what it takes of the disk.
//!
//! What is compressed lies beside the guest's folder and not in it: no guest can hand us bytes to decompress.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use fumehood_contract::limits::STATUS_BYTES_MAX;
use fumehood_contract::{RepoStatus, report};

use super::{JobStore, remove_tree};
use crate::jobs::status_reader::Reader;
use crate::limits::{REPORT_BYTES_MAX, ZSTD_WINDOW_LOG_MAX};

const KEPT: &str = "kept";

/// In the job's folder, when everything in it is compressed.
const MARK: &str = "compressed";

/// Reports are text that repeats itself; more takes longer and saves little.
const LEVEL: i32 = 6;

impl JobStore {
    /// Whether [`Self::compress`] was here.
    pub fn is_compressed(&self) -> bool {
        self.folder.join(MARK).exists()
    }

    /// There will be something to compress again.
    #[expect(clippy::disallowed_methods, reason = "in our own folder, which no guest reaches")]
    pub fn reopen(&self) {
        // Only a hint for the next service: without it nothing is lost.
        let _unmarked = fs::remove_file(self.folder.join(MARK));
    }

    /// Compresses what the job's workers left. May be interrupted at any point, and begun again.
    #[expect(clippy::disallowed_methods, reason = "in our own folder, which no guest reaches any more")]
    pub fn compress(&self) -> io::Result<()> {
        for repository in folders(&self.folder.join("repos"))? {
            for attempt in folders(&repository)? {
                compress_attempt(&attempt, &repository)?;
            }
            if let Some(index) = repository.file_name().and_then(|name| name.to_str()?.parse().ok()) {
                // It leads to what is gone now.
                let _none = fs::remove_file(self.folder.join(RepoStatus::file_name(index)));
            }
        }
        File::create(self.folder.join(MARK)).map(drop)
    }

    /// The bytes of a report that was compressed; `None` if it was not.
    pub fn kept_report(&self, repo_index: u32, attempt: u32) -> Option<impl Read + use<>> {
        self.kept(repo_index, attempt, report::FILE_NAME)
    }

    /// A status that was compressed; `None` if it was not.
    pub fn kept_status(&self, repo_index: u32, attempt: u32) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let kept = self.kept(repo_index, attempt, &RepoStatus::file_name(repo_index))?;
        kept.take(STATUS_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    #[expect(clippy::disallowed_methods, reason = "a file that we alone write")]
    fn kept(&self, repo_index: u32, attempt: u32, name: &str) -> Option<impl Read + use<>> {
        let folder = self.status_dir(repo_index, attempt).parent()?.join(KEPT);
        let file = File::open(folder.join(format!("{name}.zst"))).ok()?;
        let mut decoder = zstd::Decoder::new(file).ok()?;
        decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).ok()?;
        Some(decoder)
    }

    /// What the job takes of the disk, in bytes, as far as it can be seen.
    pub fn bytes(&self) -> u64 {
        let mut total = 0;
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for (path, data) in entries(&folder) {
                total += std::os::unix::fs::MetadataExt::blocks(&data) * 512;
                if data.is_dir() {
                    folders.push(path);
                }
            }
        }
        total
    }
}

fn compress_attempt(attempt: &Path, repository: &Path) -> io::Result<()> {
    let status = attempt.join("status");
    let Ok(reader) = Reader::open(&status) else { return Ok(()) };
    let index = repository.file_name().and_then(|name| name.to_str()?.parse().ok());
    let status_file = index.map(|index: u32| (RepoStatus::file_name(index), STATUS_BYTES_MAX as u64));
    for (name, bytes_max) in status_file.into_iter().chain([(report::FILE_NAME.to_owned(), REPORT_BYTES_MAX)]) {
        // What broke the rules when it was read first is not kept: nobody would ever be shown it.
        if let Ok(Some(file)) = reader.open_plain(&name, bytes_max) {
            compress_file(file, &attempt.join(KEPT), &name)?;
        }
    }
    remove_tree(&status)
}

#[expect(clippy::disallowed_methods, reason = "in our own folder, which no guest reaches")]
fn compress_file(mut file: File, folder: &Path, name: &str) -> io::Result<()> {
    super::make_folder(folder).map_err(|error| error.error)?;
    let temporary = folder.join(format!("{name}.tmp"));
    file.seek(SeekFrom::Start(0))?;
    let mut encoder = zstd::Encoder::new(File::create(&temporary)?, LEVEL)?;
    encoder.window_log(ZSTD_WINDOW_LOG_MAX)?;
    io::copy(&mut BufReader::new(file), &mut encoder)?;
    encoder.finish()?.sync_all()?;
    fs::rename(&temporary, folder.join(format!("{name}.zst")))
}

fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(entries(folder).into_iter().filter(|(_, data)| data.is_dir()).map(|(path, _)| path).collect())
}

/// What is in a folder, as far as it can be seen; links are not followed.
#[expect(clippy::disallowed_methods, reason = "lists our own folders")]
fn entries(folder: &Path) -> Vec<(PathBuf, fs::Metadata)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().filter_map(|entry| Some((entry.path(), entry.metadata().ok()?))).collect()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_can_be_read_and_takes_less() {
        let data = tempfile::tempdir().unwrap();
        let store = JobStore::create(data.path(), "acme").unwrap();
        let status = store.begin_attempt(0, 1).unwrap().status;
        let text = "a line that repeats itself\n".repeat(10_000);
        fs::write(status.join("report.jsonl"), &text).unwrap();
        fs::write(status.join("repo_0.json"), "{}").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", status.join("link")).unwrap();
        let before = store.bytes();
        store.compress().unwrap();
        store.compress().unwrap();
        assert!(store.is_compressed() && !status.exists());
        assert!(store.bytes() < before / 4, "{} of {before}", store.bytes());
        let mut read = String::new();
        store.kept_report(0, 1).unwrap().read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
        assert_eq!(store.kept_status(0, 1).unwrap(), b"{}");
        assert!(store.folder().join("repo_0.json").symlink_metadata().is_err());
    }
}
