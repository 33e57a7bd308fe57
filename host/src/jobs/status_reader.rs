//! Reads what a guest left in its status folder: the boundary over which hostile bytes come in.
//!
//! The folder is the guest's to fill: with links, FIFOs, folders under the names we look for, files
//! of any size, lies. Nothing is followed, nothing blocks, nothing unbounded is read, and what the
//! host knows better than the guest is overwritten.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use fumehood_contract::limits::{STATUS_BYTES_MAX, STATUS_ERRORS_MAX, STATUS_FIELD_BYTES_MAX};
use fumehood_contract::{RepoStatus, Timestamp, status};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::text;

/// Why a file of the guest is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is a link, a folder, a FIFO, or has a second name.
    #[error("{0} is not a plain file of its own")]
    NotPlain(String),
    /// It is larger than it may be.
    #[error("{name} is larger than {bytes_max} bytes")]
    TooLarge {
        /// Which file.
        name: String,
        /// What it may have.
        bytes_max: u64,
    },
    /// It breaks its format.
    #[error("{name} is not what it must be: {why}")]
    Malformed {
        /// Which file.
        name: String,
        /// How.
        why: String,
    },
    /// The system refuses.
    #[error("{name} cannot be read: {error}")]
    Io {
        /// Which file.
        name: String,
        /// Why.
        error: io::Error,
    },
}

/// An open status folder.
#[derive(Debug)]
pub struct Reader {
    folder: Dir,
}

/// Tells one writing of the status file from another, without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    inode: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Reader {
    /// Opens the folder, which we made.
    pub fn open(folder: &Path) -> Result<Self, Refused> {
        let folder = Dir::open_ambient_dir(folder, ambient_authority())
            .map_err(|error| Refused::Io { name: folder.display().to_string(), error })?;
        Ok(Self { folder })
    }

    /// The status file, as far as it can be believed. `known` is what the host knows: identity and the
    /// state that was last seen. `None` if there is no file yet.
    pub fn read(&self, known: &RepoStatus) -> Result<Option<RepoStatus>, Refused> {
        let name = RepoStatus::file_name(known.repo_index);
        let Some(file) = self.open_plain(&name, STATUS_BYTES_MAX as u64)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(STATUS_BYTES_MAX as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Refused::Io { name: name.clone(), error })?;
        check(&bytes, known).map(Some).map_err(|why| Refused::Malformed { name, why })
    }

    /// When the status file was last replaced; `None` if there is none.
    pub fn freshness(&self, repo_index: u32) -> Option<Freshness> {
        let name = RepoStatus::file_name(repo_index);
        let stat = rustix::fs::statat(&self.folder, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW).ok()?;
        Some(Freshness {
            inode: stat.st_ino,
            seconds: stat.st_mtime,
            nanoseconds: i64::try_from(stat.st_mtime_nsec).unwrap_or(0),
        })
    }

    /// Opens a regular file that has one name and at most `bytes_max` bytes; `None` if there is none.
    /// A FIFO does not block the opening, and is refused after it.
    pub fn open_plain(&self, name: &str, bytes_max: u64) -> Result<Option<File>, Refused> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.folder, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::NXIO) => return Err(Refused::NotPlain(name.to_owned())),
            Err(error) => return Err(Refused::Io { name: name.to_owned(), error: error.into() }),
        };
        let stat =
            rustix::fs::fstat(&file).map_err(|error| Refused::Io { name: name.to_owned(), error: error.into() })?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink > 1 {
            return Err(Refused::NotPlain(name.to_owned()));
        }
        if u64::try_from(stat.st_size).unwrap_or(u64::MAX) > bytes_max {
            return Err(Refused::TooLarge { name: name.to_owned(), bytes_max });
        }
        Ok(Some(File::from(file)))
    }
}

/// The one function that turns a guest's bytes into a status. `Err` says what is wrong with them.
pub fn check(bytes: &[u8], known: &RepoStatus) -> Result<RepoStatus, String> {
    if bytes.len() > STATUS_BYTES_MAX {
        return Err(format!("more than {STATUS_BYTES_MAX} bytes"));
    }
    let mut said: RepoStatus =
        serde_json::from_slice(bytes).map_err(|error| text::clean(&error.to_string()).into_owned())?;
    if !known.status.may_become(said.status) && known.status != said.status {
        return Err(format!("it went from {:?} to {:?}", known.status, said.status));
    }
    if said.current_file > said.total_files {
        return Err(format!("it read file {} of {}", said.current_file, said.total_files));
    }
    if said.errors.len() > STATUS_ERRORS_MAX {
        return Err(format!("it has {} errors, {STATUS_ERRORS_MAX} are the most", said.errors.len()));
    }
    let texts = said.errors.iter_mut().chain(said.current_filename.as_mut()).chain(said.message.as_mut());
    for field in texts {
        if field.len() > STATUS_FIELD_BYTES_MAX {
            return Err(format!("a text of {} bytes", field.len()));
        }
        text::clean_in_place(field);
    }
    said.repo_index = known.repo_index;
    said.repo_name.clone_from(&known.repo_name);
    said.pid = known.pid;
    said.attempt = known.attempt;
    said.started_at = known.started_at;
    // The moment of the writing lies between the start of the attempt and now, whatever the guest's clock says.
    let now = Timestamp::now();
    for moment in std::iter::once(&mut said.last_update).chain(&mut said.completed_at) {
        *moment = (*moment).min(now).max(known.started_at);
    }
    said.percentage = status::percentage(said.current_file, said.total_files);
    Ok(said)
}

#[cfg(test)]
mod tests;
