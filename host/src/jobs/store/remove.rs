//! Removes a tree that a guest may have made as deep and as wide as it could.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;

/// Removes `path` and everything below it. Uses two descriptors and no recursion however deep the tree is:
/// a folder inside a folder is first moved up beside it. Links are removed, not followed.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    let root = openat(CWD, path, FOLDER, Mode::empty())?;
    let mut up = Up { prefix: format!(".removing-{}-", uuid::Uuid::new_v4()), moved: 0 };
    empty(&root, &root, &mut up)?;
    // What `empty` moved up lies in the root under numbers of ours; it may move up more.
    let mut next = 0;
    while next < up.moved {
        let name = up.name(next);
        let folder = open_folder(&root, &name)?;
        empty(&folder, &root, &mut up)?;
        unlinkat(&root, &name, AtFlags::REMOVEDIR)?;
        next += 1;
    }
    drop(root);
    Ok(unlinkat(CWD, path, AtFlags::REMOVEDIR)?)
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// The folders that were moved up into the root, under a prefix that nobody could know before.
struct Up {
    prefix: String,
    moved: u64,
}

impl Up {
    fn name(&self, number: u64) -> String {
        format!("{}{number}", self.prefix)
    }

    fn take(&mut self, folder: &OwnedFd, name: &CStr, root: &OwnedFd) -> io::Result<()> {
        renameat(folder, name, root, self.name(self.moved))?;
        self.moved += 1;
        Ok(())
    }
}

/// Removes the files in `folder` and moves its folders into `root`.
fn empty(folder: &OwnedFd, root: &OwnedFd, up: &mut Up) -> io::Result<()> {
    let is_root = std::ptr::eq(folder, root);
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") || (is_root && name.to_bytes().starts_with(up.prefix.as_bytes())) {
            continue;
        }
        if entry.file_type() == FileType::Directory {
            up.take(folder, name, root)?;
            continue;
        }
        match unlinkat(folder, name, AtFlags::empty()) {
            Err(Errno::ISDIR) => up.take(folder, name, root)?,
            Err(Errno::NOENT) | Ok(()) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Opens a folder of the guest, which may have taken its own rights away from it.
fn open_folder(root: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    match openat(root.as_fd(), name, FOLDER, Mode::empty()) {
        Err(Errno::ACCESS) => {
            rustix::fs::chmodat(root.as_fd(), name, Mode::RWXU, AtFlags::empty())?;
            Ok(openat(root.as_fd(), name, FOLDER, Mode::empty())?)
        }
        opened => Ok(opened?),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test")]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_tree_deeper_than_any_path_is_removed() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("kept"), "x").unwrap();
        let root = outside.path().join("tree");
        fs::create_dir(&root).unwrap();
        let mut folder = openat(CWD, &root, FOLDER, Mode::empty()).unwrap();
        for _ in 0..3_000 {
            rustix::fs::mkdirat(&folder, "d", Mode::RWXU).unwrap();
            folder = openat(&folder, "d", FOLDER, Mode::empty()).unwrap();
        }
        symlink(outside.path().join("kept"), root.join("link")).unwrap();
        fs::write(root.join("file"), "x").unwrap();

        remove_tree(&root).unwrap();
        let left: Vec<_> = fs::read_dir(outside.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["kept"]);
    }
}
