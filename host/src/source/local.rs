//! Lists a folder on this machine, which is as hostile as any other repository.
//!
//! Every folder is opened relative to the root with `openat2(BENEATH | NO_SYMLINKS)`, so a tree that
//! changes under our hands cannot lead us out. Iterative; nothing is opened but folders; budgets
//! from [`crate::limits`]. Files come in the order of their paths, whatever the file system's is and whoever listed
//! which folder: those of a large repository are shared by several threads.

mod waiting;

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, ResolveFlags};
use rustix::io::Errno;

use self::waiting::{Folder, Spending, Spent, Waiting};
use super::left_out::is_left_out;
use super::{ListOptions, Listing, join, shown};
use crate::crew::Crew;
use crate::limits::{LISTED_DEPTH_MAX, SHARED_FOLDERS_MIN};

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

/// The paths of all regular files below `root`, relative, separated by `/`, and what was passed over. Where there are many
/// folders, the crew helps.
pub fn list(root: &Arc<Root>, options: ListOptions, crew: &Crew) -> (Vec<String>, Listing) {
    // Where a budget ends the listing, it ends at the same place whoever would have helped.
    together(root, options, crew).unwrap_or_else(|| {
        let task = Task::new(root, options);
        joined(Walk::new(&task).finish(), Vec::new())
    })
}

/// `None` if a budget was spent by several threads, or one of them is gone.
fn together(root: &Arc<Root>, options: ListOptions, crew: &Crew) -> Option<(Vec<String>, Listing)> {
    let task = Arc::new(Task::new(root, options));
    let mut walk = Walk::new(&task);
    walk.folders(SHARED_FOLDERS_MIN);
    if task.waiting.len() == 0 {
        return Some(joined(walk.finish(), Vec::new()));
    }
    let theirs = {
        let task = Arc::clone(&task);
        move || Walk::new(&task).finish()
    };
    let (others, own) = crew.with(theirs, || walk.finish()).ok()?;
    let is_cut = !others.is_empty() && task.spent.is_all_with(Spending::default());
    (!is_cut).then(|| joined(own, others))
}

fn joined((mut paths, mut listing): Walked, others: Vec<Walked>) -> (Vec<String>, Listing) {
    for (more, passed_over) in others {
        paths.extend(more);
        listing.add(passed_over);
    }
    // Which merges what is sorted.
    paths.sort();
    listing.files = paths.len() as u64;
    (paths, listing)
}

/// What one thread has listed, in order.
type Walked = (Vec<String>, Listing);

/// A tree that is being listed.
struct Task {
    root: Arc<Root>,
    options: ListOptions,
    waiting: Waiting,
    spent: Spent,
}

impl Task {
    fn new(root: &Arc<Root>, options: ListOptions) -> Self {
        Self { root: Arc::clone(root), options, waiting: Waiting::new(), spent: Spent::default() }
    }
}

/// What one thread does of it.
struct Walk<'t> {
    task: &'t Task,
    paths: Vec<String>,
    listing: Listing,
    buffer: Vec<u8>,
    /// In the folder that is being listed.
    spending: Spending,
}

impl<'t> Walk<'t> {
    fn new(task: &'t Task) -> Self {
        let buffer = Vec::with_capacity(ENTRIES_BYTES);
        Self { task, paths: Vec::new(), listing: Listing::default(), buffer, spending: Spending::default() }
    }

    fn finish(mut self) -> Walked {
        self.folders(usize::MAX);
        self.paths.sort_unstable();
        (self.paths, self.listing)
    }

    /// Lists folders while fewer than `most` are waiting.
    fn folders(&mut self, most: usize) {
        let task = self.task;
        let mut buffer = std::mem::take(&mut self.buffer);
        while task.waiting.len() < most
            && let Some(mut taken) = task.waiting.take()
        {
            if self.is_exhausted() {
                self.listing.over_budget.add(shown(&taken.folder.path));
                continue;
            }
            self.folder(&taken.folder, buffer.spare_capacity_mut(), &mut taken.found);
            task.spent.add(std::mem::take(&mut self.spending));
        }
        self.buffer = buffer;
    }

    fn is_exhausted(&self) -> bool {
        self.task.spent.is_all_with(self.spending)
    }

    fn folder(&mut self, folder: &Folder, buffer: &mut [MaybeUninit<u8>], waiting: &mut Vec<Folder>) {
        let fd = match self.task.root.open_folder(&folder.path) {
            Ok(fd) => fd,
            Err(Errno::NAMETOOLONG) => return self.listing.over_budget.add(shown(&folder.path)),
            Err(error) => return self.listing.unreadable.add(format!("{} ({error})", shown(&folder.path))),
        };
        let mut entries = RawDir::new(&fd, buffer);
        while let Some(entry) = entries.next() {
            if self.is_exhausted() {
                return self.listing.over_budget.add(format!("{}/…", shown(&folder.path)));
            }
            self.spending.entries += 1;
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
            FileType::Symlink if self.task.root.link_stays_inside(&path) => self.listing.inner_links.add(shown(&path)),
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
        self.spending.files += 1;
        self.spending.bytes += path.len() as u64;
        self.paths.push(path);
    }

    fn subfolder(&mut self, folder: &Folder, fd: &OwnedFd, name: &str, path: String, waiting: &mut Vec<Folder>) {
        let beside = |file: &str| exists(fd, file);
        let inside = |file: &str| exists(fd, &format!("{name}/{file}"));
        if !self.task.options.include_installed && is_left_out(name, beside, inside) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_listed_alike_whoever_helps() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..300 {
            let inner = folder.path().join(format!("{}/{number}", number % 40));
            std::fs::create_dir_all(&inner).unwrap();
            std::fs::File::create(inner.join("Cargo.lock")).unwrap();
            std::os::unix::fs::symlink("/nowhere", inner.join("link")).unwrap();
        }
        let root = Arc::new(Root::open(folder.path()).unwrap());
        let (paths, listing) = list(&root, ListOptions::default(), &Crew::default());
        assert_eq!((paths.len(), listing.files, listing.outer_links.count), (300, 300, 300));
        assert!(paths.is_sorted() && listing.outer_links.names.is_sorted());
        for members in [1, 3] {
            let crew = Crew::assemble(members).unwrap();
            assert_eq!(list(&root, ListOptions::default(), &crew), (paths.clone(), listing.clone()));
        }
    }
}
