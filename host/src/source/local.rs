//! Lists a folder on this machine, which is as hostile as any other repository.
//!
//! Every folder is opened relative to the root with `openat2(BENEATH | NO_SYMLINKS)`, so a tree that
//! changes under our hands cannot lead us out. Iterative; nothing is opened but folders; budgets
//! from [`crate::limits`]. Files come in the order of their paths, whatever the file system's is.

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, ResolveFlags};
use rustix::io::Errno;

use super::left_out::is_left_out;
use super::{ListOptions, Listing, join, shown};
use crate::limits::{LISTED_BYTES_MAX, LISTED_DEPTH_MAX, LISTED_ENTRIES_MAX, LISTED_FILES_MAX};

/// An open repository.
#[derive(Debug)]
pub struct Root {
    folder: OwnedFd,
}

impl Root {
    /// Opens the folder at `path`; the path itself may lead through links, it is the user's.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { folder: rustix::fs::openat(CWD, path, flags, Mode::empty())? })
    }

    /// The size of a regular file in bytes; `None` if there is none at `path`.
    pub fn file_size(&self, path: &str) -> Option<u64> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat2(&self.folder, path, flags, Mode::empty(), BENEATH).ok()?;
        let stat = rustix::fs::fstat(file).ok()?;
        (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
            .then(|| u64::try_from(stat.st_size).unwrap_or(0))
    }

    fn open_folder(&self, path: &str) -> Result<OwnedFd, Errno> {
        let path = if path.is_empty() { "." } else { path };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat2(&self.folder, path, flags, Mode::empty(), BENEATH)
    }

    /// Whether a link stays inside the tree: resolved by the kernel, below the root.
    fn link_stays_inside(&self, path: &str) -> bool {
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        rustix::fs::openat2(&self.folder, path, flags, Mode::empty(), beneath).is_ok()
    }
}

/// Bytes of entries that the kernel gives at once: some hundreds of them.
const ENTRIES_BYTES: usize = 32 * 1024;

const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS);

/// The paths of all regular files below `root`, relative, separated by `/`, and what was passed over.
pub fn list(root: &Root, options: ListOptions) -> (Vec<String>, Listing) {
    let mut walk = Walk { root, options, paths: Vec::new(), bytes: 0, entries: 0, listing: Listing::default() };
    let mut buffer = Vec::with_capacity(ENTRIES_BYTES);
    let mut waiting = vec![Folder { path: String::new(), depth: 0 }];
    while let Some(folder) = waiting.pop() {
        if walk.is_exhausted() {
            walk.listing.over_budget.add(shown(&folder.path));
            continue;
        }
        walk.folder(&folder, buffer.spare_capacity_mut(), &mut waiting);
    }
    walk.paths.sort_unstable();
    walk.listing.files = walk.paths.len() as u64;
    walk.listing.sort();
    (walk.paths, walk.listing)
}

struct Folder {
    path: String,
    depth: usize,
}

struct Walk<'a> {
    root: &'a Root,
    options: ListOptions,
    paths: Vec<String>,
    bytes: usize,
    entries: u64,
    listing: Listing,
}

impl Walk<'_> {
    fn is_exhausted(&self) -> bool {
        self.paths.len() as u64 >= LISTED_FILES_MAX
            || self.bytes >= LISTED_BYTES_MAX
            || self.entries >= LISTED_ENTRIES_MAX
    }

    fn folder(&mut self, folder: &Folder, buffer: &mut [MaybeUninit<u8>], waiting: &mut Vec<Folder>) {
        let fd = match self.root.open_folder(&folder.path) {
            Ok(fd) => fd,
            Err(Errno::NAMETOOLONG) => return self.listing.over_budget.add(shown(&folder.path)),
            Err(error) => return self.listing.unreadable.add(format!("{} ({error})", shown(&folder.path))),
        };
        let mut entries = RawDir::new(&fd, buffer);
        while let Some(entry) = entries.next() {
            if self.is_exhausted() {
                return self.listing.over_budget.add(format!("{}/…", shown(&folder.path)));
            }
            self.entries += 1;
            match entry {
                Ok(entry) => self.entry(folder, &fd, entry.file_name(), entry.file_type(), waiting),
                Err(error) => return self.listing.unreadable.add(format!("{} ({error})", shown(&folder.path))),
            }
        }
    }

    fn entry(&mut self, folder: &Folder, fd: &OwnedFd, name: &CStr, kind: FileType, waiting: &mut Vec<Folder>) {
        if matches!(name.to_bytes(), b"." | b"..") {
            return;
        }
        let Some(name) = name.to_str().ok().filter(|name| !has_control(name)) else {
            let name = join(&folder.path, &String::from_utf8_lossy(name.to_bytes()));
            return self.listing.odd_names.add(shown(&name));
        };
        let path = join(&folder.path, name);
        // Some file systems do not tell the type of an entry with its name.
        let kind = if kind == FileType::Unknown { stat_kind(fd, name) } else { kind };
        match kind {
            FileType::RegularFile => self.file(path),
            FileType::Directory => self.subfolder(folder, fd, name, path, waiting),
            FileType::Symlink if self.root.link_stays_inside(&path) => self.listing.inner_links.add(shown(&path)),
            FileType::Symlink => self.listing.outer_links.add(shown(&path)),
            FileType::Fifo | FileType::Socket | FileType::CharacterDevice | FileType::BlockDevice => {
                self.listing.special.add(shown(&path));
            }
            FileType::Unknown => self.listing.unreadable.add(shown(&path)),
        }
    }

    fn file(&mut self, path: String) {
        if path.len() > fumehood_contract::limits::PATH_BYTES_MAX {
            return self.listing.over_budget.add(shown(&path));
        }
        self.bytes += path.len();
        self.paths.push(path);
    }

    fn subfolder(&mut self, folder: &Folder, fd: &OwnedFd, name: &str, path: String, waiting: &mut Vec<Folder>) {
        let beside = |file: &str| exists(fd, file);
        let inside = |file: &str| exists(fd, &format!("{name}/{file}"));
        if !self.options.include_installed && is_left_out(name, beside, inside) {
            self.listing.left_out.add(shown(&path));
        } else if folder.depth >= LISTED_DEPTH_MAX {
            self.listing.over_budget.add(shown(&path));
        } else {
            waiting.push(Folder { path, depth: folder.depth + 1 });
        }
    }
}

fn has_control(name: &str) -> bool {
    if name.is_ascii() { name.bytes().any(|byte| byte.is_ascii_control()) } else { name.chars().any(char::is_control) }
}

fn exists(folder: &OwnedFd, path: &str) -> bool {
    rustix::fs::statat(folder.as_fd(), path, AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

fn stat_kind(folder: &OwnedFd, name: &str) -> FileType {
    rustix::fs::statat(folder.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW)
        .map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode))
}
