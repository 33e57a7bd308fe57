//! The end-to-end suite's builder. A test reads as a sentence:
//!
//! ```ignore
//! Fumehood::new().hostile("spin").arg("--fuel=1000000").scan(&[&repo]).exits(2).outcome(0, "out_of_fuel");
//! ```
//!
//! Everything runs the real binary. Nothing here sleeps: tests wait for what the binary prints, or for it
//! to end.

#![expect(clippy::disallowed_methods, reason = "tests touch files and processes on their own")]

mod doctor;
mod finished;
pub mod forge;
pub mod measure;
pub mod polyglot;
mod program;
mod repo;
mod running;
pub mod service;
mod traced;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub use doctor::Doctor;
pub use finished::Finished;
pub use forge::Forge;
pub use program::c_program;
pub use repo::{Repo, cargo_lock};
pub use running::Running;
use tempfile::TempDir;
pub use traced::Traced;

/// The binary, about to run with a data folder of its own.
pub struct Fumehood {
    data: TempDir,
    args: Vec<String>,
    environment: Vec<(String, String)>,
    format: &'static str,
    folder: Option<PathBuf>,
    cache: Option<PathBuf>,
}

impl Fumehood {
    /// With the default settings, printing JSON.
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        Self { data, args: Vec::new(), environment: Vec::new(), format: "json", folder: None, cache: None }
    }

    /// Runs the hostile guest in the place of the scanner. Which attack is chosen by the repository.
    pub fn hostile(self) -> Self {
        self.arg(&format!("--scanner={}", env!("FUMEHOOD_HOSTILE_GUEST")))
    }

    /// Runs another scanner in the place of ours.
    pub fn scanner(self, file: &Path) -> Self {
        self.arg(&format!("--scanner={}", file.display()))
    }

    /// Runs a scanner that is written as text.
    pub fn wat(self, text: &str) -> Self {
        let file = self.data.path().join("scanner.wasm");
        std::fs::write(&file, wat::parse_str(text).unwrap()).unwrap();
        self.scanner(&file)
    }

    /// Keeps compiled scanners in a folder of its own, not in the one that tests share.
    pub fn cache(mut self, folder: &Path) -> Self {
        self.cache = Some(folder.to_owned());
        self
    }

    /// One more argument.
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// What it knows of forges; see [`Forge::config`].
    pub fn config(self, file: impl AsRef<Path>) -> Self {
        self.arg(&format!("--config={}", file.as_ref().display()))
    }

    /// With a variable in its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Prints this format.
    pub fn format(mut self, format: &'static str) -> Self {
        self.format = format;
        self
    }

    /// Runs in this folder.
    pub fn inside(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// Scans these and waits for the end.
    pub fn scan(self, paths: &[&dyn AsRef<Path>]) -> Finished {
        self.start(paths).wait()
    }

    /// Scans a repository of the hostile guest's that asks for this attack.
    pub fn attack(self, attack: &str) -> Finished {
        let repo = Repo::attack(attack);
        self.hostile().scan(&[&repo])
    }

    /// Scans these under `strace`, which must be there.
    pub fn traced(self, paths: &[&dyn AsRef<Path>]) -> Traced {
        Traced::scan(self.data, paths)
    }

    /// Starts scanning these.
    pub fn start(self, paths: &[&dyn AsRef<Path>]) -> Running {
        let here = self.folder.clone().unwrap_or_else(|| self.data.path().to_owned());
        let child = Command::new(binary())
            .current_dir(here)
            .arg("scan")
            .args(paths.iter().map(|path| path.as_ref()))
            .args(["--format", self.format])
            .arg("--data-dir")
            .arg(self.data.path())
            .arg("--cache-dir")
            .arg(self.cache.unwrap_or_else(cache))
            .args(&self.args)
            .envs(self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        Running::new(child, self.data)
    }
}

/// The hostile guest's file.
pub fn hostile_guest() -> &'static Path {
    Path::new(env!("FUMEHOOD_HOSTILE_GUEST"))
}

/// The binary under test, built beside this test.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join("fumehood");
    assert!(path.is_file(), "{} is not there: `./just test` builds it first", path.display());
    path
}

/// Compiled scanners are shared between tests: compiling them takes longer than most tests.
fn cache() -> PathBuf {
    binary().with_file_name("fumehood-test-cache")
}

/// Whether `condition` comes true within `limit`. For what nothing can be waited for: files and processes
/// of others.
pub fn soon(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !condition() {
        if Instant::now() >= end {
            return false;
        }
        std::thread::yield_now();
    }
    true
}
