//! Lists the files of a commit: a walk over tree objects with a stack of its own, within budgets.
//!
//! The same rules as for a folder on disk ([`crate::source::list`]), and one budget more: a few hundred bytes of trees
//! can unfold to 10^10 entries, so a walk may visit only so many for each object that was fetched.

use std::collections::HashSet;

use git2::{ObjectType, Oid, Repository, Tree, TreeEntry};

use super::fetch::Fetched;
use super::links::{Link, Links};
use crate::limits::{
    LISTED_BYTES_MAX, LISTED_DEPTH_MAX, LISTED_ENTRIES_MAX, LISTED_FILES_MAX, TREE_BYTES_MAX, UNFOLDED_ENTRIES_MIN,
    UNFOLDING_MAX,
};
use crate::source::left_out::is_left_out;
use crate::source::{ListOptions, Listing, join, shown};

/// A regular file of a commit.
#[derive(Clone, Debug)]
pub struct TreeFile {
    /// Relative to the root, separated by `/`.
    pub path: String,
    pub(super) blob: Oid,
}

/// The commit's regular files in the order of their paths, and what was passed over.
pub fn list(fetched: &Fetched, options: ListOptions) -> (Vec<TreeFile>, Listing) {
    let unfolded_max = UNFOLDED_ENTRIES_MIN + UNFOLDING_MAX * fetched.objects as u64;
    let mut walk = Walk {
        fetched,
        options,
        entries_left: unfolded_max.min(LISTED_ENTRIES_MAX),
        bytes: 0,
        files: Vec::new(),
        links: Links::default(),
        listing: Listing::default(),
    };
    let mut waiting = vec![Folder { path: String::new(), tree: fetched.tree, depth: 0 }];
    while let Some(folder) = waiting.pop() {
        if walk.is_exhausted() {
            // One name stands for the rest: a bomb has more of them than can be counted.
            walk.listing.over_budget.add(shown(&folder.path));
            break;
        }
        walk.folder(&folder, &mut waiting);
    }
    walk.finish()
}

struct Folder {
    path: String,
    tree: Oid,
    depth: usize,
}

struct Walk<'a> {
    fetched: &'a Fetched,
    options: ListOptions,
    entries_left: u64,
    bytes: usize,
    files: Vec<TreeFile>,
    links: Links,
    listing: Listing,
}

impl Walk<'_> {
    fn is_exhausted(&self) -> bool {
        self.entries_left == 0 || self.files.len() as u64 >= LISTED_FILES_MAX || self.bytes >= LISTED_BYTES_MAX
    }

    fn folder(&mut self, folder: &Folder, waiting: &mut Vec<Folder>) {
        let tree = match open(&self.fetched.repository, folder.tree) {
            Ok(tree) => tree,
            Err(Closed::TooLarge) => return self.listing.over_budget.add(shown(&folder.path)),
            Err(Closed::Unreadable(why)) => {
                return self.listing.unreadable.add(format!("{} ({why})", shown(&folder.path)));
            }
        };
        let mut names = HashSet::new();
        for entry in &tree {
            if self.is_exhausted() {
                return self.listing.over_budget.add(format!("{}/…", shown(&folder.path)));
            }
            self.entries_left -= 1;
            let bytes = entry.name_bytes();
            match usable(bytes).filter(|_| names.insert(bytes.to_vec())) {
                Some(name) => self.entry(folder, &tree, name, &entry, waiting),
                None => self.listing.odd_names.add(shown(&join(&folder.path, &String::from_utf8_lossy(bytes)))),
            }
        }
    }

    fn entry(
        &mut self,
        folder: &Folder,
        tree: &Tree<'_>,
        name: &str,
        entry: &TreeEntry<'_>,
        waiting: &mut Vec<Folder>,
    ) {
        let path = join(&folder.path, name);
        match Mode::of(entry.filemode_raw()) {
            Mode::File => self.file(path, entry.id()),
            Mode::Link => self.link(path, entry.id()),
            Mode::Folder => self.subfolder(folder, tree, name, path, entry.id(), waiting),
            Mode::Submodule => self.listing.submodules.add(shown(&path)),
            Mode::Odd => self.listing.unreadable.add(format!("{} (a mode that git does not have)", shown(&path))),
        }
    }

    fn file(&mut self, path: String, blob: Oid) {
        if path.len() > fumehood_contract::limits::PATH_BYTES_MAX {
            return self.listing.over_budget.add(shown(&path));
        }
        self.bytes += path.len();
        self.files.push(TreeFile { path, blob });
    }

    fn link(&mut self, path: String, blob: Oid) {
        match self.links.read(&self.fetched.repository, path, blob) {
            Ok(()) => {}
            Err(path) => self.listing.outer_links.add(shown(&path)),
        }
    }

    fn subfolder(
        &mut self,
        folder: &Folder,
        tree: &Tree<'_>,
        name: &str,
        path: String,
        id: Oid,
        waiting: &mut Vec<Folder>,
    ) {
        let beside = |file: &str| tree.get_name(file).is_some();
        let inside =
            |file: &str| self.fetched.repository.find_tree(id).is_ok_and(|inner| inner.get_name(file).is_some());
        if !self.options.include_installed && is_left_out(name, beside, inside) {
            self.listing.left_out.add(shown(&path));
        } else if folder.depth >= LISTED_DEPTH_MAX {
            self.listing.over_budget.add(shown(&path));
        } else {
            self.links.folder(&path);
            waiting.push(Folder { path, tree: id, depth: folder.depth + 1 });
        }
    }

    fn finish(mut self) -> (Vec<TreeFile>, Listing) {
        self.files.sort_unstable_by(|left, right| left.path.cmp(&right.path));
        let files = &self.files;
        let is_file = |path: &str| files.binary_search_by(|file| file.path.as_str().cmp(path)).is_ok();
        for Link { path, stays_inside } in self.links.followed(&is_file) {
            let skips = if stays_inside { &mut self.listing.inner_links } else { &mut self.listing.outer_links };
            skips.add(shown(&path));
        }
        self.listing.files = self.files.len() as u64;
        (self.files, self.listing)
    }
}

/// Why a folder is not looked into.
enum Closed {
    TooLarge,
    Unreadable(String),
}

fn open(repository: &Repository, tree: Oid) -> Result<Tree<'_>, Closed> {
    let unreadable = |error: git2::Error| Closed::Unreadable(error.message().to_owned());
    match repository.odb().and_then(|odb| odb.read_header(tree)) {
        Ok((size, ObjectType::Tree)) if size > TREE_BYTES_MAX => Err(Closed::TooLarge),
        Ok((_, ObjectType::Tree)) => repository.find_tree(tree).map_err(unreadable),
        Ok((_, kind)) => Err(Closed::Unreadable(format!("it is a {kind}"))),
        Err(error) => Err(unreadable(error)),
    }
}

/// The kinds of entries, by their mode. git(1) writes five; old or broken trees have others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    File,
    Link,
    Folder,
    Submodule,
    Odd,
}

impl Mode {
    fn of(mode: i32) -> Self {
        match mode & 0o170_000 {
            0o100_000 => Self::File,
            0o120_000 => Self::Link,
            0o040_000 => Self::Folder,
            0o160_000 => Self::Submodule,
            _ => Self::Odd,
        }
    }
}

/// A name that can stand in a path: git's own fsck refuses the others, and so do file systems, or
/// they mean something else there (`git~1` is `.git` on NTFS).
fn usable(name: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(name).ok()?;
    let lower = name.to_ascii_lowercase();
    let is_git = lower == ".git" || (lower.starts_with("git~") && lower.len() == 5);
    let is_odd = name.is_empty() || name == "." || name == ".." || name.len() > 255 || is_git;
    (!is_odd && !name.contains('/') && !name.chars().any(char::is_control)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c02_names_that_mean_something_else_are_odd() {
        let long = "x".repeat(4000);
        let odd: [&[u8]; 12] = [
            b"",
            b".",
            b"..",
            b".git",
            b".GIT",
            b".Git",
            b"git~1",
            b"GIT~2",
            b"a/b",
            b"a\nb",
            b"\x1b[31m",
            b"\xff\xfe",
        ];
        for name in odd {
            assert_eq!(usable(name), None, "{:?}", String::from_utf8_lossy(name));
        }
        assert_eq!(usable(long.as_bytes()), None);
        for good in ["package.json", ".gitignore", "git~", "größe", "a b", "...", "-rf"] {
            assert_eq!(usable(good.as_bytes()), Some(good));
        }
    }
}
