//! Writes the files that the scanner wants to read, and no others.
//!
//! Every path is opened relative to our own folder with `openat2(BENEATH | NO_SYMLINKS)`, every file is
//! made anew (`O_EXCL`) and read-only. Whatever the tree says, nothing is written elsewhere and nothing is
//! written twice.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::path::Path;

use git2::{ObjectType, Odb};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, mkdirat, openat, openat2};
use rustix::io::Errno;

use super::fetch::Fetched;
use super::tree::TreeFile;
use crate::limits::{MATERIALIZED_BYTES_MAX, MATERIALIZED_FILE_BYTES_MAX};
use crate::source::{Listing, shown};

/// A file that was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Relative to the folder.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// Writes `wanted` below `folder`, which exists and is empty. What cannot be had is named in `listing`; only
/// our own disk can make this fail.
pub fn write(
    fetched: &Fetched,
    wanted: impl Iterator<Item = TreeFile>,
    folder: &Path,
    listing: &mut Listing,
) -> io::Result<Vec<Written>> {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
    let root = openat(CWD, folder, flags, Mode::empty())?;
    let odb = fetched.repository.odb().map_err(io::Error::other)?;
    let mut writer = Writer { root, odb: &odb, parent: None, bytes_left: MATERIALIZED_BYTES_MAX };
    let mut written = Vec::new();
    for file in wanted {
        match writer.file(&file)? {
            Ok(bytes) => written.push(Written { path: file.path, bytes }),
            Err(Passed::OverBudget) => listing.over_budget.add(shown(&file.path)),
            Err(Passed::Unreadable(why)) => listing.unreadable.add(format!("{} ({why})", shown(&file.path))),
        }
    }
    Ok(written)
}

/// Why a file was passed over.
enum Passed {
    OverBudget,
    Unreadable(String),
}

struct Writer<'a> {
    root: OwnedFd,
    odb: &'a Odb<'a>,
    /// The folder of the last file: files come in the order of their paths.
    parent: Option<(String, OwnedFd)>,
    bytes_left: u64,
}

impl Writer<'_> {
    fn file(&mut self, file: &TreeFile) -> io::Result<Result<u64, Passed>> {
        match self.odb.read_header(file.blob) {
            Ok((size, ObjectType::Blob)) => {
                if size > MATERIALIZED_FILE_BYTES_MAX || size as u64 > self.bytes_left {
                    return Ok(Err(Passed::OverBudget));
                }
            }
            Ok((_, kind)) => return Ok(Err(Passed::Unreadable(format!("its content is a {kind}")))),
            Err(error) => return Ok(Err(Passed::Unreadable(error.message().to_owned()))),
        }
        let odb = self.odb;
        let object = match odb.read(file.blob) {
            Ok(object) => object,
            Err(error) => return Ok(Err(Passed::Unreadable(error.message().to_owned()))),
        };
        match self.write(&file.path, object.data()) {
            Ok(()) => {
                self.bytes_left = self.bytes_left.saturating_sub(object.data().len() as u64);
                Ok(Ok(object.data().len() as u64))
            }
            Err(Errno::NAMETOOLONG) => Ok(Err(Passed::OverBudget)),
            // Two entries of one name, or a file where a folder should be.
            Err(error @ (Errno::EXIST | Errno::NOTDIR)) => Ok(Err(Passed::Unreadable(error.to_string()))),
            Err(error) => Err(error.into()),
        }
    }

    fn write(&mut self, path: &str, content: &[u8]) -> Result<(), Errno> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if self.parent.as_ref().is_none_or(|(open, _)| open != folder) {
            self.parent = Some((folder.to_owned(), self.folder(folder)?));
        }
        let Some((_, parent)) = &self.parent else { return Err(Errno::NOENT) };
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat2(parent, name, flags, Mode::from_raw_mode(0o444), BENEATH)?;
        let written = File::from(file).write_all(content);
        written.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
    }

    /// Opens a folder, making what is missing of it.
    fn folder(&self, path: &str) -> Result<OwnedFd, Errno> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::PATH;
        let mut at = openat2(&self.root, ".", flags, Mode::empty(), BENEATH)?;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            at = match openat2(&at, part, flags, Mode::empty(), BENEATH) {
                Err(Errno::NOENT) => {
                    mkdirat(&at, part, Mode::RWXU)?;
                    openat2(&at, part, flags, Mode::empty(), BENEATH)?
                }
                opened => opened?,
            };
        }
        Ok(at)
    }
}

const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS);
