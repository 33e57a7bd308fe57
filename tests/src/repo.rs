//! Repositories made by a test.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, mkdirat, mknodat, openat};
use tempfile::TempDir;

/// A repository in a temporary folder.
pub struct Repo {
    folder: TempDir,
}

impl Repo {
    /// An empty one.
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// One that asks the hostile guest for an attack.
    pub fn attack(attack: &str) -> Self {
        Self::new().file(&format!("attack/{attack}"), "")
    }

    /// With a Cargo.lock that names one package.
    pub fn with_package(name: &str) -> Self {
        Self::new().file("Cargo.lock", &cargo_lock(name))
    }

    /// With one more file.
    pub fn file(self, path: &str, content: &str) -> Self {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// With a link.
    pub fn link(self, path: &str, target: &str) -> Self {
        symlink(target, self.folder.path().join(path)).unwrap();
        self
    }

    /// With a FIFO, on which a careless reader hangs.
    pub fn fifo(self, path: &str) -> Self {
        mknodat(CWD, self.folder.path().join(path), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        self
    }

    /// With the rights of a file or folder changed.
    pub fn mode(self, path: &str, mode: u32) -> Self {
        fs::set_permissions(self.folder.path().join(path), Permissions::from_mode(mode)).unwrap();
        self
    }

    /// With folders inside each other.
    pub fn deep(self, depth: usize) -> Self {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let mut folder = openat(CWD, self.folder.path(), flags, Mode::empty()).unwrap();
        for _ in 0..depth {
            mkdirat(&folder, "d", Mode::RWXU).unwrap();
            folder = openat(&folder, "d", flags, Mode::empty()).unwrap();
        }
        self
    }

    /// Every file with its content, sorted, to see whether something changed.
    pub fn listing(&self) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        let mut waiting = vec![self.folder.path().to_owned()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path.clone());
                }
                found.push((path.clone(), fs::read_to_string(&path).unwrap_or_default()));
            }
        }
        found.sort();
        found
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl AsRef<Path> for Repo {
    fn as_ref(&self) -> &Path {
        self.path()
    }
}

/// A lockfile that names one package of a registry.
pub fn cargo_lock(name: &str) -> String {
    format!(
        "version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n\
         source = \"registry+https://index.crates.example/\"\n"
    )
}
