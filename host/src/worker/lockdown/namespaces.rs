//! A root folder that holds nothing but the job, user_namespaces(7) and mount_namespaces(7): where Landlock would fail
//! there is still nothing to be found.
//!
//! The job's folders keep their paths, so that nothing else has to know. Not every machine lets a process without
//! rights do this; then it is left out.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount, mount_change, mount_remount,
    move_mount, open_tree, unmount,
};
use rustix::process::{
    DumpableBehavior, chdir, dumpable_behavior, getegid, geteuid, pivot_root, set_dumpable_behavior,
};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::Stage;

/// Options of the new root, which holds empty folders to mount on.
const ROOT_OPTIONS: &std::ffi::CStr = c"size=64k,nr_inodes=512,mode=0755";

/// Nothing in a folder of the job's is a program, a device or somebody else's.
const HARMLESS: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV).union(MountFlags::NOEXEC);

/// Moves this process, which must have one thread, to a root that holds what `stage` and those after it need.
/// Fails before anything has changed for it, or not at all.
pub(super) fn enter(stage: &Stage) -> io::Result<()> {
    let (status, other, is_read_only) = match stage {
        Stage::Fetching { folder, status, .. } | Stage::Materializing { folder, status } => (status, folder, false),
        Stage::Scanning { repo, status } => (status, repo, true),
        // It has no folder that it could move to.
        Stage::Compiling => return Ok(()),
    };
    new_namespaces()?;
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    // The repository first: the status folder may lie below it, and stays writable.
    let (status, other) = (status.as_path(), other.as_path());
    let trees = [(other, tree(other)?, is_read_only), (status, tree(status)?, false)];
    let root = status.parent().unwrap_or(status);
    mount("fumehood", root, "tmpfs", HARMLESS, ROOT_OPTIONS)?;
    furnish(root, &trees).and_then(|()| move_to(root)).inspect_err(|_| {
        // What lies below must be seen again. If it cannot be, the worker finds no status folder, and says so.
        let _still_there = unmount(root, UnmountFlags::DETACH);
    })
}

/// A folder, what is mounted in its place, and whether it is read-only there.
type Furniture<'a> = (&'a Path, OwnedFd, bool);

fn furnish(root: &Path, trees: &[Furniture<'_>]) -> io::Result<()> {
    trees.iter().try_for_each(|(path, tree, is_read_only)| put(root, path, tree, *is_read_only))?;
    Ok(mount_remount(root, HARMLESS | MountFlags::BIND | MountFlags::RDONLY, c"")?)
}

fn move_to(root: &Path) -> io::Result<()> {
    chdir(root)?;
    // Both at one place, pivot_root(2): the old root comes to lie over the new one, and is taken away.
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    Ok(chdir("/")?)
}

#[expect(unsafe_code, reason = "other threads would be left behind")]
#[expect(clippy::disallowed_methods, reason = "files of the kernel's")]
fn new_namespaces() -> io::Result<()> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    // SAFETY: this process has one thread, and shares no table of descriptors.
    unsafe { unshare_unsafe(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)? };
    // What hides a process's memory from others hides its maps of users from itself.
    let hidden = dumpable_behavior()?;
    set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    let mapped = fs::write("/proc/self/setgroups", "deny")
        .and_then(|()| fs::write("/proc/self/uid_map", format!("{user} {user} 1")))
        .and_then(|()| fs::write("/proc/self/gid_map", format!("{group} {group} 1")));
    set_dumpable_behavior(hidden)?;
    mapped
}

/// A folder with all that is mounted below it.
fn tree(path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    Ok(open_tree(CWD, path, flags)?)
}

fn put(root: &Path, path: &Path, tree: &OwnedFd, is_read_only: bool) -> io::Result<()> {
    let place: PathBuf = root.join(path.strip_prefix("/").unwrap_or(path));
    fs::create_dir_all(&place)?;
    move_mount(tree, "", CWD, &place, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
    let read_only = if is_read_only { MountFlags::RDONLY } else { MountFlags::empty() };
    Ok(mount_remount(&place, HARMLESS | MountFlags::BIND | read_only, c"")?)
}
